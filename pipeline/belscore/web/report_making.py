"""Reports as pages ask for them: made once for whoever asks the same within a minute, one at a time.

Over 30,000 calls one takes seconds of a core. What was made is kept as long as the store is as it was.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from belscore.reports import words
from belscore.reports.catalog import REPORTS, make_report
from belscore.reports.filters import filter_lines
from belscore.reports.grouping import MIN_CALLS, REPEAT_DAYS, Ask
from belscore.reports.pages import Draw, format_body
from belscore.scorecard import Language
from belscore.store.report_data import Filters, ReportData
from belscore.store.report_state import report_state
from belscore.translation import titles_in
from belscore.trust import untrusted_rules
from belscore.web.problems import NotFoundError

if TYPE_CHECKING:
    from belscore.reports.model import Report
    from belscore.web.site import Site

_LASTS_S = 60.0
_MOST_KEPT = 20
_MOST_DAYS = 92
_MOST_CALLS = 10_000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """One report as its address asks for it."""

    name: str
    by: str | None = None
    filters: Filters = field(default_factory=Filters)
    min_calls: int = MIN_CALLS
    days: int = REPEAT_DAYS
    language: Language = "nl"

    def values(self) -> dict[str, str]:
        """The fields of the address; those that ask nothing are not there."""
        found: dict[str, object] = {
            "per": self.by,
            "van": self.filters.since,
            "tot": self.filters.until,
            "afdeling": self.filters.department,
            "medewerker": self.filters.agent,
            "richting": self.filters.direction,
            "situatie": self.filters.situation,
            "minimum": self.min_calls if self.min_calls != MIN_CALLS else None,
            "dagen": self.days if self.days != REPEAT_DAYS else None,
        }
        return {name: str(value) for name, value in found.items() if value is not None}

    def address(self, more: str = "", *, name: str | None = None) -> str:
        """The address of this report, or of something of it; of another report with the same filters by its name."""
        values = self.values()
        if name is not None and self.by not in REPORTS[name].by:
            values.pop("per", None)
        path = f"/rapporten/{name or self.name}{more}"
        return f"{path}?{urlencode(values)}" if values else path


def asked(name: str, fields: Mapping[str, str], language: Language) -> ReportQuery:
    """What an address asks for; what does not read as a value is left out. Raises NotFoundError for another report."""
    if name not in REPORTS:
        raise NotFoundError
    by = fields.get("per") if fields.get("per") in REPORTS[name].by else None
    since, until = _day(fields, "van"), _day(fields, "tot")
    if since and until and since > until:
        since, until = until, since
    filters = Filters(
        since, until, *(_text(fields, each) for each in ("afdeling", "medewerker", "richting", "situatie"))
    )
    minimum, days = _number(fields, "minimum", MIN_CALLS, _MOST_CALLS), _number(fields, "dagen", 7, _MOST_DAYS)
    return ReportQuery(name, by, filters, minimum, days, language)


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made. None of it when the store or the filters leave no call."""

    report: Report | None
    body: str


_lock = threading.Lock()
_kept: dict[tuple[object, ...], tuple[float, Made]] = {}


def kept_report(site: Site, query: ReportQuery) -> Made | None:
    """The report if it was made already."""
    with site.store.read() as connection:
        return _find((site.store.name, query, report_state(connection)))


def made_report(site: Site, query: ReportQuery) -> Made:
    """The report; waits where another is being made."""
    with _lock, site.store.read() as connection:
        key = (site.store.name, query, report_state(connection))
        found = _find(key)
        if found is not None:
            return found
        titles = titles_in(site.judging.rules, query.language)
        data = ReportData(connection, query.filters, untrusted=untrusted_rules(connection), titles=titles)
        with words.in_language(query.language):
            made = _made(query, data, site.charts.draw)
        for old in [each for each, (at_s, _) in _kept.items() if time.monotonic() - at_s > _LASTS_S]:
            _kept.pop(old, None)
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = (time.monotonic(), made)
        return made


def _find(key: tuple[object, ...]) -> Made | None:
    at_s, made = _kept.get(key, (0.0, None))
    return made if made is not None and time.monotonic() - at_s < _LASTS_S else None


def _made(query: ReportQuery, data: ReportData, draw: Draw) -> Made:
    if not len(data.calls) and not len(data.missed):
        return Made(None, "")
    ask = Ask(datetime.now(), query.by, query.min_calls, query.days)
    report = make_report(query.name, data, ask)
    # Where the store lies is of no use to who reads it in a browser.
    report = replace(report, filters=filter_lines(data, ask, "belscore"))
    return Made(report, format_body(report, calls_at="/gesprekken/", draw=draw))


def _day(fields: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(fields.get(name, ""))
    except ValueError:
        return None


def _text(fields: Mapping[str, str], name: str) -> str | None:
    return fields.get(name, "").replace("\0", "").strip()[:_LONGEST] or None


def _number(fields: Mapping[str, str], name: str, default: int, most: int) -> int:
    written = fields.get(name, "")
    return min(max(int(written), 1), most) if written.isascii() and written.isdigit() and len(written) < 7 else default
