"""Django's test client as somebody of the tests' world."""

from django.conf import settings
from django.db import transaction
from django.test import Client

from tests.cluster import as_system
from vardvag.core import clock
from vardvag.core.actor import Anonymous
from vardvag.identity import actions
from vardvag.identity.models import Person, Staff
from vardvag.organisation.models import Assignment


def nobody() -> Client:
    return Client(headers={"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"})


def resident(personal_number: str) -> Client:
    with as_system():
        person = Person.objects.get(personal_number=personal_number)
        return _with(actions.open_session(actor=Anonymous(), person=person, method="bankid", now=clock.now()))


def staff(hsa_id: str, *, unit: str = "") -> Client:
    """In the assignment at the unit with that HSA-id, else in the first."""
    with as_system(), transaction.atomic():
        member = Staff.objects.get(hsa_id=hsa_id)
        found = Assignment.objects.filter(staff=member, ended_at=None).order_by("pk")
        assignment = found.filter(unit__hsa_id=unit).first() if unit else found.first()
        assert assignment is not None, f"{hsa_id} has no assignment there"
        key = actions.open_session(
            actor=Anonymous(), staff=member, assignment_id=assignment.pk, method="siths", now=clock.now()
        )
    return _with(key)


def _with(key: str) -> Client:
    client = nobody()
    client.cookies[settings.SESSION_KEY_COOKIE] = key
    return client
