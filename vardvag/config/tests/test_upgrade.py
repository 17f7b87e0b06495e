"""`vardvag upgrade` while people read and write: tables and processes change, no request is refused or lost."""

import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from tests import cluster
from tests import product as real

# Sessions of residents, opened as a login does.
LOGIN = """
import django; django.setup()
from vardvag.core import clock
from vardvag.core.actor import Anonymous
from vardvag.identity import actions
from vardvag.identity.models import Person
grown = [p for p in Person.objects.order_by("pk") if p.birth_date.year < 2000]
for person in grown[:3]:
    print(actions.open_session(actor=Anonymous(), person=person, method="bankid", now=clock.now()))
"""
# One table each, as the rule of the house is: a change that holds one table and waits for another is a deadlock.
CHANGES = {
    "0998_later": "alter table inbox_contactsettings add column later text",
    "0999_later": "alter table identity_session add column later boolean not null default false",
}
MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("inbox", "{before}")]
    operations = [migrations.RunSQL("{change}", migrations.RunSQL.noop)]
"""


@pytest.fixture(scope="module")
def running():
    name = f"vardvag_test_upgrade_{os.getpid()}"
    product = real.start(name)
    product.name = name
    product.port = urlsplit(product.url).port
    product.environment = cluster.product_environment(name, product.folder, product.port)
    yield product
    real.stop(product, name)


@pytest.fixture
def version():
    """`version(file, old, new)`: a copy of the product where that text is changed, as a newer version would be."""
    made = []

    def make(file, old, new):
        folder = Path(tempfile.mkdtemp(prefix="vardvag-version-"))
        folder.chmod(0o755)
        made.append(folder)
        shutil.copytree(cluster.ROOT / "vardvag", folder / "vardvag", ignore=shutil.ignore_patterns("tests"))
        text = (folder / "vardvag" / file).read_text()
        assert old in text
        (folder / "vardvag" / file).write_text(text.replace(old, new))
        migrations = folder / "vardvag" / "inbox" / "migrations"
        before = max(path.stem for path in migrations.glob("0*.py"))
        for name, change in CHANGES.items():
            (migrations / f"{name}.py").write_text(MIGRATION.format(before=before, change=change))
            before = name
        return folder

    yield make
    for folder in made:
        shutil.rmtree(folder)


def upgrade(product, folder):
    done = subprocess.run(
        [sys.executable, "-m", "vardvag.config", "upgrade"],
        cwd=folder, env=product.environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


class Load:
    """Threads that use the product until told to stop. `wrong`: every answer that was not as it should be."""

    def __init__(self, port):
        self.port, self.over, self.threads = port, threading.Event(), []
        self.wrong: list[str] = []
        self.answers = 0

    def start(self, do):
        def go():
            while not self.over.is_set():
                try:
                    do()
                    self.answers += 1
                except Exception as problem:
                    self.wrong.append(f"{time.monotonic():.2f} {type(problem).__name__}: {problem}")
                    time.sleep(0.1)

        self.threads.append(threading.Thread(target=go, daemon=True))
        self.threads[-1].start()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join(30)


class Resident:
    """One browser with one connection that it keeps; changes a setting again and again."""

    def __init__(self, port, key):
        self.port, self.connection = port, http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {
            "Host": f"localhost:{port}",
            "Origin": f"http://localhost:{port}",
            "Sec-Fetch-Site": "same-origin",
        }
        self.cookies = {"sid": key}
        self.saved = 0

    def ask(self, method, path, body=None):
        typed = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        self.connection.request(method, path, body, {**self.headers, **cookie, **typed})
        answer = self.connection.getresponse()
        for name, value in re.findall(
            r"^(\w+)=([^;]*)", "\n".join(answer.msg.get_all("Set-Cookie") or []), re.M
        ):
            self.cookies[name] = value
        text = answer.read().decode()
        return answer.status, text

    def live(self):
        for path in ("/inkorg/", "/installningar/"):
            status, text = self.ask("GET", path)
            if status != 200:
                raise AssertionError(f"{path} {status}")
        self.version = int(re.search(r'name="version" value="(\d+)"', text)[1])
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
        form = {
            **({"csrfmiddlewaretoken": token[1]} if token else {}),
            "version": self.version, "quiet_from": "21:00", "quiet_until": "07:00", "language": "sv",
            **({"name_unit": "on"} if self.saved % 2 else {}),
        }  # fmt: skip
        status, text = self.ask("POST", "/installningar/", urlencode(form))
        if status != 302:
            raise AssertionError(f"saving answered {status}")
        self.saved += 1
        time.sleep(0.02)


def stranger(port):
    """A new connection for every request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/logga-in/", headers={"Host": f"localhost:{port}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise AssertionError(f"/logga-in/ {answer.status}")
    time.sleep(0.02)


def alive(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/halsa/liv", headers={"Host": f"localhost:{port}"})
    return connection.getresponse().read().decode().strip()


def test_nobody_notices_an_upgrade(running, version):
    keys = subprocess.run(
        [sys.executable, "-c", LOGIN],
        cwd=cluster.ROOT, capture_output=True, text=True, check=True,
        env={**running.environment, "DJANGO_SETTINGS_MODULE": "vardvag.config.settings", "VARDVAG_ROLE": "system"},
    ).stdout.split()  # fmt: skip
    residents = [Resident(running.port, key) for key in keys]
    assert len(residents) == 3
    broken = version("config/asgi.py", "import os\n", "raise SystemExit(3)\n")
    newer = version("core/health.py", '"ok\\n"', '"newer\\n"')
    load = Load(running.port)
    for resident in residents:
        load.start(resident.live)
    load.start(lambda: stranger(running.port))
    until = time.monotonic() + 60
    while load.answers < 10 and not load.wrong:
        assert time.monotonic() < until
        time.sleep(0.1)
    before = load.answers

    code, said = upgrade(running, broken)
    assert code == 2 and "Not renewed" in said and "Traceback" not in said
    assert alive(running.port) == "ok"
    code, said = upgrade(running, newer)
    assert code == 0, said
    until = time.monotonic() + 45
    while len(_webs(running)) > 1:  # the old ones leave when their last connection is closed
        assert time.monotonic() < until, load.wrong
        time.sleep(0.1)
    time.sleep(1)
    load.stop()
    assert load.wrong == []
    assert load.answers > before + 10
    assert alive(running.port) == "newer"
    with psycopg.connect(running.environment["DATABASE_URL"]) as connection:
        columns = "select count(*) from information_schema.columns where column_name = 'later'"
        assert connection.execute(columns).fetchone() == (2,)
        for resident in residents:  # what was answered "saved" is saved, once each
            assert resident.version + 1 == _version(resident)


def _version(resident):
    return int(re.search(r'name="version" value="(\d+)"', resident.ask("GET", "/installningar/")[1])[1])


def _webs(product):
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_text()
            mine = f"VARDVAG_DATA={product.folder}\0" in (entry / "environ").read_text(errors="replace")
        except OSError:
            continue
        if "vardvag.config.web" in command and mine:
            found.append(entry.name)
    return found


def test_what_does_not_run_is_started_not_upgraded(tmp_path):
    environment = {**os.environ, "VARDVAG_DATA": str(tmp_path), "VARDVAG_MODE": "test"}
    done = subprocess.run(
        [sys.executable, "-m", "vardvag.config", "upgrade"],
        cwd=cluster.ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "vardvag run" in done.stderr
