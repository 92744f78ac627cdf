"""Who of the speakers of a transcript is the agent, who the caller: by what they are called, else by what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from belscore.call import AgentChannel, Direction, Role, Word
from belscore.foreign.names import role_of, side_of
from belscore.roles import MIN_ROLE_CONFIDENCE, agent_lead, confidence_of, decide_roles
from belscore.turns import make_turns

# Of more voices than this those who say least are nobody that rules are about.
_COMPARED_MAX = 5

Spoken = Mapping[str, Sequence[Word]]


@dataclass(frozen=True, slots=True)
class Parties:
    """The role of each speaker, how sure it is who is the agent (0..1), and who called whom.

    contradicted : the names say one thing, the words another
    """

    roles: Mapping[str, Role]
    confidence: float
    direction: Direction
    contradicted: bool = False


def decide_parties(spoken: Spoken, *, agent_channel: AgentChannel = "auto") -> Parties:
    """Give every speaker a role.

    spoken        : the words of each speaker, by what the tool calls them
    agent_channel : left or right tells who is the agent where names say which channel they are on

    Of speakers whose names say nothing, the two between whom the words tell best are agent and caller and the others
    colleagues; so is who comes second among several agents by name.
    """
    named = _by_name(spoken, agent_channel)
    unknown = sorted((name for name in spoken if name not in named), key=lambda name: -len(spoken[name]))
    agents = _first_of("agent", named, spoken) or unknown[:_COMPARED_MAX]
    callers = _first_of("caller", named, spoken) or unknown[:_COMPARED_MAX]
    leads = {(a, c): _lead(spoken[a], spoken[c]) for a, c in product(agents, callers) if a != c}
    if not leads:
        return _alone(spoken, named, agents)
    agent, caller = max(leads, key=lambda pair: leads[pair])
    lead = leads[agent, caller]
    rivals = [lead - other for (one, _), other in leads.items() if one not in (agent, caller)]
    sure = confidence_of(lead)
    contradicted = False
    if agent in named or (caller in named and len(unknown) == 1):
        contradicted = lead < 0 and sure >= MIN_ROLE_CONFIDENCE
        confidence = round(1 - sure, 3) if contradicted else 1.0
    else:
        confidence = min([sure if lead > 0 else 0.0, *(confidence_of(max(0.0, rival)) for rival in rivals)])
    roles = _others(spoken, named) | {agent: "agent", caller: "caller"}
    direction = decide_roles((spoken[agent], spoken[caller]), agent_channel="left").direction
    return Parties(roles, confidence, direction, contradicted)


def _alone(spoken: Spoken, named: Mapping[str, Role], agents: Sequence[str]) -> Parties:
    """No agent and caller to tell apart: somebody speaks to an announcement, or nobody from the practice is heard."""
    if not agents:
        return Parties(_others(spoken, named), 1.0, "inbound")
    return Parties(_others(spoken, named) | {agents[0]: "agent"}, 1.0 if agents[0] in named else 0.0, "inbound")


def _others(spoken: Spoken, named: Mapping[str, Role]) -> dict[str, Role]:
    """Everybody's role but those of the agent and the caller: a colleague, or what the name says."""
    return {name: role if (role := named.get(name)) not in (None, "agent") else "colleague" for name in spoken}


def _by_name(spoken: Spoken, agent_channel: AgentChannel) -> dict[str, Role]:
    """The roles that names say, or the channel that is known to be the agent's."""
    roles: dict[str, Role] = {name: role for name in spoken if (role := role_of(name)) is not None}
    if agent_channel != "auto":
        roles |= {name: "agent" if side == agent_channel else "caller" for name in spoken if (side := side_of(name))}
    return roles


def _first_of(role: Role, named: Mapping[str, Role], spoken: Spoken) -> list[str]:
    """Who speaks first of those with a role by name; [] when nobody has it."""
    own = [name for name, known in named.items() if known == role]
    return sorted(own, key=lambda name: spoken[name][0].start_s)[:1]


def _lead(one: Sequence[Word], other: Sequence[Word]) -> float:
    """Evidence that one is the agent and the other the caller, as `decide_roles` weighs it for two channels."""
    turns = make_turns({"agent": one, "caller": other})
    sides = [tuple(turn for turn in turns if turn.role == role) for role in ("agent", "caller")]
    return agent_lead(*sides)
