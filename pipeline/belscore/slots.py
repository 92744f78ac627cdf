"""What a sentence to say can take from the call: who calls, who picked up, what was heard and what was agreed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time

from belscore.checks.outcome import Outcome
from belscore.content import content_words
from belscore.opening import opening_turns, own_name
from belscore.rule_schema import WouldPass
from belscore.scorecard import Language, clock
from belscore.view import CallView

# So many of the caller's words say what a summary is about.
STORY_WORDS = 4
OWN_WORDS = "…"
_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NUMBER = re.compile(r"\d+(?:,\d+)?")
_CLOCK = re.compile(r"\d\d\.\d\d")


def fill(text: str, value: Callable[[str], str]) -> str:
    """A text with its slots filled; one that is not known stays open, for `rules check` to find.

    >>> fill("Na {hold_s} seconden: {wat}.", {"hold_s": "12", "wat": ""}.__getitem__)
    'Na 12 seconden: {wat}.'
    """
    return _SLOT.sub(lambda slot: value(slot[1]) or slot[0], text).replace(f"{OWN_WORDS}.", OWN_WORDS)


def is_filled(text: str) -> bool:
    """Whether no slot stands open."""
    return _SLOT.search(text) is None


class Slots:
    """Values by name: those of the check, and those worked out of the call when a text asks for them."""

    def __init__(self, outcome: Outcome, view: CallView, remedy: WouldPass, language: Language) -> None:
        self._outcome, self._view, self._remedy = outcome, view, remedy
        self._known = {key: local(value.rstrip(".,?! "), language) for key, value in outcome.values.items()}
        self._language = language

    def know(self, key: str, value: str) -> None:
        self._known[key] = value

    def value(self, key: str) -> str:
        """The value of a slot; "" for what is not known."""
        if key not in self._known:
            self._known[key] = local(self._read(key), self._language)
        return self._known[key]

    def shown(self, key: str) -> str:
        """The value as it is shown; what the agent has to put in own words is left to them."""
        return OWN_WORDS if key == "story" and self.value(key) else self.value(key)

    def _read(self, key: str) -> str:
        if key in _READERS:
            return _READERS[key](self._view)
        if key in _OF_OUTCOME:
            return _OF_OUTCOME[key](self._outcome)
        if key == "by_hour":
            return _by_hour(self._remedy, self._view)
        return _other(self._remedy, self.value("moment")) if key == "other" else ""

    def rewritten(self, said: str) -> str:
        """What was said as `rewrite` wants it; "" when nothing in it is to be replaced."""
        lexicon = self._view.lexicon
        openers = lexicon.words("aanspreekvorm", "question_words") | lexicon.words("aanspreekvorm", "front")
        text = rewritten(said, self._remedy.rewrite, openers)
        return text if text != said else ""


def local(value: str, language: Language) -> str:
    """A number or time of day as a language writes it; other values as they are.

    >>> local("3,7", "en"), local("09.48", "en"), local("ja, hoor", "en")
    ('3.7', '09:48', 'ja, hoor')
    """
    if language == "nl":
        return value
    if _NUMBER.fullmatch(value):
        return value.replace(",", ".")
    return value.replace(".", ":") if _CLOCK.fullmatch(value) else value


def rewritten(text: str, words: Mapping[str, str], openers: frozenset[str]) -> str:
    """A text with words replaced; a pair counts where it opens a clause or stands behind one of `openers`.

    >>> rewritten("Heb je pijn? Ik heb je naam.", {"heb je": "heeft u", "je naam": "uw naam", "je": "u"}, frozenset())
    'Heeft u pijn? Ik heb uw naam.'
    """
    found = list(_WORD.finditer(text))
    parts: list[str] = []
    at, done = 0, 0
    while at < len(found):
        one, two = found[at], found[at + 1] if at + 1 < len(found) else None
        pair = f"{one[0]} {two[0]}".lower() if two is not None else ""
        first = at == 0 or text[found[at - 1].end() : one.start()].strip() != "" or found[at - 1][0].lower() in openers
        noun = one[0].lower() in words
        if two is not None and pair in words and (first or noun):
            new, end, step = words[pair], two.end(), 2
        elif noun:
            new, end, step = words[one[0].lower()], one.end(), 1
        else:
            at += 1
            continue
        parts += [text[done : one.start()], new[:1].upper() + new[1:] if one[0][0].isupper() else new]
        at, done = at + step, end
    return "".join([*parts, text[done:]])


def _name(view: CallView) -> str:
    """The caller's name as given, without title: `Jansen`."""
    if not view.caller_names:
        return ""
    given = view.caller_names[0]
    tokens = given.utterance.tokens[given.start : given.end]
    return " ".join(token.text for token in tokens if token.norm not in view.knowledge.names.words.titles)


def _addressed(view: CallView) -> str:
    """The caller with title, as either party says it: `mevrouw Jansen`. "" where no title is known."""
    titles = view.knowledge.names.words.titles
    mentions = [mention for mention in view.mentions if mention.same == "yes" and mention.kind == "titled"]
    for passage in (*view.caller_names, *mentions):
        tokens = passage.utterance.tokens[max(0, passage.start - 1) : passage.end]
        at = next((i for i, token in enumerate(tokens) if token.norm in titles), None)
        if at is not None and at + 1 < len(tokens):
            return " ".join(token.text for token in tokens[at:])
    return ""


def _agent(view: CallView) -> str:
    """The agent's own name: as said, as the metadata give it, or the only one of the profile."""
    if view.call.agent:
        return view.call.agent
    for utterance in opening_turns(view):
        place = own_name(view, utterance)
        if place is not None:
            tokens = utterance.tokens[place.name_start : place.name_end]
            return " ".join(token.text[:1].upper() + token.text[1:] for token in tokens)
    agents = view.profile.agents if view.profile else ()
    return agents[0] if len(agents) == 1 else ""


def _practice(view: CallView) -> str:
    names = (*(view.profile.practice if view.profile else ()), *([view.call.practice] if view.call.practice else []))
    return names[0] if names else ""


def _heard(view: CallView) -> str:
    """The words the call was answered with, ended like a sentence."""
    opening = opening_turns(view)
    text = " ".join(utterance.turn.text for utterance in opening).strip().rstrip(",")
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def _greeting(view: CallView) -> str:
    """The greeting as it was said."""
    greetings = view.lexicon.list("begroeting", "greetings")
    found: list[str] = [m.quote for u in opening_turns(view) for m in view.finder.find(greetings, u)]
    quote = found[0].rstrip(".,!?") if found else ""
    return quote[:1].upper() + quote[1:]


def _formula(view: CallView) -> str:
    formula = view.profile.formula if view.profile else ""
    agent = _agent(view)
    if not formula or ("..." in formula and not agent):
        return ""
    heard = _greeting(view).lower()
    words = [_chosen(word.split("/"), heard) if "/" in word else word for word in formula.split()]
    return " ".join(words).replace("...", agent).rstrip(".") + "."


def _chosen(choices: Sequence[str], heard: str) -> str:
    """The choice that was said, with the punctuation of the last one; the first when none was."""
    plain = [choice.rstrip(".,") for choice in choices]
    chosen = next((choice for choice in plain if choice.lower() == heard), plain[0])
    return chosen[:1].upper() + chosen[1:] + choices[-1][len(plain[-1]) :]


def _booked(view: CallView) -> str:
    appointment = view.situations.appointment
    return appointment.moment.quote.rstrip(".,?!") if appointment is not None else ""


def _story(view: CallView) -> str:
    """The first words of substance in which the caller complains: `maandag, terugbellen, kroon`."""
    if not view.situations.complaint:
        return ""
    cue = view.situations.complaint[0]
    utterance = cue.utterance
    telling = content_words(view, [utterance])
    outside = (token for at, token in enumerate(utterance.tokens) if not cue.start <= at < cue.end)
    said = [token.text for token in outside if token.norm in telling]
    return ", ".join(dict.fromkeys(said[:STORY_WORDS])) if len(said) > 1 else ""


def _answer(outcome: Outcome) -> str:
    quote = next((each.quote for each in outcome.evidence if each.role == "agent"), "").rstrip(".,!? ")
    return quote[:1].upper() + quote[1:]


def _by_hour(remedy: WouldPass, view: CallView) -> str:
    at = view.call.started_at
    if at is None:
        return ""
    fitting = [hour for hour in sorted(remedy.by_hour) if time.fromisoformat(hour) <= at.time()]
    return remedy.by_hour[fitting[-1]] if fitting else ""


def _other(remedy: WouldPass, moment: str) -> str:
    """The first moment that shares no word of any length with the one of the call: another day and time."""
    said = set(moment.lower().split())
    return next((each for each in remedy.other if not {word for word in each.split() if len(word) > 3} & said), "")


def _bound(outcome: Outcome) -> str:
    """The number of the limit that was broken."""
    measured = outcome.measured
    bounds = _NUMBER.findall(measured.limit) if measured else []
    if measured is None or not bounds:
        return ""
    return str(min(bounds, key=lambda bound: abs(_value(bound) - measured.value)))


def _over(outcome: Outcome) -> str:
    """How far the value lies behind the limit."""
    bound = _bound(outcome)
    if outcome.measured is None or not bound:
        return ""
    difference = abs(outcome.measured.value - _value(bound))
    return f"{difference:.0f}" if difference == int(difference) else f"{difference:.1f}".replace(".", ",")


def _value(number: str) -> float:
    return float(number.replace(",", "."))


def _times(outcome: Outcome) -> str:
    places = [each.start_s for each in outcome.evidence if each.role == "agent"]
    return ", ".join(dict.fromkeys(clock(at_s) for at_s in places))


def _edge(outcome: Outcome, *, end: bool) -> str:
    if not outcome.evidence:
        return ""
    return clock(outcome.evidence[0].end_s if end else outcome.evidence[0].start_s)


_READERS: Mapping[str, Callable[[CallView], str]] = {
    "story": _story,
    "name": _name,
    "addressed": _addressed,
    "agent": _agent,
    "practice": _practice,
    "heard": _heard,
    "greeting": _greeting,
    "formula": _formula,
    "moment": _booked,
}
_OF_OUTCOME: Mapping[str, Callable[[Outcome], str]] = {
    "answer": _answer,
    "bound": _bound,
    "over": _over,
    "times": _times,
    "since": lambda outcome: _edge(outcome, end=False),
    "until": lambda outcome: _edge(outcome, end=True),
}
SLOTS = frozenset((*_READERS, *_OF_OUTCOME, "at", "say", "by_hour", "other", "rewritten"))
