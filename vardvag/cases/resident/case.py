"""The thread (R5) and what the resident does in it."""

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vardvag.cases import access, actions, queries
from vardvag.cases.access import Asked
from vardvag.cases.models import Case, State
from vardvag.cases.resident.forms import MessageForm, RatingForm
from vardvag.cases.resident.paper import as_pdf
from vardvag.cases.resident.shown import status
from vardvag.cases.resident.standing import waiting
from vardvag.cases.rules import Verb, may_write_again
from vardvag.cases.shown import Entry, entries
from vardvag.catalogue.queries import texts_of_id
from vardvag.core import clock, dates, doors
from vardvag.core.doors import ResidentRequest
from vardvag.core.facts import Fact
from vardvag.core.saving import saving
from vardvag.files.access import draft_files, serve
from vardvag.files.pages import sent_with_form
from vardvag.inbox.actions import read_items
from vardvag.inbox.queries import how_told
from vardvag.organisation.queries import contact_card, nameless
from vardvag.questionnaires.queries import readable

FILES_AT_MOST = 5


def thread(
    request: ResidentRequest, found: Case, *, typed_key: UUID | None = None, **extra: Any
) -> dict[str, Any]:
    """What the page shows. `typed_key`: of the form that was refused, so that files sent with it stay in it."""
    actor, now = request.actor, clock.now()
    shown = queries.thread_for_resident(actor=actor, case=found, now=now)
    said = entries(shown, now=now, language=actor.language)
    draft = shown.drafts.get("message")
    key = typed_key or (draft.key if draft else uuid4())
    held = queries.held(case=found, now=now)
    closed = found.state == State.CLOSED and held is None
    return {
        "case": found,
        "thread": shown,
        "entries": said,
        "withdraw_key": uuid4(),
        "answers": readable(response_id=found.response_id, language=actor.language),
        "beside": queries.beside(actor=actor, case=found),
        "status": status(found, held=held is not None, now=now, language=actor.language),
        "pressing": found.urgency == 1 and not closed and found.first_reply_at is None,
        "may_write": found.answerable and (not closed or may_write_again(closed_at=found.closed_at, now=now)),
        "closed": closed,
        "first_unread": next((e.seq for e in said if e.author_kind == "staff" and e.unread), 0),
        "draft": draft,
        "key": key,
        "files": draft_files(actor=actor, draft_key=key),
        "card": contact_card(found.unit, now=now),
        "hidden_names": hidden_names(found, said),
        "rating": queries.rating(case=found),
        "rating_form": RatingForm(),
        "now": now,
        **extra,
    }


def page(request: ResidentRequest, found: Case, **extra: Any) -> dict[str, Any]:
    """The thread, and how one waits."""
    context = thread(request, found, **extra)
    return {**context, "waiting": waiting(actor=request.actor, case=found, now=context["now"])}


def hidden_names(found: Case, said: list[Entry]) -> frozenset[int]:
    """Staff shown by role only: protected ones, or all where the unit shows no names."""
    writers = {entry.author_id for entry in said if entry.author_kind == "staff"}
    hidden = nameless(writers, [found.unit_id])
    return frozenset(writers) if found.unit_id in hidden.units else hidden.staff


@require_safe
@doors.resident
def case(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    actor, now = request.actor, clock.now()
    found = access.case_for_resident(actor=actor, public_id=public_id, now=now)
    context = page(request, found)
    read_items(actor=actor, object_id=public_id, now=now)  # before the menu counts
    answer = render(request, "cases/resident/case.html", context)
    access.read_receipt(actor=actor, case=found, now=now)
    return answer


@require_safe
@doors.resident
def receipt(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """What the resident lands on after sending, and again by the back button."""
    actor, now = request.actor, clock.now()
    found = access.case_for_resident(actor=actor, public_id=public_id, now=now, verb="read_receipt")
    line = waiting(actor=actor, case=found, now=now)
    return render(
        request,
        "cases/resident/receipt.html",
        {
            "case": found,
            "promised": dates.moment(found.promised_at, now=now, language=actor.language),
            "waiting": line,
            "told": line.told if line else how_told(actor=actor),
            "texts": texts_of_id(found.type_version_id),
            "card": contact_card(found.unit, now=now),
        },
    )


@require_POST
@doors.resident
def write(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """Add to the case or answer a question. Whatever happens, what was typed is kept. Files are decoded before the
    case is locked."""
    actor, now = request.actor, clock.now()
    found = access.check_reach(actor=actor, public_id=public_id)
    form = MessageForm(request.POST)
    typed, page_of = request.POST.get("body", ""), saving(request.POST)
    try:
        if not form.is_valid():
            raise Fact(next(iter(form.errors.values()))[0])
        key = form.cleaned_data["key"]
        refused = sent_with_form(
            request, purpose="message", draft_key=key, patient_id=found.patient_id, at_most=FILES_AT_MOST
        )
        now = clock.now()
        found = access.case_for_resident(actor=actor, public_id=public_id, now=now, lock=True)
        if refused:
            raise Fact(" ".join(f"{name}: {why}" for name, why in refused))
        if "remove_file" in request.POST or "save" in request.POST:
            actions.save_draft(
                actor=actor,
                case=found,
                form="message",
                body=typed,
                saving=page_of,
                key=key,
                device="",
                now=now,
            )
        else:
            words = form.cleaned_data["body"]
            actions.write(actor=actor, case=found, body=words, key=key, now=now, saving=page_of)
    except Fact as fact:
        found.refresh_from_db()
        access.log(actor=actor, case=found, verb="read", now=now)
        context = page(request, found, problem=fact, typed=typed, typed_key=form.cleaned_data.get("key"))
        return render(request, "cases/resident/case.html", context, status=409)
    return HttpResponseRedirect(reverse("cases/resident/case", args=[public_id]) + "#sist", status=303)


@require_POST
@doors.resident
def draft(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """Autosave of the message being written."""
    actor, now = request.actor, clock.now()
    found = access.case_for_resident(actor=actor, public_id=public_id, now=now, lock=True)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"problem": str(next(iter(form.errors.values()))[0])}, status=422)
    given = form.cleaned_data
    if given["use_other"]:
        stored = actions.use_other(actor=actor, case=found, form="message", key=given["key"], now=now)
    else:
        stored = actions.save_draft(
            actor=actor,
            case=found,
            form="message",
            body=given["body"],
            saving=saving(request.POST),
            key=given["key"],
            device=given["device"],
            now=now,
        ).draft
    return JsonResponse(
        {
            "saved": dates.clock(stored.saved_at),
            "revision": stored.revision,
            "key": str(stored.key),
            "other": stored.other_body,
            "body": stored.body if given["use_other"] else None,
        }
    )


@require_POST
@doors.resident
def withdraw(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    actor, now = request.actor, clock.now()
    found = access.case_for_resident(actor=actor, public_id=public_id, now=now, lock=True)
    asked, since = Asked((Verb.WITHDRAW,)), request.POST.get("version", "")
    if access.did_since(actor=actor, case=found, asked=asked, since=since):
        return HttpResponseRedirect(reverse("cases/resident/case", args=[public_id]), status=303)
    try:
        actions.withdraw(actor=actor, case=found, key=UUID(request.POST.get("key", "")), now=now)
    except (Fact, ValueError) as fact:
        problem = fact if isinstance(fact, Fact) else Fact(_("Ladda om sidan och försök igen."))
        found.refresh_from_db()
        access.log(actor=actor, case=found, verb="read", now=now)
        context = page(request, found, problem=problem)
        return render(request, "cases/resident/case.html", context, status=409)
    return HttpResponseRedirect(reverse("cases/resident/case", args=[public_id]), status=303)


@require_POST
@doors.resident
def rate(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    actor, now = request.actor, clock.now()
    found = access.case_for_resident(actor=actor, public_id=public_id, now=now, lock=True)
    form = RatingForm(request.POST)
    if not form.is_valid():
        access.log(actor=actor, case=found, verb="read", now=now)
        context = page(request, found, rating_form=form)
        return render(request, "cases/resident/case.html", context, status=422)
    try:
        actions.rate(actor=actor, case=found, now=now, **form.cleaned_data)
    except Fact as fact:
        access.log(actor=actor, case=found, verb="read", now=now)
        context = page(request, found, problem=fact)
        return render(request, "cases/resident/case.html", context, status=409)
    return HttpResponseRedirect(reverse("cases/resident/case", args=[public_id]), status=303)


@require_safe
@doors.resident
def pdf(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """The whole case on paper, without files."""
    actor, now = request.actor, clock.now()
    found = access.case_for_resident(actor=actor, public_id=public_id, now=now, verb="save_copy")
    paper = as_pdf(thread(request, found), language=actor.language, now=now)
    access.read_receipt(actor=actor, case=found, now=now)
    return paper


@require_safe
@doors.resident
def file(request: ResidentRequest, public_id: UUID, file_id: UUID) -> HttpResponseBase:
    found = access.message_file(actor=request.actor, public_id=public_id, file_id=file_id, now=clock.now())
    return serve(file=found, thumbnail="liten" in request.GET, download="hamta" in request.GET)
