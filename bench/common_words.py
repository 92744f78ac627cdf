"""The commonest words of labelled calls, as `[common]` of rules/lexicon/normaliseren.toml has them.

bench/common_words.py [FOLDER...] [--words 240]: words by the number of turns they are in, of those that rules know:
they only say in which order words of phrases are looked for, so the list need not be new for each new call.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from belscore import load_rules, parse_call
from belscore.language.tokens import tokenise

DIALOGUES = Path(__file__).parents[1] / "tests" / "dialogues"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[DIALOGUES])
    parser.add_argument("--words", type=int, default=240)
    args = parser.parse_args()
    lexicon = load_rules().knowledge.lexicon
    turns: Counter[str] = Counter()
    for path in sorted(path for folder in args.folders for path in folder.glob("*.call")):
        for utterance in tokenise(parse_call(path.read_text(encoding="utf-8")), lexicon.contractions):
            turns.update(set(utterance.norms) & lexicon.vocabulary)
    for word, count in sorted(turns.items(), key=lambda each: (-each[1], each[0]))[: args.words]:
        print(f"{word:20} {count:6}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
