"""Check kind `short_answers`: a yes/no question gets more than a bare yes or no."""

from __future__ import annotations

from itertools import pairwise

from belscore.asking import Question, QuestionReader, is_check, is_participle
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.language.tokens import Utterance
from belscore.rule_service import ShortAnswers
from belscore.scorecard import Evidence, Measured
from belscore.situations import aggression_cues
from belscore.view import MIN_PROBABILITY, CallView, turn_evidence

# The agent who goes on so soon after the bare word had only drawn breath.
GOES_ON_S = 1.5
# A bare word takes no longer than this; the rest of a longer turn was lost in recognition.
BARE_WORD_S = 1.2
# An answer cannot begin much before the question is done.
ANSWER_OVERLAP_S = 0.3

# "fraai is dat" exclaims, "parkeren is dat gratis" asks.
MIN_ASKED = 3
# A question of so few words without a verb takes up what it shares a word with: "geen koffie?".
ECHO_WORDS = 3
# A statement put for assent is no longer than this.
ASSENT_WORDS = 12
# "vertelt u eens", "vertellen?": words that begin alike.
STEM_LETTERS = 5
# So close before a question its words are somebody's, retold.
SAYS_REACH = 2
# "mag ik hopen", "kan ik me voorstellen" tell; behind a verb and its subject a request has so many words of its own.
REQUEST_WORDS = 4


def short_answers(params: ShortAnswers, view: CallView) -> Outcome:
    """Counts turns of the agent that are nothing but `ja` or `nee` right behind a yes/no question."""
    reader = view.asking
    callers = [utterance for utterance in view.of("caller") if not _to_colleague(view, utterance)]
    bare = [answer for turn in callers if (answer := _bare_answer(params, view, reader, turn)) is not None]
    if not bare and not any(_asks(params, view, reader, utterance) for utterance in callers):
        return not_applicable("nothing_asked")
    measured = Measured(float(len(bare)), "keer", f"hoogstens {params.most}")
    if len(bare) <= params.most:
        return passed(measured=measured)
    quotes: list[Evidence] = [turn_evidence(answer) for answer in bare]
    sure = [answer for answer in bare if all(token.probability >= MIN_PROBABILITY for token in answer.tokens)]
    if len(sure) <= params.most:
        return unsure("words_uncertain", *quotes, measured=measured)
    return failed(*quotes, values={"count": str(len(bare)), "quote": bare[0].turn.text}, measured=measured)


def _to_colleague(view: CallView, utterance: Utterance) -> bool:
    """The colleague spoke last before it."""
    before = (each.role for each in reversed(view.utterances[: utterance.index]) if each.role != "caller")
    return next(before, "agent") == "colleague"


def _asks(params: ShortAnswers, view: CallView, reader: QuestionReader, utterance: Utterance) -> bool:
    asks = reader.indirect(utterance) or bool(_yes_no_questions(params, view, reader, utterance))
    asks = asks or _asks_of_thing(view, utterance)
    return asks or _is_confirmed(params, view, utterance) or _requests(params, view, utterance)


def _asks_of_thing(view: CallView, utterance: Utterance) -> bool:
    """`o en is twee genoeg`: no pronoun stands behind the verb; not `is echt niet nodig`, without its subject."""
    if view.punctuated or len(utterance.tokens) > ASSENT_WORDS:
        return False
    norms, lexicon = utterance.norms, view.lexicon
    leads = lexicon.words("vragen", "leads")
    head = next((at for at, norm in enumerate(norms) if norm not in leads), len(norms))
    empty = lexicon.idle | lexicon.negations | leads | lexicon.words("vragen", "inverted_after")
    if head + 2 >= len(norms) or norms[head + 1] in empty:
        return False
    found = view.finder.find(lexicon.list("vragen", "indirect", "heads"), utterance)
    return any(match.cost == 0 and match.start == head for match in found)


def _requests(params: ShortAnswers, view: CallView, utterance: Utterance) -> bool:
    """`Kan ik vrijdag om elf uur komen, dan ben ik er toch al.`: it runs on into a statement and so has no mark."""
    if not view.punctuated:
        return False
    norms, leads = utterance.norms, view.lexicon.words("vragen", "leads")
    for low, high in utterance.sentences():
        at = next((place for place in range(low, high) if norms[place] not in leads), high)
        stop = next((place + 1 for place in range(at, high) if utterance.tokens[place].after), high)
        if stop - at - 2 < REQUEST_WORDS or norms[at] not in params.favours:
            continue
        if norms[at + 1] not in params.stem_subjects:
            continue
        if view.lexicon.negations.isdisjoint(norms[at:stop]):  # "kan ik vrijdag niet komen, dan bel ik"
            return True
    return False


def _is_confirmed(params: ShortAnswers, view: CallView, utterance: Utterance) -> bool:
    """`dus ik mag meer`, `en vanavond gewoon slikken?`: put for assent, as the agent's answer tells.

    A bare word confirms a statement as well, so that one tells nothing.
    """
    answer = view.utterances[utterance.index + 1] if utterance.index + 1 < len(view.utterances) else None
    if answer is None or answer.role != "agent" or len(utterance.tokens) > ASSENT_WORDS or len(answer.tokens) < 2:
        return False
    start, end = utterance.sentence_of(len(utterance.tokens) - 1)
    opens = view.lexicon.words("vragen", "what_about").union(params.so)
    leads = view.lexicon.words("vragen", "leads") - opens  # "mooi en van die plas horen we dat gelijk"
    start = next((at for at in range(start, end) if utterance.norms[at] not in leads), start)
    words, first = utterance.norms[start:end], answer.norms[0]
    marked = utterance.tokens[-1].after == "?"
    lexicon = view.lexicon
    told = lexicon.words("aanspreekvorm", "saying").union(params.past)
    tagged = words[-1] in lexicon.list("vragen", "tags", "last")
    if tagged or not told.isdisjoint(words) or (view.punctuated and not marked):
        return False  # "en toen zei ik: kan dat niet eerder", "dus ik kom om drie uur, he"
    if words[0] not in opens:
        return False
    if words[1:2] and words[1] in {*lexicon.words("vragen", "what_if"), *params.closers}:
        return False  # "en als het misgaat", "mooi en bedankt"
    denied = first in params.denials and not lexicon.negations.isdisjoint(words)
    assured = first in params.bare and answer.norms[1] in params.assents  # "ja zeker"
    return first in params.assents or assured or (first in params.bare and (denied or marked))


def _yes_no_questions(
    params: ShortAnswers, view: CallView, reader: QuestionReader, utterance: Utterance
) -> list[Question]:
    """The closed questions of a turn; of `komt u, of moet ik komen?` none, for it is a choice."""
    found = reader.questions(utterance)
    joined = [at for at in range(1, len(found)) if utterance.norms[found[at].start - 1] == "of"]
    chosen = {at for place in joined for at in (place - 1, place)}
    return [q for at, q in enumerate(found) if at not in chosen and _wants_yes_or_no(params, view, q)]


def _wants_yes_or_no(params: ShortAnswers, view: CallView, question: Question) -> bool:
    """A closed question that is no tag (`snapt u?`), no choice (`of mijn broer?`) and no request (`doe die maar`)."""
    if question.kind != "closed" or _is_tag(params, view, question):
        return False
    words = question.utterance.norms[question.start : question.end]
    front = question.utterance.norms[max(0, question.start - SAYS_REACH) : question.start]
    told = view.lexicon.words("aanspreekvorm", "saying").intersection(params.past)
    if question.marked and not told.isdisjoint(front):  # "toen zei ik: kan dat niet anders?"
        return False
    if question.marked and (_is_echo(view, question) or _asks_what_of(view, question)):
        return False
    if question.marked and _calls_names(params, view, question):
        return False
    if not question.marked and _is_statement(params, view, question):
        return False
    apart = question.utterance.tokens[question.start].after != ""  # "zeg, kost mien dat geld?"
    if words[0] in params.stems and not apart and words[1:2] and words[1] not in params.stem_subjects:
        return False
    # "... omdat ik betaald heb ik heb het bewijs": the subject is that of the next verb
    runs_on = question.start > 0 and not question.marked and words[1:2] == ("ik",) and words[2:3]
    if runs_on and words[2] in params.first_person:
        return False
    # "kijken of mijn bril er is" asks whether, "mijn man of mijn broer" which
    open_words = view.knowledge.question_words.open  # "hoe of het dan is"
    ors = [at for at, norm in enumerate(words[:-1]) if norm == "of" and at > 1 and words[at - 1] not in open_words]
    choices = [words[at + 1] for at in ors]
    choices = [] if any(norm in params.whether for norm in words[:-1]) else choices
    return not any(norm in params.alternatives for norm in choices)


def _is_statement(params: ShortAnswers, view: CallView, question: Question) -> bool:
    """Without a mark, verb + subject may follow on what stands in front: `koorts heeft hij niet`, `nou is hij suf`."""
    norms, start = question.utterance.norms, question.start
    words = norms[start : question.end]
    leads = view.lexicon.words("vragen", "leads")
    modal = words[0] in params.modals
    rest = leads | view.lexicon.negations  # "nee, doe ik niet"
    closed = rest.issuperset(words[2:]) or not set(params.closers).isdisjoint(words[2:3])
    if words[1:2] == ("ik",) and not modal and closed:  # "doe ik, bedankt"
        return True
    if start and words[0] in view.lexicon.words("vragen", "told_by"):  # "de hele nacht, zegt mijn man"
        return True
    if words[1:2] == ("u",) and not modal and not set(params.requests).isdisjoint(words):  # "gaat u uw gang"
        return True
    if not start or words[-1] in params.asks_last:  # "en betalen hoef ik niks dan"
        return False
    asked = (other for other in view.asking.questions(question.utterance) if other.kind == "open")
    again = any(other.end == start for other in asked)  # "wat zegt u | is dit niet"
    if norms[start - 1] in params.now and start > 1 and not again:
        return True
    if not view.lexicon.words("aanspreekvorm", "saying").isdisjoint(norms[max(0, start - SAYS_REACH) : start]):
        return True  # "toen zei ik: kan dat niet eerder"
    if _ends_clause(view, question) or _calls_names(params, view, question):
        return True
    named = any(name.utterance is question.utterance and name.end == start for name in view.caller_names)
    led = norms[start - 1] in leads and norms[start - 1] not in params.so
    if led or named or question.utterance.tokens[start - 1].after or is_check(view.lexicon, words):
        return False
    prefixes = view.lexicon.words("vragen", "open_prefixes")
    if start > 1 and norms[start - 2] in prefixes and any(is_participle(view.lexicon, norm) for norm in words[2:4]):
        return True  # "in mei is hij vastgezet"
    told_not = not (again or view.lexicon.negations.isdisjoint(words))
    denied = words[1:2] not in (("u",), ("jullie",)) and told_not
    told = words[0] in params.past or denied or len(words) < MIN_ASKED
    return told or (words[1:2] == ("ik",) and not modal)


def _ends_clause(view: CallView, question: Question) -> bool:
    """`de brug die jullie erin gezet hebt | die zit los`: the verb closes the clause in front of it."""
    norms, start = question.utterance.norms, question.start
    if not is_participle(view.lexicon, norms[start - 1]):
        return False
    openers = view.lexicon.words("aanspreekvorm", "subordinators")
    opener = next((at for at in range(start - 2, -1, -1) if norms[at] in openers), None)
    return opener is not None and view.lexicon.words("vragen", "verbs").isdisjoint(norms[opener:start])


def _calls_names(params: ShortAnswers, view: CallView, question: Question) -> bool:
    """`sukkels zijn jullie allemaal`, `ben jij doof, sukkel?`: whoever scolds so asks nothing."""
    words = question.utterance.norms[question.start : question.end]
    if words[0] not in params.copulas or words[1:2] not in (("u",), ("je",), ("jij",), ("jullie",)):
        return False
    cues = (cue for cue in aggression_cues(view) if cue.utterance is question.utterance)
    return any(cue.end == question.start or question.start < cue.end <= question.end for cue in cues)


def _asks_what_of(view: CallView, question: Question) -> bool:
    """`En als het niet lukt?`, `En de kinderen?`: a yes or a no would be no answer."""
    words = question.utterance.norms[question.start : question.end]
    lexicon = view.lexicon
    if words[0] not in lexicon.words("vragen", "what_about"):
        return False
    return lexicon.words("vragen", "verbs").isdisjoint(words) or words[1] in lexicon.words("vragen", "what_if")


def _is_echo(view: CallView, question: Question) -> bool:
    """`Dinsdag om tien uur?`, `Geen koffie?` behind the agent's words, or no more than `echt waar?`."""
    words = question.utterance.norms[question.start : question.end]
    verbs, subjects = view.lexicon.words("vragen", "verbs"), view.lexicon.words("vragen", "subjects")
    if any(one in verbs and other in subjects for one, other in pairwise(words)):
        return False
    if words[-1] in view.lexicon.list("vragen", "tags", "supposing") and verbs.isdisjoint(words):
        return True
    agents = [u for u in view.of("agent") if u.index < question.utterance.index]
    said = set(agents[-1].norms if agents else ()) - view.lexicon.idle
    if len(words) == 1 and agents and any(norm.endswith(words[0]) for norm in agents[-1].norms):
        return True  # "Goedemiddag." "Middag?"
    stems = {norm[:STEM_LETTERS] for norm in said if len(norm) >= STEM_LETTERS}
    taken_up = not said.isdisjoint(words) or any(norm[:STEM_LETTERS] in stems for norm in words)
    if len(words) <= ECHO_WORDS and verbs.isdisjoint(words) and taken_up:
        return True
    return (view.lexicon.idle | said).issuperset(words)


def _is_tag(params: ShortAnswers, view: CallView, question: Question) -> bool:
    """The question is nothing but a tag, or a tag stands apart at the end of what asks nothing without it."""
    tokens, norms = question.utterance.tokens, question.utterance.norms
    verbs, subjects = view.lexicon.words("vragen", "verbs"), view.lexicon.words("vragen", "subjects")
    # "moet ik er nog een nemen, of niet?"
    inverted = norms[question.start] in verbs and not subjects.isdisjoint(
        norms[question.start + 1 : question.start + 2]
    )
    return any(
        match.cost == 0
        and match.end == question.end
        and (match.start <= question.start or (tokens[match.start - 1].after != "" and not inverted))
        for match in view.finder.find(params.tags, question.utterance)
    )


def _resumes(params: ShortAnswers, view: CallView, turn: Utterance) -> bool:
    """`ook niet als ik mijn nummer achterlaat`, `en op vrijdag`: behind a yes or a no the question is put once more."""
    before = view.utterances[turn.index - 1] if turn.index else None
    if before is None or before.role != "agent" or not set(before.norms[:1]) & (set(params.bare) | set(params.assents)):
        return False
    tags = set(view.lexicon.list("vragen", "tags", "last"))
    if turn.tokens[-1].after != "?" and (view.punctuated or not tags.isdisjoint(turn.norms)):
        return False  # "ook niet erg hoor"
    again = frozenset(view.lexicon.list("vragen", "what_about", "again"))
    rest = view.lexicon.negations | view.lexicon.words("vragen", "open_prefixes")
    rest |= view.lexicon.words("vragen", "what_if")
    short = len(turn.tokens) <= ASSENT_WORDS
    told = tags.union(params.past)
    tagged = any(token.after for token in turn.tokens[-2:-1]) and turn.norms[-1] in view.lexicon.words("vragen", "tags")
    marked = view.punctuated and len(turn.sentences()) == 1 and told.isdisjoint(turn.norms)  # "en morgen dan wel?"
    marked = marked and not tagged
    second = 2 if turn.norms[1:2] and turn.norms[1] in view.lexicon.words("vragen", "leads") else 1  # "ook nog niks"
    asked = marked or not rest.isdisjoint(turn.norms[second : second + 1])
    return short and asked and not again.isdisjoint(turn.norms[:1])


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
    last = found[-1] if found else None
    asks = reader.indirect(question) or last in _yes_no_questions(params, view, reader, question)
    asks = asks or _asks_of_thing(view, question)
    tagged = last is not None and _is_tag(params, view, last)
    told = view.lexicon.negations.union(params.denials)  # "en toen zei hij nee"
    denied = words[0] in params.denials and not tagged and told.isdisjoint(question.norms)
    if not (asks or denied or _resumes(params, view, question)):
        return None
    if view.recognised and answer.turn.span.duration_s > BARE_WORD_S:
        return None
    goes_on = len(following) > 1 and following[1].role == "agent"
    return None if goes_on and following[1].turn.start_s - answer.turn.end_s <= GOES_ON_S else answer
