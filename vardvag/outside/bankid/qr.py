"""The animated QR code and the links that open the app. The secret stays here."""

import hashlib
import hmac
import io
from datetime import datetime
from urllib.parse import quote

import segno

APP_URL = "https://app.bankid.com/"


def text(token: str, secret: str, seconds: int) -> str:
    """What the code says `seconds` (whole) after the order was answered."""
    mark = hmac.new(secret.encode(), str(seconds).encode(), hashlib.sha256).hexdigest()
    return f"bankid.{token}.{seconds}.{mark}"


def text_at(token: str, secret: str, started: datetime, now: datetime) -> str:
    return text(token, secret, max(0, int((now - started).total_seconds())))


def svg(content: str, *, title: str) -> str:
    """Inline SVG without style attributes; size comes from the page's CSS. `title` is read out."""
    out = io.BytesIO()
    segno.make_qr(content, error="l").save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, omitsize=True, title=title, light="white"
    )
    return out.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)


def autostart_url(token: str, return_url: str = "", base: str = APP_URL) -> str:
    """Opens the app on this device; afterwards the app opens `return_url` (none: the user switches back)."""
    back = quote(return_url, safe="") if return_url else "null"
    return f"{base or APP_URL}?autostarttoken={quote(token, safe='')}&redirect={back}"
