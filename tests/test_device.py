"""What the speech model computes on, with cards that are there, lack something, or are only said to be there."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from belscore import device
from belscore.errors import ModelError

Arrange = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def arrange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Arrange]:
    """Stand-ins for CTranslate2 and faster-whisper. Returns the devices and types that models are loaded on.

    cards : how many there are, or the error that asking gives
    able  : the compute types of a card, or the error that asking gives
    loads : the error of loading on a card; runs: the error of computing on one
    """

    def arranged(
        *,
        cards: int | Exception = 0,
        able: Set[str] | Exception = frozenset(),
        loads: Exception | None = None,
        runs: Exception | None = None,
        wanted: str | None = None,
    ) -> list[tuple[str, str]]:
        loaded: list[tuple[str, str]] = []

        def told(answer: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        class FakeModel:
            model = SimpleNamespace(n_mels=80)

            def __init__(self, folder: str, *, device: str, compute_type: str, **shares: int) -> None:
                assert folder == "somewhere"
                assert shares == ({"cpu_threads": 1, "num_workers": 3} if device == "cpu" else {})
                told(loads if device == "cuda" else None)
                self.device = device
                loaded.append((device, compute_type))

            def encode(self, features: Any) -> None:
                assert features.shape == (80, 3000)
                told(runs if self.device == "cuda" else None)

        engine = ModuleType("ctranslate2")
        types = {"cpu": {"int8", "int8_float32", "float32"}, "cuda": able}
        engine.get_cuda_device_count = lambda: told(cards)  # type: ignore[attr-defined]
        engine.get_supported_compute_types = lambda name: told(types[name])  # type: ignore[attr-defined]
        whisper = ModuleType("faster_whisper")
        whisper.WhisperModel = FakeModel  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "ctranslate2", engine)
        monkeypatch.setitem(sys.modules, "faster_whisper", whisper)
        monkeypatch.delenv(device.DEVICE_VARIABLE, raising=False)
        if wanted is not None:
            monkeypatch.setenv(device.DEVICE_VARIABLE, wanted)
        device._survey.cache_clear()
        return loaded

    yield arranged
    device._survey.cache_clear()


ABLE = {"float32", "int8", "int8_float32", "float16", "int8_float16", "bfloat16"}
OLD_CARD = {"float32", "int8", "int8_float32"}


def test_without_a_card_the_processor_is_used(arrange: Arrange) -> None:
    arrange(cards=0)
    assert device.choose_device() == ("cpu", "int8")
    assert device.survey_device().reason == "no card"


def test_a_card_is_used_when_there_is_one(arrange: Arrange) -> None:
    arrange(cards=1, able=ABLE)
    assert device.choose_device() == ("cuda", "int8_float16")


def test_a_card_is_used_in_what_it_can_compute(arrange: Arrange) -> None:
    arrange(cards=1, able=OLD_CARD)
    assert device.choose_device() == ("cuda", "int8_float32")


def test_a_card_that_cannot_be_asked_is_not_used(arrange: Arrange) -> None:
    arrange(cards=1, able=RuntimeError("CUDA driver version is insufficient"))
    assert device.survey_device() == ("cpu", "int8", "card fails")


@pytest.mark.parametrize(("wanted", "chosen"), [("cpu", ("cpu", "int8")), ("CUDA", ("cuda", "int8_float16"))])
def test_the_setting_goes_before_what_is_there(wanted: str, chosen: tuple[str, str], arrange: Arrange) -> None:
    arrange(cards=1, able=ABLE, wanted=wanted)
    assert device.survey_device() == (*chosen, "chosen")


def test_a_card_that_is_asked_for_and_not_there_is_refused(arrange: Arrange) -> None:
    arrange(cards=0, wanted="cuda")
    with pytest.raises(ModelError, match=r"BELSCORE_DEVICE=cuda: no graphics card can be used \(none found\); install"):
        device.choose_device()


def test_a_device_that_does_not_exist_is_refused(arrange: Arrange) -> None:
    arrange(wanted="gpu")
    with pytest.raises(ModelError, match=r"BELSCORE_DEVICE: unknown device `gpu`; use cpu or cuda"):
        device.choose_device()


def test_a_model_is_loaded_on_the_card(arrange: Arrange) -> None:
    loaded = arrange(cards=1, able=ABLE)
    device.open_whisper(Path("somewhere"), workers=3)
    assert loaded == [("cuda", "int8_float16")]


@pytest.mark.parametrize("how", ["loads", "runs"])
def test_a_card_that_fails_gives_way_to_the_processor_with_a_line(
    how: str, arrange: Arrange, caplog: pytest.LogCaptureFixture
) -> None:
    error = RuntimeError("Library libcublas.so.12 is not found\nor cannot be loaded")
    loaded = arrange(cards=1, able=ABLE, **{how: error})
    with caplog.at_level(logging.WARNING):
        device.open_whisper(Path("somewhere"), workers=3)
    assert loaded[-1] == ("cpu", "int8")
    (line,) = caplog.messages
    assert line == (
        "belscore: the graphics card cannot be used (Library libcublas.so.12 is not found or cannot be loaded); "
        "going on with the processor"
    )


def test_a_card_that_was_asked_for_and_fails_is_an_error(arrange: Arrange) -> None:
    loaded = arrange(cards=1, able=ABLE, runs=RuntimeError("out of memory"), wanted="cuda")
    with pytest.raises(ModelError, match=r"no graphics card can be used \(out of memory\)"):
        device.open_whisper(Path("somewhere"), workers=3)
    assert ("cpu", "int8") not in loaded


@pytest.mark.model
def test_the_default_model_loads_on_this_machine() -> None:
    from belscore.models import find_model

    model = device.open_whisper(find_model("base").folder, workers=1)
    name, compute_type = device.choose_device()
    assert model.model.device == name
    assert model.model.compute_type.startswith(compute_type)
