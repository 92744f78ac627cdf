"""A call from the store is judged by made-up words in the place of what was taken out; its scorecard shows none."""

from __future__ import annotations

from collections.abc import Callable

from belscore.call import Call
from belscore.redaction.card import redact_card
from belscore.redaction.held import REASON, unsure
from belscore.redaction.transcript import standing_in
from belscore.rulebook import RuleSet, load_rules
from belscore.scorecard import Scorecard


def judge_redacted(call: Call, judge: Callable[[Call], Scorecard], rules: RuleSet | None) -> Scorecard:
    """The scorecard that `judge` gives of a call that was redacted, with placeholders as the call has them."""
    filled = standing_in(call)
    card = redact_card(judge(filled.call), filled)
    return unsure(card, call, (rules or load_rules()).reasons.get(REASON, REASON)) if call.held else card
