"""What the cases part hangs up in the house when it loads: live topics, and what happens when staff leave."""

from uuid import UUID

from procrastinate.contrib.django import app

from vardvag.audit.queries import titles_from
from vardvag.cases import actions, queries
from vardvag.cases.models import Attachment, Case
from vardvag.cases.rules import WORKS_WITH_CASES, may_see
from vardvag.core.actor import Actor, ResidentActor, StaffActor
from vardvag.core.live import tell, topics
from vardvag.files.actions import on_withdrawn
from vardvag.identity.actions import on_person_changed
from vardvag.inbox import queries as inbox
from vardvag.organisation.actions import on_assignment_gone, on_group_gone, open_work


def may_follow_unit(actor: Actor, rest: str) -> bool:
    """Staff who work with cases, the unit they work for."""
    return isinstance(actor, StaffActor) and actor.has(*WORKS_WITH_CASES) and rest == str(actor.unit_id)


def may_follow_case(actor: Actor, rest: str) -> bool:
    """Whoever may open the case's page now."""
    try:
        public_id = UUID(rest)
    except ValueError:
        return False
    if isinstance(actor, StaffActor):
        case = Case.objects.filter(public_id=public_id, unit_id=actor.unit_id).first()
        return case is not None and may_see(
            actor=actor, unit_id=case.unit_id, owner_id=case.owner_id, group_id=case.group_id
        )
    if isinstance(actor, ResidentActor):
        return Case.objects.filter(public_id=public_id, patient_id=actor.patient.person_id).exists()
    return False


def _person_changed(person_id: int) -> None:
    """Cases carry the patient's name and protection; the worker puts them right, whoever noticed the change."""
    app.configure_task("cases.person_changed").defer(person_id=person_id)
    # Once more for the case that was being sent at that moment with what had been: no request lives so long.
    app.configure_task("cases.person_changed", schedule_in={"seconds": 20}).defer(person_id=person_id)


def _file_withdrawn(file_id: int) -> None:
    """Open pages of the case show at once, on both sides, that the file is gone and what to do."""
    for one in Attachment.objects.select_related("case").filter(file_id=file_id):
        tell(f"case:{one.case.public_id}", "case", id=str(one.case.public_id), verb="withdraw_file")


def connect() -> None:
    topics.register("unit", may_follow_unit, by_actor_alone=True)
    topics.register("case", may_follow_case, presence=True)
    on_assignment_gone.append(actions.owner_gone)
    on_group_gone.append(actions.group_gone)
    open_work.append(queries.open_at)
    titles_from("case", queries.titles)
    inbox.titles_from("cases/resident/case", queries.public_titles)
    on_person_changed.append(_person_changed)
    on_withdrawn.append(_file_withdrawn)
