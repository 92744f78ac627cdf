"""What a practice sets for itself, from a TOML file: its names, greeting and hours, and how its rules count."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from belscore.errors import RuleError
from belscore.hours import Hours
from belscore.question_trees import Tree, read_trees
from belscore.retention import Retention
from belscore.rulebook import RuleSet
from belscore.toml_data import read_toml

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Stretch = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Day = tuple[Stretch, ...]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OpeningHours(_Model):
    """Stretches such as `08:00-12:30` for every day of the week, () for closed; `closed` are holidays."""

    monday: Day
    tuesday: Day
    wednesday: Day
    thursday: Day
    friday: Day
    saturday: Day
    sunday: Day
    closed: tuple[date, ...] = ()

    @field_validator(*WEEKDAYS)
    @classmethod
    def _ordered(cls, day: Day) -> Day:
        ends = [end for stretch in day for end in stretch.split("-")]
        if ends != sorted(set(ends)):
            raise ValueError("the stretches of a day come one after another, each from early to late")
        return day

    @cached_property
    def hours(self) -> Hours:
        week = tuple(tuple(_stretch(each) for each in getattr(self, day)) for day in WEEKDAYS)
        return Hours(week, frozenset(self.closed))


class Privacy(_Model):
    """What is taken out of a call before it is kept.

    redact : numbers, addresses, dates of birth and names are taken out of words and scorecards
    names  : "keep" leaves the names of persons in them
    """

    redact: bool = True
    names: Literal["redact", "keep"] = "redact"


def _stretch(text: str) -> tuple[time, time]:
    since, until = text.split("-")
    return time.fromisoformat(since), time.max if until == "24:00" else time.fromisoformat(until)


class Profile(_Model):
    """What a practice can set.

    practice    : its names as said on the telephone
    departments : names of departments
    agents      : names of the people who pick up
    formula     : the fixed greeting, with `...` where the name is said and `/` between choices
    hours       : when it is open
    weights     : rule id -> 1 light, 2 normal, 3 heavy, in place of the rule's own weight
    off         : ids of rules that are not to be judged
    retention   : how long the store keeps what it has; None leaves that as it is
    trees       : its question trees; a loaded profile has those of `tree_files`, paths relative to it, among them
    privacy     : what of a call is kept
    """

    practice: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    formula: str = ""
    hours: OpeningHours | None = None
    weights: dict[str, Annotated[int, Field(ge=1, le=3, strict=True)]] = {}
    off: tuple[str, ...] = ()
    trees: tuple[Tree, ...] = ()
    tree_files: tuple[str, ...] = ()
    retention: Retention | None = None
    privacy: Privacy = Privacy()

    def applied(self, rules: RuleSet) -> RuleSet:
        """The rules as this practice wants them counted. Raises RuleError for a rule the set does not have."""
        if not self.weights and not self.off:
            return rules
        self.check(rules, where="profile")
        changed = tuple(
            replace(rule, weight=self.weights.get(rule.id, rule.weight), off=rule.id in self.off)
            for rule in rules.rules
        )
        own = json.dumps([dict(sorted(self.weights.items())), sorted(set(self.off))])
        digest = hashlib.sha256(f"{rules.digest}\0{own}".encode()).hexdigest()
        return replace(rules, rules=changed, digest=digest)

    def check(self, rules: RuleSet, *, where: str) -> None:
        """Raise RuleError when the profile names a rule that the set does not have."""
        known = {rule.id for rule in rules.rules}
        named = [(f"weights.{rule_id}", rule_id) for rule_id in self.weights] + [("off", each) for each in self.off]
        for key, rule_id in named:
            if rule_id not in known:
                raise RuleError(f"{key}: no rule `{rule_id}`", where=where, do="see `belscore rules list`")


def load_profile(path: Path, rules: RuleSet | None = None) -> Profile:
    """Read a profile. Raises RuleError naming the file and the key.

    rules : the set whose rules it may name; not checked when None
    """
    try:
        profile = Profile.model_validate(read_toml(path, do="name an existing profile"))
    except ValidationError as error:
        raise _told(path, error.errors()) from None
    if rules is not None:
        profile.check(rules, where=str(path))
    trees = read_trees(profile.trees, profile.tree_files, path, rules)
    return profile.model_copy(update={"trees": trees}) if trees else profile


def _told(path: Path, problems: Any) -> RuleError:
    """The first problem as one line; an unknown key before all others, since it is most often a slip of the pen."""
    first = next((each for each in problems if each["type"] == "extra_forbidden"), problems[0])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return RuleError(f"{key}: unknown key", where=str(path), do="correct or remove the key")
    if first["loc"][0] == "trees":
        return RuleError(f"{key}: {first['msg'].removeprefix('Value error, ')}", where=str(path), do="correct the tree")
    if first["type"] == "missing":
        return RuleError(f"{key}: is missing", where=str(path), do="write [] for a day on which you are closed")
    if first["type"] == "string_pattern_mismatch":
        return RuleError(f"{key}: `{first['input']}` is no time", where=str(path), do="write it like 08:00-12:30")
    return RuleError(f"{key}: {first['msg'].removeprefix('Value error, ')}", where=str(path), do="correct the key")
