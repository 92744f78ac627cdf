"""The moment a caller asks for, and whether the agent takes it. Words: `situations/afspraak.toml`, `chooses`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from belscore.accepting import accepts, tells_only, turns_down
from belscore.choosing import is_same
from belscore.cues_in_turns import clear_of
from belscore.diary import alternatives, appointment_moments, distinct, said_as_booked, tells_own_business
from belscore.language.moments import Moment, agrees, clash
from belscore.language.tokens import Utterance
from belscore.seeking import as_it_stands, asked_for, asked_of_past, was_to_come
from belscore.view import CallView

# An answer comes within so many turns.
ANSWER_TURNS = 2
# Of no more words than this a turn is nothing but its yes: `ja hoor`.
BARE_TOKENS = 2


def books(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> bool:
    """The agent says it is settled, and does not ask."""
    return utterance.tokens[-1].after != "?" and view.finder.any(data["book"], utterance)


def wished(view: CallView, data: Mapping[str, Any], utterance: Utterance, *, sought: bool | None) -> Moment | None:
    """A clock time the caller asks for, in talk about coming, that is not the agent's own words again."""
    said = [moment for moment in appointment_moments(view, utterance) if moment.has_clock]
    if not said or sought is False or asked_of_past(view, utterance):
        return None
    if view.finder.any(data["cancel"], utterance):
        said = [moment for moment in said if asked_for(view, data, moment)]
    echo = {
        moment.clock_min
        for earlier in view.utterances[max(0, utterance.index - ANSWER_TURNS) : utterance.index]
        if earlier.role == "agent"
        for moment in view.moments(earlier)
    }
    wanted = [moment for moment in said if moment.clock_min not in echo and not was_to_come(data, moment)]
    wanted = [m for m in wanted if asked_for(view, data, m) or not tells_own_business(view, m)]
    wanted = [moment for moment in wanted if not as_it_stands(view, data, moment)] or wanted
    before = [u for u in view.of("caller") if u.index <= utterance.index]
    about = sought or any(_about_coming(view, data, u) for u in before)
    return wanted[-1] if wanted and about else None


def _about_coming(view: CallView, data: Mapping[str, Any], utterance: Utterance) -> bool:
    """Words of appointments; not `die open plek`."""
    return bool(clear_of(view.finder.find(data["subject"], utterance), view.finder.find(data["not_sought"], utterance)))


def turns_since(view: CallView, since: Utterance, until: Utterance) -> int:
    """Turns from `since` up to `until`, without a look-up (`ik kijk even`) and what is said to that (`graag`)."""
    turns, looks = 0, False
    for each in view.utterances[since.index + 1 : until.index]:
        if each.role == "agent":
            lookups = view.lexicon.list("afspraken", "tasks", "lookups")
            looks = not view.moments(each) and view.finder.any(lookups, each)
        elif looks and each.role == "caller" and not view.moments(each):
            continue
        turns += not looks
    return turns + 1


def takes_wish(
    view: CallView, data: Mapping[str, Any], wish: Moment, utterance: Utterance, said: Sequence[Moment]
) -> bool:
    """The agent takes the moment the caller asked for, at once or with a slip.

    said : what the agent's turn puts
    """
    if turns_since(view, wish.utterance, utterance) > ANSWER_TURNS:
        return False
    return _grants(view, data, wish, utterance, said) or _grants_with_slip(view, data, wish, utterance, said)


def _grants(
    view: CallView, data: Mapping[str, Any], wish: Moment, utterance: Utterance, said: Sequence[Moment]
) -> bool:
    chooses, called_on = view.lexicon.table("afspraken", "chooses"), view.called_on
    if view.finder.any(chooses["agent_refuses"], utterance):
        return False
    if said:
        others = [m for m in said if clash(m, wish, called_on) is not None]
        if alternatives(view, utterance) and others and not books(view, data, utterance):
            return False  # "negen uur is net weg, ik heb kwart voor twaalf of woensdag negen uur"
        return any(agrees(m, wish, called_on) for m in said)
    if view.finder.any(chooses["agent_accepts"], utterance):
        return True
    bare = len(utterance.tokens) <= BARE_TOKENS and utterance.index not in view.hums
    return bare and any(match.start == 0 for match in view.finder.find(chooses["grants"], utterance))


def _grants_with_slip(
    view: CallView, data: Mapping[str, Any], wish: Moment, utterance: Utterance, said: Sequence[Moment]
) -> bool:
    """`kan het dinsdag om acht uur? - jazeker, dan zet ik u dinsdag om negen uur`: granted, and then said wrong.

    Day or time is right, and it is booked, or said as the booked one in a sentence of its own.
    """
    if len(distinct(said)) != 1 or not wish.has_day:
        return False
    chooses, called_on = view.lexicon.table("afspraken", "chooses"), view.called_on
    grants = [match for match in view.finder.find(chooses["grants"], utterance) if match.start == 0]
    if not grants or view.finder.any((*chooses["agent_refuses"], *chooses["counters"]), utterance):
        return False
    low, high = utterance.sentence_of(said[0].start)
    own_sentence = low > 0 and utterance.tokens[high - 1].after == "." and said_as_booked(view, said[0])
    on_day = agrees(said[0], replace(wish, clock_min=None, afternoon=None, daypart=None), called_on)
    at_time = own_sentence and said[0].clock_min == wish.clock_min
    return (on_day or at_time) and (own_sentence or books(view, data, utterance))


def countered(
    view: CallView,
    data: Mapping[str, Any],
    utterance: Utterance,
    chosen: Moment,
    offers: Sequence[Moment],
    refused: Sequence[Moment],
) -> bool:
    """`dinsdag ook werken, alleen vrijdag heb ik vrij` - `vrijdag om tien uur dan`: nothing was taken yet.

    The caller names a day that none of the offers has, and the agent's next moment is on it; or the caller only told
    something of the day, and the agent puts another moment, that differs in all or that the caller then takes.
    """
    called_on = view.called_on
    following = view.utterances[utterance.index + 1 : utterance.index + 1 + ANSWER_TURNS]
    stating = next((each for each in following if each.role == "agent" and each.tokens), None)
    put = [m for m in appointment_moments(view, stating) if m.has_clock] if stating else []
    if stating is None or not put or any(clash(m, chosen, called_on) is None for m in put):
        return False
    named = [moment for moment in view.moments(utterance) if moment.has_day]
    others = [m for m in named if all(clash(m, offer, called_on) in ("weekday", "date") for offer in offers)]
    days = [replace(moment, clock_min=None, other_min=None) for moment in others]
    if any(is_same(m, day, called_on) for m in put for day in days):
        return True
    sums_up = view.lexicon.list("afspraken", "tasks", "sums_up")
    if books(view, data, stating) or view.finder.any(sums_up, stating) or not tells_only(view, utterance):
        return False
    known = [*refused, *offers]
    other_day = all(clash(replace(m, clock_min=None, other_min=None), chosen, called_on) for m in put)
    if other_day and all(clash(m, o, called_on) and m.clock_min != o.clock_min for m in put for o in known):
        return True
    if not other_day and all(m.clock_min != chosen.clock_min for m in view.moments(utterance)):
        return False  # the hour was not what the caller told of: "dinsdag rijdt mijn man - dinsdag om drie uur dan"
    answer = next((u for u in view.of("caller") if u.index > stating.index and u.tokens), None)
    return answer is not None and accepts(view, answer)


def reconsidered(
    view: CallView, data: Mapping[str, Any], utterance: Utterance, refused: Sequence[Moment]
) -> Sequence[Moment]:
    """`word ik gedruppeld? dan mag ik niet rijden - ja - dan die dinsdag`: what only seemed turned down, in a question.

    Those of which the caller names the day or time, where the agent then books and adds no date.
    """
    if not refused:
        return ()
    following = view.utterances[utterance.index + 1 : utterance.index + 1 + ANSWER_TURNS]
    stating = next((each for each in following if each.role == "agent" and each.tokens), None)
    if stating is None or not books(view, data, stating):
        return ()
    since = [u for u in view.of("caller") if refused[-1].utterance.index < u.index < utterance.index and u.tokens]
    if any(turns_down(view, u) and not view.asking.questions(u) for u in since):
        return ()
    put = [m for m in appointment_moments(view, stating) if m.has_clock]
    named = [moment for moment in view.moments(utterance) if moment.has_day or moment.has_clock]
    fitting = [offer for offer in refused if any(is_same(moment, offer, view.called_on) for moment in named)]
    return [offer for offer in fitting if all(m.day is None or m.day == offer.day for m in put)]
