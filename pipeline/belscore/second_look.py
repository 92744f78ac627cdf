"""A second look at findings that fail or are unsure: was a phrase that would make them pass said after all?

Each such rule is judged again with words in the agent's turns put as its check would have liked to find them, where
they sound like it. Only changes that turn the verdict into a pass are put to the sound, and only those that it bears
out count. So the second look can help the agent and nothing else: situations, obligations, outcome and measures, and
every finding that passed or did not apply, stay as they were without it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from belscore.call import Call, Word
from belscore.checks.outcome import Outcome, unsure
from belscore.language.phrases import Match, PhraseFinder
from belscore.language.tokens import Utterance, plain_norms
from belscore.rulebook import Rule
from belscore.scorecard import Evidence
from belscore.second_look_phrases import PhraseBook
from belscore.view import CallView

# The words put in must be about as likely over the sound as those recognised, and likely by themselves. Both were set
# on the samples and 90 spoken dialogues (c to h); on 74 others, of 888 phrases that differ in one word from what was
# said 1.0 % got there, and of 83 that were said and lost a third (bench/second_look.py).
MARGIN_MIN = -0.5
OWN_MIN = -3.0
# From here on a fail is not to be relied on, though nothing shows that the phrase was said.
MARGIN_DOUBT = -1.0
OWN_DOUBT = -5.0
# Stretches of sound that are read again, by the length of the call: each takes some 0.2 s of processor, which bounds
# the whole to about a tenth of what recognition takes; few calls get there (bench/second_look.py).
WINDOWS_MIN = 2
SECONDS_A_WINDOW = 15.0
# What is put in is judged as words that are sure: whether they were said is for the sound to tell.
_SURE = 0.99
_MARKS = ".,?!;:"


@dataclass(frozen=True, slots=True)
class Change:
    """Other words in place of words start..end (exclusive) of a turn; `apart` is how far their sounds lie apart."""

    turn: int
    start: int
    end: int
    words: tuple[str, ...]
    apart: float


@dataclass(frozen=True, slots=True)
class Likelihood:
    """What the sound says of a change.

    margin : log probability of the text with it less that of the text as recognised, per token put in
    own    : mean log probability of the tokens put in
    """

    margin: float
    own: float

    @property
    def accepted(self) -> bool:
        return self.margin >= MARGIN_MIN and self.own >= OWN_MIN

    @property
    def open(self) -> bool:
        """Too near to the recognised words to say that those were said."""
        return self.margin >= MARGIN_DOUBT and self.own >= OWN_DOUBT


class Oracle(Protocol):
    """The sound of a call, to be asked. A call from text has none."""

    def likelihoods(self, call: Call, changes: Sequence[Change], windows: int) -> Sequence[Likelihood | None]:
        """What the sound says of each change; None behind the last of so many windows, and without sound."""


Judge = Callable[[Rule, CallView], Outcome]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A finding that would be a pass with these changes."""

    rule: Rule
    changes: tuple[Change, ...]
    outcome: Outcome


def look_again(
    judged: Sequence[tuple[Rule, Outcome]], view: CallView, judge: Judge, oracle: Oracle, heard: str
) -> list[tuple[Rule, Outcome]]:
    """The outcomes with those turned into a pass, or a fail into unsure, that the sound speaks against.

    heard : text for a quote with words of the second look, with {quote} and {heard}
    """
    tried = attempts(judged, view, judge)
    changes = list(dict.fromkeys(change for attempt in tried for change in attempt.changes))
    if not changes:
        return list(judged)
    windows = WINDOWS_MIN + math.floor(view.call.duration_s / SECONDS_A_WINDOW)
    found = dict(zip(changes, oracle.likelihoods(view.call, changes, windows), strict=True))
    result: list[tuple[Rule, Outcome]] = []
    for rule, outcome in judged:
        mine = [attempt for attempt in tried if attempt.rule.id == rule.id]
        result.append((rule, _settled(outcome, mine, found, view.call, heard)))
    return result


def _settled(
    outcome: Outcome, tried: Sequence[Attempt], found: dict[Change, Likelihood | None], call: Call, heard: str
) -> Outcome:
    best, margin = None, -math.inf
    for attempt in tried:
        told = [likelihood for change in attempt.changes if (likelihood := found[change]) is not None]
        least = min((each.margin for each in told), default=-math.inf)
        if len(told) == len(attempt.changes) and all(each.accepted for each in told) and least > margin:
            best, margin = attempt, least
    if best is not None:
        return replace(best.outcome, evidence=_marked(best, call, heard))
    doubted = any(all((each := found[change]) and each.open for change in attempt.changes) for attempt in tried)
    return unsure("words_close", *outcome.evidence) if doubted and outcome.verdict == "fail" else outcome


def attempts(judged: Iterable[tuple[Rule, Outcome]], view: CallView, judge: Judge) -> list[Attempt]:
    """The changes to the agent's words that would make a fail or an unsure finding pass, the likest first."""
    found: list[Attempt] = []
    books: dict[frozenset[str], PhraseBook] = {}
    for rule, outcome in judged:
        if outcome.verdict not in ("fail", "unsure") or outcome.reason == "roles_uncertain":
            continue
        for changes in _proposed(rule, outcome, view, judge, books):
            again = judge(rule, _as_changed(view, changes))
            if again.verdict == "pass":
                found.append(Attempt(rule, changes, again))
    return sorted(found, key=lambda attempt: max(change.apart for change in attempt.changes))


def _proposed(
    rule: Rule, outcome: Outcome, view: CallView, judge: Judge, books: dict[frozenset[str], PhraseBook]
) -> list[tuple[Change, ...]]:
    if rule.check.kind == "addresses_formally":
        swaps = tuple(_formal(outcome, view))
        return [swaps] if swaps else []
    proposed: list[tuple[Change, ...]] = []
    for index, phrases in expected(rule, view, judge).items():
        wanted = frozenset(phrases)
        book = books.get(wanted)
        if book is None:
            book = books[wanted] = PhraseBook(sorted(wanted), view.lexicon)
        misses = book.near(view.call.turns[index].words)
        proposed += [(Change(index, miss.start, miss.end, miss.said, miss.apart),) for miss in misses]
    return proposed


def expected(rule: Rule, view: CallView, judge: Judge) -> dict[int, set[str]]:
    """The phrases that a rule's check looks for in each of the agent's turns, by the turn's index."""
    plain, listening = view.finder, _Listening(view.finder)
    view.finder = listening  # type: ignore[assignment]  # stands in for the finder while one rule is judged
    try:
        judge(rule, view)
    finally:
        view.finder = plain
    if rule.check.kind == "recognises_name" and view.caller_names:
        given = view.caller_names[0].utterance
        called = set(_called(view))
        behind = [u for u in view.of("agent") if u.turn.end_s > given.turn.end_s]
        for utterance in behind[: rule.check.turns]:
            listening.asked[utterance.index] |= called
    return listening.asked


def _called(view: CallView) -> Iterator[str]:
    """The caller by name and title, as the caller gave it: `mevrouw de groot`."""
    titles = view.knowledge.names.words.titles
    for name in view.caller_names:
        norms = [token.norm for token in name.utterance.tokens[name.start : name.end] if token.norm not in titles]
        yield from (" ".join([title, *norms]) for title in titles if all(norm.isalpha() for norm in norms))


class _Listening:
    """A phrase finder that notes which phrases are looked for in the agent's turns."""

    def __init__(self, finder: PhraseFinder) -> None:
        self._finder = finder
        self.asked: defaultdict[int, set[str]] = defaultdict(set)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def _note(self, texts: Iterable[str], utterance: Utterance) -> None:
        if utterance.role == "agent" and utterance.tokens:
            self.asked[utterance.index].update(texts)

    def find(self, texts: Iterable[str], utterance: Utterance, **options: Any) -> list[Match]:
        wanted = tuple(texts)
        self._note(wanted, utterance)
        return self._finder.find(wanted, utterance, **options)

    def any(self, texts: Iterable[str], utterance: Utterance) -> bool:
        wanted = tuple(texts)
        self._note(wanted, utterance)
        return self._finder.any(wanted, utterance)

    def first(self, texts: Iterable[str], utterances: Iterable[Utterance], *, doubtful: bool = False) -> Match | None:
        wanted, among = tuple(texts), list(utterances)
        for utterance in among:
            self._note(wanted, utterance)
        return self._finder.first(wanted, among, doubtful=doubtful)


def _formal(outcome: Outcome, view: CallView) -> Iterable[Change]:
    """Every informal pronoun that the finding rests on as its formal one."""
    pairs = dict(text.split() for text in view.lexicon.list("aanspreekvorm", "second_look"))
    for index, turn in enumerate(view.call.turns):
        if turn.role != "agent":
            continue
        for at, word in enumerate(turn.words):
            norms = plain_norms(word.text, view.lexicon.contractions)
            quoted = any(e.start_s <= word.start_s and word.end_s <= e.end_s for e in outcome.evidence)
            if quoted and len(norms) == 1 and norms[0] in pairs:
                yield Change(index, at, at + 1, (pairs[norms[0]],), 0.0)


def written(call: Call, change: Change) -> tuple[str, ...]:
    """The words of a change with the capital and the punctuation of those they replace."""
    replaced = call.turns[change.turn].words[change.start : change.end]
    put, last = list(change.words), replaced[-1].text
    if replaced[0].text[:1].isupper():
        put[0] = put[0].capitalize()
    put[-1] += last[len(last.rstrip(_MARKS)) :]
    return tuple(put)


def _as_changed(view: CallView, changes: Sequence[Change]) -> CallView:
    """The call with the changes made; what situations it has does not hang on them."""
    call = view.call
    for change in sorted(changes, key=lambda change: -change.start):
        turn = call.turns[change.turn]
        start_s, end_s = turn.words[change.start].start_s, turn.words[change.end - 1].end_s
        put = written(view.call, change)
        step_s = (end_s - start_s) / len(put)
        words = tuple(
            Word(text, start_s + at * step_s, start_s + (at + 1) * step_s, _SURE) for at, text in enumerate(put)
        )
        words = (*turn.words[: change.start], *words, *turn.words[change.end :])
        turn = replace(turn, words=words, text=" ".join(word.text for word in words))
        call = replace(call, turns=(*call.turns[: change.turn], turn, *call.turns[change.turn + 1 :]))
    changed = CallView(call, view.knowledge, view.profile)
    changed.__dict__.update(situations=view.situations, likeness=view.likeness)
    return changed


def _marked(attempt: Attempt, call: Call, heard: str) -> tuple[Evidence, ...]:
    """The evidence; a quote with words of the second look tells what was recognised at first."""
    plain, marked = list(attempt.outcome.evidence), list[Evidence]()
    for change in attempt.changes:
        words = call.turns[change.turn].words[change.start : change.end]
        at_first, span = " ".join(word.text for word in words), (words[0].start_s, words[-1].end_s)
        among = next((each for each in (marked, plain) if any(_holds(one, *span) for one in each)), None)
        if among is None:
            quoted = Evidence("agent", *span, " ".join(written(call, change)))
        else:
            quoted = among.pop(next(at for at, one in enumerate(among) if _holds(one, *span)))
        marked.append(replace(quoted, quote=heard.format(quote=quoted.quote, heard=at_first)))
    # A report that shows one quote of a pass shows the first of the agent.
    return (*marked, *plain)


def _holds(evidence: Evidence, start_s: float, end_s: float) -> bool:
    return evidence.role == "agent" and evidence.start_s < end_s and start_s < evidence.end_s
