"""What an operator sets, and the one line each mistake is answered with."""

import os
import threading
from pathlib import Path

import pytest

from vardvag.config import place
from vardvag.config.place import Trouble


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path))
    monkeypatch.delenv("VARDVAG_SECRETS", raising=False)
    return tmp_path


def test_a_secret_is_made_once_also_when_many_ask(folder):
    found = []
    threads = [threading.Thread(target=lambda: found.append(place.secret("django"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and len(found[0]) == 64
    assert (folder / "secrets" / "django").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (folder / "secrets").iterdir()] == ["django"]


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("bogus", "cannot be read"),
        ("postgresql://", "no host"),
        ("postgresql://a@b", "no host or no database"),
    ],
)
def test_a_bad_database_address_names_the_cure(monkeypatch, url, word):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(Trouble, match=word) as trouble:
        place.connection("owner")
    assert "postgresql://user:password@host:5432/database" in str(trouble.value)
    assert "\n" not in str(trouble.value)


def test_the_application_logs_in_as_itself_on_an_outside_server(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss:s3cret@db.example:6432/vard?sslmode=verify-full")
    app = place.database("app")
    assert app["USER"] == "vardvag_app" and app["PASSWORD"] != "s3cret" and app["PORT"] == "6432"
    assert app["OPTIONS"]["sslmode"] == "verify-full"
    monkeypatch.setenv("DATABASE_APP_URL", "postgresql://web:x@pool.example/vard")
    assert place.database("app")["HOST"] == "pool.example"


def test_pages_behind_a_pooler_listen_past_it(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss:s3cret@db.example/vard")
    monkeypatch.setenv("DATABASE_APP_URL", "postgresql://web:x@pool.example/vard")
    assert place.listening() == {}
    monkeypatch.setenv("DATABASE_LIVE_URL", "postgresql://web:x@db.example/vard")
    found = place.listening()
    assert (found["host"], found["user"], found["tcp_user_timeout"]) == ("db.example", "web", 10_000)
    monkeypatch.setenv("DATABASE_LIVE_URL", "nonsense")
    with pytest.raises(Trouble, match="DATABASE_LIVE_URL"):
        place.listening()


def test_a_job_needs_no_connection_of_its_own(folder, monkeypatch):
    monkeypatch.setenv("VARDVAG_MODE", "production")
    worker, pages, owner = (place.database(role) for role in ("system", "app", "owner"))
    assert worker["CONN_MAX_AGE"] and worker["CONN_HEALTH_CHECKS"]
    assert pages["OPTIONS"]["pool"] and not pages["CONN_MAX_AGE"]
    assert not owner["CONN_MAX_AGE"] and "pool" not in owner["OPTIONS"]


@pytest.mark.parametrize("text", ["abc", "0", "70000", "-1", ""])
def test_a_bad_port_names_the_cure(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Trouble, match="between 1 and 65535"):
        place.port()


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path, monkeypatch):
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path / ("x" * 120)))
    assert len(str(place.socket_folder())) < place.SOCKET_LIMIT


def test_a_folder_that_is_a_file_names_the_cure(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(Trouble, match="VARDVAG_DATA"):
        place.prepare_data_folder()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BANKID_URL", "https://localhost:8002"),
        ("SITHS_ISSUER", "http://idp.example.se"),
        ("POPULATION_URL", "https://127.0.0.1:1/x"),
        ("SMS_URL", "https://[::1]/sms"),
    ],
)
def test_production_refuses_stand_ins(folder, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(Trouble, match=name):
        place.outside(demo=False, port=8000)


FREJA = {"NAME": "Freja+", "ISSUER": "https://id.freja.example", "CLIENT_ID": "v", "CLIENT_SECRET": "s"}


def set_freja(monkeypatch, **changed):
    monkeypatch.setenv("EID_PROVIDERS", "freja")
    for name, value in {**FREJA, **changed}.items():
        monkeypatch.setenv(f"EID_FREJA_{name}", value)


def test_other_eids_are_those_named(folder, monkeypatch):
    assert place.outside(demo=False, port=8000)["eid"] == {"providers": ""}
    set_freja(monkeypatch, LEVELS="loa4")
    found = place.outside(demo=False, port=8000)
    assert found["eid"] == {"providers": "freja"}
    assert found["eid_freja"] == {
        "name": "Freja+", "issuer": "https://id.freja.example", "client_id": "v", "client_secret": "s",
        "claim": "", "levels": "loa4", "scope": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"ISSUER": "http://localhost:9/oidc"}, "EID_FREJA_ISSUER"),
        ({"ISSUER": "http://id.freja.example"}, "EID_FREJA_ISSUER"),
        ({"CLIENT_SECRET": ""}, "EID_FREJA_CLIENT_SECRET"),
        ({"NAME": "", "ISSUER": ""}, "EID_FREJA_NAME, EID_FREJA_ISSUER"),
    ],
)
def test_an_eid_that_is_not_whole_or_a_stand_in_is_refused(folder, monkeypatch, changed, says):
    set_freja(monkeypatch, **changed)
    with pytest.raises(Trouble, match=says):
        place.outside(demo=False, port=8000)


@pytest.mark.parametrize("name", ["Freja", "bankid", "siths", "../x", "x" * 21])
def test_an_eids_short_name(folder, monkeypatch, name):
    monkeypatch.setenv("EID_PROVIDERS", name)
    with pytest.raises(Trouble, match="EID_PROVIDERS names"):
        place.outside(demo=False, port=8000)


def test_production_never_reads_the_demos_world(folder):
    (folder / "world").mkdir()
    (folder / "world" / "outside.json").write_text('{"bankid": {"url": "https://localhost:1"}}')
    assert place.outside(demo=True, port=8000)["bankid"]["url"] == "https://localhost:1"
    assert place.outside(demo=False, port=8000)["bankid"]["url"] == ""


def test_the_environment_goes_before_the_demos_world(folder, monkeypatch):
    (folder / "world").mkdir()
    (folder / "world" / "outside.json").write_text('{"mail": {"host": "127.0.0.1", "port": 2525}}')
    monkeypatch.setenv("MAIL_HOST", "mail.example")
    assert place.outside(demo=True, port=8000)["mail"] | {} == {
        "host": "mail.example", "port": "2525", "user": "", "password": "", "tls": "", "sender": "",
    }  # fmt: skip


def test_an_empty_secret_is_not_taken_for_one(folder):
    """A power cut or a copy that found no room left it so; every file sealed from then on had an empty key."""
    (folder / "secrets").mkdir()
    (folder / "secrets" / "files").write_text("\n")
    with pytest.raises(Trouble, match=r"secrets/files is empty.*backup"):
        place.secret("files")


@pytest.mark.parametrize(
    "url", ["postgresql://a:hem%ligt@db/vard", "a:hemligt@db/vard", "postgresql://a:hemligt@[db/v"]
)
def test_a_bad_database_address_does_not_tell_its_password(monkeypatch, url):
    """The reason names what it stumbled over, and that was written to the terminal and the log."""
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(Trouble, match="cannot be read") as trouble:
        place.connection("owner")
    assert "ligt" not in str(trouble.value) and "%25" in str(trouble.value)


def test_a_secrets_name_is_on_the_disk_before_it_is_used(folder, monkeypatch):
    """A power cut minutes after the first start could take it, and with it all that was sealed by it."""
    forced, real = [], os.fsync

    def fsync(handle):
        forced.append(Path(f"/proc/self/fd/{handle}").resolve())
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    place.secret("files")
    assert {folder / "secrets", folder} <= set(forced)
