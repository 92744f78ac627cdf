"""What the recogniser does to words: bench/confusions.py FOLDER... [--words] [--model NAME].

A folder holds recordings with beside each NAME.call or NAME.json ({"turns": [{"role", "text"}]}) of what was said.
Prints as JSON how many words were misheard and how, which ones more often than others, how errors lie together, and
quantiles of the recognition probabilities of right and wrong words. The constants of mishearing.py come from here;
`--words` prints the pairs of words themselves.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from alignment import Step, align
from belscore import parse_call, transcribe_file
from belscore.second_look_sounds import apart, sound
from mishearing import CLASSES, digits, word_class
from wer import normalise

ROLES = ("agent", "caller")
RECORDINGS = (".wav", ".flac", ".mp3", ".opus", ".m4a")
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Party:
    """One party of one talk: the words it said with the class of each, and what was heard of it."""

    said: list[str]
    classes: list[str]
    heard: list[str]
    probabilities: list[float]


def parties(folder: Path, model: str | None) -> Iterator[Party]:
    for path in sorted(folder.iterdir()):
        if path.suffix not in RECORDINGS:
            continue
        turns, call = _said(path), transcribe_file(path, model=model, agent_channel="left")
        for role in ROLES:
            raw = [text.split() for who, text in turns if who == role]
            said = [
                (part, word_class(text, at)) for text in raw for at in range(len(text)) for part in normalise(text[at])
            ]
            words = [word for turn in call.turns if turn.role == role for word in turn.words]
            found = [(part, word.probability) for word in words for part in normalise(word.text)]
            yield Party(
                [word for word, _ in said],
                [name for _, name in said],
                [part for part, _ in found],
                [probability for _, probability in found],
            )


def _said(recording: Path) -> list[tuple[str, str]]:
    call = recording.with_suffix(".call")
    if call.exists():
        return [(turn.role, turn.text) for turn in parse_call(call.read_text(encoding="utf-8")).turns]
    truth: dict[str, Any] = json.loads(recording.with_suffix(".json").read_text(encoding="utf-8"))
    return [(turn["role"], turn["text"]) for turn in truth["turns"]]


def figures(found: Sequence[Party], *, show: bool = False) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    by_class: Counter[tuple[str, str]] = Counter()
    right: list[float] = []
    wrong: list[float] = []
    gaps: list[float] = []
    follows: Counter[tuple[bool, bool]] = Counter()
    for party in found:
        steps = align([digits(word) for word in party.said], [digits(word) for word in party.heard])
        bad = [False] * len(party.said)
        for step in steps:
            size = max(1, step.last - step.first)
            kinds[step.kind] += size
            (right if step.kind == "right" else wrong).extend(party.probabilities[step.start : step.end])
            for at in range(step.first, step.last):
                bad[at] = step.kind != "right"
                by_class[party.classes[at], step.kind] += 1
            if step.kind == "other":
                gaps.append(apart(sound(party.said[step.first]), sound(party.heard[step.start])))
            if show and step.kind != "right":
                print(_pair(party, step))
        follows.update(pairwise(bad))
    said = kinds.total() - kinds["added"]
    errors = said - kinds["right"]
    return {
        "words": said,
        "misheard": round(errors / said, 3),
        "kinds": {
            kind: round(count / (errors + kinds["added"]), 3) for kind, count in kinds.items() if kind != "right"
        },
        "by_class": {name: _class_row(by_class, name) for name in CLASSES},
        "after_an_error": _share(follows, True),
        "after_a_right_word": _share(follows, False),
        "apart": _quantiles(gaps),
        "probability_right": _quantiles(right),
        "probability_wrong": _quantiles(wrong),
    }


def _class_row(by_class: Counter[tuple[str, str]], name: str) -> dict[str, float]:
    counts = Counter({kind: count for (each, kind), count in by_class.items() if each == name})
    total = max(1, counts.total())
    return {
        "words": counts.total(),
        "misheard": round(1 - counts["right"] / total, 3),
        "lost": round(counts["lost"] / total, 3),
    }


def _share(follows: Counter[tuple[bool, bool]], before: bool) -> float:
    return round(follows[before, True] / max(1, follows[before, True] + follows[before, False]), 3)


def _quantiles(values: Sequence[float]) -> list[float]:
    return [round(float(value), 2) for value in np.quantile(values, QUANTILES)] if values else []


def _pair(party: Party, step: Step) -> str:
    said, heard = " ".join(party.said[step.first : step.last]), " ".join(party.heard[step.start : step.end])
    sure = "/".join(f"{each:.2f}" for each in party.probabilities[step.start : step.end])
    return f"{step.kind:7} {said or '-':24} {heard or '-':24} {sure}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", help="name or folder of the speech model; the best one present when left out")
    parser.add_argument("--words", action="store_true", help="also every word that was not heard rightly")
    arguments = parser.parse_args()
    found = [party for folder in arguments.folders for party in parties(folder, arguments.model)]
    print(json.dumps(figures(found, show=arguments.words)))


if __name__ == "__main__":
    main()
