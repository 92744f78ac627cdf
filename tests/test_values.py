"""Clock times, days and numbers, in every Dutch way of saying them."""

from __future__ import annotations

from datetime import date

import pytest

from belscore import load_rules, parse_call
from belscore.language.moments import Moment, clash, own_contradiction
from belscore.language.values import Value
from belscore.view import CallView

KNOWLEDGE = load_rules().knowledge


def view_of(text: str) -> CallView:
    return CallView(parse_call(f"0-9 agent {text}"), KNOWLEDGE)


def values(text: str) -> tuple[Value, ...]:
    view = view_of(text)
    return view.values(view.utterances[0])


def clocks(text: str) -> list[str]:
    return [f"{v.value // 60}:{v.value % 60:02d}" for v in values(text) if v.kind == "clock"]


def moment(text: str) -> Moment:
    view = view_of(text)
    (only,) = view.moments(view.utterances[0])
    return only


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("kwart voor elf", "10:45"), ("elf uur vijftien", "11:15"), ("kwart over elf", "11:15"), ("half drie", "2:30"),
        ("vijf over half vier", "3:35"), ("tien voor half zes", "5:20"), ("twintig voor acht", "7:40"),
        ("twintig over tien", "10:20"), ("vijf voor half één", "0:25"), ("half één", "0:30"),
        ("kwart voor één", "0:45"), ("om 14:45", "2:45"), ("14.20 uur", "2:20"), ("10 uur 45", "10:45"),
        ("kwart voor 11", "10:45"), ("half 3", "2:30"),
        ("om tien", "10:00"), ("na vieren", "4:00"), ("voor drieën", "3:00"), ("om één uur", "1:00"),
        ("vijftien uur dertig", "3:30"), ("vijf minuten over tien", "10:05"), ("9 uur 35", "9:35"),
        ("dertien uur vijfenveertig dag meneer", "1:45"), ("om dertien uur vijfenveertig. Dag.", "1:45"),
        ("acht uur nul vijf", "8:05"), ("zestien uur en tien minuten", "4:10"), ("15u30", "3:30"), ("15u", "3:00"),
        ("halfelf", "10:30"), ("om een uur of drie", "3:00"), ("kwart na negen", "9:15"), ("tien na half vijf", "4:40"),
        ("tien uur. Dertig mensen", "10:00"), ("klokslag negen voor een reiniging", "9:00"),
        ("tien uur twintig voor een controle", "10:20"), ("om tien voor een kan ik", "0:50"),
        ("half een afspraak", "0:30"),
    ],
)  # fmt: skip
def test_clock_time(text: str, clock: str) -> None:
    assert clocks(text) == [clock]


@pytest.mark.parametrize(
    "text",
    [
        "over een half uur", "anderhalf uur", "binnen een uur", "een halfuurtje", "over twee uur", "drie keer per dag",
        "twee uur lang", "acht uur per dag", "drie uur later", "twee uur van tevoren", "vierentwintig uur",
        "dat zijn er tien. U kunt gaan", "kamer tien u kunt doorlopen",
        "om de vier uur een tablet",
        "u krijgt er tien voor een maand",
        "voor een controle", "twee tabletten", "een week of drie", "dat duurt een uur", "vijf voor twee personen",
    ],
)  # fmt: skip
def test_no_clock_time(text: str) -> None:
    assert clocks(text) == []


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("nul zes twaalf vierendertig zesenvijftig achtenzeventig", "0612345678"),
        ("06 12 34 56 78", "0612345678"), ("06-12345678", "0612345678"), ("nul zes een twee drie vier", "061234"),
        ("nul zes drieëntwintig zeven en zestig", "062367"), ("dubbel nul zeven vier vier", "00744"),
    ],
)  # fmt: skip
def test_number_string(text: str, digits: str) -> None:
    assert [v.digits for v in values(text) if v.kind == "number"] == [digits]


def test_the_first_source_document_repeats_another_time() -> None:
    agreed, said = moment("maandag 13 oktober om kwart voor elf"), moment("maandag 13 oktober om elf uur vijftien")
    assert clash(said, agreed, None) == "clock"
    assert clash(moment("maandag 13 oktober om tien uur vijfenveertig"), agreed, None) is None
    assert clash(moment("10.45 uur"), agreed, None) is None


def test_days_are_compared_by_the_day_of_the_call() -> None:
    wednesday = date(2026, 3, 4)
    assert clash(moment("dinsdag zeventien maart"), moment("volgende week dinsdag"), wednesday) == "date"
    assert clash(moment("dinsdag tien maart"), moment("volgende week dinsdag"), wednesday) is None
    assert clash(moment("donderdag"), moment("morgen"), wednesday) is None
    assert clash(moment("vrijdag"), moment("morgen"), wednesday) == "weekday"


def test_days_counted_from_a_call_without_a_date_are_compared() -> None:
    assert clash(moment("overmorgen om tien uur"), moment("morgen om tien uur"), None) == "date"
    assert clash(moment("morgen"), moment("morgen om tien uur"), None) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("ik kan u de achtentwintigste geven", [28]), ("de twaalfde zou mooi zijn", [12]),
        ("dat is de dertigste", [30]), ("in de twaalfde week", []),
        ("de tiende verdieping", []), ("de tweede geven we niet", []),
    ],
)  # fmt: skip
def test_high_ordinal_is_a_day_unless_it_counts_something(text: str, days: list[int]) -> None:
    assert [value.value for value in values(text) if value.kind == "date"] == days


def test_year_of_birth_in_front_of_its_day_is_no_number_string() -> None:
    assert [value.kind for value in values("van negentien vierenvijftig twaalf maart")][-1] == "date"


def test_a_weekday_that_does_not_fall_on_its_date() -> None:
    assert own_contradiction(moment("donderdag negentien juni"), date(2026, 6, 1))
    assert not own_contradiction(moment("vrijdag negentien juni"), date(2026, 6, 1))
    assert not own_contradiction(moment("donderdag negentien juni"), None)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("maandag de zesde om elf uur of de dag erna om vijf uur", (1, 7, None, 300)),
        ("donderdag half vier of de week erna dinsdag negen uur", (1, None, None, 540)),
        ("morgen om tien uur of overmorgen dezelfde tijd", (None, None, 2, 600)),
        ("dinsdag om half drie of diezelfde dag om vijf uur", (1, None, None, 300)),
        ("vandaag over veertien dagen om drie uur", (None, None, 14, 180)),
        ("maandag de dertigste om elf uur of een dag later om vijf uur", (1, None, None, 300)),
    ],
)  # fmt: skip
def test_days_and_times_reckoned_from_those_before(text: str, last: tuple[int | None, ...]) -> None:
    view = view_of(text)
    said = view.moments(view.utterances[0])[-1]
    assert (said.weekday, said.day, said.in_days, said.clock_min) == last


def test_nothing_is_reckoned_where_nothing_was_said_before() -> None:
    view = view_of("we bellen een dag later, zelfde tijd")
    assert not view.moments(view.utterances[0])


def test_one_oclock_behind_a_weekday_is_no_length_of_time() -> None:
    assert moment("dinsdag een uur").clock_min == 60
    assert not moment("dinsdag een uur voor de operatie").has_clock


def test_a_time_with_two_readings_clashes_with_neither() -> None:
    said = moment("dinsdag om tien voor twee vullingen")
    assert [clash(said, moment(f"dinsdag om {time}"), None) for time in ("tien uur", "13:50")] == [None, None]
    assert clash(said, moment("dinsdag om twee uur"), None) == "clock"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Hij kijkt er voor zaterdag naar. Morgenmiddag om kwart over twee?", [(5, None), (None, 1)]),
        ("hij kijkt er voor zaterdag naar morgenmiddag om kwart over twee", [(5, None), (None, 1)]),
        ("Dat moet voor maandag klaar. Overmorgen om tien uur.", [(0, None), (None, 2)]),
        ("Hij is er vandaag niet. Vrijdag om half tien?", [(None, 0), (4, None)]),
        ("Overmorgen, dus donderdag, om tien uur?", [(3, 2)]), ("dinsdag dus morgen om tien uur", [(1, 1)]),
        ("Overmorgen. Donderdag, om tien uur.", [(3, 2)]), ("donderdag is morgen om elf uur", [(3, 1)]),
    ],
)  # fmt: skip
def test_a_day_in_front_of_a_nearer_one_is_another(text: str, days: list[tuple[int | None, int | None]]) -> None:
    view = view_of(text)
    assert [(each.weekday, each.in_days) for each in view.moments(view.utterances[0])] == days


def test_a_second_clock_time_takes_the_day_of_the_first() -> None:
    view = view_of("maandag 13 april om tien uur of om half twaalf")
    first, second = view.moments(view.utterances[0])
    assert (first.weekday, second.weekday, second.day) == (0, 0, 13)


@pytest.mark.parametrize(
    ("word", "number"),
    [("vierenzestig", 64), ("tweehonderdtachtig", 280), ("negentienvierenvijftig", 1954), ("tweeëntwintig", 22),
     ("honderd", 100), ("elf", 11), ("duizend", 1000), ("fiets", None)],
)  # fmt: skip
def test_number_word(word: str, number: int | None) -> None:
    from belscore.language.tokens import fold

    assert KNOWLEDGE.values.numbers.cardinal(fold(word)) == number


@pytest.mark.parametrize(
    ("digits", "spoken"), [("45", "vijfenveertig"), ("10.45", "tien vijfenveertig"), ("280", "tweehonderd tachtig")]
)
def test_digits_are_spelled_out_for_counting_syllables(digits: str, spoken: str) -> None:
    assert KNOWLEDGE.values.numbers.spell_out(digits) == spoken


@pytest.mark.parametrize(
    "text", ["goede middag", "een fijne avond nog", "prettige middag verder", "fijne dinsdag", "goedemiddag"]
)
def test_a_wish_names_no_moment(text: str) -> None:
    assert values(text) == ()


def test_both_ends_of_a_stretch_are_bound() -> None:
    assert [value.bound for value in values("van negen tot half twaalf")] == ["van", "van"]
