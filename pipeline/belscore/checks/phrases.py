"""Check kinds `says` and `avoids_before`: words that are due, and words that come too early."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from belscore.call import Span
from belscore.checks.avoids import story_start
from belscore.checks.outcome import Outcome, failed, not_applicable, passed, unsure
from belscore.checks.until import within_statement
from belscore.content import content_words, shared
from belscore.cues_in_turns import clear_of, exactly
from belscore.holds import Hold
from belscore.language.moments import Moment
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, last_before, part
from belscore.opening import opening_turns
from belscore.rule_schema import AvoidsBefore, Says
from belscore.scorecard import Evidence
from belscore.statements import StatementReader
from belscore.summary import MIN_SHARED_WORDS, Summary, first_account
from belscore.view import MIN_PROBABILITY, CallView, due_evidence, evidence, turn_evidence

# The default model is right about half of the words at 0.6 (bench/wer.py); a word in its phrase is surer than alone.
SURE_WORDS = 0.6
SURE_LONG_WORD = 0.45
LONG_WORD_LETTERS = 6
# A sentence of fewer words tells nothing again; a question of at most so many with `sorry` in it asks to hear it again.
TELLING_WORDS = 5
ASKED_WORDS = 8
# What is due on coming back is said first.
OPENING_TOKENS = 8
# A call is closed in its last words: `dag, mevrouw van Dam`.
CLOSING_TOKENS = 5
# Who greets back does so with the first word, or behind one such as `ja`.
GREETING_AT = 1
# `ja dank u wel, u ook een` gives a wish back and holds no more than that.
RETURN_TOKENS = 8
# An echo of a farewell further from the end is one of something else.
ECHO_TURNS = 2
# Sound of the agent without any words for so long is a turn that was lost.
LOST_TURN_S = 0.3


def says(params: Says, view: CallView) -> Outcome:
    """Some phrase is said in each stretch where it is due."""
    if params.within.after == "hold_end":
        return _after_holds(params, view)
    turns = view.of(params.role)
    if params.within.after == "call_start":
        spoken = turns[: params.within.turns]
    else:
        opening = {utterance.index for utterance in opening_turns(view)}
        spoken = [u for u in turns[-params.within.turns :] if u.index not in opening] or turns[-1:]
        spoken = [_greeted_back(params, view, u) if u is not turns[-1] else u for u in spoken]
    if not spoken:
        return not_applicable("no_agent")
    return _in_turns(params, view, spoken, Span(spoken[-1].turn.start_s, view.call.duration_s), {})


def _greeted_back(params: Says, view: CallView, utterance: Utterance) -> Utterance:
    """The agent's first turn behind the opening, or a hold, without the greeting at its head: `dag mevrouw Jansen`."""
    opening = {each.index for each in opening_turns(view)}
    first = next((u for u in view.spoken("agent") if u.index not in opening), None)
    backs = {hold.back.index for hold in view.situations.holds if hold.back is not None}
    if first is None or utterance.index not in (first.index, *backs):
        return utterance
    said = view.finder.find((*params.any_of, *filter(None, (params.closing_word,))), utterance)
    heads = [match.end for match in said if match.start <= GREETING_AT]
    return part(utterance, max(heads), len(utterance.tokens)) if heads else utterance


def _after_holds(params: Says, view: CallView) -> Outcome:
    """Every hold has to be followed by the phrase; the first one that is not decides."""
    holds = view.situations.holds
    outcomes = [_after_hold(params, view, hold) for hold in holds]
    for verdict in ("fail", "unsure", "pass"):
        for outcome in outcomes:
            if outcome.verdict == verdict:
                return outcome
    return outcomes[0] if outcomes else not_applicable("situation_wachtstand")


def _after_hold(params: Says, view: CallView, hold: Hold) -> Outcome:
    if hold.back is None:
        return not_applicable("hold_end_missing")
    turns = [u for u in view.of(params.role) if u.index >= hold.back.index][: params.within.turns]
    values = {"hold_s": f"{hold.span.duration_s:.0f}"}
    return _in_turns(params, view, turns, Span(hold.span.end_s, turns[-1].turn.end_s), values)


def _in_turns(params: Says, view: CallView, turns: Sequence[Utterance], due: Span, values: dict[str, str]) -> Outcome:
    said = (m for u in reversed(turns) for m in view.finder.find(params.any_of, u) if not _covered(params, view, m))
    found = next((m for m in said if not _only_books(params, view, turns, m)), None)
    if found is None and params.closing_word:
        found = _closing_word(params, view, turns) or _given_back(params, view, turns)
    if found is not None:
        return passed(evidence(found), values=values)
    if params.statements:
        reader = StatementReader(view, params.statements)
        stated = next((statement for u in turns for statement in reader.find(u)), None)
        if stated is not None:
            return passed(stated.evidence, values=values)
    until = _until_day(params, view, turns)
    if until is not None:
        return passed(until, values=values)
    informal = view.finder.first(params.too_informal, reversed(turns)) if params.too_informal else None
    if informal is not None and view.child_turns:
        return passed(evidence(informal), values=values)
    close = _close(params, view, turns)
    if close is not None:
        return unsure("words_close", close)
    if informal is not None and informal.probability >= MIN_PROBABILITY:
        return failed(evidence(informal), variant="informal", values={**values, "quote": informal.quote})
    if not _well_heard(params, view, turns, due):
        return unsure("words_uncertain", *(turn_evidence(utterance) for utterance in turns[-1:]))
    return failed(turn_evidence(turns[-1]) if turns else due_evidence(params.role, due), values=values)


def _only_books(params: Says, view: CallView, turns: Sequence[Utterance], match: Match) -> bool:
    """`dan zien we je dinsdag om vier uur`, and the last turn is a mere `doei`: when it is, and no leave taken."""
    utterance = match.utterance
    if not params.too_informal or utterance is turns[-1] or utterance.norms[match.start] == params.closing_until:
        return False
    beside = (m for m in view.moments(utterance) if m.has_clock and match.start < m.start <= match.end + 1)
    return any(beside) and view.finder.any(params.too_informal, turns[-1])


def _covered(params: Says, view: CallView, match: Match | Moment) -> bool:
    covers = exactly(view, params.unless, match.utterance) if params.unless else []
    if params.lasts and view.punctuated:
        lasting = exactly(view, params.lasts, match.utterance)
        covers += [m for m in lasting if not any(t.after for t in m.utterance.tokens[m.start : match.start])]
    return not clear_of([match], covers) or within_statement(params.closing_until, view, match)


def _close(params: Says, view: CallView, turns: Sequence[Utterance]) -> Evidence | None:
    """What may have been one of the phrases, had it been heard better."""
    if not view.recognised:
        return None
    near = view.finder.first(params.any_of, reversed(turns), doubtful=True)
    if near is not None:
        return evidence(near)
    latest = turns[-ECHO_TURNS:] if params.within.before == "call_end" else turns
    echoing = view.echo(params.any_of, reversed(latest)) or _closing_echo(params, view, turns)
    return turn_evidence(echoing) if echoing is not None else None


def _well_heard(params: Says, view: CallView, turns: Sequence[Utterance], due: Span) -> bool:
    """The words where the phrase was due are good enough to say that it was not said, and no turn there was lost."""
    due_from_s = turns[0].turn.start_s if turns else due.start_s
    if view.unheard_s(params.role, Span(due_from_s, due.end_s)) > LOST_TURN_S:
        return False
    if params.within.before == "call_end":
        return view.crisp(turns[-1:])
    return view.clear(turns, first=OPENING_TOKENS)


def _closing_word(params: Says, view: CallView, turns: Sequence[Utterance]) -> Match | None:
    """A word such as `dag` that closes when it opens a sentence or stands behind a particle, not `elke dag`."""
    for utterance in reversed(turns):
        for match in view.finder.find((params.closing_word,), utterance):
            start, _ = utterance.sentence_of(match.start)
            before = utterance.norms[match.start - 1] if match.start > start else ""
            free = before not in params.closing_word_not_after or _opens_farewell(params, view, match, before)
            if match.cost == 0 and free and not before.isdigit() and not _covered(params, view, match):
                return match
    return None


def _given_back(params: Says, view: CallView, turns: Sequence[Utterance]) -> Match | None:
    """`fijne dag nog` - `insgelijks`: a short sentence that returns what the caller's turn before it wished."""
    for utterance in reversed(turns) if params.returns else ():
        wished = last_before(view.utterances, utterance.index)
        if wished is None or wished.role != "caller" or not view.finder.any(params.any_of, wished):
            continue
        for match in view.finder.find(params.returns, utterance):
            low, high = utterance.sentence_of(match.start)
            if match.cost == 0 and high - low <= RETURN_TOKENS:
                return match
    return None


def _opens_farewell(params: Says, view: CallView, match: Match, before: str) -> bool:
    """`daar zorgen we voor dag mevrouw Jansen`: a title follows, and what stands in front can end a clause."""
    behind = view.lexicon.words("namen", "titles").intersection(match.utterance.norms[match.end : match.end + 1])
    return bool(behind) and before in params.closing_word_titled_after


def _closing_echo(params: Says, view: CallView, turns: Sequence[Utterance]) -> Utterance | None:
    """The last turn where it ends on a word nearly the closing one, or on a day behind a word that says nothing."""
    if not (params.closing_word and turns):
        return None
    last = turns[-1]
    known = view.lexicon.idle
    for norm in (*last.norms[:1], *last.norms[-CLOSING_TOKENS:]):
        if norm not in known and Levenshtein.distance(norm, params.closing_word) == 1:
            return last
    days = [moment for moment in view.moments(last) if moment.has_day and moment.start > 0]
    return last if any(last.norms[moment.start - 1] not in known for moment in days) else None


def _until_day(params: Says, view: CallView, turns: Sequence[Utterance]) -> Evidence | None:
    """`tot 29 juni`, `tot de dertiende`, `tot half zes dan`."""
    for utterance in reversed(turns) if params.closing_until else ():
        for moment in view.moments(utterance):
            ahead = utterance.norms[max(0, moment.start - 2) : moment.start]
            until = params.closing_until in ahead and (moment.has_day or _then(params, view, moment))
            if until and not _ends_stretch(view, moment) and not _covered(params, view, moment):
                return Evidence(utterance.role, moment.start_s, moment.end_s, moment.quote)
    return None


def _then(params: Says, view: CallView, moment: Moment) -> bool:
    """The time of the appointment with nothing but courtesies behind it, where the word opens its sentence or one of
    `closing_until_by` follows: `nul zes veertien twaalf tot half zes dan mevrouw`."""
    appointment, utterance = view.situations.appointment, moment.utterance
    if appointment is None or not moment.has_clock or moment.clock_min != appointment.moment.clock_min:
        return False
    low, high = utterance.sentence_of(moment.start)
    at = moment.start - 1 if utterance.norms[moment.start - 1] == params.closing_until else moment.start - 2
    light = view.lexicon.idle | view.lexicon.interjections | view.lexicon.words("namen", "titles")
    behind = utterance.norms[moment.end : high]
    opens = not any(norm not in light for norm in utterance.norms[low:at])
    bids = opens or any(norm in params.closing_until_by for norm in behind[:1])
    named = {word for name in view.caller_names for word in name.words}
    return bids and not any(norm not in light | named for norm in behind)


def _ends_stretch(view: CallView, moment: Moment) -> bool:
    """`vanaf zeven uur tot tien uur`: the time ends the stretch that another one in its sentence opens."""
    opens = view.lexicon.table("waarden", "clock")["from"]
    utterance = moment.utterance
    low, _ = utterance.sentence_of(moment.start)
    earlier = [m for m in view.moments(utterance) if low <= m.start and m.end <= moment.start and m.has_clock]
    return moment.has_clock and any(m.bound or opens in utterance.norms[max(low, m.start - 1) : m.end] for m in earlier)


def avoids_before(params: AvoidsBefore, view: CallView) -> Outcome:
    """The phrases to avoid come only after the agent's summary, if at all."""
    since_s = story_start(view)
    said = [match for match in _said(params, view) if match.start_s >= since_s]
    if not said:
        return passed()
    summary = first_account(view, story_start(view))
    early = [match for match in said if summary is None or match.start_s < summary.start_s or _leads(match, summary)]
    if not early:
        return passed(evidence(said[0]), values={"quote": said[0].quote})
    sure = [match for match in early if _sure(match)]
    if not sure:
        return unsure("words_uncertain", evidence(early[0]))
    if "klacht" in view.situations.doubtful:
        return unsure("situation_doubtful", evidence(sure[0]))
    if _maybe_summarised(view, since_s, sure[0]) or view.echo(params.not_with, [sure[0].utterance]) is not None:
        return unsure("words_close", evidence(sure[0]))
    return failed(*(evidence(match) for match in sure), values={"quote": sure[0].quote})


def _leads(match: Match, summary: Summary) -> bool:
    """`het spijt me dat uw moeder zo behandeld is`: the turn that tells it again begins with these words."""
    utterance = match.utterance
    if utterance.index != summary.utterance.index:
        return False
    start, _ = utterance.sentence_of(match.start)
    return all(high - low < TELLING_WORDS for low, high in utterance.sentences() if high <= start)


def _maybe_summarised(view: CallView, since_s: float, said: Match) -> bool:
    """Before these words something was said that may have been a summary, had it been understood."""
    if not view.recognised:
        return False
    markers = view.lexicon.list("luisteren", "summary")
    for utterance in view.spoken("agent"):
        if not (since_s <= utterance.turn.start_s and utterance.index <= said.utterance.index):
            continue
        before = part(utterance, 0, said.start) if utterance.index == said.utterance.index else utterance
        story = content_words(view, [u for u in view.of("caller") if u.turn.start_s < utterance.turn.end_s])
        if (
            view.finder.first(markers, [before], doubtful=True) is not None
            or view.echo(markers, [before]) is not None
            or shared(content_words(view, [before]), story) >= MIN_SHARED_WORDS
        ):
            return True
    return False


def _sure(match: Match) -> bool:
    """A long word is rarely heard where another was said; short ones must be sure themselves."""
    tokens = match.utterance.tokens[match.start : match.end]
    longest = max(tokens, key=lambda token: len(token.norm))
    return longest.probability >= (SURE_LONG_WORD if len(longest.norm) >= LONG_WORD_LETTERS else SURE_WORDS)


def _put_right(params: AvoidsBefore, view: CallView, utterance: Utterance) -> bool:
    """`het is meneer, trouwens` - `neemt u me niet kwalijk`."""
    before = [u for u in view.spoken("caller") if u.index < utterance.index][-1:]
    return any(view.finder.any(params.corrected, u) for u in before)


def _asks_again(params: AvoidsBefore, view: CallView, match: Match) -> bool:
    """`excuses?`, `sorry, afdeling drie?`: one word, in a question of few."""
    utterance, alone = match.utterance, match.end - match.start == 1
    start, end = utterance.sentence_of(match.start)
    if not alone or utterance.tokens[end - 1].after != "?":
        return False
    return match.end == end or (end - start <= ASKED_WORDS and not view.finder.any(params.meant, utterance))


def _waited(params: AvoidsBefore, view: CallView, utterance: Utterance) -> bool:
    """`sorry dat u zo lang moest wachten`: no hold on this line, but what the caller complains of."""
    if any(hold.span.end_s <= utterance.turn.end_s for hold in view.situations.holds):
        return False
    return any(view.finder.any(params.waited, u) for u in view.of("caller") if u.index < utterance.index)


def _said(params: AvoidsBefore, view: CallView) -> list[Match]:
    """Matches of the phrases, less those that their sentence makes something else."""
    found: list[Match] = []
    for utterance in view.of("agent"):
        if not view.finder.any(params.avoid, utterance) or _put_right(params, view, utterance):
            continue
        for match in view.finder.find(params.avoid, utterance):
            start, end = utterance.sentence_of(match.start)
            covers = view.finder.find(params.not_with, utterance)
            if not _waited(params, view, utterance):
                covers += view.finder.find(params.waits, utterance)
            covered = any(c.start < end and c.end > start and abs(c.start - match.start) <= 8 for c in covers)
            if not covered and not _asks_again(params, view, match):
                found.append(match)
    return found
