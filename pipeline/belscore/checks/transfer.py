"""Check kind `announces_transfer`: handing a caller over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.content import content_of, content_words, shared
from belscore.cues_in_turns import clear_of, exactly
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, last_before, part
from belscore.opening import is_organisation, opening_turns
from belscore.rule_transfer import AnnouncesTransfer
from belscore.view import MIN_PROBABILITY, CallView, evidence, turn_evidence

# The agent's turns before the announcement in which the reason or the person may have been named.
TURNS_BEFORE = 2
# `ah, de rekening` holds no more words.
MATTER_TOKENS = 3
# What is told of a person or desk stands so close beside it.
TOLD_REACH = 10
# An answer comes before the line goes over: within twice ringing, by the signals of the rule on answering.
AT_ONCE_S = 10.0
# What is asked for stands so close behind `ik had graag`, and what is to be done with it so far.
OBJECT_REACH = 3
DEED_REACH = 6


def announces_transfer(params: AnnouncesTransfer, view: CallView) -> Outcome:
    """The first transfer is announced, with to whom or why unless the caller had named the person or desk."""
    announced = _announcement(params, view)
    if announced is None:
        return _unannounced(params, view)
    named = _names_target(params, view, announced) or _caller_named(params, view, announced.utterance)
    if named or _told_when_asked(params, view, announced.utterance):
        return passed(evidence(announced), values={"quote": announced.quote})
    if announced.probability < MIN_PROBABILITY or not view.legible([announced.utterance]):
        return unsure("words_uncertain", evidence(announced))
    return failed(evidence(announced), variant="bare", values={"quote": announced.quote})


def _told_when_asked(params: AnnouncesTransfer, view: CallView, announced: Utterance) -> bool:
    """`ik verbind u door` - `met wie dan?` - `met de planning`: before the line goes over."""
    asked, answer = (*(u for u in view.utterances[announced.index + 1 :] if u.tokens), None, None)[:2]
    if asked is None or answer is None or (asked.role, answer.role) != ("caller", "agent"):
        return False
    at_once = answer.turn.start_s - asked.turn.end_s < AT_ONCE_S
    return at_once and view.finder.any(params.caller_wonders, asked) and _has_target(params, view, answer)


def _announcement(params: AnnouncesTransfer, view: CallView) -> Match | None:
    """The first words that hand over, tells of failed attempts left out."""
    told = {match.utterance.index: match for match in view.find(params.afterwards, view.of("agent"))}
    found = [
        m for m in view.situations.transfers if not (m.utterance.index in told and _near(m, told[m.utterance.index]))
    ]
    found += [match for match in view.find(params.handover, view.of("agent")) if not _sets_time(view, match)]
    return min(found, key=lambda match: match.start_s, default=None)


def _sets_time(view: CallView, match: Match) -> bool:
    """`dan zet ik u overmorgen om kwart over twee`: the `over` is that of the time."""
    return any(moment.start < match.end <= moment.end for moment in view.moments(match.utterance))


def _near(one: Match, other: Match) -> bool:
    return one.start < other.end + 2 and other.start < one.end + 2


def _unannounced(params: AnnouncesTransfer, view: CallView) -> Outcome:
    told = view.finder.first(params.afterwards, view.of("agent"))
    if told is not None:
        if told.probability < MIN_PROBABILITY:
            return unsure("words_uncertain", evidence(told))
        return failed(evidence(told), variant="afterwards", values={"quote": told.quote})
    colleagues = view.of("colleague")
    taken_over = colleagues and not any(u.index > colleagues[0].index for u in view.spoken("agent"))
    if not taken_over or not any(u.index > colleagues[0].index for u in view.of("caller")):
        return not_applicable("situation_doorverbinden")
    before = [u for u in view.of("agent") if u.index < colleagues[0].index][-TURNS_BEFORE:]
    told_whom = _told_whom(params, view, before, colleagues[0])
    if told_whom is not None:
        return passed(turn_evidence(told_whom), values={"quote": told_whom.turn.text})
    assents = view.knowledge.situations["terugbellen"]["affirms"] if _caller_named(params, view, colleagues[0]) else ()
    if before and view.finder.any((*params.fetches, *assents), before[-1]):
        return passed(turn_evidence(before[-1]), values={"quote": before[-1].turn.text})
    if view.recognised or not before:
        return unsure("transfer_unheard", turn_evidence(colleagues[0]))
    return failed(turn_evidence(before[-1]), variant="afterwards", values={"quote": before[-1].turn.text})


def _told_whom(
    params: AnnouncesTransfer, view: CallView, before: Sequence[Utterance], colleague: Utterance
) -> Utterance | None:
    """Where the agent named who comes next in whatever words: a person or desk, or what the colleague answers with."""
    opening = {utterance.index for utterance in opening_turns(view)}
    answers = content_words(view, [colleague])
    for utterance in reversed([each for each in before if each.index not in opening]):
        statements = list(_told(params, view, [utterance]))
        if any(_has_target(params, view, each) for each in statements) or shared(
            answers, content_words(view, statements)
        ):
            return utterance
    return None


def _names_target(params: AnnouncesTransfer, view: CallView, announced: Match) -> bool:
    utterance = announced.utterance
    idle = view.lexicon.idle | view.lexicon.interjections | set(params.idle) | view.lexicon.words("namen", "titles")
    own = {word for name in view.caller_names for word in name.words}
    taken = {*range(announced.start, announced.end), *_read_back(view, utterance)}
    comforting = frozenset(_comforting(params, view, announced))
    taken.update(comforting)
    light = idle | own
    content = {at for at, norm in enumerate(utterance.norms) if at not in taken and norm not in light and len(norm) > 2}
    content.difference_update(_repeated(params, view, announced, content))
    if content or ("..." in announced.phrase.text and _inside(announced, idle | own, comforting)):
        return True
    since = _subject_since(params, view, utterance)
    before = [u for u in view.spoken("agent") if u.index < utterance.index][1:][-TURNS_BEFORE:]
    before = [u for u in before if u.index >= since]
    if _has_target(params, view, utterance):
        return True
    told = list(_told(params, view, before))
    if _asks_further(params, view, utterance, told):
        return any(view.finder.any(params.goes_there, each) for each in told)
    return any(_has_target(params, view, each) for each in told)


def _asks_further(params: AnnouncesTransfer, view: CallView, announced: Utterance, told: Sequence[Utterance]) -> bool:
    """The caller's last turn asks about what nobody spoke of before a person or desk was told of, nor close beside it.

    What was told answers something else then.
    """
    asked = last_before(view.spoken("caller"), announced.index)
    if asked is None or not view.asking.questions(asked):
        return False
    matter = content_words(view, [asked])
    if not matter or view.finder.any(params.caller_refers, asked):
        return False
    named = [(each, match) for each in told for match in view.finder.find(params.targets, each)]
    since = min((each.index for each, _ in named), default=asked.index)
    earlier = [u for u in view.utterances if u.role in ("agent", "caller") and u.index < since]
    beside = [part(each, max(0, m.start - TOLD_REACH), m.end + TOLD_REACH) for each, m in named]
    return not shared(matter, content_words(view, [*earlier, *beside]))


def _read_back(view: CallView, utterance: Utterance) -> Iterator[int]:
    """The tokens of a date or number said in answer to the caller's: `drie maart vijftig, daar is ze`."""
    given = last_before(view.spoken("caller"), utterance.index)
    if given is not None and view.values(given):
        for value in view.values(utterance):
            yield from range(value.start, value.end)


def _comforting(params: AnnouncesTransfer, view: CallView, announced: Match) -> Iterator[int]:
    """The tokens of `dat komt vaker voor na zo'n operatie`: a clause of its own with nobody to go to, or the words."""
    utterance = announced.utterance
    for match in view.finder.find(params.comforts, utterance):
        if match.cost == 0:
            low, high = _clause_of(utterance, match.start)
            apart = high <= announced.start or low >= announced.end
            whole = apart and not _has_target(params, view, part(utterance, low, high))
            yield from range(low, high) if whole else range(match.start, match.end)
    for low, high in utterance.sentences():
        apart = high <= announced.start or low >= announced.end
        idle = apart and (_advises(view, utterance, low, high) or _answers_asked(params, view, utterance, low, high))
        if idle and not _has_target(params, view, part(utterance, low, high)):
            yield from range(low, high)


def _answers_asked(params: AnnouncesTransfer, view: CallView, utterance: Utterance, low: int, high: int) -> bool:
    """`uw zoon mag dat ook`: what the caller just asked to know, of the same matter; not `Els kan uw zoon helpen`."""
    norms = utterance.norms
    said = set(norms[low:high])
    if said.isdisjoint(params.permits) or not said.isdisjoint(params.names_anew):
        return False
    at = next((place for place in range(low, high) if norms[place] not in view.lexicon.interjections), high)
    about = at < high and norms[at] in params.answers_of
    if not about or any(token.capital for token in utterance.tokens[at + 1 : high]):
        return False
    asked = last_before(view.spoken("caller"), utterance.index)
    if asked is None or not any(q.kind == "closed" for q in view.asking.questions(asked)):
        return False
    return bool(shared(content_of(view, norms[low:high]), content_words(view, [asked])))


def _advises(view: CallView, utterance: Utterance, low: int, high: int) -> bool:
    """`laat haar rechtop zitten`: the caller is told what to do; not `laat ik Els vragen`, `haal Els er even bij`."""
    leads, orders = view.lexicon.words("vragen", "leads"), view.lexicon.list("vragen", "orders", "stems")
    at = next((place for place in range(low, high) if utterance.norms[place] not in leads), high)
    if at + 1 >= high or utterance.norms[at] not in orders or utterance.tokens[high - 1].after == "?":
        return False
    behind = utterance.tokens[at + 1 : high]
    speakers = view.lexicon.words("aanspreekvorm", "speakers")
    return speakers.isdisjoint(token.norm for token in behind) and not any(token.capital for token in behind)


def _repeated(params: AnnouncesTransfer, view: CallView, announced: Match, content: Set[int]) -> Iterator[int]:
    """The tokens of `ah, de rekening`: a clause with no verb and only what the caller told; not `ah, Sofie`."""
    utterance = announced.utterance
    told = {norm for u in view.spoken("caller") if u.index < utterance.index for norm in u.norms}
    for low, high in {_clause_of(utterance, at) for at in content}:
        held = [at for at in content if low <= at < high]
        while low < min(held) and utterance.norms[low] in view.lexicon.interjections:
            low += 1  # `o ja een attest`
        norms = utterance.norms[low:high]
        apart = (high <= announced.start or low >= announced.end) and len(norms) <= MATTER_TOKENS
        thing = norms[0] in params.matters and not any(utterance.tokens[at].capital for at in held)
        same = apart and thing and all(utterance.norms[at] in told for at in held)
        if same and not _has_target(params, view, part(utterance, low, high)):
            yield from held


def _clause_of(utterance: Utterance, at: int) -> tuple[int, int]:
    """Token range between the marks around token `at`."""
    ends = [place + 1 for place, token in enumerate(utterance.tokens) if token.after]
    low = max((end for end in ends if end <= at), default=0)
    return low, min((end for end in ends if end > at), default=len(utterance.tokens))


def _told(params: AnnouncesTransfer, view: CallView, utterances: Sequence[Utterance]) -> Iterator[Utterance]:
    """Without what the agent asks the caller: `van welke dokter heeft u die` names nobody to go to.

    Nor does `heeft de arts er iets over gezegd`.

    Nor does the sentence that says where the caller was booked: `dat is vrijdag om kwart over twee bij de prothetist`.
    """
    reader = view.asking
    for utterance in utterances:
        asked = [(q.start, q.end) for q in reader.questions(utterance) if q.kind == "open"]
        asked += [(match.start, match.end) for match in exactly(view, params.asks_told, utterance)]
        told, since = [], 0
        for start, end in sorted([*asked, *_booked(view, utterance)]):
            told.append((since, start))
            since = max(since, end)
        yield from (part(utterance, a, b) for a, b in [*told, (since, len(utterance.tokens))] if a < b)


def _booked(view: CallView, utterance: Utterance) -> Iterator[tuple[int, int]]:
    """The sentences with the time of the appointment that was made."""
    appointment = view.situations.appointment
    if appointment is None or not appointment.moment.has_clock:
        return
    for moment in view.moments(utterance):
        if moment.clock_min == appointment.moment.clock_min:
            yield utterance.sentence_of(moment.start)


def _inside(announced: Match, idle: frozenset[str] | set[str], taken: Set[int]) -> bool:
    """`krijgt u mijn collega aan de lijn`: the target stands inside the phrase."""
    words, norms = announced.phrase.words, announced.utterance.norms
    inside = [norms[at] for at in range(announced.start, announced.end) if at not in taken]
    return any(norm not in idle and norm not in words and len(norm) > 2 for norm in inside)


def _has_target(params: AnnouncesTransfer, view: CallView, utterance: Utterance) -> bool:
    """A person, desk or reason; not by its form alone in a question of the caller's own: `bent u verzekerd`."""
    if view.finder.any(params.targets, utterance):
        return True
    reasons = view.finder.find(params.reasons, utterance)
    asked = [q for q in view.asking.questions(utterance) if q.kind == "closed"] if reasons else []
    if any(not any(q.start <= match.start < q.end for q in asked) for match in reasons):
        return True
    norms, speakers = utterance.norms, view.lexicon.words("aanspreekvorm", "speakers")
    named = {at for at, norm in enumerate(norms) if is_organisation(view, norm)}
    closed = [q for q in view.asking.questions(utterance) if q.kind == "closed"] if named else []
    own = [q for q in closed if speakers.isdisjoint(norms[q.start : q.end])]
    return bool(named.difference(*(range(q.start, q.end) for q in own)))


def _caller_named(params: AnnouncesTransfer, view: CallView, announced: Utterance) -> bool:
    """The caller asked for somebody: `mag ik de gipskamer`, `kunt u mij doorverbinden met Annelies`."""
    since = _subject_since(params, view, announced)
    before = [u for u in view.of("caller") if since <= u.index < announced.index]
    return any(
        _asks_for(params, view, utterance)
        or _asks_by_name(params, view, utterance)
        or (view.finder.any(params.caller_guesses, utterance) and not _says_yes(view, utterance))
        for utterance in before
    )


def _asks_for(params: AnnouncesTransfer, view: CallView, utterance: Utterance) -> bool:
    """For a person or desk; not `ik weet niet wie ik moet hebben`."""
    vague = [m for m in view.finder.find(params.caller_vague, utterance) if _for_person(params, view, m)]
    asks = [m for m in view.finder.find(params.caller_asks, utterance) + vague if m.cost == 0 or view.recognised]
    unsure_of = [m for m in view.finder.find(params.caller_unsure, utterance) if m.cost == 0 or view.recognised]
    return bool(asks) and bool(clear_of(asks, unsure_of, beside=1))


def _for_person(params: AnnouncesTransfer, view: CallView, match: Match) -> bool:
    """`mag ik de gipskamer`, not `mag ik een herhaalrecept` or `ik had graag geweten`."""
    utterance = match.utterance
    _, end = utterance.sentence_of(match.start)
    near = part(utterance, match.start, min(max(end, match.end), match.end + OBJECT_REACH))
    if view.finder.any(params.persons, near):
        return True
    far = part(utterance, match.start, min(max(end, match.end), match.end + DEED_REACH))
    return not view.finder.any(params.things, far)


def _subject_since(params: AnnouncesTransfer, view: CallView, announced: Utterance) -> int:
    """The caller's last turn before the transfer that takes up something new, unasked by the agent; 0 for none."""
    reader = view.asking
    before = [u for u in view.spoken("caller") if u.index < announced.index]
    for utterance in reversed(before[1:]):
        if any(match.cost == 0 for match in view.finder.find(params.new_subject, utterance)):
            asking = last_before(view.spoken("agent"), utterance.index)
            return 0 if asking is None or reader.questions(asking) else utterance.index
    return 0


def _asks_by_name(params: AnnouncesTransfer, view: CallView, utterance: Utterance) -> bool:
    """`mag ik Ingrid?`: a name, and nothing but courtesies to the end; or `een vraag voor Ingrid, over mijn knie`."""
    reader = view.knowledge.names.words
    sought = [(match, False) for match in view.finder.find(params.caller_opens, utterance)]
    seeks = (*params.caller_seeks, *(params.caller_wants if view.cased else ()))
    sought += [(match, True) for match in view.finder.find(seeks, utterance)]
    for match, loose in sought:
        name = reader.read_name(utterance.tokens, match.end, cased=view.cased) if match.cost == 0 else None
        if name is not None:
            _, end = utterance.sentence_of(match.start)
            behind = utterance.norms[name.end : end]
            if loose or all(norm in params.idle or norm in view.lexicon.idle for norm in behind):
                return True
    return False


def _says_yes(view: CallView, asked: Utterance) -> bool:
    """The agent's next turn begins with a yes."""
    answer = next((u for u in view.spoken("agent") if u.index > asked.index), None)
    affirms = view.knowledge.situations["terugbellen"]["affirms"]
    return answer is not None and any(match.start <= 1 for match in view.finder.find(affirms, answer))
