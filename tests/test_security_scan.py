"""The code holds nothing that runs what it is given: no pickle, eval, shell or unescaped page, and no secret."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    [*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "samples").rglob("*.py"), *(ROOT / "bench").glob("*.py")]
)
TEMPLATES = sorted(
    path for path in (ROOT / "pipeline").rglob("*") if path.suffix in {".html", ".jinja", ".j2", ".xml", ".js"}
)

# Modules that make objects or code of bytes, or read XML with entities.
MODULES = frozenset({
    "_pickle", "cPickle", "cloudpickle", "code", "codeop", "commands", "dill", "ftplib", "joblib", "jsonpickle", "lxml",
    "marshal", "pickle", "pty", "ruamel", "shelve", "telnetlib", "xmlrpc", "yaml",
})  # fmt: skip
# Calls by what they are called, and by what they are called on where the name alone says too little.
CALLS = frozenset({"eval", "exec", "compile", "__import__", "execfile"})
METHODS = frozenset({"read_pickle", "to_pickle", "unsafe_load", "mktemp"})
OWNED_CALLS = frozenset({
    "os.system", "os.popen", "os.execv", "os.execve", "os.execl", "os.execlp", "os.execvp", "torch.load", "joblib.load",
    "ElementTree.parse", "ElementTree.fromstring", "ElementTree.XML", "ElementTree.iterparse", "minidom.parse",
    "minidom.parseString", "ssl._create_unverified_context", "hashlib.md5", "hashlib.sha1", "tarfile.open",
})  # fmt: skip
# Keyword arguments that open a door with this value.
KEYWORDS = {"shell": True, "allow_pickle": True, "verify": False, "autoescape": False}
_SECRET = re.compile(r"password|passphrase|secret|token|api_?key|private_key", re.IGNORECASE)
_SECRET_LENGTH = 8
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bghp_[0-9A-Za-z]{36}\b")
_UNESCAPED = re.compile(
    r"\|\s*safe\b|autoescape\s+false|\.innerHTML\s*=|\.outerHTML\s*=|document\.write|insertAdjacentHTML"
)

# Packaged style and script, the picture that Vega made of escaped texts, and the body of a report, which a template of
# ours has escaped: in the page, or fetched from the same server into it.
_OURS = re.compile(
    r"\{\{ (style|script|picture|made\.body)\|safe \}\}|^    place\.innerHTML = await answer\.text\(\);$", re.MULTILINE
)

# What stands in the code all the same, and why it may.
ALLOWED: dict[tuple[str, str], str] = {}


def found_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of everything in the code that the lists above forbid."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0 and (node.module or "").split(".")[0] in MODULES:
                yield node.lineno, node.module or ""
        elif isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from _of_assignment(node)


def _of_call(node: ast.Call) -> Iterator[tuple[int, str]]:
    name = _dotted(node.func)
    last = name.rsplit(".", 1)[-1]
    # `re.compile`, `session.exec` and the like are methods of something else.
    if name in CALLS or last in METHODS or ".".join(name.split(".")[-2:]) in OWNED_CALLS:
        yield node.lineno, name
    if last == "Markup" and not isinstance(node.args[0], ast.Constant):
        yield node.lineno, name
    if last in {"text", "execute", "exec_driver_sql"} and any(_is_built_sql(each) for each in node.args):
        yield node.lineno, f"{name} of a built text"
    for keyword in node.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if keyword.arg in KEYWORDS and value is KEYWORDS[keyword.arg]:
            yield node.lineno, f"{keyword.arg}={value}"
        elif keyword.arg and _SECRET.search(keyword.arg) and _is_secret(keyword.value):
            yield node.lineno, f"a secret as {keyword.arg}"


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of a name, its last part alone where it belongs to a value."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _is_built_sql(node: ast.expr) -> bool:
    """Whether text is put together of parts, and reads as SQL."""
    if not isinstance(node, ast.JoinedStr | ast.BinOp):
        return False
    words = " ".join(
        each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
    return re.match(r"\s*(select|insert|update|delete|drop|alter|create)\b", words, re.IGNORECASE) is not None


def _of_assignment(node: ast.Assign | ast.AnnAssign) -> Iterator[tuple[int, str]]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        name = _dotted(target)
        if _SECRET.search(name) and node.value is not None and _is_secret(node.value):
            yield node.lineno, f"a secret as {name}"


def _is_secret(node: ast.expr) -> bool:
    """Whether a value is a text that could be a key: long, of one word, with a digit in it."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    value = node.value
    return len(value) >= _SECRET_LENGTH and not re.search(r"[\s/.{]", value) and any(map(str.isdigit, value))


@pytest.mark.parametrize("part", ["pipeline", "samples", "bench"])
def test_code_runs_nothing_that_it_is_given(part: str) -> None:
    problems = []
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(part):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        problems += [f"{name}:{line}: {what}" for line, what in found_in(tree) if (name, what) not in ALLOWED]
    assert problems == []


def test_files_scanned_are_those_of_the_product() -> None:
    assert len([path for path in SOURCES if "belscore" in path.parts]) > 100
    assert len(TEMPLATES) > 3


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from yaml import load",
        "import os.path, marshal",
        "def f():\n    import dill",
        "eval(x)",
        "exec(x)",
        "__import__(x)",
        "compile(x, 'f', 'exec')",
        "os.system('ls')",
        "subprocess.run(x, shell=True)",
        "np.load(x, allow_pickle=True)",
        "pd.read_pickle(x)",
        "ElementTree.fromstring(x)",
        "xml.etree.ElementTree.parse(x)",
        "hashlib.md5(x)",
        "requests.get(x, verify=False)",
        "Environment(autoescape=False)",
        "Markup(x)",
        "connection.execute(text(f'select {x}'))",
        "connection.exec_driver_sql('DELETE FROM ' + x)",
        "password = 'hunter22hunter'",
        "connect(api_key='sk12345678')",
    ],
)
def test_scan_finds_what_is_forbidden(code: str) -> None:
    assert list(found_in(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["re.compile(x)", "x.eval()", "text('select 1')", "Markup('<b>')", "token = read_token()", "password: str"]
)
def test_scan_passes_what_is_not(code: str) -> None:
    assert not list(found_in(ast.parse(code)))


def test_templates_escape_everything() -> None:
    found = [path.name for path in TEMPLATES if _UNESCAPED.search(_OURS.sub("", path.read_text(encoding="utf-8")))]
    assert found == []


def test_no_private_key_lies_in_the_code() -> None:
    assert [path for path in [*SOURCES, *TEMPLATES] if _KEY_BLOCK.search(path.read_text(encoding="utf-8"))] == []
