"""The resident's phone: choose whose it is, open or scan an order, identify, refuse or fail."""

from html import escape
from urllib.parse import urlencode, urlsplit

from vardvag.core import clock
from vardvag.core import personal_number as pn
from vardvag.outside.bankid.orders import FAILURES, PhoneSays, Started
from vardvag.outside.local_server import Reply, redirect
from vardvag.outside.people import Resident
from vardvag.outside.standin_page import hidden, search_box
from vardvag.outside.world import markdown
from vardvag.outside.world.visit import Visit
from vardvag.outside.world.world import World

LISTED = 25
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def show(world: World, visit: Visit) -> Reply:
    """The orders that wait, and a place to paste a code."""
    if visit.holder is None:
        return redirect("/telefon/vem")
    say = visit.say
    moment = clock.now()
    rows = ""
    for one in world.bankid.orders.waiting():
        ago = say["seconds_ago"].format(int((moment - one.at).total_seconds()))
        rows += (
            f'<li class="card"><form method="post" action="/telefon/oppna">{hidden({"ref": one.ref})}'
            f'<b>{_asks(one, say)}</b><p class="mute">{ago}</p>{_text(one, say)}'
            f'<button class="main">{say["open"]}</button></form></li>'
        )
    waiting = f'<ul class="plain">{rows}</ul>' if rows else f'<p class="card">{say["nothing_waits"]}</p>'
    body = (
        f"{_who(visit.holder, say)}<h2>{say['waiting']}</h2>{waiting}"
        f'<form method="get" action="/telefon"><button>{say["reload"]}</button></form>'
        f'<h2>{say["scan_title"]}</h2><p class="mute" id="about">{say["scan_about"]}</p>'
        '<form method="post" action="/telefon/oppna">'
        f'<label for="qr">{say["scan_label"]}</label>'
        '<div class="row"><input id="qr" name="qr" autocomplete="off" aria-describedby="about">'
        f"<button>{say['scan']}</button></div></form>"
    )
    return visit.page(say["phone_of"].format(visit.holder.name), body)


def choose(world: World, visit: Visit, *, wrong: str = "") -> Reply:
    """Whose phone it is. What the phone was asked to do (`token`) is kept on the way."""
    say, query = visit.say, visit.request.query
    kept = {name: query[name] for name in ("token", "redirect") if query.get(name)}
    search = query.get("q", "")
    found = world.people.residents(search, LISTED + 1)
    listed = "".join(f"<li>{_button(one)}</li>" for one in found[:LISTED])
    note = say["nobody"] if search and not found else say["more"] if len(found) > LISTED else ""
    body = (
        (f'<p class="card warn" role="alert">{escape(wrong)}</p>' if wrong else "")
        + f'<p class="mute">{say["whose_about"]}</p>'
        + search_box(say["search_person"], search, say["find"], kept)
        + f'<form method="post" action="/telefon/vem">{hidden(kept)}<ul class="plain">{listed}</ul></form>'
        f'<p role="status">{note}</p>'
        f'<form method="post" action="/telefon/vem">{hidden(kept)}'
        f'<label for="pn">{say["type_number"]}</label>'
        '<div class="row"><input id="pn" name="typed" inputmode="numeric" autocomplete="off">'
        f"<button>{say['choose']}</button></div></form>"
    )
    return visit.page(say["whose"], body, status=400 if wrong else 200)


def chosen(world: World, visit: Visit) -> Reply:
    form = visit.request.form()
    try:
        number = pn.normalise(form.get("number") or form.get("typed", ""))
    except pn.NotAPersonalNumber as fact:
        visit.request.query.update({k: v for k, v in form.items() if k in ("token", "redirect")})
        return choose(world, visit, wrong=str(fact))
    held = visit.hold(world.people.resident(number))
    token = form.get("token", "")
    target = "/telefon"
    if token:
        fields = {"autostarttoken": token, "redirect": form.get("redirect", "")}
        target = f"/telefon/start?{urlencode(fields)}"
    sent = redirect(target)
    return Reply(sent.status, headers=(*sent.headers, held))


def started(world: World, visit: Visit) -> Reply:
    """The link that opens the app on the same device lands here."""
    query = visit.request.query
    token, back = query.get("autostarttoken", ""), query.get("redirect", "")
    if visit.holder is None:
        return redirect(f"/telefon/vem?{urlencode({'token': token, 'redirect': back})}")
    try:
        order = world.bankid.orders.open_by_token(token)
        return _order_page(order, visit, same=True, back=back)
    except PhoneSays as message:
        return _message(visit, str(message), back)


def opened(world: World, visit: Visit) -> Reply:
    if visit.holder is None:
        return redirect("/telefon/vem")
    form = visit.request.form()
    orders = world.bankid.orders
    try:
        order = orders.scan(form["qr"]) if form.get("qr") else orders.open(form.get("ref", ""))
    except PhoneSays as message:
        return _message(visit, str(message), "")
    return redirect(f"/telefon/order?{urlencode({'ref': order.ref})}")


def order(world: World, visit: Visit) -> Reply:
    if visit.holder is None:
        return redirect("/telefon/vem")
    try:
        return _order_page(world.bankid.orders.open(visit.request.query.get("ref", "")), visit, same=False)
    except PhoneSays as message:
        return _message(visit, str(message), "")


def answered(world: World, visit: Visit) -> Reply:
    """Identify, cancel or fail. On the same device the browser goes back to where the login began."""
    if visit.holder is None:
        return redirect("/telefon/vem")
    form, say, orders = visit.request.form(), visit.say, world.bankid.orders
    ref, failure = form.get("ref", ""), form.get("hint", "")
    approved = form.get("do") == "approve"
    try:
        order = orders.take(ref, visit.holder.personal_number, visit.request.peer)
        if approved:
            orders.approve(ref, form.get("code", "").replace(" ", ""))
        elif form.get("do") == "fail" and failure in (*FAILURES, "unknown"):
            orders.refuse(ref, failure)
        else:
            orders.refuse(ref)
    except PhoneSays as message:
        open_order = orders.look(ref)
        if open_order is None or open_order.state != "pending":
            return _message(visit, str(message), form.get("back", ""))
        return _order_page(open_order, visit, same=form.get("same") == "1", wrong=str(message))
    if form.get("same") == "1" and (back := _safe(order.return_url or form.get("back", ""))):
        return redirect(back)
    body = (
        f'<p class="card mark">{say["done_about"] if approved else say["stopped_about"]}</p>{_to_phone(say)}'
    )
    return visit.page(say["done"] if approved else say["stopped"], body)


def _order_page(order: Started, visit: Visit, *, same: bool, back: str = "", wrong: str = "") -> Reply:
    assert visit.holder is not None
    say = visit.say
    fields = hidden({"ref": order.ref, "same": "1" if same else "0", "back": back})
    hints = "".join(f'<option value="{name}">{say[name]}</option>' for name in (*FAILURES, "unknown"))
    verb = say["approve"] if order.kind == "auth" else say["approve_sign"]
    action = f'<form method="post" action="/telefon/svar">{fields}'
    body = (
        (f'<p class="card warn" role="alert">{escape(wrong)}</p>' if wrong else "")
        + f'{_who(visit.holder, say)}<div class="card">{_text(order, say)}</div><p>{say["warning"]}</p>'
        f'{action}<label for="code">{say["code"]}</label>'
        f'<p class="mute" id="code-about">{say["code_about"]}</p><div class="row">'
        '<input id="code" name="code" inputmode="numeric" autocomplete="off" maxlength="7" value="123456" '
        'aria-describedby="code-about">'
        f'<button class="main" name="do" value="approve">{verb}</button>'
        f'<button name="do" value="cancel">{say["cancel"]}</button></div></form>'
        f"<details><summary>{say['fail_title']}</summary>{action}"
        f'<label for="hint">{say["fail_label"]}</label><div class="row"><select id="hint" name="hint">{hints}'
        f'</select><button name="do" value="fail">{say["fail"]}</button></div></form></details>'
    )
    return visit.page(_asks(order, say), body, status=400 if wrong else 200)


def _message(visit: Visit, text: str, back: str) -> Reply:
    say = visit.say
    safe = _safe(back)
    link = f'<p><a href="{escape(safe)}">{escape(safe)}</a></p>' if safe else ""
    return visit.page(
        say["phone"], f'<p class="card warn" role="alert">{escape(text)}</p>{link}{_to_phone(say)}'
    )


def _asks(order: Started, say: dict[str, str]) -> str:
    return say["asks" if order.kind == "auth" else "asks_sign"].format(order.service)


def _text(order: Started, say: dict[str, str]) -> str:
    if not order.text:
        return f'<p class="mute">{say["no_text"]}</p>'
    return f"<pre>{markdown.as_html(order.text)}</pre>"


def _who(person: Resident, say: dict[str, str]) -> str:
    return (
        f"<p>{say['you_are'].format(escape(person.name))} "
        f'<a href="/telefon/vem">{say["other_person"]}</a></p>'
    )


def _button(person: Resident) -> str:
    number = f"{person.personal_number[:8]}-{person.personal_number[8:]}"
    return (
        f'<button class="person" name="number" value="{escape(person.personal_number)}">'
        f"<b>{escape(person.name)}</b>{escape(person.note)}"
        f'<span class="mute"> {escape(number)}</span></button>'
    )


def _to_phone(say: dict[str, str]) -> str:
    return f'<p><a href="/telefon">{say["back_to_phone"]}</a></p>'


def _safe(address: str) -> str:
    """Only back to this machine: the page must not send anyone elsewhere."""
    parts = urlsplit(address)
    return address if parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK else ""
