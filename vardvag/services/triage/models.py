"""Interviews, reports of wrong triage, and versions of protocols that staff have made."""

import uuid

from django.db import models
from django.db.models import Q

from vardvag.cases.models import Case
from vardvag.catalogue.models import CaseTypeVersion
from vardvag.identity.models import Person, Staff
from vardvag.organisation.models import Unit


class Interview(models.Model):
    """A resident's words and answers: a draft until it is sent, then what stands behind a case.

    `state`: answers by concept, what was put, screens taken apart (engine State as JSON).
    `result`: as it was when the interview ended, texts included: later content changes nothing.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    provider_id = models.BigIntegerField(null=True)  # set when it is sent: then its staff may read it
    type_version = models.ForeignKey(CaseTypeVersion, on_delete=models.PROTECT, related_name="+")
    case = models.OneToOneField(Case, on_delete=models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=2, default="sv")
    represented = models.BooleanField(default=False)

    consents = models.JSONField(default=dict)  # kind -> {"given", "wording", "at", "withdrawn_at"}
    words = models.TextField(blank=True)
    sheet = models.CharField(max_length=40, default="", db_default="")  # the page that the words came from
    nth = models.PositiveIntegerField(default=0, db_default=0)  # (core/saving.py), and as its which
    facts = models.JSONField(default=list)  # [{"concept", "value", "words"}]: understood from the words
    flags = models.JSONField(default=list)  # [{"id", "urgency", "because": {sv, en}, "words"}]
    suggested = models.JSONField(default=list)  # ids of reasons, best first
    reasons = models.JSONField(default=list)  # ids chosen
    calmed = models.BooleanField(default=False)  # "that is not so": the questions go on in spite of the flags
    state = models.JSONField(default=dict)
    typed = models.JSONField(
        null=True
    )  # question -> {"text", "sheet", "nth", "revision"}: what stands in its field
    result = models.JSONField(null=True)

    revision = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # without a case: the advice was followed, or it was removed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "patient", "unit"],
                condition=Q(sent_at=None, ended_at=None),
                name="one_open_interview",
            )
        ]
        indexes = [
            models.Index(
                fields=["changed_at"], condition=Q(sent_at=None, ended_at=None), name="interview_age"
            ),
            models.Index(fields=["patient", "-sent_at"], name="interview_patient"),
        ]

    @property
    def is_open(self) -> bool:
        return self.sent_at is None and self.ended_at is None


class WrongTriage(models.Model):
    """Staff say that the urgency or the reason was wrong; the whole path is kept with it."""

    class How(models.TextChoices):
        TOO_LOW = "too_low"
        TOO_HIGH = "too_high"
        REASON = "reason"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    provider_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    staff_name = models.CharField(max_length=200)
    how = models.CharField(max_length=10, choices=How)
    comment = models.CharField(max_length=1000, blank=True)
    path = models.JSONField()  # reasons, answers in order, result, content hashes; no name or number
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "staff", "how"], name="wrong_triage_once")]


class ProtocolVersion(models.Model):
    """A protocol as staff have proposed it. Two others approve; then it can be made active. Never changed."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACTIVE = "active"
        RETIRED = "retired"

    protocol_id = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    content = models.TextField()  # YAML as in content/protocols
    why = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    proposed_name = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    review_by = models.DateField(null=True)
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol_id", "sha256"], name="protocol_version_once"),
            models.UniqueConstraint(
                fields=["protocol_id"], condition=Q(state="active"), name="one_active_protocol"
            ),
        ]


class Approval(models.Model):
    """One clinician's yes to a version, by name and date."""

    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="approvals")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    staff_name = models.CharField(max_length=200)
    title = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "staff"], name="approval_once")]
