"""What is not listened to: tones, key presses and music, and whatever a caller says while on hold.

Callers on hold do not expect to be heard, and recording them there is not allowed (the Dutch data protection authority,
SPEECH.md 8.3). Where a hold is cannot be told from the sound alone when no music plays. So places that may be one are
left out at first; what the agent said before them decides whether they are listened to after all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from belscore.audio import SAMPLE_RATE_HZ, Recording, Samples
from belscore.call import AgentChannel, Call, Direction, Role, Span, Word, merge_spans
from belscore.holds import MAX_REQUEST_TO_GAP_S, MIN_GAP_S
from belscore.vad import Detection

Transcribe = Callable[[Sequence[Samples], Sequence[Sequence[Span]]], Sequence[Sequence[Word]]]

# A line is on hold, not just silent, from this length on; music is found from the same length on.
MIN_WAIT_S = 5.0
# "Ja hoor, dat is goed": what the caller answers to the request.
_ANSWER_S = 3.0
# The caller's answer often falls in the first moment of the hold; that it came is kept, its words are not.
ANSWER_AFTER_S = 2.5
# A line on hold gives silence or the exchange's own noise; an open one has breath, keys and the room. Noise of the line
# in steps of 20 ms spreads by 2 dB.
_STEADY_DB = 10.0
_STEADY_PERCENTILE = 98
# The line goes on hold a moment after the agent's last word, and comes back before the next.
_SWITCH_S = 0.5
_STEP = SAMPLE_RATE_HZ // 50
# Music from a system is about as loud as speech; a radio in the room is far under it, and the agent still listens.
_FED_DB = 12.0


@dataclass(frozen=True, slots=True)
class Wait:
    """A place where the party on `channel` may have put the other one on hold; `sure`: its music says so."""

    span: Span
    channel: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """Words per channel, what was detected with the holds now known, and seconds of the caller not listened to."""

    words: tuple[tuple[Word, ...], ...]
    found: Detection
    dropped_s: float


def listen(
    recording: Recording,
    found: Detection,
    transcribe: Transcribe,
    *,
    agent_channel: AgentChannel = "auto",
    direction: Direction | None = None,
) -> Heard:
    """Words of a recording without what is said on hold.

    transcribe : samples and speech spans per channel to words per channel
    """
    unsaid = [(*each.tones, *each.music) for each in found.signals] or [()] * len(recording.channels)
    sounds = [silenced(samples, spans) for samples, spans in zip(recording.channels, unsaid, strict=True)]
    known = {"left": 0, "right": 1}.get(agent_channel)
    waits = [wait for wait in possible_waits(recording, found) if known in (None, wait.channel)]
    aside = [tuple(wait.span for wait in waits if wait.channel != index) for index in range(len(sounds))]
    first = transcribe(
        [silenced(samples, spans) for samples, spans in zip(sounds, aside, strict=True)],
        [_outside(speech, spans) for speech, spans in zip(found.speech, aside, strict=True)],
    )
    if not waits:
        return Heard(tuple(tuple(words) for words in first), found, 0.0)
    agent, holds = _proven(first, waits, recording, agent_channel, direction)
    caller = 1 - agent
    dropped = merge_spans([wait.span for wait in holds])
    sounds[caller] = silenced(sounds[caller], dropped)
    again: list[tuple[Span, ...]] = []
    for index, (speech, spans) in enumerate(zip(found.speech, aside, strict=True)):
        inside = _inside(speech, spans)
        again.append(_outside(inside, dropped) if index == caller else inside)
    second = transcribe(sounds, again) if any(again) else [()] * len(sounds)
    words = tuple(
        tuple(sorted([*early, *late], key=lambda word: word.start_s)) for early, late in zip(first, second, strict=True)
    )
    return Heard(words, with_holds(found, caller, dropped), length_inside_s(found.speech[caller], dropped))


def silenced(samples: Samples, spans: Sequence[Span]) -> Samples:
    """The samples with the spans set to zero; the same array where there are none."""
    if not spans:
        return samples
    result = samples.copy()
    for span in spans:
        result[round(span.start_s * SAMPLE_RATE_HZ) : round(span.end_s * SAMPLE_RATE_HZ)] = 0
    return result


def possible_waits(recording: Recording, found: Detection) -> tuple[Wait, ...]:
    """Music on one channel, and steady silence of one party that begins with both silent; with two channels only."""
    if recording.is_mixed or len(found.signals) != len(recording.channels):
        return ()
    waits: list[Wait] = []
    for index, samples in enumerate(recording.channels):
        own, other = found.speech[index], found.speech[1 - index]
        music = found.signals[index].music
        waits += [Wait(span, index, _is_fed(samples, span, own)) for span in music]
        for pause in _pauses(own, recording.duration_s):
            silent = _silent_wait(pause, other)
            if silent and _inside(other, (silent,)) and _is_steady(samples, silent, (*other, *music)):
                waits.append(Wait(silent, index, sure=False))
    return tuple(waits)


def _pauses(speech: Sequence[Span], duration_s: float) -> list[Span]:
    """Between two stretches of one party, and from its last one to the end."""
    ends = [Span(before.end_s, after.start_s) for before, after in pairwise(speech)]
    if speech:
        ends.append(Span(speech[-1].end_s, duration_s))
    return [span for span in ends if span.duration_s >= MIN_WAIT_S]


def _silent_wait(pause: Span, other: Sequence[Span]) -> Span | None:
    """The part of a party's pause from where both fall silent for a while, soon after it began; None without one."""
    at_s, answered_s = pause.start_s, 0.0
    for span in other:
        if span.end_s <= pause.start_s or span.start_s >= pause.end_s:
            continue
        if span.start_s - at_s >= MIN_GAP_S:
            break
        answered_s += span.end_s - max(at_s, span.start_s)
        at_s = max(at_s, span.end_s)
    wait = Span(at_s, pause.end_s)
    soon = at_s - pause.start_s <= MAX_REQUEST_TO_GAP_S and answered_s <= _ANSWER_S
    return wait if soon and wait.duration_s >= MIN_WAIT_S else None


def _is_steady(samples: Samples, span: Span, other: Sequence[Span]) -> bool:
    """Whether a line carries nothing but noise of one level while the other party is silent too."""
    inner = Span(span.start_s + _SWITCH_S, max(span.end_s - _SWITCH_S, span.start_s + _SWITCH_S))
    levels = np.concatenate(
        [np.zeros(0), *(_levels_db(samples, part) for part in _outside((inner,), merge_spans(other)))]
    )
    if len(levels) * _STEP < MIN_GAP_S * SAMPLE_RATE_HZ / 2:
        return False
    return bool(np.percentile(levels, _STEADY_PERCENTILE) - np.median(levels) <= _STEADY_DB)


def _is_fed(samples: Samples, music: Span, speech: Sequence[Span]) -> bool:
    """Whether music is as loud as what a system plays, by the speech of the same channel."""
    spoken = [_levels_db(samples, span) for span in speech]
    loudness = _levels_db(samples, music)
    if not spoken or not len(loudness):
        return True
    return bool(np.mean(loudness) >= np.median(np.concatenate(spoken)) - _FED_DB)


def _levels_db(samples: Samples, span: Span) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    part = samples[round(span.start_s * SAMPLE_RATE_HZ) : round(span.end_s * SAMPLE_RATE_HZ)]
    steps = part[: len(part) // _STEP * _STEP].reshape(-1, _STEP)
    return np.asarray(10 * np.log10(np.mean(np.square(steps, dtype=np.float64), axis=1) + 1e-10))


def _proven(
    words: Sequence[Sequence[Word]],
    waits: Sequence[Wait],
    recording: Recording,
    agent_channel: AgentChannel,
    direction: Direction | None,
) -> tuple[int, list[Wait]]:
    """The channel of the agent, and the waits that are holds: by their music, or by what the agent said before."""
    from belscore.roles import decide_roles
    from belscore.rulebook import load_rules
    from belscore.turns import make_turns
    from belscore.view import CallView

    roles = decide_roles(words, agent_channel=agent_channel, direction=direction)
    own = [wait for wait in waits if wait.channel == roles.agent]
    spoken: dict[Role, Sequence[Word]] = {"agent": words[roles.agent], "caller": words[1 - roles.agent]}
    turns = make_turns(spoken)
    if not turns or all(wait.sure for wait in own):
        return roles.agent, [wait for wait in own if wait.sure]
    call = Call(recording.source, recording.duration_s, turns, direction=roles.direction)
    situations = CallView(call, load_rules().knowledge).situations
    asked = [hold.span for hold in situations.holds]
    ends_s = [match.utterance.turn.end_s for match in situations.transfers]
    return roles.agent, [
        wait
        for wait in own
        if wait.sure
        or any(span.overlap_s(wait.span) > 0 for span in asked)
        or any(0 <= wait.span.start_s - end_s <= MAX_REQUEST_TO_GAP_S for end_s in ends_s)
    ]


def with_holds(found: Detection, caller: int, holds: Sequence[Span]) -> Detection:
    """The detection with these holds, and without the caller's voice in them but for an answer at their start."""
    late = [Span(min(span.start_s + ANSWER_AFTER_S, span.end_s), span.end_s) for span in holds]
    kept = tuple(
        span for span in found.speech[caller] if sum(span.overlap_s(each) for each in late) < span.duration_s / 2
    )
    speech = tuple(kept if index == caller else spans for index, spans in enumerate(found.speech))
    return replace(found, speech=speech, holds=merge_spans([*found.holds, *holds]))


def waiting_notes(dropped_s: float) -> tuple[str, ...]:
    """What the reader should know about sound that was not listened to, in Dutch."""
    if round(dropped_s, 1) <= 0:
        return ()
    return (f"{dropped_s:.1f} s van de wachtende beller is niet beluisterd".replace(".", ",", 1),)


def _inside(spans: Sequence[Span], within: Sequence[Span]) -> tuple[Span, ...]:
    """The parts of the spans that lie within others."""
    return tuple(
        Span(max(span.start_s, each.start_s), min(span.end_s, each.end_s))
        for span in spans
        for each in merge_spans(within)
        if span.overlap_s(each) > 0
    )


def _outside(spans: Sequence[Span], without: Sequence[Span]) -> tuple[Span, ...]:
    """The parts of the spans that lie outside others."""
    left: list[Span] = []
    for span in spans:
        at_s = span.start_s
        for each in merge_spans(without):
            if each.end_s <= at_s or each.start_s >= span.end_s:
                continue
            if each.start_s > at_s:
                left.append(Span(at_s, each.start_s))
            at_s = max(at_s, each.end_s)
        if at_s < span.end_s:
            left.append(Span(at_s, span.end_s))
    return tuple(left)


def length_inside_s(spans: Sequence[Span], within: Sequence[Span]) -> float:
    """Seconds of the spans that lie within others."""
    return round(sum(span.duration_s for span in _inside(spans, within)), 2)
