"""Sessions and rights that are over (G26): whatever somebody goes on with, nothing more comes.

Before each ending everything is seen to work; after it each way is tried with the old cookie, and the open streams
must close within five seconds.
"""

import json
import threading
import time
from typing import Any
from uuid import uuid4

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tools.attacks import chromium
from tools.attacks.endings import ENDINGS, Ending, Held, as_they_were, committed, pictures
from tools.attacks.stage import Browser, Failed, Stage, page

AT_ONCE = 14  # sessions ended together
STREAM = 5.0  # seconds
PAGES = {
    "resident": (
        "/",
        "/arenden/",
        "/inkorg/",
        "/installningar/",
        "/vem-har-last/",
        "/inloggningar/",
        "/byt-person/",
    ),
    "staff": (
        "/personal/",
        "/personal/ko/rader/",
        "/personal/aviseringar/",
        "/inloggningar/",
        "/personal/start/",
    ),
}
FRAGMENTS = {"resident": ("",), "staff": ("", "trad/", "fakta/", "historik/")}


class Stream:
    """An open page's WebSocket: hears of the case, and notes when it is closed or no longer told."""

    def __init__(self, s: Stage, key: str, topics: list[str]) -> None:
        self.over_at: float | None = None  # seconds since 1970
        self.code: int | None = None
        self._ready = threading.Event()
        self._topics = topics
        self._socket = connect(
            s.url.replace("http", "ws", 1) + "/live/", origin=Origin(s.url),
            additional_headers={"Cookie": f"sid={key}"}, open_timeout=20,
        )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()

    def ready(self) -> bool:
        """That it hears of everything it asked for, and has not ended."""
        return self._ready.wait(20) and self.over_at is None

    def _listen(self) -> None:
        waits, told = set(self._topics), set()
        try:
            for topic in self._topics:
                self._socket.send(json.dumps({"do": "subscribe", "topic": topic}))
            for text in self._socket:
                event = json.loads(text)
                if event["kind"] == "subscribed":
                    waits.discard(event["topic"])
                    if not waits:
                        self._ready.set()
                elif event["kind"] == "refused":
                    told.add(event["topic"])
                    if any(one.startswith(("case:", "unit:")) for one in told):
                        self._end(None)
        except ConnectionClosed:
            pass
        self._end(self._socket.close_code)

    def _end(self, code: int | None) -> None:
        if self.over_at is None:
            self.over_at, self.code = time.time(), code
        self._ready.set()

    def close(self) -> None:
        self._socket.close()


def things(s: Stage, one: Held, answer: httpx.Response) -> list[str]:
    """Addresses of the case: its page, fragments, files, small pictures and paper."""
    base = f"/personal/arenden/{one.case}/" if one.side == "staff" else f"/arenden/{one.case}/"
    found = [base + part for part in FRAGMENTS[one.side]]
    if one.side == "resident":
        found.append(base + "skriv-ut/")
    files = page(answer).xpath("//a[contains(@href, '/filer/')]/@href")
    return [*found, *files, *(f"{one}?liten" for one in files if "?" not in one)]


def writing(one: Held, answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """The form in which one writes in the case, with its key, as the open page holds it."""
    act = f"/personal/arenden/{one.case}/anteckna/" if one.side == "staff" else f"/arenden/{one.case}/skriv/"
    forms = page(answer).xpath(f"//form[@action='{act}']")
    if not forms:
        raise Failed(f"{one.side} cannot write in the case")
    hidden = {x.get("name"): x.get("value") or "" for x in forms[0].xpath(".//input[@type='hidden']")}
    hidden.pop("csrfmiddlewaretoken", None)
    return act, hidden


def played(
    s: Stage, ending: Ending, number: int, found: list[str], *, writes: bool = True
) -> tuple[list[float], int]:
    """Ends so many sessions in one way: the seconds until streams closed, and the tries made. Adds to `found`.
    `writes`: the control sends forms too (a resident's messages in a case are limited)."""
    held = ending.hold(s, number)
    streams: list[Stream] = []
    ways: list[tuple[list[str], str, dict[str, str]]] = []
    try:
        for n, one in enumerate(held):
            base = f"/personal/arenden/{one.case}/" if one.side == "staff" else f"/arenden/{one.case}/"
            opened = one.browser.get(base)
            if opened.status_code != 200:
                raise Failed(f"{ending.name}: the case answered {opened.status_code} before the end")
            paths = things(s, one, opened)
            if n == 0:
                found += _all_work(s, ending, one, paths, *writing(one, opened), writes=writes)
                opened = one.browser.get(base)
            ways.append((paths, *writing(one, opened)))
            topics = [f"case:{one.case}", *(["me"] if one.side == "resident" else [])]
            streams.append(Stream(s, one.key, topics))
        if not all([stream.ready() for stream in streams]) or any(stream.over_at for stream in streams):
            raise Failed(f"{ending.name}: a stream was not ready, or gone before the end")
        ending.end(s, held)
        ended, latest = [committed(s, one) for one in held], time.time() + 4 * STREAM
        tries = 0
        for one, (paths, act, hidden) in zip(held, ways, strict=True):
            wrong, made = _goes_on(s, ending, one, paths, act, hidden)
            found += wrong
            tries += made
        took = []
        for stream, at in zip(streams, ended, strict=True):
            while stream.over_at is None and time.time() < latest:
                time.sleep(0.02)
            seconds = (stream.over_at or time.time()) - at
            took.append(max(0.0, seconds))
            if stream.over_at is None or seconds > STREAM:
                found.append(f"{ending.name}: an open stream lived on for more than {STREAM:.0f} s")
        return took, tries + len(streams)
    finally:
        for stream in streams:
            stream.close()
        ending.undo(s)


def _all_work(
    s: Stage, ending: Ending, one: Held, paths: list[str], act: str, hidden: dict[str, str], *, writes: bool
) -> list[str]:
    """The control: what is to be refused afterwards is answered and taken now, and there is a file to ask for."""
    for path in paths:
        status = one.browser.get(path).status_code
        if status != 200:
            raise Failed(f"{ending.name}: {path} answered {status} before the end")
    found = []
    missing = {"form", "draft"} - _replayed(s, one.browser, act, hidden) if writes else set()
    found += [
        f"control of {ending.name}: a replayed {kind} is not taken before the end" for kind in sorted(missing)
    ]
    if not any("/filer/" in path for path in paths):
        found.append(f"control of {ending.name}: the case has no file")
    return found


def _replayed(s: Stage, browser: Browser, act: str, hidden: dict[str, str]) -> set[str]:
    """What was taken of the open page's form and of its draft, with the page's own key and with another."""
    token, taken = f"tk-{uuid4().hex[:16]}", set[str]()
    draft = act.replace("/skriv/", "/utkast/").replace("/anteckna/", "/utkast/")
    for path, kind in ((draft, "draft"), (act, "form")):  # a form that is taken empties the draft
        for key in (hidden["key"], str(uuid4())):
            browser.post(path, {**hidden, "key": key, "body": token})
        if _written(s, token, kind):
            taken.add(kind)
    return taken


def _goes_on(
    s: Stage, ending: Ending, one: Held, paths: list[str], act: str, hidden: dict[str, str]
) -> tuple[list[str], int]:
    """Each way with the old cookie, in a browser that has nothing else."""
    old, name, found, tries = one.browser.with_key(one.key), ending.name, [], 0
    everything = [*paths, *(PAGES[one.side] if ending.whole else ())]
    for path in everything:
        for way, headers in _ways(path):
            tries += 1
            if old.get(path, **headers).status_code in (200, 206, 304):
                found.append(f"{name}: {way} opened {_kind(path)}")
    if old.key not in ("", one.key):
        found.append(f"{name}: the old cookie was given a session")
    taken = _replayed(s, one.browser.with_key(one.key), act, hidden)
    tries += 4
    found += [f"{name}: a replayed {kind} was taken" for kind in sorted(taken)]
    if ending.whole:
        tries += 1
        if _listens_anew(s, one.key):
            found.append(f"{name}: a new stream was opened")
    return found, tries


def _ways(path: str) -> list[tuple[str, dict[str, str]]]:
    """Back button, second tab and no-JavaScript page are plain GETs; an open page fetches by script; caches ask
    whether what they hold is still good."""
    found: list[tuple[str, dict[str, str]]] = [("a plain page", {})]
    if "/filer/" in path:
        found += [
            ("a cached copy", {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
            ("a piece", {"Range": "bytes=0-99"}),
        ]
    else:
        found.append(
            ("an open page", {"HX-Request": "true", "X-Requested-With": "live", "Sec-Fetch-Dest": "empty"})
        )
    return found


def _kind(path: str) -> str:
    if "?liten" in path:
        return "a small picture"
    if "/filer/" in path:
        return "a file"
    return "the case" if "arenden/" in path and len(path) > 30 else path


def _written(s: Stage, token: str, kind: str) -> bool:
    tables = ("cases_draft",) if kind == "draft" else ("cases_message", "cases_note")
    return any(
        s.db.execute(f"select 1 from {table} where body = %s limit 1", [token]).fetchone() for table in tables
    )


def _listens_anew(s: Stage, key: str) -> bool:
    """Whether the old key is told that it may listen."""
    try:
        with connect(
            s.url.replace("http", "ws", 1) + "/live/", origin=Origin(s.url),
            additional_headers={"Cookie": f"sid={key}"}, open_timeout=20,
        ) as socket:  # fmt: skip
            return '"ready"' in str(socket.recv(timeout=20))
    except (ConnectionClosed, InvalidStatus):
        return False


def campaign(
    s: Stage, *, times: int, found: list[str], only: str = "", browser: bool = True
) -> dict[str, Any]:
    """So many endings in all, spread over the kinds; each kind once more in Chromium. Adds to `found`; returns the
    figures."""
    chosen = [one for one in ENDINGS if one.name.startswith(only)]
    as_they_were(s)
    pictures(s)
    took: list[float] = []
    done = tries = 0
    while done < times:
        for ending in chosen:
            number = min(AT_ONCE, max(1, -(-times // len(chosen))), times - done)
            if number <= 0:
                break
            seconds, made = played(s, ending, number, found, writes=done < len(chosen) * AT_ONCE)
            took, tries, done = took + seconds, tries + made, done + number
            print(f"{done}: {ending.name}, {max(seconds):.1f} s", flush=True)
    took.sort()
    figures: dict[str, Any] = {
        "endings": done, "kinds": len(chosen), "tries": tries, "streams": len(took),
        "stream_median_s": round(took[len(took) // 2], 2), "stream_slowest_s": round(took[-1], 2),
    }  # fmt: skip
    if browser:
        figures |= chromium.campaign(s, [one for one in chosen if one.whole], found)
    return figures
