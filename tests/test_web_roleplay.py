"""Role plays: their texts and sound, what is announced of one, and the call that is made of it."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from belscore.audio import decode
from belscore.call import Call, Span, Turn
from belscore.errors import BelscoreError
from belscore.notation import parse_call
from belscore.scenarios import load_scenarios, scenario_folder
from belscore.web.roleplay_sound import PlayedLine, staged, with_script
from web_site import Web, web

ANNOUNCED = {"name": "x.wav", "size_bytes": 100, "kind": "roleplay", "scenario": "klacht", "played": [[1, 3.5]]}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Web]:
    with web(tmp_path) as made:
        made.add("anja")
        yield made


def test_six_scenarios_are_there_each_line_with_words_help_and_sound() -> None:
    scenarios = load_scenarios()
    assert [*scenarios] == ["afspraak", "klacht", "boos", "wachten", "doorverbinden", "naam"]
    for scenario in scenarios.values():
        assert len(scenario.lines) >= 5
        for line in scenario.lines:
            assert line.say
            assert all(line.first[language] for language in ("nl", "en"))


@pytest.mark.parametrize("name", ["afspraak", "boos"])
def test_sound_of_a_line_is_as_long_as_its_words_take(name: str) -> None:
    for line in load_scenarios()[name].lines:
        letters_a_second = len(line.say) / decode(line.sound).duration_s
        assert 8 < letters_a_second < 25, line.say


def test_scenario_without_sound_or_words_is_told(tmp_path: Path) -> None:
    text = (scenario_folder() / "klacht.toml").read_text(encoding="utf-8")
    (tmp_path / "klacht.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BelscoreError, match="has no sound"):
        load_scenarios(tmp_path)
    load_scenarios.cache_clear()
    (tmp_path / "klacht.toml").write_text("order = 1", encoding="utf-8")
    with pytest.raises(BelscoreError, match="no role play"):
        load_scenarios(tmp_path)
    load_scenarios.cache_clear()


def test_pages_show_every_scenario_and_its_sound_to_who_is_logged_in(site: Web) -> None:
    client = site.client("anja")
    listed = client.get("/rollenspel").text
    for scenario in load_scenarios().values():
        assert f'href="/rollenspel/{scenario.id}"' in listed
        assert scenario.task["nl"] in client.get(f"/rollenspel/{scenario.id}").text
    sound = client.get("/rollenspel/klacht/1.flac")
    assert sound.content[:4] == b"fLaC"
    assert site.client().get("/rollenspel/klacht/1.flac").status_code == 303
    for address in ("/rollenspel/niet", "/rollenspel/klacht/0.flac", "/rollenspel/klacht/99.flac", "/rollenspel/../1"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": "niet"},
        {"scenario": None},
        {"scenario": "../klacht"},
        {"played": []},
        {"played": [[6, 1.0]]},
        {"played": [[0, 1.0]]},
        {"played": [[1, -1.0]]},
        {"played": [[1, 1.0]] * 101},
    ],
)
def test_role_play_that_cannot_have_been_is_refused(site: Web, change: dict[str, object]) -> None:
    client = site.client("anja")
    assert client.post("/api/uploads", json=ANNOUNCED).status_code == 201
    assert client.post("/api/uploads", json={**ANNOUNCED, **change}).status_code == 422


def _microphone(folder: Path, seconds: float) -> Path:
    path = folder / "mic.wav"
    sound = (np.sin(np.arange(round(seconds * 16000)) * 0.1) * 3000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(sound.tobytes())
    return path


def test_staged_call_has_the_trainee_left_and_the_played_lines_right_at_their_time(tmp_path: Path) -> None:
    options = {"scenario": "naam", "played": [[1, 2.0], [2, 25.0]]}
    with staged(_microphone(tmp_path, 27.0), options, tmp_path / "work") as (path, lines):
        left, right = decode(path).channels
    assert not path.exists()
    assert lines[0].start_s == 2.0
    assert lines[1].end_s == pytest.approx(27.0, abs=0.02)
    loud = np.abs(right) > 0.02
    assert not loud[: 2 * 16000].any()
    assert loud[2 * 16000 : 4 * 16000].any()
    assert not loud[round((lines[0].end_s + 0.1) * 16000) : 25 * 16000].any()
    assert np.abs(left).max() == pytest.approx(3000 / 32768, abs=0.01)


def test_line_after_the_end_of_the_recording_was_not_said(tmp_path: Path) -> None:
    options = {"scenario": "naam", "played": [[1, 2.0], [2, 30.0]]}
    with staged(_microphone(tmp_path, 27.0), options, tmp_path / "work") as (_, lines):
        assert [line.start_s for line in lines] == [2.0]


def test_words_of_the_caller_come_from_the_script_and_those_of_the_trainee_stay() -> None:
    heard = parse_call(
        "0.5-3.0 agent Goedemorgen met Anja.\n3.5-6.0 caller geen moer gen\n6.5-8.0 agent Dag mevrouw.\n"
    )
    call = with_script(heard, [PlayedLine("Goedemorgen, met De Wit.", 3.6, 5.9)])
    assert [(turn.role, turn.text) for turn in call.turns] == [
        ("agent", "Goedemorgen met Anja."),
        ("caller", "Goedemorgen, met De Wit."),
        ("agent", "Dag mevrouw."),
    ]
    assert _of_caller(call).words[0].start_s == pytest.approx(3.6)
    assert call.speech is None or call.speech["caller"] == (Span(3.6, 5.9),)


def _of_caller(call: Call) -> Turn:
    return next(turn for turn in call.turns if turn.role == "caller")
