"""What a batch says while it runs and at its end, in Dutch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from belscore.batch.standing import Standing, Summary

_MINUTE_S, _HOUR_S = 60, 3600
_OTHER_RULES = "Beoordeeld met andere regels en zo gelaten: {} (`belscore rescore` past de nieuwe toe)"
_OTHER_SETTINGS = (
    "Beoordeeld met een ander model, kanaal of profiel en zo gelaten: {} (--again beoordeelt opnieuw vanaf het geluid)"
)


def format_standing(standing: Standing) -> str:
    """One line: how far, how fast, how long still, and what failed."""
    parts = [f"{standing.settled} van {standing.settled + standing.left} gesprekken"]
    if standing.per_hour is not None and standing.left_s is not None:
        parts.append(f"{standing.per_hour:.0f} per uur")
        if standing.left:
            parts.append(f"nog {duration(standing.left_s)}")
    if standing.failed:
        parts.append(f"{standing.failed} mislukt")
    return ", ".join(parts)


def format_summary(summary: Summary) -> str:
    """The end of a run: what was done, what stands open, and the files that failed with the reason."""
    tally, counts = summary.tally, summary.counts
    lines = [f"Beoordeeld: {tally.scored} in {duration(summary.elapsed_s)}"]
    told = (
        (tally.again, "Opnieuw beoordeeld: {}"),
        (tally.duplicates, "Dubbel (zelfde inhoud als een ander bestand): {}"),
        (tally.missed, "Gemiste gesprekken zonder opname toegevoegd: {}"),
        (tally.lost, "Opnieuw geprobeerd omdat een proces uitviel of bleef hangen: {}"),
        (counts["done"] - tally.scored - tally.again, "Was al beoordeeld: {}"),
        (tally.strange, f"Naam past niet bij het patroon: {{}} (wel beoordeeld), zoals {tally.first_strange}"),
        (summary.otherwise.rules, _OTHER_RULES),
        (summary.otherwise.settings, _OTHER_SETTINGS),
        (counts["waiting"], "Wacht nog: {} (hetzelfde commando gaat verder)"),
        (counts["running"], "Bij een andere run in behandeling: {}"),
    )
    lines += [text.replace("{}", str(count)) for count, text in told if count > 0]
    lines += [f"Niet te lezen: {trouble}" for trouble in tally.troubles]
    if counts["failed"]:
        lines.append(f"Mislukt: {counts['failed']} (--retry-failed probeert ze opnieuw)")
        lines += [f"  {line}" for line in format_failures(summary.failures)]
        if counts["failed"] > len(summary.failures):
            lines.append(f"  en nog {counts['failed'] - len(summary.failures)}; --failed toont ze alle")
    return "\n".join(lines)


def format_failures(failures: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line a file: its path and the reason."""
    for path, reason in failures:
        yield reason if path in reason or Path(path).name in reason else f"{path}: {reason}"


def duration(seconds: float) -> str:
    """A stretch of time in words, as exact as it is worth.

    >>> [duration(each) for each in (4.2, 200, 9000, 200_000)]
    ['4 s', '3 min', '2 u 30 min', '2 d 7 u']
    """
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    minutes = round(seconds / _MINUTE_S)
    if minutes < _HOUR_S // _MINUTE_S:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    days, rest = divmod(hours, 24)
    return f"{days} d {rest} u" if days else f"{hours} u {minutes} min"
