"""Who people are: residents, who may act for whom, staff, and their sessions."""

import uuid

from django.db import models


class Person(models.Model):
    """A resident. The internal id is the key; a personal number may change."""

    class Kind(models.TextChoices):
        PERSONAL = "personal"
        COORDINATION = "coordination"
        RESERVE = "reserve"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    personal_number = models.CharField(max_length=12, unique=True)  # 12 characters, no separator
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PERSONAL)
    given_name = models.CharField(max_length=100)
    surname = models.CharField(max_length=100)
    birth_date = models.DateField()
    protected = models.BooleanField(default=False)  # marked in the register, or by staff
    deceased_on = models.DateField(null=True, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=2, default="sv")
    listed_unit_id = models.BigIntegerField(null=True)  # organisation.Unit, a higher floor
    register_read_at = models.DateTimeField(null=True)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"

    def __str__(self) -> str:
        return f"Person {self.pk}"


class FormerNumber(models.Model):
    """A number the person had before the register gave them another: it still finds them."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="former_numbers")
    number = models.CharField(max_length=12, unique=True)
    until = models.DateTimeField()  # when we learned of the new one


class Guardianship(models.Model):
    """From the population register: who has custody of a child."""

    guardian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="children")
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardians")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # first day without custody

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guardian", "child"], name="one_guardianship_per_pair")
        ]


class CareRelation(models.Model):
    """A patient has had a case at a care provider: opens the person's row to that provider (border)."""

    patient = models.ForeignKey(  # one_care_relation begins with it
        Person, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    provider_id = models.BigIntegerField()  # organisation.Provider, a higher floor
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "provider_id"], name="one_care_relation")]
        indexes = [models.Index(fields=["provider_id", "patient"], name="care_relation_provider")]


class Staff(models.Model):
    """A staff member as the directory knows them; what they may do is an organisation.Assignment."""

    hsa_id = models.CharField(max_length=31, unique=True)  # stored upper case
    given_name = models.CharField(max_length=100)
    surname = models.CharField(max_length=100)
    title = models.CharField(max_length=100, blank=True)
    protected = models.BooleanField(default=False)
    gone_at = models.DateTimeField(null=True, blank=True)  # the directory says gone
    email = models.EmailField(blank=True)
    mobile = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=2, default="sv")
    practice = models.BooleanField(default=False)
    shortcuts = models.CharField(max_length=6, default="on")  # on | off: single-letter keys
    density = models.CharField(max_length=6, default="normal")  # normal | dense

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"

    def __str__(self) -> str:
        return self.hsa_id


class Session(models.Model):
    """A logged-in browser. The cookie holds 256 random bits, the row only their hash."""

    class Kind(models.TextChoices):
        RESIDENT = "resident"
        STAFF = "staff"

    key_hash = models.BinaryField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="sessions")
    acting_for = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, related_name="sessions")
    assignment_id = models.BigIntegerField(null=True)  # organisation.Assignment, chosen after login
    method = models.CharField(max_length=20)  # bankid | siths | the key of another e-ID (settings)
    level = models.CharField(max_length=60, blank=True)
    issuer = models.CharField(
        max_length=200, blank=True
    )  # with `subject`: who it was in the provider's words
    subject = models.CharField(max_length=255, blank=True)
    id_token = models.TextField(blank=True)  # for logout at the identity provider
    browser = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="session_is_either_resident_or_staff",
                condition=models.Q(kind="resident", person__isnull=False, staff__isnull=True)
                | models.Q(kind="staff", staff__isnull=False, person__isnull=True),
            )
        ]
        indexes = [
            models.Index(fields=["person"], condition=models.Q(ended_at=None), name="session_open_person"),
            models.Index(fields=["staff"], condition=models.Q(ended_at=None), name="session_open_staff"),
            models.Index(
                fields=["issuer", "subject"], condition=~models.Q(subject=""), name="session_subject"
            ),
        ]


class LoginAttempt(models.Model):
    """One login under way, bound to one browser by a cookie of its own (BankID five minutes; others fifteen)."""

    class Kind(models.TextChoices):
        SAME_DEVICE = "same"
        OTHER_DEVICE = "qr"
        EID = "eid"  # a resident's other e-ID, by OpenID Connect
        STAFF = "staff"

    class State(models.TextChoices):
        PENDING = "pending"
        PROVEN = "proven"  # the e-ID is done; waits for the browser to come back for its session
        FAILED = "failed"
        USED = "used"
        CANCELLED = "cancelled"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    key_hash = models.BinaryField(unique=True)  # of the cookie
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    target = models.CharField(max_length=500, blank=True)  # where to land, a local path
    order_ref = models.CharField(max_length=60, blank=True)  # BankID; never leaves the server
    auto_start_token = models.CharField(max_length=60, blank=True)
    qr_start_token = models.CharField(max_length=60, blank=True)
    qr_start_secret = models.CharField(max_length=60, blank=True)
    order_started_at = models.DateTimeField(null=True)
    return_nonce_hash = models.BinaryField(null=True)
    return_seen = models.BooleanField(default=False)
    collected_at = models.DateTimeField(null=True)
    hint = models.CharField(max_length=40, blank=True)
    provider = models.CharField(max_length=20, blank=True)  # which other e-ID, by its key
    oidc_state = models.CharField(max_length=80, blank=True)
    oidc_nonce = models.CharField(max_length=80, blank=True)
    oidc_verifier = models.CharField(max_length=128, blank=True)
    proven_number = models.CharField(max_length=12, blank=True)
    ip = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=100, blank=True)
    renewals = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="login_attempt_age")]
