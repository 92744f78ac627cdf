"""The one step between judging a call and keeping it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from belscore.call import Call
from belscore.redaction.card import redact_card
from belscore.redaction.held import holds
from belscore.redaction.transcript import Redacted, RedactedSpan, redact
from belscore.scorecard import Scorecard

if TYPE_CHECKING:
    from belscore.profile import Profile
    from belscore.rulebook import RuleSet

# Made-up words that change a verdict are made up again so often. Of 613 calls 2 in 100 need a second try.
TRIES = 4


class Stored(NamedTuple):
    """What is kept of a call: its words and scorecard without what identifies the caller, and where that was said."""

    call: Call
    card: Scorecard
    spans: tuple[RedactedSpan, ...]


def for_storage(
    call: Call, card: Scorecard, profile: Profile | None = None, rules: RuleSet | None = None, *, always: bool = False
) -> Stored:
    """The call and its scorecard as a store keeps them; to be called when all verdicts are there.

    profile : its `[privacy]` says whether anything is taken out, and whether names are
    rules   : what the card was judged by; given, it is seen to that a later judging comes to the same verdicts
    always  : whatever the profile says, something is taken out

    The verdicts of the card stay as they are. A call that was redacted before comes back as it is.
    """
    privacy = profile.privacy if profile is not None else None
    if call.removed or (privacy is not None and not privacy.redact and not always):
        return Stored(call, card, ())
    names = privacy.names if privacy is not None else "redact"
    best, changed = None, list[str]()
    for _ in range(TRIES if rules is not None else 1):
        drawn = redact(call, profile=profile, names=names)
        other = _changed(drawn, card, profile, rules) if rules is not None else []
        if best is None or len(other) < len(changed):
            best, changed = drawn, other
        if not changed:
            break
    assert best is not None
    kept = replace(best.call, held=holds(changed, rules)) if rules is not None else best.call
    return Stored(kept, redact_card(card, best), best.spans)


def _changed(redacted: Redacted, card: Scorecard, profile: Profile | None, rules: RuleSet) -> list[str]:
    """Rules that come to another verdict by the made-up words."""
    from belscore.engine import score_call

    if not redacted.parts:
        return []
    again = {
        finding.rule_id: finding.verdict for finding in score_call(redacted.call, rules=rules, profile=profile).findings
    }
    return [each.rule_id for each in card.findings if again.get(each.rule_id, each.verdict) != each.verdict]
