"""One BankID stand-in a module, with a clock of its own: nothing here waits for real seconds."""

from datetime import UTC, datetime, timedelta

import pytest

from vardvag.outside.bankid.client import BankId
from vardvag.outside.bankid.port import Browser
from vardvag.outside.bankid.standin import StandIn
from vardvag.outside.journal import Journal

TOLVAN = "191212121212"
OTHER = "199001142380"
BROWSER = Browser("192.0.2.7", "localhost", "Mozilla/5.0", "device-1")


class Clock:
    def __init__(self):
        self.at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def __call__(self):
        return self.at

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def authority_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def standin(authority_folder, clock):
    server = StandIn(Journal(), authority_folder, now=clock)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bankid(standin):
    client = BankId(standin.place(), timeout=1.0, pauses=(0.0, 0.0))
    yield client
    client.close()
