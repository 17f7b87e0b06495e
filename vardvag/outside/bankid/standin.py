"""A stand-in of BankID's server: the v6 protocol over mutual TLS, as strict as the real one."""

import base64
import binascii
import ipaddress
import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from vardvag.core import clock
from vardvag.outside.bankid.orders import Orders, Refusal, Timing
from vardvag.outside.certificates import Authority
from vardvag.outside.faults import Faults
from vardvag.outside.journal import Journal
from vardvag.outside.local_server import LocalServer, Reply, Request, json_reply
from vardvag.outside.people import People
from vardvag.outside.standins import forbid_in_production

BASE = "/rp/v6.0/"
PARTY = "Vårdväg demo"  # common name of the relying party's certificate
_FIELDS = {
    "endUserIp",
    "requirement",
    "userVisibleData",
    "userVisibleDataFormat",
    "userNonVisibleData",
    "returnUrl",
    "returnRisk",
    "web",
    "app",
}
_REQUIREMENT = {"personalNumber", "pinCode", "mrtd", "cardReader", "certificatePolicies", "risk"}
_WEB = {"referringDomain": (3, 253), "userAgent": (1, 256), "deviceIdentifier": (1, 64)}


class StandIn:
    """`folder` keeps the certificates. `place()` is what the client needs."""

    def __init__(
        self,
        journal: Journal,
        folder: Path,
        *,
        port: int = 0,
        people: People | None = None,
        timing: Timing | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.journal, self.authority = journal, Authority(folder)
        self.orders = Orders(journal, people or People(), timing=timing or Timing(), now=now)
        self.faults = Faults()
        self.errors: list[tuple[int, str]] = []  # next protocol errors: (status, errorCode)
        self._server = LocalServer(
            self._answer, port=port, tls=self._tls(), faults=self.faults, on_refused=self._refused
        )

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/rp/v6.0"

    def place(self) -> dict[str, str]:
        cert, key = self.authority.client("party", PARTY)
        return {"url": self.url, "ca": str(self.authority.ca), "cert": str(cert), "key": str(key)}

    def start(self) -> None:
        forbid_in_production("bankid")
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def _tls(self) -> ssl.SSLContext:
        cert, key = self.authority.server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(cert, key)
        context.load_verify_locations(self.authority.ca)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _refused(self, why: str) -> None:
        self.journal.note("bankid", "Anslutning utan giltigt certifikat nekades", why=why[:200])

    def _answer(self, request: Request) -> Reply:
        try:
            return json_reply(self._operate(request))
        except Refusal as refusal:
            body = {"errorCode": refusal.code, "details": refusal.details}
            return json_reply(body, refusal.status)

    def _operate(self, request: Request) -> dict[str, Any]:
        if request.subject != PARTY:
            raise Refusal(403, "unauthorized", "The certificate belongs to no relying party")
        operation = request.path.removeprefix(BASE)
        if not request.path.startswith(BASE) or operation not in ("auth", "sign", "collect", "cancel"):
            raise Refusal(404, "notFound", "Not found")
        if request.method != "POST":
            raise Refusal(405, "methodNotAllowed", "Only POST")
        if request.headers.get("content-type") != "application/json":
            raise Refusal(415, "unsupportedMediaType", "Content-Type must be application/json")
        if self.errors:
            status, code = self.errors.pop(0)
            raise Refusal(status, code, "told by the test")
        body = _object(request)
        if operation in ("auth", "sign"):
            _check(operation, body)
            order = self.orders.start(operation, body, request.subject)
            return {
                "orderRef": order.ref,
                "autoStartToken": order.auto_start_token,
                "qrStartToken": order.qr_start_token,
                "qrStartSecret": order.qr_secret,
            }
        ref = body.get("orderRef")
        if set(body) != {"orderRef"} or not isinstance(ref, str):
            raise Refusal(400, "invalidParameters", "Invalid parameter")
        if operation == "cancel":
            self.orders.cancel(ref)
            return {}
        return self.orders.collect(ref)


def _object(request: Request) -> dict[str, Any]:
    try:
        body = request.json()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "invalidParameters", "Invalid JSON")
    return body


def _check(operation: str, body: dict[str, Any]) -> None:
    def demand(held: bool, name: str) -> None:
        if not held:
            raise Refusal(400, "invalidParameters", f"Invalid {name}")

    demand(set(body) <= _FIELDS, "parameter")
    demand(_is_ip(body.get("endUserIp")), "endUserIp")
    visible = body.get("userVisibleData")
    demand(visible is not None or operation == "auth", "userVisibleData")
    if visible is not None:
        limit = 1_500 if operation == "auth" else 40_000
        demand(_is_base64(visible) and 1 <= len(visible) <= limit, "userVisibleData")
    demand(
        body.get("userVisibleDataFormat", "simpleMarkdownV1") == "simpleMarkdownV1", "userVisibleDataFormat"
    )
    hidden = body.get("userNonVisibleData", "eA==")
    demand(_is_base64(hidden) and 1 <= len(hidden) <= 200_000, "userNonVisibleData")
    back = body.get("returnUrl", "x")
    demand(isinstance(back, str) and 1 <= len(back) <= 512, "returnUrl")
    requirement = body.get("requirement", {})
    demand(isinstance(requirement, dict) and set(requirement) <= _REQUIREMENT, "requirement")
    number = requirement.get("personalNumber", "191212121212")
    demand(isinstance(number, str) and len(number) == 12 and number.isdigit(), "personalNumber")
    web = body.get("web")
    if web is not None:
        demand(isinstance(web, dict) and set(web) == set(_WEB), "web")
        for name, (least, most) in _WEB.items():
            demand(isinstance(web[name], str) and least <= len(web[name]) <= most, name)


def _is_ip(value: object) -> bool:
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def _is_base64(value: object) -> bool:
    try:
        base64.b64decode(value if isinstance(value, str) else "!", validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
