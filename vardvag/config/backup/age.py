"""Encryption of backups: files of the open format age (age-encryption.org/v1), so that the tool `age` opens them too.

Sealing needs only the public key (`age1...`), which may lie on the server; opening needs the private one
(`AGE-SECRET-KEY-1...`), which should not. X25519 for the key, ChaCha20-Poly1305 in pieces of 64 KiB for the content:
a cut, changed or reordered file does not open.
"""

import hashlib
import hmac
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vardvag.config.backup import bech32
from vardvag.config.place import Trouble

PIECE = 64 * 1024
_TAG = 16
_INTRO = b"age-encryption.org/v1\n"
_ZERO = bytes(12)


class Damaged(Exception):
    """Not what was sealed: cut, changed, or no such file at all."""


class WrongKey(Exception):
    """Sealed for another key."""


# --- keys ------------------------------------------------------------------------------------------------------------


def new_key(path: Path) -> str:
    """Write a new private key to a new file only its owner reads; returns the public key."""
    private = X25519PrivateKey.generate()
    public = _public_text(private)
    text = (
        f"# public key: {public}\n{bech32.encode('age-secret-key-', private.private_bytes_raw()).upper()}\n"
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Trouble(f"{path} is there already; a key is never written over, choose another name.") from None
    except OSError as problem:
        raise Trouble(f"{path} cannot be written ({problem.strerror}); choose another place.") from None
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return public


def private_key(path: Path) -> X25519PrivateKey:
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise Trouble(
            f"The key file {path} cannot be read ({type(problem).__name__}); give it with --key FILE."
        ) from None
    for line in lines:
        if line.strip().upper().startswith("AGE-SECRET-KEY-1"):
            raw = bech32.decode("age-secret-key-", line.strip().lower())
            if raw is not None and len(raw) == 32:
                return X25519PrivateKey.from_private_bytes(raw)
    raise Trouble(
        f"{path} holds no private key of a backup (a line AGE-SECRET-KEY-1...); give the right file."
    )


def public_key(text: str) -> X25519PublicKey:
    raw = bech32.decode("age", text.strip())
    if raw is None or len(raw) != 32:
        raise Trouble(
            "BACKUP_KEY is no public key (age1...); make a pair with `vardvag backup --new-key FILE`, "
            "set BACKUP_KEY to what it prints and keep FILE elsewhere."
        )
    return X25519PublicKey.from_public_bytes(raw)


def _public_text(private: X25519PrivateKey) -> str:
    return bech32.encode("age", private.public_key().public_bytes_raw())


# --- sealing ---------------------------------------------------------------------------------------------------------


def seal(pieces: Iterable[bytes], key: X25519PublicKey) -> Iterator[bytes]:
    """The sealed file, piece by piece."""
    file_key, nonce = secrets.token_bytes(16), secrets.token_bytes(16)
    yield _header(file_key, key)
    yield nonce
    cipher = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))
    held = bytearray()
    number = 0
    for piece in pieces:
        held += piece
        while len(held) > PIECE:  # one is held back: the last is marked as last
            yield cipher.encrypt(_nonce(number, last=False), bytes(held[:PIECE]), None)
            del held[:PIECE]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(held), None)


def write(path: Path, pieces: Iterable[bytes], key: X25519PublicKey) -> str:
    """Seal into a new file, forced to disk; returns the SHA-256 of the sealed bytes."""
    mark = hashlib.sha256()
    with path.open("xb") as file:
        for piece in seal(pieces, key):
            mark.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return mark.hexdigest()


def unseal(source: IO[bytes], key: X25519PrivateKey) -> Iterator[bytes]:
    """The content; raises WrongKey or Damaged, the latter possibly after pieces that were whole."""
    file_key = _file_key(source, key)
    nonce = source.read(16)
    if len(nonce) != 16:
        raise Damaged
    cipher = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))
    piece, number = source.read(PIECE + _TAG), 0
    while True:
        following = source.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), piece, None)
        except (InvalidTag, ValueError):
            raise Damaged from None
        if not following:
            return
        piece, number = following, number + 1


def _header(file_key: bytes, key: X25519PublicKey) -> bytes:
    once = X25519PrivateKey.generate()
    share = once.public_key().public_bytes_raw()
    wrap = _derive(once.exchange(key), share + key.public_bytes_raw(), b"age-encryption.org/v1/X25519")
    body = ChaCha20Poly1305(wrap).encrypt(_ZERO, file_key, None)
    text = _INTRO + b"-> X25519 " + _b64(share) + b"\n" + _b64(body) + b"\n---"
    return text + b" " + _b64(_mac(file_key, text)) + b"\n"


def _file_key(source: IO[bytes], key: X25519PrivateKey) -> bytes:
    lines = [source.readline(200) for _ in range(4)]
    try:
        if lines[0] != _INTRO or not lines[1].startswith(b"-> X25519 ") or not lines[3].startswith(b"--- "):
            raise Damaged
        share, body, mac = (
            _unb64(text) for text in (lines[1].split()[2], lines[2].strip(), lines[3][4:].strip())
        )
        shared = key.exchange(X25519PublicKey.from_public_bytes(share))
    except (ValueError, IndexError):
        raise Damaged from None
    wrap = _derive(shared, share + key.public_key().public_bytes_raw(), b"age-encryption.org/v1/X25519")
    try:
        file_key = ChaCha20Poly1305(wrap).decrypt(_ZERO, body, None)
    except (InvalidTag, ValueError):
        raise WrongKey from None
    if not hmac.compare_digest(_mac(file_key, b"".join(lines[:3]) + b"---"), mac):
        raise Damaged
    return file_key


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(secret)


def _mac(file_key: bytes, text: bytes) -> bytes:
    return hmac.digest(_derive(file_key, b"", b"header"), text, "sha256")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _b64(raw: bytes) -> bytes:
    return b64encode(raw).rstrip(b"=")


def _unb64(text: bytes) -> bytes:
    return b64decode(text + b"=" * (-len(text) % 4), validate=True)
