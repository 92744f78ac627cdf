"""What an agent could work on, what goes well, and what changed since the last talk. Pure: counted verdicts in.

It looks at one agent at a time: nobody is compared with others or placed in an order. What may as well be chance is no
habit and no change, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from belscore.call import Call, Span
from belscore.intervals import Share, difference
from belscore.scorecard import Evidence, Finding, Scorecard, Verdict

# A talk about more than two things is a talk about none.
MAX_HABITS = 2
MAX_STRENGTHS = 2
CLIPS = 3
# With all of ten calls going well the share may still be 0.72 (Wilson): fewer tell nothing.
MIN_CALLS = 10
# A figure about a person counts once people listened to as many verdicts under it: fewer tell nothing, for the same
# reason.
MIN_REVIEWED = MIN_CALLS
# A habit: even at best (upper limit of 95 %) one call in ten goes wrong. With ten calls that takes three wrong ones.
_HABIT_BELOW = 0.9
# Goes well: in fewer than one call in ten it does not, and even at worst (lower limit) seven in ten go well. With ten
# calls that takes all ten.
_WELL_SHARE, _WELL_AT_WORST = _HABIT_BELOW, 0.7
# Long enough for a question and its answer, short enough to play in a talk.
_LONGEST_S = 20.0
# Words less certain than this are shown as doubtful on scorecards (`report.transcript`).
_MIN_CERTAINTY = 0.5
# Turns that touch for less than this are no talking over one another: ends of words are timed to about this.
_TOUCH_S = 0.2

Direction = Literal["few", "chance", "better", "worse"]


@dataclass(frozen=True, slots=True)
class Counted:
    """The verdict that counts of a rule in one call.

    confirmed   : people listened and said so too
    rule_set_id : the version of the rules that the call was judged by
    reviewed    : it is the verdict of people, whatever the machine said
    """

    call_id: int
    started_at: datetime | None
    rule_id: str
    weight: int
    verdict: Verdict
    confirmed: bool
    rule_set_id: int
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class RuleShare:
    """How often a rule went well, of the calls in which it was judged; newest calls first."""

    rule_id: str
    share: Share
    weight: int
    fails: tuple[Counted, ...]
    passes: tuple[Counted, ...]

    @property
    def reviewed(self) -> int:
        """How many of its verdicts people gave."""
        return sum(each.reviewed for each in (*self.fails, *self.passes))


@dataclass(frozen=True, slots=True)
class Change:
    """A rule before and since a talk; `interval` is of the difference of shares.

    direction     : `few` there are too few calls to say anything, `chance` the difference may be chance
    rules_changed : the calls were not all judged by the same version of the rules
    """

    rule_id: str
    before: Share
    after: Share
    interval: tuple[float, float] | None
    direction: Direction
    rules_changed: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of a call to listen to together.

    certainty : 0..1, probability of its least certain word
    overlaps  : somebody else speaks at the same time
    """

    call_id: int
    started_at: datetime | None
    span: Span
    quotes: tuple[Evidence, ...]
    finding: Finding
    certainty: float
    overlaps: bool
    confirmed: bool


def rule_shares(counted: Iterable[Counted], *, untrusted: Collection[str] = ()) -> list[RuleShare]:
    """Each trusted rule with a pass or a fail, in the order in which the rules come; `unsure` is never counted."""
    by_rule: dict[str, list[Counted]] = {}
    for each in counted:
        if each.rule_id not in untrusted and each.verdict in ("pass", "fail"):
            by_rule.setdefault(each.rule_id, []).append(each)
    return [_share_of(rule_id, sorted(found, key=_age)) for rule_id, found in by_rule.items()]


def _share_of(rule_id: str, found: Sequence[Counted]) -> RuleShare:
    passes = tuple(each for each in found if each.verdict == "pass")
    fails = tuple(each for each in found if each.verdict == "fail")
    return RuleShare(rule_id, Share(len(passes), len(found)), found[0].weight, fails, passes)


def _age(each: Counted) -> tuple[float, int]:
    """Sorts new before old; calls of unknown time last."""
    return (-each.started_at.timestamp() if each.started_at else 0.0), -each.call_id


def habits(shares: Iterable[RuleShare], *, min_calls: int = MIN_CALLS) -> list[RuleShare]:
    """The one or two rules in which most weight was lost that need not be; those that chance may explain are none."""
    found = [
        each
        for each in shares
        if each.share.of >= min_calls and each.share.interval is not None and each.share.interval[1] < _HABIT_BELOW
    ]
    return sorted(found, key=lambda each: -each.weight * len(each.fails))[:MAX_HABITS]


def strengths(shares: Iterable[RuleShare], *, min_calls: int = MIN_CALLS) -> list[RuleShare]:
    """The rules that surely go well, surest first, heavy ones before light ones of the same sureness."""
    found = [
        (each.share.interval[0], each)
        for each in shares
        if each.share.of >= min_calls
        and each.share.interval is not None
        and (each.share.value or 0.0) >= _WELL_SHARE
        and each.share.interval[0] >= _WELL_AT_WORST
    ]
    return [each for low, each in sorted(found, key=lambda pair: (-round(pair[0], 1), -pair[1].weight))]


def change(rule_id: str, before: Sequence[Counted], after: Sequence[Counted], *, min_calls: int = MIN_CALLS) -> Change:
    """How a rule went before a talk and since, and whether that says anything."""
    old, new = _only(rule_id, before), _only(rule_id, after)
    first, second = (Share(sum(each.verdict == "pass" for each in part), len(part)) for part in (old, new))
    interval = difference(first, second)
    changed = len({each.rule_set_id for each in (*old, *new)}) > 1
    if interval is None or min(first.of, second.of) < min_calls:
        return Change(rule_id, first, second, interval, "few", changed)
    low, high = interval
    direction: Direction = "better" if low > 0 else "worse" if high < 0 else "chance"
    return Change(rule_id, first, second, interval, direction, changed)


def _only(rule_id: str, counted: Sequence[Counted]) -> list[Counted]:
    return [each for each in counted if each.rule_id == rule_id and each.verdict in ("pass", "fail")]


def make_clip(call: Call, card: Scorecard, counted: Counted) -> Clip | None:
    """What to play of a finding: its evidence, or of evidence that lies far apart the agent's first piece.

    None when there are no words to hear, when they are too long, or when one may well be misheard; and when the machine
    found otherwise than what counts: its words are of another verdict then.
    """
    finding = next((each for each in card.findings if each.rule_id == counted.rule_id), None)
    quoted = [each for each in finding.evidence if each.quote] if finding and finding.verdict == counted.verdict else []
    own = [each for each in quoted if each.role == "agent"]
    for quotes in (quoted, (own or quoted)[:1]):
        if not quotes or finding is None:
            return None
        span = Span(min(each.start_s for each in quotes), max(each.end_s for each in quotes))
        certainty = min(_certainty(call, each) for each in quotes)
        if span.duration_s < _LONGEST_S:
            overlaps = any(span.overlap_s(Span(*each)) > _TOUCH_S for each in card.measures.overlaps)
            said = tuple(sorted(quotes, key=lambda each: each.start_s))
            if certainty < _MIN_CERTAINTY:
                return None
            return Clip(
                counted.call_id, counted.started_at, span, said, finding, certainty, overlaps, counted.confirmed
            )
    return None


def _certainty(call: Call, evidence: Evidence) -> float:
    """Probability of the least certain word of a quote; 0.0 when its words are not there."""
    return min(
        (
            word.probability
            for turn in call.turns
            if turn.role == evidence.role
            for word in turn.words
            if evidence.start_s - _TOUCH_S / 2 <= (word.start_s + word.end_s) / 2 <= evidence.end_s + _TOUCH_S / 2
        ),
        default=0.0,
    )


def clearest(
    candidates: Sequence[Counted], clip_of: Callable[[Counted], Clip | None], *, limit: int, taken: Collection[int] = ()
) -> list[Clip]:
    """The clearest clips, each of another call: without talking over one another, people's own finds, certain, new.

    candidates : of one rule, newest first; `clip_of` makes the clip of one
    taken      : ids of calls that were used already
    """
    made = [clip for each in candidates if each.call_id not in taken and (clip := clip_of(each)) is not None]
    # Whole tenths: a word of 0.97 is not clearer to the ear than one of 0.93, and then the newer call goes first.
    ordered = sorted(made, key=lambda clip: (clip.overlaps, not clip.confirmed, -round(clip.certainty, 1)))
    return ordered[:limit]
