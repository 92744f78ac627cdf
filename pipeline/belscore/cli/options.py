"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from belscore.word_cache import WordCache

_Command = TypeVar("_Command", bound="Callable[..., Any]")
_DEBUG = "belscore.debug"


def _remember_debug(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[_DEBUG] = True


def is_debug(ctx: click.Context) -> bool:
    """Whether --debug was given, before or after the command's name."""
    return bool(ctx.meta.get(_DEBUG))


def debug_option(command: _Command) -> _Command:
    help_text = "Show the traceback of an error."
    option = click.option("--debug", is_flag=True, expose_value=False, callback=_remember_debug, help=help_text)
    return option(command)


def quiet_option(command: _Command) -> _Command:
    return click.option("--quiet", "-q", is_flag=True, help="No progress and no remarks, only errors.")(command)


def rules_option(command: _Command) -> _Command:
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    help_text = "Folder of rules instead of those that come with the program."
    return click.option("--rules", "rules_folder", type=folder, metavar="DIR", help=help_text)(command)


def lang_option(command: _Command) -> _Command:
    help_text = "Language of titles and feedback; what to say to the caller stays Dutch."
    choice = click.Choice(["nl", "en"])
    return click.option("--lang", "language", type=choice, default="nl", show_default=True, help=help_text)(command)


def model_option(command: _Command) -> _Command:
    help_text = "Speech model, by name or folder. Default: the best one present."
    return click.option("--model", metavar="NAME", help=help_text)(command)


def no_cache_option(command: _Command) -> _Command:
    help_text = "Recognise anew; neither read nor keep the words of recordings."
    return click.option("--no-cache", is_flag=True, help=help_text)(command)


def no_second_look_option(command: _Command) -> _Command:
    help_text = "Leave findings at the words as first recognised."
    return click.option("--no-second-look", is_flag=True, help=help_text)(command)


def redact_option(command: _Command) -> _Command:
    help_text = "Take names, numbers, addresses and dates of birth out of what is written."
    return click.option("--redact", is_flag=True, help=help_text)(command)


def word_cache(*, no_cache: bool, quiet: bool) -> WordCache | bool:
    """Where the words of recordings are kept; False for nowhere."""
    if no_cache:
        return False
    from belscore.word_cache import user_cache

    return user_cache(tells=not quiet) or False


def agent_channel_option(command: _Command) -> _Command:
    help_text = "Channel of a stereo recording on which the agent speaks."
    choice = click.Choice(["left", "right", "auto"])
    return click.option("--agent-channel", type=choice, default="auto", show_default=True, help=help_text)(command)


def store_option(command: _Command) -> _Command:
    help_text = "The store: a file or postgresql+psycopg://. Default: BELSCORE_STORE, else among your own data."
    return click.option("--store", "store_address", metavar="STORE", help=help_text)(command)


def recordings_option(command: _Command) -> _Command:
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    help_text = "Folder in which the pages keep recordings. Default: BELSCORE_RECORDINGS, else beside the store."
    return click.option("--recordings", "recordings_folder", type=folder, metavar="DIR", help=help_text)(command)


def day_option(*names: str, about: str, required: bool = False) -> Callable[[_Command], _Command]:
    """An option that takes a day, as 2026-10-06 or 6-10-2025, and gives a date."""
    form = click.DateTime(["%Y-%m-%d", "%d-%m-%Y"])
    return click.option(*names, type=form, callback=_as_day, metavar="DAY", required=required, help=about)


def _as_day(_ctx: click.Context, _option: click.Parameter, moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def period_options(command: _Command) -> _Command:
    """--from and --to, as `since` and `until`."""
    since = day_option("--from", "since", about="First day, like 2026-10-01.")
    return since(day_option("--to", "until", about="Last day, counted too.")(command))


def trust_options(command: _Command) -> _Command:
    """--min-agreement and --min-reviews; without them the defaults of `trust`."""
    unit = click.FloatRange(0, 1)
    agreement = click.option("--min-agreement", type=unit, metavar="A", help="Trust a rule from here. Default: 0.667.")
    reviews = click.option(
        "--min-reviews", type=click.IntRange(1), metavar="N", help="Reviews needed to say so. Default: 20."
    )
    return agreement(reviews(command))


def trust_thresholds(min_agreement: float | None, min_reviews: int | None) -> tuple[float, int]:
    """What was given, else the defaults."""
    from belscore.trust import MIN_AGREEMENT, MIN_REVIEWS

    return (
        MIN_AGREEMENT if min_agreement is None else min_agreement,
        MIN_REVIEWS if min_reviews is None else min_reviews,
    )


def paths_argument(command: _Command) -> _Command:
    return click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))(command)
