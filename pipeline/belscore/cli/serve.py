"""`belscore serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from belscore.call import AgentChannel
from belscore.cli import options
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from belscore.store.database import Store
    from belscore.web.settings import ServeSettings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@options.store_option
@click.option("--practice", is_flag=True, help="Without logging in, for who sits at this machine: to practise alone.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8020, show_default=True, help="0 takes a free one.")
@click.option("--origin", metavar="URL", help="Address that browsers see when a proxy with TLS stands in between.")
@click.option("--recordings", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Folder for the sound of calls. Default: BELSCORE_RECORDINGS, else beside the store.")  # fmt: skip
@options.rules_option
@click.option("--profile", type=_FILE, metavar="FILE", help="Names, greeting, hours and weights of the practice.")
@options.model_option
@options.agent_channel_option
@options.lang_option
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, metavar="N",
              help="Recordings to score at a time.")  # fmt: skip
@click.option("--oidc", type=_FILE, metavar="FILE.toml", help="Let people log in elsewhere, by OpenID Connect.")
@click.option("--max-upload-mb", type=click.IntRange(1), default=300, show_default=True, help="Of one recording.")
@options.debug_option
def serve(
    store_address: str | None,
    practice: bool,
    host: str,
    port: int,
    origin: str | None,
    recordings: Path | None,
    rules_folder: Path | None,
    profile: Path | None,
    model: str | None,
    agent_channel: AgentChannel,
    language: str,
    workers: int,
    oidc: Path | None,
    max_upload_mb: int,
) -> None:
    """Serve the pages: practise, feedback, and what coaches need.

    Somebody must be able to log in: make the first one with `belscore user add NAME --role admin`. To practise alone,
    without logging in, use --practice.
    """
    from belscore.cli.work import Settings
    from belscore.recordings_folder import recordings_folder
    from belscore.store.database import open_store
    from belscore.store.users import count_users
    from belscore.web.settings import MIB, Limits, ServeSettings

    _check_address(host, origin, practice=practice)
    if oidc is not None:
        from belscore.web.oidc import load_provider

        load_provider(oidc)
    with open_store(store_address) as store:
        if not practice:
            with store.read() as connection:
                if not count_users(connection):
                    do = "make the first one with `belscore user add NAME --role admin`, or use --practice"
                    raise BelscoreError("nobody can log in yet", where=store.name, do=do)
        settings = ServeSettings(
            store_address,
            recordings or recordings_folder(store) or _own_folder(),
            Settings(rules_folder, profile, model, agent_channel, cache=False),
            practice=practice,
            workers=workers,
            origin=origin.rstrip("/") if origin else None,
            hosts=_hosts(host, origin, practice=practice),
            language="en" if language == "en" else "nl",
            oidc=oidc,
            limits=Limits(file_bytes=max_upload_mb * MIB),
        )
        _serve(settings, store, host, port)


def _check_address(host: str, origin: str | None, *, practice: bool) -> None:
    if practice and host not in _LOOPBACK:
        do = "leave --host out, or let people log in"
        raise BelscoreError("--practice is for this machine alone", where=f"--host {host}", do=do)
    if origin is not None and (urlsplit(origin).scheme not in ("http", "https") or not urlsplit(origin).hostname):
        raise BelscoreError("no address", where=f"--origin {origin}", do="write it like https://belscore.praktijk.nl")


def _hosts(host: str, origin: str | None, *, practice: bool) -> tuple[str, ...]:
    """The names by which the server may be asked."""
    if practice or (host in _LOOPBACK and origin is None):
        return _LOOPBACK
    named = urlsplit(origin).hostname if origin else None
    return (named, *_LOOPBACK) if named else ()


def _own_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("belscore", appauthor=False) / "recordings"


def _log_to_stderr() -> None:
    """What the server has to say of itself: when, how bad, what."""
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log = logging.getLogger("belscore")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _serve(settings: ServeSettings, store: Store, host: str, port: int) -> None:
    import socket

    import uvicorn

    from belscore.web.app import make_app, make_site

    _log_to_stderr()
    app = make_app(make_site(settings, store))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP: asyncio sets TCP_NODELAY only then, and without it every answer but the first waits 40 ms for an ACK.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            do = "choose another --port, or another --host"
            raise BelscoreError(error.strerror or "cannot listen", where=f"{host}:{port}", do=do) from None
        # Who asks before the server is ready waits instead of being refused.
        listener.listen(512)
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"http://{shown}:{listener.getsockname()[1]}/", err=True)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5,
            proxy_headers=settings.origin is not None,
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listener])
