"""Scores what people hand in: a thread of the server that gives waiting uploads to worker processes.

What is done and what waits stands in the store (`store.uploads`), so that a server that is killed loses nothing, and
two servers can share a store.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from belscore.cli.work import Settings
from belscore.encryption.copies import sweep
from belscore.encryption.keys import sync_folder
from belscore.errors import BelscoreError, ModelError
from belscore.store import uploads
from belscore.store.audit import note
from belscore.store.caller_keys import caller_keys
from belscore.store.calls import Exchange, Judged, add_call, find_call
from belscore.store.erasing import was_erased
from belscore.store.owners import Owner
from belscore.store.recordings import Kept, keep_recording
from belscore.store.rule_sets import keep_rules
from belscore.store.uploads import Upload
from belscore.topics import topic_key
from belscore.web.folders import own_folder, remove_all_of
from belscore.worker_processes import Died, Done, Told, Workers

if TYPE_CHECKING:
    from belscore.call import Call
    from belscore.scorecard import Scorecard
    from belscore.web.site import Site

_log = logging.getLogger(__name__)

# A recording of an hour on one slow core, and room; as for batches.
TIME_LIMIT_S = 1800.0
_IDLE_S = 0.5
_RESULT_S = 0.25
_STUMBLED_S = 5.0
_HOLD_S = uploads.LEASE.total_seconds() / 4
# Pages are answered while calls are scored.
_NICE = 10

# Why a recording cannot be scored: a key of the section `upload_errors` of the texts.
Reason = Literal["not_sound", "no_speech", "no_model", "storage", "erased", "crashed", "internal"]


@dataclass(frozen=True, slots=True)
class ScoringTask:
    """An upload as a worker gets it.

    incoming : its file, sealed
    sound    : where the sound that pages play is to be written; under this name it is kept
    work     : folder for plain copies
    """

    upload: Upload
    incoming: Path
    sound: Path
    work: Path


class Scored(NamedTuple):
    """What scoring an upload gave; `sha256` is of the bytes that were handed in."""

    sha256: str
    call: Call
    card: Scorecard
    kept: Kept


class Refused(NamedTuple):
    """Why an upload cannot be scored; `detail` is for the log of the server."""

    reason: Reason
    detail: str


Outcome = Scored | Refused


def make_scorer(settings: Settings) -> Callable[[ScoringTask], Outcome]:
    """What scores an upload, and raises nothing. Runs in a worker process.

    Rules and profile are read with the first upload, once that goes well: what is wrong with them is said of each.
    """
    from belscore.encryption.keys import KeyRing, load_keys
    from belscore.web.hearing import CallScorer, make_call_scorer, refused, score_upload

    if hasattr(os, "nice"):
        os.nice(_NICE)
    made: list[tuple[CallScorer, KeyRing | None]] = []

    def score(task: ScoringTask) -> Outcome:
        try:
            if not made:
                made.append((make_call_scorer(settings), load_keys()))
        except Exception as error:
            return refused(error, stage="")
        return score_upload(task, *made[0])

    return score


class ScoringQueue:
    """Started and stopped with the server. `wake` tells that something waits.

    folder  : of what this server is receiving and writing
    senders : how many send the upload of a token at this moment
    followers : how many streams of events somebody holds, by their id
    """

    def __init__(
        self,
        site: Site,
        *,
        make: Callable[[Settings], Callable[[ScoringTask], Outcome]] = make_scorer,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        self._site, self._owner = site, Owner.this_process()
        self.folder = own_folder(site.incoming, self._owner)
        self.senders: Counter[str] = Counter()
        self.followers: Counter[int] = Counter()
        self._listens = make is make_scorer
        self._count = site.settings.workers
        threads = max(1, (os.cpu_count() or 1) // self._count)
        setting = replace(site.settings.scoring, threads=threads)
        self._workers: Workers[Settings, ScoringTask, Outcome] = Workers(
            make, setting, count=self._count, time_limit_s=time_limit_s
        )
        self._under_way: dict[int, ScoringTask] = {}
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._held_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="scoring", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; what was being scored waits for the next server."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(30)

    def wake(self) -> None:
        """Look for work at once."""
        self._woken.set()

    def no_model(self) -> ModelError | None:
        """Why nothing can be scored now; a model that was fetched since the start counts."""
        if not self._listens or self._site.judging.no_model is None:
            return None
        from belscore.models import find_model

        try:
            find_model(self._site.settings.scoring.model)
        except ModelError as error:
            return error
        return None

    # ---- the loop, in its own thread

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._step()
                except Exception:
                    # The store may be back in a moment; what is under way stays so.
                    _log.exception("scoring stumbled")
                    self._stopping.wait(_STUMBLED_S)
        finally:
            self._workers.close()
            try:
                with self._site.store.write() as connection:
                    uploads.give_back(connection, self._owner)
            except BelscoreError as error:
                _log.error("%s", error)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _step(self) -> None:
        self._hold()
        self._refill()
        if not self._under_way:
            self._woken.wait(_IDLE_S)
            self._woken.clear()
            return
        for result in self._workers.results(_RESULT_S):
            try:
                self._take(result)
            except Exception:
                _log.exception("what came of upload %d could not be kept", result.key)
        self._drop_cancelled()

    def _hold(self) -> None:
        """Say now and then that this server is alive, and take over from those that are not."""
        if self._held_s is not None and time.monotonic() - self._held_s < _HOLD_S:
            return
        with self._site.store.write() as connection:
            uploads.renew(connection, self._owner)
            for upload_id in uploads.held(connection, self._owner) - {*self._under_way}:
                uploads.lose(connection, self._owner, upload_id, "crashed")
            uploads.release_dead(connection, self._owner, "crashed")
            tokens = uploads.give_up_silent(connection)
        for token in tokens:
            remove_all_of(token, self.folder)
        self._held_s = time.monotonic()

    def _refill(self) -> None:
        free = self._count - len(self._under_way)
        if free <= 0:
            return
        with self._site.store.read() as connection:
            if not uploads.any_waiting(connection):
                return
        with self._site.store.write() as connection:
            claimed = uploads.claim(connection, self._owner, free)
        for upload in claimed:
            # A name of its own each time: another server that took it over does not write to the same file.
            sound = self.folder / f"{upload.token}-{secrets.token_hex(4)}.wav"
            task = ScoringTask(upload, self._site.incoming_file(upload), sound, self._site.work)
            self._under_way[upload.id] = task
            self._workers.submit(upload.id, task)

    def _drop_cancelled(self) -> None:
        """End the work on what was cancelled, or was taken over while this machine slept."""
        if not self._under_way:
            return
        with self._site.store.read() as connection:
            gone = {*self._under_way} - uploads.held(connection, self._owner)
            wanted = uploads.tokens_under_way(connection) if gone else set()
        for upload_id in gone:
            task = self._under_way.pop(upload_id)
            self._workers.cancel(upload_id)
            self._clear(task, is_wanted=task.upload.token in wanted)

    def _clear(self, task: ScoringTask, *, is_wanted: bool = False) -> None:
        """Remove what was made for a task, and what its worker left when it was ended."""
        remove_all_of(task.upload.token, self.folder)
        sweep(self._site.work)
        if not is_wanted:
            _remove(task.incoming)

    def _take(self, result: Done[Outcome] | Died | Told) -> None:
        if isinstance(result, Told):
            with self._site.store.write() as connection:
                uploads.tell_stage(connection, self._owner, result.key, *result.said)
            return
        # Whatever goes wrong below: `_hold` gives it to be scored again.
        task = self._under_way.pop(result.key)
        if isinstance(result, Died):
            self._lose(task, result.how)
        elif isinstance(result.outcome, Refused):
            self._refuse(task, result.outcome)
        else:
            self._keep(task, result.outcome)

    # ---- results into the store, one transaction each

    def _keep(self, task: ScoringTask, scored: Scored) -> None:
        upload, site = task.upload, self._site
        is_practice = upload.kind != "call"
        content = f"{upload.token}:{scored.sha256}".encode()
        sha256 = hashlib.sha256(content).hexdigest() if is_practice else scored.sha256
        call, card = scored.call, scored.card
        exchange = Exchange(practice=True) if is_practice else self._exchange(upload, card)
        with site.store.write() as connection:
            if upload.id not in uploads.held(connection, self._owner):
                self._clear(task, is_wanted=True)
                return
            if was_erased(connection, sha256):
                uploads.fail(connection, self._owner, upload.id, "erased")
                self._clear(task)
                return
            existing = find_call(connection, sha256)
            if existing is None:
                rule_set = keep_rules(connection, site.judging.rules)
                judged = Judged(card, rule_set, site.judging.trees_digest)
                existing = add_call(connection, sha256, call, judged, exchange)
                task.sound.replace(site.sounds / scored.kept.name)
                sync_folder(site.sounds)
                keep_recording(connection, existing, scored.kept)
            uploads.finish(connection, self._owner, upload.id, existing)
            note(connection, upload.agent, "recording scored", f"call {existing}", {"kind": upload.kind})
        self._clear(task)

    def _exchange(self, upload: Upload, card: Scorecard) -> Exchange:
        """What was told of a call of the practice when it was handed in; its topic where it is known who called."""
        told: dict[str, Any] = {name: upload.options.get(name) for name in ("queue_s", "after_s", "caller_hash")}
        if told["caller_hash"] is None:
            return Exchange(**told)
        words = topic_key(card, self._site.judging.rules.knowledge.lexicon)
        return Exchange(**told, topic=tuple(caller_keys(self._site.store).of_topic(words)))

    def _refuse(self, task: ScoringTask, refused: Refused) -> None:
        _log.warning("upload %d is not scored: %s", task.upload.id, refused.detail)
        with self._site.store.write() as connection:
            is_mine = uploads.fail(connection, self._owner, task.upload.id, refused.reason)
        self._clear(task, is_wanted=not is_mine)

    def _lose(self, task: ScoringTask, how: str) -> None:
        _log.warning("upload %d took its worker along, which %s", task.upload.id, how)
        with self._site.store.write() as connection:
            state = uploads.lose(connection, self._owner, task.upload.id, "crashed")
        self._clear(task, is_wanted=state != "failed")


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.error("%s: cannot be removed (%s)", path.name, error.strerror)
