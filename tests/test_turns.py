"""Turns from the words of each party."""

from __future__ import annotations

from belscore.call import Role, Span, Turn, Word
from belscore.turns import make_turns


def spoken(*groups: tuple[float, str]) -> list[Word]:
    """Words of 0.3 s each, one after the other from the start of their group."""
    return [
        Word(text, start_s + 0.3 * index, start_s + 0.3 * (index + 1))
        for start_s, line in groups
        for index, text in enumerate(line.split())
    ]


def texts(turns: tuple[Turn, ...]) -> list[tuple[Role, str]]:
    return [(turn.role, turn.text) for turn in turns]


def test_a_pause_ends_a_turn_and_a_breath_does_not() -> None:
    turns = make_turns({"agent": spoken((0.0, "goedemorgen met Anja"), (1.4, "waarmee"), (2.5, "zegt u het"))})
    assert texts(turns) == [("agent", "goedemorgen met Anja waarmee"), ("agent", "zegt u het")]
    assert [len(turn.words) for turn in turns] == [4, 3]


def test_a_turn_ends_where_the_other_takes_over_in_a_short_pause() -> None:
    agent = spoken((0.0, "wat kan ik"), (1.4, "dat is goed hoor"))
    caller = spoken((1.0, "ik wil graag een afspraak maken"))
    assert texts(make_turns({"agent": agent, "caller": caller})) == [
        ("agent", "wat kan ik"),
        ("caller", "ik wil graag een afspraak maken"),
        ("agent", "dat is goed hoor"),
    ]


def test_a_listening_signal_is_its_own_turn_and_does_not_part_the_story() -> None:
    caller = spoken((0.0, "ik had dus gisteren"), (2.2, "toen ging het weer mis"))
    agent = spoken((1.5, "ja"))
    turns = make_turns({"agent": agent, "caller": caller})
    assert texts(turns) == [("caller", "ik had dus gisteren toen ging het weer mis"), ("agent", "ja")]


def test_the_same_pause_without_a_signal_parts_it() -> None:
    assert len(make_turns({"caller": spoken((0.0, "ik had dus gisteren"), (2.2, "toen ging het weer mis"))})) == 2


def test_a_pause_with_a_real_answer_parts_the_turns() -> None:
    caller = spoken((0.0, "kan dat morgen"), (2.4, "dan doen we dat"))
    agent = spoken((1.0, "ja dat kan morgen"))
    assert [role for role, _ in texts(make_turns({"agent": agent, "caller": caller}))] == ["caller", "agent", "caller"]


def test_turns_reach_to_the_edges_of_their_sound() -> None:
    words = spoken((1.1, "goedemorgen met Anja"))
    (turn,) = make_turns({"agent": words}, speech={"agent": [Span(1.0, 2.4)]})
    assert turn.span == Span(1.0, 2.4)
    assert turn.words == tuple(words)


def test_sound_far_beyond_the_words_is_left_alone() -> None:
    (turn,) = make_turns({"agent": spoken((1.0, "goedemorgen"))}, speech={"agent": [Span(1.0, 9.0)]})
    assert turn.span == Span(1.0, 1.3)


def test_turns_of_one_party_never_overlap_when_they_share_a_span() -> None:
    words = spoken((0.0, "goedemorgen met Anja"), (1.7, "zegt u het"))
    first, second = make_turns({"agent": words}, speech={"agent": [Span(0.0, 3.0)]})
    assert first.end_s <= second.start_s
    assert second.end_s == 3.0


def test_no_words_no_turns() -> None:
    assert make_turns({"agent": [], "caller": []}) == ()
