"""`make restore-drill`: the demo region backed up, brought back into an empty place and compared, row by row and file
by file. Writes its figures into docs/performance.md."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from vardvag.config import embedded, place
from vardvag.config.backup.tests.installations import SETTLED, contents, tree

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "performance.md"
HEADING = "## Backup and restore (make restore-drill)"


def main() -> int:
    room = Path(tempfile.mkdtemp(prefix="vardvag-drill-"))
    room.chmod(0o711)
    try:
        return drill(room)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def drill(room: Path) -> int:
    source, target, where = room / "source", room / "target", room / "place"
    told = {"load": run(source, "demo")}
    public = subprocess.run(
        [sys.executable, "-m", "vardvag.config", "backup", "--new-key", str(room / "key")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("BACKUP_KEY=")[1].strip()  # fmt: skip
    told["backup"] = run(source, "backup", str(where), BACKUP_KEY=public)
    time.sleep(1)  # sets are named by the second
    told["again"] = run(source, "backup", str(where), BACKUP_KEY=public)
    told["check"] = run(source, "backup", "--check", str(where), "--key", str(room / "key"))
    told["restore"] = run(target, "restore", str(where), "--key", str(room / "key"))
    before, size = look(source)
    after, _ = look(target)
    different = sorted(t for t in before.keys() | after.keys() if before.get(t) != after.get(t))
    files, back = tree(source / "files"), tree(target / "files")
    wrong = [table for table in different if table not in SETTLED]
    rows = sum(count for count, _ in before.values())
    amount = sum(path.stat().st_size for path in where.rglob("*") if path.is_file())
    print(
        f"{len(before)} tables, {rows} rows, {len(files)} stored files; settled on purpose: {', '.join(different)}"
    )
    if wrong or files != back:
        print(f"DIFFERENT: {', '.join(wrong)} {'stored files' if files != back else ''}")
        return 1
    print("Nothing is missing, nothing is different.")
    write(told, rows=rows, tables=len(before), files=len(files), size=size, amount=amount)
    return 0


def run(folder: Path, *words: str, **more: str) -> float:
    """Seconds."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VARDVAG_", "DATABASE_", "DJANGO_"))}
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "vardvag.config", *words],
        cwd=ROOT, env={**kept, "VARDVAG_DATA": str(folder), **more}, check=True,
    )  # fmt: skip
    return time.monotonic() - began


def look(folder: Path) -> tuple[dict[str, tuple[int, int]], int]:
    """Rows and sums of every table; bytes of the database."""
    os.environ["VARDVAG_DATA"] = str(folder)
    os.environ.pop("VARDVAG_SECRETS", None)
    server = embedded.EmbeddedServer(folder)
    server.initialise()
    server.start()
    try:
        parameters = {**place.connection("supervisor"), "dbname": place.DATABASE}
        with psycopg.connect(**parameters) as reader:  # type: ignore[arg-type]
            row = reader.execute("select pg_database_size(current_database())").fetchone()
            return contents(reader), int(str(row[0])) if row else 0
    finally:
        server.stop()


def write(told: dict[str, float], *, rows: int, tables: int, files: int, size: int, amount: int) -> None:
    load = os.getloadavg()[0]
    section = f"""{HEADING}
{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.0f} at the end.
The demo region: {tables} tables, {rows} rows, database {size / 2**20:.0f} MiB, {files} stored files, all compared:
equal, but for what a restore settles on purpose (docs/decisions, "What a restored copy may not do").

| step | seconds |
|---|---|
| first backup (two sets and files together: {amount / 2**20:.1f} MiB) | {told["backup"]:.1f} |
| second backup (stored files are there already) | {told["again"]:.1f} |
| check of both, opened | {told["check"]:.1f} |
| restore into an empty place, compared, log verified | {told["restore"]:.1f} |
"""
    text = FIGURES.read_text()
    start = text.find(HEADING)
    if start < 0:
        FIGURES.write_text(text.rstrip() + "\n\n" + section)
        return
    end = text.find("\n## ", start + 1)
    FIGURES.write_text(text[:start] + section + (text[end:] if end >= 0 else ""))


if __name__ == "__main__":
    sys.exit(main())
