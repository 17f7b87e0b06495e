"""What a file is, by its first bytes alone. Its name, ending and declared type are never looked at."""

import re

from vardvag.files.sandbox.formats import Format
from vardvag.files.sandbox.reasons import Reason, Rejected

HEAD = 4096  # bytes needed

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_STILL_FIRST = {b"mif1", b"msf1"}  # says only "a picture in HEIF"; AVIF says so too
_WEB = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|svg|\?xml|script|head|body|!--|math|x)", re.I)
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"MSCF")
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")
_SOUNDS = (b"ID3", b"OggS", b"fLaC", b"#!AMR", b"\xff\xfb", b"\xff\xf3")


def identify(head: bytes) -> Format:
    """The format of a file that starts with `head`; raises Rejected for everything we do not take."""
    if not head:
        raise Rejected(Reason.EMPTY)
    if head[:3] == b"\xff\xd8\xff":
        return Format.JPEG
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return Format.PNG
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return Format.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    if head[:5] == b"%PDF-":
        return Format.PDF
    if head[4:8] == b"ftyp":
        return _boxed(head)
    raise Rejected(_known_but_not_taken(head))


def _boxed(head: bytes) -> Format:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    if brands[0] in _HEIF_BRANDS and not (brands[0] in _STILL_FIRST and {b"avif", b"avis"} & set(brands)):
        return Format.HEIF
    if brands[0] in (b"avif", b"avis") or {b"avif", b"avis"} & set(brands):
        raise Rejected(Reason.UNKNOWN, "avif")
    raise Rejected(Reason.SOUND if brands[0].startswith(b"M4A") else Reason.FILM)


def _known_but_not_taken(head: bytes) -> Reason:
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        office = (b"[Content_Types].xml", b"word/", b"xl/", b"ppt/", b"mimetypeapplication/vnd.oasis")
        return Reason.OFFICE if any(mark in head for mark in office) else Reason.ARCHIVE
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" or head[:5] == b"{\\rtf":
        return Reason.OFFICE
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        return Reason.ARCHIVE
    if head[:4] == b"\x1aE\xdf\xa3" or head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Reason.FILM
    if head.startswith(_SOUNDS) or head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Reason.SOUND
    if head.startswith(_PROGRAMS):
        return Reason.PROGRAM
    if _WEB.match(head) or _WEB.match(
        head.replace(b"\x00", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    ):
        return Reason.WEB
    return Reason.UNKNOWN
