"""The key that signs the log survives a power cut: both halves are on the disk before anything is signed."""

import os
from datetime import UTC, datetime
from pathlib import Path

from vardvag.audit import signing


def test_both_halves_are_on_the_disk_before_the_key_counts(tmp_path, monkeypatch):
    """A public key that was only in the kernel's hands was empty after a cut, and verify-log failed for ever."""
    monkeypatch.setenv("VARDVAG_SECRETS", str(tmp_path))
    flushed, linked = [], []

    def fsync(handle):
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink().name)

    link = os.link
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "link", lambda *at: (linked.append(list(flushed)), link(*at)))
    assert len(signing.sign(provider=1, seq=1, head=b"h" * 32, at=datetime.now(UTC))) == 64
    (before,) = linked
    (public,) = (tmp_path / "log-keys").iterdir()
    assert {public.name, "log-keys", f".log-signing-{os.getpid()}"} <= set(before)
    assert flushed[-1] == tmp_path.name and len(signing.public_keys()) == 1


def test_what_a_killed_process_left_does_not_stop_the_next_with_its_number(tmp_path, monkeypatch):
    monkeypatch.setenv("VARDVAG_SECRETS", str(tmp_path))
    (tmp_path / f".log-signing-{os.getpid()}").write_bytes(b"half")
    assert len(signing.sign(provider=1, seq=1, head=b"h" * 32, at=datetime.now(UTC))) == 64
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
