"""From a sound file to a `Call`: the stages left of the waist, in order."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from belscore import __version__
from belscore.call import AgentChannel, Call, Direction, EndedBy, Engine, Role, Span, Turn, Word
from belscore.errors import AudioError
from belscore.models import ModelFiles, find_encoder, find_model
from belscore.progress import Progress, silent
from belscore.roles import decide_roles
from belscore.turns import make_turns

if TYPE_CHECKING:
    from belscore.audio import Recording, Samples
    from belscore.vad import Detection
    from belscore.waiting import Transcribe
    from belscore.word_cache import WordCache, Words

# Under this confidence of the roles, or this mean probability of the words, the reader is warned.
_ROLES_NOTE = 0.5
_PROBABILITY_NOTE = 0.55
# Who takes part in a call says more than one "ja" in all.
MIN_PARTY_S = 1.0


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known about a call outside its sound; None where it is not known.

    direction : None leaves it to the words
    hotwords  : names and places to expect in the recording, never phrases that rules look for
    """

    direction: Direction | None = None
    started_at: datetime | None = None
    ring_s: float | None = None
    ended_by: EndedBy | None = None
    practice: str | None = None
    agent: str | None = None
    department: str | None = None
    hotwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Parties:
    """Who said what: turns, speech spans and channel per role, and how sure the roles are."""

    turns: tuple[Turn, ...]
    speech: Mapping[Role, tuple[Span, ...]] | None
    channel: Mapping[Role, int]
    confidence: float
    direction: Direction


def transcribe_file(
    path: str | Path,
    *,
    model: str | None = None,
    agent_channel: AgentChannel = "auto",
    facts: CallFacts = CallFacts(),
    threads: int = 0,
    cache: WordCache | bool = True,
    progress: Progress = silent,
) -> Call:
    """Listen to a recorded call.

    model         : name or folder of the speech model; None takes the best one present
    agent_channel : left, right, or auto to find out by what is said
    facts         : what is known about the call outside its sound
    threads       : processor threads of the recogniser; 0 takes the cores of the machine
    cache         : where words are kept between runs; True is the user's own (`word_cache.user_cache`), False none

    Raises AudioError for a file that cannot be decoded or in which nobody says a word, ModelError without a model.
    """
    from belscore.audio import decode
    from belscore.vad import detect
    from belscore.waiting import listen, waiting_notes

    files = find_model(model)
    recording = decode(Path(path), progress=progress)
    progress("speech", 0.0, recording.duration_s)
    found = detect(recording)
    progress("speech", recording.duration_s, recording.duration_s)
    if not any(found.speech):
        raise AudioError("no speech found", where=str(path), do="check that this is the recording of a call")
    if agent_channel == "auto":
        recording, found = without_idle_channel(recording, found)
    transcribe = _transcription(files, facts.hotwords, threads or os.cpu_count() or 1, cache, progress)
    heard = listen(recording, found, transcribe, agent_channel=agent_channel, direction=facts.direction)
    words, found = heard.words, heard.found
    if not any(words):
        raise AudioError("no words in it", where=str(path), do="check that this is the recording of a call in Dutch")
    progress("roles", 0, 1)
    parties = _parties(recording, words, found, agent_channel, facts.direction)
    progress("roles", 1, 1)
    call = _call(str(path), recording, parties, found, files, facts)
    notes = (*call.quality.notes, *waiting_notes(heard.dropped_s))
    return replace(call, quality=replace(call.quality, notes=notes))


def without_idle_channel(recording: Recording, found: Detection) -> tuple[Recording, Detection]:
    """The recording as one channel where nobody talks on the other: the one that does then holds both parties' voices.

    A recorder of one line that writes two channels makes such files. Where it is one party after all, little is judged.
    """
    spoken_s = [sum(span.duration_s for span in spans) for spans in found.speech]
    if recording.is_mixed or min(spoken_s) >= MIN_PARTY_S:
        return recording, found
    kept = spoken_s.index(max(spoken_s))
    one = replace(recording, channels=(recording.channels[kept],))
    return one, replace(found, speech=(found.speech[kept],), signals=(found.signals[kept],))


def _transcription(
    files: ModelFiles, hotwords: Sequence[str], threads: int, cache: WordCache | bool, progress: Progress
) -> Transcribe:
    """Sound and speech spans to words, as `waiting.listen` asks for them. The model is loaded for words not kept."""
    from belscore.transcribe import load_model, recognise
    from belscore.word_cache import user_cache
    from belscore.word_key import words_key

    kept = user_cache() if cache is True else cache

    def transcribe(channels: Sequence[Samples], spans: Sequence[Sequence[Span]]) -> Words:
        def anew() -> Words:
            recogniser = load_model(files, threads=threads)
            return recognise(channels, spans, recogniser, hotwords=hotwords, progress=progress)

        if not kept:
            return anew()
        return kept.remembered(words_key(channels, spans, files, hotwords=hotwords), anew)

    return transcribe


def _parties(
    recording: Recording,
    words: Sequence[Sequence[Word]],
    found: Detection,
    agent_channel: AgentChannel,
    direction: Direction | None,
) -> _Parties:
    from belscore.speaker_encoder import load_encoder

    folder = find_encoder()
    encoder = None if folder is None else load_encoder(folder)
    if recording.is_mixed:
        from belscore.mono import split_voices

        turns, confidence = split_voices(words[0], recording.channels[0], speech=found.speech[0], encoder=encoder)
        return _Parties(turns, None, {"agent": 0, "caller": 0}, confidence, direction or "inbound")
    roles = decide_roles(words, agent_channel=agent_channel, direction=direction)
    channel: dict[Role, int] = {"agent": roles.agent, "caller": 1 - roles.agent}
    speech = {role: found.speech[index] for role, index in channel.items()}
    turns = make_turns({role: words[index] for role, index in channel.items()}, speech=speech)
    if encoder is not None:
        from belscore.third_voice import name_third_voices, speech_by_role

        turns = name_third_voices(turns, recording.channels[roles.agent], encoder)
        speech |= speech_by_role(found.speech[roles.agent], turns)
    return _Parties(turns, speech, channel, roles.confidence, roles.direction)


def _call(
    source: str,
    recording: Recording,
    parties: _Parties,
    found: Detection,
    files: ModelFiles,
    facts: CallFacts,
) -> Call:
    from belscore.level import quality
    from belscore.waveform import measure_sound

    names = sorted(parties.channel, key=lambda role: parties.channel[role]) if parties.speech else ["mixed"]
    sound = quality(recording, dict(zip(names, found.speech, strict=True)), found.signals)
    return Call(
        source=source,
        duration_s=recording.duration_s,
        turns=parties.turns,
        direction=parties.direction,
        started_at=facts.started_at,
        ring_s=facts.ring_s,
        ended_by=facts.ended_by,
        channels="mixed" if recording.is_mixed else "separate",
        role_confidence=parties.confidence,
        speech=parties.speech,
        holds=found.holds,
        rings=found.rings,
        practice=facts.practice,
        agent=facts.agent,
        department=facts.department,
        quality=replace(sound, notes=(*sound.notes, *_notes(recording, parties))),
        sound=measure_sound(recording.channels, found.speech, names, on_hold=found.holds),
        engine=engine_of(files),
    )


def engine_of(files: ModelFiles) -> Engine:
    """Which programs and which weights made the transcript."""
    from importlib.metadata import version

    return Engine(__version__, files.name, files.sha256, version("faster-whisper"))


def _notes(recording: Recording, parties: _Parties) -> tuple[str, ...]:
    """What the reader should know about the words, in Dutch; `level.quality` does the same for the sound."""
    notes: list[str] = []
    if recording.is_mixed:
        notes.append("beide partijen staan op één kanaal: wie wat zei is een schatting")
        if find_encoder() is None:
            notes.append("het model dat stemmen uit elkaar houdt ontbreekt: haal het op met belscore models fetch")
    elif parties.confidence < _ROLES_NOTE:
        notes.append("niet zeker welk kanaal de medewerker is: geef het op met --agent-channel")
    return (*notes, *words_notes([word for turn in parties.turns for word in turn.words]))


def words_notes(words: Sequence[Word]) -> tuple[str, ...]:
    """What the reader should know about words that were recognised, here or by another tool, in Dutch."""
    poor = sum(word.probability for word in words) / len(words) < _PROBABILITY_NOTE
    return ("slecht te verstaan: veel woorden zijn onzeker",) if poor else ()
