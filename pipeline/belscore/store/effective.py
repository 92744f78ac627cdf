"""Verdicts that count: what people said of a finding after listening goes before what the program said.

The latest review of each reviewer counts. When reviewers of a finding say different things there is no verdict on it
until they agree, whatever the program said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from belscore.scorecard import Verdict
from belscore.store.calls import VERDICT_LETTERS
from belscore.store.rule_sets import StoredRules
from belscore.store.tables import reviews

# Beside the letters of verdicts: people disagree.
DISPUTED = "d"
LETTERS = (*VERDICT_LETTERS.values(), DISPUTED)
_NO_RULE = "n"


def human_verdicts(connection: Connection) -> dict[tuple[int, str], str]:
    """Letter of the verdict that people gave, by call and rule; `DISPUTED` where they differ."""
    columns = (reviews.c.call_id, reviews.c.rule_id, reviews.c.reviewer, reviews.c.verdict)
    latest: dict[tuple[int, str], dict[str, Verdict]] = {}
    for call_id, rule_id, reviewer, verdict in connection.execute(
        select(*columns).order_by(reviews.c.made_at, reviews.c.id)
    ):
        latest.setdefault((call_id, rule_id), {})[reviewer] = verdict
    return {key: _agreed([*said.values()]) for key, said in latest.items()}


def _agreed(said: Sequence[Verdict]) -> str:
    return VERDICT_LETTERS[said[0]] if len(set(said)) == 1 else DISPUTED


@dataclass(frozen=True, slots=True)
class CountedRule:
    """A rule as reports count it. Untrusted rules are shown and leave every score."""

    id: str
    title: str
    section: str
    weight: int
    trusted: bool


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts on calls: a row a call, a column a rule.

    letters : one of `LETTERS`, as bytes; weights : what the verdict weighs, by the rules that the call was judged by
    """

    rules: tuple[CountedRule, ...]
    letters: NDArray[np.bytes_]
    weights: NDArray[np.int64]

    def weight_of(self, *verdicts: str) -> NDArray[np.int64]:
        """Weight of each call's verdicts of these letters, without rules that are not trusted."""
        trusted = np.array([rule.trusted for rule in self.rules], dtype=bool)
        wanted = np.isin(self.letters, [letter.encode() for letter in verdicts]) & trusted
        total: NDArray[np.int64] = (self.weights * wanted).sum(axis=1)
        return total


def effective_verdicts(
    call_ids: Sequence[int],
    rule_set_ids: Sequence[int],
    letters: Sequence[str],
    *,
    versions: dict[int, StoredRules],
    human: dict[tuple[int, str], str],
    untrusted: frozenset[str],
) -> Verdicts:
    """The verdicts that count, from the letters in `scorecards` and what people said.

    Rules come in the order of the newest version; those that only older ones have come last.
    """
    known: dict[str, CountedRule] = {}
    for version in sorted(versions.values(), key=lambda each: (each.first_used_at, each.id), reverse=True):
        sections = dict(version.sections)
        for rule in version.rules:
            counted = CountedRule(rule.id, rule.title, sections[rule.section], rule.weight, rule.id not in untrusted)
            known.setdefault(rule.id, counted)
    column = {rule_id: place for place, rule_id in enumerate(known)}
    of_set = np.asarray(rule_set_ids, dtype=np.int64)
    table = np.full((len(letters), len(known)), _NO_RULE.encode(), dtype="S1")
    weights = np.zeros(table.shape, dtype=np.int64)
    for version in versions.values():
        rows = np.flatnonzero(of_set == version.id)
        if len(rows):
            columns = np.array([column[rule.id] for rule in version.rules])
            text = "".join([letters[row] for row in rows.tolist()]).encode("ascii")
            table[np.ix_(rows, columns)] = np.frombuffer(text, dtype="S1").reshape(len(rows), len(columns))
            weights[np.ix_(rows, columns)] = [rule.weight for rule in version.rules]
    row_of = {call_id: row for row, call_id in enumerate(call_ids)}
    for (call_id, rule_id), letter in human.items():
        if call_id in row_of and rule_id in column:
            table[row_of[call_id], column[rule_id]] = letter
    return Verdicts(tuple(known.values()), table, weights)
