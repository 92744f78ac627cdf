"""Coaching: what to work on, what to listen to, what changed, and what an agent gets to see and say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belscore.call import Call, Span
from belscore.cli import main
from belscore.coaching import Clip, Counted, change, clearest, habits, make_clip, rule_shares, strengths
from belscore.coaching_sheet import coaching_sheet
from belscore.errors import BelscoreError
from belscore.report.coaching import format_sheet, format_sheet_page
from belscore.scorecard import Evidence, Finding, Measures, Scorecard, Verdict
from belscore.store.comments import add_comment, answer_dispute, comments_on, open_disputes
from belscore.store.database import Store, open_store
from belscore.store.reviews import add_review
from belscore.store.talks import add_talk, last_talk
from made_store import GREETING, filled_file, judged, made_calls

NOON = datetime(2026, 10, 5, 12, 0)


def counted(rule_id: str, *said: tuple[int, Verdict], weight: int = 2, rule_set: int = 1) -> list[Counted]:
    """Verdicts of a rule, (how often, which), in calls of days after one another."""
    verdicts = [verdict for n, verdict in said for _ in range(n)]
    return [
        Counted(number, NOON + timedelta(days=number), rule_id, weight, verdict, False, rule_set)
        for number, verdict in enumerate(verdicts)
    ]


def habit_ids(found: list[Counted], *, untrusted: frozenset[str] = frozenset()) -> list[str]:
    return [each.rule_id for each in habits(rule_shares(found, untrusted=untrusted))]


def test_at_most_two_habits_those_that_lose_most_weight() -> None:
    found = [
        *counted("licht", (10, "fail"), (10, "pass"), weight=1),
        *counted("zwaar", (6, "fail"), (14, "pass"), weight=3),
        *counted("gewoon", (8, "fail"), (12, "pass"), weight=2),
    ]
    assert habit_ids(found) == ["zwaar", "gewoon"]


def test_what_may_be_chance_is_no_habit() -> None:
    assert habit_ids(counted("regel", (2, "fail"), (8, "pass"))) == []
    assert habit_ids(counted("regel", (3, "fail"), (7, "pass"))) == ["regel"]


def test_too_few_calls_make_no_habit_and_unsure_ones_do_not_count() -> None:
    assert habit_ids(counted("regel", (9, "fail"))) == []
    assert habit_ids(counted("regel", (9, "fail"), (20, "unsure"), (5, "not_applicable"))) == []
    assert habit_ids(counted("regel", (10, "fail"))) == ["regel"]


def test_rule_that_is_not_trusted_is_no_habit() -> None:
    assert habit_ids(counted("regel", (20, "fail")), untrusted=frozenset({"regel"})) == []


def test_what_goes_well_surely_does() -> None:
    found = [*counted("altijd", (10, "pass")), *counted("meestal", (17, "pass"), (3, "fail"))]
    found += [*counted("weinig", (9, "pass")), *counted("vaak", (38, "pass"), (2, "fail"))]
    assert [each.rule_id for each in strengths(rule_shares(found))] == ["vaak", "altijd"]


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (((5, "pass"), (4, "fail")), ((20, "pass"),), "few"),
        (((12, "pass"), (8, "fail")), ((14, "pass"), (6, "fail")), "chance"),
        (((6, "pass"), (14, "fail")), ((15, "pass"), (5, "fail")), "better"),
        (((15, "pass"), (5, "fail")), ((6, "pass"), (14, "fail")), "worse"),
        (((10, "pass"), (10, "unsure")), ((9, "pass"), (10, "unsure")), "few"),
    ],
)
def test_change_says_no_more_than_the_calls_do(
    before: tuple[tuple[int, Verdict], ...], after: tuple[tuple[int, Verdict], ...], direction: str
) -> None:
    found = change("regel", counted("regel", *before), counted("regel", *after))
    assert found.direction == direction
    assert not found.rules_changed


def test_change_tells_when_the_rules_themselves_changed() -> None:
    found = change("regel", counted("regel", (12, "pass")), counted("regel", (12, "pass"), rule_set=2))
    assert found.rules_changed


def a_clip(number: int, *, certainty: float = 1.0, overlaps: bool = False, confirmed: bool = False) -> Clip:
    finding = Finding("regel", "opening", "fail", "Titel", 2, "Terugkoppeling.")
    return Clip(number, NOON + timedelta(days=number), Span(0.0, 1.0), (), finding, certainty, overlaps, confirmed)


def test_clearest_clips_are_certain_undisturbed_and_new() -> None:
    clips = {
        9: a_clip(9, certainty=0.6),
        8: a_clip(8, overlaps=True),
        7: a_clip(7, certainty=0.97),
        6: a_clip(6, certainty=0.95),
        5: a_clip(5, certainty=0.7, confirmed=True),
    }
    newest_first = counted("regel", (10, "fail"))[::-1]

    def chosen(limit: int, taken: tuple[int, ...] = ()) -> list[int]:
        found = clearest(newest_first, lambda each: clips.get(each.call_id), limit=limit, taken=taken)
        return [clip.call_id for clip in found]

    assert chosen(3) == [5, 7, 6]
    assert chosen(9) == [5, 7, 6, 9, 8]
    assert chosen(3, taken=(7,)) == [5, 6, 9]


def failed_call() -> tuple[Call, Scorecard, Counted]:
    call, card = judged(False)
    return call, card, Counted(1, NOON, GREETING, 3, "fail", False, 1)


def test_clip_is_the_words_of_the_fail_with_what_to_say() -> None:
    clip = make_clip(*failed_call())
    assert clip is not None
    assert [quote.quote for quote in clip.quotes] == ["tandartspraktijk de vries met Anja"]
    assert (clip.certainty, clip.overlaps) == (1.0, False)
    assert clip.finding.say_instead


def test_clip_with_a_word_that_may_be_misheard_is_none() -> None:
    call, card, fail = failed_call()
    first = call.turns[0]
    words = (replace(first.words[0], probability=0.3), *first.words[1:])
    assert make_clip(replace(call, turns=(replace(first, words=words), *call.turns[1:])), card, fail) is None


def test_clip_of_a_verdict_that_people_changed_is_none() -> None:
    call, card, fail = failed_call()
    assert make_clip(call, card, replace(fail, verdict="pass")) is None


def test_clip_knows_that_somebody_talks_through_it() -> None:
    call, card, fail = failed_call()
    clip = make_clip(call, replace(card, measures=Measures(overlaps=((1.0, 2.0),))), fail)
    assert clip is not None
    assert clip.overlaps


def test_evidence_far_apart_is_cut_down_to_the_agents_first() -> None:
    call, card, fail = failed_call()
    finding = card.finding(GREETING)
    far = Evidence("agent", call.turns[-1].start_s + 30, call.turns[-1].end_s + 30, "Tot ziens")
    longer = replace(finding, evidence=(*finding.evidence, far))
    clip = make_clip(call, replace(card, findings=(longer,)), fail)
    assert clip is not None
    assert clip.span.end_s == pytest.approx(finding.evidence[0].end_s)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Anja greets in the first 12 of 26 calls; Bram never does."""
    anja = made_calls([True] * 12 + [False] * 14)
    bram = made_calls([False] * 3, agent="Bram", department="Prikpost", first=40)
    return filled_file(tmp_path_factory.mktemp("store") / "belscore.db", [*anja, *bram])


@pytest.fixture
def store(full: Path, tmp_path: Path) -> Iterator[Store]:
    with open_store(shutil.copy(full, tmp_path)) as made:
        yield made


def test_sheet_names_the_habit_with_three_clips_of_different_calls(store: Store) -> None:
    with store.read() as connection:
        sheet = coaching_sheet(connection, "Anja")
    assert sheet.habits[0].rule_id == GREETING
    assert (sheet.habits[0].shown.share.hits, sheet.habits[0].shown.share.of) == (12, 26)
    assert [clip.call_id for clip in sheet.habits[0].clips] == [26, 25, 24]
    assert sheet.recordings[26] == "25.wav"
    assert GREETING not in {each.rule_id for each in sheet.strengths}
    assert sheet.calls == 26


def test_what_people_said_counts_on_the_sheet(store: Store) -> None:
    with store.write() as connection:
        for call_id, coaches in ((26, ("Els",)), (25, ("Els", "Jan")), (24, ("Jan",))):
            for coach in coaches:
                said: Verdict = "fail" if (coach, call_id) in (("Jan", 25), ("Jan", 24)) else "pass"
                add_review(connection, call_id=call_id, rule_id=GREETING, coach=coach, verdict=said, reason="gehoord")
    with store.read() as connection:
        habit = coaching_sheet(connection, "Anja").habits[0]
    assert (habit.shown.share.hits, habit.shown.share.of) == (13, 25)
    assert [(clip.call_id, clip.confirmed) for clip in habit.clips] == [(24, True), (23, False), (22, False)]


def test_untrusted_rule_is_left_out_and_that_is_said(store: Store) -> None:
    with store.read() as connection:
        sheet = coaching_sheet(connection, "Anja", untrusted={GREETING})
    assert GREETING not in {each.rule_id for each in sheet.habits}
    assert "Eén regel is nog niet betrouwbaar genoeg en telt niet mee." in format_sheet(sheet)


def test_few_calls_are_said_to_be_few(store: Store) -> None:
    with store.read() as connection:
        text = format_sheet(coaching_sheet(connection, "Bram"), width=200)
    assert "Er zijn te weinig gesprekken om iets te zeggen: bij geen enkele regel zijn er 10." in text


def test_change_is_counted_from_the_last_talk(store: Store) -> None:
    with store.write() as connection:
        held_on = date(2026, 10, 5) + timedelta(days=12)
        add_talk(connection, agent="Anja", coach="Els", held_on=held_on, rules=[GREETING], text="Altijd groeten.")
    with store.read() as connection:
        sheet = coaching_sheet(connection, "Anja")
    (found,) = sheet.changes
    assert ((found.before.hits, found.before.of), (found.after.hits, found.after.of)) == ((12, 12), (0, 14))
    text = format_sheet(sheet)
    assert "Sinds het gesprek van 17 oktober 2026" in text
    assert "Dit gaat minder goed." in text
    assert "Altijd groeten." in text


def test_page_needs_nothing_from_elsewhere_and_names_nobody_else(store: Store) -> None:
    with store.write() as connection:
        text = "<script>alert(1)</script>"
        add_comment(connection, call_id=26, author="Anja", author_is="agent", text=text, rule_id=GREETING, dispute=True)
    with store.read() as connection:
        page = format_sheet_page(coaching_sheet(connection, "Anja"), as_agent=True)
    assert "default-src &#39;none&#39;" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "Bram" not in page
    assert "Maak bezwaar" in page


def test_recording_that_is_there_is_played_at_the_words(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "25.wav").touch()
    with store.read() as connection:
        page = format_sheet_page(coaching_sheet(connection, "Anja"), page=tmp_path / "blad" / "anja.html")
    assert 'src="../25.wav#t=0.0,' in page
    assert "24.wav#t" not in page


def test_agent_writes_beside_own_calls_only(store: Store) -> None:
    with store.write() as connection:
        for call_id in (27, 99):
            with pytest.raises(BelscoreError, match=f"call {call_id}: is no call of Anja"):
                add_comment(connection, call_id=call_id, author="Anja", author_is="agent", text="Hoe ging dit?")
        add_comment(connection, call_id=27, author="Els", author_is="coach", text="Mooi gesprek.")
        assert [each.text for each in comments_on(connection, [27])] == ["Mooi gesprek."]


def test_dispute_is_open_until_a_coach_answers_and_its_clip_is_not_played(store: Store) -> None:
    with store.write() as connection:
        dispute = add_comment(
            connection, call_id=26, author="Anja", author_is="agent", text="Wel.", rule_id=GREETING, dispute=True
        )
        assert open_disputes(connection) == [dispute]
        clips = coaching_sheet(connection, "Anja").habits[0].clips
        assert [clip.call_id for clip in clips] == [25, 24, 23]
        answer_dispute(connection, dispute.id, coach="Els", text="Je hebt gelijk.")
        assert open_disputes(connection) == []
        with pytest.raises(BelscoreError, match="it has been answered"):
            answer_dispute(connection, dispute.id, coach="Els", text="Nog eens.")
        with pytest.raises(BelscoreError, match="no such dispute"):
            answer_dispute(connection, 99, coach="Els", text="Welk?")


def test_talk_needs_a_known_agent_known_rules_and_a_day_that_was(store: Store) -> None:
    with store.write() as connection:
        for agent, rule_id, day, message in (
            ("Niemand", GREETING, date(2026, 10, 20), "no call of this agent"),
            ("Anja", "geen-regel", date(2026, 10, 20), "no such rule"),
            ("Anja", GREETING, date.today() + timedelta(days=1), "yet to come"),
        ):
            with pytest.raises(BelscoreError, match=message):
                add_talk(connection, agent=agent, coach="Els", held_on=day, rules=[rule_id])
        for day in (date(2026, 10, 20), date(2026, 10, 6)):
            add_talk(connection, agent="Anja", coach="Els", held_on=day, rules=[GREETING, GREETING])
        last = last_talk(connection, "Anja")
        assert last is not None
        assert (last.held_on, last.rules) == (date(2026, 10, 20), (GREETING,))
        assert last_talk(connection, "Bram") is None


def run(store: Store, *args: str) -> Result:
    return CliRunner().invoke(main, ["coach", *args], env={"BELSCORE_STORE": store.name, "BELSCORE_COACH": "Els"})


def test_agent_sees_own_call_and_is_refused_that_of_another(store: Store) -> None:
    own = run(store, "sheet", "Anja", "--as-agent", "--call", "26")
    assert own.exit_code == 0
    assert "tandartspraktijk de vries met Anja" in own.stdout
    other = run(store, "sheet", "Anja", "--as-agent", "--call", "27")
    assert (other.exit_code, other.stdout) == (2, "")
    assert other.stderr.startswith("call 27: is no call of Anja; ")
    assert other.stderr.replace("27", "99") == run(store, "sheet", "Anja", "--as-agent", "--call", "99").stderr


def test_talking_disputing_and_answering_from_the_command_line(store: Store, tmp_path: Path) -> None:
    assert "17 oktober 2026" in run(store, "talk", "Anja", "--on", "2026-10-17", "--rules", GREETING).stdout
    assert run(store, "comment", "26", "Lastig gesprek.", "--agent", "Anja").exit_code == 0
    assert run(store, "comment", "26", "Wie?").exit_code == 2
    assert run(store, "dispute", "26", GREETING, "Ik groette wel.", "--agent", "Anja").exit_code == 0
    assert "Ik groette wel." in run(store, "disputes").stdout
    assert run(store, "answer", "2", "Ik luister terug.").stdout == "vastgelegd: antwoord 3 bij gesprek 26\n"
    assert run(store, "disputes").stdout == "er is geen open bezwaar\n"
    out = tmp_path / "anja.html"
    assert run(store, "sheet", "Anja", "--out", f"{out}").exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert "Ik luister terug." in page
    assert "Neem op met groet, praktijk en je eigen naam" in page
