"""Whom the staff's token is about, and in which assignments."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vardvag.outside.oidc.claims import one, seconds, text
from vardvag.outside.oidc.port import MissingClaim
from vardvag.outside.siths.port import Commission, StaffLogin

# SE, or the letters of a test object (TSTNMT); 31 characters at most, as in outside/hsa.
HSA_ID = re.compile(r"^(?=.{1,31}$)[A-Z]{2,6}[0-9]{10}-[A-Z0-9]{1,24}$")
_COMMISSION = {
    "hsa_id": "commissionHsaId",
    "name": "commissionName",
    "purpose": "commissionPurpose",
    "unit_hsa_id": "healthCareUnitHsaId",
    "provider_hsa_id": "healthCareProviderHsaId",
}


def login(claims: Mapping[str, Any], *, issuer: str, id_token: str, now: datetime) -> StaffLogin:
    """Who it was. Raises MissingClaim when the person cannot be known or named."""
    subject, hsa_id = text(claims, "sub"), text(claims, "employeeHsaId").upper()
    given = text(claims, "given_name") or text(claims, "credentialGivenName")
    surname = text(claims, "family_name") or text(claims, "credentialSurname")
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
        title=text(claims, "title")[:120],
        commissions=_commissions(claims),
        acr=text(claims, "acr"),
        at=datetime.fromtimestamp(signed_in, UTC),
        id_token=id_token,
    )


def _commissions(claims: Mapping[str, Any]) -> tuple[Commission, ...]:
    """All that were told (allCommissions, objects or JSON texts), or the one chosen at the provider."""
    told = claims.get("allCommissions")
    rows = [_row(r) for r in told] if isinstance(told, list) else []
    if not rows:
        rows = [{name: text(claims, name) for name in _COMMISSION.values()}]
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
