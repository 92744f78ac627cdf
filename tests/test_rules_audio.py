"""Verdicts from sound beside those from text: how they are counted, drawn, and spoken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import svg
from belscore import load_rules, parse_call
from belscore.audio import decode
from belscore.call import Span
from heard import words_misheard
from labels import Labelled
from rules_audio import agreement, evenly, f1_figures, joined
from sound_picture import SOURCES, Row, draw
from speak import missing_programs, speak_call

CALL = parse_call("""
0.6-3.2 agent  Goedemorgen, praktijk De Linde, met Anja.
3.8-6.4 caller Goedemorgen, met mevrouw Jansen.
6.1-6.5 agent  Ja.
9.5-11.5 agent Dag mevrouw Jansen.
""")
RULE = "opening-begroeting"
MOST_BYTES = 60_000


def labelled(want: str, accept: Sequence[str] = (), name: str = "c001-proef") -> Labelled:
    return Labelled(name, CALL, {"rules": {RULE: want}, "accept": {RULE: list(accept)}})


# Counting


@pytest.mark.parametrize(
    ("want", "accept", "verdict", "said", "expected", "agreed"),
    [
        ("pass", (), "pass", 1, 1, 1),
        ("pass", (), "fail", 1, 1, 0),
        ("fail", (), "unsure", 0, 1, 0),
        ("fail", (), "not_applicable", 0, 1, 0),
        ("fail", ("pass",), "pass", 1, 1, 1),
        ("fail", ("unsure",), "unsure", 0, 0, 0),
        ("not_applicable", (), "not_applicable", 0, 0, 0),
        ("not_applicable", (), "pass", 1, 0, 0),
        ("not_applicable", ("pass",), "pass", 1, 1, 1),
        ("unsure", (), "fail", 1, 0, 0),
    ],
)
def test_a_verdict_is_counted(
    want: str, accept: tuple[str, ...], verdict: str, said: int, expected: int, agreed: int
) -> None:
    counts = agreement(labelled(want, accept), RULE, want, verdict)
    assert (counts["said"], counts["expected"], counts["agreed"]) == (said, expected, agreed)


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    found = f1_figures({"said": 8, "expected": 12, "agreed": 6})
    assert found == {"precision": 0.75, "recall": 0.5, "f1": 0.6}


def test_a_rule_that_never_says_anything_has_no_precision() -> None:
    assert f1_figures({"said": 0, "expected": 5, "agreed": 0}) == {"precision": None, "recall": 0.0, "f1": 0.0}


def test_a_rule_without_labels_and_verdicts_has_no_figures() -> None:
    assert f1_figures(Counter()) == {"precision": None, "recall": None, "f1": None}


def test_parts_are_counted_together() -> None:
    parts = [{"text": {RULE: Counter(said=1, agreed=1)}}, {"text": {RULE: Counter(said=1), "other": Counter(said=2)}}]
    assert joined(parts)["text"] == {RULE: Counter(said=2, agreed=1), "other": Counter(said=2)}


# Choosing


def many(letters: str, number: int) -> list[Labelled]:
    return [labelled("pass", name=f"{letter}{at:03}-proef") for letter in letters for at in range(number)]


def test_dialogues_are_taken_from_every_collection_alike() -> None:
    taken = evenly([*many("ab", 20), *many("c", 10)], 25)
    assert Counter(each.name[0] for each in taken) == {"a": 10, "b": 10, "c": 5}


def test_a_greater_number_takes_the_same_dialogues_and_more() -> None:
    dialogues = many("abc", 12)
    for fewer, more in pairwise([6, 7, 20, 36]):
        assert evenly(dialogues, more)[:fewer] == evenly(dialogues, fewer)
    assert evenly(dialogues[::-1], 9) == evenly(dialogues, 9)


# Drawing


def rows(number: int) -> list[Row]:
    titles = [rule.title for rule in load_rules().rules]
    values = dict(zip(SOURCES, (1.0, 0.61, 0.9, 0.72, 0.5), strict=True))
    return [Row(f"Deel {at // 4}", titles[at % len(titles)], 30, values) for at in range(number)]


def drawn(each: Sequence[Row]) -> ElementTree.Element:
    return ElementTree.fromstring(draw(Row("", "Alle regels samen", 900, {}), each, ["31 gesprekken"]))


def texts(picture: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in picture.findall(".//{*}text")]


def marks(picture: ElementTree.Element) -> int:
    """Circles, and lines that stand upright and are thick; the legend has one of each source."""
    bars = [line for line in picture.findall(".//{*}line") if line.get("stroke-width") == "2.6"]
    return len(bars) + len(list(picture.findall(".//{*}circle"))) - len(SOURCES)


def test_every_rule_has_its_title_its_figures_and_a_mark_for_each_source() -> None:
    picture = drawn(rows(40))
    assert marks(picture) == 40 * len(SOURCES)
    for row in rows(40):
        assert row.title in texts(picture)
    assert texts(picture).count("0,61") == 40
    assert [text for text in texts(picture) if text.startswith("Deel")] == [f"Deel {at}" for at in range(10)]


def test_a_source_without_a_figure_has_no_mark() -> None:
    picture = drawn([Row("Deel", "Regel", 0, {**dict.fromkeys(SOURCES, 0.5), "sound": None})])
    assert marks(picture) == len(SOURCES) - 1


def test_marks_lie_where_their_figures_say() -> None:
    picture = drawn([Row("Deel", "Regel", 9, {"text": 1.0, "sound": 0.5})])
    text, sound = sorted(float(circle.get("cx", "")) for circle in picture.findall(".//{*}circle"))[-1:-3:-1]
    grid = [float(line.get("x1", "")) for line in picture.findall(".//{*}line") if line.get("stroke") == svg.FAINT]
    assert text == max(grid)
    assert sound == pytest.approx((min(grid) + max(grid)) / 2)


def test_a_picture_of_forty_rules_is_small() -> None:
    assert len(draw(rows(1)[0], rows(40), ["31 gesprekken"]).encode()) < MOST_BYTES


def contrast(one: str, other: str) -> float:
    """Of two colours as #rrggbb, 1 to 21; definition: WCAG 2.1."""
    low, high = sorted(
        sum(
            weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
            for weight, part in zip(
                (0.2126, 0.7152, 0.0722), (each / 255 for each in bytes.fromhex(colour[1:])), strict=True
            )
        )
        for colour in (one, other)
    )
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_stand_out_from_their_ground(dark: bool) -> None:
    shown = {light: svg.DARK[light] if dark else light for light in svg.DARK}
    for colour in (svg.INK, svg.GREEN, svg.BLUE, svg.BROWN, svg.RED):
        assert contrast(shown[colour], shown[svg.GROUND]) >= 4.5, colour
    for colour in (svg.PALE, svg.MIDDLE, svg.STRONG):
        assert contrast(shown[colour], shown[svg.GROUND]) >= 3.0, colour


# Hearing


def test_misheard_words_are_counted_by_party() -> None:
    heard = parse_call("""
0.6-3.2 agent  Goedemorgen, praktijk Linde, met Anja.
3.8-6.4 caller Goede morgen, met mevrouw Jansen.
9.5-11.5 agent Dag meneer Jansen.
""")
    # De, ja and mevrouw of the agent, goedemorgen of the caller.
    assert words_misheard(CALL, heard) == (4, 14)


# Speaking


def test_a_missing_program_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    told = missing_programs()
    assert told is not None
    assert "espeak-ng" in told
    assert "\n" not in told


@pytest.fixture
def programs() -> None:
    if missing := missing_programs():
        pytest.skip(f"nothing can be spoken here: {missing}")


def sounding(path: Path) -> list[list[Span]]:
    """Where each channel is louder than the noise of the line, in steps of 10 ms, gaps up to 0.4 s closed."""
    found = []
    for channel in decode(path).channels:
        frames = channel[: len(channel) // 160 * 160].reshape(-1, 160)
        level = np.sqrt((frames**2).mean(axis=1))
        loud = np.flatnonzero(level > 0.1 * level.max()) / 100
        parts = np.split(loud, np.flatnonzero(np.diff(loud) > 0.4) + 1)
        found.append([Span(float(part[0]), float(part[-1]) + 0.01) for part in parts])
    return found


@pytest.mark.usefixtures("programs")
def test_turns_are_spoken_at_their_times(tmp_path: Path) -> None:
    spoken = speak_call("proef", CALL, tmp_path)
    assert spoken.late_s is not None
    assert spoken.late_s <= 0.1
    heard = sounding(spoken.path)
    for role, spans in zip(("agent", "caller"), heard, strict=True):
        turns = [turn.span for turn in CALL.turns if turn.role == role]
        assert np.array(spans) == pytest.approx(np.array(turns), abs=0.15), role


@pytest.mark.usefixtures("programs")
def test_what_was_spoken_is_not_spoken_again(tmp_path: Path) -> None:
    first = speak_call("proef", CALL, tmp_path)
    again = speak_call("proef", CALL, tmp_path)
    assert (again.path, again.late_s) == (first.path, None)
    other = parse_call("0.6-2.0 agent Dag.\n2.5-3.0 caller Dag.")
    assert speak_call("proef", other, tmp_path).path != first.path
