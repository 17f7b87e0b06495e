"""How many parts a text costs: the GSM 7-bit alphabet has åäö but not the long dash."""

import math

_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = set("^{}\\[~]|€")


def parts(text: str) -> int:
    """Parts the operator sends and charges: 160/153 characters, or 70/67 when a character is outside GSM."""
    if all(c in _GSM or c in _GSM_DOUBLE for c in text):
        size = len(text) + sum(c in _GSM_DOUBLE for c in text)
        return 1 if size <= 160 else math.ceil(size / 153)
    size = len(text.encode("utf-16-be")) // 2
    return 1 if size <= 70 else math.ceil(size / 67)
