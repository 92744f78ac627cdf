"""What the feedback page of a call shows, read from the store in one go, in the language of its reader."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from belscore.errors import BelscoreError
from belscore.report.rules import applies_line
from belscore.report.sections import SectionFindings, by_section
from belscore.report.wording import wording
from belscore.scorecard import Finding, Language, Scorecard
from belscore.store.agent_calls import batch_file_of
from belscore.store.attempts import Attempt, RuleChanges, attempt, changes, earlier_attempts, has_recording, is_own
from belscore.store.audit import note
from belscore.store.calls import read_call, read_scorecard
from belscore.store.comments import Comment, comments_on
from belscore.store.uploads import upload_of_call
from belscore.store.users import User
from belscore.translation import in_language
from belscore.web.access import check_call
from belscore.web.call_data import AttemptData, CallData, ChangesData, HistoryData, RuleTitle, timeline_data
from belscore.web.english import Translated, in_english
from belscore.web.site import Site

if TYPE_CHECKING:
    from belscore.call import Call
    from belscore.rulebook import Rule


@dataclass(frozen=True, slots=True)
class Thread:
    """What was written beside a finding or the call: a dispute with its answer, or a comment."""

    said: Comment
    answer: Comment | None

    @property
    def is_open(self) -> bool:
        return self.said.kind == "dispute" and self.answer is None


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """Where a verdict comes from: the rule as it stands now."""

    number: int
    applies: str
    quote: str
    document: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """A call as its page shows it.

    call    : None when its transcript is no longer kept
    dutch   : ids of rules whose texts are Dutch although the card is not
    sound   : address of the recording; None when none is kept
    is_own  : who looks is who made it
    earlier : what the same person did before, as `store.attempts` orders it
    against : the earlier one that it is compared with, and what changed since
    """

    call_id: int
    title: str
    call: Call | None
    card: Scorecard
    dutch: Collection[str]
    sound: str | None
    is_own: bool
    attempt: Attempt
    earlier: Sequence[Attempt]
    against: tuple[Attempt, RuleChanges] | None
    threads: Mapping[str | None, Sequence[Thread]]
    rules: Mapping[str, RuleFacts]

    @property
    def first(self) -> Finding | None:
        """The one thing to practise first."""
        return next(iter(self.card.practise_first(1)), None)

    @property
    def sections(self) -> tuple[SectionFindings, ...]:
        return by_section(self.card)

    @property
    def unsure(self) -> list[Finding]:
        """What applies to the call and could not be judged."""
        return [finding for finding in self.card.findings if finding.verdict == "unsure"]

    def lang(self, finding: Finding) -> Language:
        """The language of a finding's texts."""
        return "nl" if finding.rule_id in self.dutch else self.card.language

    def title_of(self, rule_id: str) -> str:
        """The title of a rule; its id when the card does not have it."""
        return next((each.title for each in self.card.findings if each.rule_id == rule_id), rule_id)


def load_feedback(
    site: Site, user: User, call_id: int, language: Language, *, compare_with: int | None = None
) -> Feedback:
    """Read a call for somebody, which the audit log tells when it is another's. Raises NotFoundError, BelscoreError."""
    with site.store.read() as connection:
        check_call(connection, user, call_id)
        card, call = read_scorecard(connection, call_id), _call(connection, call_id)
        this = attempt(connection, call_id)
        assert this is not None
        earlier = earlier_attempts(connection, call_id)
        chosen = next((each for each in earlier if each.call_id == compare_with), earlier[0] if earlier else None)
        against = (chosen, changes(connection, this, chosen)) if chosen is not None else None
        mine, upload = is_own(connection, user, call_id), upload_of_call(connection, call_id)
        threads = _threads(comments_on(connection, [call_id]))
        sound = f"/api/calls/{call_id}/sound" if _has_sound(connection, call_id) else None
    note_seen(site, user, call_id, is_own=mine)
    shown = Translated(card, ())
    if language == "en" and card.language != "en":
        shown = in_english(call, card, site.judging.rules, site.profile)
    title = upload.title if upload is not None else Path(card.call.source).name
    rules = _rule_facts(site, shown.card.language)
    return Feedback(
        call_id, title, call, shown.card, shown.dutch, sound, mine, this, earlier, against, threads, rules
    )  # fmt: skip


def note_seen(site: Site, user: User, call_id: int, *, is_own: bool) -> None:
    """Tell the audit log that somebody looked at a call of another."""
    if not is_own:
        with site.store.write() as connection:
            note(connection, user.name, "seen", f"call {call_id}")


def _call(connection: Connection, call_id: int) -> Call | None:
    try:
        return read_call(connection, call_id)
    except BelscoreError:
        return None


def _has_sound(connection: Connection, call_id: int) -> bool:
    """Whether `sound_api` has a recording to play."""
    if has_recording(connection, call_id):
        return True
    elsewhere = batch_file_of(connection, call_id)
    return elsewhere is not None and elsewhere.is_file()


def _threads(written: Sequence[Comment]) -> dict[str | None, list[Thread]]:
    """What was written by rule, and of the call itself under None; answers stand with what they answer."""
    answers = {each.answers_id: each for each in written if each.kind == "answer"}
    found: dict[str | None, list[Thread]] = {}
    for each in written:
        if each.kind != "answer":
            found.setdefault(each.rule_id, []).append(Thread(each, answers.get(each.id)))
    return found


def _rule_facts(site: Site, language: Language) -> dict[str, RuleFacts]:
    rules, say = site.judging.rules, wording(language)
    if language != rules.language:
        rules = in_language(rules, language)

    def facts(rule: Rule) -> RuleFacts:
        return RuleFacts(rule.number, applies_line(say, rule), rule.source.quote, rule.source.document)

    return {rule.id: facts(rule) for rule in rules.rules}


def call_data(view: Feedback) -> CallData:
    """The call for scripts."""
    card = view.card
    return CallData(
        id=view.call_id,
        title=view.title,
        practice=view.attempt.practice,
        agent=card.call.agent,
        started_at=card.call.started_at,
        score=card.score,
        coverage=card.coverage,
        sound=view.sound,
        timeline=timeline_data(view.call, card) if view.call is not None else None,
    )


def history_data(view: Feedback) -> HistoryData:
    """This call and the earlier ones, for the chart."""

    def data(each: Attempt) -> AttemptData:
        return AttemptData(
            id=each.call_id,
            title=each.title,
            at=each.at,
            scenario=each.scenario,
            score=each.score,
            coverage=each.coverage,
            is_this=each.call_id == view.call_id,
        )

    def titles(rule_ids: Sequence[str]) -> list[RuleTitle]:
        return [RuleTitle(id=each, title=view.title_of(each)) for each in rule_ids]

    made = None
    if view.against is not None:
        before, changed = view.against
        made = ChangesData(
            before=before.call_id,
            better=titles(changed.better),
            worse=titles(changed.worse),
            compared=changed.compared,
            left_out=changed.left_out,
        )
    in_order = sorted(view.earlier, key=lambda each: (each.at, each.call_id))
    return HistoryData(attempts=[*map(data, in_order), data(view.attempt)], changes=made)
