"""Check kind `asks_questions`: the agent asks on about the caller's problem."""

from __future__ import annotations

from belscore.appointment import part
from belscore.asking import Question, QuestionReader
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.endings import caller_hung_up, cut_off, ends_in_transfer
from belscore.language.phrases import Match
from belscore.rule_service import AsksQuestions
from belscore.scorecard import Evidence, Measured
from belscore.view import CallView, evidence


def asks_questions(params: AsksQuestions, view: CallView) -> Outcome:
    """Applies to a call with a complaint or a problem told by the caller, in words of `lexicon/problemen.toml`."""
    problem = problem_cues(view)
    if not problem:
        return not_applicable("no_problem")
    asked = [q for q in _questions(view) if q.utterance.turn.end_s > problem[0].start_s and _about(params, view, q)]
    measured = Measured(float(len(asked)), "vragen", f"minstens {params.least}")
    quotes = [_quote(question) for question in asked]
    if len(asked) >= params.least:
        return passed(*quotes, values={"count": str(len(asked))}, measured=measured)
    for reason, holds in (
        ("cut_off", cut_off),
        ("caller_hung_up", caller_hung_up),
        ("ends_in_transfer", ends_in_transfer),
    ):
        if holds(view):
            return not_applicable(reason)
    spoken = view.spoken("agent")
    if not view.legible(spoken) or (view.recognised and max(cue.probability for cue in problem) < 0.5):
        return unsure("words_uncertain", *quotes, measured=measured)
    return failed(evidence(problem[0]), *quotes, values={"count": str(len(asked))}, measured=measured)


def problem_cues(view: CallView) -> list[Match]:
    """Where the caller tells of a complaint, a symptom or something that does not work."""
    cues = list(view.situations.complaint)
    phrases = view.lexicon.list("problemen", "problem")
    covers = view.lexicon.list("problemen", "not")
    for utterance in view.of("caller"):
        covered = [cover for cover in view.finder.find(covers, utterance) if cover.cost < 0.5]
        cues += [
            match
            for match in view.finder.find(phrases, utterance)
            if not any(cover.start <= match.end and match.start <= cover.end for cover in covered)
        ]
    return sorted(cues, key=lambda match: match.start_s)


def _questions(view: CallView) -> list[Question]:
    reader = QuestionReader(view.lexicon, view.finder)
    return [question for utterance in view.of("agent") for question in reader.questions(utterance)]


def _about(params: AsksQuestions, view: CallView, question: Question) -> bool:
    return not view.finder.any(params.not_about, part(question.utterance, question.start, question.end))


def _quote(question: Question) -> Evidence:
    tokens = question.utterance.tokens[question.start : question.end]
    return Evidence("agent", tokens[0].start_s, tokens[-1].end_s, question.quote)
