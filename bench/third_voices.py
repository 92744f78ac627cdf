"""A colleague on one channel: bench/third_voices.py TALKS [DIALOGUES ...] [--others N] [--alike].

TALKS holds recordings of two parties, each on a channel, with their truth (NAME.json: `turns` with `role` and
`speech`). From them come voices; from labelled dialogues (NAME.call) come words and times. Each dialogue in which
somebody hands the caller over or a colleague speaks is spoken anew: every turn is filled with talk of the voice of its
role, all on one channel, each voice up to 4 dB louder or softer, with noise. Agent and caller are the parties of one
talk. Who else speaks is one of them made faster or slower, pitch and timbre with it, which counts as another speaker
(as in Yamamoto et al. 2019, "Speaker augmentation and bandwidth extension for deep speaker embedding"): so nobody is
told by their line. With --alike the caller is made from the agent's own voice so, and the colleague from it too.

Prints, for dialogues with a colleague, with a transfer but without one, and for N others: the share of the time of
turns of a second and more that got the right role, in how many the agent is the agent, and the colleague's seconds that
were found and made up. What is said in a turn and what it sounds like have nothing to do with each other; with real
calls words are misheard as well.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr  # type: ignore[import-untyped]

from belscore.audio import SAMPLE_RATE_HZ, Recording, Samples, decode
from belscore.call import ROLES, Call, Span, Turn
from belscore.cues import load_cues
from belscore.models import find_encoder
from belscore.mono import split_voices
from belscore.notation import parse_call, spread_words
from belscore.span_index import SpanIndex
from belscore.speaker_encoder import load_encoder
from belscore.vad import channel_spans

FRAMES_PER_S = 100
# Shorter turns are mostly listening signals.
LONG_TURN_S = 1.0
# A voice is taken from where nobody else is heard, pieces of at least this length.
PIECE_S = 0.4
BESIDE_S = 0.05
LEVEL = 0.05
LOUDER_DB = 4.0
NOISE_DB = (-25, -30, -35)
FADE_S = 0.01
SPEEDS = (0.84, 0.89, 1.12, 1.18)
COLLEAGUE = ROLES.index("colleague")
GROUPS = ("a colleague", "a transfer, no colleague", "others")


class Found(NamedTuple):
    """Seconds of the truth's roles (rows) by the role that was given (columns), in the order of ROLES."""

    name: str
    seconds: npt.NDArray[np.float64]

    @property
    def right(self) -> float:
        return float(np.trace(self.seconds) / max(0.01, self.seconds.sum()))

    @property
    def is_agent_agent(self) -> bool:
        return bool(np.trace(self.seconds[:2, :2]) > np.trace(self.seconds[:2, :2][::-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("talks", type=Path)
    parser.add_argument("dialogues", type=Path, nargs="*", default=[Path("tests/dialogues"), Path("samples/calls")])
    parser.add_argument("--others", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--alike", action="store_true", help="all voices are made from one")
    parser.add_argument("--detail", action="store_true", help="a line for each call")
    args = parser.parse_args()
    folder = find_encoder()
    if folder is None:
        parser.exit(1, "the speaker encoder is not there: make setup\n")
    encoder = load_encoder(folder)
    talks = [voices_of(path) for path in sorted(args.talks.glob("*.wav"))]
    found: dict[str, list[Found]] = defaultdict(list)
    for number, (group, path, call) in enumerate(_chosen(args.dialogues, args.others, args.seed)):
        samples = spoken(call, talks, args.seed + number, alike=args.alike)
        words = [word for turn in call.turns for word in spread_words(turn.text, turn.start_s, turn.end_s)]
        recording = Recording(path.name, (samples,), 8000, "pcm_s16le", len(samples) / SAMPLE_RATE_HZ, 0.0, 0.0)
        speech = channel_spans(recording)[0]
        turns, _ = split_voices(sorted(words, key=lambda word: word.start_s), samples, speech=speech, encoder=encoder)
        found[group].append(Found(path.stem, compare(call, turns)))
        if args.detail:
            print(group, path.stem, json.dumps(_figures(found[group][-1:])), flush=True)
    for group in GROUPS:
        print(group, json.dumps(_figures(found[group])))


def _figures(found: Sequence[Found]) -> dict[str, float]:
    made_up = [each.seconds[:, COLLEAGUE].sum() - each.seconds[COLLEAGUE, COLLEAGUE] for each in found]
    own = [each.seconds[COLLEAGUE] for each in found]
    return {
        "calls": len(found),
        "right": round(float(np.mean([each.right for each in found])), 3),
        "agent_is_agent": sum(each.is_agent_agent for each in found),
        "colleague_s": round(float(sum(row.sum() for row in own)), 1),
        "found_s": round(float(sum(row[COLLEAGUE] for row in own)), 1),
        "found_calls": sum(bool(row[COLLEAGUE] > row.sum() / 2) for row in own),
        "made_up_s": round(float(sum(made_up)), 1),
        "made_up_calls": sum(bool(seconds > 0) for seconds in made_up),
    }


def voices_of(path: Path) -> list[Samples]:
    """What each party of a recorded talk says while the other is silent, one after the other, at one level."""
    turns = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["turns"]
    recording = decode(path)
    said = {role: [Span(*s) for turn in turns if turn["role"] == role for s in turn["speech"]] for role in ROLES[:2]}
    voices = []
    for channel, other in zip(recording.channels, ROLES[1::-1], strict=True):
        own = said[ROLES[0] if other == ROLES[1] else ROLES[1]]
        beside = SpanIndex([Span(span.start_s - BESIDE_S, span.end_s + BESIDE_S) for span in sorted(said[other])])
        alone = [part for span in own for part in beside.leaves(span) if part.duration_s >= PIECE_S]
        voice = np.concatenate([channel[_samples(part)] for part in alone])
        voices.append(np.asarray(voice * LEVEL / np.sqrt(np.mean(voice**2)), np.float32))
    return voices


def _chosen(folders: Sequence[Path], others: int, seed: int) -> list[tuple[str, Path, Call]]:
    cues = load_cues()
    chosen: list[tuple[str, Path, Call]] = []
    rest: list[tuple[str, Path, Call]] = []
    for path in sorted(path for folder in folders for path in folder.glob("*.call")):
        call = parse_call(path.read_text(encoding="utf-8"))
        agent = [turn for turn in call.turns if turn.role == "agent"]
        if any(turn.role == "colleague" for turn in call.turns):
            chosen.append((GROUPS[0], path, call))
        elif any(cues.hands_over(utterance) for utterance in cues.utterances(agent)):
            chosen.append((GROUPS[1], path, call))
        else:
            rest.append((GROUPS[2], path, call))
    return chosen + random.Random(seed).sample(rest, min(others, len(rest)))


def spoken(call: Call, talks: Sequence[Sequence[Samples]], seed: int, *, alike: bool = False) -> Samples:
    """The call on one channel, every role in a voice of its own; `alike` makes all of them from one."""
    choice, noise = random.Random(seed), np.random.default_rng(seed)
    parties = choice.sample(choice.choice(talks), 2)
    if alike:
        parties = parties[:1]
    speeds = choice.sample(SPEEDS, len(ROLES) - len(parties))
    cast = dict(zip(ROLES, [*parties, *(_at_speed(choice.choice(parties), speed) for speed in speeds)], strict=True))
    gain = {role: 10 ** (choice.uniform(-LOUDER_DB, LOUDER_DB) / 20) for role in ROLES}
    at = {role: choice.randrange(len(cast[role])) for role in ROLES}
    length = round((max(turn.end_s for turn in call.turns) + 1.0) * SAMPLE_RATE_HZ)
    sound = noise.normal(0.0, LEVEL * 10 ** (choice.choice(NOISE_DB) / 20), length)
    for turn in call.turns:
        place = _samples(turn.span)
        count = len(sound[place])
        part = np.take(cast[turn.role], np.arange(at[turn.role], at[turn.role] + count), mode="wrap")
        edge = np.minimum(1.0, np.arange(count) / (FADE_S * SAMPLE_RATE_HZ))
        sound[place] += part * gain[turn.role] * edge * edge[::-1]
        at[turn.role] = (at[turn.role] + count) % len(cast[turn.role])
    return np.asarray(np.clip(sound, -1.0, 1.0), np.float32)


def _at_speed(voice: Samples, speed: float) -> Samples:
    """Faster (above 1) and higher, or slower and lower."""
    return np.asarray(soxr.resample(voice, SAMPLE_RATE_HZ * speed, SAMPLE_RATE_HZ), np.float32)


def compare(call: Call, turns: Sequence[Turn]) -> npt.NDArray[np.float64]:
    """(roles, roles) seconds of long turns by the role of the truth and the given one; no turn: the nearest one's."""
    count = int(max(turn.end_s for turn in call.turns) * FRAMES_PER_S) + 1
    truth, counted = np.zeros((len(ROLES), count), np.bool_), np.zeros(count, np.bool_)
    for turn in call.turns:
        place = slice(int(turn.start_s * FRAMES_PER_S), int(turn.end_s * FRAMES_PER_S))
        truth[ROLES.index(turn.role), place] = True
        counted[place] |= turn.span.duration_s >= LONG_TURN_S
    counted &= truth.sum(axis=0) == 1
    at_s = (np.arange(count) + 0.5) / FRAMES_PER_S
    away_s = [np.maximum(0.0, np.maximum(turn.start_s - at_s, at_s - turn.end_s)) for turn in turns]
    given = np.array([ROLES.index(turn.role) for turn in turns])[np.argmin(away_s, axis=0)]
    seconds = np.zeros((len(ROLES), len(ROLES)))
    np.add.at(seconds, (truth.argmax(axis=0)[counted], given[counted]), 1 / FRAMES_PER_S)
    return seconds


def _samples(span: Span) -> slice:
    return slice(round(span.start_s * SAMPLE_RATE_HZ), round(span.end_s * SAMPLE_RATE_HZ))


if __name__ == "__main__":
    main()
