"""Check kinds on making an appointment: `offers_choice` and `steers`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from belscore.accepting import turns_down
from belscore.appointment import Appointment
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.cues_in_turns import clear_of, exactly
from belscore.diary import alternatives, appointment_moments, distinct, is_refused, joined
from belscore.errands import tells_of_past
from belscore.given_up import gives_up
from belscore.language.moments import Moment, agrees, clash, said_misdated
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.moment_questions import bare_question, not_asking
from belscore.rule_complaint import OffersChoice, Steers
from belscore.scorecard import Evidence
from belscore.standing import is_for_arrival, stands_already
from belscore.statements import MAX_COST, Said, StatementReader, quoted
from belscore.view import MIN_PROBABILITY, CallView, evidence

LEXICON = "sturing"
# Of words at 0.6 the default model has about half right (bench/wer.py); the words of a moment support each other.
SURE_MOMENT = 0.6
# Another offer stands this close to the first: `of woensdag om kwart over drie`.
OFFER_REACH = 6
# A sentence with no more words than this around its day is the day: `en donderdag dan`.
ALONE_TOKENS = 3
# How far behind "voor" it is said what for: "voorkeur voor een bepaalde dag".
SUBJECT_REACH = 5
# `wanneer had u het zelf gedacht`: what makes it a question for a wish stands this close behind.
WISH_REACH = 4
# So close behind "of" the second thing to choose is named: `een man of een vrouw`.
CHOICE_REACH = 3


def offers_choice(params: OffersChoice, view: CallView) -> Outcome:
    """Two moments that differ, in one turn or one after the other was refused, before the booking."""
    appointment = view.situations.appointment
    if appointment is None:
        return not_applicable("situation_afspraak")
    question = _open_question(view, appointment)
    named = _named_first(view, appointment) if question is None else ""
    if named == "moment":
        return not_applicable("caller_named_moment")
    offered = _offered(view, appointment)
    if _choice(view, offered) or any(alternatives(view, utterance) for utterance in _before(view, appointment)):
        return passed(*(_quote(moment) for moment in offered[:2]))
    only = view.finder.first(params.only_one, _before(view, appointment)) or _one_left(view, appointment)
    if only is not None:
        return passed(evidence(only))
    quotes = [_quote(moment) for moment in offered[:1]] or [_quote(appointment.moment)]
    if named:
        return passed(*quotes)  # "kan ik vrijdag komen? - vrijdag om drie uur": the caller chose the day
    turns = _before(view, appointment)
    if not view.legible(turns) or _may_hide_offer(params, view, appointment):
        return unsure("words_uncertain", *quotes)
    return failed(*quotes, values={"moment": quotes[0].quote.rstrip(".,?!")})


def _one_left(view: CallView, appointment: Appointment) -> Match | None:
    """`nog één plekje`, by its accents; `nog een plekje` is any place, and a recogniser writes both so."""
    found = view.find(view.lexicon.list(LEXICON, "one_left"), _before(view, appointment))
    for match in found:
        if view.recognised or not all(
            token.text.isascii() for token in match.utterance.tokens[match.start : match.end]
        ):
            return match
    return None


def _may_hide_offer(params: OffersChoice, view: CallView, appointment: Appointment) -> bool:
    """Another offer, or the caller's own wish, may be among words that were misheard."""
    if not view.recognised:
        return False
    if appointment.moment.probability < SURE_MOMENT or view.echo(params.only_one, _before(view, appointment)):
        return True
    offered = _offered(view, appointment)
    choosing = view.knowledge.situations["afspraak"]["choice"]
    if any(view.finder.any(choosing, moment.utterance) for moment in offered):
        return True
    near = [
        part(moment.utterance, max(0, moment.start - OFFER_REACH), moment.end + OFFER_REACH)
        for moment in [*offered, appointment.moment]
    ]
    return not all(view.crisp([each], first=len(each.tokens)) for each in near)


def steers(_params: Steers, view: CallView) -> Outcome:
    """An open question before the first offer fails; a choice of parts of the day is none."""
    appointment = view.situations.appointment
    if appointment is None:
        return not_applicable("situation_afspraak")
    question = _open_question(view, appointment)
    if question is None:
        if _named_first(view, appointment) == "moment":
            return not_applicable("caller_named_moment")
        return passed()
    if question.probability < MIN_PROBABILITY:
        return unsure("words_uncertain", quoted(question))
    return failed(quoted(question), values={"quote": question.quote.rstrip(".,?!")})


def _named_first(view: CallView, appointment: Appointment) -> Literal["moment", "day", ""]:
    """What of the booked moment the caller said before the agent named that day or time; "" for nothing."""
    if appointment.by == "caller":
        return "moment"
    booked, called_on = appointment.moment, view.called_on
    day = replace(booked, clock_min=None, until_min=None, afternoon=None, daypart=None)
    named: Literal["day", ""] = ""
    takes = view.lexicon.table("afspraken", "chooses")["takes"]
    for utterance in view.utterances[: appointment.agreed_at]:
        for moment in appointment_moments(view, utterance) if utterance.role in ("agent", "caller") else ():
            if is_refused(view, utterance, moment) or (utterance.role == "caller" and tells_of_past(view, moment)):
                continue
            timed = moment.has_clock and booked.has_clock and clash(moment, booked, called_on) is None
            on_day = replace(moment, clock_min=None, until_min=None, afternoon=None, daypart=None)
            about = not booked.has_day or agrees(on_day, day, called_on)
            # "kan ik vandaag nog komen?" says how urgent it is
            dated = moment.has_day and about and not (moment.in_days == 0 and moment.weekday is None)
            if not (timed or dated):
                continue
            if utterance.role == "agent":
                return named
            if timed and (moment.has_day or not booked.has_day):
                return "moment"
            if not view.finder.any(takes, utterance):  # "maandag is prima" answers an offer
                named = "day"
    return named


def _before(view: CallView, appointment: Appointment) -> list[Utterance]:
    """The agent's turns up to the one that settles the appointment."""
    return [u for u in view.of("agent") if u.index <= appointment.agreed_at]


def _offered(view: CallView, appointment: Appointment) -> list[Moment]:
    """Moments with a day or a clock time that the agent names before the booking."""
    said = [
        moment
        for utterance in _before(view, appointment)
        for moment in appointment_moments(view, utterance)
        if (moment.has_clock or (moment.has_day and _is_put(view, moment))) and not _ruled_out(view, moment)
    ]
    said = [moment for moment in said if not _stands_already(view, appointment, moment)]
    said = [*(other for moment in said for other in _other_halves(view, moment, said)), *said]
    said += [stretch for utterance in _before(view, appointment) for stretch in _stretches_to_choose(view, utterance)]
    found = [*said, *(m for m in appointment.offered if m not in said and not _goes_on(view, m))]
    return [moment for moment in found if not _is_of_another(view, appointment, moment)]


def _is_of_another(view: CallView, appointment: Appointment, moment: Moment) -> bool:
    """Of the appointment that is moved, or when to be there; not the moment that is booked."""
    if clash(moment, appointment.moment, view.called_on) is None or alternatives(view, moment.utterance):
        return False
    return stands_already(view, moment) or is_for_arrival(view, moment)


def _stands_already(view: CallView, appointment: Appointment, moment: Moment) -> bool:
    """`ik zie u staan, dinsdag om negen uur`: what is to be moved is no choice."""
    utterance = moment.utterance
    low, _ = utterance.sentence_of(moment.start)
    _, high = utterance.sentence_of(moment.end - 1)
    if clash(moment, appointment.moment, view.called_on) is None or alternatives(view, utterance):
        return False
    return bool(exactly(view, view.knowledge.situations["afspraak"]["stands"], part(utterance, low, high)))


def _stretches_to_choose(view: CallView, utterance: Utterance) -> list[Moment]:
    """`dinsdag tussen negen en elf en donderdag tussen een en drie, welke van de twee?`"""
    stretches = [m for m in joined(view, utterance) if m.until_min is not None and m.has_day]
    which = view.lexicon.list("vragen", "open", "which")
    return stretches if len(stretches) > 1 and not set(which).isdisjoint(utterance.norms) else []


def _other_halves(view: CallView, offer: Moment, known: Sequence[Moment]) -> list[Moment]:
    """The moment right before an offer with `of` between, in a turn that speaks of something else in front of it."""
    before = [m for m in view.moments(offer.utterance) if m.end <= offer.start]
    if not before or not offer.has_clock or not before[-1].has_clock or before[-1].bound or before[-1] in known:
        return []
    between = offer.utterance.norms[before[-1].end : offer.start]
    near = len(between) <= OFFER_REACH and not view.lexicon.words("afspraken", "alternatives").isdisjoint(between)
    return [before[-1]] if near else []


def _is_put(view: CallView, moment: Moment) -> bool:
    """A day without a time is offered: asked, one of two, or in words that propose; not `maandag is het hier druk`."""
    utterance = moment.utterance
    start, end = utterance.sentence_of(moment.start)
    sentence = part(utterance, start, max(end, moment.end))
    data = view.knowledge.situations["afspraak"]
    asked = sentence.tokens[-1].after == "?" or view.finder.any((*data["choice"], *data["proposes"]), sentence)
    return asked or len(sentence.tokens) - (moment.end - moment.start) <= ALONE_TOKENS


def _ruled_out(view: CallView, moment: Moment) -> bool:
    """`op zaterdag zijn we er niet`: right behind it the agent says that it cannot be."""
    found = view.finder.find(view.lexicon.list(LEXICON, "ruled_out"), moment.utterance)
    if any(match.cost == 0 and moment.end == match.start for match in found):
        return True
    return _goes_on(view, moment) or gives_up(view, moment) or _is_denied(view, moment)


def _is_denied(view: CallView, moment: Moment) -> bool:
    """`maandag niet, dinsdag ook niet, donderdag om half drie`: nothing but a negation behind the day."""
    utterance = moment.utterance
    _, high = utterance.sentence_of(moment.end - 1)
    starts = [other.start for other in view.moments(utterance) if other.start >= moment.end]
    behind = utterance.norms[moment.end : min([high, *starts])]
    denied = not view.lexicon.negations.isdisjoint(behind)
    return denied and not moment.has_clock and view.lexicon.idle.union(view.lexicon.negations).issuperset(behind)


def _goes_on(view: CallView, moment: Moment) -> bool:
    """`komt u om kwart over elf, dan zit u om half twaalf in de stoel`: the same visit, further on."""
    follows = exactly(view, view.lexicon.list(LEXICON, "follows"), moment.utterance) if moment.has_clock else []
    return any(match.start < moment.start < match.end for match in follows)


def _choice(view: CallView, offered: Sequence[Moment]) -> bool:
    return any(_differs(view, one, other) for at, one in enumerate(offered) for other in offered[at + 1 :])


def _differs(view: CallView, one: Moment, other: Moment) -> bool:
    if said_misdated(one, other, view.called_on):
        return False
    apart = clash(one, other, view.called_on) is not None or _other_daypart(one, other)
    return apart or _refused_between(view, one, other)


def _refused_between(view: CallView, one: Moment, other: Moment) -> bool:
    """`dinsdag om twaalf uur? - nee - een week later dan, dinsdag de dertiende`: said in other words, so another."""
    between = view.utterances[one.utterance.index + 1 : other.utterance.index]
    differ = len(distinct([one, other])) > 1
    return differ and any(u.role == "caller" and u.tokens and turns_down(view, u) for u in between)


def _other_daypart(one: Moment, other: Moment) -> bool:
    return one.daypart is not None and other.daypart is not None and one.daypart != other.daypart


def _open_question(view: CallView, appointment: Appointment) -> Match | Said | None:
    """The agent's first open question for a moment, when it comes before any moment was offered."""
    words, heads = view.lexicon.list(LEXICON, "open"), set(view.lexicon.list(LEXICON, "bare", "heads"))
    first_offer = next((offer for offer in _offered(view, appointment) if not _is_asked_about(view, offer)), None)
    for utterance in _before(view, appointment):
        if first_offer is not None and first_offer.utterance.index < utterance.index:
            return None
        # "wat schikt u? Ik heb dinsdag om tien of woensdag om drie": the caller is given no time to answer
        if first_offer is not None and first_offer.utterance is utterance:
            return None
        found = view.finder.find(words, utterance)
        if not found and heads.isdisjoint(utterance.norms):
            continue
        covering = [match for match in not_asking(view, utterance) if not _asks_wish(view, match)]
        for match in found:
            covered = any(cover.start < match.end and match.start < cover.end for cover in covering)
            if not covered and match.cost <= MAX_COST and _about_time(view, match):
                return match
        left = _left_open(view, utterance, covering) or _bare(view, utterance, covering)
        if left is not None:
            return left
    return None


def _is_asked_about(view: CallView, offer: Moment) -> bool:
    """`wanneer zou u vandaag kunnen komen?`: the one day of an open question is no offer; `dinsdag of woensdag` are.

    Nor is the day in front of one that ends the turn: `het mag vandaag nog, wanneer komt het u uit?`.
    """
    utterance = offer.utterance
    if offer.has_clock or len(distinct(view.moments(utterance))) > 1:
        return False
    covers = not_asking(view, utterance)
    asked: list[Match | Said] = [*clear_of(exactly(view, view.lexicon.list(LEXICON, "open"), utterance), covers)]
    question = _bare(view, utterance, covers)
    asked += [question] if question else []
    low, _ = utterance.sentence_of(offer.start)
    if any(low <= each.start < offer.end for each in asked):
        return True
    behind = [each for each in asked if each.start >= offer.end and _ends_turn(each)]
    when = exactly(view, view.lexicon.list(LEXICON, "bare", "asks"), utterance) if behind else []
    return any(each.start <= match.start < each.end for each in behind for match in when)


def _ends_turn(said: Match | Said) -> bool:
    utterance = said.utterance
    return utterance.sentence_of(said.end - 1)[1] == len(utterance.tokens)


def _bare(view: CallView, utterance: Utterance, covering: Sequence[Match]) -> Said | None:
    said = bare_question(view, utterance)
    return said if said and clear_of([said], covering) else None


def _asks_wish(view: CallView, match: Match) -> bool:
    """`wanneer had u het zelf gedacht?` asks no more of the past than `wanneer had u gedacht?`."""
    _, high = match.utterance.sentence_of(match.end - 1)
    behind = match.utterance.norms[match.end : min(high, match.end + WISH_REACH)]
    return not set(view.lexicon.list("afspraken", "past", "wishes")).isdisjoint(behind)


def _left_open(view: CallView, utterance: Utterance, covering: Sequence[Match]) -> Said | None:
    """`hebt u een dag op het oog?`: asked or bidden at the end of a turn, put together from word classes."""
    for said in StatementReader(view, view.lexicon.list(LEXICON, "open", "statements")).find(utterance):
        end = utterance.sentence_of(said.end - 1)[1]
        asked = end == len(utterance.tokens) and utterance.tokens[-1].after in ("", "?")
        opens = utterance.norms[utterance.sentence_of(said.start)[0]]
        bidden = opens not in view.lexicon.words("aanspreekvorm", "speakers")
        covered = any(cover.start < said.end and said.start < cover.end for cover in covering)
        if asked and bidden and not covered:
            return said
    return None


def _about_time(view: CallView, match: Match) -> bool:
    """`voorkeur voor een dag`, not `voorkeur voor een vrouwelijke arts`, nor `welke tandarts heeft uw voorkeur`."""
    low, high = match.utterance.sentence_of(match.end - 1)
    following, times = match.utterance.norms[match.end : high], view.lexicon.words(LEXICON, "subject")
    which = view.lexicon.list("vragen", "open", "which")
    front = pairwise(match.utterance.norms[low : match.start])
    if any(word in which and noun not in times for word, noun in front) or _puts_choice(view, following):
        return False
    if not following or following[0] not in view.lexicon.list(LEXICON, "subject", "before"):
        return True
    if not times.isdisjoint(match.utterance.norms[match.start : match.end]):
        return True  # "een handig moment voor u"
    return not times.isdisjoint(following[: 1 + SUBJECT_REACH])


def _puts_choice(view: CallView, following: Sequence[str]) -> bool:
    """`wat schikt u beter, hier of op de Kerkstraat?`: two things to choose from; not `kijk ik of dat kan`."""
    joiner = view.lexicon.table("waarden", "clock")["or"]
    at = following.index(joiner) if joiner in following else 0
    if not at or not set(view.lexicon.list(LEXICON, "bare", "stops")).isdisjoint(following[:at]):
        return False
    behind = following[at + 1 :][:CHOICE_REACH]
    again = view.lexicon.words("vragen", "verbs") | view.lexicon.negations
    return bool(behind) and behind[0] not in again and view.lexicon.words(LEXICON, "subject").isdisjoint(behind)


def _quote(moment: Moment) -> Evidence:
    return Evidence(moment.utterance.role, moment.start_s, moment.end_s, moment.quote)
