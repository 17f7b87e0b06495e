"""What residents and staff are told, how they want to hear it, and the outbox that carries it out of the
house."""

import uuid
from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from vardvag.identity.models import Person, Staff
from vardvag.organisation.models import Provider, Unit


class Channel(models.TextChoices):
    SMS = "sms"
    MAIL = "mail"


class Matter(models.TextChoices):
    """What a resident chooses channels for."""

    ANSWERS = "answers"  # something new to read or answer
    REMINDERS = "reminders"  # something is still waiting


class ItemKind(models.TextChoices):
    """What an inbox item may be about. Its words stand in notices.py; none says anything of the content."""

    RECEIVED = "received"  # a case about the patient has arrived at the unit (told to another guardian)
    REPLY = "reply"
    PARTIAL = "partial"  # an answer, more to come
    QUESTION = "question"  # the unit waits for the resident
    PROMISE = "promise"  # a new promised date
    MOVED = "moved"  # another unit has it now
    CLOSED = "closed"
    REOPENED = "reopened"
    OUTGOING = "outgoing"  # the unit writes first
    REMINDER = "reminder"


class StaffKind(models.TextChoices):
    NEW = "new"  # a case has arrived at the unit
    ASSIGNED = "assigned"  # to the person or one of their groups
    MESSAGE = "message"  # the resident has written in a case of theirs
    OVERDUE = "overdue"


class Reached(models.TextChoices):
    """How staff reached somebody who had not opened what was sent."""

    PHONE = "phone"
    LETTER = "letter"


class InboxItem(models.Model):
    """One thing for one reader about one patient. Also the intent to tell: the worker makes the
    deliveries."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    key = models.CharField(max_length=200)  # of the act that told it: the same act tells once
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="inbox", db_index=False
    )  # reads it
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ItemKind)
    about = models.CharField(max_length=120, blank=True)  # name of the case type; shown behind login only
    link = models.CharField(max_length=80)  # name of the page (URL name) that takes `object_id`
    object_id = models.UUIDField()  # public id of the case
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)  # not opened in time, so staff called or wrote
    reached_how = models.CharField(max_length=6, choices=Reached, blank=True)
    told_at = models.DateTimeField(null=True)  # deliveries are made, or none was wanted

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "person"], name="inbox_item_once")]
        indexes = [
            models.Index(fields=["person", "patient", "-id"], name="inbox_item_reader"),
            models.Index(fields=["at"], condition=Q(told_at=None), name="inbox_item_untold"),
            models.Index(
                fields=["unit", "at"], condition=Q(read_at=None, reached_at=None), name="inbox_item_unopened"
            ),
        ]


class ContactSettings(models.Model):
    """How a resident wants to hear of news. An address counts when it is verified."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="contact")
    email = models.CharField(max_length=254, blank=True)
    email_verified_at = models.DateTimeField(null=True)
    email_bad_at = models.DateTimeField(null=True)  # bounced: not used until verified again
    mobile = models.CharField(max_length=16, blank=True)  # E.164
    mobile_verified_at = models.DateTimeField(null=True)
    mobile_bad_at = models.DateTimeField(null=True)
    sms_for = ArrayField(models.CharField(max_length=10, choices=Matter), default=list, blank=True)
    mail_for = ArrayField(models.CharField(max_length=10, choices=Matter), default=list, blank=True)
    quiet_from = models.TimeField(default=time(21))  # local time; no SMS in between; equal times: never quiet
    quiet_until = models.TimeField(default=time(8))
    language = models.CharField(max_length=2, default="sv")
    name_unit = models.BooleanField(default=False)  # notices may name the unit
    when_protected = models.BooleanField(default=False)  # notices although identity is protected
    told_of_logins = models.BooleanField(default=True, db_default=True)  # of those proven elsewhere
    version = models.PositiveIntegerField(default=1)


class StaffNoticeSettings(models.Model):
    """How a staff member wants to hear of cases. Addresses are their own, verified like a resident's."""

    staff = models.OneToOneField(
        Staff, on_delete=models.CASCADE, primary_key=True, related_name="notice_settings"
    )
    email = models.CharField(max_length=254, blank=True)
    email_verified_at = models.DateTimeField(null=True)
    email_bad_at = models.DateTimeField(null=True)
    mobile = models.CharField(max_length=16, blank=True)
    mobile_verified_at = models.DateTimeField(null=True)
    mobile_bad_at = models.DateTimeField(null=True)
    sms_for = ArrayField(models.CharField(max_length=10, choices=StaffKind), default=list, blank=True)
    mail_for = ArrayField(models.CharField(max_length=10, choices=StaffKind), default=list, blank=True)
    digest_minutes = models.PositiveSmallIntegerField(default=15)  # at most one notice in this time
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="digest_5_to_240_minutes", condition=Q(digest_minutes__gte=5, digest_minutes__lte=240)
            )
        ]


class VerificationCode(models.Model):
    """Six digits sent to an address, to prove that it is read. One open code per holder and channel."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, related_name="+")
    provider_id = models.BigIntegerField(null=True)  # of the staff member's unit (border)
    channel = models.CharField(max_length=4, choices=Channel)
    address = models.CharField(max_length=254)
    salt = models.BinaryField()
    code_hash = models.BinaryField()
    made_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    guess_hash = models.BinaryField(
        default=b"", db_default=b""
    )  # the last guess; the same again is not counted
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="code_has_one_holder",
                condition=Q(person__isnull=False, staff__isnull=True)
                | Q(person__isnull=True, staff__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="code_person"),
            models.Index(fields=["staff", "-id"], name="code_staff"),
        ]


class StaffNotice(models.Model):
    """Something staff should hear of. The worker finds out who, by role, group and their own settings."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=10, choices=StaffKind)
    provider_id = models.BigIntegerField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    patient_id = models.BigIntegerField(
        null=True
    )  # of the case, so that the border lets a resident's act write it
    object_id = models.UUIDField()  # public id of the case
    urgency = models.PositiveSmallIntegerField(null=True)
    staff_id = models.BigIntegerField(null=True)  # to one person; else to a group; else to the receivers
    group_id = models.BigIntegerField(null=True)
    by_staff_id = models.BigIntegerField(null=True)  # who did it is not told
    at = models.DateTimeField()
    spread_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], condition=Q(spread_at=None), name="staff_notice_unspread")]


class DigestLine(models.Model):
    """One notice for one staff member, waiting to be told together with others."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    notice = models.ForeignKey(StaffNotice, on_delete=models.CASCADE, related_name="lines")
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "notice"], name="digest_line_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(told_at=None), name="digest_line_waiting")]


class Delivery(models.Model):
    """The outbox: one message to one address by one channel. `key` is unique: nothing goes out twice."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"  # committed before the provider is called
        SENT = "sent"  # the provider has taken it
        DELIVERED = "delivered"  # a receipt says it arrived
        FAILED = "failed"  # refused for good
        UNKNOWN = "unknown"  # may or may not have gone out; never sent again by itself
        DEAD = "dead"  # too old, surely not sent
        DROPPED = "dropped"  # no longer wanted: read already, or notices switched off

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    key = models.CharField(max_length=240, unique=True)
    channel = models.CharField(max_length=4, choices=Channel)
    address = models.CharField(max_length=254, blank=True)  # blanked after 30 days
    kind = models.CharField(max_length=12)  # ItemKind, "digest", "login" or "code"
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()  # a code is taken out once sent
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    patient_id = models.BigIntegerField(null=True)
    provider_id = models.BigIntegerField(null=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    object_id = models.UUIDField(null=True)  # public id of the case
    item = models.ForeignKey(InboxItem, on_delete=models.PROTECT, null=True, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempt_id = models.UUIDField(null=True)  # of the attempt under way: only that one may settle it
    attempt_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    provider_ref = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - unique when set
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    receipt_at = models.DateTimeField(null=True)
    again_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="again"
    )  # sent again by a person; one follower each

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="queued"), name="delivery_queued"),
            models.Index(
                fields=["attempt_at"], condition=Q(state__in=["sending", "unknown"]), name="delivery_open"
            ),
            models.Index(
                fields=["unit", "-id"],
                condition=Q(state__in=["failed", "unknown", "dead"]),
                name="delivery_trouble",
            ),
            models.Index(fields=["channel", "sent_at"], name="delivery_sent"),
            models.Index(fields=["person", "object_id"], name="delivery_case"),
        ]
        verbose_name_plural = "deliveries"


class ChannelHealth(models.Model):
    """The circuit breaker of a channel: after five failures in a row nobody calls until `open_until`."""

    channel = models.CharField(max_length=4, choices=Channel, primary_key=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    down_since = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_ok_at = models.DateTimeField(null=True)
