"""Which of the agent's questions are about what the caller calls for, and what may be one without its mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from belscore.agreements import MIN_PHONE_DIGITS
from belscore.asides import moves_on
from belscore.asking import Question, is_participle
from belscore.language.tokens import Utterance, part
from belscore.language.values import Value
from belscore.rule_service import AsksQuestions
from belscore.view import CallView

# A question without a verb is no longer than this.
ELLIPTIC_TOKENS = 7
# "alleen rood hoor": what is chosen stands so near to "of", and to the head of the answer.
CHOICE_REACH = 4
# Behind the participle of a question stands little: "gepind bij ons".
LAST_WORDS = 3
# Leave is given in so few words: "ja hoor, doe maar".
LEAVE_WORDS = 4


def about_matter(params: AsksQuestions, view: CallView) -> list[Question]:
    """The agent's questions on the matter."""
    return [q for q in _questions(params, view) if _about(params, view, q)]


def _questions(params: AsksQuestions, view: CallView) -> list[Question]:
    """Questions by their form; without punctuation also short turns that the caller answers with yes or no."""
    reader = view.asking
    found: list[Question] = []
    for utterance in view.spoken("agent"):
        asked = [question for question in reader.questions(utterance) if not _promises(view, question)]
        if not asked and not view.punctuated and _is_answered(params, view, utterance):
            asked = [Question(utterance, 0, len(utterance.tokens), "closed", False)]
        found += asked
        found += _requests(view, utterance, asked)
    return found


def _requests(view: CallView, utterance: Utterance, asked: Sequence[Question]) -> Iterator[Question]:
    """`ik wil graag weten of u koorts heeft`, `beschrijft u het eens`: asked for in a sentence that is no question."""
    done, heads = 0, view.lexicon.words("vragen", "open") | view.lexicon.words("vragen", "requests", "whether")
    for match in view.finder.find(view.lexicon.list("vragen", "requests"), utterance):
        low, high = utterance.sentence_of(match.end - 1)
        if match.cost == 0 and match.start >= done and not any(low <= each.start < high for each in asked):
            done = high
            asks = (at for at in range(match.start, match.end) if utterance.norms[at] in heads)
            yield Question(utterance, next(asks, match.start), high, "open", False)


def _promises(view: CallView, question: Question) -> bool:
    """`het hoofd belt u morgen`: without a mark this is no question."""
    return not question.marked and any(
        promise.utterance is question.utterance and promise.start < question.end and question.start < promise.end
        for promise in view.situations.promises
    )


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


def tells_on(params: AsksQuestions, view: CallView, utterance: Utterance, answer: Utterance) -> bool:
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
    if any(value.kind == "number" and len(value.digits) >= MIN_PHONE_DIGITS for value in _values(view, question)):
        return False  # "is dat op nul zes ...": read back
    led = part(question.utterance, max(0, question.start - 1), question.end)  # "bij wie": with its preposition
    if view.finder.any(params.about, led) or not view.finder.any(params.not_about, asked):
        return True
    return _asks_past(view, asked)


def _asks_past(view: CallView, asked: Utterance) -> bool:
    """`op welke dag heeft u gepind?`, `welke datum is dat gestuurd volgens u?`: when it was, not when it suits."""
    past = view.finder.any(view.lexicon.list("vragen", "when", "past"), asked)
    return past and any(is_participle(view.lexicon, norm) for norm in asked.norms[-LAST_WORDS:])


def _values(view: CallView, question: Question) -> list[Value]:
    return [value for value in view.values(question.utterance) if question.start <= value.start < question.end]


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
    # "dat kan tot volgende week wachten. Maandag om negen uur of dinsdag?": the moment may begin in front of it
    timed = [m for m in view.moments(question.utterance) if m.has_clock]
    moments = [m for m in timed if m.start < question.end and question.start < m.end]
    offering = view.lexicon.list("vragen", "orders", "offering")
    if moments and view.finder.any(view.lexicon.list("vragen", "requests", "scale"), question.utterance):
        return False  # "op een schaal van een tot tien"
    bare = any(moment.start <= question.start for moment in moments)  # "dinsdag om tien uur, of woensdag om elf uur?"
    return bare or (bool(moments) and question.utterance.norms[question.start] in offering)


def other_half(view: CallView, one: Question, other: Question) -> bool:
    """`is het links of is het rechts?` is one question."""
    joins = view.lexicon.words("afspraken", "alternatives")
    if one.utterance is not other.utterance or one.end != other.start:
        return False
    return not joins.isdisjoint(other.utterance.norms[other.start - 1 : other.start + 1])
