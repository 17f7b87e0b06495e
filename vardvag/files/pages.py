"""The pages of uploads are the same on both sides of the counter; only their doors differ."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from vardvag.core.clock import now
from vardvag.core.doors import ResidentRequest, StaffRequest
from vardvag.core.facts import Fact
from vardvag.files import access, actions, tickets
from vardvag.files.facts import BadPiece, Busy, NothingChosen
from vardvag.files.forms import PieceForm
from vardvag.files.rules import PIECE

Request = ResidentRequest | StaffRequest


def sent_with_form(
    request: ResidentRequest, *, purpose: str, draft_key: UUID, patient_id: int, at_most: int
) -> list[tuple[str, str]]:
    """A resident's form without scripts: removes the file it asks for, takes those that came with it; (name, why) of
    those refused. Files are decoded here, so the row they belong to is locked afterwards."""
    actor = request.actor
    if removed := request.POST.get("remove_file"):
        actions.remove_from_draft(actor=actor, public_id=removed, now=now())
    received = actions.upload_all(
        actor=actor,
        uploads=request.FILES.getlist("files"),
        purpose=purpose,
        patient_id=patient_id,
        draft_key=draft_key,
        at_most=at_most,
        intimate="intimate" in request.POST,
        now=now(),
    )
    return received.refused


def upload(request: Request, side: str) -> HttpResponse:
    """Takes the files sent with a ticket; answers with one list item for each: 422 where one was
    refused, 503 where it did not get its turn and should come again."""
    try:
        ticket = tickets.read(request.POST.get("ticket", ""), actor=request.actor)
        uploads = request.FILES.getlist("files")
        if not uploads:
            raise NothingChosen
        received = actions.upload_all(
            actor=request.actor,
            uploads=uploads,
            purpose="draft",
            patient_id=ticket.patient_id,
            draft_key=ticket.draft_key,
            at_most=ticket.at_most,
            intimate="intimate" in request.POST,
            now=now(),
        )
    except Fact as fact:
        received = actions.Received(refused=[("", str(fact.message))])
    return _rows(request, side, received)


def piece(request: Request, side: str) -> HttpResponse:
    """One piece of a file: 202 taken, 409 it begins elsewhere (both say where to go on), then as `upload`.
    With `cancel` what has come is thrown away: 204, or 200 and which file of the draft that was."""
    try:
        ticket = tickets.read(request.POST.get("ticket", ""), actor=request.actor)
        form = PieceForm(request.POST)
        if "cancel" in request.POST:
            digest = request.POST.get("digest", "")
            gone = actions.call_off(actor=request.actor, ticket=ticket, digest=digest, now=now())
            return JsonResponse({"removed": gone.public_id}) if gone else HttpResponse(status=204)
        if not form.is_valid():
            raise BadPiece
        sent = request.FILES.get("piece")
        taken = actions.take_piece(
            actor=request.actor,
            ticket=ticket,
            piece=sent.read(PIECE + 1) if sent else b"",
            now=now(),
            **form.cleaned_data,
        )
    except Fact as fact:
        refused = [("", str(fact.message))]
        return _rows(request, side, actions.Received(refused=refused, busy=isinstance(fact, Busy)))
    if taken.file is None:
        return JsonResponse({"offset": taken.offset}, status=202 if taken.fitted else 409)
    return _rows(request, side, actions.Received(files=[taken.file]))


def _rows(request: Request, side: str, received: actions.Received) -> HttpResponse:
    places = {"show": f"files/{side}/show", "remove": f"files/{side}/remove", "staff": side == "staff"}
    status = 503 if received.busy else 422 if received.refused else 200
    return render(request, "files/received.html", {"received": received, "field": places}, status=status)


def show(request: Request, public_id: UUID) -> HttpResponseBase:
    file = access.draft_file(actor=request.actor, public_id=public_id)
    return access.serve(file=file, thumbnail="liten" in request.GET, download="hamta" in request.GET)


def remove(request: Request, public_id: UUID, otherwise: str) -> HttpResponse:
    """A script gets an empty answer; a form goes back to the page it came from."""
    actions.remove_from_draft(actor=request.actor, public_id=public_id, now=now())
    if request.headers.get("X-Requested-With") == "attach":
        return HttpResponse(status=204)
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = otherwise
    return HttpResponseRedirect(back, status=303)
