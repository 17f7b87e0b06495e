"""What an operator writes in the environment, as the settings read it."""

import os
import runpy
import subprocess
import sys

import pytest

from tests.cluster import ROOT
from vardvag.config import place
from vardvag.config.place import Trouble


@pytest.fixture
def told(monkeypatch, tmp_path):
    """`told(NAME="value")`: the settings made of it."""
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path))

    def read(**given):
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "vardvag" / "config" / "settings.py"))

    return read


def test_hosts_with_blanks_between(told):
    """The second one answered everybody with 400."""
    assert told(ALLOWED_HOSTS="vard.region.se, www.region.se,")["ALLOWED_HOSTS"] == [
        "vard.region.se",
        "www.region.se",
    ]


@pytest.mark.parametrize("side", ["4096px", "-1", "0", ""])
def test_a_side_that_is_no_number_names_the_cure(told, side):
    with pytest.raises(Trouble, match="FILES_SIDE is .*between"):
        told(FILES_SIDE=side)


def test_an_address_with_a_slash_at_its_end(told):
    """Logins came back to https://vard.region.se//personal/..., which no provider knows and which leads nowhere."""
    found = told(PUBLIC_URL="https://vard.region.se/")
    assert found["PUBLIC_URL"] == "https://vard.region.se"
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://vard.region.se"]


@pytest.mark.parametrize(
    "address",
    ["https://", "https://vard.region.se/vard", "https://[vard", "https://vard.region.se:port", "http://a"],
)
def test_an_address_that_leads_nowhere(monkeypatch, address):
    monkeypatch.setenv("VARDVAG_MODE", "production")
    monkeypatch.setenv("PUBLIC_URL", address)
    with pytest.raises(Trouble, match="PUBLIC_URL"):
        place.check_production()


@pytest.mark.parametrize("said", ["0", "false", "no", ""])
def test_no_is_no(told, said):
    """Without a proxy in front anybody may say `X-Forwarded-Proto: https`."""
    assert told(BEHIND_PROXY=said)["SECURE_PROXY_SSL_HEADER"] is None


def test_yes_is_yes_and_nothing_else(told):
    assert told(BEHIND_PROXY="1")["SECURE_PROXY_SSL_HEADER"]
    with pytest.raises(Trouble, match="BEHIND_PROXY is 'kanske'; write 1 or 0"):
        told(BEHIND_PROXY="kanske")


def test_a_home_that_nobody_knows(monkeypatch):
    monkeypatch.setenv("VARDVAG_DATA", "~nobody-of-ours/data")
    with pytest.raises(Trouble, match="VARDVAG_DATA"):
        place.data_folder()


@pytest.mark.parametrize("process", ["web", "work"])
def test_a_process_that_cannot_read_its_settings_says_so_in_one_line(process):
    done = subprocess.run(
        [sys.executable, "-m", f"vardvag.config.{process}"],
        cwd=ROOT, env={**os.environ, "EID_PROVIDERS": "Freja!"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "EID_PROVIDERS" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAIL_PORT", ""), ("MAIL_PORT", "smtp"), ("MAIL_TLS", "STARTTLS"), ("MAIL_TLS", "yes")],
)
def test_a_mail_server_half_told(monkeypatch, name, value):
    """Without a number each notice failed for good; an unknown word for TLS sent mail and password in the open."""
    monkeypatch.setenv("VARDVAG_MODE", "production")
    monkeypatch.setenv("PUBLIC_URL", "https://vard.region.se")
    for known, right in {"MAIL_HOST": "mail.region.se", "MAIL_PORT": "587", "MAIL_TLS": "starttls"}.items():
        monkeypatch.setenv(known, right)
    place.check_production()
    monkeypatch.setenv(name, value)
    with pytest.raises(Trouble, match=name):
        place.check_production()
