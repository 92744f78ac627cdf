"""What the speech model computes on: a graphics card when there is one that works, else the processor."""

from __future__ import annotations

import logging
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from belscore.errors import ModelError

if TYPE_CHECKING:
    from faster_whisper import WhisperModel  # type: ignore[import-untyped]

DEVICE_VARIABLE = "BELSCORE_DEVICE"
_LOG = logging.getLogger(__name__)
# The quickest first, of what CTranslate2 offers; what a card or processor cannot do it does not list.
_ON_CARD = ("int8_float16", "float16", "int8_float32", "int8", "float32")
_ON_PROCESSOR = ("int8", "int8_float32", "float32")
# Feature frames in Whisper's window of 30 s.
WINDOW_FRAMES = 3000

Reason = Literal["chosen", "card", "no card", "card fails"]


class Device(NamedTuple):
    """What to compute on and in which numbers, as CTranslate2 calls them, and why.

    reason : "chosen" by BELSCORE_DEVICE; "card": there is one; "no card"; "card fails": it says what it is, no more
    """

    name: Literal["cpu", "cuda"]
    compute_type: str
    reason: Reason


def choose_device() -> tuple[str, str]:
    """Device and compute type for CTranslate2. Raises ModelError when BELSCORE_DEVICE asks for what is not there."""
    device = survey_device()
    return device.name, device.compute_type


def survey_device() -> Device:
    """The device that models are loaded on, with the reason; BELSCORE_DEVICE (cpu or cuda) goes before what is there.

    Raises ModelError when BELSCORE_DEVICE names something else, or a card that cannot be used.
    """
    return _survey(os.environ.get(DEVICE_VARIABLE, "").strip().lower())


@cache
def _survey(wanted: str) -> Device:
    import ctranslate2  # type: ignore[import-untyped]

    if wanted not in ("", "cpu", "cuda"):
        raise ModelError(f"unknown device `{wanted}`", where=DEVICE_VARIABLE, do="use cpu or cuda, or leave it out")
    if wanted == "cpu":
        return _processor("chosen")
    try:
        cards = ctranslate2.get_cuda_device_count()
        able = ctranslate2.get_supported_compute_types("cuda") if cards else set()
    except (RuntimeError, ValueError) as error:
        if wanted:
            raise _no_card(str(error)) from None
        return _processor("card fails")
    compute_type = next((each for each in _ON_CARD if each in able), None)
    if compute_type is not None:
        return Device("cuda", compute_type, "chosen" if wanted else "card")
    if wanted:
        raise _no_card("none found")
    return _processor("no card")


def _processor(reason: Reason) -> Device:
    import ctranslate2

    able = ctranslate2.get_supported_compute_types("cpu")
    return Device("cpu", next((each for each in _ON_PROCESSOR if each in able), "default"), reason)


def _no_card(why: str) -> ModelError:
    do = "install CUDA 12 with cuBLAS, or leave the setting out"
    return ModelError(f"no graphics card can be used ({why})", where=f"{DEVICE_VARIABLE}=cuda", do=do)


def open_whisper(folder: Path, *, workers: int = 1) -> WhisperModel:
    """Load a Whisper model on the chosen device. A card that fails to is given up with a warning in the log.

    folder  : a CTranslate2 Whisper folder
    workers : batches computed at a time on the processor, each by one thread: two batches on a thread each take two
              thirds of the time of one after the other on two threads

    Raises RuntimeError, ValueError or OSError as faster-whisper does, and ModelError when BELSCORE_DEVICE asks for a
    card that fails.
    """
    from faster_whisper import WhisperModel

    device = survey_device()
    if device.name == "cuda":
        try:
            return _on_card(folder, device)
        except (RuntimeError, ValueError, OSError) as error:
            why = " ".join(str(error).split())
            if device.reason == "chosen":
                raise _no_card(why) from None
            _LOG.warning("belscore: the graphics card cannot be used (%s); going on with the processor", why)
            device = _processor("card fails")
    shares = {"cpu_threads": 1, "num_workers": max(1, workers)}
    return WhisperModel(str(folder), device=device.name, compute_type=device.compute_type, **shares)


def _on_card(folder: Path, device: Device) -> WhisperModel:
    """Load a model on the card and let it compute once: cuBLAS is looked for only then."""
    import numpy as np
    from faster_whisper import WhisperModel

    model = WhisperModel(str(folder), device=device.name, compute_type=device.compute_type)
    model.encode(np.zeros((model.model.n_mels, WINDOW_FRAMES), np.float32))
    return model
