"""The log: written with the act, sealed in chains, anchored; and every kind of tampering is found."""

import json
import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction

from vardvag.audit import actions, checking, verify
from vardvag.audit.models import Anchor, Entry, Floor, Seal
from vardvag.core import border, clock
from vardvag.core.actor import Anonymous, StaffActor, SystemActor

JOB = SystemActor("test")
NOW = clock.now()


def nurse(provider: int = 7) -> StaffActor:
    return StaffActor(1, 5, "SE1-A", "Sara Ek", "Sjuksköterska", 9, 3, "Hälsocentralen", provider)


def write(count: int = 1, provider: int = 7, **changes: object) -> None:
    for n in range(count):
        actions.record(
            **{"actor": nurse(provider), "verb": "read", "kind": "case", "object_id": n, "patient_id": 11,
               "at": NOW, **changes}
        )  # fmt: skip


@pytest.fixture(autouse=True)
def outside(monkeypatch, tmp_path):
    """The anchors' file and the keys of this test alone."""
    monkeypatch.setenv("VARDVAG_ANCHORS", str(tmp_path / "anchors.log"))
    monkeypatch.setenv("VARDVAG_SECRETS", str(tmp_path / "secrets"))
    return tmp_path


@pytest.fixture
def log(system):
    """Two chains of five and three, sealed and anchored; the test goes on as the owner of the tables."""
    with system():
        write(5)
        write(3, provider=8)
        actions.seal(actor=JOB)
        actions.anchor(actor=JOB, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute("alter table audit_entry disable trigger user")
        cursor.execute("alter table audit_seal disable trigger user")
        cursor.execute("alter table audit_anchor disable trigger user")
    yield
    if not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("set role vardvag_app")


def wrong(now=NOW) -> str:
    return "\n".join(checking.verify_database(now=now).wrong)


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount != 0


def test_a_whole_log_is_whole(log):
    report = checking.verify_database(now=NOW)
    assert report.sound, report.wrong
    assert (report.entries, len(report.chains), report.anchors) == (8, 2, 4)  # anchors here and outside


@pytest.mark.parametrize(
    "change",
    [
        "actor_name = 'Någon Annan'", "at = at + interval '1 second'", "patient_id = null", "verb = 'open'",
        "details = '{text}'", "provider_id = 8", "request_id = 'x'", "object_id = 999",
    ],
)  # fmt: skip
def test_an_edited_entry_is_found(log, change):
    run(f"update audit_entry set {change} where object_id = 2 and provider_id = 7")  # noqa: S608
    assert "number 3" in wrong()


def test_a_deleted_entry_is_found(log):
    run("delete from audit_entry where object_id = 2 and provider_id = 7")
    assert "the entry has been deleted" in wrong()


def test_an_entry_deleted_with_its_seal_is_found(log):
    run("delete from audit_seal where provider_id = 7 and seq = 3")
    run("delete from audit_entry where object_id = 2 and provider_id = 7")
    assert "numbers 3 to 3 are missing" in wrong()


def test_an_entry_put_in_beside_the_log_is_found(log):
    run(
        "insert into audit_entry select (jsonb_populate_record(e, '{\"id\": -5}')).* from audit_entry e"
        " where object_id = 2 and provider_id = 7"
    )
    later = NOW + timedelta(minutes=5)
    assert "entry -5" in wrong(later)
    with connection.cursor() as cursor:  # and the sealer does not whitewash it
        cursor.execute("select count(*) from audit_entry")
    actions.seal(actor=JOB)
    assert "entry -5" in wrong(later)


def test_swapped_entries_are_found(log):
    first, second = Seal.objects.filter(provider_id=7).order_by("seq")[1:3]
    run("update audit_seal set entry_id = -1 where id = %s", first.pk)
    run("update audit_seal set entry_id = %s where id = %s", first.entry_id, second.pk)
    run("update audit_seal set entry_id = %s where id = %s", second.entry_id, first.pk)
    assert "does not match" in wrong()


def test_a_cut_tail_is_found(log):
    run("delete from audit_seal where provider_id = 7 and seq > 3")
    run("delete from audit_entry where provider_id = 7 and object_id > 2")
    assert "ends at 3, but 5 was anchored" in wrong()


def test_a_chain_that_is_gone_altogether_is_found(log):
    run("delete from audit_seal where provider_id = 8")
    run("delete from audit_entry where provider_id = 8")
    assert "chain 8: ends at 0, but 3 was anchored" in wrong()


def rewrite() -> None:
    """What somebody with all rights in the database would do: change a row and seal everything anew."""
    run("update audit_entry set actor_name = 'Någon Annan' where object_id = 2 and provider_id = 7")
    head = verify.GENESIS
    for seal in Seal.objects.filter(provider_id=7).order_by("seq"):
        row = Entry.objects.filter(pk=seal.entry_id).values_list(*verify.COLUMNS).get()
        head = verify.link(head, verify.plain(row))
        run("update audit_seal set hash = %s where id = %s", head, seal.pk)


def test_a_rewritten_chain_differs_from_its_anchor(log):
    rewrite()
    assert "differs from the anchor" in wrong()


def test_a_chain_rewritten_with_its_anchors_differs_from_those_outside(log):
    rewrite()
    run("delete from audit_anchor")
    assert "kept outside; history was rewritten" in wrong()


def test_a_forged_anchor_is_found(log):
    rewrite()
    head = Seal.objects.get(provider_id=7, seq=5).hash
    run("update audit_anchor set hash = %s where provider_id = 7", head)
    assert "signed by no key of ours" in wrong()


def test_a_sealer_that_stands_still_is_noticed(log):
    with transaction.atomic():
        write()
    assert checking.verify_database(now=NOW + timedelta(seconds=30)).sound
    assert "the sealer stands still" in wrong(NOW + timedelta(minutes=5))


def test_the_roles_may_only_add(system):
    with system():
        write()
        actions.seal(actor=JOB)
        for sql in (
            "update audit_entry set verb = 'x'", "delete from audit_entry", "truncate audit_entry",
            "update audit_seal set seq = 9", "delete from audit_anchor",
        ):  # fmt: skip
            with pytest.raises(Exception, match="permission denied|append-only"), transaction.atomic():
                run(sql)
    for sql in ("update audit_entry set verb = 'x'", "insert into audit_seal values (1, 1, 1, 1, '')",
                "update audit_floor set floor = 99999"):  # fmt: skip
        with pytest.raises(Exception, match="permission denied|append-only"), transaction.atomic():
            run(sql)


def test_even_the_owner_slips_on_the_trigger(db):
    write()
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            cursor.execute("update audit_entry set verb = 'x'")
        cursor.execute("set role vardvag_app")


def test_pages_write_what_they_may_not_read(db):
    border.enter(Anonymous())
    write()
    assert Entry.objects.count() == 0
    border.enter(nurse())
    assert Entry.objects.count() == 1
    border.enter(nurse(provider=8))
    assert Entry.objects.count() == 0


def test_the_export_is_checked_without_the_product(log, outside):
    for name in ("log.jsonl", "log.jsonl.gz"):
        path = outside / name
        assert checking.export(path, now=NOW) == 8
        report = verify.verify_export(path, outside / "anchors.log", outside / "secrets" / "log-keys")
        assert report.sound and report.entries == 8, report.wrong


@pytest.mark.parametrize("tamper", ["edit", "cut", "rewrite"])
def test_a_tampered_export_is_found(log, outside, tamper):
    path = outside / "log.jsonl"
    if tamper == "rewrite":
        rewrite()
        run("delete from audit_anchor")
    checking.export(path, now=NOW)
    lines = path.read_text().splitlines()
    if tamper == "edit":
        lines = [line.replace("Sara Ek", "Sara Ek2", 1) for line in lines]
    if tamper == "cut":
        lines = lines[:-2]
    path.write_text("\n".join(lines) + "\n")
    report = verify.verify_export(path, outside / "anchors.log", outside / "secrets" / "log-keys")
    assert not report.sound


def test_the_verifier_stands_alone(log, outside):
    """Run as a script in an interpreter that cannot see the product."""
    import shutil  # noqa: PLC0415
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    path = outside / "log.jsonl.gz"
    checking.export(path, now=NOW)
    script = shutil.copy(verify.__file__, outside / "verify.py")
    words = [sys.executable, "-I", script, str(path), "--anchors", str(outside / "anchors.log")]
    done = subprocess.run(words, capture_output=True, text=True, cwd=outside, check=False)
    assert done.returncode == 0, done.stderr
    assert "8 sealed entries in 2 chains" in done.stdout and "The log is whole." in done.stdout


def test_sealing_goes_on_from_where_it_was_and_saves_work(system):
    with system():
        for _ in range(3):
            write(4)
            assert actions.seal(actor=JOB, batch=3) == 4
        assert actions.seal(actor=JOB) == 0
        assert list(Seal.objects.order_by("id").values_list("seq", flat=True)) == list(range(1, 13))
        last = Entry.objects.order_by("-id").first().pk
        until = time.monotonic() + 60
        while Floor.objects.get().floor < last:  # rises when older transactions of the whole server are over
            assert time.monotonic() < until
            actions.seal(actor=JOB)
            time.sleep(0.05)
        assert Floor.objects.get().floor == last


def test_anchors_are_made_once_per_growth_and_kept_outside(system, outside):
    with system():
        write(2)
        actions.seal(actor=JOB)
        assert actions.anchor(actor=JOB, now=NOW) == 1
        assert actions.anchor(actor=JOB, now=NOW) == 0
        write(1)
        actions.seal(actor=JOB)
        assert actions.anchor(actor=JOB, now=NOW) == 1
        assert Anchor.objects.count() == 2
    lines = (outside / "anchors.log").read_text().splitlines()
    assert [json.loads(line)[:2] for line in lines] == [[7, 2], [7, 3]]


def test_no_anchor_while_sealing_lags(system):
    """Else an entry sealed later would look as if it had been put in."""
    with system():
        write(2)
        actions.seal(actor=JOB)
        write(1, at=NOW - timedelta(minutes=30))
        assert actions.anchor(actor=JOB, now=NOW) == 0
        actions.seal(actor=JOB)
        assert actions.anchor(actor=JOB, now=NOW) == 1
        assert checking.verify_database(now=NOW).sound


def test_what_the_worker_had_no_time_to_keep_here_is_put_back(log, outside):
    later = NOW + timedelta(minutes=5)
    write(1)
    actions.seal(actor=JOB)
    actions.anchor(actor=JOB, now=later)
    run("delete from audit_anchor where at = %s", later)
    report = checking.verify_database(now=later)
    assert report.sound and "not in the database yet" in "".join(report.notes)
    actions.anchor(actor=JOB, now=later + timedelta(minutes=5))
    assert not checking.verify_database(now=later).notes
    assert len((outside / "anchors.log").read_text().splitlines()) == 3


@pytest.mark.parametrize("left", [b'[7, 6, "ab12', b'[7, 6, "ab12", "2026-11-23T1', b"\x00\x00", b"[7]"])
def test_a_line_that_was_cut_stops_neither_anchors_nor_their_check(log, outside, left):
    """The disk was full as the last anchors were kept: it was the end of anchoring, and of verify-log."""
    kept = outside / "anchors.log"
    kept.write_bytes(kept.read_bytes() + left)
    write(1)
    actions.seal(actor=JOB)
    assert actions.anchor(actor=JOB, now=NOW + timedelta(minutes=5)) == 1
    report = checking.verify_database(now=NOW + timedelta(minutes=5))
    assert (report.wrong, report.notes) == ([], [])
    assert len(verify.outside_anchors(kept)) == Anchor.objects.count()


def test_an_older_anchor_that_is_gone_is_found(log):
    write(1)
    actions.seal(actor=JOB)
    actions.anchor(actor=JOB, now=NOW + timedelta(minutes=5))
    run("delete from audit_anchor where provider_id = 8")
    assert "were taken out of the database" in wrong()
    actions.anchor(actor=JOB, now=NOW + timedelta(minutes=10))
    assert "were taken out of the database" in wrong()


def test_twenty_fresh_entries_do_not_hide_an_old_one(log):
    run("insert into audit_entry select (jsonb_populate_record(e, jsonb_build_object('id', 1000 + n))).*"
        " from audit_entry e, generate_series(1, 40) n where object_id = 2 and provider_id = 7")  # fmt: skip
    run("insert into audit_entry select (jsonb_populate_record(e, '{\"id\": 5000, \"at\": \"2020-01-01\"}')).*"
        " from audit_entry e where object_id = 2 and provider_id = 7 and id < 1000")  # fmt: skip
    assert "entry 5000" in wrong()


def test_an_act_that_fails_leaves_no_entry_and_the_other_way_round(db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    border.enter(nurse())
    assert Entry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_nobody_who_commits_late_is_passed_by():
    """Sixteen writers that hold their transactions open at random while the sealer runs all the time."""
    from random import Random  # noqa: PLC0415
    from time import sleep  # noqa: PLC0415

    from django.db import connections  # noqa: PLC0415

    parameters = connection.get_connection_params()
    sql = actions.INSERT + actions.ROW
    dice = Random(4)
    pauses = [[dice.random() * 0.03 for _ in range(12)] for _ in range(8)]
    entry = [NOW, "staff", 5, "Sara", "", 9, 3, "HC", 7, 11, "read", "case", 1, [], "care", "", "ok", ""]

    def writer(mine: list[float]) -> None:
        own = {
            k: v for k, v in parameters.items() if k not in ("cursor_factory", "context", "prepare_threshold")
        }
        with psycopg.connect(**own) as direct:
            for pause in mine:
                with direct.transaction():
                    direct.execute(sql, entry)
                    sleep(pause)
                    direct.execute(sql, entry)
                    if pause > 0.027:
                        raise psycopg.Rollback

    writers = [threading.Thread(target=writer, args=(mine,)) for mine in pauses]
    for thread in writers:
        thread.start()
    with connection.cursor() as cursor:
        cursor.execute("set role vardvag_system")
    while any(thread.is_alive() for thread in writers):
        actions.seal(actor=JOB, batch=7)
    for _ in range(3):
        actions.seal(actor=JOB)
    highest = max(Entry.objects.values_list("id", flat=True))
    for _ in range(
        600
    ):  # the floor rises when every older transaction of the server has ended, other tests' too
        if Floor.objects.get().floor >= highest:
            break
        sleep(0.1)
        actions.seal(actor=JOB)
    written = set(Entry.objects.values_list("id", flat=True))
    assert set(Seal.objects.values_list("entry_id", flat=True)) == written and len(written) > 100
    assert Floor.objects.get().floor >= max(written)
    assert checking.verify_database(now=NOW).sound
    connections.close_all()


def test_months_are_made_ahead_and_a_late_one_does_not_fail(system):
    far = NOW + timedelta(days=3 * 366)
    with system():
        write(at=far)  # before its month was made: caught by the rest
        actions.prepare_months(actor=JOB, today=far.date(), ahead=2)
        actions.prepare_months(actor=JOB, today=far.date(), ahead=2)
        actions.seal(actor=JOB)
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from audit_entry where tableoid = 'audit_entry_rest'::regclass")
            assert cursor.fetchone()[0] == 1
            cursor.execute(
                "select count(*) from pg_class where relname like %s and relkind = 'r'",
                [f"audit_entry_{far.year}%"],
            )
            made = cursor.fetchone()[0]
    assert made >= 1
    with system():
        write(at=far + timedelta(days=40))
        actions.seal(actor=JOB)
        assert checking.verify_database(now=far + timedelta(days=40)).sound


def test_what_is_recorded_together_is_written_at_the_end_in_one_statement(system, django_assert_num_queries):
    with system():
        with django_assert_num_queries(1), actions.together():
            write(verb="read")
            with actions.together():
                write(verb="list", details=["1", "2"])
        assert list(Entry.objects.order_by("id").values_list("verb", flat=True)) == ["read", "list"]


def test_nothing_of_what_fails_is_recorded_and_the_next_is_alone(system):
    with system():
        with pytest.raises(ValueError), actions.together():
            write(verb="read")
            raise ValueError
        write(verb="list")
        assert list(Entry.objects.values_list("verb", flat=True)) == ["list"]
