"""Forms and their versions, what residents are filling in, and what they have answered."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from vardvag.identity.models import Person
from vardvag.organisation.models import Provider, Unit


class Questionnaire(models.Model):
    """A form through its versions."""

    key = models.SlugField(max_length=60, unique=True)
    url = models.CharField(max_length=200, unique=True)  # FHIR's canonical address
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class QuestionnaireVersion(models.Model):
    """FHIR R4 Questionnaire as it was published. A trigger keeps a published one from ever changing."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)  # of the canonical JSON
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="questionnaire_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} v{self.number}"


class DraftQuerySet(models.QuerySet["Draft"]):
    def open(self) -> Self:
        return self.filter(sent_at=None, discarded_at=None)

    def abandoned(self, since: datetime) -> Self:
        """Open, and not touched since."""
        return self.open().filter(saved_at__lt=since)


class Draft(models.Model):
    """A form under way: kept after every answer, found again on another device. Seen by its author only.

    `subject` is what it is for, on a higher floor: kind "case_type", its id, and the version begun on.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    subject_version_id = models.BigIntegerField()
    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=2, default="sv")

    answers = models.JSONField(default=dict)  # link id -> what was typed
    marks = models.JSONField(default=dict)  # link id -> {"revision", "at", "device"} of the latest save
    kept = models.JSONField(
        default=dict
    )  # link id -> {"value", "at", "device"}: another device's answer, offered
    page = models.CharField(max_length=64, blank=True)  # link id the page begins with
    revision = models.PositiveIntegerField(default=0)
    device = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "patient", "unit", "subject_kind", "subject_id"],
                condition=Q(sent_at=None, discarded_at=None),
                name="one_open_draft",
            )
        ]
        indexes = [
            models.Index(fields=["saved_at"], condition=Q(sent_at=None), name="questionnaire_draft_age")
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Response(models.Model):
    """What was answered, as sent. Append-only."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, null=True, related_name="response")
    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField()  # link id -> answer, of the questions that applied
    fhir = models.JSONField()  # QuestionnaireResponse
    language = models.CharField(max_length=2, default="sv")  # the form was shown in
    authored_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.public_id)
