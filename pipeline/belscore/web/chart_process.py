"""Draws the pictures of reports in a process of its own: what draws them holds Python's lock, and pages would wait.

The process starts with the first picture, and another takes its place when it dies.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from belscore.reports import words
from belscore.reports.model import Chart, Part
from belscore.scorecard import Language
from belscore.worker_processes import Died, Done, Workers

_log = logging.getLogger(__name__)

# A picture takes a tenth of a second; the first ones of a process on a busy machine many times that.
TIME_LIMIT_S = 60.0
# One process may have died since the last picture; a picture that takes its process along twice is not drawn.
_TRIES = 2
_LOOK_S = 0.25


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn, in which language."""

    language: Language
    part: Part
    chart: Chart


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """Why there is no picture, for the log of the server."""

    detail: str


Drawn = str | NotDrawn
Draw = Callable[[Picture], Drawn]


def make_drawing(_setting: None) -> Draw:
    """What draws a picture and raises nothing. Runs in the process."""
    from belscore.reports.charts import draw

    def drawn(picture: Picture) -> Drawn:
        try:
            with words.in_language(picture.language):
                return draw(picture.part, picture.chart)
        except Exception as error:
            return NotDrawn("".join(traceback.format_exception(error)).rstrip())

    return drawn


class ChartProcess:
    """One process that draws one picture at a time, for all threads of a server; `close` ends it."""

    def __init__(self, *, make: Callable[[None], Draw] = make_drawing, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._workers: Workers[None, Picture, Drawn] = Workers(make, None, count=1, time_limit_s=time_limit_s)
        self._keys, self._lock, self._closing = count(), threading.Lock(), threading.Event()

    def draw(self, part: Part, chart: Chart) -> str:
        """The picture as SVG, in the language of `words`; "" when there is nothing to draw, or it cannot be drawn.

        What a picture shows stands in the table beside it: a report without one is still whole.
        """
        picture = Picture(words.language(), part, chart)
        with self._lock:
            for _ in range(_TRIES):
                drawn = self._once(picture)
                if isinstance(drawn, str):
                    return drawn
                _log.warning("a picture of “%s” is not drawn: %s", part.title, drawn.detail)
                if self._closing.is_set():
                    break
        return ""

    def close(self) -> None:
        """End the process, whatever it is at; nothing is drawn after it."""
        self._closing.set()
        with self._lock:
            self._workers.close()

    def _once(self, picture: Picture) -> Drawn:
        key = next(self._keys)
        if not self._closing.is_set():
            self._workers.submit(key, picture)
        while not self._closing.is_set():
            for result in self._workers.results(_LOOK_S):
                if isinstance(result, Done):
                    return result.outcome
                if isinstance(result, Died):
                    return NotDrawn(f"the process {result.how}")
        return NotDrawn("the server ends")
