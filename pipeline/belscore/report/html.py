"""The scorecard as one page: styles, script and drawing are inside, the recording lies beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from belscore.report.questions import by_tree, count_by_department
from belscore.report.sections import by_section
from belscore.report.summary import failed_ids, mean_line, short_names
from belscore.report.templating import asset, digest, environment
from belscore.report.timeline import make_timeline
from belscore.report.transcript import make_transcript
from belscore.report.wording import wording
from belscore.scorecard import Language, Scorecard

if TYPE_CHECKING:
    from belscore.call import Call


def format_page(call: Call, card: Scorecard, *, recording: str | None = None) -> str:
    """One self-contained page in the language of the card.

    recording : address of the sound as seen from the page, as `recording_href` makes it; None when there is none
    """
    sections = by_section(card)
    return render(
        "scorecard.html.j2",
        card.language,
        card=card,
        sections=[section for section in sections if section.judged],
        idle_sections=[section for section in sections if not section.judged],
        practise=card.practise_first(),
        trees=by_tree(wording(card.language), card),
        transcript=make_transcript(call, card),
        timeline=make_timeline(call, card),
        notes=wording(card.language).remarks(card, call.quality.notes),
        recording=recording,
        title=Path(card.call.source).name,
    )


def format_index(cards: Sequence[Scorecard], pages: Sequence[str]) -> str:
    """A page that lists calls.

    pages : the file name of each card's page, as seen from this one
    """
    names = short_names([card.call.source for card in cards])
    rows = [
        {"card": card, "name": name, "href": quote(page), "failed": failed_ids(card)}
        for card, name, page in zip(cards, names, pages, strict=True)
    ]
    language: Language = cards[0].language if cards else "nl"
    title = wording(language).table("index")["title"]
    counts = count_by_department(cards)
    return render("index.html.j2", language, rows=rows, mean=mean_line(cards), title=title, counts=counts)


def recording_href(recording: Path | None, page: Path | None) -> str | None:
    """Address of a recording as seen from a page; None when there is no recording.

    page : where the page is written; None for the working directory
    """
    if recording is None:
        return None
    folder = (page.parent if page else Path()).resolve()
    return quote(Path(os.path.relpath(recording.resolve(), folder)).as_posix())


def render(template: str, language: Language, *, more_style: str | None = None, **values: Any) -> str:
    """A template of `templates/` with the style, the script and the texts of a language.

    more_style : style sheet of `templates/` that goes after the one of every page
    """
    styles = ["page.css", *([more_style] if more_style else [])]
    style, script = "".join(asset(__package__, name) for name in styles), asset(__package__, "page.js")
    return (
        environment(__package__)
        .get_template(template)
        .render(
            style=style,
            script=script,
            policy=_policy(style, script),
            language=language,
            say=wording(language),
            **values,
        )
    )


def _policy(style: str, script: str) -> str:
    """Content security policy: nothing from elsewhere, no script but ours, the recording from beside the page."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{digest(style)}'",
            f"script-src '{digest(script)}'",
            "media-src 'self' file:",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
