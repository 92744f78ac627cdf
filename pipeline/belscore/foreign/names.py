"""What transcripts call their speakers: find the names in the text, and tell what they mean.

Which words mean agent, caller, colleague or no person stands in `rules/lexicon/sprekers.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

from belscore.call import ROLES, Role
from belscore.foreign.segments import Segment, Timed
from belscore.language.lexicon import Lexicon
from belscore.rulebook import default_lexicon

Side = Literal["left", "right"]

# "Mevrouw Van der Linden:" is a name; what has more words before its colon is a sentence.
_NAME_WORDS_MAX = 5
# Names without anything that marks them as such must begin so many of the segments, and be of so many people, each
# more than once. Own values: below them "Let op:" would be somebody.
_NAMED_SHARE_MIN = 0.2
_NAMES_MIN = 2
_DASHES = frozenset({"-", "–", "—", ">>", ">>>"})
_WORDS = re.compile(r"[a-z]+")
# [SPEAKER_00]: as whisper, (speaker 1) as whisper.cpp, Anja: as people write.
_BRACKETED = re.compile(r"\[([^\[\]]+)\](:?)")
_IN_ROUND = re.compile(r"\(([^()]+)\):?")
_BEFORE_COLON = re.compile(r"([^\W\d_][^:\[\]()]*):")
# Klant:Goedemorgen
_GLUED = re.compile(r"(\S*[^\W_]:)([^\W\d_]\S*)")


def normal(name: str) -> str:
    """A name in small letters without accents, digits and marks; words parted by a space."""
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower()
    return " ".join(_WORDS.findall("".join(ch for ch in plain if not unicodedata.combining(ch))))


@cache
def role_of(name: str) -> Role | None:
    """The role that a name says; None where it is a person's own or only tells voices apart.

    >>> role_of("Medewerker 1"), role_of("Patiënt"), role_of("Customer Service"), role_of("SPEAKER_00")
    ('agent', 'caller', 'agent', None)
    """
    return _role_and_rest(name)[0]


def _role_and_rest(name: str) -> tuple[Role | None, list[str]]:
    """The role that the longest known words in a name say, and its other words."""
    words = normal(name).split()
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            phrase = " ".join(words[start : start + length])
            for role in ROLES:
                if _patterns(role).fullmatch(phrase):
                    return role, words[:start] + words[start + length :]
    return None, words


@cache
def side_of(name: str) -> Side | None:
    """The channel of the recording that a name says; None where it says none."""
    words = normal(name).split()
    found: list[Side] = [side for side in ("left", "right") if any(_patterns(side).fullmatch(word) for word in words)]
    return found[0] if len(found) == 1 else None


@cache
def _patterns(table: str) -> re.Pattern[str]:
    """The words of a table of the lexicon as one expression, `*` for any letters."""
    words = _lexicon().list("sprekers", table)
    return re.compile("|".join(re.escape(word).replace(r"\*", "[a-z]*") for word in words))


def _lexicon() -> Lexicon:
    return default_lexicon()


def _marks_somebody(name: str) -> bool:
    """Whether a name needs nothing more to be taken for a speaker: it says a role, or numbers a voice.

    "De assistente zei:" is a sentence: what is not the role itself must be written as a name is.
    """
    role, rest = _role_and_rest(name)
    if role is not None:
        capitals = {normal(word) for word in name.split() if word[:1].isupper()}
        return all(len(word) == 1 or word in capitals or word in _infixes() for word in rest)
    return bool(rest) and _patterns("numbered").fullmatch(rest[0]) is not None and name.lower().strip() != rest[0]


def is_own_name(name: str) -> bool:
    """Whether a name is a person's own: no role, no number, no channel, and written as a name is."""
    return bool(name) and not _marks_somebody(name) and side_of(name) is None and _is_written_as_name(name)


def _infixes() -> frozenset[str]:
    return _lexicon().words("namen", "infixes")


def with_speakers(segments: Sequence[Segment]) -> list[Segment]:
    """Segments with the names in front of their lines taken off, as the speakers of the words behind them.

    A name holds for the rest of its segment. A transcript whose words have speakers is left as it is.
    """
    if any(word.speaker for segment in segments for word in segment.words):
        return list(segments)
    split = [[_parted(line) for line in segment.lines] for segment in segments]
    names = _names_among([name for lines in split for name, _, _ in lines if name], len(segments))
    named = []
    for segment, lines in zip(segments, split, strict=True):
        speaker: str | None = None
        kept = []
        for line, (name, marked, rest) in zip(segment.lines, lines, strict=True):
            if name is not None and (marked or name in names):
                speaker, line = name, rest
            kept.append(tuple(replace(word, speaker=speaker) for word in line))
        named.append(replace(segment, lines=tuple(line for line in kept if line)))
    return named


def _names_among(candidates: Sequence[str], segments: int) -> frozenset[str]:
    """Which words in front of a colon are people: those that say a role, and names that come back often enough."""
    times = Counter(candidates)
    sure = {name for name in times if _marks_somebody(name)}
    own = {name for name, count in times.items() if name not in sure and count > 1 and _is_written_as_name(name)}
    often = sum(times[name] for name in own | sure) >= _NAMED_SHARE_MIN * segments
    return frozenset(sure | own if often and len(own | sure) >= _NAMES_MIN else sure)


def _is_written_as_name(name: str) -> bool:
    """Each word begins with a capital, but for small words inside: "Karel van der Linden"."""
    words = name.split()
    capitals = [word[0].isupper() and any(map(str.islower, word)) for word in words]
    return (
        bool(words)
        and capitals[0]
        and capitals[-1]
        and all(capital or word in _infixes() for word, capital in zip(words, capitals, strict=True))
    )


def _parted(line: Sequence[Timed]) -> tuple[str | None, bool, tuple[Timed, ...]]:
    """The name in front of a line, whether it is marked as one beyond doubt, and the words behind it.

    None, False and the whole line where nothing stands there that could be a name.
    """
    words = list(line)
    while words and words[0].text in _DASHES:
        words.pop(0)
    for at, word in enumerate(words[:_NAME_WORDS_MAX]):
        if glued := _GLUED.fullmatch(word.text):
            words[at : at + 1] = [replace(word, text=text) for text in glued.groups()]
            break
    for length in range(1, min(_NAME_WORDS_MAX, len(words)) + 1):
        front = " ".join(word.text for word in words[:length])
        rest = tuple(words[length:])
        if (found := _BRACKETED.fullmatch(front)) and (found[2] or _marks_somebody(found[1])):
            return found[1], True, rest
        if (found := _IN_ROUND.fullmatch(front)) and _marks_somebody(found[1]):
            return found[1], True, rest
        if found := _BEFORE_COLON.fullmatch(front):
            return found[1].strip(), False, rest
    return None, False, tuple(words)
