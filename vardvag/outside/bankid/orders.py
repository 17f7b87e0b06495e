"""The stand-in's orders and the phone that answers them: what BankID's servers and app know.

The phone's side (`waiting`, `scan`, `open`, `take`, `approve`, `refuse`) is driven by the page /telefon and
by tests; the service's side (`start`, `collect`, `cancel`) by the protocol in standin.py.
"""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from threading import RLock
from typing import Any
from uuid import uuid4

from vardvag.outside.bankid import qr
from vardvag.outside.bankid.signature import Signer
from vardvag.outside.journal import Journal
from vardvag.outside.people import People, Resident

FAILURES = (
    "expiredTransaction",
    "certificateErr",
    "userCancel",
    "cancelled",
    "startFailed",
    "userDeclinedCall",
    "notSupportedByUserApp",
    "transactionRiskBlocked",
)
QR_AGE = 5  # seconds a scanned code may be old


class Refusal(Exception):
    """An error answer of the protocol."""

    def __init__(self, status: int, code: str, details: str) -> None:
        self.status, self.code, self.details = status, code, details
        super().__init__(code)


class PhoneSays(Exception):
    """The app's own message to the person who holds it (Swedish)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, as the real service counts them."""

    unscanned: float = 30
    whole: float = 180
    keep_complete: float = 180
    keep_failed: float = 300
    searching: float = 0.5  # "started" is told this long after a scan, then "userSign"
    between_collects: float = 0.9  # asked again sooner: 429


@dataclass(slots=True)
class Started:
    """One order. `state`: pending | failed | complete; `hint` as the protocol tells it."""

    kind: str  # auth | sign
    text: str
    service: str
    required: str  # personal number that must answer, "" for anyone
    return_url: str
    ip: str
    at: datetime
    body: dict[str, Any]
    ref: str = field(default_factory=lambda: str(uuid4()))
    auto_start_token: str = field(default_factory=lambda: str(uuid4()))
    qr_start_token: str = field(default_factory=lambda: str(uuid4()))
    qr_secret: str = field(default_factory=lambda: str(uuid4()))
    state: str = "pending"
    hint: str = "outstandingTransaction"
    opened: datetime | None = None
    ended: datetime | None = None
    collected: datetime | None = None
    person: Resident | None = None
    phone_ip: str = ""
    script: list[str] = field(default_factory=list)


class Orders:
    def __init__(
        self,
        journal: Journal,
        people: People,
        *,
        timing: Timing,
        now: Callable[[], datetime],
    ) -> None:
        self.journal, self.people, self.timing, self.now = journal, people, timing, now
        self._signer = Signer()
        self._lock = RLock()
        self._all: dict[str, Started] = {}
        self._scripts: dict[str, list[str]] = {}

    # --- the service's side ---

    def start(self, kind: str, body: dict[str, Any], service: str) -> Started:
        required = str((body.get("requirement") or {}).get("personalNumber") or "")
        text = base64.b64decode(body.get("userVisibleData") or "").decode("utf-8", "replace")
        order = Started(
            kind,
            text,
            service,
            required,
            str(body.get("returnUrl") or ""),
            body["endUserIp"],
            self.now(),
            body,
        )
        with self._lock:
            script = list(self._scripts.get(required, ())) if required else []
            if script and script[0].startswith("error:"):
                raise Refusal(400, script[0].removeprefix("error:"), "scripted")
            other = self._busy(required) if required else None
            if other:
                self._end(other, "failed", "cancelled")
                raise Refusal(400, "alreadyInProgress", "Order already in progress for pno")
            if script:
                self._bind(order, required, "127.0.0.1")
            self._all[order.ref] = order
        return order

    def collect(self, ref: str) -> dict[str, Any]:
        with self._lock:
            order = self._find(ref)
            self._age(order)
            moment = self.now()
            if order.collected and (moment - order.collected).total_seconds() < self.timing.between_collects:
                raise Refusal(429, "tooManyRequests", "collect at most once a second")
            order.collected = moment
            if order.state == "pending" and order.script:
                self._play(order, order.script.pop(0))
            answer: dict[str, Any] = {"orderRef": ref, "status": order.state}
            if order.state == "complete":
                answer["completionData"] = self._completion(order)
                del self._all[ref]
            else:
                answer["hintCode"] = self._hint(order)
                if order.state == "failed":
                    del self._all[ref]
            return answer

    def cancel(self, ref: str) -> None:
        with self._lock:
            order = self._find(ref)
            del self._all[order.ref]

    # --- the phone's side ---

    def waiting(self) -> list[Started]:
        """Not yet opened by any phone, newest first."""
        with self._lock:
            for order in list(self._all.values()):
                self._age(order)
            newest = reversed(self._all.values())
            return [order for order in newest if order.state == "pending" and order.opened is None]

    def scan(self, content: str) -> Started:
        """The text of an animated QR code, as the camera reads it. Raises PhoneSays."""
        parts = content.strip().split(".")
        if len(parts) != 4 or parts[0] != "bankid" or not parts[2].isdecimal() or len(parts[2]) > 6:
            raise PhoneSays("Det här är ingen QR-kod från BankID.")
        with self._lock:
            order = next((o for o in self.waiting() if o.qr_start_token == parts[1]), None)
            if order is None:
                raise PhoneSays("Koden gäller inte längre. Läs av den kod som visas nu.")
            expected = qr.text(order.qr_start_token, order.qr_secret, int(parts[2]))
            if not hmac.compare_digest(expected, content.strip()):
                raise PhoneSays("Koden är inte äkta.")
            age = (self.now() - order.at).total_seconds() - int(parts[2])
            if not -2 <= age <= QR_AGE:
                raise PhoneSays("Koden är för gammal. Läs av den kod som visas nu.")
            return self.open(order.ref)

    def open_by_token(self, auto_start_token: str) -> Started:
        """The app was started by a link on the same device. Raises PhoneSays."""
        with self._lock:
            order = next((o for o in self._all.values() if o.auto_start_token == auto_start_token), None)
            if order is None:
                raise PhoneSays("Länken gäller inte längre. Gå tillbaka och börja om.")
            return self.open(order.ref)

    def open(self, ref: str) -> Started:
        """The app has the order on its screen."""
        with self._lock:
            order = self._all.get(ref)
            if order:
                self._age(order)
            if order is None or order.state != "pending":
                raise PhoneSays("Inloggningen gäller inte längre. Börja om där du startade den.")
            order.opened = order.opened or self.now()
            return order

    def take(self, ref: str, personal_number: str, phone_ip: str = "127.0.0.1") -> Started:
        """This person's BankID is chosen; another order of theirs that was open is cancelled."""
        with self._lock:
            order = self.open(ref)
            if order.required and order.required != personal_number:
                raise PhoneSays("Det här ska göras av någon annan. Välj rätt person.")
            other = self._busy(personal_number, besides=order)
            if other:
                self._end(other, "failed", "cancelled")
            self._bind(order, personal_number, phone_ip)
            return order

    def approve(self, ref: str, code: str = "000000") -> Started:
        """The security code was typed. Raises PhoneSays."""
        with self._lock:
            order = self.open(ref)
            if order.person is None:
                raise PhoneSays("Välj först vems BankID det är.")
            if not (code.isascii() and code.isdigit() and len(code) == 6):
                raise PhoneSays("Skriv en säkerhetskod med sex siffror. I demon duger vilka som helst.")
            if not order.script:
                self._end(order, "complete", "")
            return order

    def refuse(self, ref: str, hint: str = "userCancel") -> Started:
        with self._lock:
            order = self.open(ref)
            self._end(order, "failed", hint)
            return order

    def look(self, ref: str) -> Started | None:
        with self._lock:
            return self._all.get(ref)

    # --- scripts ---

    def script(self, personal_number: str, *steps: str) -> None:
        """What happens when this person answers: one step a collect, each a pending hint, a failure's hint,
        or "complete"; or "error:<code>" alone, refusing the start. No steps: as the phone decides."""
        with self._lock:
            self._scripts[personal_number] = list(steps)

    def _play(self, order: Started, step: str) -> None:
        if step == "complete":
            self._end(order, "complete", "")
        elif step in FAILURES or step == "failed":
            self._end(order, "failed", "unknown" if step == "failed" else step)
        else:
            order.hint = step
            order.script = order.script or [step]  # the last pending hint stays

    def _bind(self, order: Started, personal_number: str, phone_ip: str) -> None:
        order.person = self.people.resident(personal_number)
        order.phone_ip = phone_ip
        order.opened = order.opened or self.now()
        order.script = list(self._scripts.get(personal_number, ()))

    def _hint(self, order: Started) -> str:
        if order.state == "pending" and order.hint == "outstandingTransaction" and order.opened:
            found = (self.now() - order.opened).total_seconds() >= self.timing.searching
            return "userSign" if found else "started"
        return order.hint

    def _find(self, ref: str) -> Started:
        order = self._all.get(ref)
        if order is None:
            raise Refusal(400, "invalidParameters", "No such order")
        return order

    def _busy(self, personal_number: str, besides: Started | None = None) -> Started | None:
        for order in list(self._all.values()):
            whose = order.person.personal_number if order.person else order.required
            self._age(order)
            if order is not besides and order.state == "pending" and whose == personal_number:
                return order
        return None

    def _age(self, order: Started) -> None:
        """Let time do its work: unscanned 30 s, whole order 3 min, forgotten a while after its end."""
        lived = (self.now() - order.at).total_seconds()
        if order.state == "pending":
            if order.opened is None and lived > self.timing.unscanned:
                self._end(order, "failed", "startFailed")
            elif lived > self.timing.whole:
                self._end(order, "failed", "expiredTransaction")
        elif order.ended:
            keep = self.timing.keep_complete if order.state == "complete" else self.timing.keep_failed
            if self.now() - order.ended > timedelta(seconds=keep):
                self._all.pop(order.ref, None)

    def _end(self, order: Started, state: str, hint: str) -> None:
        order.state, order.hint, order.ended = state, hint, self.now()
        if hint == "startFailed":
            return
        what = "legitimerade sig" if order.kind == "auth" else "skrev under"
        who = order.person.name if order.person else "Ingen"
        line = f"{who} {what} hos {order.service}" if state == "complete" else f"Avbruten inloggning: {hint}"
        number = order.person.personal_number if order.person else ""
        self.journal.note("bankid", line, personal_number=number, kind=order.kind, text=order.text, hint=hint)

    def _completion(self, order: Started) -> dict[str, Any]:
        person = order.person
        assert person is not None
        return {
            "user": {
                "personalNumber": person.personal_number,
                "name": person.name,
                "givenName": person.given_name,
                "surname": person.surname,
            },
            "device": {"ipAddress": order.phone_ip, "uhi": token_hex(16)},
            "bankIdIssueDate": "2024-01-15",
            "signature": self._signer.sign(order.kind, order.body, order.ref),
            "ocspResponse": base64.b64encode(json.dumps({"demo": order.ref}).encode()).decode(),
        }
