"""Check kind `overlap`: the agent lets the caller finish."""

from __future__ import annotations

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.rule_schema import Overlap
from belscore.scorecard import Evidence, Interruption, Measured
from belscore.view import CallView

ANNOUNCED_REACH_S = 1.0


def overlap(params: Overlap, view: CallView) -> Outcome:
    """Interruptions by the agent, announced ones left out, in all and per ten minutes of the caller's speech."""
    if not view.of("caller"):
        return not_applicable("no_caller")
    if view.call.channels == "mixed":
        return unsure("channels_mixed")
    found = [i for i in view.taking.interruptions_by("agent") if not announced(params.announced, view, i)]
    caller_s = sum(span.duration_s for span in view.call.speech_of("caller"))
    per_10_min = 600.0 * len(found) / caller_s if caller_s else 0.0
    measured = Measured(float(len(found)), "keer", f"hoogstens {params.most}")
    quotes = [_quote(view, interruption) for interruption in found]
    if len(found) > params.most and per_10_min > params.most_per_10_min:
        return failed(*quotes, values={"count": str(len(found))}, measured=measured)
    return passed(*quotes, values={"count": str(len(found))}, measured=measured)


def announced(phrases: tuple[str, ...], view: CallView, interruption: Interruption) -> bool:
    """`mag ik u even onderbreken?` in the turn that interrupts."""
    for utterance in view.of("agent"):
        span = utterance.turn
        near = span.start_s - ANNOUNCED_REACH_S <= interruption.start_s <= span.end_s
        if near and (view.finder.any(phrases, utterance) or view.echo(phrases, [utterance])):
            return True
    return False


def _quote(view: CallView, interruption: Interruption) -> Evidence:
    """The agent's words from the start of the interruption on."""
    words = [
        word
        for turn in view.call.turns_of("agent")
        for word in turn.words
        if word.end_s > interruption.start_s and word.start_s < interruption.end_s + 1.0
    ]
    text = " ".join(word.text for word in words)
    end_s = max([interruption.end_s, *(word.end_s for word in words)])
    return Evidence("agent", interruption.start_s, end_s, text)
