"""What the caller says that opens the situation `klacht`. Inventory: `rules/situations/klacht.toml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from belscore.cues_in_turns import uncovered, uncovered_by_group
from belscore.frames import frames_of
from belscore.language.phrases import Match
from belscore.language.tokens import Utterance, last_before
from belscore.turn_likeness import TurnLikeness, turn_likeness
from belscore.view import MIN_PROBABILITY, CallView

# Frames of this group open a complaint alone.
OPENS = "opens"
# Frames of this group are as plain as the words of `says_so`: they open it whatever the models find.
PLAIN = "plain"
# Two weak cues found by frames make one complaint when they stand at most so many turns of the caller apart.
PAIR_TURNS = 1
# Cues of so many groups in one turn tell the same as the model would: that something was due, did not come, again.
SURE_GROUPS = 3
# A turn of fewer words behind a question answers it: by itself it says little.
STORY_WORDS = 12
# The agent answers a complaint within so many of their own turns.
ANSWER_TURNS = 3

# How a complaint was found, in the order in which the ways are tried.
PATHS = ("says_so", "strong", "pair", "answered", "model", "retold", "call")

Judge = Callable[[Match], bool]


@dataclass(frozen=True, slots=True)
class _Weak:
    """A cue that opens nothing alone; `ours` when it is about the practice, `framed` when a frame found it."""

    group: str
    match: Match
    ours: bool
    framed: bool


@dataclass(frozen=True, slots=True)
class Complaint:
    """The caller's words that open a complaint.

    cues     : in order; none when there is no complaint
    path     : how they were found, one of PATHS
    doubtful : whether they make one is doubtful
    evidence : probability of a complaint by all that both say; None when that is too little to tell
    """

    cues: tuple[Match, ...] = ()
    path: str = ""
    doubtful: bool = False
    evidence: float | None = None


def find_complaint(view: CallView, data: Mapping[str, Any], own: Judge, ours: Judge) -> Complaint:
    """The caller's words that open a complaint, and how surely they do.

    data  : the situation file `klacht.toml`
    own   : whether a cue is in the caller's own words
    ours  : whether it is about the practice

    Cues and the model of turns tell where a complaint may begin (`_begins`); whether there is one is for the model of
    whole calls to say, unless the caller calls it one: none under `refutes` (`overrules` where a strong cue stands), a
    doubtful one under `doubts`, and from `opens` on one without any cue too. Calls of few words are judged by the cues
    alone.
    """
    likeness = turn_likeness(view, data)
    evidence = view.likeness.of(data["id"], likeness) if likeness else None
    wanted = data["evidence"]
    if evidence is not None and evidence < wanted["overrules"] and not _may_be_named(view, data):
        return Complaint(evidence=evidence)
    found = _begins(view, data, likeness, own, ours)
    if likeness is None or evidence is None or found.path == "says_so":
        return replace(found, evidence=evidence)
    if evidence < wanted["overrules" if found.path == "strong" else "refutes"]:
        return Complaint(evidence=evidence)
    if not found.cues and evidence >= wanted["opens"]:
        found = Complaint(tuple(_likest(view, data, likeness, ours)), "call")
    sure = all(match.probability >= MIN_PROBABILITY for match in found.cues) and evidence >= wanted["doubts"]
    sure = sure and not (found.path == "model" and all(_says_since_when(view, match) for match in found.cues))
    return replace(found, evidence=evidence, doubtful=bool(found.cues) and not sure)


def _says_since_when(view: CallView, match: Match) -> bool:
    """`slaapt u zo slecht? sinds wanneer?` - `al drie weken, geen oog dicht`: what the agent asked of an ailment."""
    before = last_before(view.spoken("agent"), match.utterance.index)
    return before is not None and view.finder.any(view.lexicon.list("vragen", "when"), before)


def _begins(
    view: CallView, data: Mapping[str, Any], likeness: TurnLikeness | None, own: Judge, ours: Judge
) -> Complaint:
    """What opens a complaint by the turns in which it stands.

    One strong cue opens it, or two weak ones of different groups, or a weak one that the agent answers as a complaint;
    none in turns that the model (`turn_likeness`) finds unlike a complaint, unless the caller calls it one or cues of
    many groups stand there. Where no cue does, a turn opens it that the model is sure of, or one with a weak cue that
    it finds likely, or that the agent tells again as a complaint. It is doubtful where words are, and where cues stand
    against the model.
    """
    since = _put_right(view, data)
    strong, weak = _cues(view, data, lambda match: match.utterance.index > since and own(match), ours)
    named = _plainly(data)
    if likeness:
        held = {u.index for u in view.of("caller") if likeness.of(u) >= data["likeness"]["refutes"]}
        held |= {m.utterance.index for m in strong if _groups_beside(data, m, weak) >= SURE_GROUPS}
        held |= {m.utterance.index for m in strong if _twice(strong, m)}
        weak = [one for one in weak if one.match.utterance.index in held]
        held |= {m.utterance.index for m in strong if likeness.of(m.utterance) >= data["likeness"]["overrules"]}
        strong = [m for m in strong if m.phrase.text in named or m.utterance.index in held]
    if strong:
        doubtful = all(match.probability < MIN_PROBABILITY for match in strong)
        path = "says_so" if any(match.phrase.text in named for match in strong) else "strong"
        found = [*_led_up(view, data, strong[0], weak), *strong]
    else:
        path, found = _unspoken(view, data, likeness, weak, lambda match: match.utterance.index > since and ours(match))
        doubtful = any(match.probability < MIN_PROBABILITY for match in found)
    if likeness and found:
        doubtful |= all(m.phrase.text not in named and _doubted(data, likeness, m, weak) for m in found)
    return Complaint(tuple(sorted(found, key=lambda match: match.start_s)), path if found else "", doubtful)


def _may_be_named(view: CallView, data: Mapping[str, Any]) -> bool:
    """Whether some turn may call it a complaint; most calls are none, and need no closer look."""
    plain = {**data, "id": f"{data['id']} {PLAIN}", "frames": {PLAIN: data["frames"].get(PLAIN, ())}}
    frames, callers = frames_of(plain, view.finder, view.lexicon), view.of("caller")
    return any(view.finder.any(data["says_so"], turn) for turn in callers) or any(map(frames.find, callers))


def _plainly(data: Mapping[str, Any]) -> frozenset[str]:
    """Cues that need no model: the phrases that call it a complaint, and frames as plain as that, by their name."""
    frames = (" ".join(frame["need"]).replace("|", "/") for frame in data["frames"].get(PLAIN, ()))
    return frozenset((*data["says_so"], *frames))


def _unspoken(
    view: CallView, data: Mapping[str, Any], likeness: TurnLikeness | None, weak: Sequence[_Weak], ours: Judge
) -> tuple[str, list[Match]]:
    """What opens a complaint without a strong cue, and by which path; the first path that finds anything."""
    if found := _together(view, data, weak):
        return "pair", found
    if found := [one.match for one in weak if _answered(view, data, one)]:
        return "answered", found
    if likeness is None:
        return "", []
    telling = [one for one in weak if one.ours and one.group not in data["likeness"]["idle"]]
    if found := _likely(view, data, likeness, telling, ours):
        return "model", found
    return "retold", [match for match in _retold(view, data, likeness) if ours(match)]


def _likest(view: CallView, data: Mapping[str, Any], likeness: TurnLikeness, ours: Judge) -> list[Match]:
    """The caller's turn most like a complaint, when it is about the practice; none in a call to a wrong number."""
    turns = [turn for turn in view.of("caller") if view.legible([turn])]
    if not turns or _put_right(view, data) >= 0:
        return []
    quote = likeness.quote(max(turns, key=likeness.alone))
    # "dat zegt dat ziekenhuis net, stelletje prutsers zijn jullie": the practice may be named elsewhere in the turn
    whole = replace(quote, start=0, end=len(quote.utterance.tokens))
    return [quote] if ours(quote) or ours(whole) else []


def _doubted(data: Mapping[str, Any], likeness: TurnLikeness, match: Match, weak: Sequence[_Weak]) -> bool:
    """The model finds the turn unlike a complaint; where cues of many groups stand in it, quite unlike one."""
    sure = _groups_beside(data, match, weak) >= SURE_GROUPS
    return likeness.of(match.utterance) < float(data["likeness"]["refutes" if sure else "doubts"])


def _put_right(view: CallView, data: Mapping[str, Any]) -> int:
    """Index of the turn up to which nothing told is about the practice: a wrong number, or the caller clears it."""
    shown = [u.index for role, phrases in data["misdialled"].items() for u in view.of(role) if view.find(phrases, [u])]
    shown += _taken_aback(view, data["reached"])
    spared = [u.index for role, phrases in data["spared"].items() for u in view.of(role) if view.find(phrases, [u])]
    return max(min(shown, default=-1), max(spared, default=-1))


def _taken_aback(view: CallView, reached: Mapping[str, Sequence[str]]) -> list[int]:
    """`u bent hier bij de huisarts` - `de huisarts? o jeetje`: turns in which the caller learns who was called."""
    told = [u for u in view.spoken("agent")[1:] if view.finder.any(reached["agent"], u)]
    answers = (next((a for a in view.spoken("caller") if a.index > u.index), None) for u in told)
    return [a.index for a in answers if a is not None and view.finder.any(reached["caller"], a)]


def _retold(view: CallView, data: Mapping[str, Any], likeness: TurnLikeness) -> list[Match]:
    """The caller's turn most like a complaint, when the agent tells it again in words of one: `dus er kwam niemand`."""
    frames = frames_of(data, view.finder, view.lexicon)
    for utterance in view.spoken("agent"):
        if not view.finder.any(data["retold"]["phrases"], utterance):
            continue
        told = [u for u in view.of("caller") if u.index < utterance.index and u.tokens]
        if told and not frames.find(utterance).keys().isdisjoint(data["retold"]["groups"]):
            best = max(told, key=likeness.alone)
            return [likeness.quote(best)] if likeness.alone(best) >= data["likeness"]["doubts"] else []
    return []


def _together(view: CallView, data: Mapping[str, Any], weak: Sequence[_Weak]) -> list[Match]:
    """Weak cues that another one supports."""
    pairs = {frozenset(pair) for pair in data["together"]}
    return [
        one.match
        for one in weak
        if any(frozenset((one.group, other.group)) in pairs and _apart(view, one, other) for other in weak)
    ]


def _twice(strong: Sequence[Match], match: Match) -> bool:
    """Two strong cues in one turn that share no word: `een uur aan de lijn gehangen, schandalig`."""
    return any(
        other.utterance.index == match.utterance.index and (other.end <= match.start or match.end <= other.start)
        for other in strong
    )


def _groups_beside(data: Mapping[str, Any], match: Match, weak: Sequence[_Weak]) -> int:
    """Of how many groups that tell of something there are cues in the turn."""
    turn = match.utterance.index
    return len(
        {one.group for one in weak if one.ours and one.match.utterance.index == turn}.intersection(
            data["likeness"]["tells"]
        )
    )


def _likely(
    view: CallView, data: Mapping[str, Any], likeness: TurnLikeness, weak: Sequence[_Weak], ours: Judge
) -> list[Match]:
    """What no cue shows: turns that are like complaints by all their words.

    A short answer has to be so behind the turn before it as well: `voor vader, die ligt bij jullie`.
    """
    cued = {one.match.utterance.index for one in weak}
    told = {one.match.utterance.index for one in weak if one.group in data["likeness"]["tells"]}
    wanted = data["likeness"]
    telling = [
        utterance
        for utterance in view.of("caller")
        if likeness.alone(utterance) >= wanted["supports" if utterance.index in cued else "opens"]
        and (likeness.behind(utterance) >= wanted["supports"] or not _answers(view, utterance))
        and (utterance.index in told or not view.finder.any(data["wonders"], utterance))
    ]
    return [match for utterance in telling if view.legible([utterance]) and ours(match := likeness.quote(utterance))]


def _answers(view: CallView, utterance: Utterance) -> bool:
    """A few words of the caller right behind a question of the agent."""
    before = last_before(view.utterances, utterance.index)
    if len(utterance.norms) >= STORY_WORDS or before is None or before.role != "agent":
        return False
    return bool(view.asking.questions(before))


def _cues(view: CallView, data: Mapping[str, Any], own: Judge, ours: Judge) -> tuple[list[Match], list[_Weak]]:
    """The caller's strong cues in order, and the weak ones."""
    callers = view.of("caller")
    phrases = {**data, "strong": [*data["says_so"], *data["strong"]]}
    strong = [match for match in uncovered(view, phrases, "strong", callers) if own(match) and ours(match)]
    weak = [
        _Weak(group, match, ours(match), framed=False)
        for group, match in uncovered_by_group(view, data, data["weak"], callers)
        if own(match)
    ]
    theirs: list[Match] = []
    frames = frames_of(data, view.finder, view.lexicon)
    for utterance in callers:
        for group, matches in frames.find(utterance).items():
            kept = [match for match in matches if not _covered(view, data, match) and own(match)]
            if group in (OPENS, PLAIN):
                strong += (own_doing := [match for match in kept if ours(match)])
                theirs += [match for match in kept if match not in own_doing]
            else:
                weak += [_Weak(group, match, ours(match), framed=True) for match in kept]
    strong = [match for match in strong if not (theirs and _felt_of_others(view, data, match, strong, theirs))]
    return sorted(strong, key=lambda match: (match.start_s, match.end)), weak


def _felt_of_others(
    view: CallView, data: Mapping[str, Any], match: Match, strong: Sequence[Match], theirs: Sequence[Match]
) -> bool:
    """`ik word hier zo kwaad, bij de apotheek snauwen ze me af`: all that the turn tells was done by others."""
    turn, feels, they = match.utterance, frozenset(data["feels"]), frozenset(data["places_they"])

    def felt(one: Match) -> bool:
        return not feels.isdisjoint(turn.norms[one.start : one.end])

    return (
        any(one.utterance.index == turn.index and they & {*turn.norms[one.start : one.end]} for one in theirs)
        and all(felt(one) for one in strong if one.utterance.index == turn.index)
        and not view.finder.any(data["addressed"], turn)
    )


def _led_up(view: CallView, data: Mapping[str, Any], first: Match, weak: Sequence[_Weak]) -> list[Match]:
    """Weak cues just before the first strong one: the account began with them."""
    telling = [
        one.match for one in weak if one.ours and one.group in data["begins"] and one.match.start_s < first.start_s
    ]
    return [match for match in telling if _between(view.of("caller"), match, first) <= PAIR_TURNS]


def _covered(view: CallView, data: Mapping[str, Any], match: Match) -> bool:
    """The whole frame lies in words that make it something else."""
    covers = view.finder.find(data["not"], match.utterance)
    return any(cover.cost < 0.5 and cover.start <= match.start and match.end <= cover.end for cover in covers)


def _apart(view: CallView, one: _Weak, other: _Weak) -> bool:
    """Two cues of which none holds the other, that are not the same phrase said twice, and belong together."""
    if one.match.phrase.text == other.match.phrase.text or not (one.ours or other.ours):
        return False
    if one.match.utterance.index == other.match.utterance.index:
        return not (_holds(one.match, other.match) or _holds(other.match, one.match))
    near = _between(view.of("caller"), one.match, other.match) <= PAIR_TURNS
    return near or not (one.framed or other.framed)


def _between(turns: Sequence[Utterance], one: Match, other: Match) -> int:
    low, high = sorted((one.utterance.index, other.utterance.index))
    return sum(low < utterance.index <= high for utterance in turns)


def _holds(one: Match, other: Match) -> bool:
    return one.start <= other.start and other.end <= one.end


def _answered(view: CallView, data: Mapping[str, Any], weak: _Weak) -> bool:
    """The agent takes the caller's words for a complaint: an excuse, a defence, a name for it."""
    following = [u for u in view.spoken("agent") if u.index > weak.match.utterance.index][:ANSWER_TURNS]
    phrases = [
        answer["phrases"]
        for answer in data["answers"].values()
        if weak.group in answer["groups"] and (weak.ours or answer["for_others"])
    ]
    return any(view.finder.any(wanted, utterance) for wanted in phrases for utterance in following)
