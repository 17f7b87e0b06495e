"""The append-only log of who saw or changed what of which patient (patientdatalagen).

No foreign keys: the log outlives what it tells of. Rows are written unsealed in the transaction of the act;
the sealer gives each care provider's rows a gap-free number and a hash over the one before.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F


class Entry(models.Model):
    """One act. `provider_id` 0: outside any care provider (login, the resident's own settings)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)  # resident | staff | client | system | anonymous
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    actor_title = models.CharField(max_length=100, default="")
    assignment_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    unit_name = models.CharField(max_length=200, default="")
    provider_id = models.BigIntegerField(default=0)
    patient_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=40)  # read | open | reply | ... : the action's own name
    object_kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True)
    details = ArrayField(models.CharField(max_length=100), default=list)  # names of fields, parts; never text
    purpose = models.CharField(max_length=60, default="")
    ground = models.CharField(max_length=60, default="")
    result = models.CharField(max_length=20, default="ok")
    request_id = models.CharField(max_length=36, default="")

    class Meta:
        indexes = [
            models.Index(fields=["patient_id", "-id"], name="audit_patient"),
            models.Index(fields=["unit_id", "-id"], name="audit_unit"),
        ]


class Seal(models.Model):
    """The chain: one row per sealed entry."""

    provider_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    entry_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField()  # 32 bytes: SHA-256(previous hash || canonical entry)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_id", "seq"], name="audit_seal_seq")]


class Floor(models.Model):
    """One row: up to where everything is sealed (audit.actions.seal)."""

    floor = models.BigIntegerField(default=0)
    marked = models.BigIntegerField(default=0)
    marked_tx = models.BigIntegerField(default=0)


class Anchor(models.Model):
    """A signed head of a chain, also kept outside the database, so that a rewritten chain shows."""

    provider_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    hash = models.BinaryField()
    at = models.DateTimeField()
    signature = models.BinaryField()  # Ed25519

    class Meta:
        indexes = [models.Index(F("provider_id"), F("seq").desc(), name="audit_anchor_head")]
