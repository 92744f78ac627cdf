"""Complaints of long ago, or settled since: told, not made. Inventory: `[bygone]` in `rules/situations/klacht.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from belscore.cues_in_turns import clear_of, exactly
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.view import CallView

# The words that set a cue in the past stand this close in front of it or behind it.
TOLD_REACH = 3
# A year is one of long ago when it lies so far back, or before this one where the day of the call is unknown.
YEARS_BACK, OLD_YEAR = 2, 2015
FIRST_YEAR, CENTURIES = 1900, (19, 20)
# `in achtennegentig`, not `in veertien`.
SHORT_YEARS = range(40, 100)


def is_bygone(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`in achtennegentig heb ik een klacht ingediend, keurig opgelost`: nothing of it is wrong now.

    The cue is told in the past, and in its stretch of the turn, up to words of the present, it was settled later, or a
    complaint was filed long ago. Nothing in the turn says that it lasts or came back.
    """
    turn, words = match.utterance, data["bygone"]
    # what the models find is no cue: it stands anywhere in the turn
    found_whole = match.phrase.text == data["id"]
    filed = _told(view, words["filed"], replace(match, start=0, end=len(turn.norms)) if found_whole else match)
    if not filed and not _told(view, words["told"], match):
        return False
    settled = clear_of(exactly(view, words["settled"], turn), exactly(view, words["unsettled"], turn))
    if clear_of(exactly(view, words["lasting"], turn), settled):
        return False
    now = clear_of(exactly(view, words["now"], turn), settled)
    if not clear_of([match], now):
        return False
    low = max((each.end for each in now if each.end <= match.start), default=0)
    high = min((each.start for each in now if each.start >= match.end), default=len(turn.norms))
    past = [(each.start, each.end) for each in settled if filed or match.start < each.start]
    if filed:
        past += [(each.start, each.end) for each in exactly(view, words["long_ago"], turn)]
        past += _years(view, words, turn)
    return any(low <= start and end <= high for start, end in past)


def _told(view: CallView, phrases: Sequence[str], match: Match) -> bool:
    return not clear_of([match], exactly(view, phrases, match.utterance), beside=TOLD_REACH)


def _years(view: CallView, words: Mapping[str, Sequence[str]], turn: Utterance) -> list[tuple[int, int]]:
    """Where the turn names a year of long ago: `in 1998`, `in negentien achtennegentig`, `in achtennegentig`."""
    found, cardinal = [], view.knowledge.values.numbers.cardinal
    for at, norm in enumerate(turn.norms[1:], start=1):
        if turn.norms[at - 1] not in words["years_behind"] or (value := cardinal(norm)) is None:
            continue
        after = turn.norms[at + 1] if at + 1 < len(turn.norms) else ""
        rest = cardinal(after) if after else None
        if value in CENTURIES and rest is not None:
            value = value * 100 + rest
        short = value in SHORT_YEARS and after not in words["units"]
        if short or FIRST_YEAR <= value < _recent(view):
            found.append((at - 1, at + 1))
    return found


def _recent(view: CallView) -> int:
    return view.called_on.year - YEARS_BACK + 1 if view.called_on else OLD_YEAR
