"""The words of a call in reading order, with the evidence of the findings marked in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from belscore.call import Call, Role, Turn, Word
from belscore.notation import spread_words
from belscore.report.wording import Wording, wording
from belscore.scorecard import Evidence, Finding, Scorecard, Verdict

# Below even odds the recogniser itself would bet against the word.
DOUBTFUL_BELOW = 0.5
_MIN_GAP_S = 3.0
_RANK: dict[Verdict, int] = {"fail": 0, "unsure": 1, "pass": 2, "not_applicable": 3}
# Word and evidence times are rounded apart from each other.
_SLACK_S = 0.02


@dataclass(frozen=True, slots=True)
class Segment:
    """Words that share their marks. `findings` with the gravest first; () for plain words."""

    text: str
    findings: tuple[Finding, ...]
    doubtful: bool
    words: tuple[Word, ...]

    @property
    def verdict(self) -> Verdict | None:
        return self.findings[0].verdict if self.findings else None


@dataclass(frozen=True, slots=True)
class Item:
    """A turn, a gap in the talk, or the place where something was due (`missed`)."""

    kind: Literal["turn", "gap", "missed"]
    start_s: float
    end_s: float
    role: Role | None = None
    segments: tuple[Segment, ...] = ()
    note: str = ""
    finding: Finding | None = None


def make_transcript(call: Call, card: Scorecard) -> tuple[Item, ...]:
    """Turns, gaps of 3 s and more and missed moments, in order of time."""
    say = wording(card.language)
    evidence = [
        (finding, item) for finding in card.findings if finding.verdict != "not_applicable" for item in finding.evidence
    ]
    items = [
        *(_turn(say, turn, evidence, card) for turn in call.turns),
        *_gaps(say, call, card),
        *_missed(say, evidence),
    ]
    order = {"turn": 0, "gap": 1, "missed": 2}
    return tuple(sorted(items, key=lambda item: (item.start_s, order[item.kind])))


def _turn(say: Wording, turn: Turn, evidence: Sequence[tuple[Finding, Evidence]], card: Scorecard) -> Item:
    near = [
        (finding, item)
        for finding, item in evidence
        if item.role == turn.role and item.quote and item.start_s < turn.end_s and item.end_s > turn.start_s
    ]
    words = turn.words or spread_words(turn.text, turn.start_s, turn.end_s)
    cuts_in = any(
        event.by == turn.role and abs(event.start_s - turn.start_s) < 0.5 for event in card.measures.interruptions
    )
    note = str(say.table("timeline")["cuts_in"]) if cuts_in else ""
    return Item("turn", turn.start_s, turn.end_s, turn.role, tuple(_segments(words, near)), note)


def _segments(words: Sequence[Word], near: Sequence[tuple[Finding, Evidence]]) -> Iterable[Segment]:
    marked = [(word, _findings_at(word, near), word.probability < DOUBTFUL_BELOW) for word in words]
    for (findings, doubtful), group in groupby(marked, key=lambda entry: (entry[1], entry[2])):
        own = tuple(word for word, _, _ in group)
        yield Segment(" ".join(word.text.strip() for word in own), findings, doubtful, own)


def _findings_at(word: Word, near: Sequence[tuple[Finding, Evidence]]) -> tuple[Finding, ...]:
    middle_s = (word.start_s + word.end_s) / 2
    found = {
        finding.rule_id: finding
        for finding, item in near
        if item.start_s - _SLACK_S <= middle_s <= item.end_s + _SLACK_S
    }
    return tuple(sorted(found.values(), key=lambda finding: _RANK[finding.verdict]))


def _gaps(say: Wording, call: Call, card: Scorecard) -> Iterable[Item]:
    for hold in call.holds:
        note = f"{say.table('timeline')['hold']}, {say.length(hold.duration_s)}"
        yield Item("gap", hold.start_s, hold.end_s, note=note)
    for start_s, end_s in card.measures.silences:
        inside_hold = any(hold.start_s < end_s and hold.end_s > start_s for hold in call.holds)
        if end_s - start_s >= _MIN_GAP_S and not inside_hold:
            yield Item("gap", start_s, end_s, note=say.table("timeline")["gap"].format(say.length(end_s - start_s)))


def _missed(say: Wording, evidence: Sequence[tuple[Finding, Evidence]]) -> Iterable[Item]:
    for finding, item in evidence:
        if not item.quote and finding.verdict in ("fail", "unsure"):
            yield Item("missed", item.start_s, item.end_s, note=say["moment_missed"], finding=finding)
