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


@pytest.mark.parametrize(
    ("said", "promised"),
    [
        ("U vroeg gisteren of de uitslag er al was, daar bel ik u over terug. Hij is goed.", False),
        ("Wij bellen u terug over uw rekening. U hoeft niets te betalen.", False),
        ("U had een vraag gesteld, daar kom ik bij u op terug. Het antwoord is ja.", False),
        ("u had ons gemist dus ik bel u nu terug de dokter heeft vanmorgen gekeken", False),
        ("De dokter is nog bezig. Dan bel ik u morgen terug.", True),
        ("De uitslag is er nog niet, daar bel ik u vrijdag over terug.", True),
        ("Komt het ongelegen, dan bel ik u later terug.", True),
        ("ik hoor dat u in de auto zit ik bel u vanmiddag terug", True),
    ],
)
@pytest.mark.parametrize("opening", ["Dag, met Yvette van de poli. Spreek ik met mevrouw Abdi?", ""])
def test_why_the_practice_rang(said: str, opening: str, *, promised: bool) -> None:
    lines = [f"0.5-5.0 agent {opening}", f"5.5-6.5 caller Ja, daar spreekt u mee.\n7.0-14.0 agent {said}"]
    told = "\n".join(lines if opening else [f"0.5-9.0 agent Dag, met Yvette van de poli. {said}"])
    call = parse_call(f"@direction outbound\n{told}\n15.0-16.0 caller O, fijn.\n17.0-18.0 agent Tot ziens.\n")
    assert ("terugbellen" in score_call(call, rules=rules()).situations) is promised
