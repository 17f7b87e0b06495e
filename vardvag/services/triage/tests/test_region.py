"""A region's own words change advice and nothing else."""

import pytest

from vardvag.services.triage import content, region
from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.place import BadContent


def read(tmp_path, text):
    file = tmp_path / "texts.yaml"
    file.write_text(text, encoding="utf-8")
    return region._read(file, hash(text))


def test_advice_is_replaced_and_rules_are_not(tmp_path):
    own = read(
        tmp_path,
        "protocols: {halsont: {seek_again: {sv: [Ring oss], en: [Call us]}}}\nrefer: {tandvard: {sv: Ring, en: Call}}",
    )
    made = region.applied(load.library(), own)
    assert made.protocols["halsont"].seek_again.sv == ("Ring oss",)
    assert made.protocols["halsont"].rules == load.library().protocols["halsont"].rules
    assert own.refer["tandvard"].said("en") == "Call"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("protocols: {halsont: {rules: []}}", "only selfcare and seek_again"),
        ("protocols: {halsont: {default: {urgency: 5}}}", "only selfcare and seek_again"),
        ("protocols: {halsont: {selfcare: {sv: [Vila]}}}", "both languages"),
        ("refer: {ingenstans: {sv: a, en: b}}", "Known:"),
        ("annat: 1", "is not known"),
        ("protocols: [", "cannot be read"),
        ("protocols: [1]", "not a mapping"),
    ],
)
def test_anything_else_is_refused_with_the_cure(tmp_path, text, told):
    with pytest.raises(BadContent) as refused:
        read(tmp_path, text)
    assert told in " ".join(str(one) for one in refused.value.problems)


def test_a_protocol_that_is_not_there_is_told(tmp_path):
    own = read(tmp_path, "protocols: {finns_inte: {selfcare: {sv: [Vila], en: [Rest]}}}")
    with pytest.raises(BadContent, match="finns_inte"):
        region.applied(load.library(), own)


@pytest.mark.parametrize(
    "text", ["protocols: [", "annat: 1", "protocols: {finns_inte: {selfcare: {sv: [Vila], en: [Rest]}}}"]
)
def test_a_file_with_faults_stops_nobody(tmp_path, settings, monkeypatch, text):
    """It is edited by hand while people are being asked: the shipped words stand until it is right."""
    settings.DATA = tmp_path
    monkeypatch.setattr(content, "_active", list)
    monkeypatch.setattr(content, "_made", {})
    folder = tmp_path / "triage"
    folder.mkdir()
    (folder / "texts.yaml").write_text(text, encoding="utf-8")
    assert content.library() == load.library()
    (folder / "texts.yaml").write_text("refer: {tandvard: {sv: Ring tandjouren, en: Call}}", encoding="utf-8")
    content.library()
    assert region.own().refer["tandvard"].sv == "Ring tandjouren"
