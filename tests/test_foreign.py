"""Transcripts of other tools as calls: each kind of file is read for what it says, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from belscore.call import LATEST_S, Call
from belscore.checks.address import SURE_PRONOUN
from belscore.checks.silence import SURE_PROBABILITY
from belscore.errors import NotationError
from belscore.foreign.belief import IN_DOUBT, MOST, UNTOLD
from belscore.foreign.reading import is_transcript, read_transcript
from belscore.foreign.words import BEFORE_GAP, DOUBTFUL
from belscore.inputs import read_call
from belscore.view import MIN_PROBABILITY

DATA = Path(__file__).parent / "data" / "foreign"
GREETING = "Goedemorgen, huisartsenpraktijk De Linde, u spreekt met Anja."
OFFER = "Dag mevrouw Jansen. Schikt dinsdag om tien uur of donderdag om kwart voor elf?"


def turns(call: Call) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in call.turns]


def srt(*cues: tuple[str, str, str]) -> str:
    return "\n".join(f"{number}\n{start} --> {end}\n{text}\n" for number, (start, end, text) in enumerate(cues, 1))


def whisper(*segments: dict[str, Any]) -> str:
    return json.dumps({"text": "", "segments": segments, "language": "nl"})


def word(text: str, start_s: object, end_s: object, probability: object = 0.9) -> dict[str, object]:
    return {"word": f" {text}", "start": start_s, "end": end_s, "probability": probability}


# ---- kinds of file


@pytest.mark.parametrize("name", ["teams.vtt", "zoom.vtt", "whisperx.srt", "whisperx.json"])
def test_each_kind_gives_the_same_turns(name: str) -> None:
    call = read_call(DATA / name)
    offer = OFFER.replace("tien", "10") if name.endswith(".json") else OFFER
    assert turns(call)[0] == ("agent", GREETING)
    assert turns(call)[2] == ("agent", offer)
    assert [role for role, _ in turns(call)] == ["agent", "caller", "agent", "caller", "agent"]
    assert (call.turns[0].start_s, call.channels, call.source) == (0.4, "mixed", str(DATA / name))
    assert "Amara" not in call.turns[-1].text


def test_webvtt_is_read_with_all_that_the_format_knows() -> None:
    call = read_call(DATA / "uitgebreid.vtt")
    assert turns(call) == [
        ("agent", GREETING),
        ("caller", "Goedemorgen, met mevrouw Jansen."),
        ("agent", "Ja?"),
        ("caller", "R&D <en zo>"),
    ]
    starts_s = {word.text: word.start_s for word in call.turns[1].words}
    assert (starts_s["met"], starts_s["mevrouw"], starts_s["Jansen."]) == (5.4, 5.7, 6.2)
    assert call.turns[3].start_s == 3723.004


def test_srt_as_people_write_it() -> None:
    call = read_call(DATA / "mensen.srt")
    assert turns(call) == [
        ("agent", GREETING),
        ("caller", "Goedemorgen, met mevrouw Jansén. Ik bel voor een afspraak."),
        ("agent", "Dag mevrouw Jansén. Hoe laat?"),
        ("caller", "Tien uur."),
        ("agent", "Dan staat u dinsdag om tien uur genoteerd. 2025"),
    ]


def test_subtitle_with_a_word_underlined_at_a_time_is_said_once_and_times_its_words() -> None:
    call = read_call(DATA / "woord-voor-woord.srt")
    words = [word for turn in call.turns for word in turn.words]
    assert [word.text for word in words] == ["Goedemorgen,", "met", "Anja.", "Ja.", "Ja."]
    assert [word.start_s for word in words] == [0.0, 0.7, 0.9, 2.0, 3.0]


def test_lines_that_roll_on_are_said_once() -> None:
    text = (
        "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Agent>een<00:00:01.000><c> twee</c>\n\n"
        "00:02.000 --> 00:02.010\neen twee\n\n00:02.010 --> 00:04.000\neen twee\ndrie<00:00:03.000><c> vier</c>\n"
    )
    assert [turn.text for turn in read_transcript(text).turns] == ["een twee drie vier"]


def test_name_that_webex_puts_above_the_times_is_the_speaker() -> None:
    cue = '{} "{}" (12)\n00:0{}.000 --> 00:0{}.000\n{}\n\n'
    text = "WEBVTT\n\n" + cue.format(1, "Medewerker", 0, 2, "Goedemorgen.") + cue.format(2, "Klant", 3, 4, "Dag.")
    assert turns(read_transcript(text)) == [("agent", "Goedemorgen."), ("caller", "Dag.")]


def test_whisper_cpp_tokens_are_words_with_the_mean_of_their_probabilities() -> None:
    call = read_call(DATA / "whisper_cpp.json")
    assert call.turns[0].text == GREETING
    assert call.turns[0].words[0].probability == pytest.approx((0.95 + 0.5) / 2)
    times_s = [word.start_s for turn in call.turns for word in turn.words if turn.role == "agent"]
    assert times_s == sorted(times_s)  # two tokens of the file have times that cannot be, or none


def test_whisper_words_keep_their_times_and_probabilities() -> None:
    first = read_call(DATA / "whisper.json").turns[0].words[0]
    assert (first.text, first.start_s, first.probability) == ("Goedemorgen,", 0.4, 0.95)


def test_words_of_openai_and_of_lists_of_segments_are_read() -> None:
    segments = [
        {"start": 0.0, "end": 2.0, "text": "Goedemorgen, praktijk De Linde.", "speaker": "agent"},
        {"start": 2.5, "end": 4.0, "text": "Met Jansen.", "speaker": "customer"},
    ]
    whole = {"task": "transcribe", "duration": 9.5, "segments": segments, "usage": {}}
    assert turns(read_transcript(json.dumps(segments))) == turns(read_transcript(json.dumps(whole)))
    assert read_transcript(json.dumps(whole)).duration_s == 9.5


def test_word_pieces_without_a_space_belong_to_the_word_before() -> None:
    words = [
        word("e", 0.0, 0.2),
        {"word": "-mail", "start": 0.2, "end": 0.6, "probability": 0.5},
        word("graag.", 0.7, 1.0),
    ]
    call = read_transcript(
        whisper({"start": 0, "end": 1, "text": " e-mail graag.", "words": words, "speaker": "klant"})
    )
    assert [each.text for each in call.turns[0].words] == ["e-mail", "graag."]
    assert call.turns[0].words[0].probability == pytest.approx(0.7)


# ---- what was not said


@pytest.mark.parametrize(
    "text", ["[Muziek]", "(muziek)", "*zucht*", "♪ la la ♪", "[BLANK_AUDIO]", "Ondertiteling door TV", "..."]
)
def test_what_nobody_said_is_left_out(text: str) -> None:
    cues = (("00:00:00,000", "00:00:01,000", "Agent: Goedemorgen."), ("00:00:02,000", "00:00:03,000", text))
    assert turns(read_transcript(srt(*cues))) == [("agent", "Goedemorgen.")]


def test_words_beside_something_taken_out_are_in_doubt() -> None:
    text = srt(("00:00:00,000", "00:00:03,000", "Agent: Dag [NAAM], ik bel u terug."))
    words = read_transcript(text).turns[0].words
    assert [each.text for each in words] == ["Dag", "ik", "bel", "u", "terug."]
    assert {each.probability for each in words} == {DOUBTFUL}


def test_segment_in_a_loop_is_in_doubt() -> None:
    call = read_transcript(srt(("00:00:00,000", "00:00:09,000", "Agent: " + "en dan nog " * 6)))
    assert {each.probability for each in call.turns[0].words} == {DOUBTFUL}


# ---- certainty


def test_no_word_of_a_tool_is_certain() -> None:
    words = [word("Goedemorgen.", 0.0, 1.0, 1.0)]
    call = read_transcript(whisper({"start": 0, "end": 1, "text": " Goedemorgen.", "words": words, "speaker": "agent"}))
    assert call.turns[0].words[0].probability == MOST


def test_doubt_lies_below_what_the_checks_ask_for() -> None:
    assert max(IN_DOUBT, DOUBTFUL) < MIN_PROBABILITY
    assert BEFORE_GAP < SURE_PROBABILITY
    assert UNTOLD < SURE_PRONOUN


def test_untold_words_are_doubted_by_the_share_that_is_misheard() -> None:
    said = (
        "volgende week komt tandarts controle doen agenda leeg kies gaatje rekening betalen brief sturen recept halen "
        "apotheek dicht morgen bellen pijn medicijn slikken bloed prikken uitslag lezen dokter vragen collega"
    )
    words = read_transcript(srt(("00:00:00,000", "00:00:30,000", f"Agent: {said}"))).turns[0].words
    doubted = sum(each.probability == IN_DOUBT for each in words)
    assert {each.probability for each in words} == {UNTOLD, IN_DOUBT}
    assert doubted / len(words) == pytest.approx(1 - UNTOLD, abs=0.04)


def test_untold_names_and_numbers_are_doubted_and_function_words_are_not() -> None:
    words = (
        read_transcript(srt(("00:00:00,000", "00:00:05,000", "Agent: Dat is met Wilma om 10.45 uur."))).turns[0].words
    )
    chances = {each.text: each.probability for each in words}
    assert (chances["Wilma"], chances["10.45"], chances["is"], chances["met"]) == (IN_DOUBT, IN_DOUBT, UNTOLD, UNTOLD)


def test_probability_of_a_segment_stands_for_its_words() -> None:
    segment = {"start": 0, "end": 2, "text": " Dat is goed zo.", "avg_logprob": -0.105, "speaker": "agent"}
    words = read_transcript(whisper(segment)).turns[0].words
    assert [each.probability for each in words] == pytest.approx([0.9] * 4, abs=0.01)


def test_word_without_a_score_gets_the_mean_of_the_others() -> None:
    words = [word("om", 0.0, 0.2, 0.8), {"word": " 10"}, word("uur.", 0.6, 1.0, 0.6)]
    call = read_transcript(whisper({"start": 0, "end": 1, "text": " om 10 uur.", "words": words, "speaker": "agent"}))
    ten = call.turns[0].words[1]
    assert ten.text == "10"
    assert ten.probability == pytest.approx(0.7)
    assert 0.2 <= ten.start_s <= ten.end_s <= 0.6


def test_word_before_a_long_gap_is_believed_less() -> None:
    segments = [
        {"start": 0, "end": 1, "text": " Dag.", "words": [word("Dag.", 0.0, 1.0)], "speaker": "agent"},
        {"start": 20, "end": 21, "text": " Ja.", "words": [word("Ja.", 20.0, 21.0)], "speaker": "klant"},
    ]
    chances = [each.probability for turn in read_transcript(whisper(*segments)).turns for each in turn.words]
    assert chances == [BEFORE_GAP, 0.9]


# ---- times that cannot be


@pytest.mark.parametrize(
    "times",
    [(None, None), (float("nan"), 2.0), (-4.0, 1.0), (76.0, 8.0), (1.5, 0.5), (1.0, 1.0), ("1", "2"), (1e300, 1e301)],
)
def test_word_with_times_that_cannot_be_lies_between_its_neighbours(times: tuple[object, object]) -> None:
    words = [word("een", 0.5, 0.9), word("twee", *times), word("drie", 2.0, 2.4)]
    segment = {"start": 0.5, "end": 2.4, "text": " een twee drie", "words": words, "speaker": "agent"}
    spoken = read_transcript(whisper(segment)).turns[0].words
    assert [each.text for each in spoken] == ["een", "twee", "drie"]
    assert spoken[0].start_s == 0.5
    assert 0.9 <= spoken[1].start_s <= spoken[1].end_s <= 2.0
    assert spoken[2].start_s == 2.0


def test_segment_without_length_gets_that_of_talk() -> None:
    turn = read_transcript(srt(("00:00:05,000", "00:00:05,000", "Agent: Goedemorgen, met Anja."))).turns[0]
    assert turn.start_s == 5.0
    assert turn.end_s == pytest.approx(6.7, abs=0.3)


def test_text_shown_for_long_was_not_said_for_so_long() -> None:
    turn = read_transcript(srt(("00:00:05,000", "00:00:25,000", "Agent: Ja."))).turns[0]
    assert turn.end_s == 5.5


def test_segments_out_of_order_are_put_in_order() -> None:
    cues = (("00:00:05,000", "00:00:06,000", "Klant: Dag."), ("00:00:00,000", "00:00:01,000", "Agent: Goedemorgen."))
    assert turns(read_transcript(srt(*cues))) == [("agent", "Goedemorgen."), ("caller", "Dag.")]


def test_overlapping_segments_of_one_speaker_stay_whole_and_follow_each_other() -> None:
    cues = (
        ("00:00:00,000", "00:00:04,000", "Agent: Goedemorgen, praktijk De Linde."),
        ("00:00:02,000", "00:00:05,000", "Agent: U spreekt met Anja."),
    )
    turn = read_transcript(srt(*cues)).turns[0]
    assert turn.text == "Goedemorgen, praktijk De Linde. U spreekt met Anja."
    assert [each.start_s for each in turn.words] == sorted(each.start_s for each in turn.words)


def test_thousands_of_segments_are_read() -> None:
    rows = [
        {"start": 2.0 * at, "end": 2.0 * at + 1.5, "text": " Ja, dat is goed.", "speaker": ("agent", "klant")[at % 2]}
        for at in range(4000)
    ]
    assert len(read_transcript(whisper(*rows)).turns) == 4000


# ---- files that cannot be read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "g.srt: no line with times; write times like 00:01:02.345 --> 00:01:04.000"),
        ("WEBVTT\n\n", "g.srt: no line with times"),
        (srt(("00:00:01,000", "00:00:02,000", "Ja.\nmet --> pijl")), "g.srt:4: no times of a cue"),
        (srt(("00:00:01,000", "00:61:02,000", "Ja.")), "g.srt:2: 0:61:02 is no time in a call"),
        (srt(("99:00:01,000", "99:00:02,000", "Ja.")), "g.srt:2: 99:00:01 is no time in a call"),
        (srt(("-00:00:01,000", "00:00:02,000", "Ja.")), "g.srt:2: no times of a cue"),
        (srt(("00:00:03,000", "00:00:02,000", "Ja.")), "g.srt:2: the cue ends at 2 s, before it starts"),
        (srt(("00:00:01,000", "00:00:02,000", "[muziek]")), "g.srt: no words in it"),
        ('{"segments": [', "g.srt:1:15: no valid JSON"),
        ("[" * 100_000, "g.srt: no valid JSON: nested too deeply"),
        ('{"results": []}', "g.srt: JSON without `segments` or `transcription` that have times and text"),
        ("[]", "g.srt: JSON without `segments`"),
        (whisper(), "g.srt: no words in it"),
        (whisper({"start": -1.5, "end": 2, "text": "Ja."}), "g.srt: segments.0.start: Input should be greater"),
        (
            whisper({"start": float("nan"), "end": 2, "text": "Ja."}),
            "g.srt: segments.0.start: Input should be a finite",
        ),
        (whisper({"start": 0, "end": LATEST_S + 1, "text": "Ja."}), "g.srt: segments.0.end: Input should be less"),
        (whisper({"start": None, "end": 2, "text": "Ja."}), "g.srt: segments.0.start: Input should be a valid number"),
        (
            whisper({"start": 3, "end": 2, "text": "Ja."}),
            "g.srt: segments.0: the segment ends at 2 s, before it starts",
        ),
        (whisper({"start": 0, "end": 2, "text": 5}), "g.srt: segments.0.text: Input should be a valid string"),
        (whisper({"start": 0, "end": 2, "text": "a", "words": [5]}), "g.srt: segments.0.words.0: Input should be"),
    ],
)
def test_file_that_cannot_be_read_is_one_line_that_says_where(text: str, message: str) -> None:
    with pytest.raises(NotationError) as error:
        read_transcript(text, source="g.srt")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
    assert error.value.do


@pytest.mark.parametrize(
    "text", ['{"segments": [1]}', '{"schema": "belscore.scorecard/1"}', "[1, 2]", "hallo", "{", ""]
)
def test_what_has_another_shape_is_no_transcript(text: str) -> None:
    assert not is_transcript(text)


@pytest.mark.parametrize("path", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_shape_of_every_kind_is_known(path: Path) -> None:
    assert is_transcript(path.read_text(encoding="utf-8-sig"))
