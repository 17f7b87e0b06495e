"""C: the case as plain text for the medical record. What was copied is a read of it, logged as a copy."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vardvag.cases import access, queries
from vardvag.cases.models import Case
from vardvag.cases.queries import Thread
from vardvag.cases.rules import WORKS_WITH_CASES
from vardvag.cases.shown import Entry, apart, entries
from vardvag.cases.staff.asking import asked_first
from vardvag.core import clock, doors
from vardvag.core.doors import StaffRequest
from vardvag.core.personal_number import SWEDEN
from vardvag.questionnaires.queries import readable


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def copy(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Without internal notes, and without a reply that can still be undone."""
    actor, now = request.actor, clock.now()
    found = access.case_for_staff(actor=actor, public_id=public_id, now=now, verb="copy")
    thread = queries.thread_for_staff(actor=actor, case=found)
    text = as_text(found, thread, language=actor.language, now=now)
    if request.headers.get("X-Requested-With") == "live":
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    return render(request, "cases/staff/copy.html", {"case": found, "text": text})


def as_text(case: Case, thread: Thread, *, language: str, now: datetime) -> str:
    number = f"{case.patient_number[:8]}-{case.patient_number[8:]}"
    parts = [f"{case.title}. {_('Ärende')} {case.number}\n{case.patient_name} {number}"]
    at = {one.seq: one.at for one in thread.entries if hasattr(one, "seq")}
    for entry in entries(thread, now=now, language=language):
        if entry.kind == "note" or entry.held:
            continue
        parts.append(f"{_stamp(at[entry.seq])} {_who(entry, case)}\n{entry.body}")
        if entry.kind == "intake":
            rows = readable(response_id=case.response_id, language=language)
            _own, others = apart(rows, entry.body)
            told = [f"{row.question} {row.answer}" for row in others if row.answers]
            if told:
                parts.append("\n".join(told))
            parts += queries.beside_in_text(case=case, language=language)
        if entry.files:
            parts.append(_("Bilagor: {names}").format(names=", ".join(file.name for file in entry.files)))
    return "\n\n".join(parts) + "\n"


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(SWEDEN):%Y-%m-%d %H.%M}"


def _who(entry: Entry, case: Case) -> str:
    if entry.author_kind == "staff":
        return ", ".join(one for one in (entry.author_name, entry.author_title.lower()) if one)
    if entry.for_patient:
        return _("{who} för {patient}").format(who=entry.author_name, patient=case.patient_name)
    return entry.author_name
