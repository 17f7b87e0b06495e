"""The page of a stand-in provider where one chooses whom to log in as, and its refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from vardvag.outside.local_server import Reply, Request
from vardvag.outside.standin_page import hidden, language, page, search_box

_TEXT = {
    "sv": {
        "find": "Sök",
        "nobody": "Ingen passar in på sökningen. Pröva en del av namnet.",
        "more": "Fler finns. Sök för att se dem.",
        "login": "Logga in",
        "cancel": "Avbryt",
        "wrong": "Inloggningen kan inte börja",
        "why": "Den som bad om inloggningen skickade fel värde i {}. Börja om från tjänsten.",
    },
    "en": {
        "find": "Search",
        "nobody": "Nobody matches. Try a part of the name.",
        "more": "There are more. Search to see them.",
        "login": "Log in",
        "cancel": "Cancel",
        "wrong": "The login cannot begin",
        "why": "Whoever asked for the login sent a wrong value in {}. Start again from the service.",
    },
}
LISTED = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody on the list: `value` is sent, `shown` is how it is written, `below` stands under the name."""

    value: str
    name: str
    below: str
    shown: str


@dataclass(frozen=True, slots=True)
class Look:
    """What differs: words (title, about, search, typed, not_one) in one language, the banner, the field, and
    `extra`: HTML of more fields in the form."""

    words: dict[str, str]
    banner: str
    field: str
    extra: str = ""


def chooser(request: Request, look: Look, found: Sequence[Choice], *, wrong: bool = False) -> Reply:
    """`found`: at most LISTED + 1 of those who match the search `q`."""
    lang = language(request)
    say = {**_TEXT[lang], **look.words}
    fields = {name: value for name, value in request.query.items() if name != "q"}
    search = request.query.get("q", "")
    listed = "".join(f"<li>{_button(one, look.field)}</li>" for one in found[:LISTED])
    note = say["nobody"] if search and not found else say["more"] if len(found) > LISTED else ""
    error = f'<p class="card warn" role="alert">{say["not_one"]}</p>' if wrong else ""
    body = (
        f'{error}<p class="mute">{say["about"]}</p>'
        f"{search_box(say['search'], search, say['find'], fields)}"
        f'<form method="post" action="/oidc/choose">{hidden(fields)}{look.extra}'
        f'<ul class="plain">{listed}</ul></form><p role="status">{note}</p>'
        f'<form method="post" action="/oidc/choose">{hidden(fields)}<label for="typed">{say["typed"]}</label>'
        f'<div class="row"><input id="typed" name="{look.field}" autocomplete="off" autocapitalize="characters">'
        f"<button>{say['login']}</button></div></form>"
        f'<form method="post" action="/oidc/choose">{hidden(fields)}'
        f'<button name="cancel" value="1">{say["cancel"]}</button></form>'
    )
    return page(say["title"], body, lang=lang, nav=f"<strong>{escape(look.banner)}</strong>")


def refusal(request: Request, what: str) -> Reply:
    lang = language(request)
    say = _TEXT[lang]
    return page(
        say["wrong"], f'<p class="card warn">{escape(say["why"].format(what))}</p>', lang=lang, status=400
    )


def _button(one: Choice, field: str) -> str:
    return (
        f'<button class="person" name="{field}" value="{escape(one.value)}"><b>{escape(one.name)}</b>'
        f'{escape(one.below)}<span class="mute"> {escape(one.shown)}</span></button>'
    )
