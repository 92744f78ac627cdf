"""Passwords: Argon2id with the library's parameters (RFC 9106, low memory), checked in constant time."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# NIST SP 800-63B-4: length, no rules on characters, no expiry.
MIN_LENGTH, MAX_LENGTH = 12, 200
# A name of fewer letters stands in a password by chance.
_TELLING = 3
_DIFFERENT = 4
# A hash takes 64 MiB of memory while it is made: many who log in at once wait for each other.
_AT_ONCE = BoundedSemaphore(4)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    """The hash of a password that nobody has, so that an unknown name takes as long as a known one."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe(32))


def hash_password(password: str, *, name: str) -> str:
    """The hash to keep. Raises BelscoreError when the password is too short, too long, or the name itself."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        do = f"choose one of {MIN_LENGTH} to {MAX_LENGTH} characters; several words are easy to remember"
        raise BelscoreError("the password is too short" if len(password) < MIN_LENGTH else "too long", do=do)
    has_name = len(name) >= _TELLING and name.casefold() in password.casefold()
    if has_name or len(set(password)) < _DIFFERENT:
        raise BelscoreError("the password is easy to guess", do="leave your name out, and use different characters")
    with _AT_ONCE:
        return _hasher().hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is the one of this hash; takes as long for None, of who has none."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _AT_ONCE:
            return _hasher().verify(kept or _nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than are used now."""
    return _hasher().check_needs_rehash(kept)
