"""The language of the rules on names, forms of address, answers, silences and the opening, by tables of short calls.

`tests/manners.toml` holds the tables; every line is tried as written and, where capitals and punctuation are not what
tells, in lower case without punctuation, as some recognisers write.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from belscore import load_rules, parse_call
from belscore.checks.outcome import Outcome
from belscore.engine import judge
from belscore.view import CallView

RULES = load_rules()
TABLES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "manners.toml").read_text(encoding="utf-8"))
OPENING = "Goedemorgen, tandartspraktijk De Linde, u spreekt met Anja."
PAIN = "Mijn kies doet al een paar dagen zo'n pijn, vooral links."
S_PER_WORD = 0.35
# In front of a line: only as it is written.
AS_WRITTEN = "="


def plain(text: str) -> str:
    """Lower case without punctuation."""
    joined = re.sub(r"(?<=\w)-(?=\w)", " ", text)
    return " ".join(re.sub(r"[^\w\s']", "", joined).lower().split())


def view_of(lines: list[tuple[str, str]], *, spoken: bool, silence_s: float = 0.0) -> CallView:
    """A call of these (role, text) lines, one after the other.

    spoken    : bring the lines into lower case without punctuation
    silence_s : before the last line
    """
    written: list[str] = []
    at_s = 0.0
    for number, (role, text) in enumerate(lines, start=1):
        at_s += silence_s if number == len(lines) else 0.0
        end_s = at_s + max(0.6, S_PER_WORD * len(text.split()))
        written.append(f"{at_s:.1f}-{end_s:.1f} {role} {plain(text) if spoken else text}")
        at_s = end_s + 0.4
    return CallView(parse_call("\n".join(written)), RULES.knowledge)


def verdict(rule_id: str, view: CallView) -> Outcome:
    return judge(RULES.rule(rule_id), view)


def lines_of(table: str, key: str) -> list[tuple[str, bool]]:
    """The lines of a table, each as written and, unless it is marked, as spoken."""
    return [
        (line.removeprefix(AS_WRITTEN), spoken)
        for line in TABLES[table][key]
        for spoken in ((False,) if line.startswith(AS_WRITTEN) else (False, True))
    ]


def after_greeting(*agent: str) -> list[tuple[str, str]]:
    """A call in which Karin de Boer gave her name; then these turns of the agent."""
    said = [("agent", turn) for turn in agent]
    if agent[0].startswith("Marit,"):  # said aside, to a colleague who answers
        said = [("colleague", "Ja?"), *said, ("colleague", "Ja hoor.")]
    start = [("agent", OPENING), ("caller", "Goedemorgen, met Karin de Boer, ik heb een vraag.")]
    return [*start, ("agent", "Zegt u het maar, waarmee kan ik u helpen?"), ("caller", PAIN), *said]


def turns_of(line: str) -> list[tuple[str, str]]:
    """`caller | agent | caller` behind the greeting of the agent."""
    parts = [part.strip() for part in line.split("|")]
    turns = [("agent" if at % 2 else "caller", part) for at, part in enumerate(parts)]
    return [("agent", OPENING), *turns, ("agent", "Dat kan, u mag morgen komen.")]


@pytest.mark.parametrize(("line", "spoken"), lines_of("name", "given"))
def test_the_caller_gives_a_name(line: str, spoken: bool) -> None:
    said, name = line.rsplit("->", 1)
    names = view_of(turns_of(said), spoken=spoken).caller_names
    assert name.strip() in {word for given in names for word in given.words}


@pytest.mark.parametrize(("line", "spoken"), lines_of("name", "not_given"))
def test_no_name_is_given(line: str, spoken: bool) -> None:
    assert view_of(turns_of(line), spoken=spoken).caller_names == ()


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize("spoken", [False, True])
def test_uses_of_the_name(count: int, spoken: bool) -> None:
    lines = [line for line, also in lines_of("mentions", str(count)) if also is spoken]
    wrong = [
        line
        for line in lines
        if (measured := verdict("naam-maximaal-drie", view_of(after_greeting(line), spoken=spoken)).measured) is None
        or measured.value != count
    ]
    assert wrong == []


@pytest.mark.parametrize(("line", "spoken"), lines_of("asks_again", "fail"))
def test_the_name_is_asked_for_again(line: str, spoken: bool) -> None:
    call = [*after_greeting(line), ("caller", "De Boer.")]
    assert verdict("naam-niet-opnieuw-vragen", view_of(call, spoken=spoken)).verdict == "fail"


@pytest.mark.parametrize(("line", "spoken"), lines_of("asks_again", "pass"))
def test_something_else_is_asked(line: str, spoken: bool) -> None:
    call = [*after_greeting(line), ("caller", "Eh, dat is Pieters.")]
    assert verdict("naam-niet-opnieuw-vragen", view_of(call, spoken=spoken)).verdict == "pass"


def test_a_surname_behind_a_first_name_is_no_repetition() -> None:
    call = [
        ("agent", OPENING), ("caller", "Hoi, met Karin, ik heb een vraag."), ("agent", "En uw achternaam?"),
        ("caller", "Karin de Boer."),
    ]  # fmt: skip
    assert verdict("naam-niet-opnieuw-vragen", view_of(call, spoken=False)).verdict == "pass"


@pytest.mark.parametrize(("line", "spoken"), lines_of("address", "fail"))
def test_je_addresses_the_caller(line: str, spoken: bool) -> None:
    assert verdict("aanspreekvorm-u", view_of(after_greeting(line), spoken=spoken)).verdict == "fail"


@pytest.mark.parametrize(("line", "spoken"), lines_of("address", "pass"))
def test_je_addresses_nobody(line: str, spoken: bool) -> None:
    assert verdict("aanspreekvorm-u", view_of(after_greeting(line), spoken=spoken)).verdict == "pass"


@pytest.mark.parametrize("caller", ["child", "adult"])
@pytest.mark.parametrize("spoken", [False, True])
def test_a_child_calls_or_an_adult_about_a_child(caller: str, spoken: bool) -> None:
    wrong = []
    for line in TABLES["child"][caller]:
        said, answer = (part.strip() for part in line.split("|"))
        call = [("agent", "Goedemorgen, tandartspraktijk De Linde, met Anja."), ("caller", said), ("agent", answer)]
        found = verdict("aanspreekvorm-u", view_of(call, spoken=spoken)).verdict
        if found != ("not_applicable" if caller == "child" else "fail"):
            wrong.append((line, found))
    assert wrong == []


@pytest.mark.parametrize("key", ["asks", "asks_not"])
@pytest.mark.parametrize("spoken", [False, True])
def test_yes_no_questions(key: str, spoken: bool) -> None:
    wrong = []
    for line in [line for line, also in lines_of("yes_no", key) if also is spoken]:
        call = [("agent", OPENING), ("caller", line), ("agent", "Ja."), ("caller", "Goed, dan weet ik genoeg.")]
        found = verdict("aanspreekvorm-twee-woorden", view_of(call, spoken=spoken))
        counted = found.measured.value if found.measured else None
        if counted != (1 if key == "asks" else None):
            wrong.append((line, found.verdict, counted))
    assert wrong == []


@pytest.mark.parametrize("expected", ["pass", "fail"])
@pytest.mark.parametrize("spoken", [False, True])
def test_silence_behind_words_of_the_agent(expected: str, spoken: bool) -> None:
    asked = ("caller", "Goedemorgen, met mevrouw De Boer, wanneer is mijn afspraak?")
    wrong = [
        line
        for line in TABLES["silence"][expected]
        if verdict(
            "tempo-stilte",
            view_of(
                [("agent", OPENING), asked, ("agent", line), ("agent", "Dinsdag om tien uur.")],
                spoken=spoken,
                silence_s=13.0,
            ),
        ).verdict
        != expected
    ]
    assert wrong == []


@pytest.mark.parametrize(("line", "spoken"), lines_of("opening", "lines"))
def test_parts_of_the_opening(line: str, spoken: bool) -> None:
    said, missing = (part.strip() for part in line.split("->"))
    call = [("agent", said), ("caller", "Goedemorgen, met mevrouw De Boer, ik heb een vraag over mijn kies.")]
    found = verdict("opening-begroeting", view_of(call, spoken=spoken))
    assert found.verdict == ("fail" if missing else "pass")
    assert found.variant == missing.replace(" ", "_")


@pytest.mark.parametrize(
    ("end", "expected"), [("of kan dat niet?", "not_applicable"), ("en dat is vervelend.", "pass")]
)
def test_a_short_answer_is_no_listening_signal(end: str, expected: str) -> None:
    text = f"""
0.4-4.0 agent {OPENING}
4.3-14.0 caller Goedemorgen, ik bel over mijn kroon, die is er weer af, ik kwam er gisteren achter, {end}
14.2-14.6 agent Nee.
14.8-24.0 caller Nou ja, dan moet ik maar even wachten tot hij terug is van vakantie, denk ik.
"""
    view = CallView(parse_call(text), RULES.knowledge)
    assert verdict("luisteren-signalen", view).verdict == expected


@pytest.mark.parametrize(("key", "answer"), [("told", ""), ("pitied", "Wat vervelend voor u. "), ("none", "")])
def test_a_told_problem_asks_for_questions(key: str, answer: str) -> None:
    expected = "not_applicable" if key == "none" else "fail"
    behind = [("agent", f"{answer}Dan plan ik iets voor u in."), ("caller", "Goed."), ("agent", "Tot dan.")]
    wrong = [
        line
        for line, _ in lines_of("problem", key)
        if verdict(
            "luisteren-doorvragen", view_of([("agent", OPENING), ("caller", line), *behind], spoken=False)
        ).verdict
        != expected
    ]
    assert wrong == []
