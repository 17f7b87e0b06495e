"""A GET changes nothing, except the log of what was read and what is part of reading."""

import re
from collections import defaultdict

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from tests import acting
from tests.cluster import as_system
from vardvag.cases.models import Case
from vardvag.identity.models import Person
from vardvag.organisation.models import Unit

WRITING = re.compile(
    r"^\s*(?:with\b.*?\)\s*)?(insert\s+into|update|delete\s+from|truncate|merge\s+into)\s+\"?([\w.]+)",
    re.I | re.S,
)
# Table -> why a GET may write there.
PART_OF_READING = {
    "audit_entry": "the log of what was read",
    "identity_session": "a session in use, at most once a minute",
    "cases_message": "the read receipt",
    "cases_case": "how far the resident has read",
    "inbox_inboxitem": "read in the inbox",
    "identity_loginattempt": "a login under way is polled",
}
PLACES = re.compile(r"<(?:\w+:)?(\w+)>")


def patterns(resolver=None, before=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield "/" + before + str(entry.pattern), entry


@pytest.fixture
def written():
    """Table -> statements that wrote there, while the test runs."""
    found = defaultdict(list)

    def watch(execute, query, parameters, many, context):
        if match := WRITING.match(str(query)):
            found[match[2].lower()].append(str(query)[:120])
        return execute(query, parameters, many, context)

    with connection.execute_wrapper(watch):
        yield found


def values(case):
    """What may stand in an address, by the name it has there."""
    with as_system():
        unit = Unit.objects.get(pk=case.unit_id)
        found = {
            "public_id": str(case.public_id),
            "unit": unit.slug if hasattr(unit, "slug") else str(unit.pk),
        }
        message = case.messages.order_by("pk").first() if hasattr(case, "messages") else None
    return found | ({"message_id": str(message.pk)} if message else {})


def walk(client, case, door):
    known = values(case)
    client.raise_request_exception = False
    for path, entry in patterns():
        if getattr(entry.callback, "door", "") not in (door, "public"):
            continue
        address = PLACES.sub(lambda place: known.get(place[1], "1"), path)
        answer = client.get(address)
        yield path, answer.status_code


def test_a_residents_reading_changes_nothing(world, written):
    with as_system():
        case = Case.objects.order_by("-arrived_at")[0]
        author = Person.objects.get(pk=case.author_id)
    client = acting.resident(author.personal_number)
    written.clear()
    answers = dict(walk(client, case, "resident"))
    assert not {path: code for path, code in answers.items() if code >= 500}
    assert sum(code == 200 for code in answers.values()) > 5, answers
    strange = {table: said for table, said in written.items() if table not in PART_OF_READING}
    assert not strange, strange


def test_the_staffs_reading_changes_nothing(world, written):
    with as_system():
        case = Case.objects.order_by("-arrived_at")[0]
        unit = Unit.objects.get(pk=case.unit_id)
    hsa_id = next(
        person["hsa_id"] for person in world["staff"]
        if any(post["healthCareUnitHsaId"] == unit.hsa_id for post in person["commissions"])
    )  # fmt: skip
    client = acting.staff(hsa_id, unit=unit.hsa_id)
    written.clear()
    answers = dict(walk(client, case, "staff"))
    assert not {path: code for path, code in answers.items() if code >= 500}
    assert sum(code == 200 for code in answers.values()) > 3, answers
    strange = {table: said for table, said in written.items() if table not in PART_OF_READING}
    assert not strange, strange
