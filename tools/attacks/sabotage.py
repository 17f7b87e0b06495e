"""The product broken on purpose: each check is to find its own (`--sabotage name`, green when it is found out).

`faults[0]` names the attack or ending that must find it; `finds` is how the finding begins (a control that fails begins
with "control of", and finds nothing out).
"""

from pathlib import Path

from tools.chaos import sabotage
from tools.chaos.sabotage import Edit, Sabotage

_LOGIN, _EID = "vardvag/identity/login.py", "vardvag/identity/eid.py"
_CLAIMS, _CLIENT = "vardvag/outside/oidc/claims.py", "vardvag/outside/oidc/client.py"
_ACTIONS, _BANKID = "vardvag/identity/actions.py", "vardvag/identity/public/bankid.py"


_STATE = (
    _CLIENT,
    'if not hmac.compare_digest(query.get("state", "").encode(), begun.state.encode()):',
    "if False:",
)
_NONCE = (
    _CLAIMS,
    'if not hmac.compare_digest(str(one(claims, "nonce") or "").encode(), begun.nonce.encode()):',
    "if False:",
)
_PKCE = (_CLIENT, "generate_token(43), generate_token(64)", 'generate_token(43), "v" * 64')
_PROVIDER = (_EID, " or attempt.provider != key", "")
_ISSUER = (_CLIENT, "        if told != self._provider.issuer and", "        if False and")
_COOKIE = (
    _LOGIN,
    "if key else LoginAttempt.objects.none()",
    'if key else LoginAttempt.objects.order_by("-pk")',
)


def _one(what: str, attack: str, *edits: Edit) -> Sabotage:
    return Sabotage(what, "login", attack, list(edits), (attack,))


def _end(what: str, ending: str, *edits: Edit, finds: str | tuple[str, ...] = "") -> Sabotage:
    return Sabotage(what, "leaving", finds or ending, list(edits), (ending,))


SABOTAGES = {
    "cookie-unasked": _one("without a cookie the newest login counts", "poll_from_another_browser", _COOKIE),
    "cookie-unasked-here": _one("the same, for who comes back", "victim_comes_back_instead", _COOKIE),
    "cookie-unasked-there": _one("the same, at a provider's answer", "answer_in_another_browser", _COOKIE),
    "nonce-unasked": _one(
        "the return address's nonce is not compared", "autostart_link_sent_to_a_victim",
        (_LOGIN, "    if attempt.kind == Kind.SAME_DEVICE and not hmac", "    if False and not hmac"),
        (_BANKID, 'Kind.SAME_DEVICE\n            and not request.POST.get("nonce")', "Kind.STAFF"),
    ),
    "nonce-anybodys": _one(
        "the nonce of any login is taken", "nonce_of_another_login",
        (_LOGIN, "not hmac.compare_digest(\n        hashed(nonce), bytes(attempt.return_nonce_hash or b\"\")\n    )",
         "not LoginAttempt.objects.filter(return_nonce_hash=hashed(nonce)).exists()"),
    ),
    "used-again": _one(
        "a used login stays proven", "used_login_again",
        (_LOGIN, "    over(attempt, State.USED)\n    return key\n\n\ndef proven_person",
         "    return key\n\n\ndef proven_person"),
    ),
    "never-old": _one(
        "a login lives for ever", "login_that_has_grown_old", (_LOGIN, " or now > attempt.created_at + lives", "")
    ),
    "old-session-kept": _one(
        "the session a browser had lives on beside the new", "fixation_with_a_living_key",
        (_ACTIONS, "        if old_key:\n", "        if False:\n"),
    ),
    "key-kept": _one(
        "a key from before the login is used after it", "fixation_with_an_invented_key",
        (_ACTIONS, "    key = secrets.token_urlsafe(32)\n    with transaction.atomic():\n        if old_key:",
         "    key = old_key or secrets.token_urlsafe(32)\n    with transaction.atomic():\n        if old_key:"),
    ),
    "orders-mixed": _one(
        "the order asked about is the oldest of the last seconds", "orders_side_by_side",
        (_LOGIN, "bankid().collect(attempt.order_ref)", 'bankid().collect((LoginAttempt.objects.filter(kind="qr",'
         ' state="pending", created_at__gt=now - timedelta(seconds=2)).order_by("pk").first() or attempt).order_ref)'),
    ),
    "earlier-kept": _one(
        "beginning anew leaves the earlier login proven", "begun_anew",
        (_LOGIN, "    if earlier.state in (State.PENDING, State.PROVEN):\n        cancel(earlier)\n", ""),
    ),
    "secret-shown": _one(
        "the page shows the QR code's secret", "picture_of_an_old_qr_code",
        (_BANKID, '"words": text(attempt.hint, mode),', '"words": attempt.qr_start_secret,'),
    ),
    "state-ignored": _one("the state is not compared", "wrong_state", _STATE),
    "code-anybodys": _one(
        "one verifier for all, and the nonce is not compared", "code_of_another_login", _PKCE, _NONCE
    ),
    "token-nonce-ignored": _one("the token's nonce is not compared", "nonce_swapped", _NONCE),
    "issuer-ignored": _one("it does not count whose answer it is said to be", "mix_up", _ISSUER, _PROVIDER),
    "algorithm-none": _one(
        "an unsigned token is believed", "unsigned_token",
        (_CLIENT, "            if alg not in ALGORITHMS:\n",
         "            if alg == \"none\":\n                import base64\n"
         "                part = id_token.split(\".\")[1]\n"
         "                told = base64.urlsafe_b64decode(part + \"=\" * (-len(part) % 4))\n"
         "                return json.loads(told), \"RS256\"\n            if alg not in ALGORITHMS:\n"),
    ),
    "audience-any": _one(
        "a token for anybody is taken", "token_for_or_of_somebody_else",
        (_CLAIMS, "    if client_id not in everyone:\n", "    if False:\n"),
    ),
    "auth-time-ignored": _one(
        "an old sign-in is taken", "stale_sign_in", (_CLAIMS, "    if begun.fresh and (", "    if False and (")
    ),
    "subject-anybodys": _one(
        "a subject may be another person's", "answer_played_again",
        (_ACTIONS, "    if access.belongs_to_another(identity, person=person, staff=staff):", "    if False:"),
    ),
    "kinds-mixed": _one(
        "a login of any kind is taken, and nothing else compared", "cookies_change_places",
        (_LOGIN, "attempt is None or attempt.kind not in of or", "attempt is None or"),
        (_LOGIN, "    if attempt.kind != Kind.STAFF or attempt.state", "    if attempt.state"),
        _STATE, _NONCE, _PKCE, _PROVIDER, _ISSUER,
    ),
    "logout-keeps-row": _end(
        "logout forgets the cookie and leaves the session", "resident logs out",
        (_ACTIONS, "ended = _end(Session.objects.filter(key_hash=access.key_hash(key)), why, now)", "ended = []"),
    ),
    "idle-unmeasured": _end(
        "nobody is ever idle", "resident is idle",
        ("vardvag/identity/rules.py", "now - seen > patience.idle or ", ""),
    ),
    "stream-trusted": _end(
        "an open stream is trusted for an hour", "staff are idle",
        ("vardvag/core/live/door.py", "RECHECK = 4.0", "RECHECK = 3600.0"),
        finds=("staff are idle: an open stream", "staff are idle: the open live page"),
    ),
    "pages-kept": _end(
        "pages may be kept by the browser", "resident logs out",
        ("vardvag/core/middleware.py", '"Cache-Control"] = "no-store"', '"Cache-Control"] = "max-age=600"'),
        ("vardvag/identity/cookies.py", '\'"cache", "cookies", "storage"\'', "'\"cookies\"'"),
        ("vardvag/core/static/core/session.js", "if (e.persisted) location.reload();", ""),
    ),
    "custody-remembered": _end(
        "a guardian acts on after custody", "custody is gone",
        ("vardvag/identity/rules.py", "        and (until is None or today < until)\n", ""),
    ),
    "assignment-remembered": _end(
        "a locked assignment still gives rights, and its sessions live on", "assignment is locked",
        ("vardvag/organisation/arrival.py", " and a.paused_at is null\n", "\n"),
        ("vardvag/organisation/access.py", "        paused_at=None,\n", ""),
        (_ACTIONS, "        sessions = sessions.filter(assignment_id__in=list(assignment_ids))",
         "        sessions = sessions.none()"),
    ),
}  # fmt: skip


def broken(name: str, source: Path) -> Path:
    """A copy of the checkout with the sabotage applied; the caller removes it."""
    for path, before, _ in SABOTAGES[name].edits:
        if before not in (source / path).read_text(encoding="utf-8"):
            raise SystemExit(f"{name} does not fit {path} any more: mend tools/attacks/sabotage.py")
    return sabotage.broken(name, source, SABOTAGES)
