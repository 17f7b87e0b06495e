"""Mail over SMTP, one message to one address, so that every failure belongs to one delivery."""

import re
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr

from vardvag.core.clock import now
from vardvag.outside.failures import DeliveryFailure, OutcomeUnknown, Refused, TryLater

TIMEOUT = 10.0  # seconds, for connecting and for each answer
# RFC 5322's dot-atom, which needs no quotes anywhere: what a server could read as another address is none.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_LOST = (smtplib.SMTPServerDisconnected, OSError)


class MailClient:
    """`place`: host, port, sender, user and password (empty: no login), tls ('', 'starttls', 'tls'), ca."""

    def __init__(self, place: Mapping[str, str], timeout: float = TIMEOUT) -> None:
        self._place, self._timeout = place, timeout
        name, address = parseaddr(place["sender"])
        local, _, self._domain = address.rpartition("@")
        if not local or not self._domain:
            raise ValueError(f"The mail sender {place['sender']!r} is not an address.")
        self._from = Address(display_name=name, addr_spec=address)

    def message_id(self, key: str) -> str:
        """The same for every attempt, so that a mailbox that got two copies shows one."""
        return f"<{key}@{self._domain}>"

    def return_path(self, key: str) -> str:
        """Bounces come back to an address that says which delivery it was."""
        return f"bounces+{key}@{self._domain}"

    def send(self, *, to: str, subject: str, text: str, language: str, key: str) -> str:
        """The Message-ID. `key`: letters, digits and hyphens. Raises TryLater, Refused or OutcomeUnknown."""
        if not _ADDRESS.fullmatch(to):
            raise Refused("not an address")
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = self._from
        message["To"] = Address(addr_spec=to)
        message["Subject"] = subject
        message["Date"] = format_datetime(now())
        message["Message-ID"] = self.message_id(key)
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(text, cte="quoted-printable")
        message["Content-Language"] = language  # after the content, which clears such headers
        with self._open() as smtp:
            _hand_over(smtp, self.return_path(key), to, message.as_bytes())
        return self.message_id(key)

    def _open(self) -> "_Session":
        place, tls = self._place, self._place.get("tls", "")
        host, port = place["host"], int(place["port"])
        smtp: smtplib.SMTP | None = None
        try:
            if tls == "tls":
                smtp = smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=self._trust())
            else:
                smtp = smtplib.SMTP(host, port, timeout=self._timeout)
            smtp.ehlo_or_helo_if_needed()
            if tls == "starttls":
                smtp.starttls(
                    context=self._trust()
                )  # raises when not offered: never falls back to plain text
                smtp.ehlo()
            if place.get("user"):
                smtp.login(place["user"], place["password"])
        except (smtplib.SMTPException, OSError) as error:
            if smtp:
                smtp.close()
            raise TryLater(f"no session: {_said(error)}") from error
        return _Session(smtp)

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._place.get("ca") or None)


class _Session:
    """Closes without ever turning a finished delivery into a failed one."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp

    def __enter__(self) -> smtplib.SMTP:
        return self._smtp

    def __exit__(self, *_: object) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.quit()
        self._smtp.close()


def _hand_over(smtp: smtplib.SMTP, sender: str, to: str, message: bytes) -> None:
    try:
        code, said = smtp.mail(sender)
        if code != 250:
            raise TryLater(f"sender: {code} {_text(said)}")  # our own address is wrong: an operator must act
        code, said = smtp.rcpt(to)
        if code not in {250, 251}:
            raise _verdict("recipient", code, said)
        code, said = smtp.docmd("data")
        if code != 354:
            raise _verdict("data", code, said)
    except _LOST as error:
        raise TryLater(f"connection lost before the message: {_said(error)}") from error
    try:
        smtp.send(_dotted(message))
        code, said = smtp.getreply()
    except _LOST as error:
        # The server may have taken the message and lost the line before it could say so.
        raise OutcomeUnknown(f"connection lost after the message: {_said(error)}") from error
    if code != 250:
        raise _verdict("message", code, said)


def _dotted(message: bytes) -> bytes:
    """SMTP transparency (RFC 5321 4.5.2): a leading dot is doubled, a lone dot is the end."""
    lines = message.removesuffix(b"\r\n").split(b"\r\n")
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n"


def _verdict(step: str, code: int, said: bytes) -> DeliveryFailure:
    detail = f"{step}: {code} {_text(said)}"
    if 500 <= code < 600:
        return Refused(detail)
    return TryLater(detail, channel_down=code == 421)


def _text(said: bytes) -> str:
    """Only the enhanced status ('5.1.1'): the rest of the answer often repeats the address."""
    first = said.split(maxsplit=1)[0].decode(errors="replace") if said else ""
    return first if first[:1].isdigit() else ""


def _said(error: Exception) -> str:
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()
