"""Misheard words: the corruptor of the measurements, and what the checks make of words that may have been misheard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alignment import align
from belscore import load_rules, parse_call
from belscore.call import Call, Span
from belscore.second_look_sounds import apart, sound
from belscore.view import CallView
from mishearing import known_words, misheard

CALL = parse_call(
    """
0.4-4.1 agent  Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja.
4.3-9.0 caller Goedemorgen, met mevrouw Jansen, ik wil graag een afspraak maken voor de controle.
9.5-14.0 agent Dag mevrouw Jansen. Dat kan dinsdag om half drie of donderdag om kwart over tien.
14.5-16.0 caller Doe maar dinsdag.
16.5-20.0 agent Dan ziet de tandarts u dinsdag om half drie. Tot ziens, mevrouw Jansen.
""",
    source="proef",
)
WORDS = known_words([CALL])


def uncertain(text: str, probability: float) -> CallView:
    """A call of recognised words."""
    call = parse_call(text)
    turns = tuple(
        replace(turn, words=tuple(replace(word, probability=probability) for word in turn.words)) for turn in call.turns
    )
    return CallView(replace(call, turns=turns), load_rules().knowledge)


# The corruptor


def text_of(call: Call) -> list[str]:
    return [word.text for turn in call.turns for word in turn.words]


def test_the_same_seed_gives_the_same_words() -> None:
    assert misheard(CALL, 0.4, WORDS, "1") == misheard(CALL, 0.4, WORDS, "1")
    assert text_of(misheard(CALL, 0.4, WORDS, "1")) != text_of(misheard(CALL, 0.4, WORDS, "2"))


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
def test_about_the_share_of_the_words_is_misheard(share: float) -> None:
    said = text_of(CALL)
    wrong = 0
    for seed in range(40):
        steps = align(said, text_of(misheard(CALL, share, WORDS, str(seed))))
        wrong += sum(step.last - step.first for step in steps if step.kind != "right")
    assert wrong / (40 * len(said)) == pytest.approx(share, abs=0.06)


def test_words_stay_in_order_inside_their_turns() -> None:
    for seed in range(20):
        for turn in misheard(CALL, 0.4, WORDS, str(seed)).turns:
            starts = [word.start_s for word in turn.words]
            assert starts == sorted(starts)
            assert turn.start_s <= starts[0]
            assert turn.words[-1].end_s <= turn.end_s


def test_without_punctuation_none_is_left() -> None:
    poor = misheard(CALL, 0.25, WORDS, "1", punctuation=False)
    assert not any(mark in turn.text for turn in poor.turns for mark in ".,?")


def test_right_words_are_surer_than_wrong_ones() -> None:
    said = text_of(CALL)
    sure: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(20):
        poor = misheard(CALL, 0.25, WORDS, str(seed))
        heard = [word for turn in poor.turns for word in turn.words]
        for step in align(said, [word.text for word in heard]):
            sure[step.kind == "right"] += [word.probability for word in heard[step.start : step.end]]
    right, wrong = (sorted(sure[kind])[len(sure[kind]) // 2] for kind in (True, False))
    assert right > wrong + 0.2


# Sounds


@pytest.mark.parametrize(
    ("one", "other"), [("hond", "hont"), ("lachen", "lagen"), ("zij", "sei"), ("rouw", "rauw"), ("vier", "fier")]
)
def test_words_that_sound_alike_have_one_key(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_words_that_sound_unlike_lie_apart() -> None:
    assert apart(sound("praktijk"), sound("fraktijk")) < 0.2
    assert apart(sound("praktijk"), sound("morgen")) > 0.5


@pytest.mark.parametrize(
    ("said", "heard", "kinds"),
    [
        ("dat kan vanmiddag nog", "dat kan van middag nog", ["right", "right", "split", "right"]),
        ("om half drie graag", "om halfdrie graag", ["right", "joined", "right"]),
        ("ik bel u terug", "ik bel terug", ["right", "right", "lost", "right"]),
    ],
)
def test_alignment_tells_how_words_were_misheard(said: str, heard: str, kinds: list[str]) -> None:
    assert [step.kind for step in align(said.split(), heard.split())] == kinds


# Echoes


@pytest.mark.parametrize("heard", ["bot ziens mevrouw", "totziens mevrouw", "tot zins mevrouw"])
def test_an_echo_of_a_phrase_is_found(heard: str) -> None:
    view = uncertain(f"0.0-2.0 agent {heard}", 0.6)
    assert view.echo(["tot ziens"], view.utterances) is not None


@pytest.mark.parametrize("heard", ["op donderdag dan", "dan gaat u zitten", "graag gedaan hoor"])
def test_other_words_are_no_echo(heard: str) -> None:
    view = uncertain(f"0.0-2.0 agent {heard}", 0.6)
    assert view.echo(["tot donderdag", "fijne dag", "tot ziens"], view.utterances) is None


def test_sure_words_are_no_echo() -> None:
    view = uncertain("0.0-2.0 agent bot ziens mevrouw", 0.95)
    assert view.echo(["tot ziens"], view.utterances) is None


def test_a_written_transcript_has_no_echoes() -> None:
    view = CallView(parse_call("0.0-2.0 agent bot ziens mevrouw"), load_rules().knowledge)
    assert view.echo(["tot ziens"], view.utterances) is None


def test_sound_without_words_is_known_to_be_unheard() -> None:
    view = uncertain("0.0-2.0 agent tot ziens", 0.9)
    sounding = replace(view.call, speech={"agent": (Span(0.0, 2.0), Span(3.0, 3.5))})
    assert CallView(sounding, view.knowledge).unheard_s("agent", Span(0.0, 10.0)) == pytest.approx(0.5)
    assert view.unheard_s("agent", Span(0.0, 10.0)) == 0.0
