"""The pages where an address is given and proven; the same for residents and staff, each behind a door."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from vardvag.core import clock
from vardvag.core.doors import ResidentRequest, StaffRequest
from vardvag.core.facts import Fact
from vardvag.inbox import actions, queries
from vardvag.inbox.forms import AddressForm, CodeForm
from vardvag.inbox.models import Channel
from vardvag.inbox.rules import CODE_MINUTES

WAYS = {"sms": Channel.SMS, "e-post": Channel.MAIL}  # as the page's address says it
HOME = {"resident": "inbox/resident/settings", "staff": "inbox/staff/notices"}


def channel_of(way: str) -> Channel:
    if way not in WAYS:
        raise Http404
    return WAYS[way]


def give(request: ResidentRequest | StaffRequest, way: str, *, side: str) -> HttpResponse:
    """Write an address; a code is sent there."""
    channel = channel_of(way)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            written = form.cleaned_data["address"]
            actions.ask_for_code(actor=request.actor, channel=channel, written=written, now=clock.now())
            return HttpResponseRedirect(reverse(f"inbox/{side}/code", args=[way]))
        except Fact as fact:
            form.add_error("address", str(fact.message))
    return _page(request, f"inbox/{side}/address.html", way, form, side=side, error=_first(form, "address"))


def prove(request: ResidentRequest | StaffRequest, way: str, *, side: str) -> HttpResponse:
    """Type in the six digits; then the address counts."""
    channel = channel_of(way)
    waiting = queries.waiting_code(actor=request.actor, channel=channel)
    if waiting is None:
        if queries.just_confirmed(actor=request.actor, channel=channel, at=clock.now()):
            return HttpResponseRedirect(reverse(HOME[side]) + "?klart=adress")
        return HttpResponseRedirect(reverse(f"inbox/{side}/address", args=[way]))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            written = form.cleaned_data["code"]
            actions.confirm_code(actor=request.actor, channel=channel, written=written, now=clock.now())
            return HttpResponseRedirect(reverse(HOME[side]) + "?klart=adress")
        except Fact as fact:
            form.add_error("code", str(fact.message))
    return _page(
        request,
        f"inbox/{side}/code.html",
        way,
        form,
        side=side,
        error=_first(form, "code"),
        sent_to=queries.pretty_address(waiting.channel, waiting.address),
        given=waiting.address,
        minutes=CODE_MINUTES,
    )


def remove(request: ResidentRequest | StaffRequest, way: str, *, side: str) -> HttpResponse:
    actions.forget_address(actor=request.actor, channel=channel_of(way), now=clock.now())
    return HttpResponseRedirect(reverse(HOME[side]) + "?klart=borta")


def _first(form: AddressForm | CodeForm, field: str) -> str:
    return str(form.errors[field][0]) if form.is_bound and field in form.errors else ""


def _page(
    request: ResidentRequest | StaffRequest,
    template: str,
    way: str,
    form: AddressForm | CodeForm,
    *,
    side: str,
    **more: object,
) -> HttpResponse:
    links = {"home": reverse(HOME[side]), "address_page": reverse(f"inbox/{side}/address", args=[way])}
    context = {"way": way, "sms": way == "sms", "form": form, **links, **more}
    return render(request, template, context, status=422 if form.is_bound else 200)
