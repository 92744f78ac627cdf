"""Who talks over whom, who listens, and how long nobody says anything: pure functions on the spans of a call.

Works on measured speech spans and on the turns of a written transcript alike. The definitions are those of SPEECH.md
2.3: an interruption starts while the other party is mid-sentence and makes it stop, or talks on against it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from belscore.call import ROLES, Call, Role, Span, merge_spans
from belscore.scorecard import Interruption

# Who can hold the floor; announcements and menus neither listen nor interrupt.
PARTIES: tuple[Role, ...] = ("agent", "caller", "colleague")

_SENTENCE_END = (".", "!", "?")
_CLOSING_MARKS = "\"'”’)»"
_TALKERS: tuple[Role, Role] = ("agent", "caller")


@dataclass(frozen=True, slots=True)
class TurnTakingOptions:
    """Bounds of the definitions, in seconds; defaults from SPEECH.md 2.3 where no other origin is named.

    utterance_gap_s    : speech of one party with shorter pauses is one utterance
    min_talking_s      : who has talked for less can hardly be cut short
    min_overlap_s      : less is a misjudged end, delay on the line or the edge of a span
    backchannel_s      : a listening signal lasts at most this long
    edge_s             : measured spans may be this much too long in all; written times are exact
    listed_signal_s    : and this long when all its words are listening signals
    yield_s            : who stops within this time of the other's start has yielded
    goes_on_s          : an interrupter goes on at least this long after the other stopped
    competing_s        : both talk on at least this long
    cooperative_s      : a remark up to this long that leaves the other talking is a question or a completion
    floor_gap_s        : a party that pauses up to this long, with only listening signals between, keeps the floor
    min_silence_s      : shorter gaps are ordinary turn gaps
    """

    utterance_gap_s: float = 0.5
    min_talking_s: float = 0.5
    min_overlap_s: float = 0.5
    backchannel_s: float = 1.0
    edge_s: float = 0.1
    listed_signal_s: float = 1.5
    yield_s: float = 2.0
    goes_on_s: float = 0.3
    competing_s: float = 1.0
    cooperative_s: float = 1.5
    floor_gap_s: float = 2.0
    min_silence_s: float = 2.0


DEFAULT_OPTIONS = TurnTakingOptions()


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one party says without a pause of note.

    text : the words, "" where only sound is known
    """

    role: Role
    span: Span
    text: str = ""

    @property
    def ends_sentence(self) -> bool:
        """Whether the words end in sentence-final punctuation; False where only sound is known."""
        return self.text.rstrip(_CLOSING_MARKS).endswith(_SENTENCE_END) and not self.text.endswith("...")


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """How the parties share the time. Fields named as in `scorecard.Measures` mean the same.

    utterances        : of all parties, in order of start
    interruptions     : `end_s` is the end of the overlap
    backchannels      : listening signals per party
    terminal_overlaps : starts just before the other is done: part of ordinary talk
    overlaps          : both parties at once, whatever the reason
    silences          : between first and last speech, nobody says anything for 2 s or more
    floors            : per party, stretches in which it holds the floor, listening signals of others included
    reply_gaps_s      : from the end of the caller's floor to the agent's answer; negative when the agent starts early
    talk_share_agent  : 0..1 of the speaking time of agent and caller; None when neither speaks
    overlap_known     : False when both parties share one channel
    """

    utterances: tuple[Utterance, ...]
    interruptions: tuple[Interruption, ...]
    backchannels: Mapping[Role, tuple[Span, ...]]
    terminal_overlaps: tuple[Span, ...]
    overlaps: tuple[Span, ...]
    silences: tuple[Span, ...]
    floors: Mapping[Role, tuple[Span, ...]]
    reply_gaps_s: tuple[float, ...]
    talk_share_agent: float | None
    overlap_known: bool

    def interruptions_by(self, role: Role) -> tuple[Interruption, ...]:
        return tuple(each for each in self.interruptions if each.by == role)

    @property
    def overlap_s(self) -> float:
        return round(sum(span.duration_s for span in self.overlaps), 3)

    @property
    def silence_s(self) -> float:
        return round(sum(span.duration_s for span in self.silences), 3)

    @property
    def longest_silence_s(self) -> float:
        return round(max((span.duration_s for span in self.silences), default=0.0), 3)

    @property
    def longest_monologue_s(self) -> float:
        """Longest time the agent holds the floor."""
        return round(max((span.duration_s for span in self.floors.get("agent", ())), default=0.0), 3)

    @property
    def reply_gap_median_s(self) -> float | None:
        return round(median(self.reply_gaps_s), 3) if self.reply_gaps_s else None

    @property
    def backchannels_agent(self) -> int:
        return len(self.backchannels.get("agent", ()))


def take_turns(
    call: Call, *, backchannel_words: Collection[str] = (), options: TurnTakingOptions = DEFAULT_OPTIONS
) -> TurnTaking:
    """Measure the turn-taking of a call.

    backchannel_words : single words, lower case, of which listening signals consist; without them length alone decides

    Whether a sentence was complete is read from the punctuation of written transcripts only: recognisers put a full
    stop wherever the sound stops.
    """
    if call.speech is not None:
        options = replace(options, backchannel_s=options.backchannel_s + options.edge_s)
    utterances = _utterances(call, options)
    known = call.channels == "separate"
    signals = {each for each in utterances if _is_backchannel(each, utterances, backchannel_words, options)}
    spoken = [each for each in utterances if each not in signals]
    overlapping = [_judge_start(each, spoken, options) for each in spoken] if known else []
    floors = _floors(spoken, options)
    backchannels: dict[Role, tuple[Span, ...]] = {
        role: tuple(each.span for each in utterances if each in signals and each.role == role)
        for role in PARTIES
        if any(each.role == role for each in utterances)
    }
    return TurnTaking(
        utterances=utterances,
        interruptions=tuple(each for each in overlapping if isinstance(each, Interruption)),
        backchannels=backchannels,
        terminal_overlaps=tuple(each for each in overlapping if isinstance(each, Span)),
        overlaps=_overlaps(call) if known else (),
        silences=_silences(call, options.min_silence_s),
        floors={role: tuple(each.span for each in floors if each.role == role) for role in backchannels},
        reply_gaps_s=_reply_gaps(floors),
        talk_share_agent=_talk_share(call),
        overlap_known=known,
    )


def _utterances(call: Call, options: TurnTakingOptions) -> tuple[Utterance, ...]:
    """Spans of each party, joined over short pauses in which nobody else begins."""
    pieces = [each for role in PARTIES for each in _pieces(call, role)]
    joined: list[Utterance] = []
    for role in PARTIES:
        starts = [each.span.start_s for each in pieces if each.role != role]
        last: Utterance | None = None
        for piece in sorted((each for each in pieces if each.role == role), key=lambda each: each.span):
            if last is not None and _goes_on(last, piece, starts, options):
                span = Span(last.span.start_s, max(last.span.end_s, piece.span.end_s))
                last = Utterance(role, span, f"{last.text} {piece.text}".strip())
                joined[-1] = last
            else:
                last = piece
                joined.append(piece)
    return tuple(sorted(joined, key=lambda each: each.span))


def _goes_on(last: Utterance, piece: Utterance, starts: list[float], options: TurnTakingOptions) -> bool:
    gap = Span(last.span.end_s, piece.span.start_s)
    if gap.duration_s <= 0:
        return True
    return gap.duration_s < options.utterance_gap_s and not any(gap.start_s <= at_s < gap.end_s for at_s in starts)


def _pieces(call: Call, role: Role) -> list[Utterance]:
    if call.speech is not None:
        return [Utterance(role, span) for span in call.speech.get(role, ())]
    return [Utterance(role, turn.span, turn.text) for turn in call.turns_of(role)]


def _is_backchannel(
    signal: Utterance, utterances: tuple[Utterance, ...], words: Collection[str], options: TurnTakingOptions
) -> bool:
    """A short sound while another party holds the floor and keeps it."""
    listed = bool(words and signal.text) and all(_bare(token) in words for token in signal.text.split())
    if words and signal.text and not listed:
        return False
    if signal.span.duration_s > (options.listed_signal_s if listed else options.backchannel_s) + 1e-9:
        return False
    return any(_holds_floor(role, signal.span, utterances, options) for role in PARTIES if role != signal.role)


def _bare(token: str) -> str:
    return token.strip(".,;:!?…\"'()").lower()


def _holds_floor(role: Role, during: Span, utterances: tuple[Utterance, ...], options: TurnTakingOptions) -> bool:
    """Whether `role` talks before and after `during`, with no more than a pause in between."""
    before = [each for each in utterances if each.role == role and each.span.start_s < during.start_s]
    after = [each for each in utterances if each.role == role and each.span.end_s > during.end_s]
    if not before or not after:
        return False
    last, following = max(before, key=lambda each: each.span.end_s), min(after, key=lambda each: each.span.start_s)
    if last.span.end_s > during.end_s:
        return True
    if last.text.endswith("?"):
        return False
    pauses = (during.start_s - last.span.end_s, following.span.start_s - during.end_s)
    return max(pauses) < options.utterance_gap_s


def _judge_start(begun: Utterance, spoken: list[Utterance], options: TurnTakingOptions) -> Interruption | Span | None:
    """What it means that an utterance begins: an interruption, a terminal overlap (its span), or nothing of note."""
    start_s = begun.span.start_s
    held = [each for each in spoken if each.role != begun.role and each.span.start_s < start_s < each.span.end_s]
    if not held:
        return None
    other = max(held, key=lambda each: each.span.end_s)
    shared = Span(start_s, min(begun.span.end_s, other.span.end_s))
    if _interrupts(begun, other, shared, options):
        return Interruption(begun.role, start_s, shared.end_s, round(shared.duration_s, 3))
    return shared if begun.span.end_s > other.span.end_s else None


def _interrupts(begun: Utterance, other: Utterance, shared: Span, options: TurnTakingOptions) -> bool:
    if shared.start_s - other.span.start_s < options.min_talking_s or shared.duration_s < options.min_overlap_s:
        return False
    if begun.span.duration_s <= options.backchannel_s:
        return False
    goes_on = begun.span.end_s - other.span.end_s
    yields = goes_on >= options.goes_on_s and shared.duration_s <= options.yield_s
    if yields and not other.ends_sentence:
        return True
    cooperative = goes_on < 0 and begun.span.duration_s <= options.cooperative_s
    return shared.duration_s >= options.competing_s and not cooperative


def _floors(spoken: list[Utterance], options: TurnTakingOptions) -> list[Utterance]:
    """Utterances of a party joined as long as nobody else says more than a listening signal."""
    floors: list[Utterance] = []
    for each in spoken:
        last = floors[-1] if floors else None
        if last and last.role == each.role and each.span.start_s - last.span.end_s <= options.floor_gap_s:
            end_s = max(last.span.end_s, each.span.end_s)
            floors[-1] = Utterance(each.role, Span(last.span.start_s, end_s))
        else:
            floors.append(Utterance(each.role, each.span))
    return floors


def _reply_gaps(floors: list[Utterance]) -> tuple[float, ...]:
    return tuple(
        round(answer.span.start_s - asked.span.end_s, 3)
        for asked, answer in pairwise(floors)
        if asked.role == "caller" and answer.role == "agent"
    )


def _overlaps(call: Call) -> tuple[Span, ...]:
    found = []
    for index, one in enumerate(PARTIES):
        for other in PARTIES[index + 1 :]:
            found += _shared(call.speech_of(one), call.speech_of(other))
    return merge_spans(found)


def _shared(one: tuple[Span, ...], other: tuple[Span, ...]) -> list[Span]:
    """Where two sorted rows of spans overlap, in one pass."""
    found: list[Span] = []
    first = second = 0
    while first < len(one) and second < len(other):
        start_s = max(one[first].start_s, other[second].start_s)
        end_s = min(one[first].end_s, other[second].end_s)
        if start_s < end_s:
            found.append(Span(start_s, end_s))
        if one[first].end_s <= other[second].end_s:
            first += 1
        else:
            second += 1
    return found


def _silences(call: Call, min_silence_s: float) -> tuple[Span, ...]:
    spoken = merge_spans([span for role in ROLES for span in call.speech_of(role)])
    gaps = (Span(before.end_s, after.start_s) for before, after in pairwise(spoken))
    return tuple(gap for gap in gaps if gap.duration_s >= min_silence_s)


def _talk_share(call: Call) -> float | None:
    agent, caller = (sum(span.duration_s for span in call.speech_of(role)) for role in _TALKERS)
    return round(agent / (agent + caller), 3) if agent + caller else None
