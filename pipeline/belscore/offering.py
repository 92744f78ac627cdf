"""Whether the agent puts a moment to the caller, books several at once, or only tells of one.

Words: `situations/afspraak.toml` and `lexicon/afspraken.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from belscore.accepting import turns_down
from belscore.cues_in_turns import exactly
from belscore.diary import alternatives, appointment_moments, clause_around, distinct
from belscore.errands import tells_of_past
from belscore.language.moments import Moment, clash
from belscore.language.tokens import Utterance, part
from belscore.seeking import withdraws
from belscore.standing import stands_already
from belscore.view import CallView
from belscore.wishes import books

# A sentence with no more words than this around its moment is the moment: `en dinsdag om tien uur dan?`
ALONE_TOKENS = 3
# `is helaas al bezet`: so many words behind the moment.
TAKEN_REACH = 5


def is_proposed(view: CallView, data: Mapping[str, Any], moment: Moment) -> bool:
    """The agent puts the moment to the caller: one of two, asked, in a sentence that proposes, or as good as alone."""
    utterance = moment.utterance
    start, end = utterance.sentence_of(moment.start)
    end = max(end, moment.end)
    alone = end - start - (moment.end - moment.start) <= ALONE_TOKENS
    if alone or utterance.tokens[end - 1].after == "?" or alternatives(view, utterance):
        return True
    dated = [m for m in appointment_moments(view, utterance) if m.has_day and m.has_clock]
    if len(distinct(dated)) > 1:
        return True
    following = utterance.sentence_of(end)[1] if end < len(utterance.tokens) else end
    return view.finder.any(data["proposes"], part(utterance, start, following))


def is_told(view: CallView, data: Mapping[str, Any], moment: Moment, *, sought: bool | None) -> bool:
    """The agent tells of what stands already: said so, or in answer to a caller who seeks no appointment."""
    utterance = moment.utterance
    if alternatives(view, utterance):
        return False
    start, end = utterance.sentence_of(moment.start)
    sentence = part(utterance, start, max(end, moment.end))
    if view.finder.any(data["stands"], sentence) or tells_of_past(view, moment) or stands_already(view, moment):
        return True
    if sought or moment.until_min is not None:  # of stretches only those put to the caller come here
        return False
    if view.finder.any(data["elsewhere"], sentence) or _found(view, data, moment):
        return True
    proposed = view.finder.find(data["proposes"], sentence)
    told = [m for m in view.finder.find(data["told"], sentence) if m.start + start < moment.end]
    put = any(m.start >= told[-1].end and m.start + start < moment.start for m in proposed) if told else proposed
    return not put and bool(told or sought is False)


def _found(view: CallView, data: Mapping[str, Any], moment: Moment) -> bool:
    """`ik heb hem: dinsdag om tien uur`: what was looked up, right in front of its moment."""
    utterance = moment.utterance
    low, high = utterance.sentence_of(moment.start)
    front = part(utterance, low, moment.start)
    if not front.tokens or books(view, data, part(utterance, low, max(high, moment.end))):
        return False
    return any(match.end == len(front.tokens) for match in exactly(view, data["found"], front))


def is_usual(view: CallView, moment: Moment) -> bool:
    """`op dinsdag om acht uur is het meestal raak`: how it goes in general, nothing that is put to the caller."""
    utterance = moment.utterance
    low, high = utterance.sentence_of(moment.start)
    return not view.lexicon.words("afspraken", "usual").isdisjoint(utterance.norms[low : max(high, moment.end)])


def is_taken(view: CallView, moment: Moment) -> bool:
    """`tien over drie is bezet, maar om half vier is er plek`: said right behind it, in its own clause."""
    utterance = moment.utterance
    _, high = clause_around(utterance, moment)
    joins = view.lexicon.words("afspraken", "clause_joins")
    high = next((at for at in range(moment.end, high) if utterance.norms[at] in joins), high)
    said = frozenset(utterance.norms[moment.end : min(high, moment.end + TAKEN_REACH)])
    less = view.lexicon.negations.union(view.lexicon.list("afspraken", "taken", "less"))
    return not view.lexicon.words("afspraken", "taken").isdisjoint(said) and less.isdisjoint(said)


def books_all(view: CallView, data: Mapping[str, Any], utterance: Utterance, said: Sequence[Moment]) -> bool:
    """`dan plan ik u in op 2 maart om negen uur en 9 maart om negen uur`: several at once, without a choice."""
    offers = view.finder.any(data["proposes"], utterance)
    whole = all(moment.has_day for moment in said) and not offers
    return whole and not alternatives(view, utterance) and books(view, data, utterance)


def goes_on(view: CallView, utterance: Utterance, answered_at: int) -> bool:
    """`donderdag om half negen - ja? - of vrijdag om half vijf`: a bare word before it took nothing yet."""
    opens = utterance.norms[0] in view.lexicon.words("afspraken", "alternatives")
    if not opens and utterance.norms[0] in view.lexicon.list("afspraken", "alternatives", "goes_on"):
        before = [u for u in view.of("agent") if u.index < answered_at][-1:]
        opens = bool(view.find(view.lexicon.list("afspraken", "alternatives", "announced"), before))
    return opens and answered_at == utterance.index - 1 and len(view.utterances[answered_at].tokens) == 1


def settles(view: CallView, data: Mapping[str, Any], offers: Sequence[Moment], utterance: Utterance) -> bool:
    """Where one moment was put to the caller the agent books without naming it again, or parts until then."""
    if len(distinct(offers)) != 1:
        return False
    return books(view, data, utterance) or _parts_until(view, data, offers[-1], utterance)


def _parts_until(view: CallView, data: Mapping[str, Any], offer: Moment, utterance: Utterance) -> bool:
    """`kom om half twaalf - ik spring op de fiets - tot zo`: nobody asks, takes back or names another day."""
    answer = view.utterances[utterance.index - 1]
    if answer.role != "caller" or not answer.tokens or answer.tokens[-1].after == "?":
        return False
    if not view.finder.any(data["parts"], utterance) or withdraws(view, data, answer) or turns_down(view, answer):
        return False
    said = [*view.moments(utterance), *view.moments(answer)]
    return all(clash(moment, offer, view.called_on) is None for moment in said)
