"""Photos in a PDF without what the camera wrote beside the picture. Nothing is decoded."""

import re
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, PdfInlineImage

from vardvag.files.sandbox.reasons import Reason, Rejected

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# JFIF, without the small picture that may follow; Adobe's, which says how the colours are coded
_KEPT_SEGMENTS = {0xE0: (b"JFIF\0", b"\0\0"), 0xEE: (b"Adobe", b"")}
_SHORT = 16  # bytes of either that are kept


def bare_jpeg(raw: bytes) -> bytes:
    """A JPEG without its application segments, comments and everything after its end."""
    if raw[:2] != b"\xff\xd8":
        return raw
    kept, at, scan = [raw[:2]], 2, False
    while found := _NEXT_MARKER.search(raw, at):
        if scan:
            kept.append(raw[at : found.start()])
        at, marker = found.start(), raw[found.start() + 1]
        if marker == 0xD9:
            break
        if marker in (0x01, 0xD8):
            at, scan = at + 2, False
            continue
        end = at + 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(raw[at:end])
        elif marker in _KEPT_SEGMENTS:
            kept.append(_shortened(raw[at : min(end, at + _SHORT)], *_KEPT_SEGMENTS[marker]))
        at, scan = end, marker == 0xDA
    else:
        if scan:
            kept.append(raw[at:])
    return b"".join(kept) + b"\xff\xd9"


def _shortened(segment: bytes, word: bytes, after: bytes) -> bytes:
    if len(segment) < _SHORT or not segment[4:].startswith(word):
        return b""
    return segment[:2] + (_SHORT - 2 + len(after)).to_bytes(2, "big") + segment[4:] + after


def bare_jpeg2000(raw: bytes) -> bytes:
    """Without its boxes of XML and of makers' own."""
    if raw[4:8] != b"jP  ":
        return raw
    kept, at = [], 0
    while at + 8 <= len(raw):
        size, name = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(raw[at + 8 : at + 16], "big")
        end = at + size if size >= 8 else len(raw)
        if name not in (b"xml ", b"uuid", b"uinf"):
            kept.append(raw[at:end])
        at = end
    return b"".join(kept)


_MAY_HOLD_AN_IMAGE = re.compile(rb"\bBI\b.*\bID\s", re.DOTALL)


def bare_inline(pdf: Pdf, content: bytes) -> bytes | None:
    """What draws a page, its inline JPEG photos bared; None where there are none."""
    if not _MAY_HOLD_AN_IMAGE.search(content):
        return None
    try:
        orders = list(pikepdf.parse_content_stream(pdf.make_stream(content)))
        drawn = [_bare_order(pdf, order) for order in orders]
    except (pikepdf.PdfError, pikepdf.PdfParsingError, RuntimeError, ValueError, TypeError) as problem:
        if b"\xff\xd8\xff" in content:  # a photo that cannot be got at
            raise Rejected(Reason.BROKEN_PDF, type(problem).__name__) from None
        return None
    if not any(drawn):
        return None
    return b"\n".join(
        bare or pikepdf.unparse_content_stream([order]) for order, bare in zip(orders, drawn, strict=True)
    )


def _bare_order(pdf: Pdf, order: Any) -> bytes:
    """Empty where it draws no inline JPEG."""
    image = getattr(order, "iimage", None)
    if image is None or not image.filters or image.filters[-1] != "/DCTDecode":
        return b""
    raw = image.read_raw_bytes()
    outer, parameters = [Name(name) for name in image.filters[:-1]], list(image.decode_parms or [])
    matched = len(parameters) == len(image.filters)
    if outer:
        wrapped = pdf.make_stream(raw, Filter=Array(outer))
        if matched:
            wrapped.DecodeParms = Array(parameters[:-1])
        raw = wrapped.read_bytes()
    described = _described(image)
    if matched and isinstance(parameters[-1], Dictionary):
        described += [Name.DP, Array([None, parameters[-1]])]
    head = Array([*described, Name.F, Array([Name.AHx, Name.DCT])]).unparse()[
        1:-1
    ]  # in hex nothing reads as EI
    return b"BI " + head + b" ID " + bare_jpeg(raw).hex().encode() + b">\nEI"


def _described(image: PdfInlineImage) -> list[Any]:
    """Its keys and values, one after the other, but for how it is packed."""
    both = list(image._image_object)
    pairs = zip(both[::2], both[1::2], strict=True)
    packing = ("/F", "/Filter", "/DP", "/DecodeParms", "/L", "/Length")
    return [one for key, value in pairs if str(key) not in packing for one in (key, value)]
