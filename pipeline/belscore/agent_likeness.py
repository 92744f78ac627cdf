"""A second opinion on a rule, by the model of the agent's turns in `rules/models/RULE.toml`.

Phrases name what is said in the words of some; the model knows it in the words of many. It speaks only where they find
nothing, and where a turn is so likely what the rule looks for that hardly any other turn is (`[likeness]` of the rule).
`bench/train_remarks.py` makes the models and measures them.
"""

from __future__ import annotations

from belscore.checks.avoids import start_of, story_start
from belscore.checks.outcome import Outcome, failed, passed, unsure
from belscore.language.tokens import Utterance
from belscore.language.turn_model import TurnModel, features
from belscore.rule_schema import Likeness
from belscore.rulebook import Rule
from belscore.scorecard import Evidence
from belscore.view import CallView


def second_opinion(rule: Rule, outcome: Outcome, view: CallView) -> Outcome:
    """The outcome, or another where a turn of the agent breaks or meets the rule in words that it has no phrase for."""
    likeness, model = rule.likeness, view.knowledge.models.get(rule.id)
    if likeness is None or model is None or model.turns is None:
        return outcome
    if likeness.fault is not None and outcome.verdict == "pass":
        turn = _likeliest(view, likeness, model.turns, likeness.fault)
        if turn is None:
            return outcome
        quote = _quoted(model.turns, turn)
        if not view.crisp([turn]):
            return unsure("words_uncertain", quote)
        return failed(quote, values={"quote": quote.quote.rstrip(".,?!")})
    if likeness.met is not None and outcome.verdict == "fail" and not outcome.variant:
        turn = _likeliest(view, likeness, model.turns, likeness.met)
        if turn is not None:
            quote = _quoted(model.turns, turn)
            return passed(quote, values={**outcome.values, "quote": quote.quote.rstrip(".,?!")})
    return outcome


def _likeliest(view: CallView, likeness: Likeness, model: TurnModel, least: float) -> Utterance | None:
    """The turn of the agent most like one, where it is at least so likely."""
    since_s = _since(view, likeness)
    turns = [turn for turn in view.of("agent") if turn.turn.start_s >= since_s and turn.tokens]
    found = [(model.probability_of_features(*_features(turn)), turn) for turn in turns]
    probability, turn = max(found, key=lambda each: each[0], default=(0.0, None))
    return turn if probability >= least else None


def _since(view: CallView, likeness: Likeness) -> float:
    """From when on the agent's turns count, in seconds."""
    if likeness.since == "call_start":
        return 0.0
    if likeness.since == "complaint":
        return story_start(view)
    return start_of(view, "complaint" if likeness.since == "told" else "aggression")


def _features(turn: Utterance) -> tuple[set[int], set[int]]:
    known = turn.notes.get(_features)
    if not isinstance(known, tuple):
        known = turn.notes[_features] = features(turn.norms)
    return known


def _quoted(model: TurnModel, turn: Utterance) -> Evidence:
    """The sentence of the turn that is most like one."""
    start, end = max(turn.sentences(), key=lambda span: model.probability(turn.norms[span[0] : span[1]]))
    return Evidence("agent", turn.tokens[start].start_s, turn.tokens[end - 1].end_s, turn.quote(start, end))
