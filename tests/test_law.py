"""Nothing infers what a person feels or is, nothing keeps a voice, nothing ranks people.

AI Act (Regulation (EU) 2024/1689), article 5(1)(f); GDPR, article 9(1). The words looked for stand in `law_words`,
where they are looked for in `law_sources`; what may stand somewhere all the same stands there too, with the reason.
"""

from __future__ import annotations

import ast
import gc
import json
import wave
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Float, LargeBinary, select

from belscore import load_rules, parse_call, score_call, transcribe_file
from belscore.audio import SAMPLE_RATE_HZ, decode
from belscore.call import Call, Engine, Span, Word
from belscore.call_json import call_to_dict, json_schema
from belscore.mono import split_voices
from belscore.reports.catalog import ALL, REPORTS
from belscore.reports.pages import format_page
from belscore.scorecard import json_schema as scorecard_schema
from belscore.speaker_encoder import SIZE, Array, Encoder
from belscore.store.blobs import unpack_text
from belscore.store.calls import Exchange, Judged, add_call
from belscore.store.database import open_store
from belscore.store.rule_sets import keep_rules
from belscore.store.tables import metadata, scorecards, transcripts
from belscore.third_voice import name_third_voices
from belscore.word_cache import WordCache
from law_sources import PACKAGE, ROOT, Said, everything, modules
from law_words import ALLOWED, SUBJECTS, found, is_allowed
from report_store import SmallStore


@cache
def hits() -> dict[tuple[str, str], Said]:
    """Forbidden words by where they stand, with a text that has them."""
    return {(said.where, word): said for said in all_said() for word, _ in found(said.text, name=said.name)}


@cache
def all_said() -> tuple[Said, ...]:
    return tuple(everything())


class TestWords:
    def test_nothing_is_named_after_what_may_not_be_inferred(self) -> None:
        wrong = {key: said.text[:80] for key, said in hits().items() if not is_allowed(*key)}
        assert wrong == {}, "say in ALLOWED why the word may stand there, or do not infer it"

    def test_every_allowed_word_still_stands_somewhere(self) -> None:
        unused = [
            each
            for each in ALLOWED
            if not any(fnmatchcase(where, each.where) and fnmatchcase(word, each.words) for where, word in hits())
        ]
        assert unused == []

    @pytest.mark.parametrize("where", ["schema/call", "schema/scorecard", "table/*", "reports", "packages", "models"])
    def test_what_is_kept_of_a_call_or_a_person_has_no_exception(self, where: str) -> None:
        assert [key for key in hits() if fnmatchcase(key[0], where)] == []
        assert [each for each in all_said() if fnmatchcase(each.where, where)], "nothing was looked at"

    @pytest.mark.parametrize(
        ("text", "name", "subject"),
        [
            ("agent_mood", True, "mood"),
            ("sentimentScore", True, "emotion"),
            ("CallerAge", True, "age"),
            ("HTTPGender", True, "gender"),
            ("stress_level", True, "state"),
            ("speaker_embeddings", True, "biometrics"),
            ("De beller klonk geïrriteerd.", False, "anger"),
            ("Spreekt met een accent", False, "accent"),
            ("vermoedelijk een vrouwelijke stem", False, "gender"),
            ("toonhoogte van de medewerker", False, "voice"),
            ("Ranglijst van medewerkers", False, "ranking"),
            ("kans op dementie", False, "health"),
        ],
    )
    def test_a_planted_inference_is_found(self, text: str, name: bool, subject: str) -> None:
        assert subject in {each for _, each in found(text, name=name)}

    @pytest.mark.parametrize("text", ["agent_channel", "language", "message", "average_kind", "storage", "percentage"])
    def test_plain_names_are_not_taken_for_one(self, text: str) -> None:
        assert list(found(text, name=True)) == []

    def test_every_subject_has_words(self) -> None:
        assert all(words.split() for words in SUBJECTS.values())

    def test_every_kind_of_source_is_looked_at(self) -> None:
        seen = {said.where.split("/")[0] for said in all_said()}
        assert seen == {"schema", "table", "code", "rules", "pipeline", "command", "reports", "packages", "models"}


@cache
def imported(path: Path) -> set[str]:
    """Modules of the package that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "belscore":
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if path_of(name) is not None}


def path_of(module: str) -> Path | None:
    if not module.startswith("belscore."):
        return None
    path = PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
    return path if path.is_file() else None


def reached(module: str) -> set[str]:
    """All modules of the package behind one."""
    seen: set[str] = set()
    left = [module]
    while left:
        name = left.pop()
        path = path_of(name)
        if name not in seen and path is not None:
            seen.add(name)
            left += imported(path)
    return seen


def importers(module: str) -> set[str]:
    return {path.relative_to(PACKAGE).as_posix() for path in modules() if f"belscore.{module}" in imported(path)}


class TestSound:
    # What measures how a voice sounds, in place of when it sounds.
    VOICE = ("pitch", "voice_features", "voices", "speaker_encoder", "third_voice", "level", "spectrum", "active_level")

    @pytest.mark.parametrize("module", ["situations", "outcome", "ledger", "engine", "trust"])
    def test_what_is_judged_is_told_by_words_and_times_alone(self, module: str) -> None:
        behind = reached(f"belscore.{module}")
        assert f"belscore.{module}" in behind
        assert behind & {f"belscore.{name}" for name in self.VOICE} == set()

    def test_pitch_is_used_to_tell_voices_apart_and_for_nothing_else(self) -> None:
        assert importers("pitch") == {"voice_features.py"}
        assert importers("voice_features") == {"mono.py", "third_voice.py", "voices.py"}
        assert importers("voices") == {"mono.py"}

    def test_encoder_is_used_where_a_recording_is_heard_and_nowhere_else(self) -> None:
        users = importers("speaker_encoder")
        assert users == {"listening.py", "mono.py", "third_voice.py", "voice_features.py"}

    def test_situations_of_a_call_do_not_hang_on_how_it_sounds(self) -> None:
        call = parse_call("""
            0.0-2.0 agent  Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja.
            2.3-6.0 caller U bent een stomme trut, ik kom u in elkaar slaan.
            6.3-8.0 agent  Ik wil graag helpen, maar niet zo.
            8.3-9.5 caller Hou je bek, trut.
        """)
        louder = replace(call, sound={}, quality=replace(call.quality, level_dbov={"agent": -40.0, "caller": 0.0}))
        assert "agressie" in score_call(call).situations
        assert score_call(louder).situations == score_call(call).situations


class Marked:
    """In place of an encoder: vectors that are known again wherever they turn up, and whether they still live."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(9)
        self.given: list[Array] = []
        self.alive: list[weakref.ref[Array]] = []

    def embed(self, pieces: Sequence[Array]) -> Array:
        vectors = np.abs(self._rng.standard_normal((len(pieces), SIZE))).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return self.note(vectors)

    def note(self, vectors: Array) -> Array:
        self.given.append(vectors.copy())
        self.alive.append(weakref.ref(vectors))
        return vectors

    def traces(self, data: bytes) -> list[str]:
        """Values of the vectors that occur in bytes: as numbers of either width, or written out."""
        marks = []
        for vectors in self.given:
            for vector in (*vectors, vectors.mean(axis=0)):
                for start in (0, SIZE // 2):
                    part = vector[start : start + 2]
                    marks += [part.astype(width).tobytes() for width in ("<f4", "<f8") if part.all()]
                marks += [f"{value:.5f}".encode() for value in vector[:4] if value > 0]
        return [str(mark) for mark in marks if mark in data]


def everything_kept(folder: Path, call: Call) -> bytes:
    """A call as it is kept: call JSON, scorecard, the store with what is packed in it, and the cache of words."""
    card = score_call(call)
    store_file = folder / "belscore.db"
    with open_store(store_file) as store:
        with store.write() as connection:
            rules = keep_rules(connection, load_rules())
            add_call(connection, "0" * 64, call, Judged(card, rules), Exchange())
        with store.read() as connection:
            bodies = [
                unpack_text(body, where="test")
                for column in (transcripts.c.body, scorecards.c.body)
                for body in connection.execute(select(column)).scalars()
            ]
    assert len(bodies) == 2
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) >= 2, "the store and the cache"
    return b"\n".join([json.dumps(call_to_dict(call)).encode(), json.dumps(card.to_dict()).encode(), *bodies, *files])


def _first_seconds(source: Path, target: Path, *, seconds: int) -> None:
    """The beginning of a recording with one channel."""
    [samples] = decode(source).channels
    with wave.open(str(target), "wb") as part:
        part.setnchannels(1)
        part.setsampwidth(2)
        part.setframerate(SAMPLE_RATE_HZ)
        part.writeframes((samples[: seconds * SAMPLE_RATE_HZ] * 32767).astype("<i2").tobytes())


def speech_like(seconds: float) -> Array:
    rng = np.random.default_rng(4)
    return (0.1 * rng.standard_normal(round(16_000 * seconds))).astype(np.float32)


def spoken_words(count: int) -> list[Word]:
    return [Word(f"woord{number}", number * 0.5, number * 0.5 + 0.4, 0.9) for number in range(count)]


class TestVoices:
    def test_marks_are_found_where_a_vector_is_kept(self) -> None:
        marked = Marked()
        [vector] = marked.embed([np.zeros((1, 1), np.float32)])
        assert marked.traces(b"x" + vector.tobytes())
        assert marked.traces(b"x" + vector.astype("<f8").tobytes())
        assert marked.traces(json.dumps([round(float(each), 7) for each in vector]).encode())
        assert not marked.traces(b"nothing of it")

    def test_vectors_of_voices_are_in_nothing_that_is_kept_of_a_call(self, tmp_path: Path) -> None:
        marked, words, samples = Marked(), spoken_words(60), speech_like(31.0)
        encoder: Any = marked
        turns, confidence = split_voices(words, samples, speech=[Span(0.0, 30.0)], encoder=encoder)
        turns = name_third_voices(turns, samples, encoder)
        WordCache(tmp_path / "cache").keep("0" * 64, (tuple(words),))
        call = Call(
            source="m.wav", duration_s=31.0, turns=turns, channels="mixed", role_confidence=confidence, engine=Engine()
        )
        kept = everything_kept(tmp_path, call)
        assert b"woord7" in kept
        assert marked.given, "no voice was looked at"
        assert marked.traces(kept) == []
        del turns, call
        gc.collect()
        assert [each for each in marked.alive if each() is not None] == []

    @pytest.mark.model
    def test_a_recording_with_both_voices_leaves_no_vector_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        marked, embed = Marked(), Encoder.embed
        monkeypatch.setattr(Encoder, "embed", lambda self, pieces: marked.note(embed(self, pieces)))
        recording = tmp_path / "kort.wav"
        _first_seconds(ROOT / "samples" / "calls" / "mono-afspraak.wav", recording, seconds=12)
        call = transcribe_file(recording, cache=WordCache(tmp_path / "cache"))
        recording.unlink()
        assert call.channels == "mixed"
        kept = everything_kept(tmp_path, call)
        assert marked.given, "no voice was looked at"
        assert marked.traces(kept) == []
        gc.collect()
        assert [each for each in marked.alive if each() is not None] == []

    def test_lists_of_numbers_in_what_is_kept_are_times_and_levels(self) -> None:
        lists = set(number_lists(json_schema())) | set(number_lists(scorecard_schema()))
        assert lists == {"speech", "holds", "rings", "nuclei", "peaks", "overlaps", "silences"}

    def test_columns_that_hold_bytes_are_known(self) -> None:
        packed = {
            f"{table.name}.{column.name}"
            for table in metadata.sorted_tables
            for column in table.columns
            if isinstance(getattr(column.type, "impl", column.type), LargeBinary)
        }
        assert packed == {"transcripts.body", "scorecards.body"}

    def test_columns_with_fractions_are_seconds_scores_and_shares(self) -> None:
        fractions = {
            column.name
            for table in metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, Float) and not column.name.endswith("_s")
        }
        # `share` is how far an upload is.
        assert fractions == {"role_confidence", "score", "coverage", "share"}


def number_lists(node: Any, name: str = "") -> Iterator[str]:
    """Names of the fields of a JSON Schema that hold lists of numbers, or lists of such lists."""
    if isinstance(node, dict):
        if node.get("type") == "array":
            inner = [node.get("items") or {}, *node.get("prefixItems", ())]
            if any(isinstance(each, dict) and each.get("type") in ("number", "integer") for each in inner):
                yield name
        for key, value in node.items():
            inside = name if key in ("items", "prefixItems", "anyOf", "additionalProperties") else key
            yield from number_lists(value, inside)
    elif isinstance(node, list):
        for each in node:
            yield from number_lists(each, name)


# By score Cor, Bo, Anja; by name the other way round, so that the one is not mistaken for the other.
AGENTS = ("Anja", "Bo", "Cor")
VERDICTS = ("fff", "fpp", "ppp")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallStore:
    """Calls of three agents, each with scores of its own and something for every report to count."""
    small = SmallStore(tmp_path_factory.mktemp("law") / "belscore.db")
    for agent, verdicts in zip(AGENTS, VERDICTS, strict=True):
        for number in range(12):
            [call_id] = small.add(verdicts, agent=agent, caller_hash=f"{agent}{number}")
            small.ask_question(call_id, "covered")
    return small


class TestRanking:
    def test_no_report_groups_by_person_unless_asked(self) -> None:
        assert "agent" not in {entry.default for entry in REPORTS.values()}
        assert "agent" not in {by for _, by in ALL}

    @pytest.mark.parametrize("name", [name for name in REPORTS if name != "phone-log"])
    def test_no_report_names_anybody_unless_asked(self, small: SmallStore, name: str) -> None:
        page = format_page(small.report(name))
        assert [agent for agent in AGENTS if f">{agent}<" in page] == []

    @pytest.mark.parametrize("name", [name for name, entry in REPORTS.items() if "agent" in entry.by])
    def test_people_come_by_name_without_places_or_pictures(self, small: SmallStore, name: str) -> None:
        for part in small.report(name, "agent").parts:
            names = part.rows["group"].tolist()
            repeated = len(names) // max(1, len(set(names)))
            assert names == [*AGENTS] * repeated, name
            assert not part.charts
            heads = " ".join(column.title.casefold() for column in part.columns)
            assert not any(word in heads for word in ("plaats", "rang", "positie", "beste"))
