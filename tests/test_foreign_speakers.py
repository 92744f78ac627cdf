"""Who of the speakers of a transcript is the agent: by their names, by what they say, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from belscore.call import Call, Role, Word
from belscore.call_json import call_to_dict, parse_call_json
from belscore.engine import score_call
from belscore.errors import NotationError
from belscore.foreign.names import role_of, side_of, with_speakers
from belscore.foreign.reading import read_transcript
from belscore.foreign.segments import Segment, words_of_line
from belscore.foreign.speakers import decide_parties
from belscore.foreign.words import DOUBTFUL
from belscore.notation import parse_call
from belscore.roles import MIN_ROLE_CONFIDENCE
from belscore.rulebook import load_rules
from foreign_files import WRITERS, whisper_cpp
from foreign_files import srt as write_srt

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "calls"
CALL = parse_call("""
0.4-4.4 agent   Goedemiddag, polikliniek oogheelkunde, u spreekt met Hamza.
4.8-11.0 caller Goedemiddag, u spreekt met mevrouw Jansen. Ik bel even over mijn afspraak van dinsdag.
11.3-14.5 agent Dag mevrouw Jansen, mag ik uw geboortedatum?
15.0-17.8 caller Vier mei negentienvijftig.
18.3-24.0 agent Dank u wel. Ik verbind u door met mijn collega van de planning, blijft u even aan de lijn.
26.0-29.0 colleague Met Karin van de planning, dag mevrouw.
29.4-31.0 caller Dag, ik wil graag een andere dag.
31.5-35.0 colleague Dan zet ik u op vrijdag. Tot vrijdag, mevrouw Jansen.
""")


def spoken(call: Call, names: Mapping[Role, str]) -> dict[str, list[Word]]:
    words: dict[str, list[Word]] = {}
    for turn in call.turns:
        if turn.role in names:
            words.setdefault(names[turn.role], []).extend(turn.words)
    return words


def named(*lines: str) -> list[str | None]:
    """The speakers of transcript lines, one to a segment."""
    segments = [Segment(float(at), at + 0.9, (words_of_line(line),)) for at, line in enumerate(lines)]
    return [segment.words[0].speaker for segment in with_speakers(segments)]


# ---- names


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Medewerker", "agent"), ("agent_1", "agent"), ("AGENT", "agent"), ("Doktersassistente", "agent"),
        ("Assistente Anja", "agent"), ("Huisartsenpraktijk De Linde", "agent"), ("CallCenterAgent", "agent"),
        ("Customer Service", "agent"), ("Operator", "agent"), ("Balie 2", "agent"), ("Beller", "caller"),
        ("Klant", "caller"), ("Patiënt", "caller"), ("PATIENT (mobiel)", "caller"), ("customer", "caller"),
        ("external caller", "caller"), ("Collega", "colleague"), ("IVR", "system"), ("Virtuele assistent", "system"),
        ("Systeem", "system"), ("SPEAKER_00", None), ("Spreker A", None), ("Anja Bakker", None), ("Talbot", None),
        ("", None),
    ],
)  # fmt: skip
def test_what_a_name_says(name: str, role: Role | None) -> None:
    assert role_of(name) == role


def test_name_of_a_channel_says_its_side() -> None:
    assert [side_of(name) for name in ("Left", "kanaal rechts", "links/rechts", "SPEAKER_00")] == [
        "left",
        "right",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("lines", "speakers"),
    [
        (["Agent: Dag.", "Klant: Dag."], ["Agent", "Klant"]),
        (["[SPEAKER_00]: Dag.", "[SPEAKER_01]: Dag."], ["SPEAKER_00", "SPEAKER_01"]),
        (["(speaker 0) Dag.", "(speaker 1) Dag."], ["speaker 0", "speaker 1"]),
        (["Spreker 1: Dag.", "- Spreker 2:Dag."], ["Spreker 1", "Spreker 2"]),
        (
            ["Anja de Wit: Dag.", "Kim: Dag.", "Anja de Wit: Ja.", "Kim: Ja."],
            ["Anja de Wit", "Kim", "Anja de Wit", "Kim"],
        ),
        (["Let op: dag.", "Let op: nee.", "Ja.", "Nee."], [None] * 4),
        (["De assistente zei: dag.", "En de klant zei: nee."], [None] * 2),
        (["Anja: Dag.", "Ja.", "Nee."], [None] * 3),
        (["Om 10:45 uur.", "Dus: nee."], [None] * 2),
    ],
)
def test_name_in_front_of_a_line_is_its_speaker_and_a_sentence_with_a_colon_is_not(
    lines: list[str], speakers: list[str | None]
) -> None:
    assert named(*lines) == speakers


def test_name_holds_until_the_next_where_it_stands_only_at_a_change() -> None:
    lines = ["Agent: Goedemorgen.", "Met Anja.", "Waarmee kan ik u helpen?", "Klant: Dag.", "Ik heb een vraag."]
    cues = "\n".join(f"{at}\n00:00:0{at},000 --> 00:00:0{at},900\n{line}\n" for at, line in enumerate(lines))
    call = read_transcript(cues)
    assert [(turn.role, turn.text) for turn in call.turns] == [
        ("agent", "Goedemorgen. Met Anja. Waarmee kan ik u helpen?"),
        ("caller", "Dag. Ik heb een vraag."),
    ]
    assert min(word.probability for turn in call.turns for word in turn.words) > DOUBTFUL


def test_words_without_a_speaker_among_others_with_one_are_in_doubt() -> None:
    lines = [f"{('Agent', 'Klant')[at % 2]}: Dat is dan nu zo." for at in range(9)] + ["Dat is dan nu zo."]
    cues = "\n".join(f"{at}\n00:00:{at:02d},000 --> 00:00:{at:02d},900\n{line}\n" for at, line in enumerate(lines))
    assert [word.probability for word in read_transcript(cues).turns[-1].words][-3:] == [DOUBTFUL] * 3


# ---- roles


@pytest.mark.parametrize("order", [("agent", "caller"), ("caller", "agent")])
def test_anonymous_speakers_are_told_apart_by_their_words(order: Sequence[Role]) -> None:
    names: dict[Role, str] = {role: f"SPEAKER_{at:02d}" for at, role in enumerate(order)}
    parties = decide_parties(spoken(CALL, names))
    assert parties.roles == {name: role for role, name in names.items()}
    assert MIN_ROLE_CONFIDENCE <= parties.confidence < 1.0


def test_of_three_anonymous_speakers_the_third_is_a_colleague() -> None:
    names: dict[Role, str] = {"colleague": "Spreker 1", "caller": "Spreker 2", "agent": "Spreker 3"}
    assert decide_parties(spoken(CALL, names)).roles == {name: role for role, name in names.items()}


def test_names_that_say_roles_are_believed() -> None:
    parties = decide_parties(spoken(CALL, {"agent": "Assistente", "caller": "Patiënt", "colleague": "Medewerker 2"}))
    assert parties.roles == {"Assistente": "agent", "Patiënt": "caller", "Medewerker 2": "colleague"}
    assert (parties.confidence, parties.contradicted) == (1.0, False)


def test_one_name_that_says_a_role_settles_the_other() -> None:
    parties = decide_parties(spoken(CALL, {"agent": "Kim de Wit", "caller": "Klant"}))
    assert parties.roles["Kim de Wit"] == "agent"
    assert parties.confidence == 1.0


def test_names_on_the_wrong_voice_leave_faults_unsure() -> None:
    parties = decide_parties(spoken(CALL, {"agent": "Klant", "caller": "Agent"}))
    assert parties.contradicted
    assert parties.confidence < MIN_ROLE_CONFIDENCE


def test_agent_channel_settles_who_is_who_where_names_are_channels() -> None:
    said = spoken(CALL, {"agent": "Rechts", "caller": "Links"})
    assert decide_parties(said, agent_channel="right").confidence == 1.0
    assert decide_parties(said, agent_channel="left").roles == {"Links": "agent", "Rechts": "caller"}


def test_voice_of_nobody_is_no_party() -> None:
    said = spoken(CALL, {"agent": "Agent", "caller": "IVR"})
    assert decide_parties(said).roles == {"Agent": "agent", "IVR": "system"}


def test_own_name_of_the_agent_is_kept_and_a_label_is_not() -> None:
    call = replace(CALL, turns=tuple(turn for turn in CALL.turns if turn.role != "colleague"))
    by_name = write_srt(call, "roles").replace("Medewerker", "Hamza Idrissi").replace("Beller", "Mevrouw Jansen")
    assert read_transcript(by_name).agent == "Hamza Idrissi"
    assert read_transcript(write_srt(call, "roles")).agent is None
    assert read_transcript(write_srt(call, "numbers")).agent is None


# ---- without speakers


def test_without_speakers_faults_are_unsure_and_the_reader_is_told() -> None:
    call = read_transcript(write_srt(CALL, "none"))
    assert call.role_confidence < MIN_ROLE_CONFIDENCE
    assert any("noemt geen sprekers" in note for note in call.quality.notes)
    assert "fail" not in {finding.verdict for finding in score_call(call).findings}


def test_one_speaker_for_both_parties_is_no_speaker() -> None:
    text = write_srt(CALL, "numbers", brackets=True)
    call = read_transcript(text.replace("SPEAKER_01", "SPEAKER_00").replace("SPEAKER_02", "SPEAKER_00"))
    assert call.role_confidence < MIN_ROLE_CONFIDENCE
    assert {turn.role for turn in call.turns} == {"agent", "caller"}


def test_without_speakers_and_pauses_a_transcript_is_refused() -> None:
    with pytest.raises(NotationError, match="neither speakers nor pauses: who said what cannot be told; write it with"):
        read_transcript(whisper_cpp(CALL, "none", full=False), source="gesprek.json")


# ---- what a transcript does not measure

UNMEASURED = ("luisteren-niet-onderbreken", "luisteren-signalen", "klacht-uitpraten", "tempo-spreeksnelheid",
              "opening-rustig", "agressie-tempo")  # fmt: skip
RULES = load_rules()


def known_of(call: Call, truth: Call) -> Call:
    """The call with what a telephone exchange knows of it."""
    names = ("direction", "started_at", "ring_s", "ended_by", "practice", "agent", "department")
    return replace(call, **{name: getattr(truth, name) for name in names})


# Recognised capitals tell no names, and the child gives no more than one; a tool that lets each segment last until the
# next gives a bare "nee" all the time there is.
CHANGED = {
    ("kind-belt", "naam-herkenning"), ("kind-belt", "naam-maximaal-drie"), ("kind-belt", "naam-niet-opnieuw-vragen"),
    ("stil-en-kortaf", "aanspreekvorm-twee-woorden"),
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.call")), ids=lambda path: path.stem)
def test_sample_written_by_another_tool_gets_no_other_verdict_but_unsure(path: Path) -> None:
    """What hangs on overlap and tempo must become unsure."""
    truth = parse_call(path.read_text(encoding="utf-8"), source=path.name)
    before = score_call(truth, rules=RULES)
    for kind in ("WhisperX JSON", "whisper.cpp -oj", "SRT, names"):
        read = known_of(read_transcript(WRITERS[kind](truth, "numbers"), source=path.name), truth)
        after = score_call(read, rules=RULES)
        for finding in before.findings:
            verdict = after.finding(finding.rule_id).verdict
            if finding.rule_id in UNMEASURED:
                assert verdict in ("unsure", "not_applicable"), (kind, finding.rule_id)
            elif (path.stem, finding.rule_id) in CHANGED:
                assert verdict != "fail" or finding.verdict == "fail", (kind, finding.rule_id)
            else:
                assert verdict in (finding.verdict, "unsure"), (kind, finding.rule_id)
        assert before.situations == after.situations


@pytest.mark.parametrize(
    ("name", "kind", "rule", "verdict"),
    [
        ("afspraak-goed", "WhisperX JSON", "tempo-spreeksnelheid", "unsure"),
        ("afspraak-goed", "SRT, names", "tempo-spreeksnelheid", "unsure"),
        ("afspraak-goed", "SRT, names", "opening-rustig", "unsure"),
        ("boos-goed", "SRT, names", "agressie-tempo", "unsure"),
        ("afspraak-goed", "WhisperX JSON", "tempo-stilte", "pass"),
        ("afspraak-goed", "SRT, names", "tempo-stilte", "unsure"),
        ("stil-en-kortaf", "SRT, names", "tempo-stilte", "unsure"),
        ("wacht-te-lang", "SRT, names", "wacht-duur", "unsure"),
        ("wacht-met-tussenbericht", "SRT, names", "wacht-duur", "pass"),
    ],
)
def test_times_that_nobody_measured_carry_no_verdict_and_that_is_the_reason(
    name: str, kind: str, rule: str, verdict: str
) -> None:
    truth = parse_call((SAMPLES / f"{name}.call").read_text(encoding="utf-8"))
    read = parse_call_json(json.dumps(call_to_dict(read_transcript(WRITERS[kind](truth, "numbers")))))
    finding = score_call(read, rules=RULES).finding(rule)
    assert finding.verdict == verdict
    assert (verdict == "unsure") == ("niet in het geluid gemeten" in (finding.reason or ""))


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_gives_back_what_each_party_said(kind: str) -> None:
    truth = parse_call((SAMPLES / "klacht-goed.call").read_text(encoding="utf-8"))
    read = read_transcript(WRITERS[kind](truth, "numbers"))
    for role in ("agent", "caller"):
        said, again = (" ".join(turn.text for turn in call.turns_of(role)) for call in (truth, read))
        assert said == again
