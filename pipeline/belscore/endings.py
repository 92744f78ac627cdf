"""How a call ends, as far as it frees a rule from applying."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from belscore.language.tokens import Utterance
from belscore.rule_schema import Exemption
from belscore.view import CallView

HANG_UP_TURNS = 2
TRANSFER_TURNS = 2
# Who goes on for longer behind a farewell has thought of something else.
FAREWELL_TOKENS = 8


def exempt(view: CallView, exemption: Exemption) -> bool:
    """Whether an exemption of `[applies] unless` holds."""
    holds: Mapping[Exemption, Callable[[CallView], bool]] = {
        "cut_off": cut_off,
        "caller_hung_up": caller_hung_up,
        "ends_in_transfer": ends_in_transfer,
        "no_caller": no_caller,
    }
    return holds[exemption](view)


def no_caller(view: CallView) -> bool:
    """Nobody but the agent speaks: a voicemail, a dead line."""
    return not view.of("caller")


def cut_off(view: CallView) -> bool:
    """The recording stops before the call does: said so, or the last turn breaks off."""
    if view.call.ended_by == "cut":
        return True
    last = next((u for u in reversed(view.utterances) if u.tokens), None)
    if last is None or view.call.ended_by is not None:
        return False
    if _bids_farewell(view, last):
        return False
    token = last.tokens[-1]
    if token.after in (".", "!", "?"):
        return False
    if any(match.end == len(last.tokens) for match in view.finder.find(view.lexicon.list("einde", "complete"), last)):
        return False
    return token.norm in view.lexicon.words("einde", "open_ends")


def _bids_farewell(view: CallView, last: Utterance) -> bool:
    """`dag schat, god zegene je`: whoever has spoken before and opens so ends the call, whatever the last word is."""
    earlier = any(u.tokens and u.role == last.role and u.index < last.index for u in view.utterances)
    return earlier and last.norms[0] in view.lexicon.words("einde", "farewells") and len(last.tokens) <= FAREWELL_TOKENS


def caller_hung_up(view: CallView) -> bool:
    """The caller ended the call: said so by the metadata, the caller, or the agent who finds the line dead."""
    if view.call.ended_by == "caller":
        return True
    turns = [u for u in view.utterances if u.tokens]
    if not turns:
        return False
    last = turns[-1]
    if last.role == "caller" and view.finder.any(view.lexicon.list("einde", "caller_hangs_up"), last):
        return True
    agents = [u for u in turns[-HANG_UP_TURNS:] if u.role == "agent"]
    gone = any(view.finder.any(view.lexicon.list("einde", "agent_says_gone"), u) for u in agents)
    return gone and (last.role == "agent")


def ends_in_transfer(view: CallView) -> bool:
    """The agent's part ends by handing the caller over."""
    agents = view.spoken("agent")
    if not agents:
        return False
    last_agent = agents[-1]
    if any(u.index > last_agent.index for u in view.of("colleague")):
        return True
    handed = view.finder.any(view.lexicon.list("einde", "hands_over"), last_agent)
    if handed and any(u.index < last_agent.index for u in view.of("colleague")):
        return True
    closing = {u.index for u in agents[-TRANSFER_TURNS:]}
    if view.situations.transfers and view.finder.any(view.lexicon.list("einde", "stays_on"), last_agent):
        return True  # `u kunt gewoon aan de lijn blijven, daar komt orthopedie`
    return any(match.utterance.index in closing for match in view.situations.transfers)
