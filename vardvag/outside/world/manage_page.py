"""Steer the world: make systems slow or broken, let things happen in the population register."""

from html import escape
from typing import Any

from vardvag.core import personal_number as pn
from vardvag.outside.local_server import Reply, redirect
from vardvag.outside.standin_page import hidden, search_box
from vardvag.outside.world.visit import Visit
from vardvag.outside.world.world import STATES, World

SYSTEMS = ("bankid", "siths", "eid", "population", "sms", "mail", "scanner")
_NAMES = {"ok": "ok", "slow": "slow", "down": "down", "fail": "fail_state"}


def show(world: World, visit: Visit, *, wrong: str = "") -> Reply:
    say, query = visit.say, visit.request.query
    body = f'<p class="card warn" role="alert">{escape(wrong)}</p>' if wrong else ""
    if query.get("gjort"):
        body += f'<p class="card mark" role="status">{say["happened"]}</p>'
    body += f'<p class="mute">{say["state_about"]}</p>' + "".join(_state(world, s, say) for s in SYSTEMS)
    search, number = query.get("q", ""), query.get("person", "")
    body += f'<h2>{say["people_events"]}</h2><p class="mute">{say["people_about"]}</p>'
    body += search_box(say["search_person"], search, say["find"], {})
    if search:
        found = world.people.residents(search, 20)
        rows = "".join(
            f'<li><a href="/hantera?person={escape(p.personal_number)}">{escape(p.name)}</a> '
            f'<span class="mute">{escape(p.personal_number)} {escape(p.note)}</span></li>'
            for p in found
        )
        typed = _typed(search)
        if typed and not found:
            rows = f'<li><a href="/hantera?person={typed}">{typed}</a></li>'
        body += f'<ul class="plain">{rows}</ul>' if rows else f"<p>{say['nobody']}</p>"
    if number and _typed(number):
        body += _person(world, _typed(number), say)
    return visit.page(say["manage"], body, status=400 if wrong else 200)


def set_state(world: World, visit: Visit) -> Reply:
    form = visit.request.form()
    try:
        world.set_state(form.get("system", ""), form.get("state", ""))
    except (KeyError, ValueError) as error:
        return show(world, visit, wrong=str(error))
    return redirect("/hantera")


def event(world: World, visit: Visit) -> Reply:
    form, register = visit.request.form(), world.population
    number, what = _typed(form.get("person", "")), form.get("what", "")
    if not number:
        return show(world, visit, wrong=visit.say["nobody"])
    today = pn.today_in_sweden()
    if what == "custody":
        register.end_custody(number, form.get("guardian", ""), today)
    elif what == "number":
        new = _typed(form.get("number", ""))
        if not new or register.row(new) is not None:
            return show(world, visit, wrong=visit.say["not_a_number" if not new else "taken_number"])
        register.give_number(number, new)
    elif what == "move":
        fields = ("street", "postal_code", "city")
        register.change(number, address={name: form.get(name, "").strip() for name in fields})
    elif what == "dead":
        register.change(number, deceased=today.isoformat() if form.get("on") else None)
    elif what == "protected":
        register.change(number, protected=bool(form.get("on")))
    return redirect(f"/hantera?person={number}&gjort=1")


def _state(world: World, system: str, say: dict[str, str]) -> str:
    label = say["state"].format(say[system])
    now = world.state(system)
    offered = [state for state in STATES if system != "scanner" or state != "slow"]
    options = "".join(
        f'<option value="{state}"{" selected" if state == now else ""}>{say[_NAMES[state]]}</option>'
        for state in offered
    )
    return (
        f'<form method="post" action="/hantera/lage">{hidden({"system": system})}'
        f'<label for="{system}">{label}</label><div class="row"><select id="{system}" name="state">{options}'
        f"</select><button>{say['set']}</button></div></form>"
    )


def _person(world: World, number: str, say: dict[str, str]) -> str:
    row: dict[str, Any] = world.population.row(number) or {}
    name = f"{row.get('given_name', '')} {row.get('surname', '')}".strip() or number
    address = row.get("address") or {}
    known = "" if row else f'<p class="mute">{say["not_in_register"]}</p>'
    body = f'<section class="card"><h2>{escape(name)} <span class="mute">{number}</span></h2>{known}'
    body += _switch(number, "protected", bool(row.get("protected")), say)
    body += _switch(number, "dead", bool(row.get("deceased")), say)
    fields = "".join(
        f'<label for="{f}">{say[f]}</label>'
        f'<input id="{f}" name="{f}" value="{escape(str(address.get(f, "")))}">'
        for f in ("street", "postal_code", "city")
    )
    body += _form(number, "move", f'{fields}<div class="row"><button>{say["move"]}</button></div>')
    body += _form(
        number,
        "number",
        f'<label for="number">{say["new_number"]}</label><input id="number" name="number" inputmode="numeric">'
        f'<div class="row"><button>{say["give_number"]}</button></div>',
    )
    custody = [g for g in row.get("guardians") or [] if not g.get("until")]
    if custody:
        body += f"<h3>{say['custody_of']}</h3>"
    for one in custody:
        guardian = str(one["personal_number"])
        known_row = world.population.row(guardian) or {}
        who = f"{known_row.get('given_name', '')} {known_row.get('surname', '')}".strip() or guardian
        button = f"<button>{escape(say['end_custody'].format(who))}</button>"
        body += _form(number, "custody", f'{hidden({"guardian": guardian})}<div class="row">{button}</div>')
    return body + "</section>"


def _switch(number: str, what: str, on: bool, say: dict[str, str]) -> str:
    turn = hidden({"on": "" if on else "1"})
    label = say[f"{what}_off" if on else f"{what}_on"]
    return _form(number, what, f'{turn}<div class="row"><button>{label}</button></div>')


def _form(number: str, what: str, inside: str) -> str:
    fields = hidden({"person": number, "what": what})
    return f'<form method="post" action="/hantera/handelse">{fields}{inside}</form>'


def _typed(text: str) -> str:
    try:
        return pn.normalise(text)
    except pn.NotAPersonalNumber:
        return ""
