"""W: why a case lies here and comes where it comes, in plain words."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from vardvag.cases import access, queries
from vardvag.cases.actions.clocks import promise
from vardvag.cases.models import Case, Event, State
from vardvag.cases.rules import WORKS_WITH_CASES
from vardvag.cases.staff.asking import asked_first
from vardvag.catalogue.queries import answer_days
from vardvag.core import clock, dates, doors
from vardvag.core.doors import StaffRequest


@require_safe
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def why(request: StaffRequest, public_id: UUID) -> HttpResponse:
    now, language = clock.now(), request.actor.language
    found = access.case_for_staff(actor=request.actor, public_id=public_id, now=now, verb="read_history")
    lines = [
        (_("Varför hos er?"), _where(found, queries.placing(case=found), now, language)),
        (_("Brådska"), _urgency(found, queries.urgency_set(case=found), now, language)),
        (_("Svara senast"), _deadline(found, now, language)),
        (_("Ordningen i kön"), _("Brådskandegrad först, sedan svar senast, sedan det som kom in tidigast.")),
    ]
    live = request.headers.get("X-Requested-With") == "live"
    page = "cases/staff/_why.html" if live else "cases/staff/why.html"
    return render(request, page, {"case": found, "lines": lines})


def _where(case: Case, last: Event | None, now: datetime, language: str) -> str:
    to = case.owner_name or case.group_name
    if last is None:
        return _("Det ligger hos {to}.").format(to=to)
    said = {
        "when": dates.moment(last.at, now=now, language=language),
        "who": last.actor_name,
        "to": to,
        "type": case.title,
    }
    if last.verb == "open":
        return _("Det kom in {when}. Nya ärenden av typen {type} går till {to}.").format(**said)
    if last.verb == "give_back" and last.actor_kind == "system":
        return _("Den som hade ärendet är inte kvar. Det gick till {to} {when}.").format(**said)
    words = {
        "distribute": _("{who} fördelade det till {to} {when}."),
        "take": _("{who} tog det {when}."),
        "give_back": _("{who} lämnade tillbaka det till {to} {when}."),
        "reopen": _("{who} öppnade det igen {when}."),
        "move": _("{who} flyttade hit det från en annan mottagning {when}."),
        "group_gone": _("Gruppen som hade det togs bort {when}. Det gick till {to}."),
    }[last.verb].format(**said)
    return f"{words} {last.reason}".strip()


def _urgency(case: Case, last: Event | None, now: datetime, language: str) -> str:
    if case.urgency is None:
        return _("Ingen brådskandegrad är satt. Ärenden med brådskandegrad ligger före.")
    if last is None:
        return _("Grad {n}, av det som patienten svarade och skrev.").format(n=case.urgency)
    when = dates.moment(last.at, now=now, language=language)
    words = _("Grad {n}, satt av {who} {when}.").format(n=case.urgency, who=last.actor_name, when=when)
    return f"{words} {last.reason}".strip()


def _deadline(case: Case, now: datetime, language: str) -> str:
    if case.state == State.WAITING:
        return _("Ingen klocka går. Invånaren ska svara.")
    if case.due_at is None:
        return _("Ingen klocka går. Ingen väntar på svar.")
    due = dates.moment(case.due_at, now=now, language=language)
    ruled = promise(unit_id=case.unit_id, type_version_id=case.type_version_id, since=case.waiting_since)
    if case.due_at != ruled:
        return _("{due}. Den tiden är lovad i ett delsvar, eller gällde när ärendet kom in.").format(due=due)
    days = answer_days(unit_id=case.unit_id, type_version_id=case.type_version_id)
    counted = ngettext(
        "%(due)s. Svar ska ges inom %(n)s arbetsdag, räknat från %(since)s. Den dagen och helger räknas inte.",
        "%(due)s. Svar ska ges inom %(n)s arbetsdagar, räknat från %(since)s. Den dagen och helger räknas inte.",
        days,
    )
    since = dates.moment(case.waiting_since, now=now, language=language)
    return counted % {"due": due[:1].upper() + due[1:], "n": days, "since": since}
