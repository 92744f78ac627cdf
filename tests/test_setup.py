"""Set-up is a feature: the lock, the Makefile, the package's versions, and what a cold start imports."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import belscore

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "pipeline" / "belscore"

# The recogniser, audio and table libraries: each costs a cold start more than all of belscore does.
HEAVY_MODULES = {"av", "ctranslate2", "faster_whisper", "librosa", "numba", "onnxruntime", "pandas", "scipy", "sklearn"}
HEAVY_MODULES |= {"spacy", "torch"}

# Written in parts, so that this file does not name them either.
INDEX_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npmjs" + ".org",
    "deb.debian" + ".org",
    "artifactory",
    "devpi",
)
MACHINE_PATH = re.compile(r"(?<![\w./}~)-])/(?:" + "work|root|farm|tmp" + r")/\w|(?<![\w./}~)-])/home/\w+/")

# A word of fewer letters is too often a name in code ("agent", "dag") to say that it was copied from a lexicon.
MIN_LETTERS = 6
# In words; a longer one in the rules is an explanation, not a phrase to look for.
LONGEST_PHRASE = 12
# What users read is Dutch, so these folders do hold Dutch text.
TEXT_FOLDERS = ("cli", "report", "web")


@cache
def _pyproject() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def _repository_files() -> tuple[Path, ...]:
    """Every file that a clone has or that would be added: git's own list, or the test is skipped."""
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        pytest.skip("no git checkout, so nothing says which files belong to the project")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout.decode()
    return tuple(REPOSITORY / name for name in listed.split("\0") if name and (REPOSITORY / name).is_file())


def _text_lines() -> Iterator[tuple[str, str]]:
    """Each line of each text file of the repository, with `file:line`."""
    for path in _repository_files():
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            yield f"{path.relative_to(REPOSITORY)}:{number}", line


LOCKS = ("requirements.lock", "requirements-extras.lock", "requirements-checks.lock")


def _locked(name: str = LOCKS[0]) -> dict[str, list[str]]:
    """The lines of each requirement in a lock, by `name==version; marker`."""
    requirements: dict[str, list[str]] = {}
    for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        text = line.removesuffix("\\").strip()
        if line.startswith(" "):
            requirements[next(reversed(requirements))].append(text)
        else:
            requirements[text] = []
    return requirements


# The lock


def _locked_names(name: str) -> set[str]:
    return {requirement.split("==")[0] for requirement in _locked(name)}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_is_pinned_and_has_hashes(name: str) -> None:
    locked = _locked(name)
    assert locked
    for requirement, lines in locked.items():
        assert re.match(r"[a-z0-9-]+==[\w.]+( ; .+)?$", requirement), requirement
        assert lines, f"{requirement} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines), requirement


def test_lock_has_every_package_that_pyproject_names() -> None:
    project, groups = _pyproject()["project"], dict(_pyproject()["dependency-groups"])
    of_checks = groups.pop("checks")
    for group in (project["dependencies"], *groups.values()):
        assert _names(group) <= _locked_names(LOCKS[0]), "run `make lock`"
    for extra in project["optional-dependencies"].values():
        assert _names(extra) <= _locked_names(LOCKS[1]), "run `make lock`"
    assert _names(of_checks) <= _locked_names(LOCKS[2]), "run `make lock`"


def test_locks_agree() -> None:
    """What is installed beside `make setup` changes no package that it installed."""
    pinned = {requirement.split(" ;")[0] for requirement in _locked()}
    for name in LOCKS[1:]:
        assert pinned - {requirement.split(" ;")[0] for requirement in _locked(name)} == set()


def test_lock_has_no_torch_and_no_gpu_package() -> None:
    assert not [name for name in _locked() if re.match(r"torch|nvidia-|triton|cuda", name)]


def test_lock_holds_on_every_platform() -> None:
    """No marker may keep a package that is needed everywhere from one of the systems."""
    needed = {"av", "ctranslate2", "faster-whisper", "numpy", "onnxruntime", "webrtcvad-wheels"}
    unmarked = {requirement.split("==")[0] for requirement in _locked() if ";" not in requirement}
    assert needed <= unmarked


# What the repository says of the outside


def test_no_file_names_a_package_index_host() -> None:
    found = [place for place, line in _text_lines() if any(host in line.lower() for host in INDEX_HOSTS)]
    # "artifactory" and "devpi" stand in this file as the names that are looked for.
    assert [place for place in found if not place.startswith("tests/test_setup.py:")] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert [f"{place}: {line.strip()[:80]}" for place, line in _text_lines() if MACHINE_PATH.search(line)] == []


# The Makefile


def _make(*arguments: str) -> str:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    return subprocess.run(["make", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout


def test_make_without_a_target_lists_every_target_with_a_line() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    phony = {name for names in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for name in names.split()}
    listed = re.findall(r"^  make (\S+) +\S.*$", _make("--no-print-directory"), re.MULTILINE)
    assert sorted(listed) == sorted(phony - {"FORCE"})


def test_every_script_in_bench_has_a_target() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    scripts = {
        path.name for path in (REPOSITORY / "bench").glob("*.py") if '__name__ == "__main__"' in path.read_text()
    }
    assert {name for name in scripts if f"bench/{name}" not in makefile} == set()


def test_every_script_that_the_makefile_runs_is_there() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    scripts = re.findall(r"\$\(BIN\)/python (\S+\.py)", makefile)
    assert scripts
    assert [script for script in scripts if not (REPOSITORY / script).is_file()] == []


def test_makefile_and_pyproject_agree_on_the_oldest_python() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    oldest = re.search(r"^OLDEST_PYTHON := (\S+)$", makefile, re.MULTILINE)
    assert oldest is not None
    assert _pyproject()["project"]["requires-python"] == f">={oldest[1]}"


# The package


def _distributions_imported(*folders: Path) -> set[str]:
    """The distributions that the Python files in the folders import; a module that no distribution has, by its name."""
    carriers = packages_distributions()
    imported: set[str] = set()
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    own = {"belscore", *(path.stem for path in paths)}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                imported.add(node.module.partition(".")[0])
    foreign = imported - own - set(sys.stdlib_module_names)
    return {name.lower().replace("_", "-") for module in foreign for name in carriers.get(module, [module])}


def _names(requirements: object) -> set[str]:
    assert isinstance(requirements, list)
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements}


# FastAPI reads forms with it.
_OF_OTHERS = {"python-multipart"}


def test_dependencies_are_what_the_package_imports() -> None:
    project = _pyproject()["project"]
    needed, imported = _names(project["dependencies"]), _distributions_imported(PACKAGE)
    extras = {name for extra in project["optional-dependencies"].values() for name in _names(extra)}
    assert needed - _OF_OTHERS <= imported
    assert imported <= needed | extras


def test_tests_and_measurements_import_only_what_set_up_installs() -> None:
    project, groups = _pyproject()["project"], _pyproject()["dependency-groups"]
    declared = _names(project["dependencies"]) | _names(groups["dev"])
    # Tests that import these skip where they are not there.
    declared |= _names(groups["checks"]) | _names(project["optional-dependencies"]["oidc"])
    assert _distributions_imported(*(REPOSITORY / name for name in ("tests", "bench", "samples"))) <= declared


def test_wheel_carries_rules_model_manifest_and_package_data(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    package = [path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    rules = list((REPOSITORY / "rules").rglob("*.toml"))
    wanted = {f"belscore/{path.relative_to(PACKAGE).as_posix()}" for path in package}
    wanted |= {f"belscore/rules/{path.relative_to(REPOSITORY / 'rules').as_posix()}" for path in rules}
    wanted |= {f"belscore/role_plays/{path.name}" for path in (REPOSITORY / "samples" / "scenarios").glob("*.toml")}
    assert wanted | {"belscore/models_manifest.toml", "belscore/role_plays/klacht/1.flac"} <= packed
    assert {name.split("/")[0].partition("-")[0] for name in packed} == {"belscore"}


def test_versions_agree() -> None:
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert released[0] == belscore.__version__ == _pyproject()["project"]["version"]


# Cold starts

CALL = """\
0.4-4.1 agent  Goedemorgen, tandartspraktijk De Vries, u spreekt met Anja.
4.3-8.0 caller Goedemorgen, met mevrouw Jansen, ik wil graag een afspraak maken.
"""


def _imported_by(*arguments: str) -> set[str]:
    """The top-level modules that the belscore command imports when it runs with these arguments."""
    code = (
        "import sys\n"
        "from belscore.cli import main\n"
        "try: main()\n"
        "except SystemExit as stop: assert stop.code in (0, None), stop.code\n"
        "finally: print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_help_imports_no_heavy_module() -> None:
    assert _imported_by("--help") & (HEAVY_MODULES | {"numpy", "pydantic", "rich"}) == set()


@pytest.mark.parametrize("form", ["table", "json"])
def test_scoring_a_transcript_imports_no_heavy_module(tmp_path: Path, form: str) -> None:
    call = tmp_path / "gesprek.call"
    call.write_text(CALL, encoding="utf-8")
    imported = _imported_by("score", str(call), "--format", form)
    assert "belscore" in imported
    assert imported & HEAVY_MODULES == set()


# Rule data lives in rules/


def _phrases(value: object) -> Iterator[str]:
    """Every word or phrase in the lists of a rule file or lexicon, and the words that its tables map."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _phrases(inner)
            yield from [key] if isinstance(inner, int) and not isinstance(inner, bool) else []
    if isinstance(value, list):
        for item in value:
            yield from [item.lower()] if isinstance(item, str) else _phrases(item)


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return {node.body[0] for node in ast.walk(tree) if isinstance(node, documented) and ast.get_docstring(node)}


def _literals(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each collection of strings in a module, and each string outside one as a collection of its own; no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    waiting: list[ast.AST] = [tree]
    skipped = _docstrings(tree)
    while waiting:
        node = waiting.pop()
        if node in skipped:
            continue
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
            inside = [inner for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
            yield node.lineno, [inner.value for inner in inside if isinstance(inner.value, str)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, [node.value]
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w'-]+", text.lower()))


def _copied(phrases: set[str], strings: list[str]) -> set[str]:
    """What of the phrases the strings copy: a long one anywhere, or three that are whole strings or alternatives."""
    alone = {_plain(piece) for text in strings for piece in text.split("|")}
    listed = {phrase for phrase in phrases & alone if len(phrase) >= MIN_LETTERS and "_" not in phrase}
    found: set[str] = set()
    for words in (_plain(text).split() for text in strings):
        runs = ((first, last) for first in range(len(words)) for last in range(first + 3, len(words) + 1))
        found |= phrases & {" ".join(words[first:last]) for first, last in runs if last - first <= LONGEST_PHRASE}
    return found | (listed if len(listed) >= 3 else set())


def test_no_phrases_of_the_rules_stand_in_the_code() -> None:
    """No list of words out of rules/ (three are a list), and no single phrase of three words or more."""
    files = sorted((REPOSITORY / "rules").rglob("*.toml"))
    read = [tomllib.loads(path.read_text(encoding="utf-8")) for path in files]
    phrases = {
        phrase for table in read for key, part in table.items() if key != "examples" for phrase in _phrases(part)
    }
    phrases -= {path.stem for path in files}  # ids of rules and situations are names in code too
    assert len(phrases) > 100
    phrases = {phrase for phrase in phrases if len(phrase.split()) <= LONGEST_PHRASE}
    found = [
        f"{path.name}:{line}: {sorted(copied)}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in TEXT_FOLDERS
        for line, strings in _literals(path)
        if (copied := _copied(phrases, strings))
    ]
    assert found == []
