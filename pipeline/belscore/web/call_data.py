"""A call as data: what the page draws and scripts may ask for. Times are seconds from the start of the recording."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from belscore.call import Call, Role
from belscore.report.lanes import RATE_RANGE_SPS, lane_peaks, wave_heights
from belscore.report.timeline import Bar, make_timeline
from belscore.report.wording import MARKS, wording
from belscore.scorecard import Scorecard, Verdict, clock
from belscore.tempo import CALM_SPS

# A moment by the clock on the wall, without a zone: JSON Schema's "date-time" has one.
WallClock = Annotated[datetime, WithJsonSchema({"type": "string", "examples": ["2026-10-06T09:12:00"]})]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class Stretch(_Data):
    """A stretch of the call, with what it is in words."""

    kind: str = Field(description="agent, caller, colleague, system; overlap, cut_in; silence, hold, ring")
    lane: int = Field(description="0 for the practice's side of the line, 1 for the caller")
    start_s: float
    end_s: float
    label: str


class LaneWave(_Data):
    """How loud one lane is: heights 0..50 at equal distances over the whole call."""

    lane: int
    role: Role
    heights: list[int]


class Rate(_Data):
    """How fast a turn is said."""

    role: Role
    start_s: float
    end_s: float
    rate_sps: float = Field(description="articulation rate in syllables per second")
    label: str


class RateScale(_Data):
    """The rates in syllables per second that a scale shows, and those that are calm to listen to."""

    lowest_sps: float
    highest_sps: float
    calm_from_sps: float
    calm_to_sps: float


class FindingMark(_Data):
    """A place that a judged finding points at."""

    rule_id: str
    verdict: Verdict
    sign: str
    start_s: float
    end_s: float
    label: str


class TimelineData(_Data):
    """Everything that the timeline of a call draws."""

    duration_s: float
    speech: list[Stretch]
    overlaps: list[Stretch]
    gaps: list[Stretch] = Field(description="silences, holds and ringing")
    waves: list[LaneWave] = Field(description="empty when the sound was not measured")
    rates: list[Rate]
    rate_scale: RateScale
    marks: list[FindingMark] = Field(description="in order of time")


class CallData(_Data):
    """A call with its score, for its owner and for coaches."""

    id: int
    title: str
    practice: bool = Field(description="made to learn from, and not a call of the practice")
    agent: str | None
    started_at: WallClock | None
    score: float | None = Field(description="0..100; null when nothing could be judged")
    coverage: float = Field(description="0..1, share of the applicable weight that was judged")
    sound: str | None = Field(description="address of the recording; null when none is kept")
    timeline: TimelineData | None = Field(description="null when the transcript is no longer kept")


class AttemptData(_Data):
    """One call of the same person."""

    id: int
    title: str
    at: WallClock
    scenario: str | None
    score: float | None
    coverage: float
    is_this: bool


class RuleTitle(_Data):
    """A rule by its id and title."""

    id: str
    title: str


class ChangesData(_Data):
    """Rules that both calls were judged by, and that came out otherwise."""

    before: int = Field(description="id of the earlier call")
    better: list[RuleTitle]
    worse: list[RuleTitle]
    compared: int = Field(description="rules with a pass or a fail in both calls")
    left_out: int = Field(description="rules that were changed in between, and so are not compared")


class HistoryData(_Data):
    """This call beside at most ten earlier ones of the same person, in order of time."""

    attempts: list[AttemptData]
    changes: ChangesData | None


def timeline_data(call: Call, card: Scorecard) -> TimelineData:
    """The timeline of a call, with labels in the language of the card."""
    line, say = make_timeline(call, card), wording(card.language)
    slowest_sps, fastest_sps = RATE_RANGE_SPS
    return TimelineData(
        duration_s=line.duration_s,
        speech=[_stretch(bar) for bar in line.speech],
        overlaps=[_stretch(bar) for bar in line.overlaps],
        gaps=[_stretch(bar) for bar in line.gaps],
        waves=[LaneWave(lane=lane, role=role, heights=wave_heights(peaks)) for lane, role, peaks in lane_peaks(call)],
        rates=[
            Rate(
                role=each.by,
                start_s=each.start_s,
                end_s=each.end_s,
                rate_sps=each.rate_sps,
                label=f"{say.table('roles')[each.by]}, {clock(each.start_s)}–{clock(each.end_s)}: "
                + say.table("measures")["rate"].format(say.rate(each.rate_sps)),
            )
            for each in card.measures.rates
        ],
        rate_scale=RateScale(
            lowest_sps=slowest_sps, highest_sps=fastest_sps, calm_from_sps=CALM_SPS[0], calm_to_sps=CALM_SPS[1]
        ),
        marks=sorted(_marks(card), key=lambda each: each.start_s),
    )


def _stretch(bar: Bar) -> Stretch:
    return Stretch(kind=bar.kind, lane=bar.lane, start_s=bar.start_s, end_s=bar.end_s, label=bar.title)


def _marks(card: Scorecard) -> Iterator[FindingMark]:
    """One for each place that a judged finding points at, once for each rule and place."""
    verdicts = wording(card.language).table("verdicts")
    for finding in card.findings:
        if finding.verdict == "not_applicable":
            continue
        places = {place.start_s: place for place in reversed(finding.evidence)}
        for start_s, place in places.items():
            label = f"{clock(start_s)} {verdicts[finding.verdict]}: {finding.title}"
            yield FindingMark(
                rule_id=finding.rule_id,
                verdict=finding.verdict,
                sign=MARKS[finding.verdict],
                start_s=start_s,
                end_s=place.end_s,
                label=label,
            )
