"""From the text of a transcript to a `Call`: the steps, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from belscore.call import LATEST_S, AgentChannel, Call, Quality, Role, Sound, Times, Turn, Word
from belscore.errors import NotationError
from belscore.foreign.cues import looks_like_cues, read_cues
from belscore.foreign.names import is_own_name, role_of, with_speakers
from belscore.foreign.segments import Segment, Transcript
from belscore.foreign.speakers import Parties, decide_parties
from belscore.foreign.words import Said, read_words
from belscore.listening import words_notes
from belscore.mono import split_voices
from belscore.roles import MIN_ROLE_CONFIDENCE
from belscore.turns import make_turns

# A transcript tells when text is shown, not when somebody makes sound. An empty measurement of one channel says so to
# `tempo`, which then takes no rate from it; "mixed" says it of who talks over whom.
_NO_SOUND: Mapping[str, Sound] = {"mixed": Sound()}
_DUTCH = frozenset({"", "nl", "nld", "dut", "dutch", "nederlands", "nl-nl", "nl-be"})
# Where fewer of the segments and sentences begin behind a gap, the tool let each segment last until the next and tells
# of no pauses. By words alone 60 % of what is said then goes to the right party, else 82 % (bench/foreign.py).
GAP_S = 0.1
GAPS_MIN = 0.2
# Tools that align each word leave out numbers and what they do not know the sound of (WhisperX): hardly one in five.
WORDS_TIMED_MIN = 0.8


def is_transcript(text: str) -> bool:
    """Whether a text is of a kind that `read_transcript` reads, as far as its shape shows."""
    if looks_like_cues(text):
        return True
    from belscore.foreign.whisper_json import load_json, looks_like_transcript

    try:
        return looks_like_transcript(load_json(text, source=""))
    except NotationError:
        return False


def read_transcript(text: str, *, source: str = "<text>", agent_channel: AgentChannel = "auto") -> Call:
    """Read a transcript that another tool made: JSON of the Whisper family, WebVTT or SRT, told by its content.

    source        : name for display and error messages
    agent_channel : left or right says who is the agent where the speakers are named after their channels

    Without speakers who said what is an estimate, as on one channel: `role_confidence` is then at most one half.
    Raises NotationError naming source and line or field.
    """
    transcript = _parsed(text, source)
    said = read_words(with_speakers(transcript.segments))
    if not said:
        raise NotationError("no words in it", where=source, do="check that this is the transcript of a call in Dutch")
    turns, parties = _told_apart(said, agent_channel, source)
    end_s = max(turn.end_s for turn in turns)
    return Call(
        source=source,
        duration_s=max(min(LATEST_S, transcript.duration_s or 0.0), end_s),
        turns=turns,
        direction=parties.direction,
        channels="mixed",
        role_confidence=parties.confidence,
        agent=_own_name(parties),
        quality=Quality(notes=_notes(transcript, said, parties)),
        sound=_NO_SOUND,
        times=_times(transcript),
    )


def _times(transcript: Transcript) -> Times:
    """Whether the words have times of their own, or stand somewhere in the time that their segment is shown."""
    words = [word for segment in transcript.segments for word in segment.words]
    timed = sum(word.start_s is not None for word in words)
    return "words" if timed >= WORDS_TIMED_MIN * len(words) else "text"


def _parsed(text: str, source: str) -> Transcript:
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith(("{", "[")):
        from belscore.foreign.whisper_json import load_json, read_json

        return read_json(load_json(text, source=source), source=source)
    return read_cues(text, source=source)


def _told_apart(said: Sequence[Said], agent_channel: AgentChannel, source: str) -> tuple[tuple[Turn, ...], Parties]:
    """The turns of everybody. Where no more than one voice is named and nothing says whose, the words alone tell."""
    spoken: dict[str, list[Word]] = {}
    for each in said:
        spoken.setdefault(each.speaker or "", []).append(each.word)
    if len(spoken) == 1 and role_of(said[0].speaker or "") is None:
        if not _tells_pauses(said):
            what = "neither speakers nor pauses: who said what cannot be told"
            raise NotationError(what, where=source, do="write it with speakers, or score the recording")
        turns, confidence = split_voices(sorted((each.word for each in said), key=lambda word: word.start_s))
        return turns, Parties({}, confidence, "inbound")
    parties = decide_parties(spoken, agent_channel=agent_channel)
    words: dict[Role, list[Word]] = {}
    for name, own in spoken.items():
        words.setdefault(parties.roles[name], []).extend(own)
    return make_turns({role: sorted(own, key=lambda word: word.start_s) for role, own in words.items()}), parties


def _tells_pauses(said: Sequence[Said]) -> bool:
    """Whether pauses show between segments and sentences; many tools let each segment last until the next."""
    places = [
        (before.word, each.word)
        for before, each in pairwise(said)
        if each.opens or before.word.text.endswith((".", "?", "!"))
    ]
    gaps = sum(after.start_s - before.end_s >= GAP_S for before, after in places)
    return gaps > 0 and gaps >= GAPS_MIN * len(places)


def _own_name(parties: Parties) -> str | None:
    """The agent's own name, where the transcript gives it and it is certain that the agent is meant."""
    agent = next((name for name, role in parties.roles.items() if role == "agent"), "")
    return agent if is_own_name(agent) and parties.confidence >= MIN_ROLE_CONFIDENCE else None


def _tells_certainty(segment: Segment) -> bool:
    return segment.probability is not None or any(word.probability is not None for word in segment.words)


def _notes(transcript: Transcript, said: Sequence[Said], parties: Parties) -> tuple[str, ...]:
    """What the reader should know of the transcript, in Dutch."""
    notes = ["een uitschrift meet geen geluid: over tempo en door elkaar praten is hier niet te oordelen"]
    if not parties.roles:
        notes.append("het uitschrift noemt geen sprekers: wie wat zei is een schatting")
    elif parties.contradicted:
        notes.append("de namen van de sprekers en hun woorden spreken elkaar tegen: zijn ze verwisseld?")
    elif parties.confidence < MIN_ROLE_CONFIDENCE:
        notes.append("niet zeker welke spreker de medewerker is: noem de sprekers Medewerker en Beller")
    if not any(_tells_certainty(segment) for segment in transcript.segments):
        notes.append("het uitschrift zegt niet hoe zeker de woorden zijn: er is voorzichtiger over geoordeeld")
    if transcript.language.lower() not in _DUTCH:
        notes.append(f"het uitschrift is volgens het bestand geen Nederlands maar {transcript.language}")
    return (*notes, *words_notes([each.word for each in said]))
