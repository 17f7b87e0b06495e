"""Waiting (R7) in words: place, how long, what happens at closing time, how one is told. Urgency is never said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from vardvag.cases import access, queries
from vardvag.cases.models import Case
from vardvag.cases.resident.shown import status
from vardvag.cases.standing import Standing, standing
from vardvag.cases.standing_rules import MANY, Expected
from vardvag.catalogue.queries import texts_of_id
from vardvag.core import clock, dates, doors
from vardvag.core.actor import ResidentActor
from vardvag.core.doors import ResidentRequest
from vardvag.core.personal_number import SWEDEN
from vardvag.inbox.queries import HowTold, how_told

MINUTE = timedelta(minutes=1)
SOON = 2  # should be seen within hours: not to be left until a unit opens


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the page says. `place`, `takes`, `basis`, `hours` may be ''. `ring`: it should not wait for the opening."""

    place: str
    overtaken: bool
    takes: str
    basis: str
    hours: str
    ring: bool
    worse: str
    told: HowTold
    at: str


def waiting(*, actor: ResidentActor, case: Case, now: datetime) -> Waiting | None:
    """None where nobody waits in turn: then the page says nothing of it."""
    found = standing(case=case, now=now)
    if found is None:
        return None
    told = _Told(case, found, now, actor.language)
    return Waiting(
        place=told.place(),
        overtaken=bool(found.ahead) and found.overtaken,
        takes=told.takes(),
        basis=told.basis(),
        hours=told.hours(),
        ring=not found.opening.now and case.urgency is not None and case.urgency <= SOON,
        worse=str(texts_of_id(case.type_version_id).if_worse),
        told=how_told(actor=actor),
        at=dates.clock(now, language=actor.language),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    case: Case
    found: Standing
    now: datetime
    language: str

    def place(self) -> str:
        ahead = self.found.ahead
        if ahead is None:
            return ""
        if ahead == 0:
            return _("Ditt ärende står först i kön.")
        return ngettext(
            "%(number)s ärende står före ditt i kön.", "%(number)s ärenden står före ditt i kön.", ahead
        ) % {"number": ahead}

    def takes(self) -> str:
        """How long from now; nothing where nobody works, else the promise where the time is not known."""
        found = self.found
        if not (found.opening.now and found.staffed):
            return ""
        what = found.expected
        if what is not None and not what.longer and found.least_at and found.most_at:
            today = self.now.astimezone(SWEDEN).date()
            first, last = (one.astimezone(SWEDEN).date() for one in (found.least_at, found.most_at))
            if last == today:
                return _range(what)
            days = [dates.named(day, today=today, language=self.language) for day in (first, last)]
            if first == last:
                return _("Troligen börjar någon med det %(day)s.") % {"day": days[0]}
            if last - first == timedelta(days=1):
                return _("Troligen börjar någon med det %(day)s eller %(other)s.") % {
                    "day": days[0], "other": days[1],
                }  # fmt: skip
            return _("Troligen börjar någon med det mellan %(day)s och %(other)s.") % {
                "day": days[0], "other": days[1],
            }  # fmt: skip
        promise = self._promise()
        if what is not None and what.longer:
            return f"{_('Det dröjer längre än det brukar.')} {promise}".strip()
        if found.ahead is None:
            return promise
        return f"{_('Vi vet inte hur länge det dröjer.')} {promise}".strip()

    def _promise(self) -> str:
        """'' when it is broken: that we are late stands on the page already."""
        if self.case.promised_at <= self.now:
            return ""
        when = dates.moment(self.case.promised_at, now=self.now, language=self.language)
        return _("Du får svar senast %(when)s.") % {"when": when}

    def basis(self) -> str:
        what = self.found.expected
        if what is None or what.longer:
            return ""
        if what.by_last_hour:
            return _("Räknat på hur länge andra har väntat den senaste timmen.")
        return _("Räknat på hur länge andra har väntat vid den här tiden de senaste dagarna.")

    def hours(self) -> str:
        opening, unit = self.found.opening, self.case.unit.public_name
        opens = dates.moment(opening.opens, now=self.now, language=self.language) if opening.opens else ""
        if not opening.now:
            if not opens:
                return _("%(unit)s har stängt. Ditt ärende ligger kvar.") % {"unit": unit}
            return _("%(unit)s öppnar %(when)s. Ditt ärende ligger kvar och läses då.") % {
                "unit": unit, "when": opens,
            }  # fmt: skip
        if not self.found.staffed:
            return _(
                "Just nu är ingen inne och läser ärenden. Ditt ärende ligger kvar och läses när någon är på plats."
            )
        if self.found.closes_soon is None or not opens:
            return ""
        closes = dates.moment(self.found.closes_soon, now=self.now, language=self.language)
        return _(
            "%(unit)s stänger %(closes)s. Hinner ingen börja innan dess ligger ditt ärende kvar och läses %(opens)s."
        ) % {"unit": unit, "closes": closes, "opens": opens}


def _range(what: Expected) -> str:
    least, most = what.least, what.most
    if least == timedelta():
        return _("Högst omkring %(span)s tills någon börjar med det.") % {"span": _length(most)}
    if least == most:
        span = _length(most)
    elif least >= MANY or most <= MANY:
        span = _length(most, of=f"{least // (MANY if most > MANY else MINUTE)}–")
    else:
        span = f"{_length(least)}–{_length(most)}"
    return _("Omkring %(span)s tills någon börjar med det.") % {"span": span}


def _length(length: timedelta, *, of: str = "") -> str:
    """25–40 minuter, when `of` is '25–'."""
    if length <= MANY:
        return _("%(number)s minuter") % {"number": f"{of}{length // MINUTE}"}
    return _("%(number)s timmar") % {"number": f"{of}{length // MANY}"}


@require_safe
@doors.resident
def renewed(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """For an open page, each minute: what the case's page, whose showing is in the log, says of the waiting. Nothing of
    what the case is about."""
    actor, now = request.actor, clock.now()
    found = access.check_reach(actor=actor, public_id=public_id)
    if request.headers.get("X-Requested-With") != "background":
        return HttpResponseRedirect(reverse("cases/resident/case", args=[public_id]))
    said = status(found, held=queries.held(case=found, now=now) is not None, now=now, language=actor.language)
    shown = {"case": found, "status": said, "waiting": waiting(actor=actor, case=found, now=now)}
    return render(request, "cases/resident/renewed.html", shown)
