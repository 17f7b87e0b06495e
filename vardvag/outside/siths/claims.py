"""The provider's token, checked and put in order once. Older providers send every claim as a list of one."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vardvag.outside.siths.port import (
    Begun,
    Commission,
    MissingClaim,
    NotThisLogin,
    NotTrusted,
    StaffLogin,
    TooWeak,
)

LEEWAY = 60  # seconds the two clocks may differ
HSA_ID = re.compile(r"^[A-Z]{2}[0-9]{10}-[A-Z0-9]{1,18}$")
_COMMISSION = {
    "hsa_id": "commissionHsaId",
    "name": "commissionName",
    "purpose": "commissionPurpose",
    "unit_hsa_id": "healthCareUnitHsaId",
    "provider_hsa_id": "healthCareProviderHsaId",
}


def check(
    claims: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    begun: Begun,
    now: datetime,
    acrs: frozenset[str],
) -> None:
    """Everything but the signature. Raises NotTrusted, NotThisLogin or TooWeak."""
    _issued_to_us(claims, issuer, client_id)
    if not hmac.compare_digest(str(one(claims, "nonce") or "").encode(), begun.nonce.encode()):
        raise NotThisLogin(code="nonce")
    moment = now.timestamp()
    expires, issued = seconds(one(claims, "exp")), seconds(one(claims, "iat"))
    if expires is None or expires <= moment - LEEWAY:
        raise NotTrusted(code="expired")
    if issued is None or issued > moment + LEEWAY:
        raise NotTrusted(code="issued_in_the_future")
    begins = seconds(one(claims, "nbf"))
    if begins is not None and begins > moment + LEEWAY:
        raise NotTrusted(code="not_yet_valid")
    if str(one(claims, "acr") or "") not in acrs:
        raise TooWeak()
    signed_in = seconds(one(claims, "auth_time"))
    if signed_in is not None and signed_in > moment + LEEWAY:
        raise NotTrusted(code="signed_in_in_the_future")
    if begun.fresh and (signed_in is None or signed_in < begun.at.timestamp() - LEEWAY):
        raise NotThisLogin(code="not_fresh")


def _issued_to_us(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if one(claims, "iss") != issuer:
        raise NotTrusted(code="issuer")
    audience = claims.get("aud")
    everyone = audience if isinstance(audience, list) else [audience]
    if client_id not in everyone:
        raise NotTrusted(code="audience")
    party = one(claims, "azp")
    if party is None and len(everyone) > 1:
        raise NotTrusted(code="audience")
    if party is not None and party != client_id:
        raise NotTrusted(code="authorized_party")


def check_access_token(claims: Mapping[str, Any], alg: str, access_token: str) -> None:
    """The optional at_hash binds the access token that came along. Raises NotTrusted."""
    told = one(claims, "at_hash")
    if told is None:
        return
    digest = hashlib.new(f"sha{alg[-3:]}", access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not hmac.compare_digest(half, str(told).encode()):
        raise NotTrusted(code="at_hash")


def login(claims: Mapping[str, Any], *, issuer: str, id_token: str, now: datetime) -> StaffLogin:
    """Who it was. Raises MissingClaim when the person cannot be known or named."""
    subject, hsa_id = _text(claims, "sub"), _text(claims, "employeeHsaId").upper()
    given = _text(claims, "given_name") or _text(claims, "credentialGivenName")
    surname = _text(claims, "family_name") or _text(claims, "credentialSurname")
    named = {"sub": subject, "employeeHsaId": hsa_id, "given_name": given, "family_name": surname}
    missing = [name for name, value in named.items() if not value]
    if missing:
        raise MissingClaim(why=f"missing: {', '.join(missing)}")
    if not HSA_ID.match(hsa_id):
        raise MissingClaim(why="employeeHsaId is no HSA-id")
    signed_in = seconds(one(claims, "auth_time")) or now.timestamp()
    return StaffLogin(
        issuer=issuer,
        subject=subject[:255],
        employee_hsa_id=hsa_id,
        given_name=given[:120],
        surname=surname[:120],
        title=_text(claims, "title")[:120],
        commissions=_commissions(claims),
        acr=_text(claims, "acr"),
        at=datetime.fromtimestamp(signed_in, UTC),
        id_token=id_token,
    )


def one(claims: Mapping[str, Any], name: str) -> Any:
    """A claim with one value, list of one or not. Raises NotTrusted when there are several."""
    value = claims.get(name)
    if not isinstance(value, list):
        return value
    if len(value) > 1:
        raise NotTrusted(code="several_values", why=f"{name} has {len(value)} values")
    return value[0] if value else None


def seconds(value: Any) -> float | None:
    """Seconds since 1970, told as a number or text, in seconds or milliseconds."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if number > 1e11:
        number /= 1000
    return number if 0 < number < 1e11 else None


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = one(claims, name)
    return value.strip() if isinstance(value, str) else ""


def _commissions(claims: Mapping[str, Any]) -> tuple[Commission, ...]:
    """All that were told (allCommissions, objects or JSON texts), or the one chosen at the provider."""
    told = claims.get("allCommissions")
    rows = [_row(r) for r in told] if isinstance(told, list) else []
    if not rows:
        rows = [{name: _text(claims, name) for name in _COMMISSION.values()}]
    found = [
        Commission(**{ours: str(row.get(name) or "") for ours, name in _COMMISSION.items()}) for row in rows
    ]
    return tuple(c for c in found if c.hsa_id and c.unit_hsa_id)


def _row(told: Any) -> dict[str, Any]:
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except ValueError:
            return {}
    return told if isinstance(told, dict) else {}
