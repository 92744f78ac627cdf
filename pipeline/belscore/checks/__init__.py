"""The check kinds: typed functions from a rule's parameters and a call to an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from belscore.checks.address import addresses_formally
from belscore.checks.greeting import greeting
from belscore.checks.names import counts_name, recognises_name
from belscore.checks.outcome import Outcome
from belscore.checks.overlap import overlap
from belscore.checks.phrases import avoids_before, says
from belscore.checks.rate import rate
from belscore.checks.repeats import repeats_value
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
}

__all__ = ["CHECKS", "Outcome"]
