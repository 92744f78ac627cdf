"""Load the rule set: rules, sections, situations and lexicon from one folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NoReturn

from belscore.drafts import Draft, read_draft
from belscore.errors import RuleError
from belscore.language.lexicon import Lexicon, load_lexicon
from belscore.language.situation_model import SituationModel, read_situation_model
from belscore.rule_schema import (
    Applies,
    Check,
    English,
    Example,
    Feedback,
    Likeness,
    RuleFile,
    SectionFile,
    SectionsFile,
    Source,
    WouldPass,
)
from belscore.scorecard import Language
from belscore.toml_data import read_fixed, read_text, read_toml, validated
from belscore.view import Knowledge

_NOT_RULES = ("lexicon", "situations", "models")


@dataclass(frozen=True, slots=True)
class SectionInfo:
    """`english` is "" where the set has no English title."""

    id: str
    title: str
    english: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with where it stands: `path` of its file, `section` is the folder's name.

    off : the practice does not want it judged
    """

    id: str
    number: int
    section: str
    title: str
    weight: int
    why: str
    source: Source
    applies: Applies
    check: Check
    likeness: Likeness | None
    feedback: Feedback
    would_pass: WouldPass
    en: English | None
    examples: tuple[Example, ...]
    path: Path
    off: bool = False


@dataclass(frozen=True)
class RuleSet:
    """All rules in rulebook order, with what they know of Dutch.

    digest    : sha256 over all files of the set, names and contents, and what a profile changes in it
    language  : of the texts that people read
    drafts    : files that are still to be filled in, when they were asked for
    documents : the sources that rules may name; () where the set does not list them
    """

    folder: Path
    rules: tuple[Rule, ...]
    sections: tuple[SectionInfo, ...]
    digest: str
    knowledge: Knowledge = field(repr=False)
    language: Language = "nl"
    drafts: tuple[Draft, ...] = ()
    documents: tuple[str, ...] = ()

    def _of_reasons(self, dutch: str, other: str) -> dict[str, str]:
        """A table of `redenen.toml`, in Dutch where it has no other; {} where a lexicon of one's own has none."""
        tables = self.knowledge.lexicon.tables.get("redenen", {})
        names = (dutch,) if self.language == "nl" else (dutch, other)
        return {key: text for name in names for key, text in tables.get(name, {}).items()}

    @cached_property
    def reasons(self) -> Mapping[str, str]:
        """Why a verdict is `unsure` or `not_applicable`, by key."""
        return self._of_reasons("reasons", self.language)

    @cached_property
    def needs(self) -> Mapping[str, str]:
        """What was missing to judge an `unsure` verdict, by the key of its reason."""
        return self._of_reasons("needed", f"needed_{self.language}")

    @property
    def remarks(self) -> Mapping[str, str]:
        """What a profile makes worth knowing of a call, by key."""
        return self._of_reasons("remarks", f"remarks_{self.language}")

    def rule(self, rule_id: str) -> Rule:
        """Raises RuleError when there is no such rule."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        if any(draft.path.stem == rule_id for draft in self.drafts):
            do = f"see `belscore rules check {rule_id}`"
            raise RuleError(f"rule `{rule_id}` is still to be filled in", where=str(self.folder), do=do)
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


def load_rules(folder: Path | None = None, *, drafts: bool = False) -> RuleSet:
    """Read a rule set; the one that comes with belscore by default.

    drafts : keep rules that are still to be filled in apart instead of refusing the set

    A folder without its own `lexicon`, `situations` or `models` uses those that come with belscore.
    Raises RuleError naming file and key for anything unknown, missing or doubled.
    """
    root = (folder or default_folder()).resolve()
    if not root.is_dir():
        raise RuleError("no such folder", where=str(folder), do="name a folder with rule files")
    home = default_folder()
    lexicon_folder = root / "lexicon" if (root / "lexicon").is_dir() else home / "lexicon"
    situations_folder = root / "situations" if (root / "situations").is_dir() else home / "situations"
    models_folder = root / "models" if (root / "models").is_dir() else home / "models"
    sections_path = root / "sections.toml" if (root / "sections.toml").is_file() else home / "sections.toml"
    sections = validated(SectionsFile, sections_path)
    paths = rule_paths(root)
    if not paths:
        raise RuleError(
            "no rule files", where=str(root), do="name a folder with files like wachten/wacht-bedanken.toml"
        )
    unfinished = [draft for path in paths if (draft := read_draft(path, read_text(path))) is not None]
    if unfinished and not drafts:
        _refuse(unfinished[0])
    waiting = {draft.path for draft in unfinished}
    rules = sorted((_rule(path) for path in paths if path not in waiting), key=lambda rule: rule.number)
    _check_unique(rules)
    _check_sections(paths, sections.sections)
    shared = (lexicon_folder, situations_folder, models_folder)
    files = [*paths, sections_path, *(path for folder in shared for path in sorted(folder.glob("*.toml")))]
    return RuleSet(
        folder=root,
        rules=tuple(rules),
        sections=tuple(SectionInfo(each.id, each.title, sections.en.get(each.id, "")) for each in sections.sections),
        digest=_digest(files),
        knowledge=Knowledge(load_lexicon(lexicon_folder), _situations(situations_folder), _models(models_folder)),
        drafts=tuple(unfinished),
        documents=sections.documents if sections_path.parent == root else (),
    )


def rule_paths(root: Path) -> list[Path]:
    """The rule files of a folder, drafts too, in the order of their names."""
    return sorted(path for path in root.rglob("*.toml") if _is_rule(path, root))


def _refuse(draft: Draft) -> NoReturn:
    keys = ", ".join(each.key for each in draft.open_keys)
    do = f"fill it in, see `belscore rules check {draft.path.stem}`"
    raise RuleError(f"still to be filled in: {keys}", where=f"{draft.path}:{draft.open_keys[0].line}", do=do)


def _check_sections(paths: list[Path], sections: tuple[SectionFile, ...]) -> None:
    known = [section.id for section in sections]
    for path in paths:
        if path.parent.name not in known:
            do = f"put it in one of {', '.join(known)}"
            raise RuleError(f"folder `{path.parent.name}` is no section", where=str(path), do=do)


def _is_rule(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    return len(parts) == 2 and parts[0] not in _NOT_RULES and not path.name.startswith(".")


def _rule(path: Path) -> Rule:
    model = validated(RuleFile, path)
    if model.id != path.stem:
        raise RuleError(f"id is `{model.id}`", where=str(path), do="give the file the name of its id")
    values = {name: getattr(model, name) for name in RuleFile.model_fields}
    return Rule(section=path.parent.name, path=path, **values)


def _situations(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    return {path.stem: read_fixed(path) for path in sorted(folder.glob("*.toml"))}


def _models(folder: Path) -> Mapping[str, SituationModel]:
    return {path.stem: read_situation_model(read_toml(path), path) for path in sorted(folder.glob("*.toml"))}


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
