"""A silent system holds one thread at a time: the pages have few, and everybody's are made by them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest

from vardvag.core.facts import Fact
from vardvag.outside.answers import Answer
from vardvag.outside.bankid import client as bankid
from vardvag.outside.bankid.port import Unavailable
from vardvag.outside.oidc import client as oidc
from vardvag.outside.oidc.port import Begun, ProviderDown
from vardvag.outside.population import client as population
from vardvag.outside.population.port import RegisterTrouble
from vardvag.outside.silence import Silence

WAIT = 20.0


class System:
    """Silent until it speaks; whoever asks is held until it is let go."""

    def __init__(self) -> None:
        self.asked, self.let_go, self.reached = 0, Event(), Event()
        self.speaks = False

    def __call__(self, *what: object, **more: object) -> Answer:
        self.asked += 1
        if self.speaks:
            return Answer(500, b"")
        if self.asked > 1:  # the first has waited already
            self.reached.set()
            assert self.let_go.wait(WAIT)
        raise httpx.ReadTimeout("silence")


def test_one_at_a_time_asks_a_silent_system_and_everybody_one_that_speaks_again():
    system, silence = System(), Silence()
    with pytest.raises(httpx.ReadTimeout):
        silence.ask(system)
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(silence.ask, system)
        assert system.reached.wait(WAIT)
        for _other in range(3):
            with pytest.raises(httpx.ReadTimeout):
                silence.ask(system)
        assert system.asked == 2
        system.let_go.set()
        assert isinstance(first.exception(WAIT), httpx.ReadTimeout)
    system.speaks = True
    assert silence.ask(system).status == silence.ask(system).status == 500
    assert system.asked == 4


def test_one_who_is_refused_at_once_holds_no_thread_and_is_no_silence():
    silence = Silence()

    def refused() -> Answer:
        raise httpx.ConnectError("refused")

    for _twice in range(2):
        with pytest.raises(httpx.ConnectError):
            silence.ask(refused)
    assert silence.ask(lambda: 1) == 1


def bankid_client(monkeypatch):
    client = bankid.BankId({"url": "https://b", "ca": "", "cert": "", "key": ""})
    monkeypatch.setattr(client, "_client", lambda: None)
    return lambda: client.collect("ref")


def register_client(monkeypatch):
    client = population.PopulationRegister({"url": "http://localhost:1/"})
    return lambda: client.person("191212121212")


def provider_client(monkeypatch):
    place = {"issuer": "https://idp", "client_id": "c", "client_secret": "s"}
    client = oidc.OpenId(place, acrs=frozenset(), asked={}, words={})
    monkeypatch.setattr(client._provider, "endpoint", lambda name: "https://idp/token")
    return lambda: client._exchange("code", Begun("", "", "", "", None), "")


@pytest.mark.parametrize(
    ("module", "make", "trouble"),
    [
        (bankid, bankid_client, Unavailable),
        (population, register_client, RegisterTrouble),
        (oidc, provider_client, ProviderDown),
    ],
    ids=["bankid", "register", "provider"],
)
def test_each_that_a_page_waits_for(monkeypatch, module, make, trouble):
    system = System()
    monkeypatch.setattr(module, "ask", system)
    question = make(monkeypatch)
    with pytest.raises(trouble):
        question()
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(question)
        assert system.reached.wait(WAIT)
        with pytest.raises(trouble):
            question()
        assert system.asked == 2
        system.let_go.set()
        assert isinstance(first.exception(WAIT), Fact)
