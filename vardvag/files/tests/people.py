"""Who acts in these tests. Files know persons, staff and providers only by their ids."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from vardvag.core import border
from vardvag.core.actor import Actor, ResidentActor, Role, StaffActor, Subject
from vardvag.core.clock import now
from vardvag.files import actions
from vardvag.files.models import File
from vardvag.files.tests import corpus

ANNA = Subject(person_id=101, given_name="Anna", surname="Provberg", birth_date=date(1984, 2, 3))
ALVA = Subject(person_id=102, given_name="Alva", surname="Provberg", birth_date=date(2019, 5, 6))
OTTO = Subject(person_id=103, given_name="Otto", surname="Testlund", birth_date=date(1950, 1, 1))
DRAFT = UUID("6d0c2f7e-3c1c-4a53-9c6a-0b9d0f4d2a11")
PROVIDER, OTHER_PROVIDER = 7, 8


def resident(me: Subject = ANNA, patient: Subject | None = None) -> ResidentActor:
    return ResidentActor(session_id=1, me=me, patient=patient or me, may_act_for=(me,))


def staff(provider: int = PROVIDER, staff_id: int = 501) -> StaffActor:
    return StaffActor(
        session_id=2,
        staff_id=staff_id,
        hsa_id="SE2321000000-T501",
        name="Sara Prov",
        title="Sjuksköterska",
        assignment_id=1,
        unit_id=70,
        unit_name="Solberga vårdcentral",
        provider_id=provider,
        roles=frozenset({Role.HANDLER}),
    )


def as_actor(actor: Actor) -> None:
    """What the door does: the database shows this actor's rows from here on."""
    border.enter(actor)


def given(data: bytes | None = None, name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, corpus.jpeg() if data is None else data)


def uploaded(actor: ResidentActor | StaffActor, data: bytes | None = None, **changes: object) -> File:
    as_actor(actor)
    patient = actor.patient.person_id if isinstance(actor, ResidentActor) else ANNA.person_id
    what = {
        "purpose": "case",
        "patient_id": patient,
        "draft_key": DRAFT,
        "now": now(),
        "name": "IMG_0001.jpg",
    }
    return actions.upload(actor=actor, stream=given(data), **{**what, **changes})  # type: ignore[arg-type]


def on_disk() -> list[str]:
    return sorted(path.name for path in settings.FILES_FOLDER.rglob("*") if path.is_file())
