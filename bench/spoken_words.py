"""Speak a dialogue with the generator of the samples and know when each word begins and ends.

espeak-ng tells at which sound of its output each word of the text begins, and MBROLA makes the sounds exactly as long
as it is told, so the times are those of the synthesis and no measurement. Turns keep the gaps of the text; each party
has a tempo of its own. Recordings are kept under a key of all that makes them.
"""

from __future__ import annotations

import ctypes
import dataclasses
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray

from belscore.call import Call, Turn, Word
from speak import GENERATOR, _module, _voices

# Factors on the durations of a party's sounds, drawn by its name.
TEMPOS = (0.8, 0.9, 1.0, 1.1, 1.25)
# A longer gap of the text is cut to this: waiting says nothing about words.
GAP_MAX_S = 4.0
# espeak-ng's times of its sounds, taken from its samples, against the lengths it tells MBROLA.
_OFF_MS = 25.0
_SILENCE = "_"
_LIBRARY = "libespeak-ng.so.1"
_RETRIEVAL, _PHONEME_EVENTS = 1, 0x0001
_RATE, _PITCH = 1, 3
_BY_CHARACTER, _UTF8 = 1, 1
_PHONEME = 7


@dataclass(frozen=True, slots=True)
class Line:
    """The telephone line of a recording; levels against the speech, in dB."""

    snr_db: float
    leak_db: float | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording, and the words of each leg (agent, caller) in order of time."""

    path: Path
    words: tuple[tuple[SpokenWord, ...], ...]


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as it was spoken; the pauses before and behind it within its turn, None at an edge of the turn."""

    word: Word
    pause_before_s: float | None
    pause_behind_s: float | None


class _Event(ctypes.Structure):
    """`espeak_EVENT` of espeak-ng's speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("phoneme", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


def speak_words(name: str, call: Call, line: Line, folder: Path) -> Spoken:
    """The recording of a dialogue (stereo, agent left) in a folder, spoken when it is not there yet.

    name : chooses the voices, their tempo and the noise
    """
    path = folder / f"{name}-{_key(name, call, line)}.wav"
    kept = path.with_suffix(".words.json")
    if not (path.exists() and kept.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        _write(name, call, line, path, kept)
    rows = json.loads(kept.read_text(encoding="utf-8"))
    return Spoken(path, tuple(tuple(SpokenWord(Word(*word), *pauses) for word, pauses in leg) for leg in rows))


def _write(name: str, call: Call, line: Line, path: Path, kept: Path) -> None:
    timeline, words = _laid_out(name, call)
    legs = _module("timeline").mix(timeline, _voices(name, call))
    through = _module("script").Line(seed=crc32(name.encode()), snr_db=line.snr_db, leak_db=line.leak_db)
    heard = _module("phone_line").through_line(legs, timeline, through)
    partial = path.with_suffix(f".{os.getpid()}.wav")
    _module("encode").write_audio(partial, np.stack([heard["agent"], heard["caller"]]), "alaw")
    rows = [
        [[dataclasses.astuple(each.word), (each.pause_before_s, each.pause_behind_s)] for each in words[leg]]
        for leg in ("agent", "caller")
    ]
    kept.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    partial.replace(path)


def _laid_out(name: str, call: Call) -> tuple[Any, dict[str, list[SpokenWord]]]:
    """The turns on a time axis, and the words of each leg."""
    rate_hz, timeline = _module("speech").RATE_HZ, _module("timeline").Timeline()
    voices, words = _voices(name, call), dict[str, list[SpokenWord]](agent=[], caller=[])
    written, at_s, length_s = call.turns[0], call.turns[0].start_s, 0.0
    for turn in call.turns:
        if turn.start_s >= written.end_s:
            start_s = at_s + length_s + min(GAP_MAX_S, turn.start_s - written.end_s)
        else:  # inside an earlier turn, at the same share of it
            start_s = at_s + length_s * (turn.start_s - written.start_s) / written.span.duration_s
        tempo = TEMPOS[crc32(f"tempo {turn.role} {name}".encode()) % len(TEMPOS)]
        sound, said = say(turn, replace(voices[turn.role], tempo=tempo))
        timeline.clips.append((turn.role, round(start_s * rate_hz), sound))
        words[_module("script").leg_of(turn.role)] += [_moved(each, start_s) for each in said]
        if start_s + len(sound) / rate_hz >= at_s + length_s:
            written, at_s, length_s = turn, start_s, len(sound) / rate_hz
    timeline.end_s = at_s + length_s
    return timeline, {leg: sorted(said, key=lambda each: each.word.start_s) for leg, said in words.items()}


def _moved(spoken: SpokenWord, by_s: float) -> SpokenWord:
    word = spoken.word
    moved = replace(word, start_s=round(word.start_s + by_s, 4), end_s=round(word.end_s + by_s, 4))
    return replace(spoken, word=moved)


def say(turn: Turn, voice: Any) -> tuple[NDArray[np.float32], list[SpokenWord]]:
    """The sound of a turn at the generator's rate, loudest sample 1, and its words on its own time axis."""
    speech, prosody = _module("speech"), _module("prosody")
    tokens = turn.text.split()
    said_as = speech._SAID_AS_BY[voice.database]
    said = [re.sub(r"\w+", lambda match: said_as.get(match[0].lower(), match[0]), token) for token in tokens]
    phones = prosody.parse_phones(speech._to_phones(" ".join(said), voice))
    phones = prosody.polish(_marked(phones, _starts_ms(said, voice)), tempo=voice.tempo)
    folder = speech._DATABASES / voice.database / voice.database
    command = ["mbrola", "-e", "-l", str(voice.timbre_hz), str(folder), "-", "-.raw"]
    raw = subprocess.run(command, input=prosody.format_phones(phones).encode(), capture_output=True, check=True).stdout
    sound = np.frombuffer(raw, dtype="<i2").astype(np.float32)
    sound = soxr.resample(sound, voice.timbre_hz, speech.RATE_HZ)
    while phones[-1].symbol == _SILENCE:
        phones.pop()
    sound = sound[: round(sum(round(phone.duration_ms) for phone in phones) / 1000 * speech.RATE_HZ)]
    return sound / np.abs(sound).max(), _words(tokens, phones)


def _words(tokens: Sequence[str], phones: Sequence[Any]) -> list[SpokenWord]:
    """Each token from its first sound to its last; what espeak-ng runs together with the next one is left out."""
    at_ms, spans = 0.0, dict[int, tuple[float, float]]()
    number = -1
    for phone in phones:
        number = number if phone.token is None else phone.token
        end_ms = at_ms + round(phone.duration_ms)
        if phone.symbol != _SILENCE:
            spans[number] = (spans.get(number, (at_ms, 0.0))[0], end_ms)
        at_ms = end_ms
    order = sorted(spans)
    spoken = []
    for place, number in enumerate(order):
        start_ms, end_ms = spans[number]
        before_ms = start_ms - spans[order[place - 1]][1] if place else None
        behind_ms = spans[order[place + 1]][0] - end_ms if place + 1 < len(order) else None
        if number + 1 in spans or number + 1 == len(tokens):
            word = Word(tokens[number], start_ms / 1000, end_ms / 1000)
            pauses = (None if ms is None else ms / 1000 for ms in (before_ms, behind_ms))
            spoken.append(SpokenWord(word, *pauses))
    return spoken


def _marked(phones: Sequence[Any], starts_ms: dict[int, float]) -> list[Any]:
    """Phones of which the first sound of each token carries its number; silences of the front end stay as they are."""
    kind = _marked_phone()
    ends_ms = np.cumsum([phone.duration_ms for phone in phones])
    begins_ms = ends_ms - [phone.duration_ms for phone in phones]
    off_ms, tokens = 0.0, dict[int, int]()
    for token, start_ms in starts_ms.items():
        nearest = int(np.abs(begins_ms - (start_ms - off_ms)).argmin())
        if abs(begins_ms[nearest] - (start_ms - off_ms)) > _OFF_MS:
            raise ValueError(f"no sound begins where word {token} does ({start_ms - off_ms:.0f} ms)")
        off_ms = start_ms - begins_ms[nearest]
        while phones[nearest].symbol == _SILENCE and nearest + 1 < len(phones):
            nearest += 1
        tokens[nearest] = token
    return [kind(phone.symbol, phone.duration_ms, phone.pitch, tokens.get(at)) for at, phone in enumerate(phones)]


@cache
def _marked_phone() -> Any:
    """`prosody.Phone` with the number of the token that begins with it, which `prosody.polish` carries along."""
    base = _module("prosody").Phone
    kind = dataclasses.make_dataclass("MarkedPhone", [("token", int | None, None)], bases=(base,), frozen=True)
    # Silences that the generator makes anew carry no number.
    base.token = None
    return kind


def _starts_ms(tokens: Sequence[str], voice: Any) -> dict[int, float]:
    """For each token the time of its first sound in espeak-ng's output; none for a token without sounds of its own."""
    ends = np.cumsum([len(token) + 1 for token in tokens])
    starts: dict[int, float] = {}
    for position, at_ms in _phonemes(" ".join(tokens), voice.database, voice.speed_wpm, voice.pitch):
        # Positions count from 1; the space before a clause stands for what belongs to no word.
        token = int(np.searchsorted(ends, position))
        inside = token < len(tokens) and position > (ends[token - 1] if token else 0)
        if inside and position != ends[token] and token not in starts and token > max(starts, default=-1):
            starts[token] = at_ms
    return starts


def _phonemes(text: str, database: str, speed_wpm: int, pitch: int) -> list[tuple[int, float]]:
    """Place in the text of every phoneme event of espeak-ng, and its time in ms after the first one."""
    library, found = _espeak(), list[tuple[int, float]]()

    def collect(_sound: Any, _count: int, events: Any) -> int:
        index = 0
        while events[index].type:
            event = events[index]
            if event.type == _PHONEME:
                found.append((event.text_position, event.audio_position))
            index += 1
        return 0

    callback = _Callback(collect)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(f"mb-{database}".encode())
    library.espeak_SetParameter(_RATE, speed_wpm, 0)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    data = text.encode() + b"\0"
    with _no_messages():
        library.espeak_Synth(data, len(data), 0, _BY_CHARACTER, 0, _UTF8, None, None)
        library.espeak_Synchronize()
    return [(position, at_ms - found[0][1]) for position, at_ms in found]


@contextmanager
def _no_messages() -> Iterator[None]:
    """MBROLA, which espeak-ng starts, complains of pairs of sounds that `prosody.polish` sets right afterwards."""
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@cache
def _espeak() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    library.espeak_Initialize(2, 0, None, _PHONEME_EVENTS)
    return library


def _key(name: str, call: Call, line: Line) -> str:
    digest = hashlib.sha256(f"{name} {call.turns} {line} {sorted(_voices(name, call).items())}".encode())
    for path in (Path(__file__), *sorted(GENERATOR.glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
