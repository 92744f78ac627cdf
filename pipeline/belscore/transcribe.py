"""From speech spans to words: pack chunks, decode them, judge every text, decode again what is not believable.

One decoding pass over batches does most chunks. A chunk whose text fails a gate is taken apart into its pieces, and a
piece that fails again is decoded at higher temperatures; only what still fails is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from belscore.call import Span, Word
from belscore.chunks import Chunk, pack, parts
from belscore.decoder import Hypothesis, Recogniser, load_model
from belscore.gates import WORTHLESS, Failure, failures, nobody_speaks
from belscore.placing import in_order, place
from belscore.progress import Progress, silent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Recogniser", "load_model", "recognise"]

# Windows that go through the encoder together. More gains little on a processor and costs 0.5 GB each.
BATCH = 4
# Temperatures of a second try, as in Whisper's own ladder; higher ones make up words.
TEMPERATURES = (0.2, 0.4, 0.6)


@dataclass(frozen=True, slots=True)
class _Task:
    """A chunk to decode, with the sound it is cut from and the speech spans of its channel."""

    chunk: Chunk
    samples: NDArray[np.float32]
    spans: tuple[Span, ...]

    @property
    def speech_s(self) -> float:
        return sum(piece.span.overlap_s(span) for piece in self.chunk.pieces for span in self.spans)


@dataclass(frozen=True, slots=True)
class _Result:
    task: _Task
    hypothesis: Hypothesis
    words: tuple[Word, ...]
    failed: tuple[Failure, ...]


def recognise(
    channels: Sequence[NDArray[np.float32]],
    spans: Sequence[Sequence[Span]],
    recogniser: Recogniser,
    *,
    hotwords: Sequence[str] = (),
    progress: Progress = silent,
) -> tuple[tuple[Word, ...], ...]:
    """The words of each channel, in order, on the time axis of the recording.

    channels : samples per channel at 16 kHz, -1..1
    spans    : speech spans per channel, in seconds; nothing outside them is listened to
    hotwords : names and places to expect, never phrases that rules look for
    progress : stage "transcribe", in seconds of speech
    """
    tasks = [
        _Task(chunk, samples, tuple(speech))
        for index, (samples, speech) in enumerate(zip(channels, spans, strict=True))
        for chunk in pack(speech, samples, channel=index)
    ]
    total_s = sum(task.speech_s for task in tasks)
    done_s = 0.0
    words: list[list[Word]] = [[] for _ in channels]
    progress("transcribe", 0.0, total_s)
    for start in range(0, len(tasks), BATCH):
        for result in _believed(recogniser, tasks[start : start + BATCH], hotwords):
            words[result.task.chunk.channel].extend(place(result.words, result.task.chunk, result.task.spans))
        done_s += sum(task.speech_s for task in tasks[start : start + BATCH])
        progress("transcribe", done_s, total_s)
    return tuple(tuple(in_order(channel)) for channel in words)


def _believed(recogniser: Recogniser, tasks: Sequence[_Task], hotwords: Sequence[str]) -> list[_Result]:
    """Decode tasks until each text is believable or given up; the words of a task given up are empty."""
    results: list[_Result] = []
    again: list[_Task] = []
    for result in _decode(recogniser, tasks, hotwords):
        if not result.failed:
            results.append(result)
        elif len(result.task.chunk.pieces) > 1:
            again.extend(replace(result.task, chunk=chunk) for chunk in parts(result.task.chunk))
        else:
            results.append(_retried(recogniser, result, hotwords))
    for start in range(0, len(again), BATCH):
        results.extend(_believed(recogniser, again[start : start + BATCH], hotwords))
    return results


def _decode(
    recogniser: Recogniser, tasks: Sequence[_Task], hotwords: Sequence[str], temperature: float = 0.0
) -> list[_Result]:
    if not tasks:
        return []
    encoded = recogniser.encode([task.chunk.samples(task.samples) for task in tasks])
    hypotheses = recogniser.decode(encoded, temperature=temperature, hotwords=hotwords)
    rows = recogniser.align(encoded, hypotheses)
    return [
        _Result(task, hypothesis, words, failures(hypothesis.decoded, task.speech_s, unheard_s(task, words)))
        for task, hypothesis, words in zip(tasks, hypotheses, rows, strict=True)
    ]


def unheard_s(task: _Task, words: Sequence[Word]) -> float:
    """Seconds of speech in a chunk between two words, before the first one or behind the last; the most of these."""
    ends = [0.0, *(word.end_s for word in words)]
    starts = [*(word.start_s for word in words), task.chunk.duration_s]
    speech = [span for span, _ in task.chunk.speech(task.spans)]
    gaps = (Span(end_s, max(end_s, start_s)) for end_s, start_s in zip(ends, starts, strict=True))
    return max(sum(span.overlap_s(gap) for span in speech) for gap in gaps)


def _retried(recogniser: Recogniser, first: _Result, hotwords: Sequence[str]) -> _Result:
    """A piece decoded at rising temperatures: the first believable text, else the likeliest one, else nothing."""
    if nobody_speaks(first.hypothesis.decoded):
        return replace(first, words=())
    tried = [first]
    for temperature in TEMPERATURES:
        result = _decode(recogniser, [first.task], hotwords, temperature)[0]
        if not result.failed:
            return result
        tried.append(result)
    usable = [result for result in tried if not WORTHLESS & set(result.failed)]
    if not usable:
        return replace(first, words=())
    return max(usable, key=lambda result: result.hypothesis.decoded.log_probability)
