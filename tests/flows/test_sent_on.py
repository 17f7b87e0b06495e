"""A provider whose sign-in page is on another host than its issuer: the login button may lead there (form-action)."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings

from tests import acting
from vardvag.identity import login
from vardvag.outside.journal import Journal
from vardvag.outside.siths.standin import StandIn as Siths

ELSEWHERE = "https://inloggning.example"


class Split(Siths):
    """Publishes its pages on another host. `slow`: seconds before it answers."""

    slow = 0.0

    def _discovery(self, request):
        time.sleep(self.slow)
        reply = super()._discovery(request)
        told = json.loads(reply.body) | {"authorization_endpoint": f"{ELSEWHERE}/a/b?c=d"}
        return replace(reply, body=json.dumps(told).encode())


@pytest.fixture
def provider(world, monkeypatch) -> Iterator[Split]:
    one = Split(Journal())
    one.start()
    monkeypatch.setitem(settings.OUTSIDE, "siths", one.place())
    monkeypatch.setitem(settings.OUTSIDE, "eid", {"providers": ""})
    login.siths.cache_clear()
    yield one
    one.stop()
    login.siths.cache_clear()


def form_action(path: str = "/personal/logga-in/") -> list[str]:
    policy = acting.nobody().get(path)["Content-Security-Policy"]
    return next(one.split()[1:] for one in policy.split(";") if one.strip().startswith("form-action"))


def test_the_button_may_lead_to_where_the_provider_says(provider):
    assert ELSEWHERE in form_action()
    assert acting.nobody().post("/personal/logga-in/siths/")["Location"].startswith(ELSEWHERE)
    assert "Content-Security-Policy" in acting.nobody().get("/logga-in/")


def test_a_provider_on_one_host_changes_nothing(provider, monkeypatch):
    monkeypatch.setattr(Split, "_discovery", Siths._discovery)
    assert form_action() == settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]


def test_a_page_does_not_hang_on_a_silent_provider(provider, monkeypatch):
    monkeypatch.setattr(Split, "slow", 2.5)
    began = time.monotonic()
    assert ELSEWHERE not in form_action()
    assert ELSEWHERE not in form_action()  # the second does not wait at all
    assert time.monotonic() - began < 2
    time.sleep(max(0.0, began + 3 - time.monotonic()))
    assert ELSEWHERE in form_action()  # it has answered meanwhile


def test_a_provider_that_is_gone(provider):
    provider.stop()
    assert form_action() == settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]
    provider.start()
