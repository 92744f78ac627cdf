"""What all the words of a call make of the cues in it: `belscore.call_likeness` and the `[evidence]` of situations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from belscore import load_rules, parse_call, score_call
from belscore.call import Call
from belscore.call_likeness import CallLikeness, weigh
from belscore.notation import spread_words
from belscore.view import CallView

RULES = load_rules()

# The agent tells who calls whom: nobody promises anything. The words that do not bear on it make it a whole call.
CALL = """
0.5-3.5 agent  goedemorgen huisartsenpraktijk de linde u spreekt met fenna
4.0-9.0 caller goedemorgen met haddad ik heb vanmorgen urine gebracht in een potje is dat goed aangekomen
9.5-15.0 agent  dag mevrouw haddad het potje staat hier en het zit goed dicht de uitslag ligt vrijdag bij ons klaar
15.5-19.0 caller en moet ik dan langskomen of kan het ook gewoon met de telefoon
19.5-24.0 agent  dat kan allebei hoor met de telefoon tussen elf en twaalf uur in de ochtend
24.5-27.0 caller dan doe ik dat fijn dank u wel mevrouw
27.5-29.0 agent  graag gedaan en nog een mooie dag
"""


def view_of(text: str) -> CallView:
    return CallView(parse_call(text), RULES.knowledge)


class Fixed(CallLikeness):
    """Says the same of every situation."""

    def __init__(self, probability: float | None) -> None:
        self._probability = probability

    def of(self, _situation: str, _turns: object = None) -> float | None:
        return self._probability


@pytest.mark.parametrize(
    ("probability", "said"), [(None, ""), (0.05, "refute"), (0.1, "doubt"), (0.29, "doubt"), (0.3, ""), (0.99, "")]
)
def test_the_words_of_the_call_refute_cues_or_leave_them_doubtful(probability: float | None, said: str) -> None:
    view = view_of(CALL)
    view.likeness = Fixed(probability)
    assert weigh(view, {"id": "x", "evidence": {"refutes": 0.1, "doubts": 0.3}}) == said
    assert weigh(view, {"id": "x"}) == ""


def test_every_situation_with_evidence_has_a_model() -> None:
    with_evidence = {name for name, data in RULES.knowledge.situations.items() if "evidence" in data}
    assert with_evidence <= {name for name, model in RULES.knowledge.models.items() if model.call is not None}
    assert {"afspraak", "agressie", "doorverbinden", "klacht", "terugbellen"} <= with_evidence


def test_a_call_of_a_few_words_is_judged_by_its_cues() -> None:
    short = "\n".join(CALL.strip().splitlines()[:2])
    assert view_of(short).likeness.of("terugbellen") is None
    assert view_of(CALL).likeness.of("terugbellen") is not None


def test_a_situation_without_a_model_is_not_judged() -> None:
    assert view_of(CALL).likeness.of("verbouwing") is None


def test_of_a_long_call_the_likeliest_stretch_counts() -> None:
    """Twenty turns about a urine test before a booking, and as many behind it."""
    booking = """
1.0-6.0 caller ik wil graag een afspraak voor de controle van mijn gebit
6.5-12.0 agent  dat kan dinsdag om tien uur of donderdag om half drie wat schikt u het best
12.5-15.0 caller doe maar dinsdag om tien uur
15.5-20.0 agent  dan staat u dinsdag om tien uur genoteerd bij de mondhygieniste
"""
    alone = view_of(shifted(CALL, 0) + shifted(booking, 30)).likeness.of("afspraak")
    long = view_of(
        "".join(shifted(CALL, at) for at in (0, 30, 60)) + shifted(booking, 90) + shifted(CALL, 120)
    ).likeness.of("afspraak")
    assert alone is not None
    assert long is not None
    assert view_of(CALL).likeness.of("afspraak") < 0.3 < min(alone, long)  # type: ignore[operator]


def shifted(text: str, by_s: float) -> str:
    lines = []
    for line in text.strip().splitlines():
        times, rest = line.split(" ", 1)
        start, end = (float(each) + by_s for each in times.split("-"))
        lines.append(f"{start:.1f}-{end:.1f} {rest}\n")
    return "".join(lines)


def test_what_fails_in_a_doubtful_situation_is_unsure() -> None:
    """One moment offered: a fail where the call is surely about an appointment."""
    call = parse_call(
        shifted(CALL, 0)
        + "30.0-33.0 caller ik wil graag een afspraak voor de controle\n"
        + "33.5-37.0 agent dan heb ik voor u dinsdag om tien uur\n"
        + "37.5-39.0 caller dat is goed\n"
        + "39.5-43.0 agent dan staat u dinsdag om tien uur genoteerd\n"
    )
    knowledge = RULES.knowledge
    sure = score_call(call, rules=with_evidence(0.0, 0.0)).finding("afspraak-twee-opties")
    doubtful = score_call(call, rules=with_evidence(0.0, 1.0)).finding("afspraak-twee-opties")
    refuted = score_call(call, rules=with_evidence(1.0, 1.0)).finding("afspraak-twee-opties")
    assert (sure.verdict, doubtful.verdict, refuted.verdict) == ("fail", "unsure", "not_applicable")
    assert doubtful.reason is not None
    assert knowledge is RULES.knowledge


# The words that make an appointment are all misheard; those around them are not.
MISHEARD = """
0.5-4.0 agent  goedemorgen tandartspraktijk de linde u spreekt met fenna
4.5-12.0 caller goedemorgen met haddad ik eb een hoek jen van mijn voortant af en het is nogal schaerp aan mijn tong
12.5-16.0 agent  dag mevrou haddad dat is schrik doet het zeer of bloed het
16.5-18.5 caller nee dat niet maar het schuurt
19.0-25.0 agent  van middach tien oover vier of morrege om kwaart oover elleve
25.5-27.5 caller morregen graach dat lukt mij
28.0-35.0 agent  neem een kauwgom in de apotheek die drukt u er op dan schuurt het zo lang niet
35.5-37.0 caller o dat is een goede tip
37.5-42.0 agent  tan fin u mor om elluf uur vijf tien tot dan mevrou haddad
42.5-43.5 caller tot dan dag
"""


@pytest.mark.parametrize(
    ("bound", "probability", "verdict"),
    [(0.5, 0.6, "unsure"), (0.9, 0.6, "not_applicable"), (0.5, 1.0, "unsure"), (0.9, 1.0, "not_applicable")],
)
def test_a_situation_that_no_cue_tells_of_is_likely_and_its_rules_unsure(
    bound: float, probability: float, verdict: str
) -> None:
    rules = with_evidence(0.0, 0.0, bound)
    call = recognised(MISHEARD, probability)
    assert "afspraak" not in CallView(call, rules.knowledge).situations
    card = score_call(call, rules=rules)
    assert ("afspraak" in card.situations) == (verdict == "unsure")
    for rule_id in ("afspraak-twee-opties", "afspraak-sturing", "afspraak-herhalen", "luisteren-herhalen"):
        assert card.finding(rule_id).verdict == verdict
        assert bool(card.finding(rule_id).would_pass) == (verdict == "unsure")


def recognised(text: str, probability: float) -> Call:
    call = parse_call(text)
    turns = [(turn, spread_words(turn.text, turn.start_s, turn.end_s)) for turn in call.turns]
    heard = [
        replace(turn, words=tuple(replace(word, probability=probability) for word in said)) for turn, said in turns
    ]
    return replace(call, turns=tuple(heard))


def with_evidence(refutes: float, doubts: float, likely: float | None = None):  # type: ignore[no-untyped-def]
    knowledge = RULES.knowledge
    evidence = {"refutes": refutes, "doubts": doubts, "likely": likely, "likely_misheard": likely}
    situation = {**knowledge.situations["afspraak"], "evidence": evidence}
    return replace(RULES, knowledge=replace(knowledge, situations={**knowledge.situations, "afspraak": situation}))
