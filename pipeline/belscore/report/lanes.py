"""What of the sound is drawn on the line of time: the waveform of each party, and how fast each turn is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from belscore.call import Call, Role, Span, merge_spans
from belscore.report.wording import Wording
from belscore.scorecard import Scorecard, clock
from belscore.tempo import CALM_SPS, speech_spans

# One lane for those on the practice's side of the line, one for the caller.
LANES: dict[Role, int] = {"agent": 0, "colleague": 0, "system": 0, "caller": 1}
_LANE_ROLES: tuple[tuple[Role, ...], ...] = (("agent", "colleague", "system"), ("caller",))
# A lane is full at the level that a hundredth of its points exceed; a channel under this (-26 dB) stays low.
_FULL_SHARE = 0.99
_LEAST_FULL = 50
WAVE_HEIGHT = 50
# What the scale of the rates shows; what lies outside is drawn at its edge.
RATE_RANGE_SPS = (2.0, 8.0)


@dataclass(frozen=True, slots=True)
class Wave:
    """Upper half of a waveform as an SVG path, `points` wide and WAVE_HEIGHT high, from the middle line up."""

    lane: int
    kind: Role
    points: int
    path: str


@dataclass(frozen=True, slots=True)
class RateBar:
    """The rate of a turn; `x` and `width` in per cent of the line, `y` 0..1 from the top of the scale.

    heard_y : where the rate by the syllable nuclei lies on the scale; None where they were not measured
    """

    kind: Role
    x: float
    width: float
    y: float
    rate_sps: float
    title: str
    start_s: float
    heard_y: float | None


@dataclass(frozen=True, slots=True)
class Band:
    """The calm rates, as places 0..1 from the top of the scale."""

    top: float
    bottom: float
    slowest_sps: float
    fastest_sps: float


def make_waves(call: Call) -> tuple[Wave, ...]:
    """A wave for each lane, see `lane_peaks`."""
    return tuple(Wave(lane, role, len(peaks), wave_path(peaks)) for lane, role, peaks in lane_peaks(call))


def lane_peaks(call: Call) -> Iterator[tuple[int, Role, tuple[int, ...]]]:
    """(lane, role, peaks in thousandths of full scale) of each party whose sound was measured.

    On a mixed channel each gets what was said in its own turns.
    """
    mixed = call.sound.get("mixed")
    for role in ("agent", "caller"):
        sound = call.sound.get(role) or mixed
        if sound is None or not sound.peaks:
            continue
        lane, peaks = LANES[role], sound.peaks
        if role not in call.sound:
            spans = merge_spans([span for each in _LANE_ROLES[lane] for span in speech_spans(call, each)])
            peaks = _only_in(peaks, spans, call.duration_s)
        yield lane, role, peaks


def wave_path(peaks: Sequence[int]) -> str:
    """The outline of peaks (thousandths of full scale) as a closed path of steps, one wide each.

    >>> wave_path([0, 25, 50, 50])
    'M0 0V0h1V-25h1V-50h2V0z'
    """
    heights = wave_heights(peaks)
    steps = [f"V{-height}h{len(list(run))}" for height, run in groupby(heights)]
    return f"M0 0{''.join(steps)}V0z"


def wave_heights(peaks: Sequence[int]) -> list[int]:
    """0..WAVE_HEIGHT for each of the peaks, the loudest but a hundredth of them full."""
    full = max(sorted(peaks)[int(_FULL_SHARE * (len(peaks) - 1))], _LEAST_FULL)
    return [min(WAVE_HEIGHT, round(WAVE_HEIGHT * peak / full)) for peak in peaks]


def _only_in(peaks: Sequence[int], spans: Sequence[Span], duration_s: float) -> tuple[int, ...]:
    scale = len(peaks) / duration_s
    kept = [0] * len(peaks)
    for span in spans:
        part = slice(int(span.start_s * scale), int(span.end_s * scale) + 1)
        kept[part] = peaks[part]
    return tuple(kept)


def make_rates(say: Wording, card: Scorecard, scale: float) -> Iterator[RateBar]:
    """The rate of each turn that is long enough for one; `scale` in per cent of the line a second."""
    for rate in card.measures.rates:
        text = say.table("measures")["rate"].format(say.rate(rate.rate_sps))
        title = f"{say.table('roles')[rate.by]}, {clock(rate.start_s)}–{clock(rate.end_s)}: {text}"
        width = round((rate.end_s - rate.start_s) * scale, 3)
        x, y = round(rate.start_s * scale, 3), _height(rate.rate_sps)
        heard_y = None if rate.heard_sps is None else _height(rate.heard_sps)
        yield RateBar(rate.by, x, width, y, rate.rate_sps, title, rate.start_s, heard_y)


def calm_band() -> Band:
    slowest_sps, fastest_sps = CALM_SPS
    return Band(_height(fastest_sps), _height(slowest_sps), slowest_sps, fastest_sps)


def _height(rate_sps: float) -> float:
    low, high = RATE_RANGE_SPS
    return round(min(1.0, max(0.0, (high - rate_sps) / (high - low))), 3)
