"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

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


def paths_argument(command: _Command) -> _Command:
    return click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))(command)
