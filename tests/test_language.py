"""Tokens, phrases, names and forms of address."""

from __future__ import annotations

import pytest

from belscore import load_rules, parse_call
from belscore.call import Call, Turn, Word
from belscore.language.name_words import name_similarity
from belscore.language.phrases import PhraseFinder
from belscore.language.tokens import Utterance
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
        ("(hele) fijne dag", "nog een fijne dag", True),
        ("word* er niet", "wordt er toch niet", True),
    ],
)
def test_phrase(phrase: str, text: str, found: bool) -> None:
    utterance = view_of(f"0-9 agent {text}").utterances[0]
    assert KNOWLEDGE.finder.any((phrase,), utterance) is found


def quotes(phrase: str, utterance: Utterance, **blanks: str) -> list[str]:
    named = {f"{{{name}}}": word for name, word in blanks.items()}
    return [match.quote for match in KNOWLEDGE.finder.find((phrase,), utterance, blanks=named)]


def said(text: str, probability: float = 1.0) -> Utterance:
    words = tuple(Word(word, at, at + 1, probability) for at, word in enumerate(text.split()))
    return CallView(Call("x", 99.0, (Turn("agent", 0, len(words), text, words),)), KNOWLEDGE).utterances[0]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("wachten tot/met/op", "U hoeft niet te wachten. Tot maandag.", False),
        ("ik kan u helpen", "Dat doe ik. Kan ik u helpen?", False),
        ("ja dat begrijp ik", "Ja. Dat begrijp ik.", True),
        ("nou ja dat begrijp ik", "Nou ja! Dat begrijp ik.", True),
        ("over ... minuten", "Dat gaat over uw kousen. Vijf minuten.", False),
        ("ik bel de dokter en ... bel u daarna terug", "Ik bel de dokter en dan. Bel u daarna terug.", True),
    ],
)
def test_a_phrase_in_written_text_ends_with_its_sentence(phrase: str, text: str, found: bool) -> None:
    assert bool(quotes(phrase, said(text))) is found


def test_marks_that_a_recogniser_put_end_no_phrase() -> None:
    assert quotes("ik kan u helpen", said("Ja ik. Kan u. helpen", probability=0.9)) == ["ik. Kan u. helpen"]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("ik ga het voor u uitzoeken", "ik ga het voor u", False),  # the only word of content
        ("fijn dat u bleef wachten", "fijn dat u even bleef", False),  # one of three
        ("fijn dat u bleef wachten", "fijn dat bleef wachten", True),  # a function word
        ("dan zoek ik even rustig de laatste afspraak op", "dan zoek ik even de laatste afspraak op", True),
        ("dat kan ik me niet voorstellen", "dat kan ik me voorstellen", False),
        ("dat kan ik me niet voorstellen", "dat kan ik me wel voorstellen", False),
        ("dat kan ik me goed voorstellen", "dat kan ik me niet goed voorstellen", False),
        ("ik ga de dokter voor u bellen", "ik ga de dokter voor u niet bellen", False),
        ("daar heb ik geen verstand van", "daar heb ik een verstand van", False),
        ("daar heb ik een vraag over", "daar heb ik geen vraag over", False),
        ("heb ik u ... verstaan", "heb ik u goed verstaan", True),
        ("heb ik u ... verstaan", "heb ik u niet goed verstaan", False),
        ("heb ik u niet ... verstaan", "heb ik u niet goed verstaan", True),
    ],
)
def test_what_a_long_phrase_may_lose_and_take_in(phrase: str, text: str, found: bool) -> None:
    assert bool(quotes(phrase, said(text))) is found


def test_a_phrase_without_its_word_of_content_is_doubtful() -> None:
    utterance = said("bedankt dat u aan de")
    (near,) = KNOWLEDGE.finder.find(("bedankt dat u aan de telefoon",), utterance, doubtful=True)
    assert near.doubtful
    assert not KNOWLEDGE.finder.find(("bedankt dat u aan de telefoon",), utterance)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("tevreden", "ontevreden", False),
        ("vriendelijk", "onvriendelijk", False),
        ("bereikbaar", "onbereikbaar", False),
        ("iemand", "niemand", False),
        ("ergens", "nergens", False),
        ("ontevreden", "ontvreden", True),
        ("nummer", "nummers", True),
        ("begrepen", "begreepen", True),
        ("vriendelijk", "vriendelijke", True),
        ("wilt", "wil", False),
    ],
)
def test_words_that_count_as_one(one: str, other: str, same: bool) -> None:
    for written, heard in ((one, other), (other, one)):
        assert bool(quotes(f"dat is heel {written}", said(f"dat is heel {heard}"))) is same


def test_a_blank_stands_for_the_word_given() -> None:
    utterance = said("is dat Jansen met één s")
    assert quotes("is dat {naam} met", utterance, naam="jansen") == ["is dat Jansen met"]
    assert quotes("is dat {naam} met", utterance, naam="bakker") == []


def test_phrases_compiled_later_are_found_in_an_utterance_read_before() -> None:
    finder, utterance = PhraseFinder(KNOWLEDGE.lexicon), said("het paard staat in de gang")
    assert not finder.any(("de koe in de gang",), utterance)
    assert finder.any(("paard staat in de gang",), utterance)
    assert finder.any(("paart staat in de gang",), utterance)


def test_the_matches_of_a_phrase_do_not_overlap() -> None:
    assert quotes("ja ja", said("ja ja ja ja ja")) == ["ja ja", "ja ja"]


def test_the_best_match_of_a_place_comes_first() -> None:
    texts = ("bedankt voor het wachtten", "bedankt voor het wachten")
    found = KNOWLEDGE.finder.find(texts, said("ja bedankt voor het wachten"))
    assert [match.cost for match in found] == [0.0, 0.3]


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


def test_here_at_the_end_of_another_sentence_introduces_nobody() -> None:
    view = view_of(
        "0-4 caller Met Ineke Kuipers, ik bel voor mijn vader.\n"
        "5-8 agent Dag mevrouw Kuipers. Welk middel is het?\n"
        "9-13 caller Even kijken, ik heb het doosje hier. Apixaban, vijf milligram.\n"
        "14-18 agent Apixaban, vijf milligram. Dat staat er nu bij."
    )
    assert [name.words for name in view.caller_names] == [("ineke", "kuipers")]


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
