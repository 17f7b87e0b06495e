"""The content in use: which versions, made how often, and what of it has been signed."""

import pytest

from vardvag.services.triage import content, owning, trying
from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.model import GENERAL, INFANTS
from vardvag.services.triage.engine.place import BadContent
from vardvag.services.triage.tests import small

CASE = "  - {name: a, given: {age: 40, sex: F}, expect: {urgency: 4}}\n"
NEWER = small.PROTOCOL.replace("version: 1.0.0", "version: 1.1.0")


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A small content as if it were the shipped one."""
    found = small.library(tmp_path)
    monkeypatch.setattr(load, "CONTENT", tmp_path)
    monkeypatch.setattr(load, "library", lambda: found)
    return found


@pytest.fixture
def active(shipped, monkeypatch) -> list[tuple[str, str, str]]:
    """Versions in use, to be filled: id, sha256, text."""
    rows: list[tuple[str, str, str]] = []
    monkeypatch.setattr(content, "_active", lambda: list(rows))
    monkeypatch.setattr(content, "_made", {})
    return rows


def sha256(text: str) -> str:
    return load.library_with({"prov": text}).sha256("prov")


def test_content_with_an_own_version_is_made_once(active):
    """It takes seconds, and so do the words that are then read by it; whether it is still so is asked every few."""
    active.append(("prov", sha256(NEWER), NEWER))
    first = content.library()
    assert first.protocols["prov"].version == "1.1.0"
    assert content.library() is first


def test_a_version_is_signed_as_it_stood_when_it_was_approved(active):
    """A release can change the concepts that its questions are made of."""
    active.append(("prov", sha256(NEWER), NEWER))
    assert "prov" not in content.unsigned(content.library())
    active[0] = ("prov", "0" * 64, NEWER)
    assert "prov" in content.unsigned(content.library())


@pytest.mark.parametrize(("id", "name"), [(GENERAL, "general"), (INFANTS, "infants")])
def test_a_fault_is_told_where_the_file_is_not_called_as_the_protocol(tmp_path, shipped, id, name):
    text = small.GENERAL.replace("id: allmant", f"id: {id}") + f"golden:\n{CASE * 6}"
    (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    trying.tried(id, text)
    with pytest.raises(BadContent, match="danger_rnk"):
        trying.tried(id, f"{text}danger_rnk: 3\n")


def test_what_is_tried_is_what_is_used(shipped):
    """Golden cases are not read where the content is used: nothing else goes with them."""
    text = small.PROTOCOL.replace("\nrules:", f'\ngolden:\n{CASE * 6}"rules":')
    assert trying.tried("prov", text).sha256 == sha256(text)


def test_a_version_that_a_release_cannot_read_any_more_does_not_stop_the_rest(active):
    """Its concepts are gone: the shipped protocol stands, and the version counts as not signed."""
    other = small.GENERAL.replace("version: 1.0.0", "version: 1.3.0")
    active.append((GENERAL, "1", other))
    active.append(("prov", "1", NEWER.replace("when: red,", "when: gone,")))
    found = content.library()
    assert (found.protocols["prov"].version, found.general.version) == ("1.0.0", "1.3.0")
    assert content.library() is found
    assert "prov" in content.unsigned(found)


@pytest.mark.parametrize(("written", "years"), [("0,5", 0.5), ("0.5", 0.5), (" 40 ", 40.0), ("", 40.0)])
def test_an_age_that_is_tried_is_read_as_people_write_it(shipped, written, years):
    answers, wrong = owning._answers(shipped, {"age": written})
    assert (answers["age"], wrong) == (years, [])


@pytest.mark.parametrize("written", ["²", "200", "-1", "tre"])
def test_an_age_that_is_none_is_told_and_not_taken_for_another(shipped, written):
    _answers, wrong = owning._answers(shipped, {"age": written})
    assert written in wrong[0]
