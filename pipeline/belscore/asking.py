"""Questions in an utterance, found by their marks or, in transcripts without marks, by their word order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from belscore.language.lexicon import Lexicon
from belscore.language.tokens import Utterance
from belscore.view import CallView

# Words between a question word and its verb: "om welke datum gaat het", "hoe lang al heeft u".
OPEN_REACH = 3
# A verb outside the inventory is taken for one when it looks like one and a subject follows: "straalt het uit".
VERB_LETTERS = (4, 9)

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

# "wat naar voor uw oude moeder": so many words behind "wat" and the verb that asks may stand.
EXCLAIMED_WORDS = 5

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
    prefixes = lexicon.list("vragen", "participles", "prefixes")
    inside = any(f"{particle}ge" == norm[: len(particle) + 2] for particle in lexicon.words("vragen", "participles"))
    ended = norm.endswith(lexicon.list("vragen", "participles", "endings"))
    return len(norm) >= PARTICIPLE_LETTERS and ended and (norm.startswith(prefixes) or inside)


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

        def words(key: str) -> frozenset[str]:
            return lexicon.words("vragen", key)

        self._finder = view.finder
        self._lexicon = lexicon
        self._check_times = lexicon.list("vragen", "checks", "times")
        self._indirect = lexicon.list("vragen", "indirect")
        self._open = words("open")
        self._prefixes = words("open_prefixes")
        self._exclamations = words("exclamations")
        self._verbs = words("verbs")
        self._subjects = words("subjects")
        self._nominative = frozenset(lexicon.list("vragen", "subjects", "nominative"))
        self._inverted_after = words("inverted_after")
        self._leads = words("leads")
        self._joins = frozenset(lexicon.list("vragen", "leads", "joins"))
        self._determiners = words("determiners")
        self._tags = words("tags")
        self._third_person = frozenset(lexicon.list("vragen", "subjects", "third_person"))
        self._plural_or_she = frozenset(lexicon.list("vragen", "subjects", "open_only"))
        self._own_verbs = frozenset(lexicon.list("vragen", "verbs", "with_speaker"))
        self._speakers = frozenset(lexicon.list("vragen", "subjects", "speakers"))
        self._urging = frozenset(lexicon.list("vragen", "inverted_after", "urging"))
        self._tags_last = frozenset(lexicon.list("vragen", "tags", "last"))
        self._which = frozenset(lexicon.list("vragen", "open", "which"))
        self._clusters = words("clusters")
        self._fronting = words("fronting")
        self._objects = frozenset(lexicon.list("vragen", "subjects", "objects"))
        self._things = frozenset(lexicon.list("vragen", "subjects", "things"))
        self._acts = frozenset(lexicon.list("vragen", "orders", "acts"))
        self._just = frozenset(lexicon.list("vragen", "orders", "just"))
        self._modals = frozenset(lexicon.list("vragen", "clusters", "modals"))
        self._auxiliaries = frozenset(lexicon.list("vragen", "clusters", "auxiliaries"))
        self._singular = frozenset(lexicon.list("vragen", "subjects", "singular"))
        self._own_singular = frozenset(lexicon.list("vragen", "subjects", "singular_in_n"))
        self._orders = lexicon.list("vragen", "orders")
        self._idle = lexicon.idle
        self._resuming = words("resumed")
        self._dropping = frozenset(lexicon.list("vragen", "dropped", "verbs"))
        self._dropped = words("dropped")
        self._answers = {tuple(answer.split()) for answer in lexicon.list("vragen", "leads", "answers")}
        self._demonstratives = frozenset(lexicon.list("vragen", "resumed", "demonstratives"))
        self._indefinite = frozenset(lexicon.list("vragen", "resumed", "indefinite"))
        self._tellers = frozenset(lexicon.list("vragen", "done", "tellers"))
        self._hearers = frozenset(lexicon.list("vragen", "done", "hearers"))
        self._done = tuple(tuple(each.split()) for each in lexicon.list("vragen", "done"))

    def questions(self, utterance: Utterance) -> list[Question]:
        """All questions of an utterance in order, at most one for each place where one begins."""
        known = utterance.notes.get(self)
        if not isinstance(known, tuple):
            each = (self._in_sentence(utterance, start, end) for start, end in utterance.sentences())
            known = utterance.notes[self] = tuple(question for questions in each for question in questions)
        return list(known)

    def indirect(self, utterance: Utterance) -> bool:
        """`ik wilde weten of ...`: a yes/no question put as a statement."""
        return self._finder.any(self._indirect, utterance)

    def _in_sentence(self, utterance: Utterance, start: int, end: int) -> list[Question]:
        norms = utterance.norms
        marked = utterance.tokens[end - 1].after == "?"
        if self._marks_tell and not marked:
            return []
        begins: list[tuple[int, Kind]] = []
        at = start
        while at < end:
            kind = self._begins(utterance, start, at, end, marked)
            if kind is None or (begins and self._completes(norms, begins[-1], at)):
                at += 1
                continue
            begins.append((at, kind))
            at += OPEN_REACH if kind == "open" else 2
        if not begins and marked and not self._is_tag(utterance, start, end):
            begins = [(start, "open" if any(norm in self._open for norm in norms[start : start + 4]) else "closed")]
        ends = [*(place for place, _ in begins[1:]), end] if begins else []
        return [
            Question(utterance, place, stop, kind, marked and stop == end)
            for (place, kind), stop in zip(begins, ends, strict=True)
        ]

    def _completes(self, norms: Sequence[str], begun: tuple[int, Kind], at: int) -> bool:
        """`wie z'n eigen schuld is dat`: the verb is that of the question word in front."""
        place, kind = begun
        return kind == "open" and (self._verbs - self._determiners).isdisjoint(norms[place + 1 : at])

    def _is_tag(self, utterance: Utterance, start: int, end: int) -> bool:
        """`hè?`, `..., snap je?`, `dinsdag om tien uur, hè?`: the mark belongs to a tag."""
        last = next((place for place in range(end - 1, start, -1) if utterance.tokens[place - 1].after), start)
        return utterance.norms[end - 1] in self._tags_last or all(
            norm in self._tags for norm in utterance.norms[last:end]
        )

    def _begins(self, utterance: Utterance, start: int, at: int, end: int, marked: bool) -> Kind | None:
        norms = utterance.norms
        if norms[at] in self._open and self._is_open(norms, start, at, end, marked):
            return "open"
        if self._asks_with_object(utterance, start, at, end):
            return "closed"
        if utterance.tokens[at].after or at + 1 >= end or norms[at + 1] not in self._subjects:
            return None
        clause = next((place for place in range(at, start, -1) if utterance.tokens[place - 1].after), start)
        if not self._is_closed(norms, clause, at, end, marked):
            return None
        return "closed" if marked or not self._is_ordered(utterance, at, end) else None

    def _asks_with_object(self, utterance: Utterance, start: int, at: int, end: int) -> bool:
        """`kost me dat nog wat`: at the head of a clause the object stands between verb and subject."""
        norms = utterance.norms
        if at + 2 >= end or norms[at + 1] not in self._objects or norms[at + 2] not in self._things:
            return False
        clause = next((place for place in range(at, start, -1) if utterance.tokens[place - 1].after), start)
        led = all(norm in self._leads for norm in norms[clause:at]) or norms[at - 1] not in self._inverted_after
        return norms[at] in self._verbs and (led or norms[clause:at] in self._answers)

    def _is_open(self, norms: Sequence[str], start: int, at: int, end: int, marked: bool) -> bool:
        """A question word with a verb and its subject behind it; `ik weet niet waar` has the verb at its end."""
        following = norms[at + 1] if at + 1 < end else ""
        if following in self._exclamations and not marked:
            return False
        if self._clause_start(norms, start, at) and (marked or end - at <= SHORT_QUESTION):
            return True
        for place in range(at + 1, min(at + 1 + OPEN_REACH, end)):
            subject = norms[place + 1] if place + 1 < end else ""
            third = "hij" if subject in self._plural_or_she else subject  # "hoe lang plakt ze er al mee"
            if (self._is_verb(norms[place], third) or self._is_plural(norms[place], subject)) and (
                subject in self._subjects
            ):
                its_noun = place - 1 == at + 1 and norms[at] in self._which  # "welke dokter heeft u"
                return its_noun or norms[place - 1] not in self._subjects
        return False

    def _is_verb(self, norm: str, following: str) -> bool:
        if norm in self._verbs:
            return True
        likely = VERB_LETTERS[0] <= len(norm) <= VERB_LETTERS[1] and norm.endswith("t") and norm not in self._idle
        return likely and following in self._third_person

    def _is_plural(self, norm: str, following: str) -> bool:
        """Behind a question word: `sinds wanneer zakken ze`."""
        return VERB_LETTERS[0] < len(norm) and norm.endswith("en") and following in self._plural_or_she

    def _is_finite(self, norm: str) -> bool:
        """By its form a verb of one person: `komen` may be an infinitive."""
        return norm in self._verbs and (not norm.endswith("n") or norm in self._own_singular)

    def _clause_start(self, norms: Sequence[str], start: int, at: int) -> bool:
        before = norms[start:at]
        if before and before[-1] in self._prefixes:
            before = before[:-1]
        return all(norm in self._leads for norm in before)

    def _is_told(self, norms: Sequence[str], at: int, end: int) -> bool:
        """`haal ik eraf`, `mailt u het maar`, `Griet het is ...`: without a mark these are statements."""
        if norms[at] not in self._verbs and at + 2 < end and norms[at + 2] in self._verbs:
            return True
        if is_check(self._lexicon, norms[at : at + 2]) and at + 2 < end and self._is_finite(norms[at + 2]):
            return True  # "ja klopt | dat is mijn mobiel"
        if norms[at] in self._dropping and norms[at + 1] in self._speakers and end - at > 2:
            return norms[at + 2] in self._dropped and (self._leads | self._tags).issuperset(norms[at + 3 : end])
        if norms[at + 1] in self._speakers and norms[at] not in self._own_verbs:
            return True
        if norms[at + 1] in self._singular and norms[at].endswith("n") and norms[at] not in self._own_singular:
            return True  # "dat moet opgelost worden | ik geef het door"
        behind = norms[at + 2 : min(end, at + 2 + URGING_REACH)]
        acts = norms[at] in self._acts and not self._just.isdisjoint(behind)  # "komt u morgen maar langs"
        return acts or (norms[at] not in self._verbs and not self._urging.isdisjoint(behind))

    def _is_ordered(self, utterance: Utterance, at: int, end: int) -> bool:
        """`betaalt u eerst maar eens`: put off or urged, whatever the verb."""
        return any(match.start == at for match in self._finder.find(self._orders, utterance) if match.end <= end)

    def _in_statement(self, norms: Sequence[str], start: int, at: int, end: int) -> bool:
        """Behind `had moeten` a verb is no finite one; behind `elke keer dat u belt` it belongs to a statement."""
        if norms[at - 1] in self._clusters and norms[at].endswith("n"):
            return True
        if (
            norms[at] in self._resuming
            and norms[at - 1] not in self._joins
            and end - at == NAMING
            and norms[at + 1] in self._determiners - self._demonstratives
        ):
            return True  # "achtentwintig is mijn huis"
        if norms[at] in self._auxiliaries and is_participle(self._lexicon, norms[at - 1]):
            return not self._modals.isdisjoint(norms[start : at - 1])  # "moet opgelost worden"
        if norms[at - 1] in self._joins and self._carries_on(norms, start, at):
            return True
        fronted = any(norm in self._fronting for norm in norms[start : at - FRONTED_WORDS])
        return fronted and self._is_verb(norms[at - 1], "u")

    def _carries_on(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`dan hoor ik een piep en is het afgelopen`: the second verb stands turned round for the first one's sake."""
        return any(
            norms[place] in self._inverted_after and norms[place + 2] in self._nominative
            for place in range(start, at - FRONTED_WORDS)
        )

    def _resumes(self, norms: Sequence[str], at: int, end: int, noun: str) -> bool:
        """`die folder is die al klaar`, `die voor het hart zijn die er nog`: what stood in front is taken up."""
        if norms[at + 1] not in self._demonstratives:
            return False
        return noun == norms[at + 1] or (norms[at] in self._resuming and noun not in self._indefinite and at + 2 < end)

    def _asks_openly(self, norms: Sequence[str], at: int) -> bool:
        """`wat`, but not in `wat een pech`."""
        return norms[at] in self._open and norms[at + 1] not in self._exclamations

    def _ends_in_subject(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`dat snap ik | mag ik dan douchen`, `dank u | is het links`: the clause in front is turned round and done."""
        if any(norms[max(start, at - len(done)) : at] == done for done in self._done):
            return True
        turned = at - start > 2 and norms[at - 3] in self._demonstratives
        return turned and norms[at - 1] in self._nominative and norms[at] in self._modals

    def _told_in_front(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`dat is geen pretje | hebt u er ook pijn bij`: the clause in front has its subject and its verb."""
        if not self._is_finite(norms[at]) or norms[at + 1] not in self._hearers:
            return False
        heads = (place for place in range(start, at - 2) if norms[place] in self._tellers)
        kept = (
            place for place in heads if place == start or norms[place - 1] not in self._inverted_after | self._verbs
        )
        return any(self._is_verb(norms[place + 1], "u") for place in kept)

    def _behind_exclamation(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`wat naar voor haar | zijn er ook blaasjes`, `wat een pech | brandt er een lampje`."""
        for place in range(max(start + 1, at - EXCLAIMED_WORDS), at - 1):
            exclaimed = norms[place] in self._exclamations and norms[place - 1] in self._open
            if exclaimed and (norms[place + 1] in self._prefixes or norms[place] in self._determiners):
                return True
        return False

    def _is_closed(self, norms: Sequence[str], start: int, at: int, end: int, marked: bool) -> bool:
        """A verb with its subject right behind it where no statement can begin: `heeft u`, but `dan heeft u` not."""
        following = norms[at + 1] if at + 1 < end else ""
        if following not in self._subjects or not self._is_verb(norms[at], following):
            return False
        if not marked and self._is_told(norms, at, end):
            return False
        if all(norm in self._leads for norm in norms[start:at]):
            return True
        before = norms[at - 1]
        follows = before not in self._inverted_after or before in self._check_times
        if follows and at - start >= CHECK_LEAD and is_check(self._lexicon, norms[at:end]):
            return True
        if not marked and self._in_statement(norms, start, at, end):
            return False
        if any(self._asks_openly(norms, place) for place in range(max(start, at - OPEN_REACH), at)):
            return False
        led = before in self._leads and before not in ("nog", "even", "wacht", "verder", "want", "precies")
        if led or self._ends_in_subject(norms, start, at) or self._behind_exclamation(norms, start, at):
            return True
        if before in self._inverted_after:
            return False
        if following in self._nominative:
            return True
        # "die folder is die", "met jansen is mijn recept er al", not "de dokter wil u zien": a noun with its article.
        noun = norms[at - 2] if at - 2 >= start else ""
        named = noun in self._prefixes and all(norm in self._leads for norm in norms[start : at - 2])
        taken_up = named or self._resumes(norms, at, end, noun) or self._told_in_front(norms, start, at)
        return taken_up or noun not in self._determiners | self._prefixes
