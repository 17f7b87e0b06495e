"""SMS over HTTP as 46elks speaks it: form fields in, JSON out, HTTP Basic, receipts to a callback address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from vardvag.outside.answers import ask
from vardvag.outside.failures import OutcomeUnknown, Refused, TryLater

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
STATES = frozenset({"created", "sent", "delivered", "failed"})


@dataclass(frozen=True, slots=True)
class Sms:
    """One message as the provider knows it. `delivered` is the time it reached the phone."""

    id: str
    state: str  # created | sent | delivered | failed
    to: str
    text: str
    created: datetime | None
    delivered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    state: str  # sent | delivered | failed


class SmsClient:
    """`place`: url (…/a1), user, password, sender (≤ 11 letters or E.164)."""

    def __init__(self, place: Mapping[str, str], timeout: httpx.Timeout = TIMEOUT) -> None:
        self._sender, self._seconds = place["sender"], timeout.read or 10.0  # the latter for a whole answer
        self._http = httpx.Client(
            base_url=place["url"].rstrip("/") + "/",
            auth=(place["user"], place["password"]),
            timeout=timeout,
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def send(self, *, to: str, text: str, callback: str) -> str:
        """The provider's id. Raises TryLater, Refused or OutcomeUnknown."""
        fields = {"from": self._sender, "to": to, "message": text, "whendelivered": callback}
        try:
            answer = ask(self._http, "POST", "sms", data=fields, seconds=self._seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TryLater(f"no connection: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"connection lost: {type(error).__name__}") from error
        if answer.status == 200:
            id = (answer.object() or {}).get("id")
            if not isinstance(id, str) or not id:
                raise OutcomeUnknown("accepted, but the answer had no id")
            return id
        if answer.status in {401, 402, 403, 408, 429}:
            # Account matters (password, credit): nothing wrong with the message, an operator must act.
            raise TryLater(f"HTTP {answer.status}")
        if 400 <= answer.status < 500:
            raise Refused(f"HTTP {answer.status}")
        # 5xx and anything odd may come after the message was taken.
        raise OutcomeUnknown(f"HTTP {answer.status}")

    def look_up(self, id: str) -> Sms | None:
        """None when the provider does not know the id."""
        answer = self._get(f"sms/{id}", {}) if id.isalnum() else None
        return None if answer is None else _sms(answer)

    def recent(self, *, to: str, since: datetime) -> list[Sms]:
        """Everything sent to a number after a time, newest first, all pages."""
        found: list[Sms] = []
        query = {"to": to, "end": _stamp(since), "limit": "100"}
        for _ in range(50):
            answer = self._get("sms", query)
            if answer is None:
                raise TryLater("the list of messages is not there")
            rows = answer.get("data")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise TryLater("the answer was no list of messages")  # says nothing of what was sent
            found += [_sms(row) for row in rows if row.get("direction") != "incoming"]
            if not answer.get("next"):
                break
            query["start"] = str(answer["next"])
        return found

    def _get(self, path: str, query: dict[str, str]) -> dict[str, Any] | None:
        try:
            answer = ask(self._http, "GET", str(httpx.URL(path, params=query)), seconds=self._seconds)
        except httpx.HTTPError as error:
            raise TryLater(f"no answer: {type(error).__name__}") from error
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise TryLater(f"HTTP {answer.status}")
        body = answer.object()
        if body is None:
            raise TryLater("the answer was not a JSON object")
        return body


def read_receipt(fields: Mapping[str, str]) -> Receipt | None:
    """The form the provider posts to the callback; None when it is not one."""
    id, state = fields.get("id", ""), fields.get("status", "")
    if not id or len(id) > 64 or not id.isalnum() or state not in {"sent", "delivered", "failed"}:
        return None
    return Receipt(id, state)


def _sms(row: Mapping[str, Any]) -> Sms:
    try:
        state = str(row["status"])
        return Sms(
            id=str(row["id"]),
            state=state if state in STATES else "sent",
            to=str(row["to"]),
            text=str(row.get("message", "")),
            created=_time(row.get("created")),
            delivered=_time(row.get("delivered")),
        )
    except (KeyError, TypeError) as error:
        raise TryLater("a message in the answer lacks its fields") from error


def _time(written: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat()
