"""The findings of a scorecard under their sections, those that did not apply apart."""

from __future__ import annotations

from dataclasses import dataclass

from belscore.report.wording import Wording
from belscore.scorecard import Finding, Scorecard


@dataclass(frozen=True, slots=True)
class SectionFindings:
    """judged : pass, fail and unsure, in rulebook order; idle : what did not apply to this call"""

    id: str
    title: str
    score: float | None
    judged: tuple[Finding, ...]
    idle: tuple[Finding, ...]


def by_section(card: Scorecard) -> tuple[SectionFindings, ...]:
    """Every section that has findings, in rulebook order."""
    sections = []
    for section in card.sections:
        own = [finding for finding in card.findings if finding.section == section.id]
        judged = tuple(finding for finding in own if finding.verdict != "not_applicable")
        idle = tuple(finding for finding in own if finding.verdict == "not_applicable")
        if own:
            sections.append(SectionFindings(section.id, section.title, section.score, judged, idle))
    return tuple(sections)


def idle_line(say: Wording, sections: tuple[SectionFindings, ...]) -> str:
    """The sections of which no rule applied, in one line; "" when there is none."""
    idle = [section for section in sections if not section.judged]
    rules = sum(len(section.idle) for section in idle)
    titles = ", ".join(section.title for section in idle)
    return say["section_rule" if rules == 1 else "section_rules"].format(titles, rules) if idle else ""
