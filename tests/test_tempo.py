"""Tempo: syllables over the time that the sound shows, and nuclei that keep a doubtful rate from deciding."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from audio_fixtures import noise, silence, speech, tone
from belscore import load_rules, score_call
from belscore.call import Call, Role, Sound, Span, Word
from belscore.call_json import call_to_dict, parse_call_json
from belscore.errors import NotationError
from belscore.measures import MIN_TURN_SYLLABLES
from belscore.notation import parse_call
from belscore.nuclei import syllable_nuclei
from belscore.report.jsonl import format_line
from belscore.rule_schema import Rate
from belscore.tempo import CALM_SPS, MIN_PROBABLE_SYLLABLES, Articulation, Tempo, speech_spans
from belscore.timeline import SAMPLE_RATE_HZ
from belscore.waveform import MAX_PEAKS, measure_sound, peaks

RULES = load_rules()
NUMBERS = RULES.knowledge.values.numbers

CALM = """
0.0-4.0 agent  Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja.
4.3-6.0 caller Stelletje idioten, wat moet ik meenemen?
6.3-18.3 agent  U neemt uw verzekeringspasje mee, een lijst van de medicijnen die u gebruikt, en als u die nog heeft de foto's van uw vorige tandarts.
18.6-19.6 caller En hoe laat?
20.0-28.0 agent  Komt u tien minuten voor de afspraak, dan kunt u rustig het formulier invullen aan de balie.
"""  # noqa: E501
TEMPO_RULES = ("tempo-spreeksnelheid", "opening-rustig")


def articulation(call: Call, role: Role = "agent") -> Articulation:
    return Articulation(call, role, NUMBERS)


def with_sound(text: str, share: float | None) -> Call:
    """A call with measured speech; `share` of the syllables that its words have were heard in the sound as well."""
    call = parse_call(text)
    spoken: dict[Role, tuple[Span, ...]] = {
        role: tuple(turn.span for turn in call.turns_of(role)) for role in ("agent", "caller")
    }
    heard: dict[str, Sound] = {}
    for role, spans in spoken.items() if share is not None else ():
        assert share is not None
        rates = articulation(replace(call, speech=spoken), role).by_turn()
        counts = [round(tempo.syllables * share) for _, tempo in rates]
        nuclei = [
            float(at_s) for span, n in zip(spans, counts, strict=True) for at_s in np.linspace(*span, n, endpoint=False)
        ]
        heard[role] = Sound(spans, tuple(nuclei))
    return replace(call, speech=spoken, sound=heard)


# ---- verdicts


@pytest.mark.parametrize("rule_id", TEMPO_RULES)
@pytest.mark.parametrize("share", [0.65, 1.35])
def test_rate_that_the_sound_contradicts_is_unsure(rule_id: str, share: float) -> None:
    finding = score_call(with_sound(CALM, share), rules=RULES).finding(rule_id)
    assert finding.verdict == "unsure"
    assert finding.reason == RULES.knowledge.lexicon.tables["redenen"]["reasons"]["rate_disagrees"]


@pytest.mark.parametrize("rule_id", TEMPO_RULES)
@pytest.mark.parametrize("share", [0.85, 1.0, 1.15, None])
def test_rate_that_the_sound_bears_out_is_judged_as_without_it(rule_id: str, share: float | None) -> None:
    finding = score_call(with_sound(CALM, share), rules=RULES).finding(rule_id)
    before = score_call(parse_call(CALM), rules=RULES).finding(rule_id)
    assert finding == before
    assert finding.verdict == "pass"


def test_fast_speech_that_the_sound_contradicts_does_not_fail() -> None:
    hurried = CALM.replace("0.0-4.0", "0.0-2.0").replace("6.3-18.3", "6.3-12.3").replace("20.0-28.0", "20.0-24.0")
    longer = hurried + hurried.replace("\n0.0-2.0", "\n30.0-32.0").replace("\n4.3-6.0", "\n34.3-36.0").replace(
        "\n6.3-12.3", "\n36.3-42.3"
    ).replace("\n18.6-19.6", "\n48.6-49.6").replace("\n20.0-24.0", "\n50.0-54.0")
    verdicts = {share: score_call(with_sound(longer, share), rules=RULES).finding(TEMPO_RULES[0]) for share in (1, 0.7)}
    assert {share: finding.verdict for share, finding in verdicts.items()} == {1: "fail", 0.7: "unsure"}


def test_change_of_tempo_that_the_sound_contradicts_is_unsure() -> None:
    text = CALM + "28.3-38.0 agent Ik hoor dat u boos bent, ik zoek de rekening nu voor u op in het systeem.\n"
    text = text.replace("4.3-6.0 caller Stelletje idioten, wat", "4.3-6.0 caller Wat").replace(
        "18.6-19.6 caller En hoe laat?", "18.6-19.6 caller Stelletje idioten!"
    )
    verdicts = [
        score_call(with_sound(text, share), rules=RULES).finding("agressie-tempo").verdict for share in (1, 1.4)
    ]
    assert verdicts == ["pass", "unsure"]


def test_disagreement_counts_from_a_quarter_of_the_rate_on() -> None:
    assert [Tempo(40, 10.0, heard).disputed for heard in (2.99, 3.01, 4.0, 4.99, 5.01, None)] == [
        True, False, False, False, True, False,
    ]  # fmt: skip
    assert not Tempo(0, 0.0, 4.0).disputed


def test_calm_band_of_the_pictures_is_that_of_the_rule() -> None:
    check = next(rule.check for rule in RULES.rules if rule.id == "tempo-spreeksnelheid")
    assert isinstance(check, Rate)
    assert (check.slowest_sps, check.fastest_sps) == CALM_SPS


# ---- rates


def recognised(*words: tuple[str, float, float, float]) -> Call:
    """A call of one turn of the agent in which the sound goes on after each word, as a recogniser times them."""
    call = parse_call(f"{words[0][1]}-{words[-1][2]} agent " + " ".join(text for text, *_ in words))
    turn = replace(call.turns[0], words=tuple(Word(*word) for word in words))
    return replace(call, turns=(turn,))


def test_time_comes_from_the_sound_not_from_word_times_that_end_early() -> None:
    call = recognised(("goedemorgen", 0.0, 0.5, 0.9), ("mevrouw", 0.9, 1.2, 0.9), ("Jansen", 1.4, 2.0, 0.9))
    measured = replace(call, speech={"agent": (Span(0.0, 2.0),)})
    assert articulation(measured).tempo() == Tempo(8, 2.0)
    assert articulation(call).tempo().speech_s < 2.0


def test_pause_in_the_sound_counts_for_speaking_and_not_for_articulation() -> None:
    call = recognised(("goedemorgen", 0.0, 0.9, 0.9), ("mevrouw", 1.5, 2.0, 0.9))
    rates = articulation(replace(call, speech={"agent": (Span(0.0, 1.0), Span(1.5, 2.0))}))
    assert rates.tempo() == Tempo(6, 1.5)
    assert rates.speaking() == Tempo(6, 2.0)


def test_doubtful_word_is_left_out_with_its_share_of_the_time() -> None:
    call = recognised(("goedemorgen", 0.0, 0.9, 0.9), ("aansprakelijk", 1.0, 2.0, 0.2))
    assert articulation(replace(call, speech={"agent": (Span(0.0, 2.0),)})).tempo() == Tempo(4, 1.0)


def doubtful(probability: float, nuclei: int, *, sure_nuclei: int | None = None) -> Articulation:
    """A turn of 8 syllables in 2 s with so many nuclei in it, behind one of 30 sure syllables when it has nuclei."""
    words = [("goedemorgen", 20.0, 20.9, probability), ("mevrouw", 20.9, 21.4, probability)]
    call = recognised(*words, ("Jansen", 21.4, 22.0, probability))
    spans, heard = [Span(20.0, 22.0)], [*np.linspace(20.0, 22.0, nuclei, endpoint=False)]
    if sure_nuclei is not None:
        sure = parse_call("0.0-10.0 agent " + "mevrouw " * 15)
        call = replace(call, turns=(*sure.turns, *call.turns))
        spans, heard = [Span(0.0, 10.0), *spans], [*np.linspace(0.0, 10.0, sure_nuclei, endpoint=False), *heard]
    sound = {"agent": Sound(tuple(spans), tuple(map(float, heard)))}
    return articulation(replace(call, speech={"agent": tuple(spans)}, sound=sound))


def test_doubtful_stretch_takes_the_mean_of_its_words_and_its_nuclei() -> None:
    assert doubtful(0.45, nuclei=12).tempo().syllables == pytest.approx((8 + 12) / 2)


def test_probable_stretch_goes_by_its_words_alone() -> None:
    assert doubtful(0.55, nuclei=12).tempo() == Tempo(8, 2.0, heard_sps=6.0)


def test_nuclei_of_a_doubtful_stretch_weigh_as_the_voice_has_them_in_probable_ones() -> None:
    rates = doubtful(0.45, nuclei=12, sure_nuclei=45)  # 1.5 nuclei per syllable
    assert rates.tempo(Span(20.0, 22.0)).syllables == pytest.approx((8 + 12 / 1.5) / 2)


@pytest.mark.parametrize(("sure", "per_syllable"), [(MIN_PROBABLE_SYLLABLES - 1, 1.0), (MIN_PROBABLE_SYLLABLES, 2.0)])
def test_too_few_probable_syllables_say_nothing_of_the_nuclei_of_a_voice(sure: int, per_syllable: float) -> None:
    call = parse_call(f"0.0-9.0 agent {'ja ' * sure}\n20.0-22.0 agent {'nee ' * 8}")
    unsure = replace(call.turns[1], words=tuple(replace(word, probability=0.1) for word in call.turns[1].words))
    spans = (Span(0.0, 9.0), Span(20.0, 22.0))
    nuclei = [*np.linspace(0.0, 9.0, 2 * sure, endpoint=False), *np.linspace(20.0, 22.0, 16, endpoint=False)]
    heard = {"agent": Sound(spans, tuple(map(float, nuclei)))}
    rates = articulation(replace(call, turns=(call.turns[0], unsure), speech={"agent": spans}, sound=heard))
    assert rates.tempo(Span(20.0, 22.0)).syllables == pytest.approx((8 + 16 / per_syllable) / 2)


def test_nuclei_that_had_a_part_in_a_rate_do_not_hide_that_words_say_otherwise() -> None:
    tempo = doubtful(0.45, nuclei=12).tempo()
    assert tempo.rate_sps == pytest.approx(5.0)
    assert tempo.words_sps == pytest.approx(4.0)
    assert tempo.disputed  # 6 nuclei a second are 1.2 times the rate, but 1.5 times that of the words


def test_doubtful_stretch_keeps_its_time_in_the_speaking_rate() -> None:
    speaking = doubtful(0.45, nuclei=12).speaking()
    assert speaking.syllables == pytest.approx(10)
    assert speaking.speech_s == pytest.approx(2.0)


def test_speech_without_a_word_does_not_slow_the_rate() -> None:
    call = recognised(("goedemorgen", 0.0, 0.9, 0.9), ("mevrouw", 3.0, 3.5, 0.9))
    spans = (Span(0.0, 1.0), Span(1.5, 2.5), Span(3.0, 3.5))
    assert articulation(replace(call, speech={"agent": spans})).tempo() == Tempo(6, 1.5)


def test_time_of_words_that_were_lost_does_not_slow_the_rate() -> None:
    call = recognised(("goedemorgen", 0.0, 1.0, 0.9), ("dat", 1.0, 9.0, 0.9), ("mevrouw", 9.0, 9.6, 0.9))
    tempo = articulation(replace(call, speech={"agent": (Span(0.0, 9.6),)})).tempo()
    assert tempo.syllables == 7
    assert tempo.speech_s == pytest.approx(1.9 + 1.0)


def test_nuclei_are_not_counted_while_the_other_speaks() -> None:
    call = replace(
        parse_call("0.0-2.0 agent Goedemorgen met Anja.\n1.0-1.5 caller ja"),
        speech={"agent": (Span(0.0, 2.0),), "caller": (Span(1.0, 1.5),)},
        sound={"agent": Sound(nuclei=(0.2, 0.5, 0.8, 1.1, 1.2, 1.3, 1.4, 1.6))},
    )
    assert articulation(call).tempo().heard_sps == pytest.approx(4 / 1.5)


def test_speech_on_one_channel_is_shared_out_by_turns_up_to_where_the_sound_stops() -> None:
    text = "@channels mixed\n0.0-1.0 agent Goedemorgen mevrouw.\n1.6-2.5 caller Goedemorgen."
    call = replace(
        parse_call(text), sound={"mixed": Sound((Span(0.0, 1.4), Span(1.6, 2.9)), (0.1, 0.4, 0.7, 1.0, 1.7))}
    )
    assert speech_spans(call, "agent") == (Span(0.0, 1.4),)
    assert speech_spans(call, "caller") == (Span(1.6, 2.9),)
    tempo = articulation(call).tempo()
    assert tempo.syllables == 6
    assert tempo.speech_s == pytest.approx(1.4)
    assert tempo.heard_sps == pytest.approx(4 / 1.4)


def test_turns_long_enough_have_a_rate_each() -> None:
    measures = score_call(with_sound(CALM, 1.0), rules=RULES).measures
    assert [(rate.by, rate.start_s) for rate in measures.rates] == [
        ("agent", 0.0),
        ("caller", 4.3),
        ("agent", 6.3),
        ("agent", 20.0),
    ]
    assert all(rate.heard_sps == pytest.approx(rate.rate_sps, rel=0.02) for rate in measures.rates)
    assert MIN_TURN_SYLLABLES > 4  # "En hoe laat?" has none


def test_rates_before_and_after_the_outburst_are_apart() -> None:
    text = CALM.replace("0.0-4.0 agent  Goedemorgen, ", "0.0-6.0 agent  Goedemorgen, met de assistente van ").replace(
        "4.3-6.0 caller", "6.1-6.2 caller"
    )
    measures = score_call(parse_call(text), rules=RULES).measures
    assert measures.before_outburst_rate_sps is not None
    assert measures.after_outburst_rate_sps is not None
    assert measures.before_outburst_rate_sps != measures.after_outburst_rate_sps
    assert (
        score_call(parse_call(CALM.replace("Stelletje idioten, ", "")), rules=RULES).measures.after_outburst_rate_sps
        is None
    )


# ---- the sound


@pytest.mark.parametrize("level_dbov", [-22.0, -40.0])
@pytest.mark.parametrize("noise_dbov", [-90.0, -62.0])
def test_each_voiced_syllable_is_a_nucleus(level_dbov: float, noise_dbov: float) -> None:
    sound = speech(6.0, level_dbov=level_dbov) + noise(6.0, noise_dbov)
    nuclei = syllable_nuclei(sound.astype(np.float32), [Span(0.0, 6.0)])
    assert len(nuclei) == pytest.approx(24, abs=2)
    assert list(nuclei) == sorted(nuclei)


@pytest.mark.parametrize("sound", [silence(2.0), noise(2.0, -30.0), tone(2.0, 425.0)], ids=["silence", "noise", "tone"])
def test_sound_without_syllables_has_hardly_a_nucleus(sound: np.ndarray) -> None:
    assert len(syllable_nuclei(sound.astype(np.float32), [Span(0.0, 2.0)])) <= 2


def test_nuclei_lie_inside_the_speech_spans() -> None:
    sound = speech(6.0).astype(np.float32)
    spans = [Span(1.0, 2.0), Span(4.0, 5.5)]
    nuclei = syllable_nuclei(sound, spans)
    assert nuclei
    assert all(any(span.start_s <= at_s < span.end_s for span in spans) for at_s in nuclei)


@pytest.mark.parametrize("samples", [0, 1, 3])
def test_span_too_short_for_a_syllable_has_none(samples: int) -> None:
    sound = np.zeros(samples, np.float32)
    assert syllable_nuclei(sound, [Span(0.0, samples / SAMPLE_RATE_HZ)]) == ()
    assert len(peaks(sound)) == min(samples, 1)


def test_peaks_show_where_the_sound_is_loud() -> None:
    sound = np.concatenate([silence(1.0), tone(1.0, 300.0, amplitude=0.5), silence(1.0)]).astype(np.float32)
    drawn = peaks(sound)
    assert len(drawn) == 150
    assert set(drawn[:49]) == {0}
    assert all(abs(peak - 500) <= 5 for peak in drawn[51:99])
    assert len(peaks(np.zeros(600 * SAMPLE_RATE_HZ, np.float32))) == MAX_PEAKS


def test_nothing_of_a_caller_on_hold_is_drawn() -> None:
    channels = [tone(3.0, 300.0, amplitude=0.5).astype(np.float32)] * 2
    sound = measure_sound(channels, [[], []], ["agent", "caller"], on_hold=[Span(1.0, 2.0)])
    assert set(sound["caller"].peaks[50:100]) == {0}
    assert min(sound["agent"].peaks) > 0
    assert min(sound["caller"].peaks[:50]) > 0


def test_sound_travels_with_the_call_json() -> None:
    call = with_sound(CALM, 1.0)
    channels = [speech(4.0).astype(np.float32), silence(4.0).astype(np.float32)]
    call = replace(call, sound=measure_sound(channels, [[Span(0.0, 4.0)], []], ["agent", "caller"]))
    read = parse_call_json(json.dumps(call_to_dict(call)))
    assert read.sound == call.sound
    assert format_line(score_call(read, rules=RULES)) == format_line(score_call(call, rules=RULES))


def test_call_json_without_sound_is_read_as_before() -> None:
    data = call_to_dict(parse_call(CALM))
    del data["sound"]
    assert parse_call_json(json.dumps(data)).sound == {}
    data["sound"] = {"left": {}}
    with pytest.raises(NotationError, match="sound"):
        parse_call_json(json.dumps(data))
