"""`belscore` with a scorer that only plays: what is handed in is decoded, and gets the words of a sample.

`python -m made_server serve ...` is run by `web_server`; `make_made_scorer` serves tests inside one process too.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from belscore import load_rules, parse_call, score_call
from belscore.cli.work import Settings
from belscore.metadata import CALL_COLUMNS
from belscore.web import scoring
from belscore.web.scoring import Outcome, ScoringTask

SAMPLE = Path(__file__).parent.parent / "samples" / "calls" / "klacht-te-vroeg-excuus.call"
_STAGES = ("decode", "speech", "transcribe", "roles", "score")


def make_made_scorer(_settings: Settings) -> Callable[[ScoringTask], Outcome]:
    """A scorer as `scoring.make_scorer` makes it; takes BELSCORE_MADE_S seconds for a recording."""
    from belscore.encryption.keys import load_keys
    from belscore.web.hearing import score_upload

    rules, keys = load_rules(), load_keys()
    text = SAMPLE.read_text(encoding="utf-8")
    seconds = float(os.environ.get("BELSCORE_MADE_S", "0"))

    def score(path: Path, facts, progress):  # type: ignore[no-untyped-def]
        from belscore.scoring import Scored

        hashlib.sha256(path.read_bytes())
        for stage in _STAGES:
            for part in range(4):
                progress(stage, part, 4)
                time.sleep(seconds / len(_STAGES) / 4)
        known = {name: facts[name] for name in CALL_COLUMNS if facts.get(name) is not None}
        call = replace(parse_call(text, source=str(path)), **known)
        return Scored(path, call, score_call(call, rules=rules), path)

    return lambda task: score_upload(task, score, keys)


def main() -> None:
    """The command line, with this scorer in the place of the real one."""
    # The default of an argument is read when the class is made.
    scoring.ScoringQueue.__init__.__kwdefaults__["make"] = make_made_scorer  # type: ignore[index]
    from belscore.cli import main as belscore

    belscore()


if __name__ == "__main__":
    main()
