"""Check kind `asks_questions`: the agent asks on about the caller's problem."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from belscore.asides import aside_of, moves_on
from belscore.asking import Question
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.endings import caller_hung_up, cut_off, ends_in_transfer
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, part
from belscore.problems import LEXICON, likely_told, maybe_told, pitied, unnamed
from belscore.rule_service import AsksQuestions
from belscore.scorecard import Evidence, Measured
from belscore.statements import Said
from belscore.summary import Summary, first_summary
from belscore.view import MIN_PROBABILITY, CallView, evidence, turn_evidence

# A question without a verb is no longer than this.
ELLIPTIC_TOKENS = 7
# "als ik het goed begrijp bent u": so far behind the first word of a summary its verb stands.
SUMMARY_LEAD = 6
# "alleen rood hoor": what is chosen stands so near to "of", and to the head of the answer.
CHOICE_REACH = 4
# Leave is given in so few words: "ja hoor, doe maar".
LEAVE_WORDS = 4
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
    drawn_s = _drawn_s(params, view, first)
    since_s = first.start_s if drawn_s is None else drawn_s
    summary = first_summary(view, since_s)
    about = _asking_on(params, view, summary)
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
    if summary is not None and asked:  # with the check of what was understood there are two
        return passed(turn_evidence(summary.utterance), *quotes)
    if ended := _ended_early(params, view, since_s):
        return not_applicable(ended)
    if unlikely and not view.situations.complaint:
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


def _asking_on(params: AsksQuestions, view: CallView, summary: Summary | None) -> list[Question]:
    """The agent's questions on the matter, less those that sum up; one with two halves counts once."""
    about = [q for q in _questions(params, view) if _about(params, view, q)]
    about = [q for at, q in enumerate(about) if not (at and _other_half(view, about[at - 1], q))]
    return [q for q in about if not (_is_check(view, q) or (summary is not None and _is_summary(q, summary)))]


def _asked_since(view: CallView, about: Sequence[Question], since_s: float, *, is_sure: bool) -> list[Question]:
    """Questions from a moment on; where it is not sure that there is a problem, only what surely is a question."""
    asked = [q for q in about if q.utterance.turn.end_s > since_s]
    if is_sure:
        return asked
    return [q for q in asked if _understood(q) and (q.marked or not view.punctuated)]


def _probed(params: AsksQuestions, view: CallView) -> list[Said]:
    """What the caller told before the agent's first question that is asked of problems only; [] for less than two."""
    probes = view.lexicon.list(LEXICON, "probes")
    if sum(len(view.finder.find(probes, utterance)) for utterance in view.of("agent")) < params.least:
        return []
    asked = [q for q in _questions(params, view) if _about(params, view, q) and q.utterance.index > 0]
    probing = [q for q in asked if view.finder.any(probes, part(q.utterance, q.start, q.end))]
    if len(probing) < params.least:
        return []
    told_before = [u for u in view.spoken("caller") if u.index < probing[0].utterance.index]
    return [Said(told_before[-1], 0, len(told_before[-1].tokens))] if told_before else []


def _is_check(view: CallView, question: Question) -> bool:
    """`begrijp ik goed dat ...`: it opens as a summary does."""
    if question.kind == "open":
        return False
    markers = view.finder.find(view.lexicon.list("luisteren", "summary"), question.utterance)
    return any(match.start == question.start and match.cost == 0 for match in markers)


def _is_summary(question: Question, summary: Summary) -> bool:
    """`begrijp ik goed dat u daar een uur stond?`: the question is the summary, put for assent."""
    if question.utterance is not summary.utterance or question.end <= summary.start:
        return False
    return question.start <= summary.start + (SUMMARY_LEAD if question.kind == "closed" else 0)


def _drawn_s(params: AsksQuestions, view: CallView, cue: Match | Said) -> float | None:
    """From when on the agent asked what brought out the first word of a problem; None when the caller began with it."""
    before = [u for u in view.spoken("agent") if u.index < cue.utterance.index][1:]
    asked = [question.utterance for question in _questions(params, view) if _about(params, view, question)]
    return before[0].turn.start_s if before and any(utterance is before[-1] for utterance in asked) else None


def _may_hide(params: AsksQuestions, view: CallView, since_s: float, asked: list[Question]) -> int:
    """Turns of the agent in which a question may stand unseen: lost in recognition, or without marks and denied."""
    if not view.recognised and view.punctuated:
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
            or (answer is not None and _tells_on(params, view, utterance, answer))
        )
        hidden += denied or perhaps
    return hidden


def _tells_on(params: AsksQuestions, view: CallView, utterance: Utterance, answer: Utterance) -> bool:
    """`de stekker zit er wel goed in`, and the caller goes on behind a yes: `ja dat heb ik nagekeken`."""
    speakers = frozenset(view.lexicon.list("vragen", "subjects", "speakers"))
    told = _without_address(view, utterance).norms
    if view.situations.complaint or not speakers.isdisjoint(told) or "dan" in told:
        return False
    if view.moments(utterance) or view.finder.any(params.not_about, utterance):
        return False
    what_about, verbs = view.lexicon.words("vragen", "what_about"), view.lexicon.words("vragen", "verbs")
    goes_on = any(u.index > answer.index + 1 for u in view.spoken("agent"))
    bare = utterance.norms[0] in what_about and len(utterance.tokens) <= ELLIPTIC_TOKENS and goes_on
    if _joined_in(view, utterance) or (bare and verbs.isdisjoint(utterance.norms)):
        return True  # "het boven of het onder", "en bij de buren"
    rest = [norm for norm in answer.norms[1:] if norm not in params.remarks and norm not in view.lexicon.fillers]
    return answer.norms[:1] != () and answer.norms[0] in params.yes_no and len(rest) > 1


def _questions(params: AsksQuestions, view: CallView) -> list[Question]:
    """Questions by their form; without punctuation also short turns that the caller answers with yes or no."""
    reader = view.asking
    found: list[Question] = []
    for utterance in view.spoken("agent"):
        asked = [question for question in reader.questions(utterance) if not _promises(view, question)]
        if not asked and not view.punctuated and _is_answered(params, view, utterance):
            asked = [Question(utterance, 0, len(utterance.tokens), "closed", False)]
        found += asked
    return found


def _promises(view: CallView, question: Question) -> bool:
    """`het hoofd belt u morgen`: without a mark this is no question."""
    return not question.marked and any(
        promise.utterance is question.utterance and promise.start < question.end and question.start < promise.end
        for promise in view.situations.promises
    )


def _understood(question: Question) -> bool:
    """Of its words one at most is doubtful, of a long one a quarter, and no more than one in five is likely misheard:
    what it asks about may be among them."""
    tokens = question.utterance.tokens[question.start : question.end]
    doubtful = sum(token.probability < MIN_PROBABILITY for token in tokens)
    misheard = sum(1.0 - token.probability for token in tokens)  # how many, if probabilities are true
    if misheard > max(1.0, len(tokens) / 5):
        return False
    return doubtful <= max(1, len(tokens) // 4) and 2 * doubtful <= len(tokens)


def _other_half(view: CallView, one: Question, other: Question) -> bool:
    """`is het links of is het rechts?` is one question."""
    joins = view.lexicon.words("afspraken", "alternatives")
    if one.utterance is not other.utterance or one.end != other.start:
        return False
    return not joins.isdisjoint(other.utterance.norms[other.start - 1 : other.start + 1])


def _is_answered(params: AsksQuestions, view: CallView, utterance: Utterance) -> bool:
    """`ook koorts`, and the caller says `nee`."""
    following = view.utterances[utterance.index + 1 : utterance.index + 2]
    told = _without_address(view, utterance)
    short = 0 < len(told.tokens) <= ELLIPTIC_TOKENS and not view.finder.any(params.remarks, told)
    if any(u.role == "caller" and _chooses(view, utterance, u) for u in following):
        return True
    if any(moment.has_clock for moment in view.moments(utterance)):  # `dan kunt u om tien uur`: an offer
        return False
    return short and any(u.role == "caller" and u.norms[:1] and u.norms[0] in params.yes_no for u in following)


def _without_address(view: CallView, utterance: Utterance) -> Utterance:
    """A turn without `dag mevrouw Nijhuis, en` at its head."""
    names = {word for name in view.caller_names for word in name.words}
    lead = view.lexicon.words("vragen", "leads") | names | view.knowledge.names.words.infixes
    return part(
        utterance, next((at for at, norm in enumerate(utterance.norms) if norm not in lead), 0), len(utterance.tokens)
    )


def _joined_in(view: CallView, utterance: Utterance) -> list[int]:
    """Where an `of` stands between two things; in `kijken of er een kaartje ligt` it stands before a clause."""
    joins, determiners = view.lexicon.words("afspraken", "alternatives"), view.lexicon.words("vragen", "determiners")
    whether = view.lexicon.words("vragen", "subjects") - determiners
    either, verbs = view.lexicon.list("vragen", "leads", "joins"), view.lexicon.words("vragen", "verbs")
    ends = zip(utterance.norms[1:-1], utterance.norms[2:], strict=True)
    return [
        at
        for at, (norm, behind) in enumerate(ends, 1)
        # "anders lukt het niet" goes on where "of zit de nagel erin" names the other thing
        if norm in joins and behind not in whether and (norm in either or behind not in verbs)
    ]


def _chooses(view: CallView, utterance: Utterance, answer: Utterance) -> bool:
    """`links of rechts`, and the caller opens with one of the two."""
    if not view.lexicon.words("vragen", "open").isdisjoint(answer.norms[:1]):
        return False  # "wat nou schelden": taken up, not chosen
    said = frozenset(answer.norms[:CHOICE_REACH]) - view.lexicon.idle
    joined = _joined_in(view, utterance)
    near = {norm for at in joined for norm in utterance.norms[max(0, at - CHOICE_REACH) : at + 1 + CHOICE_REACH]}
    beside = {utterance.norms[place] for at in joined for place in (at - 1, at + 1)}
    heads = frozenset(answer.norms[:1])
    if joined and not view.lexicon.words("vragen", "both").isdisjoint(heads):
        return not view.moments(utterance)
    return (bool(said & near) or not beside.isdisjoint(heads)) and not view.moments(utterance)


def _about(params: AsksQuestions, view: CallView, question: Question) -> bool:
    asked = part(question.utterance, question.start, question.end)
    if _offers(view, question) or _asks_leave(view, question) or moves_on(view, asked):
        return False
    led = part(question.utterance, max(0, question.start - 1), question.end)  # "bij wie": with its preposition
    return view.finder.any(params.about, led) or not view.finder.any(params.not_about, asked)


def _asks_leave(view: CallView, question: Question) -> bool:
    """`mag ik even in uw dossier kijken`, `wat moet ik daar nu mee`: of what the agent does, not of what is wrong.

    Not `mag ik vragen waar het zit`, nor `mag ik een foto van de plek?` when the answer tells of it.
    """
    words = question.utterance.norms[question.start : question.end]
    modals = frozenset(view.lexicon.list("vragen", "clusters", "modals"))
    own = frozenset(view.lexicon.list("vragen", "subjects", "speakers"))
    if question.kind == "open":
        return any(one in modals and other in own for one, other in pairwise(words[:3]))
    if words[0] not in modals or own.isdisjoint(words[1:2]):
        return False
    answers = (u for u in view.utterances[question.utterance.index + 1 :] if u.role == "caller")
    if len(next((u.tokens for u in answers), ())) > LEAVE_WORDS:
        return False
    asks_what = view.lexicon.words("vragen", "open") | view.lexicon.words("afspraken", "alternatives")
    return asks_what.isdisjoint(words[2:])


def _offers(view: CallView, question: Question) -> bool:
    """`wilt u om tien of om elf uur`, `om vier uur?`: a moment is offered."""
    moments = [m for m in view.moments(question.utterance) if m.has_clock and question.start <= m.start < question.end]
    offering = view.lexicon.list("vragen", "orders", "offering")
    return bool(moments) and question.utterance.norms[question.start] in offering


def _quote(question: Question) -> Evidence:
    tokens = question.utterance.tokens[question.start : question.end]
    return Evidence("agent", tokens[0].start_s, tokens[-1].end_s, question.quote)
