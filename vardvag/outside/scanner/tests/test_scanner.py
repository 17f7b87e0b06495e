import os
import pwd
import shutil
import subprocess
from hashlib import md5
from io import BytesIO
from time import monotonic, sleep

import pytest

from vardvag.outside.journal import Journal
from vardvag.outside.scanner.client import Scanner
from vardvag.outside.scanner.standin import EICAR, StandIn

CLAMD = shutil.which("clamd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
LIMIT = 2_000_000


@pytest.fixture(scope="module")
def standin():
    world = StandIn(Journal(), limit=LIMIT)
    world.start()
    yield world
    world.stop()


@pytest.fixture(scope="module")
def clamd(tmp_path_factory):
    if CLAMD is None:
        pytest.skip("clamd is not installed (Debian: apt-get install clamav-daemon)")
    folder = tmp_path_factory.mktemp("clamd")
    folder.chmod(0o755)
    (folder / "own.hdb").write_text(f"{md5(EICAR).hexdigest()}:{len(EICAR)}:Eicar-Test-Signature\n")
    user = pwd.getpwuid(os.getuid()).pw_name
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {folder}\nLocalSocket {folder}/s\nForeground yes\nStreamMaxLength {LIMIT}\n"
        f"MaxFileSize {LIMIT}\nAlertExceedsMax yes\nUser {user}\nConcurrentDatabaseReload no\n"
    )
    process = subprocess.Popen(
        [CLAMD, "-c", str(folder / "clamd.conf")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    scanner = Scanner(f"{folder}/s", timeout=10)
    until = monotonic() + 20
    while scanner.version() is None and monotonic() < until and process.poll() is None:
        sleep(0.1)
    if scanner.version() is None:
        process.kill()
        raise AssertionError(f"clamd did not start: {process.communicate()[0].decode()[-2000:]}")
    yield scanner
    process.terminate()
    process.wait(10)


@pytest.fixture(params=["stand-in", "clamd"])
def scanner(request):
    if request.param == "clamd":
        return request.getfixturevalue("clamd")
    return Scanner(request.getfixturevalue("standin").address, timeout=5)


def test_clean_found_and_empty(scanner):
    assert scanner.scan(BytesIO(b"hej " * 100_000)).result == "clean"
    assert scanner.scan(BytesIO(b"")).result == "clean"
    found = scanner.scan(BytesIO(EICAR))
    assert (found.result, found.detail.split(".")[0]) == ("found", "Eicar-Test-Signature")


def test_too_large_is_an_error_never_clean(scanner):
    assert scanner.scan(BytesIO(b"\0" * (LIMIT * 2))).result == "error"


def test_the_scanner_says_who_it_is(scanner):
    assert scanner.version().startswith("ClamAV")


def test_trouble_is_an_error_never_clean(standin, tmp_path):
    standin.broken = True
    try:
        assert Scanner(standin.address).scan(BytesIO(b"hej")).result == "error"
    finally:
        standin.broken = False
    for address in ("127.0.0.1:1", str(tmp_path / "nothing")):
        scanner = Scanner(address, timeout=1)
        assert scanner.scan(BytesIO(b"hej")).result == "error"
        assert scanner.version() is None


def test_an_address_that_is_none_is_said_at_once():
    with pytest.raises(ValueError, match="neither"):
        Scanner("localhost")
