"""The stand-in's page where one chooses whom to log in as."""

from html import escape

from vardvag.outside.local_server import Reply, Request
from vardvag.outside.people import People, Staff
from vardvag.outside.standin_page import hidden, language, page, search_box

_TEXT = {
    "sv": {
        "title": "Låtsas-SITHS: vem är du?",
        "about": "Här loggar personal in i demon. I verkligheten visas e-legitimationen på tjänstekortet.",
        "search": "Sök på namn, yrke, enhet eller roll",
        "find": "Sök",
        "nobody": "Ingen passar in på sökningen. Pröva en del av namnet.",
        "more": "Fler finns. Sök för att se dem.",
        "typed": "Eller skriv ett HSA-id",
        "not_one": "Det är inget HSA-id. Det skrivs som SE2321000131-1001.",
        "login": "Logga in",
        "cancel": "Avbryt",
        "wrong": "Inloggningen kan inte börja",
        "why": "Den som bad om inloggningen skickade fel värde i {}. Börja om från tjänsten.",
    },
    "en": {
        "title": "Pretend SITHS: who are you?",
        "about": "Staff log in here in the demo. In real life the e-ID is on the staff card.",
        "search": "Search by name, profession, unit or role",
        "find": "Search",
        "nobody": "Nobody matches. Try a part of the name.",
        "more": "There are more. Search to see them.",
        "typed": "Or type an HSA-id",
        "not_one": "That is no HSA-id. It is written like SE2321000131-1001.",
        "login": "Log in",
        "cancel": "Cancel",
        "wrong": "The login cannot begin",
        "why": "Whoever asked for the login sent a wrong value in {}. Start again from the service.",
    },
}
LISTED = 30


def chooser(request: Request, people: People, *, wrong: bool = False) -> Reply:
    lang = language(request)
    say = _TEXT[lang]
    fields = {name: value for name, value in request.query.items() if name != "q"}
    search = request.query.get("q", "")
    found = people.staff(search, LISTED + 1)
    listed = "".join(f"<li>{_button(one)}</li>" for one in found[:LISTED])
    note = say["nobody"] if search and not found else say["more"] if len(found) > LISTED else ""
    error = f'<p class="card warn" role="alert">{say["not_one"]}</p>' if wrong else ""
    body = (
        f'{error}<p class="mute">{say["about"]}</p>'
        f"{search_box(say['search'], search, say['find'], fields)}"
        f'<form method="post" action="/oidc/choose">{hidden(fields)}<ul class="plain">{listed}</ul></form>'
        f'<p role="status">{note}</p>'
        f'<form method="post" action="/oidc/choose">{hidden(fields)}<label for="hsa">{say["typed"]}</label>'
        '<div class="row"><input id="hsa" name="hsa_id" autocomplete="off" autocapitalize="characters">'
        f"<button>{say['login']}</button></div></form>"
        f'<form method="post" action="/oidc/choose">{hidden(fields)}'
        f'<button name="cancel" value="1">{say["cancel"]}</button></form>'
    )
    return page(say["title"], body, lang=lang, nav="<strong>SITHS (demo)</strong>")


def refusal(request: Request, what: str) -> Reply:
    lang = language(request)
    say = _TEXT[lang]
    return page(
        say["wrong"], f'<p class="card warn">{escape(say["why"].format(what))}</p>', lang=lang, status=400
    )


def _button(staff: Staff) -> str:
    below = " · ".join(escape(part) for part in (staff.title, staff.note) if part)
    return (
        f'<button class="person" name="hsa_id" value="{escape(staff.hsa_id)}"><b>{escape(staff.name)}</b>'
        f'{below}<span class="mute"> {escape(staff.hsa_id)}</span></button>'
    )
