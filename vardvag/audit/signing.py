"""The key that signs the heads of the log's chains.

It lies beside the database, never in it: who rewrites the log in the database cannot sign the new heads. A
new key is made by moving the old private key away; old public keys stay, so old anchors can be checked.
"""

import os
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from vardvag.audit.verify import statement, timestamp
from vardvag.core.disk import force


def secrets_folder() -> Path:
    return Path(os.environ.get("VARDVAG_SECRETS") or settings.DATA / "secrets")


def sign(*, provider: int, seq: int, head: bytes, at: datetime) -> bytes:
    """64 bytes of Ed25519 over a chain's head (verify.statement)."""
    return _private_key().sign(statement(chain=provider, seq=seq, head=head, at=timestamp(at)))


def public_keys() -> list[bytes]:
    """Every key that has ever signed here, 32 bytes each."""
    found = sorted((secrets_folder() / "log-keys").glob("*.hex"))
    return [bytes.fromhex(path.read_text().strip()) for path in found]


def _private_key() -> Ed25519PrivateKey:
    path = secrets_folder() / "log-signing.key"
    if not path.exists():
        _create(path)
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def _create(path: Path) -> None:
    """The public half first, then the private one whole or not at all; two processes make one key. Both are on the disk
    before anything is signed: a power cut left an empty public key, and the log could not be verified any more."""
    key = Ed25519PrivateKey.generate()
    raw = serialization.Encoding.Raw
    public = key.public_key().public_bytes(raw, serialization.PublicFormat.Raw)
    private = key.private_bytes(raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "log-keys").mkdir(exist_ok=True)
    draft = folder / f".log-signing-{os.getpid()}"
    draft.unlink(missing_ok=True)  # of one that was killed here; in a container the next has its number
    _write(draft, private, 0o600)
    listed = folder / "log-keys" / f"{public.hex()[:16]}.hex"
    _write(listed, public.hex().encode() + b"\n", 0o644)
    force(listed.parent)
    try:
        os.link(draft, path)
    except FileExistsError:
        listed.unlink()  # another process was first; its key counts
    finally:
        draft.unlink()
        force(folder)


def _write(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    force(path)
