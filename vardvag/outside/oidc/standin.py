"""A small, real OpenID Connect provider with a page to choose from: what every stand-in of one shares.

`told` scripts what the next tokens say (see Told); everything else is refused as a real provider would.
"""

import base64
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from vardvag.core import clock
from vardvag.outside.faults import Faults
from vardvag.outside.journal import Journal
from vardvag.outside.local_server import LocalServer, Reply, Request, json_reply, redirect
from vardvag.outside.oidc.chooser import refusal
from vardvag.outside.people import People
from vardvag.outside.standins import forbid_in_production

CODE_LIFE = timedelta(seconds=60)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(slots=True)
class Told:
    """How the tokens differ from the right ones. `claims` replaces, None removes; `lists`: every claim a list
    of one; `milliseconds`: auth_time as a millisecond text; `alg`: "none", "HS256" (the public key as secret)
    or a real one; `kid`: another id in the header, None no id; `stranger`: signed by an unpublished key."""

    claims: dict[str, Any] = field(default_factory=dict)
    lists: bool = False
    milliseconds: bool = False
    alg: str = "RS256"
    kid: str | None = "own"
    stranger: bool = False
    response_issuer: str | None = "own"
    edit: Callable[[str], str] = lambda token: token


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody chosen on the page: what the token says of them, and what the journal does."""

    claims: dict[str, Any]
    noted: str
    data: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Code:
    query: dict[str, str]
    who: Who
    at: datetime


class Provider(ABC):
    system: str  # its name in the journal
    levels: tuple[str, ...]  # the first is what its logins have
    chosen: str  # the field of the page's form that says who

    def __init__(
        self,
        journal: Journal,
        *,
        port: int = 0,
        people: People | None = None,
        client_id: str = "vardvag",
        client_secret: str = "demo",  # noqa: S107 - a stand-in
        host: str = "localhost",
    ) -> None:
        self.journal, self.people, self._host = journal, people or People(), host
        self.client_id, self.client_secret = client_id, client_secret
        self.told, self.faults = Told(), Faults()
        self._server = LocalServer(self._answer, port=port, faults=self.faults)
        self._codes: dict[str, _Code] = {}
        self._lock = Lock()
        self._keys: list[RSAKey] = []
        self.key_fetches = 0
        self.rotate()

    @abstractmethod
    def _page(self, request: Request, *, wrong: bool = False) -> Reply:
        """Where one chooses who logs in."""

    @abstractmethod
    def _who(self, written: str, form: dict[str, str]) -> Who | None:
        """None when what was chosen or written is nobody's number."""

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def issuer(self) -> str:
        return f"http://{self._host}:{self.port}/oidc"

    def place(self) -> dict[str, str]:
        return {"issuer": self.issuer, "client_id": self.client_id, "client_secret": self.client_secret}

    def start(self) -> None:
        forbid_in_production(self.system)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def rotate(self) -> None:
        """A new signing key; the old one is no longer published."""
        self._keys = [RSAKey.generate_key(2048, {"kid": token_urlsafe(6), "use": "sig"})]

    def sign_in(self, written: str, query: dict[str, str]) -> str:
        """What the chooser does: the address the browser is sent back to."""
        who = self._who(written, query)
        if who is None:
            raise ValueError(f"{self.system} knows nobody as {written!r}")
        code = token_urlsafe(24)
        with self._lock:
            self._codes[code] = _Code(query, who, clock.now())
        self.journal.note(self.system, who.noted, **who.data)
        return self._back(query, {"code": code})

    def _back(self, query: dict[str, str], answer: dict[str, str]) -> str:
        issuer = self.issuer if self.told.response_issuer == "own" else self.told.response_issuer
        fields = {**answer, "state": query.get("state", ""), **({"iss": issuer} if issuer else {})}
        mark = "&" if urlsplit(query["redirect_uri"]).query else "?"
        return f"{query['redirect_uri']}{mark}{urlencode(fields)}"

    def _answer(self, request: Request) -> Reply:
        pages = {
            ("GET", "/oidc/.well-known/openid-configuration"): self._discovery,
            ("GET", "/oidc/jwks.json"): self._jwks,
            ("GET", "/oidc/authorize"): self._authorize,
            ("POST", "/oidc/choose"): self._choose,
            ("POST", "/oidc/token"): self._token,
            ("GET", "/oidc/logout"): self._logout,
        }
        found = pages.get((request.method, request.path))
        return found(request) if found else json_reply({"error": "not_found"}, 404)

    def _discovery(self, request: Request) -> Reply:
        return json_reply(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks.json",
                "end_session_endpoint": f"{self.issuer}/logout",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "claims_parameter_supported": True,
                "authorization_response_iss_parameter_supported": True,
                "acr_values_supported": list(self.levels),
            }
        )

    def _jwks(self, request: Request) -> Reply:
        self.key_fetches += 1
        return json_reply({"keys": [key.as_dict(private=False) for key in self._keys]})

    def _authorize(self, request: Request) -> Reply:
        query = request.query
        wrong = self._wrong(query)
        if wrong:  # never redirect to an address that was not agreed
            return refusal(request, wrong)
        if query.get("prompt") == "none":
            return redirect(self._back(query, {"error": "login_required"}))
        if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
            return redirect(self._back(query, {"error": "invalid_request"}))
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            return redirect(self._back(query, {"error": "invalid_request"}))
        return self._page(request)

    def _choose(self, request: Request) -> Reply:
        form = request.form()
        written = form.pop(self.chosen, "").strip()
        wrong = self._wrong(form)
        if wrong:
            return refusal(request, wrong)
        if form.pop("cancel", ""):
            return redirect(self._back(form, {"error": "access_denied"}))
        if not written:
            return redirect(f"/oidc/authorize?{urlencode(form)}")
        if self._who(written, form) is None:
            return self._page(replace(request, query=form), wrong=True)
        return redirect(self.sign_in(written, form))

    def _wrong(self, query: dict[str, str]) -> str:
        if query.get("client_id") != self.client_id:
            return "client_id"
        if urlsplit(query.get("redirect_uri", "")).hostname not in _LOOPBACK:
            return "redirect_uri"
        return ""

    def _token(self, request: Request) -> Reply:
        form = request.form()
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return json_reply({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "authorization_code":
            return json_reply({"error": "unsupported_grant_type"}, 400)
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)  # once only
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _b64(digest)
        if (
            code is None
            or clock.now() - code.at > CODE_LIFE
            or form.get("redirect_uri") != code.query["redirect_uri"]
            or challenge != code.query.get("code_challenge")
        ):
            return json_reply({"error": "invalid_grant"}, 400)
        access = token_urlsafe(24)
        return json_reply(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self._id_token(code, access),
            }
        )

    def _id_token(self, code: _Code, access: str) -> str:
        moment = int(clock.now().timestamp())
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": moment,
            "exp": moment + 300,
            "nonce": code.query.get("nonce"),
            "acr": self.levels[0],
            "auth_time": int(code.at.timestamp()),
            "at_hash": _b64(half),
            **code.who.claims,
        }
        if self.told.milliseconds:
            claims["auth_time"] = str(claims["auth_time"] * 1000)
        claims = {name: value for name, value in {**claims, **self.told.claims}.items() if value is not None}
        if self.told.lists:
            claims = {name: v if isinstance(v, list) else [v] for name, v in claims.items()}
        return self.told.edit(self._signed(claims))

    def _signed(self, claims: dict[str, Any]) -> str:
        own = self._keys[-1]
        header: dict[str, Any] = {"alg": self.told.alg}
        kid = own.kid if self.told.kid == "own" else self.told.kid
        if kid is not None:
            header["kid"] = kid
        if self.told.alg in ("none", "HS256"):
            text = ".".join(_b64(json.dumps(part).encode()) for part in (header, claims))
            mark = hmac.digest(own.as_pem(private=False), text.encode(), "sha256")
            return f"{text}.{_b64(mark) if self.told.alg == 'HS256' else ''}"
        key = RSAKey.generate_key(2048) if self.told.stranger else own
        return jwt.encode(header, claims, key, algorithms=[self.told.alg])

    def _logout(self, request: Request) -> Reply:
        self.journal.note(self.system, "Utloggning hos inloggningstjänsten")
        back = request.query.get("post_logout_redirect_uri", "")
        if urlsplit(back).hostname in _LOOPBACK:
            return redirect(back)
        return refusal(request, "post_logout_redirect_uri")


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
