"""Train the model that tells turns of a situation: bench/train_turns.py [SITUATION] [--folds 10] [--write].

Reads `bench/turns/SITUATION/*.txt` and `tests/situations/SITUATION-*extra.txt`, one turn a line: `+` the turn opens
the situation or `-` not, a letter for who is called, and what is said. Caller turns of the labelled dialogues and
samples in which the situation does not occur are further examples of `-`. Prints how a model trained on nine tenths
does on the other tenth, and with --write puts the model of all of it in `rules/models/SITUATION.toml`; the same
turns, the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from belscore import load_rules, parse_call
from belscore.language.tokens import plain_norms
from belscore.language.turn_model import DIMENSIONS, features, pack
from belscore.situations import ORDER as SITUATIONS

ROOT = Path(__file__).resolve().parents[1]
TURNS = Path(__file__).resolve().parent / "turns"
DIALOGUES = ROOT / "tests" / "dialogues"
SAMPLES = ROOT / "samples" / "calls"
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
    files = [
        *sorted((TURNS / args.situation).glob("*.txt")),
        *sorted((ROOT / "tests" / "situations").glob(f"{args.situation}-*extra.txt")),
    ]
    turns = read_turns(files)
    plain = plain_turns(args.situation)
    told = {"situation": args.situation, "turns": len(turns), "of_the_situation": sum(y for _, y in turns)}
    print(json.dumps({**told, "plain_turns": len(plain), **cross_validate(turns, plain, args.folds, args.strength)}))
    if args.write:
        theta = train([*turns, *plain], args.strength)
        write_model(ROOT / "rules" / "models" / f"{args.situation}.toml", theta, files, len(turns) + len(plain))


def read_turns(files: Sequence[Path]) -> list[Labelled]:
    """Tokens of each turn and whether it opens the situation."""
    lines = [line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    contractions = load_rules().knowledge.lexicon.contractions
    return [(plain_norms(line[4:], contractions), line[0] == "+") for line in lines if line[:1] in ("+", "-")]


def plain_turns(situation: str) -> list[Labelled]:
    """Caller turns of labelled dialogues and of samples in which the situation does not occur."""
    contractions = load_rules().knowledge.lexicon.contractions
    calls = [
        parse_call(path.read_text(encoding="utf-8"))
        for path in [*sorted(DIALOGUES.glob("*.call")), *sorted(SAMPLES.glob("*.call"))]
        if situation not in occurring(path)
    ]
    return [(plain_norms(turn.text, contractions), False) for call in calls for turn in call.turns_of("caller")]


def occurring(path: Path) -> set[str]:
    """The situations labelled for a call, those too that may be seen in it; every one where none is labelled."""
    if (labels := path.with_suffix(".expect.json")).exists():
        told = json.loads(labels.read_text(encoding="utf-8"))
    else:
        told = tomllib.loads(path.with_suffix(".expected.toml").read_text(encoding="utf-8"))
    return {*told.get("situations", SITUATIONS), *told.get("situations_optional", [])}


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
    rows, columns, values = [], [], []
    for row, (norms, _) in enumerate(turns):
        for places in features(norms):
            rows += [row] * len(places)
            columns += sorted(places)
            values += [len(places) ** -0.5] * len(places)
    return csr_matrix((values, (rows, columns)), shape=(len(turns), DIMENSIONS))


def train(turns: Sequence[Labelled], strength: float) -> NDArray[np.float64]:
    """Weights and bias of a logistic regression with an L2 penalty; features in few turns may weigh more."""
    x = matrix(turns)
    counts = np.asarray((x > 0).sum(axis=0)).ravel()
    rarity = np.where(counts >= 2, np.log(len(turns) / np.maximum(counts, 1)), 0.0)
    scaled = x.multiply(rarity).tocsr()
    sign = np.where([label for _, label in turns], 1.0, -1.0)

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (scaled @ theta[:-1] + theta[-1])
        pull = -sign / (1 + np.exp(margin))
        value = strength * np.logaddexp(0, -margin).sum() + 0.5 * theta[:-1] @ theta[:-1]
        return value, np.append(strength * (scaled.T @ pull) + theta[:-1], strength * pull.sum())

    theta = minimize(loss, np.zeros(DIMENSIONS + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    theta[:-1] *= rarity
    return np.asarray(theta, np.float64)


def write_model(path: Path, theta: NDArray[np.float64], files: Sequence[Path], turns: int) -> None:
    scale = float(np.abs(theta[:-1]).max()) / LARGEST
    packed = pack(np.round(theta[:-1] / scale).astype(np.int8).tobytes())
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"# Made by bench/train_turns.py from bench/turns/{path.stem} (sha256 of its files {digest[:16]}...) "
        f"and plain turns of tests/dialogues.\nturns   = {turns}\nscale   = {scale:.8g}\nbias    = {theta[-1]:.6f}\n"
        f'weights = "{packed}"\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
