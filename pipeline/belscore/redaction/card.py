"""The texts of a scorecard with placeholders where they quote what was taken out of the call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from belscore.language.tokens import fold
from belscore.redaction.heard import knowledge
from belscore.redaction.transcript import Part, Redacted
from belscore.scorecard import CallLog, Evidence, Finding, LedgerEntry, Measured, QuestionFinding, Scorecard

_TOKEN = re.compile(r"\w+")
_QUOTED = re.compile(r'"([^"]*)"')
# So long a number or name of a street is no other word of a text.
_TELLING_DIGITS = 4
_TELLING_LETTERS = 6
_MIN_NAME_LETTERS = 2
# The words of a promise were said within so long of its beginning.
NEAR_S = 20.0


class _Said(NamedTuple):
    """A part with its words as tokens, folded."""

    part: Part
    tokens: tuple[str, ...]


class Rewriter:
    """Finds the words that were taken out in texts that quote the call."""

    def __init__(self, redacted: Redacted) -> None:
        self._said = [_Said(part, tuple(_tokens(" ".join(part.words)))) for part in redacted.parts]
        self._written = any(
            word.text[:1].isupper() for turn in redacted.call.turns for word in turn.words[1:] if len(word.text) > 1
        )
        names = knowledge().names.words
        self._particles = names.infixes | names.titles
        self._common = names.not_names | knowledge().lexicon.words("namen", "word_names")

    def text(self, text: str) -> str:
        """A text made for this call: what it quotes is not known by time."""
        return self._replaced(text, self._said, whole=False)

    def near(self, text: str, start_s: float) -> str:
        """A text made of what was said from a time on."""
        near = [each for each in self._said if 0 <= each.part.span.end_s - start_s <= NEAR_S]
        return self.text(self._replaced(text, near, whole=True))

    def name(self, text: str) -> str:
        """A text that is a name."""
        return self._replaced(text, [each for each in self._said if each.part.span.kind == "name"], whole=True)

    def quote(self, evidence: Evidence) -> Evidence:
        """Evidence quotes what was said at its time."""
        said = self._said_in([evidence])
        return replace(evidence, quote=self.text(self._replaced(evidence.quote, said, whole=True)))

    def feedback(self, text: str, evidence: Sequence[Evidence]) -> str:
        """A text about what was said at those times, which it may quote between marks."""
        said = self._said_in(evidence)
        told = _QUOTED.sub(lambda quoted: f'"{self._replaced(quoted[1], said, whole=True)}"', text)
        return self.text(told)

    def _said_in(self, evidence: Sequence[Evidence]) -> list[_Said]:
        return [
            each
            for each in self._said
            if any(
                each.part.span.role == one.role
                and each.part.span.start_s < one.end_s
                and one.start_s < each.part.span.end_s
                for one in evidence
            )
        ]

    def _replaced(self, text: str, said: Sequence[_Said], *, whole: bool) -> str:
        """whole : a part that is there whole counts, however short, and so do its words at the edges of the text"""
        if not said or not text:
            return text
        found = list(_TOKEN.finditer(text))
        norms = [fold(match[0]) for match in found]
        result: list[str] = []
        at = done = 0
        while at < len(found):
            size, part = self._longest(norms, at, said)
            if part is None or not self._counts(text, found[at : at + size], norms[at : at + size], part, whole=whole):
                at += 1
                continue
            result += [text[done : found[at].start()], part.part.placeholder]
            done = found[at + size - 1].end()
            at += size
        return _joined("".join([*result, text[done:]]))

    def _longest(self, norms: Sequence[str], at: int, said: Sequence[_Said]) -> tuple[int, _Said | None]:
        best: tuple[int, _Said | None] = (0, None)
        for each in said:
            for start, token in enumerate(each.tokens):
                if token != norms[at]:
                    continue
                size = 1
                while norms[at + size : at + size + 1] == list(each.tokens[start + size : start + size + 1]) != []:
                    size += 1
                if size > best[0]:
                    best = (size, each)
        return best

    def _counts(
        self, text: str, found: Sequence[re.Match[str]], norms: Sequence[str], said: _Said, *, whole: bool
    ) -> bool:
        """Whether these words of a text are those that were taken out, and not the same by chance."""
        is_all = len(norms) == len(said.tokens)
        if whole and (is_all or found[0].start() == 0 or found[-1].end() >= len(text.rstrip(".,?!"))):
            return True
        if said.part.span.kind == "name":
            telling = [
                match
                for match, norm in zip(found, norms, strict=True)
                if len(norm) >= _MIN_NAME_LETTERS and norm not in self._particles
            ]
            if any(match[0][:1].isupper() for match in telling):
                return True
            if not telling:
                return is_all and len(norms) > 1 and all(match[0][:1].isupper() for match in found)
            return not self._written and (len(norms) > 1 or norms[0] not in self._common)
        if is_all and len(norms) > 1:
            return True
        if any(len(norm) >= _TELLING_DIGITS and norm.isdigit() for norm in norms):
            return True
        if said.part.span.kind in ("address", "email"):
            return any(len(norm) >= _TELLING_LETTERS and not norm.isdigit() for norm in norms)
        return len(norms) > 1


def _tokens(text: str) -> list[str]:
    return [fold(match[0]) for match in _TOKEN.finditer(text)]


def _joined(text: str) -> str:
    """`[naam] [naam]`, of a name that was quoted in pieces, is one."""
    return re.sub(r"(\[[^\[\]]+\])(?: \1)+", r"\1", text)


def redact_card(card: Scorecard, redacted: Redacted) -> Scorecard:
    """The scorecard with the verdicts it has and placeholders in its texts."""
    if not redacted.parts:
        return card
    rewriter = Rewriter(redacted)
    log = card.log
    return replace(
        card,
        findings=tuple(_finding(each, rewriter) for each in card.findings),
        ledger=tuple(_entry(each, rewriter) for each in card.ledger),
        questions=tuple(_question(each, rewriter) for each in card.questions),
        remarks=tuple(rewriter.text(each) for each in card.remarks),
        log=CallLog(
            rewriter.name(log.caller_name) if log.caller_name is not None else None,
            rewriter.text(log.question) if log.question is not None else None,
            log.number_given,
        ),
    )


def _quotes(evidence: Iterable[Evidence], rewriter: Rewriter) -> tuple[Evidence, ...]:
    return tuple(rewriter.quote(each) for each in evidence)


def _finding(finding: Finding, rewriter: Rewriter) -> Finding:
    measured = finding.measured
    return replace(
        finding,
        feedback=rewriter.feedback(finding.feedback, finding.evidence),
        reason=rewriter.feedback(finding.reason, finding.evidence) if finding.reason is not None else None,
        evidence=_quotes(finding.evidence, rewriter),
        measured=Measured(measured.value, measured.unit, rewriter.text(measured.limit)) if measured else None,
        say_instead=rewriter.feedback(finding.say_instead, finding.evidence),
        would_pass=rewriter.feedback(finding.would_pass, finding.evidence),
    )


def _entry(entry: LedgerEntry, rewriter: Rewriter) -> LedgerEntry:
    return replace(
        entry,
        what=rewriter.near(entry.what, entry.start_s),
        about=rewriter.text(entry.about),
        whom=rewriter.text(entry.whom) if entry.whom is not None else None,
        due=rewriter.text(entry.due) if entry.due is not None else None,
    )


def _question(question: QuestionFinding, rewriter: Rewriter) -> QuestionFinding:
    reason = rewriter.text(question.reason) if question.reason is not None else None
    return replace(question, reason=reason, evidence=_quotes(question.evidence, rewriter))
