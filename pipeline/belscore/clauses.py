"""What stands in front of a verb: a whole clause, behind which the verb asks, or the first part of a statement."""

from __future__ import annotations

from collections.abc import Sequence

from belscore.question_words import QuestionWords

# A verb outside the inventory is taken for one when it looks like one and a subject follows: "straalt het uit".
VERB_LETTERS = (4, 9)

# "dan hoor ik een piep en is het afgelopen": between the head of the clause in front and the verb lie at least these.
CARRIED_WORDS = 3

# "wat ik kan doen is": between the head of a free relative and the verb behind it lie at least these.
RELATIVE_WORDS = 3

# "wat naar voor u en uw oude moeder": so many words behind "wat" and the verb that asks may stand.
EXCLAIMED_WORDS = 7

# "die krijgt hem ook | kan zij dan meekomen": so far back the verb of the clause in front is looked for.
CLOSED_WORDS = 5


class Clauses:
    """Reads the words in front of verb + subject where no marks part the clauses."""

    def __init__(self, words: QuestionWords) -> None:
        self._words = words
        pronouns = words.told_of | words.hearers | words.nominative | words.determiners
        # "daar", "hier": behind a verb its subject, or the first word of the next clause
        self._places = (words.subjects & words.inverted_after) - pronouns

    def is_verb(self, norm: str, following: str) -> bool:
        if norm in self._words.verbs:
            return True
        likely = VERB_LETTERS[0] <= len(norm) <= VERB_LETTERS[1] and norm.endswith("t") and norm not in self._words.idle
        return likely and following in self._words.third_person

    def is_plural(self, norm: str, following: str) -> bool:
        """Behind a question word: `sinds wanneer zakken ze`."""
        return VERB_LETTERS[0] < len(norm) and norm.endswith("en") and following in self._words.plural_or_she

    def is_finite(self, norm: str) -> bool:
        """By its form a verb of one person: `komen` may be an infinitive."""
        return norm in self._words.verbs and (not norm.endswith("n") or norm in self._words.own_singular)

    def carries_on(self, norms: Sequence[str], start: int, at: int, *, of_caller: bool = False) -> bool:
        """`dan hoor ik een piep en is het afgelopen`: the second verb stands turned round for the first one's sake.

        of_caller : what the caller has is asked behind what was told of something else: `dat zie ik en heeft u nog ...`
        """
        asks = of_caller and norms[at + 1] in self._words.callers
        return any(
            norms[place] in self._words.carrying
            and norms[place + 2] in self._words.carried_for
            and not (asks and norms[place] in self._words.demonstratives)
            for place in range(start, at - CARRIED_WORDS)
        )

    def orders_behind(self, norms: Sequence[str], at: int, end: int) -> bool:
        """`blijft het bloeden | belt u dan meteen`: a clause that opens with its verb puts a case, an order follows."""
        return any(
            norms[place] in self._words.acts
            and norms[place + 1] in self._words.callers
            and norms[place + 2] in self._words.so
            for place in range(at + 2, end - 2)
        )

    def behind_free_relative(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`wat ik voor u kan doen | is het recept klaarzetten`: the clause in front is what the verb tells of."""
        if norms[at - 1] in self._words.inverted_after or norms[at - 1] in self._words.leads:
            return False
        heads = (place for place in range(start, at - RELATIVE_WORDS) if norms[place] in self._words.open)
        return any(
            norms[place + 1] in self._words.speakers
            and not self._words.modals.isdisjoint(norms[place:at])
            and norms[place - 1 : place]
            not in {(subject,) for subject in self._words.subjects}  # "weet u wat ik bedoel"
            for place in heads
        )

    def goes_on(self, norms: Sequence[str], at: int, end: int) -> bool:
        """`dat u pijn hebt | daar wil ik iets aan doen`: what stands behind the verb opens a clause of its own."""
        if at + 3 >= end or norms[at + 1] not in self._places:
            return False
        return self.is_verb(norms[at + 2], norms[at + 3]) and norms[at + 3] in self._words.subjects

    def resumes(self, norms: Sequence[str], at: int, end: int, noun: str) -> bool:
        """`die folder is die al klaar`, `die voor het hart zijn die er nog`: what stood in front is taken up."""
        if norms[at + 1] not in self._words.demonstratives:
            return False
        return noun == norms[at + 1] or (
            norms[at] in self._words.resuming and noun not in self._words.indefinite and at + 2 < end
        )

    def asks_openly(self, norms: Sequence[str], at: int) -> bool:
        """`wat`, but not in `wat een pech`."""
        return norms[at] in self._words.open and norms[at + 1] not in self._words.exclamations

    def ends_in_subject(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`dat snap ik | mag ik dan douchen`, `dank u | is het links`: the clause in front is turned round and done."""
        if self.says_whole(norms, start, at):
            return True
        turned = at - start > 2 and norms[at - 3] in self._words.demonstratives
        return turned and norms[at - 1] in self._words.nominative and norms[at] in self._words.modals

    def says_whole(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`dank u`, `graag gedaan`, `dat is waar`: the words in front of token `at` are a whole saying."""
        return any(norms[max(start, at - len(done)) : at] == done for done in self._words.done)

    def told_in_front(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`dat is geen pretje | hebt u er ook pijn bij`: the clause in front has its subject and its verb."""
        asks = norms[at] in self._words.modals and norms[at + 1] in self._words.demonstratives  # "mag dat"
        if not self.is_finite(norms[at]) or not (norms[at + 1] in self._words.hearers or asks):
            return False
        joined = norms[at - 3 : at - 2]
        if joined and joined[0] in self._words.joins and norms[at - 2] in self._words.determiners:
            return False  # "want de zere zit er nog"
        heads = (place for place in range(start, at - 2) if norms[place] in self._words.tellers)
        kept = (
            place
            for place in heads
            if place == start or norms[place - 1] not in self._words.inverted_after | self._words.verbs
        )
        return any(self.is_verb(norms[place + 1], "u") for place in kept)

    def behind_whole_clause(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`die slaapt even | kan ik iets doorgeven`: the word in front ends a clause with subject and verb."""
        if norms[at - 1] not in self._words.closing:
            return False
        if norms[at] not in self._words.modals:
            return self.told_in_front(norms, start, at)
        front = range(max(start + 1, at - CLOSED_WORDS), at - 1)
        heads = [place for place in front if self.is_finite(norms[place]) or self.is_verb(norms[place], "u")]
        return any(self._is_subject(norms, start, place) for place in heads)

    def _is_subject(self, norms: Sequence[str], start: int, verb: int) -> bool:
        """In front of the verb stands a pronoun, or a noun with its article, and no word that opens a side clause."""
        noun = verb - 2 >= start and norms[verb - 2] in self._words.determiners
        head = verb - 2 if noun else verb - 1
        return (noun or norms[head] in self._words.told_of) and norms[head - 1 : head] not in self._words.openers

    def behind_object(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`mijn vrouw heeft zo'n brief | mag die weg`: the noun in front is the object of the verb before it."""
        verbs = (place for place in (at - 3, at - 4) if place > start)
        known = norms[at] in self._words.modals and norms[at + 1] in self._words.demonstratives
        return known and any(norms[place] in self._words.having for place in verbs)

    def behind_exclamation(self, norms: Sequence[str], start: int, at: int) -> bool:
        """`wat naar voor haar | zijn er ook blaasjes`, `wat een pech | brandt er een lampje`."""
        if norms[at - 1] in self._words.inverted_after and norms[at - 2] not in self._words.prefixes:
            return False  # "wat naar voor u dan | kunt u", not "wat naar voor u | hebt u"
        for place in range(max(start + 1, at - EXCLAIMED_WORDS), at - 1):
            exclaimed = norms[place] in self._words.exclamations and norms[place - 1] in self._words.open
            if exclaimed and (norms[place + 1] in self._words.prefixes or norms[place] in self._words.determiners):
                return True
        return False
