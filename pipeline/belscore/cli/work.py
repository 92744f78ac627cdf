"""Score many files one after another or in workers; a file that fails costs only itself."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from belscore.call import AgentChannel, Call
from belscore.cli.group import as_belscore_error
from belscore.cli.progress import ProgressBar
from belscore.errors import BelscoreError
from belscore.inputs import CallFile
from belscore.metadata import CallTable
from belscore.progress import Progress
from belscore.scorecard import Language
from belscore.scoring import Scored, score_with_call
from belscore.word_cache import WordCache

# Scores one file; never raises but for an interrupt.
Scorer = Callable[[CallFile, Progress], "Scored | BelscoreError"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to score, in a form that can be sent to another process.

    redact : whether what identifies a caller is taken out of what scoring gives; "as_profile" as that has it
    """

    rules_folder: Path | None = None
    profile: Path | None = None
    model: str | None = None
    agent_channel: AgentChannel = "auto"
    table: CallTable | None = None
    threads: int = 0
    language: Language = "nl"
    cache: WordCache | bool = True
    second_look: bool = True
    redact: Literal["no", "always", "as_profile"] = "no"


class FileScorer(Protocol):
    """Scores one file, and raises what goes wrong. What is given here goes before the settings."""

    def __call__(
        self,
        file: CallFile,
        progress: Progress,
        *,
        agent_channel: AgentChannel | None = None,
        table: CallTable | None = None,
        known: Callable[[Call], Call] | None = None,
    ) -> Scored: ...


def make_scorer(settings: Settings) -> Scorer:
    """Read rules and profile once, for any number of files. Raises RuleError when they are not valid."""
    score_file = make_file_scorer(settings)

    def score(file: CallFile, progress: Progress) -> Scored | BelscoreError:
        try:
            return score_file(file, progress)
        except Exception as error:
            return describe(error, file.path)

    return score


def make_file_scorer(settings: Settings) -> FileScorer:
    """Like `make_scorer`, for who tells each file's own facts and errors."""
    from belscore.rulebook import load_rules
    from belscore.translation import in_language

    rules = in_language(load_rules(settings.rules_folder), settings.language)
    profile = None
    if settings.profile is not None:
        from belscore.profile import load_profile

        profile = load_profile(settings.profile, rules)

    collector = Collector()

    def score(
        file: CallFile,
        progress: Progress,
        *,
        agent_channel: AgentChannel | None = None,
        table: CallTable | None = None,
        known: Callable[[Call], Call] | None = None,
    ) -> Scored:
        collector.spare_what_stays()
        scored = score_with_call(
            file,
            known=known,
            rules=rules,
            profile=profile,
            model=settings.model,
            agent_channel=agent_channel or settings.agent_channel,
            table=table or settings.table,
            threads=settings.threads,
            cache=settings.cache,
            second_look=settings.second_look,
            progress=progress,
        )
        if settings.redact == "no":
            return scored
        from belscore.redaction import for_storage

        kept = for_storage(scored.call, scored.card, profile, rules, always=settings.redact == "always")
        return replace(scored, call=kept.call, card=kept.card)

    return score


# Objects made and not let go between two looks of the garbage collector: a scored call leaves it nothing to find.
SELDOM = 50_000


class Collector:
    """Keeps the garbage collector from going through rules, phrases and each call again and again: a tenth of all time.

    Phrases are compiled as files need them, nearly all by the first two.
    """

    FILES = 3

    def __init__(self) -> None:
        self._files = 0

    def spare_what_stays(self) -> None:
        if self._files < self.FILES:
            self._files += 1
            gc.collect()
            gc.freeze()
            gc.set_threshold(SELDOM)


def describe(error: Exception, path: Path) -> BelscoreError:
    """The error of one file, naming the file, with its traceback as a note for --debug."""
    told = as_belscore_error(error, where=str(path))
    if str(path) not in str(told):
        told = BelscoreError(told.what, where=f"{path}: {told.where}" if told.where else str(path), do=told.do)
    told.add_note("".join(traceback.format_exception(error)).rstrip())
    return told


def score_all(
    files: Sequence[CallFile], settings: Settings, *, jobs: int, bar: ProgressBar
) -> Iterator[tuple[int, Scored | BelscoreError]]:
    """Score files; yields (place in `files`, result or error) as each is done.

    Raises RuleError before the first file when rules or profile are not valid.
    """
    score = make_scorer(settings)
    if jobs > 1 and len(files) > 1:
        from belscore.cli.workers import score_in_workers

        listens = any(file.kind == "audio" for file in files)
        if listens and isinstance(settings.cache, WordCache) and not settings.cache.is_usable():
            settings = replace(settings, cache=False)
        for done, outcome in enumerate(score_in_workers(files, settings, jobs=min(jobs, len(files)))):
            bar.files_done(done, len(files))
            yield outcome
        return
    for place, file in enumerate(files):
        bar.label(f"{place + 1} van {len(files)}, {file.path.name}" if len(files) > 1 else file.path.name)
        yield place, score(file, bar)
