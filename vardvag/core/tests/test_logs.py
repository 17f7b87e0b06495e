"""No personal data reaches the log, whoever writes it."""

import json
import logging
import time

import psycopg
import pytest

from vardvag.core.logs import JsonFormatter, scrub, set_request_id

CANARIES = [
    "19121212-1212", "191212121212", "121212-1212", "121212+1212", "+46 70-174 06 05", "070-1740605",
    "kim.test@example.org", "Bearer abc.def.ghi", "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXI", "a" * 43,
]  # fmt: skip


def line(logger, message, *arguments, level=logging.INFO, exc_info=None, **extra):
    record = logging.getLogger(logger).makeRecord(
        logger, level, "f.py", 1, message, arguments, exc_info, extra=extra
    )
    return JsonFormatter().format(record)


@pytest.mark.parametrize("canary", CANARIES)
def test_our_own_messages_are_scrubbed(canary):
    assert canary not in line("vardvag.inbox", f"sending to {canary}")
    assert canary not in line("vardvag.inbox", "sending to %s", canary)
    assert canary not in line("vardvag.inbox", "sending", task=f"to {canary}")


def test_what_a_library_fills_in_is_left_out():
    assert "/arenden/hemligt" not in line(
        "django.request", "Not Found: %s", "/arenden/hemligt", status_code=404
    )


def test_fields_that_are_not_on_the_list_are_left_out():
    told = json.loads(
        line("vardvag.request", "request", route="cases/staff/queue", ms=3.2, patient="Kim Test")
    )
    assert told["route"] == "cases/staff/queue" and told["ms"] == 3.2
    assert "Kim" not in json.dumps(told)


def test_an_exception_tells_its_type_and_place_never_its_text():
    try:
        try:
            raise ValueError("Kim Test, 19121212-1212, har ont")
        except ValueError as cause:
            raise RuntimeError("Kim Test igen") from cause
    except RuntimeError as problem:
        told = line("vardvag.cases", "failed", exc_info=(type(problem), problem, problem.__traceback__))
    assert "Kim" not in told and "1212" not in told
    error = json.loads(told)["error"]
    assert error["type"] == "builtins.RuntimeError" and error["cause"]["type"] == "builtins.ValueError"
    assert "test_logs.py" in error["at"][-1]


def test_a_database_error_tells_its_code():
    problem = psycopg.errors.UniqueViolation("Key (number)=(191212121212) already exists")
    told = json.loads(line("vardvag", "failed", exc_info=(type(problem), problem, None)))
    assert told["error"]["sqlstate"] == "23505" and "1212" not in json.dumps(told)


def test_the_request_is_named():
    set_request_id("abc12345")
    try:
        assert json.loads(line("vardvag.cases", "opened"))["request"] == "abc12345"
    finally:
        set_request_id("")


def test_figures_and_times_survive():
    assert (
        scrub("case 4711 took 12.5 s at 2026-11-20T21:36:44")
        == "case 4711 took 12.5 s at 2026-11-20T21:36:44"
    )


def test_a_long_text_is_scrubbed_in_no_time():
    """Twenty thousand letters that might become an address took thirteen seconds before the pattern had bounds."""
    began = time.process_time()
    for text in ("a" * 20_000, "eyJ" * 7_000, "a.b-" * 5_000, "bearer " * 3_000, "0 7" * 7_000):
        scrub(text)
    assert time.process_time() - began < 2


def test_of_djangos_words_on_a_failed_request_only_those_with_an_exception_are_kept(caplog):
    logger = logging.getLogger("django.request")
    logger.error("%s: %s", "Service Unavailable", "/a/")
    try:
        raise ValueError("a")
    except ValueError:
        logger.exception("%s: %s", "Internal Server Error", "/b/")
    assert [one.args for one in caplog.records] == [("Internal Server Error", "/b/")]
