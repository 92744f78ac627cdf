"""The words on the pages, by language: `texts/nl.toml` and `texts/en.toml` have the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from belscore.packaged import packaged_toml
from belscore.scorecard import Language

LANGUAGES: tuple[Language, ...] = ("nl", "en")


class Texts:
    """Looks texts up by section and name: `texts("practise.title")`, with what goes into them by name."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._tables = packaged_toml(__package__, "texts", f"{language}.toml")

    def __call__(self, key: str, **values: object) -> str:
        """A text. KeyError when there is none of this key: a page never shows a key."""
        section, _, name = key.partition(".")
        text = self._tables[section][name]
        return str(text.format(**values)) if values else str(text)

    def section(self, name: str) -> Mapping[str, Any]:
        """A whole section, for a script of the page."""
        table: Mapping[str, Any] = self._tables[name]
        return table

    def of(self, section: str, key: str) -> str:
        """The text of a value such as a verdict or a state; the value itself when there is none."""
        return str(self._tables[section].get(key, key))
