"""How the verdicts fare on transcripts of other tools: bench/foreign.py [FOLDER ...] [--step N] [--sound N].

Labelled dialogues are written as other tools write them (foreign_files.py), read back and judged. Prints, as tables in
Markdown and last as one line of JSON: verdicts by kind of file; how far to believe words of which nothing tells how
sure they are, with 10 and 25 % of them misheard (mishearing.py), and with --sound as the default model hears the
samples and N spoken dialogues; whether the agent is found among speakers without names, and names put on the wrong
voice; and how many words go to the right party without speakers, with pauses and without.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from belscore import load_rules, score_call
from belscore.call import Call, Role, Turn, Word
from belscore.errors import NotationError
from belscore.foreign import reading
from belscore.foreign.belief import Belief
from belscore.foreign.segments import Timed
from belscore.foreign.speakers import decide_parties
from belscore.models import load_manifest
from belscore.rulebook import RuleSet
from foreign_files import NAMES, WRITERS, Naming
from labels import Labelled, count, figures, load, ratio
from mishearing import known_words, misheard

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "tests" / "dialogues", ROOT.parent / "shared" / "dialogues-dev")
SHARES = (0.10, 0.25)
# Every word with one probability, beside what `belief` does; 1.0 is how a written transcript is read.
FIXED = (1.0, 0.99, 0.7, 0.55, 0.45)
PLAIN = "SRT, names"
WITH_WORDS = "whisper JSON"
WITH_SEGMENTS = "whisper JSON, no words"
WITHOUT_PAUSES = "whisper.cpp -oj"
MIN_CONFIDENCE = 0.6
Pairs = Sequence[tuple[Labelled, Call]]


def read(call: Call, kind: str, naming: Naming) -> Call:
    """The call written and read back, with what an exchange knows of it."""
    told = reading.read_transcript(WRITERS[kind](call, naming), source=call.source)
    names = ("direction", "started_at", "ring_s", "ended_by", "practice", "agent", "department")
    return replace(told, **{name: getattr(call, name) for name in names})


def verdicts(pairs: Pairs, rules: RuleSet, kind: str, naming: Naming = "roles") -> dict[str, float]:
    """Figures of `labels.figures` on calls as they were heard, written as a kind of file and read back."""
    total = Counter[str]()
    for dialogue, heard in pairs:
        card = score_call(read(heard, kind, naming), rules=rules)
        for rule_id, want in dialogue.labels(rules):
            total += count(dialogue, rule_id, want, card.finding(rule_id).verdict)
    return {**figures(total), "fails": total["tp"] + total["fp"], "wrong_fails": total["fp"]}


@contextmanager
def believed(probability: float) -> Iterator[None]:
    """While it lasts, each word of which nothing is told has this probability."""

    def same(_belief: Belief, words: Sequence[Timed], _of_segment: float | None) -> list[float]:
        return [probability] * len(words)

    with patch.object(Belief, "of", same):
        yield


def beliefs(pairs: Pairs, rules: RuleSet) -> dict[str, dict[str, float]]:
    """The figures by how words are believed."""
    told = {"each word tells": WITH_WORDS, "each segment tells": WITH_SEGMENTS, "nothing told": PLAIN}
    table = {name: verdicts(pairs, rules, kind) for name, kind in told.items()}
    for probability in FIXED:
        with believed(probability):
            table[f"nothing told, all {probability:g}"] = verdicts(pairs, rules, PLAIN)
    return table


def roles(pairs: Pairs) -> dict[str, float]:
    """Shares of the calls: agent found among speakers without names, sure of it, sure and wrong; names told to be
    wrong where they are, and where they are not."""
    total = Counter[str]()
    for _, call in pairs:
        spoken: dict[Role, list[Word]] = {}
        for turn in call.turns:
            spoken.setdefault(turn.role, []).extend(turn.words)
        if not {"agent", "caller"} <= spoken.keys():
            continue
        numbers: dict[Role, str] = {role: f"SPEAKER_{at:02d}" for at, role in enumerate(sorted(spoken))}
        told = decide_parties({numbers[role]: own for role, own in spoken.items()})
        right, sure = told.roles[numbers["agent"]] == "agent", told.confidence >= MIN_CONFIDENCE
        swapped: dict[Role, Role] = {"agent": "caller", "caller": "agent"}
        named = decide_parties({NAMES[role]: own for role, own in spoken.items()})
        reverse = decide_parties({NAMES[swapped.get(role, role)]: own for role, own in spoken.items()})
        total.update(calls=1, right=right, sure=sure, sure_wrong=sure and not right)
        total.update(false_alarms=named.contradicted, swaps_found=reverse.contradicted)
    return {key: ratio(value, total["calls"]) for key, value in total.items() if key != "calls"}


def parties(calls: Sequence[Call], kind: str) -> dict[str, float]:
    """Share of the words that go to the right party without speakers, and of the calls that are refused."""
    right = all_words = refused = 0
    for call in calls:
        said = [(word, "caller" if turn.role == "caller" else "agent") for turn in call.turns for word in turn.words]
        try:
            turns: Sequence[Turn] = reading.read_transcript(WRITERS[kind](call, "none")).turns
        except NotationError:
            refused += 1
            with patch.object(reading, "_tells_pauses", lambda _: True):
                turns = reading.read_transcript(WRITERS[kind](call, "none")).turns
        given = [(word, turn.role) for turn in turns for word in turn.words]
        for word, role in given:
            same = [(abs(other.start_s - word.start_s), party) for other, party in said if other.text == word.text]
            right += bool(same) and min(same)[1] == role
        all_words += len(given)
    return {"words_right": ratio(right, all_words), "refused": ratio(refused, len(calls))}


def heard_calls(number: int, dialogues: Sequence[Labelled]) -> list[tuple[Labelled, Call]]:
    """The samples and so many spoken dialogues as the default model hears them, where each party has a channel."""
    from rules_audio import evenly, listen, sample_calls, spoken_calls

    recordings = [*sample_calls(), *(spoken_calls(evenly(dialogues, number)) if number else [])]
    heard = listen(recordings, load_manifest().default)
    return [(each.labelled, each.sound) for each in heard if each.sound.channels == "separate"]


def table(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    keys = list(next(iter(rows.values())))
    head = " | ".join(key.replace("_", " ") for key in keys)
    lines = [f"### {title}", "", f"| | {head} |", "|---" * (len(keys) + 1) + "|"]
    for name, row in rows.items():
        cells = (f"{row[key]:g}" if key.endswith("fails") else f"{100 * row[key]:.1f} %" for key in keys)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--step", type=int, default=3, help="take every so manieth dialogue")
    parser.add_argument("--sound", type=int, metavar="N", help="also as heard in the samples and N spoken dialogues")
    args = parser.parse_args()
    rules = load_rules()
    everything = load(args.folders or [folder for folder in FOLDERS if folder.is_dir()])
    dialogues = everything[:: args.step]
    clean = [(each, each.call) for each in dialogues]
    vocabulary = known_words(each.call for each in dialogues)
    results: dict[str, dict[str, dict[str, float]]] = {
        # whisper.cpp knows no other names than numbers.
        "kinds of file, nothing misheard": {kind: verdicts(clean, rules, kind, "numbers") for kind in WRITERS},
    }
    for share in SHARES:
        poor = [(each, misheard(each.call, share, vocabulary, "0")) for each in dialogues]
        results[f"belief, {share:.0%} misheard"] = beliefs(poor, rules)
        results[f"speakers without names, {share:.0%} misheard"] = {"all": roles(poor)}
    if args.sound is not None:
        results["belief, as heard in sound"] = beliefs(heard_calls(args.sound, everything), rules)
    calls = [each.call for each in dialogues]
    results["no speakers"] = {name: parties(calls, name) for name in (PLAIN, WITHOUT_PAUSES)}
    for title, rows in results.items():
        print(table(title, rows))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
