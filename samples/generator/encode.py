"""Write one or two channels to a file in the format a recorder would use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from phone_line import PHONE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Format:
    """An encoder of PyAV with the sample format it takes; `bit_rate` 0 leaves it to the encoder.

    most_channels : 1 for coders of one telephone channel
    """

    encoder: str
    sample_format: str
    bit_rate: int = 0
    rate_hz: int = PHONE_RATE_HZ
    most_channels: int = 2


FORMATS = {
    "alaw": Format("pcm_alaw", "s16"),
    "mulaw": Format("pcm_mulaw", "s16"),
    "flac": Format("flac", "s16"),
    "mp3": Format("libmp3lame", "s16p", 40_000),
    "opus": Format("libopus", "s16", 40_000),
    "aac": Format("aac", "fltp", 48_000),
    "opus-low": Format("libopus", "s16", 20_000),
    "adpcm": Format("adpcm_ima_wav", "s16p"),
    "g722": Format("g722", "s16", rate_hz=16_000, most_channels=1),
    "amr": Format("libopencore_amrnb", "s16", 12_200, most_channels=1),
}


def write_audio(path: Path, sound: NDArray[np.float32], codec: str) -> None:
    """Encode (1, n) as mono or (2, n) as stereo, at `PHONE_RATE_HZ`; the same input gives the same bytes."""
    form = FORMATS[codec]
    if len(sound) > form.most_channels:
        raise ValueError(f'{path.name}: {codec} holds one channel; write `channels = "mono"`')
    layout = "mono" if len(sound) == 1 else "stereo"
    pcm = np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16)
    options = {"fflags": "+bitexact"}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(form.encoder, rate=form.rate_hz)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        stream.format = form.sample_format
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        if form.bit_rate:
            stream.bit_rate = form.bit_rate
        resampler = av.AudioResampler(form.sample_format, layout, form.rate_hz)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = PHONE_RATE_HZ
        for ready in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
