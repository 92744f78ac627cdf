"""The code holds nothing that runs what it is given: no pickle, eval, shell or unescaped page, and no secret.

And what it is given of secrets it shows to nobody.
"""

from __future__ import annotations

import ast
import base64
import re
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.engine import make_url

from belscore import doctor
from belscore.cli import main
from belscore.encryption.keys import load_keys
from belscore.store.caller_keys import caller_keys
from belscore.store.database import Store, _engine, _name, open_store
from belscore.store.tables import audit
from belscore.store.users import add_user, change_user, require_user
from belscore.web.oidc import load_provider
from belscore.web.passwords import hash_password
from belscore.web.settings import ServeSettings

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


# ---- secrets that the program is given are shown by nothing (ASVS 13.3.1, 14.2, 16.2.5)

_KEY = base64.b64encode(bytes(range(100, 132))).decode()
_OTHER_KEY = base64.b64encode(bytes(range(140, 172))).decode()
_HASH_KEY = "hash-sleutel-van-de-bellers-0123456789"
_OIDC_SECRET = "geheim-van-de-aanbieder"
_PASSWORD = "wachtwoord-van-de-database"
_LOGIN = "vier gele fietsen op de dijk"
_SECRETS = (_KEY, base64.b64decode(_KEY).hex(), _HASH_KEY, _OIDC_SECRET, _PASSWORD, _LOGIN)
# Nothing listens on the first port; the second is no port.
_ADDRESSES = (
    f"postgresql+psycopg://anja:{_PASSWORD}@127.0.0.1:1/gesprekken?connect_timeout=1",
    f"postgresql+psycopg://anja@127.0.0.1:1/gesprekken?connect_timeout=1&password={_PASSWORD}",
    f"postgresql+psycopg://anja:{_PASSWORD}@127.0.0.1:x/gesprekken",
)


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """All secrets in the environment; what takes a while and has none of them is left out of `belscore doctor`."""
    for name, value in (("KEY", _KEY), ("HASH_KEY", _HASH_KEY), ("OIDC_SECRET", _OIDC_SECRET)):
        monkeypatch.setenv(f"BELSCORE_{name}", value)
    monkeypatch.delenv("BELSCORE_KEY_FILE", raising=False)
    for check in ("models", "decoder", "sandbox", "rules"):
        monkeypatch.setattr(doctor, f"_{check}", lambda *_: iter(()))


def _told(*arguments: str, typed: str | None = None) -> str:
    """All that a command says, with the traceback that Python would print."""
    ended = CliRunner().invoke(main, [*arguments], input=typed)
    trace = traceback.format_exception(*ended.exc_info) if ended.exc_info else []
    return "".join([ended.output, ended.stderr or "", *trace])


def _shown(told: str) -> list[str]:
    return [secret for secret in _SECRETS if secret in told]


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize("form", ["table", "json"])
def test_doctor_shows_no_secret(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "a.db")
    with open_store(path) as store:
        caller_keys(store)
        with store.write() as connection:
            add_user(connection, name="anja", role="trainee", actor="t")
    for address in (path, *_ADDRESSES):
        told = _told("doctor", "--debug", "--format", form, "--store", address)
        assert "a.db" in told or "127.0.0.1" in told
        assert _shown(told) == []
        monkeypatch.setenv("BELSCORE_STORE", address)
        assert _shown(_told("doctor", "--debug", "--format", form)) == []
    # Of another key than the store has, it tells no more.
    monkeypatch.setenv("BELSCORE_KEY", _OTHER_KEY)
    told = _told("doctor", "--debug", "--format", form, "--store", path)
    assert "is encrypted with key" in told
    assert _OTHER_KEY not in told


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize("address", _ADDRESSES)
@pytest.mark.parametrize("command", [("audit", "list"), ("serve",), ("purge",), ("user", "list"), ("key", "rotate")])
def test_errors_show_no_secret_with_their_traceback(command: tuple[str, ...], address: str) -> None:
    told = _told("--debug", *command, "--store", address)
    assert "Traceback" in told
    assert _shown(told) == []


@pytest.mark.postgres  # for its driver
@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize("address", _ADDRESSES[:2])
def test_settings_show_no_secret(address: str, tmp_path: Path) -> None:
    keys = load_keys()
    store = Store(_engine(make_url(address)), _name(make_url(address)), keys)
    settings = ServeSettings(address, tmp_path, oidc=tmp_path / "oidc.toml")
    with open_store(tmp_path / "a.db") as own:
        hashes = caller_keys(own)
    for each in (keys, keys and keys.newest, store, store.engine.pool, settings, hashes):
        assert _shown(f"{each!r} {each} {[each]}") == []
        assert repr(_HASH_KEY.encode()) not in repr(each)
    store.engine.dispose()


@pytest.mark.extra
@pytest.mark.usefixtures("secrets")
def test_a_provider_shows_no_secret(tmp_path: Path) -> None:
    (tmp_path / "oidc.toml").write_text('issuer = "https://x.nl"\nclient_id = "x"\n', encoding="utf-8")
    provider = load_provider(tmp_path / "oidc.toml")
    assert provider._secret == _OIDC_SECRET
    for each in (provider, provider.settings):
        assert _shown(f"{each!r} {each} {[each]}") == []


@pytest.mark.usefixtures("secrets")
def test_no_secret_stands_in_the_store_or_its_audit_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELSCORE_STORE", str(tmp_path / "a.db"))
    monkeypatch.delenv("BELSCORE_KEY")
    monkeypatch.setenv("BELSCORE_KEY_FILE", str(tmp_path / "keys"))
    (tmp_path / "keys").write_text(f"{_KEY}\n", encoding="ascii")
    _told("user", "add", "anja", typed=f"{_LOGIN}\n{_LOGIN}\n")
    with open_store() as store:
        caller_keys(store)
        with store.write() as connection:
            hashed = hash_password(_LOGIN, name="anja")
            change_user(connection, require_user(connection, "anja"), actor="t", password_hash=hashed)
    for command in (("purge",), ("audit", "verify"), ("key", "rotate")):
        _told(*command)
    keys = load_keys()
    assert keys is not None
    assert len(keys.ids) == 2
    with open_store() as store, store.read() as connection:
        rows = [str(tuple(row)) for row in connection.execute(select(audit))]
    assert all(any(action in row for row in rows) for action in ("user added", "user changed", "key rotated"))
    # Nor as bytes anywhere in the store.
    kept = "\n".join(rows).encode() + b"".join(each.read_bytes() for each in tmp_path.glob("a.db*"))
    given = [secret.encode() for secret in _SECRETS] + [keys.newest.secret, base64.b64decode(_KEY)]
    for secret in (*given, base64.b64encode(keys.newest.secret), keys.newest.secret.hex().encode()):
        assert secret not in kept
