"""What is known of a batch's calls outside their sound, from a table, a sidecar file and the file's name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from belscore.metadata import CALL_COLUMNS, CallTable
from belscore.name_pattern import NamePattern
from belscore.sidecars import read_sidecar, sidecar_of
from belscore.store.caller_keys import CallerKeys
from belscore.store.calls import Exchange
from belscore.store.missed import MissedCall
from belscore.wall_clock import wall_clock

_EXCHANGE = ("queue_s", "after_s", "caller_hash")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one call, by column; of the caller's number only its hash.

    is_strange : the file's name does not follow the pattern of the run
    """

    values: Mapping[str, Any]
    is_strange: bool = False

    @property
    def of_call(self) -> dict[str, Any]:
        """Fields of the Call to replace before it is judged."""
        return {key: value for key, value in self.values.items() if key in CALL_COLUMNS}

    def exchange(self, topic: Iterable[str] = ()) -> Exchange:
        known: dict[str, Any] = {key: self.values.get(key) for key in _EXCHANGE}
        return Exchange(**known, topic=tuple(topic))

    def to_json(self) -> str:
        told = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in self.values.items()}
        return json.dumps(told, ensure_ascii=False)


@dataclass(slots=True)
class FactSource:
    """Where a run looks; `table` and `pattern` are None where it has none."""

    keys: CallerKeys
    table: CallTable | None = None
    pattern: NamePattern | None = None
    _with_file: set[tuple[str, ...]] = field(default_factory=set)

    def of(self, path: Path, earlier: str = "{}") -> Known:
        """What is known of a call: the table goes before the sidecar, that before the name, and that before `earlier`.

        earlier : what `Known.to_json` gave in a run before

        Raises NotationError when there is a sidecar that cannot be read.
        """
        values: dict[str, Any] = json.loads(earlier)
        if "started_at" in values:
            values["started_at"] = datetime.fromisoformat(values["started_at"])
        named = self.pattern.read(path) if self.pattern is not None else {}
        values.update(self._kept(named or {}))
        sidecar = sidecar_of(path)
        if sidecar is not None:
            values.update(self._kept(read_sidecar(sidecar)))
        key = self.table.find_key(path) if self.table is not None else None
        if self.table is not None and key is not None:
            values.update(self._kept({**self.table.rows[key], **self.table.extras[key]}))
        return Known(values, is_strange=named is None)

    def _kept(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """What may be kept: the number as its hash, the start as the clock on the wall shows it."""
        kept = {key: value for key, value in told.items() if key in CALL_COLUMNS or key in _EXCHANGE}
        if "started_at" in kept:
            kept["started_at"] = wall_clock(kept["started_at"])
        number = told.get("caller_number")
        hashed = self.keys.of_number(number) if number else None
        return {**kept, "caller_hash": hashed} if hashed else kept

    def saw(self, path: Path) -> None:
        """There is a recording: what the table says of it is no missed call."""
        key = self.table.find_key(path) if self.table is not None else None
        if self.table is not None and key is not None and self.table.extras[key].get("answered") is False:
            self._with_file.add(key)

    def missed(self) -> Iterator[MissedCall]:
        """The rows of the table that nobody picked up and of which no recording was seen."""
        if self.table is None:
            return
        rows = [*self.table.missed]
        for key, extras in self.table.extras.items():
            if extras.get("answered") is False and key not in self._with_file:
                rows.append({**self.table.rows[key], **extras})
        for row in rows:
            # A call to somebody who did not pick up is nobody's missed call.
            if row.get("direction") != "outbound":
                kept = self._kept(row)
                yield MissedCall(**{name: kept.get(name) for name in MissedCall._fields})
