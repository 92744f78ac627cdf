"""Words kept between runs: recognised once, private, bounded, and never believed when damaged."""

from __future__ import annotations

import logging
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from belscore.call import Word
from belscore.errors import BelscoreError
from belscore.word_cache import WordCache, user_cache
from heard import words_for_good
from kept_words import DAY_S, KEY, OTHER, THIRD, WORDS, aged, cut_off, entry, names


@pytest.fixture(autouse=True)
def cache(own_word_cache: WordCache) -> WordCache:
    return own_word_cache


# ---- entries


def test_words_come_back_as_they_were(cache: WordCache) -> None:
    assert cache.find(KEY) is None
    cache.keep(KEY, WORDS)
    assert cache.find(KEY) == WORDS
    assert cache.find(OTHER) is None
    assert cache.kept() == (1, entry(cache).stat().st_size)


def test_no_words_are_words_too(cache: WordCache) -> None:
    cache.keep(KEY, ((), ()))
    assert cache.find(KEY) == ((), ())


def garbled(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_another_key(path: Path) -> None:
    other = WordCache(path.parent.parent / "other")
    other.keep(OTHER, ((Word("iets anders", 0.0, 1.0),), ()))
    shutil.copy(entry(other, OTHER), path)


def of_another_program(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" * 100)


@pytest.mark.parametrize("damage", [garbled, cut_off, emptied, of_another_key, of_another_program])
def test_a_damaged_entry_is_told_removed_and_made_anew(
    damage: Callable[[Path], None], cache: WordCache, caplog: pytest.LogCaptureFixture
) -> None:
    cache.keep(KEY, WORDS)
    damage(entry(cache))
    assert cache.find(KEY) is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert str(entry(cache)) in caplog.text
    assert not entry(cache).exists()
    assert cache.remembered(KEY, lambda: WORDS) == WORDS
    assert cache.find(KEY) == WORDS
    assert len(caplog.records) == 1


def test_a_quiet_cache_says_nothing(cache: WordCache, caplog: pytest.LogCaptureFixture) -> None:
    cache.keep(KEY, WORDS)
    cut_off(entry(cache))
    assert replace(cache, tells=False).find(KEY) is None
    assert caplog.records == []


# ---- how long, how much


def test_an_old_entry_is_removed_without_a_word(cache: WordCache, caplog: pytest.LogCaptureFixture) -> None:
    cache.keep(KEY, WORDS)
    aged(entry(cache), made_days=30.1)
    assert cache.find(KEY) is None
    assert not entry(cache).exists()
    assert caplog.records == []


def test_use_does_not_make_an_entry_younger(cache: WordCache) -> None:
    cache.keep(KEY, WORDS)
    aged(entry(cache), made_days=29, used_days=29)
    assert cache.find(KEY) == WORDS
    found = entry(cache).stat()
    assert found.st_mtime == pytest.approx(time.time() - 29 * DAY_S, abs=60)
    assert found.st_atime == pytest.approx(time.time(), abs=60)


def test_an_entry_of_the_far_future_is_removed(cache: WordCache) -> None:
    cache.keep(KEY, WORDS)
    aged(entry(cache), made_days=-31)
    cache.tidy()
    assert not entry(cache).exists()


def test_above_the_size_the_longest_unused_goes_first(cache: WordCache) -> None:
    for key in (KEY, OTHER, THIRD):
        cache.keep(key, WORDS)
    aged(entry(cache, KEY), made_days=9, used_days=0.1)
    aged(entry(cache, OTHER), made_days=1, used_days=0.5)
    aged(entry(cache, THIRD), made_days=8, used_days=0.3)
    room = replace(cache, megabytes=2.5 * entry(cache).stat().st_size / 1e6)
    room.tidy()
    assert [entry(cache, key).exists() for key in (KEY, OTHER, THIRD)] == [True, False, True]


def test_keeping_words_makes_room_for_them(cache: WordCache) -> None:
    cache.keep(KEY, WORDS)
    size = entry(cache).stat().st_size
    aged(entry(cache), used_days=1)
    small = replace(cache, megabytes=1.5 * size / 1e6)
    small.keep(OTHER, WORDS)
    assert small.kept() == (1, size)
    assert small.find(OTHER) == WORDS


def test_old_entries_are_looked_for_at_most_once_a_day(cache: WordCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.keep(KEY, WORDS)
    cache.keep(OTHER, WORDS)
    aged(entry(cache, OTHER), made_days=31)
    tidied, tidy = [], WordCache.tidy

    def counted(self: WordCache) -> None:
        tidied.append(1)
        tidy(self)

    monkeypatch.setattr(WordCache, "tidy", counted)
    for _ in range(3):
        assert cache.find(KEY) == WORDS
    assert tidied == [1]
    assert not entry(cache, OTHER).exists()
    aged(cache.folder / ".tidied", made_days=1.1)
    assert cache.find(KEY) == WORDS
    assert tidied == [1, 1]


@pytest.mark.parametrize(("days", "megabytes"), [(0.0, 200.0), (30.0, 0.0)])
def test_a_bound_of_nothing_keeps_nothing(days: float, megabytes: float, cache: WordCache) -> None:
    closed = replace(cache, days=days, megabytes=megabytes)
    assert closed.remembered(KEY, lambda: WORDS) == WORDS
    assert closed.is_usable()
    assert not cache.folder.exists()


def test_measurements_keep_words_for_good(cache: WordCache) -> None:
    bench = words_for_good(cache.folder)
    bench.keep(KEY, WORDS)
    aged(entry(cache), made_days=4000, used_days=4000)
    bench.tidy()
    assert bench.find(KEY) == WORDS


# ---- private, whole, and out of the way of other files


@pytest.mark.skipif(os.name != "posix", reason="no modes")
def test_folder_and_files_are_for_their_owner_alone(cache: WordCache) -> None:
    before = os.umask(0)
    try:
        cache.keep(KEY, WORDS)
        assert cache.find(KEY) == WORDS
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (cache.folder.parent, cache.folder)] == [0o700, 0o700]
    assert {path.stat().st_mode & 0o777 for path in cache.folder.iterdir()} == {0o600}
    cache.folder.chmod(0o755)
    assert cache.find(KEY) == WORDS
    assert cache.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name != "posix", reason="no owners")
def test_a_folder_of_somebody_else_is_not_believed(
    cache: WordCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache.keep(KEY, WORDS)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert cache.find(KEY) is None
    assert "somebody else" in caplog.text


def test_what_was_left_half_goes_and_other_files_stay(cache: WordCache) -> None:
    cache.keep(KEY, WORDS)
    for name in (".words-abc123.part", ".words-new456.part", "brief.txt", "a.words"):
        (cache.folder / name).write_text("x")
    aged(cache.folder / ".words-abc123.part", made_days=0.1)
    aged(cache.folder / "brief.txt", made_days=99)
    cache.tidy()
    assert names(cache) >= {".words-new456.part", "brief.txt", "a.words"}
    assert ".words-abc123.part" not in names(cache)
    assert cache.clear().entries == 1
    assert names(cache) == {"brief.txt", "a.words"}


def full(*_args: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_one_remark_and_leaves_nothing(
    cache: WordCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Path, "replace", full)
    for key in (KEY, OTHER):
        assert cache.remembered(key, lambda: WORDS) == WORDS
    assert [record.getMessage().count("No space left") for record in caplog.records] == [1]
    assert names(cache) <= {".tidied"}


WRITER = """
import sys
from pathlib import Path
from belscore.call import Word
from belscore.word_cache import WordCache
cache, times = WordCache(Path(sys.argv[1])), int(sys.argv[2])
words = (tuple(Word("woord", n / 7, n / 7 + 0.1, 0.5) for n in range(2000)),)
for number in range(times):
    key = f"{number % 5:064x}"
    assert cache.find(key) in (None, words)
    cache.keep(key, words)
"""


def writer(cache: WordCache, times: int) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-c", WRITER, str(cache.folder), str(times)]
    return subprocess.Popen(arguments, stderr=subprocess.PIPE)


def test_processes_do_not_hinder_each_other(cache: WordCache) -> None:
    writers = [writer(cache, 60) for _ in range(3)]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in writers] == [(b"", 0)] * 3
    assert cache.kept().entries == 5
    assert not [name for name in names(cache) if name.endswith(".part")]


def test_a_killed_process_leaves_no_half_entry(cache: WordCache, caplog: pytest.LogCaptureFixture) -> None:
    for times in range(3):
        process = writer(cache, 1_000_000)
        deadline_s = time.monotonic() + 60
        while cache.kept().entries < 5 and time.monotonic() < deadline_s:
            time.sleep(0.01)
        time.sleep(0.003 * times)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        for number in range(5):
            assert len((cache.find(f"{number:064x}") or ((),))[0]) == 2000
        cache.clear()
    assert caplog.records == []


# ---- where


@pytest.mark.parametrize(("platform", "variable", "value", "folder"), [
    ("linux", "", "", ".cache/belscore"),
    ("linux", "XDG_CACHE_HOME", "{home}/elders", "elders/belscore"),
    ("linux", "XDG_CACHE_HOME", "elders", ".cache/belscore"),
    ("linux", "BELSCORE_CACHE", "{home}/hier", "hier"),
    ("linux", "BELSCORE_CACHE", "~/hier", "hier"),
    ("darwin", "", "", "Library/Caches/belscore"),
    ("win32", "", "", "AppData/Local/belscore/Cache"),
    ("win32", "LOCALAPPDATA", "{home}/Lokaal", "Lokaal/belscore/Cache"),
])  # fmt: skip
def test_the_folder_is_the_platforms_own(
    platform: str, variable: str, value: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BELSCORE_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    if variable:
        monkeypatch.setenv(variable, value.format(home=tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", platform)
        found = user_cache()
    assert found is not None
    assert found.folder == tmp_path / folder / "words"


def test_bounds_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELSCORE_CACHE_DAYS", " 7.5 ")
    monkeypatch.setenv("BELSCORE_CACHE_MB", "inf")
    found = user_cache()
    assert found is not None
    assert (found.days, found.megabytes) == (7.5, math.inf)


@pytest.mark.parametrize("text", ["dertig", "-1", "nan"])
def test_a_bound_that_is_no_number_is_an_error(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELSCORE_CACHE_DAYS", text)
    with pytest.raises(BelscoreError, match=r"^BELSCORE_CACHE_DAYS: "):
        user_cache()


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("BELSCORE_CACHE")
    monkeypatch.setattr(Path, "home", homeless)
    assert user_cache() is None
    assert "set BELSCORE_CACHE" in caplog.text
