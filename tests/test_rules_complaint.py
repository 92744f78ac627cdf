"""Complaints, aggression and appointments: what the many ways of saying a thing come to."""

from __future__ import annotations

import pytest

from belscore import load_rules, score_call
from belscore.rulebook import RuleSet
from belscore.scorecard import Finding, Scorecard
from labelled_situations import alternating_call

COMPLAINT = "Ik ben niet tevreden. U zou mij maandag terugbellen over mijn kroon en ik heb niets gehoord."
OUTBURST = "Stelletje idioten, ik zit al een uur te wachten op die rekening!"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules()


def _score(rules: RuleSet, *lines: str, plain: bool = False) -> Scorecard:
    return score_call(alternating_call(*lines, plain=plain), rules=rules)


def _after_complaint(rules: RuleSet, rule_id: str, said: str, *, plain: bool = False) -> Finding:
    return _score(rules, COMPLAINT, said, "Goed.", "Dag meneer.", plain=plain).finding(rule_id)


@pytest.mark.parametrize("plain", [False, True], ids=["punctuated", "plain"])
@pytest.mark.parametrize(
    "said",
    [
        "Ik vind het toch jammer, want u zou mij gisteren bellen en ik heb de hele middag bij de telefoon gezeten.",
        "Ik wil niet vervelend doen hoor, maar ik zat vanmorgen anderhalf uur in de wachtkamer.",
        "Die mevrouw aan de balie was gisteren niet zo vriendelijk tegen mijn man.",
        "Mijn moeder is gevallen op de afdeling en niemand heeft ons gebeld.",
        "Dat is nou al de derde keer dat ik de verkeerde maat krijg, ik word er moe van.",
        "Joa, ik bin niet tevreden over hoe dat gegaan is.",
        "Da's toch gin doen, ik heb al drie keer gebeld.",
        "Ik krijg een nota voor een gemiste afspraak terwijl ik op tijd had afgebeld.",
        "Er zou iemand langskomen voor de wond en er is weer niemand geweest.",
        "Ik ben behandeld door een stagiair zonder dat mij dat gevraagd is.",
    ],
)
def test_a_complaint_is_recognised(rules: RuleSet, said: str, plain: bool) -> None:
    assert "klacht" in _score(rules, said, "Wat is uw naam?", plain=plain).situations


@pytest.mark.parametrize(
    "said",
    [
        "Ik heb al drie weken last van mijn rug en het is nog steeds niet over.",
        "Ik heb klachten aan mijn knie en ik ben er wel klaar mee, wanneer kan ik komen?",
        "Ik snap niet waar deze rekening voor is, kunt u dat uitleggen?",
        "De apotheek heeft mij de verkeerde pillen meegegeven, schandalig vind ik dat.",
        "De verzekeraar belt maar niet terug, ik word er gek van.",
        "Mijn vorige tandarts was heel onvriendelijk, daarom wil ik mij bij jullie inschrijven.",
        "Ik zou bellen als de koorts niet zakte en dat is niet gebeurd.",
        "Nee, dinsdag kan echt niet, dan moet ik werken.",
        "Ik heb mijn gebit laten vallen en nu is er een tand af.",
        "Van die pillen word ik niet goed, ik ben misselijk en duizelig.",
        "Ik heb het formulier niet ontvangen, kunt u het nog een keer sturen?",
    ],
)
def test_what_only_sounds_like_a_complaint_is_none(rules: RuleSet, said: str) -> None:
    assert "klacht" not in _score(rules, said, "Wat is uw naam?").situations


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Hou je bek en verbind me door.", True),
        ("Luister eens trut, ik wil nu iemand spreken, godverdomme.", True),
        ("Krijg de tering met je kutpraktijk.", True),
        ("Ik heb een rode plek op mijn eikel en het jeukt.", False),
        ("Godverdomme, wat doet dat zeer, verdomme.", False),
        ("Een of andere idioot heeft mijn moeder aangereden.", False),
        ("Dan kom ik wel even langs, ik weet waar jullie zitten.", False),
        ("De assistente noemde mij een trut.", False),
        ("Mijn mond staat in de fik van die medicijnen.", False),
    ],
)
def test_aggression_is_aimed_at_the_agent(rules: RuleSet, said: str, expected: bool) -> None:
    assert ("agressie" in _score(rules, said, "Wat is uw naam?").situations) is expected


@pytest.mark.parametrize("plain", [False, True], ids=["punctuated", "plain"])
@pytest.mark.parametrize(
    "said",
    [
        "Dat snap ik heel goed.",
        "Daar zou ik ook van balen.",
        "Dat u ontstemd bent kan ik goed volgen.",
        "Tjonge, wat ontzettend vervelend voor u.",
        "U heeft groot gelijk.",
        "Logisch dat u daar boos om bent.",
        "Dat is een flinke tegenvaller.",
        "Da's slim vervelend.",
    ],
)
def test_understanding_has_many_words(rules: RuleSet, said: str, plain: bool) -> None:
    assert _after_complaint(rules, "klacht-begrip", said, plain=plain).verdict == "pass"


@pytest.mark.parametrize("said", ["Ik begrijp het niet.", "O, sorry hoor.", "Dat had niet gemogen.", "Wat is uw naam?"])
def test_no_understanding(rules: RuleSet, said: str) -> None:
    assert _after_complaint(rules, "klacht-begrip", said).verdict == "fail"


def test_understanding_after_the_solution_comes_late(rules: RuleSet) -> None:
    card = _score(rules, COMPLAINT, "Ik mail u vandaag nog.", "Goed.", "Dat is ook heel vervelend voor u.")
    finding = card.finding("klacht-begrip")
    assert finding.verdict == "fail"
    assert "pas begrip" in finding.feedback


def test_looking_something_up_is_no_solution_yet(rules: RuleSet) -> None:
    card = _score(rules, COMPLAINT, "Ik kijk even in uw dossier.", "Goed.", "Dat is heel vervelend voor u.")
    assert card.finding("klacht-begrip").verdict == "pass"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Dan had u maar eerder moeten bellen.", "fail"),
        ("Het staat toch gewoon op de website.", "fail"),
        ("U moet begrijpen dat wij het druk hebben.", "fail"),
        ("Dan had u maandag dus gebeld moeten worden.", "pass"),
        ("Dat staat genoteerd, u wordt vandaag gebeld.", "pass"),
        ("Dat moet u niet hoeven meemaken.", "pass"),
        ("Goed, zo doen we dat.", "pass"),
        ("Dat kan ik me goed voorstellen.", "pass"),
    ],
)
def test_defence(rules: RuleSet, said: str, verdict: str) -> None:
    assert _after_complaint(rules, "klacht-niet-verdedigen", said).verdict == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Mijn collega is dat zeker weer vergeten.", "fail"),
        ("Dat komt door het nieuwe computersysteem.", "fail"),
        ("De stagiair kan er nog niet zoveel van.", "fail"),
        ("Mijn collega belt u vanmiddag voor vier uur.", "pass"),
        ("Ik bespreek het met mijn collega van de administratie.", "pass"),
        ("U zegt dat mijn collega het vergeten is.", "pass"),
        ("Er is bij ons iets misgegaan.", "pass"),
    ],
)
def test_blame(rules: RuleSet, said: str, verdict: str) -> None:
    assert _after_complaint(rules, "klacht-geen-schuld-anderen", said).verdict == verdict


@pytest.mark.parametrize("plain", [False, True], ids=["punctuated", "plain"])
@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Ik zoek het uit en bel u voor twaalf uur terug.", "pass"),
        ("De tandtechnicus brengt hem vanmiddag bij u thuis.", "pass"),
        ("De rekening vervalt.", "pass"),
        ("Ik geef het door aan de praktijkmanager.", "pass"),
        ("Ik geef het door.", "fail"),
        ("Daar ga ik niet over.", "fail"),
        ("Sinds wanneer belt u ons al?", "fail"),
    ],
)
def test_solution(rules: RuleSet, said: str, verdict: str, plain: bool) -> None:
    assert _after_complaint(rules, "klacht-oplossing", said, plain=plain).verdict == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Morgen bel ik u om te vragen of alles naar wens is.", "pass"),
        ("De tandarts belt u vrijdag nog even om te horen hoe het gaat.", "pass"),
        ("Maandag bel ik u of hij goed werkt.", "pass"),
        ("Ik bel u morgen met het antwoord.", "fail"),
        ("Ik bel de apotheek om te vragen of het klaarligt.", "fail"),
        ("Belt u gerust als het niet goed zit.", "fail"),
    ],
)
def test_aftercare(rules: RuleSet, said: str, verdict: str) -> None:
    assert _after_complaint(rules, "klacht-nazorg", said).verdict == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Als u blijft schelden, beëindig ik het gesprek.", "pass"),
        ("Zo laat ik niet met me praten.", "pass"),
        ("Ik wil u graag helpen, maar niet op deze toon.", "pass"),
        ("Wat is uw geboortedatum?", "fail"),
    ],
)
def test_limit_when_aggression_goes_on(rules: RuleSet, said: str, verdict: str) -> None:
    card = _score(rules, OUTBURST, "Wat is uw naam?", "Mijn naam? Trut, doe je werk!", said)
    assert card.finding("agressie-grens").verdict == verdict


def test_one_outburst_needs_no_limit(rules: RuleSet) -> None:
    card = _score(rules, OUTBURST, "Wat is uw naam?", "Dekker. Sorry, ik heb zo'n pijn.", "Dat geeft niet.")
    assert card.finding("agressie-grens").verdict == "not_applicable"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Doe eens normaal, meneer.", "fail"),
        ("U bent zelf een idioot.", "fail"),
        ("Ik help u graag, als u rustig met mij praat.", "pass"),
    ],
)
def test_no_sneer_back(rules: RuleSet, said: str, verdict: str) -> None:
    assert _score(rules, OUTBURST, said).finding("agressie-geen-discussie").verdict == verdict


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ("Wanneer komt het u uit?", "fail"),
        ("Welke dag schikt u het best?", "fail"),
        ("Heeft u voorkeur voor een bepaalde dag?", "fail"),
        ("Heeft u een voorkeur voor een vrouwelijke tandarts?", "pass"),
        ("Wanneer bent u geboren?", "pass"),
        ("Heeft u liever de ochtend of de middag?", "pass"),
    ],
)
def test_open_question_before_the_offer(rules: RuleSet, asked: str, verdict: str) -> None:
    card = _score(
        rules,
        "Goedemorgen, ik wil graag een afspraak maken voor controle.",
        asked,
        "Dat maakt niet zoveel uit.",
        "Kunt u dinsdag om tien uur of vrijdag om half drie?",
        "Vrijdag graag.",
        "Dan staat u vrijdag om half drie genoteerd.",
    )
    assert card.finding("afspraak-sturing").verdict == verdict
    assert card.finding("afspraak-twee-opties").verdict == "pass"
    assert card.finding("afspraak-herhalen").verdict == "pass"
