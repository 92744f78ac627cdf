"""Whether a child is on the line. Inventory: the table `child` of `rules/lexicon/aanspreekvorm.toml`."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.language.lexicon import Lexicon
from belscore.language.phrases import Match, PhraseFinder
from belscore.language.tokens import Utterance

# Words that children use more than others show a child only when two of these kinds come together.
HINTS = ("intimate", "absent", "school")
MIN_HINTS = 2
# "ja hallo, met Nadia": so near to the head of a turn stand a greeting and what introduces somebody.
HEAD_REACH = 5


class ChildReader:
    """Tells a child who calls from an adult who speaks of a child or of a parent."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder) -> None:
        def phrases(name: str) -> tuple[str, ...]:
            return lexicon.list("aanspreekvorm", "child", name)

        self._finder = finder
        self._caller = phrases("caller")
        self._age = phrases("age")
        self._not_age = frozenset(phrases("not_age"))
        self._hints = {kind: phrases(kind) for kind in HINTS}
        self._adult = phrases("adult")
        self._agent = phrases("agent")
        self._asked = phrases("asked")
        self._parent = phrases("parent")
        self._relatives = frozenset(phrases("relatives"))
        self._thanks = frozenset(phrases("thanks"))
        self._introduces = frozenset(phrases("introduces"))
        self._hands_over = phrases("hands_over")
        self._sends_for = phrases("sends_for")
        self._others = frozenset(phrases("others"))
        self._pupils = frozenset(phrases("pupils"))
        self._speaker = frozenset(phrases("speaker"))
        first = lexicon.list("begroeting", "greetings", "first")
        self._greetings = lexicon.words("begroeting", "greetings").union(first)
        self._titles = lexicon.words("namen", "titles")
        self._formal = lexicon.words("aanspreekvorm", "formal")
        self._signs = {**self._hints, "agent": self._agent, "caller": self._caller, "age": self._age}
        self._signs["adult"], self._signs["asked"] = self._adult, self._asked

    def turns(self, utterances: Sequence[Utterance]) -> range:
        """The utterances up to which a child is on the line; empty when none is."""
        first = self._first_sign(utterances)
        if first is None:
            return range(0)
        for utterance in utterances:
            if utterance.role == "caller" and utterance.index > first and self._finder.any(self._parent, utterance):
                return range(utterance.index)
        taken = self._taken_over(utterances, first)
        return range(len(utterances) if taken is None else taken)

    def may_call(self, utterances: Sequence[Utterance]) -> bool:
        """The agent asks after a father or a mother, of a caller who says nothing that only adults say."""
        if not any(u.role == "agent" and self._exactly(self._asked, u) for u in utterances):
            return False
        return not any(u.role == "caller" and self._exactly(self._adult, u) for u in utterances)

    def _taken_over(self, utterances: Sequence[Utterance], first: int) -> int | None:
        """The turn in which an adult the agent had asked for comes to the line; None when nobody does.

        Either the voice greets and introduces itself anew, or the agent answers it with a title or with u. One to whom
        the child hands over unasked has to greet or to be called by a title: children too are called u by habit.
        """
        asked = handed = False
        last: Utterance | None = None
        for utterance in utterances:
            if utterance.role == "agent":
                if asked and last is not None and self._is_to_adult(utterance):
                    return last.index
                if handed and last is not None and self._is_titled(utterance):
                    return last.index
                wanted = not self._relatives.isdisjoint(utterance.norms) or self._exactly(self._sends_for, utterance)
                asked, last = asked or (utterance.index >= first and wanted), None
            elif utterance.role == "caller" and (asked or handed):
                if self._begins_anew(utterance, introduced=asked):
                    return utterance.index
                last = utterance
            if utterance.role == "caller" and utterance.index >= first and not handed:
                handed = self._exactly(self._hands_over, utterance)
        return None

    def _begins_anew(self, utterance: Utterance, *, introduced: bool) -> bool:
        """`ja hallo, u spreekt met Nadia`; one to whom the child hands over unasked may only greet."""
        head = utterance.norms[:HEAD_REACH]
        greets = not self._greetings.isdisjoint(head)
        return greets and not (introduced and self._introduces.isdisjoint(head))

    def _is_titled(self, utterance: Utterance) -> bool:
        head = utterance.norms[:HEAD_REACH]
        return not self._greetings.isdisjoint(head) and not self._titles.isdisjoint(head)

    def _is_to_adult(self, utterance: Utterance) -> bool:
        pairs = zip(("", *utterance.norms), utterance.norms, strict=False)
        formal = (norm in self._formal and before not in self._thanks for before, norm in pairs)
        return self._is_titled(utterance) or any(formal)

    def _first_sign(self, utterances: Sequence[Utterance]) -> int | None:
        hinted: set[str] = set()
        grown = False
        signs = self._finder.inventory(self._signs)
        for utterance in utterances:
            if utterance.role not in ("agent", "caller") or not self._finder.likely(signs, utterance):
                continue
            if utterance.role == "agent" and not grown and self._exactly(self._agent, utterance):
                return utterance.index
            if utterance.role == "agent" and hinted and not grown and self._exactly(self._asked, utterance):
                return utterance.index
            if utterance.role != "caller" or self._exactly(self._adult, utterance):
                grown = grown or utterance.role == "caller"
                continue
            if self._exactly(self._caller, utterance) or self._tells_age(utterance):
                return utterance.index
            if not grown:  # an adult who has said so speaks of a child from then on
                hinted |= self._hinted(utterance)
            if len(hinted) >= MIN_HINTS:
                return utterance.index
        return None

    def _hinted(self, utterance: Utterance) -> set[str]:
        """The kinds of hints in a turn; `mam slaapt` is one hint, unlike `mijn mama slaapt`."""
        found: set[str] = set()
        taken: set[int] = set()
        for kind in reversed(HINTS):
            matches = self._finder.find(self._hints[kind], utterance)
            spans = [range(m.start, m.end) for m in matches if m.cost == 0 and not self._of_another(kind, m)]
            free = [span for span in spans if len(span) > 1 or taken.isdisjoint(span)]
            if free:
                found.add(kind)
                taken.update(at for span in free for at in span)
        return found

    def _of_another(self, kind: str, match: Match) -> bool:
        """`zijn mama`, `hij is dan net uit school`: told of a child, not by one."""
        norms = match.utterance.norms
        if kind == "intimate":
            return not self._others.isdisjoint(norms[max(0, match.start - 1) : match.start])
        sentence = norms[slice(*match.utterance.sentence_of(match.start))]
        return kind == "school" and not self._pupils.isdisjoint(sentence) and self._speaker.isdisjoint(sentence)

    def _exactly(self, phrases: tuple[str, ...], utterance: Utterance) -> bool:
        return any(match.cost == 0 for match in self._finder.find(phrases, utterance))

    def _tells_age(self, utterance: Utterance) -> bool:
        """`ik ben acht`, but not `ik ben acht weken zwanger` or `ik ben tien jaar getrouwd`."""
        for match in self._finder.find(self._age, utterance):
            behind = utterance.norms[match.end : match.end + 2]
            ends = utterance.tokens[match.end - 1].after != ""
            if match.cost == 0 and (ends or self._not_age.isdisjoint(behind)):
                return True
        return False
