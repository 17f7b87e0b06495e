"""One bounded question over HTTP: whatever the other side does, it costs limited time and memory."""

import json
import time
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def object(self) -> dict[str, Any] | None:
        """The JSON object in the body; None when it is anything else."""
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return told if isinstance(told, dict) else None


def ask(
    http: httpx.Client,
    method: str,
    url: str,
    *,
    seconds: float = 10.0,
    limit: int = 1_000_000,
    content: bytes | None = None,
    data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """`seconds` bounds the whole answer (not each piece), `limit` its bytes. Raises httpx.HTTPError."""
    end = time.monotonic() + seconds
    asked = {"Accept-Encoding": "identity", **(headers or {})}
    body = bytearray()
    try:
        with http.stream(method, url, content=content, data=data, headers=asked) as answer:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > limit:
                    raise httpx.ReadError(f"the answer is over {limit} bytes")
                if time.monotonic() > end:
                    raise httpx.ReadTimeout(f"the answer was not whole after {seconds} seconds")
            return Answer(answer.status_code, bytes(body))
    except httpx.InvalidURL as error:
        raise httpx.ConnectError(str(error)) from error
