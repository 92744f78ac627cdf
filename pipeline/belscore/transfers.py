"""Where the agent hands the caller over, or says so. Inventory: `rules/situations/doorverbinden.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from belscore.language.phrases import Match
from belscore.language.tokens import part
from belscore.promises import undeclined
from belscore.view import CallView

# The moment to which an appointment is moved follows this close: "door naar vrijdag".
MOMENT_REACH = 2
# `kan` stands so many tokens in front of the words that hand over at most.
MODAL_REACH = 3
# The talk goes on at once where nobody is rung: it rings for longer, 1 s on and 4 s off.
RANG_S = 5.0


def find_transfers(view: CallView, data: Mapping[str, Any], promises: Sequence[Match]) -> list[Match]:
    """Undeclined cues, less those that move an appointment: `dan schuif ik u door, vrijdag om tien uur`.

    promises : what the practice promised to ring back for, which is told of once more in words of a transfer
    """
    shifting = frozenset(data["shifting"])
    found: list[Match] = []
    for match in undeclined(view, data, view.of("agent")):
        starts = [moment.start for moment in view.moments(match.utterance)]
        moved = any(match.start <= at <= match.end + MOMENT_REACH for at in starts)
        moved = moved and not shifting.isdisjoint(match.utterance.norms[match.start : match.end])
        if not moved and not _prevented(view, data, match) and not _rings_later(view, data, match, promises):
            found.append(match)
    return found


def _rings_later(view: CallView, data: Mapping[str, Any], match: Match, promises: Sequence[Match]) -> bool:
    """`de dokter belt u` ... `u krijgt de dokter dus zelf aan de lijn`: when that rings, for this talk goes on."""
    utterance = match.utterance
    if frozenset(data["gets"]).isdisjoint(utterance.norms[match.start : match.end]) or view.of("colleague"):
        return False
    low, high = utterance.sentence_of(match.start)
    dated = any(low <= m.start < high and (m.has_clock or m.has_day) for m in view.moments(utterance))
    said = (utterance.index, match.start)
    if not dated and not any((promise.utterance.index, promise.start) < said for promise in promises):
        return False
    at_s, answered = utterance.turn.end_s, False
    for each in view.utterances[utterance.index + 1 :]:
        if each.turn.start_s - at_s > RANG_S:
            return False
        if answered and each.role == "agent":
            return True
        at_s, answered = each.turn.end_s, answered or each.role == "caller"
    return False


def _prevented(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """`ik kan u doorverbinden, maar die is er pas om twee uur`: it is not done now."""
    low, high = match.utterance.sentence_of(match.start)
    norms, contrasts = match.utterance.norms, data["contrasts"]
    behind = next((at for at in range(match.end, max(high, match.end)) if norms[at] in contrasts), None)
    if behind is None or view.of("colleague"):
        return False
    reply = next((u for u in view.of("caller") if u.index > match.utterance.index), None)
    if reply is not None and view.finder.any(data["takes"], reply):
        return False
    modals = norms[max(low, match.start - MODAL_REACH) : match.end]
    if not frozenset(data["would"]).isdisjoint(modals):
        return True
    able = not frozenset(data["could"]).isdisjoint(modals)
    return able and view.finder.any(data["prevented"], part(match.utterance, behind, high))
