"""The speech models in the terminal: what there is, how well it recognises, and which one is used and why."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from belscore.device import DEVICE_VARIABLE, Device, Reason
from belscore.model_manifest import Figure, ModelEntry
from belscore.models import FOLDER_VARIABLE, Choice, ModelStatus
from belscore.report.wording import wording

SCHEMA = "belscore.models/1"
_STATES = {"present": "aanwezig", "missing": "niet opgehaald", "damaged": "beschadigd"}
_COLUMNS = ("Naam", "Licentie", "Grootte", "Talen", "Staat", "Woordfouten")
_BYTES_PER_MB = 1_000_000
_NONE = "—"
_DEVICES = {"cpu": "de processor", "cuda": "de grafische kaart"}
_REASONS: Mapping[Reason, str] = {
    "chosen": f"want {DEVICE_VARIABLE} zegt dat",
    "card": "want die is er",
    "no card": "want een grafische kaart met CUDA is er niet",
    "card fails": "want de grafische kaart doet het niet",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """What `belscore models list` shows.

    default : name of the model that is fetched when none is named
    fetched : bytes that interrupted fetches have left, by name of the model
    folders : where models are looked for
    """

    models: Sequence[ModelStatus]
    default: str
    choice: Choice
    device: Device
    fetched: Mapping[str, int]
    folders: Sequence[Path]


def listing_view(listing: Listing) -> RenderableType:
    """A table of the models, and under it which one is used, on what, and where the figures come from."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in _COLUMNS:
        table.add_column(column, no_wrap=column != "Woordfouten", overflow="fold")
    sources = _sources(status.entry for status in listing.models)
    for status in listing.models:
        table.add_row(*_row(listing, status, sources))
    lines = [_used(listing.choice), _device(listing.device), _place(listing.folders)]
    notes = [f"[{number}] {source}" for source, number in sources.items()]
    return Group(table, *map(Text, lines), *([""] if notes else []), *(Text(note, style="dim") for note in notes))


def _row(listing: Listing, status: ModelStatus, sources: Mapping[str, int]) -> tuple[str, ...]:
    entry = status.entry
    say = wording("nl")
    state = _STATES[status.state] + ("\nstandaard" if entry.name == listing.default else "")
    fetched = listing.fetched.get(entry.name, 0)
    if status.state != "present" and fetched:
        state += f"\n{say.percent(min(1.0, fetched / entry.size_bytes))} opgehaald"
    figures = [_figure(each, sources, "") for each in entry.published]
    figures += [_figure(each, sources, " (zelf gemeten)") for each in entry.measured]
    return (
        entry.name,
        entry.licence,
        f"{entry.size_bytes / _BYTES_PER_MB:.0f} MB",
        f"nl en {entry.languages - 1} meer" if entry.languages else _NONE,
        state,
        "\n".join(figures) or ("niet gevonden, niet gemeten" if entry.best else entry.title.lower()),
    )


def _figure(figure: Figure, sources: Mapping[str, int], how: str) -> str:
    number = wording("nl").number(100 * figure.word_error_rate)
    return f"{number} % op {figure.on}{how} [{sources[figure.source]}]"


def _sources(entries: Iterable[ModelEntry]) -> dict[str, int]:
    """A number for each source, in the order in which the table names them."""
    figures = [figure for entry in entries for figure in (*entry.published, *entry.measured)]
    return {source: number for number, source in enumerate(dict.fromkeys(each.source for each in figures), start=1)}


def _used(choice: Choice) -> str:
    if choice.files is None:
        damaged = [status.entry.name for status in choice.better if status.state == "damaged"]
        what = f"Er is geen spraakmodel dat gebruikt kan worden ({_names(damaged)} is beschadigd)" if damaged else ""
        return f"{what or 'Er is nog geen spraakmodel'}: `belscore models fetch` haalt er een op."
    if choice.named:
        return f"Gebruikt wordt {choice.files.name}, want --model noemt dat."
    said = f"Gebruikt wordt {choice.files.name}, want --model noemt geen ander en dit is het beste dat er is."
    missing = [status.entry.name for status in choice.better if status.state == "missing"]
    damaged = [status.entry.name for status in choice.better if status.state == "damaged"]
    for names, how in ((missing, "niet opgehaald"), (damaged, "beschadigd")):
        if names:
            said += f" Beter, maar {how}: {_names(names)}."
    return said


def _names(names: Sequence[str]) -> str:
    return " en ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _device(device: Device) -> str:
    return f"Gerekend wordt op {_DEVICES[device.name]} ({device.compute_type}), {_REASONS[device.reason]}."


def _place(folders: Sequence[Path]) -> str:
    why = f", want {FOLDER_VARIABLE} zegt dat" if os.environ.get(FOLDER_VARIABLE) else ""
    return f"Modellen staan in {' of '.join(map(str, folders))}{why}."


def listing_json(listing: Listing) -> str:
    """The same as one JSON object, for scripts."""
    choice = listing.choice
    used = None
    if choice.files is not None:
        used = {
            "name": choice.files.name,
            "folder": str(choice.files.folder),
            "sha256": choice.files.sha256,
            "reason": "named" if choice.named else "best present",
        }
    told = {
        "schema": SCHEMA,
        "models": [_status_json(listing, status) for status in listing.models],
        "used": used,
        "device": listing.device._asdict(),
        "folders": list(map(str, listing.folders)),
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _status_json(listing: Listing, status: ModelStatus) -> dict[str, Any]:
    entry = status.entry
    return {
        "name": entry.name,
        "title": entry.title,
        "licence": entry.licence,
        "size_bytes": entry.size_bytes,
        "languages": entry.languages,
        "recognises_speech": entry.best > 0,
        "best": entry.best,
        "published": [asdict(figure) for figure in entry.published],
        "measured": [asdict(figure) for figure in entry.measured],
        "state": status.state,
        "folder": None if status.folder is None else str(status.folder),
        "fetched_bytes": listing.fetched.get(entry.name, 0),
        "default": entry.name == listing.default,
    }
