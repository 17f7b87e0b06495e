"""The real client against the stand-in, over real sockets with mutual TLS."""

import base64
import hashlib
import json
import os
import ssl
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from lxml import etree

from vardvag.outside.bankid import messages, qr
from vardvag.outside.bankid.client import BankId
from vardvag.outside.bankid.orders import FAILURES, PhoneSays
from vardvag.outside.bankid.port import (
    AlreadyInProgress,
    Browser,
    Complete,
    Failed,
    Pending,
    TooSoon,
    Unavailable,
    UnknownOrder,
)
from vardvag.outside.bankid.signature import BANKID, DS
from vardvag.outside.bankid.tests.conftest import BROWSER, OTHER, TOLVAN
from vardvag.outside.certificates import Authority
from vardvag.outside.faults import Fault
from vardvag.outside.standins import NotInProduction


def scan(standin, order, seconds=0):
    content = qr.text(order.qr_start_token, order.qr_secret, seconds)
    return standin.orders.scan(content)


def test_a_scanned_code_leads_step_by_step_to_who_it_was(bankid, standin, clock):
    order = bankid.auth(BROWSER, text="Du loggar in på **Vårdväg**")
    assert bankid.collect(order.ref) == Pending("outstandingTransaction")
    clock.sleep(2)
    phone = scan(standin, order, 2)
    assert phone.text == "Du loggar in på **Vårdväg**"
    assert bankid.collect(order.ref) == Pending("started")
    standin.orders.take(phone.ref, TOLVAN, "198.51.100.9")
    clock.sleep(2)
    assert bankid.collect(order.ref) == Pending("userSign")
    standin.orders.approve(phone.ref, "123456")
    clock.sleep(2)
    done = bankid.collect(order.ref)
    assert isinstance(done, Complete)
    assert (done.personal_number, done.device_ip) == (TOLVAN, "198.51.100.9")
    assert done.name == f"{done.given_name} {done.surname}"
    assert standin.journal.entries("bankid")[-1].data["personal_number"] == TOLVAN
    clock.sleep(2)
    with pytest.raises(UnknownOrder):
        bankid.collect(order.ref)


def test_same_device_start_by_token(bankid, standin, clock):
    order = bankid.auth(BROWSER, return_url="http://localhost:8000/tillbaka?n=1")
    phone = standin.orders.open_by_token(order.auto_start_token)
    assert phone.return_url == "http://localhost:8000/tillbaka?n=1"
    standin.orders.take(phone.ref, OTHER)
    standin.orders.approve(phone.ref)
    assert isinstance(bankid.collect(order.ref), Complete)


def test_what_was_signed_is_in_the_evidence(bankid, standin):
    order = bankid.sign(BROWSER, text="Jag godkänner åäö", hidden=b"\xff\x00", personal_number=TOLVAN)
    standin.orders.take(order.ref, TOLVAN)
    standin.orders.approve(order.ref)
    done = bankid.collect(order.ref)
    assert isinstance(done, Complete)
    xml: Any = etree.fromstring(base64.b64decode(done.signature))
    data = xml.find(f".//{{{BANKID}}}bankIdSignedData")
    assert base64.b64decode(data.findtext(f"{{{BANKID}}}usrVisibleData")).decode() == "Jag godkänner åäö"
    assert base64.b64decode(data.findtext(f"{{{BANKID}}}usrNonVisibleData")) == b"\xff\x00"
    digest = base64.b64encode(hashlib.sha256(etree.tostring(data, method="c14n")).digest()).decode()
    assert xml.findtext(f".//{{{DS}}}DigestValue") == digest


def test_only_the_person_asked_for_may_sign(bankid, standin):
    order = bankid.sign(BROWSER, text="x", personal_number=TOLVAN)
    with pytest.raises(PhoneSays):
        standin.orders.take(order.ref, OTHER)


@pytest.mark.parametrize("hint", [*FAILURES, "somethingNew"])
def test_every_failure_of_the_app_has_its_own_words(bankid, standin, hint):
    order = bankid.auth(BROWSER)
    standin.orders.refuse(scan(standin, order).ref, hint)
    assert bankid.collect(order.ref) == Failed(hint)
    for mode in get_args(messages.Mode):
        words = messages.failed(hint, mode)
        assert words.sv and words.en and words.sv != words.en
    if hint != "somethingNew":
        assert messages.failed(hint, "qr") != messages.failed("somethingNew", "qr")


@pytest.mark.parametrize("hint", ["userMrtd", "userCallConfirm", "processing", "newHint"])
def test_pending_hints_by_script(bankid, standin, clock, hint):
    standin.orders.script(TOLVAN, hint, "complete")
    order = bankid.sign(BROWSER, text="x", personal_number=TOLVAN)
    assert bankid.collect(order.ref) == Pending(hint)
    assert messages.pending(hint, "qr").sv != messages.pending(hint, "qr").en
    clock.sleep(2)
    assert isinstance(bankid.collect(order.ref), Complete)


def test_unscanned_after_half_a_minute(bankid, clock):
    order = bankid.auth(BROWSER)
    clock.sleep(31)
    assert bankid.collect(order.ref) == Failed("startFailed")


def test_opened_but_never_approved_dies_after_three_minutes(bankid, standin, clock):
    order = bankid.auth(BROWSER)
    phone = scan(standin, order)
    standin.orders.take(phone.ref, TOLVAN)
    clock.sleep(181)
    assert bankid.collect(order.ref) == Failed("expiredTransaction")


def test_collecting_too_often_leaves_the_order_alive(bankid, clock):
    order = bankid.auth(BROWSER)
    bankid.collect(order.ref)
    with pytest.raises(TooSoon):
        bankid.collect(order.ref)
    clock.sleep(1)
    assert bankid.collect(order.ref) == Pending("outstandingTransaction")


def test_a_cancelled_order_is_gone_and_cancelling_twice_is_no_fault(bankid, standin):
    order = bankid.auth(BROWSER)
    bankid.cancel(order.ref)
    bankid.cancel(order.ref)
    with pytest.raises(PhoneSays):
        scan(standin, order)
    with pytest.raises(UnknownOrder):
        bankid.collect(order.ref)


def test_a_second_order_for_a_person_voids_both(bankid, standin):
    first = bankid.sign(BROWSER, text="x", personal_number=TOLVAN)
    with pytest.raises(AlreadyInProgress):
        bankid.sign(BROWSER, text="y", personal_number=TOLVAN)
    assert bankid.collect(first.ref) == Failed("cancelled")
    assert bankid.sign(BROWSER, text="y", personal_number=TOLVAN)


def test_scanning_a_second_order_cancels_the_first(bankid, standin):
    first, second = bankid.auth(BROWSER), bankid.auth(BROWSER)
    standin.orders.take(scan(standin, first).ref, TOLVAN)
    standin.orders.take(scan(standin, second).ref, TOLVAN)
    assert bankid.collect(first.ref) == Failed("cancelled")


def test_a_code_that_is_old_early_forged_or_used_is_refused(bankid, standin, clock):
    order = bankid.auth(BROWSER)
    clock.sleep(10)
    for content in (
        qr.text(order.qr_start_token, order.qr_secret, 4),
        qr.text(order.qr_start_token, order.qr_secret, 20),
        qr.text(order.qr_start_token, "wrong secret", 10),
        "bankid.x.y.z",
        "http://example.org",
    ):
        with pytest.raises(PhoneSays):
            standin.orders.scan(content)
    scan(standin, order, 10)
    with pytest.raises(PhoneSays):
        scan(standin, order, 10)


def test_the_code_needs_six_digits_and_a_person(bankid, standin):
    order = bankid.auth(BROWSER)
    with pytest.raises(PhoneSays):
        standin.orders.approve(order.ref)
    standin.orders.take(order.ref, TOLVAN)
    for code in ("", "12345", "abcdef", "1234567"):
        with pytest.raises(PhoneSays):
            standin.orders.approve(order.ref, code)


def test_maintenance_is_ridden_out_only_when_short(bankid, standin):
    standin.errors[:] = [(503, "maintenance")] * 2
    assert bankid.auth(BROWSER)
    standin.errors[:] = [(503, "maintenance")] * 3
    with pytest.raises(Unavailable) as trouble:
        bankid.auth(BROWSER)
    assert "underhåll" in str(trouble.value)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "alreadyInProgress", AlreadyInProgress),
        (400, "invalidParameters", Unavailable),
        (401, "unauthorized", Unavailable),
        (403, "unauthorized", Unavailable),
        (404, "notFound", Unavailable),
        (405, "methodNotAllowed", Unavailable),
        (408, "requestTimeout", Unavailable),
        (415, "unsupportedMediaType", Unavailable),
        (429, "tooManyRequests", TooSoon),
        (500, "internalError", Unavailable),
        (400, "brandNewCode", Unavailable),
    ],
)
def test_every_error_of_the_service_has_words_and_is_not_tried_again(bankid, standin, status, code, kind):
    standin.errors[:] = [(status, code)]
    with pytest.raises(kind) as trouble:
        bankid.auth(BROWSER)
    assert (trouble.value.code, trouble.value.status) == (code, status)
    assert trouble.value.message.sv != trouble.value.message.en
    assert standin.errors == []


@pytest.mark.parametrize(
    "fault",
    [
        "garbage",
        "half",
        "down",
        "html",
        Fault("hang", 3),
        Fault("slow", 3),
        Fault("drip", 8),
        Fault("fail", 0, 502),
    ],
    ids=str,
)
def test_no_usable_answer_is_one_clear_fact(bankid, standin, fault):
    standin.faults.plan(fault)
    with pytest.raises(Unavailable) as trouble:
        bankid.auth(BROWSER)
    assert trouble.value.code == "noAnswer"
    assert bankid.auth(BROWSER)


def test_a_lost_collect_leaves_the_order_alive(bankid, standin, clock):
    order = bankid.auth(BROWSER)
    standin.faults.plan("down")
    with pytest.raises(Unavailable):
        bankid.collect(order.ref)
    clock.sleep(1)
    assert bankid.collect(order.ref) == Pending("outstandingTransaction")


def test_nobody_there(standin):
    place = standin.place()
    standin.stop()
    with pytest.raises(Unavailable):
        BankId(place, timeout=0.5).auth(BROWSER)


def test_missing_certificate_files_are_our_fault_in_clear_words(tmp_path):
    place = {
        "url": "https://localhost:1",
        "ca": str(tmp_path / "no"),
        "cert": str(tmp_path / "no"),
        "key": str(tmp_path / "no"),
    }
    with pytest.raises(Unavailable) as trouble:
        BankId(place).auth(BROWSER)
    assert "felet är vårt" in str(trouble.value)


def test_without_our_certificate_or_with_a_strange_one_the_door_is_shut(standin, tmp_path):
    place = standin.place()
    bare = ssl.create_default_context(cafile=place["ca"])
    with httpx.Client(verify=bare) as http, pytest.raises(httpx.TransportError):
        http.post(f"{place['url']}/auth", json={"endUserIp": "192.0.2.1"})
    cert, key = Authority(tmp_path).client("party", "Vårdväg demo")
    with pytest.raises(Unavailable):
        BankId({**place, "cert": str(cert), "key": str(key)}, timeout=1).auth(BROWSER)
    assert "certifikat" in standin.journal.entries("bankid")[-1].what


def test_a_certificate_of_no_relying_party_is_forbidden(standin):
    cert, key = standin.authority.client("stranger", "Någon annan")
    with pytest.raises(Unavailable) as trouble:
        BankId({**standin.place(), "cert": str(cert), "key": str(key)}).auth(BROWSER)
    assert (trouble.value.status, trouble.value.code) == (403, "unauthorized")


def test_a_server_of_another_authority_is_not_believed(standin, tmp_path):
    place = standin.place()
    with pytest.raises(Unavailable):
        BankId({**place, "ca": str(Authority(tmp_path).ca)}, timeout=1).auth(BROWSER)


def test_replaced_certificate_files_are_used_at_once(standin, tmp_path):
    place = standin.place()
    cert, key = tmp_path / "c.pem", tmp_path / "c.key"
    stranger = standin.authority.client("stranger", "Någon annan")
    cert.write_bytes(stranger[0].read_bytes())
    key.write_bytes(stranger[1].read_bytes())
    client = BankId({**place, "cert": str(cert), "key": str(key)})
    with pytest.raises(Unavailable):
        client.auth(BROWSER)
    for new, path in ((place["cert"], cert), (place["key"], key)):
        path.write_bytes(Path(new).read_bytes())
        os.utime(path, ns=(1, 1))
    assert client.auth(BROWSER)


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("GET", "auth", {}, None, 405),
        ("POST", "auth", {"content-type": "application/json; charset=utf-8"}, {"endUserIp": "1.2.3.4"}, 415),
        ("POST", "auth", {}, {"endUserIp": "nowhere"}, 400),
        ("POST", "auth", {}, {"endUserIp": "1.2.3.4", "personalNumber": TOLVAN}, 400),
        ("POST", "auth", {}, {"endUserIp": "1.2.3.4", "requirement": {"personalNumber": "1"}}, 400),
        ("POST", "auth", {}, {"endUserIp": "1.2.3.4", "userVisibleData": "å"}, 400),
        ("POST", "auth", {}, {"endUserIp": "1.2.3.4", "userVisibleData": "YQ==" * 400}, 400),
        ("POST", "auth", {}, {"endUserIp": "1.2.3.4", "returnUrl": "x" * 513}, 400),
        ("POST", "auth", {}, {"endUserIp": "1.2.3.4", "web": {"userAgent": "x"}}, 400),
        ("POST", "auth", {}, [1], 400),
        ("POST", "sign", {}, {"endUserIp": "1.2.3.4"}, 400),
        ("POST", "collect", {}, {"orderRef": "unknown"}, 400),
        ("POST", "cancel", {}, {"orderRef": "unknown"}, 400),
        ("POST", "collect", {}, {}, 400),
        ("POST", "elsewhere", {}, {}, 404),
    ],
)
def test_the_stand_in_is_as_strict_as_the_real_one(standin, method, path, headers, body, status):
    place = standin.place()
    context = ssl.create_default_context(cafile=place["ca"])
    context.load_cert_chain(place["cert"], place["key"])
    with httpx.Client(verify=context) as http:
        content = None if body is None else json.dumps(body)
        sent = {"content-type": "application/json", **headers}
        answer = http.request(method, f"{place['url']}/{path}", content=content, headers=sent)
    assert answer.status_code == status
    assert answer.json()["errorCode"]


@pytest.mark.parametrize(
    ("seconds", "mark"),
    [
        (0, "dc69358e712458a66a7525beef148ae8526b1c71610eff2c16cdffb4cdac9bf8"),
        (1, "949d559bf23403952a94d103e67743126381eda00f0b3cbddbf7c96b1adcbce2"),
        (2, "a9e5ec59cb4eee4ef4117150abc58fad7a85439a6a96ccbecc3668b41795b3f3"),
    ],
)
def test_the_animated_code_agrees_with_the_published_vector(seconds, mark):
    token, secret = "67df3917-fa0d-44e5-b327-edcc928297f8", "d28db9a7-4cde-429e-a983-359be676944c"
    assert qr.text(token, secret, seconds) == f"bankid.{token}.{seconds}.{mark}"


def test_the_picture_has_a_name_and_nothing_a_strict_policy_forbids():
    picture = qr.svg("bankid.x.0.y", title="QR-kod <för> BankID")
    root: Any = etree.fromstring(picture)
    assert root.find("{http://www.w3.org/2000/svg}title").text == "QR-kod <för> BankID"
    assert root.get("role") == "img"
    assert "style" not in picture and "script" not in picture


def test_the_link_that_opens_the_app():
    assert qr.autostart_url("a b") == "https://app.bankid.com/?autostarttoken=a%20b&redirect=null"
    assert qr.autostart_url("t", "https://x.se/?a=1&b=2", "http://localhost:8001/telefon/start") == (
        "http://localhost:8001/telefon/start?autostarttoken=t&redirect=https%3A%2F%2Fx.se%2F%3Fa%3D1%26b%3D2"
    )


def test_secrets_are_not_shown_when_an_order_or_person_is_printed(bankid, standin):
    order = bankid.auth(BROWSER)
    assert order.ref not in repr(order) and order.qr_secret not in repr(order)
    standin.orders.take(order.ref, TOLVAN)
    standin.orders.approve(order.ref)
    assert TOLVAN not in repr(bankid.collect(order.ref))


def test_misuse_is_told_to_the_programmer(bankid):
    with pytest.raises(ValueError, match="address"):
        Browser("not an address")
    with pytest.raises(ValueError, match="at most"):
        bankid.auth(BROWSER, text="x" * 2000)
    with pytest.raises(ValueError, match="512"):
        bankid.auth(BROWSER, return_url="x" * 513)


def test_all_words_are_there_in_both_languages():
    everything = [*messages.PENDING.values(), *messages.FAILED.values(), *messages.ERRORS.values()]
    everything += [
        messages.pending(h, m) for h in ("outstandingTransaction", "started") for m in get_args(messages.Mode)
    ]
    assert all(w.sv and w.en and w.sv != w.en for w in everything)
    assert messages.pending("started", "qr") != messages.pending("started", "same")


def test_cannot_start_in_production(standin, monkeypatch):
    monkeypatch.setenv("VARDVAG_MODE", "production")
    with pytest.raises(NotInProduction):
        standin.start()
