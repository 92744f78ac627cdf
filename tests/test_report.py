"""Reports on a scorecard made by hand: what they show, and that nothing in a call can break out of them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from belscore.call import Call, Quality, Sound, Span
from belscore.cli import main
from belscore.notation import parse_call
from belscore.report.csv import COLUMNS, format_csv
from belscore.report.files import whole_file
from belscore.report.html import format_index, format_page, recording_href
from belscore.report.jsonl import format_json, format_json_array, format_line
from belscore.report.lanes import WAVE_HEIGHT, wave_path
from belscore.report.plot import format_plot
from belscore.report.summary import format_summary
from belscore.report.table import format_card
from belscore.report.timeline import MAX_MARK_ROWS, make_timeline
from belscore.report.transcript import make_transcript
from belscore.scorecard import (
    CallInfo,
    Evidence,
    Finding,
    Interruption,
    LedgerEntry,
    Measured,
    Measures,
    Scorecard,
    Section,
    TurnRate,
    Verdict,
    coverage_of,
    json_schema,
    score_of,
)

TEXT = """
@started_at 2025-10-06T09:12
@agent Anja
0.4-4.0 agent Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja.
4.5-12.0 caller Met mevrouw Jansen, <script>alert("x")</script> & ik heb een klacht.
11.0-16.0 agent Ja maar, wacht even hoor.
40.0-44.0 agent Het is gevonden.
"""


def finding(rule_id: str, verdict: Verdict, *evidence: Evidence, section: str = "opening", **fields: object) -> Finding:
    base = Finding(rule_id, section, verdict, f"Titel van {rule_id}", 2, f"Oordeel over {rule_id}", evidence=evidence)
    return replace(base, **fields)  # type: ignore[arg-type]


FINDINGS = (
    finding("opening-begroeting", "pass", Evidence("agent", 0.4, 4.0, "Goedemorgen, tandartspraktijk De Vries")),
    finding("opening-rustig", "unsure", reason="te kort om te meten"),
    finding("opening-dagdeel", "not_applicable", reason="geen begintijd bekend"),
    finding("tempo-spreeksnelheid", "pass", measured=Measured(4.83, "lettergrepen/s", "3,2 tot 5,8")),
    finding(
        "luisteren-niet-onderbreken",
        "fail",
        Evidence("agent", 11.0, 13.0, "Ja maar, wacht"),
        section="wachten",
        weight=3,
        say_instead="Gaat u verder, ik luister.",
    ),
    finding("wacht-bedanken", "fail", Evidence("agent", 40.0, 40.0, ""), section="wachten", say_instead="Bedankt."),
)


@pytest.fixture
def call() -> Call:
    call = parse_call(TEXT, source="gesprekken/klacht.call")
    doubtful = [replace(word, probability=0.3 if word.text == "Jansen," else 0.9) for word in call.turns[1].words]
    turns = (call.turns[0], replace(call.turns[1], words=tuple(doubtful)), *call.turns[2:])
    return replace(call, turns=turns, holds=(Span(20.0, 38.0),), quality=Quality(notes=("Het geluid is overstuurd.",)))


@pytest.fixture
def card(call: Call) -> Scorecard:
    return Scorecard(
        call=CallInfo(call.source, call.duration_s, datetime(2025, 10, 6, 9, 12), "inbound", "Anja", None, "separate"),
        score=score_of(FINDINGS),
        coverage=coverage_of(FINDINGS),
        sections=(Section("opening", "Opening", 100.0), Section("wachten", "Wachten", 0.0)),
        situations=("klacht", "wachtstand"),
        outcome="callback",
        ledger=(LedgerEntry("promise", "agent", "terugbellen over de kroon", "vanmiddag", 30.0, False),),
        findings=FINDINGS,
        measures=Measures(
            agent_rate_sps=4.83,
            talk_share_agent=0.5,
            interruptions=(Interruption("agent", 11.0, 13.0, 1.0),),
            overlaps=((11.0, 12.0),),
            silences=((16.0, 40.0),),
        ),
        rules_digest="0123456789abcdef",
    )


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text inside some of them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.inside.setdefault(tag, []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


# ---- terminal


@pytest.mark.parametrize("width", [40, 80, 100, 120, 300])
def test_terminal_lines_stay_between_80_and_120_columns(card: Scorecard, width: int) -> None:
    longest = max(len(line) for line in format_card(card, width=width).splitlines())
    assert longest <= min(120, max(80, width))


def test_terminal_shows_what_a_coach_needs(card: Scorecard) -> None:
    text = " ".join(format_card(card).split())
    for part in (
        "ma 6 oktober 2025, 9:12", "medewerker Anja", "situatie: klacht, wachtstand", "Score 44 van 100",
        "82 % van wat van toepassing is, kon worden beoordeeld", "0:11 medewerker: “Ja maar, wacht”",
        "Zeg liever: “Gaat u verder, ik luister.”", "Niet te beoordelen: te kort om te meten",
        "Niet van toepassing: Titel van opening-dagdeel", "gemeten: 4,8 lettergrepen/s (grens: 3,2 tot 5,8)",
        "0:40 hier was het moment", "tempo 4,8 lettergrepen/s", "geen nummer gevraagd",
    ):  # fmt: skip
        assert part in text


def test_heaviest_failure_is_practised_first(card: Scorecard) -> None:
    lines = format_card(card).splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("Oefen dit eerst"))
    assert "1. Titel van luisteren-niet-onderbreken" in lines[start + 1]
    assert "Zeg: “Gaat u verder, ik luister.”" in lines[start + 2]


def test_colour_adds_only_escape_codes(card: Scorecard) -> None:
    assert "\x1b[" not in format_card(card)
    assert "\x1b[" in format_card(card, colour=True)


def test_markup_in_a_quote_is_shown_as_it_is(card: Scorecard) -> None:
    said = finding("naam-herkenning", "fail", Evidence("agent", 1.0, 2.0, "[bold]dag[/bold] :smile:"))
    assert "[bold]dag[/bold] :smile:" in format_card(replace(card, findings=(said,)))


def test_call_without_any_verdict_has_no_score(card: Scorecard) -> None:
    text = format_card(replace(card, score=None, coverage=0.0, findings=(), ledger=(), measures=Measures()))
    assert "Geen score" in text
    assert "te weinig om te meten" in text


def test_summary_has_a_row_for_each_call_and_their_mean(card: Scorecard) -> None:
    other = replace(card, score=100.0, findings=(), call=replace(card.call, source="gesprekken/di/goed.call"))
    text = format_summary([card, other], width=100)
    assert "klacht.call" in text
    assert "di/goed.call" in text
    assert "luisteren-niet-onderbreken" in text
    assert text.endswith("2 gesprekken, gemiddelde score 72,2 van 100\n")
    assert max(map(len, text.splitlines())) <= 100


def test_section_that_did_not_apply_is_named_in_one_line(call: Call, card: Scorecard) -> None:
    idle = (*FINDINGS, finding("klacht-begrip", "not_applicable", section="klacht"))
    grown = replace(card, findings=idle, sections=(*card.sections, Section("klacht", "Klacht", None)))
    assert "– Klacht (1 regel)" in format_card(grown)
    assert "Titel van klacht-begrip" not in format_card(grown)
    assert "Niet van toepassing: Klacht" in "".join(Page(format_page(call, grown)).inside["summary"])


def test_length_of_a_gap_is_told_in_minutes_from_one_on(call: Call, card: Scorecard) -> None:
    longer = replace(call, holds=(Span(20.0, 184.0),))
    assert "in de wacht, 2:44 minuten" in format_page(longer, card)


# ---- JSON and CSV


def test_json_forms_hold_the_same_scorecard(card: Scorecard) -> None:
    assert json.loads(format_line(card)) == json.loads(format_json(card)) == json.loads(format_json_array([card]))[0]
    assert "\n" not in format_line(card)


def test_json_schema_names_every_key_of_a_scorecard(card: Scorecard) -> None:
    schema, data = json_schema(), card.to_dict()
    assert schema["properties"]["schema"]["const"] == data["schema"]
    assert set(schema["required"]) == set(data)
    for name, value in (("Finding", data["findings"][0]), ("CallInfo", data["call"]), ("Measures", data["measures"])):
        assert set(schema["$defs"][name]["required"]) == set(value)
    assert {"why", "would_pass"} <= set(schema["$defs"]["Finding"]["required"])


def test_csv_has_a_row_for_each_finding(card: Scorecard) -> None:
    rows = list(csv.DictReader(io.StringIO(format_csv([card, card]))))
    assert len(rows) == 2 * len(FINDINGS)
    assert tuple(rows[0]) == COLUMNS
    failed = next(row for row in rows if row["rule_id"] == "luisteren-niet-onderbreken")
    assert (failed["verdict"], failed["start_s"], failed["quote"]) == ("fail", "11.0", "Ja maar, wacht")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "＝"])
def test_no_cell_of_the_csv_starts_a_formula(card: Scorecard, start: str) -> None:
    said = finding("naam-herkenning", "fail", Evidence("agent", 1.0, 2.0, f'{start}HYPERLINK("http://x")'))
    text = format_csv([replace(card, findings=(said,), call=replace(card.call, agent=f"{start}1"))])
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["quote"].startswith("'")
    assert row["agent"].startswith("'")


# ---- page


def test_page_refers_to_nothing_outside(call: Call, card: Scorecard) -> None:
    text = format_page(call, card, recording="klacht.wav")
    page = Page(text)
    loaded = [value for _, attributes in page.elements for name, value in attributes.items() if name == "src"]
    assert loaded == ["klacht.wav"]
    for _, attributes in page.elements:
        assert not {"srcset", "action", "style", "xlink:href", "background", "poster"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
    assert "url(" not in text
    assert "@import" not in text
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")


def test_what_is_said_cannot_become_script(call: Call, card: Scorecard) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}'
    bad = tuple(
        replace(item, title=hostile, feedback=hostile, why=hostile, say_instead=hostile, reason=hostile)
        for item in FINDINGS
    )
    info = replace(card.call, source=f"map/{hostile}", agent=hostile)
    page = Page(format_page(call, replace(card, findings=bad, call=info, situations=(hostile,)), recording=hostile))
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert '<script>alert("x")</script>' in "".join(page.inside["p"])
    assert "{{ 7 * 7 }}" in "".join(page.inside["main"])


def test_policy_allows_only_the_style_and_script_that_are_there(call: Call, card: Scorecard) -> None:
    page = Page(format_page(call, card))
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256("".join(page.inside[tag]).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_links_inside_the_page_lead_somewhere(call: Call, card: Scorecard) -> None:
    page = Page(format_page(call, card))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"] for link in page.all("a")} <= {f"#{name}" for name in ids}


def test_page_says_so_when_there_is_no_recording(call: Call, card: Scorecard) -> None:
    assert not Page(format_page(call, card)).all("audio")
    assert "Bij dit gesprek ligt geen opname" in format_page(call, card)


def test_recording_is_addressed_from_the_page(tmp_path: Path) -> None:
    recording = tmp_path / "opnames" / "gesprek 1#.wav"
    assert recording_href(recording, tmp_path / "kaarten" / "a.html") == "../opnames/gesprek%201%23.wav"
    assert recording_href(None, tmp_path / "a.html") is None


def test_index_links_each_page(card: Scorecard) -> None:
    page = Page(format_index([card, card], ["a b.html", "c.html"]))
    assert [link["href"] for link in page.all("a")] == ["a%20b.html", "c.html"]


def test_transcript_marks_evidence_doubt_gaps_and_missed_moments(call: Call, card: Scorecard) -> None:
    items = make_transcript(call, card)
    assert [item.kind for item in items] == ["turn", "turn", "turn", "gap", "turn", "missed"]
    assert [segment.text for segment in items[1].segments if segment.doubtful] == ["Jansen,"]
    marked = next(segment for segment in items[2].segments if segment.verdict == "fail")
    assert marked.text.startswith("Ja maar,")
    assert items[2].note == "praat erdoorheen"
    assert "in de wacht, 18 seconden" in items[3].note
    assert items[5].finding is not None
    assert items[5].finding.rule_id == "wacht-bedanken"


def test_timeline_puts_everything_where_it_was(call: Call, card: Scorecard) -> None:
    line = make_timeline(call, card)
    assert line.duration_s == 44.0
    assert {(bar.kind, bar.lane) for bar in line.speech} == {("agent", 0), ("caller", 1)}
    assert [(bar.kind, bar.start_s) for bar in line.gaps] == [("hold", 20.0)]
    assert [(bar.kind, bar.x) for bar in line.overlaps] == [("cut_in", 25.0)]
    assert {mark.rule_id: mark.x for mark in line.marks}["luisteren-niet-onderbreken"] == 25.0
    assert all(bar.x >= 0 and bar.x + bar.width <= 100.01 for bar in (*line.speech, *line.gaps, *line.overlaps))


def test_marks_never_cover_each_other(call: Call, card: Scorecard) -> None:
    crowd = tuple(finding(f"regel-{n}", "fail", Evidence("agent", 1.0 + n / 50, 2.0, "ja")) for n in range(20))
    marks = make_timeline(call, replace(card, findings=crowd)).marks
    assert len(marks) >= MAX_MARK_ROWS
    for row in range(MAX_MARK_ROWS):
        places = sorted(mark.x for mark in marks if mark.row == row)
        assert all(after - before >= 1.6 for before, after in pairwise(places))


# ---- sound and tempo on the page

RATES = (TurnRate("agent", 0.4, 4.0, 4.8, 4.6), TurnRate("caller", 4.5, 12.0, 9.5))


@pytest.fixture
def heard(call: Call) -> Call:
    channel = Sound((Span(0.4, 4.0),), (0.5, 0.9), tuple(range(0, 440)))
    return replace(call, sound={"agent": channel, "caller": replace(channel, peaks=(0,) * 440)})


@pytest.fixture
def rated(card: Scorecard) -> Scorecard:
    return replace(card, measures=replace(card.measures, rates=RATES))


def test_waveform_is_drawn_for_each_channel_that_was_measured(heard: Call, call: Call, card: Scorecard) -> None:
    waves = [path for path in Page(format_page(heard, card)).all("path") if (path.get("id") or "").startswith("wave-")]
    assert [path["id"] for path in waves] == ["wave-0", "wave-1"]
    assert waves[0]["d"] != waves[1]["d"]
    assert not Page(format_page(call, card)).all("path")


def test_waveform_of_one_channel_is_shared_out_by_turns(call: Call, card: Scorecard) -> None:
    loud = Sound((Span(0.4, 44.0),), (), (500,) * 440)
    mixed = replace(call, channels="mixed", sound={"mixed": loud})
    agent, caller = make_timeline(mixed, card).waves
    assert (agent.lane, caller.lane) == (0, 1)
    assert agent.path.startswith(f"M0 0V0h4V-{WAVE_HEIGHT}h")
    assert caller.path.startswith(f"M0 0V0h45V-{WAVE_HEIGHT}h")


def test_wave_steps_add_up_to_its_points_and_stay_in_its_lane() -> None:
    path = wave_path([0, 3, 3, 900, 1000, 20])
    steps = path.removeprefix("M0 0").removesuffix("V0z").split("V")[1:]
    assert sum(int(step.split("h")[1]) for step in steps) == 6
    assert min(int(step.split("h")[0]) for step in steps) == -WAVE_HEIGHT


def test_soft_channel_is_not_blown_up_to_a_full_lane() -> None:
    assert wave_path([2, 2, 2]) == "M0 0V-2h3V0z"


def test_rates_are_drawn_on_a_scale_and_told_in_a_table(call: Call, rated: Scorecard) -> None:
    line = make_timeline(call, rated)
    inside, fast = line.rates
    assert line.calm.top < inside.y < line.calm.bottom
    assert fast.y == 0.0
    page = Page(format_page(call, rated))
    cells = [" ".join(text.split()) for text in page.inside["td"]]
    assert [cell for cell in cells if cell] == ["0:00", "medewerker", "4,8", "0:04", "beller", "9,5"]


def test_page_without_rates_has_no_scale_for_them(call: Call, card: Scorecard) -> None:
    assert "lettergrepen/s" not in "".join(Page(format_page(call, card)).inside["svg"])
    assert "td" not in Page(format_page(call, card)).inside


def test_pictures_keep_the_page_small(heard: Call, rated: Scorecard) -> None:
    noisy = Sound((), (), tuple(7 * n % 1000 for n in range(1200)))
    full = replace(heard, sound={"agent": noisy, "caller": noisy})
    assert len(format_page(full, rated)) - len(format_page(heard, rated)) < 25_000


def test_plot_is_a_picture_of_its_own_with_the_nuclei(heard: Call, rated: Scorecard) -> None:
    from xml.etree import ElementTree

    picture = ElementTree.fromstring(format_plot(heard, rated))
    paths = [element.get("d") for element in picture.iter("{http://www.w3.org/2000/svg}path")]
    assert "M50 0v5M90 0v5" in paths
    assert not list(picture.iter("{http://www.w3.org/2000/svg}a"))
    assert not [element for element in picture.iter() if element.tag.endswith("script")]


def test_score_draws_a_plot_for_each_call(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.call").write_text(TEXT, encoding="utf-8")
    done = CliRunner().invoke(main, ["score", str(tmp_path), "--quiet", "--debug-plots", str(tmp_path / "plots")])
    assert done.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["a.svg", "b.svg"]


# ---- files


def test_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "diep" / "kaart.json"
    with whole_file(target) as file:
        file.write("oud")
    with pytest.raises(KeyboardInterrupt):
        _write_and_be_interrupted(target)
    assert target.read_text() == "oud"
    assert [path.name for path in target.parent.iterdir()] == ["kaart.json"]


def _write_and_be_interrupted(target: Path) -> None:
    with whole_file(target) as file:
        file.write("nieuw")
        raise KeyboardInterrupt
