"""E-mail addresses, written or said: `jan punt jansen apenstaartje gmail punt com`. Words: `privacy.toml`."""

from __future__ import annotations

import re

from belscore.language.tokens import Utterance
from belscore.redaction.digits import DigitReader
from belscore.redaction.found import Found
from belscore.redaction.heard import Heard

_WRITTEN = re.compile(r"([\w.+\-]+)@[\w\-]+(\.[\w\-]+)+")
# An address is at most so many words on either side of the sign.
_MAX_LOCAL, _MAX_DOMAIN = 8, 6
_TURNS = 4


class MailFinder:
    """Finds addresses by the sign in them."""

    def __init__(self, heard: Heard, digits: DigitReader) -> None:
        self._heard, self._digits = heard, digits
        self._at, self._perhaps = heard.words("mail", "at"), heard.words("mail", "at_doubtful")
        self._dots, self._ends = heard.words("mail", "dots"), heard.words("mail", "ends")
        self._joiners, self._before = heard.words("mail", "joiners"), heard.words("mail", "before")
        self._boxes, self._chain = heard.words("own", "mailboxes"), heard.words("chain")
        self._providers = heard.words("mail", "providers")

    def find(self) -> list[Found]:
        found: list[Found] = []
        for utterance in self._heard.utterances:
            for at, norm in enumerate(utterance.norms):
                written = _WRITTEN.fullmatch(norm)
                if written and not (utterance.role == "agent" and written[1] in self._boxes):
                    found.append(Found("email", utterance.index, at, at + 1, norm, norm))
                elif norm in self._at or (norm in self._perhaps and self._has_domain(utterance, at + 1)):
                    found += self._around(utterance, at)
        return found

    def _has_domain(self, utterance: Utterance, at: int) -> bool:
        """`at gmail punt com`."""
        return self._domain_end(utterance, at) is not None

    def _domain_end(self, utterance: Utterance, at: int) -> int | None:
        """Where the domain ends: behind the last `punt nl`."""
        norms, end = utterance.norms, None
        for place in range(at, min(at + _MAX_DOMAIN, len(norms))):
            if norms[place] in self._ends and norms[place - 1] in self._dots and place > at:
                end = place + 1
            elif re.fullmatch(r"[\w\-]+\.(\w+)", norms[place]) and norms[place].rsplit(".", 1)[1] in self._ends:
                return place + 1
        return end

    def _around(self, utterance: Utterance, at: int) -> list[Found]:
        norms = utterance.norms
        end = self._domain_end(utterance, at + 1)
        start = self._start(utterance, at)
        if utterance.role == "agent" and any(norm in self._boxes for norm in norms[start:at]):
            return []
        parts = [(utterance, start, end or min(at + 2, len(norms)))]
        if end is None and at + 1 >= len(norms):
            parts = [(utterance, start, at + 1)]
        if end is None:
            parts += self._later(utterance)
        if start == at:
            parts = [*self._earlier(utterance), *parts]
        whole = "".join("".join(of.norms[low:high]) for of, low, high in parts if of.role == utterance.role)
        return [Found("email", of.index, low, high, "".join(of.norms[low:high]), whole) for of, low, high in parts]

    def _start(self, utterance: Utterance, at: int) -> int:
        """Where the part in front of the sign begins: back to a word that leads to it or the end of a clause."""
        start = at
        while start and at - start < _MAX_LOCAL:
            token = utterance.tokens[start - 1]
            joined = start < at and utterance.norms[start] in self._joiners
            if token.after in (".", "?", "!", ",") and start < at and not joined:
                break
            if token.norm in self._before and not (joined and token.norm not in self._heard.words("mail", "leads")):
                break
            start -= 1
        return start

    def _later(self, utterance: Utterance) -> list[tuple[Utterance, int, int]]:
        """The rest of the address in the next turns of the same speaker."""
        for later in self._heard.utterances[utterance.index + 1 : utterance.index + 1 + _TURNS]:
            if later.role == utterance.role and later.norms:
                end = self._domain_end(later, 0)
                return [] if end is None else [(later, 0, end)]
        return []

    def _earlier(self, utterance: Utterance) -> list[tuple[Utterance, int, int]]:
        """What stands in front of the sign in the turns before it, with what the other said after it."""
        found: list[tuple[Utterance, int, int]] = []
        for before in self._heard.before(utterance, _TURNS):
            if self._heard.says("asks", before, "email") or len(before.norms) > _MAX_LOCAL:
                break
            if all(norm in self._chain for norm in before.norms):
                continue
            found.insert(0, (before, 0, len(before.norms)))
            if before.role == utterance.role:
                break
        return found
