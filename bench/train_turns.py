"""Train the models that tell turns and calls: bench/train_turns.py [SITUATION...] [--folds 10] [--write].

Whole calls are the labelled dialogues, scenes and samples, each as it was said and as a recogniser mishears it. Turns
are those of `bench/turns/SITUATION/*.txt` and `tests/situations/SITUATION-*extra.txt`, one a line: `+` the turn opens
the situation or `-` not, a letter for who is called, and what is said; caller turns of calls in which the situation
does not occur are further examples of `-`. A situation without such files gets a model of whole calls only.
Prints how models do on what they have not seen (nine tenths of the turns for the other tenth, the calls of all other
hands for those of one), and with --write puts the model of all in `rules/models/SITUATION.toml`; from the same files
the same bytes. `bench/situations.py --calls` measures what becomes of it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from belscore.language.call_model import CallModel, Stack, as_weights
from belscore.language.situation_model import SituationModel, pack
from belscore.language.tokens import plain_norms
from belscore.language.turn_model import TurnModel, features
from belscore.rulebook import default_lexicon
from belscore.situations import ORDER
from belscore.turn_likeness import TurnLikeness
from labelled_calls import TOLD_BY_RULE, LabelledCall, labelled_calls
from linear_model import fit, quantised, regress, rows_of
from mishearing import known_words

ROOT = Path(__file__).resolve().parents[1]
TURNS = Path(__file__).resolve().parent / "turns"
# Inverse strength of the penalty on large weights; chosen by cross-validation (--folds) among 0.3, 1, 3, for calls
# among 1, 3, 10.
STRENGTH = 1.0
CALL_STRENGTH = 3.0
# How many of the words are misheard in the second copy of each call.
MISHEARD = 0.25
# Hands whose calls are judged together by models that have seen none of them.
HANDS_APART = 3
# Turns that stand together, often a complaint and its look-alike, stay on the same side of a fold.
BLOCK = 20
Labelled = tuple[tuple[str, ...], bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("situations", nargs="*", default=[*ORDER, *TOLD_BY_RULE])
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    for situation in args.situations:
        train_situation(situation, args.folds, write=args.write)


def train_situation(situation: str, folds: int, *, write: bool) -> None:
    files = turn_files(situation)
    turns, calls = read_turns(files), labelled_calls(situation)
    if turns:
        plain = plain_turns(calls)
        told = {"situation": situation, "turns": len(turns), "of_the_situation": sum(y for _, y in turns)}
        print(json.dumps({**told, "plain_turns": len(plain), **cross_validate(turns, plain, folds)}), flush=True)
    poor = misheard_copies(calls)
    unseen, stack = unseen_models(turns, calls, poor)
    for name, judged in (("as said", calls), ("misheard", poor)):
        print(json.dumps({"situation": situation, "calls": name, **call_figures(unseen, judged)}), flush=True)
    if write:
        model = judge(turns, calls, poor)
        if model.call is not None and stack is not None:
            model = replace(model, call=replace(model.call, stack=stack))
        write_model(ROOT / "rules" / "models" / f"{situation}.toml", model, files)


def turn_files(situation: str) -> list[Path]:
    extra = sorted((ROOT / "tests" / "situations").glob(f"{situation}-*extra.txt"))
    written = sorted((TURNS / situation).glob("*.txt"))
    return [*written, *extra] if written else []


def read_turns(files: Sequence[Path]) -> list[Labelled]:
    """Tokens of each turn and whether it opens the situation."""
    lines = [line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    contractions = default_lexicon().contractions
    return [(plain_norms(line[4:], contractions), line[0] == "+") for line in lines if line[:1] in ("+", "-")]


def plain_turns(calls: Sequence[LabelledCall]) -> list[Labelled]:
    """Caller turns of calls in which the situation does not occur; scenes have more look-alikes than calls have."""
    plain = [call for call in calls if call.holds is False and not call.scene]
    return [(turn.norms, False) for call in plain for turn in call.turns_of("caller")]


def misheard_copies(calls: Sequence[LabelledCall]) -> list[LabelledCall]:
    words = known_words([call.call for call in calls])
    return [call.misheard(MISHEARD, words) for call in calls]


def cross_validate(turns: Sequence[Labelled], plain: Sequence[Labelled], folds: int) -> dict[str, float]:
    """Share of the turns judged right by models that have not seen them, of all and of the sure ones."""
    fold_of = np.arange(len(turns)) // BLOCK % folds
    probabilities = np.zeros(len(turns))
    for fold in range(folds):
        held = [turn for turn, at in zip(turns, fold_of, strict=True) if at == fold]
        seen = [turn for turn, at in zip(turns, fold_of, strict=True) if at != fold]
        theta = train([*seen, *plain])
        logits = matrix(held) @ theta[:-1] + theta[-1]
        probabilities[fold_of == fold] = 1 / (1 + np.exp(-logits))
    truth = np.array([label for _, label in turns])
    sure = (probabilities > 0.8) | (probabilities < 0.2)
    right = (probabilities > 0.5) == truth
    return {
        "accuracy": round(float(right.mean()), 3),
        "recall": round(float(right[truth].mean()), 3),
        "precision": round(float(truth[probabilities > 0.5].mean()), 3),
        "sure": round(float(sure.mean()), 3),
        "accuracy_of_sure": round(float(right[sure].mean()), 3),
    }


def call_figures(models: Mapping[str, SituationModel], calls: Sequence[LabelledCall]) -> dict[str, float]:
    """How models do on calls of hands that they have not seen.

    `under_1` is the probability under which one in a hundred of the calls of the situation fall, and `refuted` the
    share of the others that fall there too; `over_1` and `opened` the same from above.
    """
    sure = [call for call in calls if call.holds is not None]
    truth = np.array([bool(call.holds) for call in sure])
    found = np.array([call_probability(models[call.written], call) for call in sure])
    under, over = np.quantile(found[truth], 0.01), np.quantile(found[~truth], 0.99)
    return {
        "labelled": len(sure),
        "of_the_situation": int(truth.sum()),
        "accuracy": round(float(((found > 0.5) == truth).mean()), 3),
        "under_1": round(float(under), 3),
        "refuted": round(float((found[~truth] < under).mean()), 3),
        "over_1": round(float(over), 3),
        "opened": round(float((found[truth] > over).mean()), 3),
    }


def matrix(turns: Sequence[Labelled]) -> csr_matrix:
    """A row a turn, in the features of `turn_model`."""
    return rows_of([features(norms) for norms, _ in turns])


def train(turns: Sequence[Labelled]) -> NDArray[np.float64]:
    return fit(matrix(turns), [label for _, label in turns], STRENGTH)


def judge(turns: Sequence[Labelled], calls: Sequence[LabelledCall], poor: Sequence[LabelledCall]) -> SituationModel:
    """Models of turns and calls, in the form in which they are stored; `poor` are the misheard copies."""
    of_turns = TurnModel(*quantised(train([*turns, *plain_turns(calls)]))) if turns else None
    sure = [call for call in (*calls, *poor) if call.holds is not None]
    theta = fit(rows_of([call.said for call in sure]), [bool(call.holds) for call in sure], CALL_STRENGTH)
    weights, scale, bias = quantised(theta)
    return SituationModel(of_turns, CallModel(as_weights(weights), scale, bias))


def unseen_models(
    turns: Sequence[Labelled], calls: Sequence[LabelledCall], poor: Sequence[LabelledCall]
) -> tuple[dict[str, SituationModel], Stack | None]:
    """For every hand a model that has seen no call of that hand, and the stack that fits the judgements of them all.

    The stack is None where there are no turns to weigh.
    """
    hands = sorted({call.written for call in calls})
    models: dict[str, SituationModel] = {}
    for at in range(0, len(hands), HANDS_APART):
        apart = hands[at : at + HANDS_APART]
        model = judge(turns, *([call for call in each if call.written not in apart] for each in (calls, poor)))
        models.update(dict.fromkeys(apart, model))
    if not turns:
        return models, None
    measured = {
        hand: [(*measures(models[hand], c), bool(c.holds)) for c in calls if c.written == hand and c.holds is not None]
        for hand in hands
    }
    for hand, model in models.items():
        stack = stacked([row for other, rows in measured.items() if other != hand for row in rows])
        assert model.call is not None
        models[hand] = replace(model, call=replace(model.call, stack=stack))
    return models, stacked([row for rows in measured.values() for row in rows])


def measures(model: SituationModel, call: LabelledCall) -> tuple[float, float, float]:
    """The measures that a stack weighs: of the turns, alone and paired, and of the words of the call."""
    assert model.call is not None
    callers = call.turns_of("caller")
    of_turns = TurnLikeness(model.turns, "", callers).measures(callers) if model.turns else (0.0, 0.0)
    return *of_turns, model.call.logit(call.said)


def call_probability(model: SituationModel, call: LabelledCall) -> float:
    assert model.call is not None
    alone, paired, logit = measures(model, call)
    return model.call.probability(logit, alone, paired)


def stacked(measured: Sequence[tuple[float, float, float, bool]]) -> Stack:
    """Measures are brought to one spread first, so that the penalty bears on all alike."""
    x = np.array([row[:-1] for row in measured])
    spread = x.std(axis=0)
    theta = regress(csr_matrix(x / spread), [row[-1] for row in measured], STRENGTH)
    alone, paired, call = theta[:-1] / spread
    return Stack(float(theta[-1]), float(alone), float(paired), float(call))


def write_model(path: Path, model: SituationModel, files: Sequence[Path]) -> None:
    assert model.call is not None
    lines = ["# Made by bench/train_turns.py from tests/dialogues, tests/scenes and samples"]
    if model.turns is not None:
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
        lines[0] += f", and the turns of bench/turns/{path.stem} (sha256 of its files {digest[:16]}...)"
        lines += [numbers(model.turns), ""]
    lines += ["[call]", numbers(model.call)]
    if model.turns is not None:
        stack = model.call.stack
        each = ("bias", stack.bias), ("alone", stack.alone), ("paired", stack.paired), ("call", stack.call)
        lines += ["", "[call.stack]", *(f"{name:7} = {value:.6f}" for name, value in each)]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def numbers(model: TurnModel | CallModel) -> str:
    packed = pack(model.weights.tobytes())
    return f'scale   = {model.scale:.8g}\nbias    = {model.bias:.6f}\nweights = "{packed}"'


if __name__ == "__main__":
    main()
