"""What documents say of the program is there: commands, options, files, tests, targets, variables, links."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from belscore.cli import main
from belscore.store.sealed_columns import SealedBinary, SealedText
from belscore.store.tables import metadata

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
# Those that tell officers, councils and managers what the program does: every row of their tables names its proof.
LEGAL = (
    "privacy.md",
    "dpia.md",
    "dreigingsmodel.md",
    "gebruiksaanwijzing-toezicht.md",
    "modelkaart.md",
    "or-en-medewerkers.md",
)
_TOP = ("pipeline/", "tests/", "bench/", "rules/", "docs/", "samples/", "models/", ".ci/")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# What stands in a row in place of proof: the practice has to do it, or the program does not do it.
_NO_PROOF_NEEDED = ("praktijk", "niet in het programma", "nog niet")


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def spans(document: Path) -> list[str]:
    """What stands between backticks in running text; blocks of commands are looked at in `test_docs`."""
    return [each.replace("\\|", "|") for each in _SPAN.findall(_FENCE.sub("", text_of(document)))]


def command_problem(span: str) -> str | None:
    """What is wrong with `belscore ...`; None when the command and its options exist."""
    words = span.split()[1:]
    command: click.Command = main
    named = []
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        child = command.get_command(click.Context(command), words[0])
        if child is None:
            break
        named.append(words.pop(0))
        command = child
    if isinstance(command, click.Group) and words and not words[0].startswith(("-", "...")):
        return f"no command `{span}`"
    known = {"--help", "-h"} | {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    # `--until DAY` or `--how kept|late`; what follows is a value.
    wrong = [word for word in words if word.startswith("--") and word.split("=")[0] not in known]
    return f"no option {wrong} of `{span}`" if wrong else None


def path_problem(span: str) -> str | None:
    """What is wrong with a path, or with `tests/test_x.py::Class::test`; None when it is there."""
    path, *names = span.split("::")
    found = [*ROOT.glob(path)] if "*" in path else [ROOT / path]
    if not found or not all(each.exists() for each in found):
        return f"no file {path}"
    wanted = "::".join(names).split("[")[0]
    if names and wanted not in defined(found[0]):
        return f"no {wanted} in {path}"
    return None


@cache
def defined(path: Path) -> frozenset[str]:
    """Functions, classes and constants of a module, as `name` or `Class::name`."""
    return frozenset(_defined(ast.parse(path.read_text(encoding="utf-8")), ""))


def _defined(node: ast.AST, prefix: str) -> Iterator[str]:
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + each.name
        if isinstance(each, ast.ClassDef):
            yield from _defined(each, f"{prefix}{each.name}::")
        if isinstance(each, ast.Assign):
            yield from (prefix + target.id for target in each.targets if isinstance(target, ast.Name))
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield prefix + each.target.id


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@cache
def variables() -> frozenset[str]:
    files = [*(ROOT / "pipeline").rglob("*.py"), ROOT / "Makefile"]
    return frozenset(name for path in files for name in re.findall(r"BELSCORE_[A-Z_]+", text_of(path)))


def problem(span: str) -> str | None:
    """What a span claims that is not so; None when it is so, or claims nothing that can be looked up."""
    if span == "belscore" or span.startswith("belscore "):
        return command_problem(span)
    if span.startswith(_TOP) and re.fullmatch(r"[\w./:*\[\]-]+", span):
        return path_problem(span)
    if found := re.fullmatch(r"make ([a-z-]+)(?: .*)?", span):
        return None if found[1] in targets() else f"no target {found[1]}"
    if found := re.fullmatch(r"python (bench/\w+\.py)(?: .*)?", span):
        return path_problem(found[1])
    if found := re.fullmatch(r"(BELSCORE_[A-Z_]+)(?:=.*)?", span):
        return None if found[1] in variables() else f"no variable {found[1]}"
    return None


def slugs(document: Path) -> set[str]:
    """Anchors of the headings of a page, as GitHub makes them."""
    heads = _HEADING.findall(_FENCE.sub("", text_of(document)))
    return {re.sub(r"[^\w\- ]", "", head.casefold()).replace(" ", "-") for head in heads}


def rows(document: Path) -> Iterator[list[str]]:
    """Cells of the rows of all tables, without their heads."""
    before = ""
    for line in _FENCE.sub("", text_of(document)).splitlines():
        is_row = line.startswith("|")
        is_rule = is_row and set(line) <= set("|-: ")
        if is_row and not is_rule and before.startswith("|"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        before = line if is_row else ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_what_a_document_names_exists(document: Path) -> None:
    assert [wrong for span in spans(document) if (wrong := problem(span))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    wrong = []
    for link in _LINK.findall(_FENCE.sub("", text_of(document))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and anchor not in slugs(target)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("name", LEGAL)
def test_every_row_about_what_the_program_does_names_where(name: str) -> None:
    document = ROOT / "docs" / name
    assert len([*rows(document)]) >= 5
    for row in rows(document):
        last = row[-1]
        proved = any(_is_proof(span) for span in _SPAN.findall(last)) or _LINK.search(last) is not None
        assert proved or any(each in last.casefold() for each in _NO_PROOF_NEEDED), f"{name}: {row}"


def _is_proof(span: str) -> bool:
    return span.startswith(("belscore ", "make ", "python bench/", "BELSCORE_", *_TOP))


def test_privacy_page_tells_of_every_table_of_the_store_and_of_no_other() -> None:
    part = text_of(ROOT / "docs" / "privacy.md").split("## Wat er in de opslag staat")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([a-z_]+)`", part, re.MULTILINE)
    assert sorted(told) == sorted(metadata.tables)


def test_privacy_page_tells_which_tables_have_encrypted_columns() -> None:
    part = text_of(ROOT / "docs" / "privacy.md").split("## Wat er in de opslag staat")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([a-z_]+)`[^\n]*\(versleuteld\)", part, re.MULTILINE)
    sealed = {
        table.name
        for table in metadata.sorted_tables
        if any(isinstance(column.type, SealedBinary | SealedText) for column in table.columns)
    }
    assert {*told} == sealed


@pytest.mark.parametrize(
    "span",
    [
        "belscore vanish",
        "belscore report --rank",
        "belscore review sample NAME --best",
        "pipeline/belscore/emotions.py",
        "tests/test_law.py::TestNothing",
        "tests/test_law.py::TestRanking::test_that_is_not_there",
        "bench/none_*.py",
        "make vanish",
        "python bench/vanish.py",
        "BELSCORE_VANISH",
    ],
)
def test_a_false_claim_is_found(span: str) -> None:
    assert problem(span) is not None


@pytest.mark.parametrize(
    "span",
    [
        "belscore",
        "belscore report --by agent",
        "belscore rules show ID",
        "tests/test_doc_claims.py::test_a_false_claim_is_found",
        "rules/lexicon/*.toml",
        "make test",
        "BELSCORE_CACHE_DAYS=0",
        "pass",
    ],
)
def test_a_true_claim_is_none_the_worse(span: str) -> None:
    assert problem(span) is None
