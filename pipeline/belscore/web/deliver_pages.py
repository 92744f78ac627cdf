"""A folder of calls of the practice: what is known of each file, which were scored before, and how far all are.

The files themselves go the way of every upload (`upload_api`), each under a token of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime, StringConstraints

from belscore.call import Direction
from belscore.errors import BelscoreError
from belscore.inputs import AUDIO_SUFFIXES
from belscore.metadata import CallTable, parse_call_table
from belscore.name_pattern import FIELDS, NamePattern, parse_name_pattern
from belscore.store import uploads
from belscore.store.call_list import agents_and_departments
from belscore.store.caller_keys import caller_keys
from belscore.store.deliveries import calls_of_content, known_before
from belscore.web.problems import RefusedError
from belscore.web.site import TheCoach, TheSite, TheTexts, page, texts_of

router = APIRouter()

_MOST_FILES = 5000
_MOST_TABLE = 8 * 1024 * 1024
_MIB = 1024 * 1024
_Path = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Token = Annotated[str, StringConstraints(max_length=40)]


class Folder(BaseModel):
    """Files as they lie in a folder, with a metadata table and a name pattern (`--calls`, `--name-pattern`)."""

    model_config = ConfigDict(extra="forbid")

    paths: list[_Path] = Field(max_length=_MOST_FILES)
    table: str | None = Field(default=None, max_length=_MOST_TABLE)
    pattern: str = Field(default="", max_length=300)


class Facts(BaseModel):
    """What is known of a call outside its sound; null where nothing says.

    caller_number : as the table of who asks has it; the store gets its hash alone, when the call is announced
    """

    agent: str | None = None
    department: str | None = None
    started_at: NaiveDatetime | None = None
    direction: Direction | None = None
    ring_s: float | None = None
    queue_s: float | None = None
    after_s: float | None = None
    caller_number: str | None = None


class Plan(BaseModel):
    """What is known of each file, in their order. `unused` rows of the table name no file."""

    facts: list[Facts]
    unused: int


class Contents(BaseModel):
    """SHA-256 of files."""

    model_config = ConfigDict(extra="forbid")

    sha256s: list[_Sha256] = Field(max_length=500)


class Tokens(BaseModel):
    """Uploads to tell of."""

    model_config = ConfigDict(extra="forbid")

    tokens: list[_Token] = Field(max_length=_MOST_FILES)


class Standing(BaseModel):
    """How far one upload is; `is_known` when its call was there before."""

    token: str
    state: str
    share: float | None
    error: str | None
    call_id: int | None
    is_known: bool


@router.get("/aanleveren", include_in_schema=False)
def deliver(request: Request, site: TheSite, user: TheCoach) -> Response:  # noqa: ARG001 - asks for a coach
    """Choose a folder and hand it in."""
    with site.store.read() as connection:
        agents, departments = agents_and_departments(connection)
    texts = texts_of(request)
    return page(
        request,
        "deliver.html.j2",
        agents=agents,
        departments=departments,
        suffixes=sorted(AUDIO_SUFFIXES),
        limit_mb=site.settings.limits.file_bytes // _MIB,
        fields=[f"{{{each}}}" for each in FIELDS],
        script_texts=dict(texts.section("deliver_script")),
        data={"suffixes": sorted(AUDIO_SUFFIXES), "limitBytes": site.settings.limits.file_bytes},
        no_model=site.queue.no_model() is not None,
    )


@router.post("/api/deliveries/plan", tags=["deliveries"])
def plan(site: TheSite, user: TheCoach, folder: Folder) -> Plan:  # noqa: ARG001 - asks for a coach
    """What a metadata table and the names say of the files of a folder. Nothing of it is kept.

    Raises BelscoreError when the table has callers' numbers, and there is no key for their hashes.
    """
    try:
        table = parse_call_table(folder.table, Path("tabel.csv")) if folder.table is not None else CallTable(Path())
        pattern = parse_name_pattern(folder.pattern) if folder.pattern.strip() else None
    except BelscoreError as error:
        raise RefusedError("table", 422, where=error.where or "", what=error.what, do=error.do) from None
    keys = {table.find_key(Path("/", path)) for path in folder.paths} - {None}
    facts = [_facts(Path("/", path), table, pattern) for path in folder.paths]
    if any(each.caller_number for each in facts):
        # Said before anything is sent.
        caller_keys(site.store)
    return Plan(facts=facts, unused=len(table.rows) - len(keys))


def _facts(path: Path, table: CallTable, pattern: NamePattern | None) -> Facts:
    """The table goes before the name, as in `belscore batch`."""
    named = (pattern.read(path) or {}) if pattern is not None else {}
    key = table.find_key(path)
    told = {**table.rows[key], **table.extras[key]} if key is not None else {}
    found = {**named, **told}
    return Facts(**{name: found[name] for name in Facts.model_fields if found.get(name) is not None})


@router.post("/api/deliveries/known", tags=["deliveries"])
def known(site: TheSite, user: TheCoach, contents: Contents) -> dict[str, int]:  # noqa: ARG001 - asks for a coach
    """The calls that have this content already, by the SHA-256 of their file."""
    with site.store.read() as connection:
        return calls_of_content(connection, contents.sha256s)


@router.post("/api/deliveries/standing", tags=["deliveries"])
def standing(site: TheSite, user: TheCoach, texts: TheTexts, asked: Tokens) -> list[Standing]:
    """How far uploads of one's own are."""
    with site.store.read() as connection:
        found = uploads.followed(connection, user.id, asked.tokens)
        earlier = known_before(connection, found)
    return [
        Standing(
            token=each.token,
            state=each.state,
            share=each.share,
            error=texts.of("upload_errors", each.error) if each.error is not None else None,
            call_id=each.call_id,
            is_known=each.id in earlier,
        )
        for each in found
    ]
