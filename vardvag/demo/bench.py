"""The benchmark's data: any number of cases over 1,200 units, streamed so that memory stays flat.

A few thousand cases are told in full (history.py) and kept beside the tables; each case of the benchmark is one of
them moved to another unit, patient and week. What is moved where comes from the seeded generator by COPY, a
portion at a time; the database joins the two. Weekdays and opening hours stay true because cases move whole weeks.

The connection acts as the owner (indexes and foreign keys are put back when all rows are there) or as
vardvag_system (rows only: slower for many).
"""

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, islice
from random import Random
from typing import Any

from django.db import connection, transaction

from vardvag.core import clock, personal_number
from vardvag.core.actor import Role
from vardvag.demo import names, units, world
from vardvag.demo.bench_tables import kept_out, moved
from vardvag.demo.load import NotLoaded, catalogue_forms, copy, is_empty, prepare_months
from vardvag.demo.plans import Row, Rows
from vardvag.demo.staff import RECEIVERS

UNITS, PROVIDERS, STAFF_OF_UNIT = 1200, 48, 8
GROUPS = (
    RECEIVERS,
    "Sjuksköterskor",
    "Läkare",
    "Medicinska sekreterare",
    "Rehab",
    "Behandlare",
    "Hjälpmedel",
)
TEMPLATES = ("bench", 2000, 3000)  # name, residents, told cases
WEEKS = 156  # how far back closed cases lie
OPEN_AT_MOST, OPEN_SHARE = 85_000, 0.09
WHOLE = 500_000  # the newest cases have forms, history and log; older ones their messages
PORTION = 100_000
CASES_OF_A_RESIDENT = 20


@dataclass(frozen=True, slots=True)
class Built:
    cases: int
    open: int
    residents: int
    units: int


def build(
    cases: int,
    *,
    now: datetime | None = None,
    seed: int = world.SEED,
    whole: int = WHOLE,
    told: Callable[[int], None] = lambda done: None,
) -> Built:
    """Fill an empty database. `told` hears how many cases are there after each portion. Raises NotLoaded."""
    if not is_empty():
        raise NotLoaded("The database holds data already; benchmark data is built in an empty one only.")
    now = now or clock.now()
    rng = Random(seed)  # noqa: S311 - invented data
    residents = max(3000, min(cases // CASES_OF_A_RESIDENT, 500_000))
    with transaction.atomic():
        prepare_months(now, back=WEEKS // 4)
        forms = _ground(now, rng)
        for portion in _portions(_residents(residents, now), PORTION):
            copy("identity_person", portion)
        open_ones, closed = _templates(forms, now, seed)
    owner = _owns()
    with kept_out(connection) if owner else transaction.atomic():
        number_open = min(int(cases * OPEN_SHARE), OPEN_AT_MOST)
        plans = _plans(rng, cases, number_open, open_ones, closed, residents)
        done = 0
        for portion in _portions(plans, PORTION):
            with transaction.atomic():
                copy("bench_plan", portion)
                moved(connection, since=cases - whole, groups=len(GROUPS), staff=STAFF_OF_UNIT)
            done += len(portion)
            told(done)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "drop table bench_plan, bench_case, bench_message, bench_event, bench_log, bench_response"
        )
        for table, last in (
            ("cases_case", cases),
            ("questionnaires_response", cases),
            ("identity_person", residents),
        ):
            _past(cursor, f"pg_get_serial_sequence('{table}', 'id')", last, owner=owner)
        _past(cursor, "'cases_number'", cases, owner=owner)
    return Built(cases, number_open, residents, UNITS)


def _past(cursor: Any, sequence: str, last: int, *, owner: bool) -> None:
    """Move a sequence past the ids given out; only its owner may set it, others take one after the other."""
    if owner:
        cursor.execute(f"select setval({sequence}, %s)", [last])  # noqa: S608 - our own names
    else:
        cursor.execute(f"select max(nextval({sequence})) from generate_series(1, %s)", [last])  # noqa: S608


def _owns() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select tableowner = current_user from pg_tables where tablename = 'cases_case'")
        row = cursor.fetchone()
    return bool(row and row[0])


def _portions(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while portion := list(islice(rows, size)):
        yield portion


def _ground(now: datetime, rng: Random) -> dict[str, Any]:
    """Providers, units with hours and groups, staff; ids are computed, not kept: unit u has groups from
    (u - 1) * len(GROUPS) + 1 and staff from (u - 1) * STAFF_OF_UNIT + 1."""
    rows = Rows()
    rows.add("organisation_region", id=1, name=units.REGION, service_name=units.SERVICE_NAME, support_phone="",
             support_hours="", answer_working_days=2, complaint_working_days=1, guardian_until_age=13,
             unread_reply_days=5)  # fmt: skip
    for n in range(1, PROVIDERS + 1):
        rows.add("organisation_provider", id=n, hsa_id=f"SE2321009999-P{n:03}", name=f"Vårdgivare {n}",
                 organisation_number="2321009999", kind="region")  # fmt: skip
    for n in range(1, UNITS + 1):
        spec = units.UNITS[n % len(units.UNITS)]
        rows.add("organisation_unit", id=n, provider_id=1 + n % PROVIDERS, hsa_id=f"SE2321009999-U{n:04}",
                 name=f"{spec.name} {n}", public_name=f"{spec.name} {n}", slug=f"mottagning-{n}",
                 kind_of_care=spec.kind, specialities=list(spec.specialities), municipality=spec.municipality,
                 street=spec.street, postal_code="990 10", city=spec.town, phone=spec.phone, directions="",
                 source="demo", fetched_at=now, practice=False)  # fmt: skip
        rows.add("organisation_unitsettings", id=n, unit_id=n, internal_name="", other_information=spec.about,
                 directions="", shows_staff_names=True, accepts_cases=True, staff_message="",
                 resident_message="")  # fmt: skip
        for day in range(5):
            rows.add("organisation_openinghours", id=n * 5 + day - 4, unit_id=n, kind="digital", weekday=day,
                     opens="08:00", closes="16:00", local=False)  # fmt: skip
        for slot, name in enumerate(GROUPS):
            rows.add("organisation_group", id=(n - 1) * len(GROUPS) + slot + 1, unit_id=n, name=name,
                     receivers=name == RECEIVERS)  # fmt: skip
        for slot in range(STAFF_OF_UNIT):
            _member(rows, rng, n, slot, now)
    for table in rows.tables:
        copy(table, rows.tables[table])
    with connection.cursor() as cursor:
        for table, made in rows.tables.items():
            if table not in ("organisation_region",):
                cursor.execute(
                    "select max(nextval(pg_get_serial_sequence(%s, 'id'))) from generate_series(1, %s)",
                    [table, len(made)],
                )
    return catalogue_forms({n: list(world.MIX) for n in range(1, UNITS + 1)}, now)


def _member(rows: Rows, rng: Random, unit: int, slot: int, now: datetime) -> None:
    """Two receivers a unit, the others handlers."""
    number = (unit - 1) * STAFF_OF_UNIT + slot + 1
    receiver = slot < 2
    roles = [Role.HANDLER, Role.NURSE, *([Role.RECEIVER] if receiver else [])]
    rows.add("identity_staff", id=number, hsa_id=f"SE2321009999-S{number:05}",
             given_name=names.given_name(rng, names.SWEDISH, woman=slot % 3 > 0, born=1975),
             surname=names.surname(rng, names.SWEDISH), title="Sjuksköterska", protected=False, email="",
             mobile="", language="sv", practice=False, shortcuts="on", density="normal")  # fmt: skip
    rows.add("organisation_assignment", id=number, staff_id=number, unit_id=unit,
             roles=[role.value for role in roles], valid_from=date(2020, 1, 1), source="demo")  # fmt: skip
    rows.add("organisation_assignment_groups", id=number, assignment_id=number,
             group_id=(unit - 1) * len(GROUPS) + (1 if receiver else 2))  # fmt: skip


def _residents(number: int, now: datetime) -> Iterator[Row]:
    """Adults. The test series first (two numbers a day), then birth numbers 980 to 999: these people live in
    benchmark databases only."""
    rng = Random(11)  # noqa: S311
    days = [date(2007, 12, 31) - timedelta(days=n) for n in range(80 * 365)]
    serials = (238, 239, *range(980, 1000))
    for n in range(number):
        born, serial = days[n % len(days)], serials[n // len(days) % len(serials)]
        woman = serial % 2 == 0
        yield {
            "id": n + 1,
            "public_id": f"{rng.getrandbits(128):032x}",
            "personal_number": personal_number.generate(born, serial),
            "kind": "personal",
            "given_name": names.given_name(rng, names.SWEDISH, woman=woman, born=born.year),
            "surname": names.surname(rng, names.SWEDISH),
            "birth_date": born,
            "protected": n % 400 == 0,
            "street": "Storgatan 1",
            "postal_code": "990 10",
            "city": "Solberga",
            "language": "sv",
            "listed_unit_id": 1 + n % UNITS,
            "register_read_at": now,
        }


def _templates(forms: dict[str, Any], now: datetime, seed: int) -> tuple[list[int], list[int]]:
    """Tell some cases in full and lay their rows beside the tables; the numbers of open and closed ones."""
    name, residents, number = TEMPLATES
    world.SIZES.setdefault(name, (residents, number))
    made = world.foundation(name, now, seed)
    world.tell_cases(made, name, forms, now, seed=seed)
    tables = made.rows.tables
    slot = {group: n for n, group in enumerate(GROUPS)}
    of_patient = {(c["id"], c["patient_id"]) for c in tables["cases_case"]}
    case_of_response = {c["response_id"]: c["id"] for c in tables["cases_case"]}
    for case in tables["cases_case"]:
        case["group_slot"] = slot.get(case["group_name"], 1)
        case["represented"] = case["protected"] = False
    for message in tables["cases_message"]:
        message["for_patient"] = False
    beside: dict[str, list[Row]] = {
        "bench_case": tables["cases_case"],
        "bench_message": tables["cases_message"],
        "bench_event": tables["cases_event"],
        "bench_log": [e for e in tables["audit_entry"] if (e["object_id"], e["patient_id"]) in of_patient],
        "bench_response": [
            {**r, "case_id": case_of_response[r["id"]]} for r in tables["questionnaires_response"]
        ],
    }
    sources = ("cases_case", "cases_message", "cases_event", "audit_entry", "questionnaires_response")
    more = {"bench_case": "0 as group_slot", "bench_response": "0::bigint as case_id"}
    with connection.cursor() as cursor:
        for table, source in zip(beside, sources, strict=True):
            known = [c for c in beside[table][0] if f"as {c}" not in more.get(table, "")]
            columns = ", ".join(f'"{c}"' for c in known) + (f", {more[table]}" if table in more else "")
            cursor.execute(f"create temporary table {table} as select {columns} from {source} with no data")  # noqa: S608
            copy(table, beside[table])
            cursor.execute(f"create index on {table} ({'id' if table == 'bench_case' else _key(table)})")
        cursor.execute(
            "create temporary table bench_plan (case_id bigint, template bigint, unit_id bigint, patient_id bigint,"
            " shift interval)"
        )
        cursor.execute("analyze bench_case, bench_message, bench_event, bench_log, bench_response")
    open_ones = [c["id"] for c in tables["cases_case"] if c["state"] != "closed"]
    closed = [c["id"] for c in tables["cases_case"] if c["state"] == "closed"]
    return open_ones, closed


def _key(table: str) -> str:
    return "object_id" if table == "bench_log" else "case_id"


def _plans(
    rng: Random, cases: int, number_open: int, open_ones: list[int], closed: list[int], residents: int
) -> Iterator[Row]:
    """Which told case stands for each, where and for whom: oldest first, the open ones last; few units have many."""
    weights = list(accumulate(1 / (n + 8) ** 0.9 for n in range(UNITS)))
    old = cases - number_open
    for n in range(1, cases + 1):
        is_open = n > old
        weeks = 0 if is_open else int((old - n) / max(old, 1) * WEEKS) + 1
        yield {
            "case_id": n,
            "template": rng.choice(open_ones if is_open else closed),
            "unit_id": bisect(weights, rng.random() * weights[-1]) + 1,
            "patient_id": 1 + int(rng.random() * residents),
            "shift": timedelta(weeks=-weeks, seconds=-rng.randrange(540)),
        }
