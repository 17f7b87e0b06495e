"""The product as `vardvag run` starts it in production, for as long as a measurement lasts."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tools.bench import place
from vardvag.config import embedded


@dataclass
class Product:
    port: int
    pid: int
    ready: float  # seconds from start to the first "ready"
    environment: dict[str, str]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(cases: int) -> Iterator[Product]:
    port = free_port()
    environment = place.environment(cases, port)
    log = (place.folder(cases) / "run.log").open("wb")
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "vardvag.config", "run"], cwd=place.ROOT, env=environment, stdin=subprocess.DEVNULL,
        stdout=log, stderr=log, start_new_session=True, preexec_fn=embedded.die_with_parent(15),
    )  # fmt: skip
    try:
        _wait(process, port, cases)
        yield Product(port, process.pid, time.monotonic() - began, environment)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _wait(process: "subprocess.Popen[bytes]", port: int, cases: int) -> None:
    until = time.monotonic() + 180
    while True:
        if process.poll() is not None or time.monotonic() > until:
            said = (place.folder(cases) / "run.log").read_text(errors="replace")[-2000:]
            raise SystemExit(f"The product did not start:\n{said}")
        try:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/halsa/redo", headers={"Host": place.HOST}
            )
            with urllib.request.urlopen(request, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
