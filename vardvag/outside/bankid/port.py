"""What the house knows of an e-ID for residents: start, ask, give up. BankID is the first behind it."""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Protocol

from vardvag.core.facts import Fact
from vardvag.outside.words import Words


@dataclass(frozen=True, slots=True)
class Order:
    """Started. `ref` and `qr_secret` stay on the server; `auto_start_token` is that browser's only."""

    ref: str = field(repr=False)
    auto_start_token: str = field(repr=False)
    qr_start_token: str = field(repr=False)
    qr_secret: str = field(repr=False)
    at: datetime  # when the answer came: the animated QR code counts seconds from here


@dataclass(frozen=True, slots=True)
class Pending:
    hint: str


@dataclass(frozen=True, slots=True)
class Failed:
    hint: str


@dataclass(frozen=True, slots=True)
class Complete:
    """Who it was. `signature` and `ocsp` (base64) are the evidence to keep with what was signed."""

    personal_number: str = field(repr=False)  # twelve digits
    name: str = field(repr=False)
    given_name: str = field(repr=False)
    surname: str = field(repr=False)
    device_ip: str = field(repr=False)  # a signal to log, no gate: phones change networks
    device: str = field(repr=False)
    issued: str  # YYYY-MM-DD, "" when not told
    signature: str = field(repr=False)
    ocsp: str = field(repr=False)


Outcome = Pending | Failed | Complete


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that starts the order, as the service sees it; BankID weighs the risk of relayed logins."""

    ip: str
    domain: str = ""
    user_agent: str = ""
    device: str = ""  # our own random mark of this browser, at most 64 characters

    def __post_init__(self) -> None:
        ip_address(self.ip)  # ValueError: a programming error, not the resident's


class IdTrouble(Fact):
    """The e-ID service said no or said nothing. `message` may be shown; `code` is the service's own word."""

    message: Words

    def __init__(self, message: Words, *, code: str, status: int = 0) -> None:
        self.code, self.status = code, status
        super().__init__(message, code=code, status=status)


class AlreadyInProgress(IdTrouble):
    """The person has another order going; both are void now and a new try works."""


class UnknownOrder(IdTrouble):
    """The order is collected, cancelled or forgotten; start a new one."""


class TooSoon(IdTrouble):
    """Asked too often: the order lives, ask again in a moment."""


class Unavailable(IdTrouble):
    """No usable answer (down, slow, nonsense, our certificate refused). An order may still be alive."""


class ResidentId(Protocol):
    def auth(self, browser: Browser, *, text: str = "", return_url: str = "") -> Order: ...

    def sign(
        self,
        browser: Browser,
        *,
        text: str,
        hidden: bytes = b"",
        personal_number: str = "",
        return_url: str = "",
    ) -> Order: ...

    def collect(self, ref: str) -> Outcome: ...

    def cancel(self, ref: str) -> None: ...


def encoded(text: str, limit: int) -> str:
    """Base64 of UTF-8 as the service counts it. Raises ValueError when too long."""
    written = base64.b64encode(text.encode()).decode()
    if len(written) > limit:
        raise ValueError(f"{len(written)} characters after base64; at most {limit}")
    return written
