"""Asking the malware scanner, where there is one. No answer is never taken for clean."""

import logging
from io import BytesIO

from django.conf import settings

from vardvag.files.models import File
from vardvag.outside.scanner.client import Scanner

log = logging.getLogger(__name__)


def scan(data: bytes, *, timeout: float) -> File.State:
    """CLEAN without a scanner: the sandbox has rebuilt the file in any case."""
    address = settings.OUTSIDE["scanner"]["address"]
    if not address:
        return File.State.CLEAN
    verdict = Scanner(address, timeout=timeout).scan(BytesIO(data))
    match verdict.result:
        case "clean":
            return File.State.CLEAN
        case "found":
            log.warning("malware found in an uploaded file", extra={"malware": verdict.detail[:80]})
            return File.State.INFECTED
        case _:
            log.error("the malware scanner gives no answer", extra={"detail": verdict.detail[:80]})
            return File.State.UNSCANNABLE
