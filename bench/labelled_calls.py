"""Calls with labelled situations as training data: tests/dialogues, tests/scenes and sample calls."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from belscore import parse_call
from belscore.call import Call
from belscore.language.call_model import Places, call_features
from belscore.language.tokens import Utterance, tokenise
from belscore.rulebook import default_lexicon
from belscore.situations import ORDER as SITUATIONS
from mishearing import misheard
from sounds import Vocabulary

ROOT = Path(__file__).resolve().parents[1]
DIALOGUES = ROOT / "tests" / "dialogues"
SCENES = ROOT / "tests" / "scenes"
SAMPLES = ROOT / "samples" / "calls"


# What is no situation of the rulebook shows in the labels of a rule that applies to nothing else.
TOLD_BY_RULE = {"problemen": "luisteren-doorvragen"}


@dataclass(frozen=True)
class LabelledCall:
    """A call and whether the situation occurs in it; None where it may be seen or not.

    written : who wrote it, by the letters of the file name: dialogues of one hand resemble each other
    scene   : a little call written to be hard, not as calls are
    """

    name: str
    written: str
    scene: bool
    holds: bool | None
    call: Call
    utterances: tuple[Utterance, ...]

    def turns_of(self, role: str) -> list[Utterance]:
        return [turn for turn in self.utterances if turn.role == role]

    @cached_property
    def said(self) -> tuple[Places, ...]:
        """Features of all that is said in the call."""
        return call_features((turn.role, turn.norms) for turn in self.utterances)

    def misheard(self, share: float, words: Vocabulary) -> LabelledCall:
        """The same as a recogniser gives it that mishears about `share` (0..1) of the words."""
        call = misheard(self.call, share, words, "1", punctuation=False)
        return replace(self, call=call, utterances=_utterances(call))


def labelled_calls(situation: str, folders: Sequence[Path] = (DIALOGUES, SCENES, SAMPLES)) -> list[LabelledCall]:
    """Dialogues and samples by whether a situation of the rulebook, or one of TOLD_BY_RULE, occurs in them."""
    calls = []
    for path in [path for folder in folders for path in sorted(folder.glob("*.call"))]:
        call = parse_call(path.read_text(encoding="utf-8"), source=path.name)
        scene, holds = path.parent == SCENES, _holds(situation, path)
        calls.append(LabelledCall(path.stem, _hand(path), scene, holds, call, _utterances(call)))
    return calls


def _utterances(call: Call) -> tuple[Utterance, ...]:
    return tuple(turn for turn in tokenise(call, default_lexicon().contractions) if turn.tokens)


def _holds(situation: str, path: Path) -> bool | None:
    told = labels(path)
    if situation in TOLD_BY_RULE:
        rule = TOLD_BY_RULE[situation]
        verdicts = {told.get("rules", {}).get(rule, "unsure"), *told.get("accept", {}).get(rule, ())}
        applies = {verdict != "not_applicable" for verdict in verdicts}
        return None if "unsure" in verdicts or len(applies) > 1 else applies.pop()
    occurs, may_occur = occurring(path)
    return None if situation in may_occur else situation in occurs


def _hand(path: Path) -> str:
    named = re.match(r"([a-z]+)\d{3}-", path.stem)
    return named[1] if named else path.parent.parent.name


def labels(path: Path) -> dict[str, Any]:
    """What stands beside a call file on its verdicts and situations."""
    if (dialogue := path.with_suffix(".expect.json")).exists():
        return dict(json.loads(dialogue.read_text(encoding="utf-8")))
    return tomllib.loads(path.with_suffix(".expected.toml").read_text(encoding="utf-8"))


def occurring(path: Path) -> tuple[set[str], set[str]]:
    """The situations labelled for a call, and those that may be seen in it; all may where none is labelled."""
    told = labels(path)
    if "situations" not in told:
        return set(), set(SITUATIONS)
    return set(told["situations"]), set(told.get("situations_optional", ()))
