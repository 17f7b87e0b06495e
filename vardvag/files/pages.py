"""The pages of uploads are the same on both sides of the counter; only their doors differ."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from vardvag.core.clock import now
from vardvag.core.doors import ResidentRequest, StaffRequest
from vardvag.core.facts import Fact
from vardvag.files import access, actions, tickets
from vardvag.files.facts import NothingChosen

Request = ResidentRequest | StaffRequest


def upload(request: Request, side: str) -> HttpResponse:
    """Takes the files sent with a ticket; answers with one list item for each: 422 where one was
    refused, 503 where it did not get its turn and should come again."""
    places = {"show": f"files/{side}/show", "remove": f"files/{side}/remove", "staff": side == "staff"}
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
            now=now(),
        )
    except Fact as fact:
        received = actions.Received(refused=[("", str(fact.message))])
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
