"""One bounded question over HTTP: whatever the other side does, it costs limited time and memory."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Thread
from typing import Any

import httpx

_until: ContextVar[float] = ContextVar("until", default=float("inf"))  # monotonic seconds


@contextmanager
def together(seconds: float) -> Iterator[None]:
    """Several questions, one after the other, take so long at most."""
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


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
    """`seconds` bounds everything (a name's address, the handshake, headers byte by byte), `limit` the answer's bytes.
    Raises httpx.HTTPError."""
    seconds = min(seconds, _until.get() - time.monotonic())
    if seconds <= 0:
        raise httpx.ReadTimeout("the questions before took all the time")
    asked = {"Accept-Encoding": "identity", **(headers or {})}
    told: Future[Answer] = Future()

    def asking() -> None:
        try:
            with http.stream(method, url, content=content, data=data, headers=asked) as answer:
                told.set_result(_whole(answer, limit=limit, end=end))
        except httpx.InvalidURL as error:
            told.set_exception(httpx.ConnectError(str(error)))
        except BaseException as error:  # raised where it was asked
            told.set_exception(error)

    # In a thread of its own: httpx bounds each read, and nothing bounds the asking for an address.
    end = time.monotonic() + seconds
    Thread(target=asking, name="outside", daemon=True).start()
    try:
        return told.result(seconds)
    except TimeoutError as silence:
        raise httpx.ReadTimeout(f"no whole answer within {seconds:.1f} seconds") from silence


def _whole(answer: httpx.Response, *, limit: int, end: float) -> Answer:
    """Nobody may be waiting for it any longer: it ends soon after `end` (monotonic seconds)."""
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > limit:
            raise httpx.ReadError(f"the answer is over {limit} bytes")
        if time.monotonic() > end:
            raise httpx.ReadTimeout("the answer was not whole in time")
    return Answer(answer.status_code, bytes(body))
