"""What may be asked for: case types and their versions, who offers them, the terms, and staff's texts."""

from django.db import models
from django.db.models import Q

from vardvag.identity.models import Person, Staff
from vardvag.organisation.models import Group, Unit
from vardvag.questionnaires.models import QuestionnaireVersion


class Category(models.Model):
    """A heading on the unit's page."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.JSONField()  # {"sv", "en"}
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.key


class Terms(models.Model):
    """Terms through their versions; residents accept the newest once."""

    key = models.SlugField(max_length=60, unique=True)

    class Meta:
        verbose_name_plural = "terms"

    def __str__(self) -> str:
        return self.key


class TermsVersion(models.Model):
    """A trigger keeps a published one from ever changing."""

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # {"title": {"sv", "en"}, "sections": [{"heading", "text"}]}
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["terms", "number"], name="terms_version_number")]


class TermsAcceptance(models.Model):
    """Append-only."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "version"], name="terms_accepted_once")]


class CaseType(models.Model):
    """A case type through its versions. The key never changes: queues, files and texts point by it."""

    class Level(models.TextChoices):
        NATIONAL = "national"
        REGION = "region"
        UNIT = "unit"

    key = models.SlugField(max_length=60, unique=True)
    level = models.CharField(max_length=8, choices=Level, default=Level.REGION)
    owner = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    internal_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_unit_owns_its_own_case_types_only",
                condition=Q(level="unit", owner__isnull=False) | ~Q(level="unit") & Q(owner=None),
                violation_error_message="En lokal ärendetyp ska ägas av en mottagning, en central av ingen.",
            )
        ]

    def __str__(self) -> str:
        return self.key


class CaseTypeVersion(models.Model):
    """What residents and staff saw. A trigger keeps a published one from ever changing."""

    case_type = models.ForeignKey(CaseType, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # definition.Content
    questionnaire = models.ForeignKey(
        QuestionnaireVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)  # of content, questionnaire version and terms
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_type", "number"], name="case_type_version_number"),
            models.CheckConstraint(
                name="a_case_has_questions",
                condition=Q(content__kind__in=("information", "service")) | Q(questionnaire__isnull=False),
                violation_error_message="En ärendetyp som går att skicka ska ha ett formulär.",
            ),
        ]


class Offer(models.Model):
    """A unit offers a case type: on or off, where on its page, who receives it, how soon it answers."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="offers")
    case_type = models.ForeignKey(CaseType, on_delete=models.PROTECT, related_name="offers")
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)  # within its category on the unit's page
    default_group = models.ForeignKey(
        Group, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer_working_days = models.PositiveSmallIntegerField(null=True, blank=True)  # null: the case type's
    terms_addition = models.JSONField(default=dict, blank=True)  # {"sv", "en"}: the unit's own words

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "case_type"], name="one_offer_per_unit"),
            models.CheckConstraint(
                name="offer_answers_in_1_to_90_working_days",
                condition=Q(answer_working_days=None)
                | Q(answer_working_days__gte=1, answer_working_days__lte=90),
                violation_error_message="Svarstiden ska vara mellan 1 och 90 arbetsdagar.",
            ),
        ]


class StandardText(models.Model):
    """A reply, a phrase or a closing that staff write with. Of the region, a unit or one staff member."""

    class Kind(models.TextChoices):
        REPLY = "reply"
        PHRASE = "phrase"
        CLOSING = "closing"

    code = models.SlugField(max_length=30)  # typed as .code
    language = models.CharField(max_length=2, default="sv")
    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(max_length=120)
    body = models.TextField()
    case_type_key = models.CharField(max_length=60, blank=True)  # shown first in cases of this type
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, related_name="+")
    review_date = models.DateField(null=True)
    used = models.PositiveIntegerField(default=0)
    # 1 first; null: placed by how much it is used
    place = models.PositiveSmallIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "language", "unit", "staff"],
                condition=Q(retired_at=None),
                nulls_distinct=False,
                name="one_standard_text_per_code",
            )
        ]
        indexes = [models.Index(fields=["unit", "language"], name="standard_text_unit")]

    def __str__(self) -> str:
        return f".{self.code}"
