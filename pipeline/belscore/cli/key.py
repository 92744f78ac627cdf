"""`belscore key`: make the key of an encrypted store, and change it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from belscore.cli import options
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from belscore.encryption.keys import KeyRing
    from belscore.store.database import Store

_NEW = click.Path(dir_okay=False, path_type=Path)


@click.group()
def key() -> None:
    """Make and change the key of an encrypted store."""


@key.command()
@click.argument("file", type=_NEW)
@options.debug_option
def new(file: Path) -> None:
    """Make FILE with a new key."""
    from belscore.encryption.keys import new_key_file
    from belscore.report.administration import say

    made = new_key_file(file)
    click.echo(say("key", "made", id=made.id.hex(), path=file))
    click.echo(say("key", "use", path=file))
    click.echo(say("key", "keep"))


@key.command()
@options.store_option
@options.recordings_option
@options.debug_option
def rotate(store_address: str | None, recordings_folder: Path | None) -> None:
    """Encrypt all with a new key.

    Puts a new key in front of those in BELSCORE_KEY_FILE, unless there is still something that the newest one did not
    encrypt: then it goes on with that. Stopped halfway, the same command goes on where it was.
    """
    from belscore.encryption.keys import load_keys
    from belscore.recordings_folder import SOUNDS
    from belscore.recordings_folder import recordings_folder as default_folder
    from belscore.report.administration import say
    from belscore.store.database import open_store

    keys = load_keys()
    if keys is None:
        do = "make one with `belscore key new FILE` and name it in BELSCORE_KEY_FILE"
        raise BelscoreError("there is no key", where="BELSCORE_KEY_FILE", do=do)
    with open_store(store_address, new=False) as store:
        keys, kept = store.keys or keys, recordings_folder or default_folder(store)
        folder = kept / SOUNDS if kept is not None else None
        if _is_anything_left(store, keys, folder):
            click.echo(say("key", "goes_on", id=keys.newest.id.hex()), err=True)
        elif keys.source is None:
            click.echo(say("key", "nothing", id=keys.newest.id.hex()))
            return
        else:
            _add_key(keys, keys.source)
        for line in _seal_all(store, keys, folder):
            click.echo(line)


def _is_anything_left(store: Store, keys: KeyRing, folder: Path | None) -> bool:
    from belscore.encryption.rotation import stale_files
    from belscore.store.sealing import count_stale

    stale = stale_files(folder, keys.newest) if folder is not None else iter(())
    return next(stale, None) is not None or count_stale(store, keys.newest) > 0


def _add_key(keys: KeyRing, source: Path) -> None:
    from belscore.encryption.keys import add_key

    keys.find(add_key(source).id, where=str(source))


def _seal_all(store: Store, keys: KeyRing, folder: Path | None) -> list[str]:
    """Seal what is stale; the lines that tell of it."""
    from belscore.encryption.rotation import seal_file_anew, stale_files
    from belscore.report.administration import count_text, say
    from belscore.store.audit import note, this_user
    from belscore.store.database import note_encryption_key
    from belscore.store.scrubbing import scrub
    from belscore.store.sealing import seal_anew

    rows = seal_anew(store)
    files = list(stale_files(folder, keys.newest)) if folder is not None else []
    for path in files:
        seal_file_anew(path, keys)
    key_id = keys.newest.id.hex()
    with store.write() as connection:
        note_encryption_key(connection, keys)
        note(connection, this_user(), "key rotated", f"key {key_id}", {"rows": rows, "files": len(files)})
    told = {"rows": count_text(rows, "things", "rows"), "files": count_text(len(files), "things", "files")}
    lines = [say("key", "rotated", id=key_id, **told), say("key", "old_keys")]
    return lines if scrub(store) else [*lines, say("key", "left_in_log")]
