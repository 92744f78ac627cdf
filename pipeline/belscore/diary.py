"""Which moments of an utterance can be an appointment, stretches for a visit (`tussen acht en tien`) among them.

Words: `lexicon/afspraken.toml` and `situations/afspraak.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from belscore.cues_in_turns import clear_of, exactly
from belscore.given_up import gives_up
from belscore.language.moments import Moment, agrees
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

CLAUSE_BEFORE = 7
CLAUSE_AFTER = 5
# `en` stands between the two times of a stretch.
JOINER_TOKENS = 1
# A sentence with no more words than this around its stretch is the stretch: `dinsdag tussen tien en elf dan`.
ALONE_TOKENS = 3
# Behind a moment within so many tokens it is said that somebody rings then.
CONTACT_REACH = 8
# Words that refuse a moment stand this close to it.
REFUSAL_TOKENS = 5


def appointment_moments(view: CallView, utterance: Utterance) -> list[Moment]:
    """Moments of an utterance that can be an appointment: no bound, and no clause about other business.

    Of stretches only those that the agent puts to the caller.
    """
    known = utterance.notes.get(appointment_moments)
    if not isinstance(known, tuple):
        known = utterance.notes[appointment_moments] = tuple(_for_appointments(view, utterance))
    return list(known)


def _for_appointments(view: CallView, utterance: Utterance) -> list[Moment]:
    said = [m for m in joined(view, utterance) if not about_other_business(view, m)]
    ours = utterance.role == "agent"
    return [m for m in said if not m.bound or (ours and m.until_min is not None and _put_to_caller(view, m))]


def about_other_business(view: CallView, moment: Moment) -> bool:
    """The clause around the moment is about a call, opening hours, collecting, medicine or the past."""
    utterance = moment.utterance
    if _is_deadline(view, moment):
        return True
    low, _ = utterance.sentence_of(moment.start)
    _, high = utterance.sentence_of(moment.end - 1)
    other, past = view.lexicon.words("afspraken", "other_business"), view.lexicon.words("afspraken", "past")
    formal = view.lexicon.words("aanspreekvorm", "formal")  # "wat goed dat u belt" is about this call
    joins, speakers = view.lexicon.words("afspraken", "clause_joins"), view.lexicon.words("aanspreekvorm", "speakers")
    clauses = [
        at
        for at, (norm, behind) in enumerate(pairwise(utterance.norms))
        if norm in joins and (behind in speakers or behind in formal)
    ]
    low = max([low, *(at for at in clauses if at < moment.start)])
    high = min([high, *(at for at in clauses if at >= moment.end)])
    asked = view.finder.find(view.lexicon.list("afspraken", "clause_joins", "asks_after"), utterance)
    reasons = view.lexicon.words("afspraken", "reasons")
    subordinates = view.lexicon.words("afspraken", "clause_joins", "subordinates")
    behind = enumerate(utterance.norms[moment.end : high], moment.end)
    high = next((at for at, norm in behind if norm in reasons or norm in subordinates), high)
    begins = min([moment.start, *(match.start for match in asked if low <= match.start < match.end <= moment.start)])
    said = [
        at
        for at in range(max(low, begins - CLAUSE_BEFORE), min(high, moment.end + CLAUSE_AFTER))
        if utterance.norms[at] in past
        or (utterance.norms[at] in other and (at == 0 or utterance.norms[at - 1] not in formal))
        or (utterance.norms[at] in other and not speakers.isdisjoint(utterance.norms[max(0, at - 2) : at - 1]))
    ]
    if said and not gives_up(view, moment):  # "de tiende vervalt, en dan komt u de zestiende om half vijf"
        dropped = view.lexicon.words("afspraken", "dropped")
        said = [at for at in said if utterance.norms[at] not in dropped]
    if said:
        brought = exactly(view, view.lexicon.list("afspraken", "clause_joins", "brings_in"), utterance)
        said = [at for at in said if not any(match.start <= at < match.end for match in brought)]
        said = [at for at in said if not _comes_so(view, moment, at)]
    if not said or said[0] < moment.start:
        return bool(said)
    compared = view.finder.find(view.lexicon.list("afspraken", "clause_joins", "compares"), utterance)
    return not any(moment.end <= match.start < said[0] for match in compared)


def _comes_so(view: CallView, moment: Moment, at: int) -> bool:
    """`maandag om tien over negen bij Mo, nuchter`: how one comes then; not `om acht uur moet u nuchter zijn`."""
    norms = moment.utterance.norms
    if at < moment.end or norms[at] not in view.lexicon.words("afspraken", "clause_joins", "comes_so"):
        return False
    state = view.lexicon.words("afspraken", "clause_joins", "state")
    return not moment.bound and state.isdisjoint(norms[moment.end : at + 2])


def _is_deadline(view: CallView, moment: Moment) -> bool:
    """`wijzigen kan tot maandag vijf uur`: up to when something can be changed."""
    utterance = moment.utterance
    if utterance.norms[max(0, moment.start - 1)] not in view.lexicon.table("waarden", "clock")["bounds"]:
        return False
    low, high = utterance.sentence_of(moment.start)
    said = utterance.norms[
        max(low, moment.start - CLAUSE_BEFORE) : min(max(high, moment.end), moment.end + CLAUSE_AFTER)
    ]
    return not view.lexicon.words("afspraken", "deadline").isdisjoint(said)


def said_as_booked(view: CallView, moment: Moment) -> bool:
    """The moment is said as the booked one: in a sentence that books, or as good as alone in its sentence."""
    if (moment.bound and moment.until_min is None) or about_other_business(view, moment) or _of_contact(view, moment):
        return False
    utterance = moment.utterance
    start, end = utterance.sentence_of(moment.start)
    if _of_standing(view, moment, start, end):
        return False
    rest = (end - start) - (moment.end - moment.start)
    if utterance.norms[start] in view.lexicon.words("afspraken", "opens_booking") and moment.has_clock:
        return True
    words = view.lexicon.list("afspraken", "booking_context")
    if view.finder.any(words, part(utterance, start, max(end, moment.end))):
        return True
    # "werk ze morgen!", "succes vandaag": a day beside a word of substance is wished or told of.
    beside = (*utterance.norms[start : moment.start], *utterance.norms[moment.end : end])
    named = view.lexicon.idle.difference(view.lexicon.table("waarden", "days")["wishes"]).issuperset(beside)
    return rest <= ALONE_TOKENS and (moment.has_clock or named)


def is_stated(view: CallView, moment: Moment) -> bool:
    """Said as the booked one, or with hardly a word beside it: `Jorn om kwart voor drie, met de tand in de melk`."""
    low, high = clause_around(moment.utterance, moment)
    alone = moment.has_clock and not moment.bound and high - low - (moment.end - moment.start) <= ALONE_TOKENS
    return alone or said_as_booked(view, moment)


def _of_standing(view: CallView, moment: Moment, start: int, end: int) -> bool:
    """`op uw eigen afspraak, die van twintig oktober`: which appointment is meant, not that it is booked."""
    if moment.has_clock or moment.day is None or start == moment.start:
        return False
    stands = view.lexicon.list("afspraken", "booking_context", "stands")
    books, sentence = view.knowledge.situations["afspraak"]["book"], part(moment.utterance, start, max(end, moment.end))
    return view.finder.any(stands, part(sentence, 0, moment.start - start)) and not view.finder.any(books, sentence)


def _of_contact(view: CallView, moment: Moment) -> bool:
    """`en morgenochtend krijgt u mij aan de telefoon`: what happens then is a call."""
    utterance = moment.utterance
    _, high = utterance.sentence_of(moment.end - 1)
    starts = [other.start for other in view.moments(utterance) if other.start >= moment.end]
    behind = utterance.norms[moment.end : min([high, moment.end + CONTACT_REACH, *starts])]
    return not view.lexicon.words("afspraken", "contact").isdisjoint(behind)


def joined(view: CallView, utterance: Utterance) -> list[Moment]:
    """The moments of an utterance, the two times of `tussen tien en elf` made one with `until_min`."""
    said = view.moments(utterance)
    if len(said) < 2:
        return list(said)
    between = view.lexicon.table("waarden", "clock")["between"]
    found: list[Moment] = []
    for moment in said:
        opens = found[-1] if found else None
        same = opens is not None and opens.bound == moment.bound == between and opens.until_min is None
        if opens is not None and same and moment.start - opens.end <= JOINER_TOKENS:
            found[-1] = replace(opens, end=moment.end, until_min=moment.clock_min)
        else:
            found.append(moment)
    return found


def next_offers(view: CallView, utterance: Utterance, offers: Sequence[Moment]) -> list[Moment]:
    """Stretches as good as alone in their sentence, after another one was put to the caller."""
    if not any(offer.until_min is not None for offer in offers):
        return []
    stretches = [m for m in joined(view, utterance) if m.until_min is not None and not about_other_business(view, m)]
    return [moment for moment in stretches if _words_around(moment) <= ALONE_TOKENS]


def _words_around(moment: Moment) -> int:
    start, end = moment.utterance.sentence_of(moment.start)
    return max(end, moment.end) - start - (moment.end - moment.start)


def _put_to_caller(view: CallView, moment: Moment) -> bool:
    """A stretch that the caller may take or refuse; `de bezorger komt tussen twee en vier` is only told."""
    data = view.knowledge.situations["afspraak"]
    start, end = moment.utterance.sentence_of(moment.start)
    sentence = part(moment.utterance, start, end)
    if _is_bare_choice(view, moment):
        return True
    asks = view.finder.any(data["visit_asks"], sentence) and view.finder.any(data["visit_comes"], sentence)
    return (asks or view.finder.any(data["visits"], sentence)) and not view.finder.any(data["walk_in"], sentence)


def alternatives(view: CallView, utterance: Utterance) -> bool:
    """`dinsdag om tien uur of woensdag om drie uur`: two moments with `of` between them."""
    timed = [moment for moment in appointment_moments(view, utterance) if moment.has_clock]
    joins = view.lexicon.words("afspraken", "alternatives")
    return any(
        not joins.isdisjoint(utterance.norms[one.end : other.start]) and len(distinct([one, other])) > 1
        for one, other in pairwise(timed)
    )


def dated_offers(view: CallView, utterance: Utterance) -> list[Moment]:
    """`dinsdag 9 juni ... of donderdag 11 juni ...`: days to choose from, by weekday and date; [] for fewer than two.

    With a date beside the weekday it is no `dinsdag of donderdag, dat weet ik niet`; the times may have been misheard.
    """
    said = [m for m in joined(view, utterance) if not about_other_business(view, m)]
    dated = [m for m in said if m.weekday is not None and m.day is not None]
    joins = view.lexicon.words("afspraken", "alternatives")
    put = any(not joins.isdisjoint(utterance.norms[one.end : other.start]) for one, other in pairwise(dated))
    return dated if put and len(distinct(dated)) > 1 else []


def distinct(said: Sequence[Moment]) -> set[tuple[int | None, ...]]:
    """Moments by their values: how many differ."""
    return {(moment.clock_min, moment.weekday, moment.day, moment.in_days) for moment in said}


def is_refused(view: CallView, utterance: Utterance, moment: Moment) -> bool:
    """`donderdag moet ik oppassen`, `dinsdag kan ik niet`, `niet op maandag`, `ik moet werken morgen`."""
    low, high = clause_around(utterance, moment)
    tail = part(utterance, moment.end, min(moment.end + REFUSAL_TOKENS, high))
    if any(match.start <= 1 for match in refusals(view, tail)) or _busy_then(view, utterance, moment):
        return True
    if _thrown_back(view, utterance, moment):
        return True
    head = part(utterance, max(low, moment.start - REFUSAL_TOKENS), moment.start)
    if not view.lexicon.words("afspraken", "turning").isdisjoint(head.norms[-1:]):
        return False
    if not view.lexicon.negations.isdisjoint(head.norms[-2:]):
        return True
    return moment.end == high and any(match.end >= len(head.tokens) - 1 for match in refusals(view, head))


def _thrown_back(view: CallView, utterance: Utterance, moment: Moment) -> bool:
    """`maandag? ik wil ze vandaag!`: said after in a question of its own, with a no or another day behind it."""
    low, high = utterance.sentence_of(moment.end - 1)
    if utterance.tokens[high - 1].after != "?" or high == len(utterance.tokens):
        return False
    beside = (*utterance.norms[low : moment.start], *utterance.norms[moment.end : high])
    rest, chooses = part(utterance, high, len(utterance.tokens)), view.lexicon.table("afspraken", "chooses")
    plain = view.lexicon.idle.union(chooses["beside_echo"])
    if not plain.issuperset(beside) or view.finder.any((*chooses["accepts"], *chooses["takes"]), rest):
        return False
    other = [m for m in view.moments(utterance) if m.start >= high and (m.has_day or m.daypart is not None)]
    wanted = any(not agrees(m, moment, view.called_on) for m in other)
    return wanted or utterance.norms[high] in view.lexicon.words("einde", "refusals")


def tells_of_day(view: CallView, utterance: Utterance, moment: Moment) -> bool:
    """`woensdag heeft hij voetbal`: what is on that day, a reason for it or against it."""
    persons = view.lexicon.words("afspraken", "busy")
    if persons.isdisjoint(utterance.norms[moment.end + 1 : moment.end + 2]):
        return False
    free = view.lexicon.list("afspraken", "busy", "free")
    if not set(free).isdisjoint(utterance.norms[moment.end : moment.end + REFUSAL_TOKENS]):
        return False
    chooses = view.lexicon.table("afspraken", "chooses")
    return not view.finder.any((*chooses["accepts"], *chooses["takes"]), utterance)


def tells_own_business(view: CallView, moment: Moment) -> bool:
    """`zijn zoon komt om tien uur`, `ik heb om negen uur de volgende`: what happens then, where nothing is asked.

    Not `dan komt hij om tien uur`, which concludes.
    """
    utterance, busy = moment.utterance, view.lexicon.table("afspraken", "busy")
    low, high = clause_around(utterance, moment)
    joins = view.lexicon.words("afspraken", "clause_joins")
    low = max([low, *(at + 1 for at in range(low, moment.start) if utterance.norms[at] in joins)])
    clause = utterance.norms[low:high]
    if not set(busy["rides"]).isdisjoint(clause):
        return True
    chooses = view.lexicon.table("afspraken", "chooses")
    asks = not set(busy["asks"]).isdisjoint(clause) or clause[0] in busy["concludes"]
    if asks or view.finder.any((*chooses["accepts"], *chooses["takes"]), part(utterance, low, high)):
        return False
    told = (busy["verbs_of_theirs"], busy["they"]), (busy["verbs_of_ours"], busy["we"])
    return any(_is_said_of(verbs, subjects, clause, at) for verbs, subjects in told for at in range(len(clause)))


def _is_said_of(verbs: Sequence[str], subjects: Sequence[str], clause: Sequence[str], at: int) -> bool:
    """A verb with its subject in front, a noun perhaps between (`mijn zoon komt`), or right behind."""
    return clause[at] in verbs and not set(subjects).isdisjoint(
        (*clause[max(0, at - 2) : at], *clause[at + 1 : at + 2])
    )


def _busy_then(view: CallView, utterance: Utterance, moment: Moment) -> bool:
    """`nee joh, vrijdag breng ik mijn kleintje naar zwemles`: what the caller does then, behind words of refusal."""
    persons = view.lexicon.words("afspraken", "busy")
    if persons.isdisjoint(utterance.norms[moment.end + 1 : moment.end + 2]):
        return False
    opens = view.lexicon.list("afspraken", "busy", "opens")
    free = view.lexicon.list("afspraken", "busy", "free")
    behind = utterance.norms[moment.end : moment.end + REFUSAL_TOKENS]
    refuses = utterance.norms[0] in opens or utterance.norms[utterance.sentence_of(moment.start)[0]] in opens
    return refuses and set(free).isdisjoint(behind)


def refusals(view: CallView, utterance: Utterance) -> list[Match]:
    """What refuses an offer; `maakt me niet uit` and `niet erg` do not."""
    chooses = view.lexicon.table("afspraken", "chooses")
    found = view.finder.find(chooses["refuses"], utterance)
    return clear_of(found, exactly(view, chooses["not_refused"], utterance)) if found else []


def clause_around(utterance: Utterance, moment: Moment) -> tuple[int, int]:
    """Tokens of the clause around a moment: up to the next punctuation on either side."""
    low, high = moment.start, moment.end
    while low > 0 and not utterance.tokens[low - 1].after:
        low -= 1
    while high < len(utterance.tokens) and not utterance.tokens[high - 1].after:
        high += 1
    return low, high


def _is_bare_choice(view: CallView, moment: Moment) -> bool:
    """`overmorgen tussen acht en tien, of vrijdag tussen een en drie`: two stretches with `of`, alone or proposed."""
    start, end = moment.utterance.sentence_of(moment.start)
    stretches = [m for m in joined(view, moment.utterance) if m.until_min is not None and start <= m.start < end]
    joins = view.lexicon.words("afspraken", "alternatives")
    rest = end - start - sum(m.end - m.start for m in stretches)
    between = any(not joins.isdisjoint(moment.utterance.norms[a.end : b.start]) for a, b in pairwise(stretches))
    data = view.knowledge.situations["afspraak"]
    sentence = part(moment.utterance, start, end)
    comes = view.finder.any(data["proposes"], sentence) and not view.finder.any(data["walk_in"], sentence)
    return between and (rest <= ALONE_TOKENS or comes)
