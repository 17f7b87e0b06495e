"""Whose a session is: one statement finds the session, what the staff member works as now, and sets the border.

Nothing of it is kept between requests: what has ended, been paused or locked is gone with the next request.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vardvag.core import border, compiled
from vardvag.core.actor import Role, StaffActor
from vardvag.core.personal_number import SWEDEN
from vardvag.identity import access as identity

# As access.in_force.
_WORKS = """
left join identity_staff f on f.id = s.staff_id and f.gone_at is null
left join organisation_assignment a on a.id = s.assignment_id and a.staff_id = f.id
  and a.valid_from <= %s and (a.valid_until is null or a.valid_until >= %s)
  and a.ended_at is null and a.paused_at is null
  and exists (select from organisation_unit o where o.id = a.unit_id and o.archived_at is null)
"""
# A resident's own border, or with somebody else on screen theirs alone until that is allowed.
_FIND = f"""
select s.id, s.kind, s.person_id, s.acting_for_id, s.created_at, s.seen_at,
  f.id, f.hsa_id, f.given_name, f.surname, f.title, f.language, a.id, u.id, u.public_name, u.provider_id, a.roles,
  array(select g.group_id from organisation_assignment_groups g where g.assignment_id = a.id),
  {
    border.setting(
        providers="'{' || coalesce(u.provider_id::text, '') || '}'",
        patients="'{' || case when s.acting_for_id is null then coalesce(s.person_id::text, '') else '' end || '}'",
        person="coalesce(s.person_id::text, '')",
    )
}
from identity_session s {_WORKS}
left join organisation_unit u on u.id = a.unit_id
where s.key_hash = %s and s.ended_at is null
"""  # noqa: S608 - constants

_RIGHTS = f"""
select s.id, s.kind, s.person_id is not null, s.acting_for_id, s.created_at, s.seen_at,
  a.unit_id::text || array(select unnest(a.roles) order by 1)::text || array(
    select g.group_id from organisation_assignment_groups g where g.assignment_id = a.id order by 1)::text
from identity_session s {_WORKS}
where s.id = any (%s) and s.ended_at is null and (s.staff_id is null or f.id is not null)
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Standing:
    """What an open session stands on, without the residents' families."""

    is_resident: bool
    acting_for_id: int | None
    rights: str | None  # where, as what and in which groups a staff member works now


def standing(session_ids: Collection[int], *, now: datetime) -> dict[int, Standing]:
    """Of those that are open, in one statement: the pages that are open all ask this every few seconds."""
    today = now.astimezone(SWEDEN).date()
    return {
        session: Standing(resident, acting_for, rights)
        for session, kind, resident, acting_for, created, seen, rights in compiled.fetch(
            _RIGHTS, [today, today, list(session_ids)]
        )
        if identity.is_awake(kind, created=created, seen=seen, now=now)
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A living session: a resident's (`person_id`), or a staff member's, `at_work` if they have an assignment now."""

    session_id: int
    person_id: int | None
    acting_for_id: int | None
    seen_at: datetime
    at_work: StaffActor | None


def of_key(key: str, *, now: datetime) -> Shown | None:
    """None for a key that is nobody's, and the border is left. Call inside a transaction."""
    found = None
    if 20 <= len(key) <= 100:
        today = now.astimezone(SWEDEN).date()
        found = next(iter(compiled.fetch(_FIND, [today, today, identity.key_hash(key)])), None)
    if found is None or not identity.is_awake(found[1], created=found[4], seen=found[5], now=now):
        border.leave()
        return None
    session, _kind, person, acting_for, _created, seen = found[:6]
    return Shown(
        session, person, acting_for, seen, None if found[12] is None else _at_work(session, found[6:18])
    )


def _at_work(session: int, found: tuple[Any, ...]) -> StaffActor:
    staff, hsa_id, given, surname, title, language, assignment, unit, unit_name, provider, roles, groups = (
        found
    )
    return StaffActor(
        session_id=session, staff_id=staff, hsa_id=hsa_id, name=f"{given} {surname}", title=title,
        assignment_id=assignment, unit_id=unit, unit_name=unit_name, provider_id=provider,
        roles=frozenset(Role(role) for role in roles), group_ids=frozenset(groups), language=language,
    )  # fmt: skip
