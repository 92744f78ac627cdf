"""The child process that decodes one file: `python -m belscore.decode_worker SETTINGS <FILE >FRAMES`.

A decoder fed with damaged or hostile files may hang, crash, ask for all memory or be made to do something else, so it
never runs in the process that scores, and the child gives up every right it can do without (`sandbox`) before it looks
at the file. SETTINGS is JSON (see `_Settings`); the file comes as standard input; frames of `decode_protocol` go out:
samples as float32 at SAMPLE_RATE_HZ, `{"at_s", "total_s"}` as it advances, and last either `{"done": {...}}` or
`{"error": {"what", "do"}}`.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from belscore.decode_protocol import MAX_CHANNELS, message_frame, sample_frames
from belscore.sandbox import ProcessLimits, confine
from belscore.stated_length import UNSTAMPED, Ending
from belscore.timeline import ChannelWriter, RefusedError, Samples, Timeline

if TYPE_CHECKING:
    import av
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

_INPUT_FD, _OUTPUT_FD = 0, 1
# What telephone recorders, phones and meeting tools write. Playlists, image sequences and network formats are out.
FORMATS = (
    "wav,w64,mp3,ogg,flac,mov,mp4,m4a,3gp,3g2,mj2,aac,amr,amrnb,amrwb,gsm,g722,asf,matroska,webm,avi,aiff,au,caf,mpegts"
)
CODECS = (
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,"
    "pcm_alaw,pcm_mulaw,adpcm_ima_wav,adpcm_ms,g722,adpcm_g722,g726,g726le,adpcm_g726,g723_1,g729,gsm,gsm_ms,truespeech,"
    "ilbc,speex,amrnb,amrwb,mp2,mp2float,mp3,mp3float,aac,aac_latm,ac3,alac,flac,opus,libopus,vorbis,wmav1,wmav2,wmapro"
)
# FFmpeg's own AMR decoders refuse the frames that mobile phones send for silence (SID, 3GPP TS 26.093 and 26.193), and
# all that follows would come too early.
_DECODERS = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}
_HEAD_BYTES = 65_536

# These stamp every packet to the sample: any leap is a hole (Ogg and FLAC drop what fails its checksum without a word).
EXACT = frozenset({"wav", "w64", "ogg", "flac", "mov", "caf", "aiff"})
EXACT_JITTER_S = 0.005
# Elsewhere stamps may jitter (Matroska and ASF round them to 1 ms, muxers are sloppy by a frame).
JITTER_S = 0.1
# After a decoding error the stamps are believed to the shortest frame in use (Opus 2.5 ms).
AFTER_ERROR_S = 0.0025
# Tries to go on after the demuxer itself gives up; each try starts behind the broken place.
MAX_DEMUX_ERRORS = 100
# Full scale as the codec reaches it: A-law tops at 32256, mu-law at 32124 of 32768 (G.711), others at 32767.
_FULL_SCALE = {"pcm_alaw": 32_256 / 32_768, "pcm_mulaw": 32_124 / 32_768}
_DEFAULT_FULL_SCALE = 0.999
_REPORT_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class _Settings:
    """name: of the file, of which only the suffix counts: headerless formats have nothing else to be known by."""

    name: str
    max_duration_s: float
    memory_bytes: int
    cpu_s: int
    parent: int


def planar(frame: av.AudioFrame) -> Samples:
    """The samples of a frame as float32 (channels, n), full scale 1.0, whatever its sample format."""
    values: npt.NDArray[Any] = frame.to_ndarray()
    if not frame.format.is_planar:
        values = values.reshape(-1, frame.layout.nb_channels).T
    if values.dtype == np.uint8:
        return ((values.astype(np.float32) - 128) / 128).astype(np.float32)
    if np.issubdtype(values.dtype, np.integer):
        return (values / -float(np.iinfo(values.dtype).min)).astype(np.float32)
    sound: Samples = values.astype(np.float32)
    if sound.size and sound.min() >= -1.0 and sound.max() <= 1.0:
        return sound
    # A damaged float stream can hold NaN or huge values; they would poison everything that follows.
    return np.clip(np.nan_to_num(sound), -1.0, 1.0)


def _packets(container: InputContainer, stream: AudioStream, ending: Ending) -> Iterator[Packet[Any]]:
    """Packets of the stream; goes on after an error of the demuxer."""
    from av import FFmpegError

    for _ in range(MAX_DEMUX_ERRORS):
        try:
            for packet in container.demux():
                if packet.stream.index == stream.index:  # the last, empty one of each track says so itself alone
                    ending.passed += packet.size
                    yield packet
                else:
                    ending.pass_by(packet)
            return
        except FFmpegError:
            continue


@dataclass(slots=True)
class _Damage:
    """What is known about undecodable packets since the last good frame.

    dropped : bytes that the demuxer passed over; they are put where the first packet fails
    """

    dropped: int = 0
    packets: int = 0
    size: int = 0
    good_bytes: int = 0

    def add(self, packet: Packet[Any]) -> None:
        self.packets += 1
        self.size += packet.size + self.dropped
        self.dropped = 0

    def lost_s(self, heard_s: float) -> float:
        """Time the broken bytes stood for, at the byte rate of the sound decoded so far."""
        return self.size * heard_s / self.good_bytes if self.good_bytes else 0.0


def _decode_all(
    container: InputContainer, stream: AudioStream, timeline: Timeline, ending: Ending, *, dropped: int
) -> _Damage:
    """Put all the sound on the time axis; what is left at the end is the damage behind the last good frame."""
    from av import FFmpegError

    names = set(container.format.name.split(","))
    unstamped = bool(UNSTAMPED & names)
    jitter_s = EXACT_JITTER_S if EXACT & names else JITTER_S
    damage, context = _Damage(dropped), _decoder(stream)
    start_s = _start_s(stream)
    reported_s = 0.0
    for packet in _packets(container, stream, ending):
        try:
            frames = context.decode(packet)
        except FFmpegError:
            damage.add(packet)
            continue
        damage.good_bytes += packet.size
        for frame in frames:
            if frame.sample_rate != timeline.rate_hz or frame.layout.nb_channels != len(timeline.writers):
                raise RefusedError("the sampling rate or the channels change half-way", "convert it to WAV first")
            start_s = _close_gap(timeline, damage, frame.time, start_s, unstamped=unstamped, jitter_s=jitter_s)
            timeline.append(planar(frame))
        if timeline.at_s >= reported_s + _REPORT_EVERY_S:
            reported_s = timeline.at_s
            _tell({"at_s": round(reported_s, 1), "total_s": timeline.stated_s})
    return damage


def _decoder(stream: AudioStream) -> AudioCodecContext:
    """The decoder of a stream, or the one that this build has and that does better."""
    from av import CodecContext
    from av.audio.codeccontext import AudioCodecContext
    from av.codec.codec import UnknownCodecError

    given = stream.codec_context
    try:
        better = CodecContext.create(_DECODERS.get(given.name, ""), "r")
    except UnknownCodecError:
        return given
    assert isinstance(better, AudioCodecContext)
    better.sample_rate, better.layout, better.thread_count = given.sample_rate, given.layout, 1
    return better


def _start_s(stream: AudioStream) -> float:
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def _close_gap(
    timeline: Timeline,
    damage: _Damage,
    stamp_s: float | None,
    start_s: float,
    *,
    unstamped: bool,
    jitter_s: float,
) -> float:
    """Fill the hole before a frame stamped `stamp_s`; returns the stamp that stands for time 0 from here on."""
    broken = damage.packets > 0
    gap_s = (stamp_s - start_s - timeline.at_s) if stamp_s is not None else 0.0
    if unstamped:
        gap_s = damage.lost_s(timeline.at_s - timeline.filled / timeline.rate_hz) if broken else 0.0
    damage.packets = damage.size = 0
    wanted = gap_s > (AFTER_ERROR_S if broken else jitter_s)
    first = timeline.written == 0
    if wanted and timeline.believable(gap_s) and (broken or not first):
        timeline.fill(gap_s)
    if unstamped or stamp_s is None:
        return start_s
    # Stamps that start late, run back (files joined end to end) or leap beyond belief count from here anew.
    moved = abs(stamp_s - start_s - timeline.at_s) > JITTER_S or (first and not broken)
    return stamp_s - timeline.at_s if moved else start_s


def _dropped_bytes(file: io.FileIO, allow: dict[str, str]) -> int:
    """Bytes of a raw AAC file that the demuxer passes over; its packets do not show where."""
    import av

    reached = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    with av.open(file, "r", options=allow) as container:
        dropped = size - sum(packet.size for packet in container.demux(audio=0))
    file.seek(reached)
    return dropped


def _sound_stream(container: InputContainer) -> AudioStream:
    """The first audio stream; raises RefusedError when there is none that can be decoded."""
    from av.audio.stream import AudioStream

    found = [stream for stream in container.streams if isinstance(stream, AudioStream)]
    if not found:
        raise RefusedError("holds no sound", "give a recording with an audio track")
    stream = found[0]
    context = stream.codec_context
    if context is None or context.name not in CODECS.split(","):
        raise RefusedError(
            f"its codec {context.name if context else 'is unknown and'} is not supported", "convert it to WAV"
        )
    channels = context.layout.nb_channels
    if not 1 <= channels <= MAX_CHANNELS:
        raise RefusedError(f"has {channels} channels, a call has one or two", "export the two sides of the call only")
    if not context.sample_rate:
        raise RefusedError("states no sampling rate", "convert it to WAV")
    return stream


def decode_file(file: io.FileIO, max_duration_s: float) -> dict[str, Any]:
    """Decode the first audio stream to frames; returns what is known about it.

    Raises RefusedError for what is no usable recording.
    """
    import av

    # Of protocols none: a file that names another one gets nothing.
    allow = {"format_whitelist": FORMATS, "codec_whitelist": CODECS, "protocol_whitelist": "none"}
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    try:
        container = av.open(file, "r", options=allow, metadata_errors="ignore")
    except (av.FFmpegError, ValueError):
        raise RefusedError(
            "no sound file this program reads, or its index is cut off", "export it as WAV, MP3, OGG, FLAC or M4A"
        ) from None
    with container:
        stream = _sound_stream(container)
        context = stream.codec_context
        context.thread_count = 1
        channels = context.layout.nb_channels
        ending = Ending.of(head, container, stream)
        timeline = Timeline(
            rate_hz=context.sample_rate,
            writers=tuple(ChannelWriter(partial(_send, number), context.sample_rate) for number in range(channels)),
            full_scale=_FULL_SCALE.get(context.name, _DEFAULT_FULL_SCALE),
            max_duration_s=max_duration_s,
            stated_s=ending.stated_s,
        )
        dropped = _dropped_bytes(file, allow) if container.format.name == "aac" else 0
        damage = _decode_all(container, stream, timeline, ending, dropped=dropped)
        timeline.close()
        return _summary(timeline, ending, damage, context.codec.canonical_name)


def _summary(timeline: Timeline, ending: Ending, damage: _Damage, codec: str) -> dict[str, Any]:
    heard_s = timeline.values / len(timeline.writers) / timeline.rate_hz
    bytes_per_s = damage.good_bytes / heard_s if heard_s else None
    tail_s = ending.missing_s(timeline.at_s, broken_bytes=damage.size, bytes_per_s=bytes_per_s)
    lost_s = timeline.filled / timeline.rate_hz + tail_s
    return {
        "channels": len(timeline.writers),
        "source_rate_hz": timeline.rate_hz,
        "codec": codec,
        "lost_s": round(lost_s, 3),
        "clipped": timeline.clipped / max(1, timeline.values),
        "heard_s": round(heard_s, 3),
    }


def _write(frames: Iterable[bytes]) -> None:
    for content in frames:
        left = memoryview(content)
        while left:
            left = left[os.write(_OUTPUT_FD, left) :]


def _send(channel: int, samples: Samples) -> None:
    _write(sample_frames(channel, samples))


def _tell(message: dict[str, Any]) -> None:
    _write([message_frame(message)])


def _tell_error(what: str, do: str) -> None:
    _tell({"error": {"what": what, "do": do}})


def _import_all() -> None:
    """Load all that decoding needs: once confined, no file can be opened any more, and PyAV imports at first use."""
    import av.audio.codeccontext
    import av.audio.stream
    import av.subtitles.codeccontext
    import av.subtitles.stream
    import av.video.codeccontext
    import av.video.stream
    import soxr  # type: ignore[import-untyped]

    av.logging.set_level(av.logging.PANIC)
    soxr.ResampleStream(8000, 16_000, 1, dtype="float32").resample_chunk(np.zeros(8, np.float32), last=True)


def main() -> None:
    settings = _Settings(**json.loads(sys.argv[1]))
    _import_all()
    file = io.FileIO(_INPUT_FD, "rb", closefd=False)
    file.name = settings.name
    confine(ProcessLimits(settings.memory_bytes, settings.cpu_s, settings.parent), writable_fd=_OUTPUT_FD)
    try:
        _tell({"done": decode_file(file, settings.max_duration_s)})
    except RefusedError as refused:
        _tell_error(refused.what, refused.do)
    except MemoryError:
        _tell_error("decoding it takes too much memory", "convert it to WAV")
    except OSError as error:
        _tell_error(f"cannot be read or decoded ({error.strerror or 'unknown error'})", "check the file")
    # Without tidying up: what a file has damaged is left alone, and the system takes everything back anyway.
    os._exit(0)


if __name__ == "__main__":
    main()
