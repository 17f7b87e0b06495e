"""One change of a case: the columns, the history row, the log row and the news, all or nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from vardvag.audit.actions import record
from vardvag.cases.models import Case, Event, Message
from vardvag.cases.rules import Verb
from vardvag.core import compiled
from vardvag.core.actor import ResidentActor, StaffActor, SystemActor
from vardvag.core.live import tell

Anyone = ResidentActor | StaffActor | SystemActor
TRACKED = (
    "state", "owner_id", "owner_name", "group_id", "group_name", "urgency", "due_at", "amber_at",
    "promised_at", "begun_at", "first_reply_at", "final_reply_at", "closed_at", "closed_how", "waiting_since",
    "unread_by_staff", "unit_id", "answerable",
)  # fmt: skip
TIMES = {"due_at", "amber_at", "promised_at", "begun_at", "first_reply_at", "final_reply_at", "closed_at",
         "waiting_since"}  # fmt: skip
# What staff do that the resident must not notice: internal, or a reply still held.
UNSEEN = {"note", "urgency", "flagged", "unread", Verb.REPLY, Verb.PARTIAL, Verb.ASK}


def snapshot(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in TRACKED}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def restore(case: Case, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(case, name, datetime.fromisoformat(value) if name in TIMES and value else value)


def commit(
    *,
    actor: Anyone,
    case: Case,
    before: dict[str, Any],
    verb: str,
    now: datetime,
    reason: str = "",
    message: Message | None = None,
    batch: UUID | None = None,
    new: bool = False,
) -> Event:
    """Write what differs from `before`, count the version up, keep history and log, tell open pages. `new`: the row
    has just been written."""
    after = snapshot(case)
    differs = {k for k in TRACKED if before[k] != after[k]}
    if not new:
        case.version += 1
        compiled.update(case, [*differs, "version", "last_seq", "staff_seen_seq", "late_told"])
    mine = isinstance(actor, ResidentActor)
    event = Event(
        case=case,
        provider_id=case.provider_id,
        patient_id=case.patient_id if mine else None,
        at=now,
        actor_kind=_kind(actor),
        actor_id=_id(actor),
        actor_name=_name(actor),
        verb=verb,
        reason=reason[:300],
        before={k: _plain(before[k]) for k in differs},
        after={k: _plain(after[k]) for k in differs},
        message=message,
        version=case.version,
        batch=batch,
    )
    compiled.insert(event)
    record(
        actor=actor,
        verb=verb,
        kind="case",
        at=now,
        object_id=case.pk,
        patient_id=case.patient_id,
        provider_id=case.provider_id,
        unit_id=case.unit_id,
        details=sorted(differs),
    )
    news(case, verb, by=event.actor_name if isinstance(actor, StaffActor) else "")
    if before["unit_id"] != case.unit_id:
        tell(f"unit:{before['unit_id']}", "case", id=str(case.public_id), verb=verb)
    return event


def news(case: Case, verb: str, *, by: str = "") -> None:
    """A hint to open pages; they fetch what they may see. The case's topic is the resident's, too: no staff
    member's name there, and nothing of what is internal or held."""
    tell(f"unit:{case.unit_id}", "case", id=str(case.public_id), verb=verb, by=by, seq=case.last_seq)
    if verb not in UNSEEN:
        said = verb if verb == "seen" else "changed"
        tell(f"case:{case.public_id}", "case", id=str(case.public_id), verb=said)


def _kind(actor: Anyone) -> str:
    return {ResidentActor: "resident", StaffActor: "staff"}.get(type(actor), "system")


def _id(actor: Anyone) -> int | None:
    if isinstance(actor, StaffActor):
        return actor.staff_id
    return actor.me.person_id if isinstance(actor, ResidentActor) else None


def _name(actor: Anyone) -> str:
    if isinstance(actor, StaffActor):
        return actor.name
    return actor.me.name if isinstance(actor, ResidentActor) else actor.job
