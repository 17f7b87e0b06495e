"""What the unit decides itself: texts, answer time, hours and special days."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from vardvag.core import clock, dates, doors
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.organisation import access, actions, queries
from vardvag.organisation.actions.unit import LocalTexts
from vardvag.organisation.manage.forms import HoursForm, SpecialDayForm, TextsForm
from vardvag.organisation.models import OpeningHours, UnitSettings
from vardvag.organisation.staffing_rules import MANAGES_UNIT, SomebodyWasFirst

KINDS = (
    ("svar", OpeningHours.Kind.DIGITAL, _("Tider då ni svarar på ärenden")),
    ("telefon", OpeningHours.Kind.PHONE, _("Telefontider")),
    ("besok", OpeningHours.Kind.VISIT, _("Öppettider för besök")),
)
MISSING = {
    "phone": _("Telefonnummer saknas i katalogen."),
    "street": _("Besöksadress saknas i katalogen."),
    "city": _("Ort saknas i katalogen."),
    "hours": _("Telefontider saknas."),
    "stale": _("Uppgifterna från katalogen är äldre än 30 dagar."),
}
TEXTS = {
    "other_information": _("Övrig information på kontaktkortet"),
    "directions": _("Vägbeskrivning"),
    "resident_message": _("Meddelande till invånarna"),
    "staff_message": _("Meddelande till personalen"),
    "internal_name": _("Internt namn"),
    "answer_working_days": _("Svarstid"),
    "accepts_cases": _("Ta emot ärenden"),
    "shows_staff_names": _("Visa personalens namn för invånarna"),
    "shows_waiting": _("Visa plats i kön och ungefärlig väntetid"),
}


def _page(
    request: StaffRequest, *, typed: str = "", typed_version: int | None = None, **more: Any
) -> HttpResponse:
    """`typed`: the kind of hours that was sent and stays as it was typed; `typed_version`: what it was opened with,
    None when its sender is told now that there is a newer week."""
    actor, now = request.actor, clock.now()
    mine = access.own_unit(actor=actor)
    settings = queries.unit_settings(unit_id=actor.unit_id)
    language = "en" if actor.language == "en" else "sv"
    week: list[dict[str, Any]] = [
        {
            "slug": slug,
            "title": title,
            "version": settings.version,
            **queries.hours_to_edit(unit_id=mine.pk, kind=kind),
        }
        for slug, kind, title in KINDS
    ]
    for one in week:
        if one["slug"] == typed and typed_version is None:
            one["saved"] = _said(one["days"], dates.DAYS[language])
        elif one["slug"] == typed:
            one["version"] = typed_version
        if one["slug"] == typed:
            one["days"] = _typed(request)
    shown = {
        "unit": mine,
        "form": TextsForm(initial=TextsForm.initial_of(settings)),
        "region_days": queries.region().answer_working_days,
        "week": week,
        "day_names": dates.DAYS[language],
        "special_days": queries.special_days(unit_id=mine.pk, today=now.date()),
        "day_form": SpecialDayForm(),
        "missing": [MISSING[name] for name in queries.missing(mine, now=now)],
        **more,
    }
    return render(request, "organisation/manage/unit.html", shown, status=422 if more or typed else 200)


def _said(week: list[list[tuple[str, str]]], names: Sequence[str]) -> list[str]:
    """fredag 09.00–10.30"""
    spans = [[f"{opens}–{closes}".replace(":", ".") for opens, closes in day if opens] for day in week]
    return [f"{name} {', '.join(day)}" for name, day in zip(names, spans, strict=True) if day]


def _differing(now_is: UnitSettings, sent: LocalTexts) -> list[tuple[Any, Any]]:
    """What is saved and is not as it was sent: its name, and how it is."""

    def said(how: Any) -> Any:
        return (_("Ja") if how else _("Nej")) if isinstance(how, bool) else how or "–"

    found = ((label, getattr(now_is, name), getattr(sent, name)) for name, label in TEXTS.items())
    return [(label, said(is_)) for label, is_, was_sent in found if is_ != was_sent]


def _typed(request: StaffRequest) -> list[list[tuple[str, str]]]:
    """The week as it was sent, so that one wrong time does not cost the others."""

    def at(what: str, day: int, nth: int) -> str:
        return request.POST.get(f"{what}-{day}-{nth}", "")[:20]

    week = [[(at("opens", day, nth), at("closes", day, nth)) for nth in range(4)] for day in range(7)]
    return [[span for nth, span in enumerate(day) if nth < 2 or any(span)] for day in week]


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(*MANAGES_UNIT)
def unit(request: StaffRequest) -> HttpResponse:
    """The unit's texts and choices."""
    if request.method != "POST":
        return _page(request)
    form = TextsForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    try:
        actions.save_settings(
            actor=request.actor, unit_id=request.actor.unit_id, version=form.cleaned_data["version"],
            texts=form.texts(), now=clock.now(),
        )  # fmt: skip
    except Fact as fact:
        now_is = queries.unit_settings(unit_id=request.actor.unit_id)
        kept = TextsForm({**request.POST.dict(), "version": now_is.version})
        return _page(request, form=kept, problem=fact.message, now_is=_differing(now_is, form.texts()))
    return HttpResponseRedirect(reverse("organisation/manage/unit"))


@require_POST
@doors.staff(*MANAGES_UNIT)
def hours(request: StaffRequest, kind: str) -> HttpResponse:
    """A week of one kind; an empty week gives the catalogue's hours back."""
    chosen = next((k for slug, k, _title in KINDS if slug == kind), None)
    if chosen is None:
        raise Http404
    form = HoursForm(request.POST)
    if not form.is_valid():
        problem = form.non_field_errors()[0]
        return _page(request, problem=problem, typed=kind, typed_version=form.cleaned_data["version"])
    try:
        actions.save_hours(
            actor=request.actor, unit_id=request.actor.unit_id, version=form.cleaned_data["version"],
            kind=chosen.value, hours=form.rows, now=clock.now(),
        )  # fmt: skip
    except SomebodyWasFirst as fact:
        return _page(request, problem=fact.message, typed=kind)
    except Fact as fact:
        version = form.cleaned_data["version"]
        return _page(request, problem=fact.message, typed=kind, typed_version=version)
    return HttpResponseRedirect(reverse("organisation/manage/unit") + f"#{kind}")


@require_POST
@doors.staff(*MANAGES_UNIT)
def days(request: StaffRequest) -> HttpResponse:
    """A special day more, or one less."""
    actor, now = request.actor, clock.now()
    gone = request.POST.get("ta-bort", "")
    if gone.isascii() and gone.isdecimal() and len(gone) < 19:
        actions.remove_special_day(actor=actor, unit_id=actor.unit_id, special_day_id=int(gone), now=now)
        return HttpResponseRedirect(reverse("organisation/manage/unit") + "#dagar")
    form = SpecialDayForm(request.POST)
    if not form.is_valid():
        return _page(request, day_form=form)
    try:
        actions.add_special_day(actor=actor, unit_id=actor.unit_id, now=now, **form.cleaned_data)
    except Fact as fact:
        return _page(request, day_form=form, problem=fact.message)
    return HttpResponseRedirect(reverse("organisation/manage/unit") + "#dagar")
