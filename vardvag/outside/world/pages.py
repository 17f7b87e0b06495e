"""The stand-ins' pages and their JSON control, on one loopback port."""

from collections.abc import Callable
from html import escape
from secrets import token_urlsafe
from urllib.parse import quote

from vardvag.outside.local_server import LocalServer, Reply, Request, json_reply, own_host, redirect
from vardvag.outside.people import Resident
from vardvag.outside.standin_page import language, page
from vardvag.outside.world import journal_page, manage_page, phone_page
from vardvag.outside.world.control import control, journal
from vardvag.outside.world.texts import words
from vardvag.outside.world.visit import Visit
from vardvag.outside.world.world import World

_MENU = (("/", "world"), ("/telefon", "phone"), ("/hantera", "manage"))
Page = Callable[[World, Visit], Reply]
PAGES: dict[tuple[str, str], Page] = {
    ("GET", "/"): journal_page.show,
    ("GET", "/telefon"): phone_page.show,
    ("GET", "/telefon/vem"): phone_page.choose,
    ("POST", "/telefon/vem"): phone_page.chosen,
    ("GET", "/telefon/start"): phone_page.started,
    ("POST", "/telefon/oppna"): phone_page.opened,
    ("GET", "/telefon/order"): phone_page.order,
    ("POST", "/telefon/svar"): phone_page.answered,
    ("GET", "/hantera"): manage_page.show,
    ("POST", "/hantera/lage"): manage_page.set_state,
    ("POST", "/hantera/handelse"): manage_page.event,
}


class Pages:
    def __init__(self, world: World) -> None:
        self.world = world
        self._holders: dict[str, str] = {}  # browser -> personal number of the phone it holds
        self._server = LocalServer(self._answer, port=world.port)

    @property
    def url(self) -> str:
        return f"http://localhost:{self._server.port}"

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def _answer(self, request: Request) -> Reply:
        say = words(language(request))
        if not own_host(request):  # a page elsewhere that points its name here
            return Reply(403, b"", "text/plain")
        if request.path == "/__control":
            return control(self.world, request)
        if request.path == "/__journal":
            return json_reply(journal(self.world, request.query))
        if request.method == "POST" and not self._own_page(request):
            return page(say["world"], f'<p class="card warn">{say["strange_origin"]}</p>', status=403)
        if request.path == "/sprak":
            return _set_language(request)
        found = PAGES.get((request.method, request.path))
        if found is None:
            body = f"<p>{say['wrong_address_about']}</p>"
            return page(say["wrong_address"], body, lang=language(request), nav=_nav(request), status=404)
        return found(self.world, self._visit(request))

    def _own_page(self, request: Request) -> bool:
        origin = request.headers.get("origin", "")
        return origin in ("", f"http://{request.headers.get('host', '')}") and request.headers.get(
            "sec-fetch-site", "same-origin"
        ) in ("same-origin", "none")

    def _visit(self, request: Request) -> Visit:
        key = _cookie(request, "world-phone")
        number = self._holders.get(key, "")
        holder = self.world.people.resident(number) if number else None

        def hold(person: Resident) -> tuple[str, str]:
            mark = key or token_urlsafe(12)
            self._holders[mark] = person.personal_number
            return "Set-Cookie", f"world-phone={mark}; Path=/telefon; HttpOnly; SameSite=Lax"

        return Visit(request, language(request), _nav(request), holder, hold)


def _nav(request: Request) -> str:
    lang = language(request)
    say = words(lang)
    links = "".join(f'<a href="{path}"{_current(request, path)}>{say[name]}</a>' for path, name in _MENU)
    other = "sv" if lang == "en" else "en"
    here = request.path if request.method == "GET" else "/"
    return (
        f"<strong>Vårdväg · demo</strong>{links}"
        f'<a href="/sprak?till={other}&amp;nasta={escape(quote(here))}" lang="{other}">'
        f"{say['other_language']}</a>"
    )


def _current(request: Request, path: str) -> str:
    first = "/" + request.path.split("/")[1]
    return ' aria-current="page"' if first == path else ""


def _set_language(request: Request) -> Reply:
    chosen = "en" if request.query.get("till") == "en" else "sv"
    back = request.query.get("nasta", "/")
    safe = back if back in {path for method, path in PAGES if method == "GET"} else "/"
    sent = redirect(safe)
    cookie = ("Set-Cookie", f"world-language={chosen}; Path=/; SameSite=Lax; Max-Age=31536000")
    return Reply(sent.status, headers=(*sent.headers, cookie))


def _cookie(request: Request, name: str) -> str:
    for part in request.headers.get("cookie", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
