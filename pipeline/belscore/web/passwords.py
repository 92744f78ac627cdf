"""Passwords: Argon2id with the library's parameters (RFC 9106, low memory), checked in constant time."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from belscore.errors import BelscoreError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# NIST SP 800-63B-4: length, no rules on characters, no expiry.
MIN_LENGTH, MAX_LENGTH = 12, 200
# A name of fewer letters stands in a password by chance.
_TELLING = 3
# Without what anybody here would try first, and without what follows of itself, so much must be left to guess.
_OWN = 8
_PROGRAM = "belscore"
# Rows that fingers walk along; the alphabet and digits are told by their code points.
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
# A hash takes 64 MiB of memory while it is made: many who log in at once wait for each other.
_AT_ONCE = BoundedSemaphore(4)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    """The hash of a password that nobody has, so that an unknown name takes as long as a known one."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe(32))


def hash_password(password: str, *, name: str, words: Collection[str] = ()) -> str:
    """The hash to keep. Raises BelscoreError when the password is too short, too long, or easy to guess.

    words : what is known of the practice, such as its names (ASVS 6.2.11)
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        do = f"choose one of {MIN_LENGTH} to {MAX_LENGTH} characters; several words are easy to remember"
        raise BelscoreError("the password is too short" if len(password) < MIN_LENGTH else "too long", do=do)
    has_name = len(name) >= _TELLING and name.casefold() in password.casefold()
    if has_name or _to_guess(password, words) < _OWN:
        do = "leave out your name and that of the practice, and use several words"
        raise BelscoreError("the password is easy to guess", do=do)
    with _AT_ONCE:
        return _hasher().hash(password)


def _to_guess(password: str, words: Collection[str]) -> int:
    """Characters that do not follow of themselves: from a known word, the one before, or a part that comes again.

    >>> [_to_guess(each, ["De Wilgen"]) for each in ("qwertyuiop12", "abcdefgh4321", "xk7pxk7pxk7p", "wilgen-2026!")]
    [2, 2, 4, 6]
    """
    left = password.casefold()
    known = {_PROGRAM, *(part for each in words for part in each.casefold().split())}
    for word in sorted(known, key=len, reverse=True):
        left = left.replace(word, "") if len(word) > _TELLING else left
    size = len(left)
    part = next((each for each in range(1, size) if left == (left[:each] * size)[:size]), size)
    return sum(place == 0 or not _follows(left[place - 1], left[place]) for place in range(part))


def _follows(one: str, other: str) -> bool:
    """Whether a character is the one before again, or next to it on a keyboard, in the alphabet or in counting."""
    if abs(ord(one) - ord(other)) <= 1:
        return True
    return any(one + other in row or other + one in row for row in _ROWS)


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is the one of this hash; takes as long for None, of who has none."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _AT_ONCE:
            return _hasher().verify(kept or _nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than are used now."""
    return _hasher().check_needs_rehash(kept)
