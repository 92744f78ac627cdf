"""Find frames: word classes that stand close together in a sentence, in any order. Classes and frames are rule data.

A class lists words and short sequences: `a/b` is a choice at one place, `word*` any word that starts so, `#` a number
in digits, `<class>` the single words of another class, `(word)` may be left out. Fillers in a sequence do not count.
A frame names the classes it needs; `a|b` will do with either. `not` names classes that undo it nearby.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from belscore.errors import RuleError
from belscore.language.lexicon import Lexicon
from belscore.language.phrases import Match, Phrase, PhraseFinder, compile_phrase
from belscore.language.tokens import Utterance, plain_norms

# Words of a frame lie within so many tokens of each other, unless the frame says otherwise. Own value: a Dutch main
# clause brackets its verbs over about so many words.
WITHIN = 9
# What undoes a frame stands at most so many tokens beside it.
UNDONE_BESIDE = 3
_DIGITS = "#"
_OPTIONAL = re.compile(r"\(([^()]*)\)")

Spans = Mapping[str, Sequence[tuple[int, int]]]


class _Place(NamedTuple):
    """What may be said at one place of a sequence: whole words, and beginnings of words."""

    words: frozenset[str]
    starts: tuple[str, ...]

    def holds(self, norm: str) -> bool:
        if norm in self.words or (self.starts and norm.startswith(self.starts)):
            return True
        return _DIGITS in self.words and norm.isdigit()


class _Started(NamedTuple):
    """What a word can begin: classes it is all of, and classes with the places that must follow.

    behind : the words that can stand right behind it in a longer one; None when others can too
    names  : all these classes
    """

    alone: tuple[str, ...]
    longer: tuple[tuple[str, tuple[_Place, ...]], ...]
    behind: frozenset[str] | None
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Frame:
    """Classes needed together.

    phrase  : what matches are named after: the classes
    need    : one set of interchangeable classes for each part
    undone  : classes that must not stand in or beside it
    within  : tokens from the first to the last word
    ordered : the parts come in the order written
    asked   : holds in a question too
    classes : all that it names
    across  : over sentences too, for who speaks in short ones
    """

    phrase: Phrase
    need: tuple[frozenset[str], ...]
    undone: tuple[str, ...]
    within: int
    ordered: bool
    asked: bool
    classes: frozenset[str]
    across: bool


class FrameFinder:
    """The classes of one situation file, compiled, and its frames by group.

    Raises RuleError for a frame that needs a class the file does not have.
    """

    def __init__(self, data: Mapping[str, Any], lexicon: Lexicon, where: str) -> None:
        self._lexicon = lexicon
        self._classes: Mapping[str, Sequence[str]] = data["classes"]
        self._where = where
        self._starts: dict[str, list[tuple[str, tuple[_Place, ...]]]] = {}
        self._prefixes: list[tuple[str, str, tuple[_Place, ...]]] = []
        for name, items in self._classes.items():
            for item in items:
                self._add(name, item)
        self._undone = tuple(data.get("undone", ()))
        self._known: dict[str, _Started] = {}
        self._frames = [
            (group, self._frame(group, at, each))
            for group, frames in data["frames"].items()
            for at, each in enumerate(frames)
        ]
        self._by_class = self._by_rarest()

    def find(self, utterance: Utterance) -> dict[str, list[Match]]:
        """Frames that hold in the utterance, by group: the closest words for each frame and sentence."""
        known = utterance.notes.get(self)
        if not isinstance(known, dict):
            known = utterance.notes[self] = self._find(utterance)
        return known

    def _find(self, utterance: Utterance) -> dict[str, list[Match]]:
        found: dict[str, list[Match]] = {}
        begun = [self._known.get(norm) or self._look_up(norm) for norm in utterance.norms]
        likely = self._likely(frozenset().union(*[started.names for started in begun]))
        if not likely:
            return found
        frames = [self._frames[number] for number in likely]
        spans = self._spans(utterance.norms, begun, frozenset().union(*[frame.classes for _, frame in frames]))
        ranges = utterance.sentences()
        for group, frame in frames:
            if any(part.isdisjoint(spans) for part in frame.need):
                continue
            for low, high in [(0, len(utterance.tokens))] if frame.across else ranges:
                asks = utterance.tokens[high - 1].after == "?"
                best = _closest(frame, spans, low, high) if frame.asked or not asks else None
                if best is not None:
                    found.setdefault(group, []).append(self._match(frame, utterance, best))
        return found

    def _likely(self, names: frozenset[str]) -> list[int]:
        """Numbers of the frames, in order, of which every part may be among these classes."""
        likely: list[int] = []
        for number in sorted({number for name in names & self._by_class.keys() for number in self._by_class[name]}):
            for part in self._frames[number][1].need:
                if part.isdisjoint(names):
                    break
            else:
                likely.append(number)
        return likely

    def _match(self, frame: Frame, utterance: Utterance, span: tuple[int, int]) -> Match:
        start, end = span
        probability = min(token.probability for token in utterance.tokens[start:end])
        return Match(frame.phrase, utterance, start, end, 0.0, probability, False)

    def _frame(self, group: str, at: int, table: Mapping[str, Any]) -> Frame:
        need = tuple(frozenset(part.split("|")) for part in table["need"])
        undone = (*table.get("not", ()), *self._undone)
        for name in (*(name for part in need for name in part), *undone):
            if name not in self._classes:
                where = f"{self._where}, {group} {at + 1}"
                raise RuleError(f"no class `{name}`", where=where, do="add it to [classes]")
        phrase = compile_phrase(" ".join(part.replace("|", "/") for part in table["need"]), self._lexicon)
        ordered, asked = bool(table.get("ordered", False)), bool(table.get("asked", True))
        classes = frozenset(undone).union(*need)
        within, across = int(table.get("within", WITHIN)), bool(table.get("across", False))
        return Frame(phrase, need, undone, within, ordered, asked, classes, across)

    def _by_rarest(self) -> dict[str, list[int]]:
        """Numbers of the frames by the classes of one part each: the part that is seldom begun."""
        common = self._lexicon.common
        shares = dict.fromkeys(self._classes, 0.0)
        for word, begun in self._starts.items():
            for name in {name for name, _ in begun}:
                shares[name] += common.of((word,))
        for start, name, _ in self._prefixes:
            shares[name] += common.of((f"{start}*",))
        found: dict[str, list[int]] = {}
        for number, (_, frame) in enumerate(self._frames):
            for name in min(frame.need, key=lambda part: sum(shares[each] for each in part)):
                found.setdefault(name, []).append(number)
        return found

    def _add(self, name: str, item: str) -> None:
        """Index a sequence by its first words, once with and once without what stands in brackets."""
        optional = _OPTIONAL.search(item)
        if optional is not None:
            self._add(name, _OPTIONAL.sub("", item, count=1))
            self._add(name, _OPTIONAL.sub(optional.group(1), item, count=1))
            return
        first, *rest = (place for part in item.split() for place in self._places(part))
        for word in first.words:
            self._starts.setdefault(word, []).append((name, tuple(rest)))
        self._prefixes += [(start, name, tuple(rest)) for start in first.starts]

    def _places(self, part: str) -> list[_Place]:
        words: set[str] = set()
        for choice in part.split("/"):
            if choice.startswith("<"):
                words.update(word for word in self._classes[choice[1:-1]] if " " not in word)
            elif choice == _DIGITS:
                words.add(choice)
            else:
                norms = plain_norms(choice.rstrip("*"), self._lexicon.contractions)
                if not norms:
                    raise RuleError(f"`{part}` is no word", where=self._where, do="frames have no gaps: name each word")
                if len(norms) > 1:  # a contraction that stands for several words
                    return [_Place(frozenset((norm,)), ()) for norm in norms]
                words.add(norms[0] + ("*" if choice.endswith("*") else ""))
        starts = tuple(word[:-1] for word in words if word.endswith("*"))
        return [_Place(frozenset(word for word in words if not word.endswith("*")), starts)]

    def _spans(
        self, norms: Sequence[str], begun: Sequence[_Started], wanted: frozenset[str]
    ) -> dict[str, list[tuple[int, int]]]:
        """Where each class that is wanted stands: token ranges in order; `begun` is what each word can begin."""
        spans: dict[str, list[tuple[int, int]]] = {}
        fillers = self._lexicon.fillers
        for at, started in enumerate(begun):
            if started.names.isdisjoint(wanted):
                continue
            for name in started.alone:
                spans.setdefault(name, []).append((at, at + 1))
            if not started.longer:
                continue
            behind = norms[at + 1] if at + 1 < len(norms) else ""
            if started.behind is not None and behind not in started.behind and behind not in fillers:
                continue
            for name, places in started.longer:
                end = self._end(places, norms, at + 1) if name in wanted else None
                if end is not None:
                    spans.setdefault(name, []).append((at, end))
        return spans

    def _look_up(self, norm: str) -> _Started:
        found = [*self._starts.get(_DIGITS if norm.isdigit() else norm, ())]
        found += [(name, places) for start, name, places in self._prefixes if norm.startswith(start)]
        alone = tuple(dict.fromkeys(name for name, places in found if not places))
        longer = tuple(each for each in found if each[1])
        firsts = [places[0] for _, places in longer]
        open_ended = any(first.starts or _DIGITS in first.words for first in firsts)
        behind = None if open_ended else frozenset(word for first in firsts for word in first.words)
        names = frozenset((*alone, *(name for name, _ in longer)))
        started = self._known[norm] = _Started(alone, longer, behind, names)
        return started

    def _end(self, places: Sequence[_Place], norms: Sequence[str], token: int) -> int | None:
        """Where a sequence ends whose other words are due from `token` on; None when they are not there."""
        for place in places:
            while token < len(norms) and norms[token] in self._lexicon.fillers and not place.holds(norms[token]):
                token += 1
            if token >= len(norms) or not place.holds(norms[token]):
                return None
            token += 1
        return token


def _closest(frame: Frame, spans: Spans, low: int, high: int) -> tuple[int, int] | None:
    """The narrowest place in tokens low..high where all parts of the frame stand and nothing undoes it."""
    parts: list[list[tuple[int, int]]] = []
    for part in frame.need:
        inside = {span for name in part for span in spans.get(name, ()) if low <= span[0] and span[1] <= high}
        if not inside:
            return None
        parts.append(sorted(inside, reverse=True))
    best: tuple[int, int] | None = None
    narrower_than = frame.within + 1
    # What is still to be gone on with, the leftmost last: spans of the first parts, and from where to where they reach.
    begun: list[tuple[tuple[tuple[int, int], ...], int, int]] = [((), high, low)]
    while begun:
        taken, start, end = begun.pop()
        if end - start >= narrower_than:
            continue
        if len(taken) == len(parts):
            if not _is_undone(frame, spans, start, end, low, high):
                best, narrower_than = (start, end), end - start
            continue
        for span in parts[len(taken)]:
            if taken and frame.ordered and span[0] < taken[-1][1]:
                continue
            if all(span[1] <= one[0] or one[1] <= span[0] for one in taken):
                begun.append(((*taken, span), min(start, span[0]), max(end, span[1])))
    return best


def _is_undone(frame: Frame, spans: Spans, start: int, end: int, low: int, high: int) -> bool:
    near_low, near_high = max(low, start - UNDONE_BESIDE), min(high, end + UNDONE_BESIDE)
    return any(near_low <= span[0] and span[1] <= near_high for name in frame.undone for span in spans.get(name, ()))


_FINDERS: WeakKeyDictionary[PhraseFinder, dict[str, FrameFinder]] = WeakKeyDictionary()


def frames_of(data: Mapping[str, Any], finder: PhraseFinder, lexicon: Lexicon) -> FrameFinder:
    """The compiled frames of a situation or lexicon file: made once for a rule set, and kept as long as its finder."""
    known = _FINDERS.setdefault(finder, {})
    if data["id"] not in known:
        known[data["id"]] = FrameFinder(data, lexicon, f"situations/{data['id']}.toml")
    return known[data["id"]]
