"""What identifies a caller is taken out of a call before it is kept, and its verdicts stay."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from belscore import load_rules, parse_call, score_call
from belscore.call import Call, Listened, Span
from belscore.call_json import call_to_dict, parse_call_json
from belscore.cli import main
from belscore.errors import RuleError
from belscore.profile import Privacy, Profile, load_profile
from belscore.redaction import for_storage, redact
from belscore.redaction.held import checks, keep_held
from belscore.redaction.silence import silence_spans
from belscore.redaction.transcript import standing_in
from belscore.topics import topic_words

RULES = load_rules()
CALL = """\
0.4-4.6 agent  Goedemorgen, met de praktijk van tandarts De Vries, u spreekt met Anja.
4.9-7.8 caller Goedemorgen, met mevrouw Jansen, kan Anja mij terugbellen?
8.1-9.9 agent  Dat kan, mevrouw Jansen. Op welk nummer?
10.2-14.0 caller Nul zes twaalf vierendertig zesenvijftig achtenzeventig.
14.2-18.0 agent  Nul zes twaalf vierendertig zesenvijftig achtenzeventig. Anja belt u om vier uur.
18.2-19.0 caller Dank u wel, dag.
19.2-20.0 agent  Dag mevrouw Jansen.
"""
WRONG = CALL.replace("zesenvijftig achtenzeventig. Anja", "zesenvijftig zevenentachtig. Anja")


def said(*turns: str) -> Call:
    """A call of turns `a: ...` and `c: ...`, three seconds each."""
    roles = {"a": "agent", "c": "caller"}
    lines = [f"{3 * at}-{3 * at + 2.8} {roles[turn[0]]} {turn[3:]}" for at, turn in enumerate(turns)]
    return parse_call("\n".join(lines))


def left(*turns: str) -> list[str]:
    """What stands in the turns when all has been taken out."""
    return [turn.text for turn in redact(said(*turns)).call.turns]


# ---- what is found


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("c: Mijn nummer is 06-12345678.", "Mijn nummer is [telefoonnummer]."),
        ("c: bel maar nul zes dubbel een drie vier drie keer nul vijf zes", "bel maar [telefoonnummer]"),
        ("c: nul zes drieëntwintig elf tachtig vierenzestig over een dik been", "[telefoonnummer] over een dik been"),
        ("c: Mijn BSN is 123456782.", "Mijn BSN is [bsn]."),
        ("c: Het IBAN is NL20 INGB 0001 2345 67.", "Het IBAN is [iban]."),
        ("c: n l twintig i n g b nul nul nul een twee drie vier vijf zes zeven", "[iban]"),
        ("c: Mijn polisnummer is 3045588.", "Mijn polisnummer is [polisnummer]."),
        ("c: Op de brief staat patiëntnummer AB 20391.", "Op de brief staat patiëntnummer [patiëntnummer]."),
        ("c: Ik ben geboren op 3 mei 1962.", "Ik ben geboren op [geboortedatum]."),
        ("c: Mijn postcode is zesenzeventig twaalf B van Bernard D van Dirk.", "Mijn postcode is [postcode]."),
        ("c: Ik woon op de Burgemeester Jansenlaan 45a, boven.", "Ik woon op de [adres], boven."),
        ("c: Dat is jan punt jansen apenstaartje gmail punt com.", "Dat is [e-mail]."),
        ("c: Goedemorgen, met Fatima El Amrani, een vraag.", "Goedemorgen, met [naam], een vraag."),
        ("c: Mijn dochter Lisa heeft koorts.", "Mijn dochter [naam] heeft koorts."),
        ("c: De uitslag is voor D. van Loon.", "De uitslag is voor [naam]."),
    ],
)
def test_what_identifies_is_taken_out(turn: str, expected: str) -> None:
    assert left(turn) == [expected]


@pytest.mark.parametrize(
    "turn",
    [
        "a: Dinsdag 14 oktober om half elf bij dokter Van Dam.",
        "a: Dat kost vijfenveertig euro en vijftig cent.",
        "c: Ik slik twee keer per dag vijfhonderd milligram.",
        "c: Ik ben achtenzestig jaar en ik woon alleen.",
        "a: Mevrouw, een ogenblik alstublieft.",
        "c: Sinds 12 maart 2019 ben ik patiënt bij u.",
        "a: Wij zitten aan de Stationsweg 10.",
        "a: U kunt mailen naar info@praktijk.nl.",
        "a: Ons nummer is 0900 1516.",
        "c: De bakker had geen brood, en het pilletje is wit.",
        "c: Ik ben onderweg, twee minuten nog.",
    ],
)
def test_what_only_looks_like_it_stays(turn: str) -> None:
    assert left(turn) == [turn[3:]]


def test_a_number_in_pieces_over_turns_is_one_number() -> None:
    assert left(
        "a: Op welk nummer bent u bereikbaar?",
        "c: Nul zes",
        "a: Ja.",
        "c: drieënveertig eenentwintig",
        "a: Ja.",
        "c: vijfenzestig nul negen",
        "a: Dus 06 43216509.",
    )[1:] == ["[telefoonnummer]", "Ja.", "[telefoonnummer]", "Ja.", "[telefoonnummer]", "Dus [telefoonnummer]."]


def test_the_same_value_has_the_same_number_and_another_one_the_next() -> None:
    turns = left(
        "c: Mijn nummer is 06 12345678, op het werk 020 5551234.",
        "a: Dus nul zes twaalf vierendertig zesenvijftig achtenzeventig, of 020 5551234?",
    )
    assert turns == [
        "Mijn nummer is [telefoonnummer], op het werk [telefoonnummer 2].",
        "Dus [telefoonnummer], of [telefoonnummer 2]?",
    ]


def test_a_date_of_birth_in_pieces_goes_and_the_appointment_stays() -> None:
    turns = left(
        "a: Wanneer bent u geboren?",
        "c: Achttien juni",
        "a: Ja.",
        "c: negenenvijftig",
        "a: Dan staat u op woensdag acht april om tien over negen.",
    )
    assert turns[1:] == [
        "[geboortedatum]", "Ja.", "[geboortedatum]", "Dan staat u op woensdag acht april om tien over negen."
    ]  # fmt: skip


def test_a_name_goes_wherever_it_is_said_and_a_doctor_of_that_name_stays() -> None:
    turns = left(
        "c: Goedemorgen, met Karin de Boer.",
        "a: Dag mevrouw De Boer.",
        "c: Ik wil naar dokter De Boer, want ik ben boer.",
    )
    assert turns == [
        "Goedemorgen, met [naam].", "Dag mevrouw [naam].", "Ik wil naar dokter De Boer, want ik ben boer."
    ]  # fmt: skip


def test_a_name_that_is_spelled_goes_too() -> None:
    assert left("a: Hoe spelt u dat?", "c: J A N S E N.")[1] == "[naam]."


def test_the_practice_and_its_people_stay() -> None:
    call = said("a: Goedemorgen, met Anja.", "c: Dag Anja, ik zoek Noor van Dalen.", "a: Noor van Dalen is er morgen.")
    assert redact(call, profile=Profile(agents=("Anja", "Noor van Dalen"))).spans == ()
    assert [turn.text for turn in redact(call).call.turns][1] == "Dag Anja, ik zoek [naam]."


def test_a_caller_of_the_same_name_as_the_practice_goes() -> None:
    call = said("a: Praktijk De Vries, met Anja.", "c: Goedemorgen, met De Vries.", "a: Dag mevrouw De Vries.")
    kept = redact(call, profile=Profile(practice=("Praktijk De Vries",))).call
    assert [turn.text for turn in kept.turns] == [
        "Praktijk De Vries, met Anja.", "Goedemorgen, met [naam].", "Dag mevrouw [naam]."
    ]  # fmt: skip


def test_names_can_be_kept_alone() -> None:
    call = redact(parse_call(CALL), names="keep").call
    assert "mevrouw Jansen" in call.turns[1].text
    assert call.turns[3].text == "[telefoonnummer]."


# ---- the call


def test_other_words_keep_their_times_and_a_placeholder_has_those_of_its_words() -> None:
    before, after = parse_call(CALL), redact(parse_call(CALL)).call
    for old, new in zip(before.turns, after.turns, strict=True):
        times = {(word.start_s, word.end_s, word.text) for word in old.words}
        for word in new.words:
            assert "[" in word.text or (word.start_s, word.end_s, word.text) in times
    number = after.turns[3].words
    assert [(word.start_s, word.end_s) for word in number] == [
        (before.turns[3].words[0].start_s, before.turns[3].words[-1].end_s)
    ]


def test_spans_tell_who_said_what_kind_and_when() -> None:
    spans = redact(parse_call(CALL)).spans
    assert [(span.role, span.kind) for span in spans] == [
        ("caller", "name"), ("agent", "name"), ("caller", "phone"), ("agent", "phone"), ("agent", "name"),
    ]  # fmt: skip
    assert all(span.start_s < span.end_s for span in spans)


def test_nothing_of_what_was_taken_out_is_in_what_is_kept() -> None:
    call = parse_call(CALL)
    kept = for_storage(call, score_call(call, rules=RULES), rules=RULES)
    # Words made up in the place of others are drawn by chance, and may be the same as some of these.
    bare = replace(kept.call, removed=())
    written = json.dumps([call_to_dict(bare), kept.card.to_dict()], ensure_ascii=False)
    own = {f.rule_id: f.say_instead for f in RULES_TEXTS}
    for finding in kept.card.findings:
        assert "achtenzeventig" not in finding.feedback + "".join(each.quote for each in finding.evidence)
        assert "Jansen" not in finding.feedback.replace(own.get(finding.rule_id, ""), "")
    assert "achtenzeventig" not in written
    assert kept.card.log.caller_name == "mevrouw [naam]"
    assert not any("Jansen" in word.text for each in kept.call.removed for word in each.stand_in)


RULES_TEXTS = score_call(parse_call("0-1 agent Hallo."), rules=RULES).findings


def test_a_kept_call_is_read_back_as_it_was() -> None:
    kept = for_storage(parse_call(CALL), score_call(parse_call(CALL), rules=RULES), rules=RULES).call
    kept = replace(kept, held=(("naam-herkenning", "0123"),))
    assert parse_call_json(json.dumps(call_to_dict(kept))) == kept


def test_a_call_that_was_redacted_is_not_redacted_again() -> None:
    call = parse_call(CALL)
    once = for_storage(call, score_call(call, rules=RULES))
    assert for_storage(once.call, once.card) == (once.call, once.card, ())


# ---- judged again


@pytest.mark.parametrize("text", [CALL, WRONG], ids=["right", "wrong"])
def test_verdicts_stay_when_a_kept_call_is_judged_again(text: str) -> None:
    call = parse_call(text)
    card = score_call(call, rules=RULES)
    for seed in range(5):
        again = score_call(redact(call, chance=random.Random(seed)).call, rules=RULES)
        assert [(f.rule_id, f.verdict) for f in again.findings] == [(f.rule_id, f.verdict) for f in card.findings]


def test_a_wrong_repetition_is_still_a_fault_and_shows_two_numbers() -> None:
    call = parse_call(WRONG)
    card = score_call(redact(call).call, rules=RULES)
    finding = card.finding("luisteren-herhalen")
    assert finding.verdict == score_call(call, rules=RULES).finding("luisteren-herhalen").verdict == "fail"
    assert "[telefoonnummer 2]" in finding.feedback


def test_a_second_scorecard_shows_placeholders_and_no_made_up_words() -> None:
    kept = redact(parse_call(CALL)).call
    card = score_call(kept, rules=RULES)
    quotes = [each.quote for each in card.finding("naam-herkenning").evidence]
    assert quotes == ["mevrouw [naam]", "mevrouw [naam]."] or all("[naam]" in quote for quote in quotes)
    made = {word.text.strip(".,?") for each in kept.removed if each.kind == "name" for word in each.stand_in}
    shown = json.dumps([[f.feedback, [e.quote for e in f.evidence], f.would_pass] for f in card.findings])
    assert not [word for word in made if word in shown]


def test_some_dialogues_keep_all_their_verdicts(repository: Path) -> None:
    from belscore.inputs import read_call

    for path in sorted((repository / "tests" / "dialogues").glob("*.call"))[::40]:
        call = read_call(path)
        card = score_call(call, rules=RULES)
        kept = for_storage(call, card, rules=RULES)
        again = keep_held(score_call(kept.call, rules=RULES), kept.card, kept.call, RULES)
        assert [f.verdict for f in again.findings] == [f.verdict for f in card.findings], path.name


def test_a_held_verdict_stays_with_the_rule_and_is_unsure_when_the_rule_changed() -> None:
    call = parse_call(CALL)
    card = score_call(call, rules=RULES)
    kept = for_storage(call, card, rules=RULES)
    rule = RULES.rule("naam-herkenning")
    held = replace(kept.call, held=((rule.id, checks(rule)),))
    again = score_call(held, rules=RULES)
    assert again.finding(rule.id).verdict == "unsure"
    assert keep_held(again, kept.card, held, RULES).finding(rule.id) == kept.card.finding(rule.id)
    assert keep_held(again, kept.card, held, RULES).score == card.score
    other = replace(kept.call, held=((rule.id, "another check"),))
    assert keep_held(again, kept.card, other, RULES).finding(rule.id).verdict == "unsure"


def test_what_the_sound_answered_is_told_of_the_made_up_words() -> None:
    call = parse_call(CALL)
    turn = call.turns[2]
    listened = Listened(turn.start_s, turn.text, 2, 4, ("jansen",), 0.5, 0.1)
    kept = redact(replace(call, listened=(listened,))).call
    filled = standing_in(kept).call
    assert kept.listened[0].text == " ".join(word.text for word in filled.turns[2].words)
    assert "Jansen" not in kept.listened[0].text
    assert kept.listened[0].asked != ("jansen",)


def test_words_in_place_of_names_are_no_topic() -> None:
    assert topic_words("de uitslag van [naam 2] op [adres]") == topic_words("de uitslag")


# ---- the practice's wish


def test_a_practice_can_switch_it_off() -> None:
    call = parse_call(CALL)
    card = score_call(call)
    kept = for_storage(call, card, Profile(privacy=Privacy(redact=False)))
    assert kept == (call, card, ())
    names = for_storage(call, card, Profile(privacy=Privacy(names="keep")))
    assert "Jansen" in names.call.turns[1].text
    assert names.call.turns[3].text == "[telefoonnummer]."


def test_a_profile_says_so_and_a_slip_of_the_pen_is_an_error(tmp_path: Path) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text('[privacy]\nredact = true\nnames = "keep"\n', encoding="utf-8")
    assert load_profile(profile).privacy == Privacy(redact=True, names="keep")
    profile.write_text('[privacy]\nnaam = "keep"\n', encoding="utf-8")
    with pytest.raises(RuleError, match=r"privacy\.naam"):
        load_profile(profile)


# ---- sound


def test_spans_are_silent_and_the_rest_is_as_it_was() -> None:
    samples = np.ones(16000, dtype=np.float32)
    silent = silence_spans(samples, 8000, [Span(0.5, 1.0), Span(0.9, 1.2), Span(5.0, 6.0)])
    assert not silent[4000:9600].any()
    assert (silent[:3900] == 1.0).all()
    assert (silent[9700:] == 1.0).all()
    assert samples.all()


# ---- on the command line


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gesprek.call"
    path.write_text(CALL, encoding="utf-8")
    return path


def test_score_prints_no_caller_when_asked(file: Path) -> None:
    plain = CliRunner().invoke(main, ["score", "--format", "json", str(file)]).stdout
    without = CliRunner().invoke(main, ["score", "--redact", "--format", "json", str(file)]).stdout
    assert json.loads(plain)["log"]["caller_name"] == "mevrouw Jansen"
    assert json.loads(without)["log"]["caller_name"] == "mevrouw [naam]"
    assert json.loads(without)["score"] == json.loads(plain)["score"]
    assert "achtenzeventig" not in without


def test_transcribe_writes_no_caller_when_asked(file: Path) -> None:
    written = CliRunner().invoke(main, ["transcribe", "--redact", str(file)]).stdout
    assert "[telefoonnummer]" in written
    assert "Jansen" not in written
    assert parse_call_json(written).removed


def test_redact_audio_silences_the_words_it_is_given(tmp_path: Path, repository: Path) -> None:
    from belscore.audio import decode

    sound = repository / "samples" / "calls" / "afspraak-goed.wav"
    words = sound.with_suffix(".call")
    out = tmp_path / "stil.wav"
    result = CliRunner().invoke(main, ["redact-audio", str(sound), str(out), "--call", str(words), "--quiet"])
    assert result.exit_code == 0, result.output
    before, after = decode(sound), decode(out)
    spans = redact(parse_call(words.read_text(encoding="utf-8"))).spans
    assert spans
    assert len(before.channels) == len(after.channels)
    for span in spans:
        low, high = round(span.start_s * 16000), round(span.end_s * 16000)
        assert all(abs(channel[low:high]).max() < 0.001 for channel in after.channels)


def test_redact_audio_writes_wav_only(tmp_path: Path, repository: Path) -> None:
    sound = repository / "samples" / "calls" / "afspraak-goed.wav"
    result = CliRunner().invoke(main, ["redact-audio", str(sound), str(tmp_path / "stil.mp3")])
    assert result.exit_code == 2
    assert "only WAV" in result.output


def test_a_complaint_file_shares_no_third_party_and_no_number() -> None:
    from belscore.complaint_choices import choose_numbers
    from belscore.complaint_file import complaint_file
    from belscore.report.complaint import export

    call = said(
        "a: Goedemorgen, praktijk De Vries, met Anja.",
        "c: Goedemorgen, met mevrouw Jansen. Ik heb een klacht, mijn dochter Lisa is maandag weggestuurd.",
        "a: Wat vervelend, mevrouw Jansen.",
        "c: U zou mij bellen op 06 12345678 en dat is niet gebeurd.",
    )
    file = complaint_file(call, score_call(call, rules=RULES), RULES)
    text = export(file, choose_numbers(file, ",".join(str(line.number) for line in file.lines)), "text")
    assert "Jansen" in text
    assert "Lisa" not in text
    assert "12345678" not in text
    assert "[telefoonnummer]" in text


# ---- in the store


def stored(folder: Path, file: Path, *options: str) -> tuple[Call, str]:
    """The call and scorecard of a batch over the folder of one file."""
    from belscore.store.calls import read_call, read_scorecard
    from belscore.store.database import open_store

    address = str(folder / "opslag.db")
    result = CliRunner().invoke(main, ["batch", str(file.parent), "--store", address, "--quiet", *options])
    assert result.exit_code == 0, result.output
    with open_store(address, new=False) as store, store.read() as connection:
        return read_call(connection, 1), json.dumps(read_scorecard(connection, 1).to_dict(), ensure_ascii=False)


def test_a_batch_keeps_no_caller_and_rescoring_changes_no_verdict(
    file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("opslag")
    call, card = stored(folder, file)
    assert call.turns[3].text == "[telefoonnummer]."
    assert "achtenzeventig" not in card
    assert "mevrouw [naam]" in card
    again = CliRunner().invoke(main, ["rescore", "--store", str(folder / "opslag.db"), "--all", "--format", "json"])
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["changes"] == []


def test_a_batch_keeps_all_when_the_profile_says_so(file: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("opslag")
    profile = folder / "p.toml"
    profile.write_text("[privacy]\nredact = false\n", encoding="utf-8")
    call, card = stored(folder, file, "--profile", str(profile))
    assert "achtenzeventig" in call.turns[3].text
    assert "Jansen" in card
