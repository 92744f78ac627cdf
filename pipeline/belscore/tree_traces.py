"""Traces: some words of a phrase where the phrase itself was not heard, a reason not to say that it was missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz

from belscore.asking import QuestionReader
from belscore.language.echoes import SAME_LETTERS, SAME_WORD, SURE
from belscore.language.nearness import cost_of
from belscore.language.phrases import compile_phrase
from belscore.language.tokens import Token, Utterance, part
from belscore.scorecard import Evidence
from belscore.view import CallView, turn_evidence

# A word this long may be the last part of a compound: "kinderparacetamol".
MIN_PART_LETTERS = 5
# The words at one place of a phrase.
_Place = tuple[str, ...]


class Traces:
    """Looks for half of the content words of any of the phrases.

    known : phrases whose words tell nothing: those of the reason to call
    taken : (turn, token) of the words that are known to say something else
    """

    def __init__(
        self,
        view: CallView,
        reader: QuestionReader,
        phrases: Iterable[str],
        *,
        known: Iterable[str],
        taken: frozenset[tuple[int, int]],
    ) -> None:
        self._view, self._reader, self._taken = view, reader, taken
        self._phrases, self._known = tuple(phrases), tuple(known)
        idle = view.lexicon.idle | view.lexicon.negations
        said = frozenset(word for text in self._known for word in compile_phrase(text, view.lexicon).words) - idle
        rows = (_content(view, text, idle | said) for text in self._phrases)
        self._rows = sorted({row for row in rows if row})

    def also(self, phrases: Iterable[str]) -> Traces:
        """The same with more phrases to look for."""
        more = (*self._phrases, *phrases)
        return Traces(self._view, self._reader, more, known=self._known, taken=self._taken)

    def asked(self, turns: Iterable[Utterance]) -> Evidence | None:
        """Where one of the turns may ask it in other words; of recognised words no mark tells what is a question."""
        return self._first(turns, asking=True)

    def told(self, turns: Iterable[Utterance]) -> Evidence | None:
        """Where one of the turns may tell it in other words."""
        return self._first(turns, asking=False)

    def confirmed(self) -> Evidence | None:
        """Where the caller may ask it and the agent's next words say yes or no."""
        lexicon = self._view.lexicon
        replies = lexicon.words("luisteren", "confirms") | lexicon.words("einde", "refusals")
        for caller, staff in zip(self._view.utterances, self._view.utterances[1:], strict=False):
            answered = caller.role == "caller" and staff.role != "caller" and replies.intersection(staff.norms[:1])
            if answered and self._first([caller], asking=True) is not None:
                return turn_evidence(staff)
        return None

    def _first(self, turns: Iterable[Utterance], *, asking: bool) -> Evidence | None:
        for turn in turns:
            for start, end in self._passages(turn, asking=asking):
                free = [turn.tokens[at] for at in range(start, end) if (turn.index, at) not in self._taken]
                if any(self._traced(row, free) for row in self._rows):
                    return turn_evidence(turn)
        return None

    def _passages(self, turn: Utterance, *, asking: bool) -> Iterator[tuple[int, int]]:
        """The token ranges in which to look."""
        if self._view.recognised:
            yield 0, len(turn.tokens)
            return
        questions = self._reader.questions(turn)
        for start, end in turn.sentences():
            asks = any(start <= question.start < end for question in questions)
            if (asks or self._reader.indirect(part(turn, start, end))) is asking:
                yield start, end

    def _traced(self, row: Sequence[_Place], tokens: Sequence[Token]) -> bool:
        found = sum(any(self._like(word, token) for token in tokens for word in place) for place in row)
        return 2 * found >= len(row)

    def _like(self, word: str, token: Token) -> bool:
        """Whether the word heard may be this one; a function word is hardly ever heard for another word."""
        if word.endswith("*"):
            return token.norm.startswith(word[:-1])
        if cost_of(word, token.norm) is not None or (len(word) >= MIN_PART_LETTERS and token.norm.endswith(word)):
            return True
        if not self._view.recognised or token.norm in self._view.lexicon.idle:
            return False
        alike = fuzz.ratio(word, token.norm)
        if token.probability < SURE:
            return alike >= SAME_WORD
        return len(word) >= MIN_PART_LETTERS and alike >= SAME_LETTERS


def _content(view: CallView, text: str, empty: frozenset[str]) -> tuple[_Place, ...]:
    """The content words at each place of a phrase; of one without any (`sinds wanneer`) all that tell something.

    In words that are certain those say nothing: they stand in any sentence.
    """
    elements = [each for each in compile_phrase(text, view.lexicon).elements if not each.optional]
    places = [tuple(word for word in each.choices if word not in empty and word != "*") for each in elements]
    content = tuple(place for place in places if place)
    if content or not view.recognised:
        return content
    return tuple(each.choices for each in elements if each.telling and "*" not in each.choices)
