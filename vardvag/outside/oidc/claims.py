"""A provider's token, checked and put in order once. Older providers send every claim as a list of one."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vardvag.outside.oidc.port import Begun, NotThisLogin, NotTrusted, TooWeak

LEEWAY = 60  # seconds the two clocks may differ


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
    except (TypeError, ValueError, OverflowError):
        return None
    if number > 1e11:
        number /= 1000
    return number if 0 < number < 1e11 else None


def text(claims: Mapping[str, Any], name: str) -> str:
    value = one(claims, name)
    return value.strip() if isinstance(value, str) else ""
