"""Everything that changes the catalogue, and what residents accept and begin in it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from vardvag.audit.actions import record
from vardvag.catalogue import access, files, queries
from vardvag.catalogue.models import (
    CaseType,
    CaseTypeVersion,
    Category,
    Offer,
    StandardText,
    Terms,
    TermsAcceptance,
    TermsVersion,
)
from vardvag.catalogue.rules import ChangedElsewhere as ChangedElsewhere
from vardvag.catalogue.rules import CodeTaken as CodeTaken
from vardvag.catalogue.rules import NotByGuardian as NotByGuardian
from vardvag.catalogue.rules import NotForThisAge as NotForThisAge
from vardvag.catalogue.rules import NotOffered as NotOffered
from vardvag.catalogue.rules import NotTakingCases as NotTakingCases
from vardvag.catalogue.rules import NotYours as NotYours
from vardvag.catalogue.rules import TermsNotAccepted as TermsNotAccepted
from vardvag.catalogue.rules import check_text
from vardvag.core import compiled
from vardvag.core.actor import ResidentActor, StaffActor, SystemActor
from vardvag.organisation.queries import facts_of, forget
from vardvag.questionnaires.actions import publish, start_draft
from vardvag.questionnaires.models import Draft, QuestionnaireVersion


@dataclass(slots=True)
class Loaded:
    """Keys by what became of them; a changed one has a new version."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


@transaction.atomic
def load_files(*, actor: SystemActor, now: datetime, folder: Path = files.DATA) -> Loaded:
    """All files or none. A changed file makes a new version, an unchanged one nothing. Raises BadFiles."""
    found = files.read(folder)
    loaded = Loaded()
    for place, raw in enumerate(found.categories):
        Category.objects.update_or_create(key=raw["key"], defaults={"name": raw["name"], "position": place})
    terms = {key: _load_terms(key, raw, now, loaded) for key, raw in found.terms.items()}
    forms = {key: publish(actor=actor, content=raw, now=now) for key, raw in found.questionnaires.items()}
    for key, raw in found.case_types.items():
        _load_case_type(
            key,
            raw,
            forms.get(raw.get("questionnaire") or ""),
            terms.get(raw.get("terms") or ""),
            now,
            loaded,
        )
    _load_texts(found.standard_texts, now)
    if loaded.created or loaded.changed:
        record(
            actor=actor,
            verb="load_catalogue",
            kind="catalogue",
            at=now,
            details=loaded.created + loaded.changed,
        )
    forget()
    return loaded


def _load_terms(key: str, raw: dict[str, Any], now: datetime, loaded: Loaded) -> Terms:
    terms, created = Terms.objects.get_or_create(key=key)
    sha256 = files.sha256(raw)
    latest = TermsVersion.objects.filter(terms=terms).order_by("-number").first()
    if latest is None or latest.sha256 != sha256:
        number = latest.number + 1 if latest else 1
        TermsVersion.objects.create(terms=terms, number=number, content=raw, sha256=sha256, published_at=now)
    _note(loaded, f"terms/{key}", created, latest is not None and latest.sha256 == sha256)
    return terms


def _load_case_type(
    key: str,
    raw: dict[str, Any],
    form: QuestionnaireVersion | None,
    terms: Terms | None,
    now: datetime,
    loaded: Loaded,
) -> None:
    case_type, created = CaseType.objects.update_or_create(
        key=key,
        defaults={"internal_name": raw["internal_name"], "level": raw.get("level", "region")},
        create_defaults={
            "internal_name": raw["internal_name"],
            "level": raw.get("level", "region"),
            "created_at": now,
        },
    )
    sha256 = files.sha256([raw, form.sha256 if form else None, terms.key if terms else None])
    latest = CaseTypeVersion.objects.filter(case_type=case_type).order_by("-number").first()
    same = latest is not None and latest.sha256 == sha256
    if not same:
        CaseTypeVersion.objects.create(
            case_type=case_type,
            number=latest.number + 1 if latest else 1,
            content=raw,
            questionnaire=form,
            terms=terms,
            sha256=sha256,
            published_at=now,
        )
    _note(loaded, key, created, same)


def _note(loaded: Loaded, key: str, created: bool, same: bool) -> None:
    (loaded.created if created else loaded.unchanged if same else loaded.changed).append(key)


def _load_texts(raws: list[dict[str, Any]], now: datetime) -> None:
    """The region's texts are these and no others; units' and personal texts are left alone."""
    regional = StandardText.objects.filter(unit=None, staff=None)
    for raw in raws:
        for language in ("sv", "en"):
            said = {
                "kind": raw["kind"],
                "title": raw["title"][language],
                "body": raw["body"][language],
                "case_type_key": raw.get("case_type") or "",
            }
            there = regional.filter(code=raw["code"], language=language, retired_at=None)
            if not there.filter(**said).exists() and not there.update(**said, changed_at=now):
                StandardText.objects.create(code=raw["code"], language=language, changed_at=now, **said)
    gone = regional.filter(retired_at=None).exclude(code__in=[raw["code"] for raw in raws])
    gone.update(retired_at=now)


@transaction.atomic
def offer_all(
    *, actor: SystemActor, unit_ids: Collection[int], keys: Collection[str] | None = None, now: datetime
) -> int:
    """Switch case types on at units; what a unit has set already is left alone. How many offers were made."""
    there = set(Offer.objects.filter(unit_id__in=unit_ids).values_list("unit_id", "case_type_id"))
    made = [
        Offer(unit_id=unit_id, case_type_id=version.case_type_id, position=version.content["position"])
        for version in queries.latest_versions(now=now)
        for unit_id in unit_ids
        if (keys is None or version.case_type.key in keys) and (unit_id, version.case_type_id) not in there
    ]
    Offer.objects.bulk_create(made, ignore_conflicts=True)
    record(actor=actor, verb="offer", kind="offer", at=now, details=sorted(keys or ()))
    forget()
    return len(made)


@transaction.atomic
def set_offer(
    *,
    actor: StaffActor | SystemActor,
    unit_id: int,
    key: str,
    active: bool = True,
    position: int | None = None,
    default_group_id: int | None = None,
    answer_working_days: int | None = None,
    terms_addition: dict[str, str] | None = None,
    now: datetime,
) -> Offer:
    """How a unit offers one case type."""
    case_type = CaseType.objects.get(key=key)
    values: dict[str, Any] = {
        "active": active,
        "default_group_id": default_group_id,
        "answer_working_days": answer_working_days,
        "terms_addition": terms_addition or {},
        **({} if position is None else {"position": position}),
    }
    offer, _ = Offer.objects.update_or_create(unit_id=unit_id, case_type=case_type, defaults=values)
    record(
        actor=actor,
        verb="set_offer",
        kind="offer",
        object_id=offer.pk,
        unit_id=unit_id,
        at=now,
        details=[key],
    )
    forget()
    return offer


@transaction.atomic(savepoint=False)  # refuses nothing: what fails ends the whole request
def accept_terms(*, actor: ResidentActor, version_id: int, now: datetime) -> None:
    """Once per person and version; again does nothing. The logged-in person accepts, also for a child."""
    compiled.insert_once(TermsAcceptance(person_id=actor.me.person_id, version_id=version_id, at=now))
    record(
        actor=actor,
        verb="accept_terms",
        kind="terms",
        object_id=version_id,
        patient_id=actor.patient.person_id,
        at=now,
    )


def accept_shown(
    *, actor: ResidentActor, case_type_version_id: int, unit_id: int, shown: str, now: datetime
) -> None:
    """The terms whose version (`shown`) stood on the page that was sent; newer ones are not accepted by it."""
    terms = queries.terms_needed(actor=actor, case_type_version_id=case_type_version_id, unit_id=unit_id)
    if terms is not None and shown == str(terms.version_id):
        accept_terms(actor=actor, version_id=terms.version_id, now=now)


@transaction.atomic
def begin(*, actor: ResidentActor, unit_id: int, key: str, device: str, now: datetime) -> Draft:
    """The draft under way, or a new one. Raises as queries.offer does, NotTakingCases and TermsNotAccepted."""
    offered = queries.offer(actor=actor, unit_id=unit_id, key=key, now=now)
    if not facts_of(offered.unit.pk).settings.accepts_cases:
        raise NotTakingCases()  # rather than when all is written
    if queries.terms_needed(actor=actor, case_type_version_id=offered.version_id, unit_id=unit_id):
        raise TermsNotAccepted()
    version = queries.version_of_id(offered.version_id)
    if version.questionnaire is None:
        raise NotOffered()
    return start_draft(
        actor=actor,
        unit=offered.unit,
        version=version.questionnaire,
        subject_kind=queries.SUBJECT,
        subject_id=version.case_type_id,
        subject_version_id=version.pk,
        device=device,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """A standard text as somebody writes it."""

    code: str
    title: str
    body: str
    language: str
    kind: str


@transaction.atomic
def make_text(*, actor: StaffActor, written: Written, for_unit: bool, now: datetime) -> StandardText:
    """One's own, or the unit's; the very same once more is the one there is. Raises NotYours, CodeNotPlain,
    LooseBrace, CodeTaken."""
    if for_unit and not actor.has(*access.KEEPS_UNITS):
        raise NotYours()
    check_text(code=written.code, body=written.body)
    where: dict[str, Any] = (
        {"unit_id": actor.unit_id, "staff": None} if for_unit else {"unit": None, "staff_id": actor.staff_id}
    )
    if same := StandardText.objects.filter(**where, **asdict(written), retired_at=None).first():
        return same
    _code_free(written, where)
    text = _stored(StandardText(**where, **asdict(written), changed_at=now))
    _log_text(actor, "make_text", text, now)
    return text


@transaction.atomic
def change_text(
    *, actor: StaffActor, text: StandardText, written: Written, version: int, now: datetime
) -> StandardText:
    """`text` is locked. Raises as make_text, and ChangedElsewhere when it has changed since `version`."""
    if text.version == version + 1 and all(
        getattr(text, name) == one for name, one in asdict(written).items()
    ):
        return text  # the same form once more
    if text.version != version:
        raise ChangedElsewhere(text=text)
    check_text(code=written.code, body=written.body)
    where: dict[str, Any] = {"unit_id": text.unit_id, "staff_id": text.staff_id}
    _code_free(written, where, but=text.pk)
    for name, value in asdict(written).items():
        setattr(text, name, value)
    text.version, text.changed_at = text.version + 1, now
    _stored(text, *asdict(written), "version", "changed_at")
    _log_text(actor, "change_text", text, now)
    return text


@transaction.atomic
def put_away_text(*, actor: StaffActor, text: StandardText, now: datetime) -> None:
    """Out of use; what has been written with it stays as it is."""
    text.retired_at, text.place = now, None
    text.save(update_fields=["retired_at", "place"])
    _log_text(actor, "put_away_text", text, now)


@transaction.atomic
def place_text(*, actor: StaffActor, text: StandardText, where: str, now: datetime) -> None:
    """`where`: first | up | down among those with a place of their own, or free: by how much it is used."""
    beside = StandardText.objects.filter(
        unit=text.unit, staff=text.staff, language=text.language, retired_at=None
    ).exclude(place=None)
    row = list(beside.select_for_update(of=("self",)).order_by("place", "pk"))
    at = next((n for n, one in enumerate(row) if one.pk == text.pk), len(row))
    row = [one for one in row if one.pk != text.pk]
    if where != "free":
        to = {"first": 0, "up": max(0, at - 1), "down": at + 1}.get(where, at)
        row.insert(min(to, len(row)), text)
    elif text.place is not None:
        text.place = None
        text.save(update_fields=["place"])
    for n, one in enumerate(row, start=1):
        if one.place != n:
            one.place = n
            one.save(update_fields=["place"])


def _code_free(written: Written, where: dict[str, Any], *, but: int = 0) -> None:
    there = StandardText.objects.filter(
        **where, code=written.code, language=written.language, retired_at=None
    )
    if there.exclude(pk=but).exists():
        raise CodeTaken()


def _stored(text: StandardText, *names: str) -> StandardText:
    """Raises CodeTaken where somebody took the code a moment ago."""
    try:
        with transaction.atomic():
            text.save(update_fields=names or None)
    except IntegrityError as taken:
        raise CodeTaken() from taken
    return text


def _log_text(actor: StaffActor, verb: str, text: StandardText, now: datetime) -> None:
    whose = "own" if text.staff_id else "unit"
    record(actor=actor, verb=verb, kind="standard_text", at=now, object_id=text.pk, details=[whose])


def count_use(*, actor: StaffActor, text: StandardText) -> None:
    """A standard text was put into a reply: those used most come first."""
    StandardText.objects.filter(pk=text.pk).update(used=F("used") + 1)
