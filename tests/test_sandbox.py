"""The decoder's child: what it cannot do once confined, and what its parent does not believe."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from audio_fixtures import tone, write
from belscore import decode_child
from belscore.audio import DecodeLimits, decode
from belscore.decode_child import child_environment
from belscore.decode_protocol import frame, message_frame, sample_frames
from belscore.errors import AudioError
from belscore.sandbox_probe import sandbox_report

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these barriers")

# A process that confines itself as the decoder does, with only some of the barriers when they are named, tells that it
# got so far, and then does what it should not be able to.
CONFINED = """
import ctypes, mmap, os, signal, socket, sys
from belscore import sandbox
only = {only!r}
every = sandbox._barriers
sandbox._barriers = lambda *given: ((name, raise_it) for name, raise_it in every(*given) if not only or name in only)
libc = ctypes.CDLL(None)
limits = sandbox.ProcessLimits(memory_bytes=2 * 1024**3, cpu_s=1)
missing = [each.name for each in sandbox.confine(limits) if each.missing]
os.write(1, b"confined without %s;" % repr(missing).encode())
try:
    {attack}
except (OSError, MemoryError, ValueError):
    os.write(1, b"stopped")
    os._exit(0)
os.write(1, b"escaped")
os._exit(0)
"""
ATTACKS = {
    "socket": "socket.socket()",
    "datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
    "read a file": "open('/etc/hostname')",
    "write a file": "open({folder!r} + '/escaped', 'w')",
    "write to a descriptor": "os.write(2, b'x')",
    "remove a file": "os.unlink({folder!r} + '/kept')",
    "list a folder": "os.listdir('/')",
    "fork": "os.fork() or os._exit(0)",
    "exec": "os.execv(sys.executable, [sys.executable, '-c', 'print(\"escaped\")'])",
    "spawn": "os.posix_spawn(sys.executable, [sys.executable, '-c', ''], {{}})",
    "signal its parent": "os.kill(os.getppid(), 0)",
    "8 GB": "bytearray(8 * 1024**3)",
    "executable memory": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "raise its limits": "sandbox.resource.setrlimit(sandbox.resource.RLIMIT_AS, (1 << 40, 1 << 40))",
}
# What each barrier stops alone, so that another one hides no hole in it.
ALONE = [
    ("landlock", "read a file"),
    ("landlock", "write a file"),
    ("landlock", "remove a file"),
    ("landlock", "list a folder"),
    ("syscall_filter", "socket"),
    ("syscall_filter", "datagram"),
    ("syscall_filter", "read a file"),
    ("syscall_filter", "write to a descriptor"),
    ("syscall_filter", "remove a file"),
    ("syscall_filter", "fork"),
    ("syscall_filter", "exec"),
    ("limit_memory", "8 GB"),
    ("limit_open_files", "read a file"),
    ("limit_open_files", "socket"),
]


def _confined(
    attack: str, folder: Path, *, only: tuple[str, ...] = (), user: int | None = None
) -> subprocess.CompletedProcess[bytes]:
    (folder / "kept").touch()
    script = CONFINED.format(only=only, attack=attack.format(folder=str(folder)))
    return subprocess.run(
        [sys.executable, "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=child_environment(),
        user=user,
        timeout=60,
        check=False,
    )


@linux
@pytest.mark.parametrize("attack", ATTACKS)
def test_confined_process_is_stopped(attack: str, tmp_path: Path) -> None:
    assert _confined(ATTACKS[attack], tmp_path).stdout == b"confined without [];stopped"


@linux
@pytest.mark.parametrize(("barrier", "attack"), ALONE)
def test_barrier_stops_it_alone(barrier: str, attack: str, tmp_path: Path) -> None:
    assert _confined(ATTACKS[attack], tmp_path, only=("no_new_privileges", barrier)).stdout.endswith(b";stopped")


@linux
def test_nothing_stops_what_is_not_confined(tmp_path: Path) -> None:
    # Else the tests above would show nothing.
    ended = _confined(ATTACKS["write a file"], tmp_path, only=("no_new_privileges",))
    assert ended.stdout.endswith(b";escaped")
    assert (tmp_path / "escaped").exists()


@linux
def test_endless_loop_ends_at_the_limit_of_processor_time(tmp_path: Path) -> None:
    ended = _confined("\n    while True: pass", tmp_path)
    assert ended.returncode in {-signal.SIGXCPU, -signal.SIGKILL}


@linux
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
@pytest.mark.parametrize("attack", ["socket", "write a file", "exec", "8 GB"])
def test_plain_user_is_confined_as_well(attack: str, tmp_path: Path) -> None:
    try:
        ended = _confined(ATTACKS[attack], tmp_path, user=65_534)
    except PermissionError:
        pytest.skip("this Python lies where a plain user cannot reach it")
    if b"Permission" in ended.stderr or b"No module" in ended.stderr:
        pytest.skip("this Python lies where a plain user cannot reach it")
    assert ended.stdout == b"confined without [];stopped"


def test_missing_barriers_are_skipped_and_told(tmp_path: Path) -> None:
    script = "import sys; sys.platform = 'other'; sys.modules['resource'] = None\n" + CONFINED.format(
        only=(), attack="pass"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=tmp_path, check=True)
    assert b"limit_memory" in ended.stdout
    assert b"syscall_filter" in ended.stdout
    assert ended.stdout.endswith(b"escaped")


@linux
def test_report_names_no_way_out() -> None:
    report = sandbox_report()
    assert report.escapes == ()
    assert [each for each in report.barriers if each.missing] == []


def test_decoder_gets_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELSCORE_STORE", "postgresql://anja:geheim@server/calls")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "geheim")
    assert "geheim" not in json.dumps(child_environment())


def test_decoder_learns_nothing_of_the_name_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    start = decode_child._started

    def note(settings: str, sound: IO[bytes]) -> subprocess.Popen[bytes]:
        started.append(settings)
        return start(settings, sound)

    monkeypatch.setattr(decode_child, "_started", note)
    decode(write(tmp_path / "mevrouw Jansen 06-12345678.wav", "pcm_s16le", tone(1.0, 300, rate_hz=8000)))
    assert json.loads(started[0])["name"] == "sound.wav"


DONE = {"channels": 1, "source_rate_hz": 8000, "codec": "gsm", "lost_s": 0.0, "clipped": 0.0, "heard_s": 1.0}
SECOND = b"".join(sample_frames(0, np.zeros(16_000, np.float32)))
HOSTILE = {
    "a message too long": struct.pack("<BI", 0, 2**31),
    "samples too many at once": struct.pack("<BI", 1, 2**31),
    "a channel too many": struct.pack("<BI", 3, 4) + b"abcd",
    "half a sample": frame(1, b"abc"),
    "NaN": frame(1, struct.pack("<ff", 0.0, float("nan"))),
    "infinite": frame(1, struct.pack("<ff", 0.0, float("inf"))),
    "no JSON": frame(0, b"{"),
    "deep JSON": frame(0, b"[" * 4000),
    "no object": frame(0, b"[1]"),
    "neither done nor progress": frame(0, b"{}"),
    "progress of NaN": frame(0, b'{"at_s": NaN, "total_s": 1}'),
    "progress in text": frame(0, b'{"at_s": "1", "total_s": 1}'),
    "three channels": SECOND + message_frame({"done": {**DONE, "channels": 3}}),
    "a rate of nothing": SECOND + message_frame({"done": {**DONE, "source_rate_hz": 0}}),
    "a codec on two lines": SECOND + message_frame({"done": {**DONE, "codec": "gsm\nwav"}}),
    "more clipped than there is": SECOND + message_frame({"done": {**DONE, "clipped": 2.0}}),
    "a channel without samples": SECOND + message_frame({"done": {**DONE, "channels": 2}}),
    "no samples at all": message_frame({"done": DONE}),
    "an error that fills the screen": message_frame({"error": {"what": "x" * 3000, "do": "y"}}),
    "an error with a colour": message_frame({"error": {"what": "\x1b[31mx", "do": "y"}}),
    "more sound than the limit": SECOND * 70,
    "silence": b"",
    "half a frame": SECOND[:1000],
}


def _decoded_by(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **limits: float) -> float:
    """Seconds of the recording that a decoder which does what `script` says hands over."""

    def start(_settings: str, _sound: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-S", "-c", script]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    monkeypatch.setattr(decode_child, "_started", start)
    path = tmp_path / "a.wav"
    path.write_bytes(b"\x00" * 100)
    return decode(path, limits=DecodeLimits(**limits)).duration_s  # type: ignore[arg-type]


def _says(content: bytes, folder: Path) -> str:
    (folder / "says").write_bytes(content)
    return (
        f"import os; data = open({str(folder / 'says')!r}, 'rb').read()\nwhile data: data = data[os.write(1, data):]\n"
    )


def test_stand_in_for_a_decoder_that_keeps_to_the_protocol_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = SECOND + message_frame({"at_s": 1.0, "total_s": None}) + message_frame({"done": DONE})
    assert _decoded_by(_says(says, tmp_path), tmp_path, monkeypatch) == 1.0


@pytest.mark.parametrize("said", HOSTILE)
def test_decoder_that_breaks_the_protocol_is_an_error(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AudioError, match=r"a\.wav: the decoder .*; convert") as caught:
        _decoded_by(_says(HOSTILE[said], tmp_path), tmp_path, monkeypatch, max_duration_s=5.0)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("end", ["while True: pass", "os.close(1)\nwhile True: pass"], ids=["loops", "falls silent"])
def test_decoder_that_does_not_end_is_ended(end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AudioError, match=r"took over 0\.5 s"):
        _decoded_by(_says(SECOND, tmp_path) + end, tmp_path, monkeypatch, timeout_s=0.5)


def test_decoder_that_stays_after_its_last_word_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = _says(SECOND + message_frame({"done": DONE}), tmp_path) + "while True: pass"
    assert _decoded_by(script, tmp_path, monkeypatch, timeout_s=60.0) == 1.0
