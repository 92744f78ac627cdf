"""Turn-taking on spans and on written turns: one named case each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from belscore import parse_call
from belscore.call import Call, Span
from belscore.turn_taking import TurnTaking, take_turns

Pairs = Sequence[tuple[float, float]]


def _heard(agent: Pairs, caller: Pairs) -> TurnTaking:
    """Turn-taking of a call of which only the sound is known."""
    speech = {"agent": tuple(Span(*each) for each in agent), "caller": tuple(Span(*each) for each in caller)}
    end_s = max(end_s for row in (agent, caller) for _, end_s in row)
    return take_turns(Call("test", end_s, (), speech=speech))  # type: ignore[arg-type]


def _by(taking: TurnTaking) -> list[tuple[str, float]]:
    return [(each.by, each.start_s) for each in taking.interruptions]


def test_cut_short_is_an_interruption() -> None:
    taking = _heard(agent=[(5.0, 8.0)], caller=[(0.0, 5.8)])
    assert _by(taking) == [("agent", 5.0)]
    (found,) = taking.interruptions
    assert (found.end_s, found.overlap_s) == (5.8, 0.8)


def test_caller_can_interrupt_too() -> None:
    assert _by(_heard(agent=[(0.0, 4.0)], caller=[(3.3, 6.0)])) == [("caller", 3.3)]


@pytest.mark.parametrize("overlap_s", [0.1, 0.3, 0.45])
def test_starting_a_little_early_is_a_terminal_overlap(overlap_s: float) -> None:
    taking = _heard(agent=[(5.0 - overlap_s, 8.0)], caller=[(0.0, 5.0)])
    assert taking.interruptions == ()
    assert taking.terminal_overlaps == (Span(5.0 - overlap_s, 5.0),)
    assert taking.overlap_s == pytest.approx(overlap_s)


def test_listening_signal_is_none() -> None:
    taking = _heard(agent=[(3.0, 3.9)], caller=[(0.0, 8.0)])
    assert taking.interruptions == ()
    assert taking.backchannels["agent"] == (Span(3.0, 3.9),)
    assert taking.backchannels_agent == 1


def test_listening_signal_in_a_pause_of_the_other_counts() -> None:
    taking = _heard(agent=[(4.1, 4.4)], caller=[(0.0, 4.0), (4.6, 9.0)])
    assert taking.backchannels_agent == 1
    assert taking.floors["caller"] == (Span(0.0, 9.0),)


def test_short_answer_is_no_listening_signal() -> None:
    taking = _heard(agent=[(4.3, 4.7)], caller=[(0.0, 4.0), (6.0, 9.0)])
    assert taking.backchannels_agent == 0


def test_talking_on_against_each_other_is_an_interruption() -> None:
    assert _by(_heard(agent=[(4.0, 8.0)], caller=[(0.0, 7.5)])) == [("agent", 4.0)]


def test_short_remark_that_leaves_the_other_talking_is_none() -> None:
    assert _heard(agent=[(4.0, 5.3)], caller=[(0.0, 9.0)]).interruptions == ()


def test_long_attempt_that_gives_up_is_an_interruption() -> None:
    assert _by(_heard(agent=[(4.0, 6.2)], caller=[(0.0, 9.0)])) == [("agent", 4.0)]


def test_who_has_just_begun_is_not_cut_short() -> None:
    taking = _heard(agent=[(4.3, 8.0)], caller=[(4.0, 5.0)])
    assert taking.interruptions == ()


def test_short_pauses_do_not_make_a_new_utterance() -> None:
    taking = _heard(agent=[(5.0, 6.0), (6.4, 8.0)], caller=[(0.0, 2.0), (2.4, 5.7)])
    assert _by(taking) == [("agent", 5.0)]
    assert [each.span for each in taking.utterances] == [Span(0.0, 5.7), Span(5.0, 8.0)]


def test_coming_back_after_being_cut_short_is_judged_anew() -> None:
    taking = _heard(agent=[(0.0, 4.0), (4.6, 7.0)], caller=[(3.2, 5.4)])
    assert _by(taking) == [("caller", 3.2), ("agent", 4.6)]


def test_silences_are_gaps_of_two_seconds_between_speech() -> None:
    taking = _heard(agent=[(3.0, 5.0), (20.0, 21.0)], caller=[(6.9, 8.0)])
    assert taking.silences == (Span(8.0, 20.0),)
    assert taking.silence_s == taking.longest_silence_s == 12.0


def test_reply_gap_is_from_the_end_of_the_caller_to_the_agent() -> None:
    taking = _heard(agent=[(0.0, 2.0), (5.6, 7.0), (11.2, 13.0)], caller=[(2.5, 5.0), (8.0, 11.0)])
    assert taking.reply_gaps_s == (0.6, 0.2)
    assert taking.reply_gap_median_s == 0.4


def test_longest_monologue_goes_on_through_listening_signals() -> None:
    taking = _heard(agent=[(0.0, 10.0), (10.8, 20.0)], caller=[(5.0, 5.5), (10.2, 10.5), (21.0, 22.0)])
    assert taking.longest_monologue_s == 20.0


def test_talk_share_is_of_speaking_time() -> None:
    assert _heard(agent=[(0.0, 3.0)], caller=[(3.0, 4.0)]).talk_share_agent == 0.75


def test_call_without_speech_has_no_share_and_no_gap() -> None:
    taking = take_turns(Call("test", 5.0, (), speech={}))
    assert taking.talk_share_agent is None
    assert taking.reply_gap_median_s is None
    assert taking.longest_monologue_s == 0.0


def test_mixed_channel_tells_nothing_of_overlap() -> None:
    call = parse_call("@channels mixed\n0.0-5.8 caller Ik wil graag\n5.0-8.0 agent Moment, dat kan helemaal niet.")
    taking = take_turns(call)
    assert not taking.overlap_known
    assert taking.interruptions == ()
    assert taking.overlaps == ()


def test_written_sentence_that_was_finished_is_a_terminal_overlap() -> None:
    text = "0.0-5.8 caller Dat was het eigenlijk.\n5.0-8.0 agent Dan kijk ik even mee."
    assert take_turns(parse_call(text)).interruptions == ()


def test_written_sentence_that_breaks_off_was_interrupted() -> None:
    text = "0.0-5.8 caller En daar wil ik dus\n5.0-8.0 agent Dan kijk ik even mee."
    assert _by(take_turns(parse_call(text))) == [("agent", 5.0)]


def test_announcement_interrupts_nobody() -> None:
    text = "0.0-5.8 caller En daar wil ik dus\n5.0-8.0 system Er zijn nog twee wachtenden voor u."
    assert take_turns(parse_call(text)).interruptions == ()


def test_word_list_tells_signals_from_short_remarks() -> None:
    text = "0.0-9.0 caller En toen ging het mis met mijn kies\n3.0-3.5 agent ja, ja\n6.0-6.8 agent Wacht even"
    assert take_turns(parse_call(text)).backchannels_agent == 2
    assert take_turns(parse_call(text), backchannel_words={"ja", "hm"}).backchannels_agent == 1


def test_yes_between_a_question_and_the_next_sentence_is_an_answer() -> None:
    text = "0.0-4.0 caller Kan dat morgen?\n4.1-4.4 agent ja\n4.6-9.0 caller Mooi, dan kom ik morgen langs."
    assert take_turns(parse_call(text)).backchannels_agent == 0


def test_measured_signal_may_be_an_edge_too_long() -> None:
    assert _heard(agent=[(3.0, 4.08)], caller=[(0.0, 8.0)]).backchannels_agent == 1


def test_turn_taking_needs_no_sound_library() -> None:
    source = Path(__file__).parent.parent / "pipeline" / "belscore" / "turn_taking.py"
    assert "numpy" not in source.read_text(encoding="utf-8")
