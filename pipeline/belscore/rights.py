"""The rights of who is recorded (AVG art. 15, 17 and 20): all that the store has of them, in one file and out of it.

What is left where belscore does not come (recordings in a practice's own folders, backups, exports) is told.
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from belscore.encryption.files import open_sealed
from belscore.errors import BelscoreError
from belscore.recordings_folder import INCOMING, SOUNDS
from belscore.wall_clock import this_second

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from belscore.store.database import Store
    from belscore.store.person_erasure import Plan
    from belscore.store.persons import Person

SCHEMA = "belscore.person/1"
_AT_A_TIME = 1 << 20
_HASH_CHARACTERS = 64
_CALLS_A_STEP = 200


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did, and recordings of erased calls that still lie where the practice put them."""

    plan: Plan
    left: Sequence[str]


def person_of(store: Store, *, agent: str | None, caller: str | None) -> Person:
    """Whom it is about: a name, or a telephone number or its hash. Raises BelscoreError for none, both or no number."""
    from belscore.store.caller_keys import caller_keys
    from belscore.store.persons import Person

    if bool(agent) == bool(caller):
        raise BelscoreError("one person is asked for", where="--agent, --caller", do="give one of the two")
    if agent:
        return Person(agent=agent)
    text = (caller or "").strip()
    is_hash = len(text) == _HASH_CHARACTERS and not set(text) - set("0123456789abcdef")
    hashed = text if is_hash else caller_keys(store).of_number(text)
    if hashed is None:
        raise BelscoreError("is no telephone number", where="--caller", do="write the whole number, or its hash")
    return Person(caller_hash=hashed)


def export_person(store: Store, person: Person, out: Path, *, actor: str, folder: Path | None) -> int:
    """Write all that the store has of somebody to a ZIP file for its owner alone; how many calls.

    folder : of kept recordings, None when there is none

    Raises BelscoreError when there is nothing of them, or it cannot be written.
    """
    from belscore.report.administration import say
    from belscore.report.person import format_calls, format_overview
    from belscore.store.audit import note
    from belscore.store.persons import all_of

    with store.read() as connection:
        found = all_of(connection, person)
        if not any(found.values()):
            raise BelscoreError("the store has nothing of them", where=person.subject, do="check how it is written")
        told = {"schema": SCHEMA, "person": person.subject, "made_at": this_second().isoformat(), **found}
        call_ids = [call["id"] for call in found["calls"]]
        _find_sounds(connection, call_ids, folder)
        with _whole_zip(out) as archive:
            archive.writestr("overzicht.html", format_overview(person.agent or say("person", "caller"), told))
            archive.writestr("gesprekken.csv", format_calls(told))
            archive.writestr("gegevens.json", json.dumps(told, ensure_ascii=False, indent=1))
            for call_id in call_ids:
                _write_texts(archive, connection, person, call_id)
            if folder is not None:
                _write_sounds(archive, connection, store, call_ids, folder)
    with store.write() as connection:
        note(connection, actor, "export", person.subject, {"calls": len(call_ids)})
    return len(call_ids)


def _write_texts(archive: zipfile.ZipFile, connection: Connection, person: Person, call_id: int) -> None:
    """What the store still knows of what was said; the scorecard is about the agent."""
    from belscore.notation import format_call
    from belscore.store.calls import read_call, read_scorecard
    from belscore.store.persons import has_card, has_transcript

    place = f"gesprekken/{call_id}"
    if has_transcript(connection, call_id):
        archive.writestr(f"{place}-uitschrift.txt", format_call(read_call(connection, call_id)))
    if person.agent is not None and has_card(connection, call_id):
        card = read_scorecard(connection, call_id).to_dict()
        archive.writestr(f"{place}-scorekaart.json", json.dumps(card, ensure_ascii=False, indent=1))


def _find_sounds(connection: Connection, call_ids: Sequence[int], folder: Path | None) -> None:
    """Raise BelscoreError when recordings of these calls are kept, and not here: they must not be forgotten."""
    from belscore.store.persons import sounds_by_call

    is_here = folder is not None and (folder / SOUNDS).is_dir()
    if not is_here and sounds_by_call(connection, call_ids):
        do = "name the folder of the pages with --recordings"
        raise BelscoreError("recordings are kept, but not here", where=str(folder or "--recordings"), do=do)


def _write_sounds(
    archive: zipfile.ZipFile, connection: Connection, store: Store, call_ids: Sequence[int], folder: Path
) -> None:
    from belscore.store.persons import sounds_by_call

    for call_id, name in sounds_by_call(connection, call_ids).items():
        path = folder / SOUNDS / name
        if not path.exists():
            continue
        with open_sealed(path, store.keys) as sealed, archive.open(f"gesprekken/{call_id}-opname.wav", "w") as file:
            for start in range(0, sealed.size_bytes, _AT_A_TIME):
                file.write(sealed.read(start, _AT_A_TIME))


@contextmanager
def _whole_zip(out: Path) -> Iterator[zipfile.ZipFile]:
    """A ZIP file that appears when the block ends well, for its owner alone."""
    part = out.with_name(f".{out.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o600), "w+b"
        ) as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise BelscoreError(error.strerror or "cannot be written", where=str(out), do="choose another --out") from None
    finally:
        part.unlink(missing_ok=True)


def erase_person(store: Store, person: Person, *, actor: str, folder: Path | None) -> Erased:
    """Take somebody out of the store, and out of its bytes; some calls a transaction, the same again goes on.

    Raises BelscoreError when there is nothing of them.
    """
    from belscore.store.erasing import sounds_of
    from belscore.store.person_erasure import erase_calls, erase_elsewhere, plan
    from belscore.store.persons import paths_of, upload_tokens
    from belscore.store.purging import remove_sounds
    from belscore.store.scrubbing import owe_scrub, scrub

    with store.read() as connection:
        planned = plan(connection, person)
        paths = paths_of(connection, [*planned.whole, *planned.nameless])
        tokens = upload_tokens(connection, person)
        _find_sounds(connection, [*planned.whole, *planned.nameless], folder)
    if not any(planned[:3]) and not planned.others:
        raise BelscoreError("the store has nothing of them", where=person.subject, do="check how it is written")
    if folder is not None:
        for token in tokens:
            for path in (folder / INCOMING).glob(f"{token}*"):
                path.unlink(missing_ok=True)
    for whole, nameless in _steps(planned):
        with store.write() as connection:
            owe_scrub(connection)
            if folder is not None:
                remove_sounds(folder, sounds_of(connection, [*whole, *nameless]))
            erase_calls(connection, whole, nameless)
    with store.write() as connection:
        erase_elsewhere(connection, person, actor, f"gewist-{secrets.token_hex(3)}", planned)
    scrub(store)
    return Erased(planned, [path for path in paths if Path(path).exists()])


def _steps(planned: Plan) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    for start in range(0, len(planned.whole), _CALLS_A_STEP):
        yield planned.whole[start : start + _CALLS_A_STEP], []
    for start in range(0, len(planned.nameless), _CALLS_A_STEP):
        yield [], planned.nameless[start : start + _CALLS_A_STEP]
