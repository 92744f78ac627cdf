"""Role plays: what a caller says line by line, with its sound, for a trainee who answers.

samples/scenarios/NAME.toml    the words, and what the trainee is to do before each line
samples/scenarios/NAME/N.flac  line N, spoken by `samples/generator/scenarios.py`
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from belscore.errors import BelscoreError
from belscore.scorecard import Language


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """What the caller says; `first` is what the trainee does before it, `by_hand` that a pause there means nothing."""

    say: str
    first: Mapping[Language, str]
    sound: Path
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """One role play.

    task : what the trainee is asked to do; `know` what they know that the caller does not, each by language
    """

    id: str
    order: int
    title: Mapping[Language, str]
    task: Mapping[Language, str]
    know: Mapping[Language, tuple[str, ...]]
    lines: tuple[ScenarioLine, ...]


def scenario_folder() -> Path:
    """Where the role plays lie: in the package when installed, in the source tree otherwise."""
    package = Path(__file__).parent
    installed = package / "role_plays"
    return installed if installed.is_dir() else package.parents[1] / "samples" / "scenarios"


@cache
def load_scenarios(folder: Path | None = None) -> Mapping[str, Scenario]:
    """All role plays by their id, in order. Raises BelscoreError naming what is wrong with one."""
    paths = sorted((folder or scenario_folder()).glob("*.toml"))
    found = [_scenario(path) for path in paths]
    return {each.id: each for each in sorted(found, key=lambda each: each.order)}


def _scenario(path: Path) -> Scenario:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        lines = tuple(
            ScenarioLine(
                line["say"],
                {"nl": line["first"], "en": line["first_en"]},
                path.with_suffix("") / f"{number}.flac",
                by_hand=bool(line.get("by_hand", False)),
            )
            for number, line in enumerate(data["line"], start=1)
        )
        made = Scenario(
            path.stem,
            int(data["order"]),
            _both(data, "title"),
            _both(data, "task"),
            {"nl": tuple(data["know"]), "en": tuple(data["know_en"])},
            lines,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"is no role play ({type(error).__name__}: {error})"
        raise BelscoreError(what, where=str(path), do="compare it with the others") from None
    missing = next((line.sound for line in made.lines if not line.sound.is_file()), None)
    if missing is not None:
        raise BelscoreError("a line has no sound", where=str(missing), do="run samples/generator/scenarios.py")
    return made


def _both(data: Mapping[str, Any], key: str) -> dict[Language, str]:
    return {"nl": str(data[key]), "en": str(data[f"{key}_en"])}
