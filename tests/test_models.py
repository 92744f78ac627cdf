"""Models on this machine: found by name or folder, chosen, checked against the manifest, and listed."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from belscore import device, model_fetch, models
from belscore.cli import main
from belscore.errors import ModelError
from model_shop import CONFIG, ENCODER, WEIGHTS, Shop, sha256


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(tmp_path, monkeypatch)


def put_better(shop: Shop, content: bytes = b"abc") -> None:
    (shop.models / "better").mkdir(parents=True)
    (shop.models / "better" / "model.bin").write_bytes(content)


# Checked against the manifest


def test_loading_trusts_the_stamp_and_verifying_does_not(shop: Shop) -> None:
    folder = shop.put(shop.models / "toy")
    models.verify_model("toy")
    weights = folder / "model.bin"
    before = weights.stat()
    weights.write_bytes(b"\0" * len(WEIGHTS))
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert models.find_model("toy").folder == folder
    with pytest.raises(ModelError, match=r"model\.bin has the wrong sha256"):
        models.verify_model("toy")


def test_loading_checks_in_full_when_a_file_changed(shop: Shop) -> None:
    weights = shop.put(shop.models / "toy") / "model.bin"
    models.verify_model("toy")
    weights.write_bytes(b"\0" * len(WEIGHTS))
    os.utime(weights, (0, 0))  # file systems tell times in steps of milliseconds; this may be the same one
    with pytest.raises(ModelError, match=r"wrong sha256; run `belscore models fetch toy` to fetch it again"):
        models.find_model("toy")


def test_a_damaged_encoder_is_not_used(shop: Shop) -> None:
    shop.add(ENCODER)
    weights = shop.models / "voices" / "weights.f32"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(WEIGHTS[6100:6106] + WEIGHTS[6010:6014])
    assert models.find_encoder() == weights.parent
    weights.write_bytes(bytes(10))
    os.utime(weights, (0, 0))
    assert models.find_encoder() is None


def test_an_encoder_is_no_speech_model(shop: Shop) -> None:
    shop.add(ENCODER)
    (shop.models / "voices").mkdir(parents=True)
    (shop.models / "voices" / "weights.f32").write_bytes(WEIGHTS[6100:6106] + WEIGHTS[6010:6014])
    assert models.choose_model().files is None
    with pytest.raises(ModelError, match="unknown model `voices`"):
        models.find_model("voices")


# Chosen


def test_the_best_model_present_is_taken(shop: Shop) -> None:
    with pytest.raises(ModelError, match="no speech model on this machine; run `belscore models fetch`"):
        models.find_model()
    shop.put(shop.models / "toy")
    assert models.find_model().name == "toy"
    put_better(shop)
    assert models.find_model().name == "better"


def test_a_better_model_that_is_damaged_is_passed_by_and_named(shop: Shop) -> None:
    shop.put(shop.models / "toy")
    put_better(shop, b"xyz")
    choice = models.choose_model()
    assert choice.files is not None
    assert (choice.files.name, choice.named) == ("toy", False)
    assert [(status.entry.name, status.state) for status in choice.better] == [("better", "damaged")]


# Folders of one's own

TOKENS = 51_865


def put_own(folder: Path, instead: dict[str, bytes | None]) -> Path:
    """A folder that looks like a converted Whisper model. instead: other contents, or None to leave a file out."""
    files: dict[str, bytes | None] = {
        "model.bin": b"mine",
        "config.json": b'{"alignment_heads": [[1, 2]]}',
        "vocabulary.txt": b"x\n" * TOKENS,
        "tokenizer.json": b"{}",
        **instead,
    }
    folder.mkdir()
    for name, content in files.items():
        if content is not None:
            (folder / name).write_bytes(content)
    return folder


@pytest.mark.usefixtures("shop")
def test_a_model_of_ones_own_is_found_by_its_folder(tmp_path: Path) -> None:
    own = put_own(tmp_path / "own", {})
    assert models.find_model(str(own)) == models.ModelFiles(str(own), own, sha256(b"mine"))


@pytest.mark.usefixtures("shop")
def test_a_large_v3_of_ones_own_is_found_by_its_folder(tmp_path: Path) -> None:
    vocabulary = json.dumps(["x"] * (TOKENS + 1)).encode()
    files: dict[str, bytes | None] = {
        "vocabulary_json": vocabulary,
        "preprocessor_config_json": b'{"feature_size": 128}',
    }
    assert models.find_model(str(put_own(tmp_path / "own", files))).sha256 == sha256(b"mine")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"model.bin": None}, r"has no model\.bin; give a CTranslate2 Whisper folder"),
        (
            {"model.bin": None, "model.safetensors": b""},
            r"is a model of transformers; convert it with `ct2-transformers-converter --model .*own --output_dir",
        ),
        ({"model.bin": None, "pytorch_model.bin": b""}, r"is a model of transformers"),
        ({"config.json": None}, r"config\.json: is missing or unreadable"),
        ({"config.json": b"{}"}, r"config\.json: no alignment_heads"),
        ({"vocabulary.txt": None}, r"has no vocabulary\.json or vocabulary\.txt"),
        ({"vocabulary.txt": b"x\n" * (TOKENS - 1)}, r"knows English only; use a multilingual model"),
        ({"tokenizer.json": None}, r"has no tokenizer\.json, which would have to come from the network; copy"),
        ({"vocabulary.txt": b"x\n" * (TOKENS + 1)}, r"has no preprocessor_config\.json with 128 mel bands; copy"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_before_it_is_loaded(
    files: dict[str, bytes | None], told: str, tmp_path: Path
) -> None:
    own = put_own(tmp_path / "own", files)
    with pytest.raises(ModelError, match=told) as error:
        models.find_model(str(own))
    assert str(own) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("shop")
def test_the_folder_above_a_model_points_to_it(tmp_path: Path) -> None:
    own = put_own(tmp_path / "own", {})
    with pytest.raises(ModelError, match=rf"has no model\.bin; did you mean {re.escape(str(own))}\?"):
        models.find_model(str(tmp_path))


@pytest.mark.usefixtures("shop")
def test_a_file_is_no_model(tmp_path: Path) -> None:
    own = put_own(tmp_path / "own", {})
    with pytest.raises(ModelError, match=r"model\.bin: is a file, not a model; give the folder it is in"):
        models.find_model(str(own / "model.bin"))


@pytest.mark.model
def test_the_default_model_by_its_folder_is_one_that_can_be_used() -> None:
    there = models.find_model("base")
    assert models.find_model(str(there.folder)).sha256 == there.sha256


# Listed


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["models", *arguments])


def flat(text: str) -> str:
    return " ".join(text.split())


def listed() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("list", "--format", "json").stdout)
    return told


def test_the_list_says_what_each_model_is_and_how_well_it_recognises(shop: Shop) -> None:
    shop.put(shop.models / "toy")
    lines = {line.split()[0]: line for line in run("list").stdout.splitlines() if line.strip()}
    for text in ("MIT", "nl en 98 meer", "aanwezig", "50 % op een proef (zelf", "[1]"):
        assert text in lines["toy"] or text in run("list").stdout
    assert "niet opgehaald" in lines["better"]
    assert "23,9 % op" in lines["better"]
    assert lines["[1]"].strip() == "[1] make bench-toy"
    assert lines["[2]"].strip() == "[2] een artikel"


def test_the_list_says_which_model_is_used_and_why(shop: Shop) -> None:
    assert "Er is nog geen spraakmodel: `belscore models fetch` haalt er een op." in flat(run("list").stdout)
    shop.put(shop.models / "toy")
    told = flat(run("list").stdout)
    assert "Gebruikt wordt toy, want --model noemt geen ander en dit is het beste dat er is." in told
    assert "Beter, maar niet opgehaald: better." in told
    assert f"Modellen staan in {shop.models}, want BELSCORE_MODELS zegt dat." in told
    put_better(shop, b"xyz")
    assert "Beter, maar beschadigd: better." in flat(run("list").stdout)


def test_the_list_says_that_a_model_was_named(shop: Shop, tmp_path: Path) -> None:
    shop.put(shop.models / "toy")
    put_better(shop)
    assert "Gebruikt wordt toy, want --model noemt dat." in flat(run("list", "--model", "toy").stdout)
    own = put_own(tmp_path / "own", {"tokenizer.json": None})
    result = run("list", "--model", str(own))
    assert result.exit_code == 2
    assert "has no tokenizer.json" in result.stderr


def test_the_list_says_how_far_an_interrupted_fetch_came(shop: Shop) -> None:
    shop.leave_part(WEIGHTS[: len(WEIGHTS) // 2])
    (shop.part().parent.parent / "scratch" / "unfinished").write_bytes(WEIGHTS)
    assert "50 % opgehaald" in flat(run("list").stdout)
    assert listed()["models"][0]["fetched_bytes"] == len(WEIGHTS) // 2


def test_the_list_says_what_is_computed_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put(shop.models / "toy")
    monkeypatch.setenv(device.DEVICE_VARIABLE, "cpu")
    assert "Gerekend wordt op de processor (int8), want BELSCORE_DEVICE zegt dat." in flat(run("list").stdout)
    found = device.Device("cuda", "int8_float16", "card")
    monkeypatch.setattr(device, "survey_device", lambda: found)
    assert "Gerekend wordt op de grafische kaart (int8_float16), want die is er." in flat(run("list").stdout)


def test_the_list_as_json_has_the_same_for_scripts(shop: Shop) -> None:
    folder = shop.put(shop.models / "toy")
    told = listed()
    assert told["schema"] == "belscore.models/1"
    assert told["used"] == {
        "name": "toy",
        "folder": str(folder),
        "sha256": sha256(WEIGHTS),
        "reason": "best present",
    }
    toy, better = told["models"]
    assert (toy["state"], toy["folder"], toy["default"]) == ("present", str(folder), True)
    assert (toy["size_bytes"], toy["languages"]) == (len(WEIGHTS) + len(CONFIG), 99)
    assert toy["measured"] == [{"on": "een proef", "word_error_rate": 0.5, "source": "make bench-toy"}]
    assert (better["state"], better["folder"], better["published"][0]["word_error_rate"]) == ("missing", None, 0.239)
    assert set(told["device"]) == {"name", "compute_type", "reason"}
    assert told["folders"] == [str(shop.models)]


def test_the_command_fetches_from_a_folder(shop: Shop) -> None:
    stick = shop.put(shop.root / "stick" / "toy").parent
    result = run("fetch", "--from", str(stick))
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{shop.models / 'toy'}\n"
    assert run("verify", "toy").exit_code == 0


# The manifest of the repository


def test_the_manifest_in_the_repository_is_complete() -> None:
    manifest = models.load_manifest()
    assert manifest.default in manifest.models
    assert len({entry.best for entry in manifest.models.values()}) == len(manifest.models)
    for entry in manifest.models.values():
        assert entry.wheels or entry.hub
        assert entry.languages in (99, 100)
        assert {"model.bin", "config.json", "tokenizer.json"} <= {file.name for file in entry.files}
        for file in entry.files:
            assert len(file.sha256) == 64
            assert file.size_bytes > 0
            assert bool(file.members) == bool(entry.wheels)
        for figure in (*entry.published, *entry.measured):
            assert 0 < figure.word_error_rate < 1
            assert figure.source
    for entry in manifest.encoders.values():
        assert entry.wheels
        for file in entry.files:
            assert sum(count for _, count in file.parts) == file.size_bytes


def test_staging_folders_of_the_models_differ() -> None:
    manifest = models.load_manifest()
    staged = [model_fetch._staging(Path(), entry).root for entry in manifest.every_entry()]
    assert len(set(staged)) == len(staged)


def test_the_measured_word_errors_are_those_of_the_readme(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    row = re.search(r"^\| word errors, noisy recorded talks, model base \| ([\d.]+) %", readme, re.MULTILINE)
    assert row is not None
    (figure,) = models.load_manifest().entry("base").measured
    assert figure.word_error_rate == pytest.approx(float(row[1]) / 100)


@pytest.mark.model
def test_the_languages_are_those_of_the_model_itself() -> None:
    config = json.loads((models.find_model("base").folder / "config.json").read_text(encoding="utf-8"))
    assert models.load_manifest().entry("base").languages == len(config["lang_ids"])
