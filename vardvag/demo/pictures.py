"""Files in cases: drawn pictures go the same way as a resident's own, through the sandbox into the store."""

import io
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from vardvag.cases.models import Attachment
from vardvag.core.actor import ResidentActor, Subject
from vardvag.core.facts import Fact
from vardvag.demo import drawings
from vardvag.demo.people import Person
from vardvag.demo.plans import Plan, Row
from vardvag.files import actions as files
from vardvag.files.models import File

AT_MOST = 12
RECENT = timedelta(days=12)


class Camera:
    """Takes the pictures of the main cases and of some recent ones, before the cases are told."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._taken: list[tuple[File, ResidentActor]] = []

    def photograph(self, plan: Plan, words: str) -> UUID | None:
        """The file's public id; None where the case goes without a picture."""
        wanted = plan.name or (len(self._taken) < AT_MOST and plan.arrived > self.now - RECENT)
        if not wanted:
            return None
        rng = Random(plan.patient.id)  # noqa: S311 - a drawing
        actor = ResidentActor(0, _subject(plan.author), _subject(plan.patient))
        try:
            file = files.upload(
                actor=actor,
                stream=io.BytesIO(drawings.draw(plan.picture, rng, words)),
                name=f"{'IMG' if plan.picture != 'papper' else 'Dokument'}_{plan.arrived:%m%d}.jpg",
                purpose="case",
                patient_id=plan.patient.id,
                draft_key=uuid4(),
                now=plan.arrived,
            )
        except Fact as fact:
            print(f"A demo picture was left out: {fact.message}")
            return None
        self._taken.append((file, actor))
        return file.public_id

    def attach(self, messages: dict[UUID, Row]) -> None:
        """The cases are there now: the files become their messages'."""
        for file, actor in self._taken:
            message = messages[file.public_id]
            files.adopt(
                actor=actor,
                files=[file],
                patient_id=message["patient_id"],
                provider_id=message["provider_id"],
                now=message["at"],
            )
            Attachment.objects.create(
                message_id=message["id"],
                file=file,
                case_id=message["case_id"],
                provider_id=message["provider_id"],
                patient_id=message["patient_id"],
            )


def _subject(person: Person) -> Subject:
    return Subject(person.id, person.given_name, person.surname, person.born, person.protected)
