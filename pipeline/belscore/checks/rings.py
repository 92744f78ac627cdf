"""Check kind `rings`: how often the telephone rang before it was answered."""

from __future__ import annotations

import math

from belscore.checks.outcome import Outcome, failed, not_applicable, passed
from belscore.rule_service import Rings
from belscore.scorecard import Measured
from belscore.view import CallView


def rings(params: Rings, view: CallView) -> Outcome:
    """From the time the telephone rang, or counted from the ring tones ahead of the first word."""
    ring_s = view.call.ring_s
    if ring_s is not None:
        within = ring_s <= params.most * params.period_s
        count = min(params.most, math.floor(ring_s / params.period_s) + 1) if within else _count(params, ring_s)
    else:
        count = _heard(view)
        if not count:
            return not_applicable("rings_unknown")
        within = count <= params.most
    measured = Measured(float(count), "belsignalen", f"hoogstens {params.most}")
    values = {"count": str(count), "most": str(params.most)}
    return passed(values=values, measured=measured) if within else failed(values=values, measured=measured)


def _count(params: Rings, ring_s: float) -> int:
    return math.floor(ring_s / params.period_s) + 1


def _heard(view: CallView) -> int:
    """Ring tones before anybody speaks; later ones belong to a transfer."""
    first_s = min((turn.start_s for turn in view.call.turns if turn.role != "system"), default=view.call.duration_s)
    return sum(span.end_s <= first_s + 0.5 for span in view.call.rings)
