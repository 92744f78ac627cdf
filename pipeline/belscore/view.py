"""A call as checks see it: tokens, values, names and situations, each worked out once and only when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from belscore.call import Call, Role, Span, merge_spans
from belscore.language.address import AddressReader
from belscore.language.call_model import CallModels
from belscore.language.caller_names import CallerName
from belscore.language.echoes import EchoFinder
from belscore.language.lexicon import Lexicon
from belscore.language.moments import Moment, moments
from belscore.language.names import NameMention, NameReader
from belscore.language.phrases import Match, PhraseFinder
from belscore.language.situation_model import SituationModel
from belscore.language.tokens import Token, Utterance, tokenise
from belscore.language.values import ONE_OCLOCK_MIN, Value, ValueReader
from belscore.question_words import QuestionWords
from belscore.scorecard import Evidence

if TYPE_CHECKING:
    from belscore.asking import QuestionReader
    from belscore.call_likeness import CallLikeness
    from belscore.profile import Profile
    from belscore.situations import Situations
    from belscore.tempo import Articulation, Tempo
    from belscore.terms import TermReader
    from belscore.turn_taking import TurnTaking

# A word the recogniser gave less than this may well be another: a verdict does not rest on it alone.
MIN_PROBABILITY = 0.5
# A stretch in which more than this share of the words is that doubtful is not fit to say that something was not said.
MAX_DOUBTFUL_SHARE = 0.4
# Over many turns this share of the words may be doubtful: of the right ones one in fourteen is (make
# bench-confusions). Set with make bench-rules.
MAX_DOUBTFUL_CLEAR = 0.06
# Words that a recogniser lost leave a hole: less of a turn than this covered by its words is one.
MIN_COVERED_SHARE = 0.75
LOST_WORD_S = 0.15
# Silence inside a clause in which a short word fits.
HOLE_S = 0.25
# The default model ends the last word of a turn about so much too early (bench/wer.py, median of `ends`).
WORD_END_S = 0.6
HUM_MAX_TOKENS = 3
# Punctuation is taken to mean something when at least this share of the turns ends with it.
MIN_PUNCTUATED = 0.4
# "een dag later" reckons from what was said in one of so many turns before it.
RECKONED_TURNS = 2


@dataclass(frozen=True)
class Knowledge:
    """What the rule set knows of Dutch; made once for a rule set and shared by all calls.

    models : by situation, what tells its turns and its calls by all their words
    """

    lexicon: Lexicon
    situations: Mapping[str, Mapping[str, Any]]
    models: Mapping[str, SituationModel] = field(default_factory=dict)
    call_models: CallModels = field(init=False)
    finder: PhraseFinder = field(init=False)
    echoes: EchoFinder = field(init=False)
    values: ValueReader = field(init=False)
    names: NameReader = field(init=False)
    address: AddressReader = field(init=False)
    question_words: QuestionWords = field(init=False)

    def __post_init__(self) -> None:
        finder = PhraseFinder(self.lexicon)
        calls = {name: model.call for name, model in self.models.items() if model.call is not None}
        object.__setattr__(self, "call_models", CallModels(calls))
        object.__setattr__(self, "finder", finder)
        object.__setattr__(self, "echoes", EchoFinder(self.lexicon))
        object.__setattr__(self, "values", ValueReader(self.lexicon))
        object.__setattr__(self, "names", NameReader(self.lexicon, finder))
        object.__setattr__(self, "address", AddressReader(self.lexicon, finder, self.values))
        object.__setattr__(self, "question_words", QuestionWords(self.lexicon))


class CallView:
    """One call, with everything checks want to know about it."""

    def __init__(self, call: Call, knowledge: Knowledge, profile: Profile | None = None) -> None:
        self.call = call
        self.knowledge = knowledge
        self.profile = profile
        self.lexicon = knowledge.lexicon
        self.finder = knowledge.finder

    @property
    def called_on(self) -> date | None:
        """The day of the call, where it is known."""
        return self.call.started_at.date() if self.call.started_at else None

    # Words

    @cached_property
    def utterances(self) -> tuple[Utterance, ...]:
        return tokenise(self.call, self.lexicon.contractions)

    def of(self, role: Role) -> list[Utterance]:
        """The utterances of one role that have words, in order."""
        known = self._by_role.get(role)
        if known is None:
            known = self._by_role[role] = [u for u in self.utterances if u.role == role and u.tokens]
        return list(known)

    @cached_property
    def _by_role(self) -> dict[Role, list[Utterance]]:
        return {}

    @cached_property
    def cased(self) -> bool:
        """Names are written with capitals: some word inside a sentence has one. Recognisers are not to be relied on."""
        return not self.recognised and any(
            token.capital and utterance.tokens[at - 1].after not in (".", "?", "!")
            for utterance in self.utterances
            for at, token in enumerate(utterance.tokens)
            if at
        )

    @cached_property
    def punctuated(self) -> bool:
        ends = [utterance.tokens[-1].after in (".", "?", "!") for utterance in self.utterances if utterance.tokens]
        return bool(ends) and sum(ends) / len(ends) >= MIN_PUNCTUATED

    @cached_property
    def recognised(self) -> bool:
        """The words come from a recogniser: some word is not certain."""
        return any(word.probability < 1.0 for turn in self.call.turns for word in turn.words)

    @cached_property
    def hums(self) -> frozenset[int]:
        """Indices of utterances that are listening signals only."""
        signals = self.lexicon.words("luisteren", "backchannels")
        return frozenset(
            utterance.index
            for utterance in self.utterances
            if len(utterance.tokens) <= HUM_MAX_TOKENS and all(norm in signals for norm in utterance.norms)
        )

    def spoken(self, role: Role) -> list[Utterance]:
        """The utterances of a role without bare listening signals."""
        known = self._spoken_by_role.get(role)
        if known is None:
            known = self._spoken_by_role[role] = [u for u in self.of(role) if u.index not in self.hums]
        return list(known)

    @cached_property
    def _spoken_by_role(self) -> dict[Role, list[Utterance]]:
        return {}

    def find(self, phrases: Iterable[str], utterances: Iterable[Utterance], *, doubtful: bool = False) -> list[Match]:
        """All matches in the utterances, in order."""
        wanted = tuple(phrases)
        return [m for utterance in utterances for m in self.finder.find(wanted, utterance, doubtful=doubtful)]

    def legible(self, utterances: Sequence[Utterance]) -> bool:
        """Whether the words of these utterances are sure enough to say that something was not said in them."""
        tokens = [token for utterance in utterances for token in utterance.tokens]
        if not tokens or not self.recognised:
            return True
        doubtful = sum(token.probability < MIN_PROBABILITY for token in tokens)
        return doubtful / len(tokens) <= MAX_DOUBTFUL_SHARE

    def crisp(self, utterances: Iterable[Utterance], *, first: int | None = None) -> bool:
        """Whether so little can have been misheard or lost in these utterances that what is not there was not said.

        first : look at so many tokens of each only
        """
        if not self.recognised:
            return True
        heard = list(utterances)
        tokens = [token for utterance in heard for token in utterance.tokens[:first]]
        if any(token.probability < MIN_PROBABILITY for token in tokens):
            return False
        if any(_has_hole(utterance.tokens[:first]) for utterance in heard):
            return False
        return first is not None or self.whole(heard)

    def clear(self, utterances: Sequence[Utterance], *, first: int | None = None) -> bool:
        """Whether these turns are good enough together to miss in them what takes several words to say.

        Right words are given a low probability too: that no word at all is doubtful never happens in a whole call.
        Function words are left out: they are misheard for each other.
        first : look at so many tokens of each only
        """
        if not self.recognised:
            return True
        tokens = [token for utterance in utterances for token in utterance.tokens[:first]]
        idle = self.lexicon.idle
        doubtful = sum(token.probability < MIN_PROBABILITY and token.norm not in idle for token in tokens)
        return doubtful <= MAX_DOUBTFUL_CLEAR * len(tokens) and (first is not None or self.whole(utterances))

    def whole(self, utterances: Iterable[Utterance]) -> bool:
        """Whether no hole in a turn shows that words were lost."""
        return not self.recognised or all(_covered(utterance) >= MIN_COVERED_SHARE for utterance in utterances)

    def echo(self, phrases: Iterable[str], utterances: Iterable[Utterance]) -> Utterance | None:
        """The first utterance in which one of the phrases may have been misheard; None where all words are certain."""
        if not self.recognised:
            return None
        wanted = tuple(phrases)
        return next((each for each in utterances if self.knowledge.echoes.any(wanted, each)), None)

    def unheard_s(self, role: Role, span: Span) -> float:
        """Seconds in the span in which a role was measured to speak and no words of it are known."""
        if self.call.speech is None:
            return 0.0
        sounds = [
            Span(max(sound.start_s, span.start_s), min(sound.end_s, span.end_s))
            for sound in self.call.speech_of(role)
            if sound.overlap_s(span) > 0
        ]
        turns = merge_spans([turn.span for turn in self.call.turns_of(role)])
        return sum(sound.duration_s - sum(turn.overlap_s(sound) for turn in turns) for sound in sounds)

    # Values and names

    @cached_property
    def _values(self) -> tuple[tuple[Value, ...], ...]:
        return tuple(self.knowledge.values.read(utterance) for utterance in self.utterances)

    def values(self, utterance: Utterance) -> tuple[Value, ...]:
        return self._values[utterance.index]

    @cached_property
    def _moments(self) -> tuple[tuple[Moment, ...], ...]:
        apposed = frozenset(self.lexicon.table("waarden", "days")["apposed"])
        said: list[tuple[Moment, ...]] = []
        for utterance, values in zip(self.utterances, self._values, strict=True):
            before = [moment for earlier in said[-RECKONED_TURNS:] for moment in earlier]
            if any(moment.clock_min == ONE_OCLOCK_MIN for moment in before):
                values = self.knowledge.values.with_lone_hour(utterance, values)
            said.append(moments(utterance, values, apposed, before))
        return tuple(said)

    def moments(self, utterance: Utterance) -> tuple[Moment, ...]:
        return self._moments[utterance.index]

    @cached_property
    def caller_names(self) -> tuple[CallerName, ...]:
        return self.knowledge.names.callers.find(self.utterances, cased=self.cased, own=self.own_names)

    @cached_property
    def mentions(self) -> tuple[NameMention, ...]:
        names = self.knowledge.names
        return names.mentions(self.utterances, self.caller_names, cased=self.cased, own=self.own_names)

    @cached_property
    def own_names(self) -> frozenset[str]:
        """Words of the agent's own name, as the agent, the call's metadata or the profile give it."""
        from belscore.opening import own_name_words

        texts = [self.call.agent or "", *(self.profile.agents if self.profile else ())]
        return own_name_words(self) | {word.lower() for text in texts for word in text.split()}

    @cached_property
    def child_turns(self) -> range:
        """The utterances up to which a child is on the line; empty when none is."""
        return self.knowledge.address.child.turns(self.utterances)

    @cached_property
    def asking(self) -> QuestionReader:
        from belscore.asking import QuestionReader

        return QuestionReader(self)

    @cached_property
    def terms(self) -> TermReader:
        from belscore.terms import TermReader

        return TermReader(self)

    # Sound and situations

    def tempo(self, role: Role, within: Span | None = None) -> Tempo:
        """Syllables and speaking time of a role, over the call or a stretch of it."""
        return self.articulation(role).tempo(within)

    def articulation(self, role: Role) -> Articulation:
        from belscore.tempo import Articulation

        known = self._articulations.get(role)
        if known is None:
            known = self._articulations[role] = Articulation(self.call, role, self.knowledge.values.numbers)
        return known

    @cached_property
    def _articulations(self) -> dict[Role, Articulation]:
        return {}

    @cached_property
    def taking(self) -> TurnTaking:
        from belscore.turn_taking import take_turns

        return take_turns(self.call, backchannel_words=self.lexicon.words("luisteren", "backchannels"))

    @cached_property
    def likeness(self) -> CallLikeness:
        from belscore.call_likeness import CallLikeness

        return CallLikeness(self)

    @cached_property
    def situations(self) -> Situations:
        from belscore.situations import find_situations

        return find_situations(self)


def _has_hole(tokens: Sequence[Token]) -> bool:
    """Whether a word may have been lost between two of these: silence where no clause ends."""
    return any(not one.after and other.start_s - one.end_s > HOLE_S for one, other in pairwise(tokens))


def _covered(utterance: Utterance) -> float:
    """Share 0..1 of the turn's time that its words fill, the short gaps between them included."""
    words = utterance.turn.words
    if not words:
        return 0.0
    gaps_s = sum(gap for one, other in pairwise(words) if (gap := other.start_s - one.end_s) > LOST_WORD_S)
    lead_s, tail_s = words[0].start_s - utterance.turn.start_s, utterance.turn.end_s - words[-1].end_s
    edges_s = max(0.0, lead_s - LOST_WORD_S) + max(0.0, tail_s - WORD_END_S)
    total_s = utterance.turn.end_s - utterance.turn.start_s
    return 1.0 if total_s <= 0 else 1.0 - (gaps_s + edges_s) / total_s


def evidence(match: Match | NameMention | CallerName) -> Evidence:
    """The quote and time of something found in an utterance."""
    tokens = match.utterance.tokens[match.start : match.end]
    return Evidence(match.utterance.role, tokens[0].start_s, tokens[-1].end_s, match.quote)


def turn_evidence(utterance: Utterance) -> Evidence:
    """A whole turn as evidence."""
    return Evidence(utterance.role, utterance.turn.start_s, utterance.turn.end_s, utterance.turn.text)


def due_evidence(role: Role, span: Span) -> Evidence:
    """The place where something was due and nothing was said."""
    return Evidence(role, span.start_s, span.end_s, "")
