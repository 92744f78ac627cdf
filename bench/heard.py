"""Transcripts of recordings beside what was said: words kept between runs for good, and how many were misheard.

Only the recogniser is remembered. Speech spans, turns, roles and measures are made anew, so that a change there shows.
"""

from __future__ import annotations

import math
from pathlib import Path

import jiwer

from belscore.call import Call, Role
from belscore.word_cache import WordCache
from mishearing import digits
from wer import normalise

HEARD_ROLES: tuple[Role, ...] = ("agent", "caller")


def words_for_good(folder: Path) -> WordCache:
    """Words that a measurement keeps in a folder of its own for good: a second run recognises only what is new."""
    return WordCache(folder, days=math.inf, megabytes=math.inf)


def words_misheard(said: Call, heard: Call) -> tuple[int, int]:
    """How many of the words of agent and caller were not heard rightly, and how many they said; a number is one
    however it is written."""
    wrong = total = 0
    for role in HEARD_ROLES:
        reference, hypothesis = (
            [digits(word) for turn in call.turns_of(role) for word in normalise(turn.text)] for call in (said, heard)
        )
        if reference:
            hits = jiwer.process_words(" ".join(reference), " ".join(hypothesis)).hits
            wrong, total = wrong + len(reference) - hits, total + len(reference)
    return wrong, total
