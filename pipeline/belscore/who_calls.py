"""Who is to call: the practice, somebody outside it, or the caller. `belt u` reads both ways in Dutch.

Inventory: `rules/situations/terugbellen.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from belscore.language.phrases import Match
from belscore.language.tokens import Utterance
from belscore.view import CallView

# The subject of a promise stands so many tokens in front of its verb: "het ziekenhuis belt u".
SUBJECT_REACH = 2
# A circumstance opens its clause so many tokens in front of the verb: `bij nog een keer braken belt u`.
CIRCUMSTANCE_REACH = 6
# A condition opens so many tokens in front of it: `wordt het vannacht toch weer wat erger belt u`.
CONDITION_REACH = 12
# Whom somebody rings stands so many tokens before the end of `uw oudste dochter bellen`.
OBJECT_REACH = 4
# `neemt` stands so many tokens in front of its `contact`.
VERB_REACH = 6
# The verb of a subject and their name stand so close behind it: `dokter van Dam heeft`.
NAME_REACH = 4
# An article stands so many tokens in front of the verb of its subject: `de longarts belt u`.
ARTICLE_REACH = 2
# Behind `die belt u` a word that bids the caller stands this close.
BID_REACH = 2
# So many digits are a telephone number: `die belt u op nul vijf acht ...`.
NUMBER_DIGITS = 5
# Or so many behind `op`: `die belt u op honderd twaalf`.
SHORT_DIGITS = 3


class WhoCalls:
    """Tells a promise of the practice from what others will do and what is asked of the caller.

    data : the situation file `terugbellen.toml`
    """

    def __init__(self, view: CallView, data: Mapping[str, Any]) -> None:
        self._view = view
        self._data = data
        self._formal = view.lexicon.words("aanspreekvorm", "formal")
        self._refers = frozenset(data["refers"])
        self._opening = frozenset(norm for utterance in view.of("agent")[:1] for norm in utterance.norms)
        within = any(norm.startswith(word) for norm in self._opening for word in data["hospitals"])
        self._of_hospital = frozenset(data["of_hospital"])
        self._outside = frozenset(data["third_parties"]) - self._opening - (self._of_hospital if within else set())
        self._of_other_trades = self._other_trades()
        self._named_staff = frozenset(data["staff"]).union(data["colleagues"]) - self._refers

    def practice(self, match: Match) -> bool:
        """Whether the practice is to call, as far as the words around it tell."""
        outside = self.outside(self.subject(match))
        if outside or self._caller_addressed(match) or self._object_first(match) or self._other_rung(match):
            return False
        if self._of_family(match):
            return False
        return not (self._circumstance(match) or self._bidden(match) or self._caller_lets(match))

    def outside(self, norms: Sequence[str]) -> bool:
        """Whether one of the words is a party outside the practice that was called."""
        if not self._outside.isdisjoint(norms):
            own = {after for before, after in pairwise(norms) if before in self._data["own_before"]}
            if not self._outside.isdisjoint(set(norms) - (own & self._of_hospital)):
                return True
        return any(norm.startswith(self._of_other_trades) for norm in norms)

    def mutual(self, match: Match) -> bool:
        """`dan spreken we elkaar`, where the caller is to call before it: no promise of its own."""
        if match.phrase.text not in self._data["mutual"]:
            return False
        earlier = [u for u in self._view.utterances if u.index < match.utterance.index]
        finder, data = self._view.finder, self._data
        told = any(finder.any(data["caller_rings"], u) for u in earlier if u.role == "caller")
        return told or any(finder.any(data["bids_caller"], u) for u in earlier if u.role == "agent")

    def _other_trades(self) -> tuple[str, ...]:
        """How parties start that the practice called has none of: `apotheek` for a dentist's."""
        apart: Mapping[str, Sequence[str]] = self._data["apart"]
        trade = {kind for norm in self._opening for kinds in apart.values() for kind in kinds if norm.startswith(kind)}
        return tuple(
            party
            for party, kinds in apart.items()
            if not trade.isdisjoint(kinds) and not any(norm.startswith(party) for norm in self._opening)
        )

    def subject(self, match: Match) -> Sequence[str]:
        """The words of a promise, with those in front that can be its subject where it is not `ik`, `we` or `u`."""
        norms, start, end = match.utterance.norms, match.start, match.end
        low, _ = match.utterance.sentence_of(start)
        said = norms[start : end + SUBJECT_REACH if norms[end - 1] in self._data["of_whom"] else end]
        if not self._view.lexicon.words("aanspreekvorm", "speakers").isdisjoint(said):
            return said
        if self._own_verb(said):
            return ()
        if said[0] in self._formal:
            return self._with_named(match, said)
        verbs = [at for at in range(max(low, start - VERB_REACH), start) if norms[at] in self._data["contacts"]]
        subject = norms[max(low, (verbs[-1] if verbs else start) - SUBJECT_REACH) : start] + said
        return self._with_named(match, subject)

    def _own_verb(self, said: Sequence[str]) -> bool:
        """`bel het lab en bel u dan terug`, `en bel u`: a verb of the first person and none of another."""
        first = said[1] if said[0] in self._data["joins"] else said[0]
        return first in self._data["own_verbs"] and frozenset(self._data["calls"]).isdisjoint(said)

    def _with_named(self, match: Match, subject: Sequence[str]) -> Sequence[str]:
        """`dat weet de gemeente. Die neemt contact op`: behind a pronoun whom it stands for, of staff and outsiders."""
        if self._refers.isdisjoint(subject):
            return subject
        low, _ = match.utterance.sentence_of(match.start)
        first, _ = match.utterance.sentence_of(max(0, low - 1))
        staff = frozenset(self._data["staff"]) - self._refers
        named = [norm for norm in match.utterance.norms[first : match.start] if norm in staff or self.outside((norm,))]
        return (*(named or self._referred(match.utterance.norms[first : match.start]))[-1:], *subject)

    def _referred(self, before: Sequence[str]) -> list[str]:
        """`uw verwijzing is naar De Boog gegaan, die bellen u`: to whom one is referred stands outside the practice."""
        referred = any(norm.startswith(tuple(self._data["refers_to"])) for norm in before)
        within = any(word in norm for word in self._data["refers_within"] for norm in (*self._opening, *before))
        sent = not frozenset(self._data["refers_by"]).isdisjoint(before)
        return self._data["third_parties"][:1] if referred and sent and not within else []

    def _verb(self, match: Match) -> int | None:
        """Where `belt u` stands; None when the match does not end in it."""
        at, norms = match.end - 2, match.utterance.norms
        called = at >= 1 and norms[at] in self._data["calls"] and norms[at + 1] in self._formal
        return at if called else None

    def _caller_addressed(self, match: Match) -> bool:
        """`mevrouw de Wit belt u na drie uur`, to mevrouw de Wit: she is to call."""
        spoken = enumerate(match.utterance.norms[match.start : match.end], start=match.start)
        verb = next((at for at, norm in spoken if norm in self._data["calls"]), None)
        if verb is None:
            return False
        return any(
            mention.utterance.index == match.utterance.index and mention.end == verb and mention.same == "yes"
            for mention in self._view.mentions
        )

    def _object_first(self, match: Match) -> bool:
        """`die belt u rechtstreeks: nul vijf acht ...`: `die` is whom to ring, for a bid or a number follows."""
        verb = self._verb(match)
        utterance = match.utterance
        if verb is None or utterance.norms[verb - 1] not in self._data["rung"]:
            return False
        if utterance.norms[verb - 1] in self._data["rung_only"]:
            return True
        bids = utterance.norms[verb + 2 : verb + 2 + BID_REACH]
        if not frozenset(self._data["bids"]).isdisjoint(bids):
            return True
        earlier = [u for u in self._view.of("caller") if u.index < utterance.index]
        if any(self._numbers(u.index) for u in earlier):
            return False
        at = frozenset(utterance.norms[verb + 2 : verb + 3]).intersection(self._data["rung_at"])
        return any(start >= verb for start in self._numbers(utterance.index, SHORT_DIGITS if at else NUMBER_DIGITS))

    def _other_rung(self, match: Match) -> bool:
        """`ik vraag of ze uw buurman bellen`, `of ze voor u de garage bellen`: somebody else stands before the verb."""
        said = match.utterance.norms[match.start : match.end]
        if said[-1] not in self._data["rings_last"]:
            return False
        prepositions = self._view.lexicon.words("aanspreekvorm", "prepositions")
        pairs = list(pairwise(("", *said)))
        if any(norm in self._data["addressed"] and before not in prepositions for before, norm in pairs):
            return False
        return any(
            norm in self._data["articles"] and (norm in self._data["owned"] or before in self._data["ringers"])
            for before, norm in pairs[-OBJECT_REACH:-1]
        )

    def _caller_lets(self, match: Match) -> bool:
        """`na een half uur laat u ons weten`: behind an adverb or a moment the caller is to."""
        utterance, start = match.utterance, match.start
        norms, low = utterance.norms, utterance.sentence_of(start)[0]
        if norms[start] not in self._data["lets"] or norms[start + 1] not in self._formal:
            return False
        earlier = norms[low:start]
        if not {*self._data["staff"], *self._view.lexicon.words("aanspreekvorm", "speakers")}.isdisjoint(earlier):
            return False
        if not earlier or norms[start - 1] in self._data["lets_behind"]:
            return True
        terms = self._view.finder.find(self._view.lexicon.list("termijnen", "hard"), utterance)
        return any(each.end == start for each in (*terms, *self._view.moments(utterance)))

    def _numbers(self, index: int, digits: int = NUMBER_DIGITS) -> list[int]:
        """Where telephone numbers of so many digits start in a turn."""
        values = self._view.values(self._view.utterances[index])
        return [v.start for v in values if v.kind == "number" and len(v.digits) >= digits]

    def _circumstance(self, match: Match) -> bool:
        """`bij nog een keer braken belt u`: no subject stands in front of the verb, so it is the caller."""
        verb, utterance = self._verb(match), match.utterance
        if verb is None:
            return False
        low, _ = utterance.sentence_of(match.start)
        for at in range(verb - 1, max(low - 1, verb - 1 - CIRCUMSTANCE_REACH), -1):
            if utterance.tokens[at].after or utterance.norms[at] in (*self._data["staff"], *self._data["joins"]):
                return False
            if utterance.norms[at] in self._data["circumstances"]:
                return not self._describes(utterance, low, at)
        return False

    def _describes(self, utterance: Utterance, low: int, at: int) -> bool:
        """`de mevrouw voor de rekeningen belt u`: the preposition belongs to a subject in front of it."""
        before = utterance.norms[max(low, at - SUBJECT_REACH) : at]
        if not before or utterance.tokens[at - 1].after:
            return False
        return before[0] in self._data["articles"] or before[-1] in self._data["staff"]

    def _bidden(self, match: Match) -> bool:
        """`lukt het niet, belt u dan even`, `die dag belt u de spoedpost`: whatever stands in front is no subject."""
        verb, utterance = self._verb(match), match.utterance
        if verb is None:
            return False
        low, high = utterance.sentence_of(match.start)
        before, tokens = utterance.norms[low:verb], utterance.tokens[low + 1 : verb]
        if self._behind_clause(before) and not self._somebody(utterance.norms[verb + 2 : high]):
            return True
        if self._at_work(before):
            return True
        if not frozenset(self._data["staff"]).isdisjoint(before) or self._colleague_at(before):
            return False
        if tokens and tokens[-1].after and not any(token.capital for token in tokens):
            return True
        marks = [at + 1 for at in range(low, verb - 1) if utterance.tokens[at].after]
        clause = utterance.norms[max(low, verb - CONDITION_REACH, *marks[-1:]) : verb]
        return self._supposes(clause) or self._rung_behind(utterance.norms[verb + 2 : high])

    def _colleague_at(self, before: Sequence[str]) -> bool:
        """`de foto is bekeken en de longarts belt u`: right in front of the verb stands who calls."""
        known, compounds = self._named_staff, tuple(self._data["staff_ends"])
        named = len(before) >= ARTICLE_REACH and before[-ARTICLE_REACH] in self._data["articles"]
        return named and (before[-1] in known or before[-1].endswith(compounds))

    def _of_family(self, match: Match) -> bool:
        """`uw zus belt u`, `uw zus zegt dat zij u morgen belt`: somebody of the caller's house, and none of staff."""
        norms, start, end = match.utterance.norms, match.start, match.end
        kin = frozenset(self._data["relatives"])
        if kin.isdisjoint(norms[:end]) or not self._view.lexicon.words("aanspreekvorm", "speakers").isdisjoint(
            norms[start:end]
        ):
            return False
        low, _ = match.utterance.sentence_of(start)
        first = match.utterance.sentence_of(low - 1)[0] if low and norms[low] in self._refers else low
        verb = next((at for at in range(end - 1, start - 1, -1) if norms[at] in self._data["calls"]), start)
        owners = self._data["articles"]
        whom = [at for at in range(first + 1, verb) if norms[at] in kin and norms[at - 1] in owners]
        if not whom or not self._named_staff.isdisjoint(norms[first:verb]):
            return False
        between, behind = norms[whom[-1] + 1 : verb + 1], norms[verb + 1 : verb + 2]
        stands_for = not self._refers.isdisjoint(between) and not frozenset(self._data["reports"]).isdisjoint(between)
        return stands_for or (len(between) == 1 and not self._formal.isdisjoint(behind))

    def _at_work(self, before: Sequence[str]) -> bool:
        """`de dokter heeft morgen belspreekuur, belt u dan`: its subject has a verb of its own, so `belt u` bids."""
        if not before or before[-1] in (*self._data["joins"], *self._data["staff"]) or self._colleague_at(before):
            return False
        staff, verbs = frozenset(self._data["staff"]), frozenset(self._data["at_work"])
        for at, norm in enumerate(before[:-1]):
            relative = norm in self._refers and at > 0 and before[at - 1] in staff  # `de arts die er is`
            reach = at + 2 if norm in self._refers else at + NAME_REACH
            if norm in staff and not relative and not verbs.isdisjoint(before[at + 1 : min(reach, len(before) - 1)]):
                return True
        return False

    def _behind_clause(self, before: Sequence[str]) -> bool:
        """`als de pijn niet stopt belt u`: a clause with its conjunction stands first, so the subject comes behind."""
        opens = [at for at, norm in enumerate(before) if norm in self._data["if_joins"]]
        if not opens:
            return False
        staff = frozenset(self._data["staff"])
        if not staff.isdisjoint(before[max(0, opens[-1] - 1) : opens[-1]]):  # `de planner, als dat schikt, belt u`
            return False
        clause = before[opens[-1] + 1 :]
        own = 2 if clause and clause[0] in self._data["articles"] else 1  # the subject of the clause itself
        return len(clause) > own and staff.isdisjoint(clause[own:])

    def _somebody(self, behind: Sequence[str]) -> bool:
        """`belt u nog iemand van ons`: the subject comes behind `u`."""
        said = [norm for norm in behind if norm not in self._data["passing"]]
        return bool(said) and said[0] in self._data["somebody"]

    def _supposes(self, before: Sequence[str]) -> bool:
        """`wordt het vannacht erger`: a clause that opens with its verb and then its subject."""
        whom = frozenset(self._data["if_whom"])
        return any(
            verb in self._data["if_verbs"] and subject in whom and earlier not in whom
            for earlier, verb, subject in zip(("", *before), before, before[1:], strict=False)
        )

    def _rung_behind(self, behind: Sequence[str]) -> bool:
        """`de huisartsenpost`, `gewoon even de tandarts`: whom the caller is to ring."""
        said = [norm for norm in behind if norm not in self._data["passing"]][: SUBJECT_REACH + 1]
        if said[:1] and said[0] in self._data["emergency"]:
            return True
        named = frozenset(self._data["desks"]).union(self._data["staff"], self._data["third_parties"])
        return bool(said) and said[0] in self._data["articles"] and not named.isdisjoint(said[1:])
