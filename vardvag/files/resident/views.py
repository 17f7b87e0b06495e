"""A resident's files before they are sent."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from vardvag.core import doors
from vardvag.core.doors import ResidentRequest
from vardvag.files import pages


@require_POST
@doors.resident
def upload(request: ResidentRequest) -> HttpResponse:
    return pages.upload(request, "resident")


@require_POST
@doors.resident
def piece(request: ResidentRequest) -> HttpResponse:
    return pages.piece(request, "resident")


@require_safe
@doors.resident
def show(request: ResidentRequest, public_id: UUID) -> HttpResponseBase:
    return pages.show(request, public_id)


@require_POST
@doors.resident
def remove(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    return pages.remove(request, public_id, otherwise="/")
