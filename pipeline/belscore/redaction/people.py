"""Names of callers and of third parties. Words: `namen.toml` and `privacy.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from belscore.language.name_words import INITIALS, SAME_NAME, NameSpan, name_similarity
from belscore.language.tokens import Utterance
from belscore.redaction.found import Found
from belscore.redaction.heard import Heard, vocabulary
from belscore.redaction.own_names import own_names

if TYPE_CHECKING:
    from belscore.profile import Profile

# "mijn dochter, Lisa": the name stands within so many words behind the relative.
_KIN_REACH = 3
_GENITIVES = ("", "s", "'s")
# Names of fewer letters sound like too many words.
_MIN_SOUND_LETTERS = 4
_STAFF_REACH = 2


class PeopleFinder:
    """Finds names in one call: where one is given, and then wherever its words are said again."""

    def __init__(self, heard: Heard, profile: Profile | None, taken: frozenset[tuple[int, int]]) -> None:
        """taken : (turn, token) of what others found, such as a name in an e-mail address"""
        self._heard, self._taken = heard, taken
        self._view = heard.view
        self._words = heard.view.knowledge.names.words
        self._firsts = heard.words("people") - heard.lexicon.idle
        self._doubtful = heard.words("people", "ambiguous")
        self._staff = heard.words("people", "staff")
        self._kin = heard.words("people", "relatives") | heard.lexicon.words("namen", "relation")
        self._behind = heard.words("people", "behind")
        self._starts = heard.lexicon.words("namen", "infix_starts")
        self._not_names = self._words.not_names | heard.words("people", "never")
        self._word_names = heard.lexicon.words("namen", "word_names")
        self._own, self._practice = own_names(heard, profile)

    def find(self, spelled: frozenset[str] = frozenset()) -> list[Found]:
        """spelled : what was spelled in the call: the name itself is most often said beside it"""
        given: dict[tuple[int, int], int] = {}
        for utterance in self._heard.utterances:
            for start, end in self._given(utterance):
                self._add(given, utterance, start, end)
        known = self._known(given) | spelled
        for utterance in self._heard.utterances:
            own = [(start, end) for (turn, start), end in given.items() if turn == utterance.index]
            covered = {at for start, end in own for at in range(start, end)}
            for start, end in self._again(utterance, known, covered):
                self._add(given, utterance, start, end)
        return [self._found(self._heard.utterances[turn], start, end) for (turn, start), end in sorted(given.items())]

    def beside(self, births: Sequence[Found]) -> list[Found]:
        """`Mulder, 17-06-1964`: what opens the turn of a date of birth and stands right in front of it."""
        found: list[Found] = []
        for birth in births:
            utterance = self._heard.utterances[birth.turn]
            read = self._read(utterance, 0) if birth.start else None
            if utterance.role != "caller" or read is None or not utterance.tokens[read.end - 1].capital:
                continue
            between = utterance.norms[read.end : birth.start]
            if read.words[0] not in self._not_names and all(norm in self._heard.words("chain") for norm in between):
                given: dict[tuple[int, int], int] = {}
                self._add(given, utterance, read.start, read.end)
                found += [self._found(utterance, start, end) for (_, start), end in given.items()]
        return found

    def _found(self, utterance: Utterance, start: int, end: int) -> Found:
        telling = [norm for norm in utterance.norms[start:end] if norm not in self._words.infixes]
        text = " ".join(telling or utterance.norms[start:end])
        return Found("name", utterance.index, start, end, text, text)

    def _add(self, given: dict[tuple[int, int], int], utterance: Utterance, start: int, end: int) -> None:
        start, end = self._bare(utterance, self._name_start(utterance, start), end)
        while start < end and (utterance.index, start) in self._taken:
            start += 1
        cut = next((at for at in range(start, end) if (utterance.index, at) in self._taken), end)
        while cut < end and start < cut and utterance.norms[cut - 1] in self._words.infixes:
            cut -= 1  # "Schouten van de Beatrixlaan"
        end = cut
        if start >= end:
            return
        telling = frozenset(utterance.norms[start:end]) - self._words.infixes
        first = next((norm for norm in utterance.norms[start:end] if norm in telling), "")
        ours = telling <= self._own or (utterance.role != "caller" and first in self._own)
        ours = ours or (telling <= self._own | self._practice and not self._is_persons(utterance, start))
        if (telling and ours) or self._is_staff(utterance, start):
            return
        for (turn, low), high in list(given.items()):
            if turn == utterance.index and low < end and start < high:
                start, end = min(start, low), max(end, high)
                del given[turn, low]
        given[utterance.index, start] = end

    def _is_persons(self, utterance: Utterance, start: int) -> bool:
        """Behind a title, or given as the caller's: in the practice De Vries `mevrouw De Vries` is a caller."""
        titled = start > 0 and utterance.norms[start - 1] in self._words.titles
        given = (each for each in self._view.caller_names if each.utterance.index == utterance.index)
        return titled or any(each.start <= start < each.end for each in given)

    def _name_start(self, utterance: Utterance, start: int) -> int:
        """Where the name begins that has a surname at `start`: `Toon van Gestel`, `Van Gestel`."""
        norms, tokens = utterance.norms, utterance.tokens
        low = start
        while low and norms[low - 1] in self._words.infixes - self._words.places and not tokens[low - 1].after:
            low -= 1
        small = [at for at in range(low, start) if not tokens[at].capital]
        if low and not tokens[low - 1].after:
            first = tokens[low - 1]
            named = first.norm in self._firsts or utterance.sentence_of(start)[0] < low - 1
            if first.capital and named and len(first.norm) > 1 and first.norm not in self._not_names | self._staff:
                return low - 1 if first.norm not in self._words.titles | self._own else low
            if not self._heard.written and first.norm in self._firsts - self._doubtful:
                return low - 1
        # "de Jansen" and "van jayden" are no names, "De Jansen" and "van vugt" are
        plain = norms[start] in self._firsts if not self._heard.written else bool(small)
        return start if plain else low

    def _bare(self, utterance: Utterance, start: int, end: int) -> tuple[int, int]:
        """The name without title and hesitation in front, and without what is no name behind it."""
        lead = self._words.titles | self._heard.lexicon.fillers
        norms, tokens = utterance.norms, utterance.tokens
        while start < end and self._leads(norms[start : start + 2], lead):
            start += 1
        if self._heard.written and any(tokens[at].capital for at in range(start, end)):
            while end > start and not tokens[end - 1].capital:
                end -= 1
        elif not self._heard.written:
            end = self._without_words(utterance, start, end)
        return start, self._without_place(utterance, start, end)

    def _without_place(self, utterance: Utterance, start: int, end: int) -> int:
        """Where a name ends that a place follows: `Toon van Gestel uit Oirschot`, not `Jan in 't Veld`."""
        norms = utterance.norms
        for at in range(start + 1, end - 1):
            behind = norms[at - 1] not in self._words.infixes and norms[at + 1] not in self._words.infixes
            if norms[at] in self._words.places and behind:
                return at
        return end

    def _leads(self, norms: Sequence[str], lead: frozenset[str]) -> bool:
        """A title, or `de` in front of `heer`."""
        return norms[0] in lead or (norms[0] in self._words.infixes and len(norms) > 1 and norms[1] in lead)

    def _without_words(self, utterance: Utterance, start: int, end: int) -> int:
        """Where a name written small ends: not behind a word that is known as one."""
        norms = utterance.norms
        first = next((at for at in range(start, end) if norms[at] not in self._words.infixes), end)
        for at in range(first + 1, end):
            known = norms[at] in vocabulary() and norms[at] not in self._word_names
            first_name = norms[at - 1] in self._firsts | self._words.infixes
            if known and norms[at] not in self._words.infixes and not first_name:
                return at - sum(norms[place] in self._words.infixes for place in range(first + 1, at))
        return end

    def _is_staff(self, utterance: Utterance, start: int) -> bool:
        """`dokter Jansen`, `mijn collega Petra`, `tandartspraktijk De Vries`."""
        while start and utterance.norms[start - 1] in self._words.infixes | self._words.titles:
            start -= 1
        before = utterance.norms[max(0, start - 1) : start]
        return any(norm in self._staff or self._words.is_organisation(norm) for norm in before)

    # Where names are given

    def _given(self, utterance: Utterance) -> Iterator[tuple[int, int]]:
        for name in self._view.caller_names:
            if name.utterance.index == utterance.index:
                yield name.start, name.end
        for mention in self._view.mentions:
            if mention.utterance.index == utterance.index:
                yield mention.start, mention.end
        for span in self._words.titled(utterance, cased=self._view.cased):
            yield span.start, span.end
        yield from self._of_infixes(utterance)
        yield from self._of_kin(utterance)
        yield from self._answers(utterance)
        yield from self._first_names(utterance)
        yield from self._introduced(utterance)
        yield from self._with_initial(utterance)

    def _of_infixes(self, utterance: Utterance) -> Iterator[tuple[int, int]]:
        """`mevrouw De Groot`, `met Klein`: names that are made of what stands inside others."""
        norms, tokens = utterance.norms, utterance.tokens
        leads = self._words.titles | self._heard.lexicon.words("namen", "with") | self._heard.words("mail", "leads")
        for at, norm in enumerate(norms):
            if norm not in self._words.infixes - self._starts - self._words.places or not tokens[at].capital:
                continue
            start = at - (at > 0 and norms[at - 1] in self._starts and tokens[at - 1].capital)
            alone = at + 1 == len(norms) or tokens[at].after or not tokens[at + 1].capital
            if alone and ((start == 0 and start < at) or (start and norms[start - 1] in leads)):
                yield start, at + 1

    def _with_initial(self, utterance: Utterance) -> Iterator[tuple[int, int]]:
        """`D. van Loon`."""
        for at, token in enumerate(utterance.tokens[:-1]):
            if not (token.capital and token.after == "." and len(token.norm) == 1):
                continue
            read = self._read(utterance, at)
            if read is None or read.words[0] in self._not_names:
                continue
            if utterance.tokens[read.end - 1].capital:
                yield read.start, read.end

    def _introduced(self, utterance: Utterance) -> Iterator[tuple[int, int]]:
        """`mijn naam is ...`, `de naam is ...` of anybody, in any turn but the practice's own."""
        if utterance.role != "caller":
            return
        for match in self._view.finder.find(self._heard.lexicon.list("namen", "cues"), utterance):
            if match.cost == 0:
                read = self._read(utterance, match.end)
                if read is not None:
                    yield read.start, read.end

    def _read(self, utterance: Utterance, at: int) -> NameSpan | None:
        return self._words.read_name(utterance.tokens, at, cased=self._view.cased or self._heard.written)

    def _of_kin(self, utterance: Utterance) -> Iterator[tuple[int, int]]:
        """`mijn dochter Lisa`, `mijn man, Piet`, `de moeder van Pim`, `namens meneer Dijkstra`, `hij heet Daan`."""
        norms, tokens = utterance.norms, utterance.tokens
        for at, norm in enumerate(norms):
            if norm in self._behind:
                read = self._read(utterance, at + 1)
                if read is not None and (self._is_named(utterance, read) or self._is_first(read)):
                    yield read.start, read.end
            if norm not in self._kin:
                continue
            for place in range(at + 1, min(at + 1 + _KIN_REACH, len(norms))):
                read = self._read(utterance, place)
                if read is not None and (self._is_first(read) or self._is_named(utterance, read)):
                    if norm in self._staff and not self._is_first(read):
                        break
                    yield read.start, read.end
                    break
                if tokens[place].after in (".", "?", "!"):
                    break

    def _is_first(self, read: NameSpan) -> bool:
        """A first name that is known as one."""
        return read.words[0] in self._firsts

    def _is_named(self, utterance: Utterance, read: NameSpan) -> bool:
        """Written with a capital inside a sentence."""
        tokens = utterance.tokens[read.start : read.end]
        opens = read.start == utterance.sentence_of(read.start)[0]
        particles = self._words.infixes | self._words.titles
        return not opens and all(token.capital or token.norm in particles for token in tokens)

    def _answers(self, utterance: Utterance) -> Iterator[tuple[int, int]]:
        """What is said to a question for a name, of whoever: `Hasan Özdemir`."""
        if utterance.role != "caller" or not self._asks_name(utterance):
            return
        at = 0
        leads = self._heard.words("chain") | self._kin
        for table in ("answer_leads", "before", "of_third"):
            leads |= self._heard.lexicon.words("namen", table)
        while at < len(utterance.norms) and utterance.norms[at] in leads and utterance.norms[at] not in self._starts:
            at += 1
        read = self._read(utterance, at) if at < len(utterance.norms) else None
        if read is not None:
            closes = read.end == len(utterance.norms) or bool(utterance.tokens[read.end - 1].after)
            if closes or self._is_first(read):
                yield read.start, read.end
        yield from self._initials(utterance)

    def _asks_name(self, utterance: Utterance) -> bool:
        before = next((each for each in self._heard.before(utterance) if each.role == "agent"), None)
        if before is None:
            return False
        asks = self._view.knowledge.names.callers.asks_name(before)
        return asks or self._heard.says("people", before, "asks_who")

    def _initials(self, utterance: Utterance) -> Iterator[tuple[int, int]]:
        """`H. J.` behind a question for them."""
        for at, (norm, token) in enumerate(zip(utterance.norms, utterance.tokens, strict=True)):
            if token.capital and (len(norm) == 1 or INITIALS.fullmatch(norm)) and norm not in self._words.no_initials:
                yield at, at + 1

    def _first_names(self, utterance: Utterance) -> Iterator[tuple[int, int]]:
        """A known first name with a capital, inside a sentence or in front of a surname, and what follows of it."""
        if not self._heard.written:
            return
        for at, token in enumerate(utterance.tokens):
            if token.norm not in self._firsts or not token.capital:
                continue
            read = self._read(utterance, at)
            if read is None:
                read = NameSpan(at, at + 1, (token.norm,))
            alone = len(read.words) == 1
            opens = at == utterance.sentence_of(at)[0]
            if alone and opens and (token.norm in self._doubtful or utterance.role != "caller"):
                continue
            if alone and utterance.role != "caller" and read.words[0] in self._own:
                continue
            if self._is_colleague(utterance, read) or self._is_famous(utterance, read):
                continue
            yield read.start, read.end

    def _is_famous(self, utterance: Utterance, read: NameSpan) -> bool:
        """`Albert Heijn`."""
        cues = self._heard.cues("people", utterance, "famous")
        return any(match.start < read.end and read.start < match.end for match in cues)

    def _is_colleague(self, utterance: Utterance, read: NameSpan) -> bool:
        """One of the practice's own, as the agent speaks of them: `Marieke van de balie`, `aan mijn collega Sanne`."""
        if utterance.role == "caller":
            return False
        near = utterance.norms[max(0, read.start - _STAFF_REACH) : read.end + 2 + _STAFF_REACH]
        return any(norm in self._staff or self._words.is_organisation(norm) for norm in near)

    # Where they are said again

    def _known(self, given: dict[tuple[int, int], int]) -> frozenset[str]:
        words = frozenset[str]().union(*(self._telling(turn, start, end) for (turn, start), end in given.items()))
        telling = {word for word in words if not self._words.is_particle(word) and len(word) > 1}
        return frozenset(telling - self._own)

    def _telling(self, turn: int, start: int, end: int) -> Iterator[str]:
        """Of a name the words it is known by; written small, what follows the first may be no name any more."""
        norms = self._heard.utterances[turn].norms[start:end]
        before = ""
        for norm in norms:
            if self._words.is_particle(norm):
                continue
            if before and not self._heard.written and before not in self._firsts:
                return
            yield norm
            before = norm

    def _again(self, utterance: Utterance, known: frozenset[str], covered: set[int]) -> Iterator[tuple[int, int]]:
        forms = frozenset(word + end for word in known for end in _GENITIVES)
        for at, token in enumerate(utterance.tokens):
            if at in covered or not self._is_said(token.norm, token.capital, known, forms):
                continue
            start = at
            while start and utterance.norms[start - 1] in self._words.infixes and utterance.tokens[start - 1].capital:
                start -= 1
            yield start, at + 1

    def _is_said(self, norm: str, capital: bool, known: frozenset[str], forms: frozenset[str]) -> bool:
        common = norm in self._word_names or norm in self._not_names
        if norm in forms:
            return capital or (not self._heard.written and not common) or (not common and not self._view.cased)
        if len(norm) < _MIN_SOUND_LETTERS or common or not capital:
            return False
        return any(name_similarity(norm, word) >= SAME_NAME for word in known if len(word) >= _MIN_SOUND_LETTERS)
