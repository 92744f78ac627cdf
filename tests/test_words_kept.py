"""Recordings listened to with the cache of words: in programs, on the command line, and with the model."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audio_fixtures import at, noise, recording
from belscore import load_rules, word_cache
from belscore.audio import Recording
from belscore.call import Call, Span, Word
from belscore.cli import main
from belscore.cli.progress import ProgressBar
from belscore.cli.work import Settings, score_all
from belscore.inputs import CallFile
from belscore.listening import CallFacts, transcribe_file
from belscore.models import ModelFiles, find_model
from belscore.scoring import score_file
from belscore.word_cache import WordCache, Words
from kept_words import KEY, OTHER, THIRD, WORDS, aged, cut_off, entry, names

NAME = "mevrouw-jansen-06-12345678.wav"


@pytest.fixture(autouse=True)
def cache(own_word_cache: WordCache) -> WordCache:
    return own_word_cache


# ---- listening


class Recognition:
    """Stands in for the recogniser, and counts how often it is loaded and asked."""

    def __init__(self) -> None:
        self.loaded = self.asked = 0

    def load(self, _files: ModelFiles, *, threads: int = 0) -> Recognition:  # noqa: ARG002
        self.loaded += 1
        return self

    def recognise(
        self, channels: Sequence[object], spans: Sequence[Sequence[Span]], recogniser: Recognition, **_settings: object
    ) -> Words:
        assert recogniser is self
        assert len(channels) == len(spans)
        self.asked += 1
        said = ("Goedemorgen", "met", "de", "praktijk", "van", "tandarts", "De", "Vries")
        start_s = spans[0][0].start_s
        words = tuple(Word(each, start_s + 0.3 * n, start_s + 0.3 * n + 0.25, 0.9) for n, each in enumerate(said))
        return (words, *[()] * (len(channels) - 1))


@pytest.fixture
def recognition(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Recognition:
    """A model that is not there, and sound that need not be decoded: a channel a party, or one for both."""
    fake = Recognition()
    agent = at([(1.0, 4.0), (7.0, 8.5)], 10.0) + noise(10.0, -60)
    caller = at([(4.5, 6.5)], 10.0, seed=9, pitch_hz=200) + noise(10.0, -60, seed=1)
    sounds = {"stereo": recording(agent, caller), "mono": recording(agent + caller), "other": recording(caller, agent)}

    def decode(path: Path, **_options: object) -> Recording:
        return replace(sounds[path.stem if path.stem in sounds else "stereo"], source=str(path))

    (tmp_path / "model").mkdir()
    monkeypatch.setattr("belscore.audio.decode", decode)
    monkeypatch.setattr("belscore.transcribe.load_model", fake.load)
    monkeypatch.setattr("belscore.transcribe.recognise", fake.recognise)
    monkeypatch.setattr(
        "belscore.listening.find_model", lambda name: ModelFiles(name or "base", tmp_path / "model", f"sha of {name}")
    )
    monkeypatch.setattr("belscore.listening.find_encoder", lambda: None)
    for name in (NAME, "stereo.wav", "mono.wav", "other.wav"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return fake


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("path", ["stereo.wav", "mono.wav"])
def test_a_second_run_recognises_nothing_and_gives_the_same_call(path: str, recognition: Recognition) -> None:
    first = transcribe_file(path)
    assert (recognition.loaded, recognition.asked) == (1, 1)
    assert transcribe_file(path) == first
    assert (recognition.loaded, recognition.asked) == (1, 1)
    assert any(turn.words for turn in first.turns)


def test_another_question_is_recognised(recognition: Recognition, monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[Callable[[], Call]] = [
        lambda: transcribe_file("stereo.wav"),
        lambda: transcribe_file("other.wav"),
        lambda: transcribe_file("stereo.wav", model="small"),
        lambda: transcribe_file("stereo.wav", facts=CallFacts(hotwords=("Anja",))),
    ]
    for _ in range(2):
        for question in questions:
            question()
    assert recognition.asked == len(questions)
    monkeypatch.setattr("belscore.word_key.makers_digest", lambda: "another recogniser")
    transcribe_file("stereo.wav")
    assert recognition.asked == len(questions) + 1


def test_the_name_of_the_recording_does_not_matter(recognition: Recognition) -> None:
    assert transcribe_file("stereo.wav").turns == transcribe_file(NAME).turns
    assert recognition.asked == 1


def test_a_changed_rule_recognises_nothing(recognition: Recognition, repository: Path, tmp_path: Path) -> None:
    before = score_file("stereo.wav")
    shutil.copytree(repository / "rules" / "opening", tmp_path / "regels" / "opening")
    path = tmp_path / "regels" / "opening" / "opening-begroeting.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("weight = 3", "weight = 1"), encoding="utf-8")
    after = score_file("stereo.wav", rules=load_rules(tmp_path / "regels"))
    assert before.rules_digest != after.rules_digest
    assert recognition.asked == 1


def test_nothing_that_is_kept_names_recording_or_caller(recognition: Recognition, cache: WordCache) -> None:
    transcribe_file(NAME, facts=CallFacts(agent="Anja", practice="Tandarts Bakker", hotwords=("Bakker",)))
    assert recognition.asked == 1
    kept = b"\n".join(path.name.encode() + b"\n" + path.read_bytes() for path in cache.folder.iterdir())
    assert b"Goedemorgen" in kept
    for private in (NAME.split(".")[0], "jansen", "06-12345678", str(Path.cwd()), "Anja", "Bakker", "model"):
        assert private.encode() not in kept


def test_a_cache_of_ones_own_is_used(recognition: Recognition, cache: WordCache, tmp_path: Path) -> None:
    own = WordCache(tmp_path / "eigen")
    for _ in range(2):
        transcribe_file("stereo.wav", cache=own)
    assert (recognition.asked, own.kept().entries, cache.folder.exists()) == (1, 1, False)


@pytest.mark.parametrize("command", ["score", "transcribe"])
def test_no_cache_neither_reads_nor_writes(command: str, recognition: Recognition, cache: WordCache) -> None:
    first = run(command, "stereo.wav", "--no-cache")
    assert (first.exit_code, recognition.asked, cache.folder.exists()) == (0, 1, False)
    assert run(command, "stereo.wav").stdout == first.stdout
    assert run(command, "stereo.wav").stdout == first.stdout
    assert recognition.asked == 2
    before = {path: path.stat().st_atime_ns for path in cache.folder.iterdir()}
    assert run(command, "stereo.wav", "--no-cache").stdout == first.stdout
    assert recognition.asked == 3
    assert {path: path.stat().st_atime_ns for path in cache.folder.iterdir()} == before


def test_samples_are_checked_without_the_cache_too(
    recognition: Recognition, cache: WordCache, repository: Path
) -> None:
    sample = repository / "samples" / "calls" / "afspraak-goed"
    shutil.copy(sample.with_suffix(".expected.toml"), "stereo.expected.toml")
    assert run("check", ".", "--no-cache").exit_code == 1
    assert (recognition.asked, cache.folder.exists()) == (1, False)
    for _ in range(2):
        assert run("check", ".").exit_code == 1
    assert (recognition.asked, cache.kept().entries) == (2, 1)


def test_a_folder_that_cannot_be_used_is_one_remark(
    recognition: Recognition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("BELSCORE_CACHE", str(tmp_path / NAME))
    assert run("transcribe", "stereo.wav", "other.wav").exit_code == 0
    assert recognition.asked == 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    caplog.clear()
    monkeypatch.setattr(word_cache, "_told", set())
    assert run("score", "stereo.wav", "--quiet").exit_code == 0
    assert caplog.records == []


@pytest.mark.parametrize(("name", "remarks"), [("stereo.wav", 1), ("gesprek.call", 0)])
def test_workers_leave_the_remark_to_the_program(
    name: str,
    remarks: int,
    recognition: Recognition,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    given: list[Settings] = []

    def score_in_workers(_files: object, settings: Settings, *, jobs: int) -> Iterator[object]:  # noqa: ARG001
        given.append(settings)
        return iter(())

    monkeypatch.setattr("belscore.cli.workers.score_in_workers", score_in_workers)
    (tmp_path / name).write_text("")
    closed = WordCache(tmp_path / NAME / "words")
    files = [CallFile.of(tmp_path / name)] * 2
    assert list(score_all(files, Settings(cache=closed), jobs=2, bar=ProgressBar(quiet=True))) == []
    assert len(caplog.records) == remarks
    assert given[0].cache == (False if remarks else closed)
    assert recognition.asked == 0


def test_a_damaged_entry_is_a_line_on_stderr(cache: WordCache) -> None:
    """Of the program itself: within the tests logging is caught."""
    cache.keep(KEY, WORDS)
    cut_off(entry(cache))
    code = f"from belscore.word_cache import user_cache; print(user_cache().find({KEY!r}))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout == "None\n"
    assert process.stderr.count("\n") == 1
    assert process.stderr.startswith(f"{entry(cache)}: ")


# ---- `belscore cache`


def test_the_cache_is_shown_and_emptied(cache: WordCache) -> None:
    cache.keep(KEY, WORDS)
    entry(cache, OTHER).write_bytes(b"x" * 1_234_567)
    cache.keep(THIRD, WORDS)
    aged(entry(cache, THIRD), made_days=31)
    (cache.folder / "brief.txt").write_text("x")
    shown = run("cache")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [str(cache.folder), "2 bestanden, 1,2 MB; hoogstens 30 dagen en 200 MB"]
    assert run("cache", "--clear").stdout == "verwijderd: 2 bestanden, 1,2 MB\n"
    assert names(cache) == {"brief.txt"}
    assert run("cache", "--clear").stdout == "verwijderd: 0 bestanden, 0 kB\n"


def test_an_entry_that_cannot_be_removed_is_an_error(cache: WordCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    cache.keep(KEY, WORDS)
    monkeypatch.setattr(Path, "unlink", refuse)
    result = run("cache", "--clear")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{entry(cache)}: Permission denied\n"


# ---- with the model


@pytest.mark.model
def test_a_sample_is_recognised_once(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = repository / "samples" / "calls" / "afspraak-verkeerde-tijd.wav"
    find_model("base")
    first = transcribe_file(sample, model="base")

    def load_model(*_arguments: object, **_options: object) -> None:
        raise AssertionError("the model is loaded")

    monkeypatch.setattr("belscore.transcribe.load_model", load_model)
    assert transcribe_file(sample, model="base") == first
    words = [json.dumps([word.text, word.start_s, word.probability]) for turn in first.turns for word in turn.words]
    assert len(words) > 50
    with pytest.raises(AssertionError, match="is loaded"):
        transcribe_file(sample, model="base", cache=False)
