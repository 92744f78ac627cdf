"""The check kinds: typed functions from a rule's parameters and a call to an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from belscore.checks.address import addresses_formally
from belscore.checks.asks_again import asks_again
from belscore.checks.avoids import avoids
from belscore.checks.complaint import answers_request, hears_out, says_before, summarises
from belscore.checks.daypart import daypart
from belscore.checks.escalation import rate_change, sets_limit
from belscore.checks.follow_up import follow_up
from belscore.checks.greeting import greeting
from belscore.checks.greeting_rate import greeting_rate
from belscore.checks.hold import hold_length, hold_request
from belscore.checks.names import counts_name, recognises_name
from belscore.checks.options import offers_choice, steers
from belscore.checks.outcome import Outcome
from belscore.checks.overlap import overlap
from belscore.checks.phrases import avoids_before, says
from belscore.checks.promises import promise_number, promise_term
from belscore.checks.questions import asks_questions
from belscore.checks.rate import rate
from belscore.checks.repeats import repeats_appointment, repeats_value
from belscore.checks.rings import rings
from belscore.checks.short_answers import short_answers
from belscore.checks.signals import listening_signals
from belscore.checks.silence import silence
from belscore.checks.solution import announces_check, offers_solution
from belscore.checks.transfer import announces_transfer
from belscore.checks.transfer_fallback import transfer_fallback
from belscore.view import CallView

# The parameter model of each kind is the one that `rule_schema` pairs with it.
CHECKS: Mapping[str, Callable[[Any, CallView], Outcome]] = {
    "addresses_formally": addresses_formally,
    "avoids_before": avoids_before,
    "counts_name": counts_name,
    "greeting": greeting,
    "overlap": overlap,
    "rate": rate,
    "recognises_name": recognises_name,
    "repeats_value": repeats_value,
    "says": says,
    "announces_transfer": announces_transfer,
    "asks_again": asks_again,
    "asks_questions": asks_questions,
    "daypart": daypart,
    "follow_up": follow_up,
    "greeting_rate": greeting_rate,
    "hold_length": hold_length,
    "hold_request": hold_request,
    "listening_signals": listening_signals,
    "promise_number": promise_number,
    "promise_term": promise_term,
    "rings": rings,
    "short_answers": short_answers,
    "silence": silence,
    "transfer_fallback": transfer_fallback,
    "announces_check": announces_check,
    "answers_request": answers_request,
    "avoids": avoids,
    "hears_out": hears_out,
    "offers_choice": offers_choice,
    "offers_solution": offers_solution,
    "rate_change": rate_change,
    "repeats_appointment": repeats_appointment,
    "says_before": says_before,
    "sets_limit": sets_limit,
    "steers": steers,
    "summarises": summarises,
}

__all__ = ["CHECKS", "Outcome"]
