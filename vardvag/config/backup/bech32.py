"""Bech32 (BIP 173): the text form of age's keys, with a check sum that finds typing errors."""

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, raw: bytes) -> str:
    values = _regroup(raw, 8, 5, pad=True) or []
    rest = _polymod(_spread(prefix) + values + [0] * 6) ^ 1
    check = [rest >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + "1" + "".join(_LETTERS[value] for value in values + check)


def decode(prefix: str, text: str) -> bytes | None:
    """None when it is not one of ours or mistyped."""
    before, _, after = text.rpartition("1")
    if before != prefix or len(after) < 6 or any(letter not in _LETTERS for letter in after):
        return None
    values = [_LETTERS.index(letter) for letter in after]
    if _polymod(_spread(prefix) + values) != 1:
        return None
    found = _regroup(bytes(values[:-6]), 5, 8, pad=False)
    return None if found is None else bytes(found)


def _spread(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, part in enumerate(_GENERATOR):
            if top >> place & 1:
                check ^= part
    return check


def _regroup(values: bytes, width: int, to: int, *, pad: bool) -> list[int] | None:
    held = bits = 0
    found = []
    for value in values:
        held = held << width | value
        bits += width
        while bits >= to:
            bits -= to
            found.append(held >> bits & (1 << to) - 1)
    if pad and bits:
        found.append(held << to - bits & (1 << to) - 1)
    elif not pad and (bits >= width or held & (1 << bits) - 1):
        return None
    return found
