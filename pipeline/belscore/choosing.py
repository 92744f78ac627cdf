"""Which of the moments that the agent offers the caller takes.

Words: `chooses` in `lexicon/afspraken.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from belscore.accepting import accepts, asks_another, turns_down
from belscore.cues_in_turns import exactly
from belscore.diary import about_other_business, clause_around, distinct, is_refused, tells_of_day
from belscore.given_up import gives_up
from belscore.language.moments import MORNING, Moment, agrees, clash
from belscore.language.tokens import Utterance, part
from belscore.named_place import is_place, offer_by_place
from belscore.view import CallView

# The agent's statement of the choice comes within so many turns.
ANSWER_TURNS = 2
# A practice begins its day at this hour: before it on the clock lie the hours of the afternoon.
FIRST_HOUR = 7
# `doe de dinsdag maar`: a word that takes an offer stands so many words in front of it.
POINTING_REACH = 2
# Index in the table of dayparts.
AFTERNOON = 1


def is_same(moment: Moment, offer: Moment, called_on: date | None) -> bool:
    """Both can be one moment, and have a part in common."""
    if None not in (moment.daypart, offer.daypart) and moment.daypart != offer.daypart:
        return False
    return agrees(moment, offer, called_on)


def chosen_offer(
    view: CallView, utterance: Utterance, offers: Sequence[Moment], called_on: date | None
) -> Moment | None:
    """The offer the caller takes; None when none is taken or it stays open which."""
    if _takes_none(view, utterance):
        return None
    said = [m for m in view.moments(utterance) if m.has_clock or m.has_day or m.daypart is not None]
    said = [moment for moment in said if not is_place(view, moment, offers)]
    named = [_without_its_business(view, moment, offers, called_on) for moment in said]
    refused = [moment for moment in named if is_refused(view, utterance, moment)]
    # "morgen al? nee, morgen heb ik de loodgieter": the same day, refused behind it
    again = [m for m in named if any(m.end <= r.start and is_same(m, r, called_on) for r in refused)]
    wanted = [moment for moment in named if moment not in refused and moment not in again]
    taken, undecided = _taken(view, offers, wanted, called_on)
    if taken:
        return _meant(view, utterance, offers, wanted, taken)
    if undecided:
        return None
    if wanted and not all(_says_when_today(moment, offers) for moment in wanted):
        takes = view.finder.any(view.lexicon.table("afspraken", "chooses")["takes"], utterance)
        return wanted[-1] if takes and wanted[-1].has_clock else None
    left = [o for o in offers if not any(is_same(moment, o, called_on) for moment in named)]
    if named and len(distinct(left)) == 1:
        # "kwart voor twee, dan moet ik oppas regelen" takes it, "dan moet ik werken" not: what is stated next tells
        doubtful = view.lexicon.negations.isdisjoint(utterance.norms)
        return (_stated_next(view, utterance, offers, called_on) if doubtful else None) or left[0]
    return _by_its_place(view, utterance, offers)


def _takes_none(view: CallView, utterance: Utterance) -> bool:
    """Scorned, or `ik moet het eerst aan mijn vrouw vragen` with nothing that is taken behind it."""
    chooses = view.lexicon.table("afspraken", "chooses")
    if view.finder.any(chooses["scorns"], utterance) or exactly(view, chooses["mocks"], utterance):
        return True
    asks = exactly(view, chooses["defers"], utterance)
    behind = part(utterance, asks[-1].end, len(utterance.tokens)) if asks else utterance
    return bool(asks) and not (behind.tokens and view.finder.any((*chooses["accepts"], *chooses["takes"]), behind))


def stated_instead(view: CallView, moment: Moment, agreed: Moment, agreed_at: int, offered: Sequence[Moment]) -> bool:
    """`doe maar elf - vrijdag tien uur dan, ik zet het erin`: booked right after the choice, and another offer."""
    utterance, called_on = moment.utterance, view.called_on
    answer = next((u for u in view.spoken("agent") if u.index > agreed_at), None)
    choice = view.utterances[agreed_at]
    if utterance is not answer or not moment.has_clock or choice.role != "caller" or turns_down(view, choice):
        return False
    named = [m for m in view.moments(choice) if m.has_clock or m.has_day]
    if any(not is_same(m, agreed, called_on) for m in named) or utterance.tokens[-1].after == "?":
        return False
    if about_other_business(view, moment) or gives_up(view, moment):
        return False
    if any(m.has_clock and clash(m, agreed, called_on) is None for m in view.moments(utterance)):
        return False
    others = [offer for offer in offered if clash(offer, agreed, called_on) is not None]
    books = view.knowledge.situations["afspraak"]["book"]
    return any(is_same(moment, offer, called_on) for offer in others) and view.finder.any(books, utterance)


def _taken(
    view: CallView, offers: Sequence[Moment], wanted: Sequence[Moment], called_on: date | None
) -> tuple[list[Moment], bool]:
    """The offers that fit what the caller names, the last first; and whether it stays open which of some."""
    taken: list[Moment] = []
    undecided = False
    for moment in reversed(wanted):
        fitting = [offer for offer in offers if is_same(moment, offer, called_on) or _in_part_of_day(moment, offer)]
        if len(distinct(fitting)) > 1 and not moment.has_day and len({_day_of(offer) for offer in fitting}) > 1:
            undecided = True  # "elf uur is prima", of two days at eleven
        elif len(distinct(fitting)) == 1 or (fitting and moment.has_clock):
            taken.append(fitting[-1])
        elif _belong_together(view, fitting):
            taken.append(fitting[0])
    return taken, undecided


def _meant(
    view: CallView,
    utterance: Utterance,
    offers: Sequence[Moment],
    wanted: Sequence[Moment],
    taken: Sequence[Moment],
) -> Moment:
    """Of the offers that the caller names the one they take, where need be by what the agent states next."""
    called_on = view.called_on
    taken = _concluded(view, utterance, taken, called_on) or _pointed_at(view, utterance, taken, wanted) or taken
    taken = _without_reasons(view, utterance, taken, called_on)
    taken = _without_told(view, utterance, taken, wanted)
    named = [moment for moment in wanted if is_same(moment, taken[0], called_on)]
    told = bool(named) and all(tells_of_day(view, utterance, moment) for moment in named)
    stated = _stated_next(view, utterance, offers if told else taken, called_on)
    return stated or _stated_later(view, utterance, taken, called_on) or taken[0]


def _by_its_place(view: CallView, utterance: Utterance, offers: Sequence[Moment]) -> Moment | None:
    """The first, the last, the one whose words are said; or the only one, where it is accepted."""
    by_place, is_named = offer_by_place(view, utterance, offers)
    if is_named:
        return _stated_next(view, utterance, by_place, view.called_on) or next(iter(by_place), None)
    together = [offer for offer in offers if offer.utterance is offers[-1].utterance]
    if len(distinct(offers)) > 1:
        if _in_sequence(view, together) and accepts(view, utterance):
            return together[0]
        return _asked_for(view, utterance, offers) or _by_its_words(view, utterance, offers)
    return offers[-1] if accepts(view, utterance) else None


def _asked_for(view: CallView, utterance: Utterance, offers: Sequence[Moment]) -> Moment | None:
    """`dinsdag om tien - kan het later? - om vier uur - ja`: the offer that came when the caller asked for it."""
    last = offers[-1]
    before = [offer.utterance.index for offer in offers if offer.utterance is not last.utterance]
    alone = len(distinct([offer for offer in offers if offer.utterance is last.utterance])) == 1
    if not (before and alone and accepts(view, utterance)):
        return None
    between = [u for u in view.of("caller") if before[-1] < u.index < last.utterance.index and u.tokens]
    return last if any(asks_another(view, u) for u in between) else None


def _in_part_of_day(moment: Moment, offer: Moment) -> bool:
    """`liever 's ochtends`: in the practice's hours the time of the offer says which part of the day it is."""
    if moment.has_day or moment.has_clock or offer.daypart is not None or offer.clock_min is None:
        return False
    return moment.daypart == (MORNING if offer.clock_min // 60 >= FIRST_HOUR else AFTERNOON)


def _says_when_today(moment: Moment, offers: Sequence[Moment]) -> bool:
    """`vanmorgen nog?`, of nothing but times that lie in that part of the day."""
    part_of_day = replace(moment, in_days=None)
    return all(not offer.has_day and _in_part_of_day(part_of_day, offer) for offer in offers)


def _day_of(moment: Moment) -> tuple[int | None, ...]:
    return (moment.weekday, moment.day, moment.in_days)


def _by_its_words(view: CallView, utterance: Utterance, offers: Sequence[Moment]) -> Moment | None:
    """`maandag bij Tom of woensdag bij Ilse? - bij Ilse`: the one offer whose own words the caller says."""
    put, joins = offers[-1].utterance, view.lexicon.words("afspraken", "alternatives")
    together = [offer for offer in offers if offer.utterance is put]
    said = set(utterance.norms) - view.lexicon.idle
    if len(together) < len(offers) or not said or turns_down(view, utterance):
        return None
    bounds = [at for at, norm in enumerate(put.norms) if norm in joins]
    words = [_own_words(put, offer, bounds) for offer in together]
    fitting = [offer for offer, own in zip(together, words, strict=True) if not said.isdisjoint(own)]
    return fitting[0] if len(distinct(fitting)) == 1 else None


def _own_words(put: Utterance, offer: Moment, bounds: Sequence[int]) -> set[str]:
    """The words of one alternative: up to the `of` on either side."""
    low = max((at for at in bounds if at < offer.start), default=-1)
    high = min((at for at in bounds if at >= offer.end), default=len(put.norms))
    return set(put.norms[low + 1 : high])


def _belong_together(view: CallView, offers: Sequence[Moment]) -> bool:
    """`dinsdag om tien over drie en om twintig over drie`: one after the other, taken both with the day."""
    joiner = view.lexicon.table("waarden", "clock")["and"]
    return len(offers) > 1 and all(
        one.utterance is other.utterance and joiner in one.utterance.norms[one.end : other.start]
        for one, other in pairwise(offers)
    )


def _in_sequence(view: CallView, offers: Sequence[Moment]) -> bool:
    """`donderdag kwart over twaalf voor de echo, en dan om één uur de cardioloog`: one visit, no choice."""
    words, more = view.lexicon.words("afspraken", "sequence"), view.lexicon.words("afspraken", "sequence", "more")
    between = [set(one.utterance.norms[one.end : other.start]) for one, other in pairwise(offers)]
    if not _belong_together(view, offers) or len({_day_of(offer) for offer in offers if offer.has_day}) > 1:
        return False
    if all(not words.isdisjoint(said) and more.isdisjoint(said) for said in between):
        return len({_day_of(offer) for offer in offers}) == 1
    return bool(exactly(view, view.lexicon.list("afspraken", "sequence", "in_a_row"), offers[0].utterance))


def _without_its_business(view: CallView, moment: Moment, offers: Sequence[Moment], called_on: date | None) -> Moment:
    """`vrijdag, dan ben ik om één uur klaar`: the day alone, where the time fits no offer and is of other things."""
    if not (moment.has_day and moment.has_clock) or any(is_same(moment, offer, called_on) for offer in offers):
        return moment
    return replace(moment, clock_min=None, afternoon=None) if about_other_business(view, moment) else moment


def _concluded(view: CallView, utterance: Utterance, taken: Sequence[Moment], called_on: date | None) -> list[Moment]:
    """`donderdag heeft hij judo, dus dan maandag`: of several offers the one behind `dus`."""
    words = view.lexicon.list("afspraken", "reasons", "conclusions")
    at = next((place for place, norm in enumerate(utterance.norms) if norm in words), None)
    if at is None or len(distinct(taken)) < 2:
        return []
    behind = [moment for moment in view.moments(utterance) if moment.start > at]
    return [offer for offer in taken if any(is_same(moment, offer, called_on) for moment in behind)]


def _pointed_at(
    view: CallView, utterance: Utterance, taken: Sequence[Moment], wanted: Sequence[Moment]
) -> list[Moment]:
    """`doe de dinsdag maar donderdags is het biljarten`: of several offers the only one behind a word that takes it."""
    chooses = view.lexicon.table("afspraken", "chooses")
    front = [utterance.norms[max(0, moment.start - POINTING_REACH) : moment.start] for moment in wanted]
    pointed = [m for m, said in zip(wanted, front, strict=True) if not set(chooses["points"]).isdisjoint(said)]
    offers = [offer for offer in taken if any(is_same(m, offer, view.called_on) for m in pointed)]
    return offers if len(distinct(taken)) > 1 and len(distinct(offers)) == 1 else []


def _without_told(
    view: CallView, utterance: Utterance, taken: Sequence[Moment], wanted: Sequence[Moment]
) -> Sequence[Moment]:
    """`donderdag, woensdag heeft hij voetbal`: without the offers of which the caller only tells what is on then."""
    if len(distinct(taken)) < 2:
        return taken
    untold = [moment for moment in wanted if not _only_told(view, utterance, moment)]
    fitting = [offer for offer in taken if any(is_same(moment, offer, view.called_on) for moment in untold)]
    return fitting if len(distinct(fitting)) == 1 else taken


def _only_told(view: CallView, utterance: Utterance, moment: Moment) -> bool:
    """Words of substance beside the moment, up to the moments around it, and none that take it."""
    low, high = clause_around(utterance, moment)
    others = view.moments(utterance)
    low = max([low, *(other.end for other in others if other.end <= moment.start)])
    high = min([high, *(other.start for other in others if other.start >= moment.end)])
    beside = {*utterance.norms[low : moment.start], *utterance.norms[moment.end : high]}
    chooses, free = view.lexicon.table("afspraken", "chooses"), view.lexicon.list("afspraken", "busy", "free")
    if beside <= view.lexicon.idle or not beside.isdisjoint(free):
        return False
    return not view.finder.any((*chooses["accepts"], *chooses["takes"]), part(utterance, low, high))


def taken_instead(
    view: CallView, utterance: Utterance, settled: Moment, offered: Sequence[Moment], *, thinks: bool
) -> Moment | None:
    """The other offer that the caller takes after one seemed settled.

    Where the caller does not say to think again the agent has to book that one: `half elf, is dat elf uur dertig? -
    nee, tien uur dertig - en woensdag? - kwart over drie - woensdag is goed - dan reserveer ik woensdag`.
    """
    others = [offer for offer in offered if clash(offer, settled, view.called_on) is not None]
    taken = chosen_offer(view, utterance, others, view.called_on) if others else None
    if taken is None or thinks:
        return taken
    takes = view.lexicon.table("afspraken", "chooses")["takes"]
    stated = _stated_next(view, utterance, [settled, *others], view.called_on)
    return taken if stated == taken and (view.finder.any(takes, utterance) or turns_down(view, utterance)) else None


def names_another(view: CallView, utterance: Utterance, offers: Sequence[Moment]) -> bool:
    """The caller names none of the offers but to refuse it, and a day or time; not `is die zeventiende een vrijdag`."""
    if view.finder.any(view.lexicon.table("afspraken", "chooses")["asks_day"], utterance):
        return False
    named = [moment for moment in view.moments(utterance) if moment.has_day or moment.has_clock]
    kept = [moment for moment in named if not is_refused(view, utterance, moment)]
    return bool(named) and not any(is_same(moment, offer, view.called_on) for moment in kept for offer in offers)


def _without_reasons(
    view: CallView, utterance: Utterance, taken: Sequence[Moment], called_on: date | None
) -> Sequence[Moment]:
    """`dinsdag, want maandags zwem ik`: without the offers named only behind the reason for taking another."""
    reasons = view.lexicon.words("afspraken", "reasons")
    at = next((place for place, norm in enumerate(utterance.norms) if norm in reasons), len(utterance.norms))
    ahead = [moment for moment in view.moments(utterance) if moment.end <= at]
    fitting = [offer for offer in taken if any(is_same(moment, offer, called_on) for moment in ahead)]
    return fitting or taken


def _stated_next(
    view: CallView, utterance: Utterance, taken: Sequence[Moment], called_on: date | None
) -> Moment | None:
    """Of several offers in one answer (`vrijdag, want donderdag heb ik les`) the one the agent states, undisputed."""
    following = view.utterances[utterance.index + 1 : utterance.index + 1 + ANSWER_TURNS]
    stating = next((each for each in following if each.role == "agent" and each.tokens), None)
    if len(distinct(taken)) == 1 or stating is None:
        return None
    reply = next((u for u in view.of("caller") if u.index > stating.index and u.tokens), None)
    if reply is not None and reply.norms[0] in view.lexicon.words("einde", "refusals"):
        return None
    return _stated_in(view, stating, taken, called_on)


def _stated_later(
    view: CallView, utterance: Utterance, taken: Sequence[Moment], called_on: date | None
) -> Moment | None:
    """Of several offers the first that the agent comes back to, however many questions lie in between."""
    if len(distinct(taken)) == 1:
        return None
    later = (_stated_in(view, u, taken, called_on) for u in view.of("agent") if u.index > utterance.index)
    return next((stated for stated in later if stated is not None), None)


def _stated_in(view: CallView, stating: Utterance, taken: Sequence[Moment], called_on: date | None) -> Moment | None:
    """The one of the offers that a turn of the agent names."""
    # A slip in the clock time is still about the day that is stated, one in the date about the weekday and the time.
    said = view.moments(stating)
    days = [replace(moment, clock_min=None) for moment in said if moment.has_day]
    timed = [moment for moment in said if moment.has_clock and not moment.bound]
    undated = [replace(moment, day=None, month=None) for moment in timed if moment.weekday is not None]
    for meant in (days, timed, undated):
        about = [offer for offer in taken if any(is_same(each, offer, called_on) for each in meant)]
        if len(distinct(about)) == 1:
            return about[0]
    return None
