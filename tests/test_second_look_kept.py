"""What the sound answered, kept: with the call, so that it is judged alike without its sound, and between runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from belscore import parse_call, score_call, word_key
from belscore.batch.judging import judging_of
from belscore.call import Call, Listened, Span
from belscore.call_json import call_to_dict, json_schema, parse_call_json
from belscore.cli import main
from belscore.cli.work import Settings
from belscore.decoder import Recogniser
from belscore.errors import BelscoreError, NotationError
from belscore.models import ModelFiles, find_model
from belscore.scorecard import Scorecard
from belscore.scoring import score_with_call
from belscore.second_look import Change, Likelihood
from belscore.second_look_kept import AnswerCache, Answers, NotingOracle
from belscore.store.blobs import pack
from belscore.store.calls import unpack_call
from belscore.word_cache import WordCache
from belscore.word_key import ASKERS
from lost_thanks import CALL, RULE

SAID = Likelihood(margin=0.123, own=-1.5)
NOT_SAID = Likelihood(margin=-4.25, own=-7.0)


@dataclass
class Sound:
    """Stands in for the sound: bears out the changes of one turn that put in some word, and counts."""

    word: str = "geduld"
    answers_all: bool = True
    asked: list[Change] = field(default_factory=list)

    def likelihoods(self, _call: Call, changes: Sequence[Change], _windows: int) -> Answers:
        self.asked += changes
        other = NOT_SAID if self.answers_all else None
        return tuple(SAID if self.word in change.words else other for change in changes)


def misheard() -> Call:
    """A call as a recogniser gives it: no word is certain."""
    call = parse_call(CALL, source="test")
    turns = (replace(turn, words=tuple(replace(word, probability=0.7) for word in turn.words)) for turn in call.turns)
    return replace(call, turns=tuple(turns))


def listened_to(sound: Sound) -> tuple[Call, Scorecard]:
    """The call with what was asked, and its scorecard."""
    oracle = NotingOracle(sound)
    card = score_call(misheard(), oracle=oracle)
    return replace(misheard(), listened=oracle.listened), card


def as_json(call: Call) -> Call:
    return parse_call_json(json.dumps(call_to_dict(call)))


# ---- with the call


def test_a_kept_call_is_judged_as_its_recording_was() -> None:
    call, card = listened_to(Sound())
    assert score_call(misheard()).finding(RULE).verdict == "unsure"
    assert card.finding(RULE).verdict == "pass"
    assert score_call(as_json(call)) == card
    assert score_call(unpack_call(pack(call_to_dict(call)), where="test")) == card


def test_what_the_sound_did_not_answer_is_not_kept_and_not_answered() -> None:
    sound = Sound("nooit", answers_all=False)
    call, card = listened_to(sound)
    assert sound.asked
    assert call.listened == ()
    partly, _ = listened_to(Sound(answers_all=False))
    assert {each.asked[-1] for each in partly.listened} == {"geduld"}
    assert card == score_call(misheard())


def test_nothing_is_looked_for_where_the_sound_bore_out_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    call, card = listened_to(Sound("nooit"))
    assert call.listened
    monkeypatch.setattr("belscore.second_look.look_again", None)
    assert score_call(call) == card


def test_every_answer_names_the_words_it_is_about() -> None:
    call, _ = listened_to(Sound())
    for each in call.listened:
        turn = next(turn for turn in call.turns if turn.start_s == each.turn_s)
        assert turn.role == "agent"
        assert turn.text == each.text
        assert 0 <= each.start < each.end <= len(turn.words)
        assert each.asked


@pytest.mark.parametrize(("said", "other"), [("is goed", "is mooi"), ("25.0-28.5", "25.1-28.5")])
def test_an_answer_says_nothing_of_a_turn_with_other_words_or_another_place(said: str, other: str) -> None:
    call, _ = listened_to(Sound())
    changed = parse_call(CALL.replace(said, other), source="test")
    turns = (
        replace(turn, words=tuple(replace(word, probability=0.7) for word in turn.words)) for turn in changed.turns
    )
    changed = replace(changed, turns=tuple(turns), listened=call.listened)
    assert score_call(changed).finding(RULE).verdict == "unsure"


def test_without_a_second_look_what_is_kept_does_not_count(tmp_path: Path) -> None:
    call, _ = listened_to(Sound())
    path = tmp_path / "gesprek.json"
    path.write_text(json.dumps(call_to_dict(call)), encoding="utf-8")
    assert score_with_call(path).card.finding(RULE).verdict == "pass"
    plain = score_with_call(path, second_look=False)
    assert plain.card.finding(RULE).verdict == "unsure"
    assert plain.call.listened == call.listened


def test_call_json_names_what_was_asked_only_where_something_was() -> None:
    call, _ = listened_to(Sound())
    assert "listened" not in call_to_dict(misheard())
    assert as_json(call).listened == call.listened
    schema = json_schema()
    assert "listened" in schema["properties"]
    assert "listened" not in schema["required"]
    assert set(schema["$defs"]["ListenedModel"]["required"]) == set(call_to_dict(call)["listened"][0])


def test_a_figure_that_is_none_is_refused() -> None:
    data = call_to_dict(replace(misheard(), listened=(Listened(0.0, "", 0, 1, ("u",), 1.0, float("nan")),)))
    with pytest.raises(NotationError, match=r"listened\.0\.own"):
        parse_call_json(json.dumps(data))


# ---- between runs


@pytest.fixture
def answers(tmp_path: Path) -> AnswerCache:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return AnswerCache(WordCache(tmp_path / "words"), lambda: ModelFiles("model", folder, "0" * 64))


CHANGES = [Change(4, 1, 3, ("voor", "uw", "geduld"), 0.1), Change(4, 0, 1, ("dank",), 0.2)]
CHANNEL = np.linspace(-1, 1, 1000, dtype=np.float32)


def asked(
    answers: AnswerCache,
    changes: Sequence[Change] = CHANGES,
    *,
    channel: np.ndarray[tuple[int], np.dtype[np.float32]] = CHANNEL,
    spans: Sequence[Span] = (Span(0.0, 0.05),),
    text: str = CALL,
    windows: int = 3,
) -> bool:
    """Whether the sound had to be asked; what comes is what it answered."""
    made: list[int] = []

    def ask() -> Answers:
        made.append(1)
        return (SAID, *[None] * (len(changes) - 1))

    call = parse_call(text, source="test")
    assert answers.made_once(channel, spans, call, changes, windows, ask) == (SAID, *[None] * (len(changes) - 1))
    return bool(made)


def test_the_same_questions_are_asked_once(answers: AnswerCache) -> None:
    assert [asked(answers) for _ in range(3)] == [True, False, False]


def test_other_questions_other_sound_and_another_model_are_asked_anew(answers: AnswerCache, tmp_path: Path) -> None:
    asked(answers)
    assert asked(answers, CHANGES[::-1])
    assert asked(answers, CHANGES[:1])
    assert asked(answers, [replace(CHANGES[0], words=("voor", "je", "geduld")), CHANGES[1]])
    assert asked(answers, windows=4)
    assert asked(answers, channel=CHANNEL * np.float32(0.999))
    assert asked(answers, spans=(Span(0.0, 0.06),))
    assert asked(answers, text=CALL.replace("is goed", "is mooi"))
    assert asked(replace(answers, find_files=lambda: ModelFiles("model", tmp_path / "model", "1" * 64)))
    assert not asked(answers, text=CALL.replace("Fijn", "Mooi"))


@pytest.mark.parametrize("setting", ["second_look_sound.WINDOW_S", "decoder.BEAM_SIZE", "second_look.WINDOWS_MIN"])
def test_another_setting_asks_anew(setting: str, answers: AnswerCache, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(answers)
    monkeypatch.setattr(f"belscore.{setting}", 7)
    assert asked(answers)


@pytest.mark.parametrize("name", ASKERS)
def test_another_way_of_asking_asks_anew(
    name: str, answers: AnswerCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(answers)
    for asker in ASKERS:
        shutil.copy(Path(word_key.__file__).with_name(f"{asker}.py"), tmp_path)
    monkeypatch.setattr(word_key, "_PACKAGE", tmp_path)
    assert not asked(answers)
    with (tmp_path / f"{name}.py").open("a") as file:
        file.write("# changed\n")
    assert asked(answers)


def test_nothing_that_is_kept_is_what_people_said(answers: AnswerCache) -> None:
    asked(answers)
    [path] = answers.cache.folder.glob("*.words")
    kept = path.read_bytes()
    assert b"geduld" not in kept
    assert b"Bedankt" not in kept


# ---- for a whole folder


@pytest.mark.parametrize("switch", [(), ("--no-second-look",)])
def test_a_folder_is_scored_with_or_without(
    switch: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Settings] = []

    def stop(_name: str, settings: Settings, *_rest: object) -> None:
        given.append(settings)
        raise BelscoreError("enough")

    monkeypatch.setattr("belscore.cli.batch._open_executor", stop)
    result = CliRunner().invoke(main, ["batch", str(tmp_path), "--store", str(tmp_path / "x.db"), *switch])
    assert "enough" in result.stderr
    assert [settings.second_look for settings in given] == [not switch]


def test_a_folder_scored_without_can_be_scored_anew_with() -> None:
    assert judging_of(Settings()).digest != judging_of(Settings(second_look=False)).digest


# ---- with the model


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "turned"),
    [("klacht-goed.wav", True), ("boos-goed.wav", True), ("klacht-slecht.m4a", False), ("bandje-eerst.mp3", False)],
)
def test_call_json_of_a_recording_is_judged_alike_and_a_second_run_loads_no_model(
    name: str, turned: bool, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = repository / "samples" / "calls" / name
    find_model("base")
    cache = WordCache(tmp_path / "words")
    scored = score_with_call(sample, model="base", cache=cache)
    assert scored.call.listened
    kept = score_call(as_json(scored.call)).findings
    assert [each.verdict for each in kept] == [each.verdict for each in scored.card.findings]
    plain = score_call(replace(scored.call, listened=())).findings
    if turned:
        assert [each.verdict for each in kept] != [each.verdict for each in plain]

    def no_model(*_arguments: object, **_options: object) -> Recogniser:
        raise AssertionError("the model is loaded")

    monkeypatch.setattr("belscore.decoder.load_model", no_model)
    monkeypatch.setattr("belscore.transcribe.load_model", no_model)
    again = score_with_call(sample, model="base", cache=cache)
    assert (again.call, again.card) == (scored.call, scored.card)
    with pytest.raises(AssertionError, match="is loaded"):
        score_with_call(sample, model="base", cache=False)
