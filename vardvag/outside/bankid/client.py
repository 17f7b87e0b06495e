"""BankID Relying Party API v6 over mutual TLS. The address, the pinned CA and our certificate are data."""

import base64
import json
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import httpx

from vardvag.core.clock import now
from vardvag.outside.answers import Answer, ask
from vardvag.outside.bankid import messages
from vardvag.outside.bankid.port import (
    AlreadyInProgress,
    Browser,
    Complete,
    Failed,
    IdTrouble,
    Order,
    Outcome,
    Pending,
    TooSoon,
    Unavailable,
    UnknownOrder,
    encoded,
)
from vardvag.outside.silence import Silence

TIMEOUT = 5.0  # seconds, for the whole answer; to connect 3
AUTH_TEXT, SIGN_TEXT, HIDDEN = 1_500, 40_000, 200_000  # characters after base64
MAINTENANCE_PAUSES = (0.3, 0.7)  # seconds; a short maintenance is ridden out, nothing else is tried again


class BankId:
    """`place`: url (…/rp/v6.0), ca, cert, key (PEM files). Thread-safe; new certificates are picked up."""

    def __init__(
        self,
        place: Mapping[str, str],
        *,
        timeout: float = TIMEOUT,
        pauses: tuple[float, ...] = MAINTENANCE_PAUSES,
    ) -> None:
        self._url = place["url"].rstrip("/")
        self._files = place["ca"], place["cert"], place["key"]
        self._seconds, self._pauses = timeout, pauses
        self._silence, self._lock = Silence(), Lock()
        self._read: tuple[int, ...] = ()
        self._http: httpx.Client | None = None

    def auth(self, browser: Browser, *, text: str = "", return_url: str = "") -> Order:
        """Start an identification. `text` (simple markdown) is shown in the app. Raises IdTrouble."""
        body = _about(browser, return_url)
        if text:
            body["userVisibleData"] = encoded(text, AUTH_TEXT)
            body["userVisibleDataFormat"] = "simpleMarkdownV1"
        return self._start("auth", body)

    def sign(
        self,
        browser: Browser,
        *,
        text: str,
        hidden: bytes = b"",
        personal_number: str = "",
        return_url: str = "",
    ) -> Order:
        """Start a signature of `text` (and `hidden`, say a digest) by this person only. Raises IdTrouble."""
        body = _about(browser, return_url)
        body["userVisibleData"] = encoded(text, SIGN_TEXT)
        body["userVisibleDataFormat"] = "simpleMarkdownV1"
        if hidden:
            body["userNonVisibleData"] = base64.b64encode(hidden).decode()
            if len(body["userNonVisibleData"]) > HIDDEN:
                raise ValueError(f"hidden data over {HIDDEN} characters after base64")
        if personal_number:
            body["requirement"] = {"personalNumber": personal_number}
        return self._start("sign", body)

    def collect(self, ref: str) -> Outcome:
        """Ask how it goes: every second second, never more than once a second per order. Raises IdTrouble.

        Complete and Failed are told once; afterwards the order is unknown.
        """
        answer = self._call("collect", {"orderRef": ref})
        status, hint = answer.get("status"), str(answer.get("hintCode") or "unknown")
        if status == "pending":
            return Pending(hint)
        if status == "failed":
            return Failed(hint)
        if status == "complete":
            return _complete(answer)
        raise _no_answer("collect answered without a known status")

    def cancel(self, ref: str) -> None:
        """Stop the order; one that is gone already is as good as stopped. Raises IdTrouble."""
        try:
            self._call("cancel", {"orderRef": ref})
        except UnknownOrder:
            return

    def close(self) -> None:
        with self._lock:
            if self._http:
                self._http.close()
                self._http = None

    def _start(self, operation: str, body: dict[str, Any]) -> Order:
        answer = self._call(operation, body, pauses=self._pauses)
        try:
            return Order(
                ref=_text(answer, "orderRef"),
                auto_start_token=_text(answer, "autoStartToken"),
                qr_start_token=_text(answer, "qrStartToken"),
                qr_secret=_text(answer, "qrStartSecret"),
                at=now(),
            )
        except KeyError as error:
            raise _no_answer("the order lacks a field") from error

    def _call(self, operation: str, body: dict[str, Any], pauses: tuple[float, ...] = ()) -> dict[str, Any]:
        for pause in (*pauses, None):
            try:
                return self._once(operation, body)
            except Unavailable as trouble:
                if trouble.code != "maintenance" or pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _once(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self._silence.ask(lambda: self._answer(operation, body))
        except httpx.HTTPError as error:
            raise _no_answer(type(error).__name__) from error
        except (OSError, ssl.SSLError) as error:
            raise Unavailable(messages.error("certificate"), code="certificate") from error
        told = answer.object()
        if answer.status == 200 and told is not None:
            return told
        raise _trouble(answer.status, told or {})

    def _answer(self, operation: str, body: dict[str, Any]) -> Answer:
        return ask(
            self._client(),
            "POST",
            f"{self._url}/{operation}",
            seconds=self._seconds,
            content=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},  # a charset would be refused with 415
        )

    def _client(self) -> httpx.Client:
        """Built anew when a certificate file has changed: they are replaced every year or two."""
        stamp = tuple(Path(name).stat().st_mtime_ns for name in self._files)
        with self._lock:
            if self._http is None or stamp != self._read:
                ca, cert, key = self._files
                context = ssl.create_default_context(cafile=ca)
                context.minimum_version = ssl.TLSVersion.TLSv1_2
                context.load_cert_chain(cert, key)
                self._http = httpx.Client(
                    verify=context,
                    timeout=httpx.Timeout(self._seconds, connect=min(3.0, self._seconds)),
                    follow_redirects=False,
                    trust_env=False,
                )
                self._read = stamp
            return self._http


def _about(browser: Browser, return_url: str) -> dict[str, Any]:
    body: dict[str, Any] = {"endUserIp": browser.ip}
    if return_url:
        if len(return_url) > 512:
            raise ValueError("return_url over 512 characters")
        body["returnUrl"] = return_url
    if len(browser.domain) >= 3 and browser.user_agent and browser.device:
        body["web"] = {
            "referringDomain": browser.domain[:253],
            "userAgent": browser.user_agent[:256],
            "deviceIdentifier": browser.device[:64],
        }
    return body


def _complete(answer: dict[str, Any]) -> Complete:
    try:
        data = answer["completionData"]
        user, device = data["user"], data.get("device") or {}
        return Complete(
            personal_number=_text(user, "personalNumber"),
            name=_text(user, "name"),
            given_name=str(user.get("givenName") or ""),
            surname=str(user.get("surname") or ""),
            device_ip=str(device.get("ipAddress") or ""),
            device=str(device.get("uhi") or ""),
            issued=str(data.get("bankIdIssueDate") or ""),
            signature=str(data.get("signature") or ""),
            ocsp=str(data.get("ocspResponse") or ""),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _no_answer("the completed order lacks a field") from error


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer[name]
    if not isinstance(value, str) or not value:
        raise KeyError(name)
    return value


def _no_answer(why: str) -> Unavailable:
    trouble = Unavailable(messages.error("noAnswer"), code="noAnswer")
    trouble.add_note(why)
    return trouble


def _trouble(status: int, told: dict[str, Any]) -> IdTrouble:
    code, details = str(told.get("errorCode") or ""), str(told.get("details") or "")
    if not code:
        return Unavailable(messages.error("noAnswer"), code="noAnswer", status=status)
    if code == "invalidParameters" and "order" in details.lower():
        return UnknownOrder(messages.error("noSuchOrder"), code="noSuchOrder", status=status)
    kinds: dict[str, type[IdTrouble]] = {
        "alreadyInProgress": AlreadyInProgress,
        "tooManyRequests": TooSoon,
    }
    trouble = kinds.get(code, Unavailable)(messages.error(code), code=code, status=status)
    if details:
        trouble.add_note(details[:200])
    return trouble
