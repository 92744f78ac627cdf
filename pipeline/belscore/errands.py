"""Moments that are no appointment: what happened then, when something is handed over, when somebody rings or delivers.

Words: `lexicon/afspraken.toml`.
"""

from __future__ import annotations

from itertools import takewhile

from belscore.asking import is_participle
from belscore.language.moments import Moment, agrees
from belscore.language.tokens import part
from belscore.view import CallView

# Words between a moment and the auxiliary of what happened then, and up to its participle: `om tien uur is uw moeder
# voor een volle wachtkamer afgesnauwd`.
AUXILIARY_REACH = 4
PARTICIPLE_REACH = 12
# What is done at a moment is said so many words in front of it, or behind it.
ERRAND_REACH = 6
# Another time for a call is settled within so many turns of the first.
REPLACED_TURNS = 2


def tells_of_past(view: CallView, moment: Moment) -> bool:
    """`dinsdag om tien uur is uw moeder afgesnauwd`: what happened; not `heeft u dinsdag om tien uur ingepland`."""
    utterance, lexicon = moment.utterance, view.lexicon
    auxiliaries = lexicon.list("afspraken", "past", "auxiliaries")
    booked, ours = lexicon.list("afspraken", "past", "booked"), lexicon.words("aanspreekvorm", "speakers")
    low, high = utterance.sentence_of(moment.start)
    near = range(max(low, moment.start - AUXILIARY_REACH), min(high, moment.end + AUXILIARY_REACH))
    verbs = [at for at in near if utterance.norms[at] in auxiliaries]
    verbs = [at for at in verbs if ours.isdisjoint(utterance.norms[max(low, at - 1) : at + 2])]
    if not verbs:
        return False
    behind = utterance.norms[max(moment.end, verbs[0] + 1) : min(high, moment.end + PARTICIPLE_REACH)]
    ends = lexicon.list("afspraken", "past", "ends")
    done = [norm for norm in takewhile(lambda norm: norm not in ends, behind) if is_participle(lexicon, norm)]
    data = view.knowledge.situations["afspraak"]
    put = (*data["book"], *data["proposes"], *data["visits"], *lexicon.list("afspraken", "past", "puts"))
    return bool(done) and set(booked).isdisjoint(done) and not view.finder.any(put, part(utterance, low, high))


def is_handed_over(view: CallView, moment: Moment) -> bool:
    """`dan kunt u ze om drie uur ophalen`: when something is ready, not when the caller is expected."""
    utterance = moment.utterance
    low, high = utterance.sentence_of(moment.start)
    near = range(max(low, moment.start - ERRAND_REACH), min(max(high, moment.end), moment.end + ERRAND_REACH))
    words = view.lexicon.list("afspraken", "errands", "handed_over")
    return any(utterance.norms[at] in words for at in near) or _answers_when_ready(view, moment)


def _answers_when_ready(view: CallView, moment: Moment) -> bool:
    """`wanneer is het klaar? - morgen vanaf twee uur bij de apotheek`."""
    before = view.utterances[moment.utterance.index - 1] if moment.utterance.index else None
    if before is None or before.role != "caller":
        return False
    return view.finder.any(view.lexicon.list("afspraken", "errands", "asks_ready"), before)


def comes_to_caller(view: CallView, moment: Moment, agreed_at: int) -> bool:
    """`dan belt mevrouw Bos u dinsdag om tien uur`: what was agreed is first said again as a call or delivery.

    Or it replaces such a one: `hij belt u om elf uur - liever om twaalf uur - dan wordt het twaalf uur`.
    """
    called_on = view.called_on
    for utterance in view.of("agent"):
        if utterance.index < agreed_at:
            continue
        for said in view.moments(utterance):
            if said.has_clock and agrees(said, moment, called_on):
                return _is_errand(view, said) or _in_place_of_errand(view, moment, agreed_at)
    return _in_place_of_errand(view, moment, agreed_at)


def _is_errand(view: CallView, moment: Moment) -> bool:
    low, _ = moment.utterance.sentence_of(moment.start)
    front = moment.utterance.norms[max(low, moment.start - ERRAND_REACH) : moment.start]
    return not view.lexicon.words("afspraken", "errands").isdisjoint(front)


def _in_place_of_errand(view: CallView, moment: Moment, agreed_at: int) -> bool:
    """The agent told of a call at another time just before, and the caller spoke of nothing but its time."""
    since = view.utterances[max(0, agreed_at - REPLACED_TURNS) : agreed_at]
    told = [m for u in since if u.role == "agent" for m in view.moments(u) if m.has_clock]
    subject = view.knowledge.situations["afspraak"]["subject"]
    comes = any(view.finder.any(subject, u) for u in since if u.role == "caller")
    another = bool(told) and all(m.clock_min != moment.clock_min for m in told)
    return another and not comes and all(_is_errand(view, m) for m in told)
