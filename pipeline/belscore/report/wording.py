"""How scorecards name and write things for Dutch readers, in the terminal and on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from belscore.call import Role
from belscore.scorecard import Evidence, Finding, LedgerEntry, Measures, Outcome, Scorecard, Verdict

MARKS: Mapping[Verdict, str] = {"pass": "✓", "fail": "✗", "unsure": "?", "not_applicable": "–"}
VERDICTS: Mapping[Verdict, str] = {
    "pass": "goed",
    "fail": "niet goed",
    "unsure": "niet te beoordelen",
    "not_applicable": "niet van toepassing",
}
ROLES: Mapping[Role, str] = {
    "agent": "medewerker",
    "caller": "beller",
    "colleague": "collega",
    "system": "bandje",
}
# Only what weighs otherwise than usual is worth a word.
WEIGHTS: Mapping[int, str] = {1: "weegt licht", 2: "", 3: "weegt zwaar"}
MOMENT_MISSED = "hier was het moment"
OUTCOMES: Mapping[Outcome, str] = {
    "answered": "vraag beantwoord",
    "appointment": "afspraak gemaakt",
    "transferred": "doorverbonden",
    "callback": "terugbellen beloofd",
    "broken_off": "afgebroken",
    "unknown": "",
}
DIRECTIONS = {"inbound": "inkomend", "outbound": "uitgaand"}
LEDGER_KINDS = {"promise": "belofte", "appointment": "afspraak"}
_WEEKDAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip


def clock(seconds: float) -> str:
    """Time in a recording as m:ss, from an hour on as h:mm:ss.

    >>> [clock(at_s) for at_s in (0, 71.9, 3725)]
    ['0:00', '1:11', '1:02:05']
    """
    minutes, rest_s = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest_s:02}" if hours else f"{minutes}:{rest_s:02}"


def number(value: float, decimals: int = 1) -> str:
    """A number as Dutch writes it; whole ones without decimals.

    >>> number(4.25), number(3.0), number(-0.04)
    ('4,2', '3', '0')
    """
    rounded = round(value, decimals) + 0.0
    return f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.{decimals}f}".replace(".", ",")


def rate(value_sps: float) -> str:
    """A rate in syllables per second, always with its decimal.

    >>> rate(3.02)
    '3,0'
    """
    return f"{value_sps:.1f}".replace(".", ",")


def length(seconds: float) -> str:
    """How long something lasts: whole seconds, from a minute on as m:ss.

    >>> length(17.4), length(164.2)
    ('17 seconden', '2:44 minuten')
    """
    return f"{number(seconds, 0)} seconden" if seconds < 59.5 else f"{clock(seconds)} minuten"


def percent(share: float) -> str:
    """A share 0..1 in whole per cents; only all of it is 100, only nothing is 0.

    >>> [percent(share) for share in (0, 0.001, 0.5, 0.999, 1)]
    ['0 %', '1 %', '50 %', '99 %', '100 %']
    """
    whole = round(100 * share)
    if 0 < share < 1:
        whole = min(99, max(1, whole))
    return f"{whole} %"


def moment(at: datetime) -> str:
    """Day and time.

    >>> moment(datetime(2025, 10, 6, 9, 12))
    'ma 6 oktober 2025, 9:12'
    """
    return f"{_WEEKDAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}, {at.hour}:{at.minute:02}"


def score(value: float | None) -> str:
    """The score in whole points; a dash when nothing was judged."""
    return "–" if value is None else f"{_whole_points(value)}"


def promise(entry: LedgerEntry) -> str:
    """An entry of the phone log in one line."""
    number = {True: "nummer bekend", False: "geen nummer gevraagd", None: ""}[entry.number_given]
    parts = [f"{ROLES[entry.who]}: {entry.what.rstrip('. ')}", entry.due or "", number]
    return f"{LEDGER_KINDS[entry.kind]} · " + " · ".join(part for part in parts if part)


def _whole_points(value: float) -> int:
    """Rounded, but 100 is kept for a call without a single failed rule."""
    return min(99, round(value)) if value < 100 else 100


def score_line(card: Scorecard) -> str:
    return "geen score" if card.score is None else f"score {score(card.score)} van 100"


def coverage_line(card: Scorecard) -> str:
    if card.score is None:
        return "van wat van toepassing is, kon niets worden beoordeeld"
    if card.coverage >= 1:
        return "alles wat van toepassing is, kon worden beoordeeld"
    return f"{percent(card.coverage)} van wat van toepassing is, kon worden beoordeeld"


def counts_line(card: Scorecard) -> str:
    """How many rules got which verdict, for those that applied."""
    counts = [(sum(finding.verdict == verdict for finding in card.findings), verdict) for verdict in MARKS]
    return " · ".join(f"{count} {VERDICTS[verdict]}" for count, verdict in counts if count)


def call_facts(card: Scorecard) -> list[str]:
    """What is known about the call itself, for the head of a scorecard."""
    call = card.call
    facts = [
        moment(call.started_at) if call.started_at else "",
        f"duur {clock(call.duration_s)}",
        DIRECTIONS[call.direction],
        f"medewerker {call.agent}" if call.agent else "",
        f"afdeling {call.department}" if call.department else "",
        "beide stemmen op één kanaal" if call.channels == "mixed" else "",
    ]
    return [fact for fact in facts if fact]


def situation_facts(card: Scorecard) -> list[str]:
    """What the call turned out to be, for the head of a scorecard."""
    situations = ", ".join(card.situations)
    outcome = OUTCOMES[card.outcome]
    return [
        f"situatie: {situations}" if situations else "gewoon gesprek",
        *([f"afloop: {outcome}"] if outcome else []),
    ]


def measure_facts(measures: Measures) -> list[tuple[str, str]]:
    """The measures that were taken, as (name, value), for one line or a row of tiles."""
    rate_sps = measures.agent_rate_sps
    share = measures.talk_share_agent
    interruptions = measures.interruptions_agent
    longest_s = measures.longest_silence_s
    gap_s = measures.reply_gap_median_s
    facts = [
        ("tempo", f"{rate(rate_sps)} lettergrepen/s") if rate_sps is not None else None,
        ("spreekaandeel", percent(share)) if share is not None else None,
        ("onderbrekingen", f"{interruptions}") if interruptions is not None else None,
        ("langste stilte", length(longest_s)) if longest_s is not None else None,
        ("in de wacht", length(measures.hold_s)) if measures.hold_s else None,
        ("reactietijd", f"{number(gap_s)} s") if gap_s is not None else None,
        ("luistersignalen", f"{measures.backchannels_agent}") if measures.backchannels_agent is not None else None,
    ]
    return [fact for fact in facts if fact is not None]


def quotes(finding: Finding) -> tuple[Evidence, ...]:
    """The evidence to show: all of what went wrong or stays open, of what went well one quote, the agent's if any."""
    if finding.verdict != "pass":
        return finding.evidence
    own = [evidence for evidence in finding.evidence if evidence.role == "agent"]
    return tuple((own or list(finding.evidence))[:1])


def measured(finding: Finding) -> str:
    """The measured value with its limit; "" when the rule measures nothing."""
    if finding.measured is None:
        return ""
    unit, limit = finding.measured.unit, finding.measured.limit
    value = rate(finding.measured.value) if unit.startswith("lettergrepen") else number(finding.measured.value)
    return f"gemeten: {value} {unit}".rstrip() + (f" (grens: {limit})" if limit else "")


def sentence(text: str) -> str:
    """One line that starts with a capital and ends like a sentence."""
    line = re.sub(r"\s+", " ", text).strip()
    if not line:
        return ""
    return line[0].upper() + line[1:] + ("" if line[-1] in ".!?…\"”'’" else ".")
