"""Reads the notices mail servers send back (RFC 3464). The delivery is known by the address they came to."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

MAX_BYTES = 1_000_000
_VERP = re.compile(r"bounces\+([A-Za-z0-9-]{1,64})@", re.IGNORECASE)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Bounce:
    key: str  # of the delivery
    status: str  # '5.1.1'
    action: str  # failed | delayed | delivered | relayed | expanded

    @property
    def hard(self) -> bool:
        """The address will not work tomorrow either (a full mailbox, 5.2.2, may)."""
        return self.action == "failed" and self.status.startswith("5") and self.status != "5.2.2"


def read_bounce(raw: bytes) -> Bounce | None:
    """None when it is not a delivery notice about one of our deliveries."""
    message = message_from_bytes(raw[:MAX_BYTES], policy=compat32)
    key = _key(message)
    if message.get_content_type() != "multipart/report" or key is None:
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if not isinstance(block, Message):
                continue
            action = str(block.get("Action", "")).strip().lower()
            found = _STATUS.search(str(block.get("Status", "")))
            if action and found:
                return Bounce(key, ".".join(found.groups()), action)
    return None


def _key(message: Message) -> str | None:
    for header in ("Delivered-To", "X-Original-To", "Envelope-To", "To"):
        for value in message.get_all(header) or []:
            if found := _VERP.search(str(value)):
                return found.group(1)
    return None
