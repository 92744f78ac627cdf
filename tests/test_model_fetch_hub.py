"""Fetching a model from the hub: the same bytes are not sent twice, whatever broke off, and a wrong file is refused."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from belscore import models
from belscore.errors import ModelError
from belscore.model_fetch import fetch_model
from model_shop import CONFIG, REPO, REVISION, WEIGHTS, Shop, Wire, served, sha256

# The hub's client writes blocks of 10 MiB: the model has to be larger for a part of it to come in.
BLOCK_BYTES = 10 * 1024 * 1024
LARGE = WEIGHTS * 2200
MODEL = f"/{REPO}/resolve/{REVISION}/model.bin"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    assert len(LARGE) > 2 * BLOCK_BYTES
    return Shop(tmp_path, monkeypatch, weights=LARGE, on_hub=True)


@pytest.fixture
def hub(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with served() as wire:
        wire.files = {MODEL: shop.weights, MODEL.replace("model.bin", "config.json"): CONFIG}
        monkeypatch.setenv("HF_ENDPOINT", wire.address)
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        yield wire


def test_a_model_comes_from_its_pinned_commit(hub: Wire, shop: Shop) -> None:
    assert fetch_model("toy").sha256 == sha256(LARGE)
    assert hub.sent == {MODEL: len(LARGE), MODEL.replace("model.bin", "config.json"): len(CONFIG)}
    assert shop.left_over() == ["toy"]


def test_a_fetch_goes_on_at_the_address_that_the_hub_points_to(hub: Wire, shop: Shop) -> None:
    hub.files["/storage/weights"] = hub.files.pop(MODEL)
    hub.elsewhere[MODEL] = f"{hub.address}/storage/weights?signed=1"
    shop.leave_part(LARGE[:BLOCK_BYTES])
    assert fetch_model("toy").sha256 == sha256(LARGE)
    assert ("/storage/weights", BLOCK_BYTES) in hub.asked


def test_a_broken_connection_is_taken_up_by_the_next_fetch(hub: Wire, shop: Shop) -> None:
    hub.stop_at[MODEL] = BLOCK_BYTES + 5000
    with pytest.raises(
        ModelError, match=r"the Hugging Face hub could not bring model\.bin of someone/toy .*503"
    ) as error:
        fetch_model("toy")
    assert "\n" not in str(error.value)
    assert "toy" not in shop.left_over()
    hub.repair()
    assert fetch_model("toy").sha256 == sha256(LARGE)
    assert hub.asked == [(MODEL, BLOCK_BYTES)]
    assert hub.sent == {MODEL: len(LARGE) - BLOCK_BYTES}
    assert shop.left_over() == ["toy"]


def test_a_killed_fetch_is_taken_up_by_the_next_one(hub: Wire, shop: Shop) -> None:
    hub.hanging = True
    hub.stop_at[MODEL] = BLOCK_BYTES + 5000
    process = shop.fetch_in_a_process()
    had = _grown_to(shop, BLOCK_BYTES)
    process.kill()
    process.communicate()
    assert "toy" not in shop.left_over()
    hub.repair()
    assert fetch_model("toy").sha256 == sha256(LARGE)
    assert hub.asked == [(MODEL, had)]
    assert hub.sent == {MODEL: len(LARGE) - had}
    assert shop.left_over() == ["toy"]


def _grown_to(shop: Shop, size_bytes: int) -> int:
    """Wait until so much has come in; returns how much."""
    end_s = time.monotonic() + 30
    while time.monotonic() < end_s:
        if shop.part().is_file() and shop.part().stat().st_size >= size_bytes:
            return shop.part().stat().st_size
        time.sleep(0.02)
    raise AssertionError("nothing came in")


def test_the_process_that_fetches_ends_with_the_one_that_started_it(hub: Wire, shop: Shop) -> None:
    hub.hanging = True
    hub.stop_at[MODEL] = BLOCK_BYTES + 5000
    process = shop.fetch_in_a_process()
    _grown_to(shop, BLOCK_BYTES)
    assert not hub.gone.is_set()
    process.kill()
    process.communicate()
    # Less than what the hub's client waits for an answer.
    assert hub.gone.wait(8)


def test_a_file_with_another_content_is_refused(hub: Wire, shop: Shop) -> None:
    hub.files[MODEL] = LARGE[:-1] + b"!"
    with pytest.raises(ModelError, match=r"model\.bin from the hub has the wrong sha256; try again or ask"):
        fetch_model("toy")
    assert shop.left_over() == []


def test_an_answer_of_another_size_is_refused(hub: Wire, shop: Shop) -> None:
    hub.files[MODEL] = b"<html>please log in</html>"
    with pytest.raises(ModelError, match="Consistency check failed"):
        fetch_model("toy")
    assert not list(shop.models.glob("*/parts/model.bin"))
    hub.repair()
    hub.files[MODEL] = LARGE
    assert fetch_model("toy").sha256 == sha256(LARGE)


def test_a_part_that_got_damaged_is_fetched_anew(hub: Wire, shop: Shop) -> None:
    shop.leave_part(bytes(BLOCK_BYTES))
    assert fetch_model("toy").sha256 == sha256(LARGE)
    assert [first for path, first in hub.asked if path == MODEL] == [BLOCK_BYTES, 0]
    assert shop.left_over() == ["toy"]


def test_fetches_at_the_same_time_bring_a_model_once(hub: Wire, shop: Shop) -> None:
    processes = [shop.fetch_in_a_process() for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert hub.sent[MODEL] == len(LARGE)
    assert shop.left_over() == ["toy"]


def test_a_copy_goes_on_from_what_the_hub_brought(shop: Shop) -> None:
    shop.leave_part(LARGE[:BLOCK_BYTES])
    seen: list[float] = []
    stick = shop.put(shop.root / "stick")
    fetch_model("toy", lambda _stage, completed, _total: seen.append(completed), source=str(stick))
    assert seen[0] == len(CONFIG)
    assert seen[1] > BLOCK_BYTES
    assert models.verify_model("toy").sha256 == sha256(LARGE)


def test_a_disk_that_fills_up_is_one_line_and_nothing_is_left(hub: Wire, shop: Shop) -> None:  # noqa: ARG001
    pytest.importorskip("resource")  # the bound on the size of files that stands for a full disk
    process = shop.fetch_in_a_process("hub", str(BLOCK_BYTES + 1000))
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1, output
    refusal = output.strip().splitlines()[-1]
    assert f"the disk is full ({os.strerror(errno.EFBIG)}); make room" in refusal
    assert shop.left_over() == []


def test_a_model_that_is_not_there_is_told_so(hub: Wire, shop: Shop) -> None:
    hub.files.clear()
    with pytest.raises(ModelError, match=r"could not bring config\.json of someone/toy .*404"):
        fetch_model("toy")
    assert shop.left_over() == []


def test_without_a_network_the_line_says_so(shop: Shop) -> None:
    with pytest.raises(ModelError, match=r"offline mode is enabled.*name a folder that holds it"):
        fetch_model("toy")
    assert shop.left_over() == []


def test_a_model_that_a_source_does_not_carry_is_told_so(shop: Shop) -> None:
    with pytest.raises(ModelError, match="`toy` cannot be fetched: it is not on the package index"):
        fetch_model("toy", source="index")
    assert shop.left_over() == []
