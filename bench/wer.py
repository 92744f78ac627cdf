"""Word errors of the transcription against known words: `python bench/wer.py FOLDER [--plain]`.

FOLDER holds stereo recordings `NAME.wav` (agent left) with `NAME.json` beside them: {"turns": [{"role", "start_s",
"end_s", "text"}]}. Prints one JSON: word error rate per channel and in all, how far first and last words lie from the
edges of their turns, and the share of right words by recognition probability. `--plain` measures faster-whisper's own
`transcribe` with its default settings on each channel instead, for comparison.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import jiwer
import numpy as np

from belscore.audio import Recording, decode
from belscore.call import Word
from belscore.models import ModelFiles, find_model
from belscore.transcribe import load_model, recognise
from belscore.vad import channel_spans

ROLES = ("agent", "caller")
BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True)
class Channel:
    """One channel of one recording: the truth's turns and the words that were recognised."""

    name: str
    turns: list[dict[str, Any]]
    words: Sequence[Word]


def normalise(text: str) -> list[str]:
    """Words in small letters without punctuation; numbers stay as they are written."""
    text = re.sub(r"[^\w\s']", " ", text.lower().replace("’", "'"))
    return re.sub(r"(?<!\w)'|'(?!\w)", " ", text).split()


def recognised(path: Path, files: ModelFiles, threads: int, plain: bool) -> list[Sequence[Word]]:
    recording = decode(path)
    if plain:
        return plain_words(recording, files, threads)
    recogniser = load_model(files, threads=threads)
    return list(recognise(recording.channels, channel_spans(recording), recogniser))


def plain_words(recording: Recording, files: ModelFiles, threads: int) -> list[Sequence[Word]]:
    from faster_whisper import WhisperModel  # type: ignore[import-untyped]

    model = WhisperModel(str(files.folder), device="cpu", compute_type="int8", cpu_threads=threads)
    found: list[Sequence[Word]] = []
    for channel in recording.channels:
        segments, _ = model.transcribe(np.array(channel), language="nl", beam_size=5, word_timestamps=True)
        words = [word for segment in segments for word in segment.words or ()]
        found.append([Word(word.word.strip(), word.start, word.end, word.probability) for word in words])
    return found


def matches(channel: Channel) -> Iterator[tuple[dict[str, Any] | None, bool, bool, Word | None]]:
    """Each recognised word once: the turn it was rightly heard in (or None), whether it is its first or last word."""
    wanted = [(turn, index, word) for turn in channel.turns for index, word in enumerate(normalise(turn["text"]))]
    heard = [(word, part) for word in channel.words for part in normalise(word.text)]
    if not heard:
        return
    out = jiwer.process_words(" ".join(word for *_, word in wanted), " ".join(part for _, part in heard))
    right: dict[int, int] = {}
    for chunk in out.alignments[0]:
        if chunk.type == "equal":
            right.update(
                zip(
                    range(chunk.hyp_start_idx, chunk.hyp_end_idx),
                    range(chunk.ref_start_idx, chunk.ref_end_idx),
                    strict=True,
                )
            )
    for index, (word, _) in enumerate(heard):
        if index not in right:
            yield None, False, False, word
            continue
        turn, place, _ = wanted[right[index]]
        yield turn, place == 0, place == len(normalise(turn["text"])) - 1, word


def error_rate(channels: Sequence[Channel]) -> dict[str, float]:
    references = [" ".join(word for turn in each.turns for word in normalise(turn["text"])) for each in channels]
    hypotheses = [" ".join(part for word in each.words for part in normalise(word.text)) for each in channels]
    out = jiwer.process_words(references, hypotheses)
    return {
        "wer": round(out.wer, 4),
        "substituted": out.substitutions,
        "deleted": out.deletions,
        "inserted": out.insertions,
        "words": out.hits + out.substitutions + out.deletions,
    }


def edge_errors(channels: Sequence[Channel]) -> dict[str, dict[str, float]]:
    """Seconds between edges of rightly heard first and last words and the edges of their turns."""
    starts, ends = [], []
    for channel in channels:
        for turn, first, last, word in matches(channel):
            if turn is not None and word is not None:
                starts += [word.start_s - turn["start_s"]] if first else []
                ends += [word.end_s - turn["end_s"]] if last and turn.get("complete", True) else []
    return {name: spread(values) for name, values in (("starts", starts), ("ends", ends))}


def spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {"count": 0}
    size = np.abs(values)
    return {
        "count": len(values),
        "median_s": round(float(np.median(values)), 3),
        "median_size_s": round(float(np.median(size)), 3),
        "p90_size_s": round(float(np.quantile(size, 0.9)), 3),
        "within_150_ms": round(float((size <= 0.15).mean()), 3),
    }


def right_by_probability(channels: Sequence[Channel]) -> dict[str, dict[str, float]]:
    rows = [(word.probability, turn is not None) for each in channels for turn, _, _, word in matches(each) if word]
    table: dict[str, dict[str, float]] = {}
    for low, high in pairwise(BINS):
        inside = [right for probability, right in rows if low <= probability < high]
        if inside:
            table[f"{low:.1f}"] = {"count": len(inside), "right": round(sum(inside) / len(inside), 3)}
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", help="name or folder of the speech model; the best one present when left out")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="faster-whisper's own transcribe with its defaults")
    parser.add_argument("--detail", action="store_true", help="also the words themselves")
    options = parser.parse_args()
    files = find_model(options.model)
    channels: list[Channel] = []
    began_s = time.perf_counter()
    for path in sorted(options.folder.glob("*.wav")):
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        for role, words in zip(ROLES, recognised(path, files, options.threads, options.plain), strict=True):
            turns = [turn for turn in truth["turns"] if turn["role"] == role]
            channels.append(Channel(f"{path.stem} {role}", turns, words))
    figures: dict[str, Any] = {
        "way": "plain" if options.plain else "belscore",
        "model": files.name,
        "seconds": round(time.perf_counter() - began_s, 1),
        "all": error_rate(channels),
        "channels": {each.name: error_rate([each])["wer"] for each in channels},
        "edges": edge_errors(channels),
        "right_by_probability": right_by_probability(channels),
    }
    if options.detail:
        figures["words"] = {each.name: " ".join(word.text for word in each.words) for each in channels}
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
