"""Pictures of reports are drawn in a process of their own, which may die."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pandas as pd
import pytest

from belscore.reports import words
from belscore.reports.charts import draw
from belscore.reports.model import Chart, Column, Part
from belscore.web.chart_process import ChartProcess, Picture, make_drawing
from chart_drawing import make_told

PART = Part("Scores", [Column("group", "groep"), Column("score", "score", "points")],
            pd.DataFrame({"group": ["Balie", "Poli"], "score": [70.0, 80.0]}))  # fmt: skip
BARS = Chart("bars", "group", "score", title="score")


@pytest.fixture
def charts() -> Iterator[ChartProcess]:
    made = ChartProcess(make=make_told)
    yield made
    made.close()


def test_pictures_are_drawn_elsewhere_and_by_another_process_when_that_one_dies(charts: ChartProcess) -> None:
    first, language = charts.draw(PART, BARS).split()
    assert int(first) != os.getpid()
    assert language == "nl"
    assert charts.draw(PART, Chart("bars", "group", "score", title="fails")) == ""
    with words.in_language("en"):
        assert charts.draw(PART, BARS) == f"{first} en"
    os.kill(int(first), signal.SIGKILL)
    second, _ = charts.draw(PART, BARS).split()
    assert second != first
    charts.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(second), 0)
    assert charts.draw(PART, BARS) == ""


def test_a_picture_that_ends_every_process_is_left_out(charts: ChartProcess, caplog: pytest.LogCaptureFixture) -> None:
    assert charts.draw(PART, Chart("bars", "group", "score", title="ends")) == ""
    assert caplog.text.count("ended with code 3") == 2


def test_what_is_drawn_is_the_picture_of_the_report() -> None:
    drawn = make_drawing(None)(Picture("nl", PART, BARS))
    assert drawn == draw(PART, BARS)
    assert "<svg" in str(drawn)
