"""A complaint brought up beside something else: `mag ik nog iets zeggen van de vorige keer`.

What the agent offered for the other matter, and asked about it, has nothing to do with the complaint.
Words: `lexicon/luisteren.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from belscore.content import content_words
from belscore.cues_in_turns import exactly
from belscore.language.moments import Moment, agrees
from belscore.language.tokens import Utterance
from belscore.problems import told
from belscore.solutions import Solution, find_solutions
from belscore.view import CallView

LEXICON = "luisteren"


@dataclass(frozen=True, slots=True)
class Aside:
    """start : the caller's turn in which the complaint is told; end : the agent's that asks for the next matter."""

    start: Utterance
    end: Utterance | None

    def is_beside(self, view: CallView, utterance: Utterance) -> bool:
        """This turn of the agent is on another matter: it comes first, or behind the end with no word of the story."""
        if utterance.index < self.start.index:
            return True
        if self.end is None or utterance.index <= self.end.index:
            return False
        return content_words(view, [self.start]).isdisjoint(content_words(view, [utterance]))


def aside_of(view: CallView) -> Aside | None:
    """None where the complaint is what the caller rang about, or where that cannot be told."""
    if not view.situations.complaint:
        return None
    start = min(view.situations.complaint, key=lambda cue: cue.start_s).utterance
    before = [u for u in view.spoken("caller") if u.index < start.index]
    opens = view.lexicon.list(LEXICON, "aside")
    if not any(exactly(view, opens, u) for u in (*before[-1:], start)):
        return None
    asked = any(question.kind == "closed" for u in before for question in view.asking.questions(u))
    if not asked and not any(each.utterance.index < start.index for each in find_solutions(view, 0.0)):
        return None  # nothing was dealt with yet
    if any(match.utterance.index < start.index for match in told(view, "problem")):
        return None  # what is wrong was told from the start
    complained = {cue.utterance.index for cue in view.situations.complaint}
    asks = (u for u in view.spoken("agent") if u.index > start.index and moves_on(view, u))
    end = next((u for u in asks if all(index < u.index for index in complained)), None)
    return Aside(start, end)


def moves_on(view: CallView, said: Utterance) -> bool:
    """`wat stond er verder nog op uw lijstje?`"""
    return bool(exactly(view, view.lexicon.list(LEXICON, "aside", "moves_on"), said))


def for_complaint(view: CallView, aside: Aside, found: Sequence[Solution]) -> list[Solution]:
    """Solutions less those for the other matter: its appointment said again, and all that stands beside the story."""
    appointment = view.situations.appointment
    offered = () if appointment is None else (*appointment.offered, appointment.moment)
    booked = [moment for moment in offered if moment.utterance.index < aside.start.index]
    return [s for s in found if not aside.is_beside(view, s.utterance) and not _says_again(view, s, booked)]


def _says_again(view: CallView, solution: Solution, booked: Sequence[Moment]) -> bool:
    """The moments of its sentence were offered before."""
    low, high = solution.utterance.sentence_of(solution.start)
    said = [moment for moment in view.moments(solution.utterance) if low <= moment.start < high]
    return bool(said) and all(_is_among(view, moment, booked) for moment in said)


def _is_among(view: CallView, moment: Moment, booked: Sequence[Moment]) -> bool:
    called_on = view.called_on
    return any(agrees(moment, each, called_on) for each in booked)
