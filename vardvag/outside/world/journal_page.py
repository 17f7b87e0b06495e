"""Omvärlden: everything that left or reached the product, newest first."""

import re
from html import escape

from vardvag.outside.journal import Entry
from vardvag.outside.local_server import Reply
from vardvag.outside.world import markdown
from vardvag.outside.world.visit import Visit, clock_time
from vardvag.outside.world.world import World

SYSTEMS = ("sms", "mail", "bankid", "eid", "siths", "population", "scanner")
SHOWN = 150
_LINK = re.compile(r"https?://[^\s<>\"]+")
_TEXTS = ("text",)
_NOT_SHOWN = {"text", "raw", "id", "message_id", "return_path"}


def show(world: World, visit: Visit) -> Reply:
    query = visit.request.query
    system = query.get("system", "") if query.get("system") in SYSTEMS else ""
    still = query.get("stilla") == "1"
    entries = world.journal.entries(system or None)[::-1][:SHOWN]
    say = visit.say
    other = _address(system, not still)
    body = (
        f'<p class="mute">{say["journal_about"]}</p><nav aria-label="{say["everything"]}" class="row">'
        + "".join(_filter(name, system, still, say) for name in ("", *SYSTEMS))
        + f'</nav><p class="mute">{"" if still else say["updates"]} '
        f'<a href="{other}">{say["start_updates"] if still else say["stop_updates"]}</a></p>'
    )
    listed = "".join(f'<li class="card">{_entry(one, say)}</li>' for one in entries)
    body += f'<ul class="plain">{listed}</ul>' if entries else f'<p class="card">{say["nothing_yet"]}</p>'
    return visit.page(say["world"], body, refresh=0 if still else 5)


def _entry(entry: Entry, say: dict[str, str]) -> str:
    as_html = markdown.as_html if entry.system == "bankid" else _linked
    text = "".join(f"<pre>{as_html(str(entry.data[name]))}</pre>" for name in _TEXTS if entry.data.get(name))
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>"
        for name, value in entry.data.items()
        if name not in _NOT_SHOWN and value not in ("", None)
    )
    details = f"<details><summary>{say['details']}</summary><dl>{rows}</dl></details>" if rows else ""
    return (
        f'<div class="mute"><time>{clock_time(entry.at)}</time> · {say.get(entry.system, entry.system)}</div>'
        f"<b>{escape(entry.what)}</b>{text}{details}"
    )


def _filter(name: str, chosen: str, still: bool, say: dict[str, str]) -> str:
    here = ' aria-current="true"' if name == chosen else ""
    return f'<a href="{_address(name, still)}"{here}>{say[name] if name else say["everything"]}</a>'


def _address(system: str, still: bool) -> str:
    fields = [f"system={system}"] if system else []
    fields += ["stilla=1"] if still else []
    return "/?" + "&amp;".join(fields) if fields else "/"


def _linked(text: str) -> str:
    """Escaped, with web addresses as links, so that one can follow a message as its reader would."""
    parts, at = [], 0
    for match in _LINK.finditer(text):
        address = match.group().rstrip(".,;:)")
        parts.append(escape(text[at : match.start()]))
        parts.append(f'<a href="{escape(address)}" rel="noreferrer">{escape(address)}</a>')
        at = match.start() + len(address)
    return "".join(parts) + escape(text[at:])
