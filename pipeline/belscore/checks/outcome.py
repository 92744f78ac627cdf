"""What a check says of a call, before the rule's own words are put to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from belscore.scorecard import Evidence, Measured, Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its grounds.

    reason  : key in `rules/lexicon/redenen.toml`, for `unsure` and `not_applicable`
    variant : which kind of failure; picks the rule's feedback
    values  : what the feedback texts may quote, by name
    """

    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None
    variant: str = ""
    measured: Measured | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def passed(*evidence: Evidence, values: Mapping[str, str] | None = None, measured: Measured | None = None) -> Outcome:
    return Outcome("pass", evidence, values=values or {}, measured=measured)


def failed(
    *evidence: Evidence, variant: str = "", values: Mapping[str, str] | None = None, measured: Measured | None = None
) -> Outcome:
    return Outcome("fail", evidence, variant=variant, values=values or {}, measured=measured)


def unsure(reason: str, *evidence: Evidence, measured: Measured | None = None) -> Outcome:
    return Outcome("unsure", evidence, reason=reason, measured=measured)


def not_applicable(reason: str) -> Outcome:
    return Outcome("not_applicable", reason=reason)
