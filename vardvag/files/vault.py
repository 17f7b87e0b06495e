"""Encryption of stored files: each has its own AES-256 key, wrapped by a master key that can be changed.

Content is sealed in frames of 256 KiB (AES-GCM; the frame's number and whether it is the last are in its
nonce), so a large file is opened piece by piece and no piece can be cut, moved or swapped. A key seals one
file once.
"""

import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import BufferedReader

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

MAGIC = b"VVF1"
FRAME = 256 * 1024
_TAG = 16


class Sealed(Exception):
    """It does not open: the master key is not among ours, or the bytes are not those that were stored."""


def new_key() -> bytes:
    return secrets.token_bytes(32)


def _masters() -> dict[str, bytes]:
    """Newest first: the first wraps, all unwrap. One hexadecimal key a line in the secret `files`."""
    keys = [hashlib.sha256(b"vardvag files " + line.encode()).digest() for line in settings.FILES_KEYS]
    return {hashlib.sha256(b"id " + key).hexdigest()[:8]: key for key in keys}


def wrap(key: bytes, name: str) -> str:
    identity, master = next(iter(_masters().items()))
    nonce = secrets.token_bytes(12)
    return f"{identity}:{b64encode(nonce + AESGCM(master).encrypt(nonce, key, name.encode())).decode()}"


def unwrap(wrapped: str, name: str) -> bytes:
    identity, _, rest = wrapped.partition(":")
    master = _masters().get(identity)
    if master is None:
        raise Sealed("no such master key")
    raw = b64decode(rest)
    try:
        return AESGCM(master).decrypt(raw[:12], raw[12:], name.encode())
    except InvalidTag:
        raise Sealed("the key does not fit") from None


def current(wrapped: str) -> bool:
    """Is it wrapped by the newest master key?"""
    return wrapped.partition(":")[0] == next(iter(_masters()))


def seal(content: bytes, key: bytes, label: str) -> Iterator[bytes]:
    """`label`: which file and part; opening needs the same."""
    cipher = AESGCM(key)
    yield MAGIC
    frames = range(0, max(len(content), 1), FRAME)
    for number, at in enumerate(frames):
        last = number == len(frames) - 1
        yield cipher.encrypt(_nonce(label, number, last), content[at : at + FRAME], label.encode())


def unseal(source: BufferedReader, key: bytes, label: str) -> Iterator[bytes]:
    """The content in pieces of at most FRAME bytes; raises Sealed at the first that was changed."""
    cipher = AESGCM(key)
    if source.read(len(MAGIC)) != MAGIC:
        raise Sealed("not a sealed file")
    frame, number = source.read(FRAME + _TAG), 0
    while True:
        following = source.read(FRAME + _TAG)
        try:
            yield cipher.decrypt(_nonce(label, number, not following), frame, label.encode())
        except (InvalidTag, ValueError):
            raise Sealed("not as it was stored") from None
        if not following:
            return
        frame, number = following, number + 1


def plain_size(stored: int) -> int:
    """Bytes of content in a sealed file of `stored` bytes."""
    rest = stored - len(MAGIC)
    return rest - _TAG * -(-rest // (FRAME + _TAG))


def _nonce(label: str, number: int, last: bool) -> bytes:
    part = hashlib.sha256(label.encode()).digest()[:7]  # parts of one file share its key, never a nonce
    return part + number.to_bytes(4, "big") + bytes([last])
