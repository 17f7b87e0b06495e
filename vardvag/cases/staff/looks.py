"""The queue's markup that is repeated: rows and views. Made in Python once (decision 0016); every value is escaped."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vardvag.cases.lists import Listed
from vardvag.cases.staff.rows import Row, row
from vardvag.core.actor import StaffActor
from vardvag.core.addresses import address
from vardvag.core.markup import NOTHING, fill, joined
from vardvag.core.templatetags.matters import urgency
from vardvag.core.templatetags.ui import tag

_TABLE = """<div class="table-wrap" tabindex="0" role="region" aria-label="{}">
<table class="ds-table queue" data-size="sm">
  <thead><tr><th scope="col"><span class="ds-sr-only">{}</span></th><th scope="col">{}</th><th scope="col">{}</th>\
<th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th></tr></thead>
  <tbody>{}</tbody>
</table>
</div>"""
_ROW = """<tr class="row" data-row="{}" data-why="{}"{} data-clock="{}">
  <td class="c-mark"><input type="checkbox" class="ds-input" value="{}" data-mark aria-label="{}"></td>
  <td class="c-urgency">{}</td>
  <td class="c-type"><a class="row-link" href="{}" data-open>{}</a>{}</td>
  <td class="c-who">{}{}</td>
  <td class="c-words">{}</td>
  <td class="c-owner">{}<span class="presence" data-presence="{}"></span><span class="state">{}</span></td>
  <td class="c-clock" data-clock="{}">{}{}</td>
</tr>
"""
_VIEW = '<a class="queue-view" href="?vy={}"{}{} data-view="{}"{}>{}{}</a>\n  '
_PRESS = {"new": "1", "mine": "2", "all": "3"}


def table(rows: Iterable[Listed], *, actor: StaffActor, now: datetime, label: str) -> SafeString:
    """Cases as the queue and the search show them. Empty without rows."""
    words = _Words()
    made = [words.line(row(c, staff_id=actor.staff_id, now=now, language=actor.language)) for c in rows]
    if not made:
        return NOTHING
    return fill(
        _TABLE, label, _("Markera"), _("Brådska"), _("Typ"), _("Patient"), _("Med egna ord"), _("Ansvarig"), _("Tid"),
        joined(made),
    )  # fmt: skip


class _Words:
    """What rows say over and over, looked up once for a table."""

    def __init__(self) -> None:
        self.mark = _("Markera ärende %(n)s")
        self.urgency = {level: urgency(level) for level in range(1, 6)}
        self.no_urgency = fill(
            '<span aria-hidden="true">–</span><span class="ds-sr-only">{}</span>', _("Ingen brådskandegrad")
        )
        self.new = fill(" {}", tag(_("Nytt"), "info"))
        self.represented = fill(" {}", tag(_("Företräds")))
        self.english = SafeString(
            ' <span class="ds-tag" data-size="sm" data-color="neutral" lang="en">EN</span>'
        )
        self.you = fill("<strong>{}</strong>", _("Du"))
        marked = '<span class="clock-word">{}</span> '
        self.clocks = {"late": fill(marked, _("FÖRFALLET")), "soon": fill(marked, _("Snart"))}

    def line(self, one: Row) -> SafeString:
        identity = str(one.id)
        words: str
        if one.protected:
            who, words = fill('<span class="protected">{}</span>', one.who), fill("<em>{}</em>", one.words)
        else:
            who, words = fill('{} <span class="age">{}</span>', one.who, one.age), one.words
        more = (self.represented if one.child_by else NOTHING) + (self.english if one.english else NOTHING)
        return fill(
            _ROW,
            identity, address("cases/staff/why", one.id), _UNREAD if one.unread else NOTHING, one.clock,
            identity, self.mark % {"n": one.number},
            self.urgency[one.urgency] if one.urgency else self.no_urgency,
            address("cases/staff/case", one.id), one.title, self.new if one.unread else NOTHING,
            who, more,
            words,
            self.you if one.mine else one.owner, identity, one.state,
            one.clock, self.clocks.get(one.clock, NOTHING), one.clock_text,
        )  # fmt: skip


_UNREAD = SafeString(" data-unread")


def views(shown: str, counts: Mapping[str, int], *, calls: bool) -> SafeString:
    """The views as links with counters. `calls`: also the way to answers nobody has opened."""
    names = {
        "new": _("Ofördelade"), "mine": _("Mina"), "groups": _("Mina grupper"), "all": _("Alla"),
        "waiting": _("Väntar på invånaren"), "late": _("Förfallna"), "unbegun": _("Ej påbörjade"),
        "closed": _("Avslutade"),
    }  # fmt: skip
    made = []
    for key, name in names.items():
        press = _PRESS.get(key)
        count = counts.get(key)
        made.append(
            fill(
                _VIEW,
                key,
                _HERE if key == shown else NOTHING,
                fill(' data-key="{}" aria-keyshortcuts="{}"', press, press) if press else NOTHING,
                key,
                _LATE if key == "late" and count else NOTHING,
                name,
                NOTHING if count is None else fill(' <span class="count">{}</span>', count),
            )  # fmt: skip
        )
    if calls:
        unopened = address("inbox/staff/unopened")
        made.append(fill('<a class="queue-view" href="{}">{}</a>', unopened, _("Ej lästa svar")))
    return fill('<nav class="queue-views" aria-label="{}">\n  {}\n</nav>', _("Vyer"), joined(made))


_HERE, _LATE = SafeString(' aria-current="page"'), SafeString(" data-late")
