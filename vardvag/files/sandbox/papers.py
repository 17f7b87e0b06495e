"""PDF: only the pages are taken over into a new file; nothing that acts, points outside or was attached."""

from collections.abc import Iterator
from io import BytesIO

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String
from PIL import Image

from vardvag.files.sandbox import pictures
from vardvag.files.sandbox.bare import bare_inline, bare_jpeg, bare_jpeg2000
from vardvag.files.sandbox.formats import Format
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt

_PAGE_KEYS = {
    "/Type",
    "/Parent",
    "/MediaBox",
    "/CropBox",
    "/Rotate",
    "/UserUnit",
    "/Resources",
    "/Contents",
    "/Group",
}
# What lies in a page's resources may be named anything ("/A" is a font as often as an action), so only words
# that mean one thing are removed by name; actions and attached files are known by what they hold.
_BANNED_KEYS = (
    *(
        "/AcroForm",
        "/Annots",
        "/EmbeddedFiles",
        "/JavaScript",
        "/OpenAction",
        "/Outlines",
        "/RichMediaContent",
    ),
    *("/XFA", "/Metadata", "/PieceInfo", "/LastModified", "/OPI", "/Alternates", "/SpiderInfo", "/DocMDP"),
)
_ACTIONS = {
    *(
        Name.JavaScript,
        Name.Launch,
        Name.URI,
        Name.GoTo,
        Name.GoToR,
        Name.GoToE,
        Name.SubmitForm,
        Name.ImportData,
    ),
    *(Name.ResetForm, Name.Named, Name.Hide, Name.Rendition, Name.Movie, Name.Sound, Name.Thread, Name.Trans),
    *(Name.SetOCGState, Name.GoTo3DView, Name.RichMediaExecute, Name("/GoToDp")),
}
_EXTERNAL_STREAM_KEYS = ("/F", "/FFilter", "/FDecodeParms")
_MOST_OBJECTS = 200_000


def rebuild(data: bytes, limits: Limits) -> Rebuilt:
    try:
        body, pages = _pages_only(data, limits)
        first, width, height = _first_page(body, limits)
    except (MemoryError, Rejected):
        raise
    except Exception as problem:  # qpdf and pdfium name their errors in many ways
        raise Rejected(Reason.BROKEN_PDF, type(problem).__name__) from None
    preview = BytesIO()
    first.save(preview, "JPEG", quality=85)
    return Rebuilt(
        content_type="application/pdf",
        width=width,
        height=height,
        pages=pages,
        body=body,
        preview=preview.getvalue(),
        thumbnail=pictures.thumbnail(first, limits.thumbnail),
    )


def _pages_only(data: bytes, limits: Limits) -> tuple[bytes, int]:
    try:
        source = Pdf.open(BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Rejected(Reason.LOCKED_PDF) from None
    except RuntimeError as problem:  # the ciphers ask for devices that are not here
        reason = Reason.LOCKED_PDF if b"/Encrypt" in data else Reason.BROKEN_PDF
        raise Rejected(reason, type(problem).__name__) from None
    with source, Pdf.new() as clean:
        if source.is_encrypted:
            raise Rejected(Reason.LOCKED_PDF)
        count = len(source.pages)
        if not count:
            raise Rejected(Reason.BROKEN_PDF, "no pages")
        if count > limits.pages:
            raise Rejected(Reason.TOO_MANY_PAGES, str(count))
        _fix_forms_on_paper(source)
        clean.pages.extend(source.pages)
        for page in clean.pages:
            for key in set(page.obj.keys()) - _PAGE_KEYS:
                del page.obj[key]
        for thing in _everything(clean):
            _defuse(clean, thing)
        _strip_inline_photos(clean)
        out = BytesIO()
        clean.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue(), count


def _fix_forms_on_paper(source: Pdf) -> None:
    """What was filled in or drawn on top becomes part of the page; a broken form costs only itself."""
    if "/AcroForm" in source.Root or any("/Annots" in page for page in source.pages):
        try:
            source.generate_appearance_streams()
            source.flatten_annotations("screen")
        except (pikepdf.PdfError, RuntimeError, ValueError, TypeError):
            return


def _everything(pdf: Pdf) -> Iterator[Object]:
    """Every dictionary and stream of the file, also those lying directly in others."""
    seen = 0
    for whole in pdf.objects:
        within = [whole]
        while within:
            thing = within.pop()
            seen += 1
            if seen > _MOST_OBJECTS:
                raise Rejected(Reason.TOO_HARD, "objects")
            if isinstance(thing, Stream):
                yield thing
                children = list(thing.stream_dict.as_dict().values()) if thing.stream_dict else []
            elif isinstance(thing, Dictionary):
                yield thing
                children = list(thing.as_dict().values())
            elif isinstance(thing, Array):
                children = list(thing.as_list())
            else:
                continue
            within += [c for c in children if isinstance(c, (Array, Dictionary)) and not c.is_indirect]


def _defuse(pdf: Pdf, thing: Object) -> None:
    for key in _BANNED_KEYS:
        if key in thing:
            del thing[key]
    if not isinstance(thing, Stream):
        if _acts_or_holds_a_file(thing):
            for key in list(thing.keys()):
                del thing[key]
        return
    for key in (*_EXTERNAL_STREAM_KEYS, "/Ref"):
        if key in thing:
            del thing[key]
    if thing.get("/Subtype") == Name.PS or thing.get("/Type") == Name.EmbeddedFile:  # PostScript for printers
        thing.write(b"")
    _strip_photo(pdf, thing)


def _acts_or_holds_a_file(thing: Object) -> bool:
    kind = thing.get("/S")
    return (
        isinstance(kind, Name)
        and kind in _ACTIONS
        or isinstance(thing.get("/JS"), (String, Stream))
        or isinstance(thing.get("/URI"), (String, Dictionary))
        or thing.get("/Type") in (Name.Action, Name.Filespec, Name.F)
        or isinstance(thing.get("/EF"), Dictionary)
    )


def _strip_photo(pdf: Pdf, stream: Object) -> None:
    """A photo in a PDF is a whole JPEG or JPEG 2000 file and may tell where it was taken."""
    filters, parameters = _listed(stream.get("/Filter")), _listed(stream.get("/DecodeParms"))
    inner = filters[-1] if filters else None
    if not isinstance(inner, Name) or inner not in (Name.DCTDecode, Name("/DCT"), Name.JPXDecode):
        return
    raw = stream.read_raw_bytes()
    if filters[:-1]:  # wrapped once more: unwrap the outer layers first
        outer = pdf.make_stream(raw, Filter=Array(filters[:-1]))
        if len(parameters) == len(filters):
            outer.DecodeParms = Array(parameters[:-1])
        raw = outer.read_bytes()
    bare = bare_jpeg2000(raw) if inner == Name.JPXDecode else bare_jpeg(raw)
    last = parameters[-1] if parameters and len(parameters) == len(filters) else None
    stream.write(bare, filter=inner, decode_parms=last if isinstance(last, Dictionary) else None)


def _strip_inline_photos(pdf: Pdf) -> None:
    """Photos may also lie in the middle of what draws a page, a form, a pattern or a letter."""
    for page in pdf.pages:
        written = page.obj.get("/Contents")
        parts = [part for part in _listed(written) if isinstance(part, Stream)]
        if (bare := bare_inline(pdf, b"\n".join(part.read_bytes() for part in parts))) is not None:
            page.obj.Contents = pdf.make_stream(bare)
    for thing in _everything(pdf):
        drawn = (
            list(letters.as_dict().values())
            if isinstance(letters := thing.get("/CharProcs"), Dictionary)
            else []
        )
        if isinstance(thing, Stream) and (
            thing.get("/Subtype") == Name.Form or thing.get("/PatternType") == 1
        ):
            drawn.append(thing)
        for stream in drawn:
            if isinstance(stream, Stream) and (bare := bare_inline(pdf, stream.read_bytes())) is not None:
                stream.write(bare)


def _listed(value: Object | None) -> list[Object]:
    """One, several or none, as PDF writes filters and their parameters."""
    if isinstance(value, Array):
        return list(value.as_list())
    return [] if value is None else [value]


def _first_page(body: bytes, limits: Limits) -> tuple[Image.Image, int, int]:
    document = pypdfium2.PdfDocument(body)
    page = document[0]
    width, height = page.get_size()
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise Rejected(Reason.BROKEN_PDF, "page size")
    scale = min(limits.preview / max(width, height), 3.0)
    bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
    picture = bitmap.to_pil().convert("RGB").copy()
    document.close()
    return picture, picture.width, picture.height


def prepare() -> None:
    """Let both libraries load what they load once, with a page of our own."""
    pictures.prepare(Format.PDF)
    with Pdf.new() as one:
        one.add_blank_page(page_size=(72, 72))
        bare_inline(one, b"BI /W 1 /H 1 /BPC 8 /CS /G /F [/AHx /DCT] ID ffd8ffd9> EI")
        out = BytesIO()
        one.save(out)
    first, _, _ = _first_page(out.getvalue(), Limits())
    pictures.thumbnail(first, Limits().thumbnail)
