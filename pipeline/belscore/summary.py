"""Where the agent puts the caller's story in own words: a marked summary, or a retelling in words of the story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from belscore.agreed_account import agreed_account, agrees_fully, answer_to, asks_further, denied, happened, says_so_too
from belscore.agreed_again import (
    agreed_places,
    lies_ahead,
    marks_moment,
    offering_turns,
    taken_on_again,
    takes_nothing_on,
)
from belscore.content import content_of, content_words, shared_in_sense
from belscore.cues_in_turns import clear_of
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, last_before
from belscore.solutions import commitments
from belscore.statements import StatementReader
from belscore.view import CallView

# Words of substance the summary shares with the caller's story. Two tell a summary from a courtesy.
MIN_SHARED_WORDS = 2
# Of a retelling: as many behind a marker such as `dus`, more without, and more where it is only what the caller wants.
# Own values, set on sentences written for the purpose (tests/complaint_sentences.toml) and on tests/dialogues.
RETOLD_MARKED = 2
RETOLD_WISH = 3
RETOLD_PLAIN = 4
# Behind a marker a sentence of so many words need not share them; without, most of its words of substance do.
RETOLD_LONG = 8
# Statements that are no summary, however many words of the story they hold.
INFERRED = ("gevolgtrekking",)  # nor behind `dus`
FAULTS = ("verwijt", "verweer", "schuld_partij", "schuld_drukte", *INFERRED)
RETOLD_SHARE = 0.75
# The caller's turn of so few words is an answer, not the story. Own value.
SHORT_ANSWER = 5
# In front of a closing `begrijp ik` an account has so many words. Own value.
CLOSED_WORDS = 6
LEXICON = "luisteren"


@dataclass(frozen=True, slots=True)
class Summary:
    """An utterance of the agent that summarises, and where in it the summary starts."""

    utterance: Utterance
    start: int

    @property
    def start_s(self) -> float:
        return self.utterance.tokens[self.start].start_s


def first_summary(view: CallView, since_s: float, *, offering: Sequence[Utterance] | None = None) -> Summary | None:
    """The first summary after `since_s`: a marker, and words of substance the caller said before.

    offering : turns with a solution; given, what is told again of the earlier ones was agreed and does not count
    """
    markers = view.lexicon.list("luisteren", "summary")
    for utterance in view.spoken("agent"):
        if utterance.turn.start_s < since_s:
            continue
        found = _meant(view, utterance, view.finder.find(markers, utterance))
        if not found:
            continue
        story = content_words(view, [u for u in view.of("caller") if u.turn.start_s < utterance.turn.end_s])
        offers = [earlier for earlier in offering or () if earlier.index < utterance.index]
        agreed = agreed_places(view, utterance, offers) | taken_on_again(view, utterance, offers)
        names = _named(view, [])
        told = [norm for at, norm in enumerate(utterance.norms) if at not in agreed and norm not in names]
        content = content_of(view, told)
        kept = [at for at in range(len(utterance.norms)) if at not in agreed]
        if offering is not None and _only_values(view, utterance, kept, found):
            continue
        for match in found:
            needed = MIN_SHARED_WORDS - _confirmed(view, utterance)
            if _wishes(view, utterance):
                needed = RETOLD_WISH
            if shared_in_sense(view, content, story, MIN_SHARED_WORDS) >= needed:
                return Summary(utterance, _start(utterance, match.start))
    return None


def first_account(view: CallView, since_s: float) -> Summary | None:
    """The first summary or retelling after `since_s`, whichever comes first."""
    offering = offering_turns(view, since_s)
    summary = first_summary(view, since_s, offering=offering)
    for utterance in view.spoken("agent"):
        if summary is not None and utterance.index >= summary.utterance.index:
            break
        if utterance.turn.start_s < since_s:
            continue
        offers = [earlier for earlier in offering if earlier.index < utterance.index]
        if _retells(view, utterance, offers) or _tersely_told(view, utterance, offers):
            return Summary(utterance, _head(view, utterance))
    return summary


def _meant(view: CallView, utterance: Utterance, markers: Sequence[Match]) -> list[Match]:
    """Markers less what only shows sympathy: `begrijp ik goed dat`, not `ik begrijp goed dat u daarvan schrok`."""
    feels = view.finder.find(view.lexicon.list(LEXICON, "summary", "feels"), utterance) if markers else ()
    return _clear(view, clear_of(markers, feels))


def _clear(view: CallView, markers: list[Match]) -> list[Match]:
    """Less those that ask for the caller's particulars: `klopt het nummer nog?`."""
    asks = view.lexicon.list(LEXICON, "retelling", "particulars")
    asked = view.finder.find(asks, markers[0].utterance) if markers else ()
    return [m for m in markers if not any(each.cost == 0 and each.start <= m.start < each.end for each in asked)]


def _head(view: CallView, utterance: Utterance) -> int:
    """Where a retelling starts: at the first marker that opens a sentence, else with the turn."""
    spans = ((match, *utterance.sentence_of(match.start)) for match in _markers(view, utterance))
    return min((low for match, low, high in spans if match.start - low <= 1 and match.end < high), default=0)


def confirmed_account(view: CallView) -> Summary | None:
    """The first account of the call, where the caller agrees with it; what the file says is no account of theirs."""
    account = first_account(view, 0.0)
    answer = answer_to(view, account.utterance) if account else None
    if account is None or answer is None or not _confirmed(view, account.utterance):
        return None
    if view.finder.any(view.lexicon.list(LEXICON, "looked_up"), account.utterance):
        return None
    refused = answer.norms[0] in view.lexicon.words(LEXICON, "denies") and len(answer.norms) > SHORT_ANSWER
    return None if refused else account


def sums_up(view: CallView, utterance: Utterance) -> bool:
    """Whether this turn puts the caller's story back to them behind a marker: `dus ...`, `..., klopt dat?`."""
    return bool(_markers(view, utterance)) and _retells(view, utterance, [])


def _retells(view: CallView, utterance: Utterance, offers: list[Utterance]) -> bool:
    """`u bent drie keer voor niets geweest`: about the caller or theirs, in words of the caller's own story.

    offers : earlier turns with a solution; what is told again of them was agreed, not complained about
    """
    markers = _markers(view, utterance)
    read_back = agreed_places(view, utterance, offers)
    places = [at for low, high in utterance.sentences() for at in _told(view, utterance, low, high, bool(markers))]
    places = [at for at in places if at not in read_back]
    places = _up_to_break(view, utterance, places, markers)
    told = [utterance.norms[at] for at in places]
    names = _named(view, offers)
    about = view.lexicon.words(LEXICON, "subjects" if markers else "persons")
    agreed = agreed_account(view, utterance, [norm for norm in told if norm not in names])
    if not (agreed or markers) and about.isdisjoint(told):
        return False
    content = content_of(view, [norm for norm in told if norm not in names])
    story = content_words(view, [u for u in view.of("caller") if u.turn.start_s < utterance.turn.end_s])
    # "dus Lotte is hardhandig vastgepakt": who the caller spoke of
    of_theirs = not story.isdisjoint(norm for match in markers for norm in utterance.norms[match.end : match.end + 1])
    amiss = not view.lexicon.words(LEXICON, "amiss").isdisjoint(told)
    framed = amiss and any(_opens_or_ends(view, match) for match in markers)
    # "dus een uur in de wachtkamer en dan weer naar huis": the caller knows who is meant.
    of_theirs = of_theirs or (framed and _confirmed(view, utterance))
    fully = agreed and says_so_too(view, utterance, told)
    if about.isdisjoint(told) and not (of_theirs or agreed):
        return False
    same = shared_in_sense(view, content, story)
    of_theirs = of_theirs or fully or (agreed and same >= RETOLD_MARKED)
    foreseen = bool(offers) and not happened(view, told) and (not same or lies_ahead(view, utterance, markers))
    of_none = (about.isdisjoint(told) and not of_theirs) or foreseen
    if of_none or _instructs(view, utterance) or _only_values(view, utterance, places, markers):
        return False
    if _wishes(view, utterance) or _says_after(view, utterance, content):
        return same >= RETOLD_WISH
    if markers:
        if offers and not view.lexicon.words(LEXICON, "no_more").isdisjoint(told) and not happened(view, told):
            return False
        long = len(_by_marker(view, markers, places)) >= RETOLD_LONG
        return same >= RETOLD_MARKED or (amiss and agreed) or (long and (same > 0 or framed))
    if denied(view, utterance, told):
        return False
    if fully or (agreed and amiss):
        return True
    if amiss and same >= RETOLD_MARKED and same >= RETOLD_SHARE * len(content):
        return True
    confirmed = _confirmed(view, utterance) and not asks_further(view, utterance, places)
    return same >= RETOLD_PLAIN - amiss - confirmed - 2 * (agreed and len(told) >= RETOLD_LONG)


def _named(view: CallView, offers: list[Utterance]) -> frozenset[str]:
    """Words that tell nothing of the story: the caller's name, and what was offered."""
    return content_words(view, offers).union(*[name.words for name in view.caller_names])


def _up_to_break(view: CallView, utterance: Utterance, places: Sequence[int], markers: Sequence[Match]) -> list[int]:
    """`daar doen wij niks aan, maar goed, de twintigste dus`: a marker tells nothing of what was broken off."""
    breaks = view.finder.find(view.lexicon.list(LEXICON, "retelling", "breaks_off"), utterance)
    since = max((m.end for m in breaks if markers and all(m.end <= marker.start for marker in markers)), default=0)
    return [at for at in places if at >= since]


def _tersely_told(view: CallView, utterance: Utterance, offers: list[Utterance]) -> bool:
    """`om negen uur er, pas om half elf aan de beurt`: without a verb, in words that are all the caller's."""
    amiss = view.lexicon.words(LEXICON, "amiss")
    if amiss.isdisjoint(utterance.norms):
        return False
    agreed = agreed_places(view, utterance, offers)
    names = _named(view, offers)
    story = content_words(view, [u for u in view.of("caller") if u.turn.start_s < utterance.turn.end_s])
    norms = utterance.norms
    verbs, speakers = view.lexicon.words("vragen", "verbs"), view.lexicon.words("aanspreekvorm", "speakers")
    for low, high in utterance.sentences():
        told = [norms[at] for at in range(low, high) if at not in agreed and norms[at] not in names]
        if amiss.isdisjoint(told) or utterance.tokens[high - 1].after == "?":
            continue
        if not (verbs.isdisjoint(told) and speakers.isdisjoint(told)) or denied(view, utterance, told):
            continue
        content = content_of(view, told)
        same = shared_in_sense(view, content, story)
        if same >= RETOLD_WISH and same >= RETOLD_SHARE * len(content):
            return True
    return False


def _only_values(view: CallView, utterance: Utterance, places: Sequence[int], markers: Sequence[Match]) -> bool:
    """`om half tien, zegt u?`: a time or an amount taken up tells nothing of what happened then."""
    values = {at for value in view.values(utterance) for at in range(value.start, value.end)}
    number, sums = view.knowledge.names.words.is_number, view.lexicon.words(LEXICON, "sums")
    values |= {at for at in places if number(utterance.norms[at]) or utterance.norms[at] in sums}
    told = {utterance.norms[at] for at in places}
    negative = view.lexicon.negations | frozenset(view.lexicon.list(LEXICON, "denies", "negative"))
    if values.isdisjoint(places) or not told.isdisjoint(negative):  # "drie keer voor niets, zegt u"
        return False
    values = values.union(*(range(match.start, match.end) for match in markers))
    names = {word for name in view.caller_names for word in name.words}
    rest = content_of(view, [utterance.norms[at] for at in places if at not in values])
    return rest <= names


def _markers(view: CallView, utterance: Utterance) -> list[Match]:
    """Markers of a retelling, less a conjunction that gives a reason: `hij is ziek, dus u moet wachten`."""
    reasons, begins = view.lexicon.words(LEXICON, "reasons"), view.lexicon.words("vragen", "subjects")
    found = _clear(view, list(view.finder.find(view.lexicon.list(LEXICON, "retelling"), utterance)))
    closing = view.finder.find(view.lexicon.list(LEXICON, "retelling", "closing"), utterance)
    return [m for m in closing if _closes_account(view, m)] + [
        match
        for match in found
        if not reasons.issuperset(utterance.norms[match.start : match.end])
        or (
            not marks_moment(view, match)
            and (
                _opens_or_ends(view, match)
                or begins.isdisjoint(utterance.norms[match.end : match.end + 1])
                or _within_clause(view, match)
            )
        )
    ]


def _closes_account(view: CallView, match: Match) -> bool:
    """`..., en u zit nu te wachten, begrijp ik`; `dat begrijp ik`, `dat u woedend bent begrijp ik` sum nothing up."""
    (low, high), opens = match.utterance.sentence_of(match.start), view.lexicon.words(LEXICON, "notes", "opens")
    told = match.utterance.norms[low : match.start]
    return match.end == high and len(told) >= CLOSED_WORDS and opens.isdisjoint(told)


def _within_clause(view: CallView, match: Match) -> bool:
    """`u voelde dus alles`: behind the caller and a verb, and with no verb behind the next word, it joins nothing."""
    norms, at = match.utterance.norms, match.start
    caller = at > 1 and norms[at - 2] in view.lexicon.words(LEXICON, "to_caller")
    verbs = view.lexicon.words("vragen", "verbs")
    return caller and norms[at + 1 : at + 2] not in {("u",), ("ik",)} and verbs.isdisjoint(norms[at + 2 : at + 3])


def _opens_or_ends(view: CallView, match: Match) -> bool:
    """The marker stands at the head of a sentence, or closes it: `dus u ...`, `..., klopt dat?`."""
    low, high = match.utterance.sentence_of(match.start)
    opening = view.lexicon.words("vragen", "leads") | view.lexicon.fillers
    return match.end == high or opening.issuperset(match.utterance.norms[low : match.start])


def _told(view: CallView, utterance: Utterance, low: int, high: int, marked: bool) -> range:
    """Tokens of a sentence up to where the agent takes something on or, unmarked, explains.

    None of a question to the caller, and none of a reproach or a defence unless a marker makes it the caller's words.
    """
    first, opens = utterance.norms[low], view.lexicon.words("vragen", "open")
    asks = first in opens or first in view.lexicon.words("vragen", "verbs")
    if first in view.lexicon.words("vragen", "open_prefixes"):  # "bij wie was dat?"
        asks = not opens.isdisjoint(utterance.norms[low + 1 : min(low + 2, high)])
    if asks and not view.punctuated:  # "zijn toestel is kwijt" only looks like one
        asks = any(question.start == low for question in view.asking.questions(utterance))
    if asks and (utterance.tokens[high - 1].after == "?" or not view.punctuated):
        return range(0)
    faults = StatementReader(view, INFERRED if marked else FAULTS)
    if any(low <= said.start < high for said in faults.find(utterance)):
        return range(0)
    ends = [at for at in commitments(view, utterance) if not takes_nothing_on(view, utterance, at)]
    if not marked:
        because = view.lexicon.list(LEXICON, "reasons", "because")
        ends += [at for at in range(low, high) if utterance.norms[at] in because]
        if not view.punctuated:
            ends += [question.start for question in view.asking.questions(utterance)]
    return range(low, min((at for at in ends if low <= at < high), default=high))


def _by_marker(view: CallView, markers: Sequence[Match], places: Sequence[int]) -> list[int]:
    """Of the told places those that a bare `dus` is about: from its sentence on, or up to it where it closes one.

    All of them where another marker is among them: `Klopt dat?`.
    """
    reasons = view.lexicon.words(LEXICON, "reasons")
    if any(not reasons.issuperset(match.utterance.norms[match.start : match.end]) for match in markers):
        return list(places)
    low, high = markers[0].utterance.sentence_of(markers[0].start)
    if not any(low <= at < high for at in places):
        return []  # "hij belt dus om vier uur. Sterkte voor uw moeder": what it marks was agreed
    return [at for at in places if (at < high if markers[0].end == high else at >= low)]


def _wishes(view: CallView, utterance: Utterance) -> bool:
    """`u wilt dus een taxi`: what the caller wants is not yet what happened."""
    wished = view.finder.find(view.lexicon.list(LEXICON, "wishes"), utterance)
    return bool(clear_of(wished, view.finder.find(view.lexicon.list(LEXICON, "wishes", "nobody"), utterance)))


def _says_after(view: CallView, utterance: Utterance, content: frozenset[str]) -> bool:
    """`negentig euro, zegt u`: no more than the caller's own last few words."""
    before = last_before(view.utterances, utterance.index)
    if before is None or before.role != "caller" or len(before.norms) > SHORT_ANSWER:
        return False
    return content <= content_words(view, [before])


def _instructs(view: CallView, utterance: Utterance) -> bool:
    """`betaalt u nou eerst maar eens`: no account but an order."""
    return view.finder.any(view.lexicon.list(LEXICON, "instructs"), utterance)


def _confirmed(view: CallView, utterance: Utterance) -> bool:
    """The caller's next turn agrees with what the agent put to them."""
    answer = answer_to(view, utterance)
    if answer is None:
        return False
    return view.finder.any(view.lexicon.list(LEXICON, "confirms"), answer) or agrees_fully(view, answer)


def _start(utterance: Utterance, at: int) -> int:
    """A marker such as `klopt dat?` stands behind its summary: the summary starts with the turn's own first words."""
    start, _ = utterance.sentence_of(at)
    return 0 if start > 0 and at - start <= 1 else start
