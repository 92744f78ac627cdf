"""What was offered, told again: it says what was agreed, and nothing of what happened to the caller."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.agreed_account import happened
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.solutions import Solution, commitments, find_solutions, tells_past, told_ahead
from belscore.view import CallView

LEXICON = "luisteren"
# So close behind `ik noteer` stands the colon (read as a comma), or `dat`. Own values.
NOTE_REACH = 5
# And so close behind a person what became of them.
PAST_REACH = 8


def offering_turns(view: CallView, since_s: float) -> list[Utterance]:
    """The agent's turns since then with a solution: a firm one, or one that says by when."""
    found = [each for each in find_solutions(view, since_s) if not each.vague]
    offered = {each.utterance.index for each in found if each.firm or _says_when(view, each)}
    later = [u for u in view.spoken("agent") if u.turn.start_s >= since_s]
    return [u for u in later if u.index in offered or told_ahead(view, u)]


def _says_when(view: CallView, solution: Solution) -> bool:
    """By a binding term in it, or in a sentence beside it: `ik zet er spoed op. Ze liggen na twee uur klaar`."""
    utterance = solution.utterance
    if told_ahead(view, utterance, for_caller=False):
        return True
    low, high = utterance.sentence_of(solution.start)
    return utterance.tokens[high - 1].after != "?" and view.terms.hard_in(utterance, low, high) is not None


def agreed_places(view: CallView, utterance: Utterance, offers: Sequence[Utterance]) -> set[int]:
    """Tokens that say again what was offered: the values, and sentences of what will happen."""
    if not offers:
        return set()
    agreed = {
        at
        for value in view.values(utterance)
        for at in range(value.start, value.end)
        if not tells_past(view, utterance.norms[slice(*utterance.sentence_of(at))])
    }
    return agreed.union(*(range(*span) for span in told_ahead(view, utterance, for_caller=False)))


def taken_on_again(view: CallView, utterance: Utterance, offers: Sequence[Utterance]) -> set[int]:
    """Tokens from where the agent takes something on to the end of the sentence: `samengevat: ik mail ze vandaag`."""
    starts = commitments(view, utterance) if offers else ()
    spans = [(start, *utterance.sentence_of(start)) for start in starts]
    ahead = [(start, high) for start, low, high in spans if not tells_past(view, utterance.norms[low:high])]
    return {at for start, high in ahead for at in range(start, high)}


def takes_nothing_on(view: CallView, utterance: Utterance, at: int) -> bool:
    """`ik noteer dat ...`, `ik leg het naast elkaar`, `de bezorger is weggebleven`: heard from the caller."""
    _, high = utterance.sentence_of(at)
    norms, near = utterance.norms, range(at, min(high, at + NOTE_REACH))
    if view.lexicon.words("oplossing", "speakers").isdisjoint(norms[at : at + 2]):
        return happened(view, norms[at : min(high, at + PAST_REACH)])
    if not view.lexicon.words(LEXICON, "notes", "lays").isdisjoint(norms[at : at + 2]):
        laid_out = view.finder.find(view.lexicon.list(LEXICON, "notes", "lays_out"), utterance)
        if any(match.start in (at, at + 1) for match in laid_out):
            return True
    if view.lexicon.words(LEXICON, "notes").isdisjoint(norms[at : at + 2]):
        return False
    opens = view.lexicon.words(LEXICON, "notes", "opens")
    return any(utterance.tokens[i].after == "," or norms[i] in opens for i in near)


def lies_ahead(view: CallView, utterance: Utterance, markers: Sequence[Match]) -> bool:
    """`dus die brief gaat nu weg en vanmiddag belt u de poli`: a moment ahead, nothing amiss, no duty of the caller."""
    no = view.lexicon.words(LEXICON, "amiss") | view.lexicon.words("oplossing", "ahead", "not_told")
    no |= view.lexicon.negations
    spans = {utterance.sentence_of(match.start) for match in markers}
    plain = [(low, high) for low, high in spans if no.isdisjoint(utterance.norms[low:high])]
    return any(view.terms.hard_in(utterance, low, high) is not None for low, high in plain)


def marks_moment(view: CallView, match: Match) -> bool:
    """`dinsdag om drie uur dus`: the word stands behind a moment that opens the sentence, which tells nothing past."""
    low, high = match.utterance.sentence_of(match.start)
    no = view.lexicon.words(LEXICON, "amiss") | view.lexicon.negations
    norms = match.utterance.norms[low:high]
    if match.start == low or not no.isdisjoint(norms) or tells_past(view, norms):
        return False
    opening = view.lexicon.words("vragen", "leads") | view.lexicon.words("vragen", "open_prefixes")
    ends = {m.end: m.start for m in view.moments(match.utterance) if m.has_day or m.has_clock}
    start = ends.get(match.start)
    return start is not None and (opening | view.lexicon.fillers).issuperset(match.utterance.norms[low:start])
