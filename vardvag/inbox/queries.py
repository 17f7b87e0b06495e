"""What the inbox's pages show, and what other parts may ask."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from vardvag.core import compiled
from vardvag.core.actor import PersonActor, ResidentActor, Role, StaffActor
from vardvag.core.clock import now
from vardvag.inbox import notices
from vardvag.inbox.models import (
    Channel,
    ChannelHealth,
    ContactSettings,
    Delivery,
    InboxItem,
    ItemKind,
    Matter,
    StaffNoticeSettings,
    VerificationCode,
)
from vardvag.inbox.notices import site
from vardvag.inbox.rules import AGAIN, CODE_MINUTES, usable
from vardvag.organisation.queries import region
from vardvag.outside.sms.numbers import masked, pretty

PAGE = 20
_titles: dict[str, Callable[[Collection[UUID]], Mapping[UUID, str]]] = {}


def titles_from(link: str, titles: Callable[[Collection[UUID]], Mapping[UUID, str]]) -> None:
    """The part that owns the page `link` tells what the things it shows are called, in the reader's language."""
    _titles[link] = titles


def titles(rows: Iterable[InboxItem]) -> dict[int, str]:
    """What each item is about, by the item's id; the words it came with where nobody tells."""
    found = list(rows)
    named: dict[UUID, str] = {}
    for link, told in _titles.items():
        named |= told([item.object_id for item in found if item.link == link])
    return {item.pk: named.get(item.object_id, item.about) for item in found}


def _mine(actor: ResidentActor, at: datetime) -> QuerySet[InboxItem]:
    return InboxItem.objects.filter(person_id=actor.me.person_id, at__lte=at)


def items(*, actor: ResidentActor, unread: bool, page: int = 1) -> tuple[list[InboxItem], bool]:
    """About the one on screen, newest first, and whether there are older ones."""
    found = _page(unread, page).all(
        person_id=actor.me.person_id, patient_id=actor.patient.person_id, at=now()
    )
    return found[:PAGE], len(found) > PAGE


@lru_cache(maxsize=100)
def _page(unread: bool, page: int) -> compiled.Compiled[InboxItem]:
    start = (page - 1) * PAGE
    only = {"read_at": None} if unread else {}

    def rows(at: datetime, **whose: int) -> QuerySet[InboxItem]:
        found = InboxItem.objects.filter(at__lte=at, **whose, **only).select_related("unit")
        return found.order_by("-id")[start : start + PAGE + 1]

    return compiled.Compiled(rows, person_id=int, patient_id=int, at=datetime)


_WISHES = compiled.Compiled(lambda person_id: ContactSettings.objects.filter(pk=person_id), person_id=int)
_UNREAD = (
    "select count(*) from inbox_inboxitem"
    " where at <= %s and person_id = %s and patient_id = %s and read_at is null"
)


def unread_count(*, actor: ResidentActor) -> int:
    """About the one whose matters are on screen; for the menu."""
    rows = compiled.fetch(_UNREAD, [now(), actor.me.person_id, actor.patient.person_id])
    return int(rows[0][0])


def unread_for_others(*, actor: ResidentActor) -> list[tuple[str, int]]:
    """(name, number) for each other person the reader may act for: what they would miss by not changing."""
    names = {s.person_id: s.given_name for s in (actor.me, *actor.may_act_for)}
    names.pop(actor.patient.person_id, None)
    counted = (
        _mine(actor, now())
        .filter(read_at=None, patient_id__in=names)
        .values_list("patient_id")
        .annotate(number=Count("id"))
    )
    return [(names[person], number) for person, number in counted]


@dataclass(frozen=True, slots=True)
class HowTold:
    words: str
    chosen: bool  # False: neither SMS nor mail, which can be chosen


def how_told(*, actor: ResidentActor) -> HowTold:
    """For a receipt: how the one logged in will hear of an answer, with most of the address hidden."""
    wishes = contact(actor=actor)
    if (actor.me.protected or actor.patient.protected) and not wishes.when_protected:
        none = _("Vi skickar inga sms och ingen e-post vid skyddade personuppgifter. Titta i inkorgen här.")
        return HowTold(none, True)
    by_sms = wishes.mobile if Matter.ANSWERS in wishes.sms_for and usable_mobile(wishes) else ""
    by_mail = wishes.email if Matter.ANSWERS in wishes.mail_for and usable_email(wishes) else ""
    shown = {"sms": masked(by_sms), "mail": masked_mail(by_mail)}
    if by_sms and by_mail:
        words = _("Vi hör av oss med sms till %(sms)s och e-post till %(mail)s när du har fått svar.")
    elif by_sms:
        words = _("Vi hör av oss med sms till %(sms)s när du har fått svar.")
    elif by_mail:
        words = _("Vi hör av oss med e-post till %(mail)s när du har fått svar.")
    else:
        words = _("Du har inte valt sms eller e-post, så svaret syns bara när du loggar in här.")
        return HowTold(words, False)
    return HowTold(words % shown, True)


def usable_mobile(wishes: ContactSettings | StaffNoticeSettings) -> bool:
    return bool(wishes.mobile) and usable(verified_at=wishes.mobile_verified_at, bad_at=wishes.mobile_bad_at)


def usable_email(wishes: ContactSettings | StaffNoticeSettings) -> bool:
    return bool(wishes.email) and usable(verified_at=wishes.email_verified_at, bad_at=wishes.email_bad_at)


def masked_mail(address: str) -> str:
    """'an•••@example.org'"""
    local, _at, domain = address.rpartition("@")
    return f"{local[:2]}•••@{domain}" if local else ""


@dataclass(frozen=True, slots=True)
class Place:
    """An address on the settings page. `state`: '' (none) | ok | bad (came back)."""

    way: str  # as the page's address says it
    sms: bool
    address: str
    state: str


def places(wishes: ContactSettings | StaffNoticeSettings) -> list[Place]:
    return [
        Place("sms", True, pretty(wishes.mobile), _state(wishes.mobile, usable_mobile(wishes))),
        Place("e-post", False, wishes.email, _state(wishes.email, usable_email(wishes))),
    ]


def _state(address: str, works: bool) -> str:
    return "" if not address else "ok" if works else "bad"


def masked_address(channel: str, address: str) -> str:
    return masked(address) if channel == Channel.SMS else masked_mail(address)


def pretty_address(channel: str, address: str) -> str:
    return pretty(address) if channel == Channel.SMS else address


def preview(*, actor: ResidentActor, wishes: ContactSettings) -> str:
    """The SMS as it would look: with the name of the unit last heard from, if units may be named."""
    last = _mine(actor, now()).select_related("unit").order_by("-id").first() if wishes.name_unit else None
    unit = last.unit.public_name if last else _("Exempelmottagningen") if wishes.name_unit else ""
    return notices.resident(kind=ItemKind.REPLY, language=wishes.language, site=site(), unit=unit).sms


def contact(*, actor: ResidentActor) -> ContactSettings:
    """The saved wishes, or unsaved defaults."""
    return _WISHES.first(person_id=actor.me.person_id) or ContactSettings(
        person_id=actor.me.person_id, language=actor.language
    )


def staff_notices(*, actor: StaffActor) -> StaffNoticeSettings:
    found = StaffNoticeSettings.objects.filter(pk=actor.staff_id).first()
    return found or StaffNoticeSettings(staff_id=actor.staff_id)


def _newest_code(actor: PersonActor, channel: Channel) -> VerificationCode | None:
    mine = (
        {"staff_id": actor.staff_id} if isinstance(actor, StaffActor) else {"person_id": actor.me.person_id}
    )
    return VerificationCode.objects.filter(**mine, channel=channel).order_by("-pk").first()


def waiting_code(*, actor: PersonActor, channel: Channel) -> VerificationCode | None:
    """The newest code, if it has not been typed in."""
    code = _newest_code(actor, channel)
    return code if code is not None and code.used_at is None else None


def just_confirmed(*, actor: PersonActor, channel: Channel, at: datetime) -> bool:
    """The newest code was typed in within its minutes, and the address counts: who comes to the code's page now has
    lost the answer on its way."""
    code = _newest_code(actor, channel)
    if code is None or code.used_at is None or at >= code.used_at + timedelta(minutes=CODE_MINUTES):
        return False
    wishes = staff_notices(actor=actor) if isinstance(actor, StaffActor) else contact(actor=actor)
    return code.address in (wishes.mobile, wishes.email)


def page_number(written: str) -> int:
    """From an address line: 1 for anything that is none."""
    return max(int(written), 1) if written.isdecimal() and len(written) < 5 else 1


WAITS = (ItemKind.REPLY, ItemKind.PARTIAL, ItemKind.QUESTION, ItemKind.OUTGOING)
UNOPENED_DAYS, UNOPENED_MOST = 60, 200  # older than that nobody calls about


def unopened(*, actor: StaffActor) -> list[InboxItem]:
    """Answers of the unit that none of their readers has opened within the region's days, and that staff have
    not yet reached them about: one per case, longest waiting first."""
    at = now()
    opened = InboxItem.objects.filter(key=OuterRef("key")).exclude(read_at=None, reached_at=None)
    rows = (
        InboxItem.objects.filter(
            unit_id=actor.unit_id,
            kind__in=WAITS,
            read_at=None,
            reached_at=None,
            at__lte=at - timedelta(days=region().unread_reply_days),
            at__gt=at - timedelta(days=UNOPENED_DAYS),
        )
        .filter(~Exists(opened))
        .order_by("object_id", "at")
        .distinct("object_id")
    )
    return sorted(rows[:UNOPENED_MOST], key=lambda item: item.at)


@dataclass(frozen=True, slots=True)
class Troubles:
    """What did not arrive, newest first, and channels that are down just now."""

    deliveries: list[Delivery]
    more: bool
    down: list[ChannelHealth]


def troubles(*, actor: StaffActor, page: int = 1) -> Troubles:
    rows = (
        Delivery.objects.filter(provider_id=actor.provider_id, state__in=AGAIN, again=None)
        .exclude(kind="code")
        .select_related("unit", "staff")
        .order_by("-id")
    )
    if not actor.has(Role.SYSTEM_COORDINATOR):
        rows = rows.filter(unit_id=actor.unit_id)
    start = (page - 1) * PAGE
    found = list(rows[start : start + PAGE + 1])
    down = ChannelHealth.objects.filter(down_since__isnull=False)
    return Troubles(found[:PAGE], len(found) > PAGE, list(down))
