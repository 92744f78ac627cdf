"""The Dutch inventories that several rules share, read from `rules/lexicon/`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from belscore.errors import RuleError
from belscore.language.commonness import Commonness
from belscore.language.tokens import Contractions
from belscore.toml_data import read_fixed

# Files whose lists hold words that only names are made of.
NAME_FILES = ("namen", "privacy")


@dataclass(frozen=True)
class Lexicon:
    """Word lists by file and table: `lexicon.words("namen", "titles")`.

    tables : file stem -> the TOML document
    """

    folder: Path
    tables: Mapping[str, Mapping[str, Any]]
    _sets: dict[tuple[str, str, str], frozenset[str]] = field(
        init=False, compare=False, repr=False, default_factory=dict
    )
    _lists: dict[tuple[str, str, str], tuple[str, ...]] = field(
        init=False, compare=False, repr=False, default_factory=dict
    )

    def table(self, file: str, key: str) -> Mapping[str, Any]:
        """A table of a lexicon file. Raises RuleError when it is missing."""
        try:
            value = self.tables[file][key]
        except KeyError:
            where = str(self.folder / f"{file}.toml")
            raise RuleError(f"no table [{key}]", where=where, do="restore the lexicon file") from None
        if not isinstance(value, dict):
            raise RuleError(f"`{key}` is no table", where=str(self.folder / f"{file}.toml"), do="restore the file")
        return value

    def words(self, file: str, key: str, name: str = "words") -> frozenset[str]:
        """A list of strings in a table as a set: the same set each time."""
        known = self._sets.get((file, key, name))
        if known is None:
            known = self._sets[file, key, name] = frozenset(self.list(file, key, name))
        return known

    def list(self, file: str, key: str, name: str = "words") -> tuple[str, ...]:
        """A list of strings in a table, in its order: the same tuple each time."""
        known = self._lists.get((file, key, name))
        if known is None:
            known = self._lists[file, key, name] = tuple(self.table(file, key)[name])
        return known

    @cached_property
    def contractions(self) -> Contractions:
        return Contractions({form: tuple(words) for form, words in self.table("normaliseren", "contractions").items()})

    @cached_property
    def fillers(self) -> frozenset[str]:
        return self.words("normaliseren", "fillers")

    @cached_property
    def idle(self) -> frozenset[str]:
        """Words that say nothing by themselves: function words, auxiliaries, fillers."""
        return self.words("namen", "function_words") | self.fillers | self.function_words

    @cached_property
    def interjections(self) -> frozenset[str]:
        """Words that can make a sentence of their own before another: fillers and listening signals."""
        return self.fillers | self.words("luisteren", "backchannels")

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word that stands in a list, but for those of names."""
        return frozenset(
            word for file, document in self.tables.items() if file not in NAME_FILES for word in _strings(document)
        )

    @cached_property
    def senses(self) -> Mapping[str, frozenset[str]]:
        """Words that may stand for another of the same meaning, by each of them."""
        found: dict[str, frozenset[str]] = {}
        for group in self.table("luisteren", "senses")["groups"]:
            found.update((word, found.get(word, frozenset()).union(group)) for word in group)
        return found

    @cached_property
    def informal(self) -> frozenset[str]:
        """Words that say `jij`, stressed or not."""
        return self.words("aanspreekvorm", "stressed") | self.words("aanspreekvorm", "unstressed")

    @cached_property
    def common(self) -> Commonness:
        """How common words are in calls."""
        return Commonness(self.list("normaliseren", "common"))

    @cached_property
    def negating_prefixes(self) -> tuple[str, ...]:
        return self.list("normaliseren", "negating_prefixes")

    @cached_property
    def negations(self) -> frozenset[str]:
        return self.words("normaliseren", "negations")

    @cached_property
    def function_words(self) -> frozenset[str]:
        return self.words("normaliseren", "function_words")


def load_lexicon(folder: Path) -> Lexicon:
    """Read every TOML file of a lexicon folder. Raises RuleError naming the file that cannot be read."""
    tables: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("*.toml")):
        tables[path.stem] = read_fixed(path)
    if not tables:
        raise RuleError("no lexicon files", where=str(folder), do="restore the folder `lexicon` of the rule set")
    return Lexicon(folder, tables)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.findall(r"[^\W\d_]+", value)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _strings(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _strings(each)
