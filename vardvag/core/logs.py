"""Structured logs without personal data: one JSON object a line, fields from a list, texts scrubbed.

Of our own loggers (`vardvag.*`) the message is written out; of others only its template, since what a library
puts into it is not ours to vouch for. Of an exception: type, place and, from the database, code and constraint;
never its text, which may quote what somebody wrote.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

FIELDS = frozenset(
    {"route", "method", "status", "ms", "job", "task", "attempt", "queue", "count", "size", "seconds"}
    | {"process", "code", "door"}
)
_SCRUB = [
    (
        re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+"),
        "[e-post]",
    ),  # unbounded, long texts take minutes
    (re.compile(r"(?<!\d)(?:\d{2})?\d{6}[-+ ]?[\dA-Za-z]\d{3}(?!\d)"), "[nummer]"),
    (re.compile(r"(?<![\w.])(?:\+|00)\d[\d -]{6,14}\d"), "[nummer]"),
    (re.compile(r"(?<![\w.-])0\d[\d -]{5,12}\d(?![\w.])"), "[nummer]"),
    (re.compile(r"(?i)\b(?:bearer|basic)\s+\S+|(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]+"), "[nyckel]"),
    (re.compile(r"(?<![\w/.-])[\w-]{40,}(?![\w.])"), "[nyckel]"),
]


_request: ContextVar[str] = ContextVar("request", default="")


def request_id() -> str:
    """Of the request this thread works for; empty outside one. In the log, the audit and on error pages."""
    return _request.get()


def set_request_id(new: str) -> None:
    _request.set(new)


def scrub(text: str) -> str:
    """Take away what looks like a personal number, phone number, mail address or key."""
    for pattern, instead in _SCRUB:
        text = pattern.sub(instead, text)
    return text


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.startswith("vardvag")
        message = record.getMessage() if ours else str(record.msg)
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": scrub(message)[:2000],
        }
        if request := request_id():
            line["request"] = request
        for name in FIELDS:
            value = record.__dict__.get(name)
            if value is not None and (ours or isinstance(value, int | float)):
                line[name] = scrub(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=lambda value: type(value).__name__)


def explains(record: logging.LogRecord) -> bool:
    """Of Django's word on a failed request: without an exception the request's own line says as much, and more."""
    return bool(record.exc_info)


def told(problem: BaseException) -> dict[str, Any]:
    """What may be known of an exception, and of what caused it."""
    frames = traceback.extract_tb(problem.__traceback__)
    found: dict[str, Any] = {
        "type": f"{type(problem).__module__}.{type(problem).__qualname__}",
        "at": [
            f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno} {frame.name}"
            for frame in frames[-12:]
        ],
    }
    if sqlstate := getattr(problem, "sqlstate", None):
        found["sqlstate"] = sqlstate
        found["constraint"] = getattr(getattr(problem, "diag", None), "constraint_name", None)
    if problem.__cause__ is not None:
        found["cause"] = told(problem.__cause__)
    return found


def _short(path: str) -> str:
    return path.rsplit("site-packages/", 1)[-1]


def theirs(record: logging.LogRecord) -> bool:
    """Bytes from a visitor that are no text are no fault of ours: uvicorn says "error" of them."""
    if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError):
        record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
    return True
