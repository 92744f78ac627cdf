"""What the address of the list of calls asks for: filters, order and page, so that a list can be shared and kept.

What does not read as a value is left out, as an empty field of the form is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import get_args
from urllib.parse import urlencode

from belscore.scorecard import Verdict
from belscore.store.call_list import ListFilters, ListOrder, Sort

_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_SORTS: Mapping[str, Sort] = {"datum": "date", "score": "score", "duur": "duration"}
_LONGEST = 200
_MOST_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One page of one list."""

    filters: ListFilters = field(default_factory=ListFilters)
    order: ListOrder = field(default_factory=ListOrder)
    page: int = 1

    def values(self) -> dict[str, str]:
        """The fields of the address; those that ask nothing are not there."""
        filters, order = self.filters, self.order
        sort = next(name for name, by in _SORTS.items() if by == order.by)
        found: dict[str, object] = {
            "tekst": filters.text,
            "van": filters.since,
            "tot": filters.until,
            "afdeling": filters.department,
            "medewerker": filters.agent,
            "richting": filters.direction,
            "situatie": filters.situation,
            "regel": filters.rule,
            "oordeel": filters.verdict,
            "score_van": None if filters.lowest is None else f"{filters.lowest:g}",
            "score_tot": None if filters.highest is None else f"{filters.highest:g}",
            "afloop": filters.outcome,
            "soort": "oefenen" if filters.practice else None,
            "nagekeken": "nee" if filters.unreviewed else None,
            "bezwaren": "eerst" if order.disputes_first else None,
            "sorteer": sort if order.by != "date" else None,
            "volgorde": "op" if order.ascending else None,
            "pagina": self.page if self.page > 1 else None,
        }
        return {name: str(value) for name, value in found.items() if value is not None}

    def address(self, path: str = "/gesprekken") -> str:
        values = self.values()
        return f"{path}?{urlencode(values)}" if values else path

    def on_page(self, page: int) -> str:
        """The address of another page of the same list."""
        return replace(self, page=page).address()

    def sorted_by(self, sort: str) -> str:
        """The address of the list in another order: the same one again turns it round."""
        by = _SORTS[sort]
        ascending = not self.order.ascending if self.order.by == by else False
        return replace(self, order=replace(self.order, by=by, ascending=ascending), page=1).address()

    def without(self, *names: str) -> str:
        """The address of the list without some fields."""
        left = {name: value for name, value in self.values().items() if name not in (*names, "pagina")}
        return f"/gesprekken?{urlencode(left)}" if left else "/gesprekken"


def asked(fields: Mapping[str, str]) -> ListQuery:
    """
    >>> asked({"afdeling": "Balie", "score_tot": "60", "van": "gisteren", "pagina": "2"}).values()
    {'afdeling': 'Balie', 'score_tot': '60', 'pagina': '2'}
    """
    rule, verdict = _text(fields, "regel"), _text(fields, "oordeel")
    filters = ListFilters(
        since=_day(fields, "van"),
        until=_day(fields, "tot"),
        department=_text(fields, "afdeling"),
        agent=_text(fields, "medewerker"),
        direction=_text(fields, "richting"),
        situation=_text(fields, "situatie"),
        rule=rule,
        verdict=next((each for each in _VERDICTS if each == verdict), None) if rule else None,
        lowest=_points(fields, "score_van"),
        highest=_points(fields, "score_tot"),
        outcome=_text(fields, "afloop"),
        text=_text(fields, "tekst"),
        practice=fields.get("soort") == "oefenen",
        unreviewed=fields.get("nagekeken") == "nee",
    )
    by = _SORTS.get(fields.get("sorteer", ""), "date")
    order = ListOrder(by, fields.get("volgorde") == "op", fields.get("bezwaren") == "eerst")
    page = fields.get("pagina", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < len(str(_MOST_PAGES)) else 1
    return ListQuery(filters, order, max(1, number))


def _text(fields: Mapping[str, str], name: str) -> str | None:
    written = fields.get(name, "").strip()[:_LONGEST]
    # No database takes NUL.
    return written.replace("\0", "") or None


def _day(fields: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(fields.get(name, ""))
    except ValueError:
        return None


def _points(fields: Mapping[str, str], name: str) -> float | None:
    try:
        value = float(fields.get(name, "").replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= 100 else None
