"""The phone log: what is promised and booked, by when, who called and why."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from functools import cache

import pytest

from belscore import load_rules, parse_call, score_call
from belscore.ledger import ledger_of
from belscore.phone_log import log_of, question_of, shortened
from belscore.report.phone_log import COLUMNS, format_phone_log, phone_log_rows
from belscore.report.table import format_card
from belscore.report.wording import wording
from belscore.scorecard import LedgerEntry, Scorecard
from belscore.topics import key_of, same_topic, topic_key, topic_words
from belscore.view import CallView, Knowledge
from labelled_ledger import Case, matches, read_cases, read_pairs, same_moment

CALLED = """
@started_at 2025-11-03T09:10
@agent Anja
0.5-3.0   agent   Goedemorgen, huisartsenpraktijk De Linde, met Anja.
3.5-8.0   caller  Goedemorgen, met Jansen. Ik bel over de uitslag van mijn bloedonderzoek.
8.5-14.0  agent   Dag mevrouw Jansen, de dokter belt u vanmiddag voor vier uur terug over de uitslag.
14.5-17.0 caller  Mijn nummer is nul zes twaalf vierendertig zesenvijftig achtenzeventig.
17.5-20.0 agent   Dank u wel, fijne dag.
"""


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return score_call(parse_call(CALLED, source="een.call"))


@cache
def _knowledge() -> Knowledge:
    return load_rules().knowledge


def _view(text: str) -> CallView:
    return CallView(parse_call(text), _knowledge())


def _said(case: Case) -> tuple[LedgerEntry, ...]:
    return ledger_of(CallView(case.call, _knowledge()), case.hours)


def _cases() -> list[Case]:
    return [case for case in read_cases() if not case.blind]


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_entries_and_their_moments_are_as_labelled(case: Case) -> None:
    said = _said(case)
    assert len(said) == len(case.expected), [entry.what for entry in said]
    for expected in case.expected:
        entry = next(each for each in said if matches(each, expected))
        assert same_moment(entry.due_at, expected.due_at), (entry.due, entry.due_at)


def test_no_blind_case_has_a_wrong_moment() -> None:
    wrong = [
        case.name
        for case in read_cases()
        if case.blind
        for expected in case.expected
        for entry in _said(case)
        if matches(entry, expected) and entry.due_at and not same_moment(entry.due_at, expected.due_at)
    ]
    assert wrong == []


def test_without_a_start_nothing_is_dated() -> None:
    for case in read_cases():
        call = replace(case.call, started_at=None)
        assert all(entry.due_at is None for entry in ledger_of(CallView(call, _knowledge()), case.hours))


def test_promise_tells_means_about_and_term(card: Scorecard) -> None:
    (entry,) = card.ledger
    assert (entry.who, entry.whom, entry.means, entry.about) == ("agent", "caller", "call", "de uitslag")
    assert (entry.due, entry.due_at) == ("vanmiddag voor vier uur", datetime(2025, 11, 3, 16))
    assert entry.number_given is True
    assert entry.doubtful is False


def test_words_that_are_doubtful_make_the_entry_so() -> None:
    call = parse_call(CALLED)
    turn = call.turns[2]
    doubted = replace(turn, words=tuple(replace(w, probability=0.3 if w.text == "vier" else 1.0) for w in turn.words))
    view = CallView(replace(call, turns=(*call.turns[:2], doubted, *call.turns[3:])), _knowledge())
    assert [entry.doubtful for entry in ledger_of(view)] == [True]


def test_roles_that_are_doubtful_make_the_entry_so() -> None:
    view = CallView(replace(parse_call(CALLED), role_confidence=0.2), _knowledge())
    assert [entry.doubtful for entry in ledger_of(view)] == [True]


def test_third_party_is_named() -> None:
    view = _view("0-2 agent Met Anja.\n3-5 caller Mijn vader is in de war.\n6-9 agent Dan belt de dokter u vanmiddag.")
    other = _view("0-2 agent Met Anja.\n3-5 caller Het gaat om hem.\n6-9 agent Dan neem ik contact op met uw vader.")
    assert [entry.whom for entry in ledger_of(view)] == ["caller"]
    assert [entry.whom for entry in ledger_of(other)] == ["uw vader"]


def test_caller_and_question_stand_in_the_log(card: Scorecard) -> None:
    assert (card.log.caller_name, card.log.number_given) == ("Jansen", True)
    assert card.log.question == "Ik bel over de uitslag van mijn bloedonderzoek."


def test_question_is_none_where_the_caller_says_nothing_of_it() -> None:
    assert question_of(_view("0-2 agent Praktijk De Linde, met Anja.\n3-5 caller Goedemorgen, met Jansen.")) is None


def test_question_is_not_taken_from_a_call_the_practice_made() -> None:
    assert question_of(_view("@direction outbound\n" + CALLED.strip())) is None


def test_question_skips_who_they_are() -> None:
    text = "0-2 agent Met Anja.\n3-9 caller Met Smit, de moeder van Pim. Pim heeft zijn beugel verloren."
    assert log_of(_view(text)).question == "Pim heeft zijn beugel verloren."


def test_long_question_is_cut_between_words() -> None:
    line = shortened("woord " * 40)
    assert len(line) <= 120
    assert line.endswith("woord …")


def test_json_has_the_moment_as_text(card: Scorecard) -> None:
    data = json.loads(json.dumps(card.to_dict()))
    assert data["ledger"][0]["due_at"] == "2025-11-03T16:00:00"
    assert data["log"]["caller_name"] == "Jansen"


def test_terminal_card_shows_question_and_moment(card: Scorecard) -> None:
    text = " ".join(format_card(card, width=120).split())
    assert "Jansen belt: “Ik bel over de uitslag van mijn bloedonderzoek.”" in text
    assert "uiterlijk ma 3 november 2025, 16:00" in text


def test_appointment_is_on_its_moment_in_the_wording() -> None:
    entry = LedgerEntry("appointment", "agent", "donderdag om drie uur", "donderdag om drie uur", 3.0,
                        due_at=datetime(2025, 11, 6, 15))  # fmt: skip
    assert wording("nl").promise(entry).endswith("donderdag om drie uur · op do 6 november 2025, 15:00")


def test_phone_log_has_a_row_for_the_call_and_for_each_entry(card: Scorecard) -> None:
    rows = list(csv.DictReader(io.StringIO(format_phone_log([card]))))
    assert [row["kind"] for row in rows] == ["call", "promise"]
    assert {row["caller_name"] for row in rows} == {"Jansen"}
    assert (rows[1]["due_at"], rows[1]["at"], rows[1]["number_given"]) == ("2025-11-03T16:00:00", "0:08", "true")


def test_phone_log_rows_are_as_wide_as_their_header(card: Scorecard) -> None:
    assert {len(row) for row in phone_log_rows(card)} == {len(COLUMNS)}


def test_phone_log_holds_no_formula(card: Scorecard) -> None:
    entry = replace(card.ledger[0], what="=1+1", about="@cmd")
    evil = replace(card, ledger=(entry,), log=replace(card.log, caller_name="=HYPERLINK()"))
    cells = [cell for row in phone_log_rows(evil) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_same_topic_is_precise_on_the_development_pairs() -> None:
    keys = [
        (blind, same, key_of(topic_words(one)), key_of(topic_words(other))) for blind, same, one, other in read_pairs()
    ]
    pairs = [(same, one, other) for blind, same, one, other in keys if not blind]
    assert [(one, other) for same, one, other in pairs if same_topic(one, other) and not same] == []
    assert sum(same_topic(one, other) for same, one, other in pairs if same) >= 12


def test_a_word_of_many_calls_is_no_topic_beside_others() -> None:
    crown, result = frozenset({"afspraak", "kroon"}), frozenset({"afspraak", "bloedonderzoek"})
    assert not same_topic(key_of(crown), key_of(result))
    assert same_topic(key_of(frozenset({"afspraak"})), key_of(frozenset({"afspraak"})))
    assert not same_topic(key_of(frozenset({"afspraak"})), key_of(crown))


def test_names_are_no_topic(card: Scorecard) -> None:
    named = replace(card, log=replace(card.log, caller_name="Smit", question="Smit belt over de steunkousen"))
    assert topic_key(named) == {"steunkousen"}


def test_unknown_questions_are_never_the_same() -> None:
    assert not same_topic(frozenset(), frozenset())
