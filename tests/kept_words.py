"""What the tests of the cache of words share: an entry, its file, its age."""

from __future__ import annotations

import os
import time
from pathlib import Path

from belscore.call import Word
from belscore.word_cache import WordCache, Words

WORDS: Words = ((Word("één", 0.125, 1 / 3, 0.7), Word("“twee”", 0.1 + 0.2, 1e-7 + 0.5, 1.0)), ())
KEY, OTHER, THIRD = ("a" * 64, "b" * 64, "c" * 64)
DAY_S = 24 * 3600


def entry(cache: WordCache, key: str = KEY) -> Path:
    return cache.folder / f"{key}.words"


def aged(path: Path, *, made_days: float = 0, used_days: float = 0) -> None:
    os.utime(path, (time.time() - used_days * DAY_S, time.time() - made_days * DAY_S))


def names(cache: WordCache) -> set[str]:
    return {path.name for path in cache.folder.iterdir()}


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])
