"""What encryption, purging and erasing cost: sound sealed and read, a month of calls stored, sealed, purged and erased.

The calls are those of `month.py`: made up, 2,000 unless told otherwise.

    python bench/at_rest.py [--calls 2000] [--megabytes 200]
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from belscore.encryption.files import CHUNK_BYTES, SealedWriter, open_sealed
from belscore.encryption.keys import FILE_VARIABLE, KeyRing, load_keys, new_key_file
from belscore.retention import Retention, purge
from belscore.rights import erase_person, export_person
from belscore.store.caller_keys import KEY_VARIABLE
from belscore.store.database import open_store
from belscore.store.persons import Person
from belscore.store.scrubbing import scrub
from belscore.store.sealing import seal_anew
from belscore.store.tables import calls
from month import fill

_MB = 1_000_000
_READS = 2000


@contextmanager
def timed(what: str, count: float, unit: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    taken_s = time.perf_counter() - started
    print(f"{what:<44} {taken_s:8.2f} s  {count / taken_s:10,.0f} {unit} a second")


def measure_files(folder: Path, keys: KeyRing, megabytes: int) -> None:
    """Sound as the pages keep it: written once, read whole, and read here and there as a browser does."""
    block, path = os.urandom(_MB), folder / "sound.wav"
    for name, ring in (("plain", None), ("sealed", keys)):
        with timed(f"written, {name}", megabytes, "MB"), SealedWriter(path, ring) as writer:
            for _ in range(megabytes):
                writer.write(block)
            writer.commit()
        with open_sealed(path, ring) as file:
            with timed(f"read whole, {name}", megabytes, "MB"):
                for start in range(0, file.size_bytes, _MB):
                    file.read(start, _MB)
            draw = random.Random(1)
            with timed(f"read here and there, {name}", _READS, "times 64 KiB"):
                for _ in range(_READS):
                    file.read(draw.randrange(file.size_bytes), CHUNK_BYTES)
    path.unlink()


def measure_store(folder: Path, key_file: Path, count: int) -> None:
    plain, sealed = folder / "plain.db", folder / "sealed.db"
    with open_store(plain) as store:
        print(f"{'stored, plain':<44} {fill(store, count=count):8.2f} s  for {count:,} calls")
    os.environ[FILE_VARIABLE] = str(key_file)
    with open_store(sealed) as store:
        print(f"{'stored, encrypted':<44} {fill(store, count=count):8.2f} s  for {count:,} calls")
    with open_store(plain) as store:
        with timed("a plain store encrypted", count, "calls"):
            seal_anew(store)
        size_mb = plain.stat().st_size / _MB
        with timed(f"written anew without what was deleted, {size_mb:.0f} MB", size_mb, "MB"):
            scrub(store)
        with store.read() as connection:
            [agent] = connection.execute(select(calls.c.agent).group_by(calls.c.agent).limit(1)).one()
            own = connection.execute(select(func.count()).where(calls.c.agent == agent)).scalar_one()
        with timed(f"export of an agent of {own} calls", own, "calls"):
            export_person(store, Person(agent=agent), folder / "agent.zip", actor="bench", folder=None)
        with timed(f"erasure of an agent of {own} calls", own, "calls"):
            erase_person(store, Person(agent=agent), actor="bench", folder=None)
        with timed("the words of all calls purged", count, "calls"):
            purge(store, Retention(transcripts=0), actor="bench")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--megabytes", type=int, default=200)
    given = parser.parse_args()
    os.environ.pop(FILE_VARIABLE, None)
    os.environ[KEY_VARIABLE] = "k" * 64
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key_file = folder / "bench.key"
        new_key_file(key_file)
        os.environ[FILE_VARIABLE] = str(key_file)
        keys = load_keys()
        assert keys is not None
        os.environ.pop(FILE_VARIABLE)
        measure_files(folder, keys, given.megabytes)
        measure_store(folder, key_file, given.calls)


if __name__ == "__main__":
    main()
