"""Find calls on disk and read them: recordings, `.call` notation, call JSON and transcripts of other tools."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from belscore.errors import AudioError, BelscoreError, NotationError
from belscore.foreign.cues import looks_like_cues
from belscore.foreign.files import CUE_SUFFIXES, best_of_each, call_name, decoded, is_transcript_json
from belscore.notation import parse_call
from belscore.progress import Progress, silent

if TYPE_CHECKING:
    from belscore.call import AgentChannel, Call
    from belscore.listening import CallFacts
    from belscore.word_cache import WordCache

Kind = Literal["audio", "notation", "json", "transcript"]

# What telephone exchanges and recorders write; whether the contents can be decoded is up to the decoder.
AUDIO_SUFFIXES = frozenset({
    ".wav", ".wave", ".mp3", ".m4a", ".mp4", ".aac", ".ogg", ".oga", ".opus", ".flac", ".webm", ".mka", ".amr",
    ".awb", ".3gp", ".3g2", ".wma", ".asf", ".aif", ".aiff", ".au", ".snd", ".gsm", ".g722", ".spx", ".caf", ".w64",
    ".mkv", ".mov", ".m4v", ".avi", ".wmv",
})  # fmt: skip
NOTATION_SUFFIX = ".call"
JSON_SUFFIX = ".json"
# What is known of the call beside it, see `sidecars`; no call.
SIDECAR_SUFFIX = ".meta.json"

_CALL_SCHEMA = re.compile(r'"schema"\s*:\s*"belscore\.call/')
_SNIFF_BYTES = 4096
_NOTATION_LINE = re.compile(r"\s*(#|@[a-z_]+\s|\d+(\.\d+)?-\d+(\.\d+)?\s)")


@dataclass(frozen=True, slots=True)
class CallFile:
    """A file that holds a call; `kind` says how to read it, a `transcript` being one that another tool made."""

    path: Path
    kind: Kind

    @classmethod
    def of(cls, path: str | Path) -> CallFile:
        """The file at a path, its kind told by its suffix, or by its first lines where that says nothing.

        Raises BelscoreError when there is no such file.
        """
        path = Path(path)
        if not path.exists():
            raise BelscoreError("no such file or folder", where=str(path), do="check the path")
        return cls(path, _kind_of(path))


def find_calls(
    paths: Sequence[str | Path], *, on_error: Callable[[BelscoreError], None] | None = None
) -> list[CallFile]:
    """The calls that files and folders hold, in the order given, each once.

    Folders are searched through, in sorted order, hidden files and folders left out. Where a recording and a transcript
    of the same name lie side by side in a folder, the recording is the call; of transcripts of other tools only the one
    that tells most is, and none beside a `.call` file or call JSON. A file that is named is always taken, whatever its
    suffix.

    on_error : called with the error of a path, which is then left out; None raises it

    Raises BelscoreError for a path that does not exist and a folder without any call.
    """
    found: dict[str, CallFile] = {}
    for given in paths:
        path = Path(given)
        try:
            for file in _calls_in_folder(path) if path.is_dir() else [CallFile.of(path)]:
                # `Path.resolve` gives up on links in a ring before Python 3.13.
                found.setdefault(os.path.realpath(file.path), file)
        except BelscoreError as error:
            if on_error is None:
                raise
            on_error(error)
    return list(found.values())


def _calls_in_folder(folder: Path) -> list[CallFile]:
    calls = list(calls_in(folder))
    if not calls:
        raise no_calls(folder)
    return calls


def no_calls(folder: Path) -> BelscoreError:
    """What to say of a folder in which `calls_in` finds nothing."""
    do = "put recordings or transcripts (.call, .json, .vtt, .srt) in it"
    return BelscoreError("the folder holds no calls", where=str(folder), do=do)


def calls_in(folder: Path, *, on_error: Callable[[BelscoreError], None] | None = None) -> Iterator[CallFile]:
    """The calls of one folder as `find_calls` finds them, a folder below it at a time; may be none."""
    for paths in _visible_files(folder, on_error):
        yield from _calls_among(paths)


def _visible_files(folder: Path, on_error: Callable[[BelscoreError], None] | None) -> Iterator[list[Path]]:
    """The files of a folder and of those below it, a list per folder."""

    def refuse(error: OSError) -> None:
        what = error.strerror or "cannot be read"
        told = BelscoreError(what, where=str(error.filename), do="check the permissions")
        if on_error is None:
            raise told
        on_error(told)

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield [Path(place, name) for name in sorted(names) if not name.startswith(".")]


def _calls_among(paths: Sequence[Path]) -> Iterator[CallFile]:
    recorded = {path.stem for path in paths if path.suffix.lower() in AUDIO_SUFFIXES}
    kinds = {path: kind for path in paths if (kind := _kind_among(path, recorded)) is not None}
    known = recorded | {path.stem for path, kind in kinds.items() if kind != "transcript"}
    foreign = [
        path for path, kind in kinds.items() if kind == "transcript" and call_name(path, AUDIO_SUFFIXES) not in known
    ]
    best = best_of_each(foreign, AUDIO_SUFFIXES)
    for path, kind in kinds.items():
        if kind != "transcript" or path in best:
            yield CallFile(path, kind)


def _kind_among(path: Path, recorded: Collection[str]) -> Kind | None:
    """How to read a file of a folder; None when it holds no call, or lies beside the recording of it."""
    suffix = path.suffix.lower()
    if suffix in AUDIO_SUFFIXES:
        return "audio"
    if path.stem in recorded or call_name(path, AUDIO_SUFFIXES) in recorded:
        return None
    if suffix == NOTATION_SUFFIX:
        return "notation"
    if suffix in CUE_SUFFIXES:
        return "transcript"
    if suffix != JSON_SUFFIX or path.name.lower().endswith(SIDECAR_SUFFIX):
        return None
    return _kind_of_json(path)


def _kind_of_json(path: Path) -> Kind | None:
    try:
        text = decoded(path.read_bytes())
    except OSError:
        return None
    if _CALL_SCHEMA.search(text) is not None:
        return "json"
    return "transcript" if is_transcript_json(text) else None


def _kind_of(path: Path) -> Kind:
    suffix = path.suffix.lower()
    if suffix in AUDIO_SUFFIXES:
        return "audio"
    if suffix == NOTATION_SUFFIX:
        return "notation"
    if suffix == JSON_SUFFIX:
        return "json"
    if suffix in CUE_SUFFIXES:
        return "transcript"
    head = decoded(_read_bytes(path, _SNIFF_BYTES)).lstrip()
    if head.startswith(("{", "[")):
        return "json"
    if looks_like_cues(head):
        return "transcript"
    lines = head.splitlines()
    return "notation" if lines and _NOTATION_LINE.match(lines[0]) else "audio"


def _read_bytes(path: Path, limit: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise BelscoreError(error.strerror or "cannot be read", where=str(path), do="check the path") from None


def read_text(path: Path) -> str:
    """The text of a file in UTF-8 (with or without a byte order mark) or in UTF-16 with one.

    Raises NotationError naming the line of the first byte that is no UTF-8.
    """
    raw = _read_bytes(path)
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise NotationError(
            f"byte 0x{raw[error.start]:02x} is not {encoding.removesuffix('-sig').upper()}",
            where=f"{path}:{line}",
            do="save the file as UTF-8",
        ) from None


def read_call(
    file: CallFile | str | Path,
    *,
    model: str | None = None,
    agent_channel: AgentChannel = "auto",
    facts: CallFacts | None = None,
    threads: int = 0,
    cache: WordCache | bool = True,
    progress: Progress = silent,
) -> Call:
    """Read one call; a recording is transcribed first.

    file          : a path, or what `find_calls` made of it
    model         : name or folder of the speech model; None takes the best one present
    agent_channel : left, right or auto; of recordings, and of transcripts with speakers named after their channels
    facts         : what helps to hear a recording: its direction, names to expect
    threads       : processor threads of the recogniser; 0 takes the cores of the machine
    cache         : where the words of recordings are kept between runs; True is the user's own, False none

    A transcript gets its path as `source`; call JSON keeps the source it names.
    Raises BelscoreError naming the file.
    """
    if not isinstance(file, CallFile):
        file = CallFile.of(file)
    source = str(file.path)
    if file.kind == "notation":
        return parse_call(read_text(file.path), source=source)
    if file.kind in ("json", "transcript"):
        return _read_json_or_cues(file.path, agent_channel)
    if not file.path.is_file():
        raise AudioError("not a file", where=source, do="name a recording, a transcript or a folder")
    from belscore.listening import CallFacts, transcribe_file

    return transcribe_file(
        file.path,
        model=model,
        agent_channel=agent_channel,
        facts=facts or CallFacts(),
        threads=threads,
        cache=cache,
        progress=progress,
    )


def _read_json_or_cues(path: Path, agent_channel: AgentChannel) -> Call:
    """Call JSON, or what another tool made: the content decides, whatever the suffix."""
    text = decoded(_read_bytes(path))
    if _CALL_SCHEMA.search(text) is not None:
        from belscore.call_json import parse_call_json

        return parse_call_json(read_text(path), source=str(path))
    from belscore.foreign.reading import read_transcript

    return read_transcript(text, source=str(path), agent_channel=agent_channel)


def find_recording(file: CallFile, call: Call) -> Path | None:
    """The recording a call came from, or None when it is not on this disk.

    Looks at the file itself, then at the source that call JSON names (from its own folder too), then for a
    recording of the same name beside the transcript.
    """
    if file.kind == "audio":
        return file.path
    named = Path(call.source)
    name = call_name(file.path, AUDIO_SUFFIXES) if file.kind == "transcript" else file.path.stem
    beside = sorted(path for path in _beginning_with(name, file.path.parent) if path.stem == name)
    candidates = [named, file.path.parent / named, file.path.parent / named.name, *beside]
    recordings = (path for path in candidates if path.suffix.lower() in AUDIO_SUFFIXES and path.is_file())
    return next(recordings, None)


def _beginning_with(name: str, folder: Path) -> list[Path]:
    """What begins with a name in a folder; the folder may hold thousands."""
    try:
        return [Path(entry) for entry in os.scandir(folder) if entry.name.startswith(name)]
    except OSError:
        return []
