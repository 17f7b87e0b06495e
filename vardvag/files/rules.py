"""How much one may send, and who a file's owner is. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from vardvag.core.actor import PersonActor, ResidentActor, StaffActor
from vardvag.files.facts import NotHolder

LARGEST = 20 * 1024 * 1024  # bytes of one file
PIECE = 256 * 1024  # bytes of a file that arrives piece by piece
PIECES_KEPT = timedelta(hours=24)  # of a file that never became whole
UNFINISHED = 20  # such files of one person: the oldest makes room
DISK_RESERVE = 512 * 1024 * 1024  # bytes that stay free for everything else in the data folder
GROWN_UP = 18  # years
PER_HOUR = 50 * 1024 * 1024  # bytes of one person, refused files too
SECOND = 1024 * 1024  # bytes of the hour that a second of opening files costs at least: bombs are small
HOUR = timedelta(hours=1)
AT_MOST = {"resident": 5, "staff": 10}  # files in one message
LOOSE_KEPT = timedelta(hours=24)  # never sent, in no draft
DRAFT_KEPT = timedelta(days=30)  # never sent, in a draft that is not touched
REMOVED_KEPT = timedelta(hours=24)  # the row of a removed file, already without content
ATTEMPTS_KEPT = timedelta(days=30)


def is_minor(born: date, today: date) -> bool:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < GROWN_UP


def fits_on_disk(*, free: int, more: int) -> bool:
    return free - more >= DISK_RESERVE


def check_circle(*, intimate: bool, staff_id: int, owner_id: int | None) -> None:
    """Of a clinic's staff only the one who has the case sees an intimate picture. Raises NotHolder."""
    if intimate and staff_id != owner_id:
        raise NotHolder


def cost(size: int, seconds: float) -> int:
    """What a file takes of its sender's hour."""
    return max(size, int(seconds * SECOND))


def uploader(actor: PersonActor) -> tuple[str, int]:
    """(kind, id) as the row says it."""
    match actor:
        case ResidentActor():
            return "resident", actor.me.person_id
        case StaffActor():
            return "staff", actor.staff_id


def free_again(sent: Sequence[tuple[datetime, int]], more: int, *, now: datetime) -> datetime | None:
    """None when `more` bytes fit in the hour; else when they will. `sent`: (when, bytes), oldest first."""
    recent = [(at, size) for at, size in sent if at > now - HOUR]
    total = sum(size for _, size in recent) + more
    if total <= PER_HOUR:
        return None
    for at, size in recent:
        total -= size
        if total <= PER_HOUR:
            return at + HOUR
    return now + HOUR
