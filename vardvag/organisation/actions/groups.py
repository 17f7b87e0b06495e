"""Groups of a unit."""

from datetime import datetime

from django.db import IntegrityError, transaction

from vardvag.audit.actions import record
from vardvag.core.actor import StaffActor, SystemActor
from vardvag.organisation.actions.registry import on_group_gone
from vardvag.organisation.models import Group
from vardvag.organisation.queries import forget
from vardvag.organisation.staffing_rules import NameTaken, ReceiversStay


@transaction.atomic
def add_group(*, actor: StaffActor, unit_id: int, name: str, now: datetime) -> Group:
    """A removed group of that name comes back, empty."""
    old = Group.objects.filter(unit_id=unit_id, name=name).exclude(archived_at=None).first()
    if old is not None:
        old.archived_at = None
        old.save(update_fields=["archived_at"])
        group = old
    else:
        group = _named(Group(unit_id=unit_id), name)
    _log(actor, group, "add_group", now)
    return group


@transaction.atomic
def rename_group(*, actor: StaffActor, group: Group, name: str, now: datetime) -> Group:
    group = _named(group, name)
    _log(actor, group, "rename_group", now)
    return group


@transaction.atomic
def remove_group(*, actor: StaffActor | SystemActor, group: Group, now: datetime) -> None:
    """Its cases lie with the receivers from now on; closed cases keep its name."""
    if group.receivers:
        raise ReceiversStay
    group.archived_at = now
    group.save(update_fields=["archived_at"])
    group.assignments.clear()
    for tell in on_group_gone:
        tell(
            actor=SystemActor("organisation.remove_group"), unit_id=group.unit_id, group_id=group.pk, now=now
        )
    _log(actor, group, "remove_group", now)


def _named(group: Group, name: str) -> Group:
    group.name = name.strip()
    try:
        with transaction.atomic():
            # Only the name: one removed meanwhile does not come back.
            group.save(update_fields=["name"] if group.pk else None)
    except IntegrityError as taken:
        raise NameTaken from taken
    return group


def _log(actor: StaffActor | SystemActor, group: Group, verb: str, now: datetime) -> None:
    record(actor=actor, verb=verb, kind="group", object_id=group.pk, purpose="administration", at=now)
    forget()
