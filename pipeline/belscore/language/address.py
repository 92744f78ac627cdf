"""How the agent addresses the caller: u, je, and whether a je addresses anybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from belscore.language.address_form import AddressForm, Strength
from belscore.language.children import ChildReader
from belscore.language.lexicon import Lexicon
from belscore.language.permission import Permission, PermissionReader
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Utterance
from belscore.language.values import ValueReader

QUOTE_REACH = 8
# Without marks a quotation goes on from one je to the next: "er staat upload je dossier, dan weten we wat je hebt".
QUOTED_ON = 12
FRONT_REACH = 2
SPEAKER_REACH = 4
GENERIC_REACH = 6
# "op welke dag kun je"; without commas, "met zo'n gips kun je"; "in je (oude) pyjama moeten zitten"
QUESTION_REACH = 4
PHRASE_REACH = 4
INFINITIVE_REACH = 2
LEAD_REACH = 2  # "ach man betaal gewoon je rekening"


class AddressReader:
    """Reads forms of address by the inventory in `rules/lexicon/aanspreekvorm.toml`."""

    def __init__(self, lexicon: Lexicon, finder: PhraseFinder, values: ValueReader) -> None:
        def words(key: str) -> frozenset[str]:
            return lexicon.words("aanspreekvorm", key)

        self._finder = finder
        self._values = values
        self._formal = words("formal")
        self._stressed = words("stressed")
        self._unstressed = words("unstressed")
        self._fixed = lexicon.list("aanspreekvorm", "fixed")
        self._of_caller = lexicon.list("aanspreekvorm", "of_caller")
        self._asks = lexicon.list("aanspreekvorm", "asks")
        self._permissions = PermissionReader(lexicon, finder)
        self._refuses = lexicon.list("aanspreekvorm", "refuses")
        self._refuses_asked = (*self._refuses, *lexicon.list("aanspreekvorm", "refuses", "asked"))
        self._yes = words("yes")
        self.child = ChildReader(lexicon, finder)
        self._front = words("front")
        self._question_words = words("question_words")
        self._verbs_before = frozenset(lexicon.list("aanspreekvorm", "personal_verbs", "before"))
        self._verbs_after = frozenset(lexicon.list("aanspreekvorm", "personal_verbs", "after"))
        self._past = frozenset(lexicon.list("aanspreekvorm", "personal_verbs", "past"))
        self._finite = words("finite")
        self._prepositions = words("prepositions")
        self._persons = words("persons")
        self._infinitives = words("infinitives")
        self._every = words("every")
        self._then = words("then")
        self._near = frozenset(lexicon.list("aanspreekvorm", "then", "near"))
        self._no_verbs = self._prepositions | self._front | lexicon.idle
        self._reports = frozenset(lexicon.list("aanspreekvorm", "saying", "reports"))
        self._everybody = lexicon.list("aanspreekvorm", "saying", "everybody")
        self._particles = words("particles")
        self._saying_behind = lexicon.list("aanspreekvorm", "saying", "behind")
        self._leads = (lexicon.words("vragen", "leads") | lexicon.fillers) - self._front
        self._subordinators = words("subordinators")
        self._finite_or_sub = self._finite | self._subordinators
        self._in_general = lexicon.list("aanspreekvorm", "in_general")
        self._speakers = words("speakers")
        self._self = frozenset(lexicon.list("aanspreekvorm", "speakers", "self"))
        self._asked_within = words("asked_within")
        self._copulas = frozenset(lexicon.list("aanspreekvorm", "asked_within", "copulas"))
        self._saying = words("saying")
        self._not_names = lexicon.idle | lexicon.words("namen", "not_names") | lexicon.words("namen", "before")
        self._not_names |= words("interjections") | lexicon.words("vragen", "leads")
        self._generic = words("generic_context")
        self._titles = lexicon.words("namen", "titles")
        self._infixes = lexicon.words("namen", "infixes")
        self._skipped = lexicon.fillers - self._front

    def formal_uses(self, utterances: Iterable[Utterance]) -> int:
        """How often the agent says u or uw."""
        return sum(
            token.norm in self._formal
            for utterance in utterances
            if utterance.role == "agent"
            for token in utterance.tokens
        )

    def informal_uses(
        self, utterances: Sequence[Utterance], *, callers: frozenset[str] = frozenset()
    ) -> tuple[AddressForm, ...]:
        """Every je, jij, jou and jouw of the agent that can address the caller.

        callers : words of the caller's names; a sentence that opens with another name is to somebody else
        """
        found: list[AddressForm] = []
        forms = self._stressed | self._unstressed
        for utterance in utterances:
            spoken = utterance.role == "agent" and not forms.isdisjoint(utterance.norms)
            if not spoken or self._to_colleague(utterances, utterance):
                continue
            fixed = {
                at
                for match in self._finder.find(self._fixed, utterance)
                if match.cost < 0.3
                for at in range(match.start, match.end)
            }
            for at, token in enumerate(utterance.tokens):
                if token.norm not in forms or (at in fixed and not self._is_of_caller(utterance, at)):
                    continue
                somebody = utterance.addressed(at)
                if somebody and somebody not in callers | self._not_names:
                    continue
                if not self._quoted(utterance, at):
                    found.append(AddressForm(utterance, at, self._strength(utterance, at)))
        return tuple(found)

    def _to_colleague(self, utterances: Sequence[Utterance], utterance: Utterance) -> bool:
        """Talk with a colleague: the next voice is the colleague's, or the one before was and no caller spoke since."""
        after = next((other for other in utterances[utterance.index + 1 :] if other.role != "agent"), None)
        before = next((other for other in reversed(utterances[: utterance.index]) if other.role != "agent"), None)
        return any(other is not None and other.role == "colleague" for other in (after, before))

    def _quoted(self, utterance: Utterance, at: int) -> bool:
        """`toen zei de tandarts: je moet ...`: somebody else's words, unless je itself is who says.

        `ik heb gezegd dat jij er niet was` tells them in the agent's own words.
        """
        start, _ = utterance.sentence_of(at)
        norms = utterance.norms
        for place in range(max(start, at - QUOTE_REACH), at):
            if norms[place] not in self._saying or norms[place - 1 : place] == ("ik",):
                continue
            if norms[at] in self._stressed and not self._reports.isdisjoint(norms[place + 1 : at]):
                continue
            behind = norms[at + 1] if at + 1 < len(norms) else ""
            if place + 1 != at or utterance.tokens[place].after or behind in self._finite:
                return True
        told = [m for m in self._finder.find(self._everybody, utterance) if start <= m.start]
        if any(match.end <= at and match.cost == 0 for match in told):
            return True
        if any(match.start >= at for match in self._finder.find(self._saying_behind, utterance)):
            return True
        reach = range(max(start, at - QUOTED_ON), at) if norms[at] in self._unstressed else range(0)
        before = [other for other in reach if norms[other] in self._unstressed]
        own_words = self._formal | {"ik"}
        return bool(before) and own_words.isdisjoint(norms[before[-1] : at]) and self._quoted(utterance, before[-1])

    def _ordered(self, utterance: Utterance, at: int, start: int, end: int) -> bool:
        """An order opens the clause: `betaal gewoon je rekening`, je being whose thing it is; `vul je even dit in`."""
        norms, opens = utterance.norms, self._clause_start(utterance, at, start)
        verb = at - 1
        while verb > start and norms[verb] in self._particles:
            verb -= 1
        opening = norms[opens:verb]
        free = len(opening) <= LEAD_REACH and (self._persons | self._front | self._finite).isdisjoint(opening)
        if opens <= verb == at - 1 and norms[at : at + 2][-1] in self._near:
            return free and norms[verb] not in self._no_verbs | self._subordinators
        if verb == at - 1 or at + 1 >= end or norms[verb] not in self._finite or norms[at + 1] in self._finite:
            return False
        return free

    def _strength(self, utterance: Utterance, at: int) -> Strength:
        """As a subject je may be people in general; as object, possessive or behind a preposition it is the caller.

        A je in general makes the others of its sentence general too: `dan neem je je pas mee`.
        """
        if utterance.norms[at] in self._stressed:
            return "strong"
        start, end = utterance.sentence_of(at)
        if self._is_of_caller(utterance, at) or self._spoken_to(utterance, at, start, end):
            return "strong"
        if self._in_generic_clause(utterance, at, start):
            return "weak"
        if self._ordered(utterance, at, start, end):
            return "strong"
        if at - 1 == self._clause_start(utterance, at, start) and self._puts_case(utterance, at, end):
            return "weak"  # "print je dat thuis uit, dan staat die code er niet op"
        before, after = self._beside(utterance, at, start, end)
        if self._is_subject(before, after) or self._opens_with_verb(utterance, at, start, end):
            near = self._names_day(utterance, self._own_clause(utterance, at, start), end)
            near = near or (after in self._near and not self._goes_on_in_general(utterance, at, start, end))
            near = near and after not in self._generic  # "moet je altijd nuchter zijn, dus vanaf maandagavond"
            return "strong" if near and self._formal.isdisjoint(utterance.norms[start:end]) else "weak"
        others = [other for other in range(start, end) if other != at and utterance.norms[other] in self._unstressed]
        general = any(self._general_subject(utterance, other, start, end) for other in others)
        advice = self._finder.find(self._in_general, utterance)
        if general or any(match.end in (at, at - 1) for match in advice):
            return "weak"
        return "weak" if self._in_infinitive(utterance, at, start, end) else "strong"

    def _is_of_caller(self, utterance: Utterance, at: int) -> bool:
        """`dan heb je het verkeerde nummer`: whoever calls, and nobody else."""
        return any(m.start <= at < m.end and m.cost == 0 for m in self._finder.find(self._of_caller, utterance))

    def _beside(self, utterance: Utterance, at: int, start: int, end: int) -> tuple[list[str], str]:
        """The words of the sentence in front of token `at`, fillers left out, and the word behind it."""
        norms = utterance.norms
        before = [norm for norm in norms[start:at] if norm not in self._skipped]
        if at - 2 >= start and norms[at - 2] in self._front and norms[at - 1] in self._skipped & self._finite:
            before.append(norms[at - 1])  # "dan hoor je een piepje": no filler there
        return before, norms[at + 1] if at + 1 < end else ""

    def _in_generic_clause(self, utterance: Utterance, at: int, start: int) -> bool:
        """Behind `als`, `iedereen`, `meestal`; a `wanneer` with its verb is a question."""
        clause = self._clause_start(utterance, at, start)
        if not self._self.isdisjoint(utterance.norms[clause:at]):
            start = clause  # "als u wilt, kan ik het je mailen"
        before = [norm for norm in utterance.norms[start:at] if norm not in self._skipped][-GENERIC_REACH:]
        asks = "wanneer" in before[:-1] and before[before.index("wanneer") + 1] in self._finite | self._verbs_before
        return not asks and not self._generic.isdisjoint(before)

    def _spoken_to(self, utterance: Utterance, at: int, start: int, end: int) -> bool:
        """`ik bel je`, `je spreekt met`, `heb je`: the sentence is about the person on the line."""
        before, after = self._beside(utterance, at, start, end)
        if self._in_generic_clause(utterance, at, start):
            return False
        if after in self._verbs_after:
            return not self._goes_on_in_general(utterance, at, start, end)
        own_clause = after not in self._finite or before[-1:] == [] or before[-1] in self._subordinators
        own_clause = own_clause or not self._speakers.isdisjoint(before[-2:-1])  # "wat ik voor je kan doen"
        clause, _ = self._beside(utterance, at, self._clause_start(utterance, at, start), end)
        if own_clause and not self._speakers.isdisjoint(clause[-SPEAKER_REACH:]):
            return True
        opens = at - 1 == self._clause_start(utterance, at, start) and utterance.tokens[end - 1].after == "?"
        if opens and utterance.norms[at - 1] not in self._no_verbs | self._subordinators:
            return self._then.isdisjoint(utterance.norms[at + 2 : end])  # "print je het uit?"
        if not before or before[-1] not in self._verbs_before | self._finite:
            return False
        if before[-1] in self._verbs_before:
            general = self._puts_case(utterance, at, end) or self._goes_on_in_general(utterance, at, start, end)
            told = utterance.tokens[end - 1].after != "?"
            return not (told and general) and self._asks_person(utterance, at, start, end)
        marked = utterance.tokens[end - 1].after
        then = at + 2 if marked == "?" else at  # "zet je dan wel even een kapje op?"
        asks = marked in ("?", "") and not self._then.intersection(utterance.norms[then:end])
        return asks and self._leads.issuperset(before[:-1])

    def _goes_on_in_general(self, utterance: Utterance, at: int, start: int, end: int) -> bool:
        """`dan lig je in zo'n buis je hoort veel lawaai`: a je in general stands in front."""
        others = (other for other in range(start, at) if utterance.norms[other] in self._unstressed)
        return any(self._general_subject(utterance, other, start, end) for other in others)

    def _puts_case(self, utterance: Utterance, at: int, end: int) -> bool:
        """`rook je, dan geneest het slechter`: no question, and nobody's in which the agent does nothing."""
        thens = (place for place in range(at + 1, end) if utterance.norms[place] in self._then)
        then = next((place for place in thens if utterance.tokens[place - 1].after), end)
        return then < end and self._speakers.isdisjoint(utterance.norms[then:end])

    def _clause_start(self, utterance: Utterance, at: int, start: int) -> int:
        return next((place for place in range(at, start, -1) if utterance.tokens[place - 1].after), start)

    def _own_clause(self, utterance: Utterance, at: int, start: int) -> int:
        """Where the clause of a je begins: behind a mark, or without one at the word that turns verb and je round."""
        norms = utterance.norms
        fronts = (
            place for place in range(at - 1, max(start, at - GENERIC_REACH) - 1, -1) if norms[place] in self._front
        )
        return max(self._clause_start(utterance, at, start), next(fronts, start))

    def _names_day(self, utterance: Utterance, start: int, end: int) -> bool:
        """`dan kun je het donderdag ophalen`: one day is named, so it is about this caller, not about opening hours."""
        kinds = ("weekday", "date", "relative_day")
        days = [v for v in self._values.read(utterance) if v.kind in kinds and start <= v.start < end]
        return len(days) == 1 and utterance.norms[max(start, days[0].start - 1)] not in self._every

    def _is_subject(self, before: Sequence[str], after: str) -> bool:
        if after in self._finite or not self._finite_or_sub.isdisjoint(before[-1:]):
            return True
        # "dan hang je daar": whatever stands between such a word and je is the verb
        if before[-2:-1] and before[-2] in self._asked_within and before[-1] not in self._copulas:
            return True  # "hoeveel lucht je uitblaast"
        fronted = len(before) > 1 and before[-2] in self._front
        return fronted and before[-1] not in self._no_verbs

    def _opens_with_verb(self, utterance: Utterance, at: int, start: int, end: int) -> bool:
        """`je hangt het achter het oor`: first in its sentence and a verb behind it; `je recept ligt klaar` is none."""
        behind = utterance.norms[at + 1 : min(end, at + 3)]
        verb = len(behind) == 2 and behind[0].endswith("t") and behind[0] not in self._no_verbs
        return at == start and verb and behind[1] not in self._finite

    def _general_subject(self, utterance: Utterance, at: int, start: int, end: int) -> bool:
        before, after = self._beside(utterance, at, start, end)
        subject = self._is_subject(before, after) or self._opens_with_verb(utterance, at, start, end)
        return subject and not self._spoken_to(utterance, at, start, end) and not self._is_of_caller(utterance, at)

    def _in_infinitive(self, utterance: Utterance, at: int, start: int, end: int) -> bool:
        """`in je pyjama moeten zitten`: nobody is the subject."""
        norms = utterance.norms
        if at == start or norms[at - 1] not in self._prepositions or not self._persons.isdisjoint(norms[start:at]):
            return False
        behind = norms[at + 2 : min(end, at + 2 + INFINITIVE_REACH)]
        return not self._infinitives.isdisjoint(behind)

    def _asks_person(self, utterance: Utterance, at: int, start: int, end: int) -> bool:
        """Verb + je opens a question to the person: not `dan heb je`, but `heb je`, `hoe lang heb je`."""
        words = self._beside(utterance, at, self._clause_start(utterance, at, start), end)[0][:-1]
        if any(norm in self._question_words for norm in words[-QUESTION_REACH:]):
            return True
        if any(norm in self._front for norm in words[-FRONT_REACH:]):
            return False
        if utterance.tokens[end - 1].after == "?" or utterance.norms[at - 1] in self._past:
            return True
        if any(token.after for token in utterance.tokens):
            return self._leads.issuperset(words)
        return not self._fronted(words)

    def _fronted(self, words: Sequence[str]) -> bool:
        """Without commas: the words before the verb are its first constituent, as in `met zo'n gips kun je`."""
        led = words[-PHRASE_REACH:]
        title = next((at for at, norm in enumerate(led) if norm in self._titles), None)
        if title is not None and led[-1] not in self._no_verbs and self._infixes.issuperset(led[title + 1 : -1]):
            return not self._prepositions.isdisjoint(led[max(0, title - 1) : title])  # "dag mevrouw jansen heb je"
        if led[-2:-1] and led[-2] in self._prepositions:
            return True
        if any(one in self._prepositions and other not in self._persons for one, other in pairwise(led)):
            return True
        rest = [norm for norm in words if norm not in self._leads]
        return bool(rest) and self._finite.isdisjoint(rest) and self._persons.isdisjoint(rest)

    def permission(self, utterances: Sequence[Utterance]) -> tuple[int, Permission] | None:
        """From which utterance on je is invited, and how clearly; None when it never is."""
        doubtful: int | None = None
        asked = False
        for utterance in utterances:
            if utterance.role == "agent":
                asked = self._finder.any(self._asks, utterance)
            elif utterance.role == "caller":
                if self._permissions.permits(utterance) and not self._says(self._refuses, utterance):
                    return utterance.index, "yes"  # "liever u? - nee joh, zeg lekker je"
                agrees = asked and not self._yes.isdisjoint(utterance.norms)
                if agrees and not self._says(self._refuses_asked, utterance):
                    return utterance.index, "yes"
                if doubtful is None and self._permissions.offers_name(utterance):
                    doubtful = utterance.index
                asked = False
        return None if doubtful is None else (doubtful, "doubtful")

    def _says(self, phrases: Sequence[str], utterance: Utterance) -> bool:
        """Exactly as written."""
        return any(match.cost == 0 for match in self._finder.find(phrases, utterance))
