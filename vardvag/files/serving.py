"""Answers that hold a file: nothing a browser could run, nothing anybody may keep."""

import logging
from typing import TypeVar

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from vardvag.core.facts import Fact
from vardvag.files import store, vault
from vardvag.files.facts import Gone, Lost, NoThumbnail, NotScannedYet
from vardvag.files.models import File

Response = TypeVar("Response", bound=HttpResponseBase)
log = logging.getLogger(__name__)
_WHOLE = 1024 * 1024  # bytes: a larger answer is not joined; all are opened before their first byte leaves
_SAFE = {"image/jpeg", "image/png", "application/pdf"}


def serve(*, file: File, thumbnail: bool = False, download: bool = False) -> HttpResponseBase:
    """An image, a PDF's first page as an image, the thumbnail of either, or (`download`) the file itself.

    Only images are ever shown in place; a PDF is only for saving, and only once the scanner has seen it. A file
    that does not open answers in words.
    """
    if not file.opens:
        return refuse(Gone())
    if thumbnail and file.intimate:
        return refuse(NoThumbnail())
    if download and not file.scanned:
        return refuse(NotScannedYet())
    part, content_type, name = store.BODY, file.content_type, file.name
    if thumbnail or not (download or file.is_image):
        part, content_type = (store.THUMBNAIL if thumbnail else store.PREVIEW), "image/jpeg"
        name, download = file.name.rpartition(".")[0] + ".jpg", False
    if content_type not in _SAFE:
        raise ValueError(content_type)
    try:
        size = store.size(file.stored_as, part)
        pieces = list(store.get(file.stored_as, part, vault.unwrap(file.wrapped_key, file.stored_as)))
    except (store.Missing, vault.Sealed):
        log.exception("a stored file does not open", extra={"file": file.pk})
        return refuse(Lost())
    response: HttpResponseBase
    response = HttpResponse(b"".join(pieces)) if size <= _WHOLE else StreamingHttpResponse(pieces)
    response["Content-Type"] = content_type
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=download, filename=name) or "inline"
    )
    return _locked_up(response)


def refuse(fact: Fact) -> HttpResponse:
    """Where a picture was asked for: words, shut in as tightly as a file."""
    return _locked_up(HttpResponse(str(fact.message), status=409, content_type="text/plain; charset=utf-8"))


def _locked_up(response: Response) -> Response:
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response
