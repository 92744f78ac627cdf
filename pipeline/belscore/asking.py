"""Questions in an utterance, found by their marks or, in transcripts without marks, by their word order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from belscore.clauses import Clauses
from belscore.language.lexicon import Lexicon
from belscore.language.tokens import Utterance
from belscore.view import CallView

# Words between a question word and its verb: "om welke datum gaat het", "hoe lang al heeft u".
OPEN_REACH = 3
# Without a mark a question this short may go without its verb: "sinds wanneer", "aan welke kant".
SHORT_QUESTION = 3

# "voor vrijdag om tien uur klopt dat" asks behind so many words, "ja morgen kan dat" tells.
CHECK_WORDS = 2
CHECK_LEAD = 4

# Shorter words are no participles: "geen", "beet".
PARTICIPLE_LETTERS = 5

# A verb, an article and a noun: behind whatever stands in front of them they say what it is.
NAMING = 3

# "keer dat u belt is er wat": between the opening word of a clause in front and the verb behind it lie at least these.
FRONTED_WORDS = 3

# "mailt u dat afschrift maar": what makes it a request stands so near.
URGING_REACH = 4

Kind = Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Question:
    """Tokens start..end (exclusive) of an utterance. A closed question wants a yes or a no.

    marked : it ends in a question mark
    """

    utterance: Utterance
    start: int
    end: int
    kind: Kind
    marked: bool

    @property
    def quote(self) -> str:
        return self.utterance.quote(self.start, self.end)


def is_check(lexicon: Lexicon, norms: Sequence[str]) -> bool:
    """`klopt dat`, `kan dat` and no more: behind whatever was told this asks."""
    verbs, objects = lexicon.words("vragen", "checks"), lexicon.list("vragen", "checks", "objects")
    return len(norms) == CHECK_WORDS and norms[0] in verbs and norms[1] in objects


def is_participle(lexicon: Lexicon, norm: str) -> bool:
    """By its form: `gezet`, `opgestuurd`, `beloofd`."""
    if len(norm) < PARTICIPLE_LETTERS or not norm.endswith(lexicon.list("vragen", "participles", "endings")):
        return False
    if norm.startswith(lexicon.list("vragen", "participles", "prefixes")):
        return norm not in lexicon.words("vragen", "participles", "nouns")
    return any(norm.startswith(f"{particle}ge") for particle in lexicon.words("vragen", "participles"))


class QuestionReader:
    """Finds the questions of a call by the inventory in `rules/lexicon/vragen.toml`.

    Where a faultless transcript has question marks they decide; recognisers put them, or leave them out, by guess.
    """

    def __init__(self, view: CallView) -> None:
        lexicon = view.lexicon
        self._marks_tell = (
            view.punctuated
            and not view.recognised
            and any(token.after == "?" for utterance in view.utterances for token in utterance.tokens)
        )

        self._finder = view.finder
        self._lexicon = lexicon
        self._words = view.knowledge.question_words
        self._clauses = Clauses(self._words)

    def questions(self, utterance: Utterance) -> list[Question]:
        """All questions of an utterance in order, at most one for each place where one begins."""
        known = utterance.notes.get(self)
        if not isinstance(known, tuple):
            each = (self._in_sentence(utterance, start, end) for start, end in utterance.sentences())
            known = utterance.notes[self] = tuple(question for questions in each for question in questions)
        return list(known)

    def indirect(self, utterance: Utterance) -> bool:
        """`ik wilde weten of ...`: a yes/no question put as a statement."""
        return self._finder.any(self._words.indirect, utterance)

    def _in_sentence(self, utterance: Utterance, start: int, end: int) -> list[Question]:
        norms = utterance.norms
        marked = utterance.tokens[end - 1].after == "?"
        if self._marks_tell and not marked:
            return []
        begins: list[tuple[int, Kind]] = []
        since = start
        for at in self._likely(norms, start, end):
            kind = self._begins(utterance, start, at, end, marked) if at >= since else None
            if kind is not None and not (begins and self._completes(norms, begins[-1], at)):
                begins.append((at, kind))
                since = at + (OPEN_REACH if kind == "open" else 2)
        if not begins and marked and not self._is_tag(utterance, start, end):
            begins = [
                (start, "open" if any(norm in self._words.open for norm in norms[start : start + 4]) else "closed")
            ]
        ends = [*(place for place, _ in begins[1:]), end] if begins else []
        return [
            Question(utterance, place, stop, kind, marked and stop == end)
            for (place, kind), stop in zip(begins, ends, strict=True)
        ]

    def _likely(self, norms: Sequence[str], start: int, end: int) -> list[int]:
        """Where a question may begin: at a question word, and in front of what stands behind the verb of one."""
        opens, behind = self._words.open, self._words.behind_verb
        following = enumerate(norms[start + 1 : end], start)
        places = [at for at, norm in following if norm in behind or norms[at] in opens]
        return [*places, end - 1] if norms[end - 1] in opens else places

    def _completes(self, norms: Sequence[str], begun: tuple[int, Kind], at: int) -> bool:
        """`wie z'n eigen schuld is dat`: the verb is that of the question word in front."""
        place, kind = begun
        return kind == "open" and self._words.bare_verbs.isdisjoint(norms[place + 1 : at])

    def _is_tag(self, utterance: Utterance, start: int, end: int) -> bool:
        """`hè?`, `..., snap je?`, `dinsdag om tien uur, hè?`: the mark belongs to a tag."""
        last = next((place for place in range(end - 1, start, -1) if utterance.tokens[place - 1].after), start)
        return utterance.norms[end - 1] in self._words.tags_last or all(
            norm in self._words.tags for norm in utterance.norms[last:end]
        )

    def _begins(self, utterance: Utterance, start: int, at: int, end: int, marked: bool) -> Kind | None:
        norms = utterance.norms
        if norms[at] in self._words.open and self._is_open(norms, start, at, end, marked):
            return "open"
        if self._asks_with_object(utterance, start, at, end):
            return "closed"
        if utterance.tokens[at].after or at + 1 >= end or norms[at + 1] not in self._words.subjects:
            return None
        clause = next((place for place in range(at, start, -1) if utterance.tokens[place - 1].after), start)
        if not self._is_closed(norms, clause, at, end, marked):
            return None
        return "closed" if marked or not self._is_ordered(utterance, at, end) else None

    def _asks_with_object(self, utterance: Utterance, start: int, at: int, end: int) -> bool:
        """`kost me dat nog wat`: at the head of a clause the object stands between verb and subject."""
        norms = utterance.norms
        if at + 2 >= end or norms[at + 1] not in self._words.objects or norms[at + 2] not in self._words.things:
            return False
        clause = next((place for place in range(at, start, -1) if utterance.tokens[place - 1].after), start)
        led = (
            all(norm in self._words.leads for norm in norms[clause:at])
            or norms[at - 1] not in self._words.inverted_after
        )
        return norms[at] in self._words.verbs and (led or norms[clause:at] in self._words.answers)

    def _is_open(self, norms: Sequence[str], start: int, at: int, end: int, marked: bool) -> bool:
        """A question word with a verb and its subject behind it; `ik weet niet waar` has the verb at its end."""
        following = norms[at + 1] if at + 1 < end else ""
        if following in self._words.exclamations and not marked:
            return False
        if self._clauses.says_whole(norms, start, at + 1):
            return False  # "dat is waar | moet ik nuchter zijn"
        if self._clause_start(norms, start, at) and (marked or end - at <= SHORT_QUESTION):
            return True
        described = norms[at] in self._words.which and not self._words.prefixes.isdisjoint(norms[at + 2 : at + 3])
        reach = OPEN_REACH + NAMING * described  # "welk middel tegen de jicht heeft u"
        for place in range(at + 1, min(at + 1 + reach, end)):
            subject = norms[place + 1] if place + 1 < end else ""
            third = "hij" if subject in self._words.plural_or_she else subject  # "hoe lang plakt ze er al mee"
            if place == at + 1 and subject in self._words.objects and self._clauses.is_finite(norms[place]):
                return True  # "wie had hem aangevraagd"
            if norms[place] in self._words.nominative and not marked:
                return False  # "wat ik kan doen"
            if (self._clauses.is_verb(norms[place], third) or self._clauses.is_plural(norms[place], subject)) and (
                subject in self._words.subjects
            ):
                its_noun = place - 1 == at + 1 and norms[at] in self._words.which  # "welke dokter heeft u"
                return its_noun or norms[place - 1] not in self._words.subjects
        return norms[at] in self._words.which and self._is_asked_for(norms, at, end)

    def _is_asked_for(self, norms: Sequence[str], at: int, end: int) -> bool:
        """`welke code staat erbij`: the noun itself is the subject; with an auxiliary it may be told of."""
        verb = norms[at + 2] if at + 3 < end else ""
        return self._clauses.is_finite(verb) and verb not in self._words.having | self._words.modals

    def _clause_start(self, norms: Sequence[str], start: int, at: int) -> bool:
        before = norms[start:at]
        if before and before[-1] in self._words.prefixes:
            before = before[:-1]
        return all(norm in self._words.leads for norm in before)

    def _is_told(self, norms: Sequence[str], at: int, end: int) -> bool:
        """`haal ik eraf`, `mailt u het maar`, `Griet het is ...`: without a mark these are statements."""
        if norms[at] not in self._words.verbs and at + 2 < end and norms[at + 2] in self._words.verbs:
            return True
        if norms[at] in self._words.stems and norms[at + 1] not in self._words.nominative | self._words.callers:
            return True  # "doe er een nieuwe op"
        if is_check(self._lexicon, norms[at : at + 2]) and at + 2 < end and self._clauses.is_finite(norms[at + 2]):
            return True  # "ja klopt | dat is mijn mobiel"
        if norms[at] in self._words.dropping and norms[at + 1] in self._words.speakers and end - at > 2:
            return norms[at + 2] in self._words.dropped and self._words.leads_or_tags.issuperset(norms[at + 3 : end])
        if norms[at + 1] in self._words.speakers and norms[at] not in self._words.own_verbs:
            return True
        if (
            norms[at + 1] in self._words.singular
            and norms[at].endswith("n")
            and norms[at] not in self._words.own_singular
        ):
            return True  # "dat moet opgelost worden | ik geef het door"
        behind = norms[at + 2 : min(end, at + 2 + URGING_REACH)]
        if norms[at] in self._words.acts and not self._words.just.isdisjoint(behind):
            return True  # "komt u morgen maar langs"
        later = zip(norms[at + 2 : end], norms[at + 3 : end], (*norms[at + 4 : end], ""), strict=False)
        results = (
            norm in self._words.so and (self._clauses.is_verb(verb, "u") or subject in self._words.speakers)
            for norm, verb, subject in later
        )
        if norms[at] in self._words.acts and any(results):
            return True  # "neemt u een paracetamol dan zakt het wel"
        if self._clauses.orders_behind(norms, at, end):
            return True  # "blijft het bloeden, belt u dan meteen"
        return norms[at] not in self._words.verbs and not self._words.urging.isdisjoint(behind)

    def _is_ordered(self, utterance: Utterance, at: int, end: int) -> bool:
        """`betaalt u eerst maar eens`: put off or urged, whatever the verb."""
        return any(match.start == at for match in self._finder.find(self._words.orders, utterance) if match.end <= end)

    def _in_statement(self, norms: Sequence[str], start: int, at: int, end: int) -> bool:
        """Behind `had moeten` a verb is no finite one; behind `elke keer dat u belt` it belongs to a statement."""
        if norms[at - 1] in self._words.clusters and norms[at].endswith("n"):
            return True
        if (
            norms[at] in self._words.resuming
            and norms[at - 1] not in self._words.joins
            and end - at == NAMING
            and norms[at + 1] in self._words.articles
        ):
            return True  # "achtentwintig is mijn huis"
        if norms[at] in self._words.auxiliaries and is_participle(self._lexicon, norms[at - 1]):
            return not self._words.modals.isdisjoint(norms[start : at - 1])  # "moet opgelost worden"
        own = norms[at] in self._words.having and not is_participle(self._lexicon, norms[end - 1])
        if norms[at - 1] in self._words.joins and self._clauses.carries_on(norms, start, at, of_caller=own):
            return norms[-2:] not in self._words.or_not
        if norms[at] in self._words.resuming and self._clauses.behind_free_relative(norms, start, at):
            return True
        fronted = any(norm in self._words.fronting for norm in norms[start : at - FRONTED_WORDS])
        return fronted and self._clauses.is_verb(norms[at - 1], "u")

    def _is_closed(self, norms: Sequence[str], start: int, at: int, end: int, marked: bool) -> bool:
        """A verb with its subject right behind it where no statement can begin: `heeft u`, but `dan heeft u` not."""
        following = norms[at + 1] if at + 1 < end else ""
        if following not in self._words.subjects or not self._clauses.is_verb(norms[at], following):
            return False
        if not marked and (self._is_told(norms, at, end) or self._clauses.goes_on(norms, at, end)):
            return False
        if all(norm in self._words.leads for norm in norms[start:at]):
            return True
        before = norms[at - 1]
        follows = before not in self._words.inverted_after or before in self._words.check_times
        if follows and at - start >= CHECK_LEAD and is_check(self._lexicon, norms[at:end]):
            return True
        if not marked and self._in_statement(norms, start, at, end):
            return False
        asked = any(self._clauses.asks_openly(norms, place) for place in range(max(start, at - OPEN_REACH), at))
        if asked and not self._clauses.says_whole(norms, start, at):
            return False
        led = before in self._words.leads and before not in ("nog", "even", "wacht", "verder", "want", "precies")
        if led or self._clauses.ends_in_subject(norms, start, at) or self._clauses.behind_exclamation(norms, start, at):
            return True
        if before in self._words.inverted_after:
            return self._clauses.behind_whole_clause(norms, start, at)
        if following in self._words.nominative:
            return True
        # "die folder is die", "met jansen is mijn recept er al", not "de dokter wil u zien": a noun with its article.
        noun = norms[at - 2] if at - 2 >= start else ""
        named = noun in self._words.prefixes and all(norm in self._words.leads for norm in norms[start : at - 2])
        taken_up = named or self._clauses.resumes(norms, at, end, noun) or self._clauses.told_in_front(norms, start, at)
        taken_up = taken_up or self._clauses.behind_object(norms, start, at)
        return taken_up or (noun not in self._words.determiners and noun not in self._words.prefixes)
