"""G20: whatever a superuser of the database does to the log, `vardvag verify-log` says so."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from conftest import _database_name, _use
from tests import cluster
from tests.matrix import size, tampering
from tests.matrix.tampering import CHAINS, EVERY, WAYS, Log
from vardvag.audit import actions, checking, verify
from vardvag.config import place

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def log(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[Log]:
    """In a database of its own, as its superuser, with triggers and policies out of the way."""
    name = f"{_database_name()}_log"
    cluster.clone(name)
    _use(name)
    quiet = [f"alter table {t} disable trigger user" for t in ("audit_entry", "audit_seal", "audit_anchor")]
    if place.embedded():
        own = place.connection("supervisor")
        connection.settings_dict.update(USER=own["user"], PASSWORD=own["password"], OPTIONS={})
        quiet = ["set session_replication_role = replica"]
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("VARDVAG_ANCHORS", str(tmp_path / "anchors.log"))
        patch.setenv("VARDVAG_SECRETS", str(tmp_path / "secrets"))
        with connection.cursor() as cursor:
            cursor.execute("set role none")
            for words in quiet:
                cursor.execute(words)
        yield Log(START)
        connection.close()
    _use(_database_name())
    cluster.drop(name)


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is rolled back; the sealer takes it for the outermost transaction."""
    with transaction.atomic():
        connection.atomic_blocks[-1]._from_testcase = True  # type: ignore[attr-defined]
        yield
        transaction.set_rollback(True)


def found(log: Log) -> list[str]:
    return checking.verify_database(now=log.now).wrong


def campaign(log: Log, number: int) -> tuple[Counter[str], list[str]]:
    """So many tamperings, each from the whole log: how many of each way, and those nobody noticed."""
    dice, done, missed = size.dice("tampering"), Counter[str](), []
    names = sorted(WAYS)
    while done.total() < number:
        name = names[done.total() % len(names)]
        with undone():
            said = WAYS[name](dice, log)
            if said is not None:
                done[name] += 1
                if not found(log):
                    missed.append(f"{name}: {said}")
    return done, missed


def test_every_tampering_is_found(log: Log) -> None:
    began = time.monotonic()
    assert found(log) == []
    done, missed = campaign(log, size.TAMPERINGS)
    assert found(log) == []
    size.told("G20", tamperings=done.total(), ways=len(done), found=done.total() - len(missed),
              seconds=round(time.monotonic() - began))  # fmt: skip
    assert not missed, missed[:20]


def test_at_most_five_minutes_of_a_tail_can_go_unseen(log: Log) -> None:
    """Before the next anchor, and only what came after the last one."""
    unseen = []
    for chain in CHAINS:
        for kept in range(log.length):
            with undone():
                tail = "select entry_id from audit_seal where provider_id = %s and seq > %s"
                ((since,),) = tampering.rows(
                    f"select min(at) from audit_entry where id in ({tail})", chain, kept
                )  # noqa: S608
                tampering.run(f"delete from audit_entry where id in ({tail})", chain, kept)  # noqa: S608
                tampering.run("delete from audit_seal where provider_id = %s and seq > %s", chain, kept)
                if not found(log):
                    unseen.append(log.now - since)
                    assert since > log.last_anchor
    assert unseen and max(unseen) <= EVERY
    size.told("G20 tail", unseen_seconds=max(unseen).total_seconds())


CHAIN = verify.Chain
BLIND: dict[str, tuple[str, object, str, object]] = {
    "edit_a_text": ("hashes", verify, "Chain", lambda: CHAIN(broken=True)),
    "insert_and_let_it_be_sealed": ("times", verify.Verifier, "_timely", lambda *_: None),
    "rewrite_a_chain": ("anchors outside", checking, "outside_anchors", lambda path: []),
    "edit_an_anchor": ("signatures", verify, "_signed", lambda *_: True),
    "insert_an_entry": ("entries without a seal", verify.Verifier, "open", lambda *_: None),
}


@pytest.mark.parametrize("way", BLIND)
def test_a_blind_verifier_is_noticed(log: Log, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thing that verify-log looks at, taken away: the tampering that it is there for passes."""
    looked_at, place_of, name, blind = BLIND[way]
    monkeypatch.setattr(place_of, name, blind)
    dice, missed = size.dice(way), 0
    for _ in range(24):
        with undone():
            if WAYS[way](dice, log) is not None and not found(log):
                missed += 1
    assert missed, f"{looked_at} are not needed to find it"


def test_how_fast_it_is(log: Log) -> None:
    """10 million entries within ten minutes are 17,000 a second, on a machine that does nothing else."""
    with undone():
        listed = ", ".join(verify.COLUMNS[2:])
        tampering.run(
            f"insert into audit_entry (id, at, {listed}) select 10000 + n, %s, {listed} from generate_series(1, %s) n"  # noqa: S608
            " join audit_entry e on e.id = (select min(id) from audit_entry) + n %% 100",
            log.now - timedelta(minutes=1), size.ROWS,
        )  # fmt: skip
        tampering.run("select setval('audit_entry_number', %s)", 10_000 + size.ROWS)
        while actions.seal(actor=tampering.JOB):
            pass
        began, cpu = time.perf_counter(), time.process_time()
        report = checking.verify_database(now=log.now + timedelta(seconds=1))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert report.entries >= size.ROWS and report.sound
    size.told("G20 speed", rows=report.entries, rows_per_second=round(report.entries / seconds),
              rows_per_cpu_second=round(report.entries / cpu))  # fmt: skip
