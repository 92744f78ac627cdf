"""One speech model in memory: sound of a chunk in, text and timed words out.

Works on the parts of `faster_whisper.WhisperModel`, since neither of its two pipelines lets a caller choose the chunks,
decode them in batches and judge each text by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from belscore.call import Word
from belscore.device import WINDOW_FRAMES, open_whisper
from belscore.errors import ModelError
from belscore.gates import Decoded
from belscore.model_manifest import load_manifest
from belscore.models import ModelFiles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LANGUAGE = "nl"
BEAM_SIZE = 5
# A second try that keeps looping: no run of so many tokens twice, and tokens said before count for less.
NO_REPEAT_TOKENS = 3
REPETITION_PENALTY = 1.1
# Dutch at 25 characters per second, the bound of the gates, is 9 tokens of the multilingual vocabulary.
TOKENS_PER_S_MAX = 9.0
_TOKENS_SPARE = 20
_FRAMES_PER_S = 100
# Whisper was trained on windows of 30 s, but its encoder takes shorter ones: with half a second of silence behind the
# sound the words are as good, at half the time (`make bench-speed`).
SILENT_FRAMES = 50
# Feature frames in one position of the encoder.
_FRAMES_A_POSITION = 2
# Probabilities come as 32-bit floats, the least of them as 0.0.
_LEAST = 1e-9
_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"
# Lead bytes of UTF-8 that begin neither Latin letters (C3 to C5) nor general punctuation and the euro sign (E2). The
# byte-level vocabulary writes these bytes as the characters of the same number.
_OTHER_SCRIPT = frozenset(map(chr, range(0xC6, 0xF5))) - {chr(0xE2)}


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text for a chunk, as tokens and as what the gates look at."""

    tokens: tuple[int, ...]
    decoded: Decoded


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoder output of a batch of chunks and how much of each window is sound, in feature frames."""

    output: Any
    frames: tuple[int, ...]

    def select(self, rows: Sequence[int]) -> Encoded:
        """The output of some chunks of the batch, so that they can be decoded again without being encoded again."""
        import ctranslate2  # type: ignore[import-untyped]
        import numpy as np

        output = np.asarray(self.output.to_device(ctranslate2.Device.cpu))
        chosen = ctranslate2.StorageView.from_array(np.ascontiguousarray(output[list(rows)]))
        return Encoded(chosen, tuple(self.frames[row] for row in rows))


class Recogniser:
    """A loaded model. Made by `load_model`, which keeps it for the life of the process.

    workers     : how many batches it computes at a time, when it is called from as many threads
    calibration : of its word probabilities; None for a model that was not measured
    """

    def __init__(self, files: ModelFiles, threads: int) -> None:
        from faster_whisper.tokenizer import Tokenizer  # type: ignore[import-untyped]
        from faster_whisper.transcribe import get_suppressed_tokens  # type: ignore[import-untyped]

        self.files = files
        self.workers = max(1, threads)
        self.calibration = load_manifest().calibration_of(files.sha256)
        try:
            self._model = open_whisper(files.folder, workers=self.workers)
        except (RuntimeError, ValueError, OSError) as error:
            do = "run `belscore models verify`"
            raise ModelError(f"cannot be loaded ({error})", where=str(files.folder), do=do) from None
        if not self._model.model.is_multilingual:
            do = "use a multilingual model"
            raise ModelError("knows no Dutch", where=str(files.folder), do=do)
        self._tokenizer = Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language=LANGUAGE)
        self._suppressed = [*get_suppressed_tokens(self._tokenizer, [-1]), *self._other_scripts()]

    def _other_scripts(self) -> list[int]:
        """Tokens that begin a character outside Latin script and punctuation: over noise the model slips into those."""
        vocabulary: dict[str, int] = self._model.hf_tokenizer.get_vocab()
        return [
            index for text, index in vocabulary.items() if index < self._tokenizer.eot and _OTHER_SCRIPT & set(text)
        ]

    def encode(self, sounds: Sequence[NDArray[np.float32]]) -> Encoded:
        """Encode chunks of at most 30 s each (16 kHz), as one batch in a window as long as the longest needs."""
        import numpy as np
        from faster_whisper.audio import pad_or_trim  # type: ignore[import-untyped]

        features = [self._model.feature_extractor(sound)[..., :-1] for sound in sounds]
        frames = tuple(int(feature.shape[-1]) for feature in features)
        window = min(WINDOW_FRAMES, max(frames) + SILENT_FRAMES)
        window += window % 2  # the encoder halves the rate
        batch = np.stack([pad_or_trim(feature, window) for feature in features])
        return Encoded(self._model.encode(batch), frames)

    def decode(
        self, encoded: Encoded, *, avoid_loops: bool = False, hotwords: Sequence[str] = ()
    ) -> tuple[Hypothesis, ...]:
        """The best text for each chunk of the batch, by beam search; the same sound always gives the same text.

        avoid_loops : refuse runs of tokens that stand there already
        hotwords    : names and places to expect; never phrases that rules look for, since a prompt makes them appear
        """
        prompt = self._model.get_prompt(
            self._tokenizer, [], without_timestamps=True, hotwords=", ".join(hotwords) or None
        )
        results = self._model.model.generate(
            encoded.output,
            [prompt] * len(encoded.frames),
            beam_size=BEAM_SIZE,
            max_length=min(self._model.max_length, len(prompt) + _tokens_max(encoded)),
            suppress_blank=True,
            suppress_tokens=self._suppressed,
            return_scores=True,
            return_no_speech_prob=True,
            no_repeat_ngram_size=NO_REPEAT_TOKENS if avoid_loops else 0,
            repetition_penalty=REPETITION_PENALTY if avoid_loops else 1.0,
        )
        return tuple(self._hypothesis(result) for result in results)

    def _hypothesis(self, result: Any) -> Hypothesis:
        tokens = tuple(token for token in result.sequences_ids[0] if token < self._tokenizer.eot)
        length = len(result.sequences_ids[0])
        # The score is the mean over the tokens; Whisper counts the end of the text as one more.
        log_probability = result.scores[0] * length / (length + 1)
        text = self._tokenizer.decode(list(tokens)).strip()
        return Hypothesis(tokens, Decoded(text, log_probability, result.no_speech_prob))

    def align(self, encoded: Encoded, hypotheses: Sequence[Hypothesis]) -> tuple[tuple[Word, ...], ...]:
        """Words of each text with their times in the chunk (seconds) and probabilities, by cross-attention."""
        tokens = [list(hypothesis.tokens) for hypothesis in hypotheses]
        if not any(tokens):
            return ((),) * len(tokens)
        rows = self._model.find_alignment(self._tokenizer, tokens, encoded.output, list(encoded.frames))
        return tuple(self._words(row) for row in rows)

    def log_probabilities(self, sound: NDArray[np.float32], texts: Sequence[Sequence[str]]) -> list[list[list[float]]]:
        """For each text and each of its words the log probabilities of its tokens, given the sound and what precedes.

        sound : samples at 16 kHz, at most 30 s; encoded once, and no longer than it is, which the encoder allows
        texts : each as words, punctuation and all
        """
        import ctranslate2
        import numpy as np

        features = self._model.feature_extractor(sound)[..., :-1]
        frames = features.shape[-1]
        padded = np.pad(features, ((0, 0), (0, -frames % _FRAMES_A_POSITION)))
        encoded = np.array(self._model.encode(padded[None]))
        tokens = [[self._tokenizer.encode(" " + word) for word in text] for text in texts]
        results = self._model.model.align(
            ctranslate2.StorageView.from_array(np.repeat(encoded, len(texts), axis=0)),
            self._tokenizer.sot_sequence,
            [[token for word in text for token in word] for text in tokens],
            [frames] * len(texts),
        )
        rows: list[list[list[float]]] = []
        for result, text in zip(results, tokens, strict=True):
            left = iter(np.log(np.maximum(np.asarray(result.text_token_probs), _LEAST)).tolist())
            rows.append([[next(left) for _ in word] for word in text])
        return rows

    @staticmethod
    def _words(row: list[dict[str, Any]]) -> tuple[Word, ...]:
        from faster_whisper.transcribe import merge_punctuations

        merge_punctuations(row, _PREPENDED, _APPENDED)
        words: list[Word] = []
        for item in row:
            text, start_s, end_s = item["word"].strip(), float(item["start"]), float(item["end"])
            probability = min(1.0, float(item["probability"]))
            if words and text and not item["word"].startswith(" "):
                # The aligner parts words at apostrophes and hyphens: "zo" and "'n" are one word.
                last = words[-1]
                words[-1] = Word(last.text + text, last.start_s, end_s, min(last.probability, probability))
            elif text:
                words.append(Word(text, start_s, end_s, probability))
        return tuple(words)


def _tokens_max(encoded: Encoded) -> int:
    """Tokens that nobody exceeds in the longest chunk of a batch, so that a loop stops early."""
    return round(max(encoded.frames) * TOKENS_PER_S_MAX / _FRAMES_PER_S) + _TOKENS_SPARE


@lru_cache(maxsize=2)
def load_model(files: ModelFiles, *, threads: int = 1) -> Recogniser:
    """Load a model, int8 on the processor. A second call with the same arguments gives the same recogniser.

    threads : processor threads, each of which computes a batch of its own

    Raises ModelError when the folder holds no usable multilingual Whisper model.
    """
    return Recogniser(files, threads)
