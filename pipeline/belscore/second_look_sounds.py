"""How Dutch words sound, roughly: a key of sounds, and how far two keys lie apart.

A line keeps 300 to 3,400 Hz: s, f and z, v fall together, and so do p, t, k and m, n. The key is made for finding
words that a recogniser takes for each other, not for reading aloud.
"""

from __future__ import annotations

import re
from functools import lru_cache

from belscore.language.tokens import fold

# Spelling to sounds, in this order: each sound one sign. Capitals are sounds without a letter of their own:
# A ou/au, E ei/ij, U ui, O eu, W oe, Y long u, X ch/g, S sj, N ng, @ schwa; doubled letters are long: a e i o.
_SPELLINGS = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (r"[^a-z0-9]", ""),
        (r"sch(?=e?$|en$)", "s"),
        (r"tie(?=s?$)", "tsi"),
        (r"sj|ch(?=ef|auf)", "S"),
        (r"ch", "X"),
        (r"ng", "N"),
        (r"nk", "Nk"),
        (r"ouw|auw|ou|au", "A"),
        (r"aai", "aj"),
        (r"ooi", "oj"),
        (r"oei", "Wj"),
        (r"eeuw|ieuw", "iw"),
        (r"ui", "U"),
        (r"eu", "O"),
        (r"oe", "W"),
        (r"ei|ij(?!k$|ke$)", "E"),
        (r"ij(?=k$|ke$)", "@"),
        (r"ie", "i"),
        (r"uu", "Y"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"qu", "kw"),
        (r"x", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"[cq]", "k"),
        (r"y", "i"),
        (r"^([gb])e(?=[^aeiou@])", r"\1@"),
        (r"^ver(?=.{3})", "v@r"),
        (r"en$", "@"),
        (r"(?<=[^aeo])e(?=[rlnm]?$)", "@"),
        (r"ig(?=e?$)", "@X"),
        (r"g", "X"),
        (r"dt?$", "t"),
        (r"b$", "p"),
        (r"v", "f"),
        (r"z", "s"),
        (r"(.)\1", r"\1"),
    )
)
_VOWELS = frozenset("aeiouAEUOWY@")
# Sounds that are taken for each other on a telephone line, as groups; what shares a group lies half a sound apart.
_ALIKE = tuple(
    frozenset(group)
    for group in (
        "ptkbd",
        "mnN",
        "fsXS",
        "rl",
        "wf",
        "jl",
        "e@iE",
        "oWOu",
        "aoA",
        "uYOU",
        "Eea",
        "i@Y",
        "Xkr",
        "hX",
        "bw",
        "dr",
    )
)
# Sounds that come and go: schwa, the n of -en, the t of a cluster, h and r behind a vowel.
_WEAK = frozenset("@nthrd")
HALF = 0.5
UNLIKE = 1.0
VOWEL_FOR_VOWEL = 0.7
VOWEL_FOR_CONSONANT = 1.6


@lru_cache(maxsize=50_000)
def sound(text: str) -> str:
    """The key of a word: `sound("wij") == sound("wei")`, `sound("hond") == sound("hont")`."""
    key = fold(text)
    for pattern, replacement in _SPELLINGS:
        key = pattern.sub(replacement, key)
    return key


@lru_cache(maxsize=200_000)
def apart(one: str, other: str) -> float:
    """How far two keys lie apart, in sounds, divided by the length of the longer: 0 the same, about 1 nothing alike."""
    row = [0.0]
    for sign in other:
        row.append(row[-1] + _dropped(sign))
    for mine in one:
        last, row = row, [row[0] + _dropped(mine)]
        for at, theirs in enumerate(other):
            swap = last[at] + _swapped(mine, theirs)
            row.append(min(swap, last[at + 1] + _dropped(mine), row[at] + _dropped(theirs)))
    return row[-1] / max(1, len(one), len(other))


def _dropped(sign: str) -> float:
    return HALF if sign in _WEAK else UNLIKE


def _swapped(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if any(one in group and other in group for group in _ALIKE):
        return HALF
    if (one in _VOWELS) != (other in _VOWELS):
        return VOWEL_FOR_CONSONANT
    return VOWEL_FOR_VOWEL if one in _VOWELS else UNLIKE
