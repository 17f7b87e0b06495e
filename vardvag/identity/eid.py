"""A resident's login with another e-ID than BankID, at its OpenID Connect provider. Which ones is a setting."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.db import transaction

from vardvag.core import border
from vardvag.core.actor import Actor
from vardvag.core.facts import Fact
from vardvag.identity import browser
from vardvag.identity.actions import open_session
from vardvag.identity.login import (
    NotThisBrowser,
    Started,
    UsedAlready,
    give_up_earlier,
    hashed,
    hold_back,
    over,
    proven_person,
)
from vardvag.identity.models import LoginAttempt
from vardvag.outside.eid.client import Eid
from vardvag.outside.oidc.port import Begun, LoginTrouble

Kind, State = LoginAttempt.Kind, LoginAttempt.State
_NAMES = {"bankid": "BankID", "siths": "SITHS"}


@dataclass(frozen=True, slots=True)
class Offered:
    key: str
    name: str


def offered() -> list[Offered]:
    """The e-ids of this installation, in the order the setting names them; none is none."""
    keys = settings.OUTSIDE["eid"]["providers"].split()
    return [Offered(key, settings.OUTSIDE[f"eid_{key}"]["name"]) for key in keys]


def name_of(method: str) -> str:
    """How a session's method is called; "" for one that is no longer offered."""
    return _NAMES.get(method) or next((one.name for one in offered() if one.key == method), "")


@cache
def provider(key: str) -> Eid:
    """Raises KeyError for one that is not offered."""
    return Eid(settings.OUTSIDE[f"eid_{key}"])


def start(
    *,
    key: str,
    target: str,
    ip: str,
    user_agent: str,
    redirect_uri: str,
    old_key: str,
    language: str,
    now: datetime,
) -> tuple[Started, str]:
    """Returns where to send the browser; its earlier attempt is cancelled. The person always signs in anew: what a
    stranger left open at the provider on a shared computer opens nothing here. Raises LoginTrouble, TooManyLogins."""
    hold_back(ip, now)
    give_up_earlier(old_key, now)
    begun = provider(key).begin(redirect_uri, fresh=True, language=language)
    cookie = secrets.token_urlsafe(32)
    attempt = LoginAttempt.objects.create(
        key_hash=hashed(cookie),
        kind=Kind.EID,
        provider=key,
        target=target,
        oidc_state=begun.state,
        oidc_nonce=begun.nonce,
        oidc_verifier=begun.verifier,
        ip=ip,
        browser=browser.label(user_agent),
        created_at=now,
    )
    return Started(attempt, cookie), begun.url


def finish(
    *,
    actor: Actor,
    attempt: LoginAttempt,
    key: str,
    query: dict[str, str],
    redirect_uri: str,
    old_session: str,
    user_agent: str,
    now: datetime,
) -> str:
    """The person's session; returns the cookie's value. `key` is the provider whose address was come back to: the
    answer of one is never taken for another's. Whatever the provider says, the attempt is over with it; an answer
    to somebody else's question (the state) leaves it be. Raises LoginTrouble, NotThisBrowser, UsedAlready and
    the identity's facts."""
    if attempt.state == State.USED:
        raise UsedAlready
    if attempt.state != State.PENDING or attempt.provider != key:
        raise NotThisBrowser
    begun = Begun(
        "", attempt.oidc_state, attempt.oidc_nonce, attempt.oidc_verifier, attempt.created_at, fresh=True
    )
    try:
        told = provider(key).finish(query, begun, redirect_uri)
        with transaction.atomic():
            border.enter_proven(told.personal_number)
            cookie = open_session(
                actor=actor,
                person=proven_person(told.personal_number, now),
                method=key,
                level=told.acr,
                identity=(told.issuer, told.subject),
                old_key=old_session,
                user_agent=user_agent,
                elsewhere=True,
                now=now,
            )
    except Fact as fact:
        if not (isinstance(fact, LoginTrouble) and fact.code == "state"):
            over(attempt, State.FAILED)
        raise
    over(attempt, State.USED)
    return cookie
