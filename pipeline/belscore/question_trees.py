"""Question trees: what must be asked and told for a department and a reason to call.

A practice writes its trees in its profile or in files that the profile names. They judge nothing that counts in the
score: a card lists each item as covered, missing, unsure or not applicable (`tree_verdicts`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from belscore.errors import RuleError
from belscore.toml_data import validated

if TYPE_CHECKING:
    from belscore.rulebook import RuleSet

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Title = Annotated[str, Field(min_length=1)]
Phrases = tuple[str, ...]
SomePhrases = Annotated[Phrases, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Item(_Model):
    """What both kinds have.

    only_if : caller phrases; without one of them the item does not apply
    if_yes  : id of a question; the item applies when the caller says yes to it, `if_no` when they say no
    """

    id: Id
    title: Title
    only_if: Phrases = ()
    if_yes: str = ""
    if_no: str = ""


class TreeQuestion(_Item):
    """A question to ask; `given` are caller phrases that tell the answer, asked or not."""

    ask: SomePhrases
    given: Phrases = ()


class TreeAnswer(_Item):
    """Something to tell the caller."""

    say: SomePhrases


class Tree(_Model):
    """What belongs to one reason to call.

    departments : names as in the call's metadata; () for all, and then for calls of no known department too
    reason      : caller phrases, any of which is the reason to call; () for every call of the departments
    not_reason  : caller phrases that make it another matter, wherever in the call they are said
    """

    id: Id
    title: Title
    departments: tuple[str, ...] = ()
    reason: Phrases = ()
    not_reason: Phrases = ()
    questions: tuple[TreeQuestion, ...] = ()
    answers: tuple[TreeAnswer, ...] = ()

    @property
    def items(self) -> tuple[TreeQuestion | TreeAnswer, ...]:
        return (*self.questions, *self.answers)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.items:
            raise ValueError(f"tree `{self.id}` has no questions and no answers")
        ids = [item.id for item in self.items]
        if twice := next((each for each in ids if ids.count(each) > 1), None):
            raise ValueError(f"tree `{self.id}` has two items `{twice}`")
        asked = {question.id for question in self.questions}
        for item in self.items:
            for key, other in (("if_yes", item.if_yes), ("if_no", item.if_no)):
                if other and (other not in asked or other == item.id):
                    raise ValueError(f"{key} of `{item.id}` in tree `{self.id}`: no other question `{other}`")
        return self


class TreeFile(_Model):
    """A file of trees that a profile names in `tree_files`."""

    trees: Annotated[tuple[Tree, ...], Field(min_length=1)]


def read_trees(own: Sequence[Tree], files: Sequence[str], profile: Path, rules: RuleSet | None) -> tuple[Tree, ...]:
    """The trees of a profile and of the files it names, relative to it.

    Raises RuleError naming the file and the key: for a fault in a file, two trees of one id, and with `rules` for a
    phrase that can never be found.
    """
    read: list[tuple[Path, Sequence[Tree]]] = [(profile, own)]
    for name in files:
        path = profile.parent / name
        if not path.is_file():
            raise RuleError(f"tree_files: no file `{name}`", where=str(profile), do="name it relative to the profile")
        read.append((path, validated(TreeFile, path).trees))
    known: set[str] = set()
    for path, trees in read:
        for at, tree in enumerate(trees):
            if tree.id in known:
                what = f"trees.{at}.id: `{tree.id}` is the id of another tree"
                raise RuleError(what, where=str(path), do="rename one of the two")
            known.add(tree.id)
        if rules is not None:
            _check_phrases(trees, rules, path)
    return tuple(tree for _, trees in read for tree in trees)


def _check_phrases(trees: Sequence[Tree], rules: RuleSet, path: Path) -> None:
    from belscore.rule_lint import unreachable

    for key, phrase in _phrases(trees):
        if phrase != phrase.lower():
            raise RuleError(f"{key}: `{phrase}` is not in lower case", where=str(path), do="write it in lower case")
        try:
            lost = unreachable(phrase, rules)
        except (RuleError, ValueError):
            what, do = f"{key}: `{phrase}` can not be read as a phrase", "see rules/README.md"
            raise RuleError(what, where=str(path), do=do) from None
        if lost is not None:
            what = f"{key}: `{phrase}` can never be found, as in `{lost}`"
            raise RuleError(what, where=str(path), do="write it as it is said")


def _phrases(trees: Sequence[Tree]) -> Iterator[tuple[str, str]]:
    """Every phrase with its key: `trees.0.questions.1.ask`."""
    for at, tree in enumerate(trees):
        yield from ((f"trees.{at}.{key}", each) for key in ("reason", "not_reason") for each in getattr(tree, key))
        for kind, items, keys in (
            ("questions", tree.questions, ("only_if", "ask", "given")),
            ("answers", tree.answers, ("only_if", "say")),
        ):
            for place, item in enumerate(items):
                for key in keys:
                    yield from ((f"trees.{at}.{kind}.{place}.{key}", each) for each in getattr(item, key))


def trees_digest(trees: Sequence[Tree]) -> str | None:
    """sha256 over what the trees say, in whatever order and files they stand; None without trees."""
    if not trees:
        return None
    told = sorted((tree.model_dump(mode="json") for tree in trees), key=lambda tree: str(tree["id"]))
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
