"""Train the models that tell what an agent's turn does: bench/train_remarks.py [RULE...] [--folds 8] [--write].

For a rule with `[likeness]`: is a turn one that breaks it (`fault`), or one that meets it (`met`)? Learnt from the
lines of `tests/slots`, and from the agent's turns of labelled dialogues, scenes and little calls (`tests/verdicts`):
all turns of a call are examples of "not" where its verdict says that nothing was said; the turns that the rule's own
phrases quote are examples of "yes". Prints how models do on calls and lines of hands that they have not seen, by the
turn most like one: how many calls that hold such a turn, and how many that do not, lie over each bound. With --write
the model of all goes to `rules/models/RULE.toml`; from the same files the same bytes.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from belscore import load_rules, score_call
from belscore.call import Call
from belscore.language.situation_model import pack
from belscore.language.tokens import plain_norms
from belscore.language.turn_model import TurnModel, features
from belscore.rulebook import Rule, RuleSet, default_lexicon
from labelled_situations import little_call
from labels import load
from linear_model import fit, quantised, rows_of
from slot_lines import read_slots

ROOT = Path(__file__).resolve().parents[1]
# As for the turns of callers (train_turns.py).
STRENGTH = 1.0
BOUNDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A call with what some rules must say of it; `kind` and `hand` as of `Text`."""

    kind: Literal["calls", "little"]
    hand: str
    labels: Mapping[str, str]
    call: Call


@dataclass(frozen=True, slots=True)
class Text:
    """Turns that are one example: a line of a slot, or the agent's turns of a call.

    kind  : "lines", "calls" or "little" calls
    hand  : who wrote it
    shows : one of the turns is such as the model looks for
    said  : those turns, of the ones that are known
    whole : the agent's turns of a call, none left out
    """

    kind: Literal["lines", "calls", "little"]
    hand: str
    shows: bool
    said: tuple[tuple[str, ...], ...]
    others: tuple[tuple[str, ...], ...]
    whole: tuple[tuple[str, ...], ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rules", nargs="*")
    parser.add_argument("--folds", type=int, default=8)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    rules = load_rules()
    told = [rule for rule in rules.rules if rule.likeness is not None and (not args.rules or rule.id in args.rules)]
    by_phrases = replace(rules, rules=tuple(replace(rule, likeness=None) for rule in told))
    labelled = list(labelled_calls())
    for rule in told:
        texts = [*slots_of(rule), *calls_of(rule, by_phrases, labelled)]
        if args.folds:
            judge_unseen(rule, texts, args.folds)
        if args.write:
            write(ROOT / "rules" / "models" / f"{rule.id}.toml", train(texts))


def breaks(rule: Rule) -> bool:
    """The turns looked for break the rule, and do not meet it."""
    return rule.likeness is not None and rule.likeness.fault is not None


def slots_of(rule: Rule) -> Iterator[Text]:
    """The lines of the rule; those of rules about another situation show nothing."""
    contractions = default_lexicon().contractions
    for line in read_slots(iter(sorted((ROOT / "tests" / "slots").glob("*.txt")))):
        norms = plain_norms(line.said, contractions)
        if line.about == rule.id:
            shows = (line.label == "fail") == breaks(rule)
            yield Text("lines", line.writer, shows, (norms,) if shows else (), () if shows else (norms,), (norms,))
        elif line.label in ("pass", "fail") and line.about.partition("-")[0] != rule.section:
            yield Text("lines", line.writer, shows=False, said=(), others=(norms,), whole=(norms,))


def labelled_calls() -> Iterator[LabelledCall]:
    """The dialogues, the scenes and the little calls, each with its sure verdicts."""
    for folder in ("dialogues", "scenes"):
        for dialogue in load([ROOT / "tests" / folder]):
            hand = re.match(r"[a-zA-Z]*", dialogue.name)
            accepted = dialogue.expected.get("accept", {})
            labels = {rule: label for rule, label in dialogue.expected["rules"].items() if rule not in accepted}
            kind: Literal["calls", "little"] = "calls" if folder == "dialogues" else "little"
            yield LabelledCall(kind, f"{folder} {hand[0] if hand else ''}", labels, dialogue.call)
    for path in sorted((ROOT / "tests" / "verdicts").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            expected, _, text = line.partition(" :: ")
            if text and not line.startswith("#"):
                labels = dict(each.split("=") for each in expected.split())
                yield LabelledCall("little", path.stem, labels, little_call(path.stem, text))


def calls_of(rule: Rule, rules: RuleSet, labelled: Sequence[LabelledCall]) -> Iterator[Text]:
    """The agent's turns of the calls in which it is certain what the rule says."""
    contractions = default_lexicon().contractions
    only = replace(rules, rules=tuple(each for each in rules.rules if each.id == rule.id))
    shown = "fail" if breaks(rule) else "pass"
    for each in labelled:
        label = each.labels.get(rule.id)
        if label not in ("pass", "fail"):
            continue
        turns = [turn for turn in each.call.turns if turn.role == "agent"]
        norms = {turn.start_s: plain_norms(" ".join(w.text for w in turn.words), contractions) for turn in turns}
        said: tuple[tuple[str, ...], ...] = ()
        if label == shown:
            finding = score_call(each.call, rules=only).finding(rule.id)
            quoted = [e.start_s for e in finding.evidence if finding.verdict == shown and e.quote]
            said = tuple(norms[t.start_s] for t in turns if any(t.start_s <= at < t.end_s for at in quoted))
        whole = tuple(norms.values())
        yield Text(each.kind, each.hand, label == shown, said, () if label == shown else whole, whole)


def train(texts: Sequence[Text]) -> TurnModel:
    turns = [(norms, True) for text in texts for norms in text.said]
    turns += [(norms, False) for text in texts for norms in text.others]
    theta = fit(rows_of([features(norms) for norms, _ in turns]), [shows for _, shows in turns], STRENGTH)
    return TurnModel(*quantised(theta))


def judge_unseen(rule: Rule, texts: Sequence[Text], folds: int) -> None:
    """Print how many lie over each bound, by models that have seen nothing of their hand."""
    hands = sorted({text.hand for text in texts})
    found: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for fold in range(folds):
        apart = set(hands[fold::folds])
        model = train([text for text in texts if text.hand not in apart])
        for text in texts:
            if text.hand in apart:
                found[text.kind, text.shows].append(likeliest(model, text.whole))
    for kind in sorted({kind for kind, _ in found}):
        with_it, without = np.array(found[kind, True]), np.array(found[kind, False])
        over = " ".join(f"{b:g}:{(with_it > b).sum()}/{(without > b).sum()}" for b in BOUNDS)
        print(f"{rule.id:30} {kind:6} {len(with_it):4} with, {len(without):4} without; over {over}", flush=True)


def likeliest(model: TurnModel, turns: Collection[tuple[str, ...]]) -> float:
    return max((model.probability(norms) for norms in turns), default=0.0)


def write(path: Path, model: TurnModel) -> None:
    head = "# Made by bench/train_remarks.py from tests/slots and tests/dialogues"
    packed = pack(model.weights.tobytes())
    path.write_text(
        f'{head}\nscale   = {model.scale:.8g}\nbias    = {model.bias:.6f}\nweights = "{packed}"\n', encoding="utf-8"
    )


if __name__ == "__main__":
    main()
