"""Write two channels to a file in the format a recorder would use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from phone_line import PHONE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Format:
    """An encoder of PyAV with the sample format it takes; `bit_rate` 0 leaves it to the encoder."""

    encoder: str
    sample_format: str
    bit_rate: int = 0
    rate_hz: int = PHONE_RATE_HZ


FORMATS = {
    "alaw": Format("pcm_alaw", "s16"),
    "mulaw": Format("pcm_mulaw", "s16"),
    "flac": Format("flac", "s16"),
    "mp3": Format("libmp3lame", "s16p", 40_000),
    "opus": Format("libopus", "s16", 40_000),
    "aac": Format("aac", "fltp", 48_000),
}


def write_audio(path: Path, left: NDArray[np.float32], right: NDArray[np.float32], codec: str) -> None:
    """Encode two channels at `PHONE_RATE_HZ` as stereo; the same input gives the same bytes."""
    form = FORMATS[codec]
    stereo = np.stack([left, right])
    pcm = np.round(np.clip(stereo, -1, 1) * 32767).astype(np.int16)
    options = {"fflags": "+bitexact"}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(form.encoder, rate=form.rate_hz)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "stereo"
        stream.format = form.sample_format
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        if form.bit_rate:
            stream.bit_rate = form.bit_rate
        resampler = av.AudioResampler(form.sample_format, "stereo", form.rate_hz)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = PHONE_RATE_HZ
        for ready in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
