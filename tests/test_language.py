"""Tokens, phrases, names and forms of address."""

from __future__ import annotations

import pytest

from belscore import load_rules, parse_call
from belscore.call import Call, Turn, Word
from belscore.language.name_words import name_similarity
from belscore.view import CallView

RULES = load_rules()
KNOWLEDGE = RULES.knowledge


def view_of(text: str) -> CallView:
    return CallView(parse_call(text), KNOWLEDGE)


def norms(text: str) -> tuple[str, ...]:
    return view_of(f"0-9 agent {text}").utterances[0].norms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Goeiemorgen, 'k heb d'r een!", ("goedemorgen", "ik", "heb", "er", "een")),
        ("dankuwel meneer Janssen-Smit.", ("dank", "u", "wel", "meneer", "janssen", "smit")),
        ("één patiënt om 10.45 uur", ("een", "patient", "om", "10.45", "uur")),
        ("da's m’n zoon", ("dat", "is", "mijn", "zoon")),
    ],
)
def test_normalisation(text: str, expected: tuple[str, ...]) -> None:
    assert norms(text) == expected


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("bedankt voor het wachten", "bedankt voor het wachten", True),
        ("bedankt voor het wachten", "bedankt eh voor het wachten hoor", True),
        ("bedankt voor het wachten", "bedankt voor het wachtten", True),
        ("bedankt voor het wachten", "bedankt voor wachten", True),
        ("bedankt voor het wachten", "bedankt voor het bellen", False),
        ("ik begrijp dat", "ik begrijp niet dat", False),
        ("als ik het goed begrijp", "als ik het goed begrip", True),
        ("spijt me/mij/ons", "het spijt ons zeer", True),
        ("fijne (hele) dag", "een fijne dag", True),
        ("ik verbind u ... door", "ik verbind u even met haar door", True),
        ("sorry", "zorg", False),
    ],
)
def test_phrase(phrase: str, text: str, found: bool) -> None:
    utterance = view_of(f"0-9 agent {text}").utterances[0]
    assert KNOWLEDGE.finder.any((phrase,), utterance) is found


def test_a_match_is_as_sure_as_its_least_sure_word() -> None:
    words = (Word("bedankt", 0, 1, 0.9), Word("voor", 1, 2, 0.4), Word("het", 2, 3, 0.8), Word("wachten", 3, 4, 0.7))
    turn = Turn("agent", 0, 4, "bedankt voor het wachten", words)
    view = CallView(Call("x", 4.0, (turn,)), KNOWLEDGE)
    (match,) = KNOWLEDGE.finder.find(("bedankt voor het wachten",), view.utterances[0])
    assert match.probability == 0.4


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Goedemorgen, met mevrouw Jansen.", ("jansen",)),
        ("goedemorgen met karin van der meulen ik bel voor een controle", ("karin", "meulen")),
        ("hallo met fatima el amrani ik wil een afspraak", ("fatima", "amrani")),
        ("u spreekt met jan de bruin ik heb een klacht", ("jan", "bruin")),
        ("Goedemiddag, Van Zuylen.", ("zuylen",)),
        ("Dag, mijn naam is De Wit, ik heb een vraag.", ("wit",)),
        ("ja met ter horst ik heb een vraag", ("horst",)),
        ("Goedemorgen, met Wil Koster.", ("wil", "koster")),
    ],
)
def test_the_caller_gives_a_name(said: str, words: tuple[str, ...]) -> None:
    greeting = "Goedemorgen, praktijk De Linde, met Anja."
    view = view_of(f"0-3 agent {greeting.lower() if said.islower() else greeting}\n4-7 caller {said}")
    assert view.caller_names[0].words == words


@pytest.mark.parametrize(
    "said",
    [
        "Goedemorgen, ik zit met een kroon die eraf is.", "ja met mij weer", "hoi ik bel met een vraag over de nota",
        "goedemorgen met de dochter van mevrouw jansen", "ik ben al een week ziek", "ja hallo met spoed graag",
        "Goedemorgen Anja, ik heb een vraag.",
    ],
)  # fmt: skip
def test_no_name_is_given(said: str) -> None:
    view = view_of(f"0-3 agent Goedemorgen, praktijk De Linde, met Anja.\n4-7 caller {said}")
    assert view.caller_names == ()


@pytest.mark.parametrize(
    ("one", "other"), [("janssen", "jansen"), ("visser", "fisser"), ("kuiper", "kuyper"), ("schmidt", "smit")]
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert name_similarity(one, other) >= 0.8


def uses(text: str) -> list[str]:
    view = view_of(f"0-3 caller Goedemorgen.\n4-9 agent {text}")
    return [use.strength for use in KNOWLEDGE.address.informal_uses(view.utterances)]


@pytest.mark.parametrize(
    "text",
    [
        "Wat is je geboortedatum?", "ik bel je morgen terug", "heb je er last van", "Je spreekt met Kim.",
        "kun je om tien uur", "neem je pasje mee", "dan belt zij je donderdag", "Hoe lang heb je dat al?",
        "ik zet je erin",
    ],
)  # fmt: skip
def test_je_to_the_caller(text: str) -> None:
    assert "strong" in uses(text)


@pytest.mark.parametrize(
    "text",
    [
        "je moet nuchter zijn", "dan krijg je een brief", "als je een kies laat trekken dan heb je daar last van",
        "je weet maar nooit", "dank je wel", "toen zei de tandarts je moet komen", "kijkt u op uw gemak", "weet je wel",
        "je kunt hier gratis parkeren",
    ],
)  # fmt: skip
def test_je_to_nobody_in_particular(text: str) -> None:
    assert "strong" not in uses(text)
