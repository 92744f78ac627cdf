"""The manual says what there is: pages open for whom they are meant, texts stand on them, and its commands run.

In the manual a page is named by its address between backticks; what stands in **bold** is read on the pages just so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from belscore.recordings_folder import FOLDER_NAME
from belscore.store.caller_keys import caller_keys
from belscore.store.database import open_store
from belscore.store.users import Role
from made_store import filled_file, made_calls
from test_ci_files import command_of, parsed
from web_site import PASSWORD, Web, web

ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs" / "handleiding.md"
PICTURES = ROOT / "docs" / "pictures"
TEXTS = ROOT / "pipeline" / "belscore" / "web" / "texts" / "nl.toml"
CHAPTERS: dict[Role, str] = {
    "trainee": "Voor wie oefent",
    "coach": "Voor de coach",
    "admin": "Voor wie het installeert",
}
# Pages of a coach's chapter that trainees see too.
FOR_ALL = {"/regels"}
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# An address of the pages; those of the machine on which it is installed begin otherwise.
_PAGE = re.compile(r"`(/(?!etc/|opt/|var/)[a-z/]+)`")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# Of a page on paper, commands not counted; and how many of those a chapter takes.
_WORDS_ON_PAGE = (250, 480)
_PAPER: dict[Role, int] = {"trainee": 1, "coach": 5, "admin": 2}


def chapter(role: Role) -> str:
    parts = re.split(r"^## ", MANUAL.read_text(encoding="utf-8"), flags=re.MULTILINE)
    [found] = [part for part in parts if part.startswith(f"{CHAPTERS[role]}\n")]
    return found


def shell_lines(text: str) -> list[str]:
    """What is typed: lines of the blocks without a language, or of sh."""
    return [line for language, body in _BLOCK.findall(text) if language in ("", "sh") for line in body.splitlines()]


def pages(role: Role) -> list[str]:
    return sorted({*_PAGE.findall(_BLOCK.sub("", chapter(role)))})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("manual")
    filled_file(folder / "belscore.db", made_calls([True, False]))
    with web(folder) as made:
        for role in CHAPTERS:
            made.add(role, role)
        yield made


def status(client: TestClient, page: str) -> int:
    return client.get(page, follow_redirects=True).status_code


@pytest.mark.parametrize("role", CHAPTERS)
def test_pages_of_a_chapter_open_for_whom_it_is_written(role: Role, site: Web) -> None:
    assert pages(role)
    assert {page: status(site.client(role), page) for page in pages(role)} == dict.fromkeys(pages(role), 200)


def test_pages_of_the_coach_are_closed_to_a_trainee_and_those_of_the_admin_to_a_coach(site: Web) -> None:
    assert {*pages("coach")} >= FOR_ALL
    closed = [page for page in pages("coach") if page not in FOR_ALL]
    assert {page: status(site.client("trainee"), page) for page in closed} == dict.fromkeys(closed, 403)
    assert status(site.client("coach"), "/mensen") == 403
    assert site.client().get("/gezond").json() == {"status": "ok"}


@cache
def said_on_pages() -> re.Pattern[str]:
    """Any text of the pages; what is filled in stands for anything."""
    sections = tomllib.loads(TEXTS.read_text(encoding="utf-8")).values()
    texts = {text for section in sections for text in section.values() if _WORDS.search(re.sub(r"\{.*?\}", "", text))}
    return re.compile("|".join(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in texts))


def test_bold_words_are_texts_of_the_pages() -> None:
    text = _BLOCK.sub("", MANUAL.read_text(encoding="utf-8")).replace("Wat **vet** staat", "")
    bold = re.findall(r"\*\*(.+?)\*\*", " ".join(text.split()))
    assert len(bold) > 50
    assert [each for each in bold if not said_on_pages().fullmatch(each)] == []


def test_a_button_that_is_not_there_is_found() -> None:
    assert not said_on_pages().fullmatch("Score alles")
    assert said_on_pages().fullmatch("Luister vanaf 0:20")


def test_every_picture_is_shown_with_words_and_every_one_shown_is_there() -> None:
    shown = re.findall(r"!\[(.*?)\]\(pictures/(\S+?)\)", MANUAL.read_text(encoding="utf-8"))
    assert {name for _, name in shown} == {path.name for path in PICTURES.iterdir()}
    assert all(len(_WORDS.findall(words)) >= 4 for words, _ in shown)
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_200_000


@pytest.mark.parametrize("role", CHAPTERS)
def test_chapter_takes_the_pages_it_may(role: Role) -> None:
    words = len(_WORDS.findall(_BLOCK.sub("", chapter(role))))
    least, most = _WORDS_ON_PAGE
    assert least * _PAPER[role] <= words <= most * _PAPER[role]


def test_commands_in_blocks_exist() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    lines = [line for line in shell_lines(text) if line.startswith("belscore ") and not line.endswith("{")]
    lines += re.findall(r"ExecStart=\S*/(belscore .+)", text)
    assert len(lines) >= 12
    for line in lines:
        command_of(parsed(line))


def test_commands_of_the_installer_run(tmp_path: Path) -> None:
    data, backups, config = (tmp_path / name for name in ("data", "backups", "config"))
    for folder in (data / FOLDER_NAME, backups, config):
        folder.mkdir(parents=True)
    with open_store(filled_file(data / "belscore.db", made_calls([True, False]))) as store:
        caller_keys(store)
    # Who belscore runs as keeps it in folders for nobody else.
    for folder in (data, data / FOLDER_NAME, backups, config):
        folder.chmod(0o700)
    blocks = [body for language, body in _BLOCK.findall(chapter("admin")) if language == "sh"]
    typed = "\n".join(body for body in blocks if "make " not in body)
    for there, here in (("/var/lib/belscore", data), ("/var/backups/belscore", backups), ("/etc/belscore", config)):
        typed = typed.replace(there, str(here))
    # No model may be here; what else is wrong is seen below.
    typed = re.sub(r"^belscore doctor$", "belscore doctor || test $? = 1", typed, flags=re.MULTILINE)
    done = run(typed, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = [line for line in done.stdout.splitlines() if line.startswith("fout")]
    assert all("spraakmodel" in line for line in wrong), wrong
    assert "beheer: admin" in done.stdout
    assert "er is niets waarvan de bewaartermijn om is" in done.stdout
    [copy] = backups.glob("belscore-*.db")
    assert (backups / "belscore.db.hash-key").is_file()
    looked = run(f"belscore user list --store {copy}", tmp_path, key=config / "belscore.key")
    assert "beheer" in looked.stdout, looked.stderr


def run(typed: str, folder: Path, *, key: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run lines in a shell, with belscore in the path, and what this machine lacks of sqlite3 from Python."""
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    if shutil.which("sqlite3") is None:
        shim = bin_folder / "sqlite3"
        body = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])"
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{body}" "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
    own = {name: value for name, value in os.environ.items() if not name.startswith("BELSCORE_")}
    kept = {name: os.environ[name] for name in ("BELSCORE_MODELS",) if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), str(bin_folder), os.environ["PATH"]])
    environment = {**own, **kept, "PATH": path, **({"BELSCORE_KEY_FILE": str(key)} if key else {})}
    return subprocess.run(
        ["bash", "-euc", typed], input=f"{PASSWORD}\n", env=environment, cwd=folder, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
