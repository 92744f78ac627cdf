"""What a second look at the sound gains and what it makes up: bench/second_look.py [--letters ijklmno] [--spoken N].

The sample calls and labelled dialogues, spoken by the samples' generator (speak.py), are judged from their sound with
and without the second look. Then the oracle is asked, in the agent's turns of the same calls, for

- phrases that the rules look for, which were said and not recognised: how many it finds;
- these and the recognised phrases with one word changed (second_look_pairs.py), none of which was said: how many it
  accepts;

and with --examples the examples of the rules that must not pass, spoken: how many it makes pass. Thresholds were set on
the samples and on letters cdefgh, with --changes; figures are to be taken on other letters. Last, the processor time
that it takes beside recognition. Prints tables in Markdown and, last, one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from belscore import load_rules, parse_call, score_call
from belscore.audio import decode
from belscore.call import Call, Turn, Word
from belscore.decoder import Recogniser, load_model
from belscore.language.tokens import tokenise
from belscore.listening import CallFacts
from belscore.models import find_model
from belscore.rulebook import RuleSet, default_lexicon
from belscore.second_look import Change, Likelihood
from belscore.second_look_phrases import PhraseBook
from belscore.second_look_sound import SoundOracle
from belscore.transcribe import recognise
from belscore.vad import channel_spans
from labels import Labelled, count, load, total_of
from mishearing import known_words
from rules_audio import DIALOGUES, agreement, evenly, f1_figures, listen, sample_calls, spoken_calls
from second_look_pairs import Phrase, holds, minimal_pairs, norms
from sounds import Vocabulary

# The dialogues that bench/rules_audio.py speaks, on which rules and an earlier second look were set.
USED_BEFORE = 120
# How far from where it was said a phrase may be heard: words of the truth are spread over their turns.
NEAR_S = 1.5
TIMED = 10
EVERY = 10_000

Recording = tuple[Labelled, Path, CallFacts]


@dataclass(frozen=True, slots=True)
class Heard:
    """A labelled call as it was recognised, with the file that was listened to."""

    labelled: Labelled
    path: Path
    sound: Call


class TimedOracle(SoundOracle):
    """Keeps what it was asked."""

    def likelihoods(self, call: Call, changes: Sequence[Change], windows: int) -> list[Likelihood | None]:
        found = super().likelihoods(call, changes, windows)
        self.told = dict(zip(changes, found, strict=True))
        return found


def verdicts(heard: Sequence[Heard], rules: RuleSet, model: Recogniser, *, tell: bool) -> dict[str, Any]:
    """Figures without and with the second look, and what it moved."""
    counts: dict[str, list[Counter[str]]] = {"without": [], "with": []}
    moved = Counter[str]()
    for each in heard:
        oracle = TimedOracle(each.path, lambda: model)
        plain, looked = score_call(each.sound, rules=rules), score_call(each.sound, rules=rules, oracle=oracle)
        for rule_id, want in each.labelled.labels(rules):
            before, after = plain.finding(rule_id), looked.finding(rule_id)
            for name, verdict in (("without", before.verdict), ("with", after.verdict)):
                right = each.labelled.right(rule_id, verdict)
                counts[name].append(
                    count(each.labelled, rule_id, want, verdict)
                    + agreement(each.labelled, rule_id, want, verdict)
                    + Counter(wrong_pass=verdict == "pass" and not right)
                    + Counter(lost_pass=verdict in ("fail", "unsure") and each.labelled.right(rule_id, "pass"))
                )
            if before.verdict != after.verdict:
                right = each.labelled.right(rule_id, after.verdict)
                was = each.labelled.right(rule_id, before.verdict)
                moved[f"{before.verdict} to {after.verdict}, {_named(was)} to {_named(right)}"] += 1
                if tell:
                    quotes = " | ".join(evidence.quote for evidence in after.evidence)
                    print(
                        f"{each.labelled.name} {rule_id}: {before.verdict} to {after.verdict}, "
                        f"should be {want}: {quotes}"
                    )
    table: dict[str, Any] = {"moved": dict(sorted(moved.items()))}
    for name, counted in counts.items():
        total = total_of(counted)
        table[name] = {**f1_figures(total), "right": total["agreed"], "expected": total["expected"]}
        table[name] |= {"wrong_fails": total["fp"], "wrong_passes": total["wrong_pass"], "lost": total["lost_pass"]}
    return table


def _named(right: bool) -> str:
    return "right" if right else "wrong"


def verdict_table(tables: dict[str, dict[str, Any]]) -> str:
    columns = ("precision", "recall", "f1", "right", "expected", "wrong_fails", "wrong_passes", "lost")
    lines = [f"| | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for name, table in tables.items():
        for way in ("without", "with"):
            cells = [f"{v:.4f}" if isinstance(v := table[way][key], float) else str(v) for key in columns]
            lines.append(f"| {name}, {way} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def phrase_trials(heard: Sequence[Heard], rules: RuleSet, model: Recogniser) -> dict[str, list[int]]:
    """By kind of phrase, how many were looked for and how many accepted."""
    words = known_words(each.labelled.call for each in heard)
    every_word = sorted(
        {n for each in heard for turn in each.labelled.call.turns for n in norms(turn.text) if n.isalpha()}
    )
    found: dict[str, list[int]] = {"lost": [0, 0], "one word changed": [0, 0]}
    for place, each in enumerate(heard, start=1):
        oracle = SoundOracle(each.path, lambda: model)
        for kind, accepted in _tried(each, words, every_word, oracle, rules):
            found[kind][0] += 1
            found[kind][1] += accepted
        print(f"\rphrases of {place} of {len(heard)} calls: {found}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return found


def _tried(
    each: Heard, words: Vocabulary, every_word: Sequence[str], oracle: SoundOracle, rules: RuleSet
) -> Iterator[tuple[str, bool]]:
    chance = random.Random(each.labelled.name)
    wanted: list[tuple[str, Phrase, float, float]] = []
    for turn in each.labelled.call.turns_of("agent"):
        for phrase, start_s, end_s in said_phrases(each.labelled.call, turn, rules):
            near = _near(each.sound, start_s, end_s)
            if not holds(near, phrase):
                wanted.append(("lost", phrase, start_s, end_s))
            said = _near(each.labelled.call, start_s, end_s)
            pairs = sorted(minimal_pairs(phrase, words, every_word, chance))
            unsaid = [pair for pair in pairs if not holds(said, pair) and not holds(near, pair)]
            wanted += [("one word changed", pair, start_s, end_s) for pair in unsaid]
    changes = [_changes(each.sound, phrase, start_s, end_s) for _, phrase, start_s, end_s in wanted]
    flat = list(dict.fromkeys(change for group in changes for change in group))
    told = dict(zip(flat, oracle.likelihoods(each.sound, flat, EVERY), strict=True)) if flat else {}
    for (kind, *_), group in zip(wanted, changes, strict=True):
        yield kind, any((likelihood := told[change]) is not None and likelihood.accepted for change in group)


def said_phrases(call: Call, turn: Turn, rules: RuleSet) -> list[tuple[Phrase, float, float]]:
    """Phrases of the rules' own lists, of three words and more, that stand in a turn of the truth."""
    utterance = tokenise(Call(call.source, call.duration_s, (turn,)), default_lexicon().contractions)[0]
    found: dict[Phrase, tuple[float, float]] = {}
    for rule in rules.rules:
        for name in type(rule.check).model_fields:
            value = getattr(rule.check, name)
            if not (isinstance(value, list | tuple) and value and all(isinstance(text, str) for text in value)):
                continue
            for match in rules.knowledge.finder.find(tuple(value), utterance):
                tokens = utterance.tokens[match.start : match.end]
                if match.cost == 0 and len(tokens) >= 3 and all(token.norm.isalpha() for token in tokens):
                    found[tuple(token.norm for token in tokens)] = (tokens[0].start_s, tokens[-1].end_s)
    return [(phrase, *span) for phrase, span in found.items()]


def _near(call: Call, start_s: float, end_s: float) -> list[str]:
    return [norm for word in _words_near(call, start_s, end_s) for norm in norms(word.text)]


def _words_near(call: Call, start_s: float, end_s: float) -> list[Word]:
    return [
        word
        for turn in call.turns_of("agent")
        for word in turn.words
        if word.start_s < end_s + NEAR_S and word.end_s > start_s - NEAR_S
    ]


def _changes(call: Call, phrase: Phrase, start_s: float, end_s: float) -> list[Change]:
    book = PhraseBook([" ".join(phrase)], default_lexicon())
    return [
        Change(index, miss.start, miss.end, miss.said, miss.apart)
        for index, turn in enumerate(call.turns)
        if turn.role == "agent" and turn.start_s < end_s + NEAR_S and turn.end_s > start_s - NEAR_S
        for miss in book.near(turn.words)
    ]


def examples(rules: RuleSet, number: int) -> list[Labelled]:
    """Examples of rules that must not pass, near misses first: what resembles a phrase and is none."""
    found: list[Labelled] = []
    for rule in rules.rules:
        for at, example in enumerate(sorted(rule.examples, key=lambda each: not each.name.startswith("bijna"))):
            call = parse_call(example.call, source=rule.id)
            if example.verdict == "fail" and call.channels == "separate":
                found.append(Labelled(f"{rule.id}-{at}", call, {"rules": {rule.id: example.verdict}}))
    step = max(1, len(found) // number)
    return found[::step][:number]


def cost(heard: Sequence[Heard], rules: RuleSet, model: Recogniser) -> dict[str, float]:
    """Seconds of processor in recognition, in judging without and in judging with the second look, per call."""
    spent = dict.fromkeys(("recognition_s", "judging_s", "with_look_s"), 0.0)
    for each in heard:
        recording = decode(each.path)
        marks = [time.process_time()]
        recognise(recording.channels, channel_spans(recording), model)
        marks.append(time.process_time())
        score_call(each.sound, rules=rules)
        marks.append(time.process_time())
        score_call(each.sound, rules=rules, oracle=SoundOracle(each.path, lambda: model))
        marks.append(time.process_time())
        for name, start, end in zip(spent, marks, marks[1:], strict=False):
            spent[name] += (end - start) / len(heard)
    return {**spent, "ratio": (spent["with_look_s"] - spent["judging_s"]) / spent["recognition_s"]}


def _heard(recordings: Sequence[Recording], model: str) -> list[Heard]:
    sounds = listen(recordings, model)
    return [Heard(found.labelled, path, found.sound) for found, (_, path, _) in zip(sounds, recordings, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--letters", default="ijklmno", help="first letters of the dialogues")
    parser.add_argument("--spoken", type=int, default=100, metavar="N", help="labelled dialogues to speak")
    parser.add_argument("--phrases", type=int, default=30, metavar="N", help="of them in which phrases are looked for")
    parser.add_argument("--examples", type=int, default=0, metavar="N", help="examples of the rules to speak")
    parser.add_argument("--changes", action="store_true", help="print every verdict that moved")
    args = parser.parse_args()
    rules, dialogues = load_rules(), load([DIALOGUES])
    model = load_model(find_model("base"), threads=1)
    before = {each.name for each in evenly(dialogues, USED_BEFORE)}
    fresh = [each for each in dialogues if each.name[0] in args.letters and each.name not in before]
    parts = {"samples": _heard(sample_calls(), "base")}
    parts["spoken"] = _heard(spoken_calls(evenly(fresh, args.spoken)), "base")
    if args.examples:
        parts["examples"] = _heard(spoken_calls(examples(rules, args.examples)), "base")
    result: dict[str, Any] = {name: verdicts(heard, rules, model, tell=args.changes) for name, heard in parts.items()}
    print(verdict_table(result))
    print("\n".join(f"{name}: {table['moved']}" for name, table in result.items()))
    if spoken := parts["spoken"]:
        result["phrases"] = phrase_trials(spoken[: args.phrases], rules, model)
        for kind, (tried, accepted) in result["phrases"].items():
            print(f"{kind}: {accepted} of {tried} accepted, {100 * accepted / max(1, tried):.1f} %")
        result["cost"] = cost(spoken[:: max(1, len(spoken) // TIMED)][:TIMED], rules, model)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
