"""Check kind `asks_questions`: the agent asks on about the caller's problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from belscore.agreed_account import agrees_fully, answer_to
from belscore.agreements import misdialled
from belscore.asides import aside_of
from belscore.asking import Question
from belscore.checks.on_matter import about_matter, other_half, tells_on
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.endings import caller_hung_up, cut_off, ends_in_transfer
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.problems import LEXICON, likely_told, maybe_told, pitied, unnamed
from belscore.rule_service import AsksQuestions
from belscore.scorecard import Evidence, Measured
from belscore.statements import Said
from belscore.summary import Summary, confirmed_account, first_summary
from belscore.view import MIN_PROBABILITY, CallView, evidence, turn_evidence

# "als ik het goed begrijp bent u": so far behind the first word of a summary its verb stands.
SUMMARY_LEAD = 6
# "vanmiddag om twee uur": at once is within so many turns of the agent.
AT_ONCE_TURNS = 2
# An agent whose part ends early had no time to ask on; one whom the caller left after more turns than it takes had.
ENDINGS = (("cut_off", cut_off), ("caller_hung_up", caller_hung_up), ("ends_in_transfer", ends_in_transfer))


def asks_questions(params: AsksQuestions, view: CallView) -> Outcome:
    """Applies to a call with a complaint or a problem told by the caller, in words of `lexicon/problemen.toml`."""
    told_of, unlikely = likely_told(view)
    named = [*view.situations.complaint, *told_of]
    problem = named or pitied(view)
    perhaps: Sequence[Match | Said] = [*problem, *maybe_told(view)] or _probed(params, view) or unnamed(view)
    if not perhaps:
        return not_applicable("no_problem")
    aside = aside_of(view) if not told_of else None
    first = min(perhaps if aside is None else view.situations.complaint, key=lambda cue: cue.start_s)
    about = about_matter(params, view)
    drawn_s = _drawn_s(view, about, first)
    since_s = first.start_s if drawn_s is None else drawn_s
    summary = first_summary(view, since_s)
    about = _asking_on(view, about, summary)
    about = [q for q in about if aside is None or not aside.is_beside(view, q.utterance)]
    asked = _asked_since(view, about, since_s, is_sure=bool(problem))
    measured = Measured(float(len(asked)), "vragen", f"minstens {params.least}")
    quotes = [_quote(question) for question in asked]
    if len(asked) >= params.least:
        if sum(_understood(question) for question in asked) < params.least:
            return unsure("words_uncertain", *quotes, measured=measured)
        return passed(*quotes, values={"count": str(len(asked))}, measured=measured)
    # Without marks a question can be missed, and a story that was only pitied need not be a problem.
    unsure_of = not named and asked and not view.punctuated
    if not problem or unsure_of or (drawn_s is not None and not view.situations.complaint):
        return not_applicable("no_problem")
    opening = view.spoken("agent")[:1]
    early = [q for q in about if q.utterance not in opening and _understood(q)]
    if len(early) >= params.least:  # the problem had been told in words unknown here
        return passed(*(_quote(question) for question in early))
    account = _agreed_to(view)
    asks_back = _checks(view)
    put_back = summary if asks_back or account is not None or not _marks_show(view) else None
    put_back = put_back or (account if asks_back else None)
    if put_back is not None and asked:  # with the check of what was understood there are two
        return passed(turn_evidence(put_back.utterance), *quotes)
    if (excuse := _excuse(params, view, since_s, account)) is not None:
        why, turn = excuse
        return not_applicable(why) if turn is None else unsure(why, turn_evidence(turn), *quotes, measured=measured)
    if (unlikely or _told_in_passing(view, problem)) and not view.situations.complaint:
        return unsure("situation_doubtful", *quotes, measured=measured)
    few = params.least - len(asked)
    unheard = _may_hide(params, view, since_s, asked) >= few
    if unheard or max(cue.probability for cue in problem) < MIN_PROBABILITY:
        return unsure("words_uncertain", *quotes, measured=measured)
    return failed(evidence(problem[0]), *quotes, values={"count": str(len(asked))}, measured=measured)


def _ended_early(params: AsksQuestions, view: CallView, since_s: float) -> str | None:
    """What left the agent no time to ask on, if anything did."""
    later = [u for u in view.spoken("agent") if u.turn.end_s > since_s]
    enough = len(later) > params.least
    return next((why for why, holds in ENDINGS if holds(view) and not (why == "caller_hung_up" and enough)), None)


def _excuse(
    params: AsksQuestions, view: CallView, since_s: float, account: Summary | None
) -> tuple[str, Utterance | None] | None:
    """Why so few questions are no fault, with the turn that makes it doubtful; without one the rule does not apply."""
    if misdialled(view) and not view.situations.complaint:
        return "no_problem", None
    if ended := _ended_early(params, view, since_s):
        return ended, None
    if account is not None and _may_ask(view, account):
        return "story_agreed", account.utterance
    helped = _helped_at_once(view)
    return ("helped_at_once", helped) if helped is not None else None


def _told_in_passing(view: CallView, problem: Sequence[Match | Said]) -> bool:
    """`mag ik 's morgens eten? - ja - en mijn pillen dan, daar word ik zo draaierig van`: the caller rang to ask.

    What is wrong comes up behind a first question, in others, and may be no more than the reason for those.
    """
    asking, first = view.asking, min(cue.utterance.index for cue in problem)
    before = [u for u in view.spoken("caller") if u.index < first]
    if not any(asking.questions(u) or asking.indirect(u) for u in before):
        return False
    return all(asking.questions(cue.utterance) or asking.indirect(cue.utterance) for cue in problem)


def _marks_show(view: CallView) -> bool:
    """Whether marks tell a question from a statement."""
    return view.punctuated and not view.recognised


def _may_ask(view: CallView, account: Summary) -> bool:
    """The account is put as a question, or may be: a statement in a faultless transcript with marks asks nothing."""
    if not _marks_show(view) or any(_is_check(view, q) for q in view.asking.questions(account.utterance)):
        return True
    ends = [account.utterance.tokens[high - 1].after for _, high in account.utterance.sentences()]
    return ends[-1] == "?"


def _helped_at_once(view: CallView) -> Utterance | None:
    """The agent's turn that offers a moment to somebody who swore, right behind it and with no more of it after.

    With more of it the agent has to have ended the call over it, and the caller to have complained of nothing.
    """
    sworn = [cue.utterance.index for cue in view.situations.aggression]
    hangs_up = view.lexicon.list("einde", "agent_hangs_up")
    over = bool(sworn) and not view.situations.complaint
    ended = over and any(view.finder.any(hangs_up, u) for u in view.spoken("agent")[-1:])
    if not sworn or (view.situations.appointment is None and not ended):
        return None
    answers = [u for u in view.spoken("agent") if u.index > sworn[0]][:AT_ONCE_TURNS]
    offers = (u for u in answers if any(moment.has_clock for moment in view.moments(u)))
    return next((u for u in offers if ended or u.index > sworn[-1]), None)


def _asking_on(view: CallView, about: Sequence[Question], summary: Summary | None) -> list[Question]:
    """Of the questions on the matter those that do not sum up; one with two halves counts once."""
    whole: list[Question] = []
    for question in about:
        if whole and other_half(view, whole[-1], question):
            whole[-1] = replace(whole[-1], end=question.end, marked=whole[-1].marked or question.marked)
        else:
            whole.append(question)
    return [q for q in whole if not (_is_check(view, q) or (summary is not None and _is_summary(q, summary)))]


def _asked_since(view: CallView, about: Sequence[Question], since_s: float, *, is_sure: bool) -> list[Question]:
    """Questions from a moment on; where it is not sure that there is a problem, only what surely is a question."""
    asked = [q for q in about if q.utterance.turn.end_s > since_s]
    if is_sure:
        return asked
    return [q for q in asked if _understood(q) and (not view.punctuated or _in_marked(q))]


def _in_marked(question: Question) -> bool:
    """The sentence ends in its mark: `hoe groot is het, en bloedt het weleens?`."""
    _, high = question.utterance.sentence_of(question.start)
    return question.utterance.tokens[high - 1].after == "?"


def _probed(params: AsksQuestions, view: CallView) -> list[Said]:
    """What the caller told before the agent's first question that is asked of problems only; [] for less than two."""
    probes = view.lexicon.list(LEXICON, "probes")
    if sum(len(view.finder.find(probes, utterance)) for utterance in view.of("agent")) < params.least:
        return []
    asked = [q for q in about_matter(params, view) if q.utterance.index > 0]
    probing = [q for q in asked if view.finder.any(probes, part(q.utterance, q.start, q.end))]
    if len(probing) < params.least:
        return []
    told_before = [u for u in view.spoken("caller") if u.index < probing[0].utterance.index]
    return [Said(told_before[-1], 0, len(told_before[-1].tokens))] if told_before else []


def _is_check(view: CallView, question: Question) -> bool:
    """`begrijp ik goed dat ...`: it opens as a summary does; `is dat het`: it is all that makes a retelling of one."""
    if question.kind == "open":
        return False
    markers = view.finder.find(view.lexicon.list("luisteren", "summary"), question.utterance)
    whole = view.finder.find(view.lexicon.list("luisteren", "retelling"), question.utterance)
    markers += [match for match in whole if match.end == question.end]
    return any(match.start == question.start and match.cost == 0 for match in markers)


def _agreed_to(view: CallView) -> Summary | None:
    """The account that the caller agrees with; a yes is to the question that ends the turn: `... Is dat op 06?`."""
    account = confirmed_account(view)
    asked = view.asking.questions(account.utterance) if account is not None else []
    if account is None or not asked or asked[-1].end < len(account.utterance.tokens) or _is_check(view, asked[-1]):
        return account
    answer = answer_to(view, account.utterance)
    return account if answer is not None and agrees_fully(view, answer) else None


def _checks(view: CallView) -> bool:
    """Whether the agent asks anywhere if it was understood well."""
    return any(_is_check(view, question) for turn in view.spoken("agent") for question in view.asking.questions(turn))


def _is_summary(question: Question, summary: Summary) -> bool:
    """`begrijp ik goed dat u daar een uur stond?`: the question is the summary, put for assent."""
    if question.utterance is not summary.utterance or question.end <= summary.start:
        return False
    return question.start <= summary.start + (SUMMARY_LEAD if question.kind == "closed" else 0)


def _drawn_s(view: CallView, about: Sequence[Question], cue: Match | Said) -> float | None:
    """From when on the agent asked what brought out the first word of a problem; None when the caller began with it."""
    before = [u for u in view.spoken("agent") if u.index < cue.utterance.index][1:]
    drawn = before and any(question.utterance is before[-1] for question in about)
    return before[0].turn.start_s if drawn else None


def _may_hide(params: AsksQuestions, view: CallView, since_s: float, asked: list[Question]) -> int:
    """Turns of the agent in which a question may stand unseen: lost in recognition, or without marks and denied."""
    if _marks_show(view):
        return 0
    known = {question.utterance.index for question in asked}
    later = [u for u in view.spoken("agent") if u.turn.end_s > since_s and u.index not in known]
    if view.recognised:
        return sum(any(token.probability < MIN_PROBABILITY for token in utterance.tokens) for utterance in later)
    refusals = view.lexicon.words("einde", "refusals")
    either = view.lexicon.list("vragen", "resumed", "either")
    hidden = 0
    for utterance in later:
        answer = next(
            (u for u in view.utterances[utterance.index + 1 : utterance.index + 2] if u.role == "caller"), None
        )
        denied = answer is not None and not refusals.isdisjoint(answer.norms[:1])
        # where nothing was surely asked the rest is no question either
        perhaps = bool(asked) and (
            any(match.cost == 0 for match in view.finder.find(either, utterance))
            or (answer is not None and tells_on(params, view, utterance, answer))
        )
        hidden += denied or perhaps
    return hidden


def _understood(question: Question) -> bool:
    """Of its words one at most is doubtful, of a long one a quarter, and no more than one in five is likely misheard:
    what it asks about may be among them."""
    tokens = question.utterance.tokens[question.start : question.end]
    doubtful = sum(token.probability < MIN_PROBABILITY for token in tokens)
    misheard = sum(1.0 - token.probability for token in tokens)  # how many, if probabilities are true
    if misheard > max(1.0, len(tokens) / 5):
        return False
    return doubtful <= max(1, len(tokens) // 4) and 2 * doubtful <= len(tokens)


def _quote(question: Question) -> Evidence:
    tokens = question.utterance.tokens[question.start : question.end]
    return Evidence("agent", tokens[0].start_s, tokens[-1].end_s, question.quote)
