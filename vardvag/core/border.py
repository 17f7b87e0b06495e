"""The border in the database: tells PostgreSQL's row-level security who the transaction works for.

Settings live to the end of the transaction (`set_config(..., is_local => true)`), so a pooled connection
never carries them on. Without them every table with patient data gives no rows.
Policies and the two login roles are in core/sql/border.sql.
"""

from collections.abc import Iterable

from django.db import connection

from vardvag.core import compiled
from vardvag.core.actor import Actor, Anonymous, ClientActor, ResidentActor, StaffActor, SystemActor


def setting(*, providers: str, patients: str, person: str, proven: str = "'{}'") -> str:
    """The columns of a select that set the border, from SQL expressions (texts; the first two are arrays written
    out). For the door, which asks whose a session is and sets their border in one statement."""
    return (
        f"set_config('vardvag.providers', {providers}, true), set_config('vardvag.patients', {patients}, true),"
        f" set_config('vardvag.person', {person}, true), set_config('vardvag.proven', {proven}, true)"
    )


_SET = "select " + setting(providers="%s", patients="%s", person="%s", proven="%s")


def _set(
    providers: Iterable[int], patients: Iterable[int], person: int | None, numbers: Iterable[str] = ()
) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("The border is set inside a transaction only.")
    given = (
        ",".join(map(str, providers)),
        ",".join(map(str, patients)),
        str(person or ""),
        ",".join(numbers),
    )
    compiled.fetch(_SET, [f"{{{given[0]}}}", f"{{{given[1]}}}", given[2], f"{{{given[3]}}}"])


def enter(actor: Actor) -> None:
    """Let this transaction see what the actor may come near; the part's own access rules narrow it further."""
    match actor:
        case ResidentActor():
            _set((), (actor.patient.person_id,), actor.me.person_id)
        case StaffActor() | ClientActor():
            _set((actor.provider_id,), (), None)
        case SystemActor() | Anonymous():
            leave()


def enter_proven(*numbers: str) -> None:
    """Login only: see the person whose personal number an e-ID has just proven, and, once the register has
    named them, the children. Twelve digits or letters each."""
    if not all(n.isalnum() for n in numbers):
        raise ValueError("not a personal number")
    _set((), (), None, numbers)


def enter_person(person_id: int) -> None:
    """The door only: see the person a session belongs to and the children they are guardian of."""
    _set((), (), person_id)


def leave() -> None:
    _set((), (), None)
