"""A third voice: an announcement before the first greeting, a colleague who has the last word after a transfer.

Only a block of turns at the very beginning or end of one leg is looked at, and only a voice that is clearly another one
counts: to take a part of the agent for somebody else is worse than to miss a colleague. Where both parties are on one
channel it takes more than sound: an announcement is a voice that opens the call and is not heard again, and a colleague
is looked for behind words that hand the caller over. Vectors of the speaker encoder live as long as the question does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from belscore.audio import SAMPLE_RATE_HZ, Samples
from belscore.call import Role, Span, Turn
from belscore.speaker_encoder import HOP_S, SIZE, WINDOW_FRAMES, Array, Encoder, at_level, mel_powers

if TYPE_CHECKING:
    from belscore.voice_features import Pieces

# Cosine between the mean vectors of two parts of one leg under which they are two voices. On the recorded talks and the
# samples no two parts of one person are under 0.83 (0.79 in noise), and another voice is at 0.73 at most.
OTHER_VOICE = 0.75
# The same on one channel, where voices are never found quite pure, and how much more alike than the two parties are a
# third voice and one of them may be. The agent's speech after the words that hand over is at most this share of all,
# and after half of what the third voice says at most that one. Of dialogues spoken anew (`make bench-third-voices`,
# twice) the colleague is found in 64 of 106, and one is made up in 1 of 130 transfers without any.
MIXED_OTHER_VOICE = 0.86
MIXED_MORE_ALIKE = 0.12
MIXED_STAYS = 0.5
MIXED_COMES_BACK = 0.1
# Shorter turns say too little about a voice.
TURN_S = 1.0
# A voice is known from this much speech on, in turns of TURN_S.
BLOCK_S = 2.0
REST_S = 4.0
_WINDOW_S = WINDOW_FRAMES * HOP_S
# Windows looked at of each turn.
WINDOWS = 3


def name_third_voices(turns: Sequence[Turn], samples: Samples, encoder: Encoder) -> tuple[Turn, ...]:
    """The turns, with those of an announcement called `system` and those of a colleague who takes over `colleague`.

    turns   : of all parties, in order of start time
    samples : (n,) the agent's channel at 16 kHz
    """
    caller_s = [turn.start_s for turn in turns if turn.role == "caller"]
    agent = [turn for turn in turns if turn.role == "agent"]
    telling = [turn for turn in agent if turn.end_s - turn.start_s >= TURN_S]
    if len(telling) < 2 or not caller_s:
        return tuple(turns)
    vectors = embed_spans([turn.span for turn in telling], samples, encoder)
    named: dict[int, Role] = {}
    # Between an announcement and the caller's first word there is the greeting.
    before = sum(turn.end_s <= min(caller_s) for turn in telling)
    for size in range(before - 1, 0, -1):
        if is_other_voice(telling, vectors, slice(0, size)):
            named |= {id(turn): "system" for turn in agent if turn.start_s <= telling[size - 1].start_s}
            break
    for first in range(1, len(telling)):
        if not named and is_other_voice(telling, vectors, slice(first, None)):
            named |= {id(turn): "colleague" for turn in agent if turn.start_s >= telling[first].start_s}
            break
    return tuple(replace(turn, role=named.get(id(turn), turn.role)) for turn in turns)


def announced(spans: Sequence[Span], owner: npt.NDArray[np.intp], vectors: npt.NDArray[np.float64]) -> int:
    """How many of the first stretches on one channel are a voice that is not heard again; 0 where that is not certain.

    spans   : of the stretches, in order; in each of them one voice is taken to speak
    owner   : (n,) index of the stretch that each vector is of
    vectors : (n, SIZE) of the encoder
    """
    means = np.zeros((len(spans), SIZE))
    np.add.at(means, owner, vectors)
    telling = [at for at, span in enumerate(spans) if span.duration_s >= TURN_S and means[at].any()]
    lengths_s = np.array([spans[at].duration_s for at in telling])
    unit = means[telling] / np.maximum(1e-9, np.linalg.norm(means[telling], axis=1, keepdims=True))
    likeness = unit @ unit.T
    # Who takes part in a call sounds like somewhere later on; an announcement in a voice that is like one of the two
    # parties' is missed.
    for size in range(len(telling) - 1, 0, -1):
        block_s, rest_s = lengths_s[:size].sum(), lengths_s[size:].sum()
        enough = block_s >= BLOCK_S and rest_s >= max(REST_S, block_s)
        if enough and likeness[:size, size:].max() < OTHER_VOICE:
            return telling[size - 1] + 1
    return 0


def takes_over(pieces: Pieces, likely: npt.NDArray[np.float64], since: npt.NDArray[np.bool_]) -> bool:
    """Whether the third of three voices on one channel is clearly somebody else, and the first one leaves to it.

    likely : (n, 3) probability of the agent, the caller and the third for each stretch
    since  : (n,) the stretches after the words that hand over
    """
    if pieces.coded is None or pieces.coded.shape[0] == 0:
        return False
    shares = likely[pieces.owner] * pieces.weight[:, None]
    means = shares.T @ pieces.coded
    means /= np.maximum(1e-9, np.linalg.norm(means, axis=1, keepdims=True))
    if (means[:2] @ means[2]).max() >= min(MIXED_OTHER_VOICE, means[0] @ means[1] + MIXED_MORE_ALIKE):
        return False
    agent, _, third = shares.T
    half = int(np.searchsorted(third.cumsum(), third.sum() / 2))
    stays, comes_back = (part.sum() / max(1e-9, agent.sum()) for part in (agent[since[pieces.owner]], agent[half:]))
    return bool(third.sum() * _WINDOW_S >= BLOCK_S and stays <= MIXED_STAYS and comes_back <= MIXED_COMES_BACK)


def embed_spans(spans: Sequence[Span], samples: Samples, encoder: Encoder) -> Array:
    """(n, SIZE) the mean vector of each span, from at most WINDOWS windows spread over it."""
    pieces, owners = [], []
    for owner, span in enumerate(spans):
        count = min(WINDOWS, max(1, int(span.duration_s / _WINDOW_S)))
        room_s = max(0.0, span.duration_s - _WINDOW_S * count) / count
        for index in range(count):
            start_s = span.start_s + room_s / 2 + index * (_WINDOW_S + room_s)
            stop_s = min(span.end_s, start_s + _WINDOW_S)
            part = samples[round(start_s * SAMPLE_RATE_HZ) : round(stop_s * SAMPLE_RATE_HZ)]
            rms = float(np.sqrt(np.mean(part.astype(np.float64) ** 2))) if len(part) else 0.0
            pieces.append(at_level(mel_powers(part), rms)[:WINDOW_FRAMES])
            owners.append(owner)
    means = np.zeros((len(spans), SIZE), np.float32)
    np.add.at(means, owners, encoder.embed(pieces))
    means /= np.bincount(owners, minlength=len(spans))[:, None]
    return means


def speech_by_role(speech: Sequence[Span], turns: Sequence[Turn]) -> dict[Role, tuple[Span, ...]]:
    """Speech spans of the agent's leg by who speaks in them: the agent, or the third voice of the turn they lie in."""
    named: dict[Role, list[Span]] = {"agent": []}
    for span in speech:
        others = [turn for turn in turns if turn.role in ("system", "colleague") and span.overlap_s(turn.span) > 0]
        named.setdefault(others[0].role if others else "agent", []).append(span)
    return {role: tuple(spans) for role, spans in named.items()}


def is_other_voice(turns: Sequence[Turn], vectors: Array, block: slice) -> bool:
    """Whether the block, the smaller part of the speech, is one voice throughout and the other turns another."""
    inside = np.zeros(len(turns), np.bool_)
    inside[block] = True
    lengths_s = np.array([turn.end_s - turn.start_s for turn in turns])
    block_s, rest_s = float(lengths_s[inside].sum()), float(lengths_s[~inside].sum())
    if block_s < BLOCK_S or rest_s < max(REST_S, block_s):
        return False
    weighted = vectors * np.minimum(lengths_s, WINDOWS * _WINDOW_S)[:, None]
    rest = weighted[~inside].sum(axis=0)
    others = [weighted[inside].sum(axis=0), *vectors[inside]]
    return all(_cosine(other, rest) < OTHER_VOICE for other in others) and all(
        _cosine(own, rest) >= OTHER_VOICE for own in vectors[~inside]
    )


def _cosine(one: Array, other: Array) -> float:
    return float(one @ other / max(1e-9, float(np.linalg.norm(one) * np.linalg.norm(other))))
