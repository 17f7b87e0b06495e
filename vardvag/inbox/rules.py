"""Decisions about notices: when, how often, to whom, and what one may do with a delivery. Pure."""

import hashlib
import hmac
import re
from collections.abc import Collection
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from vardvag.core.facts import Fact

LOCAL = ZoneInfo("Europe/Stockholm")

CODE_MINUTES = 10
CODE_ON_ITS_WAY = timedelta(seconds=20)  # asked for again within it, no second one is sent
CODE_ATTEMPTS = 5
CODES_PER_HOUR = 5
SMS_PER_CASE_AND_DAY = 3
SMS_PER_UNIT_AND_DAY = 1000
URGENT = 2  # urgency 1 and 2 do not wait for the digest
MAX_AGE = {
    "code": timedelta(minutes=CODE_MINUTES),
    "digest": timedelta(hours=12),
    "login": timedelta(hours=12),
}
MAX_AGE_OTHERWISE = timedelta(hours=72)
ATTEMPT_LOST = timedelta(minutes=2)  # after this an attempt has ended or its worker is dead
RECONCILE_FOR = timedelta(hours=24)
BREAK_AFTER = 5  # failures in a row
KEEP_ADDRESSES = timedelta(days=30)


class WrongCode(Fact):
    message = _("Koden stämmer inte. Skriv de sex siffrorna en gång till, eller be om en ny kod.")


class CodeTooOld(Fact):
    message = _("Koden gäller inte längre. Be om en ny kod, så skickar vi den direkt.")


class TooManyCodes(Fact):
    message = _("Du har bett om många koder. Vänta en timme och försök igen.")


class NotAnAddress(Fact):
    """`message` says which kind and how it should look."""


class NotVerified(Fact):
    message = _("Bekräfta adressen med en kod innan du väljer vad du vill få dit.")


class ChangedElsewhere(Fact):
    message = _("Inställningarna har ändrats i ett annat fönster. Läs igenom dem här och spara igen.")


class NotSentAgain(Fact):
    message = _("Utskicket är redan skickat igen eller har kommit fram. Uppdatera sidan för att se läget.")


class Verb(StrEnum):
    """What happens to a delivery."""

    CLAIM = "claim"  # an attempt begins
    TAKE = "take"  # the provider has taken it
    PUT_OFF = "put_off"  # surely not taken; later again
    REFUSE = "refuse"
    LOSE = "lose"  # may or may not have been taken
    EXPIRE = "expire"
    DROP = "drop"
    ARRIVE = "arrive"  # receipt: on the phone, in the mailbox
    RETURN = "return"  # receipt: did not arrive
    REQUEUE = "requeue"  # the provider's list shows that it was not taken


MOVES: dict[tuple[str, Verb], str] = {
    ("queued", Verb.CLAIM): "sending",
    ("queued", Verb.EXPIRE): "dead",
    ("queued", Verb.DROP): "dropped",
    ("queued", Verb.REFUSE): "failed",  # sent again, but the person has no address any more
    ("sending", Verb.TAKE): "sent",
    ("sending", Verb.PUT_OFF): "queued",
    ("sending", Verb.REFUSE): "failed",
    ("sending", Verb.LOSE): "unknown",
    ("sending", Verb.ARRIVE): "delivered",  # the receipt came before the answer
    ("sending", Verb.RETURN): "failed",
    ("unknown", Verb.TAKE): "sent",
    ("unknown", Verb.REQUEUE): "queued",
    ("unknown", Verb.ARRIVE): "delivered",
    ("unknown", Verb.RETURN): "failed",
    ("sent", Verb.ARRIVE): "delivered",
    ("sent", Verb.RETURN): "failed",
    ("delivered", Verb.RETURN): "failed",  # a bounce may come after the server took it
}
AGAIN = frozenset({"failed", "unknown", "dead"})


def move(state: str, verb: Verb) -> str | None:
    """The next state, or None when the news does not concern a delivery in this state (a repeated
    receipt)."""
    return MOVES.get((state, verb))


# --- when ---------------------------------------------------------------------------------------------------


def is_quiet(at: time, start: time, end: time) -> bool:
    if start == end:
        return False
    return start <= at < end if start < end else at >= start or at < end


def after_quiet(now: datetime, start: time, end: time) -> datetime:
    """Now, or the first moment after the quiet hours. Hours are local clock time, also on the nights the
    clock is moved: an hour that comes twice is quiet twice, one that is left out ends when the next has
    begun."""
    local = now.astimezone(LOCAL)
    if not is_quiet(local.time(), start, end):
        return now
    day = local.date()
    if local.time() >= end:
        day += timedelta(days=1)
    ends = datetime.combine(day, end, tzinfo=LOCAL).replace(fold=1)
    return max(ends.astimezone(now.tzinfo), now)


def next_morning(now: datetime, end: time) -> datetime:
    """The end of the coming night's quiet hours: where what is over the day's limit waits."""
    tomorrow = now.astimezone(LOCAL).date() + timedelta(days=1)
    return datetime.combine(tomorrow, end, tzinfo=LOCAL).astimezone(now.tzinfo)


def day_began(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(LOCAL).date(), time(), tzinfo=LOCAL).astimezone(now.tzinfo)


def back_off(attempts: int, *, spread: float) -> timedelta:
    """30 s, 1 min, 2 min ... at most an hour; `spread` 0..1 moves it by up to a fifth, so that all do not
    come at once."""
    seconds = min(30 * 2 ** min(attempts - 1, 10), 3600)
    return timedelta(seconds=seconds * (0.9 + 0.2 * spread))


def gives_up(kind: str, now: datetime) -> datetime:
    return now + MAX_AGE.get(kind, MAX_AGE_OTHERWISE)


def pause(failures: int) -> timedelta | None:
    """How long a channel is left alone after so many failures in a row: 1, 2, 4 ... at most 15 minutes."""
    if failures < BREAK_AFTER:
        return None
    return timedelta(minutes=min(2 ** min(failures - BREAK_AFTER, 4), 15))


def at_once(urgency: int | None) -> bool:
    return urgency is not None and urgency <= URGENT


def digest_due(at: datetime, *, urgency: int | None, minutes: int) -> datetime:
    return at if at_once(urgency) else at + timedelta(minutes=minutes)


# --- to whom ------------------------------------------------------------------------------------------------


def may_notify(*, protected: bool, when_protected: bool, deceased: bool) -> bool:
    """`protected`: the reader or the patient. Nothing leaves the house for them unless the reader has said
    so."""
    return not deceased and (when_protected or not protected)


def usable(*, verified_at: datetime | None, bad_at: datetime | None) -> bool:
    return verified_at is not None and bad_at is None


# --- codes --------------------------------------------------------------------------------------------------


def code_hash(code: str, salt: bytes) -> bytes:
    """Slow on purpose: six digits are soon tried."""
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def digits(written: str) -> str:
    """What people type of a code: spaces and hyphens do not count."""
    return re.sub(r"[\s-]", "", written)


def check_code(guess: bytes, *, expected: bytes, made_at: datetime, attempts: int, now: datetime) -> None:
    """`guess`, `expected`: as of code_hash. `attempts`: other guesses before this one."""
    if now >= made_at + timedelta(minutes=CODE_MINUTES) or attempts >= CODE_ATTEMPTS:
        raise CodeTooOld
    if not hmac.compare_digest(guess, expected):
        raise WrongCode


_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")


def mail_address(written: str) -> str:
    address = written.strip()
    local, _at, domain = address.rpartition("@")
    if len(address) > 254 or not _MAIL.fullmatch(address) or local.strip(".") != local or ".." in address:
        raise NotAnAddress(_("Skriv en e-postadress, till exempel namn@example.se (utan å, ä och ö)."))
    return f"{local}@{domain.lower()}"


def only_known(chosen: Collection[str], known: Collection[str]) -> list[str]:
    return [k for k in known if k in chosen]
