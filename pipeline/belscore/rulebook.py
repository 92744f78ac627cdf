"""Load the rule set: rules, sections, situations and lexicon from one folder."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from belscore.errors import RuleError
from belscore.language.lexicon import Lexicon, load_lexicon
from belscore.rule_schema import Applies, Check, Example, Feedback, RuleFile, SectionsFile, Source
from belscore.view import Knowledge

_NOT_RULES = ("lexicon", "situations")
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SectionInfo:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with where it stands: `path` of its file, `section` is the folder's name."""

    id: str
    number: int
    section: str
    title: str
    weight: int
    why: str
    source: Source
    applies: Applies
    check: Check
    feedback: Feedback
    examples: tuple[Example, ...]
    path: Path


@dataclass(frozen=True)
class RuleSet:
    """All rules in rulebook order, with what they know of Dutch.

    digest : sha256 over all files of the set, names and contents
    """

    folder: Path
    rules: tuple[Rule, ...]
    sections: tuple[SectionInfo, ...]
    digest: str
    knowledge: Knowledge = field(repr=False)

    def rule(self, rule_id: str) -> Rule:
        """Raises RuleError when there is no such rule."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        do = "see `belscore rules list`"
        raise RuleError(f"no rule `{rule_id}`", where=str(self.folder), do=do)


def default_folder() -> Path:
    """The rules that come with belscore: in the package when installed, in the source tree otherwise."""
    package = Path(__file__).parent
    installed = package / "rules"
    return installed if installed.is_dir() else package.parents[1] / "rules"


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    return load_lexicon(default_folder() / "lexicon")


def load_rules(folder: Path | None = None) -> RuleSet:
    """Read a rule set; the one that comes with belscore by default.

    A folder without its own `lexicon` or `situations` uses those that come with belscore.
    Raises RuleError naming file and key for anything unknown, missing or doubled.
    """
    root = (folder or default_folder()).resolve()
    if not root.is_dir():
        raise RuleError("no such folder", where=str(folder), do="name a folder with rule files")
    home = default_folder()
    lexicon_folder = root / "lexicon" if (root / "lexicon").is_dir() else home / "lexicon"
    situations_folder = root / "situations" if (root / "situations").is_dir() else home / "situations"
    sections_path = root / "sections.toml" if (root / "sections.toml").is_file() else home / "sections.toml"
    sections = _validated(SectionsFile, sections_path).sections
    paths = sorted(path for path in root.rglob("*.toml") if _is_rule(path, root))
    if not paths:
        raise RuleError(
            "no rule files", where=str(root), do="name a folder with files like wachten/wacht-bedanken.toml"
        )
    rules = sorted((_rule(path) for path in paths), key=lambda rule: rule.number)
    _check_unique(rules)
    known = {section.id for section in sections}
    for rule in rules:
        if rule.section not in known:
            do = f"put it in one of {', '.join(section.id for section in sections)}"
            raise RuleError(f"folder `{rule.section}` is no section", where=str(rule.path), do=do)
    files = [*paths, sections_path, *sorted(lexicon_folder.glob("*.toml")), *sorted(situations_folder.glob("*.toml"))]
    return RuleSet(
        folder=root,
        rules=tuple(rules),
        sections=tuple(SectionInfo(section.id, section.title) for section in sections),
        digest=_digest(files),
        knowledge=Knowledge(load_lexicon(lexicon_folder), _situations(situations_folder)),
    )


def _is_rule(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    return len(parts) == 2 and parts[0] not in _NOT_RULES and not path.name.startswith(".")


def _rule(path: Path) -> Rule:
    model = _validated(RuleFile, path)
    if model.id != path.stem:
        raise RuleError(f"id is `{model.id}`", where=str(path), do="give the file the name of its id")
    values = {name: getattr(model, name) for name in RuleFile.model_fields}
    return Rule(section=path.parent.name, path=path, **values)


def _validated(model: type[_Model], path: Path) -> _Model:
    try:
        return model.model_validate(_read_toml(path))
    except ValidationError as error:
        problems = error.errors()
        first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
        key = ".".join(str(part) for part in first["loc"])
        do = "remove the key" if first["type"] == "extra_forbidden" else "correct the value"
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
        raise RuleError(f"{key}: {what}", where=str(path), do=do) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleError(f"cannot be read ({error.strerror})", where=str(path), do="restore the file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"not valid TOML ({error})", where=str(path), do="correct the line") from None


def _situations(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    return {path.stem: _read_toml(path) for path in sorted(folder.glob("*.toml"))}


def _check_unique(rules: list[Rule]) -> None:
    for attribute in ("id", "number"):
        seen: dict[object, Path] = {}
        for rule in rules:
            value = getattr(rule, attribute)
            if value in seen:
                where = str(rule.path)
                raise RuleError(f"{attribute} {value} stands in {seen[value].name} too", where=where, do="change one")
            seen[value] = rule.path


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.parent.name}/{path.name}\0".encode())
        digest.update(path.read_bytes())
        digest.update(b"\0")
    return digest.hexdigest()
