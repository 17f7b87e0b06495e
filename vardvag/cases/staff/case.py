"""The workspace (S2): thread, facts, history, phrases."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from vardvag.audit.actions import together
from vardvag.cases import access, queries
from vardvag.cases.actions import undoable
from vardvag.cases.lists import log_list
from vardvag.cases.models import Case, State
from vardvag.cases.queries import Thread
from vardvag.cases.rules import CLOSES_WITHOUT_REPLY, REMIND_EVERY, WORKS_WITH_CASES, urgency_and_clock
from vardvag.cases.shown import apart, entries
from vardvag.cases.staff import said
from vardvag.cases.staff.asking import asked_first
from vardvag.cases.staff.forms import HOW
from vardvag.cases.staff.past import told
from vardvag.cases.staff.rows import row, state_word
from vardvag.catalogue import queries as catalogue
from vardvag.core import clock, dates, doors
from vardvag.core.actor import StaffActor
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.core.markup import fill, joined
from vardvag.files.access import draft_files, refuse, serve
from vardvag.organisation.queries import keep, unit_name, units_of
from vardvag.organisation.queries.whom import whom_at
from vardvag.questionnaires.queries import readable


def workspace(
    request: StaffRequest, case: Case, *, typed_key: UUID | None = None, **extra: Any
) -> dict[str, Any]:
    """Everything the workspace shows; `extra` is what went wrong and what was typed. `typed_key`: of the form
    that was refused, so that files sent with it stay in it."""
    actor, now = request.actor, clock.now()
    shown = queries.thread_for_staff(actor=actor, case=case)
    facts, mine = known(actor, case), queries.my_ongoing(actor=actor)
    log_list(actor=actor, rows=[*mine, *facts["earlier"]], now=now)
    return {
        **told_thread(actor, case, shown),
        **facts,
        "state_word": state_word(case.state),
        "mine": said.ongoing(
            (row(c, staff_id=actor.staff_id, now=now, language=actor.language) for c in mine), case
        ),
        "undo": undoable(actor=actor, case=case, now=now),
        "composer": composer(actor, shown, typed_key),
        **extra,
    }


def told_thread(actor: StaffActor, case: Case, shown: Thread) -> dict[str, Any]:
    """The thread and the form's answers: free texts first, as the patient's own words, then the others."""
    found = entries(shown, now=clock.now(), language=actor.language)
    intake = next((entry for entry in found if entry.kind == "intake"), None)
    answers = readable(response_id=case.response_id, language=actor.language)
    own, others = apart(answers, intake.body if intake else "")
    return {
        "case": case,
        "intake": intake,
        "intake_files": said.files(intake, case, actor) if intake else "",
        "messages": said.messages(found, case, actor),
        "beside": queries.beside(actor=actor, case=case),
        "own_words": own,
        "answers": [row for row in others if row.answered],
        "unanswered": [row.question for row in others if not row.answered],
    }


def known(actor: StaffActor, case: Case) -> dict[str, Any]:
    """The facts beside the thread, and what can be done."""
    now = clock.now()
    earlier = queries.earlier_cases(actor=actor, case=case, now=now)
    return {
        "case": case,
        "row": row(case, staff_id=actor.staff_id, now=now, language=actor.language),
        "clock": urgency_and_clock(state=case.state, due_at=case.due_at, amber_at=case.amber_at, now=now),
        "arrived": dates.moment(case.arrived_at, now=now, language=actor.language),
        "number": f"{case.patient_number[:8]}-{case.patient_number[8:]}",
        "listed": unit_name(case.patient.listed_unit_id),
        "unit_options": _other_units(actor.provider_id, case.unit_id),
        "ways_to_end": _ways_to_end(actor.language),
        "earlier": earlier,
        "earlier_rows": said.earlier(earlier, actor),
        "to": _whom(actor.unit_id, now),
        "closed": case.state == State.CLOSED,
        "reminded": _reminded(case, now, actor.language) if case.state == State.WAITING else "",
    }


def _other_units(provider_id: int, but: int) -> SafeString:
    """`<option>`s of the care provider's other units."""
    every = keep(
        ("units as options", provider_id),
        lambda: {
            unit.unit_id: fill('<option value="{}">{}</option>', unit.unit_id, unit.name)
            for unit in units_of(provider_id)
        },
    )
    return joined(option for unit_id, option in every.items() if unit_id != but)


@cache
def _ways_to_end(language: str) -> SafeString:
    """`<option>`s of the reasons for ending without a reply."""
    with translation.override(language):
        return joined(fill('<option value="{}">{}</option>', how, HOW[how]) for how in CLOSES_WITHOUT_REPLY)


def _whom(unit_id: int, now: datetime) -> tuple[SafeString, SafeString]:
    """`<option>`s of the groups and of the people a case can be given to."""

    def made() -> tuple[SafeString, SafeString]:
        whom = whom_at(unit_id=unit_id, at=now)
        return said.receivers("group", whom.groups), said.receivers("person", whom.people)

    return keep(("whom as options", unit_id), made)


def _reminded(case: Case, now: datetime, language: str) -> str:
    """When the resident was reminded, within the day in which it is not done again."""
    last = queries.last_reminder(case=case)
    return dates.moment(last, now=now, language=language) if last and last > now - REMIND_EVERY else ""


def composer(actor: StaffActor, thread: Thread, typed_key: UUID | None) -> dict[str, Any]:
    """The writer's own draft and files, or a fresh key."""
    made: dict[str, Any] = {}
    for form in ("reply", "note"):
        draft = thread.drafts.get(form)
        made[form] = {
            "body": draft.body if draft else "",
            "other": draft.other_body if draft else "",
            "revision": draft.revision if draft else 0,
            "key": draft.key if draft else uuid4(),
            "saved_at": draft.saved_at if draft else None,
        }
    made["reply"]["key"] = typed_key or made["reply"]["key"]
    kept = typed_key or ("reply" in thread.drafts and made["reply"]["key"])
    made["files"] = draft_files(actor=actor, draft_key=kept) if kept else []
    return made


@require_safe
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def case(request: StaffRequest, public_id: UUID) -> HttpResponse:
    with together():
        found = access.case_for_staff(actor=request.actor, public_id=public_id, now=clock.now())
        shown = workspace(request, found)
    return render(request, "cases/staff/case.html", shown)


@require_safe
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def thread(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Fetched after a live hint: the thread, and the facts too when they are asked for."""
    actor, now, beside = request.actor, clock.now(), "fakta" in request.GET
    with together():
        found = access.case_for_staff(actor=actor, public_id=public_id, now=now, verb="read_new")
        shown = told_thread(actor, found, queries.thread_for_staff(actor=actor, case=found))
        if beside:
            shown |= known(actor, found)
            log_list(actor=actor, rows=shown["earlier"], now=now)
    return render(request, f"cases/staff/{'_news' if beside else '_thread'}.html", shown)


@require_safe
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def facts(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Open pages of the version before ask for them by themselves."""
    found = access.case_for_staff(actor=request.actor, public_id=public_id, now=clock.now(), verb="read_new")
    shown = known(request.actor, found)
    log_list(actor=request.actor, rows=shown["earlier"], now=clock.now())
    return render(request, "cases/staff/_facts.html", shown)


@require_safe
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def history(request: StaffRequest, public_id: UUID) -> HttpResponse:
    found = access.case_for_staff(
        actor=request.actor, public_id=public_id, now=clock.now(), verb="read_history"
    )
    events = told(
        queries.history(case=found),
        now=clock.now(),
        language=request.actor.language,
        hidden=queries.hidden_writers(case=found),
    )
    return render(request, "cases/staff/history.html", {"case": found, "events": events})


@require_safe
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def phrases(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The palette: the unit's, the region's and one's own, filled for this case."""
    found = access.case_for_staff(actor=request.actor, public_id=public_id, now=clock.now(), verb="read_new")
    texts = catalogue.phrases(
        actor=request.actor, type_key=found.type_key, language=found.language, search=request.GET.get("q", "")
    )
    filled = catalogue.filled(
        actor=request.actor, texts=texts, patient_name=found.patient_name, now=clock.now()
    )
    return render(request, "cases/staff/_phrases.html", {"case": found, "phrases": filled})


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def contact(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Address and telephone, shown on request and logged as such."""
    found = access.case_for_staff(
        actor=request.actor, public_id=public_id, now=clock.now(), verb="read_contact"
    )
    page = "cases/staff/_contact.html" if request.headers.get("HX-Request") else "cases/staff/contact.html"
    return render(request, page, {"case": found, "contact": queries.contact(case=found)})


@require_safe
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def file(request: StaffRequest, public_id: UUID, file_id: UUID) -> HttpResponseBase:
    try:
        found = access.message_file(
            actor=request.actor, public_id=public_id, file_id=file_id, now=clock.now()
        )
    except Fact as fact:
        return refuse(fact)
    return serve(file=found, thumbnail="liten" in request.GET, download="hamta" in request.GET)
