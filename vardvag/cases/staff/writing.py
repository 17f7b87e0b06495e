"""Replies, notes and their drafts."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from vardvag.cases import access, actions
from vardvag.cases.rules import MESSAGE_LIMIT, WORKS_WITH_CASES, ReasonFirst, Verb
from vardvag.cases.staff.asking import asked_first, to_reason
from vardvag.cases.staff.case import workspace
from vardvag.cases.staff.forms import DraftForm, NoteForm, ReplyForm
from vardvag.core import clock, dates, doors
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.core.saving import saving
from vardvag.files import actions as files
from vardvag.organisation.queries import closing_time

FILES_AT_MOST = 10


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def reply(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Send a reply, partial reply or question; what was typed is kept whatever happens. Files are decoded before
    the case is locked."""
    actor = request.actor
    form = ReplyForm(request.POST)
    typed = request.POST.get("body", "")
    uploads = request.FILES.getlist("files")
    try:
        case = access.check_reach(actor=actor, public_id=public_id, lock=not uploads)
    except ReasonFirst:
        return _keep(request, public_id, form="reply")
    try:
        if not form.is_valid():
            raise Fact(next(iter(form.errors.values()))[0])
        given = form.cleaned_data
        received = files.upload_all(
            actor=actor,
            uploads=uploads,
            purpose="reply",
            patient_id=case.patient_id,
            provider_id=case.provider_id,
            draft_key=given["key"],
            at_most=FILES_AT_MOST,
            now=clock.now(),
        )
        if uploads:
            case = access.case_for_staff(actor=actor, public_id=public_id, now=clock.now(), lock=True)
        now = clock.now()
        if received.refused:
            raise Fact(" ".join(f"{name}: {why}" for name, why in received.refused))
        promised = given["promised"]
        actions.reply(
            actor=actor,
            case=case,
            verb=Verb(given["verb"]),
            body=given["body"],
            seen_seq=given["seen_seq"],
            key=given["key"],
            now=now,
            promised_at=closing_time(unit_id=case.unit_id, day=promised) if promised else None,
            and_close="avsluta" in request.GET,
            saving=saving(request.POST),
        )
    except Fact as fact:
        case.refresh_from_db()
        access.log(actor=actor, case=case, verb="read", now=clock.now())
        key = form.cleaned_data.get("key")
        day = request.POST.get("promised", "")
        context = workspace(request, case, problem=fact, typed=typed, typed_key=key, typed_promised=day)
        return render(request, "cases/staff/case.html", context, status=409)
    return HttpResponseRedirect(reverse("cases/staff/case", args=[public_id]), status=303)


def _keep(request: StaffRequest, public_id: UUID, *, form: str) -> HttpResponse:
    """The person has become protected while somebody wrote: the words become the draft, then why is asked."""
    given = DraftForm({**request.POST.dict(), "form": form})
    if given.is_valid():
        actions.save_draft(
            actor=request.actor,
            case=access.case_to_open(actor=request.actor, public_id=public_id, lock=True),
            form=form,
            body=given.cleaned_data["body"][:MESSAGE_LIMIT],
            saving=saving(request.POST),
            key=given.cleaned_data["key"],
            device="",
            now=clock.now(),
        )
    return to_reason(public_id, kept=given.is_valid())


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def note(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actor, now = request.actor, clock.now()
    try:
        case = access.case_for_staff(actor=actor, public_id=public_id, now=now, lock=True)
    except ReasonFirst:
        return _keep(request, public_id, form="note")
    form = NoteForm(request.POST)
    try:
        if not form.is_valid():
            raise Fact(next(iter(form.errors.values()))[0])
        actions.note(actor=actor, case=case, now=now, saving=saving(request.POST), **form.cleaned_data)
    except Fact as fact:
        access.log(actor=actor, case=case, verb="read", now=clock.now())
        context = workspace(request, case, problem=fact, typed_note=request.POST.get("body", ""))
        return render(request, "cases/staff/case.html", context, status=409)
    return HttpResponseRedirect(reverse("cases/staff/case", args=[public_id]), status=303)


@require_POST
@doors.staff(*WORKS_WITH_CASES)
def draft(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Autosave: answers with clock time, revision and what another device had written, if anything. One's own
    words are kept whatever has happened to the case."""
    actor, now = request.actor, clock.now()
    case = access.case_to_open(actor=actor, public_id=public_id, lock=True)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"problem": str(next(iter(form.errors.values()))[0])}, status=422)
    given = form.cleaned_data
    try:
        if given["use_other"]:
            stored = actions.use_other(actor=actor, case=case, form=given["form"], key=given["key"], now=now)
        else:
            stored = actions.save_draft(
                actor=actor,
                case=case,
                form=given["form"],
                body=given["body"],
                saving=saving(request.POST),
                key=given["key"],
                device=given["device"],
                now=now,
            ).draft
    except Fact as fact:
        return JsonResponse({"problem": str(fact.message)}, status=422)
    return JsonResponse(
        {
            "saved": dates.clock(stored.saved_at),
            "revision": stored.revision,
            "key": str(stored.key),
            "other": stored.other_body,
            "body": stored.body if given["use_other"] else None,
        }
    )
