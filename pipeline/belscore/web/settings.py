"""What a server of pages is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from belscore.cli.work import Settings
from belscore.scorecard import Language

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What people may hand in.

    file_bytes   : of one recording
    user_bytes   : of all that somebody's recordings take together
    under_way    : how many recordings of one trainee may be received, wait or be scored at a time
    coach_bytes, coach_under_way : the same for coaches, who hand in the calls of a practice
    """

    file_bytes: int = 300 * MIB
    user_bytes: int = 2048 * MIB
    under_way: int = 10
    coach_bytes: int = 64 * 1024 * MIB
    coach_under_way: int = 2000


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """
    store      : address, as `open_store` takes it; None for the default one
    recordings : folder in which the sound of calls is kept
    scoring    : how recordings are scored
    practice   : pages for whoever sits at this machine, without logging in
    workers    : how many recordings are scored at a time
    origin     : address that browsers see, as https://belscore.praktijk.nl; None for the one they ask for
    hosts      : names by which the server may be asked; empty for any, which a server with a login takes
    language   : of who has not chosen one
    oidc       : settings file of the provider of accounts, see `oidc.OidcFile`; None without one
    """

    # There may be a password in it.
    store: str | None = field(repr=False)
    recordings: Path
    scoring: Settings = field(default_factory=lambda: Settings(cache=False))
    practice: bool = False
    workers: int = 1
    origin: str | None = None
    hosts: tuple[str, ...] = ()
    language: Language = "nl"
    oidc: Path | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over TLS, so that cookies may be kept to it."""
        return self.origin is not None and self.origin.startswith("https:")

    def cookie(self, name: str) -> str:
        """What a cookie is called: over TLS so that no other host and no page without TLS can set it (RFC 6265bis)."""
        return f"__Host-{name}" if self.is_secure else name
