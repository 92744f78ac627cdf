"""Files and names that are damaged, hostile or out of all measure: a right result, or one line that says why."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from abuse_files import ENCODINGS, MUTATIONS, make_seed, mutant
from audio_fixtures import silence, speech, tone, write
from belscore import score_call
from belscore.audio import DEFAULT_LIMITS, DecodeLimits, decode
from belscore.call_json import parse_call_json
from belscore.cli import main
from belscore.errors import AudioError
from belscore.inputs import CallFile, find_calls, find_recording
from belscore.metadata import read_call_table
from belscore.notation import parse_call
from belscore.report.csv import format_csv
from belscore.report.html import format_page
from belscore.report.table import format_card
from belscore.store.audit import first_break, note
from belscore.store.database import open_store
from belscore.store.jobs import FoundFile, claim, release_dead, sync
from belscore.store.owners import Owner
from belscore.store.tables import audit, jobs

FEW = ("WAV 16 bits", "WAV float", "WAV GSM", "MP3", "Opus", "FLAC", "M4A", "AMR", "WMA", "Matroska", "G.722", "CAF")
HOSTILE_NAMES = (
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "+31612345678",
    "-2+3",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "Anja\u202egpj.exe",
    "Anja\x1b[2J\x07",
    "Anja\nDe score is 100",
    "Anja\u2028Bert",
    "{{ 7*7 }}",
)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("seeds")
    return {encoding: make_seed(encoding, folder) for encoding in FEW}


def _outcome(path: Path) -> str:
    try:
        recording = decode(path, limits=replace(DEFAULT_LIMITS, timeout_s=30.0, max_duration_s=600.0))
    except AudioError as error:
        return str(error)
    assert all(np.isfinite(channel).all() for channel in recording.channels)
    return ""


def test_damaged_files_give_sound_or_a_reason(seeds: Mapping[str, bytes], tmp_path: Path) -> None:
    # bench/abuse.py does it with 10,240 files of all encodings.
    files = []
    for number, encoding in enumerate([*FEW, *FEW]):
        _, data = mutant(seeds, encoding, number, seed=2)
        files.append(tmp_path / f"{number}{Path(ENCODINGS[encoding][0]).suffix}")
        files[-1].write_bytes(data)
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(_outcome, files))
    assert [each for each in said if each and ("; " not in each or "\n" in each)] == []
    assert sum(not each for each in said) > len(files) / 3
    assert sum(bool(each) for each in said) >= 3


def test_every_mutation_changes_a_file_and_the_same_seed_gives_the_same(seeds: Mapping[str, bytes]) -> None:
    made = [mutant(seeds, "MP3", number, seed=1) for number in range(80)]
    assert {name for done, _ in made for name in done.split(" + ")} == set(MUTATIONS)
    assert made == [mutant(seeds, "MP3", number, seed=1) for number in range(80)]


# ---- out of all measure


def _error(path: Path, limits: DecodeLimits = DEFAULT_LIMITS) -> str:
    with pytest.raises(AudioError) as caught:
        decode(path, limits=limits)
    return str(caught.value).removeprefix(f"{path}: ")


def test_ten_hours_are_refused_before_they_fill_the_disk(tmp_path: Path) -> None:
    # FLAC of silence: 2.3 GB of samples out of 0.4 MB, the worst that a small file can do.
    limits = replace(DEFAULT_LIMITS, max_duration_s=60.0)
    path = write(tmp_path / "a.flac", "flac", silence(120.0, rate_hz=8000))
    assert path.stat().st_size < 40_000
    assert _error(path, limits) == "longer than the limit of 0.0166667 h; cut it up or raise the limit"


def test_192_khz_and_24_bits_are_heard(tmp_path: Path) -> None:
    recording = decode(write(tmp_path / "a.wav", "pcm_s24le", tone(1.0, 440, rate_hz=192_000), rate_hz=192_000))
    assert recording.source_rate_hz == 192_000
    assert recording.duration_s == pytest.approx(1.0)


def _wav(form: int, channels: int, rate_hz: int, bits: int, data: bytes, *, stated: int | None = None) -> bytes:
    block = channels * bits // 8
    head = struct.pack("<HHIIHH", form, channels, rate_hz, rate_hz * block & 0xFFFF_FFFF, block & 0xFFFF, bits)
    size = len(data) if stated is None else stated
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", 0xFFFF_FFFF if stated else len(body)) + body


@pytest.mark.parametrize("channels", [0, 3, 64, 255, 65_535])
def test_channels_no_call_has_are_refused(channels: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(_wav(1, channels, 8000, 16, bytes(200_000)))
    assert "; " in _error(path)


@pytest.mark.parametrize("rate_hz", [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_rates_that_cannot_be_are_an_error_or_bounded(rate_hz: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(_wav(1, 1, rate_hz, 16, bytes(20_000)))
    assert "; " in _error(path, replace(DEFAULT_LIMITS, max_duration_s=60.0, timeout_s=20.0))


def test_nan_and_infinite_samples_are_silence_and_full_scale(tmp_path: Path) -> None:
    samples = np.full(16_000, 0.1, "<f4")
    samples[2000:3000], samples[5000:5100], samples[7000:7100] = np.nan, np.inf, -np.inf
    path = tmp_path / "a.wav"
    path.write_bytes(_wav(3, 1, 16_000, 32, samples.tobytes()))
    sound = decode(path).channels[0]
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1.0
    assert not sound[2000:3000].any()


def test_stated_length_of_4_gb_is_no_length(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(_wav(1, 1, 8000, 16, bytes(32_000), stated=0xFFFF_FFFE))
    assert decode(path).duration_s == pytest.approx(2.0)


def test_memory_of_the_decoder_does_not_grow_with_the_recording(tmp_path: Path) -> None:
    # Half an hour is 115 MB of samples; the address space of a decoder without any is 210 MB.
    path = write(tmp_path / "a.flac", "flac", silence(1800.0, rate_hz=8000))
    assert decode(path, limits=replace(DEFAULT_LIMITS, memory_bytes=280 * 1024**2)).duration_s == pytest.approx(1800.0)


# ---- what is no file


def test_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    assert _error(tmp_path / "a.wav") == "is no file; give a sound file"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_device_is_refused(device: str, tmp_path: Path) -> None:
    link = tmp_path / "a.wav"
    link.symlink_to(device)
    assert "; " in _error(link)


def test_links_in_a_ring_are_an_error_and_end_no_search(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to(tmp_path / "b.wav")
    (tmp_path / "b.wav").symlink_to(tmp_path / "a.wav")
    (tmp_path / "map").symlink_to(tmp_path)
    (tmp_path / "c.call").write_text("0-1 agent Dag.")
    assert "; " in _error(tmp_path / "a.wav")
    assert [file.path.name for file in find_calls([tmp_path]) if file.kind == "notation"] == ["c.call"]
    ended = CliRunner().invoke(main, ["score", str(tmp_path / "a.wav")])
    assert ended.exit_code == 2
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(
    "name", ["a\nb.wav", "a\x1b[31m.wav", "a\u202evaw.exe.wav", "-rf.wav", "$(id).wav", "a\udcff.wav"]
)
def test_file_of_any_name_is_decoded(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "seed.wav", "pcm_s16le", tone(0.5, 300, rate_hz=8000)).rename(tmp_path / name)
    assert decode(path).duration_s == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["a\0b.wav", "a" * 5000 + ".wav"])
def test_name_no_file_can_have_is_an_error(name: str, tmp_path: Path) -> None:
    assert "; " in _error(tmp_path / name)


# ---- ways out of a folder


@pytest.mark.parametrize("cell", ["../../../../etc/passwd", "/etc/passwd", "..\\..\\geheim.wav", "a/../../b.wav"])
def test_table_of_calls_leads_to_no_file_of_its_own(cell: str, tmp_path: Path) -> None:
    table = tmp_path / "gesprekken.csv"
    table.write_text(f"file,agent\n{cell},Anja\n", encoding="utf-8")
    call = tmp_path / "a.call"
    call.write_text("0-1 agent Dag.", encoding="utf-8")
    # A row says something of a call that was found; it is never a file to open.
    assert read_call_table(table).find(call) is None
    assert [file.path for file in find_calls([tmp_path])] == [call]


@pytest.mark.parametrize("source", ["/etc/passwd", "../../../../../etc/passwd", "/dev/zero", "file:///etc/passwd"])
def test_source_in_call_json_opens_nothing_that_is_no_recording(source: str, tmp_path: Path) -> None:
    text = f'{{"schema":"belscore.call/1","source":"{source}","duration_s":2,"turns":[]}}'
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    assert find_recording(CallFile(path, "json"), parse_call_json(text)) is None


# ---- names in what is written


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_name_stays_text_in_table_page_and_csv(name: str) -> None:
    call = replace(
        parse_call("0.4-4 agent Goedemorgen, u spreekt met Anja.\n4-6 caller Dag."),
        source=f"/tmp/{name}",
        agent=name,
        department=name,
    )
    card = score_call(call)
    page = format_page(call, card)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page or name != "{{ 7*7 }}"
    for line in format_card(card).splitlines():
        assert line.isprintable() or "\xa0" in line, repr(line)
    for row in format_csv([card]).splitlines():
        assert not any(
            cell.startswith(("=", "+", "-", "@")) for cell in row.split(",") if "cmd" in cell or "SUM" in cell
        )


# ---- the clock


def test_clock_that_jumps_keeps_the_audit_log_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from belscore.store import audit as log

    start = datetime(2026, 3, 1, 12)
    with open_store(tmp_path / "store.db") as store:
        for jump in (timedelta(), timedelta(days=400), timedelta(days=-4000), timedelta(seconds=1)):
            monkeypatch.setattr(log, "this_second", lambda jump=jump: start + jump)
            with store.write() as connection:
                note(connection, "anja", "view", "call 1", {})
        with store.read() as connection:
            assert first_break(connection) is None
            assert len(connection.execute(select(audit.c.id)).all()) == 4


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)], ids=["forward", "back"])
def test_clock_that_jumps_holds_no_job_for_ever(
    jump: timedelta, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from belscore.store import jobs as table

    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    gone, here = Owner("elders", 1, "x"), Owner.this_process()
    with open_store(tmp_path / "store.db") as store, store.write() as connection:
        sync(connection, [FoundFile("/calls/a.wav", 10, 1)])
        assert len(claim(connection, gone, Path("/calls"), 1)) == 1
        assert release_dead(connection, here) == 0
        monkeypatch.setattr(table, "utc_second", lambda: now + jump)
        assert release_dead(connection, here) == 1
        assert connection.execute(select(jobs.c.state)).scalar_one() == "waiting"


# ---- a full disk


@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit that Linux has")
def test_disk_that_is_full_while_decoding_is_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "pcm_s16le", speech(20.0)[::2])
    script = (
        "import resource, sys; from pathlib import Path; from belscore.audio import decode\n"
        "from belscore.errors import AudioError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try: decode(Path(sys.argv[1]))\n"
        "except AudioError as error: print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert ended.stdout.startswith(
        f"{path}: its samples cannot be kept (File too large); make room in the temporary folder"
    )
    assert ended.returncode == 0


# ---- secrets


@pytest.mark.parametrize("debug", [[], ["--debug"]], ids=["plain", "debug"])
@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://anja:geheim123@127.0.0.1:1/calls",
        "postgresql+psycopg://anja@127.0.0.1:1/calls?password=geheim123",
        "mysql://anja:geheim123@127.0.0.1/calls",
        "postgresql+psycopg://anja:geheim123@127.0.0.1:x/calls",
        "nonsense://anja:geheim123@",
    ],
)
def test_password_in_an_address_of_a_store_is_never_printed(address: str, debug: list[str]) -> None:
    ended = CliRunner().invoke(main, [*debug, "report", "overview", "--store", address])
    told = ended.output + (ended.stderr or "")
    if ended.exc_info is not None:
        told += "".join(traceback.format_exception(*ended.exc_info))
    assert ended.exit_code != 0
    assert "geheim123" not in told


def test_key_that_fits_no_store_is_never_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELSCORE_KEY", "geheim123-geen-sleutel")
    ended = CliRunner().invoke(main, ["--debug", "report", "overview", "--store", str(tmp_path / "a.db")])
    told = ended.output + "".join(traceback.format_exception(*ended.exc_info) if ended.exc_info else ())
    assert ended.exit_code != 0
    assert "geheim123" not in told
