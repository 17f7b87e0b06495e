"""Files made in code: good ones as phones and scanners make them, and hostile ones of every kind we know."""

import base64
import io
import struct
import zlib
from functools import cache
from typing import Any

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from vardvag.files.sandbox.reasons import Reason

pillow_heif.register_heif_opener()

GPS_CANARY = b"CANARYPLACE"
SCRIPT = b"<script>document.title='ran'</script>"


@cache
def photo(width: int = 400, height: int = 300) -> Image.Image:
    """Something like a photo: soft colours, some noise."""
    soft = [
        Image.effect_noise((max(width // 8, 1), max(height // 8, 1)), 80).resize((width, height))
        for _ in "rgb"
    ]
    fine = Image.effect_noise((width, height), 12)
    return Image.merge("RGB", [ImageChops.add(channel, fine, 2) for channel in soft])


def encoded(picture: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def gps(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = GPS_CANARY.decode()
    exif[0x0110] = "CANARYPHONE"
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (56.0, 39.0, 41.0), 3: "E", 4: (16.0, 21.0, 46.0), 29: "2026:11:20"}
    )
    return exif


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:d="http://purl.org/dc/elements/1.1/"><d:source>'
    + GPS_CANARY
    + b"</d:source></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def jpeg(**options: object) -> bytes:
    return encoded(photo(), "JPEG", **{"quality": 85, **options})


def pdf(change: object = None, *, pages: int = 1, text: bytes = b"Hej") -> bytes:
    """A PDF with one line of text a page; `change` gets the open file."""
    with Pdf.new() as made:
        for number in range(pages):
            page = made.add_blank_page(page_size=(595, 842))
            page.Resources = Dictionary(
                Font=Dictionary(A=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
            )
            page.Contents = made.make_stream(b"BT /A 24 Tf 72 700 Td (%s %d) Tj ET" % (text, number + 1))
        if callable(change):
            change(made)
        out = io.BytesIO()
        made.save(out)
    return out.getvalue()


def active_pdf(made: Pdf) -> None:
    """Everything a PDF can do to its reader, at once."""
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert('CANARYSCRIPT')"))
    page = made.pages[0].obj
    made.Root.OpenAction = made.make_indirect(script)
    made.Root.AA = Dictionary(WC=script)
    made.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("a"), script])),
        EmbeddedFiles=Dictionary(Names=Array([String("x.exe"), _attached(made)])),
    )
    made.Root.Metadata = made.make_stream(XMP, Type=Name.Metadata, Subtype=Name.XML)
    made.Root.AcroForm = Dictionary(XFA=made.make_stream(b"<xdp>CANARYXFA</xdp>"), Fields=Array([]))
    made.Root.Collection = Dictionary(View=Name.T)
    page.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("cmd.exe")))
    page.PieceInfo = Dictionary(X=String("CANARYPIECE"))
    page.Annots = Array(
        [
            made.make_indirect(
                Dictionary({"/Type": Name.Annot, "/Rect": Array([0, 0, 99, 99]), **_named(annotation)})
            )
            for annotation in (
                {"Subtype": Name.Link, "A": Dictionary(S=Name.URI, URI=String("https://canary.example/"))},
                {"Subtype": Name.Link, "A": Dictionary(S=Name.Launch, F=String("/bin/sh"))},
                {"Subtype": Name.Link, "A": Dictionary(S=Name.GoToR, F=String("\\\\evil\\share"))},
                {"Subtype": Name.Widget, "AA": Dictionary(K=script), "FT": Name.Tx, "T": String("a")},
                {"Subtype": Name.FileAttachment, "FS": _attached(made)},
                {"Subtype": Name.RichMedia, "RichMediaContent": Dictionary(Assets=_attached(made))},
                {"Subtype": Name.Screen, "A": Dictionary(S=Name.Rendition, JS=String("CANARYSCRIPT"))},
            )
        ]
    )
    page.Resources.XObject = Dictionary(
        Im0=made.make_stream(b"x", Subtype=Name.PS, Type=Name.XObject),
        Im1=Stream(
            made, b"", F=String("http://canary.example/"), Subtype=Name.Form, BBox=Array([0, 0, 1, 1])
        ),
    )
    made.docinfo["/Author"] = "CANARYAUTHOR"
    made.Root.AcroForm.Fields.append(page.Annots[3])


def _named(entries: dict[str, Any]) -> dict[str, Any]:
    return {f"/{key}": value for key, value in entries.items()}


def _attached(made: Pdf) -> Dictionary:
    inside = made.make_stream(b"MZ CANARYFILE", Type=Name.EmbeddedFile)
    return made.make_indirect(Dictionary(Type=Name.Filespec, F=String("x.exe"), EF=Dictionary(F=inside)))


def drawing() -> bytes:
    return encoded(Image.new("RGBA", (50, 50), (9, 9, 9, 99)), "PNG")


def pdf_with_inline_photo(wrapped: bool = False, where: str = "page") -> bytes:
    """A JPEG with its place in the middle of what draws the page, a form on it, a pattern or a letter."""
    inside = encoded(photo(60, 40), "JPEG", exif=gps(), comment=GPS_CANARY)
    data, filters = (base64.a85encode(inside) + b"~>", b"[/A85 /DCT]") if wrapped else (inside, b"/DCT")
    draws = (
        b"q 200 0 0 200 72 400 cm\nBI /W 60 /H 40 /CS /RGB /BPC 8 /F " + filters + b" ID " + data + b"\nEI Q"
    )
    box = Array([0, 0, 595, 842])

    def add(made: Pdf) -> None:
        page = made.pages[0]
        match where:
            case "page":
                page.Contents = Array([page.Contents, made.make_stream(draws)])
            case "form":
                form = made.make_stream(draws, Type=Name.XObject, Subtype=Name.Form, BBox=box)
                page.Resources.XObject = Dictionary(Fm0=form)
                page.Contents = made.make_stream(b"/Fm0 Do")
            case "pattern":
                tile = made.make_stream(
                    draws, PatternType=1, PaintType=1, TilingType=1, BBox=box, XStep=595, YStep=842,
                    Resources=Dictionary(),
                )  # fmt: skip
                page.Resources.Pattern = Dictionary(P0=tile)
                page.Contents = made.make_stream(b"/Pattern cs /P0 scn 0 0 595 842 re f")
            case "letter":
                letter = made.make_stream(b"600 0 d0 " + draws)
                page.Resources.Font.T = Dictionary(
                    Type=Name.Font, Subtype=Name.Type3, FontBBox=box, FontMatrix=Array([0.01, 0, 0, 0.01, 0, 0]),
                    CharProcs=Dictionary(a=letter), FirstChar=97, LastChar=97, Widths=Array([600]),
                    Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
                )  # fmt: skip
                page.Contents = made.make_stream(b"BT /T 100 Tf 0 0 Td (a) Tj ET")

    return pdf(add)


def pdf_with_photo(wrapped: bool = False, side: int = 400) -> bytes:
    """A scanner app's page: a JPEG with its place still in it."""
    inside = encoded(photo(side, side), "JPEG", exif=gps(), comment=GPS_CANARY, quality=95)

    def add(made: Pdf) -> None:
        filters: object = Name.DCTDecode
        data = inside
        if wrapped:
            filters, data = Array([Name.FlateDecode, Name.DCTDecode]), zlib.compress(inside)
        image = made.make_stream(
            data,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=side,
            Height=side,
            ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=filters,
        )
        made.pages[0].obj.Resources.XObject = Dictionary(B=image)
        made.pages[0].Contents = made.make_stream(b"q 500 0 0 375 40 300 cm /B Do Q")

    return pdf(add)


def form_pdf() -> bytes:
    """A form filled in by a viewer that drew no appearance: the value is only in the field."""

    def add(made: Pdf) -> None:
        field = made.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Tx,
                T=String("namn"),
                V=String("XXXXXXXXXXXXXXXXXXXX"),
                DA=String("/Helv 40 Tf 0 g"),
                Rect=Array([50, 300, 550, 360]),
                F=4,
                P=made.pages[0].obj,
            )
        )
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        made.pages[0].obj.Annots = Array([field])
        made.Root.AcroForm = Dictionary(
            Fields=Array([field]), DR=Dictionary(Font=Dictionary(Helv=font)), NeedAppearances=True
        )

    return pdf(add, text=b"")


def png_claiming(width: int, height: int, rows: int = 100) -> bytes:
    """A small PNG that says it is huge: `rows` of zeros, well compressed."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(rows * (1 + 3 * width)), 9))
        + chunk(b"IEND", b"")
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _sixteen_bits() -> Image.Image:
    return photo().convert("L").convert("I").point(lambda value: value * 257).convert("I;16")


def gif(frames: int) -> bytes:
    colours = [Image.new("RGB", (300, 300), (n % 256, n // 2 % 256, 90)) for n in range(frames)]
    return encoded(colours[0], "GIF", save_all=True, append_images=colours[1:], duration=10)


def locked_pdf(user: str) -> bytes:
    out = io.BytesIO()
    with Pdf.open(io.BytesIO(pdf())) as made:
        made.save(out, encryption=pikepdf.Encryption(owner="owner", user=user))
    return out.getvalue()


def deflate_bomb_pdf(megabytes: int = 2000) -> bytes:
    """A page whose content unpacks to gigabytes of drawing."""
    data = zlib.compress(b"0 0 m 9 9 l S\n" * 8 * 74_898, 9)  # 8 MiB of lines

    def add(made: Pdf) -> None:
        one = made.make_stream(data, Filter=Name.FlateDecode)
        made.pages[0].Contents = made.make_indirect(Array([one] * (megabytes // 8)))

    return pdf(add)


def nested_pdf(depth: int = 3000) -> bytes:
    body = b"%PDF-1.4\n1 0 obj\n" + b"[" * depth + b"]" * depth + b"\nendobj\n"
    return body + b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF"


def looping_pdf() -> bytes:
    """A page tree that is its own child."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF"
    )


def huge_page_pdf() -> bytes:
    def change(made: Pdf) -> None:
        made.pages[0].obj.MediaBox = Array([0, 0, 10**7, 10**7])

    return pdf(change)


ZIP = b"PK\x03\x04\x14\0\0\0\0\0" + b"\0" * 20 + b"readme.txt"
DOCX = b"PK\x03\x04\x14\0\6\0\x08\0" + b"\0" * 20 + b"[Content_Types].xml" + b"\0" * 50
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + b"\0" * 100
AVIF = b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf" + b"\0" * 100
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"


def refused() -> dict[str, tuple[bytes, set[Reason]]]:
    """Each with the reasons a person may be given."""
    broken, pixels = {Reason.BROKEN_PICTURE}, {Reason.TOO_MANY_PIXELS}
    good = jpeg()
    return {
        "empty": (b"", {Reason.EMPTY}),
        "text": (b"hej", {Reason.UNKNOWN}),
        "svg": (SVG, {Reason.WEB}),
        "svg without head": (b"\n <SVG onload=alert(1)>", {Reason.WEB}),
        "svg utf-16": (SVG.decode().encode("utf-16"), {Reason.WEB}),
        "html": (b"<!DOCTYPE html>" + SCRIPT, {Reason.WEB}),
        "html bom": (b"\xef\xbb\xbf<html>" + SCRIPT, {Reason.WEB}),
        "zip": (ZIP, {Reason.ARCHIVE}),
        "gzip": (b"\x1f\x8b" + b"\0" * 20, {Reason.ARCHIVE}),
        "docx": (DOCX, {Reason.OFFICE}),
        "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, {Reason.OFFICE}),
        "rtf": (b"{\\rtf1\\ansi hej}", {Reason.OFFICE}),
        "mp4": (MP4, {Reason.FILM}),
        "avif": (AVIF, {Reason.UNKNOWN}),
        "m4a": (b"\0\0\0\x18ftypM4A \0\0\0\0", {Reason.SOUND}),
        "exe": (b"MZ" + b"\0" * 200, {Reason.PROGRAM}),
        "shell": (b"#!/bin/sh\nrm -rf /", {Reason.PROGRAM}),
        "bmp": (encoded(photo(), "BMP"), {Reason.UNKNOWN}),
        "tiff": (encoded(photo(), "TIFF"), {Reason.UNKNOWN}),
        "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run", {Reason.UNKNOWN}),
        "pdf not at the start": (b"GIF8 " + pdf(), {Reason.UNKNOWN}),
        "html then pdf": (b"<html>" + SCRIPT + pdf(), {Reason.WEB}),
        "gif that is a script": (b"GIF89a/*" + b"*/=1;alert(1)//" * 20, broken),
        "jpeg head only": (b"\xff\xd8\xff\xe0", broken),
        "jpeg truncated": (good[: len(good) // 2], broken),
        "png truncated": (encoded(photo(), "PNG")[:-2000], broken),
        "webp truncated": (encoded(photo(), "WEBP")[:-2000], broken),
        "heic truncated": (encoded(photo(), "HEIF")[:-2000], broken),
        "heic head only": (encoded(photo(), "HEIF")[:60], broken),
        "gif truncated": (encoded(photo(), "GIF")[:800], broken),
        "png 900 million pixels": (png_claiming(30_000, 30_000), pixels),
        "png 2 billion wide": (png_claiming(2**31 - 1, 1, 0), pixels | broken),
        "png no pixels": (png_claiming(0, 0, 0), pixels | broken),
        "jpeg 4 billion pixels": (jpeg_claiming(65_500, 65_500), pixels),
        "gif 4 billion pixels": (b"GIF89a\xff\xff\xff\xff\xf7\0\0" + b"\0" * 768 + b",", broken | pixels),
        "pdf head only": (b"%PDF-1.7\n", {Reason.BROKEN_PDF}),
        "pdf garbage": (b"%PDF-1.7\n" + bytes(range(256)) * 40, {Reason.BROKEN_PDF}),
        "pdf truncated": (pdf()[:120], {Reason.BROKEN_PDF}),
        "pdf with password": (locked_pdf("hemligt"), {Reason.LOCKED_PDF}),
        "pdf with owner's lock": (locked_pdf(""), {Reason.LOCKED_PDF}),
        "pdf 101 pages": (pdf(pages=101), {Reason.TOO_MANY_PAGES}),
        "pdf nested": (nested_pdf(), {Reason.BROKEN_PDF, Reason.TOO_HARD}),
        "pdf loop": (looping_pdf(), {Reason.BROKEN_PDF, Reason.TOO_HARD}),
        "pdf without pages": (pdf(pages=0), {Reason.BROKEN_PDF}),
        "pdf bomb": (deflate_bomb_pdf(), {Reason.TOO_HARD, Reason.BROKEN_PDF}),
        "pdf huge page": (huge_page_pdf(), {Reason.BROKEN_PDF}),
    }


def disarmed() -> dict[str, tuple[bytes, str]]:
    """Taken, with what they become: nothing hostile may be left."""
    good = jpeg(exif=gps(), xmp=XMP, comment=GPS_CANARY)
    text = Image.new("RGB", (200, 100), "white")
    info = PngInfo()
    info.add_text("Comment", GPS_CANARY.decode())
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return {
        "jpeg with place": (good, "image/jpeg"),
        "jpeg with page at its end": (good + b"<html>" + SCRIPT, "image/jpeg"),
        "jpeg with zip at its end": (good + ZIP + GPS_CANARY, "image/jpeg"),
        "jpeg progressive": (jpeg(progressive=True), "image/jpeg"),
        "jpeg cmyk": (encoded(photo().convert("CMYK"), "JPEG"), "image/jpeg"),
        "jpeg grey": (encoded(photo().convert("L"), "JPEG"), "image/jpeg"),
        "png with place": (encoded(photo(), "PNG", exif=gps(), pnginfo=info), "image/jpeg"),
        "png screenshot": (encoded(text, "PNG", pnginfo=info), "image/png"),
        "png see-through": (drawing(), "image/png"),
        "png opaque with alpha": (encoded(photo().convert("RGBA"), "PNG"), "image/jpeg"),
        "png 16 bits": (encoded(_sixteen_bits(), "PNG"), "image/png"),
        "png one bit": (encoded(photo().convert("1"), "PNG"), "image/png"),
        "heic with place": (encoded(photo(), "HEIF", exif=gps(), xmp=XMP), "image/jpeg"),
        "webp with place": (encoded(photo(), "WEBP", exif=gps(), xmp=XMP), "image/jpeg"),
        "webp moving": (encoded(photo(), "WEBP", save_all=True, append_images=[photo()] * 5), "image/jpeg"),
        "gif 500 frames": (gif(500), "image/png"),
        "gif with page at its end": (gif(1) + b"<html>" + SCRIPT, "image/png"),
        "pdf": (pdf(), "application/pdf"),
        "pdf active": (pdf(active_pdf), "application/pdf"),
        "pdf with photo": (pdf_with_photo(), "application/pdf"),
        "pdf with wrapped photo": (pdf_with_photo(wrapped=True), "application/pdf"),
        "pdf with page at its end": (pdf() + b"\n<html>" + SCRIPT + ZIP, "application/pdf"),
        "pdf form": (form_pdf(), "application/pdf"),
        "pdf 100 pages": (pdf(pages=100), "application/pdf"),
    }


def either_way() -> dict[str, bytes]:
    """Broken, but a forgiving decoder may still get a picture out of it: refused in words, or harmless."""
    return {
        "png missing rows": png_claiming(3000, 3000, 5),
        "jpeg that lies": jpeg_claiming(4000, 4000),
        "pdf mended": pdf()[:300],
        "jpeg cut at its end": jpeg()[:-2],
    }
