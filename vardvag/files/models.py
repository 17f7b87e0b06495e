"""Files that residents and staff attach: what is known of them. The bytes lie encrypted on disk."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext


class FileQuerySet(models.QuerySet["File"]):
    def there(self) -> Self:
        """Not removed."""
        return self.filter(deleted_at=None)

    def unsent(self) -> Self:
        return self.there().filter(sent_at=None)

    def of_draft(self, draft_key: uuid.UUID) -> Self:
        return self.unsent().filter(draft_key=draft_key).order_by("id")

    def uploaded_by(self, kind: str, person: int) -> Self:
        return self.filter(uploaded_by_kind=kind, uploaded_by_id=person)

    def waiting_for_scan(self) -> Self:
        return self.there().filter(state=File.State.UNSCANNABLE)

    def abandoned(self, *, loose_since: datetime, draft_since: datetime) -> Self:
        """Never sent: without a draft kept since the first time, with a draft since the second."""
        return self.unsent().filter(
            Q(draft_key=None, kept_at__lt=loose_since) | Q(draft_key__isnull=False, kept_at__lt=draft_since)
        )


class File(models.Model):
    """One picture or PDF, rebuilt by us. Ids, no foreign keys: persons and providers live above."""

    class State(models.TextChoices):
        CLEAN = "clean"
        UNSCANNABLE = (
            "unscannable"  # the scanner did not answer; asked again each minute, the original is kept
        )
        INFECTED = "infected"  # its key is destroyed, the row says why it is gone

    class Kind(models.TextChoices):
        IMAGE = "image"
        PDF = "pdf"

    class Uploader(models.TextChoices):
        RESIDENT = "resident"
        STAFF = "staff"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    patient_id = models.BigIntegerField()  # identity.Person: whose matter it is
    provider_id = models.BigIntegerField(null=True)  # organisation.Provider: null until a draft is sent
    uploaded_by_kind = models.CharField(max_length=8, choices=Uploader)
    uploaded_by_id = models.BigIntegerField()  # identity.Person or identity.Staff
    draft_key = models.UUIDField(null=True)  # the draft it belongs to; null once sent
    purpose = models.CharField(max_length=40)  # what it was uploaded for: case, reply, ...

    name = models.CharField(max_length=120)  # cleaned; its ending follows what the file is
    kind = models.CharField(max_length=8, choices=Kind)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()  # bytes as served
    width = models.PositiveIntegerField()  # pixels; of a PDF its first page's preview
    height = models.PositiveIntegerField()
    pages = models.PositiveIntegerField(default=1)
    sha256 = models.CharField(max_length=64)  # of what is served
    original_sha256 = models.CharField(max_length=64)  # of what came in, which is not kept
    stored_as = models.CharField(max_length=32, unique=True)  # random; tells nothing of the row
    wrapped_key = models.CharField(max_length=160)  # the file's own key under a master key; empty: destroyed

    state = models.CharField(max_length=12, choices=State)
    intimate = models.BooleanField(
        default=False
    )  # no thumbnail, a narrower circle, each view logged by itself
    scan_tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    kept_at = models.DateTimeField()  # last sign that its draft is alive
    sent_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = FileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_sent_file_has_left_its_draft",
                condition=Q(sent_at=None) | Q(draft_key=None, provider_id__isnull=False),
                violation_error_message="En skickad fil hör inte längre till ett utkast.",
            ),
            models.CheckConstraint(
                name="a_gone_file_has_no_key",
                condition=Q(deleted_at=None) & ~Q(state="infected") | Q(wrapped_key=""),
                violation_error_message="En borttagen fil får inte gå att öppna.",
            ),
        ]
        indexes = [
            models.Index(fields=["draft_key"], condition=Q(draft_key__isnull=False), name="file_draft"),
            models.Index(fields=["state"], condition=~Q(state="clean"), name="file_waiting"),
            models.Index(fields=["kept_at"], condition=Q(sent_at=None), name="file_unsent"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="file_deleted"),
            models.Index(fields=["patient_id"], name="file_patient"),
        ]

    @property
    def opens(self) -> bool:
        """The picture we made of it may be looked at."""
        return self.state != self.State.INFECTED and self.deleted_at is None

    @property
    def scanned(self) -> bool:
        """It may be saved on somebody's device."""
        return self.state == self.State.CLEAN

    @property
    def why_shut(self) -> str:
        """For people, when it does not open."""
        return gettext(
            "filen innehöll skadlig kod och är borttagen. Den som skickade den behöver skicka en ny."
        )

    @property
    def is_image(self) -> bool:
        return self.kind == self.Kind.IMAGE


class Incoming(models.Model):
    """A file that arrives piece by piece. Who sends the same bytes to the same draft goes on where it stopped,
    also after a new login. The pieces lie sealed on disk, each with its own key, and are never served."""

    uploader_kind = models.CharField(max_length=8, choices=File.Uploader)
    uploader_id = models.BigIntegerField()
    patient_id = models.BigIntegerField()
    provider_id = models.BigIntegerField(null=True)  # of a staff member
    draft_key = models.UUIDField()
    sha256 = models.CharField(max_length=64)  # of the whole, as the sender says; looked at when it is here
    size = models.PositiveIntegerField()  # bytes of the whole
    arrived = models.PositiveIntegerField(default=0)  # bytes here: where the next piece begins
    pieces = models.JSONField(default=list)  # [name on disk, wrapped key], in order
    attempt_id = models.BigIntegerField()  # Attempt that reserves its bytes of the hour
    at = models.DateTimeField()  # the last piece

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["uploader_kind", "uploader_id", "patient_id", "draft_key", "sha256"],
                name="incoming_once",
            ),
            models.CheckConstraint(
                name="no_more_arrives_than_was_said",
                condition=Q(arrived__lte=models.F("size")),
                violation_error_message="Fler byte kom än filen har.",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="incoming_at")]


class Attempt(models.Model):
    """An upload as it was tried, for the hourly limit and to count refusals. Says nothing of a patient."""

    uploader_kind = models.CharField(max_length=8, choices=File.Uploader)
    uploader_id = models.BigIntegerField()
    at = models.DateTimeField()
    size = models.PositiveIntegerField()  # bytes read; more where opening them took long
    reason = models.CharField(max_length=40, blank=True)  # why it was refused; empty: taken

    class Meta:
        indexes = [models.Index(fields=["uploader_kind", "uploader_id", "at"], name="attempt_uploader")]
