"""A practice's own names, fixed greeting, opening hours and weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from belscore import load_rules, parse_call, score_call
from belscore.cli import main
from belscore.errors import RuleError
from belscore.profile import WEEKDAYS, OpeningHours, Profile, load_profile
from belscore.report.table import format_card
from belscore.scorecard import Finding, Scorecard

FORMULA = "Goedemorgen, met Het Bakhuis, u spreekt met ..."
EXAMPLE = Path(__file__).parents[1] / "samples" / "praktijk.toml"
MANUAL = Path(__file__).parents[1] / "docs" / "gebruik.md"
WEEKDAY = ("08:00-12:30", "13:00-17:00")
HOURS = OpeningHours.model_validate(
    dict.fromkeys(WEEKDAYS[:5], WEEKDAY) | {"saturday": (), "sunday": (), "closed": ("2025-12-25",)}
)
GREETING = "0.4-4 agent Goedemorgen, praktijk De Vries, u spreekt met Anja.\n"


def greeted(greeting: str, profile: Profile | None, *, recognised: bool = False) -> Finding:
    call = parse_call(f"0.4-4 agent {greeting}\n4.3-7 caller Goedemorgen, met Jansen, ik heb een vraag.")
    if recognised:
        turns = tuple(
            replace(turn, words=tuple(replace(word, probability=0.9) for word in turn.words)) for turn in call.turns
        )
        call = replace(call, turns=turns)
    return score_call(call, profile=profile).finding("opening-begroeting")


def verdict(greeting: str, profile: Profile | None) -> str:
    return greeted(greeting, profile).verdict


# ---- names and greeting


def test_the_fixed_greeting_passes() -> None:
    profile = Profile(practice=("Het Bakhuis",), formula=FORMULA)
    assert verdict("Goedemorgen, met Het Bakhuis, u spreekt met Anja.", profile) == "pass"


def test_another_greeting_is_a_fault_only_with_a_fixed_one() -> None:
    other = "Hallo, praktijk Het Bakhuis hier, met Anja."
    assert verdict(other, None) == "pass"
    assert verdict(other, Profile(practice=("Het Bakhuis",), formula=FORMULA)) == "fail"


def test_a_practice_named_like_anything_is_known_by_the_profile() -> None:
    assert verdict("Goedemorgen, goed, u spreekt met Anja.", Profile(practice=("Goed",))) == "pass"
    assert verdict("Goedemorgen, goed, u spreekt met Anja.", None) == "fail"


@pytest.mark.parametrize("heard", ["Het Bakhuis", "het bakhuys", "het bak huis", "het backhuis"])
def test_the_practices_own_name_may_be_misspelt(heard: str) -> None:
    profile = Profile(practice=("Het Bakhuis",), formula=FORMULA)
    assert greeted(f"goedemorgen met {heard} u spreekt met anja", profile, recognised=True).verdict == "pass"


def test_another_practice_is_not_the_profiles_own() -> None:
    profile = Profile(practice=("Praktijk De Linde",), departments=("mondhygiëne",))
    assert verdict("Goedemorgen, praktijk De Linde, u spreekt met Anja.", profile) == "pass"
    assert verdict("Goedemorgen, mondhygiene, u spreekt met Anja.", profile) == "pass"
    found = greeted("Goedemorgen, praktijk Het Bakhuis, u spreekt met Anja.", profile)
    assert (found.verdict, "noemde de praktijk niet" in found.feedback) == ("fail", True)
    assert found.say_instead == "Goedemorgen, Praktijk De Linde, u spreekt met Anja."


@pytest.mark.parametrize("greeting", ["Goedemorgen", "Goedemiddag"])
def test_a_fixed_greeting_may_hold_choices(greeting: str) -> None:
    profile = Profile(practice=("De Vries",), formula="Goedemorgen/goedemiddag, praktijk De Vries, met ...")
    assert verdict(f"{greeting}, praktijk De Vries, met Anja.", profile) == "pass"
    found = greeted(f"{greeting}, hier De Vries in de stad, u spreekt dan met Anja.", profile)
    assert found.say_instead == f"{greeting}, praktijk De Vries, met Anja."


# ---- weights and rules that are off


def scored(profile: Profile | None) -> Scorecard:
    return score_call(parse_call("0.4-2 agent Hallo.\n2.3-7 caller Met Jansen, ik heb een vraag."), profile=profile)


def test_weights_change_the_score_and_the_digest_but_no_verdict() -> None:
    plain, heavy = scored(None), scored(Profile(weights={"opening-begroeting": 1}))
    assert heavy.finding("opening-begroeting").weight == 1
    assert heavy.score != plain.score
    assert heavy.rules_digest != plain.rules_digest
    assert [each.verdict for each in heavy.findings] == [each.verdict for each in plain.findings]


def test_a_rule_that_is_off_stays_a_finding_that_does_not_apply() -> None:
    plain, without = scored(None), scored(Profile(off=("opening-begroeting",)))
    assert [each.rule_id for each in without.findings] == [each.rule_id for each in plain.findings]
    found = without.finding("opening-begroeting")
    assert (found.verdict, found.reason) == ("not_applicable", "Deze regel staat uit in het profiel van de praktijk.")
    assert plain.finding("opening-begroeting").verdict == "fail"
    assert without.rules_digest != plain.rules_digest


def test_the_digest_depends_on_what_is_set_and_not_on_its_order() -> None:
    one = Profile(off=("wacht-duur", "wacht-vragen"), weights={"wacht-bedanken": 3, "klacht-nazorg": 2})
    other = Profile(off=("wacht-vragen", "wacht-duur"), weights={"klacht-nazorg": 2, "wacht-bedanken": 3})
    assert scored(one).rules_digest == scored(other).rules_digest
    assert scored(Profile(practice=("De Vries",))).rules_digest == load_rules().digest


# ---- opening hours


def remarks(text: str, at: str = "2025-10-06T10:00", hours: OpeningHours = HOURS) -> tuple[str, ...]:
    return score_call(parse_call(f"@started_at {at}\n{text}"), profile=Profile(hours=hours)).remarks


@pytest.mark.parametrize(
    ("at", "in_hours"),
    [
        ("2025-10-06T08:00", True),
        ("2025-10-06T07:59", False),
        ("2025-10-06T12:45", False),
        ("2025-10-06T17:00", False),
        ("2025-10-04T10:00", False),
        ("2025-12-25T10:00", False),
    ],
)
def test_a_call_outside_opening_hours_is_marked_and_remarked(at: str, in_hours: bool) -> None:
    card = score_call(parse_call(f"@started_at {at}\n{GREETING}"), profile=Profile(hours=HOURS))
    assert card.call.in_hours is in_hours
    assert bool(card.remarks) is not in_hours
    assert all("buiten de openingstijden" in each for each in card.remarks)


def test_without_hours_or_start_nothing_is_said_of_them() -> None:
    assert score_call(parse_call(GREETING), profile=Profile(hours=HOURS)).call.in_hours is None
    card = score_call(parse_call(f"@started_at 2025-10-05T10:00\n{GREETING}"), profile=Profile(practice=("De Vries",)))
    assert (card.call.in_hours, card.remarks) == (None, ())


def booking(moment: str) -> str:
    return (
        GREETING
        + f"4.3-8 caller Met mevrouw Jansen, ik wil graag een afspraak.\n8.3-12 agent Schikt het {moment}?\n"
        + "12.3-13.5 caller Ja, dat is goed.\n13.8-16 agent Dan noteer ik dat, mevrouw Jansen, tot dan.\n"
    )


@pytest.mark.parametrize(
    "moment", ["zaterdag om tien uur", "maandag om half acht", "donderdag 25 december om tien uur"]
)
def test_an_offer_outside_opening_hours_is_remarked(moment: str) -> None:
    found = remarks(booking(moment), at="2025-12-15T10:00") if "december" in moment else remarks(booking(moment))
    assert len(found) == 1
    assert moment in found[0]
    assert "0:0" in found[0]


@pytest.mark.parametrize("moment", ["maandag om half drie", "dinsdag om acht uur", "woensdag om kwart over tien"])
def test_an_offer_within_opening_hours_is_not(moment: str) -> None:
    assert remarks(booking(moment)) == ()


def test_a_promise_outside_opening_hours_is_remarked() -> None:
    promised = (
        GREETING + "4.3-8 caller Met Jansen, is de uitslag er?\n8.3-12 agent Ik bel u zaterdag om tien uur terug.\n"
    )
    assert len(remarks(promised)) == 1
    assert remarks(promised.replace("zaterdag", "dinsdag")) == ()


def test_talk_of_opening_hours_is_no_promise() -> None:
    told = (
        GREETING + "4.3-8 caller Zijn jullie zaterdag open?\n8.3-12 agent Nee, op zaterdag om tien uur zijn we dicht.\n"
    )
    assert remarks(told) == ()


def test_no_verdict_depends_on_the_hours() -> None:
    call = parse_call(f"@started_at 2025-10-04T14:00\n{booking('zaterdag om tien uur')}")
    assert score_call(call, profile=Profile(hours=HOURS)).findings == score_call(call).findings
    assert score_call(call).finding("opening-dagdeel").verdict == "fail"


def test_remarks_stand_on_the_card() -> None:
    card = score_call(parse_call(f"@started_at 2025-10-04T14:00\n{GREETING}"), profile=Profile(hours=HOURS))
    assert "Dit gesprek kwam buiten de openingstijden (14:00 uur)." in format_card(card)


# ---- the file


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('practise = ["Het Bakhuis"]', "practise: unknown key"),
        ("practice = [", "not valid TOML"),
        ('off = ["wacht-danken"]', "off: no rule `wacht-danken`"),
        ("[weights]\nwacht-danken = 2", "weights.wacht-danken: no rule"),
        ("[weights]\nwacht-bedanken = 4", "weights.wacht-bedanken: "),
        ("[weights]\nwacht-bedanken = 0", "weights.wacht-bedanken: "),
        ("[weights]\nwacht-bedanken = 1.5", "weights.wacht-bedanken: "),
        ('[weights]\nwacht-bedanken = "3"', "weights.wacht-bedanken: "),
        ("[hours]\nmonday = []", "hours.tuesday: is missing"),
        ('[hours]\nmonday = ["8:00-12:00"]', "hours.monday.0: `8:00-12:00` is no time"),
        ('[hours]\nmonday = ["17:00-08:00"]', "hours.monday: the stretches of a day"),
        ('[hours]\nmonday = ["08:00-12:00", "11:00-17:00"]', "hours.monday: the stretches of a day"),
        ('[hours]\nmaandag = ["08:00-12:00"]', "hours.maandag: unknown key"),
        ('[hours]\nclosed = ["25 december"]', "hours.closed.0: "),
    ],
)
def test_a_bad_profile_is_one_line_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "praktijk.toml"
    if "[hours]" in text and "missing" not in says:
        days = "".join(f"{day} = []\n" for day in WEEKDAYS if f"{day} =" not in text)
        text = f"{text}\n{days}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as error:
        load_profile(path, load_rules())
    assert str(error.value).startswith(f"{path}: {says}")
    (tmp_path / "a.call").write_text(GREETING)
    result = CliRunner().invoke(main, ["score", str(tmp_path / "a.call"), "--profile", str(path)])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_a_profile_made_in_a_program_is_checked_too() -> None:
    with pytest.raises(RuleError, match="off: no rule `wacht-danken`"):
        scored(Profile(off=("wacht-danken",)))


def test_the_example_in_the_manual_is_the_one_that_comes_along_and_works() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text in MANUAL.read_text(encoding="utf-8")
    profile = load_profile(EXAMPLE, load_rules())
    assert set(Profile.model_fields) == profile.model_fields_set
    greeting = "Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja."
    assert verdict(greeting, profile) == "pass"
    assert scored(profile).finding("opening-belsignalen").reason == load_rules().reasons["off_in_profile"]
