"""What the agent reports, sums up or takes out of a call without an appointment, with a value that nobody spoke of.

Words: `retold` in `rules/lexicon/afspraken.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from belscore.accepting import reopened
from belscore.agreements import Repeated
from belscore.cues_in_turns import exactly
from belscore.diary import alternatives, joined, said_as_booked
from belscore.errands import is_handed_over
from belscore.language.moments import Moment, agrees, clash, shares
from belscore.language.tokens import Utterance
from belscore.language.values import Value
from belscore.retold_numbers import against_counts, counted_things, decimal_slips, is_wanted, mail_slips, summed_counts
from belscore.upcoming import answers_hours
from belscore.view import CallView

LEXICON = "afspraken"
# `tot zaterdag dan`: so many words with the day at most.
PARTING_TOKENS = 4
# The caller's words that are handed on are told so close behind `ik geef door dat u`.
REPORT_REACH = 6


def retold_slips(view: CallView) -> list[Repeated]:
    """Values said once more and differently; each new in the call, and not put right by anyone."""
    written = [*decimal_slips(view), *mail_slips(view), *summed_counts(view)]
    told = [*_told_slips(view), *_standing_slips(view)]
    return [*_reported_slips(view), *_term_slips(view), *told, *_cancelled_slips(view), *written]


def _reported_slips(view: CallView) -> list[Repeated]:
    """`ik kan dinsdag niet - ik geef door dat u donderdag niet kunt`: the caller's words, with another day or time."""
    found: list[Repeated] = []
    given: list[Moment] = []
    counts: list[tuple[Utterance, Value]] = []
    for utterance in view.utterances:
        said = [m for m in view.moments(utterance) if m.has_day or m.has_clock]
        numbers = counted_things(view, utterance)
        if utterance.role == "caller":
            given += said
            counts += [(utterance, value) for value in numbers]
        elif utterance.role == "agent" and ((given and said) or (counts and numbers)):
            reports = exactly(view, view.lexicon.list(LEXICON, "retold"), utterance)
            for match in reports[:1]:
                behind = range(match.end, min(match.end + REPORT_REACH, len(utterance.tokens)))
                high = next((at + 1 for at in behind if utterance.tokens[at].after), behind.stop)
                inside = [m for m in said if match.end <= m.start < high]
                found += _against(view, inside, given) if given else []
                told = [value for value in numbers if match.end <= value.start < high]
                found += against_counts(view, utterance, told, counts)
            if numbers and not reports and exactly(view, view.lexicon.list(LEXICON, "retold", "orders"), utterance):
                found += against_counts(view, utterance, numbers, [own for own in counts if is_wanted(view, *own)])
    return found


def _against(view: CallView, said: Sequence[Moment], given: Sequence[Moment]) -> list[Repeated]:
    """Of one day or one time that the caller named, the one the agent says in its place."""
    days = {(m.weekday, m.day, m.in_days) for m in given if m.has_day}
    clocks = {m.clock_min for m in given if m.has_clock}
    found: list[Repeated] = []
    for moment in said:
        wrong = clash(moment, given[-1], view.called_on)
        known = clocks if wrong == "clock" else days
        if wrong and len(known) == 1 and _is_new(view, moment, wrong) and not _put_right(view, moment, given[-1]):
            found.append(Repeated(moment, given[-1], wrong, True))
    return found


def _term_slips(view: CallView) -> list[Repeated]:
    """`binnen vijf werkdagen krijgt u bericht - dus binnen vijftien werkdagen`: summed up, one of both parts right."""
    sums_up = view.lexicon.list(LEXICON, "tasks", "sums_up")
    found: list[Repeated] = []
    told: list[tuple[Utterance, Value]] = []
    known: set[tuple[int, str]] = set()
    for utterance in view.utterances:
        terms = [value for value in view.values(utterance) if _is_term(view, value)]
        if utterance.role == "agent" and len(told) == 1 and len(terms) == 1:
            said, agreed = terms[0], told[0][1]
            differs = (said.value == agreed.value) != (said.unit == agreed.unit) and said.context == agreed.context
            new = (said.value, said.unit) not in known and utterance.tokens[-1].after != "?"
            if differs and new and view.finder.any(sums_up, utterance):
                found.append(Repeated((utterance, said), told[0], "number", True))
        told += [(utterance, value) for value in terms if utterance.role == "agent"]
        known |= {(value.value, value.unit) for value in terms}
    return found


def _is_term(view: CallView, value: Value) -> bool:
    words = view.lexicon.table(LEXICON, "retold")
    return value.kind == "number" and value.context in words["within"] and value.unit in words["units"]


def _told_slips(view: CallView) -> list[Repeated]:
    """`ze liggen vrijdag klaar - tot zaterdag dan`: summed up, or parted with, on a day or at a time that is new."""
    sums_up = view.lexicon.list(LEXICON, "tasks", "sums_up")
    promised = {match.utterance.index for match in view.situations.promises}
    words = view.lexicon.words(LEXICON, "retold", "delivered")
    found: list[Repeated] = []
    told: list[Moment] = []
    delivered: list[Moment] = []
    for utterance in view.of("agent"):
        brought = not words.isdisjoint(_asked(view, utterance))
        said = [m.own() for m in joined(view, utterance) if (m.has_day or m.has_clock) and not _is_asked(m)]
        if len(told) == 1 and len(said) == 1 and told[0].utterance is not utterance:
            moment, agreed = said[0], told[0]
            again = utterance.index in promised and agreed.utterance.index in promised
            parts = _parts(view, moment)
            if parts or (
                (again or agreed in delivered or _is_ready(view, agreed)) and view.finder.any(sums_up, utterance)
            ):
                wrong = clash(moment, agreed, view.called_on)
                if wrong and _same_kind(view, moment, agreed, parts=parts) and _stays(view, moment, agreed, wrong):
                    found.append(Repeated(moment, agreed, wrong, True))
        if not answers_hours(view, utterance):
            delivered += said if brought else []
            told += [m for m in said if brought or utterance.index in promised or _is_ready(view, m)]
    return found


def _standing_slips(view: CallView) -> list[Repeated]:
    """`u staat erin op donderdag 19 maart om half drie - dan blijft het donderdag 19 maart, half vier`."""
    stays = view.lexicon.list(LEXICON, "retold", "stays")
    found: list[Repeated] = []
    told: list[Moment] = []
    for utterance in view.of("agent"):
        said = [m for m in view.moments(utterance) if m.has_clock and m.own().has_day and not (m.bound or _is_asked(m))]
        if len(told) == 1 and len(said) == 1:
            moment, agreed = said[0], told[0]
            again = said_as_booked(view, moment) or view.finder.any(stays, utterance)
            clock = (
                again and clash(moment, agreed, view.called_on) == "clock" and shares(moment, agreed, view.called_on)
            )
            if (
                clock
                and _is_new(view, moment, "clock")
                and not (_is_moved(view, agreed, utterance) or _put_right(view, moment, agreed))
            ):
                found.append(Repeated(moment, agreed, "clock", True))
        told += [m for m in said if not alternatives(view, utterance)]
    return found if told and said_as_booked(view, told[0]) else []


def _is_moved(view: CallView, agreed: Moment, until: Utterance) -> bool:
    """Between the two the caller names another time, or wants one, and does not drop that: `dat hoeft dan niet`."""
    another = view.lexicon.table(LEXICON, "chooses")["asks_another"]
    for turn in view.of("caller"):
        if agreed.utterance.index < turn.index < until.index:
            if any(m.has_clock and m.clock_min != agreed.clock_min for m in view.moments(turn)):
                return True
            if view.lexicon.negations.isdisjoint(turn.norms) and view.finder.any(another, turn):
                return True
    return False


def _same_kind(view: CallView, moment: Moment, agreed: Moment, *, parts: bool) -> bool:
    """The agreed one has a day alone, or both are a whole moment of which one half is right."""
    if parts or not agreed.has_clock:
        return moment.own().has_day and agreed.has_day
    whole = moment.has_clock and agreed.has_clock and moment.bound == agreed.bound
    return whole and shares(moment, agreed, view.called_on)


def _stays(view: CallView, moment: Moment, agreed: Moment, wrong: str) -> bool:
    """Nothing is asked or moved between the two; the sentence depends on nothing; and nobody puts it right."""
    low, high = moment.utterance.sentence_of(moment.start)
    depends = view.lexicon.words(LEXICON, "retold", "depends")
    if not depends.isdisjoint(moment.utterance.norms[low:high]) or not _is_new(view, moment, wrong):
        return False
    return not (reopened(view, agreed.utterance, moment.utterance) or _put_right(view, moment, agreed))


def _parts(view: CallView, moment: Moment) -> bool:
    """`tot zaterdag`, as good as alone in its sentence."""
    utterance = moment.utterance
    low, high = utterance.sentence_of(moment.start)
    to = view.lexicon.table("waarden", "clock")["to"]
    front = utterance.norms[low : moment.start] if moment.start > low else utterance.norms[moment.start : moment.end]
    return to in front and high - low <= PARTING_TOKENS and not moment.has_clock


def _asked(view: CallView, answer: Utterance) -> tuple[str, ...]:
    """The caller's words right before."""
    before = view.utterances[answer.index - 1] if answer.index else None
    return before.norms if before is not None and before.role == "caller" else ()


def _is_ready(view: CallView, moment: Moment) -> bool:
    low, high = moment.utterance.sentence_of(moment.start)
    ready = view.lexicon.words(LEXICON, "retold", "ready")
    return not ready.isdisjoint(moment.utterance.norms[low:high]) or is_handed_over(view, moment)


def _cancelled_slips(view: CallView) -> list[Repeated]:
    """`de afspraak van 4 maart afzeggen - die van 14 maart is geannuleerd`: another day than the one given up."""
    dropped, looks = view.lexicon.words(LEXICON, "dropped"), view.lexicon.words(LEXICON, "retold", "looks")
    cancel = view.knowledge.situations["afspraak"]["cancel"]
    found: list[Repeated] = []
    given: list[Moment] = []
    asked = False
    for utterance in view.utterances:
        if utterance.role == "caller":
            given += [m for m in view.moments(utterance) if m.has_day or m.has_clock]
            asked = asked or view.finder.any(cancel, utterance)
        elif utterance.role == "agent" and given and asked and not dropped.isdisjoint(utterance.norms):
            said = [m for m in view.moments(utterance) if m.has_day and not m.has_clock and not _is_asked(m)]
            if len(said) == 1 and looks.isdisjoint(utterance.norms) and not any(m.has_clock for m in given):
                found += [each for each in _against(view, said, given) if each.wrong != "clock"]
    return found


def _is_asked(moment: Moment) -> bool:
    _, high = moment.utterance.sentence_of(moment.end - 1)
    return moment.utterance.tokens[high - 1].after == "?"


def _is_new(view: CallView, moment: Moment, wrong: str) -> bool:
    """Nobody spoke of the day, or of the time, before."""
    before = [m for u in view.utterances[: moment.utterance.index] for m in view.moments(u)]
    if wrong == "clock":
        return all(m.clock_min != moment.clock_min for m in before)
    day = replace(moment, clock_min=None, until_min=None, afternoon=None, daypart=None)
    return not any(m.has_day and agrees(replace(m, clock_min=None, daypart=None), day, view.called_on) for m in before)


def _put_right(view: CallView, moment: Moment, agreed: Moment) -> bool:
    """Behind it somebody says the agreed one, or the caller the new one."""
    later = [(u, m) for u in view.utterances[moment.utterance.index + 1 :] for m in view.moments(u)]
    same = [m for m in view.moments(moment.utterance) if m.start > moment.start]
    if any(agrees(m, agreed, view.called_on) for m in [*same, *(m for _, m in later)]):
        return True
    return any(u.role == "caller" and agrees(m, moment, view.called_on) for u, m in later)
