"""What would have made a failing call pass: which sentence, and where in the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from belscore.call import Call, Turn
from belscore.checks.outcome import Outcome
from belscore.rule_schema import Place, Remedy
from belscore.rulebook import Rule
from belscore.scorecard import Evidence, Language, clock
from belscore.slots import Slots, fill, is_filled
from belscore.view import CallView

# A caller on hold should hear something after so long (S0: "als het erg lang duurt").
CHECK_IN_S = 60.0
# In front of a silence, and between the words of somebody else.
BESIDE_S = 0.05
# A rewritten sentence of more words is not one to practise.
SHOWN_WORDS = 25
_ENDS = ".?!"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a sentence belongs: a turn of the agent, or a moment without one. `evidence` is what it stands for."""

    at_s: float
    turn: Turn | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell the agent of a fail.

    text    : what would have made it pass, in the language of the rules; "" when the rule has nothing to say
    say     : the sentence, in Dutch; "" when the fix is none
    says    : the sentence for each target
    """

    text: str
    say: str
    place: Place
    targets: tuple[Target, ...] = ()
    says: tuple[str, ...] = ()
    answer: str = ""


def advise(rule: Rule, outcome: Outcome, view: CallView, language: Language) -> Advice:
    """The advice on a failing outcome, with what the check and the call know filled in."""
    remedy = _remedy(rule, outcome.variant)
    place: Place = remedy.place or ("instead" if any(each.role == "agent" for each in outcome.evidence) else "closing")
    targets = targets_of(place, outcome.evidence, view)
    dutch = Slots(outcome, view, rule.would_pass, "nl")
    says = tuple(_say(rule, remedy, dutch, target, shown=False) for target in targets)
    say = _say(rule, remedy, dutch, targets[0] if targets else None, shown=True)
    told = Slots(outcome, view, rule.would_pass, language)
    told.know("say", say)
    if targets:
        told.know("at", clock(targets[0].at_s))
    return Advice(fill(remedy.text, told.value), say, place, targets, says, remedy.answer)


def _remedy(rule: Rule, variant: str) -> Remedy:
    """The rule's remedy, with what a variant says instead."""
    whole: Remedy = rule.would_pass
    own = whole if not variant else rule.would_pass.variants.get(variant, whole)
    return Remedy(
        text=own.text or whole.text,
        say=own.say or whole.say,
        place=own.place or whole.place,
        answer=own.answer or whole.answer,
    )


def _say(rule: Rule, remedy: Remedy, slots: Slots, target: Target | None, *, shown: bool) -> str:
    """The first way to say it of which all values are known.

    shown : of words that are rewritten only the sentence that was quoted, not all that the agent said in that turn
    """
    if remedy.place in ("measure", "leave"):
        return ""
    if target is not None and target.evidence is not None and target.turn is not None:
        slots.know(
            "rewritten",
            slots.rewritten(_sentences(target.turn.text, target.evidence.quote) if shown else target.turn.text),
        )
    value = slots.shown if shown else slots.value
    filled = (fill(text, value) for text in remedy.say)
    return next((text for text in filled if is_filled(text)), rule.feedback.say_instead)


def _sentences(text: str, quote: str) -> str:
    """The sentences of a text in which the quote lies; the quote where they are too long to say back.

    >>> _sentences("Dat kan. Heb je pijn, en wat is je naam? Mooi.", "Heb je pijn, en")
    'Heb je pijn, en wat is je naam?'
    """
    at = text.find(quote)
    if at < 0:
        return quote
    start = max(text.rfind(mark, 0, at) for mark in _ENDS) + 1
    end = min((found for mark in _ENDS if (found := text.find(mark, at + len(quote) - 1)) >= 0), default=len(text))
    whole = text[start : end + 1].strip()
    return whole if len(whole.split()) <= SHOWN_WORDS else quote


def targets_of(place: Place, quoted: Sequence[Evidence], view: CallView) -> tuple[Target, ...]:
    """Where in the call a sentence of this place belongs; () when there is no such place."""
    own = [each for each in quoted if each.role == "agent"]
    spoken = [(each, turn) for each in own if each.quote and (turn := _turn_at(view.call, each)) is not None]
    if place == "words":
        return tuple(Target(each.start_s, turn, each) for each, turn in spoken)
    if place in ("instead", "start"):
        turns = {turn.start_s: Target(turn.start_s, turn, each) for each, turn in reversed(spoken)}
        return tuple(turns[start_s] for start_s in sorted(turns)) or _moments(quoted)
    if place in ("last", "end"):
        return tuple(Target(turn.start_s, turn, each) for each, turn in spoken[-1:]) or _moments(quoted)
    if place in ("before", "during"):
        return tuple(Target(_within(each) if place == "during" else each.start_s) for each in quoted[:1])
    return _elsewhere(place, quoted, view)


def _elsewhere(place: Place, quoted: Sequence[Evidence], view: CallView) -> tuple[Target, ...]:
    """Places that are no quoted turn of the agent."""
    turns = [utterance.turn for utterance in view.spoken("agent") or view.of("agent")]
    if place == "closing":
        return tuple(Target(turn.start_s, turn) for turn in turns[-1:])
    if place == "reply" and quoted:
        after = [turn for turn in turns if turn.start_s > quoted[0].start_s] or turns[-1:]
        return tuple(Target(turn.start_s, turn) for turn in after[:1])
    if place == "back" and quoted:
        backs = [hold.back.turn for hold in view.situations.holds if hold.back is not None]
        before = [turn for turn in backs if turn.start_s <= quoted[0].end_s]
        return tuple(Target(turn.start_s, turn) for turn in before[-1:])
    return _moments(quoted)


def _moments(quoted: Sequence[Evidence]) -> tuple[Target, ...]:
    return tuple(Target(each.start_s) for each in quoted[:1])


def _within(evidence: Evidence) -> float:
    return min(evidence.start_s + CHECK_IN_S, (evidence.start_s + evidence.end_s) / 2)


def _turn_at(call: Call, evidence: Evidence) -> Turn | None:
    """The turn of the agent in which the evidence lies."""
    shared = [
        (min(turn.end_s, evidence.end_s) - max(turn.start_s, evidence.start_s), turn) for turn in call.turns_of("agent")
    ]
    overlap_s, turn = max(shared, key=lambda each: each[0], default=(0.0, None))
    return turn if overlap_s >= 0 else None


def missing(outcome: Outcome, needs: Mapping[str, str]) -> str:
    """What was missing to judge an unsure call, with the place to listen to."""
    text = needs.get(outcome.reason or "", "")
    at = clock(outcome.evidence[0].start_s) if outcome.evidence else ""
    return text.replace("{at}", at) if at or "{at}" not in text else ""
