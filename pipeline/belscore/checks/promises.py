"""Check kinds `promise_term` and `promise_number`: a promise to call back has a term, and a number to call."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.colleague_promises import of_colleague, term_named
from belscore.content import content_words, shared
from belscore.cues_in_turns import clear_of
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, last_before, part
from belscore.language.values import Value
from belscore.loose_terms import sentence_of
from belscore.rule_service import PromiseNumber, PromiseTerm
from belscore.scorecard import Evidence
from belscore.terms import Term, TermReader, may_hide_term
from belscore.view import MIN_PROBABILITY, CallView, evidence, turn_evidence

# What a promise is about stands so close behind the preposition.
MATTER_REACH = 3
# What a promise takes up was told in it and in the turns before it, at most so many with it.
MATTER_TURNS = 4
# So many digits, or fewer behind a nought, are a telephone number whatever was asked.
LONG_DIGITS = 9
# What a number is of stands so close in front of it: `polisnummer is`, `geboren op`.
NAMED_REACH = 3
# With more doubtful words than this after a promise a number may have been said in them.
MAX_DOUBTFUL_WORDS = 0.12


def promise_term(_params: PromiseTerm, view: CallView) -> Outcome:
    """One promise said several times has its term once it was said with one; soft words alone fail."""
    promises = view.situations.promises
    if not promises:
        return not_applicable("situation_terugbellen")
    reader = view.terms
    terms = reader.terms_of(promises)
    other = _other_matter(view, reader) or _left_soft(view, reader) or _left_over(view, reader)
    other = other or of_colleague(view, reader)
    if other is not None:
        term = reader.own_term(other)
        variant = "soft" if term.quote else ""
        return failed(
            evidence(other), *_quote(term), variant=variant, values={"term": term.quote, "quote": other.quote}
        )
    for promise, term in terms:
        if term.kind == "hard" or _while_said(view, promise):
            return passed(evidence(promise), *_quote(term), values={"term": term.quote, "quote": promise.quote})
    for promise, term in terms:
        if term.kind == "at_once" and "wachtstand" in view.situations:
            return passed(evidence(promise), *_quote(term), values={"term": term.quote, "quote": promise.quote})
    bare = next(((p, t) for p, t in terms if t.kind == "open"), terms[-1])  # said again it waits for the same
    promise, term = next(((p, t) for p, t in terms if t.kind in ("soft", "at_once")), bare)
    if term.kind == "open":
        return unsure("term_open", evidence(promise), *_quote(term))
    if not _surely_said(view, [each for each, _ in terms]) or (
        term.kind == "none" and any(may_hide_term(view, each) for each in promises)
    ):
        return unsure("words_uncertain", evidence(promise))
    values = {"term": term.quote, "quote": promise.quote}
    return failed(evidence(promise), *_quote(term), variant="soft" if term.quote else "", values=values)


def _while_said(view: CallView, promise: Match) -> bool:
    """`die mail ik u nu toe`: it is done as they speak."""
    words = view.lexicon.list("termijnen", "now", "while_said")
    return view.finder.any(words, part(promise.utterance, promise.start, promise.end))


def _other_matter(view: CallView, reader: TermReader) -> Match | None:
    """`over de hechtingen belt de chirurg u later`: a promise on a matter of its own, with no term that binds.

    With none at all only where the matter comes first, as against another: `over het recept hoort u nog`.
    Only where all was well heard; a promise without such a matter may be another one said again.
    """
    promises = view.situations.promises
    for promise in promises:
        matter = _matter(view, promise)
        kinds = ("soft", "none") if _contrasts(view, promise) else ("soft",)
        if not matter or reader.own_term(promise).kind not in kinds or not reader.unanswered(promise):
            continue
        own = sentence_of(promise)
        others = [sentence_of(each) for each in promises if sentence_of(each) != own and _matter(view, each)]
        same = any(shared(matter, content_words(view, [other])) for other in others)
        if others and not same and view.crisp([own]):
            return promise
    return None


def _left_soft(view: CallView, reader: TermReader) -> Match | None:
    """A promise with a soft term, where all that bind are on what the caller raised only after it."""
    kinds = [(promise, reader.own_term(promise).kind) for promise in view.situations.promises]
    bound = [promise for promise, kind in kinds if kind == "hard"]
    for promise in [each for each, kind in kinds if kind == "soft"]:
        said = sentence_of(promise)
        if (
            bound
            and not term_named(view, reader, promise)
            and reader.unanswered(promise)
            and view.crisp([said, *(sentence_of(each) for each in bound)])
        ):
            told = [u for u in view.utterances if u.role in ("agent", "caller") and u.index <= promise.utterance.index]
            if all(each.start_s > promise.start_s and _raised_since(view, each, told) for each in bound):
                return promise
    return None


def _left_over(view: CallView, reader: TermReader) -> Match | None:
    """`en die verwijzing?` - `dat laat ik u nog weten`: on another errand than all that binds."""
    promises = view.situations.promises
    bound = [each for each in promises if reader.own_term(each).kind == "hard"]
    left, along = (view.lexicon.words("termijnen", "about", key) for key in ("left_over", "along"))
    for promise in [each for each in promises if bound and not left.isdisjoint(_words_of(each))]:
        index, said, turns = promise.utterance.index, sentence_of(promise), [each.utterance for each in bound]
        asked = [u for u in view.of("caller") if turns[0].index < u.index < index][-1:]
        if not asked or not along.isdisjoint(said.norms) or reader.own_term(promise).kind != "none":
            continue
        taken = view.finder.find(view.lexicon.list("termijnen", "about", "other_errand"), asked[0])
        matter = content_words(view, [part(m.utterance, m.end - 1, m.end) for m in taken if m.cost == 0])
        near = [*turns, *(u for each in bound if not _matter(view, each) for u in _answered_by(view, each))]
        apart = matter and turns[-1].index < index and not shared(matter, content_words(view, near))
        timed = any(_timed(view, reader, u, matter) for u in view.of("agent") if u.index > index)
        settled = timed or term_named(view, reader, promise) or not reader.unanswered(promise)
        if apart and not settled and view.crisp([said, *turns]):
            return promise
    return None


def _answered_by(view: CallView, promise: Match) -> Sequence[Utterance]:
    """The caller's turn in front of a promise."""
    return [u for u in view.of("caller") if u.index < promise.utterance.index][-1:]


def _words_of(promise: Match) -> Sequence[str]:
    return promise.utterance.norms[promise.start : promise.end]


def _timed(view: CallView, reader: TermReader, utterance: Utterance, matter: frozenset[str]) -> bool:
    """A term in a sentence with a word of the matter, less the clause before it: `morgen bel ik, en dat vraag ik`."""
    joins, speakers = view.lexicon.words("termijnen", "about", "joins"), view.lexicon.words("aanspreekvorm", "speakers")
    for low, high in utterance.sentences():
        said = part(utterance, low, high)
        if shared(matter, content_words(view, [said])):
            opens = [at for at, norm in enumerate(said.norms) if norm in joins]
            behind = part(said, opens[-1], len(said.norms)) if opens else said
            own = not speakers.isdisjoint(behind.norms) and shared(matter, content_words(view, [behind]))
            if reader.hard_in(utterance, low + opens[-1] if opens and own else low, high) is not None:
                return True
    return False


def _raised_since(view: CallView, promise: Match, told: Sequence[Utterance]) -> bool:
    """What the promise is about, or what `daar ... over` takes up, is none of what was told before."""
    sentence = sentence_of(promise)
    asked = [u for u in view.of("caller") if told[-1].index < u.index < promise.utterance.index]
    if not view.lexicon.words("termijnen", "about", "takes_up").isdisjoint(sentence.norms):
        matter = content_words(view, asked[-1:]) if asked and view.asking.questions(asked[-1]) else frozenset()
        return bool(matter) and not shared(matter, content_words(view, [*told[-MATTER_TURNS:]]))
    matter = _matter(view, promise)
    return (
        bool(matter)
        and not shared(matter, content_words(view, [*told]))
        and bool(shared(matter, content_words(view, asked)))
    )


def _contrasts(view: CallView, promise: Match) -> bool:
    """The sentence begins with what the promise is about."""
    return sentence_of(promise).norms[0] in view.lexicon.list("termijnen", "about", "prepositions")


def _matter(view: CallView, promise: Match) -> frozenset[str]:
    """The words of substance behind `over` in the sentence of a promise."""
    sentence, on_words = sentence_of(promise), view.lexicon.list("termijnen", "about", "prepositions")
    on = next((at for at, norm in enumerate(sentence.norms) if norm in on_words), None)
    told = [] if on is None else [part(sentence, on + 1, on + 1 + MATTER_REACH)]
    return content_words(view, told) - view.lexicon.words("termijnen", "about")


def _quote(term: Term) -> list[Evidence]:
    if term.utterance is None:
        return []
    tokens = term.utterance.tokens[term.start : term.end]
    return [Evidence(term.utterance.role, tokens[0].start_s, tokens[-1].end_s, term.quote)]


def _surely_said(view: CallView, promises: list[Match]) -> bool:
    return not view.recognised or any(
        promise.probability >= MIN_PROBABILITY and promise.cost <= 0.6 for promise in promises
    )


def promise_number(params: PromiseNumber, view: CallView) -> Outcome:
    """The number is asked for, said, put to the caller, or given by the caller."""
    promises = view.situations.promises
    if not promises:
        return not_applicable("situation_terugbellen")
    if _only_written(params, view, [promise.utterance for promise in promises]):
        return not_applicable("promise_written")
    asked = _asked(params, view) or _questioned(params, view)
    given = view.finder.first(params.gives, view.of("caller"))
    for match in (asked, given):
        if match is not None:
            return passed(evidence(match), values={"quote": match.quote})
    dialled = view.call.direction == "outbound"
    said = _digits(params, view)
    if said is not None and not dialled:
        return passed(said, values={"quote": said.quote})
    known = view.finder.first(params.known, view.of("agent")) or _assured(params, view)
    if known is None and dialled:
        return not_applicable("number_dialled")
    if known is not None:
        return unsure("number_unchecked", evidence(known))
    close = _close(params, view)
    if close is not None:
        return unsure("words_close", turn_evidence(close))
    after = [u for u in view.utterances if u.index >= promises[0].utterance.index]
    if not _surely_said(view, list(promises)) or (view.recognised and _doubtful_share(after) > MAX_DOUBTFUL_WORDS):
        return unsure("words_uncertain", evidence(promises[0]))
    return failed(evidence(promises[-1]), values={"quote": promises[-1].quote})


def _asked(params: PromiseNumber, view: CallView) -> Match | None:
    """The first words that ask for the number; `zodra de uitslag er is, uw nummer heb ik` does not."""
    for utterance in view.of("agent"):
        found = view.finder.find(params.asks, utterance)
        known = view.finder.find(params.known, utterance) if found else []
        for match in found:
            if not any(_part_of(match, each) for each in known) or _asks(view, match):
                return match
    return None


def _part_of(match: Match, known: Match) -> bool:
    """It lies in words that say it is known, or reaches into them from the clause before."""
    if not known.start < match.end <= known.end:
        return False
    crossed = any(token.after for token in match.utterance.tokens[match.start : known.start])
    return known.cost == 0 and (known.start <= match.start or crossed)


def _questioned(params: PromiseNumber, view: CallView) -> Match | None:
    """The caller's number in a question: `is zeven acht twee nog het eind van uw nummer?`"""
    for match in view.find(params.in_question, view.of("agent")):
        known = view.finder.find(params.known, match.utterance)
        _, end = match.utterance.sentence_of(match.start)
        put = match.utterance.tokens[end - 1].after == "?"  # `uw nummer, is dat nog hetzelfde?`
        if match.cost == 0 and clear_of([match], known) and (put or _asks(view, match)):
            return match
    return None


def _asks(view: CallView, match: Match) -> bool:
    """In a question, or, where no marks tell, in a turn that the caller answers with yes or no."""
    spans = [(q.start, q.end) for q in view.asking.questions(match.utterance)]
    if view.punctuated or any(start <= match.start < end for start, end in spans):
        return any(start <= match.start < end for start, end in spans)
    answer = next((u for u in view.utterances[match.utterance.index + 1 :] if u.tokens), None)
    if answer is None or answer.role != "caller":
        return False
    affirms = view.knowledge.situations["terugbellen"]["affirms"]
    refuses = view.lexicon.words("einde", "refusals").intersection(answer.norms[:1])
    return bool(refuses) or any(yes.start == 0 for yes in view.finder.find(affirms, answer))


def _close(params: PromiseNumber, view: CallView) -> Utterance | None:
    """A turn in which the number may have been asked for, named or given in words that were misheard."""
    asked = view.finder.first(params.asks, view.of("agent"), doubtful=True) if view.recognised else None
    if asked is not None:
        return asked.utterance
    return view.echo((*params.asks, *params.known), view.of("agent")) or view.echo(params.gives, view.of("caller"))


def _doubtful_share(utterances: Sequence[Utterance]) -> float:
    tokens = [token for utterance in utterances for token in utterance.tokens]
    return sum(token.probability < MIN_PROBABILITY for token in tokens) / max(1, len(tokens))


def _only_written(params: PromiseNumber, view: CallView, said: Sequence[Utterance]) -> bool:
    """A promise to write, however often its moment is said again; none to call."""
    written = any(view.finder.any(params.by_letter, utterance) for utterance in said) or _letter_agreed(params, view)
    withheld = view.knowledge.situations["terugbellen"]["withheld"]  # "telefonisch mag ik dat niet zeggen"
    return written and not any(
        clear_of(view.finder.find(params.calls, utterance), view.finder.find(withheld, utterance)) for utterance in said
    )


def _letter_agreed(params: PromiseNumber, view: CallView) -> bool:
    """`zal ik u dan een mailtje sturen?`, which the caller does not refuse, or what the caller would rather have."""
    if view.find(params.wants_letter, view.of("caller")):
        return True
    refusals = view.lexicon.words("einde", "refusals")
    for offer in view.find(params.offers_letter, view.of("agent")):
        reply = next((u for u in view.of("caller") if u.index > offer.utterance.index), None)
        if reply is not None and refusals.isdisjoint(reply.norms[:1]):
            return True
    return False


def _assured(params: PromiseNumber, view: CallView) -> Match | None:
    """The agent's yes to a caller who asks whether the number is known, or where it is on record."""
    affirms = (*view.knowledge.situations["terugbellen"]["affirms"], *params.on_file)
    for utterance in view.of("caller"):
        if view.finder.any(params.asks_known, utterance):
            following = next((u for u in view.utterances[utterance.index + 1 :] if u.role == "agent"), None)
            yes = view.finder.first(affirms, [following]) if following is not None else None
            if yes is not None:
                return yes
    return None


def _digits(params: PromiseNumber, view: CallView) -> Evidence | None:
    """A string of digits of either party that can be a telephone number or its end."""
    for utterance in view.utterances:
        if utterance.role not in ("agent", "caller"):
            continue
        for value in view.values(utterance):
            digits = value.kind == "number" and len(value.digits) >= params.min_digits
            if digits and not _of_other(params, view, value, utterance):
                tokens = utterance.tokens[value.start : value.end]
                quote = utterance.quote(value.start, value.end)
                return Evidence(utterance.role, tokens[0].start_s, tokens[-1].end_s, quote)
    return None


def _of_other(params: PromiseNumber, view: CallView, value: Value, utterance: Utterance) -> bool:
    """A short number said to be another one (`mijn polisnummer is ...`), or in answer to what asks for another one."""
    if utterance.role == "agent":
        ours = [match for match in view.finder.find(params.not_caller, utterance) if match.cost == 0]
        if any(0 <= value.start - match.end <= NAMED_REACH for match in ours):
            return True
    if len(value.digits) >= LONG_DIGITS or value.digits.startswith("0"):
        return False
    named = view.finder.find(params.other_numbers, utterance)
    if any(0 <= value.start - match.end <= NAMED_REACH for match in named):
        return True
    asking = last_before([u for u in view.utterances if u.role != utterance.role], utterance.index)
    return asking is not None and utterance.role == "caller" and view.finder.any(params.other_numbers, asking)
