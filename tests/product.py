"""The whole product as real processes, on free ports and a cloned database: what the journeys act on."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import cluster
from vardvag.config import embedded

WORLD_PORTS = 8  # the pages of the world and its systems lie behind the product's own port


@dataclass
class Product:
    """`url` of the pages, `world` of the page Omvärlden."""

    url: str
    world: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    def control(self, **order: Any) -> Any:
        """Tell the outside world what to do (see outside/world/control.py), for example
        `control(system="bankid", do="approve", personal_number=...)`."""
        body = json.dumps(order).encode()
        request = urllib.request.Request(
            f"{self.world}/__control", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def journal(self) -> Any:
        with urllib.request.urlopen(f"{self.world}/__journal", timeout=10) as answer:
            return json.load(answer)

    def log(self, name: str) -> str:
        path = self.folder / "logs" / f"{name}.log"
        return path.read_text() if path.exists() else ""


def free_ports(count: int) -> int:
    """First of so many neighbouring free ports. Those who look at the same moment, whose numbers are neighbours, begin
    at blocks of their own."""
    for start in range(20_000 + os.getpid() % 1_500 * count, 60_000, count):
        try:
            sockets = [socket.create_server(("127.0.0.1", start + n)) for n in range(count)]
        except OSError:
            continue
        for listener in sockets:
            listener.close()
        return start
    raise RuntimeError("no free ports")


def start(name: str) -> Product:
    cluster.start()
    cluster.clone(name, cluster.world())
    folder = Path(tempfile.mkdtemp(prefix="vardvag-product-"))
    folder.chmod(0o711)
    for known in ("world", "files"):  # whom the stand-ins know; the cases' pictures
        if (cluster.world_folder() / known).exists():
            shutil.copytree(cluster.world_folder() / known, folder / known)
    static = cluster.ROOT / ".cache" / "static"
    static.mkdir(parents=True, exist_ok=True)
    (folder / "static").symlink_to(static)  # collected and compressed once, not at every run
    port = free_ports(WORLD_PORTS)
    log = (folder / "run.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "vardvag.config", "run"],
        cwd=cluster.ROOT, env=cluster.product_environment(name, folder, port),
        stdout=log, stderr=log, start_new_session=True,
        preexec_fn=embedded.die_with_parent(signal.SIGTERM),  # a killed test run leaves nothing behind
    )  # fmt: skip
    product = Product(f"http://localhost:{port}", f"http://localhost:{port + 1}", folder, process)
    until = time.monotonic() + 180
    while "Vårdväg runs on" not in (folder / "run.log").read_text():
        if process.poll() is not None or time.monotonic() > until:
            said = (folder / "run.log").read_text()
            stop(product, name)
            raise RuntimeError(f"The product did not start:\n{said}\n{product.log('web')[-3000:]}")
        time.sleep(0.05)
    return product


def stop(product: Product, name: str) -> None:
    if product.process.poll() is None:
        product.process.send_signal(signal.SIGTERM)
        try:
            product.process.wait(30)
        except subprocess.TimeoutExpired:
            product.process.kill()
            product.process.wait()
    cluster.drop(name)
    shutil.rmtree(product.folder, ignore_errors=True)
