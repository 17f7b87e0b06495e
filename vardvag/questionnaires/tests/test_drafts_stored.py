"""Drafts, responses and versions in the database, as the role of the pages."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, InternalError, ProgrammingError, connection, transaction
from django.http import Http404

from vardvag.core import border
from vardvag.core.actor import ResidentActor, StaffActor, Subject, SystemActor
from vardvag.core.saving import Saving
from vardvag.files.models import File
from vardvag.files.tests.people import uploaded
from vardvag.organisation.tests import world
from vardvag.questionnaires import actions, queries
from vardvag.questionnaires.access import draft_for_resident, draft_in_use
from vardvag.questionnaires.facts import AlreadySent, Incomplete
from vardvag.questionnaires.models import Draft, QuestionnaireVersion, Response
from vardvag.questionnaires.tests.forms import choice, fhir, is_code, question

NOW = datetime(2026, 11, 20, 9, 42, tzinfo=UTC)
SYSTEM = SystemActor(job="test")
FORM = fhir(
    question("ord", "text", required=True),
    choice("val", "x", "y"),
    question("mer", required=True, enableWhen=[is_code("val", "x")]),
    question("n", "integer"),
    question("dag", "date"),
)
REFUSED = (DatabaseError, InternalError, ProgrammingError)


def resident(me, patient=None):
    def subject(person):
        return Subject(person.pk, person.given_name, person.surname, person.birth_date)

    return ResidentActor(session_id=1, me=subject(me), patient=subject(patient or me))


@pytest.fixture
def scene(system):
    """Anna and her child Elsa, Bo who is nobody to them, one unit, one form."""
    with system():
        world.region()
        unit = world.unit()
        other = world.provider("SE2321009999-0002", "Ateljé Hälsa", "private")
        anna = world.person(date(1988, 3, 2), 981, "Anna")
        elsa = world.person(date(2022, 5, 4), 982, "Elsa")
        bo = world.person(date(1970, 1, 5), 983, "Bo")
        world.guardian(elsa, anna)
        version = actions.publish(actor=SYSTEM, content=FORM, now=NOW)
    return {"unit": unit, "other": other, "anna": anna, "elsa": elsa, "bo": bo, "version": version}


def enter(actor):
    border.enter(actor)
    return actor


def start(scene, actor, now=NOW):
    return actions.start_draft(
        actor=actor,
        unit=scene["unit"],
        version=scene["version"],
        subject_kind="case_type",
        subject_id=7,
        subject_version_id=70,
        device="telefon",
        now=now,
    )


def save(actor, draft, given, *, based_on=None, device="telefon", now=NOW, use=""):
    return actions.save_answers(
        actor=actor,
        draft=draft,
        given=given,
        seen={},
        saving=Saving(revision=draft.revision if based_on is None else based_on),
        page="ord",
        device=device,
        use=use,
        now=now,
    )


def test_a_draft_is_begun_once_and_found_again(scene):
    anna = enter(resident(scene["anna"]))
    draft = start(scene, anna)
    assert start(scene, anna).public_id == draft.public_id
    assert [one.title for one in queries.open_drafts(actor=anna)] == ["Prov"]
    save(anna, draft, {"ord": "Det gör ont", "n": "tre"})
    again = draft_for_resident(actor=anna, public_id=draft.public_id)
    assert again.answers == {"ord": "Det gör ont", "n": "tre"} and again.revision == 1
    assert draft_in_use(actor=anna, unit_id=scene["unit"].pk, subject_kind="case_type", subject_id=7) == draft


def test_two_devices_lose_nothing(scene):
    anna = enter(resident(scene["anna"]))
    draft = start(scene, anna)
    first = save(anna, draft, {"ord": "från telefonen"})
    second = save(anna, first.draft, {"ord": "från datorn"}, based_on=0, device="dator")
    assert second.replaced == ("ord",) and second.draft.answers["ord"] == "från datorn"
    back = save(anna, second.draft, {"ord": "från datorn"}, device="dator", use="ord").draft
    assert back.answers["ord"] == "från telefonen" and back.kept["ord"]["value"] == "från datorn"


def test_what_is_missing_is_told_with_its_page_and_nothing_is_sent(scene):
    anna = enter(resident(scene["anna"]))
    draft = save(anna, start(scene, anna), {"val": "x", "n": "tre"}).draft
    with pytest.raises(Incomplete) as told:
        actions.finish(actor=anna, draft=draft, now=NOW)
    assert list(told.value.problems) == ["ord", "mer", "n"] and told.value.page == "ord"
    check = queries.check(actor=anna, draft=draft, now=NOW)
    assert not check.ready and check.problems[0].page == "ord" and check.rows[0].row.question == "Fråga ord?"
    assert Response.objects.count() == 0


def test_sending_twice_gives_one_response_without_what_does_not_apply(scene):
    anna = enter(resident(scene["anna"]))
    draft = save(
        anna, start(scene, anna), {"ord": "Hej", "val": "y", "mer": "kvar sedan förut", "n": "3"}
    ).draft
    sent = actions.finish(actor=anna, draft=draft, now=NOW)
    again = actions.finish(actor=anna, draft=draft, now=NOW + timedelta(minutes=1))
    assert again.response == sent.response and sent.own_words == again.own_words == "Hej"
    stored = Response.objects.get(draft=draft)
    assert stored.answers == {"ord": "Hej", "val": "y", "n": 3}
    assert stored.fhir["questionnaire"].endswith("prov|1")
    assert [row.answer for row in queries.readable(response_id=stored.pk, language="sv")] == [
        "Hej",
        "Y",
        "3",
        "",
    ]
    with pytest.raises(AlreadySent):
        save(anna, draft, {"ord": "mer"})
    assert queries.open_drafts(actor=anna) == []
    assert start(scene, anna).public_id != draft.public_id


def test_a_picture_for_a_question_that_applies_no_longer_is_not_sent(scene, system, settings, tmp_path):
    settings.FILES_FOLDER = tmp_path / "files"
    settings.OUTSIDE = {**settings.OUTSIDE, "scanner": {"address": ""}}
    picture = question("bild", "attachment", repeats=True, enableWhen=[is_code("val", "x")])
    with system():
        scene["version"] = actions.publish(
            actor=SYSTEM, content=fhir(choice("val", "x", "y"), picture), now=NOW
        )
    anna = enter(resident(scene["anna"]))
    draft = save(anna, start(scene, anna), {"val": "x"}).draft
    file = uploaded(anna, draft_key=draft.public_id)
    draft = save(anna, draft, {"val": "y"}).draft
    sent = actions.finish(actor=anna, draft=draft, now=NOW)
    assert sent.files == [] and sent.response.answers == {"val": "y"}
    assert File.objects.get(pk=file.pk).deleted_at == NOW


def test_a_draft_for_a_child_is_not_among_ones_own(scene):
    anna = enter(resident(scene["anna"]))
    own = start(scene, anna)
    for_elsa = enter(resident(scene["anna"], scene["elsa"]))
    draft = start(scene, for_elsa)
    assert draft.public_id != own.public_id and draft.patient_id == scene["elsa"].pk
    with pytest.raises(Http404):
        draft_for_resident(actor=for_elsa, public_id=own.public_id)
    sent = actions.finish(actor=for_elsa, draft=save(for_elsa, draft, {"ord": "Elsa hostar"}).draft, now=NOW)
    assert sent.response.fhir["author"]["reference"].startswith("RelatedPerson/")


def test_nobody_else_sees_a_draft_even_past_the_access_rules(scene):
    anna = enter(resident(scene["anna"]))
    draft = start(scene, anna)
    staff = StaffActor(
        1, 1, "SE1", "Sara Ek", "Sjuksköterska", 1, scene["unit"].pk, "Solberga", scene["unit"].provider_id
    )
    for stranger in (resident(scene["bo"]), resident(scene["elsa"]), staff):
        border.enter(stranger)
        assert not Draft.objects.filter(pk=draft.pk).exists()
        assert Draft.objects.update(page="x") == 0
    border.leave()
    assert Draft.objects.count() == 0
    enter(resident(scene["bo"]))
    with pytest.raises(Http404):
        draft_for_resident(actor=resident(scene["bo"]), public_id=draft.public_id)
    with pytest.raises(Http404):
        draft_for_resident(actor=resident(scene["bo"]), public_id=uuid4())


def test_a_response_opens_to_the_patient_and_the_care_provider_only(scene):
    anna = enter(resident(scene["anna"]))
    actions.finish(actor=anna, draft=save(anna, start(scene, anna), {"ord": "Hej"}).draft, now=NOW)
    unit = scene["unit"]
    ours = StaffActor(1, 1, "SE1", "Sara Ek", "Sjuksköterska", 1, unit.pk, "Solberga", unit.provider_id)
    theirs = StaffActor(1, 2, "SE2", "Ola By", "Läkare", 2, 99, "Ateljén", scene["other"].pk)
    for actor, seen in ((anna, 1), (ours, 1), (theirs, 0), (resident(scene["bo"]), 0)):
        border.enter(actor)
        assert Response.objects.count() == seen


@pytest.mark.parametrize("statement", ["update {} set language = 'en'", "delete from {}"])
def test_a_response_never_changes(scene, system, statement):
    anna = enter(resident(scene["anna"]))
    actions.finish(actor=anna, draft=save(anna, start(scene, anna), {"ord": "Hej"}).draft, now=NOW)
    table = Response._meta.db_table
    with pytest.raises(REFUSED), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    with system(), pytest.raises(REFUSED), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_a_published_form_never_changes_and_a_changed_file_is_a_new_version(scene, system):
    with system():
        version = scene["version"]
        same = actions.publish(actor=SYSTEM, content=FORM, now=NOW)
        assert same == version
        with pytest.raises(REFUSED, match="new version"), transaction.atomic():
            QuestionnaireVersion.objects.filter(pk=version.pk).update(content={})
        with pytest.raises(REFUSED, match="new version"), transaction.atomic():
            QuestionnaireVersion.objects.filter(pk=version.pk).delete()
        newer = actions.publish(actor=SYSTEM, content={**FORM, "title": "Nytt"}, now=NOW)
        assert (newer.number, newer.content["version"]) == (2, "2")
        assert queries.export(newer)["title"] == "Nytt" and queries.export(version)["title"] == "Prov"


def test_a_draft_thrown_away_holds_nothing_more(scene):
    anna = enter(resident(scene["anna"]))
    draft = save(anna, start(scene, anna), {"ord": "Hej"}).draft
    actions.discard_draft(actor=anna, draft=draft, now=NOW)
    draft.refresh_from_db()
    assert draft.answers == {} and draft.discarded_at == NOW
    with pytest.raises(Http404):
        draft_for_resident(actor=anna, public_id=draft.public_id)


def test_drafts_not_touched_for_30_days_are_emptied(scene, system):
    anna = enter(resident(scene["anna"]))
    draft = save(anna, start(scene, anna), {"ord": "Hej"}).draft
    with system():
        assert actions.discard_old_drafts(actor=SYSTEM, now=NOW + timedelta(days=30)) == 0
        assert actions.discard_old_drafts(actor=SYSTEM, now=NOW + timedelta(days=30, seconds=1)) == 1
        draft.refresh_from_db()
        assert draft.answers == {} and draft.discarded_at


def test_a_page_is_shown_saved_and_left(scene):
    anna = enter(resident(scene["anna"]))
    draft = start(scene, anna)
    page = queries.form_page(actor=anna, draft=draft, page_id=draft.page, now=NOW)
    assert page.heading == "Fråga ord?" and page.revision == 0
    saved = save(anna, draft, {"ord": "Hej"})
    after = queries.form_page(
        actor=anna, draft=saved.draft, page_id="ord", seen={"ord": ""}, check=True, now=NOW
    )
    assert after.done and after.next == "val"
