"""G19: whatever of a patient's is shown has its row in the log, whole and committed, before the first byte; when the
log cannot be written, nothing is shown.

Requests go through the product's WSGI application on a database of their own with real commits; when the answer
begins, another connection looks for the row.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pypdfium2
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.db.models import F
from django.test import RequestFactory
from django.urls import reverse

from conftest import _database_name, _use
from tests import cluster, secret
from tests.matrix import people, size, things
from tests.matrix.knocking import ELSEWHERE, NOBODYS
from tests.matrix.people import Who
from tests.matrix.things import Thing
from tests.secret import Address
from vardvag.audit import actions
from vardvag.audit.verify import COLUMNS
from vardvag.cases.models import Attachment, Case
from vardvag.files.models import File
from vardvag.files.tests import corpus

ASKS = {"cases/staff/reason"}  # why a protected person's case is opened: nothing of the person stands there
OF_PATIENTS = {"case", "case file", "item", "delivery"}
STAFF_TOO = ("actor_title", "assignment_id", "unit_id", "unit_name")


@dataclass(frozen=True)
class Read:
    who: Who
    address: Address
    thing: Thing | None
    path: str
    given: tuple[tuple[str, str], ...] = ()


@dataclass
class Seen:
    status: int
    kind: str
    body: bytes
    rows: list[dict[str, Any]]  # of the request, as committed when the answer began

    @property
    def text(self) -> str:
        if self.kind.startswith("application/pdf"):
            paper = pypdfium2.PdfDocument(self.body)
            return "\n".join(page.get_textpage().get_text_range() for page in paper)
        return self.body.decode(errors="replace")


class House:
    def __init__(self, watcher: "psycopg.Connection[Any]") -> None:
        self.watcher, self.app = watcher, WSGIHandler()
        self.things, self.people = things.plant(), people.everybody()
        self.slug = people.places()[people.HERE].slug
        self.elsa = self.things[0].rows[0]
        with cluster.as_system():
            told = list(Case.objects.values_list("pk", "patient_id", "patient_name", "patient_number"))
            self.links = {str(one.public_id): one.patient_id for one in Case.objects.all()}
            wrote = set(Case.objects.exclude(author_id=F("patient_id")).values_list("author_id", flat=True))
        self.patient_of = {pk: patient for pk, patient, _, _ in told}
        self.marks = {  # who has written for a child is named in the child's case
            patient: [f"{number[:8]}-{number[8:]}", *([] if patient in wrote else [name])]
            for _, patient, name, number in told
        }
        self.pages = {a.name for a in secret.addresses() if self._is_page(a)}

    def _is_page(self, address: Address) -> bool:
        """Can be opened, not only sent to."""
        if address.name in ELSEWHERE or address.door not in ("resident", "staff"):
            return False
        own = address.captures and address.name not in secret.NOBODYS
        values = [self.slug if c == "slug" else NOBODYS.get(c, 1) for c in address.captures]
        path = secret.invented(address) if own else reverse(address.name, args=values)
        return self.read(Read(Who("nobody", "nobody"), address, None, path)).status != 405

    def read(self, one: Read) -> Seen:
        environ = RequestFactory().get(one.path, dict(one.given)).environ
        environ["HTTP_COOKIE"] = f"{settings.SESSION_KEY_COOKIE}={one.who.key}"
        began: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            told = {name.lower(): value for name, value in headers}
            began.update(status=int(status[:3]), kind=told.get("content-type", ""))
            found = self.watcher.execute(
                f"select {', '.join(COLUMNS)} from audit_entry where request_id = %s",  # noqa: S608 - constants
                [told.get("x-request-id", "")],
            ).fetchall()
            began["rows"] = [dict(zip(COLUMNS, row, strict=True)) for row in found]
            return lambda _: None

        answer = self.app(environ, start)
        body = b"".join(answer)
        answer.close()
        return Seen(began["status"], began["kind"], body, began["rows"])

    def reads(self) -> list[Read]:
        """Of everything, by everybody whose it is; lists and searches by everybody."""
        found = []
        for address in secret.addresses():
            if address.name not in self.pages:
                continue
            own = address.captures and address.name not in secret.NOBODYS
            for who in self.people:
                if who.kind != address.door:
                    continue
                if own:
                    fitting = [t for t in self.things if t.kind == secret.kind(address) and t.opens(who)]
                    found += [Read(who, address, thing, thing.path(address)) for thing in fitting]
                else:
                    values = [self.slug if c == "slug" else NOBODYS[c] for c in address.captures]
                    path = reverse(address.name, args=values)
                    views = ("all", "mine", "closed", "waiting") if "staff/" in address.name else ("",)
                    found += [Read(who, address, None, path, (("vy", v), ("q", "Hemlig"))) for v in views]
        return found

    def chosen(self, number: int, name: str) -> list[Read]:
        dice = size.dice(name)
        mixed = sorted(self.reads(), key=lambda read: dice.random())
        of_patients = [read for read in mixed if read.thing is not None and read.thing.kind in OF_PATIENTS]
        others = [read for read in mixed if read not in of_patients]
        first = {read.address.name: read for read in (*others, *of_patients)}
        found = [*first.values(), *of_patients, *others[: len(of_patients) // 2]]
        return found[:number]

    def shown(self, read: Read, seen: Seen) -> set[int]:
        """The patients of whom the answer tells: something of their cases, and to staff a name or number."""
        if seen.status != 200:
            return set()
        text = seen.text
        told = [t for t in self.things if t.word and t.word in text]
        if read.thing is not None and read.thing.kind == "case file" and seen.body:
            told.append(read.thing)
        found = set()
        for thing in told:
            if thing.kind in OF_PATIENTS or thing.name in ("note", "held reply", "sent interview"):
                found.add((thing.rows[0] if thing.kind == "case" else self.elsa).patient_id)
        if read.who.kind == "staff":
            found |= {pk for pk, marks in self.marks.items() if any(mark in text for mark in marks)}
            if read.thing is not None and read.thing.kind == "case" and read.address.name not in ASKS:
                found.add(read.thing.rows[0].patient_id)
        elif read.thing is None and read.who.person == read.who.patient:
            found.discard(read.who.person)  # one's own list of one's own cases is no reading of another
        else:
            found |= {patient for public_id, patient in self.links.items() if public_id in text}
        return found

    def logged(self, seen: Seen) -> dict[int, list[dict[str, Any]]]:
        """Rows of the request by patient; a list's row names cases."""
        found: dict[int, list[dict[str, Any]]] = {}
        for row in seen.rows:
            listed = (
                [self.patient_of[int(pk)] for pk in row["details"]]
                if row["object_kind"] in ("queue", "cases")
                else []
            )
            for patient in {row["patient_id"], *listed} - {None}:
                found.setdefault(patient, []).append(row)
        return found


@pytest.fixture
def house(
    _world_database: str,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[House]:
    name = f"{_database_name()}_reads"
    connection.close()
    cluster.clone(name, cluster.world())
    _use(name)
    monkeypatch.setattr(settings, "FILES_FOLDER", tmp_path / "files")
    watching = {**cluster.test_connection(name), "options": "-c role=vardvag_system"}
    with django_db_blocker.unblock(), psycopg.connect(**watching, autocommit=True) as watcher:  # type: ignore[arg-type]
        found = House(watcher)
        _real_picture(found)
        yield found
        connection.close()
    _use(_database_name())
    cluster.drop(name)


def _real_picture(house: House) -> None:
    """The planted file gets the content of one that is on the disk."""
    mother = next(who for who in house.people if who.name == "guardian for her daughter")
    answer = mother.client().post(
        reverse("cases/resident/write", args=[house.elsa.public_id]),
        {"key": str(uuid4()), "body": "En bild", "files": SimpleUploadedFile("utslag.jpg", corpus.jpeg())},
    )
    assert answer.status_code == 303, answer.content.decode()[:2000]
    with cluster.as_system():
        real = File.objects.get(name="utslag.jpg")
        Attachment.objects.filter(file=real).delete()
        File.objects.filter(pk=real.pk).delete()
        planted = next(t for t in house.things if t.name == "picture").rows[0]
        File.objects.filter(pk=planted.pk).update(
            stored_as=real.stored_as, wrapped_key=real.wrapped_key, size=real.size, sha256=real.sha256,
            content_type=real.content_type,
        )  # fmt: skip


def lacking(row: dict[str, Any], read: Read) -> list[str]:
    """Fields that the log should have filled in."""
    needed = ["at", "actor_kind", "actor_id", "actor_name", "verb", "object_kind", "purpose", "ground", "result",
              "request_id"]  # fmt: skip
    if read.who.kind == "staff":
        needed += [*STAFF_TOO, "provider_id"]
        if row["actor_id"] != read.who.staff or row["unit_id"] != read.who.unit:
            needed.append("the right actor and unit")
    elif row["actor_id"] != read.who.person:
        needed.append("the right actor")
    needed += ["details"] if row["object_kind"] in ("queue", "cases") else ["patient_id", "object_id"]
    return [name for name in needed if not row.get(name)]


def unlogged(house: House, read: Read, seen: Seen) -> list[str]:
    faults, logged = [], house.logged(seen)
    for patient in house.shown(read, seen):
        why = f"{read.who.name}: {read.address.name}"
        if patient not in logged:
            faults.append(f"{why}: shows patient {patient} without a row in the log")
        faults += [
            f"{why}: row without {name}" for row in logged.get(patient, ()) for name in lacking(row, read)
        ]
    return faults


def test_what_is_shown_is_in_the_log_before_the_first_byte(house: House) -> None:
    began, faults, shown, kinds = time.monotonic(), [], 0, Counter[str]()
    left = size.READS
    chosen = house.chosen(left, "reads")
    while left > 0:  # a large campaign reads the same again
        for read in chosen[:left]:
            seen = house.read(read)
            assert seen.status < 500, (read, seen.text[:500])
            told = house.shown(read, seen)
            shown += bool(told)
            kinds[read.address.name] += bool(told)
            faults += unlogged(house, read, seen)
        left -= len(chosen)
    size.told("G19", reads=size.READS, of_patients=shown, addresses=sum(n > 0 for n in kinds.values()),
              unlogged_or_incomplete=len(faults), seconds=round(time.monotonic() - began))  # fmt: skip
    assert not faults, "\n".join(f"{n} x {f}" for f, n in Counter(faults).most_common(40))
    assert shown > size.READS / 10 and sum(n > 0 for n in kinds.values()) >= 8, kinds


FAILS = {
    "the right is gone": (
        "revoke insert on audit_entry from vardvag_app", "grant insert on audit_entry to vardvag_app",
    ),
    "the disk is full": (
        "create function full_disk() returns trigger language plpgsql as $$ begin raise exception"
        " 'could not extend file: No space left on device' using errcode = '53100'; end $$;"
        "create trigger full_disk before insert on audit_entry for each row execute function full_disk()",
        "drop trigger full_disk on audit_entry; drop function full_disk",
    ),
    "the table is gone": ("alter table audit_entry rename to elsewhere", "alter table elsewhere rename to audit_entry"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILS)
def test_without_the_log_nothing_is_shown(house: House, name: str) -> None:
    reads = [r for r in house.chosen(min(size.READS, 1000), name) if house.shown(r, house.read(r))]
    breaks, mends = FAILS[name]
    _as_owner(breaks)
    watch, house.watcher = house.watcher, Deaf()  # type: ignore[assignment]
    told, statuses = [], Counter[int]()
    for read in reads:
        seen = house.read(read)
        statuses[seen.status] += 1
        told += [f"{read.who.name}: {read.address.name}" for _ in house.shown(read, seen)]
        assert seen.status == 500 and "<h1" in seen.text and "lang=" in seen.text, (read, seen.status)
        assert "Hemlig" not in seen.text and "Traceback" not in seen.text and "audit_entry" not in seen.text
    house.watcher = watch
    _as_owner(mends)
    size.told("G19 log failing", how=name, reads=len(reads), shown=len(told), statuses=dict(statuses))
    assert not told and len(reads) >= 5
    assert house.read(reads[0]).status == 200


class Deaf:
    """For while the table cannot be read."""

    def execute(self, *_: Any) -> "Deaf":
        return self

    def fetchall(self) -> list[Any]:
        return []


def _as_owner(words: str) -> None:
    own = cluster.test_connection(connection.settings_dict["NAME"])
    own.pop("options")
    with psycopg.connect(**own, autocommit=True) as owner:  # type: ignore[arg-type]
        for one in words.split(";create ") if ";create " in words else [words]:
            owner.execute(
                one if one.startswith(("create", "drop", "alter", "grant", "revoke")) else f"create {one}"
            )
    connection.close()


def test_a_read_that_is_not_logged_is_noticed(house: House) -> None:
    """`record` does nothing: every read of a patient's is found."""
    reads = [r for r in house.chosen(100, "deaf") if house.shown(r, house.read(r))]
    before = actions.record.__code__
    actions.record.__code__ = (lambda **_: None).__code__
    try:
        assert all(unlogged(house, read, house.read(read)) for read in reads) and reads
    finally:
        actions.record.__code__ = before
