"""The click group: commands imported on use, errors as one line, exit codes."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from belscore.cli.options import is_debug
from belscore.errors import EXIT_BAD_INPUT, EXIT_OK, BelscoreError

# What shells report for a program ended by SIGINT: 128 + 2.
EXIT_INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that imports a command when it runs and turns every error into one line on stderr."""

    def __init__(self, *args: Any, commands_at: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        """commands_at : name -> (`module:attribute`, line in the help)"""
        super().__init__(*args, **kwargs)
        self._commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [*self._commands_at]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self._commands_at:
            return None
        module, attribute = self._commands_at[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._commands_at.items()])

    def main(  # type: ignore[override]  # never returns, whatever standalone_mode says
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run and leave with an exit code."""
        for stream in (sys.stdout, sys.stderr):
            # Whatever the locale; a file name that is no UTF-8 is shown escaped instead of ending the run.
            with contextlib.suppress(AttributeError):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
        try:
            code = super().main(args, prog_name or "belscore", **{**extra, "standalone_mode": False})
        except click.Abort:
            sys.exit(EXIT_INTERRUPTED)
        except click.ClickException as error:
            _print_usage_error(error)
            sys.exit(EXIT_BAD_INPUT)
        except OSError as error:
            # Only help and version are written outside `invoke`: the disk is full, or stdout is closed.
            print_error(error, debug=False)
            sys.exit(EXIT_BAD_INPUT)
        sys.exit(code if isinstance(code, int) else EXIT_OK)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough (`| head`); what is still buffered must not fail once more at exit.
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(EXIT_OK)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            print_error(error, debug=is_debug(ctx))
            ctx.exit(EXIT_BAD_INPUT)


def print_error(error: Exception, *, debug: bool) -> None:
    """One line on stderr, after the traceback when debugging."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    click.echo(str(as_belscore_error(error)), err=True)


def as_belscore_error(error: Exception, where: str = "") -> BelscoreError:
    """Any error in the form in which errors are printed; `where` is for one that does not say it itself."""
    if isinstance(error, BelscoreError):
        return error
    if isinstance(error, OSError):
        return BelscoreError(error.strerror or str(error), where=str(error.filename or where))
    what = f"internal error, {type(error).__name__}: {error}"
    return BelscoreError(what, where=where, do="run again with --debug and report it")


def _print_usage_error(error: click.ClickException) -> None:
    message = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    help_line = f"; see `{context.command_path} --help`" if context is not None else ""
    click.echo(f"{message[:1].lower()}{message[1:]}{help_line}", err=True)
