"""Train the model that tells turns and calls of a situation: bench/train_turns.py [SITUATION] [--folds 10] [--write].

Turns are those of `bench/turns/SITUATION/*.txt` and `tests/situations/SITUATION-*extra.txt`, one a line: `+` the turn
opens the situation or `-` not, a letter for who is called, and what is said. Caller turns of the labelled dialogues and
samples in which the situation does not occur are further examples of `-`. Whole calls are those dialogues and samples.
Prints how a model trained on nine tenths of the turns does on the other tenth, and with --write puts the model of all
in `rules/models/SITUATION.toml`; the same turns, the same bytes. `bench/situations.py --calls` measures on whole calls.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from belscore import load_rules
from belscore.language.call_model import CallModel, Stack, call_features
from belscore.language.tokens import plain_norms
from belscore.language.turn_model import DIMENSIONS, TurnModel, features, pack
from belscore.turn_likeness import TurnLikeness
from labelled_calls import LabelledCall, labelled_calls

ROOT = Path(__file__).resolve().parents[1]
TURNS = Path(__file__).resolve().parent / "turns"
# Inverse strength of the penalty on large weights; chosen by cross-validation (--folds) among 0.3, 1, 3.
STRENGTH = 1.0
LARGEST = 127
# Turns that stand together, often a complaint and its look-alike, stay on the same side of a fold.
BLOCK = 20
Labelled = tuple[tuple[str, ...], bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("situation", nargs="?", default="klacht")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--strength", type=float, default=STRENGTH)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    files = turn_files(args.situation)
    turns, calls = read_turns(files), labelled_calls(args.situation)
    plain = plain_turns(calls)
    told = {"situation": args.situation, "turns": len(turns), "of_the_situation": sum(y for _, y in turns)}
    print(json.dumps({**told, "plain_turns": len(plain), **cross_validate(turns, plain, args.folds, args.strength)}))
    if args.write:
        _, stack = unseen_models(turns, calls, args.strength)
        model = judge(turns, calls, stack, args.strength)
        write_model(ROOT / "rules" / "models" / f"{args.situation}.toml", model, files, len(turns) + len(plain))


def turn_files(situation: str) -> list[Path]:
    extra = sorted((ROOT / "tests" / "situations").glob(f"{situation}-*extra.txt"))
    return [*sorted((TURNS / situation).glob("*.txt")), *extra]


def read_turns(files: Sequence[Path]) -> list[Labelled]:
    """Tokens of each turn and whether it opens the situation."""
    lines = [line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    contractions = load_rules().knowledge.lexicon.contractions
    return [(plain_norms(line[4:], contractions), line[0] == "+") for line in lines if line[:1] in ("+", "-")]


def plain_turns(calls: Sequence[LabelledCall]) -> list[Labelled]:
    """Caller turns of calls in which the situation does not occur."""
    return [(turn.norms, False) for call in calls if call.holds is False for turn in call.turns_of("caller")]


def cross_validate(
    turns: Sequence[Labelled], plain: Sequence[Labelled], folds: int, strength: float
) -> dict[str, float]:
    """Share of the turns judged right by models that have not seen them, of all and of the sure ones."""
    fold_of = np.arange(len(turns)) // BLOCK % folds
    probabilities = np.zeros(len(turns))
    for fold in range(folds):
        held = [turn for turn, at in zip(turns, fold_of, strict=True) if at == fold]
        seen = [turn for turn, at in zip(turns, fold_of, strict=True) if at != fold]
        theta = train([*seen, *plain], strength)
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


def matrix(turns: Sequence[Labelled]) -> csr_matrix:
    """A row a turn, in the features of `turn_model`."""
    return rows_of([features(norms) for norms, _ in turns])


def rows_of(each: Sequence[Sequence[set[int]]]) -> csr_matrix:
    """A row for each list of groups of places; a place counts by the root of the size of its group."""
    rows, columns, values = [], [], []
    for row, groups in enumerate(each):
        for places in filter(None, groups):
            rows += [row] * len(places)
            columns += sorted(places)
            values += [len(places) ** -0.5] * len(places)
    return csr_matrix((values, (rows, columns)), shape=(len(each), DIMENSIONS))


def train(turns: Sequence[Labelled], strength: float) -> NDArray[np.float64]:
    return fit(matrix(turns), [label for _, label in turns], strength)


def fit(x: csr_matrix, labels: Sequence[bool], strength: float) -> NDArray[np.float64]:
    """Weights and bias of a logistic regression with an L2 penalty; features in few rows may weigh more."""
    counts = np.asarray((x > 0).sum(axis=0)).ravel()
    known = np.flatnonzero(counts >= 2)
    rarity = np.log(x.shape[0] / counts[known])
    scaled = x[:, known].multiply(rarity).tocsr()
    theta = np.zeros(DIMENSIONS + 1)
    small = regress(scaled, labels, strength)
    theta[known], theta[-1] = small[:-1] * rarity, small[-1]
    return theta


def regress(x: csr_matrix, labels: Sequence[bool], strength: float) -> NDArray[np.float64]:
    """A weight a column and, last, the bias."""
    sign, turned = np.where(labels, 1.0, -1.0), x.T.tocsr()

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (x @ theta[:-1] + theta[-1])
        pull = -sign / (1 + np.exp(margin))
        value = strength * np.logaddexp(0, -margin).sum() + 0.5 * theta[:-1] @ theta[:-1]
        return value, np.append(strength * (turned @ pull) + theta[:-1], strength * pull.sum())

    start = np.zeros(x.shape[1] + 1)
    return np.asarray(
        minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300, "ftol": 1e-7}).x, np.float64
    )


def judge(turns: Sequence[Labelled], calls: Sequence[LabelledCall], stack: Stack | None, strength: float) -> TurnModel:
    """A model of turns and calls, in the form in which it is stored."""
    of_turns = quantised(train([*turns, *plain_turns(calls)], strength))
    sure = [call for call in calls if call.holds is not None]
    x = rows_of([call_features(call.said()) for call in sure])
    of_calls = quantised(fit(x, [bool(call.holds) for call in sure], strength))
    return TurnModel(*of_turns, CallModel(*of_calls, stack or Stack(0.0, 0.0, 0.0, 1.0)))


def unseen_models(
    turns: Sequence[Labelled], calls: Sequence[LabelledCall], strength: float = STRENGTH
) -> tuple[dict[str, TurnModel], Stack]:
    """For every hand a model that has seen no call of that hand, and the stack that fits the judgements of them all."""
    models, measured = {}, {}
    for hand in sorted({call.written for call in calls}):
        model = judge(turns, [call for call in calls if call.written != hand], None, strength)
        mine = [call for call in calls if call.written == hand and call.holds is not None]
        models[hand], measured[hand] = model, [(*measures(model, call), bool(call.holds)) for call in mine]
    for hand, model in models.items():
        stack = stacked([row for other, rows in measured.items() if other != hand for row in rows])
        assert model.call is not None
        call = CallModel(model.call.weights, model.call.scale, model.call.bias, stack)
        models[hand] = TurnModel(model.weights, model.scale, model.bias, call)
    return models, stacked([row for rows in measured.values() for row in rows])


def measures(model: TurnModel, call: LabelledCall) -> tuple[float, float, float]:
    """The measures that a stack weighs: of the turns, alone and paired, and of the words of the call."""
    assert model.call is not None
    callers = call.turns_of("caller")
    return *TurnLikeness(model, "", callers).measures(callers), model.call.logit(call.said())


def stacked(measured: Sequence[tuple[float, float, float, bool]]) -> Stack:
    """Measures are brought to one spread first, so that the penalty bears on all alike."""
    x = np.array([row[:-1] for row in measured])
    spread = x.std(axis=0)
    theta = regress(csr_matrix(x / spread), [row[-1] for row in measured], STRENGTH)
    alone, paired, call = theta[:-1] / spread
    return Stack(float(theta[-1]), float(alone), float(paired), float(call))


def quantised(theta: NDArray[np.float64]) -> tuple[array[int], float, float]:
    """Weights as signed bytes, what to multiply them by, and the bias."""
    scale = float(np.abs(theta[:-1]).max()) / LARGEST
    return array("b", np.round(theta[:-1] / scale).astype(np.int8).tobytes()), scale, float(theta[-1])


def write_model(path: Path, model: TurnModel, files: Sequence[Path], turns: int) -> None:
    assert model.call is not None
    call, stack = model.call, model.call.stack
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"# Made by bench/train_turns.py from bench/turns/{path.stem} (sha256 of its files {digest[:16]}...), "
        f"tests/dialogues and samples.\nturns   = {turns}\n{numbers(model)}\n[call]\n{numbers(call)}\n[call.stack]\n"
        f"bias    = {stack.bias:.6f}\nalone   = {stack.alone:.6f}\n"
        f"paired  = {stack.paired:.6f}\ncall    = {stack.call:.6f}\n",
        encoding="utf-8",
    )


def numbers(model: TurnModel | CallModel) -> str:
    packed = pack(model.weights.tobytes())
    return f'scale   = {model.scale:.8g}\nbias    = {model.bias:.6f}\nweights = "{packed}"\n'


if __name__ == "__main__":
    main()
