"""A staff member's files before they are sent."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from vardvag.core import doors
from vardvag.core.doors import StaffRequest
from vardvag.files import pages


@require_POST
@doors.staff()
def upload(request: StaffRequest) -> HttpResponse:
    return pages.upload(request, "staff")


@require_POST
@doors.staff()
def piece(request: StaffRequest) -> HttpResponse:
    return pages.piece(request, "staff")


@require_safe
@doors.staff()
def show(request: StaffRequest, public_id: UUID) -> HttpResponseBase:
    return pages.show(request, public_id)


@require_POST
@doors.staff()
def remove(request: StaffRequest, public_id: UUID) -> HttpResponse:
    return pages.remove(request, public_id, otherwise="/personal/")
