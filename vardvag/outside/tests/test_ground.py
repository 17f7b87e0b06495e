"""What the stand-ins stand on: certificates, the list of people, words in two languages."""

import json
from datetime import timedelta

import pytest
from cryptography import x509
from django.utils import translation

from vardvag.core import clock
from vardvag.outside.certificates import Authority
from vardvag.outside.faults import Fault, Faults
from vardvag.outside.people import People
from vardvag.outside.words import Words


def test_certificates_are_kept_and_renewed_before_they_expire(tmp_path, shift):
    cert, key = Authority(tmp_path).client("party", "Vårdväg")
    first = cert.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    assert Authority(tmp_path).client("party", "Vårdväg")[0].read_bytes() == first
    shift(timedelta(days=340))
    renewed = Authority(tmp_path)
    assert renewed.client("party", "Vårdväg")[0].read_bytes() != first
    issued = x509.load_pem_x509_certificate(cert.read_bytes())
    issued.verify_directly_issued_by(x509.load_pem_x509_certificate(renewed.ca.read_bytes()))


def test_a_broken_certificate_file_is_made_anew(tmp_path):
    authority = Authority(tmp_path)
    cert, _ = authority.server()
    cert.write_text("half")
    authority.server()
    assert x509.load_pem_x509_certificate(cert.read_bytes())
    authority.ca.write_text("")
    assert x509.load_pem_x509_certificate(Authority(tmp_path).ca.read_bytes())


def test_people_are_read_again_when_the_file_changes(tmp_path):
    path = tmp_path / "people.json"
    people = People(path)
    assert people.residents() == [] and people.resident("191212121212").name
    rows = [{"personal_number": "191212121212", "name": "Anna Maria Ek", "note": "mamma", "extra": 1}]
    path.write_text(
        json.dumps({"residents": rows, "staff": [{"hsa_id": "se1-1", "given_name": "B", "surname": "C"}]})
    )
    found = people.resident("191212121212")
    assert (found.given_name, found.surname) == ("Anna Maria", "Ek")
    assert people.staff_member("SE1-1").name == "B C"
    assert (
        people.residents("ek mamma") and people.residents("19121212-1212") and not people.residents("pappa")
    )
    path.write_text("{half")
    assert people.residents("ek")


def test_words_follow_the_reader():
    words = Words("Hej", "Hello")
    with translation.override("en"):
        assert str(words) == "Hello"
    with translation.override("sv"):
        assert str(words) == "Hej"


def test_planned_faults_come_before_the_standing_one():
    faults = Faults()
    faults.stay("slow", seconds=1)
    faults.plan("down", Fault("fail", status=503))
    assert [faults.take().kind for _ in range(3)] == ["down", "fail", "slow"]
    with pytest.raises(ValueError, match="one of"):
        faults.plan("odd")


def test_time_of_certificates_is_the_house_clock(tmp_path):
    cert, _ = Authority(tmp_path).server()
    issued = x509.load_pem_x509_certificate(cert.read_bytes())
    assert issued.not_valid_after_utc - clock.now() > timedelta(days=364)
