"""One entry of a thread as both sides' pages show it: a message, or for staff an internal note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vardvag.cases.models import Message, Note
from vardvag.cases.queries import Thread
from vardvag.core import dates
from vardvag.files.models import File
from vardvag.questionnaires.queries import Row


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int  # 0 for a note
    kind: str  # Message.Kind, or "note"
    author_kind: str
    author_id: int
    author_name: str
    author_title: str
    for_patient: bool
    body: str
    when: str
    read: str  # when the other side read it, or ''
    unread: bool  # by the other side
    held: bool  # still in its ten seconds
    promised: str
    files: tuple[File, ...]


def entries(thread: Thread, *, now: datetime, language: str) -> list[Entry]:
    return [_entry(one, thread, now, language) for one in thread.entries]


def _entry(one: Message | Note, thread: Thread, now: datetime, language: str) -> Entry:
    def said(at: datetime | None) -> str:
        return dates.moment(at, now=now, language=language) if at else ""

    if isinstance(one, Note):
        return Entry(
            0, "note", "staff", one.staff_id, one.staff_name, one.staff_title, False, one.body, said(one.at),
            "", False, False, "", (),
        )  # fmt: skip
    return Entry(
        seq=one.seq,
        kind=one.kind,
        author_kind=one.author_kind,
        author_id=one.author_id,
        author_name=one.writer,
        author_title=one.author_title,
        for_patient=one.for_patient,
        body=one.body,
        when=said(one.at),
        read=said(one.read_at),
        unread=one.read_at is None,
        held=one.released_at > now,
        promised=said(one.promised_at),
        files=tuple(a.file for a in thread.files.get(one.pk, ())),
    )


def apart(rows: Sequence[Row], own_words: str) -> tuple[list[Row], list[Row]]:
    """The form's free texts, which stand first as the patient's own words, and the other questions."""
    long = [row for row in rows if row.own_words and row.answers and row.answer in own_words]
    said = own_words.split("\n\n")
    own = long or [row for row in rows if row.answers and row.answer in said]
    return own, [row for row in rows if row not in own]
