"""The Case and what belongs to it. The queue reads Case columns only: one table, one query."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from vardvag.catalogue.models import CaseTypeVersion
from vardvag.files.models import File
from vardvag.identity.models import Person, Staff
from vardvag.organisation.models import Group, Provider, Unit
from vardvag.questionnaires.models import Response


class State(models.TextChoices):
    """Current state; history is in Event. The table of moves is rules.MOVES."""

    NEW = "new"  # lies with the receivers
    DISTRIBUTED = "distributed"  # has an owner or group, nobody has begun
    BEGUN = "begun"
    WAITING = "waiting"  # for the resident
    ANSWERED = "answered"  # final reply given, not yet closed
    CLOSED = "closed"


class ClosedHow(models.TextChoices):
    ANSWERED = "answered"
    PHONE = "phone"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    WRONG_UNIT = "wrong_unit"
    OTHER = "other"


class Case(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    number = models.CharField(max_length=12, unique=True)  # for people on the phone: 26-004217
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    # No index of its own where another begins with the same column, here and below: each costs a page of WAL a case.
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases", db_index=False)
    author_id = models.BigIntegerField()  # identity.Person: the patient or who acted for them
    author_name = models.CharField(max_length=200)
    # Who wrote for the patient has protected identity by now: others read `writer`, never the name.
    author_protected = models.BooleanField(default=False, db_default=False)
    type_version = models.ForeignKey(CaseTypeVersion, on_delete=models.PROTECT, related_name="+")
    type_key = models.CharField(max_length=60)  # copied for queue filters
    response = models.OneToOneField(Response, on_delete=models.PROTECT, null=True, related_name="case")
    draft_id = models.UUIDField(unique=True)  # the draft it was sent from: sending twice gives one case

    title = models.CharField(max_length=120)  # the case type's name for staff
    patient_name = models.CharField(max_length=200)
    patient_number = models.CharField(max_length=12)
    patient_born = models.DateField()
    protected = models.BooleanField(default=False)
    represented = models.BooleanField(default=False)
    excerpt = models.CharField(max_length=200, blank=True)  # the patient's own words
    language = models.CharField(max_length=2, default="sv")

    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    live = models.BooleanField(default=False)  # a chat, not letters
    urgency = models.PositiveSmallIntegerField(null=True)  # 1 most urgent .. 5
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    owner_name = models.CharField(max_length=200, blank=True)
    group_name = models.CharField(max_length=100, blank=True)

    arrived_at = models.DateTimeField()
    waiting_since = models.DateTimeField()  # since whose turn it is: the resident's last word, or ours
    due_at = models.DateTimeField(null=True)  # null while nobody owes an answer
    amber_at = models.DateTimeField(null=True)  # four working hours before due_at
    promised_at = models.DateTimeField()  # what the resident was told
    late_told = models.BooleanField(default=False)  # staff have been told that due_at has passed
    begun_at = models.DateTimeField(null=True)
    first_reply_at = models.DateTimeField(null=True)
    final_reply_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_how = models.CharField(max_length=12, choices=ClosedHow, blank=True)

    answerable = models.BooleanField(default=True)
    last_seq = models.PositiveIntegerField(default=0)  # of the thread's messages
    staff_seen_seq = models.PositiveIntegerField(default=0)
    resident_seen_seq = models.PositiveIntegerField(default=0)
    resident_seen_at = models.DateTimeField(null=True)
    unread_by_staff = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_open_case_has_an_owner_or_a_group",
                condition=Q(state=State.CLOSED) | Q(owner__isnull=False) | Q(group__isnull=False),
                violation_error_message="Ett öppet ärende måste ha en ansvarig eller en grupp.",
            ),
            models.CheckConstraint(
                name="a_closed_case_says_when_and_how",
                condition=Q(state=State.CLOSED, closed_at__isnull=False) & ~Q(closed_how="")
                | ~Q(state=State.CLOSED) & Q(closed_at__isnull=True, closed_how=""),
            ),
            models.CheckConstraint(
                name="urgency_1_to_5", condition=Q(urgency=None) | Q(urgency__gte=1, urgency__lte=5)
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "urgency", "due_at", "id"],
                condition=~Q(state=State.CLOSED),
                name="case_queue",
            ),
            models.Index(fields=["owner", "unit"], condition=~Q(state=State.CLOSED), name="case_owner"),
            models.Index(
                fields=["due_at"], condition=Q(late_told=False) & ~Q(state=State.CLOSED), name="case_due"
            ),
            models.Index(fields=["unit", "-closed_at"], condition=Q(state=State.CLOSED), name="case_closed"),
            # A resident's open cases, their last closed ones, what they sent to a unit: only those wanted are read.
            models.Index(fields=["patient"], condition=~Q(state=State.CLOSED), name="case_patient_open"),
            models.Index(
                fields=["patient", "-closed_at"], condition=Q(state=State.CLOSED), name="case_patient_closed"
            ),
            models.Index(fields=["patient", "unit", "arrived_at"], name="case_patient_unit"),
            models.Index(fields=["unit", "arrived_at"], name="case_arrived"),
            models.Index(fields=["unit", "patient_number"], name="case_patient_number"),
            models.Index(
                fields=["unit", "urgency", "-begun_at"],
                include=["arrived_at"],
                condition=Q(urgency__isnull=False, begun_at__isnull=False),
                name="case_begun",
            ),
        ]

    @property
    def writer(self) -> str:
        """Whoever sent it, as others may name them."""
        return _("Vårdnadshavare (skyddad)") if self.author_protected else self.author_name


class Message(models.Model):
    """One message of the thread, both sides. `seq` is taken under the case's row lock: no overtaking."""

    class Author(models.TextChoices):
        RESIDENT = "resident"
        STAFF = "staff"

    class Kind(models.TextChoices):
        INTAKE = "intake"  # what the case was opened with
        MESSAGE = "message"  # the resident's later words
        REPLY = "reply"
        PARTIAL = "partial"
        QUESTION = "question"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages", db_index=False)
    provider_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    patient_id = models.BigIntegerField()
    seq = models.PositiveIntegerField()
    author_kind = models.CharField(max_length=8, choices=Author)
    author_id = models.BigIntegerField()  # identity.Person or identity.Staff
    author_name = models.CharField(max_length=200)
    author_title = models.CharField(max_length=100, blank=True)
    author_protected = models.BooleanField(default=False, db_default=False)  # as in Case
    for_patient = models.BooleanField(default=False)  # written by a representative
    kind = models.CharField(max_length=8, choices=Kind)
    body = models.TextField()
    promised_at = models.DateTimeField(null=True)  # a partial reply may promise a new date
    at = models.DateTimeField()
    released_at = models.DateTimeField()  # a reply is held ten seconds; before that only staff see it
    read_at = models.DateTimeField(null=True)  # by the other side
    key = models.UUIDField()  # from the form: sending twice gives one message

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="message_seq"),
            models.UniqueConstraint(fields=["case", "key"], name="message_once"),
        ]

    @property
    def writer(self) -> str:
        return _("Vårdnadshavare (skyddad)") if self.author_protected else self.author_name


class HeldReply(models.Model):
    """A reply that its reader has not been told of: in its ten seconds, or the worker has yet to come."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="+")
    provider_id = models.BigIntegerField()
    released_at = models.DateTimeField(db_index=True)


class Attachment(models.Model):
    """A file in a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.OneToOneField(File, on_delete=models.PROTECT, related_name="attachment")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    provider_id = models.BigIntegerField()
    patient_id = models.BigIntegerField()
    position = models.PositiveSmallIntegerField(default=0)


class Note(models.Model):
    """Internal note: staff only, also in the database (the border opens it to no patient)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes", db_index=False)
    provider_id = models.BigIntegerField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    staff_name = models.CharField(max_length=200)
    staff_title = models.CharField(max_length=100, blank=True)
    body = models.TextField()
    at = models.DateTimeField()
    key = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="note_once")]


class Event(models.Model):
    """History of everything done; `before` holds the columns an undo puts back."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events", db_index=False)
    provider_id = models.BigIntegerField()
    patient_id = models.BigIntegerField(
        null=True
    )  # only for the resident's own acts (the border opens those)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)  # resident | staff | system
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    verb = models.CharField(max_length=20)
    reason = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField()  # the case's version after it
    undone_at = models.DateTimeField(null=True)
    undone_key = models.UUIDField(null=True)  # of the reply that was undone
    batch = models.UUIDField(null=True)  # many at once

    class Meta:
        indexes = [
            models.Index(fields=["case", "-id"], name="event_case"),
            models.Index(fields=["provider_id", "-at"], condition=Q(batch__isnull=False), name="event_batch"),
        ]


class Draft(models.Model):
    """What somebody is writing in a case. Belongs to (case, person), never to a page."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    provider_id = models.BigIntegerField()
    author_kind = models.CharField(max_length=8, choices=Message.Author)
    author_id = models.BigIntegerField()
    form = models.CharField(max_length=8)  # reply | note | message
    body = models.TextField(blank=True)
    other_body = models.TextField(blank=True)  # the version another device had, kept and offered
    revision = models.PositiveIntegerField(default=0)
    device = models.CharField(max_length=40, blank=True)
    sheet = models.CharField(
        max_length=40, default="", db_default=""
    )  # the page that saved it (core/saving.py),
    nth = models.PositiveIntegerField(default=0, db_default=0)  # and as its which
    key = models.UUIDField(default=uuid.uuid4)  # files uploaded to it, and the message it becomes
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "author_kind", "author_id", "form"], name="one_draft")
        ]


class Rating(models.Model):
    """The resident's view of a closed case."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="rating")
    provider_id = models.BigIntegerField()
    patient_id = models.BigIntegerField()
    score = models.PositiveSmallIntegerField()  # 1..5
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="rating_1_to_5", condition=Q(score__gte=1, score__lte=5))]


class PersonalNumberLookup(models.Model):
    """Staff who searched by personal number: counted for the limit, reviewed by the log officer."""

    staff_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["staff_id", "-at"], name="lookup_staff")]


class ProtectedOpening(models.Model):
    """Why a staff member opened a protected person's case; asked once per case and login, reviewed by the
    manager. Says nothing of the person."""

    class Why(models.TextChoices):
        ANSWER = "answer"
        ASSESS = "assess"
        CONTACT = "contact"  # the person has rung or come here
        COLLEAGUE = "colleague"
        OTHER = "other"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    provider_id = models.BigIntegerField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    staff_name = models.CharField(max_length=200)
    session_id = models.BigIntegerField()
    why = models.CharField(max_length=10, choices=Why)
    words = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session_id", "case"], name="protected_opened_once_a_login")
        ]
        indexes = [models.Index(fields=["unit", "-id"], name="protected_opening_unit")]
