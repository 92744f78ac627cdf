"""How well each rule judges from text and from sound: bench/rules_audio.py [--spoken N] [--picture FILE].

The sample calls are judged from their texts, from their recordings with the default model, and from their texts with
10, 25 and 40 % of the words misheard (mishearing.py). They show each fault once or twice, so N labelled dialogues are
spoken by the samples' generator (speak.py) and judged in the same five ways; without espeak-ng and MBROLA that part is
left out. Recordings and recognised words stay in build/rules-audio: a second run recognises only what changed. Prints
tables in Markdown and, last, one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from belscore import load_rules, parse_call, score_call, transcribe_file
from belscore.call import Call
from belscore.listening import CallFacts
from belscore.metadata import read_call_table
from belscore.models import load_manifest
from belscore.report.files import write_whole
from belscore.rulebook import RuleSet
from belscore.samples import find_samples
from heard import words_for_good, words_misheard
from labels import Labelled, count, figures, load, ratio, total_of
from mishearing import known_words, misheard
from sound_picture import MISHEARD, SOUND, SOURCES, TEXT, Row, draw
from sounds import Vocabulary
from speak import missing_programs, speak_call

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
DIALOGUES = ROOT / "tests" / "dialogues"
KEPT = ROOT / "build" / "rules-audio"
JUDGED = ("pass", "fail")
# The verdicts that one source gave, counted by rule.
Counts = Mapping[str, Counter[str]]
NAMES = {
    "precision": "right among the verdicts said",
    "recall": "right among the verdicts expected",
    "f1": "F1 of those two",
    "fail_precision": "precision of `fail`",
    "fail_recall": "recall of `fail`",
    "unsure_applicable": "`unsure` of applicable labels",
    "pass_to_fail": "passes from text that become `fail`",
    "words_misheard": "words misheard",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A labelled call with what was heard in its recording."""

    labelled: Labelled
    sound: Call


def agreement(labelled: Labelled, rule_id: str, want: str, verdict: str) -> Counter[str]:
    """One verdict on one label, as the counts that `f1_figures` reads.

    said     : the verdict is pass or fail
    agreed   : and is the label, or accepted beside it
    expected : pass or fail should have been said; not where saying neither is accepted too, and was done
    judging  : the label is pass or fail, whatever the verdict
    """
    said, good, judging = verdict in JUDGED, labelled.right(rule_id, verdict), want in JUDGED
    agreed = said and good
    return Counter(said=said, agreed=agreed, expected=agreed or (judging and not good), judging=judging)


def f1_figures(total: Mapping[str, int]) -> dict[str, float | None]:
    """Precision, recall and their harmonic mean F1 (0..1) of the verdicts pass and fail.

    None : precision where nothing was said, recall where nothing was expected, F1 where neither
    """
    said, expected, agreed = (total.get(key, 0) for key in ("said", "expected", "agreed"))
    return {
        "precision": ratio(agreed, said) if said else None,
        "recall": ratio(agreed, expected) if expected else None,
        "f1": ratio(2 * agreed, said + expected) if said + expected else None,
    }


def evenly(dialogues: Sequence[Labelled], number: int) -> list[Labelled]:
    """So many dialogues, spread over the collections they come from (the first letter of their names).

    The order within a collection follows from the names, so a greater number takes the same ones and more.
    """
    collections: dict[str, list[Labelled]] = defaultdict(list)
    for each in sorted(dialogues, key=lambda each: (crc32(each.name.encode()), each.name)):
        collections[each.name[0]].append(each)
    places = [
        ((at + 0.5) / len(found), each.name, each) for found in collections.values() for at, each in enumerate(found)
    ]
    return [each for *_, each in sorted(places, key=lambda place: place[:2])[:number]]


def sample_calls() -> list[tuple[Labelled, Path, CallFacts]]:
    """Every sample with its recording and what a telephone exchange knows of it."""
    table, found = read_call_table(SAMPLES / "calls.csv"), []
    for sample in find_samples([SAMPLES / "calls"]):
        if sample.text is not None and sample.recording is not None:
            call = parse_call(sample.text.read_text(encoding="utf-8"), source=sample.text.name)
            labelled = Labelled(sample.name, call, {"rules": dict(sample.expected.verdicts)})
            found.append((labelled, sample.recording, CallFacts(**(table.find(sample.recording) or {}))))
    return found


def spoken_calls(dialogues: Iterable[Labelled]) -> list[tuple[Labelled, Path, CallFacts]]:
    """Every dialogue with a recording of it, and the facts that its text gives."""
    found, late_s = [], []
    for each in dialogues:
        spoken, call = speak_call(each.name, each.call, KEPT), each.call
        late_s += [] if spoken.late_s is None else [spoken.late_s]
        facts = CallFacts(
            direction="outbound" if call.direction == "outbound" else None,
            started_at=call.started_at,
            ring_s=call.ring_s,
            ended_by=call.ended_by,
            practice=call.practice,
            agent=call.agent,
            department=call.department,
        )
        found.append((each, spoken.path, facts))
    if late_s:
        print(f"spoke {len(late_s)} dialogues; turns end within {max(late_s):.2f} s of their times", file=sys.stderr)
    return found


def listen(recordings: Sequence[tuple[Labelled, Path, CallFacts]], model: str) -> list[Heard]:
    """What the model hears in each recording; words that it heard in an earlier run are read from disk."""
    heard, cache = [], words_for_good(KEPT / "words")
    known = cache.kept().entries
    for place, (labelled, path, facts) in enumerate(recordings, start=1):
        heard.append(Heard(labelled, transcribe_file(path, model=model, facts=facts, cache=cache)))
        anew = cache.kept().entries - known
        print(f"\rheard {place} of {len(recordings)}, {anew} anew", end="", file=sys.stderr)
    print(file=sys.stderr)
    return heard


def judge(heard: Sequence[Heard], rules: RuleSet, words: Vocabulary, seeds: int) -> dict[str, Counts]:
    """Counts by source and rule; `agreement`, `labels.count`, and what became of the passes from text."""
    table: dict[str, dict[str, Counter[str]]] = {source: defaultdict(Counter) for source in SOURCES}
    for each in heard:
        labelled = each.labelled
        calls = [(TEXT, labelled.call), (SOUND, each.sound)]
        calls += [
            (share, misheard(labelled.call, float(share), words, str(seed)))
            for share in MISHEARD
            for seed in range(seeds)
        ]
        cards = [(source, score_call(call, rules=rules)) for source, call in calls]
        for rule_id, want in labelled.labels(rules):
            passed = cards[0][1].finding(rule_id).verdict == "pass"
            for source, card in cards:
                verdict = card.finding(rule_id).verdict
                table[source][rule_id] += count(labelled, rule_id, want, verdict)
                table[source][rule_id] += agreement(labelled, rule_id, want, verdict)
                table[source][rule_id].update(text_pass=passed, now_fail=passed and verdict == "fail")
    return {source: dict(counts) for source, counts in table.items()}


def overall(counts: Mapping[str, Counts], heard: Sequence[Heard]) -> dict[str, dict[str, float | None]]:
    """The figures of NAMES by source, over all rules."""
    words = [words_misheard(each.labelled.call, each.sound) for each in heard]
    of_sound = ratio(sum(wrong for wrong, _ in words), sum(said for _, said in words))
    shares = {TEXT: 0.0, SOUND: of_sound, **{share: float(share) for share in MISHEARD}}
    table: dict[str, dict[str, float | None]] = {}
    for source, by_rule in counts.items():
        total = total_of(by_rule.values())
        table[source] = {**f1_figures(total), **figures(total)}
        table[source]["pass_to_fail"] = ratio(total["now_fail"], total["text_pass"])
        table[source]["words_misheard"] = shares[source]
    return table


def joined(parts: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    """The counts of several parts together."""
    table: dict[str, dict[str, Counter[str]]] = {source: defaultdict(Counter) for source in SOURCES}
    for part in parts:
        for source, by_rule in part.items():
            for rule_id, counter in by_rule.items():
                table[source][rule_id].update(counter)
    return {source: dict(by_rule) for source, by_rule in table.items()}


def overall_table(name: str, table: Mapping[str, Mapping[str, float | None]]) -> str:
    lines = [f"### {name}", "", f"| | {' | '.join(SOURCES)} |", "|---|" + "---|" * len(SOURCES)]
    for key, title in NAMES.items():
        values = [table[source][key] for source in SOURCES]
        cells = ["" if value is None else f"{100 * value:.1f} %" for value in values]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def rule_table(counts: Mapping[str, Counts], rules: RuleSet) -> str:
    """A row a rule: its labels, and by source F1 (precision / recall)."""
    head = "F1 (precision / recall) of the verdicts pass and fail"
    lines = [f"### {head}", "", f"| rule | labels | {' | '.join(SOURCES)} |", "|---|---|" + "---|" * len(SOURCES)]
    for rule in rules.rules:
        cells, labels = [], counts[TEXT].get(rule.id, Counter())["judging"]
        for source in SOURCES:
            values = f1_figures(counts[source].get(rule.id, Counter())).values()
            precision, recall, f1 = ("–" if value is None else f"{value:.2f}" for value in values)
            cells.append(f"{f1} ({precision} / {recall})")
        lines.append(f"| `{rule.id}` | {labels} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def picture(counts: Mapping[str, Counts], rules: RuleSet, remarks: Sequence[str]) -> str:
    sections = {section.id: section.title for section in rules.sections}

    def row(section: str, title: str, counters: Mapping[str, Counter[str]]) -> Row:
        return Row(section, title, counters[TEXT]["judging"], {k: f1_figures(v)["f1"] for k, v in counters.items()})

    rows = [
        row(sections[rule.section], rule.title, {s: counts[s].get(rule.id, Counter()) for s in SOURCES})
        for section in sections
        for rule in rules.rules
        if rule.section == section
    ]
    return draw(row("", "Alle regels samen", {s: total_of(counts[s].values()) for s in SOURCES}), rows, remarks)


def remarks_of(
    parts: Mapping[str, Sequence[Heard]], whole: Mapping[str, Mapping[str, float | None]], model: str
) -> list[str]:
    names = {"samples": "voorbeeldgesprekken", "spoken": "uitgesproken dialogen"}
    calls = " en ".join(f"{len(heard)} {names[name]}" for name, heard in parts.items())
    wrong = f"{100 * (whole[SOUND]['words_misheard'] or 0.0):.0f} %"
    return [
        f"{calls}, met gemaakte stemmen over een telefoonlijn.",
        f"Het model {model} verstaat er {wrong} van de woorden verkeerd. Een onzeker oordeel telt als niet gegeven.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spoken", type=int, default=120, metavar="N", help="labelled dialogues to speak")
    parser.add_argument("--seeds", type=int, default=3, help="how often the words of each call are misheard")
    parser.add_argument("--model", default=load_manifest().default, help="name or folder of the speech model")
    parser.add_argument("--picture", type=Path, help="draw the figures of each rule")
    args = parser.parse_args()
    rules, dialogues = load_rules(), load([DIALOGUES])
    recordings = {"samples": sample_calls()}
    if args.spoken and (missing := missing_programs()):
        print(f"no dialogues are spoken, the samples alone are measured: {missing}", file=sys.stderr)
    elif args.spoken:
        recordings["spoken"] = spoken_calls(evenly(dialogues, args.spoken))
    parts = {name: listen(found, args.model) for name, found in recordings.items()}
    words = known_words(each.call for each in [*dialogues, *(labelled for labelled, *_ in recordings["samples"])])
    counts = {name: judge(heard, rules, words, args.seeds) for name, heard in parts.items()}
    everything, whole = joined(counts.values()), [each for heard in parts.values() for each in heard]
    result: dict[str, Any] = {name: overall(counts[name], heard) for name, heard in parts.items()}
    result["all"] = overall(everything, whole)
    for name, table in result.items():
        print(overall_table(f"{name}: {len(parts.get(name, whole))} calls", table))
    print(rule_table(everything, rules))
    if args.picture:
        write_whole(args.picture, picture(everything, rules, remarks_of(parts, result["all"], args.model)))
    per_rule = {
        rule.id: {s: f1_figures(everything[s].get(rule.id, Counter()))["f1"] for s in SOURCES} for rule in rules.rules
    }
    print(json.dumps({"calls": {name: len(heard) for name, heard in parts.items()}, **result, "rules": per_rule}))


if __name__ == "__main__":
    main()
