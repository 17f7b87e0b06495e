"""Builds the benchmark's database: `python -m tools.bench.database CASES`, in the benchmark's environment.

The end is an ordinary database: logged tables, every index and constraint, vacuumed, analysed, the log sealed.
"""

import json
import shutil
import sys
import time
from pathlib import Path

from tools.bench import place
from vardvag.config import cli, prepare
from vardvag.config.place import data_folder

MARK = "bench.json"  # written last: a half-built database is built anew
FORM = 2  # of what is built; a higher number builds anew


def built(cases: int) -> bool:
    mark = place.folder(cases) / MARK
    return mark.exists() and json.loads(mark.read_text()).get("form") == FORM


def fresh(cases: int) -> None:
    """A database up to KEPT_AT_MOST is measured on a copy, so that every run begins alike."""
    folder = place.folder(cases)
    kept, used = folder / "pg18.kept", folder / "pg18"
    if kept.exists():
        shutil.rmtree(used, ignore_errors=True)
        _copy(kept, used)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, copy_function=_with_owner)
    for one in (source, *(p for p in source.rglob("*") if p.is_dir())):
        told, there = one.stat(), target / one.relative_to(source)
        there.chmod(told.st_mode & 0o777)
        shutil.chown(there, told.st_uid, told.st_gid)


def _with_owner(source: str, target: str) -> str:
    shutil.copy2(source, target)
    told = Path(source).stat()
    shutil.chown(target, told.st_uid, told.st_gid)
    return target


def units(cases: int) -> int:
    """As many as give a unit the same number of open cases at every size, which is what its staff see."""
    return min(1200, max(12, cases // 830))


def build(cases: int) -> None:
    folder = data_folder()
    began = time.monotonic()
    with cli.database_up():
        if prepare.main(["migrate", "static"]):
            raise SystemExit(2)
        from django.db import connection, transaction  # noqa: PLC0415 - the settings are known from here on

        from vardvag.audit import actions as audit  # noqa: PLC0415
        from vardvag.core.actor import SystemActor  # noqa: PLC0415
        from vardvag.demo import bench  # noqa: PLC0415

        prepare.become("owner")
        bench.UNITS = units(cases)
        bench.build(cases, told=lambda done: _say(f"{done:,} cases", began))
        with connection.cursor() as cursor:
            cursor.execute("vacuum (freeze, analyze)")
        _say("vacuumed and analysed", began)
        prepare.become("system")
        sealed = audit.seal(actor=SystemActor("audit.seal"), batch=50_000)
        _say(f"{sealed:,} rows of the log sealed", began)
        prepare.become("owner")
        assert not transaction.get_connection().in_atomic_block
        with connection.cursor() as cursor:
            cursor.execute("vacuum (analyze) audit_seal")
            cursor.execute("select pg_database_size(current_database())")
            (size,) = cursor.fetchone()
        connection.close()
    if cases <= place.KEPT_AT_MOST:
        _copy(folder / "pg18", folder / "pg18.kept")
    told = {"form": FORM, "cases": cases, "bytes": size, "seconds": round(time.monotonic() - began)}
    (folder / MARK).write_text(json.dumps(told))
    _say(f"built, {size / 2**30:.1f} GiB", began)


def _say(text: str, began: float) -> None:
    print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)


if __name__ == "__main__":
    build(int(sys.argv[1]))
