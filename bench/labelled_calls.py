"""Calls with labelled situations as training data: dialogues of tests/dialogues and sample calls."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from belscore import load_rules, parse_call
from belscore.call import Call
from belscore.language.call_model import SPEAKERS
from belscore.language.tokens import Utterance, tokenise
from belscore.situations import ORDER as SITUATIONS

ROOT = Path(__file__).resolve().parents[1]
DIALOGUES = ROOT / "tests" / "dialogues"
SAMPLES = ROOT / "samples" / "calls"


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A call and whether the situation occurs in it; None where it may be seen or not.

    written : who wrote it, by the letter of the file name: dialogues of one hand resemble each other
    """

    name: str
    written: str
    holds: bool | None
    call: Call
    utterances: tuple[Utterance, ...]

    def turns_of(self, role: str) -> list[Utterance]:
        return [turn for turn in self.utterances if turn.role == role]

    def said(self) -> dict[str, set[str]]:
        """The distinct words of each speaker."""
        return {role: {norm for turn in self.turns_of(role) for norm in turn.norms} for role in SPEAKERS}


def labelled_calls(situation: str, folders: Sequence[Path] = (DIALOGUES, SAMPLES)) -> list[LabelledCall]:
    contractions = load_rules().knowledge.lexicon.contractions
    calls = []
    for path in [path for folder in folders for path in sorted(folder.glob("*.call"))]:
        call = parse_call(path.read_text(encoding="utf-8"), source=path.name)
        occurs, may_occur = occurring(path)
        holds = None if situation in may_occur else situation in occurs
        utterances = tuple(turn for turn in tokenise(call, contractions) if turn.tokens)
        calls.append(LabelledCall(path.stem, _hand(path), holds, call, utterances))
    return calls


def _hand(path: Path) -> str:
    return path.stem[0] if path.stem[1:4].isdigit() else path.parent.parent.name


def occurring(path: Path) -> tuple[set[str], set[str]]:
    """The situations labelled for a call, and those that may be seen in it; all may where none is labelled."""
    if (labels := path.with_suffix(".expect.json")).exists():
        told = json.loads(labels.read_text(encoding="utf-8"))
    else:
        told = tomllib.loads(path.with_suffix(".expected.toml").read_text(encoding="utf-8"))
    if "situations" not in told:
        return set(), set(SITUATIONS)
    return set(told["situations"]), set(told.get("situations_optional", ()))
