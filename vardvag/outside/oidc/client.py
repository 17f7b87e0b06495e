"""A login through an OpenID Connect provider: code flow with PKCE, state and nonce. Whose login it is, and what its
claims mean, is said by the system that inherits (outside/siths, outside/eid)."""

import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jws, jwt
from joserfc.errors import JoseError

from vardvag.core.clock import now
from vardvag.outside.answers import ask, together
from vardvag.outside.oidc import claims
from vardvag.outside.oidc.port import (
    Begun,
    Cancelled,
    LoginTrouble,
    NotThisLogin,
    NotTrusted,
    ProviderDown,
)
from vardvag.outside.oidc.provider import Provider
from vardvag.outside.silence import Silence
from vardvag.outside.words import Words

TIMEOUT = 9.0  # seconds, for all that one page asks; to connect 3
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


@dataclass(frozen=True, slots=True)
class Proven:
    """A token that is the provider's, for us, for this login, and strong enough."""

    claims: Mapping[str, Any] = field(repr=False)
    id_token: str = field(repr=False)
    at: datetime


class OpenId:
    """`place`: issuer (as published), client_id, client_secret; optional scope. `acrs`: the levels that are strong
    enough; `asked`: the claims asked for; `words`: what to say of a trouble instead of the general."""

    def __init__(
        self,
        place: Mapping[str, str],
        *,
        acrs: frozenset[str],
        asked: Mapping[str, Any],
        words: Mapping[type[LoginTrouble], Words],
        timeout: float = TIMEOUT,
    ) -> None:
        self._id, self._secret = place["client_id"], place["client_secret"]
        self._scope = place.get("scope") or "openid"
        self._acrs, self._words, self._seconds = acrs, words, timeout
        self._asked = {"id_token": {**asked, "acr": {"essential": True, "values": sorted(acrs)}}}
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(3.0, timeout)), follow_redirects=False, trust_env=False
        )
        self._provider, self._silence = Provider(place["issuer"], self._http, timeout), Silence()

    def begin(self, redirect_uri: str, *, fresh: bool = False, language: str = "sv") -> Begun:
        """A new login. `fresh` demands that the person signs in anew. Raises LoginTrouble."""
        state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
        parameters = {
            "redirect_uri": redirect_uri,
            "scope": self._scope,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            "claims": json.dumps(self._asked),
            "acr_values": " ".join(sorted(self._acrs)),
            "ui_locales": language,
        }
        if fresh:
            parameters |= {"prompt": "login", "max_age": "0"}
        with self._in_our_words(), together(self._seconds):
            endpoint = self._provider.endpoint("authorization_endpoint")
        url = prepare_grant_uri(endpoint, self._id, "code", state=state, **parameters)
        return Begun(url, state, nonce, verifier, now(), fresh)

    def origins(self) -> frozenset[str]:
        """Beside the issuer's, the hosts where a browser is sent to sign in and out, as the provider publishes them."""
        return self._provider.origins("authorization_endpoint", "end_session_endpoint")

    def close(self) -> None:
        self._http.close()

    def _prove(self, query: Mapping[str, str], begun: Begun, redirect_uri: str) -> Proven:
        """`query` is what the browser brought back to `redirect_uri`. Raises LoginTrouble."""
        with together(self._seconds):
            code = self._code(query, begun)
            id_token, access_token = self._exchange(code, begun, redirect_uri)
            told, alg = self._verified(id_token)
        moment = now()
        claims.check(
            told, issuer=self._provider.issuer, client_id=self._id, begun=begun, now=moment, acrs=self._acrs
        )
        claims.check_access_token(told, alg, access_token)
        return Proven(told, id_token, moment)

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except LoginTrouble as trouble:
            trouble.message = self._words.get(type(trouble), trouble.message)
            raise

    def _code(self, query: Mapping[str, str], begun: Begun) -> str:
        if not hmac.compare_digest(query.get("state", "").encode(), begun.state.encode()):
            raise NotThisLogin(code="state")
        told = query.get("iss")
        if told != self._provider.issuer and (told is not None or self._provider.tells_issuer()):
            raise NotThisLogin(code="response_issuer")
        error = query.get("error", "")
        if error == "access_denied":
            raise Cancelled()
        if error in ("temporarily_unavailable", "server_error"):
            raise ProviderDown(why=error)
        if error:
            raise NotTrusted(code="provider_error", why=error[:60])
        code = query.get("code", "")
        if not code:
            raise NotThisLogin(code="no_code")
        return code

    def _exchange(self, code: str, begun: Begun, redirect_uri: str) -> tuple[str, str]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": begun.verifier,
            "client_id": self._id,
            "client_secret": self._secret,
        }
        endpoint = self._provider.endpoint("token_endpoint")
        try:
            answer = self._silence.ask(
                lambda: ask(self._http, "POST", endpoint, data=form, seconds=self._seconds)
            )
        except httpx.HTTPError as error:
            raise ProviderDown(why=type(error).__name__) from error
        told = answer.object()
        if answer.status == 400 and told and told.get("error") == "invalid_grant":
            raise NotThisLogin(code="code_refused")
        if answer.status != 200 or told is None:
            raise ProviderDown(why=f"the token endpoint answered HTTP {answer.status}")
        id_token = told.get("id_token")
        if not isinstance(id_token, str) or not id_token:
            raise NotTrusted(code="no_id_token")
        return id_token, str(told.get("access_token") or "")

    def _verified(self, id_token: str) -> tuple[dict[str, object], str]:
        """The claims of a token signed by the provider; the key is chosen before anything is believed."""
        try:
            header = jws.extract_compact(id_token.encode()).headers()
            alg, kid = header.get("alg"), header.get("kid")
            if alg not in ALGORITHMS:
                raise NotTrusted(code="algorithm")
            key = self._provider.key(kid if isinstance(kid, str) else None)
            if key.alg not in (None, alg):
                raise NotTrusted(code="algorithm")
            token = jwt.decode(id_token, key, algorithms=[alg])
        except (JoseError, ValueError, TypeError) as error:
            raise NotTrusted(code="signature", why=type(error).__name__) from error
        return token.claims, alg
