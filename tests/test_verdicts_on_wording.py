"""Wordings that were judged wrongly once: each beside one that looks like it and is something else."""

from __future__ import annotations

import pytest

from belscore import parse_call, score_call
from belscore.scorecard import Scorecard
from stored_calls import rules

OPENING = "0.4-4.0 agent Goedemiddag, huisartsenpraktijk De Wijert, u spreekt met Rianne.\n"


def judged(*said: str) -> Scorecard:
    """Turns of six seconds, caller and agent in turn, behind the greeting."""
    lines = [f"{at * 6 + 5}.0-{at * 6 + 10}.0 {'agent' if at % 2 else 'caller'} {text}" for at, text in enumerate(said)]
    return score_call(parse_call(OPENING + "\n".join(lines) + "\n"), rules=rules())


@pytest.mark.parametrize(
    ("said", "promised"),
    [
        ("Dan laat u ze ons maar bellen.", False),
        ("Dan laat ik hem u morgen even bellen.", True),
        ("Bij een bloeding belt u meteen.", False),
        ("Ik leg het neer bij de dokter, hij belt u vanmiddag.", True),
    ],
)
def test_who_calls(said: str, *, promised: bool) -> None:
    assert ("terugbellen" in judged("Met Ploeger, en als het erger wordt?", said, "Oké.").situations) is promised


@pytest.mark.parametrize(("answer", "promised"), [("Ik blijf wel hangen.", False), ("Graag, ik blijf thuis.", True)])
def test_offer_to_call(answer: str, *, promised: bool) -> None:
    asked = "Dat duurt even. Blijft u hangen, of zal ik u over een kwartier bellen?"
    assert ("terugbellen" in judged("Met Ploeger, is de uitslag er?", asked, answer).situations) is promised


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("Ik stuur nu een ambulance naar u toe.", "pass"), ("Dan stuur ik u een nieuwe pas toe.", "fail")],
)
def test_at_once_is_a_moment(said: str, verdict: str) -> None:
    card = judged("Met Wolbers, ik heb iets nodig.", said, "Dank u wel.", "Fijne avond, mevrouw Wolbers.")
    assert card.finding("afsluiting-vervolg").verdict == verdict


@pytest.mark.parametrize(
    ("asked", "booked"),
    [("Ik wil graag een afspraak maken voor de controle.", True), ("Is mijn bril al klaar?", False)],
)
def test_days_offered_with_misheard_times(asked: str, *, booked: bool) -> None:
    offer = "Dat kan, dinsdag 9 juni onteen voor halve elf of donderdag 11 juni onteen over halve tien."
    assert ("afspraak" in judged(asked, offer, "Doet u mij dan maar die op dinsdag.").situations) is booked


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Nee, dat snap ik, zoiets blijft in je hoofd zitten. Komt u maar.", "pass"),
        ("Ik zeg altijd tegen de mensen, pak je bord en maak de helft groen. Dat mag u ook.", "pass"),
        ("Ach, betaal gewoon je rekening.", "fail"),
    ],
)
def test_je_in_general(said: str, verdict: str) -> None:
    assert judged("Met Hendriksen, wat nu?", said).finding("aanspreekvorm-u").verdict == verdict
