"""Pairs of questions against their labels (tests/ledger/topics.txt): bench/topics.py [--detail].

Precision and recall of "about the same thing", for the development and the blind pairs; --detail shows what is wrong
in the development ones.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from belscore.topics import key_of, same_topic, topic_words
from labelled_ledger import read_pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--detail", action="store_true")
    detail = parser.parse_args().detail
    counts = {False: Counter[str](), True: Counter[str]()}
    for blind, same, one, other in read_pairs():
        keys = key_of(topic_words(one)), key_of(topic_words(other))
        said = same_topic(*keys)
        counts[blind][("true" if said == same else "false") + (" same" if said else " other")] += 1
        if detail and not blind and said != same:
            print(f"{'same' if said else 'other'}: {one} | {other}\n    {sorted(keys[0])} | {sorted(keys[1])}")
    for blind, count in counts.items():
        right, wrong, missed = count["true same"], count["false same"], count["false other"]
        print(
            f"{'blind' if blind else 'development'}: precision {right}/{right + wrong}, "
            f"recall {right}/{right + missed}, rightly other {count['true other']}"
        )


if __name__ == "__main__":
    main()
