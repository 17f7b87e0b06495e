"""Messages and notes of a thread, and the lists beside it, as markup made in Python (decision 0016); every value is
escaped."""

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vardvag.cases.models import Case
from vardvag.cases.shown import Entry
from vardvag.cases.staff.rows import Row
from vardvag.core.actor import StaffActor
from vardvag.core.addresses import address
from vardvag.core.markup import NOTHING, fill, joined
from vardvag.core.personal_number import SWEDEN
from vardvag.core.templatetags.texts import linked

_NOTE = """<article class="message note"><h2 class="message-head"><span class="note-label">{}</span> {} · {}</h2>\
<div class="message-body pre">{}</div></article>
"""
_MESSAGE = """<article class="message" data-side="{}" data-seq="{}">
    <h2 class="message-head">{}{}{} · {}</h2>
    {}<div class="message-body pre">{}</div>
    {}{}
  </article>
"""
_READ = '<p class="message-read">{}</p>'
_ONGOING = """<li><a href="{}" class="ongoing-row"{} data-key="Alt+{}" aria-keyshortcuts="Alt+{}">\
<span class="ongoing-who">{}{}</span> <span class="ongoing-what">{}</span> \
<span class="ongoing-clock" data-clock="{}">{}{}</span></a></li>"""
_HERE = SafeString(' aria-current="page"')


def files(entry: Entry, case: Case, actor: StaffActor) -> SafeString:
    """Few messages have any."""
    if not entry.files:
        return NOTHING
    given = {"files": entry.files, "case": case, "not_holder": case.owner_id != actor.staff_id}
    return render_to_string("cases/staff/_files.html", given)


def messages(entries: Iterable[Entry], case: Case, actor: StaffActor) -> SafeString:
    """All but the form's answers, which stand first."""
    return joined(
        _note(one) if one.kind == "note" else _message(one, case, actor)
        for one in entries
        if one.kind != "intake"
    )


def _note(one: Entry) -> SafeString:
    return fill(_NOTE, _("Bara personal ser det här"), one.author_name, one.when, linked(one.body))


def _message(one: Entry, case: Case, actor: StaffActor) -> SafeString:
    whose = " " + _("för %(name)s") % {"name": case.patient_name} if one.for_patient else ""
    return fill(
        _MESSAGE,
        one.author_kind, one.seq,
        one.author_name, f", {one.author_title.lower()}" if one.author_title else "", whose, one.when,
        _kind(one), linked(one.body),
        files(one, case, actor),
        fill(_READ, _seen(one)) if one.author_kind == "staff" else NOTHING,
    )  # fmt: skip


def _kind(one: Entry) -> SafeString:
    if one.kind == "question":
        return fill('<p class="ds-tag" data-size="sm" data-color="warning">{}</p>\n    ', _("Fråga"))
    if one.kind != "partial":
        return NOTHING
    until = f" · {_('nytt svar senast')} {one.promised}" if one.promised else ""
    return fill('<p class="ds-tag" data-size="sm" data-color="info">{}{}</p>\n    ', _("Delsvar"), until)


def _seen(one: Entry) -> str:
    if one.held:
        return _("Visas för invånaren om några sekunder")
    return _("Läst %(when)s") % {"when": one.read} if one.read else _("Inte läst än")


def ongoing(rows: Iterable[Row], shown: Case) -> SafeString:
    """`<li>`s of what one has in hand, Alt+1 to 9."""
    late = f"{_('FÖRFALLET')} "
    return joined(
        fill(
            _ONGOING,
            address("cases/staff/case", one.id), _HERE if one.id == shown.public_id else NOTHING, press, press,
            one.who, NOTHING if one.protected else f" {one.age}", one.title,
            one.clock, late if one.clock == "late" else NOTHING, one.clock_text,
        )
        for press, one in enumerate(rows, 1)
    )  # fmt: skip


def earlier(cases: Iterable[Case], actor: StaffActor) -> SafeString:
    """`<li>`s of the patient's other cases; those of other units without a way there."""
    return joined(
        fill(
            '<li>{} <span class="small">{} · {}</span></li>',
            fill('<a class="ds-link" href="{}">{}</a>', address("cases/staff/case", one.public_id), one.title)
            if one.unit_id == actor.unit_id
            else one.title,
            one.arrived_at.astimezone(SWEDEN).date(),
            one.unit.public_name,
        )
        for one in cases
    )


def receivers(kind: str, found: Iterable[tuple[str, str]]) -> SafeString:
    """`<option>`s of groups or people to give a case to."""
    return joined(fill('<option value="{}:{}">{}</option>', kind, number, name) for number, name in found)
