"""PostgreSQL's own client programs: found, run, and their mistakes told in one line."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import make_conninfo

from vardvag.config import embedded, place
from vardvag.config.place import Trouble

PIECE = 2**20


def found(name: str, *, server: int = 18) -> Path:
    """pg_dump and its like, at least of the server's version: EMBEDPG_BIN's, the installed, the wheel's."""
    folders = [Path(os.environ["EMBEDPG_BIN"])] if os.environ.get("EMBEDPG_BIN") else []
    if not place.embedded() and (installed := shutil.which(name)):
        folders.append(Path(installed).parent)
    with suppress(Trouble):
        folders.append(embedded.EmbeddedServer(place.data_folder()).binaries())
    for folder in folders:
        if (folder / name).exists() and _version(folder / name) >= server:
            return folder / name
    raise Trouble(
        f"{name} of PostgreSQL {server} or newer is not here; install it (apt-get install postgresql-client-{server}) "
        "or name its folder with EMBEDPG_BIN."
    )


def _version(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    told = re.search(r"(\d+)(\.\d+)?", said)
    return int(told[1]) if told else 0


def login(connection: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """(--dbname without the password, the environment with it): arguments can be read by others."""
    rest = {key: value for key, value in connection.items() if key != "password"}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return make_conninfo("", **rest), {
        **kept,
        "PGPASSWORD": connection.get("password", ""),
        "LC_ALL": "C.UTF-8",
    }


def output(command: list[str], environment: Mapping[str, str]) -> Iterator[bytes]:
    """What the program writes, piece by piece; raises Trouble if it ends badly, also after the last piece."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment
        )
        assert process.stdout is not None
        try:
            while piece := process.stdout.read(PIECE):
                yield piece
            process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()
        if process.returncode:
            errors.seek(0)
            raise Trouble(_told(command[0], errors.read().decode(errors="replace")))


def feed(command: list[str], pieces: Iterable[bytes], environment: Mapping[str, str]) -> None:
    """Give the program what it reads; raises Trouble if it ends badly, and what `pieces` raises."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        )
        assert process.stdin is not None
        try:
            try:
                for piece in pieces:
                    process.stdin.write(piece)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it says why on stderr
            process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode:
            errors.seek(0)
            raise Trouble(_told(command[0], errors.read().decode(errors="replace")))


def _told(program: str, said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    line = next((line for line in lines if "error:" in line or "ERROR" in line or "FATAL" in line), "")
    line = line or (lines or ["no reason given"])[-1]
    cure = ""
    if "version mismatch" in said or "SSL support" in said:
        cure = "; install the server's own client programs (postgresql-client) or name their folder with EMBEDPG_BIN"
    return f"{Path(program).name} failed: {line.strip()}{cure}."
