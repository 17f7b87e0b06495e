"""One port: the live WebSocket as raw ASGI, everything else Django's pages in a bounded pool of threads.

Django's own ASGI handler is not used: it gives every request a thread of its own, at twice the cost.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any

from vardvag.config import waiting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vardvag.config.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402

from vardvag.config.body import Body, Gone, NoRoom, TooLarge, TooSlow  # noqa: E402
from vardvag.config.pages import Pages  # noqa: E402
from vardvag.core import metrics, warm  # noqa: E402 - Django is set up above
from vardvag.core.live.door import HUB, live, sweep  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

pages = Pages(get_wsgi_application(), threads=4)
AT_ONCE = 200  # requests held or waiting; more are told to come back, which is kinder than waiting for ever
_BUSY = "Det är många som använder tjänsten just nu. Vänta en liten stund och försök igen.\n".encode()
_SLOW = "Anslutningen var för långsam och inget togs emot. Försök igen, gärna på ett annat nät.\n".encode()
_LARGE = "Det du skickade är för stort och togs inte emot. Skicka färre eller mindre filer.\n".encode()
_FULL = "Det går inte att ta emot filer just nu. Försök igen senare.\n".encode()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "websocket":
        await live(scope, receive, send)
    else:
        await _page(scope, receive, send)


async def live_only(scope: Scope, receive: Receive, send: Send) -> None:
    """A process for live alone, in a scaled installation: the proxy sends /live/ here and the rest elsewhere."""
    if scope["type"] == "http" and scope["path"] not in ("/halsa/liv", "/halsa/redo", "/matvarden"):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})
    else:
        await application(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            HUB.start(sweep=sweep)
            warm.begin()
        else:
            await HUB.stop()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] in ("GET", "HEAD"):
        await _answer(scope, None, send)
        return
    body = Body(receive)
    try:
        await body.collect()
        await _answer(scope, body.file, send)
    except Gone:
        return
    except TooSlow:
        await _say(send, 408, _SLOW, (b"connection", b"close"))
    except NoRoom:
        await _refuse(body, send, 503, _FULL)
    except TooLarge:
        await _refuse(body, send, 413, _LARGE)
    finally:
        body.close()


async def _answer(scope: Scope, body: IO[bytes] | None, send: Send) -> None:
    if waiting.requests >= AT_ONCE:
        await _say(send, 503, _BUSY, (b"retry-after", b"5"))
        return
    waiting.requests += 1
    metrics.WAITING.set(waiting.requests)
    try:
        await pages(scope, body, send)
    finally:
        waiting.requests -= 1
        metrics.WAITING.set(waiting.requests)


async def _say(send: Send, status: int, text: bytes, header: tuple[bytes, bytes]) -> None:
    await _begin(send, status, text, header)
    await send({"type": "http.response.body", "body": b""})


async def _refuse(body: Body, send: Send, status: int, text: bytes) -> None:
    """A connection closed under the hands of who still sends takes the answer with it."""
    await _begin(send, status, text, (b"connection", b"close"))
    await body.hear_out()
    await send({"type": "http.response.body", "body": b""})


async def _begin(send: Send, status: int, text: bytes, header: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(text)).encode())
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        length,
        header,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text, "more_body": True})
