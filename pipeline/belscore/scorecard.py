"""The result: one finding for every rule, the measures, and the score they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from belscore.call import Channels, Direction, Engine, Role

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "belscore.scorecard/1"
Verdict = Literal["pass", "fail", "not_applicable", "unsure"]
Language = Literal["nl", "en"]
QuestionVerdict = Literal["covered", "missing", "unsure", "not_applicable"]
Outcome = Literal["answered", "appointment", "transferred", "callback", "broken_off", "unknown"]
Means = Literal["call", "mail", "write", "other"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words a verdict rests on, or the place where something was due (then `quote` is empty)."""

    role: Role
    start_s: float
    end_s: float
    quote: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured value beside the limit it was held against; `limit` is text for people, in Dutch."""

    value: float
    unit: str
    limit: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about the call.

    feedback     : to the agent, in the language of the card
    say_instead  : the sentence that would have made it pass, with this call's values, always in Dutch; "" for none
    reason       : why a verdict is `unsure` or `not_applicable`; None otherwise
    why          : what the rule is for
    would_pass   : of a fail what would have made it pass, and where in the call; of an `unsure` what was missing to
                   judge; "" otherwise
    """

    rule_id: str
    section: str
    verdict: Verdict
    title: str
    weight: int
    feedback: str
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    measured: Measured | None = None
    say_instead: str = ""
    why: str = ""
    would_pass: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A group of rules; `score` is None when nothing in it was judged."""

    id: str
    title: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Interruption:
    by: Role
    start_s: float
    end_s: float
    overlap_s: float


@dataclass(frozen=True, slots=True)
class TurnRate:
    """The articulation rate of one turn; `heard_sps` by the syllable nuclei in its sound, None where not measured."""

    by: Role
    start_s: float
    end_s: float
    rate_sps: float
    heard_sps: float | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured from words and spans; None where there was too little to measure.

    Rates are in syllables per second, and articulation rates but for two kinds: the speaking rates have the pauses
    inside turns in them, the heard rates count syllable nuclei in the sound in place of words. The outburst is the
    caller's first. `rates` has the turns that are long enough for a rate of their own; overlaps and silences are
    [start_s, end_s] pairs.
    """

    agent_rate_sps: float | None = None
    caller_rate_sps: float | None = None
    greeting_rate_sps: float | None = None
    agent_speaking_rate_sps: float | None = None
    caller_speaking_rate_sps: float | None = None
    agent_heard_rate_sps: float | None = None
    caller_heard_rate_sps: float | None = None
    before_outburst_rate_sps: float | None = None
    after_outburst_rate_sps: float | None = None
    talk_share_agent: float | None = None
    interruptions_agent: int | None = None
    interruptions_caller: int | None = None
    overlap_s: float | None = None
    silence_s: float | None = None
    longest_silence_s: float | None = None
    longest_monologue_s: float | None = None
    hold_s: float | None = None
    reply_gap_median_s: float | None = None
    backchannels_agent: int | None = None
    interruptions: tuple[Interruption, ...] = ()
    overlaps: tuple[tuple[float, float], ...] = ()
    silences: tuple[tuple[float, float], ...] = ()
    rates: tuple[TurnRate, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A promise or an appointment made in the call, for the phone log.

    who      : who is to do it
    whom     : who is called or written to
    means    : how: call, mail, write, other; None when that was not said
    what     : the words of it
    about    : what it is about, in words of the call; "" when that was not understood
    due      : the term as said
    due_at   : the last moment at which it must have happened; of an appointment its moment. None when no bounded term
               was said, or the start of the call is not known
    doubtful : whether words it rests on may be misheard
    """

    kind: Literal["promise", "appointment"]
    who: Role
    what: str
    due: str | None
    start_s: float
    number_given: bool | None = None
    whom: str | None = None
    means: Means | None = None
    about: str = ""
    due_at: datetime | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class QuestionFinding:
    """An item of a practice's question tree: whether it was asked or told; no part of the score.

    tree, item : their ids; the titles are the practice's own, in Dutch
    reason     : why it is `unsure`; None otherwise
    evidence   : where it was asked, told (by the caller too) or may have been; of what is missing the reason to call
    """

    tree: str
    tree_title: str
    item: str
    kind: Literal["question", "answer"]
    title: str
    verdict: QuestionVerdict
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class CallLog:
    """Who called and why, for the phone log; personal data, as are the words in the ledger and the evidence.

    caller_name  : as the caller gave it; None when they did not
    question     : why they called, in a line of their own words; None when that was not understood
    number_given : a telephone number was said in the call
    """

    caller_name: str | None = None
    question: str | None = None
    number_given: bool = False


@dataclass(frozen=True, slots=True)
class CallInfo:
    """What is known of the call; `in_hours` is None without a profile with opening hours, or without a start."""

    source: str
    duration_s: float
    started_at: datetime | None
    direction: Direction
    agent: str | None
    department: str | None
    channels: Channels
    in_hours: bool | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All verdicts on one call.

    score    : 0..100, weight of passed rules over weight of passed and failed ones; None when none was judged
    coverage : 0..1, share of the applicable weight that was judged; 1.0 when nothing applied
    language : of the texts; evidence and what to say are Dutch in any
    remarks  : what a practice's profile makes worth knowing of the call; judges nothing
    log      : who called and why
    questions: the items of the practice's question trees that belong to this call
    """

    call: CallInfo
    score: float | None
    coverage: float
    sections: tuple[Section, ...]
    situations: tuple[str, ...]
    outcome: Outcome
    ledger: tuple[LedgerEntry, ...]
    findings: tuple[Finding, ...]
    measures: Measures
    rules_digest: str
    engine: Engine = field(default_factory=Engine)
    language: Language = "nl"
    remarks: tuple[str, ...] = ()
    questions: tuple[QuestionFinding, ...] = ()
    log: CallLog = field(default_factory=CallLog)

    def finding(self, rule_id: str) -> Finding:
        """The finding of one rule; KeyError when the rule set has no such rule."""
        for finding in self.findings:
            if finding.rule_id == rule_id:
                return finding
        raise KeyError(rule_id)

    def practise_first(self, limit: int = 3) -> tuple[Finding, ...]:
        """The failed rules worth practising first: heaviest weight, then order in the rulebook."""
        failed = [finding for finding in self.findings if finding.verdict == "fail"]
        return tuple(sorted(failed, key=lambda finding: -finding.weight)[:limit])

    def to_dict(self) -> dict[str, Any]:
        """The scorecard as plain JSON values, schema `belscore.scorecard/1`."""
        data: dict[str, Any] = {"schema": SCHEMA, **_plain(self)}
        started_at = self.call.started_at
        data["call"]["started_at"] = started_at.isoformat() if started_at else None
        for entry in data["ledger"]:
            entry["due_at"] = entry["due_at"].isoformat() if entry["due_at"] else None
        return data

    def to_frame(self) -> pd.DataFrame:
        """One row a finding: source, rule_id, section, title, verdict, weight, start_s, end_s, quote, reason, feedback.

        `start_s`, `end_s` and `quote` are those of the first evidence, missing when there is none.
        """
        import pandas as pd

        rows = [self._row(finding) for finding in self.findings]
        return pd.DataFrame(rows, columns=list(_ROW_KEYS))

    def _row(self, finding: Finding) -> dict[str, object]:
        first = finding.evidence[0] if finding.evidence else None
        values: Sequence[object] = (
            self.call.source, finding.rule_id, finding.section, finding.title, finding.verdict, finding.weight,
            first.start_s if first else None, first.end_s if first else None, first.quote if first else None,
            finding.reason, finding.feedback,
        )  # fmt: skip
        return dict(zip(_ROW_KEYS, values, strict=True))


def _plain(value: Any) -> Any:
    """Like `dataclasses.asdict`, which takes twice as long because it copies texts and numbers too."""
    if isinstance(value, tuple):
        return tuple([_plain(each) for each in value])
    if isinstance(value, str | float | int | None) or not is_dataclass(value):
        return value
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}


_ROW_KEYS = (
    "source", "rule_id", "section", "title", "verdict", "weight", "start_s", "end_s", "quote", "reason", "feedback",
)  # fmt: skip


def score_of(findings: Sequence[Finding]) -> float | None:
    """Weight of pass over weight of pass and fail, times 100; None when neither occurs."""
    judged = sum(finding.weight for finding in findings if finding.verdict in ("pass", "fail"))
    if not judged:
        return None
    return round(100 * sum(finding.weight for finding in findings if finding.verdict == "pass") / judged, 1)


def coverage_of(findings: Sequence[Finding]) -> float:
    """Share 0..1 of the applicable weight that got a pass or a fail; 1.0 when nothing applied."""
    weights: Mapping[Verdict, int] = {
        verdict: sum(finding.weight for finding in findings if finding.verdict == verdict)
        for verdict in ("pass", "fail", "unsure")
    }
    applicable = sum(weights.values())
    return round((applicable - weights["unsure"]) / applicable, 3) if applicable else 1.0


def clock(seconds: float) -> str:
    """Time in a recording as m:ss, from an hour on as h:mm:ss.

    >>> [clock(at_s) for at_s in (0, 71.9, 3725)]
    ['0:00', '1:11', '1:02:05']
    """
    minutes, rest_s = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest_s:02}" if hours else f"{minutes}:{rest_s:02}"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `belscore.scorecard/1`; keys may be added to it, none is taken away."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Scorecard).json_schema(mode="serialization")
    schema["properties"] = {"schema": {"const": SCHEMA}, **schema["properties"]}
    schema["required"] = list(schema["properties"])
    for part in schema["$defs"].values():
        part["required"] = list(part.get("properties", ()))
    return schema
