"""`vardvag backup`, `vardvag restore` and `vardvag archive-wal`: words in, one call, what was done out."""

import argparse
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from vardvag.config.backup import age, checking, making, moments, restoring, sets
from vardvag.config.place import Trouble

KEEP = 14
DatabaseUp = Callable[[], AbstractContextManager[None]]


def add(commands: Any, database_up: DatabaseUp) -> None:
    """`commands`: argparse's sub-parsers. `database_up`: the database for as long as a command needs it."""
    making_one = commands.add_parser(
        "backup", help="a consistent, sealed copy while the product runs; or look at one"
    )
    making_one.add_argument("place", nargs="?", default="", help="folder where backups lie")
    making_one.add_argument(
        "--keep", type=int, default=KEEP, help=f"how many sets to keep (default {KEEP}; 0: all)"
    )
    making_one.add_argument(
        "--check", action="store_true", help="check what lies there; with --key also opens it"
    )
    making_one.add_argument("--key", default="", help="file with the private key, to check that it opens")
    making_one.add_argument("--base", action="store_true", help="base for points in time (outside database)")
    making_one.add_argument(
        "--new-key", default="", metavar="FILE", help="make a pair of keys and nothing else"
    )
    making_one.set_defaults(do=lambda given: backup(given, database_up))
    back = commands.add_parser("restore", help="a backup into an empty place, compared before it counts")
    back.add_argument("place", help="folder where backups lie")
    back.add_argument("--key", required=True, help="file with the private key")
    back.add_argument(
        "--set", default="", help="which one, for example 20261121T021500Z (default: the newest)"
    )
    back.add_argument(
        "--to", default="", metavar="TIME", help="a point in time, for example 2026-11-21T02:15:00+01:00"
    )
    back.add_argument("--into", default="", metavar="FOLDER", help="with --to: the new server's data folder")
    back.set_defaults(do=restore)
    archiving = commands.add_parser(
        "archive-wal", help="for archive_command: put a finished part of the log away"
    )
    archiving.add_argument("path")
    archiving.add_argument("place")
    archiving.set_defaults(do=archive)


def backup(given: argparse.Namespace, database_up: DatabaseUp) -> int:
    if given.new_key:
        public = age.new_key(Path(given.new_key))
        print(
            f"{given.new_key} opens the backups: keep it (and a copy) away from this machine and from the backups."
        )
        print(f"Set BACKUP_KEY={public}")
        return 0
    where = _place(given.place)
    if given.check:
        print("\n".join(checking.check(where, age.private_key(Path(given.key)) if given.key else None)))
        return 0
    if given.keep < 0:
        raise Trouble("--keep is a number of sets, 0 or more.")
    key = age.public_key(_public())
    if given.base:
        print(f"Base made: {moments.base(where, key, given.keep)}")
        return 0
    with database_up():
        one, made = making.back_up(where, key, given.keep)
    print(f"Backup made: {one} ({len(made.tables)} tables, {sum(made.tables.values())} rows).")
    if made.lost:
        print(
            f"WRONG  {len(made.lost)} stored files are missing on the disk, first {made.lost[0]}; see docs/backup.md."
        )
    return 1 if made.lost else 0


def restore(given: argparse.Namespace) -> int:
    where, key = _place(given.place), age.private_key(Path(given.key))
    if given.to and not given.into:
        raise Trouble(
            "A point in time makes a new server's data folder; name an empty one with --into FOLDER."
        )
    try:
        if given.to:
            lines = moments.restore(where, key, _time(given.to), Path(given.into).absolute())
        else:
            lines = restoring.restore(where, key, given.set)
    except OSError as problem:
        raise Trouble(
            f"{problem.filename or where}: {problem.strerror or problem}; nothing was restored. See to room and rights."
        ) from None
    print("\n".join(lines))
    return 0


def archive(given: argparse.Namespace) -> int:
    moments.archive(Path(given.path), _place(given.place), age.public_key(_public()))
    return 0


def _place(text: str) -> Path:
    if not text:
        raise Trouble("Name the folder where backups lie, for example: vardvag backup /mnt/backup.")
    return Path(text).absolute()


def _public() -> str:
    text = os.environ.get("BACKUP_KEY", "")
    if not text:
        raise Trouble(
            "BACKUP_KEY is not set; make a pair with `vardvag backup --new-key FILE`, set BACKUP_KEY to the public key "
            "it prints and keep FILE elsewhere: without it no backup can be opened."
        )
    return text


def _time(text: str) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(f"--to {text!r} is no time; write it as 2026-11-21T02:15:00+01:00.") from None
    return told if told.tzinfo else told.astimezone()


__all__ = ["add", "sets"]
