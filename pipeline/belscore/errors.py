"""The one error family: every message says what, where and what to do."""

from __future__ import annotations

from belscore.visible import visible

EXIT_OK = 0
EXIT_FELL_SHORT = 1
EXIT_BAD_INPUT = 2
EXIT_SOME_FAILED = 3


class BelscoreError(Exception):
    """An error the user can act on, printed as one line: `where: what; do`.

    what  : what is wrong
    where : file, line, rule or option; empty when there is none
    do    : what to do about it; empty when the message says so already
    """

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        self.what = what
        self.where = where
        self.do = do
        super().__init__(str(self))

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        line = f"{line}; {self.do}" if self.do else line
        return visible(" ".join(line.split()))


class AudioError(BelscoreError):
    """The file is no recording that can be decoded, or holds nothing to score."""


class NotationError(BelscoreError):
    """A `.call` file or call JSON does not follow its format."""


class RuleError(BelscoreError):
    """A rule file, lexicon or profile is not valid."""


class ModelError(BelscoreError):
    """A model is missing, damaged or cannot be fetched."""
