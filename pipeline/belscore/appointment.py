"""Follow the talk about an appointment: offers, the caller's choice or wish, and the moment both settle on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from belscore.accepting import accepts, asks_another, turns_down
from belscore.choosing import chosen_offer, is_same, names_another, taken_instead
from belscore.diary import (
    alternatives,
    appointment_moments,
    dated_offers,
    distinct,
    is_refused,
    is_stated,
    next_offers,
)
from belscore.errands import comes_to_caller, is_handed_over
from belscore.given_up import gives_up
from belscore.language.moments import Moment, clash
from belscore.language.tokens import Utterance, part
from belscore.offering import books_all, goes_on, is_proposed, is_taken, is_told, is_usual, settles
from belscore.seeking import asked_of_past, asks_for_moment, seeks, was_to_come, withdraws
from belscore.view import CallView
from belscore.wishes import books, countered, reconsidered, takes_wish, wished

# An answer comes within so many turns.
ANSWER_TURNS = 2


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

    before   : what was agreed before the agent let the caller choose anew
    standing : moments only told: of appointments that existed before, or of other things that happen
    accepted : the moment the agent only told that the caller took in its words
    later    : another moment that the agent puts to the caller after one was agreed, from turn `later_at`
    reopened : the turn in which the caller thinks again
    walk_in  : the agent says that one may come without an appointment
    days     : offers by their dates alone, and `by_day` what the caller took of them; holds where no time is settled
    sought   : an appointment is asked for or proposed; False when the caller asks about one that exists or for a time
               only, None while neither shows
    """

    view: CallView
    data: Mapping[str, Any]
    called_on: date | None
    settled: Appointment | None = None
    before: Appointment | None = None
    offers: list[Moment] = field(default_factory=list)
    offered_at: int = -1
    refused: list[Moment] = field(default_factory=list)
    wish: Moment | None = None
    standing: list[Moment] = field(default_factory=list)
    sought: bool | None = None
    accepted: Moment | None = None
    accepted_at: int = -1
    later: list[Moment] = field(default_factory=list)
    later_at: int = -1
    reopened: int = -1
    walk_in: bool = False
    days: list[Moment] = field(default_factory=list)
    by_day: Appointment | None = None


def find_appointment(view: CallView, data: Mapping[str, Any]) -> Appointment | None:
    """The last moment both parties settle on; None when no appointment is made.

    data : the situation file `afspraak.toml`
    """
    talk = _Talk(view, data, view.called_on)
    for utterance in view.utterances:
        if utterance.role == "agent" and utterance.tokens:
            _agent(talk, utterance)
        elif utterance.role == "caller" and utterance.tokens:
            _caller(talk, utterance)
    found = talk.settled or talk.before or talk.by_day
    return None if found and comes_to_caller(view, found.moment, found.agreed_at) else found


def _agent(talk: _Talk, utterance: Utterance) -> None:
    said = [moment for moment in appointment_moments(talk.view, utterance) if moment.has_clock]
    talk.days = dated_offers(talk.view, utterance) if talk.sought else []
    _note_sought(talk, utterance)
    if talk.settled is None:
        _note_standing(talk, utterance, said)
    _give_up(talk, utterance)
    free = [m for m in said if not (gives_up(talk.view, m) or is_taken(talk.view, m) or is_usual(talk.view, m))]
    said = [moment for moment in free if not _stands(talk, moment)]
    if _recent(talk, utterance) and not said:
        said = next_offers(talk.view, utterance, [*talk.refused, *talk.offers])
    if talk.settled is not None:
        anew = _put_anew(talk, utterance, talk.settled, said)
        if anew:
            talk.before, talk.settled, talk.offers, talk.offered_at = talk.settled, None, anew, utterance.index
        else:
            _put_later(talk, talk.settled, utterance, said)
        return
    if talk.wish is not None and takes_wish(talk.view, talk.data, talk.wish, utterance, said):
        talk.settled = Appointment(talk.wish, utterance.index, (), "caller")
    elif len(distinct(said)) == 1 and (_books(talk, utterance, said) or _states_offer(talk, utterance, said[-1])):
        again = _offered_again(talk, utterance, said) or _told_before(talk, utterance, said)
        talk.settled = again or Appointment(max(said, key=lambda moment: moment.has_day), utterance.index, (), "agent")
    elif not said and _recent(talk, utterance) and settles(talk.view, talk.data, talk.offers, utterance):
        talk.settled = Appointment(talk.offers[-1], utterance.index, (*talk.refused, *talk.offers), "offer")
    elif len(distinct(said)) > 1 and books_all(talk.view, talk.data, utterance, said):
        talk.settled = Appointment(said[0], utterance.index, (), "agent")
    elif said and not _free_to_come(talk, utterance) and (talk.sought or _proposes(talk, said)):
        talk.offers = [*talk.offers, *said] if _recent(talk, utterance) else said
        talk.offered_at = utterance.index


def _books(talk: _Talk, utterance: Utterance, said: Sequence[Moment]) -> bool:
    """The agent books the moment; not `u staat de vijftiende om elf uur, maar morgen om negen uur kan nu ook`."""
    if not books(talk.view, talk.data, utterance):
        return False
    others = [m for m in talk.view.moments(utterance) if m.has_clock and _stands(talk, m) and m not in said]
    behind = [m.end for m in others if m.end <= said[0].start]
    return not behind or books(talk.view, talk.data, part(utterance, max(behind), len(utterance.tokens)))


def _proposes(talk: _Talk, said: Sequence[Moment]) -> bool:
    return any(is_proposed(talk.view, talk.data, moment) for moment in said)


def _give_up(talk: _Talk, utterance: Utterance) -> None:
    """`dan laat ik tien voor vijf schieten`: what is taken out stands no more, the settled moment too."""
    gone = [moment for moment in talk.view.moments(utterance) if moment.has_clock and gives_up(talk.view, moment)]
    settled = talk.settled.moment if talk.settled else None
    talk.standing += [moment for moment in gone if moment.has_day]
    if talk.wish is not None and any(_is_same(talk, moment, talk.wish) for moment in gone):
        talk.wish = None
    if settled is not None and talk.view.finder.any(talk.data["leaves_open"], utterance):
        talk.settled = talk.before = talk.by_day = None
    if settled is None or not any(_is_same(talk, moment, settled) for moment in gone):
        return
    before = [m for u in talk.view.utterances[: utterance.index] for m in talk.view.moments(u)]
    if not any(m.clock_min == settled.clock_min and clash(m, settled, talk.called_on) is not None for m in before):
        talk.settled = talk.before = talk.by_day = talk.wish = None
        talk.offers = []


def _note_sought(talk: _Talk, utterance: Utterance) -> None:
    """Asked when to come, the caller seeks an appointment, whatever they told of another; one who may walk in not."""
    if not talk.sought and asks_for_moment(talk.view, utterance):
        talk.sought = True
    if _free_to_come(talk, utterance):
        talk.sought, talk.wish, talk.walk_in = False, None, True


def _free_to_come(talk: _Talk, utterance: Utterance) -> bool:
    return talk.view.finder.any(talk.data["free_to_come"], utterance)


def _note_standing(talk: _Talk, utterance: Utterance, said: Sequence[Moment]) -> None:
    """Keep the moments that the agent only tells, those in a clause about other business too."""
    offers = talk.offers if _recent(talk, utterance) else []
    offered = [m for m in said if any(_is_same(talk, m, offer) for offer in offers)]
    told = [*said, *(m for m in talk.view.moments(utterance) if m.has_clock and not m.bound and m not in said)]
    for moment in told:
        stands = is_told(talk.view, talk.data, moment, sought=talk.sought) or is_handed_over(talk.view, moment)
        if stands and moment not in offered:
            talk.standing.append(moment)


def _offered_again(talk: _Talk, utterance: Utterance, said: Sequence[Moment]) -> Appointment | None:
    """The booking of a moment that was offered just before: agreed by then, and said once more here."""
    offers = [offer for offer in talk.offers if any(_is_same(talk, moment, offer) for moment in said)]
    answered = offers and _recent(talk, utterance) and talk.view.utterances[utterance.index - 1].role == "caller"
    return Appointment(offers[-1], utterance.index - 1, (*talk.refused, *talk.offers), "offer") if answered else None


def _states_offer(talk: _Talk, utterance: Utterance, said: Moment) -> bool:
    """`dinsdag om twaalf bij Joke of Marit? - bij Marit - dinsdag twaalf uur bij Marit`: stated after an answer."""
    answer = talk.view.utterances[utterance.index - 1]
    offered = _recent(talk, utterance) and any(_is_same(talk, said, offer) for offer in talk.offers)
    if not offered or answer.role != "caller" or not answer.tokens:
        return False
    low, high = utterance.sentence_of(said.start)
    concludes = utterance.norms[low] in talk.view.lexicon.words("afspraken", "reasons", "conclusions")
    reply = next((u for u in talk.view.of("caller") if u.index > utterance.index and u.tokens), None)
    refused = asks_another(talk.view, answer) or (reply is not None and turns_down(talk.view, reply))
    if answer.tokens[-1].after == "?" and (refused or not concludes):
        return False  # "zo zonder afspraak? - u bent dan meteen aan de beurt. Dus vandaag om kwart voor twaalf"
    asks = utterance.tokens[max(high, said.end) - 1].after == "?"
    sentence = part(utterance, low, max(high, said.end))
    put = talk.view.finder.any(talk.data["proposes"], sentence)
    return not (asks or put or turns_down(talk.view, answer)) and is_stated(talk.view, said)


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
    before = [u for u in talk.view.utterances[utterance.index - 1 : utterance.index] if clocks and u.role == "agent"]
    taken = [m for u in before for m in appointment_moments(talk.view, u) if m.has_clock and m.clock_min in clocks]
    chooses = talk.view.lexicon.table("afspraken", "chooses")
    if len(distinct(taken)) == 1 and talk.view.finder.any((*chooses["accepts"], *chooses["takes"]), utterance):
        talk.accepted, talk.accepted_at = taken[0], utterance.index


def _recent(talk: _Talk, utterance: Utterance) -> bool:
    return utterance.index - talk.offered_at <= ANSWER_TURNS


def _caller(talk: _Talk, utterance: Utterance) -> None:
    if talk.settled is not None:
        if withdraws(talk.view, talk.data, utterance):
            talk.settled, talk.offers, talk.wish, talk.before, talk.by_day = None, [], None, None, None
        elif _refuses_booking(talk, talk.settled, utterance):
            talk.refused, talk.settled = [*talk.refused, talk.settled.moment], None
        else:
            talk.settled = _changed(talk, talk.settled, utterance)
        return
    if talk.days:
        taken = chosen_offer(talk.view, utterance, talk.days, talk.called_on)
        if taken is not None:
            talk.by_day = Appointment(taken, utterance.index, tuple(talk.days), "offer")
    elif (talk.by_day or talk.before) and withdraws(talk.view, talk.data, utterance):
        talk.by_day = talk.before = None
    _take_told(talk, utterance)
    talk.sought = seeks(talk.view, talk.data, utterance, talk.sought)
    if talk.walk_in and not talk.view.finder.any(talk.data["by_appointment"], utterance):
        talk.sought = False
    if talk.sought is False or (talk.sought is None and asked_of_past(talk.view, utterance)):
        told = [m for m in appointment_moments(talk.view, utterance) if m.has_clock]
        talk.standing += [m for m in told if not any(_is_same(talk, m, offer) for offer in talk.offers)]
    talk.standing += [m for m in talk.view.moments(utterance) if m.has_clock and was_to_come(talk.data, m)]
    recent = utterance.index - talk.offered_at <= 2 * ANSWER_TURNS
    if recent and (talk.offers or talk.refused) and _takes_offer(talk, utterance):
        return
    talk.wish = wished(talk.view, talk.data, utterance, sought=talk.sought) or talk.wish


def _refuses_booking(talk: _Talk, booked: Appointment, utterance: Utterance) -> bool:
    """`woensdag om kwart voor vier is nog vrij` - `nee, dan heeft hij voetbal`: what the agent alone had settled."""
    if booked.by != "agent" or booked.agreed_at != utterance.index - 1:
        return False
    refuses = utterance.norms[0] in talk.view.lexicon.words("einde", "refusals") and len(utterance.norms) > 1
    named = [m for m in talk.view.moments(utterance) if _is_same(talk, m, booked.moment)]
    refuses = refuses or any(is_refused(talk.view, utterance, moment) for moment in named)
    asked = talk.view.utterances[booked.agreed_at].tokens[-1].after == "?"
    return refuses and not asked and not accepts(talk.view, utterance)


def _takes_offer(talk: _Talk, utterance: Utterance) -> bool:
    """The caller takes one of the offers, or may turn them down; `kan het later?`, `ik loop wel binnen` take none."""
    put = talk.offers or reconsidered(talk.view, talk.data, utterance, talk.refused)
    asks = asks_another(talk.view, utterance) or talk.view.finder.any(talk.data["stays_free"], utterance)
    chosen = chosen_offer(talk.view, utterance, put, talk.called_on) if put and not asks else None
    if chosen is not None and not countered(talk.view, talk.data, utterance, chosen, put, talk.refused):
        talk.settled = Appointment(chosen, utterance.index, (*talk.refused, *talk.offers), "offer")
        talk.sought = True
        return True
    if chosen is not None or turns_down(talk.view, utterance) or names_another(talk.view, utterance, talk.offers):
        talk.refused, talk.offers = [*talk.refused, *talk.offers], []
        talk.sought = True if chosen is not None else talk.sought
    return False


def _stands(talk: _Talk, moment: Moment) -> bool:
    """The moment is one of those that stand: the same clock time on what can be the same day."""
    return any(
        moment.clock_min == other.clock_min and clash(moment, other, talk.called_on) is None for other in talk.standing
    )


def _put_anew(talk: _Talk, utterance: Utterance, settled: Appointment, said: list[Moment]) -> list[Moment]:
    """What the agent lets the caller choose anew from; not `woensdag elf uur, kunt u dinsdag ook?`."""
    if said and goes_on(talk.view, utterance, settled.agreed_at):
        return [*settled.offered, *said]
    if len(distinct(said)) < 2:
        return []
    kept = any(_is_same(talk, moment, settled.moment) for moment in appointment_moments(talk.view, utterance))
    asks = any(token.after == "?" for token in utterance.tokens) or talk.view.finder.any(talk.data["choice"], utterance)
    return said if alternatives(talk.view, utterance) or (asks and not kept) else []


def _is_same(talk: _Talk, moment: Moment, offer: Moment) -> bool:
    return is_same(moment, offer, talk.called_on)


def _changed(talk: _Talk, settled: Appointment, utterance: Utterance) -> Appointment:
    """`nee wacht, toch dinsdag`: the caller takes another moment after all."""
    view, called_on = talk.view, talk.called_on
    thinks = view.finder.any(talk.data["changes"], utterance)
    if thinks or asks_another(view, utterance):
        talk.reopened = utterance.index
    named = [m for m in view.moments(utterance) if m.has_day or m.has_clock]
    another = [m for m in named if clash(m, settled.moment, called_on) is not None]
    taken = None
    if talk.later and utterance.index - talk.later_at <= ANSWER_TURNS:
        # "dank u wel, tot maandag": what is true of the settled moment as well takes no other
        if another or not named or accepts(view, utterance):
            taken = chosen_offer(view, utterance, talk.later, called_on)
    elif another:
        taken = taken_instead(view, utterance, settled.moment, settled.offered, thinks=thinks)
    return settled if taken is None else _resettled(settled, taken, utterance.index)


def _resettled(settled: Appointment, moment: Moment, agreed_at: int) -> Appointment:
    return replace(settled, moment=moment, agreed_at=agreed_at, offered=settled.offered and (*settled.offered, moment))


def _put_later(talk: _Talk, settled: Appointment, utterance: Utterance, said: Sequence[Moment]) -> None:
    """`woensdag is net weg, donderdag om elf uur dan?`: the agent puts another moment, or states one put before."""
    new = [m.inherit(settled.moment) for m in said if clash(m, settled.moment, talk.called_on) is not None]
    if len(distinct(new)) != 1 or any(m.has_clock and _is_same(talk, m, settled.moment) for m in said):
        return  # "vrijdag elf uur, en maandag om acht uur kunt u de uitslag inzien"
    answer = talk.view.utterances[utterance.index - 1]
    if utterance.index - talk.later_at <= ANSWER_TURNS and any(_is_same(talk, new[0], m) for m in talk.later):
        if answer.role == "caller" and answer.tokens and not turns_down(talk.view, answer):
            talk.settled = _resettled(settled, talk.later[0], answer.index)
        return
    low, high = utterance.sentence_of(new[0].start)
    sentence = part(utterance, low, max(high, new[0].end))
    put = sentence.tokens[-1].after == "?" or talk.view.finder.any(talk.data["proposes"], sentence)
    sums_up = talk.view.finder.any(talk.view.lexicon.list("afspraken", "tasks", "sums_up"), sentence)
    asked = 0 <= utterance.index - talk.reopened <= ANSWER_TURNS and talk.reopened >= 0
    if (put or asked) and not sums_up and (asked or not books(talk.view, talk.data, utterance)):
        talk.later, talk.later_at = new, utterance.index
