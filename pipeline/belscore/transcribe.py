"""From speech spans to words: pack chunks, decode them, judge every text, decode again what is not believable.

One decoding pass over batches does most chunks. A chunk whose text fails a gate is taken apart into its pieces; a
piece that fails again is decoded from its sound as it came, with the noise of the line, and then with loops forbidden;
only what still fails is dropped. Nothing is left to chance (Whisper's own ladder draws samples at rising temperatures),
so a recording always gives the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from belscore.call import Span, Word
from belscore.chunks import Chunk, pack, parts
from belscore.confidence import calibrated
from belscore.decoder import Encoded, Hypothesis, Recogniser, load_model
from belscore.denoise import reduce_noise
from belscore.gates import WORTHLESS, Failure, failures, nobody_speaks
from belscore.placing import in_order, place
from belscore.progress import Progress, silent
from belscore.strays import Heard, strays

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Recogniser", "load_model", "recognise"]

# Chunks that go through the model together. More gains little on a processor, costs memory, and leaves threads idle at
# the end of a call. Never by the number of threads: the company a chunk keeps decides how long its window is, and so,
# now and then, a word.
BATCH = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """A chunk to decode, with the sound it is cut from and the speech spans of its channel.

    raw : the channel as it came; `samples` has the noise of the line turned down
    """

    chunk: Chunk
    samples: NDArray[np.float32]
    raw: NDArray[np.float32]
    spans: tuple[Span, ...]

    @property
    def speech_s(self) -> float:
        return sum(piece.span.overlap_s(span) for piece in self.chunk.pieces for span in self.spans)


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    task: _Task
    hypothesis: Hypothesis
    words: tuple[Word, ...]
    failed: tuple[Failure, ...]

    @property
    def heard(self) -> Heard:
        spans = [piece.span for piece in self.task.chunk.pieces]
        whole = Span(spans[0].start_s, spans[-1].end_s)
        worthless = not self.words and bool(WORTHLESS & set(self.failed))
        likely = self.hypothesis.decoded.log_probability
        return Heard(whole, self.task.speech_s, likely, len(self.words), worthless)


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
        _Task(chunk, quiet, samples, tuple(speech))
        for index, (samples, speech) in enumerate(zip(channels, spans, strict=True))
        for quiet in (reduce_noise(samples, speech),)
        for chunk in pack(speech, samples, channel=index)
    ]
    total_s = sum(task.speech_s for task in tasks)
    done_s = 0.0
    heard: list[list[_Result]] = [[] for _ in channels]
    progress("transcribe", 0.0, total_s)
    believed = partial(_believed, recogniser, hotwords=hotwords)
    for results in _at_a_time(recogniser.workers, believed, _batches(tasks)):
        for result in results:
            heard[result.task.chunk.channel].append(result)
        done_s += sum(result.task.speech_s for result in results)
        progress("transcribe", min(done_s, total_s), total_s)
    return tuple(calibrated(in_order(_placed(channel)), recogniser.calibration) for channel in heard)


def _placed(results: Sequence[_Result]) -> list[Word]:
    """The words of a channel on the time axis of the recording, less those among sounds that are nobody's."""
    left_out = set(strays([result.heard for result in results]))
    return [
        word
        for number, result in enumerate(results)
        if number not in left_out
        for word in place(result.words, result.task.chunk, result.task.spans)
    ]


def _batches(tasks: Sequence[_Task]) -> list[list[_Task]]:
    """Tasks of about the same length together, since a batch is encoded in a window as long as its longest.

    Two tasks are not put together: each of two threads can then do one.
    """
    size = 1 if len(tasks) <= BATCH else BATCH
    ordered = sorted(tasks, key=lambda task: -task.chunk.duration_s)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def _at_a_time(
    workers: int, work: Callable[[list[_Task]], list[_Result]], batches: list[list[_Task]]
) -> Iterator[list[_Result]]:
    """The results of each batch, in order; `workers` of them are computed at a time."""
    if workers == 1 or len(batches) == 1:
        yield from map(work, batches)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, batches)


def _believed(recogniser: Recogniser, tasks: Sequence[_Task], hotwords: Sequence[str]) -> list[_Result]:
    """Decode tasks until each text is believable or given up; the words of a task given up are empty."""
    first, _ = _decode(recogniser, tasks, hotwords)
    believed = [result for result in first if not result.failed]
    failed = [result for result in first if result.failed]
    alone = [result for result in failed if len(result.task.chunk.pieces) == 1]
    together = [result for result in failed if len(result.task.chunk.pieces) > 1]
    pieces = [replace(result.task, chunk=chunk) for result in together for chunk in parts(result.task.chunk)]
    for batch in _batches(pieces):
        alone.extend(_decode(recogniser, batch, hotwords)[0])
    for start in range(0, len(alone), BATCH):
        believed.extend(_retried(recogniser, alone[start : start + BATCH], hotwords))
    return believed


def _retried(recogniser: Recogniser, first: Sequence[_Result], hotwords: Sequence[str]) -> list[_Result]:
    """Pieces that failed decoded again from their sound as it came, then with loops forbidden.

    Gives for each the first believable text, else the likeliest one, else nothing.
    """
    tried = {result.task.chunk: [result] for result in first}
    tasks = [
        replace(result.task, samples=result.task.raw)
        for result in first
        if result.failed and not nobody_speaks(result.hypothesis.decoded)
    ]
    encoded = None
    for avoid_loops in (False, True):
        if not tasks:
            break
        results, encoded = _decode(recogniser, tasks, hotwords, encoded, avoid_loops=avoid_loops)
        rows = [row for row, result in enumerate(results) if result.failed]
        for result in results:
            tried[result.task.chunk].append(result)
        tasks = [results[row].task for row in rows]
        encoded = encoded.select(rows) if rows else None
    return [_best(each) for each in tried.values()]


def _best(tried: Sequence[_Result]) -> _Result:
    """The last result when it is believable, else the likeliest one that may have been said, else no words."""
    if not tried[-1].failed:
        return tried[-1]
    usable = [result for result in tried if not WORTHLESS & set(result.failed)]
    if len(tried) == 1 or not usable:
        return replace(tried[0], words=())
    return max(usable, key=lambda result: result.hypothesis.decoded.log_probability)


def _decode(
    recogniser: Recogniser,
    tasks: Sequence[_Task],
    hotwords: Sequence[str],
    encoded: Encoded | None = None,
    *,
    avoid_loops: bool = False,
) -> tuple[list[_Result], Encoded]:
    """Decode and judge tasks as one batch; `encoded` is their sound where an earlier try encoded it."""
    encoded = encoded or recogniser.encode([task.chunk.samples(task.samples) for task in tasks])
    hypotheses = recogniser.decode(encoded, avoid_loops=avoid_loops, hotwords=hotwords)
    rows = recogniser.align(encoded, hypotheses)
    results = [
        _Result(task, hypothesis, words, failures(hypothesis.decoded, task.speech_s, unheard_s(task, words)))
        for task, hypothesis, words in zip(tasks, hypotheses, rows, strict=True)
    ]
    return results, encoded


def unheard_s(task: _Task, words: Sequence[Word]) -> float:
    """Seconds of speech in a chunk between two words, before the first one or behind the last; the most of these."""
    ends = [0.0, *(word.end_s for word in words)]
    starts = [*(word.start_s for word in words), task.chunk.duration_s]
    speech = [span for span, _ in task.chunk.speech(task.spans)]
    gaps = (Span(end_s, max(end_s, start_s)) for end_s, start_s in zip(ends, starts, strict=True))
    return max(sum(span.overlap_s(gap) for span in speech) for gap in gaps)
