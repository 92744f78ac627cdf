"""How well word probabilities tell what was said, and the curve that mends them: bench/confidence.py [FOLDER ...].

Every FOLDER holds stereo recordings with known words: `NAME.json` with turns as bench/wer.py takes them, or `NAME.call`
as in samples/calls, which are always measured too. Prints the calibration to put into models/manifest.toml, fitted on
all recordings with each folder weighing the same, and for each folder how well probabilities fare before and after.
"After" is honest: the curve that judges a recording was fitted without it. One line of JSON; --picture FILE draws it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from numpy.typing import NDArray

import svg
from belscore.audio import decode
from belscore.confidence import Calibration, features, logit
from belscore.decoder import Recogniser
from belscore.inputs import AUDIO_SUFFIXES, read_call
from belscore.models import find_model
from belscore.report.files import write_whole
from belscore.transcribe import load_model, recognise
from belscore.vad import detect
from mishearing import digits
from wer import normalise

Values = NDArray[np.float64]
SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "calls"
BINS = 10
# Fewer words in a bin say nothing.
COUNT_MIN = 20
_ROUNDS = 30
_RIDGE = 1e-3
WIDTH, HEIGHT, LEFT, TOP, SIDE = 720, 400, 60, 48, 290
TITLE = "Zekerheid van woorden: wat het model zegt en wat klopt"


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Recognised words of a recording: logit and mean logit of neighbours (n, 2), and whether each was said (n,)."""

    folder: str
    features: Values
    right: Values


def listen(path: Path, folder: str, recogniser: Recogniser) -> Words | None:
    """The words of a stereo recording held against what was said; None for one on one channel."""
    recording = decode(path)
    if recording.is_mixed:
        return None
    said = _said(path)
    heard = recognise(recording.channels, detect(recording).speech, recogniser)
    ways = ((said[0], said[1]), (said[1], said[0]))
    # Which channel is the agent's is no matter here: the way that fits better is the right one.
    best = max(ways, key=lambda way: sum(float(_right(way[side], heard[side]).sum()) for side in (0, 1)))
    rows = [features([logit(word.probability) for word in channel]) for channel in heard]
    return Words(
        folder,
        np.asarray([row for channel in rows for row in channel], np.float64).reshape(-1, 2),
        np.concatenate([_right(best[side], heard[side]) for side in (0, 1)]),
    )


def _said(path: Path) -> list[list[str]]:
    """The words of agent and caller, in small letters, numbers as digits."""
    truth = path.with_suffix(".json")
    if truth.exists():
        turns = [(turn["role"], turn["text"]) for turn in json.loads(truth.read_text(encoding="utf-8"))["turns"]]
    else:
        turns = [(turn.role, turn.text) for turn in read_call(path.with_suffix(".call")).turns]
    caller = [text for role, text in turns if role == "caller"]
    others = [text for role, text in turns if role != "caller"]
    return [[digits(word) for text in texts for word in normalise(text)] for texts in (others, caller)]


def _right(said: Sequence[str], heard: Sequence[Any]) -> Values:
    """1.0 for each word heard that was said, else 0.0."""
    parts = [(at, part) for at, word in enumerate(heard) for part in normalise(word.text)]
    right = np.ones(len(heard))
    if not parts or not said:
        return np.zeros(len(heard))
    # A number in several words becomes one word or stays in step: each part keeps the place of its word.
    places = [at for at, part in parts for _ in digits(part).split()]
    out = jiwer.process_words(" ".join(said), " ".join(digits(part) for _, part in parts))
    for chunk in out.alignments[0]:
        if chunk.type in ("substitute", "insert"):
            right[places[chunk.hyp_start_idx : chunk.hyp_end_idx]] = 0.0
    return right


def fit(recordings: Sequence[Words]) -> Calibration:
    """Logistic regression by Newton's method, every folder weighing the same."""
    folders = [each.folder for each in recordings]
    total = {name: sum(len(each.right) for each in recordings if each.folder == name) for name in set(folders)}
    x = np.concatenate([each.features for each in recordings])
    y = np.concatenate([each.right for each in recordings])
    weight = np.concatenate([np.full(len(each.right), 1000.0 / total[each.folder]) for each in recordings])
    x = np.column_stack([np.ones(len(x)), x])
    curve = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):
        share = 1 / (1 + np.exp(-x @ curve))
        slope = x.T @ (weight * (share - y)) + _RIDGE * curve
        bend = (x * (weight * share * (1 - share))[:, None]).T @ x + _RIDGE * np.eye(len(curve))
        curve -= np.linalg.solve(bend, slope)
    return Calibration(*(round(float(value), 3) for value in curve))


def apply(curve: Calibration, words: Words) -> Values:
    """Probabilities by a curve."""
    exponent = curve.bias + words.features @ np.array([curve.own, curve.neighbours])
    return np.asarray(1 / (1 + np.exp(-exponent)))


def judge(probability: Values, right: Values) -> dict[str, Any]:
    """Brier score, expected calibration error (ten bins), area under the ROC curve and the share right in each bin."""
    index = np.minimum((probability * BINS).astype(int), BINS - 1)
    table: dict[str, dict[str, float]] = {}
    off = 0.0
    for each in range(BINS):
        inside = index == each
        count = int(inside.sum())
        if count:
            said, true = float(probability[inside].mean()), float(right[inside].mean())
            off += count / len(right) * abs(said - true)
            if count >= COUNT_MIN:
                table[f"{each / BINS:.1f}"] = {"count": count, "said": round(said, 3), "right": round(true, 3)}
    rank = np.empty(len(right))
    rank[np.argsort(probability, kind="stable")] = np.arange(1, len(right) + 1)
    good, bad = right.sum(), len(right) - right.sum()
    return {
        "words": len(right),
        "right": round(float(right.mean()), 3),
        "brier": round(float(np.mean((probability - right) ** 2)), 4),
        "calibration_error": round(off, 4),
        "auc": round(float((rank[right == 1].sum() - good * (good + 1) / 2) / (good * bad)), 4),
        "bins": table,
    }


def report(recordings: Sequence[Words]) -> dict[str, Any]:
    before = {id(each): 1 / (1 + np.exp(-each.features[:, 0])) for each in recordings}
    after = {id(each): apply(fit([other for other in recordings if other is not each]), each) for each in recordings}
    found: dict[str, Any] = {"calibration": asdict(fit(recordings)), "folders": {}}
    for name in dict.fromkeys(each.folder for each in recordings):
        own = [each for each in recordings if each.folder == name]
        right = np.concatenate([each.right for each in own])
        found["folders"][name] = {
            "before": judge(np.concatenate([before[id(each)] for each in own]), right),
            "after": judge(np.concatenate([after[id(each)] for each in own]), right),
        }
    return found


def draw(figures: Mapping[str, Any]) -> str:
    """The reliability of each folder's words, before and after, as SVG."""
    lines = [svg.text(LEFT, 26, TITLE, size=16, weight=600)]

    def place(said: float, right: float) -> tuple[float, float]:
        return round(LEFT + said * SIDE, 1), round(TOP + (1 - right) * SIDE, 1)

    for tenth in range(0, 11, 2):
        (x1, y), (x2, _) = place(0, tenth / 10), place(1, tenth / 10)
        lines += [svg.line(x1, y, x2, y), svg.text(x1 - 8, y + 4, f"{10 * tenth} %", anchor="end")]
        lines.append(svg.text(place(tenth / 10, 0)[0], TOP + SIDE + 18, f"{10 * tenth}", anchor="middle"))
    lines.append(svg.line(*place(0, 0), *place(1, 1), colour=svg.INK))
    lines.append(svg.text(LEFT + SIDE / 2, TOP + SIDE + 40, "zekerheid volgens het model (%)", anchor="middle"))
    colours = (svg.BLUE, svg.GREEN, svg.BROWN, svg.RED)
    for at, (name, each) in enumerate(figures["folders"].items()):
        colour, y = colours[at % len(colours)], TOP + 14 + 76 * at
        heading = f"{name}, {each['after']['words']} woorden"
        lines.append(svg.text(LEFT + SIDE + 30, y, heading, colour=colour, weight=600))
        for row, (key, word, dashes) in enumerate((("before", "zoals herkend", "4 4"), ("after", "geijkt", ""))):
            points = [place(cell["said"], cell["right"]) for cell in each[key]["bins"].values()]
            dashed = f" stroke-dasharray='{dashes}'" if dashes else ""
            path = " ".join(f"{x},{y}" for x, y in points)
            lines.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'{dashed}/>")
            lines += [f"<circle cx='{x}' cy='{y}' r='3' fill='{colour}'/>" for x, y in points]
            off = f"{100 * each[key]['calibration_error']:.1f}".replace(".", ",")
            told = f"{'- - ' if dashes else '— '}{word}: gemiddeld {off} punten ernaast"
            lines.append(svg.text(LEFT + SIDE + 30, y + 20 * (row + 1), told, colour=colour))
    return svg.document(WIDTH, HEIGHT, "zekerheid", TITLE, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--model", help="name or folder of the speech model; the best one present when left out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    recogniser = load_model(find_model(options.model), threads=options.threads)
    recogniser.calibration = None
    recordings: list[Words] = []
    for folder in [*options.folders, SAMPLES]:
        name = "voorbeelden" if folder == SAMPLES else "gesprekken" if folder is options.folders[0] else folder.name
        for path in sorted(folder.iterdir()):
            known = path.with_suffix(".json").exists() or path.with_suffix(".call").exists()
            if path.suffix.lower() in AUDIO_SUFFIXES and known:
                found = listen(path, name, recogniser)
                recordings += [found] if found is not None and len(found.right) else []
    figures = report(recordings)
    if options.picture:
        write_whole(options.picture, draw(figures))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
