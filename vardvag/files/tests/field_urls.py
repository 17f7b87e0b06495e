"""A page with a form, as other parts make them, for the browser."""

from uuid import UUID

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template import Context, Template
from django.urls import include, path

from vardvag.core import doors
from vardvag.core.doors import ResidentRequest
from vardvag.files.access import draft_files

DRAFT = UUID("11111111-2222-4333-8444-555555555555")
POSTED: list[dict[str, object]] = []
PAGE = Template(
    '<!doctype html><html lang="sv"><title>x</title><body><form method="post" enctype="multipart/form-data"'
    ' action="/form/">{% csrf_token %}<textarea name="body"></textarea>{% include "files/attach.html" %}'
    '<button name="verb" value="send">Skicka</button></form></body></html>'
)


@doors.resident
def form(request: ResidentRequest) -> HttpResponse:
    if request.method == "POST":
        POSTED.append({**request.POST.dict(), "files": len(request.FILES.getlist("files"))})
        return HttpResponse("<h1>Skickat</h1>")
    files = draft_files(actor=request.actor, draft_key=DRAFT)
    context = {"request": request, "draft_key": DRAFT, "files": files}
    return HttpResponse(PAGE.render(Context({**context, "csrf_token": get_token(request)})))


urlpatterns = [
    path("form/", form),
    path("", include("vardvag.files.resident.urls")),
    path("", include("vardvag.files.staff.urls")),
]
