"""Where results go: to stdout, into one file, or into a folder with a file for each call."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import click

from belscore.errors import BelscoreError
from belscore.report.files import whole_file, write_whole
from belscore.scorecard import Scorecard
from belscore.scoring import Scored

# Format -> the end of the name of a call's file in a folder. Scorecards of a folder of call JSON may lie beside it.
SUFFIXES = {"table": ".txt", "json": ".scorecard.json", "jsonl": ".scorecard.jsonl", "csv": ".csv", "html": ".html"}
_FORMAT_OF = {".txt": "table", ".json": "json", ".jsonl": "jsonl", ".csv": "csv", ".html": "html", ".htm": "html"}
_DEFAULT_WIDTH = 100
_INDEX = "index"


class Sink(ABC):
    """Takes results as they are done; left by an error as a context, it takes back what is not whole."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    @abstractmethod
    def add(self, place: int, scored: Scored) -> None:
        """Take a result; `place` is that of its file among the inputs."""

    @abstractmethod
    def close(self) -> Iterable[Path]:
        """Finish; returns the files that were written."""


def is_folder(out: Path) -> bool:
    """Whether --out names a folder: one that is there, or a name without a suffix that says a format."""
    return out.is_dir() or (not out.exists() and out.suffix.lower() not in _FORMAT_OF)


def choose_format(name: str | None, out: Path | None) -> str:
    """The format asked for, else the one the file's suffix says, else a table."""
    if name is not None:
        return name
    return _FORMAT_OF.get(out.suffix.lower(), "table") if out is not None and not is_folder(out) else "table"


def refuse_overwriting(target: Path, inputs: Sequence[Path]) -> None:
    """Raise BelscoreError when a result would take the place of a call that is read."""
    if target.exists() and any(target.resolve() == path.resolve() for path in inputs):
        raise BelscoreError("the result would overwrite the call", where=str(target), do="choose another --out")


def render_card(format_name: str, scored: Scored, page: Path | None) -> str:
    """One call as text in any format; `page` is where it will lie, None for stdout."""
    notes = scored.call.quality.notes
    if format_name == "table":
        from belscore.report.table import format_card

        width, colour = _look(page)
        return format_card(scored.card, notes=notes, width=width, colour=colour)
    if format_name == "html":
        from belscore.report.html import format_page, recording_href

        return format_page(scored.call, scored.card, recording=recording_href(scored.recording, page))
    if format_name == "json":
        from belscore.report.jsonl import format_json

        return format_json(scored.card)
    return render_cards(format_name, [scored.card], page)


def render_cards(format_name: str, cards: Sequence[Scorecard], page: Path | None) -> str:
    """Calls as one text: rows, lines or an array."""
    if format_name == "csv":
        from belscore.report.csv import format_csv

        return format_csv(cards)
    if format_name in ("json", "jsonl"):
        from belscore.report import jsonl

        if format_name == "jsonl":
            return "".join(jsonl.format_line(card) + "\n" for card in cards)
        return jsonl.format_json_array(cards)
    from belscore.report.summary import format_summary

    width, colour = _look(page)
    return format_summary(cards, width=width, colour=colour)


def _look(page: Path | None) -> tuple[int, bool]:
    return terminal_look() if page is None else (_DEFAULT_WIDTH, False)


def terminal_look() -> tuple[int, bool]:
    """Columns and whether to colour what goes to stdout (https://no-color.org)."""
    if not sys.stdout.isatty():
        return _DEFAULT_WIDTH, False
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns, colour


class WholeSink(Sink):
    """Waits for all calls and writes them as one text, in the order they were named."""

    def __init__(self, format_name: str, out: Path | None, *, several: bool) -> None:
        self._format, self._out, self._several = format_name, out, several
        self._cards: dict[int, Scorecard] = {}
        self._text = ""

    def add(self, place: int, scored: Scored) -> None:
        if self._several:
            self._cards[place] = scored.card
        else:
            self._text = render_card(self._format, scored, self._out)

    def close(self) -> Iterable[Path]:
        cards = [self._cards[place] for place in sorted(self._cards)]
        text = render_cards(self._format, cards, self._out) if cards else self._text
        if not text:
            return []
        if self._out is None:
            click.echo(text, nl=False)
            return []
        write_whole(self._out, text)
        return [self._out]


class LineSink(Sink):
    """Writes each call's line as soon as it is done."""

    def __init__(self, out: Path | None) -> None:
        self._out = out
        self._files = contextlib.ExitStack()
        self._stream: TextIO | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)

    def add(self, place: int, scored: Scored) -> None:  # noqa: ARG002 - a line does not wait for those before it
        from belscore.report.jsonl import format_line

        if self._out is not None and self._stream is None:
            self._stream = self._files.enter_context(whole_file(self._out))
        click.echo(format_line(scored.card), file=self._stream)

    def close(self) -> Iterable[Path]:
        self._files.close()
        return [self._out] if self._out is not None and self._stream is not None else []


class FolderSink(Sink):
    """Writes a file for each call, and for pages an index of them."""

    def __init__(self, format_name: str, folder: Path, inputs: Sequence[Path]) -> None:
        self._format, self._folder, self._inputs = format_name, folder, inputs
        self._targets = dict(enumerate(file_names(inputs, SUFFIXES[format_name])))
        self._written: dict[int, tuple[Path, Scorecard]] = {}

    def add(self, place: int, scored: Scored) -> None:
        target = self._folder / self._targets[place]
        refuse_overwriting(target, self._inputs)
        write_whole(target, render_card(self._format, scored, target))
        self._written[place] = (target, scored.card)

    def close(self) -> Iterable[Path]:
        written = [self._written[place] for place in sorted(self._written)]
        paths = [path for path, _ in written]
        if self._format != "html" or not written:
            return paths
        from belscore.report.html import format_index

        index = self._folder / f"{_INDEX}.html"
        write_whole(index, format_index([card for _, card in written], [path.name for path in paths]))
        return [index, *paths]


def file_names(inputs: Sequence[Path], suffix: str) -> list[str]:
    """A file name for each input, from its stem; a number parts those that would be the same.

    >>> file_names([Path("ma/a.wav"), Path("di/a.wav"), Path("b.call")], ".html")
    ['a.html', 'a-2.html', 'b.html']
    """
    taken = {_INDEX}
    names = []
    for path in inputs:
        name, count = path.stem, 1
        while name.casefold() in taken:
            count += 1
            name = f"{path.stem}-{count}"
        taken.add(name.casefold())
        names.append(name + suffix)
    return names


def make_sink(format_name: str, out: Path | None, inputs: Sequence[Path], *, several: bool) -> Sink:
    """The sink for a format and --out. Raises BelscoreError when they do not go together."""
    if out is not None and is_folder(out):
        return FolderSink(format_name, out, inputs)
    if out is not None:
        refuse_overwriting(out, inputs)
    if format_name == "html" and several:
        raise BelscoreError("pages of several calls do not fit one file", where="--out", do="name a folder")
    return LineSink(out) if format_name == "jsonl" else WholeSink(format_name, out, several=several)
