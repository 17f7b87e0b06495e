"""The ways in which somebody's right to a page ends (G26), each as it happens: by the pages where there are pages, by
the import's own command, by the clock and the register in the database."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.attacks.stage import Browser, Failed, Stage, hashed
from vardvag.demo import cast


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


def residents(
    who: cast.Resident, *, child: cast.Resident | None = None
) -> Callable[[Stage, int], list[Held]]:
    def hold(s: Stage, number: int) -> list[Held]:
        case, found = case_of(s, (child or who).number), []
        for _ in range(number):
            browser = s.in_by_bankid(who.number, s.rng.choice(("same", "qr")))
            if child is not None:
                browser.post("/byt-person/", {"person": str(person_id(s, child))})
            found.append(Held(browser, "resident", who.number, case))
        return found

    return hold


def staff(*whose: cast.Employee) -> Callable[[Stage, int], list[Held]]:
    def hold(s: Stage, number: int) -> list[Held]:
        case = case_of(s, cast.ANNA.number)
        people = [whose[n % len(whose)] for n in range(number)]
        return [Held(s.in_as_staff(one.hsa_id), "staff", one.hsa_id, case) for one in people]

    return hold


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
    for one in held:
        row = s.db.execute(
            "select a.id from organisation_assignment a join identity_staff p on p.id = a.staff_id where p.hsa_id = %s"
            " and a.ended_at is null order by a.id desc limit 1", [one.who],
        ).fetchone()  # fmt: skip
        assert row is not None
        one.browser.post("/personal/uppdrag/", {"uppdrag": str(row[0])})


# -- by the clock


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
            row = s.db.execute(
                "select a.id from organisation_assignment a join identity_staff p on p.id = a.staff_id"
                " where p.hsa_id = %s and a.ended_at is null order by a.id limit 1", [who],
            ).fetchone()  # fmt: skip
            assert row is not None
            answer = boss.post(f"/personal/bemanning/{row[0]}/{how}", {**fields, "reason": "slutar"})
            if answer.status_code != 302:
                raise Failed(f"the administrator's {how or 'roles'} answered {answer.status_code}")
        boss.post("/logga-ut/")

    return end


def as_they_were(s: Stage) -> None:
    """Whoever the administrator ended, paused or gave another role has it back; all of them see the unit's cases."""
    for one in (cast.AMIR, cast.KARIN, cast.JONAS):
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
    Ending("assignment is ended", staff(*_THEIRS), by_the_administrator("avsluta/", {}), True, as_they_were),
    Ending("assignment is locked", staff(*_THEIRS), by_the_administrator("pausa/", {}), True, as_they_were),
    Ending("role is removed", staff(*_THEIRS), by_the_administrator("", _NO_CASES), False, as_they_were),
    Ending("staff are gone in the import", hired, gone_in_the_import),
]  # fmt: skip
