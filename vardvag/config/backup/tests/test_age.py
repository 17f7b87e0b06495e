"""Sealed files open with their key and nothing else, and not when a byte is missing."""

import io

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from vardvag.config.backup import age, bech32
from vardvag.config.place import Trouble

# From the test vectors of the format (C2SP CCTV, "x25519"): what other tools make, we open.
VECTOR_KEY = "AGE-SECRET-KEY-1XMWWC06LY3EE5RYTXM9MFLAZ2U56JJJ36S0MYPDRWSVLUL66MV4QX3S7F6"


@pytest.fixture
def pair(tmp_path):
    public = age.public_key(age.new_key(tmp_path / "key"))
    return public, age.private_key(tmp_path / "key")


def sealed(content, public, step=1000):
    pieces = (content[at : at + step] for at in range(0, len(content), step))
    return b"".join(age.seal(pieces, public))


def opened(raw, private):
    return b"".join(age.unseal(io.BytesIO(raw), private))


@pytest.mark.parametrize("size", [0, 1, age.PIECE - 1, age.PIECE, age.PIECE + 1, 3 * age.PIECE, 200_001])
def test_it_comes_back(pair, size):
    content = bytes(range(256)) * (size // 256 + 1)
    assert opened(sealed(content[:size], pair[0]), pair[1]) == content[:size]


def test_another_key_does_not_open(pair):
    with pytest.raises(age.WrongKey):
        opened(sealed(b"text", pair[0]), X25519PrivateKey.generate())


def test_nothing_can_be_changed_cut_or_moved(pair):
    raw = sealed(b"x" * (2 * age.PIECE + 100), pair[0])
    start = raw.index(b"---")
    for place in (5, 60, start + 6, start + 60, start + 200, len(raw) - 1):
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises((age.Damaged, age.WrongKey)):
            opened(bytes(changed), pair[1])
    for length in (0, 10, start, start + 50, start + 70, len(raw) - age.PIECE, len(raw) - 1):
        with pytest.raises((age.Damaged, age.WrongKey)):
            opened(raw[:length], pair[1])
    payload = len(raw) - (2 * (age.PIECE + 16) + 116)
    one, two = payload + age.PIECE + 16, payload + 2 * (age.PIECE + 16)
    with pytest.raises(age.Damaged):
        opened(raw[:payload] + raw[one:two] + raw[payload:one] + raw[two:], pair[1])
    with pytest.raises(age.Damaged):
        opened(raw[:two], pair[1])  # whole pieces, but the last is not there


def test_keys_are_the_formats_own(pair, tmp_path):
    text = (tmp_path / "key").read_text()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert "# public key: age1" in text and "AGE-SECRET-KEY-1" in text
    raw = bech32.decode("age-secret-key-", VECTOR_KEY.lower())
    assert raw is not None and len(raw) == 32
    assert bech32.encode("age-secret-key-", raw).upper() == VECTOR_KEY
    public = X25519PrivateKey.from_private_bytes(raw).public_key()
    assert isinstance(public, X25519PublicKey)


def test_a_mistyped_key_is_told(pair, tmp_path):
    text = (tmp_path / "key").read_text()
    at = text.index("AGE-SECRET-KEY-1") + 20
    (tmp_path / "typo").write_text(text[:at] + ("Q" if text[at] != "Q" else "P") + text[at + 1 :])
    for path in (tmp_path / "typo", tmp_path / "none"):
        with pytest.raises(Trouble, match="key"):
            age.private_key(path)
    with pytest.raises(Trouble, match="--new-key"):
        age.public_key("age1abc")
    with pytest.raises(Trouble, match="never written over"):
        age.new_key(tmp_path / "key")
