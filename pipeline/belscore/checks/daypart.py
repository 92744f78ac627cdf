"""Check kind `daypart`: the part of the day that is greeted fits the hour."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.language.phrases import Match
from belscore.opening import lone_greetings, opening_turns
from belscore.rule_service import Daypart, DaypartGreeting
from belscore.view import MIN_PROBABILITY, CallView, evidence

# Further on "goede morgen" in two words may be about an appointment; in one word it is a greeting anywhere.
GREETING_REACH = 12
# "goedemorgen, of nee, wacht, het is al middag": so far behind a greeting stands what it is put right with.
CORRECTED_REACH = 8


def daypart(params: Daypart, view: CallView) -> Outcome:
    """A greeting that fits passes; one that fits nowhere within the grace fails and shows the time."""
    started_at = view.call.started_at
    if started_at is None or started_at.time() == time():
        return not_applicable("no_start_time")
    said = [
        (greeting, match)
        for utterance in opening_turns(view)
        for greeting in params.greetings
        for match in view.finder.find(greeting.words, utterance)
        if match.start < GREETING_REACH or match.end - match.start == 1
    ]
    said = said or _short_greetings(params, view)
    if not said:
        return not_applicable("no_daypart_said")
    corrected = _corrected(params, view, said[0][1])
    fitting = [match for greeting, match in (*said, *corrected) if fits(greeting, started_at, params.grace_min)]
    greeting, match = said[0]
    values = {"said": _text(match), "time": f"{started_at:%H.%M}"}
    if fitting:
        return passed(evidence(fitting[0]), values=values | {"said": _text(fitting[0])})
    if match.probability < MIN_PROBABILITY:
        return unsure("words_uncertain", evidence(match))
    return failed(evidence(match), values=values | {"since": greeting.since, "until": greeting.until})


def _short_greetings(params: Daypart, view: CallView) -> list[tuple[DaypartGreeting, Match]]:
    """`morgen` and no more: a part of the day where a greeting stands."""
    return [
        (greeting, match)
        for utterance in opening_turns(view)
        for at in lone_greetings(view, utterance)
        for greeting in params.greetings
        for match in view.finder.find(greeting.short, utterance)
        if match.start == at and match.cost == 0
    ]


def _corrected(params: Daypart, view: CallView, said: Match) -> list[tuple[DaypartGreeting, Match]]:
    """`goedemorgen, o nee, middag alweer`: a part of the day behind the greeting, with a word that takes it back."""
    return [
        (greeting, match)
        for greeting in params.greetings
        for match in view.finder.find(greeting.short, said.utterance)
        if 0 <= match.start - said.end < CORRECTED_REACH
        and not set(params.corrections).isdisjoint(said.utterance.norms[said.end : match.end + 1])
    ]


def fits(greeting: DaypartGreeting, at: datetime, grace_min: int) -> bool:
    """Whether the greeting's hours, widened by the grace, hold the moment."""
    grace = timedelta(minutes=grace_min)
    moments = [(at + shift).time().replace(microsecond=0) for shift in (timedelta(), -grace, grace)]
    since, until = time.fromisoformat(greeting.since), time.fromisoformat(greeting.until)
    if since < until:
        return any(since <= moment <= until for moment in moments)
    return any(moment >= since or moment <= until for moment in moments)


def _text(match: Match) -> str:
    return match.quote.rstrip(".,!").lower()
