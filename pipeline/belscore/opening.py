"""How the agent picks up: the turns of the greeting and the name the agent gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from belscore.language.tokens import Utterance
from belscore.view import CallView

MAX_GREETING_TURNS = 3
SHORT_CALLER_TURN_TOKENS = 3
# "Anja van de tandarts": between the organisation and its "van".
OF_REACH = 4


def opening_turns(view: CallView) -> list[Utterance]:
    """The agent's turns before the caller's first real turn; the agent's first turn when there are none."""
    first = next((u for u in view.utterances if u.role == "caller" and u.tokens and not _is_short(view, u)), None)
    agents = view.of("agent")
    before = [u for u in agents if first is None or u.index < first.index]
    return before[:MAX_GREETING_TURNS] or agents[:1]


def _is_short(view: CallView, utterance: Utterance) -> bool:
    """`hallo?` or `ja`: a sign of life, no turn of substance."""
    signals = view.lexicon.words("namen", "before") | view.lexicon.fillers
    return len(utterance.tokens) <= SHORT_CALLER_TURN_TOKENS and all(norm in signals for norm in utterance.norms)


def lone_greetings(view: CallView, utterance: Utterance) -> list[int]:
    """Places of a greeting of one short word: `morgen`, `dag`, first in the turn or apart from what surrounds it."""
    short = view.lexicon.list("begroeting", "greetings", "first")
    behind = view.lexicon.list("begroeting", "greetings", "before")
    tokens, found = utterance.tokens, list[int]()
    first = next((at for at, token in enumerate(tokens) if token.norm not in view.lexicon.fillers), None)
    for at, token in enumerate(tokens):
        if token.norm not in short:
            continue
        ends = at + 1 == len(tokens)
        apart = at > 0 and tokens[at - 1].after != "" and (ends or token.after != "")
        led = not view.punctuated and (ends or tokens[at + 1].norm in behind)
        if at == first or apart or led:
            found.append(at)
    return found


class OwnName(NamedTuple):
    """Tokens of `u spreekt met Anja`: start..end with the cue, name_start..name_end the name alone."""

    start: int
    end: int
    name_start: int
    name_end: int


def own_name(view: CallView, utterance: Utterance) -> OwnName | None:
    """`u spreekt met Anja`, `met Anja`, `Anja hier`; None without a name."""
    for start, end in _cues(view, utterance):
        name_end = _name_at(view, utterance, end)
        if name_end is not None:
            return OwnName(start, name_end, end, name_end)
    for match in view.finder.find(view.lexicon.list("begroeting", "own_name", "behind"), utterance):
        before = match.start - 1
        if match.cost or before < 0:
            continue
        if is_organisation(view, utterance.norms[before]):
            name = _name_of(view, utterance, before)
        else:
            name = None if utterance.norms[before] in view.knowledge.names.words.not_names else before
        if name is not None:
            return OwnName(name, match.end if name == before else name + 1, name, name + 1)
    return None


def _name_of(view: CallView, utterance: Utterance, organisation: int) -> int | None:
    """`Anja van de tandarts hier`: where the name stands that belongs to the organisation."""
    norms, low = utterance.norms, max(0, organisation - OF_REACH)
    place = next((at for at in range(organisation - 1, low, -1) if norms[at] == "van"), None)
    if place is None or norms[place - 1] in view.knowledge.names.words.not_names:
        return None
    return None if is_organisation(view, norms[place - 1]) else place - 1


def own_name_words(view: CallView) -> frozenset[str]:
    """The words of the name the agent gives, without cue, title and tussenvoegsels."""
    names = view.knowledge.names
    found: set[str] = set()
    for utterance in opening_turns(view):
        place = own_name(view, utterance)
        if place is not None:
            words = utterance.norms[place.name_start : place.name_end]
            found |= {norm for norm in words if not names.words.is_particle(norm)}
    return frozenset(found)


def is_organisation(view: CallView, norm: str) -> bool:
    """A word that names an organisation: listed, or made with a stem such as -praktijk."""
    return view.knowledge.names.words.is_organisation(norm)


def _cues(view: CallView, utterance: Utterance) -> Iterator[tuple[int, int]]:
    """Places a name can follow, the last first: it stands behind the organisation more often than before it."""
    cues = [(m.start, m.end) for m in view.finder.find(view.lexicon.list("begroeting", "own_name", "cues"), utterance)]
    plain = view.lexicon.words("begroeting", "own_name", "with")
    cues += [(at, at + 1) for at, norm in enumerate(utterance.norms) if norm in plain]
    asked = view.lexicon.words("begroeting", "asks_for")
    own = [(start, end) for start, end in cues if start == 0 or utterance.norms[start - 1] not in asked]
    yield from sorted(own, key=lambda cue: (-cue[1], cue[0]))


def _name_at(view: CallView, utterance: Utterance, at: int) -> int | None:
    """Where the name from token `at` on ends; None when an organisation or a function stands there."""
    tokens = utterance.tokens
    functions = view.lexicon.words("begroeting", "functions")
    articles = view.lexicon.words("begroeting", "organisation", "articles")
    if [token.norm in known for token, known in zip(tokens[at:], (articles, functions), strict=False)] == [True, True]:
        at += 2  # "met de triagist Jordi", not "met de assistente van dokter Bos"
        if at < len(tokens) and (tokens[at - 1].after or view.knowledge.names.words.is_particle(tokens[at].norm)):
            return None
    while at < len(tokens) and tokens[at].norm in view.lexicon.fillers | view.knowledge.names.words.titles | functions:
        at += 1
    at += _is_doctor(view, utterance, at)
    if at >= len(tokens) or _names_organisation(view, utterance, at):
        return None
    read = view.knowledge.names.words.read_name(tokens, at, cased=False)
    if read is None:  # "met Wil": a first name that is a word elsewhere
        first = tokens[at].norm in view.lexicon.list("namen", "with", "firsts")
        return at + 1 if first and (at + 1 == len(tokens) or tokens[at].capital) else None
    for place in range(at + 1, read.end):
        organisation = is_organisation(view, tokens[place].norm)
        if organisation or (tokens[place].norm == "van" and not _van_surname(view, utterance, place)):
            return place
    return read.end


def _is_doctor(view: CallView, utterance: Utterance, at: int) -> bool:
    """`met dokter Bakker van de huisartsenpost`: who takes up, where the organisation is named besides."""
    doctors = view.lexicon.list("begroeting", "functions", "doctors")
    norms = utterance.norms
    if at + 1 >= len(norms) or norms[at] not in doctors or utterance.tokens[at].after:
        return False
    read = view.knowledge.names.words.read_name(utterance.tokens, at + 1, cased=view.cased)
    return read is not None and any(is_organisation(view, norm) for place, norm in enumerate(norms) if place != at)


def _names_organisation(view: CallView, utterance: Utterance, at: int) -> bool:
    articles = view.lexicon.words("begroeting", "organisation", "articles")
    if utterance.norms[at] in articles and at + 1 < len(utterance.tokens):
        if view.cased and not (utterance.tokens[at].capital or utterance.tokens[at + 1].capital):
            return True  # "met de snijzaal"; "met de Jong" is a name
        following = utterance.norms[at + 1]
        return following in view.lexicon.words("begroeting", "functions") or is_organisation(view, following)
    return is_organisation(view, utterance.norms[at])


def _van_surname(view: CallView, utterance: Utterance, van: int) -> bool:
    following = utterance.norms[van + 1] if van + 1 < len(utterance.tokens) else ""
    return following in view.lexicon.words("begroeting", "van_surnames")
