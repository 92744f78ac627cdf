"""What redaction finds and leaves: bench/redaction.py [text] [dialogues] [audio] [--detail] [--half HALF].

text      : recall and precision by kind on the labelled turns of bench/redaction/: `tune.txt` may be tuned on,
            `held.txt` was written before, `fresh.txt` when all was done: both are only measured
dialogues : verdicts on tests/dialogues and samples, judged, redacted, written and read back, judged again: which differ
audio     : the sample calls as the default model hears them: which true values are still in the redacted words
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from belscore import load_rules, score_call
from belscore.call import Call, Role, Turn, Word
from belscore.call_json import call_to_dict, parse_call_json
from belscore.inputs import read_call
from belscore.language.name_words import SAME_NAME, name_similarity
from belscore.language.tokens import fold
from belscore.redaction import Redacted, RedactedSpan, Stored, for_storage, redact
from belscore.redaction.finding import find_all
from belscore.redaction.found import Kind
from belscore.redaction.heard import Heard, knowledge
from belscore.redaction.held import keep_held
from belscore.redaction.transcript import Part
from belscore.redaction.words import word_places
from belscore.scorecard import Scorecard

HERE = Path(__file__).parent
ROOT = HERE.parent
KINDS: dict[str, Kind] = {
    "n": "name", "t": "phone", "g": "birth_date", "a": "address", "p": "postcode", "m": "email", "i": "iban",
    "b": "bsn", "v": "policy", "d": "patient", "x": "number",
}  # fmt: skip
ROLES: dict[str, Role] = {"a": "agent", "c": "caller"}
_MARKED = re.compile(r"\{(~?)(\w)\|([^}]*)\}([.,;:?!]*)")
WORD_S = 0.35
# Word times of written calls are spread by syllables, those of recognised ones are late or early.
SLACK_S = 0.4
OUTCOMES = ("taken", "misheard", "leaked")
_TOKEN = re.compile(r"\w+")
MIN_TELLING = 3


@dataclass(frozen=True)
class Label:
    """Words start..end of a turn; `may` of those that may be taken out or not."""

    kind: Kind
    turn: int
    start: int
    end: int
    may: bool


@dataclass(frozen=True)
class Group:
    call: Call
    labels: tuple[Label, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["text"])
    parser.add_argument("--detail", action="store_true")
    parser.add_argument("--half", choices=["tune", "held", "fresh"])
    args = parser.parse_args()
    if "text" in args.what:
        for half in [args.half] if args.half else ["tune", "held", "fresh"]:
            measure_text(half, detail=args.detail)
    if "audio" in args.what:
        measure_audio(detail=args.detail)
    if "dialogues" in args.what:
        measure_verdicts(detail=args.detail)


# ---- text


def groups(path: Path) -> Iterator[Group]:
    """The labelled turns of a file, group by group."""
    lines: list[str] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("#"):
            continue
        if line.strip():
            lines.append(line)
        elif lines:
            yield _group(lines)
            lines = []


def _group(lines: list[str]) -> Group:
    turns: list[Turn] = []
    labels: list[Label] = []
    at_s = 0.0
    for number, line in enumerate(lines):
        role, _, text = line.partition(":")
        words: list[str] = []
        last = 0
        text = text.strip()
        for match in _MARKED.finditer(text):
            words += text[last : match.start()].split()
            inside = match[3].split()
            labels.append(Label(KINDS[match[2]], number, len(words), len(words) + len(inside), bool(match[1])))
            words += [*inside[:-1], inside[-1] + match[4]]
            last = match.end()
        words += text[last:].split()
        said = tuple(Word(word, at_s + WORD_S * at, at_s + WORD_S * (at + 1)) for at, word in enumerate(words))
        turns.append(Turn(ROLES[role], at_s, said[-1].end_s, " ".join(words), said))
        at_s = said[-1].end_s + WORD_S
    return Group(Call("group", at_s, tuple(turns)), tuple(labels))


def measure_text(half: str, *, detail: bool) -> None:
    items: Counter[str] = Counter()
    found_items: Counter[str] = Counter()
    right_kind: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    right: Counter[str] = Counter()
    count = 0
    for group in groups(HERE / "redaction" / f"{half}.txt"):
        count += 1
        heard = Heard(group.call)
        spans = [(f.kind, f.turn, *word_places(heard, f)) for f in find_all(heard)]
        taken = {(turn, at): kind for kind, turn, start, end in spans for at in range(start, end)}
        labelled = {(each.turn, at) for each in group.labels for at in range(each.start, each.end)}
        for label in group.labels:
            if label.may:
                continue
            items[label.kind] += 1
            kinds = [taken.get((label.turn, at)) for at in range(label.start, label.end)]
            found_items[label.kind] += None not in kinds
            right_kind[label.kind] += None not in kinds and label.kind in kinds
            if detail and None in kinds:
                _tell("MISSED", group, label.kind, label.turn, label.start, label.end)
        for kind, turn, start, end in spans:
            inside = sum((turn, at) in labelled for at in range(start, end))
            good = inside * 2 >= end - start and end - start - inside <= 1
            predicted[kind] += 1
            right[kind] += good
            if detail and not good:
                _tell("WRONG", group, kind, turn, start, end)
    print(f"{half}: {count} groups, {sum(items.values())} items")
    print(f"  {'kind':12} {'items':>5} {'recall':>7} {'as kind':>8} {'taken':>6} {'precision':>9}")
    for row in (*map(str, KINDS.values()), "all"):
        columns = (items, found_items, right_kind, predicted, right)
        sums = [sum(column.values()) if row == "all" else column[row] for column in columns]
        recall, as_kind, precision = _ratio(sums[1], sums[0]), _ratio(sums[2], sums[0]), _ratio(sums[4], sums[3])
        print(f"  {row:12} {sums[0]:5} {recall:>7} {as_kind:>8} {sums[3]:6} {precision:>9}")


# ---- audio


def measure_audio(*, detail: bool) -> None:
    """The sample calls as the default model hears them, held against what their written truth says."""
    counts: Counter[tuple[str, str]] = Counter()
    taken = extra = 0
    for truth_path in sorted((ROOT / "samples" / "calls").glob("*.call")):
        sound = next(
            (each for each in truth_path.parent.glob(f"{truth_path.stem}.*") if each.suffix not in (".call", ".toml")),
            None,
        )
        if sound is None:
            continue
        truth, found = redact(read_call(truth_path, cache=False)), redact(read_call(sound, cache=False))
        for part in truth.parts:
            what = _outcome(part, found)
            counts[part.span.kind, what] += 1
            if detail and what != "taken":
                near = [w.text for t in found.call.turns for w in t.words if _near(w, part.span)]
                print(f"{sound.name}: {what} {part.span.kind} {' '.join(part.words)!r}, heard {' '.join(near)!r}")
        for part in found.parts:
            taken += 1
            if not any(_overlap(part.span, other.span) for other in truth.parts):
                extra += 1
                if detail:
                    print(f"{sound.name}: beside the truth {part.span.kind} {' '.join(part.words)!r}")
    print(f"  {'kind':12} {'values':>6} {'taken':>6} {'misheard':>9} {'leaked':>7}")
    for kind in [*dict.fromkeys(kind for kind, _ in sorted(counts)), "all"]:
        row = [sum(n for (of, what), n in counts.items() if kind in ("all", of) and what == each) for each in OUTCOMES]
        print(f"  {kind:12} {sum(row):6} {row[0]:6} {row[1]:9} {row[2]:7}")
    print(f"{taken} stretches taken out of what was heard, {extra} of them where the truth has nothing")


def _outcome(part: Part, found: Redacted) -> str:
    """taken: a placeholder stands there; leaked: a telling word of it still does; misheard: neither."""
    if any(_overlap(part.span, other.span) for other in found.parts):
        return "taken"
    near = {
        fold(t) for turn in found.call.turns for w in turn.words if _near(w, part.span) for t in _TOKEN.findall(w.text)
    }
    telling = [fold(t) for word in part.words for t in _TOKEN.findall(word)]
    telling = [each for each in telling if each not in knowledge().names.words.infixes]
    same = sum(any(each == other or name_similarity(each, other) >= SAME_NAME for other in near) for each in telling)
    return "leaked" if same * 2 >= max(1, len(telling)) else "misheard"


def _overlap(one: RedactedSpan, other: RedactedSpan) -> bool:
    return one.start_s < other.end_s + SLACK_S and other.start_s < one.end_s + SLACK_S


def _near(word: Word, span: RedactedSpan) -> bool:
    return word.start_s < span.end_s + SLACK_S and span.start_s < word.end_s + SLACK_S


# ---- verdicts


def measure_verdicts(*, detail: bool) -> None:
    """Judge, redact, write, read back, judge again."""
    rules = load_rules()
    calls = [read_call(path, cache=False) for path in sorted((ROOT / "tests" / "dialogues").glob("*.call"))]
    calls += [read_call(path, cache=False) for path in sorted((ROOT / "samples" / "calls").glob("*.call"))]
    changes: Counter[tuple[str, str, str]] = Counter()
    redacted = changed = verdicts = parts = leaks = held = 0
    judge_s = redact_s = 0.0
    for call in calls:
        started_s = time.perf_counter()
        before = score_call(call, rules=rules)
        judge_s += time.perf_counter() - started_s
        started_s = time.perf_counter()
        kept = for_storage(call, before, rules=rules)
        redact_s += time.perf_counter() - started_s
        redacted += bool(kept.spans)
        parts += len(kept.spans)
        read = parse_call_json(json.dumps(call_to_dict(kept.call)))
        again = keep_held(score_call(read, rules=rules), kept.card, read, rules)
        held += len(read.held)
        verdicts += len(before.findings)
        leaks += leaked(call, kept, again, detail=detail)
        other = [
            (old.rule_id, old.verdict, new.verdict)
            for old, new in zip(before.findings, again.findings, strict=True)
            if old.verdict != new.verdict
        ]
        changes.update(other)
        changed += bool(other)
        if detail:
            for rule_id, old, new in other:
                print(f"{call.source}: {rule_id} {old} -> {new}")
                print("   ", before.finding(rule_id).evidence, "\n   ", again.finding(rule_id).evidence)
    print(f"{len(calls)} calls, {redacted} with something taken out, {parts} stretches")
    print(f"judging {1000 * judge_s / len(calls):.1f} ms a call, redaction {1000 * redact_s / len(calls):.1f} ms")
    print(f"{verdicts} verdicts, {sum(changes.values())} other when judged again, in {changed} calls")
    for (rule_id, was, now), count in changes.most_common():
        print(f"  {rule_id:32} {was:14} -> {now:14} {count}")
    print(f"{held} verdicts held: made-up words do not give them")
    print(f"{leaks} calls with a word that was taken out still in the scorecard")


def leaked(call: Call, kept: Stored, again: Scorecard, *, detail: bool) -> bool:
    """Whether a word that was taken out, or one made up for it, stands in a scorecard that was kept."""
    gone = {
        fold(token)
        for (span, turn) in ((span, turn) for span in kept.spans for turn in call.turns if turn.role == span.role)
        for word in turn.words
        if span.start_s <= word.start_s and word.end_s <= span.end_s
        for token in re.findall(r"\w+", word.text)
        if len(token) >= MIN_TELLING and (token.isdigit() or token[0].isupper())
    }
    made = {
        fold(token) for each in kept.call.removed for word in each.stand_in for token in re.findall(r"\w+", word.text)
    }
    stays = {fold(token) for turn in kept.call.turns for token in re.findall(r"\w+", turn.text)}
    wrong = (gone | {each for each in made if len(each) >= MIN_TELLING}) - stays - rule_words()
    shown = [*_texts(kept.card), *_texts(again)]
    for text in shown:
        there = wrong & {fold(token) for token in re.findall(r"\w+", text)}
        if there:
            if detail:
                print("LEAK", call.source, there, "|", text[:150])
            return True
    return False


def _texts(card: Scorecard) -> Iterator[str]:
    """All that a scorecard says of this call alone."""
    for finding in card.findings:
        yield from (finding.feedback, finding.say_instead, finding.would_pass, finding.reason or "")
        yield from (evidence.quote for evidence in finding.evidence)
    for entry in card.ledger:
        yield from (entry.what, entry.about, entry.whom or "", entry.due or "")
    yield from (card.log.caller_name or "", card.log.question or "")


@lru_cache(maxsize=1)
def rule_words() -> frozenset[str]:
    """The words of the rules' own texts: `Dag mevrouw Jansen` is everybody's example."""
    said = (
        text
        for rule in load_rules().rules
        for text in (rule.feedback.model_dump_json(), rule.would_pass.model_dump_json(), rule.title)
    )
    return frozenset(fold(token) for text in said for token in re.findall(r"\w+", text))


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _tell(what: str, group: Group, kind: str, turn: int, start: int, end: int) -> None:
    words = [word.text for word in group.call.turns[turn].words]
    print(f"{what} {kind}: {' '.join(words[:start])} [{' '.join(words[start:end])}] {' '.join(words[end:])}")


if __name__ == "__main__":
    main()
