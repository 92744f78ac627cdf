"""The command line. Only click is imported until a command runs, so that help comes at once."""

from __future__ import annotations

import os

import click

from belscore import __version__
from belscore.cli.group import LazyGroup
from belscore.cli.options import debug_option

# The matrix products here are many and small: BLAS threads would wait on each other. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Name -> where the command lives and its line in the help.
COMMANDS = {
    "score": ("belscore.cli.score:score", "Score calls against the rules."),
    "transcribe": ("belscore.cli.transcribe:transcribe", "Write out recordings as call JSON, without judging them."),
    "batch": ("belscore.cli.batch:batch", "Score all calls of a folder into the store."),
    "rescore": ("belscore.cli.rescore:rescore", "Judge the calls in the store again by other rules."),
    "measure": ("belscore.cli.measure:measure", "Measure the sound of recordings, without recognising words."),
    "redact-audio": ("belscore.cli.redact_audio:redact_audio", "Silence what identifies a caller in a recording."),
    "complaint": ("belscore.cli.complaint:complaint", "Draw up the facts of a complaint, and share some of them."),
    "review": ("belscore.cli.review:review", "Let coaches listen, and see how far the program agrees with them."),
    "coach": ("belscore.cli.coach:coach", "Coaching sheets, talks, comments and disputes."),
    "rules": ("belscore.cli.rules:rules", "List, show, check, start and compare rules."),
    "check": ("belscore.cli.check:check", "Check that sample calls get the verdicts expected of them."),
    "report": ("belscore.cli.report:report", "Tables and pages from the store: scores, rules, reachability and more."),
    "serve": ("belscore.cli.serve:serve", "Serve the pages: practise, feedback, and what coaches need."),
    "user": ("belscore.cli.user:user", "Who may log in to the pages."),
    "key": ("belscore.cli.key:key", "Make and change the key of an encrypted store."),
    "purge": ("belscore.cli.purge:purge", "Remove what has been kept for its time."),
    "export-person": ("belscore.cli.person:export_person", "Write down all that the store has of somebody."),
    "erase-person": ("belscore.cli.person:erase_person", "Take somebody out of the store."),
    "doctor": ("belscore.cli.doctor:doctor", "Check that everything works, and say what to do."),
    "audit": ("belscore.cli.audit:audit", "Show and verify the log of who did what."),
    "cache": ("belscore.cli.cache:cache", "Show and empty what is kept of recordings."),
    "models": ("belscore.cli.models:models", "List, fetch and verify speech models."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="belscore", message="%(prog)s %(version)s")
@debug_option
def main() -> None:
    """Score recorded Dutch phone calls against written telephone etiquette.

    Results go to stdout, progress and messages to stderr. Exit codes: 0 done, 1 a call or check fell short,
    2 usage or bad input, 3 some files could not be scored (the others were).
    """
