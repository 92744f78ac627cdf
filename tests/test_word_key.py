"""The key of recognised words: it follows the sound, the model and whatever makes words, and nothing else."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest

from belscore import rulebook, word_key
from belscore.call import Span
from belscore.models import ModelFiles
from belscore.word_key import DATA, MAKERS, PACKAGES, PARTS, makers_digest, words_key

PACKAGE = Path(word_key.__file__).parent
BENCH = PACKAGE.parent.parent / "bench"
# Imported by makers without a part in the words; what only these import has none either.
BYSTANDERS = {
    "errors": "ends a run, and gives no words",
    "model_manifest": "gives the calibration of the model, which is in the key",
    "models": "says where the model lies; its sha256 and small files are in the key",
    "progress": "is told how far the work is",
    "rulebook": "hands over the lexicon, whose file is in the key",
}
DATA_SUFFIXES = {".bin", ".csv", ".json", ".npy", ".npz", ".onnx", ".toml"}
CHANNELS = [np.linspace(-1, 1, 1000, dtype=np.float32), np.zeros(1000, np.float32)]
SPANS = [[Span(0.01, 0.02), Span(0.03, 0.05)], [Span(0.0, 0.04)]]


@pytest.fixture(autouse=True)
def _digests_made_anew() -> Iterator[None]:
    makers_digest.cache_clear()
    yield
    makers_digest.cache_clear()


@pytest.fixture
def model(tmp_path: Path) -> ModelFiles:
    return copied_model(tmp_path, "model")


def copied_model(folder: Path, name: str, tokenizer: str = "{}") -> ModelFiles:
    (folder / name).mkdir()
    (folder / name / "config.json").write_text("{}")
    (folder / name / "tokenizer.json").write_text(tokenizer)
    (folder / name / ".verified.json").write_text(name)
    return ModelFiles(name, folder / name, "0" * 64)


# ---- completeness


def modules_named(source: str) -> tuple[set[str], set[str]]:
    """Modules of belscore that a source imports, wherever it does, and packages of others."""
    own, others = set(), set()
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, ["belscore" if node.level else "", node.module]))
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        for name in names:
            first, _, rest = name.partition(".")
            if first != "belscore":
                others.add(first)
            elif (PACKAGE / f"{rest.replace('.', '/')}.py").is_file():
                own.add(rest)
    return own, others - set(sys.stdlib_module_names)


def source_of(module: str) -> str:
    return (PACKAGE / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


def reached(start: str) -> dict[str, str]:
    """Every module that has a part in what `start` does, bystanders apart, and which one imports it."""
    found, waiting = {start: ""}, [start]
    while waiting:
        module = waiting.pop()
        for name in sorted(modules_named(source_of(module))[0] - set(BYSTANDERS) - set(PARTS)):
            if name not in found:
                found[name] = module
                waiting.append(name)
    return found


@pytest.mark.parametrize("source", [
    "import belscore.vad",
    "from belscore.vad import detect",
    "from belscore import vad",
    "from .vad import detect",
    "def late():\n    from belscore.vad import detect",
])  # fmt: skip
def test_an_import_is_seen_however_it_is_written(source: str) -> None:
    assert modules_named(source) == ({"vad"}, set())


def test_every_module_that_makes_words_is_in_the_key() -> None:
    missing = {name: by for name, by in reached("transcribe").items() if name not in MAKERS}
    assert missing == {}, "add it to MAKERS in word_key.py, or to BYSTANDERS here with the reason why it makes no words"


@pytest.mark.parametrize("module", PARTS)
def test_of_a_module_in_parts_all_that_makers_use_is_in_the_key(module: str) -> None:
    used: set[str] = set()
    for maker in MAKERS:
        for node in ast.walk(ast.parse(source_of(maker))):
            if isinstance(node, ast.ImportFrom) and node.module == f"belscore.{module}":
                used |= {alias.name for alias in node.names}
            assert not (isinstance(node, ast.ImportFrom) and node.module == "belscore"), "name what is imported"
    tree = ast.parse(source_of(module))
    top = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    assigned = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [
        target for node in assigned for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    constants = {target.id for target in targets if isinstance(target, ast.Name)}
    for name in PARTS[module]:
        named = {node.id for node in ast.walk(top[name]) if isinstance(node, ast.Name)}
        used |= named & (set(top) | constants)
    assert used == set(PARTS[module])


def test_a_module_is_named_once() -> None:
    named = (*BYSTANDERS, *MAKERS, *PARTS)
    assert len(set(named)) == len(named)
    assert all((PACKAGE / f"{name}.py").is_file() for name in named)


def test_every_package_that_makes_words_is_in_the_key() -> None:
    distributions = packages_distributions()
    imported = {name for module in MAKERS for name in modules_named(source_of(module))[1]}
    assert {name for package in imported for name in distributions[package]} <= set(PACKAGES)


def test_every_file_that_makers_read_is_in_the_key() -> None:
    lexicon = {path.stem for path in (rulebook.default_folder() / "lexicon").glob("*.toml")}
    texts = {
        node.value
        for module in MAKERS
        for node in ast.walk(ast.parse(source_of(module)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    read = {f"lexicon/{text}.toml" for text in texts & lexicon}
    read |= {text for text in texts if Path(text).suffix in DATA_SUFFIXES}
    assert "lexicon/herkenner.toml" in read
    assert read <= set(DATA)


# ---- what changes it


def test_the_same_sound_has_the_same_key_wherever_the_model_lies(tmp_path: Path, model: ModelFiles) -> None:
    elsewhere = copied_model(tmp_path, "elsewhere")
    copies = [channel.copy() for channel in CHANNELS]
    assert words_key(CHANNELS, SPANS, model) == words_key(copies, [list(each) for each in SPANS], elsewhere)


def test_the_key_is_the_same_in_every_process(model: ModelFiles) -> None:
    code = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from belscore.call import Span; from belscore.models import ModelFiles\n"
        "from belscore.word_key import words_key\n"
        "files = ModelFiles('model', Path(sys.argv[1]), '0' * 64)\n"
        "print(words_key([np.zeros(9, np.float32)], [[Span(0.0, 0.1)]], files))"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", code, str(model.folder)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert keys == {words_key([np.zeros(9, np.float32)], [[Span(0.0, 0.1)]], model)}


def test_another_request_has_another_key(tmp_path: Path, model: ModelFiles) -> None:
    quieter = [CHANNELS[0] * np.float32(0.999), CHANNELS[1]]
    other_model = ModelFiles("model", model.folder, "1" * 64)
    other_tokens = copied_model(tmp_path, "tokens", tokenizer="[]")
    keys = [
        words_key(CHANNELS, SPANS, model),
        words_key(quieter, SPANS, model),
        words_key(CHANNELS[::-1], SPANS, model),
        words_key([CHANNELS[0][:-1], CHANNELS[1]], SPANS, model),
        words_key([np.concatenate(CHANNELS)], SPANS[:1], model),
        words_key(CHANNELS, [SPANS[0][:1], SPANS[1]], model),
        words_key(CHANNELS, [[Span(0.01, 0.02), Span(0.03, 0.05 + 1e-9)], SPANS[1]], model),
        words_key(CHANNELS, SPANS[::-1], model),
        words_key(CHANNELS, SPANS, model, hotwords=["Anja"]),
        words_key(CHANNELS, SPANS, model, hotwords=["Anja", "Noor"]),
        words_key(CHANNELS, SPANS, other_model),
        words_key(CHANNELS, SPANS, other_tokens),
    ]
    assert len(set(keys)) == len(keys)


def changed_source(name: str) -> Callable[[pytest.MonkeyPatch, Path], None]:
    def change(patch: pytest.MonkeyPatch, folder: Path) -> None:
        for maker in (*MAKERS, *PARTS):
            shutil.copy(PACKAGE / f"{maker}.py", folder)
        with (folder / f"{name}.py").open("a") as file:
            file.write("# changed\n")
        patch.setattr(word_key, "_PACKAGE", folder)

    return change


def changed_part(patch: pytest.MonkeyPatch, folder: Path) -> None:
    changed_source("call")(patch, folder)
    source = (folder / "call.py").read_text(encoding="utf-8")
    assert source.count("return max(0.0, min(") == 1
    (folder / "call.py").write_text(source.replace("return max(0.0, min(", "return max(0.1, min("), encoding="utf-8")


def changed_lexicon(patch: pytest.MonkeyPatch, folder: Path) -> None:
    shutil.copytree(rulebook.default_folder() / "lexicon", folder / "lexicon")
    with (folder / "lexicon" / "herkenner.toml").open("a") as file:
        file.write("# changed\n")
    patch.setattr(rulebook, "default_folder", lambda: folder)


def changed_packages(patch: pytest.MonkeyPatch, _folder: Path) -> None:
    patch.setattr("importlib.metadata.version", lambda _name: "99")


def changed_setting(patch: pytest.MonkeyPatch, _folder: Path) -> None:
    patch.setattr("belscore.decoder.BEAM_SIZE", 1)


def changed_device(patch: pytest.MonkeyPatch, _folder: Path) -> None:
    patch.setattr("belscore.device.choose_device", lambda: ("cuda", "float16"))


CHANGES = {
    **{name: changed_source(name) for name in MAKERS},
    "part of call": changed_part,
    "lexicon": changed_lexicon,
    "packages": changed_packages,
    "setting": changed_setting,
    "device": changed_device,
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_makes_the_words_is_in_the_key(
    what: str, tmp_path: Path, model: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = words_key(CHANNELS, SPANS, model)
    (tmp_path / "changed").mkdir()
    CHANGES[what](monkeypatch, tmp_path / "changed")
    makers_digest.cache_clear()
    assert words_key(CHANNELS, SPANS, model) != before


def test_the_rest_of_a_module_in_parts_is_not_in_the_key(
    tmp_path: Path, model: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = words_key(CHANNELS, SPANS, model)
    changed_source("call")(monkeypatch, tmp_path)
    makers_digest.cache_clear()
    assert words_key(CHANNELS, SPANS, model) == before


# ---- measurements


def test_no_measurement_of_time_is_served_from_the_users_cache() -> None:
    """A bench that takes the time and lets a recording be read says where the words come from, if from anywhere."""
    reading = {"transcribe_file", "read_call", "score_file", "score_with_call"}
    for path in sorted(BENCH.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "perf_counter(" not in source and "process_time(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in reading:
                given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert given.get("cache", "True") != "True", f"{path.name}:{node.lineno}"
