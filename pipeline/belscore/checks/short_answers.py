"""Check kind `short_answers`: a yes/no question gets more than a bare yes or no."""

from __future__ import annotations

from belscore.asking import QuestionReader
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.language.tokens import Utterance
from belscore.rule_service import ShortAnswers
from belscore.scorecard import Evidence, Measured
from belscore.view import MIN_PROBABILITY, CallView, turn_evidence

# The agent who goes on so soon after the bare word had only drawn breath.
GOES_ON_S = 1.5
# A bare word takes no longer than this; the rest of a longer turn was lost in recognition.
BARE_WORD_S = 1.2
# An answer cannot begin much before the question is done.
ANSWER_OVERLAP_S = 0.3


def short_answers(params: ShortAnswers, view: CallView) -> Outcome:
    """Counts turns of the agent that are nothing but `ja` or `nee` right behind a yes/no question."""
    reader = QuestionReader(view)
    callers = view.of("caller")
    bare = [answer for turn in callers if (answer := _bare_answer(params, view, reader, turn)) is not None]
    if not bare and not any(_asks(reader, utterance) for utterance in callers):
        return not_applicable("nothing_asked")
    measured = Measured(float(len(bare)), "keer", f"hoogstens {params.most}")
    if len(bare) <= params.most:
        return passed(measured=measured)
    quotes: list[Evidence] = [turn_evidence(answer) for answer in bare]
    sure = [answer for answer in bare if all(token.probability >= MIN_PROBABILITY for token in answer.tokens)]
    if len(sure) <= params.most:
        return unsure("words_uncertain", *quotes, measured=measured)
    return failed(*quotes, values={"count": str(len(bare)), "quote": bare[0].turn.text}, measured=measured)


def _asks(reader: QuestionReader, utterance: Utterance) -> bool:
    return reader.indirect(utterance) or any(question.kind == "closed" for question in reader.questions(utterance))


def _bare_answer(params: ShortAnswers, view: CallView, reader: QuestionReader, question: Utterance) -> Utterance | None:
    """The agent's turn behind the question when it is one bare word; None otherwise."""
    following = view.utterances[question.index + 1 : question.index + 3]
    answer = following[0] if following else None
    if answer is None or answer.role != "agent" or answer.turn.start_s < question.turn.end_s - ANSWER_OVERLAP_S:
        return None
    words = [norm for norm in answer.norms if norm not in params.hesitations]
    if len(words) != 1 or words[0] not in params.bare or answer.tokens[-1].after == "?":
        return None
    found = reader.questions(question)
    asks = reader.indirect(question) or (bool(found) and found[-1].kind == "closed")
    denied = words[0] in params.denials and not view.lexicon.negations & set(question.norms)
    if not asks and not denied:
        return None
    if view.recognised and answer.turn.span.duration_s > BARE_WORD_S:
        return None
    goes_on = len(following) > 1 and following[1].role == "agent"
    return None if goes_on and following[1].turn.start_s - answer.turn.end_s <= GOES_ON_S else answer
