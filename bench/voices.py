"""Who said what on one channel: `python bench/voices.py [FOLDER ...] [--cache FOLDER] [--caller-db DB]`.

Each FOLDER holds recordings with their truth beside them: NAME.json (`turns` with `role`, `start_s`, `end_s`, `text`,
and `speech` spans) or NAME.call. Both channels are added into one and the words are given to the parties, with the
speaker encoder and without it, on recognised words and on the words of the truth. Prints a line for each:

  time    share of the time of turns of a second and more in which that party alone speaks that got the right role; time
          that no turn covers goes to the nearest one
  voice   the same with the roles swapped where that is better: are the voices told apart, whoever is who
  words   share of the words said while one party alone speaks that got the right role
  roles   whether the agent is the agent

--cache keeps recognised words, which take most of the time. --caller-db makes the caller's channel louder or softer
before both are added.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from belscore.audio import Recording, decode
from belscore.call import Span, Turn, Word
from belscore.models import find_encoder, find_model
from belscore.mono import split_voices
from belscore.notation import parse_call, spread_words
from belscore.speaker_encoder import load_encoder
from belscore.transcribe import load_model, recognise
from belscore.vad import channel_spans

FRAMES_PER_S = 100
# Shorter turns are mostly listening signals.
LONG_TURN_S = 1.0
PARTIES = ("agent", "caller")
SUFFIXES = {".wav", ".mp3", ".opus", ".m4a", ".flac", ".amr"}
DEFAULT = Path("samples/calls")


@dataclass(frozen=True)
class Said:
    """A turn of the truth."""

    role: str
    span: Span
    text: str
    speech: tuple[Span, ...]


@dataclass(frozen=True)
class Figures:
    time: float
    swapped: float
    words: float

    @property
    def voice(self) -> float:
        return max(self.time, self.swapped)

    def __str__(self) -> str:
        roles = "right" if self.time >= self.swapped else "WRONG"
        return f"time {self.time:.3f} voice {self.voice:.3f} words {self.words:.3f} roles {roles}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[DEFAULT])
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--caller-db", type=float, default=0.0)
    args = parser.parse_args()
    folder = find_encoder()
    encoder = None if folder is None else load_encoder(folder)
    paths = sorted(path for folder in args.folders for path in folder.iterdir() if path.suffix in SUFFIXES)
    level = f".caller{args.caller_db:+g}" if args.caller_db else ""
    hear = _listener(args.cache, level)
    ways: dict[str, list[Figures]] = {}
    spent_s = sound_s = 0.0
    for path in paths:
        truth, recording = _truth(path), _mixed(decode(path), args.caller_db)
        speech = channel_spans(recording)[0]
        words = {"recognised": hear(path, recording, speech), "truth": _said_words(truth)}
        for kind, given in words.items():
            for name, way in {"encoder": encoder, "no encoder": None}.items():
                started = time.process_time()
                turns, _ = split_voices(given, recording.channels[0], speech=speech, encoder=way)
                if kind == "recognised" and way is encoder:
                    spent_s += time.process_time() - started
                    sound_s += recording.duration_s
                figures = _compare(truth, turns, recording.duration_s)
                ways.setdefault(f"{kind} words, {name}", []).append(figures)
                print(f"{path.stem:28} {kind:10} {name:10} {figures}", flush=True)
    for label, all_figures in ways.items():
        print(f"{label:28} {_mean(all_figures)}")
    print(f"processor seconds a minute of sound: {60 * spent_s / sound_s:.2f}")


def _mean(figures: Sequence[Figures]) -> str:
    parts = {name: np.mean([getattr(each, name) for each in figures]) for name in ("time", "voice", "words")} | {
        "worst voice": min(each.voice for each in figures)
    }
    right = sum(each.time >= each.swapped for each in figures)
    return " ".join(f"{name} {value:.3f}" for name, value in parts.items()) + f" roles {right}/{len(figures)}"


def _mixed(recording: Recording, caller_db: float = 0.0) -> Recording:
    """Both channels added into one; the agent is on the left."""
    if recording.is_mixed:
        return recording
    left, right = recording.channels
    both = (left + right * 10 ** (caller_db / 20)) / 2
    return replace(recording, channels=(both.astype(np.float32),))


def _truth(path: Path) -> tuple[Said, ...]:
    if path.with_suffix(".json").is_file():
        turns = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["turns"]
        return tuple(
            Said(
                each["role"],
                Span(each["start_s"], each["end_s"]),
                each["text"],
                tuple(Span(*s) for s in each["speech"]),
            )
            for each in turns
        )
    call = parse_call(path.with_suffix(".call").read_text(encoding="utf-8"))
    return tuple(Said(turn.role, turn.span, turn.text, (turn.span,)) for turn in call.turns)


def _said_words(truth: Sequence[Said]) -> list[Word]:
    words = [word for said in truth for word in spread_words(said.text, said.span.start_s, said.span.end_s)]
    return sorted(words, key=lambda word: word.start_s)


def _listener(cache: Path | None, level: str = "") -> Callable[[Path, Recording, Sequence[Span]], list[Word]]:
    """Recognises words with the best model present, or reads what it recognised before."""
    recogniser = load_model(find_model())

    def hear(path: Path, recording: Recording, speech: Sequence[Span]) -> list[Word]:
        kept = None if cache is None else cache / f"{path.stem}{level}.words.json"
        if kept is not None and kept.is_file():
            return [Word(*fields) for fields in json.loads(kept.read_text(encoding="utf-8"))]
        words = list(recognise(recording.channels, [speech], recogniser)[0])
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps([[w.text, w.start_s, w.end_s, w.probability] for w in words]), encoding="utf-8")
        return words

    return hear


def _compare(truth: Sequence[Said], turns: Sequence[Turn], duration_s: float) -> Figures:
    """Turns against the truth, frame by frame and word by word."""
    alone = _alone(truth, duration_s)
    wanted = np.zeros(alone.shape[1], np.bool_)
    for said in truth:
        if said.role in PARTIES and said.span.duration_s >= LONG_TURN_S:
            wanted[_frames(said.span)] = True
    given = _roles_of_frames(turns, alone.shape[1])
    counted = wanted & alone.any(axis=0)
    right = [(given[counted & row] == index).sum() for index, row in enumerate(alone)]
    wrong = [(given[counted & row] == 1 - index).sum() for index, row in enumerate(alone)]
    heard = [
        turn.role == PARTIES[int(alone[1, at])]
        for turn in turns
        for word in turn.words
        if alone[:, at := min(alone.shape[1] - 1, int((word.start_s + word.end_s) / 2 * FRAMES_PER_S))].any()
    ]
    total = max(1, int(counted.sum()))
    return Figures(float(sum(right)) / total, float(sum(wrong)) / total, float(np.mean(heard)) if heard else 0.0)


def _alone(truth: Sequence[Said], duration_s: float) -> npt.NDArray[np.bool_]:
    """(2, frames) where the agent, and where the caller, is the only one who speaks."""
    roles = [*PARTIES, ""]
    grid = np.zeros((len(roles), int(duration_s * FRAMES_PER_S) + 1), np.bool_)
    for said in truth:
        for span in said.speech:
            grid[roles.index(said.role) if said.role in PARTIES else -1, _frames(span)] = True
    result: npt.NDArray[np.bool_] = grid[:2] & (grid.sum(axis=0) == 1)
    return result


def _roles_of_frames(turns: Sequence[Turn], count: int) -> npt.NDArray[np.intp]:
    """(frames,) index in PARTIES of the turn that covers each frame, or of the nearest; another role is 2."""
    if not turns:
        return np.full(count, len(PARTIES), np.intp)
    at = (np.arange(count) + 0.5) / FRAMES_PER_S
    starts_s, ends_s = (np.array([getattr(turn, name) for turn in turns]) for name in ("start_s", "end_s"))
    away_s = np.maximum(0.0, np.maximum(starts_s[:, None] - at, at - ends_s[:, None]))
    roles = np.array([PARTIES.index(turn.role) if turn.role in PARTIES else len(PARTIES) for turn in turns], np.intp)
    nearest: npt.NDArray[np.intp] = roles[away_s.argmin(axis=0)]
    return nearest


def _frames(span: Span) -> slice:
    return slice(int(span.start_s * FRAMES_PER_S), int(span.end_s * FRAMES_PER_S))


if __name__ == "__main__":
    main()
