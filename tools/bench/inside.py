"""Where time goes, from inside: the same tasks against the pages in one process, with every statement and call counted.

`python -m tools.bench.inside POOL.json KINDS TIMES`, in the environment of a page process. Counts do not depend on
what else the machine does; times are the thread's own CPU.
"""

import asyncio
import cProfile
import io
import json
import os
import pstats
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

os.environ["DJANGO_SETTINGS_MODULE"] = "vardvag.config.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the tasks are coroutines that never wait here

from django.core.wsgi import get_wsgi_application  # noqa: E402 - settings first

from tools.bench.place import ADDRESS, HOST  # noqa: E402
from tools.bench.pool import Pool  # noqa: E402
from tools.bench.tasks import Tasks  # noqa: E402
from tools.bench.wire import CSRF, Wire  # noqa: E402

application = get_wsgi_application()

from django.db import connection  # noqa: E402 - Django is set up above

PARTS = (  # the first that matches a function's file
    ("database driver", r"psycopg|libpq"), ("templates", r"django/template/"), ("addresses", r"django/urls"),
    ("translations", r"gettext|django/utils/translation"), ("dates", r"core/dates|zoneinfo"),
    ("forms", r"django/forms"), ("models and queries", r"django/db/"),
    ("middleware, csrf, csp", r"middleware|csp/|csrf"), ("log lines", r"/logging/|core/logs"), ("ours", r"/vardvag/"),
    ("rest of Django", r"django/"),
)  # fmt: skip


class Inside(Wire):
    """A wire that ends in this process."""

    def __init__(self) -> None:
        self.status, self.location, self.body = 0, "", b""

    async def ask(
        self, path: str, key: str, form: list[tuple[str, str]] | None = None, *, more: str = ""
    ) -> None:
        body = urlencode([*form, ("csrfmiddlewaretoken", CSRF)]).encode() if form is not None else b""
        where, _, query = path.partition("?")
        given: dict[str, Any] = {
            "REQUEST_METHOD": "GET" if form is None else "POST", "SCRIPT_NAME": "", "PATH_INFO": where,
            "QUERY_STRING": query, "SERVER_NAME": HOST, "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": HOST, "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_COOKIE": f"__Host-sid={key}; __Host-csrf={CSRF}", "HTTP_USER_AGENT": "Firefox/140.0 Linux",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
        }  # fmt: skip
        if form is not None:
            given |= {"HTTP_ORIGIN": ADDRESS, "HTTP_SEC_FETCH_SITE": "same-origin", "CONTENT_LENGTH": str(len(body)),
                      "CONTENT_TYPE": "application/x-www-form-urlencoded"}  # fmt: skip
        answer = application(given, self._start)
        self.body = b"".join(answer)
        answer.close()

    def _start(
        self, status: str, headers: list[tuple[str, str]], problem: object = None
    ) -> Callable[..., object]:
        self.status = int(status[:3])
        self.location = next((v for name, v in headers if name.lower() == "location"), "").removeprefix(
            ADDRESS
        )
        return print


class Statements:
    """Counts what goes to the database; a wrapper of Django's connection."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            shape = " ".join(
                re.sub(r"(?i)^(select (?:distinct )?).{60,}? from ", r"\1... from ", str(sql)).split()
            )
            self.count[shape] += 1
            self.seconds[shape] += time.perf_counter() - began


def main(words: list[str]) -> int:
    pool = Pool(**json.loads(Path(words[0]).read_text()))
    pool.reply = [list(one) for one in pool.reply]
    tasks = Tasks(pool, pages=[(page, [tuple(a) for a in answers]) for page, answers in json.loads(words[3])])
    tasks.filled()
    for kind in words[1].split(","):
        asyncio.run(_one(tasks, kind, int(words[2])))
    return 0


async def _one(tasks: Tasks, kind: str, times: int) -> None:
    wire, do = Inside(), tasks.kinds()[kind]
    for _ in range(5):
        await do(wire)
    cpu = []
    for _ in range(times):
        began = time.thread_time()
        await do(wire)
        cpu.append((time.thread_time() - began) * 1000)
    said = Statements()
    with connection.execute_wrapper(said):
        for _ in range(times):
            await do(wire)
    profile = cProfile.Profile(time.thread_time)
    profile.enable()
    for _ in range(times):
        await do(wire)
    profile.disable()
    cpu.sort()
    stats: Any = pstats.Stats(profile)
    calls = stats.total_calls / times
    print(f"\n== {kind}: CPU {cpu[0]:.2f} ms at best, {cpu[len(cpu) // 2]:.2f} ms median; {calls:,.0f} calls;"
          f" {sum(said.count.values()) / times:.1f} statements, {len(wire.body) / 1024:.0f} KiB")  # fmt: skip
    for shape, seconds in sorted(said.seconds.items(), key=lambda pair: -pair[1])[:30]:
        print(f"  {seconds * 1000 / times:7.2f} ms {said.count[shape] / times:5.2f} x  {shape[:140]}")
    _parts(stats)


def _parts(stats: Any) -> None:
    parts: Counter[str] = Counter()
    own: list[tuple[float, str]] = []
    for (file, line, name), (_, _, total, _, _) in stats.stats.items():
        parts[next((part for part, pattern in PARTS if re.search(pattern, file)), "Python itself")] += total
        own.append((total, f"{'/'.join(file.split('/')[-3:])}:{line} {name}"))
    whole = sum(parts.values()) or 1.0
    print("  " + ", ".join(f"{name} {spent / whole:.0%}" for name, spent in parts.most_common()))
    for total, name in sorted(own, reverse=True)[:14]:
        print(f"      {total / whole:6.1%}  {name}")
    _with_all_they_call(stats, whole)


def _with_all_they_call(stats: Any, whole: float) -> None:
    """Our own functions and each template node's kind, by what they and all below them take."""
    wanted = re.compile(r"/vardvag/|django/template/(loader|defaulttags)|core/handlers|middleware")
    all_in: list[tuple[float, str]] = []
    for (file, line, name), (_, _, _, spent, _) in stats.stats.items():
        if wanted.search(file):
            all_in.append((spent, f"{'/'.join(file.split('/')[-3:])}:{line} {name}"))
    for spent, name in sorted(all_in, reverse=True)[:45]:
        print(f"      {spent / whole:6.1%} in all  {name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
