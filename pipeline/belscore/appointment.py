"""Follow the talk about an appointment: offers, the caller's choice or wish, and the moment both settle on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from belscore.cues_in_turns import clear_of, exactly
from belscore.diary import alternatives, appointment_moments, dated_offers, distinct, is_refused, next_offers, refusals
from belscore.language.moments import Moment, clash, shares
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

# An answer comes within so many turns.
ANSWER_TURNS = 2
# A wish stands so many tokens in front of its moment: `kan het ook op vrijdag om negen uur?`.
WISH_REACH = 3
# A sentence with no more words than this around its moment is the moment: `en dinsdag om tien uur dan?`
ALONE_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Appointment:
    """The moment that was agreed.

    agreed_at : index of the utterance in which it became so
    offered   : the moments the agent offered, () when the caller or the agent named it outright
    by        : who named the moment first: "offer", "caller" or "agent"
    """

    moment: Moment
    agreed_at: int
    offered: tuple[Moment, ...]
    by: str


@dataclass(slots=True)
class _Talk:
    """What lies on the table so far.

    standing : moments only told: of appointments that existed before, or of other things that happen
    accepted : the moment the agent only told that the caller took in its words
    days     : offers by their dates alone, and `by_day` what the caller took of them; holds where no time is settled
    sought   : an appointment is asked for or proposed; False when the caller asks about one that exists or for a time
               only, None while neither shows
    """

    view: CallView
    data: Mapping[str, Any]
    called_on: date | None
    settled: Appointment | None = None
    offers: list[Moment] = field(default_factory=list)
    offered_at: int = -1
    refused: list[Moment] = field(default_factory=list)
    wish: Moment | None = None
    standing: list[Moment] = field(default_factory=list)
    sought: bool | None = None
    accepted: Moment | None = None
    accepted_at: int = -1
    days: list[Moment] = field(default_factory=list)
    by_day: Appointment | None = None


def find_appointment(view: CallView, data: Mapping[str, Any]) -> Appointment | None:
    """The last moment both parties settle on; None when no appointment is made.

    data : the situation file `afspraak.toml`
    """
    talk = _Talk(view, data, view.call.started_at.date() if view.call.started_at else None)
    for utterance in view.utterances:
        if utterance.role == "agent" and utterance.tokens:
            _agent(talk, utterance)
        elif utterance.role == "caller" and utterance.tokens:
            _caller(talk, utterance)
    return talk.settled or talk.by_day


def _agent(talk: _Talk, utterance: Utterance) -> None:
    said = [moment for moment in appointment_moments(talk.view, utterance) if moment.has_clock]
    talk.days = dated_offers(talk.view, utterance) if talk.sought else []
    if talk.sought is None and _asks_for_moment(talk.view, utterance):
        talk.sought = True
    if talk.settled is None:
        offers = talk.offers if _recent(talk, utterance) else []
        offered = [m for m in said if any(_is_same(talk, m, offer) for offer in offers)]
        talk.standing += [moment for moment in said if moment not in offered and _only_told(talk, moment)]
    said = [moment for moment in said if not _stands(talk, moment)]
    if _recent(talk, utterance) and not said:
        said = next_offers(talk.view, utterance, [*talk.refused, *talk.offers])
    if talk.settled is not None:
        if len(distinct(said)) > 1 and _is_choice(talk, utterance):
            talk.settled, talk.offers, talk.offered_at = None, said, utterance.index
        return
    if talk.wish is not None and _grants(talk, utterance, said):
        talk.settled = Appointment(talk.wish, utterance.index, (), "caller")
    elif len(distinct(said)) == 1 and _books(talk, utterance):
        again = _offered_again(talk, utterance, said) or _told_before(talk, utterance, said)
        talk.settled = again or Appointment(max(said, key=lambda moment: moment.has_day), utterance.index, (), "agent")
    elif not said and len(distinct(talk.offers)) == 1 and _recent(talk, utterance) and _books(talk, utterance):
        talk.settled = Appointment(talk.offers[-1], utterance.index, (*talk.refused, *talk.offers), "offer")
    elif said and (talk.sought or any(_proposed(talk, moment) for moment in said)):
        talk.offers = [*talk.offers, *said] if _recent(talk, utterance) else said
        talk.offered_at = utterance.index


def _offered_again(talk: _Talk, utterance: Utterance, said: Sequence[Moment]) -> Appointment | None:
    """The booking of a moment that was offered just before: agreed by then, and said once more here."""
    offers = [offer for offer in talk.offers if any(_is_same(talk, moment, offer) for moment in said)]
    answered = offers and _recent(talk, utterance) and talk.view.utterances[utterance.index - 1].role == "caller"
    return Appointment(offers[-1], utterance.index - 1, (*talk.refused, *talk.offers), "offer") if answered else None


def _told_before(talk: _Talk, utterance: Utterance, said: Sequence[Moment]) -> Appointment | None:
    """The booking, with a slip in the time, of a moment that was only told but that the caller took."""
    accepted = talk.accepted
    if accepted is None or utterance.index - talk.accepted_at > ANSWER_TURNS:
        return None
    day = replace(accepted, clock_min=None)
    slipped = any(m.clock_min != accepted.clock_min and clash(m, day, talk.called_on) is None for m in said)
    return Appointment(accepted, talk.accepted_at, (), "agent") if slipped else None


def _take_told(talk: _Talk, utterance: Utterance) -> None:
    """`die komt dinsdag om kwart over acht` - `kwart over acht is best`."""
    clocks = {moment.clock_min for moment in talk.view.moments(utterance) if moment.has_clock}
    before = talk.view.utterances[max(0, utterance.index - 1) : utterance.index] if clocks else ()
    told = [m for u in before if u.role == "agent" for m in appointment_moments(talk.view, u) if m.has_clock]
    taken = [moment for moment in told if moment.clock_min in clocks]
    chooses = talk.view.lexicon.table("afspraken", "chooses")
    if len(distinct(taken)) == 1 and talk.view.finder.any((*chooses["accepts"], *chooses["takes"]), utterance):
        talk.accepted, talk.accepted_at = taken[0], utterance.index


def _recent(talk: _Talk, utterance: Utterance) -> bool:
    return utterance.index - talk.offered_at <= ANSWER_TURNS


def _caller(talk: _Talk, utterance: Utterance) -> None:
    if talk.settled is not None:
        if talk.view.finder.any(talk.data["withdraws"], utterance):
            talk.settled, talk.offers, talk.wish, talk.by_day = None, [], None, None
        return
    if talk.days:
        taken = _chosen(replace(talk, offers=talk.days), utterance)
        if taken is not None:
            talk.by_day = Appointment(taken, utterance.index, tuple(talk.days), "offer")
    elif talk.by_day is not None and talk.view.finder.any(talk.data["withdraws"], utterance):
        talk.by_day = None
    _take_told(talk, utterance)
    talk.sought = _sought(talk, utterance)
    if talk.sought is False:
        talk.standing += [moment for moment in appointment_moments(talk.view, utterance) if moment.has_clock]
    if talk.offers and utterance.index - talk.offered_at <= 2 * ANSWER_TURNS:
        chosen = _chosen(talk, utterance)
        if chosen is not None:
            talk.settled = Appointment(chosen, utterance.index, (*talk.refused, *talk.offers), "offer")
            return
        if refusals(talk.view, utterance) or _names_another(talk, utterance):
            talk.refused, talk.offers = [*talk.refused, *talk.offers], []
    talk.wish = _wish(talk, utterance) or talk.wish


def _sought(talk: _Talk, utterance: Utterance) -> bool | None:
    """What the caller's words make of `sought`: a wish holds on, a mere question does not undo it."""

    def said(key: str) -> bool:
        return talk.view.finder.any(talk.data[key], utterance)

    if said("moves") or (said("prevented") and not said("cancel")):
        return True
    if said("no_appointment") or said("recalls"):
        return False
    if said("seeks") or _wants_at(talk, utterance):
        return True
    dated = any(moment.has_day or moment.has_clock or moment.week for moment in talk.view.moments(utterance))
    if talk.sought is None and (said("existing") or said("cancel") or (dated and said("existing_at"))):
        return False
    return talk.sought


def _wants_at(talk: _Talk, utterance: Utterance) -> bool:
    """`kan dat vrijdag om negen uur?`: the caller asks for the moment that they name."""
    wants = talk.view.finder.find(talk.data["wants_at"], utterance)
    starts = [moment.start for moment in talk.view.moments(utterance) if moment.has_clock]
    return any(0 <= start - want.end <= WISH_REACH for want in wants for start in starts)


def _asks_for_moment(view: CallView, utterance: Utterance) -> bool:
    """The agent asks the caller when to come: `wanneer schikt het?`, not `vanaf welke dag?`."""
    bounds = view.lexicon.table("waarden", "clock")["bounds"]
    covers = view.finder.find(view.lexicon.list("sturing", "not_open"), utterance)
    asked = exactly(view, view.lexicon.list("sturing", "open"), utterance)
    return any(match.start == 0 or utterance.norms[match.start - 1] not in bounds for match in clear_of(asked, covers))


def _only_told(talk: _Talk, moment: Moment) -> bool:
    """The agent tells of what stands already: said so, or in answer to a caller who seeks no appointment."""
    utterance = moment.utterance
    if alternatives(talk.view, utterance):
        return False
    start, end = utterance.sentence_of(moment.start)
    sentence = part(utterance, start, max(end, moment.end))
    if talk.view.finder.any(talk.data["stands"], sentence):
        return True
    if talk.sought or moment.until_min is not None:  # of stretches only those put to the caller come here
        return False
    proposed = talk.view.finder.find(talk.data["proposes"], sentence)
    told = [m for m in talk.view.finder.find(talk.data["told"], sentence) if m.start + start < moment.end]
    if told and not any(m.start >= told[-1].end and m.start + start < moment.start for m in proposed):
        return True
    return talk.sought is False and not proposed


def _stands(talk: _Talk, moment: Moment) -> bool:
    """The moment is one of those that stand: the same clock time on what can be the same day."""
    return any(
        moment.clock_min == other.clock_min and clash(moment, other, talk.called_on) is None for other in talk.standing
    )


def _proposed(talk: _Talk, moment: Moment) -> bool:
    """The agent puts the moment to the caller: one of two, asked, in a sentence that proposes, or as good as alone."""
    utterance = moment.utterance
    start, end = utterance.sentence_of(moment.start)
    end = max(end, moment.end)
    alone = end - start - (moment.end - moment.start) <= ALONE_TOKENS
    if alone or utterance.tokens[end - 1].after == "?" or alternatives(talk.view, utterance):
        return True
    following = utterance.sentence_of(end)[1] if end < len(utterance.tokens) else end
    return talk.view.finder.any(talk.data["proposes"], part(utterance, start, following))


def _is_choice(talk: _Talk, utterance: Utterance) -> bool:
    asks = any(token.after == "?" for token in utterance.tokens)
    return asks or talk.view.finder.any(talk.data["choice"], utterance)


def _books(talk: _Talk, utterance: Utterance) -> bool:
    asks = utterance.tokens[-1].after == "?"
    return not asks and talk.view.finder.any(talk.data["book"], utterance)


def _grants(talk: _Talk, utterance: Utterance, said: Sequence[Moment]) -> bool:
    """The agent takes the moment the caller asked for."""
    wish = talk.wish
    if wish is None or utterance.index - wish.utterance.index > ANSWER_TURNS:
        return False
    chooses = talk.view.lexicon.table("afspraken", "chooses")
    if talk.view.finder.any(chooses["agent_refuses"], utterance):
        return False
    if said:
        return any(clash(m, wish, talk.called_on) is None and shares(m, wish, talk.called_on) for m in said)
    return talk.view.finder.any(chooses["agent_accepts"], utterance)


def _wish(talk: _Talk, utterance: Utterance) -> Moment | None:
    """A clock time the caller asks for, in talk about coming, that is not the agent's own words again."""
    said = [moment for moment in appointment_moments(talk.view, utterance) if moment.has_clock]
    if not said or talk.sought is False or talk.view.finder.any(talk.data["cancel"], utterance):
        return None
    if _asked_of_past(talk, utterance):
        return None
    echo = {
        moment.clock_min
        for earlier in talk.view.utterances[max(0, utterance.index - ANSWER_TURNS) : utterance.index]
        if earlier.role == "agent"
        for moment in talk.view.moments(earlier)
    }
    wanted = [moment for moment in said if moment.clock_min not in echo]
    before = [u for u in talk.view.of("caller") if u.index <= utterance.index]
    about = talk.sought or any(talk.view.finder.any(talk.data["subject"], u) for u in before)
    return wanted[-1] if wanted and about else None


def _asked_of_past(talk: _Talk, utterance: Utterance) -> bool:
    """`hoe laat was u aan de beurt?`: the time in the answer is no wish."""
    before = next((u for u in reversed(talk.view.of("agent")) if u.index < utterance.index), None)
    return before is not None and not talk.view.lexicon.words("afspraken", "past").isdisjoint(before.norms)


def _chosen(talk: _Talk, utterance: Utterance) -> Moment | None:
    """The offer the caller takes; None when none is taken or it stays open which."""
    view, offers = talk.view, talk.offers
    named = [m for m in view.moments(utterance) if m.has_clock or m.has_day or m.daypart is not None]
    wanted = [moment for moment in named if not is_refused(view, utterance, moment)]
    taken: list[Moment] = []
    for moment in reversed(wanted):
        fitting = [offer for offer in offers if _is_same(talk, moment, offer)]
        if len(distinct(fitting)) == 1 or (fitting and moment.has_clock):
            taken.append(fitting[-1])
    if taken:
        return _stated_next(talk, utterance, taken) or _without_reasons(talk, utterance, taken)[0]
    if wanted:
        takes = view.finder.any(view.lexicon.table("afspraken", "chooses")["takes"], utterance)
        return wanted[-1] if takes and wanted[-1].has_clock else None
    left = [o for o in offers if not any(_is_same(talk, moment, o) for moment in named)]
    if named and len(distinct(left)) == 1:
        return left[0]
    chooses = view.lexicon.table("afspraken", "chooses")
    if view.finder.any(chooses["first"], utterance):
        return offers[0]
    if view.finder.any(chooses["last"], utterance):
        return offers[-1]
    asks = utterance.tokens[-1].after == "?"
    takes = view.finder.any(chooses["accepts"], utterance) and not refusals(view, utterance) and not asks
    return offers[-1] if takes and len(distinct(offers)) == 1 else None


def _without_reasons(talk: _Talk, utterance: Utterance, taken: Sequence[Moment]) -> Sequence[Moment]:
    """`dinsdag, want maandags zwem ik`: without the offers named only behind the reason for taking another."""
    reasons = talk.view.lexicon.words("afspraken", "reasons")
    at = next((place for place, norm in enumerate(utterance.norms) if norm in reasons), len(utterance.norms))
    ahead = [moment for moment in talk.view.moments(utterance) if moment.end <= at]
    fitting = [offer for offer in taken if any(_is_same(talk, moment, offer) for moment in ahead)]
    return fitting or taken


def _stated_next(talk: _Talk, utterance: Utterance, taken: Sequence[Moment]) -> Moment | None:
    """Of several offers in one answer (`vrijdag, want donderdag heb ik les`) the one the agent states, undisputed."""
    following = talk.view.utterances[utterance.index + 1 : utterance.index + 1 + ANSWER_TURNS]
    stating = next((each for each in following if each.role == "agent" and each.tokens), None)
    if len(distinct(taken)) == 1 or stating is None:
        return None
    reply = next((u for u in talk.view.of("caller") if u.index > stating.index and u.tokens), None)
    if reply is not None and reply.norms[0] in talk.view.lexicon.words("einde", "refusals"):
        return None
    # A slip in the clock time is still about the day that is stated.
    days = [replace(moment, clock_min=None) for moment in talk.view.moments(stating) if moment.has_day]
    about = [offer for offer in taken if any(_is_same(talk, day, offer) for day in days)]
    return about[0] if len(distinct(about)) == 1 else None


def _is_same(talk: _Talk, moment: Moment, offer: Moment) -> bool:
    if None not in (moment.daypart, offer.daypart) and moment.daypart != offer.daypart:
        return False
    return shares(moment, offer, talk.called_on) and clash(moment, offer, talk.called_on) is None


def _names_another(talk: _Talk, utterance: Utterance) -> bool:
    """The caller names a day or time that none of the offers is; not `is die zeventiende een vrijdag`."""
    if talk.view.finder.any(talk.view.lexicon.table("afspraken", "chooses")["asks_day"], utterance):
        return False
    named = [moment for moment in talk.view.moments(utterance) if moment.has_day or moment.has_clock]
    return bool(named) and not any(_is_same(talk, moment, offer) for moment in named for offer in talk.offers)
