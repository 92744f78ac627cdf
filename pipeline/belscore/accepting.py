"""Whether the caller takes what is offered, turns it down, or asks for another moment.

Words: `chooses` in `lexicon/afspraken.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from belscore.asking import Question
from belscore.diary import refusals
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.view import CallView


def accepts(view: CallView, utterance: Utterance) -> bool:
    """The caller takes the one offer there is; a question behind it about something else takes nothing back."""
    chooses = view.lexicon.table("afspraken", "chooses")
    yes = view.finder.find(chooses["accepts"], utterance)
    if not yes:
        return False
    # "doe ik", "gaan we doen": without a question mark the answer itself, though its verb stands in front
    answers = {(match.start, match.end) for match in yes}
    asked = [q for q in view.asking.questions(utterance) if q.marked or (q.start, q.end) not in answers]
    told = _outside(yes, asked)
    behind = [question for question in asked if told and question.start >= told[0].end]
    if any(_asks_another(view, question) for question in behind):
        return False
    end = behind[0].start if behind else len(utterance.tokens)
    return bool(told) and not refusals(view, part(utterance, 0, end))


def tells_only(view: CallView, utterance: Utterance) -> bool:
    """`dinsdag heb ik de kleinkinderen`: words of substance beside the day, and none that take it."""
    chooses = view.lexicon.table("afspraken", "chooses")
    if view.finder.any((*chooses["accepts"], *chooses["takes"]), utterance):
        return False
    named = {at for moment in view.moments(utterance) for at in range(moment.start, moment.end)}
    return any(norm not in view.lexicon.idle for at, norm in enumerate(utterance.norms) if at not in named)


def asks_another(view: CallView, utterance: Utterance) -> bool:
    """The caller asks for another moment than the one on the table."""
    asked = view.asking.questions(utterance)
    return any(_asks_another(view, question) for question in asked)


def _asks_another(view: CallView, question: Question) -> bool:
    """`kan het ook later?`: the question is for another moment."""
    asking = part(question.utterance, question.start, question.end)
    return view.finder.any(view.lexicon.table("afspraken", "chooses")["asks_another"], asking)


def turns_down(view: CallView, utterance: Utterance) -> bool:
    """The caller refuses what is offered; `moet ik nuchter zijn?` does not."""
    found = refusals(view, utterance)
    if found and found[0].start == 0 and _asked_of_other_things(view, utterance):
        found = [match for match in found if not _is_bare_no(view, match)]
    if not found:
        return False
    asked = view.asking.questions(utterance) if utterance.tokens[-1].after == "?" else []
    harmless = [question for question in asked if question.marked and not _asks_another(view, question)]
    return bool(_outside(found, harmless))


def _asked_of_other_things(view: CallView, answer: Utterance) -> bool:
    """`is er iets veranderd in uw gezondheid?`: the agent's last question names no moment and puts none."""
    before = view.utterances[answer.index - 1]
    asked = view.asking.questions(before) if before.role == "agent" and before.tokens else []
    if not asked or any(asked[-1].start < moment.end for moment in view.moments(before)):
        return False
    data, question = view.knowledge.situations["afspraak"], part(before, asked[-1].start, asked[-1].end)
    chooses = view.lexicon.table("afspraken", "chooses")
    return not view.finder.any((*data["proposes"], *data["visits"], *chooses["accepts"]), question)


def _is_bare_no(view: CallView, match: Match) -> bool:
    """`nee`, `niet`: of whatever was asked."""
    said = match.utterance.norms[match.start : match.end]
    return len(said) == 1 and said[0] in view.lexicon.negations | view.lexicon.words("einde", "refusals")


def reopened(view: CallView, after: Utterance, until: Utterance) -> bool:
    """Between two turns the caller turns down what was said, asks for another moment, or names one."""
    between = [u for u in view.of("caller") if after.index < u.index < until.index and u.tokens]
    return any(turns_down(view, u) or asks_another(view, u) or view.moments(u) for u in between)


def _outside(found: Sequence[Match], asked: Sequence[Question]) -> list[Match]:
    """The matches that stand in none of the questions."""
    return [match for match in found if not any(q.start <= match.start < q.end for q in asked)]
