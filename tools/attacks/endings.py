"""The ways in which somebody's right to a page ends (G26), each as it happens: by the pages where there are pages, by
the import's own command, by the clock and the register in the database."""

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tools.attacks.stage import Browser, Failed, Stage, hashed
from vardvag.demo import cast, drawings


@dataclass
class Held:
    """A session that is about to end: the browser, whose it is, and what it opens."""

    browser: Browser
    side: str  # resident | staff
    who: str
    case: str
    key: str = ""  # the cookie's value before the end

    def __post_init__(self) -> None:
        self.key = self.browser.key


@dataclass
class Ending:
    """`hold` opens so many sessions; `end` ends what they open. `whole`: the session is dead, else only what it opened
    (a child's pages, a role's) is. `undo` puts the world back."""

    name: str
    hold: Callable[[Stage, int], list[Held]]
    end: Callable[[Stage, list[Held]], None]
    whole: bool = True
    undo: Callable[[Stage], None] = field(default=lambda s: None)


def case_of(s: Stage, number: str) -> str:
    """The person's newest case, one with a file if there is one."""
    row = s.db.execute(
        "select c.public_id from cases_case c join identity_person p on p.id = c.patient_id"
        " left join cases_attachment a on a.case_id = c.id where p.personal_number = %s"
        " order by a.id is null, c.id desc limit 1", [number],
    ).fetchone()  # fmt: skip
    if row is None:
        raise Failed(f"{number} has no case")
    return str(row[0])


def pictures(s: Stage) -> None:
    """A file in every case that is held; the small world's cases have none."""
    for who, child in ((cast.ANNA, None), (cast.ANNA, cast.NILS), (cast.GRETA, None)):
        case = case_of(s, (child or who).number)
        there = s.db.execute("select 1 from cases_attachment a join cases_case c on c.id = a.case_id"
                             " where c.public_id = %s", [case]).fetchone()  # fmt: skip
        if there is not None:
            continue
        fields = {"body": "Så här ser det ut.", "key": str(uuid4())}
        drawn = ("bild.jpg", drawings.draw("eksem", random.Random(0)))
        answer = opened(s, who, child, "same").upload(f"/arenden/{case}/skriv/", fields, "files", drawn)
        if answer.status_code != 303:
            raise Failed(f"a picture was answered {answer.status_code}")


def opened(s: Stage, who: cast.Resident, child: cast.Resident | None, mode: str) -> Browser:
    browser = s.in_by_bankid(who.number, mode)
    if child is not None:
        browser.post("/byt-person/", {"person": str(person_id(s, child))})
    return browser


def residents(
    who: cast.Resident, *, child: cast.Resident | None = None
) -> Callable[[Stage, int], list[Held]]:
    def hold(s: Stage, number: int) -> list[Held]:
        case = case_of(s, (child or who).number)
        browsers = [opened(s, who, child, s.rng.choice(("same", "qr"))) for _ in range(number)]
        return [Held(browser, "resident", who.number, case) for browser in browsers]

    return hold


def staff(*whose: cast.Employee) -> Callable[[Stage, int], list[Held]]:
    def hold(s: Stage, number: int) -> list[Held]:
        case = case_of(s, cast.ANNA.number)
        people = [whose[n % len(whose)] for n in range(number)]
        return [Held(s.in_as_staff(one.hsa_id), "staff", one.hsa_id, case) for one in people]

    return hold


def at_the_first_unit(s: Stage, number: int) -> list[Held]:
    """Somebody with assignments at two units, where the case is."""
    case, found = case_of(s, cast.ANNA.number), []
    for _ in range(number):
        browser = s.in_as_staff(cast.EVA.hsa_id)
        browser.post("/personal/uppdrag/", {"uppdrag": str(assignments(s, cast.EVA.hsa_id)[0])})
        found.append(Held(browser, "staff", cast.EVA.hsa_id, case))
    return found


def assignments(s: Stage, hsa_id: str) -> list[int]:
    """Those not ended, the first unit's first."""
    rows = s.db.execute(
        "select a.id from organisation_assignment a join identity_staff p on p.id = a.staff_id where p.hsa_id = %s"
        " and a.ended_at is null order by a.unit_id", [hsa_id],
    ).fetchall()  # fmt: skip
    if not rows:
        raise Failed(f"{hsa_id} has no assignment")
    return [int(row[0]) for row in rows]


def person_id(s: Stage, who: cast.Resident) -> int:
    row = s.db.execute("select id from identity_person where personal_number = %s", [who.number]).fetchone()
    assert row is not None
    return int(row[0])


# -- by the person


def log_out(s: Stage, held: list[Held]) -> None:
    for one in held:
        one.browser.post("/logga-ut/")


def log_out_everywhere(s: Stage, held: list[Held]) -> None:
    """From another browser of theirs."""
    for who in {one.who: one for one in held}.values():
        other = s.in_by_bankid(who.who) if who.side == "resident" else s.in_as_staff(who.who)
        other.post("/inloggningar/")


def log_out_one_by_one(s: Stage, held: list[Held]) -> None:
    """Each from the list in another browser."""
    other = s.in_by_bankid(held[0].who)
    for one in held:
        other.post("/inloggningar/", {"session": str(session_of(s, one))})


def log_in_again(s: Stage, held: list[Held]) -> None:
    """In the same browser: what it held before is over."""
    for one in held:
        s.in_by_bankid(one.who, "same", one.browser)


def change_assignment(s: Stage, held: list[Held]) -> None:
    """In the same browser: at the other unit, with another key."""
    for one in held:
        one.browser.post("/personal/uppdrag/", {"uppdrag": str(assignments(s, one.who)[-1])})
        if one.browser.key == one.key:
            raise Failed("the assignment was not changed")


# -- by the clock


def committed(s: Stage, one: Held) -> float:
    """When what ended it was committed, as PostgreSQL noted, in seconds since 1970: of the session's own row if that
    was ended, else the last change to what it stands on."""
    row = s.db.execute(
        "select extract(epoch from case when s.ended_at is not null then pg_xact_commit_timestamp(s.xmin) else"
        " greatest(pg_xact_commit_timestamp(s.xmin), pg_xact_commit_timestamp(f.xmin),"
        " pg_xact_commit_timestamp(a.xmin), pg_xact_commit_timestamp(p.xmin), pg_xact_commit_timestamp(c.xmin),"
        " pg_xact_commit_timestamp(g.xmin)) end) from identity_session s"
        " left join identity_staff f on f.id = s.staff_id"
        " left join organisation_assignment a on a.id = s.assignment_id"
        " left join identity_person p on p.id = s.person_id"
        " left join identity_person c on c.id = s.acting_for_id"
        " left join identity_guardianship g on g.guardian_id = s.person_id and g.child_id = s.acting_for_id"
        " where s.key_hash = %s", [hashed(one.key)],
    ).fetchone()  # fmt: skip
    if row is None or row[0] is None:
        raise Failed("nothing was committed")
    return float(row[0])


def session_of(s: Stage, one: Held) -> int:
    row = s.db.execute("select id from identity_session where key_hash = %s", [hashed(one.key)]).fetchone()
    assert row is not None
    return int(row[0])


def idle(s: Stage, held: list[Held]) -> None:
    ids = [session_of(s, one) for one in held]
    s.db.execute(
        "update identity_session set seen_at = now() - interval '61 minutes' where id = any(%s)", [ids]
    )


def absolute(s: Stage, held: list[Held]) -> None:
    ids = [session_of(s, one) for one in held]
    s.db.execute(
        "update identity_session set created_at = now() - interval '13 hours' where id = any(%s)", [ids]
    )


# -- by others


def by_the_administrator(how: str, fields: dict[str, Any]) -> Callable[[Stage, list[Held]], None]:
    """On the pages of staff, by the unit's permission administrator."""

    def end(s: Stage, held: list[Held]) -> None:
        boss = s.in_as_staff(cast.LENA.hsa_id)
        for who in {one.who for one in held}:
            (assignment,) = assignments(s, who)
            answer = boss.post(f"/personal/bemanning/{assignment}/{how}", {**fields, "reason": "slutar"})
            if answer.status_code != 302:
                raise Failed(f"the administrator's {how or 'roles'} answered {answer.status_code}")
        boss.post("/logga-ut/")

    return end


def as_they_were(s: Stage) -> None:
    """Whoever the administrator ended, paused or gave another role has it back; all of them see the unit's cases."""
    for one in (cast.AMIR, cast.KARIN, cast.JONAS, cast.EVA):
        roles = sorted({role.value for role in one.assignments[0][1]} | {"receiver"})
        s.db.execute(
            "update organisation_assignment set ended_at = null, paused_at = null, valid_until = null, roles = %s"
            " where staff_id = (select id from identity_staff where hsa_id = %s)", [roles, one.hsa_id],
        )  # fmt: skip


LEAVERS = "SE2321009999-X{:03d}"


def hired(s: Stage, number: int) -> list[Held]:
    """People whom an import has brought, so that the next may take them away."""
    row = s.db.execute(
        "select u.hsa_id from organisation_unit u join organisation_assignment a on a.unit_id = u.id"
        " join identity_staff p on p.id = a.staff_id where p.hsa_id = %s", [cast.SARA.hsa_id],
    ).fetchone()  # fmt: skip
    assert row is not None
    people = [LEAVERS.format(n) for n in range(number)]
    lines = [f"{one};Test;Person{n};Sjuksköterska;{row[0]};receiver" for n, one in enumerate(people)]
    import_staff(s, [*lines, stays(row[0])])
    s.db.execute("update identity_staff set gone_at = null where hsa_id = any(%s)", [people])
    s.db.execute("update organisation_assignment set ended_at = null where staff_id in (select id from identity_staff"
                 " where hsa_id = any(%s))", [people])  # fmt: skip
    case = case_of(s, cast.ANNA.number)
    return [Held(s.in_as_staff(one), "staff", one, case) for one in people]


def stays(unit: str) -> str:
    return f"{LEAVERS.format(999)};Test;Stannar;Sjuksköterska;{unit};handler"


def gone_in_the_import(s: Stage, held: list[Held]) -> None:
    row = s.db.execute(
        "select u.hsa_id from organisation_unit u join organisation_assignment a on a.unit_id = u.id"
        " join identity_staff p on p.id = a.staff_id where p.hsa_id = %s", [cast.SARA.hsa_id],
    ).fetchone()  # fmt: skip
    assert row is not None
    import_staff(s, [stays(row[0])])


def import_staff(s: Stage, lines: list[str]) -> None:
    head = "HSA-id;Förnamn;Efternamn;Titel;Enhetens HSA-id;Roller"
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        Path(file.name).write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        done = s.product.command("import-staff", file.name, "--apply", "--allow-gone")
    if done.returncode:
        raise Failed(f"the import failed: {(done.stdout + done.stderr)[-300:]}")


# -- by the register


def custody(s: Stage, held: list[Held]) -> None:
    s.db.execute("update identity_guardianship set until = current_date where guardian_id = %s and child_id = %s",
                 [person_id(s, cast.ANNA), person_id(s, cast.NILS)])  # fmt: skip


def custody_back(s: Stage) -> None:
    s.db.execute("update identity_guardianship set until = null where guardian_id = %s and child_id = %s",
                 [person_id(s, cast.ANNA), person_id(s, cast.NILS)])  # fmt: skip


def thirteen(s: Stage, held: list[Held]) -> None:
    s.db.execute("update identity_person set birth_date = current_date - interval '13 years 1 day' where id = %s",
                 [person_id(s, cast.NILS)])  # fmt: skip


def eight(s: Stage) -> None:
    s.db.execute(
        "update identity_person set birth_date = %s where id = %s", [cast.NILS.born, person_id(s, cast.NILS)]
    )


def death(s: Stage, held: list[Held]) -> None:
    s.db.execute(
        "update identity_person set deceased_on = current_date where personal_number = %s", [held[0].who]
    )


def alive(s: Stage) -> None:
    s.db.execute(
        "update identity_person set deceased_on = null where personal_number = %s", [cast.GRETA.number]
    )


_THEIRS = (cast.AMIR, cast.KARIN, cast.JONAS)
_NO_CASES = {"roles": "config_admin"}
ENDINGS = [
    Ending("resident logs out", residents(cast.ANNA), log_out),
    Ending("resident logs out everywhere", residents(cast.ANNA), log_out_everywhere),
    Ending("resident logs out one from the list", residents(cast.ANNA), log_out_one_by_one),
    Ending("resident logs in again", residents(cast.ANNA), log_in_again),
    Ending("resident is idle", residents(cast.ANNA), idle),
    Ending("resident has been in for long", residents(cast.ANNA), absolute),
    Ending("custody is gone", residents(cast.ANNA, child=cast.NILS), custody, False, custody_back),
    Ending("child turns 13", residents(cast.ANNA, child=cast.NILS), thirteen, False, eight),
    Ending("resident is dead", residents(cast.GRETA), death, True, alive),
    Ending("staff log out", staff(cast.SARA), log_out),
    Ending("staff log out everywhere", staff(cast.SARA), log_out_everywhere),
    Ending("staff are idle", staff(cast.SARA), idle),
    Ending("staff have been in for long", staff(cast.SARA), absolute),
    Ending("staff change assignment", at_the_first_unit, change_assignment),
    Ending("assignment is ended", staff(*_THEIRS), by_the_administrator("avsluta/", {}), True, as_they_were),
    Ending("assignment is locked", staff(*_THEIRS), by_the_administrator("pausa/", {}), True, as_they_were),
    Ending("role is removed", staff(*_THEIRS), by_the_administrator("", _NO_CASES), False, as_they_were),
    Ending("staff are gone in the import", hired, gone_in_the_import),
]  # fmt: skip
