"""The house's own public pages: help, accessibility, appearance, gallery."""

from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from vardvag.core import doors
from vardvag.core.doors import PublicRequest
from vardvag.core.gallery import gallery_shows

CHOICES = {
    "language": ("sv", "en"),
    "theme": ("light", "dark", "auto"),
    "density": ("normal", "dense"),
    "keys": ("on", "off"),
}
COOKIE = {"language": "lang", "theme": "theme", "density": "density", "keys": "keys"}
YEAR = 365 * 24 * 3600


@require_safe
@doors.public
def help(request: PublicRequest) -> HttpResponse:
    return render(request, "core/public/help.html")


@require_safe
@doors.public
def accessibility(request: PublicRequest) -> HttpResponse:
    return render(request, "core/public/accessibility.html")


@require_safe
@doors.public
def gallery(request: PublicRequest) -> HttpResponse:
    """Every component in every state; `?fel=1` shows the forms as they come back with faults."""
    return render(request, "core/public/gallery.html", gallery_shows(refused="fel" in request.GET))


@require_POST
@doors.public
def preferences(request: PublicRequest) -> HttpResponse:
    """Language, theme, density and single-letter keys of this browser; back to the page one came from."""
    try:
        referer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # brackets that hold no address
        referer = urlsplit("/")
    back = referer.path if referer.netloc == request.get_host() else "/"
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    elif referer.query and back != "/":
        back = f"{back}?{referer.query}"
    answer = HttpResponseRedirect(back)
    for name, allowed in CHOICES.items():
        said = request.POST.get(name)
        if said in allowed:
            answer.set_cookie(
                COOKIE[name], said, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
            )
    return answer
