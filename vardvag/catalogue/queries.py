"""What pages and cases ask the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import override

from vardvag.catalogue import registry, rules
from vardvag.catalogue.access import KEEPS_UNITS, texts_in_reach
from vardvag.catalogue.definition import Content, content_of
from vardvag.catalogue.models import (
    CaseTypeVersion,
    Category,
    Offer,
    StandardText,
    TermsVersion,
)
from vardvag.catalogue.rules import NotOffered, NotTakingCases, TermsNotAccepted
from vardvag.core import compiled
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.compiled import Compiled
from vardvag.core.personal_number import SWEDEN, age
from vardvag.identity.models import Staff
from vardvag.organisation import queries as organisation
from vardvag.organisation.models import Group, Unit, UnitSettings
from vardvag.organisation.search import Entry
from vardvag.questionnaires.models import Draft

SUBJECT = "case_type"  # of a draft
ELSEWHERE_AT_MOST = 8
_OFFER = Compiled(
    lambda unit_id, case_type_id: Offer.objects.filter(
        unit_id=unit_id, case_type_id=case_type_id
    ).select_related("default_group"),
    unit_id=int, case_type_id=int,
)  # fmt: skip
_OFFERS = Compiled(lambda unit_id: Offer.objects.filter(unit_id=unit_id, active=True), unit_id=int)
_OFFERED = Compiled(
    lambda unit_id, key: Offer.objects.filter(unit_id=unit_id, case_type__key=key, active=True).select_related(
        "unit__provider"
    ),
    unit_id=int, key=str,
)  # fmt: skip
_UNIT = Compiled(lambda pk: Unit.objects.filter(pk=pk), pk=int)
_TERMS = Compiled(
    lambda terms_id: TermsVersion.objects.filter(terms_id=terms_id, published_at__isnull=False).order_by(
        "-number"
    )[:1],
    terms_id=int,
)
unfilled = rules.unfilled  # placeholders still in a text that is about to be sent


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A case type as a unit offers it, in the reader's language."""

    key: str
    case_type_id: int
    version_id: int
    unit: Unit
    category: str
    is_information: bool
    service: str  # key in the registry, where it is no form
    name: str
    short: str
    intro: tuple[str, ...]  # paragraphs
    not_for: tuple[str, ...]  # "do not use this if": one line each
    what_happens_next: str
    if_worse: str
    answer_days: int
    attachments: int  # files at most
    answerable: bool
    sensitive: bool
    links: tuple[Link, ...]

    @property
    def sendable(self) -> bool:
        return not self.is_information


@dataclass(frozen=True, slots=True)
class OfferGroup:
    key: str
    name: str
    offers: tuple[Offered, ...]
    services: tuple[registry.ServiceRow, ...] = ()


def latest_versions(*, now: datetime) -> list[CaseTypeVersion]:
    """The published version of every case type that is newest now, with its case type."""
    return list(_latest(now))


def _latest(now: datetime) -> QuerySet[CaseTypeVersion]:
    return (
        CaseTypeVersion.objects.filter(published_at__lte=now)
        .order_by("case_type_id", "-number")
        .distinct("case_type_id")
        .select_related("case_type")
    )


def _newest(now: datetime) -> QuerySet[CaseTypeVersion]:
    """Their numbers alone: what they say is long, never changes and is kept (version_of_id)."""
    return _latest(now).select_related(None).only("case_type_id")


_NEWEST = Compiled(_newest, now=datetime)


def _newest_by_key(now: datetime) -> dict[str, int]:
    return organisation.keep(
        ("newest versions",), lambda: dict(_latest(now).values_list("case_type__key", "pk"))
    )


def texts_of(version: CaseTypeVersion) -> Content:
    return content_of(version.content)


def texts_of_id(version_id: int) -> Content:
    return texts_of(version_of_id(version_id))


def version_of_id(version_id: int) -> CaseTypeVersion:
    """A published version, with its case type and form; it never changes."""
    return organisation.keep(
        ("case type", version_id),
        lambda: CaseTypeVersion.objects.select_related("case_type", "questionnaire").get(pk=version_id),
        organisation.FOREVER,
    )


def offers_for(*, actor: ResidentActor, unit_id: int, now: datetime) -> list[OfferGroup]:
    """What this person may choose at the unit now, grouped as on its page. A branch shows its mother's."""
    unit_id = organisation.receiving_unit(unit_id)
    offers = {offer.case_type_id: offer for offer in _OFFERS.all(unit_id=unit_id)}
    newest = [one for one in _NEWEST.all(now=now) if one.case_type_id in offers]
    versions = [version_of_id(one.pk) for one in newest]
    rows = [(version, texts_of(version)) for version in versions]
    rows = [row for row in rows if _suits(row[1], actor, now)]
    rows.sort(key=lambda row: (offers[row[0].case_type_id].position, row[1].position, row[1].key))
    unit = _UNIT.all(pk=unit_id)[0]
    chosen = [
        _offered(version, content, offers[version.case_type_id], unit, actor.language)
        for version, content in rows
    ]
    services = [row for entry in registry.services() for row in entry.rows(actor, unit_id, now)]
    groups = [
        OfferGroup(
            key=category.key,
            name=category.name.get(actor.language) or category.name["sv"],
            offers=tuple(one for one in chosen if one.category == category.key),
            services=tuple(one for one in services if one.category == category.key),
        )
        for category in Category.objects.order_by("position")
    ]
    return [group for group in groups if group.offers or group.services]


def _suits(content: Content, actor: ResidentActor, now: datetime) -> bool:
    fits = rules.fits_age(content, _age(actor, now)) and (content.guardians_allowed or not actor.represents)
    return fits and (not content.service or _works(content.service))


def begins_at(service: str, slug: str) -> str:
    """The page where a service begins at the unit; "" where it cannot be used now."""
    entry = registry.service(service)
    return entry.begin(slug) if entry else ""


def _works(service: str) -> bool:
    return bool(begins_at(service, "-"))


def _age(actor: ResidentActor, now: datetime) -> int:
    return age(actor.patient.birth_date, now.astimezone(SWEDEN).date())


def _offered(
    version: CaseTypeVersion, content: Content, offer: Offer | None, unit: Unit, language: str
) -> Offered:
    return Offered(
        key=content.key,
        case_type_id=version.case_type_id,
        version_id=version.pk,
        unit=unit,
        category=content.category,
        is_information=content.is_information,
        service=content.service,
        name=content.name.said(language),
        short=content.short.said(language),
        intro=tuple(content.intro.said(language).split("\n\n")),
        not_for=tuple(content.not_for.said(language).splitlines()),
        what_happens_next=content.what_happens_next.said(language),
        if_worse=content.if_worse.said(language),
        answer_days=_days(content, offer, unit.pk),
        attachments=content.attachments,
        answerable=content.answerable,
        sensitive=content.sensitive,
        links=tuple(Link(link.text.said(language), link.url) for link in content.links),
    )


def _days(content: Content, offer: Offer | None, unit_id: int) -> int:
    own = (offer.answer_working_days if offer else None) or content.deadline_working_days
    if own:
        return own
    if content.complaint:
        return organisation.region().complaint_working_days
    return organisation.answer_days(unit_id)


def _offer_at(unit_id: int, version: CaseTypeVersion) -> Offer | None:
    """Shared by everybody: never changed."""
    type_id = version.case_type_id
    return organisation.keep(
        ("offer", unit_id, type_id), lambda: _OFFER.first(unit_id=unit_id, case_type_id=type_id)
    )


def answer_days(*, unit_id: int, type_version_id: int) -> int:
    """Working days: the offer's, else the case type's, else the region's for complaints or the unit's."""
    version = version_of_id(type_version_id)
    return _days(texts_of(version), _offer_at(unit_id, version), unit_id)


def offer(*, actor: ResidentActor, unit_id: int, key: str, now: datetime) -> Offered:
    """One case type at the unit. Raises NotOffered, NotForThisAge, NotByGuardian."""
    unit_id = organisation.receiving_unit(unit_id)
    newest = _newest_by_key(now).get(key)
    if newest is None:
        raise NotOffered()
    found = organisation.keep(("offered", unit_id, key), lambda: _OFFERED.first(unit_id=unit_id, key=key))
    if found is None:
        raise NotOffered()
    version = version_of_id(newest)
    content = texts_of(version)
    if content.service and not _works(content.service):
        raise NotOffered()
    rules.check_person(content, age=_age(actor, now), represented=actor.represents)
    return _offered(version, content, found, found.unit, actor.language)


def open_elsewhere(*, actor: ResidentActor, key: str, but: int, now: datetime) -> list[Entry]:
    """Other units that offer this to the patient and read cases at this hour: those of the same municipality first
    (DIR-9). None while the type itself is not offered."""
    version = _latest(now).filter(case_type__key=key).first()
    if version is None or not _suits(texts_of(version), actor, now):
        return []
    offering = set(
        Offer.objects.filter(case_type__key=key, active=True).values_list("unit_id", flat=True)
    ) - {but}
    here = next((unit.municipality for unit in organisation.directory() if unit.unit_id == but), "")
    found = [
        unit
        for unit in organisation.directory()
        if unit.unit_id in offering
        and unit.accepts_cases
        and not unit.practice
        and organisation.opening(organisation.calendar_of(unit.unit_id), now).now
    ]
    found.sort(key=lambda unit: unit.municipality != here)
    return found[:ELSEWHERE_AT_MOST]


def offer_of_draft(*, actor: ResidentActor, draft: Draft, now: datetime) -> Offered:
    """As it was when the draft was begun, whether it is still offered or not."""
    version = _version_of(draft)
    found = _offer_at(draft.unit_id, version)
    return _offered(version, texts_of(version), found, draft.unit, actor.language)


def _version_of(draft: Draft) -> CaseTypeVersion:
    if draft.subject_kind != SUBJECT:
        raise NotOffered()
    return version_of_id(draft.subject_version_id)


@dataclass(frozen=True, slots=True)
class Sending:
    """What a case needs to be opened from a draft."""

    unit: Unit
    version: CaseTypeVersion
    title: str  # for staff, in Swedish
    group: Group | None
    answerable: bool
    answer_days: int  # working days


def sending(*, actor: ResidentActor, draft: Draft, now: datetime) -> Sending:
    """The last check before a case is opened. Raises as `offer` does, NotTakingCases and TermsNotAccepted."""
    return sending_at(actor=actor, unit=draft.unit, version=_version_of(draft), now=now)


def sending_at(*, actor: ResidentActor, unit: Unit, version: CaseTypeVersion, now: datetime) -> Sending:
    """The same for a service, which has its own drafts."""
    content = texts_of(version)
    found = _offer_at(unit.pk, version)
    if found is None or not found.active or content.is_information:
        raise NotOffered()
    rules.check_person(content, age=_age(actor, now), represented=actor.represents)
    if unit.archived_at or not organisation.facts_of(unit.pk).settings.accepts_cases:
        raise NotTakingCases()
    newest = _newest_terms(version)
    if newest and not _accepted(actor, newest.pk):
        raise TermsNotAccepted()
    days = _days(content, found, unit.pk)
    return Sending(unit, version, content.name.sv, found.default_group, content.answerable, days)


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class TermsToAccept:
    version_id: int
    title: str
    sections: tuple[Section, ...]
    addition: str  # the unit's own words


def terms(*, actor: ResidentActor, case_type_version_id: int, unit_id: int) -> TermsToAccept | None:
    """The newest terms of the case type, accepted or not; None where it has none."""
    version = version_of_id(case_type_version_id)
    newest = _newest_terms(version)
    if newest is None:
        return None
    language = actor.language
    offer = _offer_at(organisation.receiving_unit(unit_id), version)
    added = offer.terms_addition if offer else {}
    return TermsToAccept(
        version_id=newest.pk,
        title=newest.content["title"][language],
        sections=tuple(
            Section(one["heading"][language], one["text"][language]) for one in newest.content["sections"]
        ),
        addition=added.get(language) or added.get("sv", ""),
    )


def terms_needed(*, actor: ResidentActor, case_type_version_id: int, unit_id: int) -> TermsToAccept | None:
    """What the logged-in person has to accept first; None when that is done."""
    found = terms(actor=actor, case_type_version_id=case_type_version_id, unit_id=unit_id)
    return None if found is None or _accepted(actor, found.version_id) else found


def _newest_terms(version: CaseTypeVersion) -> TermsVersion | None:
    id = version.terms_id
    return organisation.keep(("newest terms", id), lambda: _TERMS.first(terms_id=id)) if id else None


def _accepted(actor: ResidentActor, version_id: int) -> bool:
    return bool(
        compiled.fetch(
            "select from catalogue_termsacceptance where person_id = %s and version_id = %s",
            [actor.me.person_id, version_id],
        )
    )


def phrases(*, actor: StaffActor, type_key: str, language: str, search: str = "") -> list[StandardText]:
    """The writer's own texts, the unit's and the region's: in the language, else in Swedish.
    Those for the case type come first, then those with a place of their own, then those used most."""
    found = texts_in_reach(actor).filter(language__in={language, "sv"})
    if word := search.replace("\x00", "").strip().removeprefix("."):
        found = found.filter(Q(code__icontains=word) | Q(title__icontains=word) | Q(body__icontains=word))
    by_code: dict[tuple[str, int | None, int | None], StandardText] = {}
    for text in found:
        place = (text.code, text.unit_id, text.staff_id)
        if place not in by_code or text.language == language:
            by_code[place] = text
    return sorted(by_code.values(), key=lambda one: (one.case_type_key != type_key, *_order(one)))


def _order(text: StandardText) -> tuple[bool, int, int, str]:
    return text.place is None, text.place or 0, -text.used, text.title


@dataclass(frozen=True, slots=True)
class TextList:
    """Standard texts of one kind of owner, in the order they are offered."""

    whose: str  # own | unit | region
    texts: list[StandardText]
    may_change: bool


def texts(*, actor: StaffActor) -> list[TextList]:
    """Everything the actor writes with, by owner."""
    found = sorted(texts_in_reach(actor), key=lambda one: (one.language != "sv", *_order(one)))
    own = [one for one in found if one.staff_id]
    unit = [one for one in found if one.unit_id]
    region = [one for one in found if not one.staff_id and not one.unit_id]
    return [
        TextList("own", own, True),
        TextList("unit", unit, actor.has(*KEEPS_UNITS)),
        TextList("region", region, False),
    ]


@dataclass(frozen=True, slots=True)
class FilledText:
    """A standard text with its placeholders filled; `unfilled` are for the writer."""

    id: int
    code: str
    kind: str
    title: str
    body: str
    unfilled: tuple[str, ...]
    whose: str  # own | unit | region


def filled(
    *, actor: StaffActor, texts: Iterable[StandardText], patient_name: str, now: datetime
) -> list[FilledText]:
    unit = Unit.objects.get(pk=actor.unit_id)
    signature = _signature(actor)
    found: list[FilledText] = []
    for text in texts:
        with override(text.language):
            day = date_format(now.astimezone(SWEDEN).date(), "j F Y")
        said = rules.fill(
            text.body,
            {
                "fornamn": patient_name.split(" ")[0],
                "mottagning": unit.public_name,
                "telefon": unit.phone,
                "datum": day,
                "signatur": signature,
            },
        )
        whose = "own" if text.staff_id else "unit" if text.unit_id else "region"
        found.append(FilledText(text.pk, text.code, text.kind, text.title, said.text, said.unfilled, whose))
    return found


def example(*, actor: StaffActor, body: str, language: str, now: datetime) -> FilledText:
    """A text that is being written, as it would stand in a case of somebody called Anna."""
    text = StandardText(body=body, language=language)
    return filled(actor=actor, texts=[text], patient_name="Anna Exempel", now=now)[0]


def _signature(actor: StaffActor) -> str:
    """Name and title; the title alone for staff with protected identity and where the unit shows no names."""
    local = UnitSettings.objects.filter(unit_id=actor.unit_id).first()
    hidden = Staff.objects.filter(pk=actor.staff_id, protected=True).exists()
    named = not hidden and (local is None or local.shows_staff_names)
    who = ", ".join(one for one in ((actor.name if named else ""), actor.title.lower()) if one)
    return "\n".join(one for one in (who, actor.unit_name) if one)
