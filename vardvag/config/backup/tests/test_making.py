"""What goes into a backup, without a database: secrets, stored files, and what is wrong with an earlier set."""

import os
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from vardvag.config.backup import making, sets
from vardvag.config.place import Trouble

NAME = "ab" * 16


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = tmp_path / "data"
    made.mkdir()
    monkeypatch.setenv("VARDVAG_DATA", str(made))
    monkeypatch.delenv("VARDVAG_SECRETS", raising=False)
    return made


def within():
    with tarfile.open(fileobj=BytesIO(making.beside(b""))) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}


def test_secrets_behind_links_are_in_it(folder, tmp_path, monkeypatch):
    """As Kubernetes lays them, or a folder that lies elsewhere: the backup was "made" and no stored file opens."""
    real = tmp_path / "..2026_11_21"
    real.mkdir()
    (real / "files").write_text("key")
    laid = tmp_path / "laid"
    laid.mkdir()
    (laid / "..data").symlink_to(real)
    (laid / "files").symlink_to(laid / "..data" / "files")
    (tmp_path / "link").symlink_to(laid)
    for secrets in (laid, tmp_path / "link"):
        monkeypatch.setenv("VARDVAG_SECRETS", str(secrets))
        assert within() == {"anchors.log": b"", "secrets/files": b"key"}


def test_without_the_secrets_nothing_is_made(folder, monkeypatch):
    """A nightly job that does not know VARDVAG_SECRETS."""
    with pytest.raises(Trouble, match=r"secrets/files.*VARDVAG_SECRETS"):
        making.beside(b"")


def manifest():
    return sets.Manifest("2026-11-21T02:15:00+00:00", "1", 18, "owner", [], {}, [])


def stored(folder, content=b"content"):
    path = folder / "files" / sets.below(f"{NAME}.body")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def a_set(where: Path, stamp: str, kept: list[sets.Stored]) -> Path:
    one = where / stamp
    one.mkdir(parents=True)
    lines = "".join(f"{file.sum}  {file.size}  {file.name}\n" for file in kept).encode()
    sums = f"{sets.write(one / sets.FILES, lines)}  {sets.FILES}\n"
    (one / sets.SUMS).write_text(sums)
    return one


def change(one: Path) -> None:
    list_of_files = one / sets.FILES
    text = list_of_files.read_text()
    list_of_files.write_text(text.replace(text[:8], "00000000"))


def cut(one: Path) -> None:
    (one / sets.FILES).write_text("0a")


def lose(one: Path) -> None:
    (one / sets.FILES).unlink()


@pytest.mark.parametrize("spoil", [change, cut, lose])
def test_an_earlier_set_that_is_damaged_does_not_spoil_the_next(folder, tmp_path, spoil):
    """One bad sector, and no backup was made any more; or its wrong sums went on from set to set."""
    stored(folder)
    where = tmp_path / "place"
    where.mkdir()
    first = making._copy_files(where, [NAME], manifest())
    spoil(a_set(where, "20261121T021500Z", first))
    assert making._copy_files(where, [NAME], manifest()) == first


def test_stored_files_are_known_from_the_last_set(folder, tmp_path, monkeypatch):
    stored(folder)
    where = tmp_path / "place"
    where.mkdir()
    first = making._copy_files(where, [NAME], manifest())
    a_set(where, "20261121T021500Z", first)
    monkeypatch.setattr(making.shutil, "copyfileobj", None)
    assert making._copy_files(where, [NAME], manifest()) == first


@pytest.mark.parametrize("spoil", [cut, lose])
def test_a_damaged_set_keeps_its_stored_files_and_lets_old_sets_go(folder, tmp_path, spoil):
    where = tmp_path / "place"
    files = where / "files" / sets.below(f"{NAME}.body")
    files.parent.mkdir(parents=True)
    files.write_bytes(b"x")
    for day in ("19", "20", "21"):
        made = a_set(where, f"202611{day}T021500Z", [])
        if day == "20":
            spoil(made)
    assert sets.sweep(where, keep=2) == 1
    assert len(sets.found(where)) == 2 and files.exists()


def test_the_names_of_copied_files_are_on_the_disk_before_the_set_is_whole(folder, tmp_path, monkeypatch):
    stored(folder)
    where = tmp_path / "place"
    where.mkdir()
    forced, real = set(), os.fsync

    def fsync(handle):
        forced.add(Path(f"/proc/self/fd/{handle}").resolve())
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    making._copy_files(where, [NAME], manifest())
    assert {where / "files" / "ab" / "ab", where / "files" / "ab", where / "files", where} <= forced


def test_a_place_without_room_names_the_cure(tmp_path, monkeypatch):
    where = tmp_path / "place"

    def full(new, where, key):
        (new / sets.DATABASE).write_text("half")
        raise OSError(28, "No space left on device", str(new / sets.DATABASE))

    monkeypatch.setattr(making, "_write", full)
    with pytest.raises(Trouble, match="No space left on device"):
        making.back_up(where, None, 3)
    assert sets.found(where) == [] and not list(where.glob(".new-*"))


def test_a_clock_that_was_set_back_does_not_take_the_new_set(tmp_path, monkeypatch):
    """Sets of a clock that ran ahead looked newer: the one just made was taken away, and told as made."""
    where = tmp_path / "place"
    for year in ("2097", "2098"):
        a_set(where, f"{year}1121T021500Z", [])

    def write(new, where, key):
        (new / sets.FILES).write_text("")
        return manifest()

    monkeypatch.setattr(making, "_write", write)
    one, _made = making.back_up(where, None, 1)
    assert one in sets.found(where)
