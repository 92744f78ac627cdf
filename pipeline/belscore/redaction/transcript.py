"""The words of a call with placeholders for what identifies somebody, and back to words that rules can judge."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from belscore.call import Call, Listened, Removed, Role, Turn, Word
from belscore.language.tokens import fold
from belscore.redaction.finding import find_all
from belscore.redaction.found import Found
from belscore.redaction.heard import PRIVACY, Heard, knowledge
from belscore.redaction.numbering import numbered
from belscore.redaction.stand_ins import StandIns, within
from belscore.redaction.words import word_places

if TYPE_CHECKING:
    from belscore.profile import Profile

Names = Literal["redact", "keep"]


class RedactedSpan(NamedTuple):
    """When something identifying was said, in seconds from the start of the recording; `kind` as in `found.Kind`."""

    role: Role
    start_s: float
    end_s: float
    kind: str


class Part(NamedTuple):
    """What was taken out in one place: the words that stood there, and what stands there now.

    words : of what was said; of a call from the store the made-up ones it was judged by
    """

    span: RedactedSpan
    words: tuple[str, ...]
    placeholder: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A call without what identifies anybody.

    call  : with placeholders in its words and in `removed` what judges it again; all other words keep their times
    parts : what was taken out: not to be kept
    """

    call: Call
    parts: tuple[Part, ...]

    @property
    def spans(self) -> tuple[RedactedSpan, ...]:
        return tuple(part.span for part in self.parts)


class _Place(NamedTuple):
    """Words start..end of a turn to be taken out, and the number of their value."""

    found: Found
    number: int
    start: int
    end: int


def redact(
    call: Call,
    *,
    profile: Profile | None = None,
    names: Names = "redact",
    chance: random.Random | None = None,
) -> Redacted:
    """The call with placeholders for all that identifies the caller or a third party.

    profile : names of the practice and its people, which stay
    names   : "keep" leaves the names of persons as they are
    chance  : what made-up values are drawn with; the system's by default, so that none can be drawn again

    A call that was redacted before is to be given as it is: its placeholders are no words.
    """
    heard = Heard(call, profile)
    found = [each for each in find_all(heard, profile) if names == "redact" or each.kind != "name"]
    places = list(_places(heard, found))
    stand_ins = StandIns(heard, chance or random.SystemRandom())
    turns = list(call.turns)
    parts: list[Part] = []
    removed: list[Removed] = []
    made: dict[int, list[Word]] = {}
    for index, turn in enumerate(call.turns):
        own = [place for place in places if place.found.turn == index]
        if not own:
            continue
        words: list[Word] = []
        made[index] = []
        at = 0
        for place in own:
            words += turn.words[at : place.start]
            made[index] += turn.words[at : place.start]
            old = turn.words[place.start : place.end]
            label = placeholder(place.found.kind, place.number)
            fresh = stand_ins.words(place.found, place.start, place.end)
            removed.append(Removed(index, len(words), place.found.kind, place.number, fresh))
            words.append(_in_place(label, old))
            made[index] += fresh
            span = RedactedSpan(turn.role, old[0].start_s, old[-1].end_s, place.found.kind)
            parts.append(Part(span, tuple(word.text for word in old), label))
            at = place.end
        words += turn.words[at:]
        made[index] += turn.words[at:]
        turns[index] = _with_words(turn, words)
    listened = tuple(_listened(call, made, stand_ins)) if places else call.listened
    return Redacted(replace(call, turns=tuple(turns), removed=tuple(removed), listened=listened), tuple(parts))


def _places(heard: Heard, found: Sequence[Found]) -> Iterator[_Place]:
    last: tuple[int, int] = (-1, 0)
    for each, number in numbered(found):
        start, end = word_places(heard, each)
        if each.turn == last[0]:
            start = max(start, last[1])
        if start < end:
            last = (each.turn, end)
            yield _Place(each, number, start, end)


def tokens_of_others(call: Call) -> dict[int, dict[str, frozenset[int]]]:
    """By turn and placeholder the tokens that identify somebody, for texts that leave them out in their own way.

    Empty for a call that was redacted: its placeholders stand there already.
    """
    if call.removed:
        return {}
    heard = Heard(call)
    found: dict[int, dict[str, frozenset[int]]] = {}
    for each, number in numbered(find_all(heard)):
        of_turn, label = found.setdefault(each.turn, {}), placeholder(each.kind, number if each.kind != "name" else 1)
        of_turn[label] = of_turn.get(label, frozenset()) | frozenset(range(each.start, each.end))
    return found


def placeholder(kind: str, number: int) -> str:
    """`[naam]`, and `[naam 2]` for the second."""
    name = knowledge().lexicon.table(PRIVACY, "placeholders")[kind]
    return f"[{name}]" if number == 1 else f"[{name} {number}]"


def _in_place(label: str, words: Sequence[Word]) -> Word:
    """One word from the first to the last of those it stands for, with the punctuation around them."""
    text = within(words[0].text + " " + words[-1].text, label)
    return Word(text, words[0].start_s, words[-1].end_s, min(word.probability for word in words))


def _with_words(turn: Turn, words: Sequence[Word]) -> Turn:
    return replace(turn, text=" ".join(word.text for word in words), words=tuple(words))


def _listened(call: Call, made: dict[int, list[Word]], stand_ins: StandIns) -> Iterator[Listened]:
    """What the sound answered, told of the made-up words."""
    for each in call.listened:
        for index, turn in enumerate(call.turns):
            if turn.start_s == each.turn_s and " ".join(word.text for word in turn.words) == each.text:
                words = made.get(index, turn.words)
                asked = tuple(stand_ins.names.known(fold(word)) for word in each.asked)
                asked = tuple(new if new != fold(old) else old for new, old in zip(asked, each.asked, strict=True))
                yield replace(each, text=" ".join(word.text for word in words), asked=asked)
                break


def standing_in(call: Call) -> Redacted:
    """A call that was redacted, with the made-up words in the place of its placeholders: what rules judge.

    The parts are those made-up words: whatever a scorecard quotes of them is to be a placeholder again.
    """
    turns = list(call.turns)
    parts: list[Part] = []
    for each in reversed(call.removed):
        if each.turn >= len(turns) or each.word >= len(turns[each.turn].words):
            continue  # written by others: there is nothing to stand in for
        turn = turns[each.turn]
        words = [*turn.words[: each.word], *each.stand_in, *turn.words[each.word + 1 :]]
        turns[each.turn] = _with_words(turn, words)
        old = turn.words[each.word]
        span = RedactedSpan(turn.role, old.start_s, old.end_s, each.kind)
        parts.append(Part(span, tuple(word.text for word in each.stand_in), placeholder(each.kind, each.number)))
    return Redacted(replace(call, turns=tuple(turns), removed=()), tuple(reversed(parts)))
