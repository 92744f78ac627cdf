"""What the agent does about a problem: offers, promises and arrangements, in whatever words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from belscore.asking import is_participle
from belscore.language.moments import Moment
from belscore.language.tokens import Utterance
from belscore.scorecard import Evidence
from belscore.view import CallView

# Behind the verb a negation this near turns it down: "ik regel dat niet".
NEGATION_REACH = 3
# How far behind "doorgeven" or before it the person stands it is handed to.
WHOM_REACH = 7
# Own value: so far behind `ik zal` its verb may stand, and an adverb such as `een keer`.
VERB_REACH = 7
# A question without its mark has no more in front of it than `en` or `o ja`.
ASKED_REACH = 2
LEXICON = "oplossing"
MIN_VERB_LETTERS = 3
# `altijd` this close to a verb of doing makes it a habit.
HABIT_REACH = 3
# A negation so close behind what somebody else does denies it.
DENIAL_REACH = 2
# `ik trommel even meteen iemand op`: so close behind the verb it is said that it is done at once.
AT_ONCE_REACH = 3


@dataclass(frozen=True, slots=True)
class Solution:
    """Tokens start..end of an utterance that say what is done.

    vague : it is only handed on
    firm  : no mere looking up, which can come before anything is offered
    """

    utterance: Utterance
    start: int
    end: int
    vague: bool = False
    firm: bool = True

    @property
    def evidence(self) -> Evidence:
        tokens = self.utterance.tokens
        low, high = self.utterance.sentence_of(self.start)
        return Evidence("agent", tokens[low].start_s, tokens[high - 1].end_s, self.utterance.quote(low, high))


def find_solutions(view: CallView, since_s: float) -> list[Solution]:
    """Everything the agent takes on or offers in turns that start at `since_s` or later, in order."""
    found: list[Solution] = []
    for utterance in view.spoken("agent"):
        if utterance.turn.start_s >= since_s:
            known = utterance.notes.get(find_solutions)
            if not isinstance(known, list):
                known = sorted(_in_utterance(view, utterance), key=lambda solution: solution.start)
                utterance.notes[find_solutions] = known
            found += known
    return found


def _in_utterance(view: CallView, utterance: Utterance) -> Iterator[Solution]:
    lexicon = view.lexicon
    empty = _empty(view, utterance)
    limits = view.finder.find(lexicon.list(LEXICON, "vague", "limits"), utterance)
    for match in view.finder.find(lexicon.list(LEXICON, "vague"), utterance):
        least = any(each.start <= match.start < each.end for each in limits)
        clear = _has_whom if least else _has_whom_or_when
        yield Solution(utterance, match.start, match.end, vague=not clear(view, utterance, match.start))
    yield from _arranged(view, utterance)
    looking_up = lexicon.words(LEXICON, "looking_up")
    tells = _spans(view, utterance, "tells")
    for at in _taken_on(view, utterance):
        if _covered(at, at + 2, empty):
            continue
        firm = looking_up.isdisjoint(utterance.norms[at : at + 2])
        vague = _only_told(view, utterance, at, tells) or (not firm and _some_day(view, utterance, at))
        yield Solution(utterance, at, at + 2, vague=vague and not _has_whom_or_when(view, utterance, at + 1), firm=firm)
    for at in _sets_to(view, utterance):
        if not _covered(at, at + 2, empty):
            yield Solution(utterance, at, at + 2, firm=False)
    for low, _ in told_ahead(view, utterance):
        if not _covered(low, low + 1, empty):
            yield Solution(utterance, low, low + 1, firm=False)
    for moment in view.moments(utterance):
        if moment.has_clock and _offers(view, moment) and not _covered(moment.start, moment.end, empty):
            yield Solution(utterance, moment.start, moment.end, firm=_is_offered(view, moment))


def told_ahead(view: CallView, utterance: Utterance, *, for_caller: bool = True) -> list[tuple[int, int]]:
    """Sentences that tell what will happen for the caller, and by when: `die staat vrijdag weer op uw rekening`.

    None that asks or denies, and none of what was, of opening hours or of what the caller has to do.
    for_caller : only those that say for whom
    """
    key = (told_ahead, for_caller)
    known = utterance.notes.get(key)
    if not isinstance(known, list):
        known = utterance.notes[key] = _look_ahead(view, utterance, for_caller)
    return known


def _look_ahead(view: CallView, utterance: Utterance, for_caller: bool) -> list[tuple[int, int]]:
    table = view.lexicon.table(LEXICON, "ahead")
    whom, not_told = view.lexicon.words(LEXICON, "ahead"), view.lexicon.words(LEXICON, "ahead", "not_told")
    found: list[tuple[int, int]] = []
    for low, high in utterance.sentences():
        norms = frozenset(utterance.norms[low:high])
        if utterance.tokens[high - 1].after == "?" or not not_told.isdisjoint(norms):
            continue
        if not view.lexicon.negations.isdisjoint(norms):
            continue
        if (for_caller and whom.isdisjoint(norms)) or tells_past(view, norms):
            continue
        theirs = any(low <= match.start < high for match in view.finder.find(table["caller_acts"], utterance))
        if theirs or view.terms.hard_in(utterance, low, high) is None:
            continue
        # unmarked: "is er in die zeven uur niemand bij u gekomen"
        if not any(q.start <= low + ASKED_REACH and high <= q.end for q in view.asking.questions(utterance)):
            found.append((low, high))
    return found


def tells_past(view: CallView, norms: Collection[str]) -> bool:
    """`u heeft twee keer gebeld`, `u stond voor de deur`: words of a sentence that tells what was."""
    if not view.lexicon.words(LEXICON, "ahead", "past").isdisjoint(norms):
        return True
    perfect = not view.lexicon.words(LEXICON, "ahead", "perfect").isdisjoint(norms)
    return perfect and any(is_participle(view.lexicon, norm) for norm in norms)


def _asked(utterance: Utterance, end: int) -> bool:
    """The sentence is a question that goes on behind the words: `heeft u tussendoor nog iets gehoord?`."""
    _, high = utterance.sentence_of(end - 1)
    return utterance.tokens[high - 1].after == "?"


def commitments(view: CallView, utterance: Utterance) -> list[int]:
    """Tokens at which the agent takes something on or arranges it, in order: `ik bel`, not `zouden wij bellen`."""
    past = view.lexicon.words(LEXICON, "past")
    taken = [at for at in _taken_on(view, utterance) if not at or utterance.norms[at - 1] not in past]
    return sorted([*taken, *(solution.start for solution in _arranged(view, utterance))])


def _arranged(view: CallView, utterance: Utterance) -> Iterator[Solution]:
    """What is arranged in any other words, by `arranges` of the lexicon."""
    arranged = view.finder.find(view.lexicon.list(LEXICON, "arranges"), utterance)
    if not arranged:
        return
    empty = _empty(view, utterance)
    tells = [*_spans(view, utterance, "tells"), *_spans(view, utterance, "later")]
    looking_up = view.lexicon.words(LEXICON, "looking_up")
    for match in arranged:
        negated = not view.lexicon.negations.isdisjoint(utterance.norms[match.start : match.end])
        written = not view.lexicon.negations.isdisjoint(match.phrase.words)
        if not written and _does_not(view, utterance, match.end):
            continue
        if not _covered(match.start, match.end, empty) and (written or not negated):
            weak = utterance.norms[match.end - 1] in looking_up and _some_day(view, utterance, match.start)
            vague = weak or _covered(match.start, match.end, tells)
            vague = vague and not _has_whom_or_when(view, utterance, match.end - 1)
            yield Solution(utterance, match.start, match.end, vague=vague, firm=not _asked(utterance, match.end))


def _does_not(view: CallView, utterance: Utterance, end: int) -> bool:
    """`de zuster is dus niet geweest`: the words end with what somebody does, and right behind them it is denied."""
    if utterance.norms[end - 1] not in view.lexicon.words(LEXICON, "others_do"):
        return False
    behind = utterance.norms[end : min(end + DENIAL_REACH, utterance.sentence_of(end - 1)[1])]
    return not view.lexicon.negations.isdisjoint(behind)


def _empty(view: CallView, utterance: Utterance) -> list[tuple[int, int]]:
    """Where the words take nothing on after all."""
    return _spans(view, utterance, "empty")


def _spans(view: CallView, utterance: Utterance, key: str) -> list[tuple[int, int]]:
    """Where words of this list stand, exactly as written."""
    return [(m.start, m.end) for m in view.finder.find(view.lexicon.list(LEXICON, key), utterance) if m.cost == 0]


def _only_told(view: CallView, utterance: Utterance, at: int, tells: list[tuple[int, int]]) -> bool:
    """`ik zal het eens ter sprake brengen`: all that the auxiliary takes on is to tell somebody of it."""
    if not tells or view.lexicon.words(LEXICON, "auxiliaries").isdisjoint(utterance.norms[at : at + 2]):
        return False
    _, high = utterance.sentence_of(at)
    first = next((start for start, _ in tells if at + 2 <= start < min(high, at + 2 + VERB_REACH)), None)
    return first is not None and "en" not in utterance.norms[at + 2 : first]


def _some_day(view: CallView, utterance: Utterance, at: int) -> bool:
    """`ik ga er een keer naar kijken`: no moment, and none is meant; `nog een keer` is once more."""
    _, high = utterance.sentence_of(at)
    return any(
        at <= start < min(high, at + 2 + VERB_REACH) and utterance.norms[start - 1] != "nog"
        for start, _ in _spans(view, utterance, "some_day")
    )


def _taken_on(view: CallView, utterance: Utterance) -> Iterator[int]:
    """Where a speaker and a verb of doing stand side by side, not turned down and no question of fact."""
    norms = utterance.norms
    speakers = view.lexicon.words(LEXICON, "speakers")
    if speakers.isdisjoint(norms):
        return
    verbs = view.lexicon.words(LEXICON, "verbs")
    habit = view.lexicon.words(LEXICON, "habit")
    from_now = view.lexicon.words(LEXICON, "habit", "from_now")
    hours, looking_up = view.lexicon.words(LEXICON, "hours"), view.lexicon.words(LEXICON, "looking_up")
    infinitives = view.lexicon.words("vragen", "clusters")  # what an infinitive stands behind
    for at in range(len(norms) - 1):
        pair = (norms[at], norms[at + 1])
        if not ((pair[0] in speakers and pair[1] in verbs) or (pair[0] in verbs and pair[1] in speakers)):
            continue
        low, end = utterance.sentence_of(at)
        if pair[1] in speakers and at > low and norms[at - 1] in infinitives and pair[0].endswith("n"):
            continue  # "had u maar moeten kijken | we beginnen om negen uur"
        if not (hours.isdisjoint(norms[low:end]) or looking_up.isdisjoint(pair)):
            continue  # "wij gaan op donderdag pas om tien uur open"
        near = norms[max(low, at - HABIT_REACH) : min(end, at + 2 + HABIT_REACH)]
        if not habit.isdisjoint(near) and from_now.isdisjoint(near):
            continue
        if view.lexicon.negations.isdisjoint(norms[at + 2 : min(end, at + 2 + NEGATION_REACH)]):
            yield at


def _sets_to(view: CallView, utterance: Utterance) -> Iterator[int]:
    """Any other verb beside a speaker at the head of a clause, where it is said that it is done at once or to whom.

    `ik trommel meteen iemand op`: no list holds all verbs of doing, one holds the verbs that are none.
    """
    norms = utterance.norms
    speakers = view.lexicon.words(LEXICON, "speakers")
    if speakers.isdisjoint(norms):
        return
    no_verbs = (view.lexicon.idle, view.lexicon.words(LEXICON, "no_doing"), view.lexicon.negations, speakers)
    at_once = view.lexicon.words(LEXICON, "at_once")
    heads = view.lexicon.words(LEXICON, "heads")
    exclaim = view.lexicon.words("vragen", "open")
    for at in range(len(norms) - 1):
        if (norms[at] in speakers) == (norms[at + 1] in speakers):
            continue
        verb = norms[at + 1] if norms[at] in speakers else norms[at]
        low, high = utterance.sentence_of(at)
        if norms[at + 1] in speakers and at > low and norms[at - 1] in exclaim:
            continue  # "wat vervelend | ik snap dat u"
        heading = at == low or norms[at - 1] in heads or (norms[at] in speakers and utterance.tokens[at - 1].after)
        if not heading or len(verb) < MIN_VERB_LETTERS or utterance.tokens[high - 1].after == "?":
            continue
        if any(verb in words for words in no_verbs):
            continue
        behind = norms[at + 2 : min(high, at + 2 + AT_ONCE_REACH)]
        if view.lexicon.negations.isdisjoint(norms[low:high]) and not at_once.isdisjoint(behind):
            yield at


def _offers(view: CallView, moment: Moment) -> bool:
    """A clock time beside a word of offering (`u kunt om half twee komen`), or of the appointment that is made."""
    appointment = view.situations.appointment
    if appointment is not None and any(
        each.utterance.index == moment.utterance.index for each in (*appointment.offered, appointment.moment)
    ):
        return True
    low, _ = moment.utterance.sentence_of(moment.start)
    _, high = moment.utterance.sentence_of(moment.end - 1)
    norms = moment.utterance.norms[low:high]
    if not all(view.lexicon.words(LEXICON, general).isdisjoint(norms) for general in ("habit", "hours")):
        return False
    return not view.lexicon.words(LEXICON, "with_moment").isdisjoint(norms)


def _is_offered(view: CallView, moment: Moment) -> bool:
    """One of the moments offered for the appointment that is made."""
    appointment = view.situations.appointment
    return appointment is not None and any(
        each.utterance.index == moment.utterance.index for each in appointment.offered
    )


def _has_whom_or_when(view: CallView, utterance: Utterance, at: int) -> bool:
    low, high = utterance.sentence_of(at)
    timed = any(low <= moment.start < high for moment in view.moments(utterance))
    return timed or _has_whom(view, utterance, at)


def _has_whom(view: CallView, utterance: Utterance, at: int) -> bool:
    low, high = utterance.sentence_of(at)
    norms = utterance.norms[max(low, at - WHOM_REACH) : min(high, at + WHOM_REACH)]
    whom = view.lexicon.words(LEXICON, "whom")
    to = view.lexicon.words(LEXICON, "vague", "to_whom")
    titles = view.lexicon.words(LEXICON, "whom", "titles")
    first = max(low, at - WHOM_REACH)
    return any(
        norm in to
        and (
            not (whom.isdisjoint(norms[i + 1 : i + 4]) and titles.isdisjoint(norms[i + 1 : i + 2]))
            or _named(view, utterance, first + i + 1, high)
        )
        for i, norm in enumerate(norms)
    )


def _named(view: CallView, utterance: Utterance, at: int, high: int) -> bool:
    """`aan Marloes`: a name, by its capital or by who it is: `aan marloes dat is onze teamleider`."""
    if at >= high or utterance.norms[at] in view.lexicon.idle:
        return False
    is_whom = view.lexicon.words(LEXICON, "whom").intersection(utterance.norms[at + 1 : min(high, at + WHOM_REACH)])
    return bool(is_whom) or (view.cased and utterance.tokens[at].capital)


def _covered(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(low < end and start < high for low, high in spans)
