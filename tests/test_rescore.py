"""`belscore rescore`: other rules for the calls in the store, and what that changes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, func, select, update

import belscore.rescoring as rescoring
from belscore import load_rules, parse_call, score_call
from belscore.cli import main
from belscore.errors import BelscoreError
from belscore.rescoring import JudgedBy, Rescoring, VerdictChange
from belscore.scorecard import LedgerEntry
from belscore.store.audit import first_break
from belscore.store.calls import Exchange, Judged, add_call, put_scorecard, read_scorecard
from belscore.store.database import Store, open_store
from belscore.store.rescored import Choice, replace_cards, stored_calls
from belscore.store.rule_sets import keep_rules
from belscore.store.tables import audit, calls, ledger, scorecards, transcripts
from changed_rules import copy_changed
from stored_calls import rules, sha256_of

CALL = """\
0.4-4.6 agent  Goedemorgen, met de praktijk van tandarts De Vries, u spreekt met Anja.
4.9-7.8 caller Goedemorgen, met mevrouw Jansen, hoe laat gaat u open?
8.1-9.9 agent  Om acht uur, mevrouw Jansen.
10.2-11.0 caller Dank u wel, dag.
11.2-12.0 agent  {}
"""
FAREWELL = "afsluiting-afscheid"
PARTING = ("Doei.", "Dag mevrouw Jansen.", "Doei.", "Tot ziens.")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The rules, with `doei` as good a farewell as any, and one rule less."""
    return copy_changed(repository / "rules", tmp_path_factory.mktemp("changed") / "rules")


@pytest.fixture
def store(store_address: str) -> Iterator[Store]:
    with open_store(store_address) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store that was filled, closed."""
    path = tmp_path / "gevuld.db"
    with open_store(path) as opened:
        fill(opened)
    return path


def fill(store: Store) -> None:
    """Four calls on four days of October, of two departments."""
    with store.write() as connection:
        judged_by = keep_rules(connection, rules())
        for place, words in enumerate(PARTING):
            call = replace(
                parse_call(CALL.format(words), source=f"{place}.wav"),
                started_at=datetime(2026, 10, place + 1, 9),
                department=("Balie", "Poli")[place % 2],
            )
            add_call(connection, sha256_of(place), call, Judged(score_call(call), judged_by), Exchange())


def again(store: Store, folder: Path | None, choice: Choice | None = None, **wanted: Any) -> Rescoring:
    return rescoring.rescore(store, JudgedBy(folder), choice or Choice(), actor="Anna", **wanted)


def state(store: Store) -> list[tuple[Any, ...]]:
    """What the store has of scorecards and who judged them."""
    with store.read() as connection:
        of = scorecards.c
        rows = connection.execute(select(of.call_id, of.current, of.rule_set_id, of.verdicts, of.score).order_by(of.id))
        return [tuple(row) for row in rows]


def audited(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as connection:
        assert first_break(connection) is None
        rows = connection.execute(select(audit.c.actor, audit.c.action, audit.c.subject).order_by(audit.c.id))
        return [tuple(row) for row in rows]


# ---- what is judged again


def test_changed_verdicts_are_counted_with_examples(store: Store, changed: Path) -> None:
    result = again(store, changed)
    assert (result.judged, result.total, result.changed_calls) == (4, 4, 4)
    change = VerdictChange(FAREWELL, "fail", "pass")
    gone = [each for each in result.changes if each.rule_id == "opening-dagdeel"]
    assert result.changes[change] == 2
    assert [(each.before, each.after, result.changes[each]) for each in gone] == [("pass", None, 4)]
    assert {each.rule_id for each in result.changes} == {FAREWELL, "opening-dagdeel"}
    first, second = result.examples[change]
    assert (first.source, second.source) == ("0.wav", "2.wav")
    assert first.before is not None
    assert first.after is not None
    assert [finding.evidence[0].quote for finding in (first.before, first.after)] == ["Doei.", "Doei."]
    assert [(each.source, each.after > each.before) for each in result.moved] == [("0.wav", True), ("2.wav", True)]  # type: ignore[operator]


def test_new_scorecards_take_the_place_of_those_before(store: Store, changed: Path) -> None:
    again(store, changed)
    expected = load_rules(changed)
    with store.read() as connection:
        for call in stored_calls(connection, [*connection.execute(select(calls.c.id)).scalars()]):
            card = read_scorecard(connection, call.id)
            assert card.rules_digest == expected.digest
            assert card.finding(FAREWELL).verdict == "pass"
            assert call.verdicts == {finding.rule_id: finding.verdict for finding in card.findings}
        kept = connection.execute(select(scorecards.c.verdicts).where(~scorecards.c.current)).all()
    assert [len(row.verdicts) for row in kept] == [len(rules().rules)] * 4
    assert audited(store) == [("Anna", "rescored", "4 calls")]


def test_trial_shows_the_same_and_writes_nothing(store: Store, changed: Path) -> None:
    before = state(store)
    tried = again(store, changed, dry_run=True)
    assert state(store) == before
    assert audited(store) == []
    assert tried == again(store, changed)


def test_calls_judged_by_these_rules_are_left(store: Store, changed: Path) -> None:
    again(store, changed)
    before = state(store)
    result = again(store, changed)
    assert (result.judged, result.as_before, result.changes) == (0, 4, {})
    assert state(store) == before


def test_all_judges_again_what_was_judged_by_these_rules(store: Store) -> None:
    with store.write() as connection:
        for call in stored_calls(connection, [*connection.execute(select(calls.c.id)).scalars()]):
            card = read_scorecard(connection, call.id)
            wrong = replace(card, findings=tuple(replace(each, verdict="unsure") for each in card.findings))
            put_scorecard(connection, call.id, Judged(wrong, keep_rules(connection, rules())))
    assert again(store, None).judged == 0
    result = again(store, None, everything=True)
    assert result.judged == 4
    assert {change.before for change in result.changes} == {"unsure"}


def test_profile_and_its_trees_count_as_other_rules(store: Store, tmp_path: Path) -> None:
    profile = tmp_path / "praktijk.toml"
    profile.write_text(f'off = ["{FAREWELL}"]\n', encoding="utf-8")
    result = rescoring.rescore(store, JudgedBy(None, profile), Choice(), actor="Anna")
    assert result.changes == {
        VerdictChange(FAREWELL, "fail", "not_applicable"): 2,
        VerdictChange(FAREWELL, "pass", "not_applicable"): 2,
    }
    assert rescoring.rescore(store, JudgedBy(None, profile), Choice(), actor="Anna").as_before == 4


@pytest.mark.parametrize(
    ("choice", "sources"),
    [
        (Choice(since=date(2026, 10, 3)), ["2.wav", "3.wav"]),
        (Choice(until=date(2026, 10, 1)), ["0.wav"]),
        (Choice(date(2026, 10, 2), date(2026, 10, 3)), ["1.wav", "2.wav"]),
        (Choice(departments=("Balie",)), ["0.wav", "2.wav"]),
        (Choice(departments=("Balie", "Poli")), ["0.wav", "1.wav", "2.wav", "3.wav"]),
    ],
)
def test_only_the_chosen_calls_are_judged(store: Store, changed: Path, choice: Choice, sources: list[str]) -> None:
    assert again(store, changed, choice).judged == len(sources)
    with store.read() as connection:
        judged = select(calls.c.source).join(scorecards, scorecards.c.call_id == calls.c.id)
        twice = judged.group_by(calls.c.source).having(func.count() == 2).order_by(calls.c.source)
        assert [*connection.execute(twice).scalars()] == sources


def test_no_such_calls_is_told(store: Store) -> None:
    with pytest.raises(BelscoreError, match="has no such calls; name another --store, or other days"):
        again(store, None, Choice(departments=("Kelder",)))


def test_call_without_transcript_is_counted_and_left(store: Store, changed: Path) -> None:
    with store.write() as connection:
        connection.execute(delete(transcripts).where(transcripts.c.call_id == 2))
    result = again(store, changed)
    assert (result.judged, result.without_transcript, result.total) == (3, 1, 4)
    assert [row for row in state(store) if row[0] == 2] == [row for row in state(store) if row[0] == 2 and row[1]]


def test_damaged_transcript_costs_its_own_call(store: Store, changed: Path) -> None:
    with store.write() as connection:
        connection.execute(update(transcripts).where(transcripts.c.call_id == 2).values(body=b"z" + b"x" * 9))
    result = again(store, changed)
    assert result.judged == 3
    assert [str(error) for error in result.failed] == [
        "call 2: is damaged; restore the store from a backup, or score the call again"
    ]


def test_settled_promise_stays_settled(store: Store, changed: Path) -> None:
    settled = {"settled_at": datetime(2026, 10, 5), "settled_by": "Anna", "settled_how": "kept"}
    with store.write() as connection:
        card = read_scorecard(connection, 1)
        entry = LedgerEntry("promise", "agent", "ik bel u terug", None, 8.1)
        put_scorecard(connection, 1, Judged(replace(card, ledger=(entry,)), keep_rules(connection, rules())))
        connection.execute(update(ledger).values(**settled))
    again(store, changed)
    with store.read() as connection:
        assert [*connection.execute(select(ledger.c.settled_by)).scalars()] == ["Anna"]


# ---- whole, whatever happens meanwhile


def test_words_taken_away_meanwhile_do_not_come_back(store: Store) -> None:
    with store.read() as connection:
        read = stored_calls(connection, [1, 2, 3])
    with store.write() as connection:
        connection.execute(delete(transcripts).where(transcripts.c.call_id == 1))
        card = read_scorecard(connection, 2)
        put_scorecard(connection, 2, Judged(card, keep_rules(connection, rules())))
    with store.write() as connection:
        judged = Judged(card, keep_rules(connection, rules()))
        assert replace_cards(connection, [(call, judged) for call in read]) == [1, 2]
        assert connection.execute(select(func.count()).select_from(scorecards)).scalar() == 4 + 1 + 1


class _StopError(Exception):
    pass


def test_interrupted_run_keeps_whole_blocks_and_goes_on(
    store: Store, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescoring, "BLOCK", 2)
    monkeypatch.setattr(rescoring, "_PART", 1)

    def stop(done: int, _total: int) -> None:
        if done == 3:
            raise _StopError

    with pytest.raises(_StopError):
        again(store, changed, progress=stop)
    assert [row[0] for row in state(store) if not row[1]] == [1, 2]
    result = again(store, changed)
    assert (result.judged, result.as_before) == (2, 2)
    assert audited(store) == [("Anna", "rescored", "2 calls")] * 2


def test_processes_give_what_one_gives(store: Store, changed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescoring, "_PART", 2)
    alone = again(store, changed, dry_run=True)
    together = again(store, changed, jobs=2)
    assert together.changes == alone.changes
    assert sorted(each.call_id for each in together.moved) == [each.call_id for each in alone.moved]
    assert len([row for row in state(store) if row[1]]) == 4


class _Deadly(JudgedBy):
    """Rules that take the process along that reads them."""

    def load(self) -> Any:
        if os.environ.get("BELSCORE_TEST_PARENT") != str(os.getpid()):
            os._exit(3)
        return super().load()


def test_worker_that_dies_is_told_and_its_calls_are_left(
    store: Store, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescoring, "_PART", 2)
    monkeypatch.setenv("BELSCORE_TEST_PARENT", str(os.getpid()))
    before = state(store)
    result = rescoring.rescore(store, _Deadly(changed), Choice(), actor="Anna", jobs=2)
    assert sorted(map(str, result.failed))[::2] == [
        f"calls {first} to {first + 1}: the worker process ended with code 3; run again, with fewer --jobs when memory "
        "is short"
        for first in (1, 3)
    ]
    assert state(store) == before


# ---- the command


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["rescore", *map(str, args)])


def test_command_shows_changes_in_dutch(file: Path, changed: Path) -> None:
    result = run("--store", file, "--rules", changed)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0] == "Opnieuw beoordeeld: 4 van 4 gesprekken"
    assert f"{FAREWELL} niet goed goed 2" in lines
    assert "opening-dagdeel goed geen regel 4" in lines
    at = lines.index(f"{FAREWELL}: niet goed wordt goed")
    assert lines[at + 1 : at + 4] == ["gesprek 1 (0.wav)", '- 0:11 agent "Doei."', '+ 0:11 agent "Doei."']
    assert any(re.match(r"Score anders: 2 gesprekken \(2 hoger, 0 lager\), gemiddeld .* was", line) for line in lines)


def test_trial_says_that_nothing_was_kept(file: Path, changed: Path) -> None:
    first = run("--store", file, "--rules", changed, "--dry-run").stdout
    assert first.startswith("Op proef opnieuw beoordeeld, niets bewaard: 4 van 4 gesprekken\n")
    assert run("--store", file, "--rules", changed, "--dry-run").stdout == first


def test_same_rules_say_what_to_do(file: Path) -> None:
    said = run("--store", file).stdout
    assert said == (
        "Opnieuw beoordeeld: 0 van 4 gesprekken\n"
        "Was al met deze regels beoordeeld: 4 (--all beoordeelt ook die opnieuw)\n"
    )
    assert run("--store", file, "--all").stdout == (
        "Opnieuw beoordeeld: 4 van 4 gesprekken\n\nGeen enkel oordeel verandert.\n"
    )


def test_the_same_as_json(file: Path, changed: Path) -> None:
    data = json.loads(run("--store", file, "--rules", changed, "--dry-run", "--format", "json").stdout)
    assert (data["dry_run"], data["judged"], data["changed_calls"], len(data["moved"])) == (True, 4, 4, 2)
    change = next(each for each in data["changes"] if each["rule_id"] == FAREWELL)
    assert (change["before"], change["after"], change["calls"]) == ("fail", "pass", 2)
    assert change["examples"][0]["after"]["evidence"][0]["quote"] == "Doei."


def test_the_same_as_csv(file: Path, changed: Path) -> None:
    said = run("--store", file, "--rules", changed, "--format", "csv").stdout
    rows = [*csv.DictReader(io.StringIO(said))]
    assert [(row["rule_id"], row["before"], row["after"], row["calls"]) for row in rows] == [
        ("opening-dagdeel", "pass", "", "4"),
        (FAREWELL, "fail", "pass", "2"),
    ]
    assert (rows[1]["source"], rows[1]["words_after"]) == ("0.wav", '0:11 agent "Doei."')


def test_failed_calls_are_told_by_the_exit_code(file: Path, changed: Path) -> None:
    with open_store(file) as store, store.write() as connection:
        connection.execute(update(transcripts).where(transcripts.c.call_id == 2).values(body=b"?"))
    result = run("--store", file, "--rules", changed)
    assert result.exit_code == 3
    assert result.stderr.startswith("call 2: is damaged")
    assert "Niet te beoordelen: 1" in result.stdout


def test_store_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    result = run("--store", tmp_path / "geen.db")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{tmp_path / 'geen.db'}: there is no store; fill one with `belscore batch`")
    assert list(tmp_path.iterdir()) == []


def test_days_in_the_wrong_order_are_refused(file: Path) -> None:
    result = run("--store", file, "--from", "2026-10-02", "--to", "2026-10-01")
    assert result.exit_code == 2
    assert "--from lies after --to" in result.stderr
