"""What stands in for the words that were taken out when a kept call is judged again: made up, word for word.

Rules look at names, numbers and dates: who uses the caller's name, whether a number comes back as it was given, how
fast somebody speaks. With made-up words of the same kind in the same places they see the same.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from belscore.call import Word
from belscore.redaction.digits import DigitReader
from belscore.redaction.found import Found
from belscore.redaction.heard import PRIVACY, Heard, vocabulary
from belscore.redaction.made_up import MadeUpDigits, MadeUpNames
from belscore.redaction.words import places_of_tokens

_WORD = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
_DIGITS = re.compile(r"\d+")
_MIN_STREET_STEM = 3
_LAST_DAY = 31


class StandIns:
    """Makes up words for one call."""

    def __init__(self, heard: Heard, chance: random.Random) -> None:
        self._heard, self._chance = heard, chance
        self._reader = DigitReader(heard)
        said = [norm for utterance in heard.utterances for norm in utterance.norms]
        pool = heard.lexicon.list(PRIVACY, "stand_ins", "names")
        words = heard.view.knowledge.names.words
        self.names = MadeUpNames(chance, pool, words, said, vocabulary())
        self._digits: dict[str, MadeUpDigits] = {}
        self._kept = words.infixes | words.titles | heard.lexicon.fillers | heard.words("streets", "additions")
        self._kept |= heard.words("mail", "at") | heard.words("mail", "dots") | heard.words("mail", "joiners")
        self._kept |= heard.words("mail", "ends") | heard.words("mail", "providers") | heard.words("banks")
        self._kept |= heard.words("spelling", "said_around") | heard.words("chain", "joiners")
        self._endings = heard.lexicon.list(PRIVACY, "streets", "sure")
        self._letters = heard.lexicon.list(PRIVACY, "stand_ins", "letters")
        self._streets = heard.lexicon.list(PRIVACY, "stand_ins", "streets")
        self._alphabet = heard.words("spelling")
        self._months = {str(word): int(month) for word, month in heard.lexicon.table("waarden", "months").items()}
        ordinals = heard.lexicon.table("waarden", "ordinals")
        self._ordinals = {int(value): str(word) for word, value in ordinals.items()}
        self._drawn: dict[tuple[str, object], object] = {}

    def words(self, found: Found, start: int, end: int) -> tuple[Word, ...]:
        """Words start..end of the turn with made-up text, each with its own time and certainty."""
        utterance = self._heard.utterances[found.turn]
        made = self._tokens(found)
        places = places_of_tokens(utterance, self._heard)
        result: list[Word] = []
        for place in range(start, end):
            word = utterance.turn.words[place]
            tokens = [at for at, of in enumerate(places) if of == place]
            changed = any(at in made for at in tokens)
            texts = [made.get(at, utterance.tokens[at].text) for at in tokens]
            result.append(replace(word, text=within(word.text, "-".join(texts)) if changed else word.text))
        return tuple(result)

    def _tokens(self, found: Found) -> dict[int, str]:
        """The made-up text of each token of a stretch; those that stay are not in it."""
        if found.kind == "birth_date":
            return self._date(found)
        utterance = self._heard.utterances[found.turn]
        made = self._numbers(found)
        for at in range(found.start, found.end):
            token = utterance.tokens[at]
            if at in made or token.norm in self._kept:
                continue
            text = self._word(found, token.norm)
            if text != token.norm:
                made[at] = text.upper() if token.text.isupper() else text.capitalize() if token.capital else text
        return made

    def _word(self, found: Found, norm: str) -> str:
        if any(ch.isdigit() for ch in norm) or "@" in norm:
            return self._mixed(found, norm)
        if len(norm) <= 2 and found.kind != "name":
            return "".join(str(self._once("letter", letter, self._letters)) for letter in norm)
        if len(norm) == 1:
            return str(self._once("letter", norm, self._letters)) if norm in self._letters else norm
        if found.kind in ("postcode", "iban") or (norm in self._alphabet and found.kind != "name"):
            return str(self._once("spelled", norm, sorted(self._alphabet)))
        if found.kind == "address":
            return self._street(norm)
        if "-" in norm:  # spelled: "j-a-n"
            return "-".join(str(self._once("letter", letter, self._letters)) for letter in norm.split("-"))
        return self.names.of(norm)

    def _street(self, norm: str) -> str:
        ending = max((each for each in self._endings if norm.endswith(each)), key=len, default="")
        if len(norm) - len(ending) < _MIN_STREET_STEM:
            return norm
        return f"{self._once('street', norm, self._streets)}{ending}"

    def _mixed(self, found: Found, norm: str) -> str:
        """Letters and digits in one word: `45a`, `1174bd`, `nl20ingb0001234567`, `k.devries@ziggo.nl`."""
        if "@" in norm:
            return f"{self._heard.lexicon.table(PRIVACY, 'stand_ins')['word']}@{norm.rpartition('@')[2]}"
        made = self._made(found.kind)
        return _DIGITS.sub(lambda run: made.of(run[0], run[0]), norm)

    def _once(self, what: str, key: object, choices: Sequence[object]) -> object:
        """One choice for each key, another for another as far as there are so many."""
        if (what, key) not in self._drawn:
            used = {value for (of, _), value in self._drawn.items() if of == what}
            free = [each for each in choices if each not in used and each != key] or [*choices]
            self._drawn[what, key] = self._chance.choice(free)
        return self._drawn[what, key]

    # Digits

    def _made(self, kind: str) -> MadeUpDigits:
        return self._digits.setdefault(kind, MadeUpDigits(self._chance))

    def _numbers(self, found: Found) -> dict[int, str]:
        utterance = self._heard.utterances[found.turn]
        pieces = []
        at = found.start
        while at < found.end:
            piece = self._reader.piece(utterance, at)
            if piece is not None and piece.end <= found.end:
                pieces.append(piece)
            at = piece.end if piece is not None else at + 1
        said = "".join(piece.digits for piece in pieces)
        if not said:
            return {}
        value = "" if found.kind == "address" else "".join(ch for ch in found.value if ch.isdigit())
        fake = self._made(found.kind).of(said, value if len(value) >= len(said) else said)
        made: dict[int, str] = {}
        filler = min(self._heard.lexicon.fillers)
        for piece in pieces:
            own, fake = fake[: len(piece.digits)], fake[len(piece.digits) :]
            for place in range(piece.start, piece.end):
                last = place == piece.end - 1
                part, own = (own, "") if last else (own[:1], own[1:])
                made[place] = self._as_written(part, utterance.tokens[place].text) if part else filler
        return made

    def _as_written(self, digits: str, text: str) -> str:
        """Digits the way the word was written: `06-12345678`, `vierendertig`."""
        old = [ch for ch in text if ch.isdigit()]
        if len(old) == len(digits):
            fresh = iter(digits)
            return "".join(next(fresh) if ch.isdigit() else ch for ch in text)
        if old or (digits.startswith("0") and len(digits) > 1) or len(digits) > 3:
            return digits
        said = self._heard.numbers.spell_out(digits).replace(" ", "")
        return said if self._heard.numbers.cardinal(said) == int(digits) else digits

    # Dates

    def _date(self, found: Found) -> dict[int, str]:
        utterance = self._heard.utterances[found.turn]
        return {
            at: text
            for at in range(found.start, found.end)
            if (text := self._date_word(utterance.norms[at])) != utterance.norms[at]
        }

    def _date_word(self, norm: str) -> str:
        if norm in self._months:
            return str(self._once("month", self._months[norm], sorted(self._months)))
        numbers = self._heard.numbers
        ordinal = numbers.ordinal(norm)
        if ordinal is not None:
            return self._ordinals[int(str(self._once("ordinal", ordinal, [*range(1, 13)])))]
        value = numbers.cardinal(norm)
        if value is None:
            return _DIGITS.sub(lambda run: self._date_number(int(run[0]), run[0]), norm)
        return self._date_number(value, norm)

    def _date_number(self, value: int, norm: str) -> str:
        """A day or month, a year of two digits or of four, in the form it was said in; a bare century stays."""
        if value in (0, 19, 20, 1900, 2000):
            return norm
        if value <= _LAST_DAY:
            made = self._once("day", value, [*range(1, 13 if value < 13 else 29)])
        elif value < 100:
            made = self._once("year", value % 100, [*range(32, 100)])
        else:
            made = value // 100 * 100 + int(str(self._once("year", value % 100, [*range(32, 100)])))
        digits = str(made)
        return digits.zfill(len(norm)) if norm.isdigit() else self._as_written(digits, norm)


def within(word: str, text: str) -> str:
    """Text with the punctuation that stands around a word."""
    found = _WORD.match(word)
    assert found is not None
    return f"{found[1]}{text}{found[3]}"
