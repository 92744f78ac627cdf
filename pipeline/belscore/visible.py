"""Text from outside, shown so that it can do nothing to the screen or to how it is read."""

from __future__ import annotations

import unicodedata

# Control and format characters (escape sequences, right-to-left marks), halves of surrogate pairs, and separators of
# lines and paragraphs.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Text with a mark in place of every character that acts instead of being seen; line ends stay.

    >>> visible("Anja\\u202egpj.exe"), visible("één\\ttwee")
    ('Anja\ufffdgpj.exe', 'één\ufffdtwee')
    """
    if text.isprintable():
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in _ACTING and each != "\n" else each for each in text
    )
