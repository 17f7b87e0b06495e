"""Staff login through an OpenID Connect provider (SITHS e-ID): code flow with PKCE, state and nonce."""

import hmac
import json
from collections.abc import Mapping

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jws, jwt
from joserfc.errors import JoseError

from vardvag.core.clock import now
from vardvag.outside.answers import ask
from vardvag.outside.siths import claims
from vardvag.outside.siths.port import (
    LOA3,
    Begun,
    Cancelled,
    LoginTrouble,
    NotThisLogin,
    NotTrusted,
    ProviderDown,
    StaffLogin,
)
from vardvag.outside.siths.provider import Provider

TIMEOUT = 10.0  # seconds, for each whole answer; to connect 3
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
ASKED = {
    "id_token": {
        "employeeHsaId": {"essential": True},
        "given_name": None,
        "family_name": None,
        "title": None,
        "allCommissions": None,
        "acr": {"essential": True, "values": [LOA3]},
    }
}


class Siths:
    """`place`: issuer (as published), client_id, client_secret; optional scope, acr (space-separated)."""

    def __init__(self, place: Mapping[str, str], *, timeout: float = TIMEOUT) -> None:
        self._id, self._secret = place["client_id"], place["client_secret"]
        self._scope = place.get("scope") or "openid"
        self._acrs = frozenset((place.get("acr") or LOA3).split())
        self._seconds = timeout
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(3.0, timeout)), follow_redirects=False, trust_env=False
        )
        self._provider = Provider(place["issuer"], self._http, timeout)

    def begin(self, redirect_uri: str, *, fresh: bool = False, language: str = "sv") -> Begun:
        """A new login. `fresh` demands that the person signs in anew. Raises LoginTrouble."""
        state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
        parameters = {
            "redirect_uri": redirect_uri,
            "scope": self._scope,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            "claims": json.dumps(ASKED),
            "acr_values": " ".join(sorted(self._acrs)),
            "ui_locales": language,
        }
        if fresh:
            parameters |= {"prompt": "login", "max_age": "0"}
        endpoint = self._provider.endpoint("authorization_endpoint")
        url = prepare_grant_uri(endpoint, self._id, "code", state=state, **parameters)
        return Begun(url, state, nonce, verifier, now(), fresh)

    def finish(self, query: Mapping[str, str], begun: Begun, redirect_uri: str) -> StaffLogin:
        """`query` is what the browser brought back to `redirect_uri`. Raises LoginTrouble."""
        code = self._code(query, begun)
        id_token, access_token = self._exchange(code, begun, redirect_uri)
        told, alg = self._verified(id_token)
        moment = now()
        claims.check(
            told, issuer=self._provider.issuer, client_id=self._id, begun=begun, now=moment, acrs=self._acrs
        )
        claims.check_access_token(told, alg, access_token)
        return claims.login(told, issuer=self._provider.issuer, id_token=id_token, now=moment)

    def logout_url(self, *, id_token: str, return_url: str) -> str:
        """Where to send the browser after our own logout; "" when the provider has no such place."""
        try:
            endpoint = self._provider.endpoint("end_session_endpoint")
        except LoginTrouble:
            return ""
        if not endpoint:
            return ""
        return str(
            httpx.URL(endpoint, params={"id_token_hint": id_token, "post_logout_redirect_uri": return_url})
        )

    def close(self) -> None:
        self._http.close()

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
            answer = ask(self._http, "POST", endpoint, data=form, seconds=self._seconds)
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
