"""How scorecards name and write things for their readers, in the terminal and on the page, in Dutch or English.

The texts themselves stand in `texts/`, one file a language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from belscore.packaged import packaged_toml
from belscore.scorecard import (
    Evidence,
    Finding,
    Language,
    LedgerEntry,
    Measured,
    Measures,
    Scorecard,
    Verdict,
    clock,
)

MARKS: Mapping[Verdict, str] = {"pass": "✓", "fail": "✗", "unsure": "?", "not_applicable": "–"}


def score(value: float | None) -> str:
    """The score in whole points; a dash when nothing was judged. 100 is kept for a call without a failed rule."""
    if value is None:
        return "–"
    return f"{min(99, round(value)) if value < 100 else 100}"


def quotes(finding: Finding) -> tuple[Evidence, ...]:
    """The evidence to show: all of what went wrong or stays open, of what went well one quote, the agent's if any."""
    if finding.verdict != "pass":
        return finding.evidence
    own = [evidence for evidence in finding.evidence if evidence.role == "agent"]
    return tuple((own or list(finding.evidence))[:1])


def sentence(text: str) -> str:
    """One line that starts with a capital and ends like a sentence."""
    line = re.sub(r"\s+", " ", text).strip()
    if not line:
        return ""
    return line[0].upper() + line[1:] + ("" if line[-1] in ".!?…\"”'’" else ".")


@lru_cache
def wording(language: Language) -> Wording:
    """What is said in a language; `texts/` is read once."""
    return Wording(packaged_toml(__package__, "texts", f"{language}.toml"))


class Wording:
    """The texts of one language, and what is written with them.

    say["practise_first"] is a text of [texts], say.table("roles")["agent"] one of another table
    """

    marks = MARKS
    clock = staticmethod(clock)
    score = staticmethod(score)
    quotes = staticmethod(quotes)
    sentence = staticmethod(sentence)

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        self._tables = tables
        self._sayings = [(_pattern(dutch), text) for dutch, text in tables["sayings"].items()]

    def __getitem__(self, key: str) -> str:
        return str(self._tables["texts"][key])

    def table(self, name: str) -> Mapping[str, Any]:
        return self._tables[name]

    def weight(self, weight: int) -> str:
        """What is worth saying of a weight; "" for the usual one."""
        return str(self._tables["weights"].get(str(weight), ""))

    def situation(self, situation: str) -> str:
        return str(self._tables["situations"].get(situation, situation))

    def number(self, value: float, decimals: int = 1) -> str:
        """A number as the language writes it; whole ones without decimals.

        >>> dutch = wording("nl")
        >>> dutch.number(4.25), dutch.number(3.0), dutch.number(-0.04)
        ('4,2', '3', '0')
        """
        rounded = round(value, decimals) + 0.0
        if rounded == int(rounded):
            return f"{rounded:.0f}"
        return f"{rounded:.{decimals}f}".replace(".", self["decimal"])

    def rate(self, value_sps: float) -> str:
        """A rate in syllables per second, always with its decimal.

        >>> wording("nl").rate(3.02)
        '3,0'
        """
        return f"{value_sps:.1f}".replace(".", self["decimal"])

    def length(self, seconds: float) -> str:
        """How long something lasts: whole seconds, from a minute on as m:ss.

        >>> wording("nl").length(17.4), wording("en").length(164.2)
        ('17 seconden', '2:44 minutes')
        """
        if seconds < 59.5:
            return self["seconds"].format(self.number(seconds, 0))
        return self["minutes"].format(clock(seconds))

    def percent(self, share: float) -> str:
        """A share 0..1 in whole per cents; only all of it is 100, only nothing is 0.

        >>> [wording("nl").percent(share) for share in (0, 0.001, 0.5, 0.999, 1)]
        ['0 %', '1 %', '50 %', '99 %', '100 %']
        """
        whole = round(100 * share)
        if 0 < share < 1:
            whole = min(99, max(1, whole))
        return self["percent"].format(whole)

    def moment(self, at: datetime) -> str:
        """Day and time.

        >>> wording("nl").moment(datetime(2025, 10, 6, 9, 12))
        'ma 6 oktober 2025, 9:12'
        """
        weekday = self._tables["calendar"]["weekdays"][at.weekday()]
        return f"{weekday} {self.day(at)}, {at.hour}:{at.minute:02}"

    def day(self, on: date) -> str:
        """
        >>> wording("nl").day(date(2026, 10, 6))
        '6 oktober 2026'
        """
        return f"{on.day} {self._tables['calendar']['months'][on.month - 1]} {on.year}"

    def saying(self, dutch: str) -> str:
        """What a check or the recording says in Dutch, in this language; as it is where it is not known.

        >>> wording("en").saying("hoogstens 3"), wording("nl").saying("hoogstens 3")
        ('at most 3', 'hoogstens 3')
        """
        for pattern, text in self._sayings:
            if match := pattern.fullmatch(dutch):
                parts = [self.saying(part) for part in match.groups()]
                return str(text).format(*parts)
        decimal = self["decimal"]
        return re.sub(r"(?<=\d),(?=\d)", decimal, dutch)

    def promise(self, entry: LedgerEntry) -> str:
        """An entry of the phone log in one line."""
        number = {True: self["number_known"], False: self["number_not_asked"], None: ""}[entry.number_given]
        what = entry.what.rstrip(".,? ")
        parts = [
            f"{self.table('roles')[entry.who]}: {what}",
            self["for_whom"].format(entry.whom) if entry.whom and entry.whom not in self.table("roles") else "",
            entry.due if entry.due and entry.due != what else "",
            self._due(entry),
            number,
            self["doubtful_words"] if entry.doubtful else "",
        ]
        return f"{self.table('ledger_kinds')[entry.kind]} · " + " · ".join(part for part in parts if part)

    def _due(self, entry: LedgerEntry) -> str:
        if entry.due_at is None:
            return ""
        return self["due_on" if entry.kind == "appointment" else "due_by"].format(self.moment(entry.due_at))

    def question(self, card: Scorecard) -> str:
        """Who called and why, in a line; "" when the question was not understood."""
        if card.log.question is None:
            return ""
        name = card.log.caller_name or self["unnamed_caller"]
        return self["caller_question"].format(name[0].upper() + name[1:], card.log.question)

    def score_line(self, card: Scorecard) -> str:
        return self["no_score"] if card.score is None else self["score"].format(score(card.score))

    def coverage_line(self, card: Scorecard) -> str:
        if card.score is None:
            return self["none_judged"]
        if card.coverage >= 1:
            return self["all_judged"]
        return self["some_judged"].format(self.percent(card.coverage))

    def counts_line(self, card: Scorecard) -> str:
        """How many rules got which verdict."""
        counts = [(sum(finding.verdict == verdict for finding in card.findings), verdict) for verdict in MARKS]
        return " · ".join(f"{count} {self.table('verdicts')[verdict]}" for count, verdict in counts if count)

    def call_facts(self, card: Scorecard) -> list[str]:
        """What is known about the call itself, for the head of a scorecard."""
        call = card.call
        facts = [
            self.moment(call.started_at) if call.started_at else "",
            self["duration"].format(clock(call.duration_s)),
            str(self.table("directions")[call.direction]),
            self["agent"].format(call.agent) if call.agent else "",
            self["department"].format(call.department) if call.department else "",
            self["mixed"] if call.channels == "mixed" else "",
        ]
        return [fact for fact in facts if fact]

    def situation_facts(self, card: Scorecard) -> list[str]:
        """What the call turned out to be, for the head of a scorecard."""
        situations = ", ".join(self.situation(each) for each in card.situations)
        outcome = self.table("outcomes")[card.outcome]
        return [
            self["situation"].format(situations) if situations else self["plain_call"],
            *([self["outcome"].format(outcome)] if outcome else []),
        ]

    def remarks(self, card: Scorecard, notes: tuple[str, ...] | list[str]) -> list[str]:
        """What there is to know beside the verdicts: of the recording, and of the practice's own profile."""
        return [*(self.saying(note) for note in notes), *card.remarks]

    def measure_facts(self, measures: Measures) -> list[tuple[str, str]]:
        """The measures that were taken, as (name, value), for one line or a row of tiles."""
        names = self.table("measures")
        rate_sps, greeting_sps, gap_s = measures.agent_rate_sps, measures.greeting_rate_sps, measures.reply_gap_median_s
        before_sps, after_sps = measures.before_outburst_rate_sps, measures.after_outburst_rate_sps
        share, longest_s = measures.talk_share_agent, measures.longest_silence_s
        interruptions, signals = measures.interruptions_agent, measures.backchannels_agent
        facts = [
            (names["tempo"], names["rate"].format(self.rate(rate_sps))) if rate_sps is not None else None,
            (names["greeting"], names["rate"].format(self.rate(greeting_sps))) if greeting_sps is not None else None,
            (names["outburst"], names["change"].format(self.rate(before_sps), self.rate(after_sps)))
            if before_sps is not None and after_sps is not None
            else None,
            (names["share"], self.percent(share)) if share is not None else None,
            (names["interruptions"], f"{interruptions}") if interruptions is not None else None,
            (names["silence"], self.length(longest_s)) if longest_s is not None else None,
            (names["hold"], self.length(measures.hold_s)) if measures.hold_s else None,
            (names["reply"], f"{self.number(gap_s)} s") if gap_s is not None else None,
            (names["signals"], f"{signals}") if signals is not None else None,
        ]
        return [fact for fact in facts if fact is not None]

    def measured(self, finding: Finding) -> str:
        """The measured value with its limit; "" when the rule measures nothing."""
        if finding.measured is None:
            return ""
        limit = f" ({self['limit'].format(self.saying(finding.measured.limit))})" if finding.measured.limit else ""
        return self["measured"].format(self._value(finding.measured)) + limit

    def _value(self, measured: Measured) -> str:
        is_rate = measured.unit.startswith("lettergrepen")
        value = self.rate(measured.value) if is_rate else self.number(measured.value)
        unit = self.saying(measured.unit)
        return f"{value} {self.table('units').get(unit, unit) if measured.value == 1 else unit}".rstrip()


def _pattern(dutch: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in dutch.split("{}")))
