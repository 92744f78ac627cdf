"""Which stretches say the same value: a repeat-back carries the number of what it repeats."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from belscore.language.name_words import SAME_NAME, name_similarity
from belscore.redaction.found import Found

# Addresses are written and heard in more than one way.
SAME_TEXT = 0.8
# So few digits or letters are in many values by chance.
MIN_PART = 2


def numbered(found: Sequence[Found]) -> list[tuple[Found, int]]:
    """Each stretch with the number of its value among those of its kind, from 1 in the order they are first said."""
    values: dict[str, list[list[str]]] = {}
    result: list[tuple[Found, int]] = []
    for each in found:
        known = values.setdefault(each.kind, [])
        at = next((place for place, same in enumerate(known) if any(_same(each, value) for value in same)), None)
        if at is None:
            known.append([])
            at = len(known) - 1
        known[at].append(each.value)
        result.append((each, at + 1))
    return result


def _same(found: Found, value: str) -> bool:
    if found.value == value:
        return True
    if found.kind == "name":
        return same_person(found.value.split(), value.split())
    if found.kind == "birth_date":
        return _same_date(found.value, value)
    if found.kind in ("address", "email"):
        part = min(found.value, value, key=len) in max(found.value, value, key=len)
        return part or Levenshtein.normalized_similarity(found.value, value) >= SAME_TEXT
    short, long = sorted((found.said, value), key=len)
    return len(short) >= MIN_PART and short in long


def same_person(one: Sequence[str], other: Sequence[str]) -> bool:
    """`Karin de Boer` and `mevrouw De Boer`, not `Lisa de Boer`: every word of the shorter is one of the longer."""
    short, long = sorted((one, other), key=len)
    return bool(short) and all(any(name_similarity(word, each) >= SAME_NAME for each in long) for word in short)


def _same_date(one: str, other: str) -> bool:
    """Dates as `3-5-1962`, 0 for what is not said: nothing that both say differs."""
    pairs = [(a, b) for a, b in zip(one.split("-"), other.split("-"), strict=True) if a != "0" and b != "0"]
    return bool(pairs) and all(a == b for a, b in pairs)
