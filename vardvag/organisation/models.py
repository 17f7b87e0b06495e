"""Region -> care provider -> unit -> group; who works where; when it is open."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from vardvag.core.actor import Role
from vardvag.identity.models import Staff


class Region(models.Model):
    """The one region of an installation."""

    name = models.CharField(max_length=100)
    service_name = models.CharField(max_length=100)  # what residents call the service
    support_phone = models.CharField(max_length=30, blank=True)
    support_hours = models.CharField(max_length=100, blank=True)
    answer_working_days = models.PositiveSmallIntegerField(default=2)
    complaint_working_days = models.PositiveSmallIntegerField(default=1)
    guardian_until_age = models.PositiveSmallIntegerField(default=13)
    unread_reply_days = models.PositiveSmallIntegerField(default=5)

    class Meta:
        constraints = [models.CheckConstraint(name="one_region", condition=models.Q(id=1))]


class Provider(models.Model):
    """Vårdgivare: the legal border for patient data."""

    class Kind(models.TextChoices):
        REGION = "region"
        PRIVATE = "private"
        MUNICIPALITY = "municipality"

    hsa_id = models.CharField(max_length=31, unique=True)
    name = models.CharField(max_length=200)
    organisation_number = models.CharField(max_length=12, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A unit as the HSA catalogue knows it. Local settings stand in UnitSettings, out of imports' reach."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="units")
    mother = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="branches"
    )
    hsa_id = models.CharField(max_length=31, unique=True)
    name = models.CharField(max_length=200)  # in the catalogue
    public_name = models.CharField(max_length=200)  # shown to residents
    slug = models.SlugField(max_length=120, unique=True)
    kind_of_care = models.CharField(max_length=60)  # Hälsocentral, Specialistmottagning, ...
    specialities = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    municipality = models.CharField(max_length=60, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    directions = models.TextField(blank=True)
    source = models.CharField(max_length=20, default="hsa")  # hsa | csv | demo
    fetched_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    practice = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["provider"], name="unit_provider")]

    def __str__(self) -> str:
        return self.public_name


class UnitSettings(models.Model):
    """What the unit decides itself."""

    unit = models.OneToOneField(Unit, on_delete=models.CASCADE, related_name="settings")
    internal_name = models.CharField(max_length=200, blank=True)
    other_information = models.TextField(blank=True)
    directions = models.TextField(blank=True)  # instead of the catalogue's
    answer_working_days = models.PositiveSmallIntegerField(null=True, blank=True)  # null: region's
    shows_staff_names = models.BooleanField(default=True)
    # Place in the queue and expected time, to residents who wait. On: who knows how long it takes worries and rings
    # less, and what is shown is counted from what has happened there; a unit that works otherwise turns it off.
    shows_waiting = models.BooleanField(default=True, db_default=True)
    accepts_cases = models.BooleanField(default=True)
    staff_message = models.CharField(max_length=300, blank=True)
    resident_message = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)  # of all the unit decides


class OpeningHours(models.Model):
    """Weekly hours, local time. Imported ones are replaced by an import, local ones stay and win."""

    class Kind(models.TextChoices):
        VISIT = "visit"
        PHONE = "phone"
        DIGITAL = "digital"

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="hours")
    kind = models.CharField(max_length=8, choices=Kind)
    weekday = models.PositiveSmallIntegerField()  # 0 Monday .. 6 Sunday
    opens = models.TimeField()
    closes = models.TimeField()
    local = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="opens_before_it_closes", condition=models.Q(opens__lt=models.F("closes"))
            ),
            models.CheckConstraint(name="weekday_0_to_6", condition=models.Q(weekday__lte=6)),
        ]


class SpecialDay(models.Model):
    """A day the unit's calendar differs: closed, or other hours. Public holidays need no row."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="special_days")
    day = models.DateField()
    closed = models.BooleanField(default=True)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)
    why = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="one_special_day")]


class Group(models.Model):
    """Staff of a unit who share cases. Each unit has one receivers' group, where what is new lies."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=100)
    receivers = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)  # removed; old cases still name it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="group_name_in_unit"),
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(receivers=True), name="one_receivers_group_per_unit"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Medarbetaruppdrag: a person at a unit with roles, for a time. Ended or paused, never deleted."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assignments")
    roles = ArrayField(models.CharField(max_length=24, choices=[(r.value, r.value) for r in Role]))
    groups = models.ManyToManyField(Group, blank=True, related_name="assignments")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # last day
    paused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=20, default="local")
    group_ids: list[int]  # filled in by access.assignment_in_force

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "unit"], name="one_assignment_per_unit")]
        indexes = [models.Index(fields=["unit"], name="assignment_unit")]


class ImportRun(models.Model):
    """One import of units or staff: what it did, what it refused and why."""

    kind = models.CharField(max_length=10)  # units | staff
    source = models.CharField(max_length=20)  # hsa | csv
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    applied = models.BooleanField(default=False)
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    archived = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)  # [{"line", "problem", "cure"}]
    warnings = models.JSONField(default=list)  # as errors: done, but somebody should look
    refused = models.TextField(blank=True)  # why nothing may be done at all
    content = models.BinaryField(null=True)  # the file, from the dry run until it is applied
    state = models.CharField(max_length=8, default="checked")  # checked | queued | done | refused

    @property
    def left_out(self) -> int:
        """How many lines are not taken; one line may have several things wrong."""
        return len({error["line"] for error in self.errors})


class StaffingChange(models.Model):
    """History of who was given or lost what, by whom and why."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    verb = models.CharField(max_length=20)  # add | change | pause | resume | end | import
    reason = models.CharField(max_length=200, blank=True)
    roles = ArrayField(models.CharField(max_length=24), default=list)  # after it

    class Meta:
        indexes = [models.Index(fields=["assignment", "-id"], name="staffing_change")]
