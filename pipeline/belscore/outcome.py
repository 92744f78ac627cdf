"""What came of the call: not scored, for first-call resolution."""

from __future__ import annotations

from belscore.endings import cut_off, ends_in_transfer
from belscore.scorecard import Outcome
from belscore.view import CallView


def outcome_of(view: CallView) -> Outcome:
    """The outcome for first-call resolution (S2)."""
    situations = view.situations
    if ends_in_transfer(view):
        return "transferred"
    if cut_off(view):
        return "broken_off"
    if "afspraak" in situations:
        return "appointment"
    if "terugbellen" in situations:
        return "callback"
    return "answered" if view.of("agent") and view.of("caller") else "unknown"
