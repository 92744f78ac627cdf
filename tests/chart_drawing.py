"""What draws pictures in a test: quickly, and by which process it was done."""

from __future__ import annotations

import os

from belscore.web.chart_process import Draw, Drawn, NotDrawn, Picture


def make_told(_setting: None) -> Draw:
    """Gives the id of the process for a picture; ends it where the picture is called `ends`, fails at `fails`."""

    def told(picture: Picture) -> Drawn:
        if picture.chart.title == "ends":
            os._exit(3)
        if picture.chart.title == "fails":
            return NotDrawn("no such mark")
        return f"{os.getpid()} {picture.language}"

    return told
