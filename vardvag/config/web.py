"""The pages and live on one port: uvicorn on sockets that the supervisor holds (a restart refuses nobody) or our own.

`python -m vardvag.config.web [live]`
"""

import os
import socket
import sys

import uvicorn

from vardvag.config import place
from vardvag.config.place import Trouble


def listen(port: int, host: str | None = None) -> list[socket.socket]:
    """HOST, else this machine only: a demo lets anybody log in as anybody."""
    host = host or os.environ.get("HOST", "localhost")
    addresses = ["127.0.0.1", "::1"] if host == "localhost" else [host]
    found: list[socket.socket] = []
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address, port))
            listener.listen(1024)
        except OSError as problem:
            listener.close()
            if address == "::1" and found and "in use" not in str(problem):
                continue  # a machine without IPv6
            for other in found:
                other.close()
            reason = (
                "is taken by another program"
                if "in use" in str(problem)
                else f"cannot be used ({problem.strerror})"
            )
            raise Trouble(
                f"Port {port} on {host} {reason}; stop that program or choose another, for example PORT={port + 80}."
            ) from None
        found.append(listener)
    return found


def serve(sockets: list[socket.socket], *, only_live: bool = False) -> None:
    config = uvicorn.Config(
        "vardvag.config.asgi:live_only" if only_live else "vardvag.config.asgi:application",
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(os.environ.get("BEHIND_PROXY")),
        ws_max_size=4096,
        ws_max_queue=16,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,  # 30 instead of 72 KiB per open page
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=sockets)


def main(words: list[str]) -> int:
    passed = os.environ.get("VARDVAG_SOCKETS", "")
    sockets = [socket.socket(fileno=int(number)) for number in passed.split(",") if number]
    serve(sockets or listen(place.port()), only_live="live" in words)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        print(f"vardvag: {trouble}", file=sys.stderr)
        sys.exit(2)
