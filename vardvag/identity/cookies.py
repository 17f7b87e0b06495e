"""The two cookies of login: the session's key, and where the browser was going when it was sent to log in."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

LANGUAGE = "lang"
TARGET_MINUTES = 20
_SALT = "vardvag.identity.target"
_SEARCH_WORDS = {"q", "sok", "personnummer"}  # what somebody searched for is not left in a cookie


def _target_cookie() -> str:
    return "__Host-target" if settings.SECURE else "target"


def session_key(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_KEY_COOKIE, "")


def language(request: HttpRequest) -> str | None:
    """What this browser has chosen, if anything."""
    chosen = request.COOKIES.get(LANGUAGE, "")
    return chosen if chosen in dict(settings.LANGUAGES) else None


def set_session_cookie(response: HttpResponseBase, key: str) -> None:
    """A session cookie: gone when the browser closes; how long it is good for is decided on the server."""
    response.set_cookie(
        settings.SESSION_KEY_COOKIE, key, path="/", secure=settings.SECURE, httponly=True, samesite="Lax"
    )


def forget_session_cookie(response: HttpResponseBase) -> None:
    """After logout: nothing of the session stays in the browser, nor pages in its caches."""
    response.delete_cookie(settings.SESSION_KEY_COOKIE, path="/", samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response.headers["Cache-Control"] = "no-store"


@dataclass(frozen=True, slots=True)
class Target:
    """`path` to land on after login; `expired`: the browser had a session that is no longer good."""

    path: str
    expired: bool


def remember_target(response: HttpResponseBase, path: str, *, expired: bool) -> None:
    value = signing.dumps({"path": path, "expired": expired}, salt=_SALT, compress=True)
    response.set_cookie(
        _target_cookie(), value, max_age=TARGET_MINUTES * 60, path="/",
        secure=settings.SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def target(request: HttpRequest) -> Target | None:
    """Where the door turned this browser away; None when unknown, too old or not ours."""
    try:
        kept = signing.loads(
            request.COOKIES.get(_target_cookie(), ""), salt=_SALT, max_age=TARGET_MINUTES * 60
        )
    except signing.BadSignature:
        return None
    return Target(local_path(kept["path"]), bool(kept["expired"]))


def forget_target(response: HttpResponseBase) -> None:
    response.delete_cookie(_target_cookie(), path="/", samesite="Lax")


def local_path(address: str) -> str:
    """The path of an address on this site, without searched words; "/" for anything else."""
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=None) or not address.startswith("/"):
        return "/"
    parts = urlsplit(address)
    searched = any(name in _SEARCH_WORDS for name, _ in parse_qsl(parts.query))
    path = parts.path if searched or not parts.query else f"{parts.path}?{parts.query}"
    return path if len(path) <= 500 else "/"
