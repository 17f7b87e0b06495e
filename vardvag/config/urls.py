"""Every part's pages, and the machine's own. Resident pages at the root, staff pages under /personal/."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, path
from django.urls.resolvers import RoutePattern

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


class Pages(URLResolver):
    """Routes found by how they begin: tried one after the other, a request met eighty others before its own."""

    def __init__(self, patterns: list[URLPattern]) -> None:
        super().__init__(RoutePattern(""), patterns)
        self._beginning: dict[str, list[tuple[int, URLPattern]]] = {}
        for place, pattern in enumerate(patterns):
            fixed = str(pattern.pattern).partition("<")[0].rpartition("/")[0]
            self._beginning.setdefault(fixed, []).append((place, pattern))
        self._longest = max(map(len, self._beginning))

    def resolve(self, path: str) -> ResolverMatch:
        found, beginning = list(self._beginning.get("", ())), path[: self._longest + 1]
        while beginning:
            beginning = beginning.rpartition("/")[0]
            found += self._beginning.get(beginning, ()) if beginning else ()
        for _place, pattern in sorted(found, key=lambda one: one[0]):  # as they stand in the list
            if match := pattern.resolve(path):
                return match
        raise Resolver404({"tried": [], "path": path})


def _patterns() -> list[URLPattern]:
    found: list[Any] = [
        path("halsa/liv", health.alive, name="core/alive"),
        path("halsa/redo", health.ready, name="core/ready"),
        path("matvarden", health.figures, name="core/figures"),
    ]
    for part in PARTS:
        for audience in AUDIENCES:
            if _found(name := f"vardvag.{part}.{audience}"):
                found += import_module(name).urlpatterns
    return found


urlpatterns: list[URLPattern | URLResolver] = [Pages(_patterns())]

handler400 = "vardvag.core.errors.bad_request"
handler403 = "vardvag.core.errors.forbidden"
handler404 = "vardvag.core.errors.not_found"
handler500 = "vardvag.core.errors.server_error"
