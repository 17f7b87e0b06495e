"""A stand-in of the SMS provider: takes messages, lists them, calls back with receipts until answered.

`plan(...)` scripts the next answers, one word each: ok | slow | credit | error | drop (taken, then the
connection is cut) | lost (cut before it is taken) | refuse | garbled.
`receipts` says what comes back: delivered | failed | none | twice.
"""

import base64
import json
import threading
import time
from collections import deque
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx

from vardvag.core.clock import now
from vardvag.outside.journal import Journal
from vardvag.outside.standins import forbid_in_production

Row = dict[str, Any]


class StandIn:
    def __init__(
        self,
        journal: Journal,
        port: int = 0,
        user: str = "demo",
        password: str = "demo",  # noqa: S107 - a stand-in
        receipt_delay: float = 0.2,
        slow: float = 1.0,
    ) -> None:
        self.journal, self.port = journal, port
        self.user, self.password = user, password
        self.receipt_delay, self.slow = receipt_delay, slow
        self.receipts = "delivered"
        self.standing = "ok"  # the answer when nothing is planned
        self.messages: list[Row] = []
        self.lock = threading.Lock()
        self._plan: deque[str] = deque()
        self._stopped = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/a1"

    def plan(self, *answers: str) -> None:
        self._plan.extend(answers)

    def next_answer(self) -> str:
        with self.lock:
            return self._plan.popleft() if self._plan else self.standing

    def start(self) -> None:
        forbid_in_production("sms")
        handler = type("Handler", (_Handler,), {"standin": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self._threads.append(thread)

    def stop(self) -> None:
        self._stopped.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def take(self, fields: dict[str, str]) -> Row:
        row: Row = {
            "id": "s" + uuid4().hex,
            "created": now().astimezone(UTC).replace(tzinfo=None).isoformat(),
            "direction": "outgoing",
            "from": fields["from"],
            "to": fields["to"],
            "message": fields["message"],
            "status": "created",
            "cost": 3500,
        }
        with self.lock:
            self.messages.append(row)
        self.journal.note(
            "sms",
            f"SMS till {row['to']}",
            id=row["id"],
            to=row["to"],
            sender=row["from"],
            text=row["message"],
        )
        if fields.get("whendelivered") and self.receipts != "none":
            threading.Thread(target=self._call_back, args=(row, fields["whendelivered"]), daemon=True).start()
        return row

    def _call_back(self, row: Row, address: str) -> None:
        """As the provider: again until answered with 200-204 (here ten times, there for six hours)."""
        state = "failed" if self.receipts == "failed" else "delivered"
        times = 2 if self.receipts == "twice" else 1
        self._stopped.wait(self.receipt_delay)
        with self.lock:
            row["status"] = state
            if state == "delivered":
                row["delivered"] = now().astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        fields = {"id": row["id"], "status": state, "delivered": row.get("delivered", "")}
        for _ in range(times):
            for attempt in range(10):
                if self._stopped.wait(0.2 * attempt):
                    return
                try:
                    if 200 <= httpx.post(address, data=fields, timeout=5).status_code <= 204:
                        break
                except httpx.HTTPError:
                    continue


class _Handler(BaseHTTPRequestHandler):
    standin: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """The journal tells; nothing on the terminal."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(length, 100_000)).decode()
        if not self._known():
            return self._text(401, "Authorization required")
        if urlsplit(self.path).path != "/a1/sms":
            return self._text(404, "Not found")
        fields = {k: v[0] for k, v in parse_qs(raw).items()}
        if not fields.get("to", "").startswith("+") or not fields["to"][1:].isdigit():
            return self._text(400, "Invalid to number")
        if not fields.get("message") or not 1 <= len(fields.get("from", "")) <= 16:
            return self._text(400, "Missing key message or from")
        answer = self.standin.next_answer()
        if answer == "slow":
            time.sleep(self.standin.slow)
        if answer == "credit":
            return self._text(402, "Not enough credit")
        if answer == "error":
            return self._text(500, "Internal error")
        if answer == "refuse":
            return self._text(400, "Number is blocked")
        if answer == "lost":
            self.close_connection = True
            return None
        row = self.standin.take(fields)
        if answer == "drop":
            self.close_connection = True
            return None
        if answer == "garbled":
            return self._text(200, "<html>ok</html>")
        return self._json(200, row)

    def do_GET(self) -> None:
        if not self._known():
            return self._text(401, "Authorization required")
        place = urlsplit(self.path)
        with self.standin.lock:
            rows = [dict(r) for r in self.standin.messages]
        if place.path.startswith("/a1/sms/"):
            found = [r for r in rows if r["id"] == place.path.rsplit("/", 1)[1]]
            return self._json(200, found[0]) if found else self._text(404, "Not found")
        if place.path != "/a1/sms":
            return self._text(404, "Not found")
        query = {k: v[0] for k, v in parse_qs(place.query).items()}
        rows = [
            r
            for r in sorted(rows, key=lambda r: str(r["created"]), reverse=True)
            if ("to" not in query or r["to"] == query["to"])
            and ("start" not in query or r["created"] < query["start"])
            and ("end" not in query or r["created"] > query["end"])
        ]
        limit = min(int(query.get("limit", "100")), 100)
        page: Row = {"data": rows[:limit]}
        if len(rows) > limit:
            page["next"] = rows[limit - 1]["created"]
        return self._json(200, page)

    def _known(self) -> bool:
        wanted = base64.b64encode(f"{self.standin.user}:{self.standin.password}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {wanted}"

    def _json(self, status: int, body: Row) -> None:
        self._answer(status, "application/json", json.dumps(body).encode())

    def _text(self, status: int, body: str) -> None:
        self._answer(status, "text/plain; charset=utf-8", body.encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
