"""Postcodes, streets with house numbers, and boxes. Words: `privacy.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from belscore.language.tokens import Utterance
from belscore.redaction.digits import DigitReader, Piece, Run
from belscore.redaction.found import Found
from belscore.redaction.heard import PRIVACY, Heard

_POSTCODE = re.compile(r"[1-9]\d{3}[a-z]{2}")
_POSTCODE_DIGITS = re.compile(r"[1-9]\d{3}")
_HOUSE = re.compile(r"\d{1,5}([a-z]{1,3}|-?(\d{1,4}|[a-z]{1,3})|[-/]\w{1,4})?")
_POSTCODE_LETTERS = 2
_MAX_HOUSE_DIGITS = 5
# A house number and a postcode; more is a telephone number.
_MAX_RUN_DIGITS = 9
# Letters of a postcode take at most so many words: "B van Bernard, D van Dirk".
_LETTER_TOKENS = 7
# The house number stands so close behind the postcode: "7776 AB, en dan nummer 14".
_HOUSE_REACH = 4
_NAME_TOKENS = 4
_LEAD_TOKENS = 3
_TURNS = 3


class PlaceFinder:
    """Finds where people live."""

    def __init__(self, heard: Heard, digits: DigitReader) -> None:
        self._heard, self._digits = heard, digits
        street = heard.lexicon.table(PRIVACY, "streets")
        self._sure = tuple(street["sure"])
        self._endings = tuple(street["endings"])
        self._no_streets = frozenset(street["words"])
        self._before = frozenset(street["before"])
        self._additions = frozenset(street["additions"])
        self._openers, self._inside = frozenset(street["openers"]), frozenset(street["inside"])
        self._number_words = {str(street["number_word"]), str(street["house_word"])}
        self._house_word = str(street["house_word"])
        self._lane_of = str(heard.lexicon.table(PRIVACY, "dates")["of"])
        self._boxes = frozenset(street["box"])
        self._letter_names = heard.words("spelling", "letters")
        self._alphabet = heard.words("spelling")
        self._of = frozenset(heard.lexicon.list(PRIVACY, "spelling", "of"))
        self._units = heard.words("units") - {self._lane_of}
        self._not_names = heard.view.knowledge.names.words.not_names
        self._chain = heard.words("chain")

    def find(self) -> list[Found]:
        codes = [found for utterance in self._heard.utterances for found in self._postcodes(utterance)]
        streets = [found for u in self._heard.utterances for found in self._addresses(u) if not self._is_ours(u, found)]
        taken = {(each.turn, at) for each in (*codes, *streets) for at in range(each.start, each.end)}
        houses = [each for each in self._houses(codes) if (each.turn, each.start) not in taken]
        known = [*streets, *houses]
        return [*codes, *known, *self._again(known, taken)]

    # Postcodes

    def _postcodes(self, utterance: Utterance) -> Iterator[Found]:
        cues = self._heard.cues("asks", utterance, "postcode")
        before = self._heard.asked("asks", utterance, "postcode", turns=_TURNS)
        for at, norm in enumerate(utterance.norms):
            if _POSTCODE.fullmatch(norm):
                yield Found("postcode", utterance.index, at, at + 1, norm, norm)
        for run in self._digits.runs(utterance):
            asked = before or any(cue.start < run.start for cue in cues)
            start, end, digits = self._four(run, asked=asked)
            if not digits:
                continue
            letters, stop = self._letters(utterance, end, asked=asked)
            if len(letters) >= (1 if asked else _POSTCODE_LETTERS):
                value = digits + letters[:_POSTCODE_LETTERS]
                yield Found("postcode", utterance.index, start, stop, value, value)
            elif asked and (start, end) == (run.start, run.end) and self._has_no_unit(utterance, end):
                yield Found("postcode", utterance.index, start, end, digits, digits)
                yield from self._letters_later(utterance, digits)

    def _four(self, run: Run, *, asked: bool) -> tuple[int, int, str]:
        """The four digits of a run that can be a postcode's: all of it, the last of it, where asked for the first."""
        sizes = range(1, len(run.pieces))
        parts = [run.pieces, *(run.pieces[size:] for size in sizes), *(run.pieces[:size] for size in sizes if asked)]
        for pieces in parts:
            digits = "".join(piece.digits for piece in pieces)
            if _POSTCODE_DIGITS.fullmatch(digits):
                return pieces[0].start, pieces[-1].end, digits
        return 0, 0, ""

    def _letters(self, utterance: Utterance, at: int, *, asked: bool) -> tuple[str, int]:
        """The letters from token `at` on: `AB`, `B D`, `B van Bernard`, `Cornelis Anton`, `be de`; where they end."""
        letters, end, start = "", at, at
        norms, tokens = utterance.norms, utterance.tokens
        while at < len(norms) and at - start < _LETTER_TOKENS:
            norm, text = norms[at], tokens[at].text
            if (len(norm) == 1 and norm.isalpha() and (asked or text.isupper())) or (
                self._is_pair(utterance, at, asked=asked) and not letters
            ):
                letters += norm
            elif norm in self._of and letters and at + 1 < len(norms) and norms[at + 1][0] in letters:
                at += 1
            elif norm in self._alphabet and (asked or letters):
                letters += "" if letters and norm[0] == letters[-1] and len(letters) == _POSTCODE_LETTERS else norm[0]
            elif asked and norm in self._letter_names and len(letters) < _POSTCODE_LETTERS:
                letters += norm[0]
            else:
                break
            at += 1
            end = at
            if tokens[at - 1].after in (".", "?", "!") and len(letters) >= _POSTCODE_LETTERS:
                break
        return letters, end

    def _is_pair(self, utterance: Utterance, at: int, *, asked: bool) -> bool:
        """`AB`, and `ab` where a postcode was asked for and it is no word."""
        norm, text = utterance.norms[at], utterance.tokens[at].text
        if len(norm) != _POSTCODE_LETTERS or not norm.isalpha():
            return False
        return text.isupper() or (asked and norm not in self._heard.lexicon.idle and norm not in self._letter_names)

    def _letters_later(self, utterance: Utterance, digits: str) -> Iterator[Found]:
        """The letters in a turn of their own: `K L`."""
        for later in self._heard.utterances[utterance.index + 1 : utterance.index + 1 + _TURNS]:
            lead = next((at for at, norm in enumerate(later.norms) if norm not in self._chain or len(norm) == 1), 0)
            if not later.norms:
                continue
            letters, end = self._letters(later, lead, asked=True)
            if len(letters) >= _POSTCODE_LETTERS and end == len(later.norms):
                yield Found("postcode", later.index, lead, end, letters, digits + letters)
                if later.role == utterance.role:
                    return

    def _has_no_unit(self, utterance: Utterance, at: int) -> bool:
        return at >= len(utterance.norms) or utterance.norms[at] not in self._units

    # Streets

    def _addresses(self, utterance: Utterance) -> Iterator[Found]:
        norms = utterance.norms
        told = bool(self._heard.cues("asks", utterance, "address")) or self._heard.asked("asks", utterance, "address")
        at = 0
        while at < len(norms):
            found = self._street(utterance, at, told=told) or self._box(utterance, at)
            if found is None and told:
                found = self._other_name(utterance, at)
            if found is None:
                at += 1
                continue
            yield found
            at = max(found.end, at + 1)

    def _street(self, utterance: Utterance, at: int, *, told: bool) -> Found | None:
        norms = utterance.norms
        norm = norms[at]
        is_lane = norm in self._sure and norms[at + 1 : at + 2] == (self._lane_of,) and utterance.tokens[at].capital
        sure = norm.endswith(self._sure)
        ends = sure or (told and norm.endswith(self._endings))
        named = ends and norm not in self._no_streets and len(norm) > len(self._longest_ending(norm)) + 1
        behind = (
            ends and norm in self._sure and at > 0 and utterance.tokens[at].capital and utterance.tokens[at - 1].capital
        )
        if not (named or is_lane or behind):
            return None
        name_end = at + 1
        if is_lane:
            name_end = self._past_name(utterance, at + 2)
        end = self._house_number(utterance, name_end)
        start = self._name_start(utterance, at)
        told = told or any(norm in self._number_words for norm in norms[max(0, start - _HOUSE_REACH) : start])
        # without a number it says where somebody lives only where that is told
        if end == name_end and not (sure and told and (utterance.tokens[at].capital or not self._heard.written)):
            return None
        text = "".join(norms[start:end])
        return Found("address", utterance.index, start, end, text, text)

    def _longest_ending(self, norm: str) -> str:
        return max((ending for ending in self._endings if norm.endswith(ending)), key=len, default="")

    def _past_name(self, utterance: Utterance, at: int) -> int:
        while at < len(utterance.norms) and (utterance.norms[at] in self._inside or utterance.tokens[at].capital):
            at += 1
            if utterance.tokens[at - 1].after:
                break
        return at

    def _name_start(self, utterance: Utterance, at: int) -> int:
        """`Burgemeester de Vlugtlaan`, `Oude Kerkweg`: where the name of the street begins."""
        start = at
        while start and at - start < _NAME_TOKENS and not utterance.tokens[start - 1].after:
            token = utterance.tokens[start - 1]
            named = token.capital and start - 1 > utterance.sentence_of(at)[0]
            if not (token.norm in self._openers or (named and token.norm not in self._not_names)):
                break
            start -= 1
        while start < at and utterance.norms[start] in self._before and not utterance.tokens[start].capital:
            start += 1
        return start

    def _house_number(self, utterance: Utterance, at: int) -> int:
        """Where the house number behind a street ends; `at` where there is none."""
        norms, tokens = utterance.norms, utterance.tokens
        place = at
        if place and tokens[place - 1].after in (".", "?", "!"):
            return at
        while place < len(norms) and norms[place] in self._number_words | self._heard.lexicon.fillers:
            place += 1
        end = self._number_end(utterance, place)
        if end is None or (
            end < len(norms) and norms[end] in self._units - self._additions and not tokens[end - 1].after
        ):
            return at
        while end < len(norms) and not tokens[end - 1].after:
            if norms[end] in self._additions:
                end += 1
            elif (
                end + 1 < len(norms) and norms[end + 1] in self._additions and self._heard.numbers.cardinal(norms[end])
            ):
                end += 2
            else:
                break
        return end

    def _number_end(self, utterance: Utterance, at: int) -> int | None:
        if at >= len(utterance.norms):
            return None
        run = next((each for each in self._digits.runs(utterance) if each.start <= at < each.end), None)
        if run is not None and (len(run.digits) > _MAX_RUN_DIGITS or run.digits.startswith("0")):
            return None
        if _HOUSE.fullmatch(utterance.norms[at]):
            return at + 1
        piece = self._digits.piece(utterance, at)
        if piece is None or not self._is_house(piece) or utterance.tokens[at].text.lower() == self._article:
            return None
        return piece.end

    @property
    def _article(self) -> str:
        return str(self._heard.lexicon.table("waarden", "clock")["article"])

    def _is_house(self, piece: Piece) -> bool:
        return len(piece.digits) <= _MAX_HOUSE_DIGITS and not piece.digits.startswith("0")

    def _box(self, utterance: Utterance, at: int) -> Found | None:
        if utterance.norms[at] not in self._boxes or at + 1 >= len(utterance.norms):
            return None
        end = self._number_end(utterance, at + 1)
        if end is None:
            return None
        text = "".join(utterance.norms[at:end])
        return Found("address", utterance.index, at, end, text, text)

    def _other_name(self, utterance: Utterance, at: int) -> Found | None:
        """`ik woon aan De Wende 14`: a name with capitals and a number, where somebody tells where they live."""
        tokens = utterance.tokens
        if not tokens[at].capital or at == utterance.sentence_of(at)[0] or not self._heard.written:
            return None
        name_end = self._past_name(utterance, at)
        end = self._house_number(utterance, name_end)
        if end == name_end or tokens[at].norm in self._not_names - self._inside or tokens[name_end - 1].after == ".":
            return None
        text = "".join(utterance.norms[at:end])
        return Found("address", utterance.index, at, end, text, text)

    def _is_ours(self, utterance: Utterance, found: Found) -> bool:
        if utterance.role == "caller":
            return False
        low, high = utterance.sentence_of(found.start)
        return any(low <= match.start < high for match in self._heard.cues("own", utterance))

    # House numbers that stand apart

    def _houses(self, codes: list[Found]) -> Iterator[Found]:
        """Behind a postcode, behind `huisnummer`, and in the answer to a question for it."""
        for utterance in self._heard.utterances:
            own = [code for code in codes if code.turn == utterance.index]
            asked = self._heard.asked("asks", utterance, "house", turns=1) and self._heard.asked(
                "asks", utterance, "postcode", turns=_TURNS
            )
            asked = asked or any(self._house_word in each.norms for each in self._heard.before(utterance, 1))
            for at in range(len(utterance.norms)):
                behind = any(0 <= at - code.end < _HOUSE_REACH for code in own)
                named = self._is_named(utterance, at)
                if not (behind or named or (asked and at not in _covered(own))):
                    continue
                if behind and not self._only_leads(utterance, own, at):
                    continue
                start = at
                end = self._house_number(utterance, at)
                if end > at and self._number_end(utterance, at) is not None:
                    text = "".join(utterance.norms[start:end])
                    yield Found("address", utterance.index, start, end, text, text)

    def _is_named(self, utterance: Utterance, at: int) -> bool:
        """`huisnummer 7`, `ons huisnummer is 88`, `nummer zestien van de Lindelaan`."""
        lead = at - 1
        while lead > 0 and at - lead < _LEAD_TOKENS and utterance.norms[lead] in self._chain:
            lead -= 1
        if lead >= 0 and utterance.norms[lead] == self._house_word:
            return True
        near = utterance.norms[at + 1 : at + 1 + _HOUSE_REACH]
        street = any(norm.endswith(self._sure) and norm not in self._no_streets for norm in near)
        return at > 0 and utterance.norms[at - 1] in self._number_words and street

    def _only_leads(self, utterance: Utterance, codes: list[Found], at: int) -> bool:
        """Nothing but `nummer`, `en`, fillers between the postcode and the number."""
        end = max(code.end for code in codes if code.end <= at)
        lead = self._chain | self._number_words | self._heard.lexicon.fillers
        return all(norm in lead for norm in utterance.norms[end:at])

    def _again(self, known: list[Found], taken: set[tuple[int, int]]) -> Iterator[Found]:
        """The street of a known address, said once more without its number."""
        names = {
            utterance.norms[at]: found
            for found in known
            for utterance in (self._heard.utterances[found.turn],)
            for at in range(found.start, found.end)
            if utterance.norms[at].endswith(self._sure) and utterance.norms[at] not in self._no_streets
        }
        for utterance in self._heard.utterances:
            for at, norm in enumerate(utterance.norms):
                if norm in names and (utterance.index, at) not in taken:
                    yield Found("address", utterance.index, at, at + 1, norm, names[norm].value)


def _covered(codes: list[Found]) -> set[int]:
    return {at for code in codes for at in range(code.start, code.end)}
