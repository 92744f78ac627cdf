"""What came of the call, and what is promised in it: not scored, for the phone log."""

from __future__ import annotations

from belscore.endings import cut_off, ends_in_transfer
from belscore.scorecard import LedgerEntry, Outcome
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


def ledger_of(view: CallView) -> tuple[LedgerEntry, ...]:
    """Each appointment and each promise to call back, with its term as said."""
    entries: list[LedgerEntry] = []
    appointment = view.situations.appointment
    if appointment is not None:
        moment = appointment.moment
        entries.append(LedgerEntry("appointment", "agent", moment.quote, moment.quote, moment.start_s))
    seen: set[int] = set()
    for promise in view.situations.promises:
        utterance = promise.utterance
        if utterance.index in seen:
            continue
        seen.add(utterance.index)
        due = [moment.quote for moment in view.moments(utterance) if moment.start >= promise.start - 8]
        start, end = utterance.sentence_of(promise.start)
        number = any(
            value.kind == "number" and len(value.digits) >= 8 for u in view.utterances for value in view.values(u)
        )
        entries.append(
            LedgerEntry(
                "promise", "agent", utterance.quote(start, end), due[0] if due else None, promise.start_s, number
            )
        )
    return tuple(sorted(entries, key=lambda entry: entry.start_s))
