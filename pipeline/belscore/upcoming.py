"""What the agent tells that will happen or is to be done after the call, without promising it; and what is done in it.

Inventories: `rules/lexicon/afspraken.toml` and `termijnen.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from belscore.agreements import committing_turns, task_statements
from belscore.asking import is_participle
from belscore.content import content_words, shared
from belscore.diary import alternatives
from belscore.holds import MIN_GAP_S
from belscore.language.moments import Moment
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, last_before, part
from belscore.scorecard import Evidence
from belscore.view import CallView

# Words of substance that a repetition has in common with what it repeats.
MIN_SHARED_WORDS = 2
# As many where the caller's own words count too, but for the question that is just being answered.
MIN_SUMMED_WORDS = 3
# A number above these is no count that comes back by chance.
SMALL_NUMBERS = 12
# A sentence with no more words than this beside its moment says nothing of what happens then.
BARE_TOKENS = 1


def events(view: CallView, *, ahead_only: bool = False) -> list[Evidence]:
    """Where the agent tells of something ahead and its moment: a delivery, an appointment that stands, a letter.

    ahead_only : no days and times, which may be of something else: `over tien minuten` and the like
    """
    found: list[Evidence] = []
    for utterance in view.of("agent"):
        if answers_hours(view, utterance) or alternatives(view, utterance):
            continue
        for start, end in utterance.sentences():
            piece = part(utterance, start, end)
            if piece.tokens[-1].after == "?" or _not_ahead(view, piece):
                continue
            dated = [m for m in view.moments(utterance) if start <= m.start < end and _of_event(view, m, end - start)]
            spans = [(m.start, m.end) for m in dated if not ahead_only]
            spans += [(start + m.start, start + m.end) for m in view.finder.find(_ahead(view), piece)]
            spans = _standing(view, utterance, piece, start, spans) if spans else []
            if spans:
                first, last = min(spans)
                tokens = utterance.tokens[first:last]
                quote = utterance.quote(first, last)
                found.append(Evidence("agent", tokens[0].start_s, tokens[-1].end_s, quote))
    return found


def _standing(
    view: CallView, utterance: Utterance, piece: Utterance, start: int, spans: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Without those in the clause of what is taken out of the diary: `dinsdag om tien uur, die is eruit`."""
    gone = view.finder.find(view.lexicon.list("termijnen", "not_ahead", "cancelled"), piece)
    ends = view.lexicon.words("termijnen", "clause_ends")
    taken = [(start + match.start, start + match.end) for match in gone]
    return [
        span
        for span in spans
        if not any(ends.isdisjoint(utterance.norms[min(span[1], end) : max(span[0], at)]) for at, end in taken)
    ]


def answers_hours(view: CallView, utterance: Utterance) -> bool:
    """The caller has just asked when the practice is open."""
    before = last_before(view.of("caller"), utterance.index)
    return before is not None and not view.lexicon.words("termijnen", "not_ahead").isdisjoint(before.norms)


def _of_event(view: CallView, moment: Moment, sentence_tokens: int) -> bool:
    """A day or a time with what happens then: not alone in its sentence, and no stretch (`van tien tot twaalf`)."""
    clock = view.lexicon.table("waarden", "clock")
    alone = sentence_tokens - (moment.end - moment.start) <= BARE_TOKENS
    stretch = moment.bound in (clock["from"], clock["to"]) or _valid_from(view, moment)
    return (moment.has_day or moment.has_clock) and not (alone or stretch or _of_birth(view, moment))


def _of_birth(view: CallView, moment: Moment) -> bool:
    """The date that the caller gave when asked when somebody was born, said back to them."""
    if moment.month is None or moment.has_clock:
        return False
    words = view.lexicon.list("privacy", "asks", "birth_date")
    asked = [u.index for u in view.of("agent") if u.index < moment.utterance.index and view.finder.any(words, u)]
    given = [m for u in view.of("caller") if asked and u.index > asked[0] for m in view.moments(u)]
    return any((m.day, m.month) == (moment.day, moment.month) for m in given)


def _valid_from(view: CallView, moment: Moment) -> bool:
    """`vanaf één januari`, the day the caller named first: since when something holds."""
    before = moment.utterance.norms[max(0, moment.start - 1) : moment.start]
    if moment.has_clock or view.lexicon.words("termijnen", "not_own").isdisjoint(before):
        return False
    earlier = [m for u in view.of("caller") if u.index < moment.utterance.index for m in view.moments(u)]
    return any((m.day, m.month, m.weekday) == (moment.day, moment.month, moment.weekday) for m in earlier)


def _ahead(view: CallView) -> tuple[str, ...]:
    return view.lexicon.list("termijnen", "hard", "ahead")


def _not_ahead(view: CallView, piece: Utterance) -> bool:
    """About opening hours, every day, or the past; or a moment that is put to the caller and may not be taken."""
    shown = view.finder.any(view.lexicon.list("termijnen", "not_ahead", "shown"), piece)
    if not shown and view.finder.any(view.knowledge.situations["afspraak"]["proposes"], piece):
        return True
    words = (view.lexicon.words("termijnen", "not_ahead"), view.lexicon.words("termijnen", "past"))
    said = {norm for norm in piece.norms if any(norm in each for each in words)}
    if said and not view.lexicon.words("termijnen", "past", "passive").isdisjoint(piece.norms):
        said = {norm for norm in said if not is_participle(view.lexicon, norm)}  # "u wordt vrijdag gebeld"
    if said and view.finder.any(view.lexicon.list("termijnen", "not_ahead", "settled"), piece):
        said.difference_update(view.lexicon.list("termijnen", "not_ahead", "repeated"))
    if shown:
        said.difference_update(view.lexicon.list("termijnen", "not_ahead", "sites"))
    return bool(said)


def looked_up(view: CallView, match: Match) -> bool:
    """A look-up or a question to a colleague whose answer came in the call: the agent is back after a gap."""
    if not view.finder.any(view.lexicon.list("afspraken", "tasks", "lookups"), match.utterance):
        return False
    ended_s = match.utterance.turn.end_s
    for utterance in view.utterances[match.utterance.index + 1 :]:
        if utterance.role == "agent" and utterance.index not in view.hums:
            return utterance.turn.start_s - ended_s >= MIN_GAP_S
        ended_s = max(ended_s, utterance.turn.end_s)
    return False


def pending_tasks(view: CallView) -> list[Match]:
    """Tasks and promises that are not done before the call ends."""
    return [match for match in task_statements(view) if not looked_up(view, match)]


def summed_up(view: CallView, last: Iterable[Utterance]) -> Utterance | None:
    """One of the `last` turns of the agent that sums up what was told to happen or to do; None when none does.

    It says so (`dus`, `nog even`), and has words, a number or a moment in common with what was said before.
    """
    sums = view.lexicon.list("afspraken", "tasks", "sums_up")
    for utterance in last:
        if view.finder.any(sums, utterance):
            earlier = [u for u in view.of("agent") if u.index < utterance.index]
            speakers = view.lexicon.words("aanspreekvorm", "speakers")
            asked = [u for u in view.of("caller") if u.index < utterance.index]
            # "dus wij kijken of ...": what the practice does, in the words of the caller's question; or by when
            ours = not speakers.isdisjoint(utterance.norms)
            ours = ours or any(view.terms.hard_in(utterance, low, high) for low, high in utterance.sentences())
            about = [*earlier, *asked] if ours else earlier
            if _something_to_do(view, earlier) and (
                _in_common(view, utterance, about) or _sums_up_all(view, utterance, [*earlier, *asked[:-1]])
            ):
                return utterance
    return None


def _sums_up_all(view: CallView, utterance: Utterance, told: Sequence[Utterance]) -> bool:
    """`dus het filmpje was in orde, de pillen blijven hetzelfde, het fietsen bouwt u op`: of all that was spoken of."""
    return shared(content_words(view, [utterance]), content_words(view, list(told))) >= MIN_SUMMED_WORDS


def _something_to_do(view: CallView, told: Sequence[Utterance]) -> bool:
    if not told:
        return False
    indices = {utterance.index for utterance in told}
    starts_s = {utterance.turn.start_s for utterance in told}
    advice = view.lexicon.list("afspraken", "tasks", "advises")
    if any(match.utterance.index in indices for match in pending_tasks(view)):
        return True
    if any(view.finder.any(advice, utterance) for utterance in told):
        return True
    asks = view.lexicon.list("afspraken", "tasks", "asks_advice")
    if any(view.finder.any(asks, utterance) for utterance in view.of("caller")):
        return True
    if any(utterance.index in indices for utterance in committing_turns(view)):
        return True
    return any(min(starts_s) <= event.start_s < max(u.turn.end_s for u in told) for event in events(view))


def _in_common(view: CallView, utterance: Utterance, earlier: Sequence[Utterance]) -> bool:
    mine, told = content_words(view, [utterance]), content_words(view, list(earlier))
    days = {m.in_days if m.weekday is None else m.weekday for m in view.moments(utterance) if m.has_day}
    before = [m for u in view.utterances if u.index < utterance.index for m in view.moments(u) if m.has_day]
    same_day = any((m.in_days if m.weekday is None else m.weekday) in days for m in before)
    same_number = not _numbers(view, [utterance]).isdisjoint(_numbers(view, earlier))
    if shared(mine, told) + same_day + same_number >= MIN_SHARED_WORDS:
        return True
    clocks = {m.clock_min for u in earlier for m in view.moments(u) if m.has_clock}
    return any(m.has_clock and m.clock_min in clocks for m in view.moments(utterance))


def _numbers(view: CallView, told: Sequence[Utterance]) -> set[int]:
    values = [value for utterance in told for value in view.values(utterance)]
    return {value.value for value in values if value.kind == "number" and value.value > SMALL_NUMBERS}


def told_again(view: CallView, closing: Sequence[Utterance]) -> Evidence | None:
    """`binnen vijf minuten staat ze bij u`, in one of the `closing` turns and in an earlier one: that was agreed."""
    told = events(view, ahead_only=True)
    for later in told:
        turn = next((u for u in closing if u.turn.start_s <= later.start_s <= u.turn.end_s), None)
        before = [each for each in told if turn is not None and each.end_s < turn.turn.start_s]
        if any(_same_words(each.quote, later.quote) for each in before):
            return later
    return None


def _same_words(quote: str, other: str) -> bool:
    return quote.casefold().strip(".,!?;:") == other.casefold().strip(".,!?;:")
