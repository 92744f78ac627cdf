"""WebVTT and SRT: cues with times, voices and, in some, the times of words.

One parser reads both. It is strict about times and lenient about all else: hours, numbers and blank lines may be
missing, a comma is as good as a full stop. Formats: W3C, "WebVTT: The Web Video Text Tracks Format"; SRT has no
standard and is read as players do.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from belscore.call import LATEST_S
from belscore.errors import NotationError
from belscore.foreign.segments import Segment, Timed, Transcript, words_of_line

_ARROW = "-->"
_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?=\s|$)")
_HEADER = "WEBVTT"
_NUMBER = re.compile(r"\s*\d+\s*")
# Webex names who speaks in the line above the times: 12 "Anja Bakker" (3456).
_NAMED_CUE = re.compile(r'\s*\d+\s+"([^"]+)".*')
_STAMP = re.compile(r"(?:(\d{1,2}):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,3}))?")
_VOICE = re.compile(r"v(?:\.\S+)?\s+(.+)")
# Tags that say how text looks, in WebVTT and in SRT; any other stands where something was taken out.
_LOOKS = re.compile(r"/?(?:[cibsv]|ruby|rt|lang|font|br)(?:[.\s/].*)?", re.IGNORECASE)
_TAG = re.compile(r"<([^<>\n]*)>")
# Places on the screen in SRT of other origin: {\an8}.
_PLACE = re.compile(r"\{\\[^}]*\}")
# Cues that follow on each other so closely are one display.
_TOUCHING_S = 0.1
_DO = "write times like 00:01:02.345 --> 00:01:04.000"


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue with its words; `underlined` says that one of them is, as whisper marks the one that is being said."""

    start_s: float
    end_s: float
    lines: tuple[tuple[Timed, ...], ...]
    underlined: bool = False
    stamped: bool = False

    @property
    def texts(self) -> list[str]:
        return [" ".join(word.text for word in line) for line in self.lines]


def looks_like_cues(head: str) -> bool:
    """Whether a text begins as WebVTT or SRT do; the first lines of a file will do."""
    lines = head.removeprefix("\ufeff").lstrip().splitlines()[:3]
    return bool(lines) and (lines[0].startswith(_HEADER) or any(_TIMES.match(line) for line in lines))


def read_cues(text: str, *, source: str) -> Transcript:
    """WebVTT or SRT as a transcript.

    Raises NotationError naming source and line for times that cannot be read, and for a text without any.
    """
    cues = _without_repeats(sorted(_cues(text.removeprefix("\ufeff"), source), key=lambda cue: cue.start_s))
    return Transcript(tuple(Segment(cue.start_s, cue.end_s, cue.lines) for cue in cues))


def _cues(text: str, source: str) -> Iterator[_Cue]:
    lines = text.splitlines()
    is_vtt = text.lstrip().startswith(_HEADER)
    starts = [at for at, line in enumerate(lines) if _ARROW in line and not (is_vtt and _in_comment(lines, at))]
    if not starts:
        raise NotationError("no line with times", where=source, do=_DO)
    for at, until in pairwise([*starts, len(lines)]):
        start_s, end_s = _times_s(lines[at], f"{source}:{at + 1}")
        body = lines[at + 1 : until]
        kept = _vtt_body(body) if is_vtt else _srt_body(body, is_last=until == len(lines))
        named = _NAMED_CUE.fullmatch(lines[at - 1]) if at else None
        yield _cue(start_s, end_s, kept, named[1].strip() if named else None)


def _in_comment(lines: Sequence[str], at: int) -> bool:
    """Whether an arrow stands in a comment, which ends at a blank line."""
    first = at
    while first and lines[first - 1].strip():
        first -= 1
    return lines[first].startswith("NOTE")


def _times_s(line: str, where: str) -> tuple[float, float]:
    match = _TIMES.match(line)
    if match is None:
        raise NotationError("no times of a cue", where=where, do=_DO)
    start_s, end_s = _seconds(match.groups()[:4], where), _seconds(match.groups()[4:], where)
    if end_s < start_s:
        raise NotationError(f"the cue ends at {end_s:g} s, before it starts", where=where, do="correct the times")
    return start_s, end_s


def _seconds(parts: Sequence[str | None], where: str) -> float:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    at_s = hours * 3600 + minutes * 60 + seconds + int((parts[3] or "0").ljust(3, "0")) / 1000
    if minutes > 59 or seconds > 59 or at_s > LATEST_S:
        raise NotationError(f"{hours}:{minutes:02d}:{seconds:02d} is no time in a call", where=where, do=_DO)
    return at_s


def _vtt_body(lines: Sequence[str]) -> str:
    """Up to the first blank line: behind it stand the name of the next cue, comments and styles."""
    blank = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    return "\n".join(lines[:blank])


def _srt_body(lines: Sequence[str], *, is_last: bool) -> str:
    """All lines up to the next times, without the number of the next cue; blank ones stand in some texts."""
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    direct = len(kept) == len(lines)
    if kept and not is_last and _NUMBER.fullmatch(kept[-1]) and (direct or len(kept) == 1 or not kept[-2].strip()):
        kept.pop()
    return "\n".join(line for line in kept if line.strip())


def _cue(start_s: float, end_s: float, body: str, speaker: str | None) -> _Cue:
    reading = _Reading(start_s, end_s, speaker)
    for place, piece in enumerate(_TAG.split(_PLACE.sub("", body))):
        if place % 2:
            reading.tag(html.unescape(piece).strip())
        else:
            reading.read(html.unescape(piece))
    return _Cue(
        start_s, end_s, tuple(tuple(line) for line in reading.lines if line), reading.underlined, reading.stamped
    )


@dataclass(slots=True)
class _Reading:
    """Reads a cue from tag to tag: a voice holds up to the next one, a time is that of the word behind it."""

    start_s: float
    end_s: float
    speaker: str | None
    lines: list[list[Timed]] = field(default_factory=lambda: [[]])
    at_s: float | None = None
    marking: bool = False
    underlined: bool = False
    stamped: bool = False
    inside: bool = False  # in the middle of a word

    def tag(self, name: str) -> None:
        voice, stamp = _VOICE.fullmatch(name), _STAMP.fullmatch(name)
        if voice or name == "/v":
            self.speaker, self.inside = voice[1].strip() if voice else None, False
        elif stamp:
            self.at_s, self.stamped = _seconds(stamp.groups(), f"<{name}>"), True
        elif name.lower() in ("u", "/u"):
            self.marking = name.lower() == "u"
            self.underlined = self.underlined or self.marking
        elif not _LOOKS.fullmatch(name):
            self.lines[-1].append(Timed(f"[{name}]", speaker=self.speaker))
            self.inside = False

    def read(self, text: str) -> None:
        for number, line in enumerate(text.split("\n")):
            if number:
                self.lines.append([])
                self.inside = False
            words = list(words_of_line(line, self.speaker))
            if words and self.inside and not line[0].isspace():
                before = self.lines[-1].pop()
                words[0] = replace(before, text=before.text + words[0].text)
            elif words and self.at_s is not None:
                words[0], self.at_s = replace(words[0], start_s=self.at_s), None
            if self.marking:
                words = [replace(word, start_s=self.start_s, end_s=self.end_s) for word in words]
            self.lines[-1] += words
            self.inside = bool(words) and not line[-1].isspace() if line else self.inside


def _without_repeats(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """Cues that show the same text with another word underlined as one, and lines that roll on from the last cue once.

    cues : in order of time
    """
    rolling = any(cue.stamped for cue in cues)
    last: _Cue | None = None
    shown: list[str] = []
    for cue in cues:
        touches = last is not None and cue.start_s - last.end_s <= _TOUCHING_S
        if last is not None and touches and (cue.underlined or last.underlined) and cue.texts == last.texts:
            last = _joined(last, cue)
            continue
        texts = cue.texts
        if rolling and touches:
            fresh = [line for line, text in zip(cue.lines, texts, strict=True) if text not in shown]
            cue = replace(cue, lines=tuple(fresh))
        shown = texts
        if last is not None:
            yield last
        last = cue
    if last is not None:
        yield last


def _joined(one: _Cue, other: _Cue) -> _Cue:
    """Two displays of one text, with the times of the words that either underlines."""
    lines = tuple(
        tuple(word if word.start_s is not None else again for word, again in zip(line, same, strict=True))
        for line, same in zip(one.lines, other.lines, strict=True)
    )
    return _Cue(one.start_s, max(one.end_s, other.end_s), lines, underlined=True)
