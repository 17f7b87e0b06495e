"""A case's history in words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vardvag.cases.models import Event
from vardvag.core import dates

WORDS = {
    "open": gettext_lazy("skickade ärendet"),
    "distribute": gettext_lazy("fördelade ärendet"),
    "take": gettext_lazy("tog ärendet"),
    "give_back": gettext_lazy("lämnade tillbaka ärendet"),
    "reply": gettext_lazy("svarade"),
    "partial": gettext_lazy("skickade ett delsvar"),
    "ask": gettext_lazy("ställde en fråga"),
    "write": gettext_lazy("skrev"),
    "note": gettext_lazy("skrev en intern anteckning"),
    "close": gettext_lazy("avslutade ärendet"),
    "close_without_reply": gettext_lazy("avslutade ärendet utan svar"),
    "withdraw": gettext_lazy("tog tillbaka ärendet"),
    "reopen": gettext_lazy("öppnade ärendet igen"),
    "move": gettext_lazy("flyttade ärendet till en annan mottagning"),
    "urgency": gettext_lazy("ändrade brådskandegraden"),
    "flagged": gettext_lazy("skrev något som kan vara brådskande"),
    "unread": gettext_lazy("markerade ärendet som oläst"),
    "remind": gettext_lazy("påminde invånaren"),
    "undo": gettext_lazy("ångrade"),
    "group_gone": gettext_lazy("flyttade ärendet till mottagarna när gruppen togs bort"),
}


@dataclass(frozen=True, slots=True)
class Line:
    when: str
    who: str
    what: str
    reason: str
    undone: bool


def told(
    events: Iterable[Event], *, now: datetime, language: str, hidden: Collection[int] = ()
) -> list[Line]:
    """`hidden`: ids of residents whose names are not shown."""
    return [
        Line(
            when=dates.moment(event.at, now=now, language=language),
            who=_who(event, hidden),
            what=_what(event),
            reason="" if event.reason in WORDS or event.actor_kind == "system" else event.reason,
            undone=event.undone_at is not None,
        )
        for event in events
    ]


def _who(event: Event, hidden: Collection[int]) -> str:
    if event.actor_kind == "system":
        return _("Systemet")
    if event.actor_kind == "resident" and event.actor_id in hidden:
        return _("Vårdnadshavare (skyddad)")
    return event.actor_name


def _what(event: Event) -> str:
    words = str(WORDS.get(event.verb, event.verb))
    if event.verb in ("distribute", "give_back"):
        to = event.after.get("owner_name") or event.after.get("group_name")
        return f"{words} → {to}" if to else words
    if event.verb in ("urgency", "flagged"):
        return f"{words}: {event.before.get('urgency') or '–'} → {event.after.get('urgency') or '–'}"
    if event.verb == "undo":
        return f"{words}: {WORDS.get(event.reason, event.reason)}"
    return words
