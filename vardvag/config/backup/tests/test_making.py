"""What goes into a backup, without a database: secrets, stored files, and what is wrong with an earlier set."""

import tarfile
from io import BytesIO

import pytest

from vardvag.config.backup import making
from vardvag.config.place import Trouble


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
