"""Which of two channels is the agent: by what each party says, not by how they sound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from belscore.call import AgentChannel, Direction, Turn, Word
from belscore.cues import Cues, load_cues
from belscore.turns import is_signal, make_turns

# SPEECH.md 9: without this much certainty about who is the agent a fault cannot be laid at anybody's door.
MIN_ROLE_CONFIDENCE = 0.6
# Lead of evidence at which the roles are 76 % sure; the curve is tanh(lead / scale). Set on the labelled dialogues with
# one word in four wrong, where wrong decisions have a lead under 3.
CONFIDENCE_SCALE = 6.0


@dataclass(frozen=True, slots=True)
class Roles:
    """Which channel the agent is on (0 left, 1 right), how sure that is (0..1), and who called whom."""

    agent: int
    confidence: float
    direction: Direction


def decide_roles(
    channels: Sequence[Sequence[Word]],
    *,
    agent_channel: AgentChannel = "auto",
    direction: Direction | None = None,
) -> Roles:
    """Decide who is the agent.

    channels      : words of the left and of the right channel
    agent_channel : left or right when it is known: confidence is then 1.0
    direction     : when known; None leaves it to the words, and takes inbound where they do not say

    The confidence grows with the lead of one reading over the other, 0.0 when both are equally likely.
    """
    turns = make_turns({"agent": channels[0], "caller": channels[1]})
    left = tuple(turn for turn in turns if turn.role == "agent")
    right = tuple(turn for turn in turns if turn.role == "caller")
    lead = agent_lead(left, right, direction=direction)
    agent = {"left": 0, "right": 1}.get(agent_channel, 0 if lead >= 0 else 1)
    confidence = confidence_of(lead) if agent_channel == "auto" else 1.0
    return Roles(agent, confidence, direction or guess_direction((left, right)[agent], (right, left)[agent]))


def agent_lead(one: Sequence[Turn], other: Sequence[Turn], *, direction: Direction | None = None) -> float:
    """Evidence that `one` is the agent and `other` the caller, less the evidence for the reverse.

    one, other : turns of each party, in order
    """
    cues = load_cues()
    lead = cues.leaning(cues.utterances(one)) - cues.leaning(cues.utterances(other))
    return lead + _first_speaker(cues, one, other, direction)


def _first_speaker(cues: Cues, one: Sequence[Turn], other: Sequence[Turn], direction: Direction | None) -> float:
    """Who is called speaks first: the practice, unless it is the one that calls."""
    if not one or not other:
        return 0.0
    sign = 1 if one[0].start_s <= other[0].start_s else -1
    return -sign * cues.first_speaker_weight if direction == "outbound" else sign * cues.first_speaker_weight


def confidence_of(lead: float) -> float:
    """A lead of evidence as a confidence 0..1.

    >>> confidence_of(0.0), confidence_of(-12.0) > confidence_of(3.0)
    (0.0, True)
    """
    return round(math.tanh(abs(lead) / CONFIDENCE_SCALE), 3)


def guess_direction(agent: Sequence[Turn], caller: Sequence[Turn]) -> Direction:
    """Outbound when the agent says so in the first turns and did not take up the telephone; otherwise inbound."""
    cues = load_cues()
    answered = not caller or (bool(agent) and agent[0].start_s <= caller[0].start_s)
    spoken = [turn for turn in agent if not is_signal(turn.words)]
    return "outbound" if not answered and cues.calls_out(cues.utterances(spoken)) else "inbound"
