"""How the agent addresses the caller: u, je, and whether a je addresses anybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from belscore.language.lexicon import Lexicon
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Utterance
from belscore.language.values import ValueReader

QUOTE_REACH = 8
FRONT_REACH = 2
SPEAKER_REACH = 3
GENERIC_REACH = 6

Strength = Literal["strong", "weak"]
Permission = Literal["yes", "doubtful"]


@dataclass(frozen=True, slots=True)
class AddressForm:
    """A je, jij, jou or jouw of the agent to the caller.

    strength : "strong" addresses the caller; "weak" may speak of people in general
    """

    utterance: Utterance
    at: int
    strength: Strength

    @property
    def span(self) -> tuple[int, int]:
        """Tokens to quote: a few words around the pronoun."""
        start, end = self.utterance.sentence_of(self.at)
        return max(start, self.at - 4), min(end, self.at + 5)

    @property
    def probability(self) -> float:
        return self.utterance.tokens[self.at].probability


class AddressReader:
    """Reads forms of address by the inventory in `rules/lexicon/aanspreekvorm.toml`."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder, values: ValueReader) -> None:
        def words(key: str) -> frozenset[str]:
            return lexicon.words("aanspreekvorm", key)

        self._finder = finder
        self._values = values
        self._formal = words("formal")
        self._stressed = words("stressed")
        self._unstressed = words("unstressed")
        self._fixed = lexicon.list("aanspreekvorm", "fixed")
        self._asks = lexicon.list("aanspreekvorm", "asks")
        self._permits = lexicon.list("aanspreekvorm", "permits")
        self._doubtful = lexicon.list("aanspreekvorm", "permits_doubtful")
        self._refuses = lexicon.list("aanspreekvorm", "refuses")
        self._yes = words("yes")
        self._child_caller = lexicon.list("aanspreekvorm", "child", "caller")
        self._child_agent = lexicon.list("aanspreekvorm", "child", "agent")
        self._parent = lexicon.list("aanspreekvorm", "child", "parent")
        self._front = words("front")
        self._question_words = words("question_words")
        self._verbs_before = frozenset(lexicon.list("aanspreekvorm", "personal_verbs", "before"))
        self._verbs_after = frozenset(lexicon.list("aanspreekvorm", "personal_verbs", "after"))
        self._finite = words("finite")
        self._subordinators = words("subordinators")
        self._in_general = lexicon.list("aanspreekvorm", "in_general")
        self._speakers = words("speakers")
        self._saying = words("saying")
        self._not_names = lexicon.idle | lexicon.words("namen", "not_names") | lexicon.words("namen", "before")
        self._generic = words("generic_context")
        self._skipped = lexicon.fillers - self._front

    def formal_uses(self, utterances: Iterable[Utterance]) -> int:
        """How often the agent says u or uw."""
        return sum(
            token.norm in self._formal
            for utterance in utterances
            if utterance.role == "agent"
            for token in utterance.tokens
        )

    def informal_uses(
        self, utterances: Sequence[Utterance], *, callers: frozenset[str] = frozenset()
    ) -> tuple[AddressForm, ...]:
        """Every je, jij, jou and jouw of the agent that can address the caller.

        callers : words of the caller's names; a sentence that opens with another name is to somebody else
        """
        found: list[AddressForm] = []
        for utterance in utterances:
            if utterance.role != "agent" or self._to_colleague(utterances, utterance):
                continue
            fixed = {
                at
                for match in self._finder.find(self._fixed, utterance)
                if match.cost < 0.3
                for at in range(match.start, match.end)
            }
            for at, token in enumerate(utterance.tokens):
                if at in fixed or token.norm not in self._stressed | self._unstressed:
                    continue
                somebody = utterance.addressed(at)
                if somebody and somebody not in callers | self._not_names:
                    continue
                if not self._quoted(utterance, at):
                    found.append(AddressForm(utterance, at, self._strength(utterance, at)))
        return tuple(found)

    def _to_colleague(self, utterances: Sequence[Utterance], utterance: Utterance) -> bool:
        """Talk with a colleague: the next voice is the colleague's, or the one before was and no caller spoke since."""
        after = next((other for other in utterances[utterance.index + 1 :] if other.role != "agent"), None)
        before = next((other for other in reversed(utterances[: utterance.index]) if other.role != "agent"), None)
        return any(other is not None and other.role == "colleague" for other in (after, before))

    def _quoted(self, utterance: Utterance, at: int) -> bool:
        """`toen zei de tandarts: je moet ...`: somebody else's words, unless je itself is who says."""
        start, _ = utterance.sentence_of(at)
        norms = utterance.norms
        for place in range(max(start, at - QUOTE_REACH), at):
            if norms[place] in self._saying and place + 1 != at and norms[place - 1 : place] != ("ik",):
                return True
        return False

    def _strength(self, utterance: Utterance, at: int) -> Strength:
        """As a subject je may be people in general; as object, possessive or behind a preposition it is the caller.

        A je in general makes the others of its sentence general too: `dan neem je je pas mee`.
        """
        if utterance.norms[at] in self._stressed:
            return "strong"
        start, end = utterance.sentence_of(at)
        before = [norm for norm in utterance.norms[start:at] if norm not in self._skipped]
        after = utterance.norms[at + 1] if at + 1 < end else ""
        if any(norm in self._generic for norm in before[-GENERIC_REACH:]):
            return "weak"
        if any(norm in self._speakers for norm in before[-SPEAKER_REACH:]) or after in self._verbs_after:
            return "strong"
        if before and before[-1] in self._verbs_before and self._asks_person(utterance, before, start, end):
            return "strong"
        if self._is_subject(before, after):
            return "strong" if self._names_day(utterance, start, end) else "weak"
        general = any(
            utterance.norms[other] in self._unstressed
            and other != at
            and self._general_subject(utterance, other, start, end)
            for other in range(start, end)
        )
        advice = self._finder.find(self._in_general, utterance)
        return "weak" if general or any(match.end in (at, at - 1) for match in advice) else "strong"

    def _names_day(self, utterance: Utterance, start: int, end: int) -> bool:
        """`dan kun je het donderdag ophalen`: one day is named, so it is about this caller, not about opening hours."""
        kinds = ("weekday", "date", "relative_day")
        days = [v for v in self._values.read(utterance) if v.kind in kinds and start <= v.start < end]
        return len(days) == 1

    def _is_subject(self, before: Sequence[str], after: str) -> bool:
        return after in self._finite or (bool(before) and before[-1] in self._finite | self._subordinators)

    def _general_subject(self, utterance: Utterance, at: int, start: int, end: int) -> bool:
        before = [norm for norm in utterance.norms[start:at] if norm not in self._skipped]
        after = utterance.norms[at + 1] if at + 1 < end else ""
        if before and before[-1] in self._verbs_before and self._asks_person(utterance, before, start, end):
            return False
        spoken_to = any(norm in self._speakers for norm in before[-SPEAKER_REACH:]) or after in self._verbs_after
        return self._is_subject(before, after) and not spoken_to

    def _asks_person(self, utterance: Utterance, before: Sequence[str], start: int, end: int) -> bool:
        """Verb + je opens a question to the person: not `dan heb je`, but `heb je`, `hoe lang heb je`."""
        lead = before[:-1][-FRONT_REACH:]
        is_question = any(token.after == "?" for token in utterance.tokens[start:end])
        if is_question and any(norm in self._question_words for norm in before[:-1]):
            return True
        return not any(norm in self._front for norm in lead)

    # Permission and children

    def permission(self, utterances: Sequence[Utterance]) -> tuple[int, Permission] | None:
        """From which utterance on je is invited, and how clearly; None when it never is."""
        doubtful: int | None = None
        asked = False
        for utterance in utterances:
            if utterance.role == "agent":
                asked = self._finder.any(self._asks, utterance)
            elif utterance.role == "caller":
                refused = any(match.cost == 0 for match in self._finder.find(self._refuses, utterance))
                if self._finder.any(self._permits, utterance) and not refused:
                    return utterance.index, "yes"
                if asked and not refused and any(norm in self._yes for norm in utterance.norms):
                    return utterance.index, "yes"
                if doubtful is None and any(match.cost == 0 for match in self._finder.find(self._doubtful, utterance)):
                    doubtful = utterance.index
                asked = False
        return None if doubtful is None else (doubtful, "doubtful")

    def child_turns(self, utterances: Sequence[Utterance]) -> range:
        """The utterances during which a child is on the line; empty when none is."""
        cues = [
            utterance.index
            for utterance in utterances
            if (utterance.role == "caller" and self._finder.any(self._child_caller, utterance))
            or (utterance.role == "agent" and self._finder.any(self._child_agent, utterance))
        ]
        if not cues:
            return range(0)
        parent = next(
            (
                utterance.index
                for utterance in utterances
                if utterance.role == "caller"
                and utterance.index > cues[0]
                and self._finder.any(self._parent, utterance)
            ),
            len(utterances),
        )
        return range(parent)
