"""belscore: a recorded Dutch phone call in, a scorecard out.

>>> from belscore import parse_call, score_call
>>> call = parse_call("0.4-4.1 agent Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja.")
>>> score_call(call).finding("opening-begroeting").verdict
'pass'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from belscore.call import Call as Call
    from belscore.engine import score_call as score_call
    from belscore.errors import BelscoreError as BelscoreError
    from belscore.listening import transcribe_file as transcribe_file
    from belscore.notation import format_call as format_call
    from belscore.notation import parse_call as parse_call
    from belscore.rulebook import load_rules as load_rules
    from belscore.scorecard import Scorecard as Scorecard
    from belscore.scoring import score_file as score_file

__version__ = "0.1.0"

# Loaded on first use, so that `belscore --help` and scoring a transcript never import the recogniser.
_HOME = {
    "BelscoreError": "errors",
    "Call": "call",
    "Scorecard": "scorecard",
    "format_call": "notation",
    "load_rules": "rulebook",
    "parse_call": "notation",
    "score_call": "engine",
    "score_file": "scoring",
    "transcribe_file": "listening",
}
__all__ = [
    "BelscoreError",
    "Call",
    "Scorecard",
    "format_call",
    "load_rules",
    "parse_call",
    "score_call",
    "score_file",
    "transcribe_file",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"belscore.{_HOME[name]}"), name)
    raise AttributeError(f"module 'belscore' has no attribute {name!r}")
