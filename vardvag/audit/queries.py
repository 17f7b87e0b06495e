"""Reading the log: who has seen or changed what of a patient (R12).

Registries for the floors above: `say` (words for acts), `titles_from` (names of objects), `names_from` and
`protected_from` (whose names may be shown). They are filled at start, from a part's `ready`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from vardvag.audit.actions import record
from vardvag.audit.models import Entry
from vardvag.audit.phrases import BY_VERB, OTHERWISE, PHRASES, UNTITLED
from vardvag.core.actor import ResidentActor
from vardvag.core.personal_number import SWEDEN

PAGE = 60  # entries on a page, before the same act many times is told once
Titles = Callable[[Collection[int]], Mapping[int, str]]

_titles: dict[str, Titles] = {}


@dataclass(frozen=True, slots=True)
class Namelessness:
    """Staff whose name is not shown: those with protected identity, and all of units that show no names; and
    residents with protected identity."""

    staff: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    residents: frozenset[int] = frozenset()


_nameless: Callable[[Collection[int], Collection[int]], Namelessness] = lambda staff, units: Namelessness()  # noqa: E731
_protected: Callable[[Collection[int]], frozenset[int]] = lambda people: frozenset()  # noqa: E731


def say(kind: str, verb: str, words: str | Promise) -> None:
    """Registry: what the act is called, as "läste ärendet %(title)s"."""
    PHRASES[kind, verb] = words


def titles_from(kind: str, source: Titles) -> None:
    """Registry: the names of objects of a kind, as the patient knows them; unknown ids are left out."""
    _titles[kind] = source


def names_from(source: Callable[[Collection[int], Collection[int]], Namelessness]) -> None:
    """Registry: of these staff members and units, who stays nameless."""
    global _nameless  # noqa: PLW0603 - a registry of one
    _nameless = source


def protected_from(source: Callable[[Collection[int]], frozenset[int]]) -> None:
    """Registry: of these residents, who is protected."""
    global _protected  # noqa: PLW0603 - a registry of one
    _protected = source


WHO = {
    "": Q(),
    "personal": Q(actor_kind="staff"),
    "foretradare": Q(actor_kind="resident", ground="guardian"),
    "system": Q(actor_kind__in=("system", "client", "anonymous")),
    "jag": Q(actor_kind="resident", ground="self"),
}


@dataclass(frozen=True, slots=True)
class Act:
    """One line: who, did what, how many times in a row that day; `at` is the latest."""

    at: datetime
    who: str
    did: str
    times: int = 1


@dataclass(slots=True)
class Place:
    """A day's acts at one unit (empty name: outside any unit)."""

    unit: str
    acts: list[Act] = field(default_factory=list)


@dataclass(slots=True)
class Day:
    day: date
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Days newest first; `older`: id to continue before, None at the end."""

    days: list[Day]
    older: int | None


def who_saw(*, actor: ResidentActor, who: str = "", before: int | None = None, now: datetime) -> LogPage:
    """The log of the patient the actor acts for, newest first. Looking at it is itself logged."""
    rows = _entries(actor.patient.person_id, who, before)
    record(actor=actor, verb="read", kind="log", patient_id=actor.patient.person_id, purpose="access", at=now)
    shown = rows[:PAGE]
    return LogPage(_days(shown, actor), shown[-1].pk if len(rows) > PAGE else None)


def _entries(patient_id: int, who: str, before: int | None) -> list[Entry]:
    rows: QuerySet[Entry] = Entry.objects.filter(WHO.get(who, Q()), patient_id=patient_id)
    rows = rows.exclude(object_kind="log", ground="self")
    if before is not None:
        last = Entry.objects.filter(pk=before, patient_id=patient_id).values_list("at", flat=True).first()
        if last is not None:
            rows = rows.filter(Q(at__lt=last) | Q(at=last, pk__lt=before))
    return list(rows.order_by("-at", "-pk")[: PAGE + 1])


def _days(rows: list[Entry], actor: ResidentActor) -> list[Day]:
    titles = {
        kind: source({r.object_id for r in rows if r.object_kind == kind and r.object_id is not None})
        for kind, source in _titles.items()
        if any(r.object_kind == kind for r in rows)
    }
    staff = {r.actor_id for r in rows if r.actor_kind == "staff" and r.actor_id is not None}
    others = {r.actor_id for r in rows if r.actor_kind == "resident" and r.actor_id is not None}
    nameless = replace(
        _nameless(staff, {r.unit_id for r in rows if r.unit_id is not None}),
        residents=_protected(others - {actor.me.person_id}),
    )
    days: list[Day] = []
    for row in rows:
        day = row.at.astimezone(SWEDEN).date()
        if not days or days[-1].day != day:
            days.append(Day(day))
        place = next((p for p in days[-1].places if p.unit == row.unit_name), None)
        if place is None:
            place = Place(row.unit_name)
            days[-1].places.append(place)
        _add(place.acts, Act(row.at, _who(row, actor, nameless), _did(row, titles)))
    return days


def _add(acts: list[Act], act: Act) -> None:
    """The same act again in a row is told once, with how many times."""
    if acts and (acts[-1].who, acts[-1].did) == (act.who, act.did):
        acts[-1] = Act(acts[-1].at, act.who, act.did, acts[-1].times + 1)
    else:
        acts.append(act)


def _who(row: Entry, actor: ResidentActor, nameless: Namelessness) -> str:
    match row.actor_kind:
        case "resident" if row.actor_id == actor.me.person_id:
            return _("Du")
        case "resident" if row.actor_id in nameless.residents:
            return _("En vårdnadshavare")
        case "resident" if row.ground == "guardian":
            return _("%(name)s, vårdnadshavare,") % {"name": row.actor_name}
        case "resident":
            return row.actor_name
        case "staff":
            title = row.actor_title or _("Personal")
            hidden = row.actor_id in nameless.staff or row.unit_id in nameless.units
            return title if hidden else f"{row.actor_name}, {_small(title)},"
        case "client":
            return _("Ett anslutet system")
        case "anonymous":
            return _("Någon som inte var inloggad")
        case _:
            return _("Systemet")


def _small(title: str) -> str:
    """As within a sentence: sjuksköterska, but AT-läkare."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _did(row: Entry, titles: dict[str, Mapping[int, str]]) -> str:
    words = PHRASES.get((row.object_kind, row.verb)) or BY_VERB.get(row.verb) or OTHERWISE
    title = titles.get(row.object_kind, {}).get(row.object_id or 0) or str(UNTITLED)
    return str(words) % {"title": f"”{title}”" if title != str(UNTITLED) else title}


def oldest_unsealed(*, now: datetime) -> float:
    """Seconds since the oldest entry without a seal was written; 0 when all are sealed. For the watch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select floor from audit_floor",
        )
        floor = cursor.fetchone()[0]
        cursor.execute(
            "select extract(epoch from %s - min(e.at)) from audit_entry e where e.id > %s and not exists"
            " (select from audit_seal s where s.entry_id = e.id and s.entry_id > %s)",
            [now, floor, floor],
        )
        return float(cursor.fetchone()[0] or 0)


def figures() -> Iterable[tuple[str, str, dict[str, str], float]]:
    """Asked at each scrape, by a role that sees no entries: how far the sealer is behind the last number given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select case when is_called then last_value else 0 end - floor from audit_entry_number, audit_floor"
        )
        behind = float(cursor.fetchone()[0])
    text = "Log entries whose sealing is not settled; grows when the sealer stands still"
    yield "vardvag_log_behind", text, {}, behind
