"""The catalogue in the database: loaded, offered, accepted, begun and sent from; texts for staff."""

import json
import shutil
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from vardvag.catalogue import actions, queries, registry
from vardvag.catalogue.definition import BadFiles
from vardvag.catalogue.files import DATA
from vardvag.catalogue.models import (
    CaseType,
    CaseTypeVersion,
    Offer,
    StandardText,
    TermsAcceptance,
    TermsVersion,
)
from vardvag.catalogue.rules import NotForThisAge, NotOffered, NotTakingCases, TermsNotAccepted
from vardvag.core import border
from vardvag.core.actor import ResidentActor, StaffActor, Subject, SystemActor
from vardvag.organisation import queries as organisation
from vardvag.organisation.models import Group, UnitSettings
from vardvag.organisation.tests import world
from vardvag.questionnaires.models import QuestionnaireVersion

NOW = datetime(2026, 11, 20, 9, 42, tzinfo=UTC)
SYSTEM = SystemActor(job="test")


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def change(folder, file, /, **values):
    path = folder / file
    raw = json.loads(path.read_text())
    raw.update(values)
    path.write_text(json.dumps(raw))


@pytest.fixture
def scene(system):
    organisation.forget()
    with system():
        world.region(answer_working_days=2, complaint_working_days=1)
        unit = world.unit(phone="010-555 01 00")
        anna = world.person(date(1988, 3, 2), 981, "Anna")
        elsa = world.person(date(2022, 5, 4), 982, "Elsa")
        sara = world.staff()
        actions.load_files(actor=SYSTEM, now=NOW)
        actions.offer_all(actor=SYSTEM, unit_ids=[unit.pk], now=NOW)
    yield {"unit": unit, "anna": anna, "elsa": elsa, "sara": sara}
    organisation.forget()


def resident(me, patient=None, language="sv"):
    def subject(person):
        return Subject(person.pk, person.given_name, person.surname, person.birth_date)

    actor = ResidentActor(1, subject(me), subject(patient or me), language=language)
    border.enter(actor)
    return actor


def nurse(scene, **more):
    unit = scene["unit"]
    actor = StaffActor(
        1, scene["sara"].pk, "SE1", "Sara Ek", "Sjuksköterska", 1, unit.pk, "Solberga hälsocentral",
        unit.provider_id, **more,
    )  # fmt: skip
    border.enter(actor)
    return actor


def accept(actor, scene, key="fornya-recept"):
    offered = queries.offer(actor=actor, unit_id=scene["unit"].pk, key=key, now=NOW)
    terms = queries.terms_needed(
        actor=actor, case_type_version_id=offered.version_id, unit_id=scene["unit"].pk
    )
    if terms:
        actions.accept_terms(actor=actor, version_id=terms.version_id, now=NOW)
    return offered


def begin(actor, scene, key="fornya-recept"):
    return actions.begin(actor=actor, unit_id=scene["unit"].pk, key=key, device="dator", now=NOW)


def test_loading_again_changes_nothing_and_a_changed_file_is_a_new_version(scene, system, folder):
    with system():
        again = actions.load_files(actor=SYSTEM, now=NOW, folder=folder)
        assert (again.created, again.changed) == ([], []) and len(again.unchanged) == 16
        change(folder, "case_types/begar-intyg.json", internal_name="Intyg nytt")
        change(folder, "questionnaires/fornya-recept.json", title="Förnya recept nu")
        change(folder, "terms/arenden.json", title={"sv": "Ny text", "en": "New text"})
        changed = actions.load_files(actor=SYSTEM, now=NOW, folder=folder)
        assert sorted(changed.changed) == ["begar-intyg", "fornya-recept", "terms/arenden"]
        newest = CaseTypeVersion.objects.get(case_type__key="fornya-recept", number=2)
        assert newest.questionnaire and newest.questionnaire.number == 2
        assert CaseType.objects.get(key="begar-intyg").internal_name == "Intyg nytt"
        assert TermsVersion.objects.count() == 2 and CaseTypeVersion.objects.count() == 17


def test_one_bad_file_stops_all(scene, system, folder):
    change(folder, "case_types/begar-intyg.json", internal_name="Nytt")
    change(folder, "case_types/bestall-tid.json", name=None)
    with system(), pytest.raises(BadFiles):
        actions.load_files(actor=SYSTEM, now=NOW, folder=folder)
    assert CaseTypeVersion.objects.count() == 15


@pytest.mark.parametrize("model", [CaseTypeVersion, TermsVersion, QuestionnaireVersion])
def test_what_is_published_never_changes(scene, system, model):
    with system():
        with pytest.raises(DatabaseError, match="new version"), transaction.atomic():
            model.objects.update(sha256="0" * 64)
        with pytest.raises(DatabaseError, match="new version"), transaction.atomic():
            model.objects.all()._raw_delete("default")


def test_a_units_page_is_grouped_in_order_and_in_the_readers_language(scene):
    groups = queries.offers_for(actor=resident(scene["anna"]), unit_id=scene["unit"].pk, now=NOW)
    assert [group.key for group in groups] == [
        "sok-rad", "recept-hjalpmedel", "tider", "intyg-remiss", "fragor", "synpunkter",
    ]  # fmt: skip
    assert [one.key for one in groups[1].offers] == ["fornya-recept", "fornya-hjalpmedel"]
    assert groups[4].offers[-1].is_information and groups[4].offers[-1].links[0].url.startswith("https://")
    english = queries.offers_for(
        actor=resident(scene["anna"], language="en"), unit_id=scene["unit"].pk, now=NOW
    )
    assert english[2].name == "Appointments" and english[1].offers[0].name == "Renew a prescription"


def test_the_unit_orders_its_page_and_switches_off(scene, system):
    unit = scene["unit"].pk
    with system():
        actions.set_offer(actor=SYSTEM, unit_id=unit, key="fornya-hjalpmedel", position=0, now=NOW)
        for key in ("fraga-sjukskoterskan", "sok-vard"):
            actions.set_offer(actor=SYSTEM, unit_id=unit, key=key, active=False, now=NOW)
        assert actions.offer_all(actor=SYSTEM, unit_ids=[unit], now=NOW) == 0
    groups = queries.offers_for(actor=resident(scene["anna"]), unit_id=unit, now=NOW)
    assert "sok-rad" not in [group.key for group in groups]
    assert [one.key for one in groups[0].offers] == ["fornya-hjalpmedel", "fornya-recept"]
    with pytest.raises(NotOffered):
        queries.offer(actor=resident(scene["anna"]), unit_id=unit, key="fraga-sjukskoterskan", now=NOW)


def test_age_limits_follow_the_patient_not_the_guardian(scene, system, folder):
    with system():
        change(folder, "case_types/fornya-recept.json", min_age=13)
        actions.load_files(actor=SYSTEM, now=NOW, folder=folder)
    for_elsa = resident(scene["anna"], scene["elsa"])
    keys = [
        one.key
        for g in queries.offers_for(actor=for_elsa, unit_id=scene["unit"].pk, now=NOW)
        for one in g.offers
    ]
    assert "fornya-recept" not in keys and "fornya-hjalpmedel" in keys
    with pytest.raises(NotForThisAge):
        queries.offer(actor=for_elsa, unit_id=scene["unit"].pk, key="fornya-recept", now=NOW)


def test_a_branch_shows_its_mothers_page(scene, system):
    with system():
        branch = world.unit(2, "Solberga filial", mother=scene["unit"])
        organisation.forget()
    actor = resident(scene["anna"])
    assert queries.offers_for(actor=actor, unit_id=branch.pk, now=NOW)
    accept(actor, scene)
    draft = actions.begin(actor=actor, unit_id=branch.pk, key="fornya-recept", device="dator", now=NOW)
    assert draft.unit_id == scene["unit"].pk


def test_how_soon_an_answer_is_promised(scene, system):
    unit, anna = scene["unit"].pk, resident(scene["anna"])

    def days(key):
        offered = queries.offer(actor=anna, unit_id=unit, key=key, now=NOW)
        assert queries.answer_days(unit_id=unit, type_version_id=offered.version_id) == offered.answer_days
        return offered.answer_days

    assert days("fornya-recept") == 2 and days("synpunkter") == 1
    with system():
        actions.set_offer(actor=SYSTEM, unit_id=unit, key="fornya-recept", answer_working_days=5, now=NOW)
        UnitSettings.objects.create(unit=scene["unit"], answer_working_days=3)
        organisation.forget()
    anna = resident(scene["anna"])
    assert days("fornya-recept") == 5 and days("begar-intyg") == 3 and days("synpunkter") == 1
    with system(), pytest.raises(IntegrityError), transaction.atomic():
        actions.set_offer(actor=SYSTEM, unit_id=unit, key="fornya-recept", answer_working_days=0, now=NOW)


def test_terms_are_accepted_once_per_version_before_one_begins(scene, system, folder):
    anna, unit = resident(scene["anna"]), scene["unit"].pk
    with pytest.raises(TermsNotAccepted):
        begin(anna, scene)
    offered = accept(anna, scene)
    actions.accept_terms(actor=anna, version_id=TermsVersion.objects.get().pk, now=NOW)
    assert TermsAcceptance.objects.count() == 1
    draft = begin(anna, scene)
    assert queries.terms_needed(actor=anna, case_type_version_id=offered.version_id, unit_id=unit) is None
    with system():
        change(folder, "terms/arenden.json", title={"sv": "Ny text", "en": "New text"})
        actions.load_files(actor=SYSTEM, now=NOW, folder=folder)
    anna = resident(scene["anna"])
    with pytest.raises(TermsNotAccepted):
        queries.sending(actor=anna, draft=draft, now=NOW)
    needed = queries.terms_needed(actor=anna, case_type_version_id=offered.version_id, unit_id=unit)
    assert needed and needed.title == "Ny text"


def test_an_acceptance_is_the_persons_own_and_stays(scene):
    anna = resident(scene["anna"])
    accept(anna, scene)
    with pytest.raises(DatabaseError), transaction.atomic():
        TermsAcceptance.objects.all().delete()
    nurse(scene)
    assert TermsAcceptance.objects.count() == 0


def test_the_units_own_words_stand_under_the_terms(scene, system):
    with system():
        actions.set_offer(
            actor=SYSTEM,
            unit_id=scene["unit"].pk,
            key="fornya-recept",
            terms_addition={"sv": "Vi läser varje dag."},
            now=NOW,
        )
    anna = resident(scene["anna"], language="en")
    offered = queries.offer(actor=anna, unit_id=scene["unit"].pk, key="fornya-recept", now=NOW)
    terms = queries.terms(actor=anna, case_type_version_id=offered.version_id, unit_id=scene["unit"].pk)
    assert terms
    assert terms.addition == "Vi läser varje dag." and terms.sections[0].heading == "What you confirm"


def test_what_a_case_is_opened_from(scene, system):
    unit = scene["unit"]
    with system():
        group = Group.objects.create(unit=unit, name="Sjuksköterskor")
        actions.set_offer(
            actor=SYSTEM, unit_id=unit.pk, key="fornya-recept", default_group_id=group.pk, now=NOW
        )
    anna = resident(scene["anna"])
    accept(anna, scene)
    draft = begin(anna, scene)
    assert begin(anna, scene).pk == draft.pk
    sending = queries.sending(actor=anna, draft=draft, now=NOW)
    assert (sending.title, sending.group, sending.answerable, sending.unit) == (
        "Förnya recept",
        group,
        True,
        unit,
    )
    assert queries.offer_of_draft(actor=anna, draft=draft, now=NOW).what_happens_next.startswith(
        "En sjuksköterska"
    )
    with system():
        actions.set_offer(actor=SYSTEM, unit_id=unit.pk, key="fornya-recept", active=False, now=NOW)
    anna = resident(scene["anna"])
    with pytest.raises(NotOffered):
        queries.sending(actor=anna, draft=draft, now=NOW)


def test_a_unit_that_takes_no_cases_says_so(scene, system):
    anna = resident(scene["anna"])
    accept(anna, scene)
    draft = begin(anna, scene)
    with system():
        UnitSettings.objects.create(unit=scene["unit"], accepts_cases=False)
    anna = resident(scene["anna"])
    with pytest.raises(NotTakingCases):
        queries.sending(actor=anna, draft=draft, now=NOW)


def test_nobody_begins_to_write_to_a_unit_that_takes_no_cases(scene, system):
    anna = resident(scene["anna"])
    accept(anna, scene)
    with system():
        UnitSettings.objects.create(unit=scene["unit"], accepts_cases=False)
    with pytest.raises(NotTakingCases):
        begin(resident(scene["anna"]), scene)


def test_a_branch_takes_no_cases_while_its_mother_takes_none(scene, system):
    with system():
        branch = world.unit(2, "Filialen", mother=scene["unit"])
        assert organisation.contact_card(branch, now=NOW).accepts_cases
        UnitSettings.objects.create(unit=scene["unit"], accepts_cases=False)
        assert not organisation.contact_card(branch, now=NOW).accepts_cases
        assert not any(entry.accepts_cases for entry in organisation.directory())


def test_a_draft_stays_on_the_version_it_was_begun_on(scene, system, folder):
    anna = resident(scene["anna"])
    accept(anna, scene)
    draft = begin(anna, scene)
    with system():
        change(folder, "case_types/fornya-recept.json", name={"sv": "Nytt namn", "en": "New name"})
        actions.load_files(actor=SYSTEM, now=NOW, folder=folder)
    anna = resident(scene["anna"])
    assert queries.sending(actor=anna, draft=draft, now=NOW).version.number == 1
    assert begin(anna, scene).pk == draft.pk
    assert (
        queries.offer(actor=anna, unit_id=scene["unit"].pk, key="fornya-recept", now=NOW).name == "Nytt namn"
    )


def test_information_cannot_be_begun(scene):
    with pytest.raises(NotOffered):
        begin(resident(scene["anna"]), scene, key="avgifter")


def test_a_service_puts_its_rows_on_the_units_page(scene, monkeypatch):
    monkeypatch.setattr(registry, "_services", {})
    row = registry.ServiceRow("tider", "Boka själv", "Välj bland lediga tider.", "/boka/")
    entry = registry.ServiceEntry("booking", lambda actor, unit_id, now: [row])
    registry.register(entry)
    groups = queries.offers_for(actor=resident(scene["anna"]), unit_id=scene["unit"].pk, now=NOW)
    assert [group.services for group in groups if group.services] == [(row,)]
    with pytest.raises(RuntimeError):
        registry.register(registry.ServiceEntry("booking", lambda actor, unit_id, now: []))


def text(**values):
    return StandardText.objects.create(
        **{"code": "egen", "kind": "phrase", "title": "Egen", "body": "Hej", "changed_at": NOW, **values}
    )


def test_staff_find_their_own_the_units_and_the_regions_texts(scene, system):
    with system():
        other = world.unit(2, "Björkö vårdcentral")
        stranger = world.staff(2)
        text(code="min", staff=scene["sara"], title="Min")
        text(code="hos-oss", unit=scene["unit"], title="Hos oss")
        text(code="annan", unit=other)
        text(code="hans", staff=stranger)
        StandardText.objects.filter(code="recept-besok", language="sv").update(used=9)
    found = queries.phrases(actor=nurse(scene), type_key="fornya-recept", language="sv")
    codes = [one.code for one in found]
    assert codes[0] == "recept-besok" and set(codes[:5]) == {
        "recept", "recept-fraga", "recept-besok", "recept-annan", "recept-uttag",
    }  # fmt: skip
    assert {"min", "hos-oss"} <= set(codes) and not {"annan", "hans"} & set(codes)
    hits = queries.phrases(actor=nurse(scene), type_key="", language="sv", search=".samre")
    assert [one.code for one in hits][0] == "samre"
    english = queries.phrases(actor=nurse(scene), type_key="", language="en")
    assert {one.language for one in english if one.code in ("recept", "min")} == {"en", "sv"}
    assert len([one for one in english if one.code == "recept"]) == 1


def test_texts_are_filled_for_the_patient(scene):
    actor = nurse(scene)
    texts = queries.phrases(
        actor=actor, type_key="fornya-recept", language="sv", search="receptet är förnyat"
    )
    (told,) = queries.filled(actor=actor, texts=texts, patient_name="Anna Lind", now=NOW)
    assert told.body.startswith("Hej Anna!") and "20 november 2026" in told.body
    assert told.body.endswith("Sara Ek, sjuksköterska\nSolberga hälsocentral")
    assert told.unfilled == ("läkemedel",) and told.whose == "region"


def test_staff_with_protected_identity_sign_with_their_title(scene, system):
    with system():
        scene["sara"].protected = True
        scene["sara"].save(update_fields=["protected"])
    actor = nurse(scene)
    texts = queries.phrases(
        actor=actor, type_key="fornya-recept", language="sv", search="receptet är förnyat"
    )
    (told,) = queries.filled(actor=actor, texts=texts, patient_name="Anna Lind", now=NOW)
    assert "Sara" not in told.body and told.body.endswith("sjuksköterska\nSolberga hälsocentral")


def test_what_is_used_most_is_counted(scene):
    actor = nurse(scene)
    one = StandardText.objects.get(code="tack", language="sv")
    actions.count_use(actor=actor, text=one)
    actions.count_use(actor=actor, text=one)
    one.refresh_from_db()
    assert one.used == 2


def test_a_standard_text_taken_out_of_the_file_is_retired_and_others_stay(scene, system, folder):
    with system():
        text(code="hos-oss", unit=scene["unit"])
        path = folder / "standard_texts.json"
        path.write_text(json.dumps([one for one in json.loads(path.read_text()) if one["code"] != "tack"]))
        actions.load_files(actor=SYSTEM, now=NOW, folder=folder)
        assert StandardText.objects.filter(code="tack", retired_at=None).count() == 0
        assert StandardText.objects.get(code="hos-oss").retired_at is None


def test_offers_are_one_per_unit_and_type(scene, system):
    offer = Offer.objects.all()[0]
    with system(), pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(unit_id=offer.unit_id, case_type_id=offer.case_type_id)
