"""An appointment made in plain sight: moments put to the caller, one of them taken, and said again by the agent."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.appointment import Appointment
from belscore.choosing import is_same
from belscore.diary import appointment_moments, distinct
from belscore.language.moments import Moment
from belscore.language.tokens import Utterance
from belscore.view import CallView


def puts_several(view: CallView) -> bool:
    """The agent names two moments with a clock time, one with its day; without, there is nothing to choose from."""
    return _of_days([moment for utterance in view.of("agent") for moment in _timed(view, utterance)])


def is_chosen(view: CallView, appointment: Appointment | None) -> bool:
    """`morgen om half acht, en zaterdag om elf - zaterdag dan - zaterdag, elf uur`: no other words undo it."""
    if appointment is None or appointment.by != "offer" or not _of_days(appointment.offered):
        return False
    reply = next((u for u in view.of("agent") if u.index >= appointment.agreed_at and u.tokens), None)
    said = _timed(view, reply) if reply else []
    return any(is_same(moment, appointment.moment, view.called_on) for moment in said)


def _timed(view: CallView, utterance: Utterance) -> list[Moment]:
    return [moment for moment in appointment_moments(view, utterance) if moment.has_clock]


def _of_days(said: Sequence[Moment]) -> bool:
    return len(distinct(said)) > 1 and any(moment.has_day for moment in said)
