"""Question trees: what was asked and told in a call, and when that cannot be said for certain."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from belscore import load_rules, parse_call, score_call
from belscore.call import Span
from belscore.cli import main
from belscore.errors import RuleError
from belscore.profile import Profile, load_profile
from belscore.question_trees import Tree, trees_digest
from belscore.report.html import format_index, format_page
from belscore.report.questions import count_by_department
from belscore.report.summary import format_summary
from belscore.report.table import format_card
from belscore.scorecard import Language, QuestionFinding, Scorecard, json_schema
from belscore.translation import in_language
from mishearing import known_words, misheard
from question_trees import TreeCall, figures, pairs, questions, read_calls

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "samples" / "praktijk.toml"
MANUAL = ROOT / "docs" / "gebruik.md"
RULES = load_rules()

TREE = """
[[trees]]
id         = "oorpijn"
title      = "Oorpijn"
reason     = ["oorpijn", "pijn in mijn oor"]
not_reason = ["recept"]
[[trees.questions]]
id    = "koorts"
title = "Is er koorts?"
ask   = ["heeft u (er) (ook) koorts/verhoging"]
given = ["heb (ook/geen) koorts/verhoging", "geen koorts"]
[[trees.questions]]
id     = "hoogte"
title  = "Hoe hoog?"
if_yes = "koorts"
only_if = ["ik heb (ook) koorts"]
ask    = ["hoe hoog"]
[[trees.questions]]
id    = "zwemmen"
title = "Pas gezwommen?"
ask   = ["heeft u (pas) gezwommen", "bent u wezen zwemmen"]
[[trees.answers]]
id    = "druppels"
title = "Geen druppels"
say   = ["gebruik/gebruikt (u) (nog) geen druppels"]
"""
OPENING = "0.4-3 agent Goedemorgen, praktijk De Linde, met Anja.\n"
ASKS = "7-8.5 agent Heeft u koorts?"


def profile_of(folder: Path, text: str = TREE) -> Profile:
    path = folder / "profiel.toml"
    path.write_text(text, encoding="utf-8")
    return load_profile(path, RULES)


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    return profile_of(tmp_path_factory.mktemp("profile"))


def call_text(*lines: str, reason: str = "Met Jansen, ik heb oorpijn.", meta: str = "") -> str:
    """A call with a reason, then lines of the agent (`A ...`), the caller (`B ...`) and a colleague (`C ...`)."""
    roles = {"A": "agent", "B": "caller", "C": "colleague"}
    spoken = [f"{4 * at + 8}-{4 * at + 11} {roles[line[0]]} {line[2:]}" for at, line in enumerate(lines)]
    return f"{meta}{OPENING}3.4-7 caller {reason}\n" + "\n".join(spoken) + "\n"


def card_of(text: str, profile: Profile, *, role_confidence: float = 1.0) -> Scorecard:
    return score_call(replace(parse_call(text), role_confidence=role_confidence), profile=profile)


def found(card: Scorecard, item: str) -> QuestionFinding:
    return next(each for each in card.questions if each.item == item)


def verdict(item: str, text: str, profile: Profile) -> str:
    return found(card_of(text, profile), item).verdict


# ---- what counts as asked and told


@pytest.mark.parametrize("asked", ["Heeft u koorts?", "En heeft u er ook verhoging?", "Heeft u, eh, koorts?"])
def test_the_agents_question_is_covered_with_its_place(asked: str, profile: Profile) -> None:
    each = found(card_of(call_text(f"A {asked}", "B Nee.", "A Kom maar langs."), profile), "koorts")
    assert (each.verdict, each.reason, each.evidence[0].role) == ("covered", None, "agent")
    assert each.evidence[0].quote.lower().strip("?") in asked.lower()


def test_what_the_caller_told_unasked_is_covered_by_the_caller(profile: Profile) -> None:
    each = found(card_of(call_text("A Kom maar langs.", reason="Ik heb oorpijn maar geen koorts."), profile), "koorts")
    assert (each.verdict, each.evidence[0].role) == ("covered", "caller")


def test_what_was_not_asked_is_missing(profile: Profile) -> None:
    card = card_of(call_text("A Kom maar langs.", "B Goed.", "A Tot straks."), profile)
    verdicts = {each.item: each.verdict for each in card.questions}
    assert verdicts == {"koorts": "missing", "hoogte": "not_applicable", "zwemmen": "missing", "druppels": "missing"}


@pytest.mark.parametrize(
    "lines",
    [
        ("B Heeft u koorts?", "A Nee, hoezo? Kom maar langs."),
        ("A Krijgt u koorts, bel dan even.", "B Goed."),
        ("A Heeft u koorts, dan belt u meteen terug.", "B Goed."),
        ("B Als ik koorts krijg, wat dan?", "A Dan zien we verder."),
    ],
)
def test_another_use_of_the_words_is_not_the_question(lines: tuple[str, ...], profile: Profile) -> None:
    text = call_text("A Een ogenblik.", *lines, "A Heeft u nog iets anders te vragen?", "B Nee.")
    assert verdict("koorts", text, profile) != "covered"


@pytest.mark.parametrize("asked", ["Is er sprake van koorts?", "En koorts?", "Ik wilde nog weten of er koorts bij is."])
def test_a_question_in_other_words_is_no_reason_to_say_missing(asked: str, profile: Profile) -> None:
    assert verdict("koorts", call_text(f"A {asked}", "B Nee hoor.", "A Kom langs."), profile) == "unsure"


def test_a_caller_who_tells_it_in_other_words_is_no_reason_to_say_missing(profile: Profile) -> None:
    text = call_text("A Kom maar langs.", "B De koorts is al gezakt.", "A Fijn.")
    assert verdict("koorts", text, profile) == "unsure"


def test_an_answer_of_the_caller_is_not_one_of_the_agent(profile: Profile) -> None:
    said = "Gebruikt u geen druppels."
    assert verdict("druppels", call_text(f"A {said}", "B Goed."), profile) == "covered"
    assert verdict("druppels", call_text("A Kom maar.", f"B {said}", "A Tot zo."), profile) == "missing"


def test_a_yes_to_what_the_caller_proposed_is_no_reason_to_say_missing(profile: Profile) -> None:
    text = call_text("A Kom maar langs.", "B Zal ik geen druppels gebruiken?", "A Ja, goed.", "B Dank u.")
    assert verdict("druppels", text, profile) == "unsure"


def test_what_a_colleague_asks_is_asked(profile: Profile) -> None:
    text = call_text("A Ik geef u mijn collega.", "C Met Tom. Heeft u koorts?", "B Nee.", "C Kom maar.")
    assert found(card_of(text, profile), "koorts").evidence[0].role == "colleague"


# ---- branches


@pytest.mark.parametrize(
    ("answer", "expected"), [("Ja.", "missing"), ("Nee.", "not_applicable"), ("Weet ik niet.", "not_applicable")]
)
def test_a_question_behind_a_yes_applies_after_that_answer(answer: str, expected: str, profile: Profile) -> None:
    text = call_text("A Heeft u koorts?", f"B {answer}", "A Kom maar langs.")
    assert verdict("hoogte", text, profile) == expected


def test_only_if_words_of_the_caller_open_a_branch_and_a_denial_does_not(profile: Profile) -> None:
    assert verdict("hoogte", call_text("A Kom.", reason="Ik heb oorpijn en ik heb koorts."), profile) == "missing"
    denied = call_text("A Kom.", reason="Ik heb oorpijn en ik heb geen koorts.")
    assert verdict("hoogte", denied, profile) == "not_applicable"


def test_a_yes_behind_two_questions_leaves_the_branch_open(profile: Profile) -> None:
    text = call_text("A Heeft u koorts? Heeft u pas gezwommen?", "B Ja.", "A Kom langs.")
    assert verdict("hoogte", text, profile) == "unsure"


# ---- which trees apply


@pytest.mark.parametrize(
    "reason", ["Ik heb geen oorpijn.", "Ik bel over een rekening.", "Een recept voor mijn oorpijn."]
)
def test_no_tree_without_its_reason(reason: str, profile: Profile) -> None:
    assert card_of(call_text("A Heeft u oorpijn?", "B Nee.", reason=reason), profile).questions == ()


def test_the_reason_counts_from_the_caller_only(profile: Profile) -> None:
    assert card_of(call_text("A Oorpijn dus.", reason="Met Jansen."), profile).questions == ()


@pytest.mark.parametrize(
    ("meta", "applies"), [("@department KNO\n", True), ("@department oogheelkunde\n", False), ("", False)]
)
def test_a_tree_of_a_department_needs_that_department(meta: str, applies: bool, tmp_path: Path) -> None:
    own = profile_of(tmp_path, TREE.replace("reason  ", 'departments = ["kno"]\nreason  ', 1))
    assert bool(card_of(call_text("A Kom.", meta=meta), own).questions) is applies


def test_a_tree_without_reason_is_for_every_call_and_all_that_apply_are_shown(tmp_path: Path) -> None:
    more = '[[trees]]\nid = "alle"\ntitle = "Alle"\n[[trees.answers]]\nid = "dag"\ntitle = "Dag"\nsay = ["fijne dag"]\n'
    both = profile_of(tmp_path, TREE + more)
    trees = [each.tree for each in card_of(call_text("A Kom. Fijne dag."), both).questions]
    assert set(trees) == {"oorpijn", "alle"}
    assert [each.tree for each in card_of(call_text("A Dag.", reason="Hallo."), both).questions] == ["alle"]


def test_nobody_but_the_agent_on_the_line_is_no_call_for_a_tree(tmp_path: Path) -> None:
    text = '[[trees]]\nid = "alle"\ntitle = "Alle"\n[[trees.answers]]\nid = "dag"\ntitle = "Dag"\nsay = ["fijne dag"]\n'
    assert card_of(OPENING, profile_of(tmp_path, text)).questions == ()


# ---- doubt


@pytest.mark.parametrize(
    ("meta", "last"),
    [
        ("@ended_by cut\n", "A Dan kijk ik even of"),
        ("@ended_by caller\n", "B Laat maar."),
        ("", "A Ik verbind u door met de assistente."),
    ],
)
def test_a_call_that_ended_before_the_question_could_come_is_unsure(meta: str, last: str, profile: Profile) -> None:
    each = found(card_of(call_text("A Wat vervelend.", last, meta=meta), profile), "koorts")
    assert each.verdict == "unsure"
    assert each.reason in RULES.reasons.values()


def test_unsure_who_is_the_agent_is_unsure_what_was_missing(profile: Profile) -> None:
    text = call_text("A Heeft u koorts?", "B Nee.", "A Kom langs.")
    for confidence, expected in ((0.5, ("covered", "unsure")), (0.2, ("unsure", "unsure"))):
        card = card_of(text, profile, role_confidence=confidence)
        assert (found(card, "koorts").verdict, found(card, "zwemmen").verdict) == expected
    assert found(card, "zwemmen").reason == RULES.reasons["roles_uncertain"]


def recognised(text: str, probability: float, *, role: str = "agent") -> Scorecard:
    """The words of a role with a probability, all others 0.95."""
    call = parse_call(text)
    turns = tuple(
        replace(
            turn,
            words=tuple(replace(word, probability=probability if turn.role == role else 0.95) for word in turn.words),
        )
        for turn in call.turns
    )
    return score_call(replace(call, turns=turns), profile=Profile.model_validate(tomllib.loads(TREE)))


@pytest.mark.parametrize(("probability", "expected"), [(0.95, "missing"), (0.4, "unsure")])
@pytest.mark.parametrize("role", ["agent", "caller"])
def test_doubtful_words_of_either_leave_it_unsure(role: str, probability: float, expected: str) -> None:
    text = call_text("A Komt u vanmiddag om drie uur langs.", "B Dat is goed, tot vanmiddag.", "A Tot vanmiddag.")
    assert found(recognised(text, probability, role=role), "koorts").verdict == expected


@pytest.mark.parametrize("heard", ["Heeft u goorts", "Koort", "Hebt u er koors bij"])
def test_what_may_be_the_question_misheard_is_unsure_with_its_place(heard: str) -> None:
    each = found(recognised(call_text(f"A {heard}.", "B Nee.", "A Komt u langs."), 0.7), "koorts")
    assert (each.verdict, bool(each.evidence)) in {("unsure", True), ("covered", True)}


def test_speech_of_the_agent_without_words_leaves_it_unsure(profile: Profile) -> None:
    call = parse_call(call_text("A Kom maar.", "B Goed."))
    spans = (*call.speech_of("agent"), Span(30.0, 33.0))
    lost = replace(call, speech={"agent": spans, "caller": call.speech_of("caller")}, duration_s=40.0)
    assert found(score_call(lost, profile=profile), "koorts").verdict == "unsure"


# ---- labelled calls


@pytest.fixture(scope="module")
def example() -> Profile:
    return load_profile(EXAMPLE, RULES)


def test_there_are_at_least_forty_labelled_calls() -> None:
    assert len(read_calls()) >= 40


@pytest.mark.parametrize("labelled", read_calls(), ids=lambda each: each.call.source)
def test_nothing_labelled_otherwise_is_missing_or_covered(labelled: TreeCall, example: Profile) -> None:
    for label, given, finding in pairs(labelled, questions(labelled.call, example, RULES)):
        assert given in (label, "unsure", "none"), finding


def test_missing_keeps_its_precision_where_a_quarter_is_misheard(example: Profile) -> None:
    calls = read_calls()
    words = known_words([each.call for each in calls])
    counts = Counter[tuple[str, str]]()
    for labelled in calls:
        for seed in range(3):
            given = questions(misheard(labelled.call, 0.25, words, f"{seed}"), example, RULES)
            counts.update((label, verdict) for label, verdict, _ in pairs(labelled, given))
    told = figures(counts)
    assert counts["missing", "missing"] > 0
    assert told["missing_precision"] >= 0.95  # type: ignore[operator]


# ---- the card, the page and the report


def test_trees_change_nothing_else_on_the_card(profile: Profile) -> None:
    call = parse_call(call_text("A Heeft u koorts?", "B Nee.", "A Kom maar langs."))
    plain, card = score_call(call), score_call(call, profile=profile)
    assert plain.questions == ()
    assert replace(card, questions=()) == plain


def test_the_json_has_them_and_the_schema_knows_them(profile: Profile) -> None:
    data = card_of(call_text("A Heeft u koorts?", "B Nee."), profile).to_dict()
    keys = {"tree", "tree_title", "item", "kind", "title", "verdict", "reason", "evidence"}
    assert set(data["questions"][0]) == keys
    assert "questions" in json_schema()["required"]
    assert set(json_schema()["$defs"]["QuestionFinding"]["required"]) == keys
    json.dumps(data["questions"])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ("Vragenboom: Oorpijn", "verteld door de beller", "niet gevraagd", "niet gezegd")),
        ("en", ("Question tree: Oorpijn", "told by the caller", "not asked", "not told")),
    ],
)
def test_card_and_page_show_the_tree(language: Language, words: tuple[str, ...], profile: Profile) -> None:
    call = parse_call(call_text("A Kom maar langs.", reason="Ik heb oorpijn maar geen koorts."))
    card = score_call(call, rules=in_language(RULES, language), profile=profile)
    for text in (format_card(card), format_page(call, card)):
        assert all(word in text for word in words)
    assert "Vragenboom" not in format_card(score_call(call))


def test_titles_of_a_practice_are_escaped_on_the_page(tmp_path: Path) -> None:
    own = profile_of(tmp_path, TREE.replace("Oorpijn", "<b>Oor</b>"))
    call = parse_call(call_text("A Kom."))
    assert "<b>Oor</b>" not in format_page(call, score_call(call, profile=own))


def test_reports_count_items_by_department(profile: Profile) -> None:
    asked = ("A Heeft u koorts?", "B Nee.", "A Kom langs.")
    cards = [
        card_of(call_text(*asked, meta="@department kno\n"), profile),
        card_of(call_text("A Kom langs.", meta="@department kno\n"), profile),
        card_of(call_text(*asked), profile),
    ]
    counts = {(each.department, each.item): (each.covered, each.missing) for each in count_by_department(cards)}
    assert counts["kno", "Is er koorts?"] == (1, 1)
    assert counts["", "Is er koorts?"] == (1, 0)
    for text in (format_summary(cards), format_index(cards, ["a", "b", "c"])):
        assert "kno" in text
        assert "Is er koorts?" in text
    assert count_by_department([score_call(parse_call(OPENING))]) == ()


# ---- the file


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title      = "Oorpijn"', 'titel = "Oorpijn"', "trees.0.titel: unknown key"),
        ('ask    = ["hoe hoog"]', "", "trees.0.questions.1.ask: "),
        ('ask    = ["hoe hoog"]', "ask = []", "trees.0.questions.1.ask: "),
        ('id    = "koorts"', 'id = "Koorts!"', "trees.0.questions.0.id: "),
        ('id    = "zwemmen"', 'id = "koorts"', "trees.0: tree `oorpijn` has two items `koorts`"),
        ('if_yes = "koorts"', 'if_yes = "hoofd"', "trees.0: if_yes of `hoogte` in tree `oorpijn`"),
        ('"hoe hoog"', '"hoe (hoog"', "trees.0.questions.1.ask: `hoe (hoog` can not be read"),
        ('"hoe hoog"', '"hoe Hoog"', "trees.0.questions.1.ask: `hoe Hoog` is not in lower case"),
        ('"hoe hoog"', '"hoe/make-up hoog"', "trees.0.questions.1.ask: `hoe/make-up hoog` can never be found"),
        ('"oorpijn", ', '"Oorpijn", ', "trees.0.reason: `Oorpijn` is not in lower case"),
    ],
)
def test_a_bad_tree_is_one_line_with_file_and_key(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert old in TREE
    for name, start in (("profiel.toml", ""), ("bomen.toml", 'tree_files = ["bomen.toml"]')):
        (tmp_path / name).write_text(TREE.replace(old, new), encoding="utf-8")
        if start:
            (tmp_path / "profiel.toml").write_text(start, encoding="utf-8")
        with pytest.raises(RuleError) as error:
            load_profile(tmp_path / "profiel.toml", RULES)
        assert str(error.value).startswith(f"{tmp_path / name}: {says}")
        assert "\n" not in str(error.value)


def test_trees_of_files_are_found_from_the_profile_and_join_its_own(tmp_path: Path) -> None:
    (tmp_path / "bomen").mkdir()
    (tmp_path / "bomen" / "oor.toml").write_text(TREE, encoding="utf-8")
    text = 'tree_files = ["bomen/oor.toml"]\n' + TREE.replace('"oorpijn"\ntitle', '"oor"\ntitle', 1)
    assert [tree.id for tree in profile_of(tmp_path, text).trees] == ["oor", "oorpijn"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('tree_files = ["weg.toml"]', "tree_files: no file `weg.toml`"),
        ('tree_files = ["oor.toml", "oor.toml"]', "trees.0.id: `oorpijn` is the id of another tree"),
    ],
)
def test_a_file_that_is_not_there_or_twice_is_an_error(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "oor.toml").write_text(TREE, encoding="utf-8")
    with pytest.raises(RuleError, match=re.escape(says)):
        profile_of(tmp_path, text)


def test_a_tree_without_items_is_none() -> None:
    with pytest.raises(ValidationError, match="no questions and no answers"):
        Tree(id="leeg", title="Leeg")


def test_the_digest_of_trees_is_their_own(tmp_path: Path, profile: Profile) -> None:
    text = call_text("A Kom.")
    assert card_of(text, profile).rules_digest == RULES.digest
    (tmp_path / "oor.toml").write_text(TREE, encoding="utf-8")
    elsewhere = profile_of(tmp_path, 'tree_files = ["oor.toml"]')
    assert trees_digest(profile.trees) == trees_digest(elsewhere.trees)
    assert trees_digest(profile.trees) != trees_digest(profile_of(tmp_path, TREE.replace("hoe hoog", "hoeveel")).trees)
    assert trees_digest(()) is None


def test_the_example_in_the_manual_gives_what_the_manual_says(tmp_path: Path) -> None:
    text = MANUAL.read_text(encoding="utf-8").split("\n## Vragenbomen\n")[1].split("\n## ")[0]
    tree, call = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[:2]
    (tmp_path / "gesprek.call").write_text(call, encoding="utf-8")
    profile_of(tmp_path, tree)
    command = ["score", str(tmp_path / "gesprek.call"), "--profile", str(tmp_path / "profiel.toml"), "--format", "json"]
    result = CliRunner().invoke(main, command)
    judged = [(each["item"], each["verdict"]) for each in json.loads(result.stdout)["questions"]]
    assert judged == re.findall(r"^\| `(\w+)` \| `(\w+)` \|", text, re.MULTILINE)
    for key in {*Tree.model_fields, "ask", "given", "say", "only_if", "if_yes", "if_no"} - {"questions", "answers"}:
        assert f"`{key}`" in text or f"{key} " in tree
