"""The coaching sheet of one agent, put together from the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from belscore.coaching import (
    CLIPS,
    MAX_STRENGTHS,
    MIN_CALLS,
    Change,
    Clip,
    Counted,
    RuleShare,
    change,
    clearest,
    habits,
    make_clip,
    rule_shares,
    strengths,
)
from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from belscore.store.comments import Comment
    from belscore.store.talks import Talk

# A quarter less the weeks that nobody works: recent enough to be what somebody does now, long enough for rare calls.
DAYS = 60
# Transcripts to read for the clips of a rule: its newest calls.
_MAX_READ = 20


@dataclass(frozen=True, slots=True)
class Practised:
    """A rule on the sheet with what can be heard of it."""

    rule_id: str
    title: str
    why: str
    shown: RuleShare
    clips: tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What agent and coach talk about. `since` and `until` are days, both included.

    calls      : of the agent on these days
    enough     : whether any rule was judged in enough of them to say something
    min_calls  : fewer calls of a rule tell nothing
    changes    : of the rules of the last talk
    titles     : of the rules in `changes` and `comments`
    recordings : where the recording of each call with a clip lies
    left_out   : rules that are not trusted yet and were not looked at
    """

    agent: str
    since: date
    until: date
    calls: int
    min_calls: int
    enough: bool
    habits: tuple[Practised, ...]
    strengths: tuple[Practised, ...]
    talk: Talk | None
    changes: tuple[Change, ...]
    comments: tuple[Comment, ...]
    titles: Mapping[str, str]
    recordings: Mapping[int, str]
    left_out: int


def coaching_sheet(
    connection: Connection,
    agent: str,
    *,
    until: date | None = None,
    days: int = DAYS,
    min_calls: int = MIN_CALLS,
    untrusted: Collection[str] = (),
) -> Sheet:
    """The sheet of an agent over the days before `until`, or before their last call.

    A change is counted from the day of the last talk, against as many days before it. Raises BelscoreError when there
    is no call of the agent on a known day.
    """
    from belscore.store.agent_calls import counted_findings, days_of, recording_of
    from belscore.store.comments import comments_on
    from belscore.store.rule_sets import rule_titles
    from belscore.store.talks import last_talk

    known = days_of(connection, agent)
    if known is None:
        raise BelscoreError("there is no call of this agent", where=agent, do="write the name as the calls have it")
    until = until or known[1]
    since = max(known[0], until - timedelta(days=days - 1))
    counted = counted_findings(connection, agent, since=since, until=until)
    call_ids = {each.call_id for each in counted}
    said = comments_on(connection, call_ids)
    titles = rule_titles(connection)
    order = [*titles]
    shares = sorted(rule_shares(counted, untrusted=untrusted), key=lambda each: order.index(each.rule_id))
    worked, well = _chosen(shares, _clip_reader(connection, said), titles, min_calls)
    talk = last_talk(connection, agent)
    heard = {clip.call_id for each in (*worked, *well) for clip in each.clips}
    return Sheet(
        agent,
        since,
        until,
        len(call_ids),
        min_calls,
        any(each.share.of >= min_calls for each in shares),
        tuple(worked),
        tuple(well),
        talk,
        _changes(connection, agent, talk, until, days, min_calls, untrusted) if talk else (),
        tuple(said),
        titles,
        {call_id: recording_of(connection, call_id) for call_id in sorted(heard)},
        len({each.rule_id for each in counted} & {*untrusted}),
    )


def _clip_reader(connection: Connection, said: Sequence[Comment]) -> Callable[[Counted], Clip | None]:
    """Makes the clip of a verdict; None too when the words of the call are gone, or its verdict is in dispute."""
    from belscore.store.calls import read_call, read_scorecard

    answered = {each.answers_id for each in said}
    disputed = {(each.call_id, each.rule_id) for each in said if each.kind == "dispute" and each.id not in answered}

    def clip_of(each: Counted) -> Clip | None:
        if (each.call_id, each.rule_id) in disputed:
            return None
        try:
            call, card = read_call(connection, each.call_id), read_scorecard(connection, each.call_id)
        except BelscoreError:
            return None
        return make_clip(call, card, each)

    return clip_of


def _chosen(
    shares: Sequence[RuleShare],
    clip_of: Callable[[Counted], Clip | None],
    titles: Mapping[str, str],
    min_calls: int,
) -> tuple[list[Practised], list[Practised]]:
    """What to work on and what goes well. Of what goes well, what can be heard goes before what is only counted."""
    worked = _practised(habits(shares, min_calls=min_calls), "fail", clip_of, CLIPS, titles)
    surest = strengths(shares, min_calls=min_calls)[: 3 * MAX_STRENGTHS]
    well = _practised(surest, "pass", clip_of, 1, titles)
    return worked, sorted(well, key=lambda each: not each.clips)[:MAX_STRENGTHS]


def _practised(
    chosen: Sequence[RuleShare],
    verdict: Literal["pass", "fail"],
    clip_of: Callable[[Counted], Clip | None],
    limit: int,
    titles: Mapping[str, str],
) -> list[Practised]:
    made: list[Practised] = []
    for each in chosen:
        candidates = (each.fails if verdict == "fail" else each.passes)[:_MAX_READ]
        taken = {clip.call_id for other in made for clip in other.clips}
        clips = tuple(clearest(candidates, clip_of, limit=limit, taken=taken))
        why = clips[0].finding.why if clips else ""
        made.append(Practised(each.rule_id, titles.get(each.rule_id, each.rule_id), why, each, clips))
    return made


def _changes(
    connection: Connection,
    agent: str,
    talk: Talk,
    until: date,
    days: int,
    min_calls: int,
    untrusted: Collection[str],
) -> tuple[Change, ...]:
    from belscore.store.agent_calls import counted_findings

    day = timedelta(days=1)
    before = counted_findings(connection, agent, since=talk.held_on - days * day, until=talk.held_on - day)
    after = counted_findings(connection, agent, since=talk.held_on, until=until)
    return tuple(
        change(rule_id, before, after, min_calls=min_calls) for rule_id in talk.rules if rule_id not in untrusted
    )
