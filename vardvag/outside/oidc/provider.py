"""What the provider publishes about itself: its addresses and its keys, fetched seldom."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from vardvag.core.clock import now
from vardvag.outside.answers import Answer, ask, together
from vardvag.outside.oidc.port import LoginTrouble, NotTrusted, ProviderDown

KEEP = timedelta(hours=1)
REFETCH = timedelta(minutes=1)  # at most, when a token names a key we do not know
REST = timedelta(seconds=5)  # after an answer that did not come: meanwhile whoever asks is told so at once
# It goes into headers (where a page may send a browser): nothing there that ends a word.
_PLAIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:[/?][!-~]*)?")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
Key = RSAKey | ECKey
T = TypeVar("T")


class Provider:
    """Thread-safe; one per process and issuer."""

    def __init__(self, issuer: str, http: httpx.Client, seconds: float) -> None:
        self.issuer, self._http, self._seconds = issuer, http, seconds
        self._lock = Lock()
        self._told: dict[str, Any] = {}
        self._told_at: datetime | None = None
        self._keys: list[Key] = []
        self._keys_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._asking = Lock()
        self._asked_at: datetime | None = None

    def endpoint(self, name: str) -> str:
        """An address of the provider, "" when it publishes none. Raises ProviderDown, NotTrusted."""
        address = str(self._metadata().get(name) or "")
        if address and not self._safe(address):
            raise NotTrusted(code="endpoint", why=f"{name} is not https")
        return address

    def origins(self, *names: str, patience: float = 1.0) -> frozenset[str]:
        """Where these addresses are, beside the issuer's own host; none while the provider is silent. The first who
        asks waits so many seconds at most, the others not at all: a page never hangs on a provider."""
        if not self._told and self._may_ask():
            asking = Thread(target=self._ask, name="oidc-discovery", daemon=True)
            asking.start()
            asking.join(patience)
        found = {str(self._told.get(name) or "") for name in names}
        return frozenset(
            {_origin(address) for address in found if self._safe(address)} - {_origin(self.issuer)}
        )

    def _may_ask(self) -> bool:
        with self._asking:
            if self._asked_at is not None and now() - self._asked_at < REFETCH:
                return False
            self._asked_at = now()
            return True

    def _ask(self) -> None:
        with suppress(LoginTrouble):
            self._metadata()

    def tells_issuer(self) -> bool:
        return self._metadata().get("authorization_response_iss_parameter_supported") is True

    def key(self, kid: str | None) -> Key:
        """The key with this id (the only key, when the token names none). Raises NotTrusted, ProviderDown."""
        with self._lock:
            age = now() - self._keys_at if self._keys_at else KEEP
            found = self._find(kid) if age < KEEP else None  # a withdrawn key is trusted an hour at most
            if found is None and age >= REFETCH:
                self._keys = self._answered(self._fetch_keys)
                self._keys_at = now()
                found = self._find(kid)
        if found is None:
            raise NotTrusted(code="unknown_key")
        return found

    def get(self, url: str) -> Answer:
        try:
            return ask(self._http, "GET", url, seconds=self._seconds)
        except httpx.HTTPError as error:
            raise ProviderDown(why=type(error).__name__) from error

    def _answered(self, fetch: Callable[[], T]) -> T:
        """Called under the lock: those who have waited for it do not wait for the same silence, one after the other."""
        if self._failed_at is not None and now() - self._failed_at < REST:
            raise ProviderDown(why="gave no answer a moment ago")
        try:
            return fetch()
        except ProviderDown:
            self._failed_at = now()
            raise

    def _find(self, kid: str | None) -> Key | None:
        if kid is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.kid == kid), None)

    def _metadata(self) -> dict[str, Any]:
        with self._lock:
            if self._told_at is None or now() - self._told_at > KEEP:
                if self._told:
                    with (
                        suppress(ProviderDown),
                        together(self._seconds / 4),
                    ):  # older addresses are better than none
                        self._told = self._discover()
                else:
                    self._told = self._answered(self._discover)
                self._told_at = now()
            return self._told

    def _discover(self) -> dict[str, Any]:
        if not self._safe(self.issuer):
            raise NotTrusted(code="issuer", why="the issuer must be https")
        answer = self.get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        told = answer.object()
        if answer.status != 200 or told is None:
            raise ProviderDown(why=f"discovery answered HTTP {answer.status}")
        if told.get("issuer") != self.issuer:  # exactly, an explicit :443 included
            raise NotTrusted(code="issuer", why="discovery names another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(told.get(name), str):
                raise ProviderDown(why=f"discovery lacks {name}")
        return told

    def _fetch_keys(self) -> list[Key]:
        address = str(self._told.get("jwks_uri") or "")
        answer = self.get(address) if self._safe(address) else None
        told = answer.object() if answer else None
        if answer is None or answer.status != 200 or told is None or not isinstance(told.get("keys"), list):
            raise ProviderDown(why="no keys")
        return [key for row in told["keys"] if (key := _public_key(row)) is not None]

    def _safe(self, address: str) -> bool:
        """https; plain http only from a loopback issuer to itself (the stand-in)."""
        if not _PLAIN.fullmatch(address):
            return False
        try:
            parts = urlsplit(address)
            if parts.scheme == "https" and parts.hostname and parts.port != 0:
                return True
            return parts.scheme == "http" and {parts.hostname, urlsplit(self.issuer).hostname} <= _LOOPBACK
        except ValueError:  # brackets or a port that are none
            return False


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _public_key(row: Any) -> Key | None:
    """A signing key we understand; symmetric and encryption keys are passed over."""
    if not isinstance(row, dict) or row.get("use", "sig") != "sig":
        return None
    try:
        key = import_key({name: value for name, value in row.items() if name != "d"})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey) else None
