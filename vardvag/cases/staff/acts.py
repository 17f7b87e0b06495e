"""Acts on a case. Each locks it through access, calls one action, and lands on the case or the queue."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from vardvag.cases import access, actions
from vardvag.cases.access import Asked
from vardvag.cases.models import Case
from vardvag.cases.rules import WORKS_WITH_CASES, Verb
from vardvag.cases.staff.asking import asked_first
from vardvag.cases.staff.case import workspace
from vardvag.cases.staff.forms import EndForm, GiveForm, MoveForm, QueueForm, ReasonForm, UrgencyForm
from vardvag.core import clock, doors
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.identity.models import Staff


def _act(
    request: StaffRequest,
    public_id: UUID,
    act: Callable[[Case], object],
    *,
    then: str = "case",
    verbs: tuple[str, ...] = (),
) -> HttpResponse:
    """Lock, act, land; a fact is shown on the case with nothing changed (409), which is a read of it. `verbs`: what
    it leaves in the history; sent again by the same person, it lands as the first time."""
    actor, now, since = request.actor, clock.now(), request.POST.get("version", "")
    asked = _asked(request, verbs)

    def done() -> bool:
        return bool(verbs) and access.did_just_now(actor=actor, public_id=public_id, asked=asked, now=now)

    try:
        found = access.case_for_staff(actor=actor, public_id=public_id, now=now, lock=True)
    except Http404:
        if done():  # moved away by this very act
            return _landed(request, public_id, then)
        raise
    if done() or access.did_since(actor=actor, case=found, asked=asked, since=since):
        return _landed(request, public_id, then)
    try:
        access.nothing_undone(case=found, since=since)
        act(found)
    except Fact as fact:
        found.refresh_from_db()
        access.log(actor=actor, case=found, verb="read", now=now)
        name = request.resolver_match.url_name if request.resolver_match else ""
        typed = {str(name).rpartition("/")[2]: request.POST.get("reason", "")}
        shown = workspace(request, found, problem=fact, reasons=typed)
        return render(request, "cases/staff/case.html", shown, status=409)
    return _landed(request, public_id, then)


def _asked(request: StaffRequest, verbs: tuple[str, ...]) -> Asked:
    named = {"unit_id": "unit_id", "closed_how": "how", "urgency": "urgency"}
    found = {column: request.POST[name] or "None" for column, name in named.items() if name in request.POST}
    return Asked(verbs, request.POST.get("reason", ""), found)


def _landed(request: StaffRequest, public_id: UUID, then: str) -> HttpResponse:
    if then == "queue" or "till-kon" in request.POST:
        return HttpResponseRedirect(reverse("cases/staff/queue"), status=303)
    return HttpResponseRedirect(reverse("cases/staff/case", args=[public_id]), status=303)


def _refused(request: StaffRequest, fact: Fact) -> HttpResponse:
    """Of many cases nothing was done; the comment is shown, to be taken along."""
    typed = request.POST.get("reason", "")
    return render(request, "cases/staff/refused.html", {"problem": fact, "typed": typed}, status=409)


def _checked(form: Form) -> Form:
    """A form whose shape is wrong becomes a fact with its first message."""
    if not form.is_valid():
        raise Fact(next(iter(form.errors.values()))[0])
    return form


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def take(request: StaffRequest, public_id: UUID) -> HttpResponse:
    def act(case: Case) -> object:
        given = _checked(ReasonForm(request.POST)).cleaned_data
        return actions.take(actor=request.actor, case=case, now=clock.now(), reason=given["reason"])

    return _act(request, public_id, act, verbs=(Verb.TAKE,))


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def give_back(request: StaffRequest, public_id: UUID) -> HttpResponse:
    def act(case: Case) -> object:
        given = _checked(ReasonForm(request.POST)).cleaned_data
        return actions.give_back(actor=request.actor, case=case, now=clock.now(), reason=given["reason"])

    return _act(request, public_id, act, then="queue", verbs=(Verb.GIVE_BACK,))


@require_POST
@doors.staff(*WORKS_WITH_CASES)
def distribute(request: StaffRequest) -> HttpResponse:
    """One from a case, or the marked ones from the queue: those can be undone together for a day."""
    form = GiveForm(request.POST)
    batch, done = (None, False) if request.POST.get("fran") else _batch(request)
    if done:
        return HttpResponseRedirect(_back(request, batch), status=303)
    try:
        given = _checked(form).cleaned_data
        to = access.receiver_of_cases(actor=request.actor, now=clock.now(), **form.whom())
        cases = access.cases_for_staff(actor=request.actor, public_ids=_ids(given["cases"]))
        if len(cases) == 1:  # a page of its own has one version; many have the batch's name
            since = request.POST.get("version", "")
            whom = {"owner_id" if isinstance(to, Staff) else "group_id": str(to.pk)}
            asked = Asked((Verb.DISTRIBUTE,), given["reason"], whom)
            if access.did_since(actor=request.actor, case=cases[0], asked=asked, since=since):
                return HttpResponseRedirect(_back(request, batch), status=303)
            access.nothing_undone(case=cases[0], since=since)
        actions.distribute(
            actor=request.actor,
            cases=cases,
            to=to,
            now=clock.now(),
            reason=given["reason"],
            batch=batch,
        )
    except Fact as fact:
        return _refused(request, fact)
    return HttpResponseRedirect(_back(request, batch), status=303)


@require_POST
@doors.staff(*WORKS_WITH_CASES)
def close_many(request: StaffRequest) -> HttpResponse:
    form = EndForm(request.POST)
    (batch, done), now = _batch(request), clock.now()
    if done:
        return HttpResponseRedirect(_back(request, batch), status=303)
    try:
        given = _checked(form).cleaned_data
        actions.close_many(
            actor=request.actor,
            cases=access.cases_for_staff(actor=request.actor, public_ids=_ids(given["cases"])),
            how=given["how"],
            reason=given["reason"],
            now=now,
            batch=batch,
        )
    except Fact as fact:
        return _refused(request, fact)
    return HttpResponseRedirect(_back(request, batch), status=303)


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def urgency(request: StaffRequest, public_id: UUID) -> HttpResponse:
    def act(case: Case) -> object:
        given = _checked(UrgencyForm(request.POST)).cleaned_data
        return actions.set_urgency(
            actor=request.actor,
            case=case,
            urgency=given["urgency"],
            reason=given["reason"],
            now=clock.now(),
        )

    return _act(request, public_id, act, verbs=("urgency",))


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def remind(request: StaffRequest, public_id: UUID) -> HttpResponse:
    return _act(
        request,
        public_id,
        lambda c: actions.remind(actor=request.actor, case=c, now=clock.now()),
        verbs=("remind",),
    )


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def unread(request: StaffRequest, public_id: UUID) -> HttpResponse:
    return _act(
        request,
        public_id,
        lambda c: actions.mark_unread(actor=request.actor, case=c, now=clock.now()),
        then="queue",
    )


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def seen(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The page has shown messages up to `seq` for two seconds."""
    found = access.case_for_staff(actor=request.actor, public_id=public_id, now=clock.now(), lock=True)
    seq = request.POST.get("seq", "")
    if seq.isdecimal() and len(seq) < 9:
        actions.seen(actor=request.actor, case=found, seq=int(seq), now=clock.now())
    return HttpResponse(status=204)


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def close(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Answered: closed as such. With `how`: closed without reply."""

    def act(case: Case) -> object:
        if "how" not in request.POST:
            return actions.close(actor=request.actor, case=case, now=clock.now())
        given = _checked(EndForm(request.POST)).cleaned_data
        return actions.close_without_reply(
            actor=request.actor,
            case=case,
            how=given["how"],
            reason=given["reason"],
            now=clock.now(),
        )

    return _act(request, public_id, act, verbs=(Verb.CLOSE, Verb.CLOSE_WITHOUT_REPLY))


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def reopen(request: StaffRequest, public_id: UUID) -> HttpResponse:
    def act(case: Case) -> object:
        given = _checked(ReasonForm(request.POST)).cleaned_data
        return actions.reopen(actor=request.actor, case=case, reason=given["reason"], now=clock.now())

    return _act(request, public_id, act, verbs=(Verb.REOPEN,))


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def move(request: StaffRequest, public_id: UUID) -> HttpResponse:
    def act(case: Case) -> object:
        given = _checked(MoveForm(request.POST)).cleaned_data
        return actions.move_to_unit(
            actor=request.actor,
            case=case,
            unit_id=given["unit_id"],
            reason=given["reason"],
            now=clock.now(),
        )

    return _act(request, public_id, act, then="queue", verbs=(Verb.MOVE,))


@require_POST
@doors.staff(*WORKS_WITH_CASES)
@asked_first
def undo(request: StaffRequest, public_id: UUID) -> HttpResponse:
    event = request.POST.get("event", "")
    event_id = int(event) if event.isdecimal() and len(event) < 18 else 0
    return _act(
        request,
        public_id,
        lambda c: actions.undo(actor=request.actor, case=c, event_id=event_id, now=clock.now()),
    )


def _ids(text: str) -> list[UUID]:
    """Comma-separated public ids, at most a page of them; anything else is left out."""
    found = []
    for part in text.split(",")[:50]:
        try:
            found.append(UUID(part.strip()))
        except ValueError:
            continue
    return found


def _batch(request: StaffRequest) -> tuple[UUID, bool]:
    return access.batch_named(actor=request.actor, name=request.POST.get("batch", ""), now=clock.now())


def _back(request: StaffRequest, batch: UUID | None) -> str:
    """To the case it was done in, else the queue in the same view, which offers to undo the batch."""
    ids = _ids(request.POST.get("fran", ""))
    if batch is None and len(ids) == 1:
        return reverse("cases/staff/case", args=ids)
    asked = {"vy": QueueForm(request.POST).view(""), "gjort": str(batch or "")}
    return f"{reverse('cases/staff/queue')}?{urlencode({k: v for k, v in asked.items() if v})}"
