"""What another rule set does to the same calls: which verdicts change, and on which words they rest."""

from __future__ import annotations

import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from belscore.call import Call
from belscore.engine import score_call
from belscore.errors import RuleError
from belscore.rulebook import RuleSet, load_rules
from belscore.scorecard import Finding

RULES_FOLDER = "rules"


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that differs; None on the side whose rule set has no such rule."""

    source: str
    rule_id: str
    before: Finding | None
    after: Finding | None


def rule_set(where: str) -> RuleSet:
    """The rules of a folder, or of the folder `rules` as a git commit has it (`HEAD~1`, a tag, a branch).

    Raises RuleError when it is neither.
    """
    folder = Path(where)
    if folder.is_dir():
        return load_rules(folder)
    with tempfile.TemporaryDirectory(prefix="belscore-rules-") as scratch:
        with zipfile.ZipFile(io.BytesIO(_archive(where))) as archive:
            archive.extractall(scratch)
        try:
            return load_rules(Path(scratch) / RULES_FOLDER)
        except RuleError as error:
            inside = error.where.replace(str(Path(scratch)), where, 1)
            do = "compare commits that this version of the program can read"
            raise RuleError(error.what, where=inside, do=do) from None


def _archive(commit: str) -> bytes:
    """`rules/` of a commit as a zip file; tar files cannot be unpacked safely before Python 3.11.4."""
    do = "name a folder of rules or a commit of a repository that has one"
    if commit.startswith("-"):
        raise RuleError("no folder and no commit", where=commit, do=do)
    try:
        top = _git("rev-parse", "--show-toplevel").decode().strip()
        return _git("-C", top, "archive", "--format=zip", commit, RULES_FOLDER)
    except FileNotFoundError:
        raise RuleError("no such folder, and git is not installed", where=commit, do=do) from None
    except subprocess.CalledProcessError:
        raise RuleError("no such folder, and no commit here with one", where=commit, do=do) from None


def _git(*arguments: str) -> bytes:
    # A commit that begins with a hyphen, which git would take for an option, does not come this far.
    command = ["git", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout  # nosec B603 # no shell; see above


def compare_rule_sets(old: RuleSet, new: RuleSet, calls: Iterable[Call]) -> list[Change]:
    """The verdicts that differ, call by call, in the order of the new set; rules it lacks come last."""
    changes: list[Change] = []
    for call in calls:
        before = {finding.rule_id: finding for finding in score_call(call, rules=old).findings}
        after = {finding.rule_id: finding for finding in score_call(call, rules=new).findings}
        for rule_id in dict.fromkeys((*after, *before)):
            one, other = before.get(rule_id), after.get(rule_id)
            if (one and one.verdict) != (other and other.verdict):
                changes.append(Change(call.source, rule_id, one, other))
    return changes
