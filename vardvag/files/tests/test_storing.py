"""Encryption and the disk: what was stored comes back or nothing does; a crash leaves no half file."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vardvag.files import store, vault
from vardvag.files.tests.people import on_disk

SIZES = [0, 1, vault.FRAME - 1, vault.FRAME, vault.FRAME + 1, 3 * vault.FRAME, 3 * vault.FRAME + 7]


def opened(sealed: bytes, key: bytes, label: str = "a.body") -> bytes:
    return b"".join(vault.unseal(io.BufferedReader(io.BytesIO(sealed)), key, label))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens(size: int) -> None:
    content, key = os.urandom(size), vault.new_key()
    sealed = b"".join(vault.seal(content, key, "a.body"))
    assert opened(sealed, key) == content
    assert vault.plain_size(len(sealed)) == size
    assert size < 16 or content[:16] not in sealed


def test_nothing_changed_opens() -> None:
    key = vault.new_key()
    whole = b"".join(vault.seal(os.urandom(2 * vault.FRAME + 9), key, "a.body"))
    frame = vault.FRAME + 16
    first, second, rest = whole[4 : 4 + frame], whole[4 + frame : 4 + 2 * frame], whole[4 + 2 * frame :]
    flipped = bytearray(whole)
    flipped[500] ^= 1
    for wrong in (
        bytes(flipped),
        whole[:4] + second + first + rest,
        whole[:4] + first + second,  # cut at a frame
        whole[: 4 + frame + 100],
        whole + b"more",
        whole[:4] + first + first + rest,
        b"",
        b"VVF1",
        whole[4:],
    ):
        with pytest.raises(vault.Sealed):
            opened(wrong, key)
    for other_key, label in ((vault.new_key(), "a.body"), (key, "b.body"), (key, "a.thumbnail")):
        with pytest.raises(vault.Sealed):
            opened(whole, other_key, label)


def test_master_keys_change_without_losing_files(settings) -> None:
    settings.FILES_KEYS = ["old"]
    key = vault.new_key()
    wrapped = vault.wrap(key, "a")
    settings.FILES_KEYS = ["new", "old"]
    assert vault.unwrap(wrapped, "a") == key and not vault.current(wrapped)
    again = vault.wrap(key, "a")
    settings.FILES_KEYS = ["new"]
    assert vault.current(again) and vault.unwrap(again, "a") == key
    with pytest.raises(vault.Sealed):
        vault.unwrap(wrapped, "a")  # the old master key is useless for what was wrapped anew
    with pytest.raises(vault.Sealed):
        vault.unwrap(again, "b")


def test_put_get_erase(own_folder: Path) -> None:
    name, key = store.new_name(), vault.new_key()
    store.put(name, key, {store.BODY: b"x" * 600_000, store.THUMBNAIL: b"t"})
    assert on_disk() == [f"{name}.body", f"{name}.thumbnail"]
    assert store.size(name, store.BODY) == 600_000
    assert b"".join(store.get(name, store.BODY, key)) == b"x" * 600_000
    for path in own_folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(store.Missing):
        next(store.get(name, store.PREVIEW, key))
    store.erase(name)
    store.erase(name)
    assert on_disk() == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 31, "A" * 32, "a" * 32 + "/x", ""])
def test_only_names_of_ours_reach_the_disk(name: str) -> None:
    with pytest.raises(ValueError):
        store.erase(name)


def test_a_full_disk_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 4:  # the folders, then within the files
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(store.Full):
        store.put(store.new_name(), vault.new_key(), {part: b"x" * 99 for part in store.PARTS})
    assert on_disk() == []


KILLED = """
import os, sys
from pathlib import Path
import django
from django.conf import settings
settings.configure(FILES_FOLDER=Path(sys.argv[1]), FILES_KEYS=["k"])
from vardvag.files import store, vault
at, count = int(sys.argv[2]), 0
real = {name: getattr(os, name) for name in ("open", "fsync", "rename", "mkdir")}
def dying(name):
    def call(*args, **kwargs):
        global count
        count += 1
        if count == at:
            os._exit(9)
        return real[name](*args, **kwargs)
    return call
for name in real:
    setattr(os, name, dying(name))
def half(content, key, label):
    yield vault.MAGIC
    os._exit(9)
if at == 0:
    vault.seal = half
store.put("ab" * 16, vault.new_key(), {part: b"x" * 99 for part in store.PARTS})
print("done")
"""


def test_killed_at_any_step_leaves_whole_files_or_what_the_sweep_removes(tmp_path: Path) -> None:
    """A process that dies before a given call to the system; whatever has its final name is whole."""
    for step in (0, 1, 3, 6, 7, 8, 9, 10, 12, 99):
        folder = tmp_path / str(step)
        folder.mkdir()
        command = [sys.executable, "-c", KILLED, str(folder), str(step)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3])
        assert done.stdout == ("done\n" if step == 99 else ""), done.stderr
        for path in folder.rglob("*.*"):
            if not path.name.endswith(".new"):
                assert vault.plain_size(path.stat().st_size) == 99


def test_the_sweep_sees_names_and_clears_half_files(own_folder: Path) -> None:
    old, young = "ab" * 16, "ab" * 15 + "cd"
    for name in (old, young):
        store.put(name, vault.new_key(), {store.BODY: b"x", store.THUMBNAIL: b"t"})
    half = own_folder / "ab" / "ab" / f"{old}.body.1234.new"
    half.write_bytes(b"x")
    for path in (half, *own_folder.rglob(f"{old}.*")):
        os.utime(path, (1, 1))
    assert list(store.names(older_than=3600)) == [old]
    assert not half.exists()
    assert set(store.names(older_than=-1)) == {old, young}
