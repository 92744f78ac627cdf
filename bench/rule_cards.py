"""Cards of all rules, docs/regelkaarten.md: bench/rule_cards.py [--measure] [--check].

With --measure the verdicts on the labelled dialogues are counted rule by rule, on the words as written and misheard
(mishearing.py), and kept in bench/results/rules.json with what they were measured on; this takes minutes. The page is
made from that file, from the rules, and from rule_cards.toml. --check only says whether the page is up to date, and
whether the rules are those that were measured.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import is_dataclass
from datetime import date
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

from belscore import __version__, load_rules, parse_call, score_call
from belscore.engine import MIN_ROLE_CONFIDENCE_PASS
from belscore.intervals import Share
from belscore.report.files import write_whole
from belscore.report.wording import wording
from belscore.reports import words
from belscore.roles import MIN_ROLE_CONFIDENCE
from belscore.rulebook import Rule, RuleSet
from belscore.samples import read_expected
from belscore.view import MAX_DOUBTFUL_SHARE, MIN_PROBABILITY
from labels import Labelled, count, figures, load, total_of
from mishearing import known_words, misheard

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples" / "calls"
FOLDER = ROOT / "tests" / "dialogues"
RESULTS = ROOT / "bench" / "results" / "rules.json"
PAGE = ROOT / "docs" / "regelkaarten.md"
TEXTS = ROOT / "bench" / "rule_cards.toml"
COMMAND = "python bench/rule_cards.py --measure"
SHARES = (0.10, 0.25)
SEEDS = 3
# So many wrong verdicts are named on a card; the file of results has all of them.
MOST_NAMED = 6
CLEAN = "0.00"
HEADS = {CLEAN: "zoals gezegd", "0.10": "1 op 10 woorden verkeerd verstaan", "0.25": "1 op 4 woorden verkeerd verstaan"}


def measured(rules: RuleSet) -> dict[str, Any]:
    """Counts of each rule by share of misheard words, and the wrong verdicts on the words as written.

    Rules that no labelled dialogue has a verdict on are counted on the samples.
    """
    dialogues = load([FOLDER])
    found = _counted(dialogues, rules)
    without = {rule.id for rule in rules.rules} - {*found}
    others = _counted(_samples(without), rules)
    return {
        "command": COMMAND,
        "measured_on": date.today().isoformat(),
        "belscore": __version__,
        "rules_digest": rules.digest,
        "dialogues": len(dialogues),
        "seeds": SEEDS,
        "rules": {
            rule.id: {"on": "samples", **others[rule.id]}
            if rule.id in without
            else {"on": "dialogues", **found[rule.id]}
            for rule in rules.rules
        },
    }


def _samples(rule_ids: Set[str]) -> list[Labelled]:
    """The sample calls with what is expected of these rules."""
    return [
        Labelled(
            path.stem,
            parse_call(path.read_text(encoding="utf-8"), source=path.name),
            {"rules": {key: verdict for key, verdict in _expected(path).items() if key in rule_ids}},
        )
        for path in sorted(SAMPLES.glob("*.call"))
    ]


def _expected(path: Path) -> dict[str, str]:
    return {**read_expected(path.with_suffix(".expected.toml")).verdicts}


def _counted(dialogues: Sequence[Labelled], rules: RuleSet) -> dict[str, dict[str, Any]]:
    vocabulary = known_words(dialogue.call for dialogue in dialogues)
    counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    wrong: dict[str, list[list[str]]] = defaultdict(list)
    for dialogue in dialogues:
        for rule_id, want, verdict in _verdicts(dialogue, rules):
            counts[rule_id][CLEAN].update(count(dialogue, rule_id, want, verdict))
            if not dialogue.right(rule_id, verdict):
                wrong[rule_id].append([dialogue.name, want, verdict])
        for share, seed in product(SHARES, range(SEEDS)):
            call = misheard(dialogue.call, share, vocabulary, str(seed), punctuation=True)
            poor = Labelled(dialogue.name, call, dialogue.expected)
            for rule_id, want, verdict in _verdicts(poor, rules):
                counts[rule_id][f"{share:.2f}"].update(count(poor, rule_id, want, verdict))
    return {rule_id: _of_rule(each, wrong[rule_id]) for rule_id, each in counts.items()}


def _verdicts(dialogue: Labelled, rules: RuleSet) -> Iterator[tuple[str, str, str]]:
    card = score_call(dialogue.call, rules=rules)
    for rule_id, want in dialogue.labels(rules):
        yield rule_id, want, card.finding(rule_id).verdict


def _of_rule(counts: Mapping[str, Counter[str]], wrong: Sequence[Sequence[str]]) -> dict[str, Any]:
    by_share = {
        share: {key: number for key, number in sorted(each.items()) if number} for share, each in counts.items()
    }
    return {"counts": by_share, "wrong": list(wrong)}


def page(rules: RuleSet, results: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    """The whole page in Markdown."""
    lines = _head(rules, results, texts["page"])
    section = None
    titles = {each.id: each.title for each in rules.sections}
    for rule in rules.rules:
        if rule.section != section:
            section = rule.section
            lines += [f"## {titles[section]}", ""]
        lines += _card(rule, results["rules"][rule.id], texts)
    return "\n".join(lines).rstrip() + "\n"


def _head(rules: RuleSet, results: Mapping[str, Any], texts: Mapping[str, str]) -> list[str]:
    facts = {key: results[key] for key in ("command", "measured_on", "belscore", "dialogues", "seeds")}
    intro = texts["intro"].format(rules=len(rules.rules), digest=results["rules_digest"][:12], **facts)
    general = texts["general"].format(
        fail_roles=_number(MIN_ROLE_CONFIDENCE),
        pass_roles=_number(MIN_ROLE_CONFIDENCE_PASS),
        probability=_number(MIN_PROBABILITY),
        doubtful=_percent(MAX_DOUBTFUL_SHARE),
    )
    made_of = "bench/rule_cards.py uit rules/, bench/rule_cards.toml en bench/results/rules.json"
    return [
        "# Regelkaarten",
        "",
        f"<!-- Gemaakt door {made_of}. -->",
        "",
        intro.strip(),
        "",
        "| woorden | juist, alle | juist, waar van toepassing | `fail` terecht | fouten gevonden | `unsure` |",
        "|---|---|---|---|---|---|",
        *(_total(share, results) for share in HEADS),
        "",
        general.strip(),
        "",
    ]


def _total(share: str, results: Mapping[str, Any]) -> str:
    found = figures(total_of(_counts(each, share) for each in results["rules"].values() if each["on"] == "dialogues"))
    keys = ("accuracy", "accuracy_applicable", "fail_precision", "fail_recall", "unsure_applicable")
    cells = [HEADS[share], *(words.percent(found[key], 1) for key in keys)]
    return f"| {' | '.join(cells)} |"


def _card(rule: Rule, result: Mapping[str, Any], texts: Mapping[str, Any]) -> list[str]:
    told = texts["rules"][rule.id]
    bounds = [*_bounds(rule, {**texts["bounds"], **told.get("bounds", {})}), *_constants(told.get("constants", {}))]
    numbers = "; ".join(bounds) if bounds else "geen getallen; de woorden en zinnen staan in het regelbestand"
    errors = [f"In de meting ging fout: {_errors(result['wrong'])}."] if result["wrong"] else []
    return [
        f"### {rule.number}. `{rule.id}`: {rule.title}",
        "",
        f"- **Beoordeelt**: {told['judges']}",
        f"- **Wanneer**: {_applies(rule)}. **Gewicht**: {rule.weight}.",
        f"- **Waarom**: {rule.why}",
        f"- **Bron**: {rule.source.document}: “{' '.join(rule.source.quote.split())}”",
        f"- **Grenzen**: {numbers}.",
        "- **Bekende fouten en grenzen**:",
        *(f"  - {limit}" for limit in [*told["limits"], *errors]),
        "",
        *_figures(result, texts["page"]),
        "",
    ]


def _figures(result: Mapping[str, Any], texts: Mapping[str, str]) -> list[str]:
    told = [texts["on_samples"].strip(), ""] if result["on"] == "samples" else []
    return [
        *told,
        "| woorden | gevallen | waarvan fout | `fail` terecht | fouten gevonden | juist | `unsure` |",
        "|---|---|---|---|---|---|---|",
        *(_row(share, _counts(result, share)) for share in HEADS),
    ]


def _counts(result: Mapping[str, Any], share: str) -> Counter[str]:
    return Counter(result["counts"].get(share, {}))


def _row(share: str, found: Counter[str]) -> str:
    clean = share == CLEAN
    cells = [
        HEADS[share],
        str(found["applicable"]),
        str(found["tp"] + found["fn"]),
        _share(Share(found["tp"], found["tp"] + found["fp"]), interval=clean),
        _share(Share(found["tp"], found["tp"] + found["fn"]), interval=clean),
        _share(Share(found["applicable_right"], found["applicable"]), interval=False),
        _share(Share(found["applicable_unsure"], found["applicable"]), interval=False),
    ]
    return f"| {' | '.join(cells)} |"


def _share(share: Share, *, interval: bool) -> str:
    if share.value is None:
        return "–"
    text = f"{_percent(share.value)} ({share.hits} van {share.of}"
    if interval and share.interval is not None:
        low, high = (_percent(each).removesuffix(" %") for each in share.interval)
        text += f"; {low}–{high}"
    return f"{text})"


def _bounds(rule: Rule, names: Mapping[str, str]) -> Iterator[str]:
    """The numbers of the check, by their Dutch names. KeyError for one that has none."""
    for key, value in rule.check.model_dump().items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield names[key].format(_number(value))
        elif key == "within" and isinstance(value, Mapping):
            place = {"hold_end": "de eerste {} beurten na het wachten", "call_end": "de laatste {} beurten"}
            yield place[value["after"] or value["before"]].format(value["turns"])


def _constants(names: Mapping[str, str]) -> Iterator[str]:
    """Numbers of the code, so that the page cannot tell other ones: `module:NAME` or `module:Class.field`."""
    for place, text in names.items():
        module, name = place.split(":")
        value: Any = import_module(f"belscore.{module}")
        for part in name.split("."):
            value = value.__dataclass_fields__[part].default if is_dataclass(value) else getattr(value, part)
        yield text.format(_number(value))


def _applies(rule: Rule) -> str:
    say = wording("nl")
    applies = rule.applies
    parts = [f"in een gesprek met {say.situation(applies.situation).lower()}"] if applies.situation else []
    parts += [str(say.table("directions")[applies.direction])] if applies.direction else []
    unless = ", ".join(say.table("exemptions")[each] for each in applies.unless)
    return "; ".join([*(parts or ["in elk gesprek"]), *([f"niet als {unless}"] if unless else [])])


def _errors(wrong: Sequence[Sequence[str]]) -> str:
    named = [f"{name.split('-')[0]} ({want} kreeg {got})" for name, want, got in wrong[:MOST_NAMED]]
    more = f" en {len(wrong) - MOST_NAMED} andere" if len(wrong) > MOST_NAMED else ""
    return ", ".join(f"`{each}`" for each in named) + more


def _percent(share: float) -> str:
    return words.percent(round(share, 6))


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def read_results() -> dict[str, Any]:
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


def read_texts() -> dict[str, Any]:
    return tomllib.loads(TEXTS.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="count anew on the labelled dialogues")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; code 1 when the page or its figures are old"
    )
    args = parser.parse_args()
    rules = load_rules()
    if args.measure and not args.check:
        RESULTS.parent.mkdir(exist_ok=True)
        write_whole(RESULTS, json.dumps(measured(rules), indent=1, ensure_ascii=False) + "\n")
    results = read_results()
    made = page(rules, results, read_texts())
    if args.check:
        old = [name for name, is_old in (
            ("docs/regelkaarten.md", not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made),
            ("bench/results/rules.json", results["rules_digest"] != rules.digest),
        ) if is_old]  # fmt: skip
        print("old: " + ", ".join(old) if old else "up to date")
        raise SystemExit(1 if old else 0)
    write_whole(PAGE, made)


if __name__ == "__main__":
    main()
