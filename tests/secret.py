"""One row of everything that belongs to somebody, told with words that must never reach a stranger.

`plant()` takes a child's case in the tests' world (patient Elsa, written by her mother Anna, lying with the nurse
Sara at unit 1) and gives the addresses that take an object; `invented()` gives the same addresses to nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.cluster import as_system
from vardvag.cases.models import Attachment, Case, Event, Message, Note
from vardvag.cases.models import Draft as Writing
from vardvag.catalogue.models import StandardText
from vardvag.core import clock
from vardvag.core.actor import Role
from vardvag.demo import cast, main_cases
from vardvag.files.models import File
from vardvag.identity.models import Person, Staff
from vardvag.inbox.models import Delivery, InboxItem
from vardvag.organisation.models import Assignment, Group, ImportRun, Unit
from vardvag.questionnaires.models import Draft
from vardvag.services.triage.models import Interview

WORD = "Hemlighetsord"  # stands in every text of the case
FILE = "hemlig-bild.png"
ELSA = main_cases.CASES[1]
# What stands in these addresses is nobody's: names of services, units, ways and kinds, one's own login.
NOBODYS = {
    "cases/resident/services", "cases/resident/about", "cases/resident/begin", "cases/resident/leave",
    "organisation/public/unit", "organisation/manage/hours", "identity/public/back", "identity/public/eid_back",
    "inbox/public/receipt",
    "triage/resident/begin", "triage/staff/protocol", "triage/staff/simulate", "triage/staff/propose",
    "triage/staff/version", "triage/staff/approve", "triage/staff/activate", "triage/staff/retire",
    "inbox/resident/address", "inbox/resident/code", "inbox/resident/forget",
    "inbox/staff/address", "inbox/staff/code", "inbox/staff/forget",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    name: str
    door: str
    captures: tuple[str, ...]


def addresses(resolver: Any = None) -> Iterator[Address]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry)
        elif isinstance(entry, URLPattern):
            door = getattr(entry.callback, "door", "")
            yield Address(str(entry.name), door, tuple(entry.pattern.converters))


def kind(address: Address) -> str:
    """Which planted object an address takes; KeyError for an address this list does not know."""
    part, side, page = address.name.split("/")
    match part, address.captures:
        case "cases", ("batch",):
            return "batch"
        case "catalogue", ("text_id",):
            return "text"
        case "cases", ("public_id",):
            return "case"
        case "cases", ("public_id", "file_id"):
            return "case file"
        case "cases", ("draft_id",) | ("draft_id", "page_id"):
            return "draft"
        case "files", ("public_id",):
            return f"{side}'s file"
        case "triage", ("interview_id",):
            return "interview"
        case "triage", ("public_id",):
            return "case"
        case "inbox", ("public_id",):
            return "delivery" if page == "again" else "item"
        case "organisation", ("assignment_id",):
            return "assignment"
        case "organisation", ("group_id",):
            return "group"
        case "organisation", ("run_id",):
            return "run"
    raise KeyError(f"{address.name}: say in tests/secret.py whose it is, or that it is nobody's")


@dataclass(frozen=True)
class Planted:
    rows: dict[str, Any]
    words: tuple[str, ...]  # never shown to a stranger
    number: str  # the patient's
    page_id: str

    def path(self, address: Address) -> str:
        found = kind(address)
        row = self.rows[found.removesuffix(" file") if found == "case file" else found]
        by_number = found in ("assignment", "group", "run", "text")
        values: list[Any] = [row.pk if by_number else row.batch if found == "batch" else row.public_id]
        if found == "case file":
            values.append(self.rows["sent file"].public_id)
        if "page_id" in address.captures:
            values.append(self.page_id)
        return reverse(address.name, args=values)

    def state(self) -> dict[str, Any]:
        """Everything a stranger might have changed."""
        with as_system():
            found = {
                name: type(row).objects.filter(pk=row.pk).values().first() for name, row in self.rows.items()
            }
            case = self.rows["case"]
            return found | {
                "messages": list(Message.objects.filter(case=case).order_by("pk").values()),
                "notes": Note.objects.filter(case=case).count(),
                "events": Event.objects.filter(case=case).count(),
                "writing": Writing.objects.filter(case=case).count(),
            }


def invented(address: Address) -> str:
    """The same address to what does not exist."""
    one: Any = 98765432 if kind(address) in ("assignment", "group", "run", "text") else uuid4()
    more: dict[str, list[Any]] = {"file_id": [uuid4()], "page_id": ["q1"]}
    return reverse(address.name, args=[one, *(x for c in address.captures for x in more.get(c, []))])


def neutral(text: str, *paths: str) -> str:
    """Without what differs between any two answers."""
    for path in paths:
        text = text.replace(path, "PATH")
        for part in re.findall(r"[0-9a-f-]{36}|\d{4,}", path):
            text = text.replace(part, "ID")
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    text = re.sub(r'data-csrf="[^"]+"|nonce="[^"]+"', "", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)


def _file(**values: Any) -> File:
    now = clock.now()
    return File.objects.create(
        **{
            "purpose": "case", "name": FILE, "kind": "image", "content_type": "image/png", "size": 1, "width": 1,
            "height": 1, "sha256": "0" * 64, "original_sha256": "0" * 64, "stored_as": uuid4().hex,
            "wrapped_key": "x", "state": "clean", "created_at": now, "kept_at": now, **values,
        }
    )  # fmt: skip


def plant() -> Planted:
    with as_system():
        return _plant()


def _plant() -> Planted:
    now = clock.now()
    case = Case.objects.get(public_id=ELSA.public_id)
    anna = Person.objects.get(personal_number=cast.ANNA.number)
    sara = Staff.objects.get(hsa_id=cast.SARA.hsa_id)
    Case.objects.filter(pk=case.pk).update(
        title=f"{WORD} typ",
        excerpt=f"{WORD} utdrag",
        group=None,
        group_name="",
        owner=sara,
        owner_name=sara.name,
    )
    Message.objects.filter(case=case).update(body=f"{WORD} text")
    Note.objects.create(
        case=case, provider_id=case.provider_id, staff=sara, staff_name=sara.name, body=f"{WORD} not", at=now,
        key=uuid4(),
    )  # fmt: skip
    whose = {"patient_id": case.patient_id}
    sent = _file(
        **whose,
        provider_id=case.provider_id,
        uploaded_by_kind="resident",
        uploaded_by_id=anna.pk,
        sent_at=now,
    )
    Attachment.objects.create(
        message=case.messages.order_by("seq")[0], file=sent, case=case, provider_id=case.provider_id,
        patient_id=case.patient_id, position=9,
    )  # fmt: skip
    draft, page_id = _draft(case, anna)
    item = InboxItem.objects.create(
        key=uuid4().hex, patient_id=case.patient_id, person=anna, provider_id=case.provider_id,
        unit_id=case.unit_id, kind=InboxItem.objects.all()[0].kind, about=WORD, link="cases/resident/case",
        object_id=case.public_id, at=now,
    )  # fmt: skip
    delivery = Delivery.objects.create(
        key=uuid4().hex, channel="sms", address="+46701740699", kind="reply", language="sv", text=WORD, person=anna,
        patient_id=case.patient_id, provider_id=case.provider_id, unit_id=case.unit_id, object_id=case.public_id,
        state="failed", next_at=now, give_up_at=now, made_at=now,
    )  # fmt: skip
    unit = Unit.objects.get(pk=case.unit_id)
    rows = {
        "case": Case.objects.get(pk=case.pk),
        "sent file": sent,
        "draft": draft,
        "resident's file": _file(
            **whose, uploaded_by_kind="resident", uploaded_by_id=anna.pk, draft_key=draft.public_id
        ),
        "staff's file": _file(
            **whose, provider_id=case.provider_id, uploaded_by_kind="staff", uploaded_by_id=sara.pk,
            draft_key=uuid4(),
        ),
        "interview": _interview(case, anna),
        "item": item,
        "delivery": delivery,
        "batch": Event.objects.create(
            case=case, provider_id=case.provider_id, at=now, actor_kind="staff", actor_id=sara.pk,
            actor_name=sara.name, verb="close_without_reply", version=case.version, batch=uuid4(),
        ),
        "text": StandardText.objects.create(
            staff=sara, code="hemlig", kind="phrase", title=f"{WORD} fras", body=f"{WORD} fras", changed_at=now
        ),
        "assignment": Assignment.objects.filter(unit=unit, staff=sara).get(),
        "group": Group.objects.create(unit=unit, name=f"{WORD} grupp"),
        "run": ImportRun.objects.create(
            kind="units", source="csv", at=now, by=WORD, file_name=f"{WORD}.csv", errors=[]
        ),
    }  # fmt: skip
    # Strangers of every role: what they lack is the place, not the right.
    place_bound = [r.value for r in Role if r not in (Role.SYSTEM_COORDINATOR, Role.REGIONAL_ADMIN)]
    for who in (cast.MIKAEL, cast.FATIMA):
        Assignment.objects.filter(staff__hsa_id=who.hsa_id).update(roles=place_bound)
    return Planted(rows, (WORD, FILE, case.number, str(case.public_id)), cast.ELSA.number, page_id)


def _interview(case: Case, author: Person) -> Interview:
    now = clock.now()
    return Interview.objects.create(
        author=author, patient_id=case.patient_id, unit_id=case.unit_id, type_version=case.type_version,
        words=f"{WORD} besvär", reasons=["halsont"], state={"answers": {}, "put": [], "apart": []}, represented=True,
        consents={"medication": {"given": True, "wording": WORD, "at": now.isoformat()}},
        case=case, provider_id=case.provider_id, sent_at=now, began_at=now, changed_at=now,
    )  # fmt: skip


def _draft(case: Case, author: Person) -> tuple[Draft, str]:
    version, now = case.type_version, clock.now()
    form = version.questionnaire
    assert form is not None
    Draft.objects.filter(author=author, patient_id=case.patient_id).delete()
    draft = Draft.objects.create(
        author=author, patient_id=case.patient_id, unit_id=case.unit_id, subject_kind="case_type",
        subject_id=version.case_type_id, subject_version_id=version.pk,
        version=form, answers={}, started_at=now, saved_at=now,
    )  # fmt: skip
    return draft, str(form.content["item"][0]["linkId"])
