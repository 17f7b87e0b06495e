"""A login under way. It belongs to one browser by a cookie; a code seen by another browser gives it nothing.

Same device: the result is given only to the browser that comes back with both the cookie and the one-time nonce of
the return address. Other device (QR): to the browser with the cookie.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from vardvag.core import border
from vardvag.core.actor import Actor
from vardvag.core.facts import Fact
from vardvag.identity import browser, register
from vardvag.identity.actions import open_session
from vardvag.identity.models import LoginAttempt, Person, Staff
from vardvag.outside.bankid import messages
from vardvag.outside.bankid.client import BankId
from vardvag.outside.bankid.port import Browser, Complete, Failed, IdTrouble, Pending, TooSoon, UnknownOrder
from vardvag.outside.bankid.port import Unavailable as BankIdDown
from vardvag.outside.oidc.port import Begun
from vardvag.outside.population.port import RegisterTrouble
from vardvag.outside.siths.client import Siths

Kind, State = LoginAttempt.Kind, LoginAttempt.State
BANKID, EID, STAFF = (
    frozenset({Kind.SAME_DEVICE, Kind.OTHER_DEVICE}),
    frozenset({Kind.EID}),
    frozenset({Kind.STAFF}),
)
LIVES = timedelta(minutes=5)
ELSEWHERE_LIVES = timedelta(minutes=15)  # at an identity provider that has pages of its own
RENEW_FOR = timedelta(minutes=3)
COLLECT_EVERY = timedelta(seconds=1.5)
STARTS, PER = 10, timedelta(minutes=10)
STARTS_OF_ADDRESS = 200  # unfinished in the same time: a whole hospital may share one address
KEPT = timedelta(days=1)


class TooManyLogins(Fact):
    def __init__(self) -> None:
        super().__init__(_("Du har försökt logga in många gånger. Vänta några minuter och försök igen."))


class NotThisBrowser(Fact):
    def __init__(self) -> None:
        super().__init__(_("Inloggningen började i en annan webbläsare eller är för gammal. Börja om här."))


class UsedAlready(Fact):
    """As when the answer that gave the session was lost on its way: whoever asks again gets none."""

    def __init__(self) -> None:
        super().__init__(_("Inloggningen är redan använd. Kom du inte in? Logga in en gång till."))


class NotKnown(Fact):
    def __init__(self) -> None:
        super().__init__(_("Du finns inte i folkbokföringen. Ring supporten så hjälper de dig."))


class FirstLoginNeedsRegister(Fact):
    """The register is silent, and we have never seen the person."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Folkbokföringen svarar inte just nu, och den behövs första gången du loggar in. "
                "Försök igen om en stund. Behöver du råd om din hälsa, ring 1177."
            )
        )


class NoStaffHere(Fact):
    def __init__(self) -> None:
        super().__init__(
            _("Du har inget uppdrag i den här tjänsten. Be din behörighetsadministratör lägga till dig.")
        )


@cache
def bankid() -> BankId:
    return BankId(settings.OUTSIDE["bankid"])


@cache
def siths() -> Siths:
    return Siths(settings.OUTSIDE["siths"])


def hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Started:
    attempt: LoginAttempt
    key: str  # the cookie's value
    return_url: str = ""


def start_bankid(
    *, kind: LoginAttempt.Kind, target: str, ip: str, user_agent: str, old_key: str, text: str, now: datetime
) -> Started:
    """A new order; the browser's earlier attempt is cancelled. Raises IdTrouble, TooManyLogins."""
    hold_back(ip, now)
    give_up_earlier(old_key, now)
    key = secrets.token_urlsafe(32)
    nonce = secrets.token_urlsafe(32) if kind == Kind.SAME_DEVICE else ""
    back = f"{settings.PUBLIC_URL}/logga-in/tillbaka/{nonce}/" if nonce else ""
    attempt = LoginAttempt(
        key_hash=hashed(key),
        kind=kind,
        target=target,
        return_nonce_hash=hashed(nonce) if nonce else None,
        ip=ip,
        browser=browser.label(user_agent),
        created_at=now,
    )
    _order(attempt, user_agent=user_agent, text=text, back=back, now=now)
    attempt.save(force_insert=True)
    return Started(attempt, key, back)


def _order(attempt: LoginAttempt, *, user_agent: str, text: str, back: str, now: datetime) -> None:
    order = bankid().auth(
        Browser(ip=attempt.ip or "127.0.0.1", domain=settings.PUBLIC_HOST, user_agent=user_agent[:256]),
        text=text,
        return_url=back,
    )
    attempt.order_ref, attempt.auto_start_token = order.ref, order.auto_start_token
    attempt.qr_start_token, attempt.qr_start_secret = order.qr_start_token, order.qr_secret
    attempt.order_started_at, attempt.hint = order.at, "outstandingTransaction"


def hold_back(ip: str, now: datetime) -> None:
    """A browser that throws its cookies away is still counted by its address."""
    unfinished = LoginAttempt.objects.filter(ip=ip, created_at__gt=now - PER).exclude(state=State.USED)
    if settings.LIMITS and unfinished.count() >= STARTS_OF_ADDRESS:
        raise TooManyLogins


def give_up_earlier(old_key: str, now: datetime) -> None:
    """Count this browser's starts by the chain of its cookies, and cancel the order it leaves."""
    if not old_key:
        return
    earlier = LoginAttempt.objects.filter(key_hash=hashed(old_key)).exclude(kind=Kind.STAFF).first()
    if earlier is None or earlier.created_at < now - PER:
        return
    recent = LoginAttempt.objects.filter(
        ip=earlier.ip,
        browser=earlier.browser,
        created_at__gt=now - PER,
        state__in=(State.CANCELLED, State.FAILED),
    )
    if settings.LIMITS and recent.count() >= STARTS:
        raise TooManyLogins
    if earlier.state in (State.PENDING, State.PROVEN):
        cancel(earlier)


def over(attempt: LoginAttempt, state: LoginAttempt.State) -> None:
    """Nothing that proves or opens anything stays in the row."""
    attempt.state, attempt.proven_number = state, ""
    attempt.qr_start_secret = attempt.auto_start_token = attempt.oidc_verifier = ""
    attempt.save(
        update_fields=["state", "proven_number", "qr_start_secret", "auto_start_token", "oidc_verifier"]
    )


def cancel(attempt: LoginAttempt) -> None:
    """Nothing happens to a login that is over already."""
    if attempt.state not in (State.PENDING, State.PROVEN):
        return
    waiting = attempt.state == State.PENDING and attempt.kind in BANKID
    over(attempt, State.CANCELLED)
    if not waiting:
        return
    try:
        bankid().cancel(attempt.order_ref)
    except IdTrouble:
        return  # it dies by itself within three minutes


def attempt_of(
    key: str, *, now: datetime, of: frozenset[LoginAttempt.Kind] = BANKID, lock: bool = False
) -> LoginAttempt:
    """The living attempt of a cookie, if it is of these kinds. Raises NotThisBrowser."""
    rows = LoginAttempt.objects.filter(key_hash=hashed(key)) if key else LoginAttempt.objects.none()
    attempt = (rows.select_for_update() if lock else rows).first()
    lives = LIVES if of == BANKID else ELSEWHERE_LIVES
    if attempt is None or attempt.kind not in of or now > attempt.created_at + lives:
        raise NotThisBrowser
    return attempt


def collect(attempt: LoginAttempt, *, user_agent: str, text: str, now: datetime) -> str:
    """Ask BankID at most every other second and keep what it said; returns words for the person."""
    mode: messages.Mode = "qr" if attempt.kind == Kind.OTHER_DEVICE else "same"
    if attempt.state != State.PENDING:
        return str(messages.failed(attempt.hint, mode)) if attempt.state == State.FAILED else ""
    if attempt.collected_at is not None and now < attempt.collected_at + COLLECT_EVERY:
        return str(messages.pending(attempt.hint, mode))
    attempt.collected_at = now
    try:
        outcome = bankid().collect(attempt.order_ref) if attempt.order_ref else Failed("startFailed")
    except (TooSoon, BankIdDown):
        attempt.save(update_fields=["collected_at"])
        return str(messages.pending(attempt.hint, mode))
    except UnknownOrder:
        outcome = Failed("expiredTransaction")
    match outcome:
        case Pending(hint=hint):
            attempt.hint = hint
        case Complete():
            attempt.state, attempt.proven_number = State.PROVEN, outcome.personal_number
        case Failed(hint="startFailed") if mode == "qr" and now < attempt.created_at + RENEW_FOR:
            attempt.renewals += 1
            try:
                _order(attempt, user_agent=user_agent, text=text, back="", now=now)
            except IdTrouble as trouble:  # the old order is gone; without one, the next asking orders anew
                attempt.order_ref, attempt.hint = "", "processing"
                attempt.save()
                return str(trouble.message)
        case Failed(hint=hint):
            attempt.state, attempt.hint = State.FAILED, hint
    attempt.save()
    if attempt.state == State.FAILED:
        return str(messages.failed(attempt.hint, mode))
    return str(messages.pending(attempt.hint, mode)) if attempt.state == State.PENDING else ""


def finish_bankid(
    *, actor: Actor, attempt: LoginAttempt, nonce: str, old_session: str, user_agent: str, now: datetime
) -> str:
    """The proven person's session; returns the cookie's value. Raises NotThisBrowser, UsedAlready and the identity's
    facts. When the person may not log in the attempt is over; when the register is silent it may be tried again."""
    if attempt.state == State.USED:
        raise UsedAlready
    if attempt.state != State.PROVEN:
        raise NotThisBrowser
    if attempt.kind == Kind.SAME_DEVICE and not hmac.compare_digest(
        hashed(nonce), bytes(attempt.return_nonce_hash or b"")
    ):
        raise NotThisBrowser
    try:
        with transaction.atomic():
            border.enter_proven(attempt.proven_number)
            key = open_session(
                actor=actor,
                person=proven_person(attempt.proven_number, now),
                method="bankid",
                old_key=old_session,
                user_agent=user_agent,
                elsewhere=attempt.kind == Kind.OTHER_DEVICE,
                now=now,
            )
    except FirstLoginNeedsRegister:
        raise
    except Fact:
        over(attempt, State.FAILED)
        raise
    over(attempt, State.USED)
    return key


def proven_person(number: str, now: datetime) -> Person:
    """As the register knows them now; when it is silent, as we knew them. Call inside the proven border."""
    try:
        record, children = register.ask(number, now=now)
    except RegisterTrouble as trouble:
        person = register.known_person(number)
        if person is None:
            raise FirstLoginNeedsRegister from trouble
        return person
    if record is None:
        raise NotKnown
    return register.take_in(record=record, children=children, now=now)


def start_staff(
    *, target: str, ip: str, user_agent: str, redirect_uri: str, language: str, now: datetime
) -> tuple[Started, str]:
    """A login at the staff's identity provider; returns where to send the browser. Raises LoginTrouble."""
    begun = siths().begin(redirect_uri, language=language)
    key = secrets.token_urlsafe(32)
    attempt = LoginAttempt.objects.create(
        key_hash=hashed(key),
        kind=Kind.STAFF,
        target=target,
        oidc_state=begun.state,
        oidc_nonce=begun.nonce,
        oidc_verifier=begun.verifier,
        ip=ip,
        browser=browser.label(user_agent),
        created_at=now,
    )
    return Started(attempt, key), begun.url


@transaction.atomic
def finish_staff(
    *,
    actor: Actor,
    attempt: LoginAttempt,
    query: dict[str, str],
    redirect_uri: str,
    old_session: str,
    user_agent: str,
    now: datetime,
) -> str:
    """Raises LoginTrouble, NotThisBrowser, UsedAlready, NoStaffHere."""
    if attempt.state == State.USED:
        raise UsedAlready
    if attempt.kind != Kind.STAFF or attempt.state != State.PENDING:
        raise NotThisBrowser
    begun = Begun("", attempt.oidc_state, attempt.oidc_nonce, attempt.oidc_verifier, attempt.created_at)
    told = siths().finish(query, begun, redirect_uri)
    staff = Staff.objects.filter(hsa_id=told.employee_hsa_id.upper()).first()
    if staff is None:
        raise NoStaffHere
    units = {c.unit_hsa_id for c in told.commissions}
    key = open_session(
        actor=actor,
        staff=staff,
        unit_hsa_id=units.pop() if len(units) == 1 else "",
        method="siths",
        level=told.acr,
        identity=(told.issuer, told.subject),
        id_token=told.id_token,
        old_key=old_session,
        user_agent=user_agent,
        now=now,
    )
    over(attempt, State.USED)
    return key


def forget_attempts(*, now: datetime) -> int:
    """Logins that are long over, finished or not; returns how many."""
    return LoginAttempt.objects.filter(created_at__lt=now - KEPT).delete()[0]
