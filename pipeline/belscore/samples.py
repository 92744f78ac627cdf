"""Sample calls with the verdicts they must get: read what is expected, and say where a scorecard departs from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from belscore.errors import BelscoreError
from belscore.inputs import AUDIO_SUFFIXES, JSON_SUFFIX, NOTATION_SUFFIX
from belscore.report.files import write_whole
from belscore.scorecard import Outcome, Scorecard, Verdict
from belscore.toml_data import validated

EXPECTED_SUFFIX = ".expected.toml"
SITUATIONS, OUTCOME = "situations", "outcome"
UNKNOWN = "no verdict written down"
_VERDICTS = "[verdicts]"
Source = Literal["audio", "text"]


class Band(BaseModel):
    """A measure that must lie within `tolerance` of `value`, both in the unit of the measure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    tolerance: float = Field(ge=0)


class Expected(BaseModel):
    """What a sample must get.

    verdicts       : one for each rule of the rule set
    situations     : from the text; None when it is not said
    not_from_audio : rules that the recording need not show; from it they may be `unsure` or `not_applicable`
    measures       : from sound and text alike
    survivors      : mutants (`rule-id:change`) after which the verdict stays, with the reason why that is right
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    situations: tuple[str, ...] | None = None
    outcome: Outcome | None = None
    not_from_audio: tuple[str, ...] = ()
    verdicts: dict[str, Verdict]
    measures: dict[str, Band] = Field(default_factory=dict)
    survivors: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """A call with its expectation; `recording` and `text` are None where there is no such file beside it."""

    name: str
    path: Path
    expected: Expected
    recording: Path | None
    text: Path | None

    def file(self, source: Source) -> Path | None:
        """What is to be scored."""
        return self.recording if source == "audio" else self.text


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation held against the scorecard.

    item  : a rule id, `situations`, `outcome` or the name of a measure
    where : the quote of a verdict that is not the expected one, or the reason it gives
    """

    sample: Sample
    item: str
    expected: str
    got: str
    ok: bool
    where: str = ""

    @property
    def line(self) -> int:
        """Where the expectation stands in its file; 1 when it stands nowhere."""
        lines = self.sample.path.read_text(encoding="utf-8").splitlines()
        return next((number for number, text in enumerate(lines, start=1) if text.startswith(self.item)), 1)

    @property
    def message(self) -> str:
        told = f" ({self.where})" if self.where else ""
        return f"expected {self.expected}, got {self.got}{told}"


def find_samples(paths: Sequence[Path]) -> list[Sample]:
    """Samples in folders and files, sorted by path, each once.

    A file is an `*.expected.toml`, or a recording or `.call` beside one. Raises BelscoreError for a path without any.
    """
    found: dict[Path, Sample] = {}
    for path in paths:
        for expected in _expected_files(path):
            found.setdefault(expected.resolve(), _read_sample(expected))
    return list(found.values())


def _expected_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.rglob(f"*{EXPECTED_SUFFIX}"))
        if not files:
            raise BelscoreError(f"holds no *{EXPECTED_SUFFIX}", where=str(path), do="name a folder with sample calls")
        return files
    if not path.exists():
        raise BelscoreError("no such file or folder", where=str(path), do="check the path")
    named = path if path.name.endswith(EXPECTED_SUFFIX) else path.with_suffix(EXPECTED_SUFFIX)
    if not named.exists():
        raise BelscoreError("no expected verdicts beside it", where=str(path), do=f"write {named.name}")
    return [named]


def _read_sample(path: Path) -> Sample:
    name = path.name.removesuffix(EXPECTED_SUFFIX)
    beside = sorted(each for each in path.parent.glob(f"{name}.*") if each.stem == name)
    recording = next((each for each in beside if each.suffix.lower() in AUDIO_SUFFIXES), None)
    text = next((each for each in beside if each.suffix in (NOTATION_SUFFIX, JSON_SUFFIX)), None)
    if recording is None and text is None:
        raise BelscoreError("neither a recording nor a text beside it", where=str(path), do=f"add {name}.call")
    return Sample(name, path, read_expected(path), recording, text)


def read_expected(path: Path) -> Expected:
    """Read what a sample must get. Raises RuleError naming file and key."""
    return validated(Expected, path)


def compare(sample: Sample, card: Scorecard, source: Source) -> tuple[Checked, ...]:
    """Every expectation against the card, in the order of the rules, then what is expected besides them."""
    return (*_verdicts(sample, card, source), *_facts(sample, card, source), *_measures(sample, card))


def _verdicts(sample: Sample, card: Scorecard, source: Source) -> Iterator[Checked]:
    expected = sample.expected
    for finding in card.findings:
        want: Verdict | None = expected.verdicts.get(finding.rule_id)
        excused = source == "audio" and finding.rule_id in expected.not_from_audio
        ok = finding.verdict == want or (excused and finding.verdict in ("unsure", "not_applicable"))
        where = "" if ok else finding.reason or " / ".join(each.quote for each in finding.evidence if each.quote)
        yield Checked(sample, finding.rule_id, want or UNKNOWN, finding.verdict, ok, where)
    known = {finding.rule_id for finding in card.findings}
    for rule_id in (*expected.verdicts, *expected.not_from_audio):
        if rule_id not in known:
            yield Checked(sample, rule_id, expected.verdicts.get(rule_id, "a verdict"), "no such rule", False)


def _facts(sample: Sample, card: Scorecard, source: Source) -> Iterator[Checked]:
    """Situations and outcome hang on many words: they are held against the text alone."""
    expected = sample.expected
    if source == "audio":
        return
    if expected.situations is not None:
        ok = set(expected.situations) == set(card.situations)
        yield Checked(sample, SITUATIONS, _listed(expected.situations), _listed(card.situations), ok)
    if expected.outcome is not None:
        yield Checked(sample, OUTCOME, expected.outcome, card.outcome, expected.outcome == card.outcome)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _measures(sample: Sample, card: Scorecard) -> Iterator[Checked]:
    for name, band in sample.expected.measures.items():
        value = getattr(card.measures, name, None)
        ok = isinstance(value, int | float) and abs(value - band.value) <= band.tolerance
        got = f"{value:g}" if isinstance(value, int | float) else "nothing"
        yield Checked(sample, name, f"{band.value:g} ± {band.tolerance:g}", got, ok)


def update_expected(sample: Sample, card: Scorecard) -> bool:
    """Write the verdicts, situations and outcome of a card into the sample's file; whether that changed it.

    Comments and everything else stay as they are; rules that it did not have are added at the end of [verdicts], rules
    that the set does not have go.
    """
    before = sample.path.read_text(encoding="utf-8")
    missing = {finding.rule_id: finding.verdict for finding in card.findings}
    head = {SITUATIONS: json.dumps(list(card.situations), ensure_ascii=False), OUTCOME: json.dumps(card.outcome)}
    lines: list[str] = []
    table, end_of_verdicts = "", 0
    for line in before.splitlines():
        key = line.split("=")[0].strip()
        if line.startswith("["):
            table = line.strip()
        elif not table and key in head:
            line = f"{key} = {head[key]}"
        elif table == _VERDICTS and "=" in line:
            if key not in missing:
                continue
            verdict = missing.pop(key)
            line = line if sample.expected.verdicts.get(key) == verdict else f'{key} = "{verdict}"'
        lines.append(line)
        if table == _VERDICTS and line.strip():
            end_of_verdicts = len(lines)
    lines[end_of_verdicts:end_of_verdicts] = [f'{key} = "{verdict}"' for key, verdict in missing.items()]
    after = "\n".join(lines) + "\n"
    if after != before:
        write_whole(sample.path, after)
    return after != before
