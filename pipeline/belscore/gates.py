"""Is a piece of recognised text believable? The recogniser loops, and invents subtitles where nobody speaks.

The thresholds of the first three gates are Whisper's own defaults; the recogniser's batched mode does not apply them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

from belscore.rulebook import default_lexicon

Failure = Literal["loop", "repeated", "unlikely", "hopeless", "no_speech", "too_fast", "too_little", "lost", "subtitle"]
# Text that fails in one of these ways was not said, however often it is decoded; the other failures leave a doubt.
WORTHLESS: frozenset[Failure] = frozenset({"loop", "repeated", "hopeless", "no_speech", "too_fast", "subtitle"})

COMPRESSION_MAX = 2.4  # Whisper: text that compresses better than this repeats itself
LOG_PROBABILITY_MIN = -1.0  # Whisper: mean log probability per token
NO_SPEECH_MAX = 0.6  # Whisper: only together with a low log probability
# Over rings, beeps and clicks the model writes text at -1.6 and below; over speech at 10 dB of noise it stays above.
LOG_PROBABILITY_HOPELESS = -1.6
# Dutch at 8 syllables per second, faster than anyone keeps up, is 22 characters per second.
CHARACTERS_PER_S_MAX = 25.0
# A chunk with this much speech and fewer characters per second has lost sentences; slow dictation has 6.
CHARACTERS_PER_S_MIN = 2.0
SPEECH_FOR_MIN_S = 4.0
# So much speech on end without a word is a lost sentence: the model ended its text before the speech did. Words end up
# to 0.6 s early (`make bench-wer`), and nobody draws one out for so long.
UNHEARD_MAX_S = 3.0
# Few characters compress badly and say "ja ja ja": loops are looked for from this length on.
_LOOP_CHARACTERS_MIN = 40
_REPEAT_TIMES = 4
_REPEAT_WORDS_MAX = 8
# One to ten characters six times running, inside a word or across words.
_STUTTER = re.compile(r"(\S.{0,9}?)\1{5,}")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the recogniser made of a chunk: text, mean log probability per token, probability that nobody speaks."""

    text: str
    log_probability: float
    no_speech_probability: float


def failures(decoded: Decoded, speech_s: float, unheard_s: float = 0.0) -> tuple[Failure, ...]:
    """Which gates the text fails; () when it is believable.

    speech_s  : seconds of speech in the chunk, by voice activity detection
    unheard_s : the most of them on end in which no word lies
    """
    found: list[Failure] = []
    text = decoded.text.strip()
    if compression_ratio(text) > COMPRESSION_MAX and len(text) >= _LOOP_CHARACTERS_MIN:
        found.append("loop")
    if repeats(words_of(text)) or _STUTTER.search(text):
        found.append("repeated")
    if decoded.log_probability < LOG_PROBABILITY_MIN:
        found.append("unlikely" if decoded.log_probability > LOG_PROBABILITY_HOPELESS else "hopeless")
        if decoded.no_speech_probability > NO_SPEECH_MAX:
            found.append("no_speech")
    if len(text) > CHARACTERS_PER_S_MAX * max(speech_s, 1.0):
        found.append("too_fast")
    if speech_s >= SPEECH_FOR_MIN_S and len(text) < CHARACTERS_PER_S_MIN * speech_s:
        found.append("too_little")
    elif unheard_s > UNHEARD_MAX_S and text:
        found.append("lost")
    if is_subtitle_line(text):
        found.append("subtitle")
    return tuple(found)


def nobody_speaks(decoded: Decoded) -> bool:
    """Whether the model itself says that there is no speech and its text bears that out: no use decoding again."""
    no_speech = decoded.no_speech_probability > NO_SPEECH_MAX
    return no_speech and (decoded.log_probability < LOG_PROBABILITY_MIN or is_subtitle_line(decoded.text))


def compression_ratio(text: str) -> float:
    """Bytes of the text over bytes of its zlib stream, as Whisper counts it; 0.0 for no text."""
    data = text.encode("utf-8")
    return len(data) / len(zlib.compress(data)) if data else 0.0


def repeats(words: Sequence[str]) -> bool:
    """Whether some run of up to eight words stands four times in a row.

    >>> repeats("en dan en dan en dan en dan".split()), repeats("ja ja ja, dat is goed".split())
    (True, False)
    """
    for length in range(1, _REPEAT_WORDS_MAX + 1):
        run = 0
        for index in range(length, len(words)):
            run = run + 1 if words[index] == words[index - length] else 0
            if run >= length * (_REPEAT_TIMES - 1):
                return True
    return False


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without punctuation."""
    return _WORD.findall(text.lower())


def is_subtitle_line(text: str) -> bool:
    """Whether the whole text is a line that is known from subtitles and said by nobody on the telephone."""
    line = " ".join(words_of(text))
    return bool(line) and any(fnmatchcase(line, pattern) for pattern in _subtitle_patterns())


@cache
def _subtitle_patterns() -> tuple[str, ...]:
    """Lines of the lexicon; a trailing `*` also stands for nothing."""
    lines = default_lexicon().list("herkenner", "subtitle_lines")
    return tuple(pattern for line in lines for pattern in (line, line.removesuffix(" *")))


def lexicon_folder() -> Path:
    """Where the lexicon lies: in the source checkout, or in the installed package."""
    package = Path(__file__).resolve().parent
    checkout = package.parent.parent / "rules" / "lexicon"
    return checkout if checkout.is_dir() else package / "rules" / "lexicon"
