"""Where everything lies on a line of time: two lanes of speech, above them the findings, under them the tempo.

Positions are per cent of the duration, so that the drawing fits any width without stretching its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from belscore.call import Call, Span, merge_spans
from belscore.report.lanes import LANES, Band, RateBar, Wave, calm_band, make_rates, make_waves
from belscore.report.wording import Wording, wording
from belscore.scorecard import Finding, Scorecard, Verdict, clock

# A silence shorter than this is a pause in a talk and would only litter the drawing.
_MIN_SILENCE_S = 3.0
# Steps between ticks that people count in.
_TICK_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MAX_TICKS = 9
# Marks nearer than this share of the width would cover each other.
_MARK_WIDTH = 1.6
MAX_MARK_ROWS = 4
# Below so many seconds a page's width shows every turn; longer calls get a wider drawing that scrolls.
_WIDE_FROM_S, _WIDEST_FROM_S = 180.0, 600.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch on the line; `x` and `width` in per cent, `title` is shown on pointing at it."""

    kind: str
    x: float
    width: float
    title: str
    start_s: float
    end_s: float
    lane: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding above the lanes, `row` 0 nearest to them."""

    x: float
    row: int
    verdict: Verdict
    rule_id: str
    title: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """speech: per lane; overlaps: both talk, `cut_in` where one stops the other; gaps: silences, holds and ringing.

    waves : the sound of the lanes; () when only turns are known
    rates : the tempo of the turns, drawn with `calm`, the band of calm rates
    """

    duration_s: float
    speech: tuple[Bar, ...]
    overlaps: tuple[Bar, ...]
    gaps: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    size: str
    waves: tuple[Wave, ...]
    rates: tuple[RateBar, ...]
    calm: Band

    @property
    def height(self) -> int:
        """Of the drawing in pixels: marks, two lanes, the clock, and the scale of the tempo where there is one."""
        return 10 + 15 * self.mark_rows + (120 if self.waves else 80) + (66 if self.rates else 0)

    @property
    def mark_rows(self) -> int:
        return max((mark.row + 1 for mark in self.marks), default=0)


def make_timeline(call: Call, card: Scorecard) -> Timeline:
    """Lay out a call with its findings. A call without sound spans is drawn from its turns."""
    say = wording(card.language)
    duration_s = max([call.duration_s, *(turn.end_s for turn in call.turns)], default=0.0) or 1.0
    scale = 100 / duration_s
    return Timeline(
        duration_s=duration_s,
        speech=tuple(_speech(say, call, scale)),
        overlaps=tuple(_overlap_bars(say, call, card, scale)),
        gaps=tuple(_gaps(say, call, card, scale)),
        marks=_marks(say, card.findings, scale),
        ticks=tuple(_ticks(duration_s)),
        size="widest" if duration_s >= _WIDEST_FROM_S else "wide" if duration_s >= _WIDE_FROM_S else "fit",
        waves=make_waves(call),
        rates=tuple(make_rates(say, card, scale)),
        calm=calm_band(),
    )


def _bar(kind: str, span: Span, scale: float, label: str, lane: int = 0) -> Bar:
    title = f"{label}, {clock(span.start_s)}–{clock(span.end_s)}"
    x, width = round(span.start_s * scale, 3), round(span.duration_s * scale, 3)
    return Bar(kind, x, width, title, span.start_s, span.end_s, lane)


def _speech(say: Wording, call: Call, scale: float) -> Iterable[Bar]:
    for role, lane in LANES.items():
        for span in call.speech_of(role):
            yield _bar(role, span, scale, say.table("roles")[role], lane)


def _overlap_bars(say: Wording, call: Call, card: Scorecard, scale: float) -> Iterable[Bar]:
    cuts_in = [Span(event.start_s, event.end_s) for event in card.measures.interruptions]
    for start_s, end_s in _overlaps(call, card):
        span = Span(start_s, end_s)
        if any(span.overlap_s(cut) > 0 for cut in cuts_in):
            yield _bar("cut_in", span, scale, say.table("timeline")["cut_in"])
        else:
            yield _bar("overlap", span, scale, say.table("timeline")["overlap"])


def _overlaps(call: Call, card: Scorecard) -> Sequence[tuple[float, float]]:
    if card.measures.overlaps or call.channels == "mixed":
        return card.measures.overlaps
    ours, theirs = (merge_spans(_lane_spans(call, lane)) for lane in (0, 1))
    return [
        (max(one.start_s, other.start_s), min(one.end_s, other.end_s))
        for one in ours
        for other in theirs
        if one.overlap_s(other) > 0
    ]


def _lane_spans(call: Call, lane: int) -> list[Span]:
    return [span for role, place in LANES.items() if place == lane for span in call.speech_of(role)]


def _gaps(say: Wording, call: Call, card: Scorecard, scale: float) -> Iterable[Bar]:
    for span in call.rings:
        yield _bar("ring", span, scale, say.table("timeline")["ring"])
    for span in call.holds:
        yield _bar("hold", span, scale, say.table("timeline")["hold"])
    for start_s, end_s in card.measures.silences:
        span = Span(start_s, end_s)
        if span.duration_s >= _MIN_SILENCE_S and not any(span.overlap_s(hold) for hold in call.holds):
            label = say.table("timeline")["silence_of"].format(say.length(span.duration_s))
            yield _bar("silence", span, scale, label)


def _marks(say: Wording, findings: Sequence[Finding], scale: float) -> tuple[Mark, ...]:
    """One mark for each place a judged finding points at; those close together go above each other, fails lowest."""
    rank: dict[Verdict, int] = {"fail": 0, "unsure": 1, "pass": 2}
    places = sorted(
        {
            (rank[finding.verdict], evidence.start_s, finding.rule_id): finding
            for finding in findings
            if finding.verdict in rank
            for evidence in finding.evidence
        }.items(),
        key=lambda place: place[0],
    )
    rows: list[list[float]] = [[] for _ in range(MAX_MARK_ROWS)]
    marks = []
    for (_, start_s, rule_id), finding in places:
        x = round(start_s * scale, 3)
        row = next((r for r, taken in enumerate(rows) if all(abs(x - at) >= _MARK_WIDTH for at in taken)), None)
        if row is None:
            continue
        rows[row].append(x)
        title = f"{clock(start_s)} {say.table('verdicts')[finding.verdict]}: {finding.title}"
        marks.append(Mark(x, row, finding.verdict, rule_id, title, start_s))
    return tuple(sorted(marks, key=lambda mark: mark.start_s))


def _ticks(duration_s: float) -> Iterable[Tick]:
    step_s = next((step for step in _TICK_STEPS_S if duration_s / step <= _MAX_TICKS), _TICK_STEPS_S[-1])
    at_s = 0
    while at_s < duration_s * 0.97:
        yield Tick(round(100 * at_s / duration_s, 3), clock(at_s))
        at_s += step_s
