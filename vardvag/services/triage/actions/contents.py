"""What can happen to a protocol: proposed, approved by two others, taken into use, taken out again."""

from datetime import datetime

from django.db import transaction

from vardvag.audit.actions import record
from vardvag.core.actor import StaffActor
from vardvag.organisation.queries import forget
from vardvag.services.triage.engine.place import BadContent
from vardvag.services.triage.models import Approval, ProtocolVersion
from vardvag.services.triage.rules import (
    APPROVALS,
    BadProtocol,
    GoldenFails,
    NotEnoughApprovals,
    NotNow,
    OtherInUse,
    OwnProposal,
    SameRules,
)
from vardvag.services.triage.trying import Tried, tried

State = ProtocolVersion.State


@transaction.atomic
def propose(*, actor: StaffActor, protocol_id: str, content: str, why: str, now: datetime) -> ProtocolVersion:
    """A version for others to approve; the same content again is the same version. Raises BadProtocol, GoldenFails,
    SameRules."""
    found = _checked(protocol_id, content)
    version, new = ProtocolVersion.objects.get_or_create(
        protocol_id=protocol_id,
        sha256=found.sha256,
        defaults={
            "version": found.version,
            "content": content,
            "why": why[:1000],
            "proposed_by_id": actor.staff_id,
            "proposed_name": actor.name,
            "proposed_at": now,
        },
    )
    if version.content != content:
        raise SameRules(version.version)
    if new:
        _log(actor, "propose_protocol", version, now)
    return version


def _checked(protocol_id: str, content: str) -> Tried:
    try:
        found = tried(protocol_id, content)
    except BadContent as problem:
        raise BadProtocol([str(one) for one in problem.problems]) from None
    if found.failed:
        raise GoldenFails(found.failed)
    return found


@transaction.atomic
def approve(*, actor: StaffActor, version: ProtocolVersion, now: datetime) -> Approval:
    """By name and date, once a person. Raises OwnProposal."""
    if version.proposed_by_id == actor.staff_id:
        raise OwnProposal()
    made, new = Approval.objects.get_or_create(
        version=version,
        staff_id=actor.staff_id,
        defaults={"staff_name": actor.name, "title": actor.title, "at": now},
    )
    if new:
        _log(actor, "approve_protocol", version, now)
    return made


@transaction.atomic
def activate(
    *, actor: StaffActor, version: ProtocolVersion, now: datetime, seen: int | None = None
) -> ProtocolVersion:
    """In place of the one in use; also an earlier one, which is how one rolls back. `seen`: which one the page compared
    it with, 0 for the shipped. Raises NotEnoughApprovals, BadProtocol, GoldenFails, OtherInUse."""
    version, used = _locked(version)
    if version == used:
        return version  # the same form once more
    if seen is not None and seen != (used.pk if used else 0):
        raise OtherInUse()
    if version.approvals.count() < APPROVALS:
        raise NotEnoughApprovals()
    _checked(version.protocol_id, version.content)
    if used:
        used.state, used.retired_at = State.RETIRED, now
        used.save(update_fields=["state", "retired_at"])
    version.state, version.activated_at, version.retired_at = State.ACTIVE, now, None
    version.save(update_fields=["state", "activated_at", "retired_at"])
    forget()
    _log(actor, "activate_protocol", version, now)
    return version


@transaction.atomic
def retire(*, actor: StaffActor, version: ProtocolVersion, now: datetime) -> ProtocolVersion:
    """Out of use: the shipped protocol is used again. Raises NotNow."""
    version, used = _locked(version)
    if version != used:
        raise NotNow()
    version.state, version.retired_at = State.RETIRED, now
    version.save(update_fields=["state", "retired_at"])
    forget()
    _log(actor, "retire_protocol", version, now)
    return version


def _locked(version: ProtocolVersion) -> tuple[ProtocolVersion, ProtocolVersion | None]:
    """As they stand now, this one and the one in use: whoever changes which is used takes turns."""
    rows = ProtocolVersion.objects.select_for_update(of=("self",)).filter(protocol_id=version.protocol_id)
    found = {one.pk: one for one in rows.order_by("pk")}
    return found[version.pk], next((one for one in found.values() if one.state == State.ACTIVE), None)


def _log(actor: StaffActor, verb: str, version: ProtocolVersion, now: datetime) -> None:
    record(
        actor=actor, verb=verb, kind="protocol", object_id=version.pk, at=now, details=[version.protocol_id]
    )
