"""Every part's pages, and the machine's own. Resident pages at the root, staff pages under /personal/."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from vardvag.core import health

# Parts with pages; each has its urls.py, or one per audience.
PARTS = (
    "core",
    "identity",
    "organisation",
    "files",
    "audit",
    "inbox",
    "questionnaires",
    "catalogue",
    "cases",
    "services.triage",
)
AUDIENCES = ("urls", "public.urls", "resident.urls", "staff.urls", "manage.urls")


def _found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [
    path("halsa/liv", health.alive, name="core/alive"),
    path("halsa/redo", health.ready, name="core/ready"),
    path("matvarden", health.figures, name="core/figures"),
    *(
        path("", include(module))
        for module in (f"vardvag.{part}.{audience}" for part in PARTS for audience in AUDIENCES)
        if _found(module)
    ),
]

handler400 = "vardvag.core.errors.bad_request"
handler403 = "vardvag.core.errors.forbidden"
handler404 = "vardvag.core.errors.not_found"
handler500 = "vardvag.core.errors.server_error"
