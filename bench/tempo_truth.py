"""Channels whose text is known, with the time that is spoken in them, for bench/tempo.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from belscore.audio import SAMPLE_RATE_HZ, Recording, Samples, decode
from belscore.call import Call, Role, Span, Turn
from belscore.call_json import parse_call_json
from belscore.inputs import AUDIO_SUFFIXES
from belscore.notation import parse_call
from belscore.tempo import MIN_PAUSE_S
from belscore.vad import detect
from belscore.waveform import measure_sound
from spoken_words import SpokenWord, speak_words
from word_times import FOLDERS, KEPT, LINES, chosen

PARTIES: tuple[Role, Role] = ("agent", "caller")
# A true turn is looked for in the recogniser's words with this much around it.
EDGE_S = 0.2
# In a sample speech is what lies less than this under the loud part of its turn. Over a good line that comes to 103 %
# of the time that the synthesiser was given (`loud` with --spoken).
GATE_DB = 25.0
# Noise this far under the speech, and no leak, make a channel clean.
CLEAN_DB = 28.0


@dataclass(frozen=True, slots=True)
class Said:
    """A turn that is known: its text, the spans in which it is heard, and what of them is loud."""

    text: str
    span: Span
    speech: tuple[Span, ...]
    loud_s: float

    @property
    def around(self) -> Span:
        return Span(self.span.start_s - EDGE_S, self.span.end_s + EDGE_S)


@dataclass(frozen=True, slots=True)
class Channel:
    """One party of a recording: what it says, and the call as it was heard."""

    name: str
    role: Role
    said: Sequence[Said]
    call: Call
    clean: bool


@dataclass(frozen=True, slots=True)
class Spoiling:
    """What is added before nuclei are looked for: noise in dBov, each channel to the other in dB."""

    noise_dbov: float | None = None
    leak_db: float | None = None


def recorded(folder: Path, kept: Sequence[Path], spoiling: Spoiling) -> Iterator[tuple[str, list[Channel]]]:
    """The parties of the stereo recordings of a folder; on one channel the text does not say who is who."""
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in AUDIO_SUFFIXES):
        if _truth_of(path) is None or "mono" in path.stem:
            continue
        recording, names = decode(path), _names(path)
        call = _call(path, names, kept)
        if spoiling != Spoiling():
            spoiled = _spoiled(recording, spoiling)
            call = replace(call, sound=measure_sound(spoiled.channels, detect(spoiled).speech, names))
        truth, clean = _known(path, recording, names)
        yield path.stem, [Channel(path.stem, role, truth[role], call, clean) for role in PARTIES]


def spoken(count: int) -> Iterator[tuple[str, list[Channel]]]:
    """The parties of so many samples and so many dialogues, over each line; the name of the line comes with them."""
    from belscore.listening import transcribe_file

    for line, settings in LINES.items():
        for name, text in chosen(FOLDERS, count, 0):
            sound = speak_words(name, text, settings, KEPT)
            channels = decode(sound.path).channels
            call = transcribe_file(sound.path, model="base", agent_channel="left")
            found = []
            for role, words, samples in zip(PARTIES, sound.words, channels, strict=True):
                turns = [turn for turn in text.turns if (turn.role == "caller") == (role == "caller")]
                known = _spoken_turns(turns, words, samples)
                found.append(Channel(name, role, known, call, line == "good line"))
            yield line, found


def _spoken_turns(turns: Sequence[Turn], words: Sequence[SpokenWord], samples: Samples) -> list[Said]:
    """Turns by the times of the synthesis; none when turns of one leg run through each other."""
    groups: list[list[SpokenWord]] = []
    for each in words:
        if each.pause_before_s is None:
            groups.append([])
        groups[-1].append(each)
    if len(groups) != len(turns):
        return []
    return [_spoken_turn(turn, group, samples) for turn, group in zip(turns, groups, strict=True)]


def _spoken_turn(turn: Turn, words: Sequence[SpokenWord], samples: Samples) -> Said:
    parts = [[words[0].word.start_s, words[0].word.end_s]]
    for each in words[1:]:
        if each.pause_before_s is not None and each.pause_before_s >= MIN_PAUSE_S:
            parts.append([each.word.start_s, each.word.end_s])
        parts[-1][1] = each.word.end_s
    span = Span(parts[0][0], parts[-1][1])
    return Said(turn.text, span, tuple(Span(*part) for part in parts), _seconds(_loud(samples, span)))


def _truth_of(path: Path) -> Path | None:
    return next((file for file in (path.with_suffix(".json"), path.with_suffix(".call")) if file.exists()), None)


def _call(path: Path, names: Sequence[Role], folders: Sequence[Path]) -> Call:
    known = next((file for folder in folders if (file := folder / f"{path.stem}.json").exists()), None)
    if known is not None:
        return parse_call_json(known.read_bytes(), source=str(known))
    from belscore.listening import transcribe_file

    return transcribe_file(path, model="base", agent_channel="left" if names[0] == "agent" else "right")


def _names(path: Path) -> tuple[Role, Role]:
    """Who is on the left and who on the right channel; a sample says so in its first line."""
    sample = path.with_suffix(".call")
    right = sample.exists() and "on the right" in sample.read_text(encoding="utf-8").split("\n", 1)[0]
    return ("caller", "agent") if right else PARTIES


def _known(path: Path, recording: Recording, names: Sequence[Role]) -> tuple[dict[Role, list[Said]], bool]:
    """What each party says, and whether the channels are clean."""
    file = path.with_suffix(".json")
    sounds = {role: recording.channels[names.index(role)] for role in PARTIES}
    if not file.exists():
        call = parse_call(path.with_suffix(".call").read_text(encoding="utf-8"))
        said = {
            role: [
                Said(turn.text, turn.span, spans, _seconds(spans))
                for turn in call.turns_of(role)
                if (spans := _loud(sounds[role], turn.span))
            ]
            for role in PARTIES
        }
        return said, True
    truth = json.loads(file.read_text(encoding="utf-8"))
    said = {role: [] for role in PARTIES}
    for turn in truth["turns"]:
        if turn["complete"]:
            span = Span(turn["start_s"], turn["end_s"])
            loud_s = _seconds(_loud(sounds[turn["role"]], span))
            said[turn["role"]].append(Said(turn["text"], span, tuple(Span(*each) for each in turn["speech"]), loud_s))
    return said, truth["noise_db"] >= CLEAN_DB and not truth["leak_db"]


def _loud(samples: Samples, span: Span) -> tuple[Span, ...]:
    """A turn without its pauses, by the level over 30 ms."""
    hop = SAMPLE_RATE_HZ // 100
    sound = samples[round(span.start_s * SAMPLE_RATE_HZ) : round(span.end_s * SAMPLE_RATE_HZ)].astype(np.float64)
    power = (sound[: len(sound) // hop * hop].reshape(-1, hop) ** 2).mean(axis=1)
    if len(power) < 3:
        return ()
    level_db = 10 * np.log10(np.convolve(power, np.ones(3) / 3, "same") + 1e-12)
    loud = np.flatnonzero(level_db > np.percentile(level_db, 95) - GATE_DB)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > MIN_PAUSE_S * 100) + 1)
    return tuple(Span(span.start_s + int(part[0]) / 100, span.start_s + (int(part[-1]) + 1) / 100) for part in parts)


def _seconds(spans: Sequence[Span]) -> float:
    return sum(span.duration_s for span in spans)


def _spoiled(recording: Recording, spoiling: Spoiling) -> Recording:
    channels = list(recording.channels)
    if spoiling.leak_db is not None and len(channels) > 1:
        gain = np.float32(10 ** (spoiling.leak_db / 20))
        channels = [channels[0] + gain * channels[1], channels[1] + gain * channels[0]]
    if spoiling.noise_dbov is not None:
        rng = np.random.default_rng(0)
        gain = np.float32(10 ** (spoiling.noise_dbov / 20))
        channels = [channel + gain * rng.standard_normal(len(channel), np.float32) for channel in channels]
    return replace(recording, channels=tuple(channels))
