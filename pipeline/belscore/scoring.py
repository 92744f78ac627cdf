"""From a file to its scorecard: what the command line does for each call, and a program can do too."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from belscore.call import AgentChannel
from belscore.inputs import CallFile, find_recording, read_call
from belscore.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from belscore.call import Call
    from belscore.decoder import Recogniser
    from belscore.listening import CallFacts
    from belscore.metadata import CallTable
    from belscore.profile import Profile
    from belscore.rulebook import RuleSet
    from belscore.scorecard import Scorecard
    from belscore.second_look_kept import NotingOracle
    from belscore.word_cache import WordCache


@dataclass(frozen=True, slots=True)
class Scored:
    """A call with its scorecard; `recording` is where its sound lies, None when that is not known."""

    path: Path
    call: Call
    card: Scorecard
    recording: Path | None


def score_file(
    path: CallFile | str | Path,
    *,
    rules: RuleSet | None = None,
    profile: Profile | None = None,
    model: str | None = None,
    agent_channel: AgentChannel = "auto",
    cache: WordCache | bool = True,
    second_look: bool = True,
    progress: Progress = silent,
) -> Scorecard:
    """Score one recording, `.call` file or call JSON.

    rules         : as `rulebook.load_rules` reads them; None takes those that come with the program
    profile       : names, greeting, hours and weights of the practice, as `profile.load_profile` reads them
    model         : name or folder of the speech model; None takes the best one present
    agent_channel : left, right or auto; of recordings only
    cache         : where the words of recordings are kept between runs; True is the user's own, False none
    second_look   : whether what fails or is unsure is looked for in the sound once more; of call JSON in what was kept
    progress      : called as the work advances, see `progress.Progress`

    Raises BelscoreError (AudioError, NotationError, RuleError, ModelError) naming what is wrong and where.
    """
    return score_with_call(
        path,
        rules=rules,
        profile=profile,
        model=model,
        agent_channel=agent_channel,
        cache=cache,
        second_look=second_look,
        progress=progress,
    ).card


def score_with_call(
    file: CallFile | str | Path,
    *,
    rules: RuleSet | None = None,
    profile: Profile | None = None,
    model: str | None = None,
    agent_channel: AgentChannel = "auto",
    table: CallTable | None = None,
    threads: int = 0,
    cache: WordCache | bool = True,
    second_look: bool = True,
    known: Callable[[Call], Call] | None = None,
    progress: Progress = silent,
) -> Scored:
    """Like `score_file`, with the call and the place of its recording, for reports that show the words.

    table   : what is known about calls outside their sound, applied before the call is judged
    threads : processor threads of the recogniser; 0 takes the cores of the machine
    known   : puts right what is known better than it was heard, before the call is judged
    """
    from belscore.engine import score_call

    if not isinstance(file, CallFile):
        file = CallFile.of(file)
    call = read_call(
        file,
        model=model,
        agent_channel=agent_channel,
        facts=_facts(file, profile, table) if file.kind == "audio" else None,
        threads=threads,
        cache=cache,
        progress=progress,
    )
    recording = find_recording(file, call)
    if table is not None:
        call = table.apply(call, file.path)
    if known is not None:
        call = known(call)
    progress("score", 0, 1)
    oracle = _oracle(file.path, model, threads, cache) if second_look and file.kind == "audio" else None
    judged = call if second_look else replace(call, listened=())
    card = score_call(judged, rules=rules, profile=profile, oracle=oracle)
    progress("score", 1, 1)
    if oracle is not None:
        call = replace(call, listened=oracle.listened)
    return Scored(file.path, call, card, recording)


def _oracle(path: Path, model: str | None, threads: int, cache: WordCache | bool) -> NotingOracle:
    """The recording, to be asked again with the model that heard it; that one is loaded for what is not kept."""
    from belscore.models import find_model
    from belscore.second_look_kept import AnswerCache, NotingOracle
    from belscore.second_look_sound import SoundOracle
    from belscore.word_cache import user_cache

    def load() -> Recogniser:
        from belscore.decoder import load_model

        return load_model(find_model(model), threads=threads or os.cpu_count() or 1)

    # Reading the call told already when there is no place to keep anything.
    kept = user_cache(tells=False) if cache is True else cache
    answers = AnswerCache(kept, lambda: find_model(model)) if kept else None
    return NotingOracle(SoundOracle(path, load, answers=answers))


def _facts(file: CallFile, profile: Profile | None, table: CallTable | None) -> CallFacts:
    """What helps the recogniser: the names of the practice, and what the table says of the call."""
    from belscore.listening import CallFacts

    names = (*profile.practice, *profile.departments, *profile.agents) if profile is not None else ()
    return CallFacts(hotwords=names, **(table.find(file.path) or {} if table is not None else {}))
