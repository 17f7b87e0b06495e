"""A child's intimate picture, from the form to the one who has the case: who sees it, and what the log says."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.cluster import as_system
from tests.flows.test_stranger import resident, staff
from vardvag.audit.models import Entry
from vardvag.cases.models import Case
from vardvag.demo import cast, main_cases
from vardvag.files.models import File
from vardvag.files.tests import corpus
from vardvag.identity.models import Staff

CASE = main_cases.CASES[1].public_id  # Elsa's, by her mother Anna


@pytest.fixture
def sent(world) -> File:
    """Without JavaScript: the picture travels with the form, ticked."""
    with as_system():
        sara = Staff.objects.get(hsa_id=cast.SARA.hsa_id)
        Case.objects.filter(public_id=CASE).update(
            owner=sara, owner_name=sara.name, group=None, state="begun"
        )
    anna = resident(cast.ANNA, cast.ELSA)()
    page = anna.get(reverse("cases/resident/case", args=[CASE]))
    assert "Bilden visar underliv, bröst eller rumpa" in page.content.decode()
    key = page.context["key"]
    answer = anna.post(
        reverse("cases/resident/write", args=[CASE]),
        {
            "key": str(key),
            "body": "Här är bilden ni bad om.",
            "files": SimpleUploadedFile("utslag.jpg", corpus.jpeg()),
            "intimate": "1",
        },
    )
    assert answer.status_code == 303, answer.content.decode()
    with as_system():
        return File.objects.get(name="utslag.jpg")


def views(file: File) -> int:
    with as_system():
        return Entry.objects.filter(verb="read_intimate_file", object_id=file.pk).count()


def test_only_the_one_who_has_the_case_sees_it(sent: File) -> None:
    assert sent.intimate and sent.sent_at
    case, picture = (
        reverse("cases/staff/case", args=[CASE]),
        reverse("cases/staff/file", args=[CASE, sent.public_id]),
    )
    sara, ali = staff(cast.SARA)(), staff(cast.ALI)()
    shown = sara.get(case).content.decode()
    assert f'href="{picture}"' in shown and f"{picture}?liten" not in shown
    assert views(sent) == 0  # the case was read, the picture was not
    opened = sara.get(picture)
    assert (opened.status_code, opened["Content-Type"]) == (200, "image/jpeg")
    assert views(sent) == 1

    hidden = ali.get(case).content.decode()
    assert picture not in hidden and "Ta ärendet om du behöver se den" in hidden
    for way in ("", "?liten", "?hamta"):
        refused = ali.get(picture + way)
        assert refused.status_code == 409 and "bara för den som har ärendet" in refused.content.decode()
    assert views(sent) == 1

    with as_system():
        taker = Staff.objects.get(hsa_id=cast.ALI.hsa_id)
        Case.objects.filter(public_id=CASE).update(owner=taker, owner_name=taker.name)
    assert ali.get(picture).status_code == 200 and sara.get(picture).status_code == 409
    assert views(sent) == 2


def test_her_guardians_see_it_unopened_and_in_their_log(sent: File) -> None:
    picture = reverse("cases/resident/file", args=[CASE, sent.public_id])
    for who in (cast.ANNA, cast.JOHAN):
        guardian = resident(who, cast.ELSA)()
        shown = guardian.get(reverse("cases/resident/case", args=[CASE])).content.decode()
        assert f'href="{picture}"' in shown and f"{picture}?liten" not in shown
        assert guardian.get(picture).status_code == 200
        assert guardian.get(picture + "?liten").status_code == 409
    staff(cast.SARA)().get(reverse("cases/staff/file", args=[CASE, sent.public_id]))
    told = resident(cast.ANNA, cast.ELSA)().get("/vem-har-last/").content.decode()
    assert "öppnade den känsliga bilden" in told
