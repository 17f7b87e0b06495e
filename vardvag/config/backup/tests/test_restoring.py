"""A restore takes nothing away that is not its own, and what was cut short is not taken for whole."""

import errno
import shutil
from pathlib import Path

import pytest

from vardvag.config import place
from vardvag.config.backup import moments, restoring, sets
from vardvag.config.place import Trouble

NAME = "ab" * 16


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("VARDVAG_SECRETS", raising=False)
    monkeypatch.delenv("VARDVAG_ANCHORS", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://vardvag_owner@127.0.0.1:1/vardvag")
    return place.prepare_data_folder()


def laid(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_what_the_restore_did_not_bring_stays(folder, monkeypatch):
    """Into an outside database, beside the embedded one of before: a second try after a cut one removed that."""
    laid(folder, "pg18/PG_VERSION", "world/people.json", "restoring/files/ab", "restoring/anchors.log")
    with monkeypatch.context() as cut:
        cut.setattr(restoring, "force", lambda folder: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            restoring._move_up(folder / "restoring", folder)
    assert (folder / "files" / "ab").exists()
    restoring.clear_half(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["pg18", "world"]
    assert (folder / "pg18" / "PG_VERSION").exists()


def test_nothing_is_cleared_while_the_database_is_full(folder, tmp_path, monkeypatch):
    """A folder `restoring` that stayed behind, and months later a restore by mistake: the stored files were gone."""
    laid(folder, "files/ab", "restoring/whole")
    monkeypatch.setattr(restoring.sets, "chosen", lambda where, name: tmp_path)
    monkeypatch.setattr(
        restoring.sets, "manifest", lambda one, key: sets.Manifest("", "", 18, "owner", [], {}, [])
    )

    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *given):
            pass

        def execute(self, query):
            return self

        def fetchone(self):
            return ("cases_case",)

    monkeypatch.setattr(restoring.psycopg, "connect", lambda **given: Full())
    with pytest.raises(Trouble, match="not empty"):
        restoring.restore(tmp_path, None, "")
    assert (folder / "files" / "ab").exists()


def test_a_stored_file_that_was_cut_short_is_brought_again(folder, tmp_path, monkeypatch):
    """Ctrl-C, or a full disk: half a picture lay under its name, and the next try took it for whole."""
    where = tmp_path / "place"
    laid(where, f"files/{sets.below(f'{NAME}.body')}")

    class Reader:
        def __enter__(self):
            return self

        def __exit__(self, *given):
            pass

        def execute(self, query):
            return self

        def fetchall(self):
            return [(NAME,)]

    monkeypatch.setattr(moments.psycopg, "connect", lambda url: Reader())
    laid(tmp_path, "beside/secrets/files")
    copied = shutil.copyfile

    def cut(source, target):
        target.write_bytes(b"ha")
        raise KeyboardInterrupt

    monkeypatch.setattr(moments.shutil, "copyfile", cut)
    with pytest.raises(KeyboardInterrupt):
        moments._bring_files(where, "", tmp_path / "beside")
    monkeypatch.setattr(moments.shutil, "copyfile", copied)
    said = moments._bring_files(where, "", tmp_path / "beside")
    name = sets.below(f"{NAME}.body")
    assert (folder / "files" / name).read_bytes() == (where / "files" / name).read_bytes()
    assert said[0].startswith("1 stored files")


@pytest.mark.parametrize("errno", [None, errno.EXDEV, errno.EBUSY])
def test_pieces_go_to_where_their_folders_lead(folder, tmp_path, monkeypatch, errno):
    """Stored files on a larger disk, by a link or mounted there: each restore ended so, after everything was done."""
    disk = tmp_path / "disk"
    disk.mkdir()
    (folder / "files").symlink_to(disk)
    laid(folder, "restoring/files/ab/cd/x", "restoring/anchors.log")
    (folder / "restoring" / "files").chmod(0o700)
    if errno:

        def refused(self, target):
            raise OSError(errno, "cannot")

        monkeypatch.setattr(Path, "rename", refused)
    restoring._move_up(folder / "restoring", folder)
    assert (disk / "ab" / "cd" / "x").exists() and (folder / "files").is_symlink()
    assert disk.stat().st_mode & 0o777 == 0o700 and (folder / "anchors.log").exists()
    restoring.clear_half(folder)  # as if it had been cut there
    assert not (disk / "ab").exists() and not (folder / "anchors.log").exists()
    assert (folder / "files").is_symlink()


def test_a_disk_of_its_own_is_emptied_and_stays(folder, monkeypatch):
    laid(folder, "files/lost+found/x", "files/old/x")
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "files")
    with pytest.raises(Trouble, match="not empty"):
        restoring.check_folder_empty(folder)
    restoring._remove(folder / "files")
    restoring.check_folder_empty(folder)
    assert [path.name for path in (folder / "files").iterdir()] == ["lost+found"]
