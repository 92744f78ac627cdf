"""The language behind the rules on service: questions, terms of a promise, hours of a greeting, ring tones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from belscore import load_rules, parse_call, score_call
from belscore.asking import QuestionReader
from belscore.call import Call, Span
from belscore.checks.daypart import fits
from belscore.rule_service import Daypart
from belscore.terms import TermReader
from belscore.view import CallView

RULES = load_rules()


def view_of(text: str) -> CallView:
    return CallView(parse_call(text), RULES.knowledge)


def questions(turn: str) -> list[tuple[str, str]]:
    view = view_of(f"0-5 agent {turn}")
    return [(question.kind, question.quote) for question in QuestionReader(view).questions(view.utterances[0])]


@pytest.mark.parametrize(
    ("turn", "kinds"),
    [
        ("is mijn recept er al", ["closed"]),
        ("goedemorgen met jansen is mijn recept er al", ["closed"]),
        ("dag mevrouw de boer wat vervelend waar zit die pijn precies", ["open"]),
        ("en sinds wanneer", ["open"]),
        ("Sinds wanneer heeft u dat? En straalt het uit?", ["open", "closed"]),
        ("en is het kabeltje stuk of pakt het blokje niet meer", ["closed", "closed"]),
        ("kan mevrouw van loon haar vingers nog bewegen", ["closed"]),
        ("dan kunt u morgen komen", []),
        ("donderdag moet ik oppassen doe maar vrijdag", []),
        ("mijn man heeft ze opgehaald", []),
        ("wat vervelend voor u", []),
        ("Dat klopt, hè?", []),
    ],
)
def test_questions_by_their_form(turn: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in questions(turn)] == kinds


def test_question_marks_decide_where_they_are_written() -> None:
    assert questions("Neemt u plaats. Heeft u een verwijzing?") == [("closed", "Heeft u een verwijzing?")]


def term(promise: str, *later: str) -> tuple[str, str]:
    lines = [f"0-5 agent {promise}", *(f"{6 + 4 * at}-{9 + 4 * at} {line}" for at, line in enumerate(later))]
    view = view_of("\n".join(lines))
    found = TermReader(view).term_of(view.situations.promises[0])
    return found.kind, found.quote


@pytest.mark.parametrize(
    ("promise", "kind"),
    [
        ("ik bel u vanmiddag voor vier uur terug", "hard"),
        ("binnen een uurtje bel ik u met antwoord terug", "hard"),
        ("de tandarts is er morgen weer dan belt hij u", "hard"),
        ("dan belt de assistente u na het spreekuur", "hard"),
        ("we bellen u in de loop van de week", "hard"),
        ("ik bel u over een half uurtje", "hard"),
        ("ik bel u zo snel mogelijk terug", "soft"),
        ("we bellen u binnenkort over uw afspraak van maandag", "soft"),
        ("ik bel u straks even terug", "soft"),
        ("zodra ik iets weet bel ik u", "open"),
        ("ik geef het door en dan belt de dokter u", "none"),
    ],
)
def test_term_of_a_promise(promise: str, kind: str) -> None:
    assert term(promise)[0] == kind


def test_term_in_answer_to_the_caller() -> None:
    answered = term("dan belt de assistente u", "caller wanneer is dat ongeveer", "agent in de loop van de middag")
    assert answered == ("hard", "in de loop van")


def test_moment_about_something_else_is_no_term() -> None:
    later = ("caller hoeveel moet ik vanavond nemen", "agent vanavond gewoon twee")
    assert term("dan belt de assistente u", *later)[0] == "none"


@pytest.mark.parametrize(
    "text",
    [
        "belt u morgen na tien uur maar even terug",
        "als het erger wordt dan belt u meteen",
        "u kunt ons morgen bellen",
        "mijn collega zou u terugbellen",
        "fijn dat u belt",
        "ik bel u over uw moeder",
        "neemt u dan contact op met uw huisarts",
        "ik ben zo bij u terug",
    ],
)
def test_no_promise_of_the_practice(text: str) -> None:
    assert view_of(f"0-5 agent {text}").situations.promises == ()


@pytest.mark.parametrize(
    ("clock", "name", "fitting"),
    [
        ("09:00", "morgen", True),
        ("12:15", "morgen", True),
        ("12:16", "morgen", False),
        ("11:44", "middag", False),
        ("17:50", "avond", True),
        ("23:30", "avond", True),
        ("02:00", "avond", True),
        ("16:40", "avond", False),
        ("23:50", "morgen", True),
    ],
)
def test_hours_of_a_greeting(clock: str, name: str, fitting: bool) -> None:
    check = RULES.rule("opening-dagdeel").check
    assert isinstance(check, Daypart)
    greeting = next(each for each in check.greetings if each.name == name)
    assert fits(greeting, datetime.fromisoformat(f"2025-10-06T{clock}"), check.grace_min) is fitting


def ringing(bursts: int) -> Call:
    answered_s = 5.0 * bursts
    call = parse_call(f"{answered_s}-{answered_s + 3} agent Goedemorgen, praktijk De Vries, met Anja.")
    return replace(call, rings=tuple(Span(5.0 * at, 5.0 * at + 1) for at in range(bursts)))


@pytest.mark.parametrize(("bursts", "verdict"), [(2, "pass"), (3, "pass"), (4, "fail")])
def test_rings_counted_from_the_sound(bursts: int, verdict: str) -> None:
    assert score_call(ringing(bursts), rules=RULES).finding("opening-belsignalen").verdict == verdict


def test_rings_of_a_transfer_do_not_count() -> None:
    call = replace(ringing(1), rings=(Span(0, 1), *(Span(20.0 + 5 * at, 21.0 + 5 * at) for at in range(6))))
    assert score_call(call, rules=RULES).finding("opening-belsignalen").verdict == "pass"


def test_reaction_heard_but_not_transcribed() -> None:
    """A recogniser drops a short `ja`; the caller's speech spans still show it."""
    text = "0-3 agent blijft u even aan de lijn\n30-33 agent bedankt voor het wachten\n34-35 caller graag gedaan"
    call = parse_call(text)
    heard = replace(call, speech={"agent": (Span(0, 3), Span(30, 33)), "caller": (Span(3.4, 3.8), Span(34, 35))})
    assert score_call(call, rules=RULES).finding("wacht-vragen").verdict == "fail"
    assert score_call(heard, rules=RULES).finding("wacht-vragen").verdict == "pass"
