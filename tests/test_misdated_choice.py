"""An offer said once more with a date on which no such weekday falls is a slip, and no second offer to choose from."""

from __future__ import annotations

import pytest

from belscore import parse_call, score_call
from stored_calls import rules

CALL = """@started_at 2026-10-06T08:50
0.4-4.7 agent Goedemorgen, huisartsenpraktijk De Eik, u spreekt met Nadia.
5.2-9.5 caller Goedemorgen, met Kees Verlinden. Ik wil graag langskomen voor een moedervlek.
10.0-14.5 agent Dan zet ik u donderdag de vijftiende neer, om tien over elf. Gaat dat?
15.0-18.9 caller Even denken, dan moet ik op tijd uit Venlo weg. Ja, dat gaat.
19.5-24.0 agent {said}
24.6-25.3 caller Is goed, hoor.
26.0-28.0 agent Tot volgende week, meneer Verlinden.
"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Prima. Dus u komt donderdag de zestiende, elf uur tien, bij dokter Aydin.", "fail"),
        ("Prima. Dus u komt donderdag de vijftiende, elf uur tien, bij dokter Aydin.", "fail"),
        ("Of wilt u liever vrijdag de zestiende, om tien over elf?", "pass"),
    ],
)
def test_misdated_repetition_is_no_second_offer(said: str, verdict: str) -> None:
    card = score_call(parse_call(CALL.format(said=said)), rules=rules())
    assert card.finding("afspraak-twee-opties").verdict == verdict
