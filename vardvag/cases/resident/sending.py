"""Choosing a unit (R2), what it is about (R3), and sending a case (R4)."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vardvag.cases import actions
from vardvag.cases.actions.clocks import promise
from vardvag.cases.queries import case_of_draft, used_units
from vardvag.cases.resident.case import FILES_AT_MOST
from vardvag.catalogue import actions as catalogue_actions
from vardvag.catalogue import queries as catalogue
from vardvag.catalogue.actions import NotOffered, TermsNotAccepted
from vardvag.core import clock, dates, doors
from vardvag.core.doors import ResidentRequest
from vardvag.core.facts import Fact
from vardvag.files.access import draft_files
from vardvag.files.pages import sent_with_form
from vardvag.organisation.access import unit_by_slug
from vardvag.organisation.queries import choices, contact_card, find_units, my_units
from vardvag.questionnaires import actions as forms
from vardvag.questionnaires import queries as questionnaires
from vardvag.questionnaires.access import draft_for_resident, draft_in_use
from vardvag.questionnaires.models import Draft


@require_safe
@doors.resident
def choose(request: ResidentRequest) -> HttpResponse:
    """The listed unit first, those used before, and search by name, place and kind of care."""
    actor, now = request.actor, clock.now()
    words = request.GET.get("sok", "").strip()[:100]
    kind, place = request.GET.get("vard", "")[:60], request.GET.get("kommun", "")[:60]
    mine = my_units(person_id=actor.patient.person_id, used=used_units(actor=actor))
    asked = bool(words or kind or place)
    found = find_units(words, kind_of_care=kind, municipality=place) if asked else []
    return render(
        request,
        "cases/resident/choose.html",
        {
            "mine": [contact_card(unit, now=now) for unit in mine],
            "found": found,
            "asked": asked,
            "words": words,
            "kind": kind,
            "place": place,
            "choices": choices(),
        },
    )


@require_safe
@doors.resident
def services(request: ResidentRequest, slug: str) -> HttpResponse:
    """What one can ask this unit, in its own order, with its contact card."""
    now = clock.now()
    unit = unit_by_slug(slug)
    return render(
        request,
        "cases/resident/services.html",
        {
            "unit": unit,
            "card": contact_card(unit, now=now),
            "groups": catalogue.offers_for(actor=request.actor, unit_id=unit.pk, now=now),
        },
    )


@require_safe
@doors.resident
def about(request: ResidentRequest, slug: str, key: str) -> HttpResponse:
    """The intro: when to use it and when not, the promised date, the terms not yet accepted."""
    actor, now = request.actor, clock.now()
    unit = unit_by_slug(slug)
    try:
        offered = catalogue.offer(actor=actor, unit_id=unit.pk, key=key, now=now)
    except NotOffered as fact:
        return render(request, "cases/resident/not_offered.html", {"problem": fact, "unit": unit}, status=404)
    return render(request, "cases/resident/about.html", _intro(request, unit.pk, slug, offered))


def _intro(request: ResidentRequest, unit_id: int, slug: str, offered: Any, **extra: Any) -> dict[str, Any]:
    actor, now = request.actor, clock.now()
    due = promise(unit_id=unit_id, type_version_id=offered.version_id, since=now)
    return {
        "unit": offered.unit,
        "slug": slug,
        "offered": offered,
        "terms": catalogue.terms_needed(
            actor=actor, case_type_version_id=offered.version_id, unit_id=unit_id
        ),
        "draft": draft_in_use(
            actor=actor, unit_id=unit_id, subject_kind="case_type", subject_id=offered.case_type_id
        ),
        "promised": dates.moment(due, now=now, language=actor.language),
        "card": contact_card(offered.unit, now=now),
        **extra,
    }


@require_POST
@doors.resident
def begin(request: ResidentRequest, slug: str, key: str) -> HttpResponse:
    """Accept the terms if there are new ones, then the draft: the one under way, or a new one."""
    actor, now = request.actor, clock.now()
    unit = unit_by_slug(slug)
    try:
        offered = catalogue.offer(actor=actor, unit_id=unit.pk, key=key, now=now)
        terms = catalogue.terms_needed(actor=actor, case_type_version_id=offered.version_id, unit_id=unit.pk)
        if terms is not None:
            if request.POST.get("accept") != str(terms.version_id):
                context = _intro(request, unit.pk, slug, offered, must_accept=True)
                return render(request, "cases/resident/about.html", context, status=422)
            catalogue_actions.accept_terms(actor=actor, version_id=terms.version_id, now=now)
        if offered.service:
            return HttpResponseRedirect(catalogue.begins_at(offered.service, slug), status=303)
        draft = catalogue_actions.begin(
            actor=actor,
            unit_id=unit.pk,
            key=key,
            device=questionnaires.device_of(request.headers.get("User-Agent", "")),
            now=now,
        )
    except Fact as fact:
        return render(request, "cases/resident/not_offered.html", {"problem": fact, "unit": unit}, status=409)
    return _to_page(request, draft, new=draft.started_at == now)


def _to_page(request: ResidentRequest, draft: Draft, *, new: bool = False) -> HttpResponse:
    """Where the draft was left, or its first page. A new one has no files."""
    found = [] if new else draft_files(actor=request.actor, draft_key=draft.public_id)
    page = questionnaires.page(draft=draft, page_id=draft.page, found=found)
    return HttpResponseRedirect(
        reverse("cases/resident/question", args=[draft.public_id, page.link_id]), status=303
    )


def _draft(request: ResidentRequest, draft_id: UUID, *, lock: bool = False) -> Draft | HttpResponse:
    """The open draft; the receipt when it has been sent (the back button after sending)."""
    draft = draft_for_resident(actor=request.actor, public_id=draft_id, lock=lock)
    if draft.sent_at is not None:
        case = case_of_draft(actor=request.actor, draft_id=draft_id)
        return HttpResponseRedirect(reverse("cases/resident/receipt", args=[case.public_id]), status=303)
    if draft.discarded_at is not None:
        raise Http404
    return draft


@require_safe
@doors.resident
def resume(request: ResidentRequest, draft_id: UUID) -> HttpResponse:
    draft = _draft(request, draft_id)
    return draft if isinstance(draft, HttpResponse) else _to_page(request, draft)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def question(request: ResidentRequest, draft_id: UUID, page_id: str) -> HttpResponse:
    """One page of the form. A POST saves whatever was typed before it says what to put right."""
    actor, now = request.actor, clock.now()
    draft = _draft(request, draft_id, lock=request.method == "POST")
    if isinstance(draft, HttpResponse):
        return draft
    if request.method == "POST":
        return _sent_page(request, draft, page_id)
    shown = questionnaires.form_page(actor=actor, draft=draft, page_id=page_id, now=now)
    if shown.page.link_id != page_id:
        raise Http404
    return render(request, "cases/resident/question.html", _asked(request, draft, shown))


def _sent_page(request: ResidentRequest, draft: Draft, page_id: str) -> HttpResponse:
    """`draft` is locked."""
    actor, now = request.actor, clock.now()
    found = draft_files(actor=actor, draft_key=draft.public_id)
    page = questionnaires.page(draft=draft, page_id=page_id, found=found)
    if page.link_id != page_id:
        raise Http404
    refused = sent_with_form(
        request, purpose="case", draft_key=draft.public_id, patient_id=draft.patient_id, at_most=FILES_AT_MOST
    )
    if request.FILES or "remove_file" in request.POST:
        found = draft_files(actor=actor, draft_key=draft.public_id)
    saved = _store(request, draft, page, has_files=bool(found))
    after = questionnaires.form_page(
        actor=actor,
        draft=saved,
        page_id=page_id,
        found=found,
        seen=questionnaires.seen_in(page, request.POST),
        check=True,
        now=now,
    )
    if "later" in request.POST:
        return HttpResponseRedirect(reverse("cases/resident/start"), status=303)
    stays = bool(refused) or "remove_file" in request.POST or "upload" in request.POST
    if after.done and not stays:
        if "back_to_check" in request.POST or not after.next:
            return HttpResponseRedirect(reverse("cases/resident/check", args=[draft.public_id]), status=303)
        return HttpResponseRedirect(
            reverse("cases/resident/question", args=[draft.public_id, after.next]), status=303
        )
    if stays and not refused:
        after = questionnaires.form_page(actor=actor, draft=saved, page_id=page_id, found=found, now=now)
    context = _asked(request, saved, after, refused=refused)
    return render(
        request, "cases/resident/question.html", context, status=422 if not stays or refused else 200
    )


def _asked(request: ResidentRequest, draft: Draft, shown: Any, **extra: Any) -> dict[str, Any]:
    return {
        "draft": draft,
        "shown": shown,
        "offered": catalogue.offer_of_draft(actor=request.actor, draft=draft, now=clock.now()),
        "saved_at": dates.clock(draft.saved_at),
        "from_check": "andra" in request.GET or "back_to_check" in request.POST,
        **extra,
    }


def _store(request: ResidentRequest, draft: Draft, page: Any, *, has_files: bool) -> Draft:
    """`draft` is locked."""
    saved = forms.save_answers(
        actor=request.actor,
        draft=draft,
        locked=True,
        has_files=has_files,
        **questionnaires.posted(page, request.POST),
        page=page.link_id,
        device=questionnaires.device_of(request.headers.get("User-Agent", "")),
        now=clock.now(),
    )
    return saved.draft


@require_POST
@doors.resident
def save(request: ResidentRequest, draft_id: UUID) -> HttpResponse:
    """Autosave of a page under way; answers with the clock time and revision."""
    draft = _draft(request, draft_id, lock=True)
    if isinstance(draft, HttpResponse):
        return JsonResponse({"sent": draft["Location"]}, status=409)
    found = draft_files(actor=request.actor, draft_key=draft.public_id)
    page = questionnaires.page(draft=draft, page_id=request.POST.get("page", ""), found=found)
    draft = _store(request, draft, page, has_files=bool(found))
    return JsonResponse({"saved": dates.clock(draft.saved_at), "revision": draft.revision})


@require_safe
@doors.resident
def check(request: ResidentRequest, draft_id: UUID) -> HttpResponse:
    draft = _draft(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    return render(request, "cases/resident/check.html", _checked(request, draft))


def _checked(request: ResidentRequest, draft: Draft, **extra: Any) -> dict[str, Any]:
    actor, now = request.actor, clock.now()
    offered = catalogue.offer_of_draft(actor=actor, draft=draft, now=now)
    due = promise(unit_id=draft.unit_id, type_version_id=offered.version_id, since=now)
    return {
        "draft": draft,
        "offered": offered,
        "check": questionnaires.check(actor=actor, draft=draft, now=now),
        "promised": dates.moment(due, now=now, language=actor.language),
        **extra,
    }


@require_POST
@doors.resident
def send(request: ResidentRequest, draft_id: UUID) -> HttpResponse:
    """The draft becomes a case, once; repeated it lands on the same receipt."""
    actor, checked = request.actor, request.POST.get("revision", "")
    try:
        if "accept" in request.POST:
            _accept(request, draft_for_resident(actor=actor, public_id=draft_id))
        case = actions.open_case(actor=actor, draft_id=draft_id, now=clock.now(), checked=checked)
    except Fact as fact:
        draft = draft_for_resident(actor=request.actor, public_id=draft_id)
        context = _checked(request, draft, problem=fact)
        if isinstance(fact, TermsNotAccepted):  # changed since it was begun: they can be accepted here
            context["terms"] = catalogue.terms_needed(
                actor=actor, case_type_version_id=context["offered"].version_id, unit_id=draft.unit_id
            )
        return render(request, "cases/resident/check.html", context, status=409)
    return HttpResponseRedirect(reverse("cases/resident/receipt", args=[case.public_id]), status=303)


def _accept(request: ResidentRequest, draft: Draft) -> None:
    now = clock.now()
    offered = catalogue.offer_of_draft(actor=request.actor, draft=draft, now=now)
    catalogue_actions.accept_shown(
        actor=request.actor, case_type_version_id=offered.version_id, unit_id=draft.unit_id,
        shown=request.POST["accept"], now=now,
    )  # fmt: skip


@require_POST
@doors.resident
def discard(request: ResidentRequest, draft_id: UUID) -> HttpResponse:
    draft = _draft(request, draft_id, lock=True)
    if isinstance(draft, HttpResponse):
        return draft
    forms.discard_draft(actor=request.actor, draft=draft, now=clock.now())
    return HttpResponseRedirect(reverse("cases/resident/start"), status=303)


@require_safe
@doors.resident
def leave(request: ResidentRequest, slug: str, key: str, number: int) -> HttpResponse:
    """A link out of the service: says so, and offers to log out first. Only links of the case type itself."""
    unit = unit_by_slug(slug)
    try:
        offered = catalogue.offer(actor=request.actor, unit_id=unit.pk, key=key, now=clock.now())
    except NotOffered:
        raise Http404 from None
    if number >= len(offered.links):
        raise Http404
    link = offered.links[number]
    return render(request, "cases/resident/leave.html", {"link": link, "slug": slug, "key": key})
