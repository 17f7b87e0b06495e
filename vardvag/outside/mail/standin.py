"""A stand-in of the mail server (aiosmtpd): shows every message in the journal.

`plan(...)` scripts the next messages, one word each. At the recipient: busy (450), nobody (550),
closing (421), lost (the line is cut). After the message: later (451), spam (554), slow, drop (taken, then the
line is cut). Else ok.
"""

import asyncio
import logging
import socket
import ssl
from collections import deque
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from vardvag.outside.journal import Journal
from vardvag.outside.standins import forbid_in_production

_AT_RECIPIENT = {
    "busy": "450 4.2.1 Mailbox busy",
    "nobody": "550 5.1.1 No such user",
    "closing": "421 4.3.2 Closing",
}
_AFTER_MESSAGE = {"later": "451 4.3.0 Try again", "spam": "554 5.7.1 Refused"}


class _OnAnyPort(Controller):
    """Controller that binds first and tells its port, so that 0 works."""

    def _create_server(self) -> Any:
        sock = socket.create_server((self.hostname, self.port))
        self.port = sock.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=sock, ssl=self.ssl_context)


class StandIn:
    def __init__(
        self, journal: Journal, port: int = 0, slow: float = 1.0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.journal, self.port, self.slow = journal, port, slow
        self.messages: list[dict[str, str]] = []
        self._plan: deque[str] = deque()
        self.standing = "ok"  # the answer when nothing is planned
        self._now: str = "ok"  # the answer chosen for the message under way
        self._controller: Any = None
        self._tls = tls

    def plan(self, *answers: str) -> None:
        self._plan.extend(answers)

    def start(self) -> None:
        forbid_in_production("mail")
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd would write every address
        self._controller = _OnAnyPort(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=self._tls,
            require_starttls=bool(self._tls),
        )
        self._controller.start()
        self.port = self._controller.port

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self._now = self._plan.popleft() if self._plan else self.standing
        if self._now == "lost":
            server.transport.abort()
            return "421 4.4.2 Lost"
        if self._now in _AT_RECIPIENT:
            return _AT_RECIPIENT[self._now]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self._now in _AFTER_MESSAGE:
            return _AFTER_MESSAGE[self._now]
        self._take(envelope.mail_from, envelope.rcpt_tos[0], envelope.content)
        if self._now == "slow":
            await asyncio.sleep(self.slow)
        if self._now == "drop":
            server.transport.abort()
        return "250 2.0.0 Taken"

    def _take(self, sender: str, to: str, raw: bytes) -> None:
        message = message_from_bytes(raw, policy=default)
        body = message.get_body(("plain",))
        shown = {
            "sender": str(message["From"]),
            "to": to,
            "return_path": sender,
            "subject": str(message["Subject"]),
            "message_id": str(message["Message-ID"]),
            "text": body.get_content() if body else "",
            "raw": raw.decode(errors="replace"),
        }
        self.messages.append(shown)
        self.journal.note("mail", f"E-post till {to}: {shown['subject']}", **shown)
