"""What all kinds of transcripts have in common: segments of words, with what each tool tells of times and speakers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timed:
    """A word as another tool gives it; None where it does not say, or says what cannot be.

    speaker     : what the tool calls who says it
    probability : 0..1, of being recognised rightly
    """

    text: str
    start_s: float | None = None
    end_s: float | None = None
    probability: float | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """What is said in a stretch of time, 0 <= start_s <= end_s <= LATEST_S.

    lines       : the words, by lines of text; a subtitle may begin a line with a name
    probability : 0..1, of the words in the mean; None where it is not given
    """

    start_s: float
    end_s: float
    lines: tuple[tuple[Timed, ...], ...]
    probability: float | None = None

    @property
    def words(self) -> tuple[Timed, ...]:
        return tuple(word for line in self.lines for word in line)

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript as it was written.

    segments   : in the order of the file
    duration_s : of the recording, None where it is not told
    language   : as the file names it, "" where it does not
    """

    segments: tuple[Segment, ...]
    duration_s: float | None = None
    language: str = ""


def words_of_line(text: str, speaker: str | None = None) -> tuple[Timed, ...]:
    """The words of a line of which no more is known."""
    return tuple(Timed(word, speaker=speaker) for word in text.split())
