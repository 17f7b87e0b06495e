"""Staff login through an OpenID Connect provider (SITHS e-ID)."""

from collections.abc import Mapping

from authlib.common.urls import add_params_to_uri

from vardvag.outside.oidc.client import TIMEOUT, OpenId
from vardvag.outside.oidc.port import Begun, LoginTrouble
from vardvag.outside.siths import claims
from vardvag.outside.siths.port import LOA3, WORDS, StaffLogin

ASKED = {
    "employeeHsaId": {"essential": True},
    "given_name": None,
    "family_name": None,
    "title": None,
    "allCommissions": None,
}


class Siths(OpenId):
    """`place`: issuer (as published), client_id, client_secret; optional scope, acr (space-separated)."""

    def __init__(self, place: Mapping[str, str], *, timeout: float = TIMEOUT) -> None:
        acrs = frozenset((place.get("acr") or LOA3).split())
        super().__init__(place, acrs=acrs, asked=ASKED, words=WORDS, timeout=timeout)

    def finish(self, query: Mapping[str, str], begun: Begun, redirect_uri: str) -> StaffLogin:
        """`query` is what the browser brought back to `redirect_uri`. Raises LoginTrouble."""
        with self._in_our_words():
            told = self._prove(query, begun, redirect_uri)
            return claims.login(
                told.claims, issuer=self._provider.issuer, id_token=told.id_token, now=told.at
            )

    def logout_url(self, *, id_token: str, return_url: str) -> str:
        """Where to send the browser after our own logout; "" when the provider has no such place."""
        try:
            endpoint = self._provider.endpoint("end_session_endpoint")
        except LoginTrouble:
            return ""
        if not endpoint:
            return ""
        asked = [("id_token_hint", id_token), ("post_logout_redirect_uri", return_url)]
        return str(add_params_to_uri(endpoint, asked))  # beside what the address asks for by itself

    def close(self) -> None:
        self._http.close()
