"""Moments the agent names that are no offer: of the appointment that stood already, and of being there before.

Words: `existing` in `rules/lexicon/sturing.toml`.
"""

from __future__ import annotations

from belscore.cues_in_turns import exactly
from belscore.language.moments import Moment
from belscore.language.tokens import Utterance, part
from belscore.view import CallView

LEXICON = "sturing"
# What it is stands so many words in front of the moment at most, and ends right in front of it but for one word.
FRONT_REACH = 7
BESIDE_TOKENS = 1
# `u zou dinsdag om tien uur bij dokter Bos komen`: so many words behind the moment the verb comes.
VERB_REACH = 7


def stands_already(view: CallView, moment: Moment) -> bool:
    """`u zou morgen om elf uur komen`, `uw afspraak van morgen`, `morgen om elf uur kan niet doorgaan`."""
    utterance, data = moment.utterance, view.lexicon.table(LEXICON, "existing")
    if set(data["heads"]).isdisjoint(utterance.norms):
        return False
    low, _ = utterance.sentence_of(moment.start)
    front = part(utterance, max(low, moment.start - FRONT_REACH), moment.start)
    told = exactly(view, data["words"], front)
    if any(len(front.tokens) - match.end <= BESIDE_TOKENS for match in told):
        return True
    return _was_to_come(view, moment, front) or bool(exactly(view, data["called_off"], _behind(view, moment)))


def _was_to_come(view: CallView, moment: Moment, front: Utterance) -> bool:
    """`u zou dinsdag om tien uur komen`; not `u zou dinsdag kunnen komen`, nor `dan zou u dinsdag komen`."""
    utterance, data = moment.utterance, view.lexicon.table(LEXICON, "existing")
    told = exactly(view, data["was_to"], front)
    if not told:
        return False
    _, high = utterance.sentence_of(moment.end - 1)
    behind = utterance.norms[moment.end : min(high, moment.end + VERB_REACH)]
    at = next((place for place, norm in enumerate(behind) if norm in data["verbs"]), None)
    if at is None:
        return False
    wishing = view.knowledge.situations["afspraak"]["wishing"]
    return set(wishing).isdisjoint((*front.norms[told[-1].start :], *behind[: at + 1]))


def _behind(view: CallView, moment: Moment) -> Utterance:
    """What is said behind the moment, up to the next one; a sentence that points back (`die vervalt`) goes with it."""
    utterance, data = moment.utterance, view.lexicon.table(LEXICON, "existing")
    _, end = utterance.sentence_of(moment.end - 1)
    end = max(end, moment.end)
    while end < len(utterance.tokens) and utterance.norms[end] in data["points_back"]:
        _, end = utterance.sentence_of(end)
    starts = [other.start for other in view.moments(utterance) if other.start >= moment.end]
    return part(utterance, moment.end, min([end, *starts]))


def is_for_arrival(view: CallView, moment: Moment) -> bool:
    """`dinsdag om tien uur, en dan graag om tien voor tien aanwezig`: a time beside the appointment's own."""
    utterance, data = moment.utterance, view.lexicon.table(LEXICON, "arrival")
    if set(data["words"]).isdisjoint(utterance.norms):
        return False
    others = view.moments(utterance)
    low, high = utterance.sentence_of(moment.start)[0], utterance.sentence_of(moment.end - 1)[1]
    low = max([low, *(other.end for other in others if other.end <= moment.start)])
    high = min([high, *(other.start for other in others if other.start >= moment.end)])
    norms = utterance.norms
    said = [at for at in (*range(low, moment.start), *range(moment.end, high)) if norms[at] in data["words"]]
    return any(norms[at] not in data["earlier"] or norms[max(0, at - 1)] in data["by"] for at in said)
