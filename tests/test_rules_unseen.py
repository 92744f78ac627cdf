"""Ways of saying it that no rule was written around, and what looks like them: one small call for each."""

from __future__ import annotations

import pytest

from belscore import load_rules, parse_call, score_call

RULES = load_rules()


def verdict(rule_id: str, *turns: str) -> str:
    """The verdict on a call of these turns, 3 s each; `+20 agent ...` begins 20 s after the turn before."""
    lines, at_s = [], 0.5
    for turn in turns:
        gap, text = turn.split(" ", 1) if turn.startswith("+") else ("+0.4", turn)
        start_s = at_s + float(gap)
        at_s = start_s + 3.0
        lines.append(f"{start_s:.1f}-{at_s:.1f} {text}")
    return score_call(parse_call("\n".join(lines)), rules=RULES).finding(rule_id).verdict


OPENING = "agent Goedemorgen, ziekenhuis Noord, u spreekt met Anja."


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Mag ik de boekhouding misschien even?", "pass"),
        ("Zou u mij kunnen doorzetten naar iemand van de apotheek?", "pass"),
        ("Kan ik de afdeling dialyse krijgen alstublieft?", "pass"),
        ("Ik moet bij de poli oogheelkunde zijn.", "pass"),
        ("Werkt mevrouw Pinas daar vandaag?", "pass"),
        ("Geef me het secretariaat maar.", "pass"),
        ("Kan ik een herhaalrecept krijgen?", "fail"),
        ("Ik heb een vraag over mijn rekening.", "fail"),
        ("Zou ik de uitslag kunnen krijgen?", "fail"),
    ],
)
def test_bare_transfer_to_whom_the_caller_asked_for(asked: str, expected: str) -> None:
    turns = (f"caller {asked}", "agent Ja hoor, ik verbind u door.", "+3 colleague Met Ton.", "caller Dag Ton.")
    assert verdict("doorverbinden-aankondigen", OPENING, *turns) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("caller En dan heb ik nog iets over mijn nota.", "fail"),
        ("caller O ja, nog iets anders.", "fail"),
        ("caller Fijn, dank u.", "pass"),
    ],
)
def test_new_subject_makes_the_one_named_before_another(change: str, expected: str) -> None:
    turns = ("caller Mag ik dokter Smit spreken?", "agent Die is er morgen weer.", change, "agent Ik verbind u door.")
    colleague = ("+3 colleague Met Ton.", "caller Dag Ton.")
    assert verdict("doorverbinden-aankondigen", OPENING, *turns, *colleague) == expected


def test_subject_that_the_agent_asked_for_is_no_new_one() -> None:
    turns = (
        "caller Mag ik mevrouw Smit van de balie spreken?",
        "agent Waar gaat het over?",
        "caller O, ik heb nog iets over mijn nota.",
        "agent Ik verbind u door.",
        "+3 colleague Met Ton.",
    )
    assert verdict("doorverbinden-aankondigen", OPENING, *turns) == "pass"


WAITING = ("caller Welke kamer is het?", "agent Wilt u even aan de lijn blijven?", "caller Ja hoor.")


@pytest.mark.parametrize(
    ("during", "expected"),
    [
        (("+60 agent Ze zijn het daar aan het nakijken, mevrouw.", "caller Goed hoor."), "pass"),
        (("+60 agent Er is er nog een voor u.", "caller Is goed."), "pass"),
        (("+60 caller Hallo, bent u daar?",), "fail"),
        ((), "fail"),
    ],
)
def test_word_in_a_long_wait(during: tuple[str, ...], expected: str) -> None:
    back = "+75 agent Bedankt voor het wachten, het is kamer vier." if during else "+140 agent Het is kamer vier."
    assert verdict("wacht-duur", OPENING, *WAITING, *during, back) == expected


def test_are_you_still_there_at_the_end_of_a_wait_is_no_check_in() -> None:
    turns = ("+140 agent Bent u er nog?", "caller Ja.", "agent Het is kamer vier.", "caller Dank u.")
    assert verdict("wacht-duur", OPENING, *WAITING, *turns) == "fail"


def test_word_to_a_colleague_does_not_end_the_wait() -> None:
    turns = (
        "agent Petra, weet jij welke kamer?",
        "+15 agent Dank voor het wachten, kamer vier.",
        "caller Fijn.",
    )
    assert verdict("wacht-bedanken", OPENING, *WAITING, *turns) == "pass"


@pytest.mark.parametrize(
    ("rule_id", "said", "expected"),
    [
        ("klacht-niet-verdedigen", "U moet ook niet vergeten dat we met heel weinig mensen zijn.", "fail"),
        ("klacht-niet-verdedigen", "Als u iets eerder had gebeld, dan was er nog plek geweest.", "fail"),
        ("klacht-niet-verdedigen", "Was u wat flexibeler geweest, dan had u maandag gekund.", "fail"),
        ("klacht-niet-verdedigen", "Dan moet u niet vergeten uw pasje mee te nemen.", "pass"),
        ("klacht-niet-verdedigen", "Als u het eerder had geweten, dan had u geen vrij hoeven nemen.", "pass"),
        ("klacht-niet-verdedigen", "Als u eerder bent, dan kunt u gewoon even plaatsnemen.", "pass"),
        ("klacht-geen-schuld-anderen", "Dat is weer echt iets voor die uitzendkrachten.", "fail"),
        ("klacht-geen-schuld-anderen", "Ja, de invalkrachten vergeten dat altijd.", "fail"),
        ("klacht-geen-schuld-anderen", "Ik bespreek het vandaag met de uitzendkracht.", "pass"),
        ("klacht-geen-schuld-anderen", "Die Hans heeft ook echt zijn agenda niet op orde.", "fail"),
        ("klacht-geen-schuld-anderen", "U zegt dat Hans zijn agenda niet op orde heeft.", "pass"),
        ("klacht-geen-schuld-anderen", "Ik bel Hans, dan brengen we uw agenda op orde.", "pass"),
    ],
)
def test_defence_and_blame_in_other_words(rule_id: str, said: str, expected: str) -> None:
    complaint = "caller Met Jansen, ik heb een klacht, ik heb gisteren twee uur voor niks zitten wachten."
    assert verdict(rule_id, OPENING, complaint, f"agent {said}", "caller Ja ja.") == expected


ABOUT = "luisteren-doorvragen"


def test_questions_that_are_asked_of_problems_only_show_a_problem() -> None:
    turns = (
        "caller Met Jansen, er is iets geks met mijn oorlel.",
        "agent Hoe groot is het dan?",
        "caller Een kwartje.",
        "agent En bloedt het wel eens?",
        "caller Nee.",
    )
    assert verdict(ABOUT, OPENING, *turns) == "pass"


@pytest.mark.parametrize(
    "told",
    [
        "Met Jansen, kan ik donderdag komen, vorig jaar ben ik nog gevallen.",
        "Met Jansen, ik bel voor de uitslag, is het een ontsteking?",
    ],
)
def test_what_is_over_or_only_asked_is_no_problem(told: str) -> None:
    turns = (f"caller {told}", "agent Dat is goed.", "caller Mooi.", "agent Tot donderdag.", "caller Tot dan.")
    assert verdict(ABOUT, OPENING, *turns) == "not_applicable"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Dan staat u dinsdag om veertien uur vijfenveertig bij de dokter en om half drie voor de foto.", "pass"),
        ("Dinsdag om kwart voor drie, komt u om half drie, dan kunt u eerst bloed laten prikken.", "pass"),
        ("Dan staat u dinsdag om half drie genoteerd.", "fail"),
        ("Dan staat u dinsdag om half drie, o nee, kwart voor drie genoteerd.", "pass"),
    ],
)
def test_two_times_that_belong_together_are_no_slip(said: str, expected: str) -> None:
    turns = (
        "caller Met Jansen, ik moet op controle komen.",
        "agent Dat kan dinsdag om kwart voor drie of vrijdag om tien over vier.",
        "caller Doe dinsdag maar.",
        f"agent {said}",
        "caller Fijn.",
    )
    assert verdict("afspraak-herhalen", OPENING, *turns) == expected


@pytest.mark.parametrize(("after", "expected"), [("Achtenzeventig, ja.", "pass"), ("Goed zo.", "fail")])
def test_last_digits_put_right(after: str, expected: str) -> None:
    turns = (
        "caller Met Jansen, belt u mij terug? Nul zes twaalf vierendertig zesenvijftig achtenzeventig.",
        "agent Nul zes, twaalf, vierendertig, zesenvijftig, achtenzestig.",
        "caller Hm hm.",
        f"agent {after} Ik bel u morgen voor tien uur terug.",
        "caller Fijn.",
    )
    assert verdict("luisteren-herhalen", OPENING, *turns) == expected


def test_thanks_end_the_wait_before_another_silence() -> None:
    turns = ("+30 agent Dank voor het wachten, ik open het dossier.", "caller Ja.", "+25 agent Kamer vier.")
    assert verdict("wacht-bedanken", OPENING, *WAITING, *turns, "caller Fijn.") == "pass"


def test_offer_behind_other_business_is_one_of_two() -> None:
    turns = (
        "caller met jansen ik wil een afspraak voor een foto",
        "agent ik noteer dat we u bellen na twee uur en voor de foto heb ik maandag om kwart over drie of "
        "woensdag om tien voor vier",
        "caller woensdag graag",
        "agent woensdag tien voor vier",
    )
    assert verdict("afspraak-twee-opties", "agent goedemorgen poli noord met anja", *turns) == "pass"


@pytest.mark.parametrize(
    ("said", "expected"),
    [("de eerste twee uur parkeert u gratis", "not_applicable"), ("maandag de eerste twee uur dan", "pass")],
)
def test_first_hours_are_no_clock_time(said: str, expected: str) -> None:
    turns = ("caller met jansen kan ik maandag de eerste om twee uur komen", f"agent dat kan {said}", "caller mooi")
    if expected == "not_applicable":
        turns = ("caller met jansen kan ik bij jullie parkeren", f"agent ja {said}", "caller mooi")
    assert verdict("afspraak-herhalen", "agent goedemorgen poli noord met anja", *turns) == expected


def test_promise_for_tomorrow_announces_no_silence() -> None:
    turns = (
        "caller Met Jansen, vergoedt de verzekering dat?",
        "agent Zal ik dat uitzoeken en u er morgen over bellen?",
        "caller Nee hoor. Hoe vaak mag ik nog komen?",
        "+14 agent Twee keer.",
    )
    assert verdict("tempo-stilte", OPENING, *turns) == "fail"


def test_formal_complaint_without_the_noun_in_front() -> None:
    turns = (
        "caller Met Jansen, ik ben hier niet blij mee, ik wil dit officieel indienen.",
        "agent Dat kan via het formulier op onze website.",
        "caller Goed.",
    )
    assert verdict("klacht-procedure", OPENING, *turns) == "pass"


@pytest.mark.parametrize(
    ("choice", "said", "expected"),
    [
        ("Dinsdag, want maandags zwem ik.", "Dinsdag de vierentwintigste om één uur dus.", "pass"),
        ("Dinsdag, want maandags zwem ik.", "Maandag om acht uur dus.", "fail"),
        ("Doe maar maandag, want dinsdag werk ik.", "Maandag om acht uur dus.", "pass"),
        ("Maandag niet, want dan zwem ik, dinsdag wel.", "Dinsdag om één uur dus.", "pass"),
    ],
)
def test_offer_named_in_the_reason_is_not_the_one_taken(choice: str, said: str, expected: str) -> None:
    turns = (
        "caller Met Jansen, ik wil een afspraak voor controle.",
        "agent Dat kan maandag om acht uur of dinsdag om één uur, welke past?",
        f"caller {choice}",
        "agent Is uw adres nog hetzelfde?",
        "caller Nee, dat is veranderd.",
        f"agent {said}",
        "caller Tot dan.",
    )
    assert verdict("afspraak-herhalen", OPENING, *turns) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Maakt me niet uit, Osman dan.", "fail"),
        ("Dat maakt mij niks uit.", "fail"),
        ("Niet erg, prima hoor.", "fail"),
        ("Nee, dan moet ik werken.", "not_applicable"),
        ("Dat lukt me niet.", "not_applicable"),
    ],
)
def test_indifference_refuses_no_offer(answer: str, expected: str) -> None:
    turns = (
        "caller Met Jansen, ik wil een afspraak voor controle.",
        "agent Dan komen we uit op donderdag om tien over twee.",
        f"caller {answer}",
        "agent Oké.",
        "caller Fijne dag.",
    )
    assert verdict("afspraak-twee-opties", OPENING, *turns) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("hebben jullie vrijdag om acht uur nog wat", "not_applicable"),
        ("heb je misschien vrijdag om acht uur een plekje", "not_applicable"),
        ("heeft u binnenkort een plekje", "fail"),
    ],
)
def test_moment_that_the_caller_asks_after(asked: str, expected: str) -> None:
    turns = (
        f"caller met jansen mijn banden moeten eraf {asked}",
        "agent vrijdag acht uur is nog vrij die is voor u",
        "caller mooi",
        "agent tot vrijdag acht uur",
    )
    assert verdict("afspraak-twee-opties", "agent goedemorgen garage noord met anja", *turns) == expected


@pytest.mark.parametrize(
    ("given", "last", "expected"),
    [
        ("drieënveertig twintig vijfentwintig", "vijfentwintig", "pass"),
        ("nul zes zestien drieënveertig twintig vijfentwintig", "vijfentwintig", "pass"),
        ("nul zes zestien drieënveertig twintig vijfentwintig", "vijftien", "fail"),
    ],
)
def test_end_of_a_number_said_once_more(given: str, last: str, expected: str) -> None:
    turns = (
        "caller Met Jansen, kan de dokter mij bellen?",
        "agent Dat doet hij vandaag voor vier uur. Ik zie nul zes zestien drieënveertig twintig vijf, is dat goed?",
        f"caller Nee, het eindigt op vijfentwintig, dus {given}.",
        f"agent Dat verbeter ik: nul zes zestien drieënveertig twintig {last}.",
        "caller Dank u.",
    )
    assert verdict("luisteren-herhalen", OPENING, *turns) == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("Morgen tussen tien en twaalf de bril dus, en maandagochtend hoort u mij.", "pass"),
        ("Maandag om negen uur hoort u mij dus.", "pass"),
        ("Maandag om tien uur hoort u mij dus.", "fail"),
    ],
)
def test_time_of_something_else_beside_the_promise(last: str, expected: str) -> None:
    promise = "Maandag om negen uur bel ik u"
    if "Morgen" in last:
        promise = "Hij wordt morgen tussen tien en twaalf gebracht. En maandagochtend bel ik u"
    turns = (
        "caller Met Jansen, mijn bril zou klaar zijn.",
        f"agent {promise} of hij goed zit.",
        "caller Fijn.",
        f"agent {last}",
        "caller Dag.",
    )
    assert verdict("luisteren-herhalen", OPENING, *turns) == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("graag gedaan en veel rijplezier", "pass"),
        ("veel leesplezier ermee", "pass"),
        ("dan tot morgen tien uur", "pass"),
        ("morgen kan het vanaf zeven uur tot tien uur doei", "fail"),
        ("morgen kan het van zeven tot tien uur doeg", "fail"),
    ],
)
def test_farewell_and_opening_hours(last: str, expected: str) -> None:
    turns = ("caller met jansen ik wil iets weten", "agent zegt u het maar", "caller dank u wel", f"agent {last}")
    assert verdict("afsluiting-afscheid", "agent goedemorgen bad noord met anja", *turns) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Om acht uur bel ik zelf of het warm is.", "pass"),
        ("Morgen bel ik u of hij het weer doet.", "pass"),
        ("Morgen bel ik of de monteur kan komen.", "fail"),
        ("Morgen bel ik u hoe laat hij komt.", "fail"),
    ],
)
def test_call_that_asks_after_the_result(said: str, expected: str) -> None:
    complaint = "caller Met Jansen, ik heb een klacht, jullie hebben mijn ketel verkeerd aangesloten."
    turns = (f"agent Wat vervelend. Vandaag komt er een monteur. {said}", "caller Goed.", "agent Tot dan.")
    assert verdict("klacht-nazorg", OPENING, complaint, *turns) == expected


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        ("Wie kan ik zeggen dat er gebeld heeft?", "Oudshoorn.", "fail"),
        ("Van wie mag ik de boodschap doorgeven?", "Van Oudshoorn, dat zei ik net.", "fail"),
        ("Wie kan ik zeggen dat het brengt?", "Mijn zoon.", "pass"),
    ],
)
def test_whom_to_announce(asked: str, answer: str, expected: str) -> None:
    turns = (
        "caller Met Gijs Oudshoorn, kan de notaris mij bellen?",
        f"agent Dat kan, meneer Oudshoorn. {asked}",
        f"caller {answer}",
    )
    assert verdict("naam-niet-opnieuw-vragen", OPENING, *turns) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("zegt u maar wat u het liefste heeft qua dag", "fail"),
        ("wat heeft u het liefst qua tijd", "fail"),
        ("wat heeft u het liefst een kroon of een vulling", "pass"),
    ],
)
def test_what_the_caller_likes_best(asked: str, expected: str) -> None:
    turns = (
        "caller met jansen ik wil een afspraak",
        f"agent {asked}",
        "caller nou dat weet ik niet",
        "agent dan kan het donderdag om half vier of vrijdag om tien uur",
        "caller donderdag graag",
        "agent dan staat u donderdag om half vier genoteerd",
    )
    assert verdict("afspraak-sturing", "agent goedemorgen poli noord met anja", *turns) == expected


@pytest.mark.parametrize(
    ("promise", "expected"),
    [
        ("u krijgt daar vandaag voor vier uur een telefoontje over", "pass"),
        ("daar krijgt u er zo snel mogelijk een belletje over", "fail"),
        ("u kunt daar morgen voor langskomen", "not_applicable"),
    ],
)
def test_promise_of_a_ring(promise: str, expected: str) -> None:
    turns = ("caller met jansen mijn kous zakt af", f"agent dat vraag ik na {promise}", "caller fijn", "agent dag")
    assert verdict("terugbellen-termijn", "agent goedemorgen poli noord met anja", *turns) == expected
