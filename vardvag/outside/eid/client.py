"""A resident's login with another e-ID than BankID, through its OpenID Connect provider."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vardvag.core.personal_number import Kind, NotAPersonalNumber, parse
from vardvag.outside.eid.port import CLAIMS, LEVELS, SCOPE, ResidentLogin, words_for
from vardvag.outside.oidc.claims import one, seconds, text
from vardvag.outside.oidc.client import TIMEOUT, OpenId
from vardvag.outside.oidc.port import Begun, MissingClaim

_TWELVE = re.compile(r"^[0-9]{8}-?[0-9]{4}$")  # ten digits would leave the century to a guess


class Eid(OpenId):
    """`place`: name, issuer (as published), client_id, client_secret; optional scope, levels (the acr values that
    are strong enough) and claim (where the personal number stands; the first that is told counts), all
    space-separated."""

    def __init__(self, place: Mapping[str, str], *, timeout: float = TIMEOUT) -> None:
        self._claims = (place.get("claim") or CLAIMS).split()
        # Of several, any one is enough, so only a single one can be demanded.
        asked = {name: {"essential": True} if len(self._claims) == 1 else None for name in self._claims}
        super().__init__(
            {**place, "scope": place.get("scope") or SCOPE},
            acrs=frozenset((place.get("levels") or LEVELS).split()),
            asked=asked,
            words=words_for(place["name"]),
            timeout=timeout,
        )

    def finish(self, query: Mapping[str, str], begun: Begun, redirect_uri: str) -> ResidentLogin:
        """`query` is what the browser brought back to `redirect_uri`. Raises LoginTrouble."""
        with self._in_our_words():
            told = self._prove(query, begun, redirect_uri)
            subject = text(told.claims, "sub")
            if not 0 < len(subject) <= 255:
                raise MissingClaim(why="sub")
            signed_in = seconds(one(told.claims, "auth_time")) or told.at.timestamp()
            return ResidentLogin(
                issuer=self._provider.issuer,
                subject=subject,
                personal_number=self._number(told.claims),
                acr=text(told.claims, "acr"),
                at=datetime.fromtimestamp(signed_in, UTC),
            )

    def _number(self, claims: Mapping[str, Any]) -> str:
        """Personal and coordination numbers, whole; a reserve number is a care provider's and no e-ID's."""
        found = next((told for name in self._claims if (told := text(claims, name))), "")
        if not _TWELVE.match(found):
            raise MissingClaim(why="no personal number of twelve digits")
        try:
            number = parse(found)
        except NotAPersonalNumber as fact:
            raise MissingClaim(why="the personal number is not valid") from fact
        if number.kind == Kind.RESERVE:
            raise MissingClaim(why="a reserve number")
        return number.digits
