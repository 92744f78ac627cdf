"""Encryption at rest: what goes in comes out, nothing changed passes, and no key is ever shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belscore.encryption import copies, values
from belscore.encryption.copies import sweep, unsealed_copy
from belscore.encryption.files import CHUNK_BYTES, SealedWriter, key_of, open_sealed
from belscore.encryption.keys import (
    FILE_VARIABLE,
    KEY_VARIABLE,
    Key,
    KeyRing,
    add_key,
    load_keys,
    new_key_file,
)
from belscore.errors import BelscoreError

OLD, NEW = Key(b"o" * 32), Key(b"n" * 32)
RING = KeyRing([NEW, OLD])
HEADER = 48
# Around the ends of chunks, where a construction goes wrong.
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]


def content(size: int) -> bytes:
    return bytes((7 * place + place // 251) % 256 for place in range(size))


def sealed_file(path: Path, data: bytes, keys: KeyRing | None = RING) -> Path:
    with SealedWriter(path, keys) as writer:
        writer.write(data)
        writer.commit()
    return path


def read_all(path: Path, keys: KeyRing | None = RING) -> bytes:
    with open_sealed(path, keys) as sealed:
        return b"".join(sealed.read(at, 50_000) for at in range(0, sealed.size_bytes, 50_000))


# ---- files


@pytest.mark.parametrize("keys", [RING, None], ids=["sealed", "plain"])
@pytest.mark.parametrize("size", SIZES)
def test_file_comes_out_as_it_went_in(tmp_path: Path, size: int, keys: KeyRing | None) -> None:
    path = sealed_file(tmp_path / "a.wav", content(size), keys)
    with open_sealed(path, keys) as sealed:
        assert sealed.size_bytes == size
        assert sealed.is_sealed == (keys is not None)
    assert read_all(path, keys) == content(size)


@settings(max_examples=40, deadline=None)
@given(
    parts=st.lists(st.integers(0, 2 * CHUNK_BYTES), max_size=4),
    start=st.integers(0, 5 * CHUNK_BYTES),
    count=st.integers(0, 3 * CHUNK_BYTES),
)
def test_any_part_can_be_read_however_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, parts: list[int], start: int, count: int
) -> None:
    path = tmp_path_factory.mktemp("sealed") / "a"
    whole = content(sum(parts))
    with SealedWriter(path, RING) as writer:
        at = 0
        for part in parts:
            writer.write(whole[at : at + part])
            at += part
        writer.commit()
    with open_sealed(path, RING) as sealed:
        assert sealed.read(start, count) == whole[start : start + count]


def test_sealed_file_shows_nothing_of_its_content_and_is_for_its_owner(tmp_path: Path) -> None:
    path = sealed_file(tmp_path / "new" / "a", b"mevrouw Jansen " * 9000)
    assert b"Jansen" not in path.read_bytes()
    assert key_of(path) == NEW.id
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_files_of_one_content_have_nothing_in_common(tmp_path: Path) -> None:
    one, other = (sealed_file(tmp_path / name, content(100)).read_bytes() for name in "ab")
    assert one[HEADER : HEADER + 16] != other[HEADER : HEADER + 16]


@pytest.mark.parametrize("place", [0, 9, 20, HEADER, HEADER + CHUNK_BYTES, HEADER + CHUNK_BYTES + 16, -1])
def test_flipped_bit_is_told(tmp_path: Path, place: int) -> None:
    path = sealed_file(tmp_path / "a", content(2 * CHUNK_BYTES))
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)
    if place == 0:
        # Without its mark it is a file like any other; no decoder takes it for a recording.
        assert read_all(path) == bytes(raw)
        return
    with pytest.raises(BelscoreError, match=r"is damaged|is encrypted with key"):
        read_all(path)


@pytest.mark.parametrize("left", [HEADER - 1, HEADER, HEADER + 15, HEADER + CHUNK_BYTES + 16, -16, -1])
def test_truncated_file_is_told_when_it_is_opened(tmp_path: Path, left: int) -> None:
    path = sealed_file(tmp_path / "a", content(2 * CHUNK_BYTES + 100))
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(BelscoreError, match="is damaged"):
        open_sealed(path, RING)


def test_swapped_chunks_and_chunks_of_another_file_are_told(tmp_path: Path) -> None:
    path = sealed_file(tmp_path / "a", content(3 * CHUNK_BYTES))
    raw, step = path.read_bytes(), CHUNK_BYTES + 16
    head, chunks = raw[:HEADER], [raw[at : at + step] for at in range(HEADER, len(raw), step)]
    foreign = sealed_file(tmp_path / "b", content(3 * CHUNK_BYTES)).read_bytes()[HEADER : HEADER + step]
    for order in ([chunks[1], chunks[0], chunks[2]], [foreign, *chunks[1:]], [*chunks[1:]], [*chunks, chunks[2]]):
        path.write_bytes(head + b"".join(order))
        with pytest.raises(BelscoreError, match="is damaged"):
            read_all(path)


def test_file_that_is_not_committed_never_appears(tmp_path: Path) -> None:
    path = sealed_file(tmp_path / "a", b"before")
    with SealedWriter(path, RING) as writer:
        writer.write(content(CHUNK_BYTES * 2))
    assert read_all(path) == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    writer = SealedWriter(tmp_path / "a", RING)
    writer.write(b"x")
    with pytest.raises(BelscoreError, match="a: No space left on device; check the folder"):
        writer.commit()
    assert [*tmp_path.iterdir()] == []


def test_older_key_reads_and_the_newest_one_writes(tmp_path: Path) -> None:
    assert read_all(sealed_file(tmp_path / "a", b"oud", KeyRing([OLD]))) == b"oud"
    assert key_of(sealed_file(tmp_path / "b", b"nieuw")) == NEW.id
    assert key_of(sealed_file(tmp_path / "c", b"open", None)) is None


def test_key_that_is_not_there_is_named_by_its_id(tmp_path: Path) -> None:
    path = sealed_file(tmp_path / "a", b"x", KeyRing([OLD]))
    with pytest.raises(BelscoreError, match=rf"encrypted with key {OLD.id.hex()}, which is not in BELSCORE_KEY; put"):
        open_sealed(path, KeyRing([NEW]))
    with pytest.raises(BelscoreError, match=rf"encrypted \(key {OLD.id.hex()}\), and no key is set; name the file"):
        open_sealed(path, None)


# ---- plain copies


def test_plain_copy_is_private_and_goes(tmp_path: Path) -> None:
    path, folder = sealed_file(tmp_path / "gesprek.mp3", content(CHUNK_BYTES + 5)), tmp_path / "tmp"
    with unsealed_copy(path, RING, folder) as plain:
        assert plain.read_bytes() == content(CHUNK_BYTES + 5)
        assert plain.suffix == ".mp3"
        assert os.name != "posix" or stat.S_IMODE(plain.stat().st_mode) == 0o600
        assert sweep(folder) == 0
    assert [*folder.iterdir()] == []


def test_plain_file_is_used_itself(tmp_path: Path) -> None:
    path = sealed_file(tmp_path / "a.wav", b"x", None)
    with unsealed_copy(path, RING, tmp_path / "tmp") as plain:
        assert plain == path
    assert path.exists()


def test_plain_copy_of_a_damaged_file_leaves_nothing(tmp_path: Path) -> None:
    path, folder = sealed_file(tmp_path / "a", content(3 * CHUNK_BYTES)), tmp_path / "tmp"
    raw = bytearray(path.read_bytes())
    raw[HEADER + CHUNK_BYTES + 20] ^= 1
    path.write_bytes(raw)
    with pytest.raises(BelscoreError, match="is damaged"), unsealed_copy(path, RING, folder):
        pass
    assert [*folder.iterdir()] == []


@pytest.mark.skipif(os.name != "posix", reason="whether a process runs is known there")
def test_sweep_removes_what_dead_processes_left_and_nothing_else(tmp_path: Path) -> None:
    me = copies._this_process()
    dead = tmp_path / f"belscore-plain~{me.host}~{2**22 + 1}~abc123~0011.wav"
    other_machine = tmp_path / "belscore-plain~elders~1~abc123~0011.wav"
    old = tmp_path / "belscore-plain~elders~1~abc123~0022.wav"
    part = tmp_path / ".gesprek.wav.00112233aabb.part"
    own = tmp_path / "gesprek.wav"
    for path in (dead, other_machine, old, part, own):
        path.write_bytes(b"x")
    for path in (old, part, own):
        os.utime(path, (1, 1))
    assert sweep(tmp_path) == 3
    assert {path.name for path in tmp_path.iterdir()} == {other_machine.name, own.name}
    assert sweep(tmp_path / "nergens") == 0


# ---- values


@settings(deadline=None)
@given(data=st.binary(max_size=300).map(lambda data: b"z" + data), sealed=st.booleans())
def test_body_comes_out_as_it_went_in(data: bytes, sealed: bool) -> None:
    keys = RING if sealed else None
    assert values.unseal(values.seal(data, keys, "a.b"), keys, "a.b") == data


@settings(deadline=None)
@given(
    text=st.text(max_size=60), begin=st.sampled_from(["", values.TEXT_MARK, "~p1~", "~p1~~s1~"]), sealed=st.booleans()
)
def test_text_comes_out_as_it_went_in(text: str, begin: str, sealed: bool) -> None:
    keys = RING if sealed else None
    assert values.unseal_text(values.seal_text(begin + text, keys, "a.b"), keys, "a.b") == begin + text


def test_value_is_bound_to_its_column_and_every_bit_of_it() -> None:
    body = values.seal(b"z123", RING, "a.b")
    assert values.unseal(body, RING, "a.c") is None
    for place in range(9, len(body)):
        assert values.unseal(body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :], RING, "a.b") is None
    assert values.unseal(body[:15], RING, "a.b") is None
    with pytest.raises(BelscoreError, match=r"a\.b: is damaged"):
        values.unseal_text(values.seal_text("x", RING, "a.c"), RING, "a.b")
    with pytest.raises(BelscoreError, match=r"a\.b: is damaged"):
        values.unseal_text(values.TEXT_MARK + "geen base64", RING, "a.b")


def test_value_tells_the_key_it_begins_with() -> None:
    assert values.seal(b"z", RING, "a.b").startswith(values.begin_of(NEW))
    assert values.seal_text("wat", RING, "a.b").startswith(values.text_begin_of(NEW))
    assert values.text_begin_of(NEW) != values.text_begin_of(OLD)
    with pytest.raises(BelscoreError, match=f"key {NEW.id.hex()}"):
        values.unseal(values.seal(b"z", RING, "a.b"), KeyRing([OLD]), "a.b")


# ---- keys


def test_key_file_is_made_for_its_owner_and_never_over_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sleutels" / "belscore.key"
    first = new_key_file(path)
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(BelscoreError, match="is there already; name another file"):
        new_key_file(path)
    second = add_key(path)
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    ring = load_keys()
    assert ring is not None
    assert ring.ids == (second.id.hex(), first.id.hex())
    assert path.read_text().count("Keys of belscore") == 1
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_ring_reads_its_file_again_when_another_process_added_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "belscore.key"
    new_key_file(path)
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    running = load_keys()
    assert running is not None
    added = add_key(path)
    assert running.find(added.id, where="a").id == added.id
    assert running.newest.id == added.id


def test_keys_come_from_the_environment_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        KEY_VARIABLE, "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4=\n b29vb29vb29vb29vb29vb29vb29vb29vb29vb29vb28"
    )
    ring = load_keys()
    assert ring is not None
    assert ring.ids == (NEW.id.hex(), OLD.id.hex())


def test_no_key_is_no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.delenv(FILE_VARIABLE, raising=False)
    assert load_keys() is None


@pytest.mark.parametrize("text", ["geheim", "Z2VoZWlt", "bm5u bm5u", "é"])
def test_wrong_key_is_told_and_not_shown(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, text)
    with pytest.raises(BelscoreError, match="BELSCORE_KEY: key 1 is no key of belscore") as told:
        load_keys()
    assert text.split()[0] not in str(told.value)


def test_file_without_a_key_and_two_places_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "weg"))
    with pytest.raises(BelscoreError, match="No such file or directory; restore the file, or correct BELSCORE_KEY_F"):
        load_keys()
    (tmp_path / "leeg").write_text("# niets\n")
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "leeg"))
    with pytest.raises(BelscoreError, match="holds no key; restore the file"):
        load_keys()
    monkeypatch.setenv(KEY_VARIABLE, "bm5u")
    with pytest.raises(BelscoreError, match="keys from two places; set one of the two"):
        load_keys()


def test_keys_are_shown_by_their_ids_alone() -> None:
    for shown in (repr(RING), repr(NEW), str(NEW), f"{RING}"):
        assert "nnnn" not in shown
        assert NEW.id.hex() in shown
