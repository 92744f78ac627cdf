"""Everything that says what the program knows of people: names in code and data, and the texts that users read."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "pipeline" / "belscore"
RULES = ROOT / "rules"
# Keys of rule and lexicon files that hold words as callers and agents say them: these are matched, and say nothing of
# whoever says them. In `check` only the names of parameters tell what is judged.
SAID = frozenset({"call", "say", "say_instead", "other", "rewrite", "by_hour", "key", "answer", "quote"})


class Said(NamedTuple):
    """A text and where it stands; `name` when it is a name in code or data."""

    where: str
    text: str
    name: bool


def everything() -> Iterator[Said]:
    yield from schemas()
    yield from tables()
    yield from names_in_code()
    yield from rule_files()
    yield from lexicons()
    yield from texts()
    yield from templates()
    yield from command_line()
    yield from packages()


def schemas() -> Iterator[Said]:
    """Keys, choices and titles of call JSON, scorecard JSON and rule files."""
    from pydantic import TypeAdapter

    from belscore import call_json, scorecard
    from belscore.rule_schema import RuleFile

    made = {
        "call": call_json.json_schema(),
        "scorecard": scorecard.json_schema(),
        "rule": TypeAdapter(RuleFile).json_schema(),
    }
    for name, schema in made.items():
        for text in _of_schema(schema):
            yield Said(f"schema/{name}", text, name=True)


def _of_schema(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("properties", "$defs"):
                yield from value
            if key in ("enum", "const", "title"):
                yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))
            yield from _of_schema(value)
    elif isinstance(node, list):
        for each in node:
            yield from _of_schema(each)


def tables() -> Iterator[Said]:
    """Tables of the store, their columns, and what their checks allow."""
    from belscore.store.tables import metadata

    for table in metadata.sorted_tables:
        for name in (table.name, *table.columns.keys()):
            yield Said(f"table/{table.name}", name, name=True)
        for constraint in table.constraints:
            yield Said(f"table/{table.name}", str(getattr(constraint, "sqltext", "")), name=True)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def names_in_code() -> Iterator[Said]:
    """Names that are given in the package: modules, classes, functions, parameters, variables, fields, short texts."""
    for path in modules():
        where = f"code/{path.relative_to(PACKAGE).as_posix()}"
        yield Said(where, path.stem, name=True)
        for name in sorted(set(_given(ast.parse(path.read_text(encoding="utf-8"))))):
            yield Said(where, name, name=True)


def _given(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)) | ast.Attribute(attr=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            # Keys, ids and choices; longer texts are messages.
            case ast.Constant(value=str(name)) if re.fullmatch(r"\w+(-\w+)*", name):
                yield name


def rule_files() -> Iterator[Said]:
    """Ids, titles, reasons and feedback of rules and situations, and the names of the parameters of their checks."""
    for path in sorted(RULES.rglob("*.toml")):
        where = path.relative_to(ROOT).as_posix()
        kind = path.parent.name
        if kind in ("lexicon", "models"):
            continue
        yield Said(where, path.stem.replace("-", " "), name=False)
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for key, value in data.items():
            yield Said(where, key, name=True)
            if key == "check" or kind == "situations":
                yield from (Said(where, each, name=True) for each in _keys(value))
                if isinstance(value, str):
                    yield Said(where, value, name=False)
            elif key not in SAID:
                yield from (Said(where, each, name=False) for each in _told(value))


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _keys(value)
    elif isinstance(node, list):
        for each in node:
            yield from _keys(each)


def _told(node: Any) -> Iterator[str]:
    """The texts in a part of a file, but for those that hold what people say."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from _told(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in SAID:
                yield from _told(value)


def lexicons() -> Iterator[Said]:
    """Names of word lists; of `redenen.toml` the texts too, which users read."""
    for path in sorted((RULES / "lexicon").glob("*.toml")):
        where = path.relative_to(ROOT).as_posix()
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        yield Said(where, path.stem, name=True)
        if path.stem == "redenen":
            yield from (Said(where, each, name=False) for each in _told(data))
        yield from (Said(where, each, name=True) for each in _keys(data) if re.fullmatch(r"\w+", each))


def texts() -> Iterator[Said]:
    """What the program says: the text files beside its modules."""
    for path in sorted(PACKAGE.rglob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        where = path.relative_to(ROOT).as_posix()
        yield from (Said(where, each, name=True) for each in _keys(data))
        yield from (Said(where, each, name=False) for each in _told(data))


def templates() -> Iterator[Said]:
    """Pages, their styles and scripts."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".j2", ".html", ".js", ".css", ".svg"):
            where = path.relative_to(ROOT).as_posix()
            yield Said(where, path.read_text(encoding="utf-8"), name=True)


def command_line() -> Iterator[Said]:
    """Commands, their options with what these may be, and their help; the names of reports and of their groups."""
    from belscore.cli import main
    from belscore.reports.catalog import REPORTS

    for path, command in _leaves(main, ()):
        where = f"command/{' '.join(path)}"
        yield Said(where, " ".join(path), name=True)
        yield Said(where, command.help or "", name=False)
        for parameter in command.params:
            yield Said(where, parameter.name or "", name=True)
            yield Said(where, getattr(parameter, "help", None) or "", name=False)
            if isinstance(parameter.type, click.Choice):
                yield from (Said(where, str(each), name=True) for each in parameter.type.choices)
    for name, entry in REPORTS.items():
        for each in (name, *entry.by):
            yield Said("reports", each, name=True)


def _leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _leaves(child, (*path, name))


def packages() -> Iterator[Said]:
    """What is installed with the program, and the models that it can fetch."""
    for line in (ROOT / "requirements-extras.lock").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)==", line):
            yield Said("packages", found[1], name=False)
    models = tomllib.loads((ROOT / "models" / "manifest.toml").read_text(encoding="utf-8"))
    yield from (Said("models", each, name=True) for each in _keys(models))
