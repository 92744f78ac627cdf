"""The complaint file: nothing said is lost, nothing is added, and an export holds what was chosen and no more."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belscore.call import Call, Turn, Word
from belscore.cli import main
from belscore.complaint_choices import choose_numbers, read_choices, shared_file, write_choices
from belscore.complaint_file import ComplaintFile, Line, complaint_file
from belscore.complaint_texts import say
from belscore.engine import score_call
from belscore.errors import BelscoreError
from belscore.inputs import read_call
from belscore.notation import parse_call
from belscore.report.complaint import FORMATS, export
from belscore.rulebook import load_rules

ROOT = Path(__file__).resolve().parent.parent
RULES = load_rules()
SAMPLES = sorted((ROOT / "samples" / "calls").glob("klacht*.call"))
OPENING = "0.4-4.0 agent Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja.\n"
MEANT = "@started_at 2025-11-06T13:10\n"
COMPLAINT = (
    "4.3-12.0 caller Met mevrouw Jansen. Ik wil een klacht indienen. Ik werd gisteren aan de balie afgesnauwd.\n"
)


def filed(call: Call) -> ComplaintFile:
    return complaint_file(call, score_call(call, rules=RULES), RULES)


def said(text: str, head: str = MEANT) -> ComplaintFile:
    return filed(parse_call(head + OPENING + text))


@cache
def complaints() -> tuple[tuple[Call, ComplaintFile], ...]:
    """The samples and dialogues in which a complaint is heard."""
    calls = [read_call(path) for path in [*SAMPLES, *sorted((ROOT / "tests" / "dialogues").glob("[cdg]*.call"))]]
    cards = [(call, score_call(call, rules=RULES)) for call in calls]
    return tuple((call, complaint_file(call, card, RULES)) for call, card in cards if "klacht" in card.situations)


def with_words(file: ComplaintFile, words: str) -> Line:
    return next(line for line in file.lines if words in line.quote.text)


def chosen(file: ComplaintFile, *words: str) -> frozenset[str]:
    return frozenset(with_words(file, each).id for each in words)


def seen(page: str) -> str:
    """What a page says, its style and policy aside."""
    body = re.sub(r"<style>.*?</style>|<meta[^>]*>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


# What is in it


def test_every_word_of_a_call_stands_in_one_line() -> None:
    assert len(complaints()) > 30
    for call, file in complaints():
        words = [word for turn in call.turns for word in turn.text.split()]
        quoted = [word for line in file.lines if line.start_s is not None for word in line.quote.text.split()]
        assert sorted(words) == sorted(quoted), call.source


def test_each_line_says_who_spoke() -> None:
    for call, file in complaints():
        for line in file.lines:
            spoken = [turn for turn in call.turns if line.quote.text in turn.text]
            if line.start_s is not None:
                at = [turn for turn in spoken if turn.start_s <= line.start_s <= turn.end_s]
                assert line.who in {say(turn.role, "who") for turn in at}, (call.source, line.quote.text)


def test_nothing_of_the_scorecard_stands_in_it() -> None:
    for call, file in complaints():
        added = " ".join([*(line.label for line in file.lines), export(file, [file.lines[0].id], "text")])
        told = " ".join([added, *(note.text for line in file.lines for note in line.notes)]).lower()
        for rule in RULES.rules:
            assert rule.id not in told
            assert rule.title.lower() not in told
        assert not re.search(r"\b(boos|score|goed|fout|terecht|verdrietig|oordeel)\b", told), call.source


@pytest.mark.parametrize(
    ("words", "section", "label"),
    [
        ("De dokter zou mij vorige week bellen", "told", ""),
        ("Mijn collega heeft het niet opgeschreven", "answered", ""),
        ("Ik wil een klacht indienen", "asked", "formal"),
        ("En wat gaat u nu voor mij doen", "asked", ""),
        ("En wanneer hoor ik dan iets", "open", "unanswered"),
        ("Ik geef het wel door", "open", "no_term"),
        ("Een prettige middag nog", "other", ""),
    ],
)
def test_section_of_a_sentence_in_a_sample(words: str, section: str, label: str) -> None:
    file = filed(read_call(ROOT / "samples" / "calls" / "klacht-slecht.call"))
    line = with_words(file, words)
    assert (line.section, line.label) == (section, say(label, "labels") if label else "")


def test_promise_with_a_term_has_the_term_as_it_was_said() -> None:
    line = with_words(filed(read_call(ROOT / "samples" / "calls" / "klacht-goed.call")), "Ik ga nu meteen")
    assert line.section == "promised"
    assert line.notes[0].words.text == "vanmiddag voor vijf uur"


def test_moment_taken_of_several_is_told_only_beside_the_words_that_take_it() -> None:
    offer = "13.0-16.0 agent U kunt morgen om negen uur komen, of vrijdag om half elf.\n"
    file = said(COMPLAINT + offer + "16.3-18.0 caller Doe maar vrijdag.\n18.3-20.0 agent Dan noteer ik dat.\n")
    line = with_words(file, "half elf")
    assert (line.section, line.label) == ("promised", say("offered", "labels"))
    assert "afspraak" not in export(file, {line.id}, "text")
    assert "afspraak: ‘vrijdag om half elf’" in export(file, {line.id, with_words(file, "Doe maar").id}, "text")


def test_listening_signal_of_the_agent_is_no_promise() -> None:
    file = filed(read_call(ROOT / "samples" / "calls" / "klacht-goed.call"))
    assert {line.section for line in file.lines if line.quote.text == "ja"} == {"other"}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("gisteren", "woensdag 5 november 2025"),
        ("eergisteren", "dinsdag 4 november 2025"),
        ("vorige week dinsdag", "dinsdag 28 oktober 2025"),
        ("vorige week, op dinsdag,", "dinsdag 28 oktober 2025"),
        ("dinsdag vorige week", "dinsdag 28 oktober 2025"),
        ("vorige week", "maandag 27 oktober 2025 tot en met zondag 2 november 2025"),
        ("afgelopen donderdag", "donderdag 30 oktober 2025"),
        ("drie weken geleden", "rond donderdag 16 oktober 2025"),
        ("op 3 november", "maandag 3 november 2025"),
    ],
)
def test_day_that_is_past_is_worked_out_from_the_day_of_the_call(words: str, day: str) -> None:
    file = said(f"4.3-12.0 caller Ik wil een klacht indienen. Ik werd {words} aan de balie afgesnauwd.\n")
    notes = with_words(file, "afgesnauwd").notes
    assert [note.shown(frozenset()).split(": ")[1] for note in notes] == [day]


@pytest.mark.parametrize(
    "words", ["dinsdag", "vorige dinsdag", "vorige maand", "laatst", "maandag 4 november", "op 3 mei"]
)
def test_day_that_the_words_leave_open_is_not_worked_out(words: str) -> None:
    file = said(f"4.3-12.0 caller Ik wil een klacht indienen. Ik werd {words} aan de balie afgesnauwd.\n")
    assert with_words(file, "afgesnauwd").notes == ()


def test_day_in_reported_words_is_not_worked_out_from_the_day_of_the_call() -> None:
    file = said("4.3-12.0 caller Ik wil een klacht indienen. De dokter zei dat hij morgen zou bellen.\n")
    assert with_words(file, "zou bellen").notes == ()


def test_no_day_is_worked_out_when_it_is_not_known_when_the_call_was() -> None:
    assert with_words(said(COMPLAINT, head=""), "afgesnauwd").notes == ()


def doubted(call: Call, *doubtful: str) -> Call:
    """The call as if heard by a recogniser that is not sure of some words."""

    def word(each: Word) -> Word:
        return replace(each, probability=0.2 if each.text.strip(".,") in doubtful else 0.9)

    turns = tuple(replace(turn, words=tuple(word(each) for each in turn.words)) for turn in call.turns)
    return replace(call, turns=turns)


def test_doubtful_word_is_marked_in_its_line() -> None:
    line = with_words(filed(doubted(parse_call(MEANT + OPENING + COMPLAINT), "balie")), "balie")
    assert line.doubtful
    assert "aan de balie [?] afgesnauwd." in line.quote.text


def test_sentence_of_doubtful_words_stays_open() -> None:
    words = "Ik werd gisteren aan de balie afgesnauwd"
    file = filed(doubted(parse_call(MEANT + OPENING + COMPLAINT), *words.split()[2:]))
    assert (with_words(file, "afgesnauwd").section, with_words(file, "afgesnauwd").doubtful) == ("open", True)


def test_who_spoke_is_marked_and_nothing_is_sorted_when_the_roles_are_not_sure() -> None:
    call = replace(parse_call(MEANT + OPENING + COMPLAINT), role_confidence=0.4)
    spoken = [line for line in filed(call).lines if line.start_s is not None]
    assert {line.section for line in spoken} == {"other"}
    assert all(line.who.endswith("[?]") for line in spoken)


def test_call_without_a_complaint_is_one_clear_error() -> None:
    with pytest.raises(BelscoreError, match=r"^goed\.call: no complaint is heard in this call;"):
        filed(parse_call(OPENING + "4.3-6.0 caller Zijn jullie morgen open?\n", source="goed.call"))


# Ids


def test_ids_stay_the_same_when_the_call_is_filed_again() -> None:
    for call, file in complaints()[:10]:
        assert filed(call) == file
        assert len({line.id for line in file.lines}) == len(file.lines)


def test_ids_of_lines_stay_the_same_when_another_turn_is_added() -> None:
    more = said(COMPLAINT + "13.0-14.0 agent Dat is vervelend.\n")
    assert with_words(more, "afgesnauwd").id == with_words(said(COMPLAINT), "afgesnauwd").id


def test_same_words_at_the_same_time_have_ids_of_their_own() -> None:
    call = parse_call(MEANT + OPENING + COMPLAINT)
    hum = Turn("agent", 6.0, 6.3, "ja", (Word("ja", 6.0, 6.3),))
    ids = [line.id for line in filed(replace(call, turns=(*call.turns[:2], hum, hum))).lines]
    assert len(ids) == len(set(ids))


# What is shared

NAME_LABELS = (say("agent", "labels"), say("caller", "labels"))


def name_words(line: Line) -> set[str]:
    """The words of a name that are no tussenvoegsel, as they are written."""
    particles = RULES.knowledge.lexicon.words("namen", "infix_starts")
    return {word for word in re.findall(r"\w+", line.quote.text) if word[0].isupper() and word.lower() not in particles}


def withheld(file: ComplaintFile, shared: frozenset[str]) -> list[Line]:
    return [line for line in file.lines if line.id not in shared]


@pytest.mark.parametrize("format_name", FORMATS)
def test_export_holds_the_shared_lines_and_nothing_of_the_others(format_name: str) -> None:
    """Random choices of random files: ids, quotes, times, days and counts of what is withheld stay away."""
    chance = random.Random(7)
    for call, file in complaints():
        shared = frozenset(line.id for line in file.lines if chance.random() < chance.choice([0.1, 0.5, 0.9]))
        if not shared:
            continue
        page = export(file, shared, "html" if format_name == "html" else "text")
        text = seen(page) if format_name == "html" else page
        kept = [line for line in file.lines if line.id in shared]
        quotes = [line.quote.shown(shared) for line in kept]
        assert all(" ".join(quote.split()) in text for quote in quotes), call.source
        rest = text
        for own in sorted({*quotes, *(n.shown(shared) for line in kept for n in line.notes)}, key=len, reverse=True):
            rest = rest.replace(own, "")
        for line in kept:
            rest = rest.replace(line.label, "") if line.label else rest
        for line in withheld(file, shared):
            assert line.id not in page
            assert line.quote.text not in rest or len(line.quote.text) < 4, (call.source, line.quote.text)
            if line.label in NAME_LABELS:
                assert name_words(line).isdisjoint(re.findall(r"\w+", text)), (call.source, line.quote.text)
        assert not any(line.id in page for line in kept)
        numbers = set(re.findall(r"\d[\d:.]*", rest))
        assert numbers <= {line.time for line in kept}, call.source
        assert call.source not in page
        assert Path(call.source).stem not in page


def test_day_meant_stays_away_while_the_start_of_the_call_is_withheld() -> None:
    file = said(COMPLAINT)
    alone = export(file, chosen(file, "afgesnauwd"), "text")
    assert "gisteren" in alone
    assert "november" not in alone
    assert "woensdag 5 november 2025" in export(file, chosen(file, "afgesnauwd", "2025"), "text")


def test_term_said_elsewhere_stays_away_while_those_words_are_withheld() -> None:
    file = said(
        COMPLAINT
        + "13.0-15.0 agent Dan bel ik u terug.\n15.3-16.0 caller Wanneer?\n16.3-18.0 agent Morgen om negen uur.\n"
    )
    promise = with_words(file, "bel ik u terug")
    assert (promise.section, [note.words.text for note in promise.notes]) == ("promised", ["Morgen om negen uur"])
    assert "negen" not in export(file, {promise.id}, "text")
    assert "negen" in export(file, {promise.id, with_words(file, "Morgen om negen uur").id}, "text")


@pytest.mark.parametrize(
    ("words", "name", "shown"),
    [
        ("u spreekt met", "Anja", "u spreekt met [naam]."),
        ("Met mevrouw", "Jansen", "Met mevrouw [naam]."),
    ],
)
def test_name_stays_away_until_its_own_line_is_shared(words: str, name: str, shown: str) -> None:
    file = said(COMPLAINT)
    assert shown in export(file, chosen(file, words), "text")
    own = next(line.id for line in file.lines if line.section == "call" and name in line.quote.text)
    assert name in export(file, {with_words(file, words).id, own}, "text")


@pytest.mark.parametrize(
    ("introduced", "later"),
    [
        ("Met Willem van Dijk.", "Dag meneer Van Dijk, dat is vervelend."),
        ("Met Willem van Dijk.", "Ik noteer Van Dijk, dat is vervelend."),
        ("Met meneer De Groot.", "Dag meneer De Groot, dat is vervelend."),
        ("Met Karin Jansen-de Vries.", "Dag mevrouw Jansen, dat is vervelend."),
        ("Met mevrouw Oude Luttikhuis.", "Dag mevrouw Luttikhuis, dat is vervelend."),
        ("Met mevrouw Jansen. J, a, n, s, e, n.", "Dus J, a, n, s, e, n, mevrouw Janssen, dat is vervelend."),
        ("Met mevrouw Bos.", "Is Bos' eigen kaart, mevrouw Bos, in orde?"),
    ],
)
def test_every_form_of_the_name_of_the_caller_stays_away(introduced: str, later: str) -> None:
    file = said(f"4.3-9.0 caller {introduced} Ik wil een klacht indienen.\n9.5-12.0 agent {later}\n")
    spoken = frozenset(line.id for line in file.lines if line.section != "call")
    text = " ".join(line.quote for section in shared_file(file, spoken) for line in section.lines)
    names = {"Willem", "Dijk", "Groot", "Karin", "Jansen", "Luttikhuis", "Janssen", "Bos", "Van", "van", "J", "s"}
    assert names.isdisjoint(re.findall(r"[\w]+", text)), text
    assert "[naam]" in text


def test_misheard_name_of_the_agent_stays_away_where_the_agent_gives_it() -> None:
    file = said("4.3-9.0 caller Ik wil een klacht indienen.\n", head=MEANT + "@agent Anneke\n")
    assert "u spreekt met [naam]." in export(file, chosen(file, "u spreekt met"), "text")


def test_word_that_is_a_name_elsewhere_is_left_in() -> None:
    file = said("4.3-9.0 caller Met mevrouw Bos. Ik wil een klacht indienen, ik stond in het bos.\n")
    assert "in het bos" in export(file, chosen(file, "in het bos"), "text")


def test_page_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = export(said(COMPLAINT), chosen(said(COMPLAINT), "afgesnauwd"), "html")
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "http:" not in page
    assert "https:" not in page
    assert "default-src 'none'" in unescape(page)


def test_words_cannot_break_out_of_the_page() -> None:
    file = said("4.3-9.0 caller Ik wil een klacht indienen over <b>x</b> & co.\n")
    page = export(file, chosen(file, "klacht indienen"), "html")
    assert "<b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt; &amp; co." in page


def test_nothing_chosen_is_an_error() -> None:
    with pytest.raises(BelscoreError, match="no line is shared"):
        export(said(COMPLAINT), (), "text")


# The choice file


def test_choice_file_shares_nothing_until_it_is_edited() -> None:
    for _, file in complaints():
        assert read_choices(write_choices(file), file) == frozenset()


def test_choice_file_gives_back_what_was_chosen() -> None:
    file = said(COMPLAINT)
    text = write_choices(file)
    wanted = with_words(file, "afgesnauwd")
    edited = re.sub(rf'("{wanted.id}"\nshare +=) false', r"\1 true", text)
    assert read_choices(edited, file) == {wanted.id}


def test_line_taken_out_of_the_choice_file_is_not_shared() -> None:
    file = said(COMPLAINT)
    assert read_choices('schema = "belscore.complaint-choices/1"\n', file) == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("afgesnauwd", "geslagen", "`quote` was changed"),
        ('who     = "beller"', 'who     = "praktijk"', "`who` was changed"),
        ("woensdag 5 november", "woensdag 6 november", "`notes` was changed"),
        ("share   = false", 'share   = "ja"', "share: Input should be a valid boolean"),
        ("share   = false", "share   = false\ndeel = true", "deel: Extra inputs are not permitted"),
        ("share   = false", "", "share: Field required"),
        ("[[line]]", "[[line]", "not valid TOML"),
        ("complaint-choices/1", "complaint-choices/2", "`schema` is not"),
    ],
)
def test_changed_choice_file_is_one_line_that_says_what(old: str, new: str, told: str) -> None:
    file = said(COMPLAINT)
    text = write_choices(file)
    assert old in text
    with pytest.raises(BelscoreError, match=re.escape(told)) as error:
        read_choices(text.replace(old, new, 1), file, where="k.toml")
    assert str(error.value).startswith("k.toml: ")
    assert "\n" not in str(error.value)


def test_choices_of_another_call_are_refused() -> None:
    other = said(COMPLAINT.replace("gisteren", "vandaag"))
    with pytest.raises(BelscoreError, match="is not in this call"):
        read_choices(write_choices(other), said(COMPLAINT))


def test_line_that_stands_twice_is_refused() -> None:
    file = said(COMPLAINT)
    text = write_choices(file)
    with pytest.raises(BelscoreError, match="stands twice"):
        read_choices(text + "\n[[line]]" + text.split("[[line]]")[1], file)


def test_lines_are_chosen_by_number() -> None:
    file = said(COMPLAINT)
    assert choose_numbers(file, "1, 3-4") == {file.lines[at].id for at in (0, 2, 3)}


@pytest.mark.parametrize("text", ["", "x", "0", "4-2", "1-999", "1;2", "-3"])
def test_numbers_that_name_no_lines_are_refused(text: str) -> None:
    with pytest.raises(BelscoreError, match=r"^--share: "):
        choose_numbers(said(COMPLAINT), text)


# On the command line


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "jansen.call"
    path.write_text(MEANT + OPENING + COMPLAINT, encoding="utf-8")
    return path


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["complaint", *args])


def test_command_lists_all_lines_with_their_numbers(call: Path) -> None:
    result = run(call.name)
    assert result.exit_code == 0
    numbered = re.findall(r"^ +(\d+)  \S", result.stdout, re.MULTILINE)
    assert numbered == [str(line.number) for line in filed(read_call(call)).lines]


def test_choices_are_written_edited_and_exported(call: Path) -> None:
    assert run(call.name, "--choices", "keuze.toml").exit_code == 0
    choices = Path("keuze.toml")
    words = with_words(filed(read_call(call)), "afgesnauwd")
    choices.write_text(re.sub(rf'("{words.id}"\nshare +=) false', r"\1 true", choices.read_text()), encoding="utf-8")
    before = choices.read_text()
    assert run(call.name, "--choices", "keuze.toml", "--out", "dossier.html").exit_code == 0
    page = Path("dossier.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "afgesnauwd" in page
    assert "jansen" not in page.lower()
    assert choices.read_text() == before


def test_lines_shared_by_number_come_as_text(call: Path) -> None:
    result = run(call.name, "--share", "1-2")
    assert result.exit_code == 0
    assert result.stdout.count("\n- ") == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--out", "x.html"), "nothing is chosen yet"),
        (("--choices", "new.toml", "--out", "x.html"), "nothing is chosen yet"),
        (("--choices", "jansen.call"), "this is the call itself"),
        (("--share", "1", "--choices", "new.toml"), "either by file or by number"),
        (("--share", "1", "--out", "jansen.call"), "would overwrite the call"),
        (("--share", "99"), "is not within the lines"),
    ],
)
def test_wrong_use_is_one_line_and_writes_nothing(call: Path, options: tuple[str, ...], told: str) -> None:
    before = call.read_bytes()
    result = run(call.name, *options)
    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert [path.name for path in call.parent.iterdir()] == [call.name]
    assert call.read_bytes() == before
