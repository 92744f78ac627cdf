"""A call in time as a picture of its own (SVG), with what the page leaves out: for tuning what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from belscore.call import Call
from belscore.report.html import render
from belscore.report.lanes import LANES
from belscore.report.timeline import make_timeline
from belscore.report.wording import wording
from belscore.scorecard import Scorecard

# A second is this wide, so that syllable nuclei, five a second, stand apart.
_PIXELS_PER_S = 30
_MIN_WIDTH = 900
# Nuclei are strokes of this length along the top of their lane.
_STROKE = 5


def format_plot(call: Call, card: Scorecard) -> str:
    """Lanes of the call as SVG: waveforms, spans, overlaps, holds, syllable nuclei, and the tempo of each turn.

    Beside the rate from the words the plot has that from the nuclei, as a thin line.
    """
    timeline = make_timeline(call, card)
    return render(
        "plot.svg.j2",
        card.language,
        timeline=timeline,
        card=card,
        width=max(_MIN_WIDTH, round(_PIXELS_PER_S * timeline.duration_s)),
        nuclei=tuple(_nuclei(call)),
        links=False,
        title=Path(card.call.source).name,
        facts=" · ".join(f"{name} {value}" for name, value in _rates(card)),
    )


def _nuclei(call: Call) -> Iterator[tuple[int, str]]:
    for key, sound in call.sound.items():
        lane = next((lane for role, lane in LANES.items() if role == key), 0)
        yield lane, "".join(f"M{round(100 * at_s)} 0v{_STROKE}" for at_s in sound.nuclei)


def _rates(card: Scorecard) -> Iterator[tuple[str, str]]:
    """Rates of the call in syllables per second: by the words, and by the nuclei."""
    say, measures = wording(card.language), card.measures
    for role, words_sps, heard_sps in (
        ("agent", measures.agent_rate_sps, measures.agent_heard_rate_sps),
        ("caller", measures.caller_rate_sps, measures.caller_heard_rate_sps),
    ):
        known = [say.rate(value) for value in (words_sps, heard_sps) if value is not None]
        if known:
            yield say.table("roles")[role], " / ".join(known)
