"""The waist of the program: a recorded call as words, turns and spans, without any IO.

Times are float seconds from the start of the recording.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

Role = Literal["agent", "caller", "colleague", "system"]
Direction = Literal["inbound", "outbound"]
Channels = Literal["separate", "mixed"]
EndedBy = Literal["agent", "caller", "cut"]
Times = Literal["sound", "words", "text"]
AgentChannel = Literal["left", "right", "auto"]

# No call lasts longer; a later time is in another unit, or broken.
LATEST_S = 86_400.0
ROLES: tuple[Role, ...] = ("agent", "caller", "colleague", "system")


class Span(NamedTuple):
    """A stretch of time, `start_s <= end_s`."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    def overlap_s(self, other: Span) -> float:
        """Seconds that both spans share; 0.0 when they do not touch."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))


@dataclass(frozen=True, slots=True)
class Word:
    """One word as said; `probability` 0..1 is the recogniser's, 1.0 for a written transcript."""

    text: str
    start_s: float
    end_s: float
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What one party says in one go. `text` is the words with spaces between them."""

    role: Role
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...]

    @property
    def span(self) -> Span:
        return Span(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known about the sound; None where it was not measured.

    lost_s       : seconds that could not be decoded
    rate_hz      : sampling rate of the file
    level_dbov   : mean level of the speech per role, dB relative to full scale
    clipped      : share 0..1 of samples at full scale
    notes        : remarks for the reader, in Dutch
    """

    lost_s: float = 0.0
    rate_hz: int | None = None
    level_dbov: Mapping[str, float] = field(default_factory=dict)
    clipped: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured on one channel of the recording, for what is judged and drawn without the recording.

    speech : spans in which somebody speaks on the channel
    nuclei : times in s of the syllable nuclei heard in them, see `nuclei.syllable_nuclei`
    peaks  : greatest amplitude in each of equal parts of the recording, in thousandths of full scale
    """

    speech: tuple[Span, ...] = ()
    nuclei: tuple[float, ...] = ()
    peaks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Listened:
    """What the sound answered when it was asked for other words in a turn of the agent, see `second_look`.

    turn_s     : where the turn begins
    text       : its words as recognised, with spaces between them; of other words the answer says nothing
    start, end : which of them (from 0, end exclusive) `asked` was to stand in the place of
    margin, own: see `second_look.Likelihood`
    """

    turn_s: float
    text: str
    start: int
    end: int
    asked: tuple[str, ...]
    margin: float
    own: float


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out of the words of a call before it was kept, see `redaction`.

    turn, word : place of the turn, and in it of the word that stands there now: `[telefoonnummer]`
    kind       : see `redaction.found.Kind`
    number     : which value of its kind, from 1; a value that is said again has the same
    stand_in   : made-up words with the times and certainty of those taken out: what rules are held against
    """

    turn: int
    word: int
    kind: str
    number: int
    stand_in: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Engine:
    """Which programs made the transcript; empty for a written one."""

    belscore: str = ""
    model: str = ""
    model_sha256: str = ""
    faster_whisper: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call, ready to be judged.

    source          : path or name, for display
    duration_s      : length of the recording
    turns           : in order of start time; turns of different roles may overlap
    speech          : spans per role in which that party makes sound; None when only turns are known
    holds, rings    : spans found in the sound; () when none or not looked for
    channels        : "mixed" when both parties share one channel: who talked over whom is then unknown
    role_confidence : 0..1, how sure it is who is the agent
    sound           : per channel, by the role that it carries or "mixed"; empty when the sound was not measured
    times           : what tells them: "sound" (or somebody who knows); else another tool's recogniser, for each of the
                      "words" or for a stretch of "text"
    listened        : what was asked of the sound when the call was judged from its recording
    removed         : what was taken out of the words, in order; () for a call as it was said
    held            : rules whose verdict needs the words that were taken out, each with a digest of what it checks
    """

    source: str
    duration_s: float
    turns: tuple[Turn, ...]
    direction: Direction = "inbound"
    started_at: datetime | None = None
    ring_s: float | None = None
    ended_by: EndedBy | None = None
    channels: Channels = "separate"
    role_confidence: float = 1.0
    speech: Mapping[Role, tuple[Span, ...]] | None = None
    holds: tuple[Span, ...] = ()
    rings: tuple[Span, ...] = ()
    practice: str | None = None
    agent: str | None = None
    department: str | None = None
    quality: Quality = field(default_factory=Quality)
    sound: Mapping[str, Sound] = field(default_factory=dict)
    times: Times = "sound"
    engine: Engine = field(default_factory=Engine)
    listened: tuple[Listened, ...] = ()
    removed: tuple[Removed, ...] = ()
    held: tuple[tuple[str, str], ...] = ()

    def turns_of(self, role: Role) -> tuple[Turn, ...]:
        return tuple(turn for turn in self.turns if turn.role == role)

    def speech_of(self, role: Role) -> tuple[Span, ...]:
        """Measured speech spans of a role, or its turns where the sound was not measured."""
        if self.speech is not None:
            return self.speech.get(role, ())
        return merge_spans([turn.span for turn in self.turns if turn.role == role])


def merge_spans(spans: Sequence[Span], *, gap_s: float = 0.0) -> tuple[Span, ...]:
    """Sort spans and join those that overlap or lie at most `gap_s` apart.

    >>> merge_spans([Span(2.0, 3.0), Span(0.0, 1.0), Span(1.0, 1.5)])
    (Span(start_s=0.0, end_s=1.5), Span(start_s=2.0, end_s=3.0))
    """
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start_s <= merged[-1].end_s + gap_s:
            merged[-1] = Span(merged[-1].start_s, max(merged[-1].end_s, span.end_s))
        else:
            merged.append(span)
    return tuple(merged)
