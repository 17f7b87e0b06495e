"""The resident's own log, in words and within their border."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from vardvag.audit import actions, queries
from vardvag.audit.models import Entry
from vardvag.core import border
from vardvag.core.actor import ResidentActor, StaffActor, Subject, SystemActor
from vardvag.identity.models import Person

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANNA = Subject(11, "Anna", "Lind", datetime(1990, 1, 1, tzinfo=UTC).date())
ELIN = Subject(12, "Elin", "Lind", datetime(2018, 1, 1, tzinfo=UTC).date())
SARA = StaffActor(1, 5, "SE1-A", "Sara Ek", "Sjuksköterska", 9, 3, "Borgholms hälsocentral", 7)
BO = StaffActor(1, 6, "SE1-B", "Bo Mo", "Läkare", 9, 4, "Rehab", 7)


def me(patient: Subject = ANNA) -> ResidentActor:
    actor = ResidentActor(1, ANNA, patient)
    border.enter(actor)
    return actor


def log(actor, verb="read", patient=ANNA, minutes=0, kind="case", object_id=1, **more):
    border.enter(actor)
    actions.record(actor=actor, verb=verb, kind=kind, object_id=object_id, patient_id=patient.person_id,
                   at=NOW - timedelta(minutes=minutes), **more)  # fmt: skip


def lines(**asked) -> list[str]:
    asked.setdefault("actor", None)
    page = queries.who_saw(**{**asked, "actor": asked["actor"] or me(), "now": NOW})
    return [f"{p.unit}: {a.who} {a.did} {a.times}" for d in page.days for p in d.places for a in p.acts]


@pytest.fixture(autouse=True)
def titles(monkeypatch, db):
    monkeypatch.setitem(queries._titles, "case", lambda ids: {1: "Förnya recept"})
    monkeypatch.setattr(queries, "_nameless", lambda staff, units: queries.Namelessness())


def test_in_plain_words_by_unit_newest_first():
    log(SARA, minutes=9)
    log(BO, "reply", minutes=5)
    log(SARA, "take", minutes=3)
    assert lines() == [
        "Borgholms hälsocentral: Sara Ek, sjuksköterska, tog ärendet ”Förnya recept” 1",
        "Borgholms hälsocentral: Sara Ek, sjuksköterska, läste ärendet ”Förnya recept” 1",
        "Rehab: Bo Mo, läkare, svarade i ärendet ”Förnya recept” 1",
    ]


def test_the_same_again_is_told_once():
    for n in range(4):
        log(SARA, minutes=n)
    assert lines() == ["Borgholms hälsocentral: Sara Ek, sjuksköterska, läste ärendet ”Förnya recept” 4"]


def test_days_are_swedish_days():
    log(SARA, minutes=9 * 60 + 59 + 60)  # 00.01 in Sweden the same day? 22.01 UTC the day before
    log(SARA, minutes=0)
    page = queries.who_saw(actor=me(), now=NOW)
    assert [str(d.day) for d in page.days] == ["2026-11-20", "2026-11-19"]


def test_whoever_is_protected_is_known_by_role_only(monkeypatch):
    monkeypatch.setattr(
        queries, "_nameless", lambda staff, units: queries.Namelessness(frozenset({5}), frozenset({4}))
    )
    log(SARA)
    log(BO)
    assert not any("Sara" in line or "Bo Mo" in line for line in lines())
    assert lines()[1] == "Borgholms hälsocentral: Sjuksköterska läste ärendet ”Förnya recept” 1"


def test_filters():
    log(SARA)
    log(SystemActor("cases.overdue"), "give_back")
    log(me(), "open")
    log(ResidentActor(1, ANNA, ELIN), "open", patient=ELIN)
    assert len(lines()) == 3
    assert [line.split(":")[0] for line in lines(who="personal")] == ["Borgholms hälsocentral"]
    assert lines(who="system") == [": Systemet lämnade tillbaka ärendet ”Förnya recept” 1"]
    assert lines(who="jag") == [": Du skickade ärendet ”Förnya recept” 1"]
    assert lines(who="foretradare") == []


def test_the_guardians_acts_stand_in_the_childs_log():
    log(ResidentActor(1, ANNA, ELIN), "open", patient=ELIN)
    child = ResidentActor(2, ELIN, ELIN)
    border.enter(child)
    assert lines(actor=child) == [": Anna Lind, vårdnadshavare, skickade ärendet ”Förnya recept” 1"]
    border.enter(ResidentActor(1, ANNA, ELIN))
    assert lines(actor=ResidentActor(1, ANNA, ELIN)) == [": Du skickade ärendet ”Förnya recept” 1"]


def test_a_protected_guardian_is_known_by_role_only(system):
    with system():
        for who, protected in ((ANNA, True), (ELIN, False)):
            Person.objects.create(pk=who.person_id, personal_number=f"19{who.person_id}", given_name=who.given_name,
                                  surname=who.surname, birth_date=who.birth_date, protected=protected)  # fmt: skip
    log(ResidentActor(1, ANNA, ELIN), "open", patient=ELIN)
    child = ResidentActor(2, ELIN, ELIN)
    border.enter(child)
    assert lines(actor=child) == [": En vårdnadshavare skickade ärendet ”Förnya recept” 1"]


def test_nobody_sees_another_persons_log():
    log(SARA, patient=ELIN)
    assert lines() == []
    border.enter(me())  # and the database agrees, whatever is asked for
    assert not Entry.objects.filter(patient_id=ELIN.person_id).exists()


def test_looking_is_logged_but_not_shown_to_oneself(system):
    log(SARA)
    assert len(lines()) == 1 and len(lines()) == 1
    with system():
        assert Entry.objects.filter(object_kind="log").count() == 2


def test_pages_follow_each_other_without_loss(monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 3)
    for n in range(8):
        log(SARA, object_id=n, verb=("read", "take", "reply")[n % 3], minutes=20 - n)
    seen, before = [], None
    while True:
        page = queries.who_saw(actor=me(), before=before, now=NOW)
        seen += [a.did for d in page.days for p in d.places for a in p.acts]
        before = page.older
        if before is None:
            break
    assert len(seen) == 8


def test_a_late_written_act_stands_at_its_time():
    log(SARA, "take", minutes=1)
    log(SARA, "read", minutes=60 * 24 * 3)
    log(SARA, "reply", minutes=0)
    page = queries.who_saw(actor=me(), now=NOW)
    assert [str(d.day) for d in page.days] == ["2026-11-20", "2026-11-17"]


def test_titles_as_within_a_sentence():
    log(StaffActor(1, 8, "SE1-C", "Amanda Ek", "AT-läkare", 9, 3, "HC", 7))
    assert "Amanda Ek, AT-läkare, läste" in lines()[0]


def test_the_watch_sees_a_sealer_that_stands_still(system):
    with system():
        actions.seal(actor=SystemActor("test"))
        for _ in range(3):
            actions.seal(actor=SystemActor("test"))
        # Not 0 while another test's transaction holds the floor down.
        before = next(iter(queries.figures()))[3]
        log(SARA)
        log(SARA)
    assert next(iter(queries.figures()))[3] == before + 2


def test_an_act_without_words_of_its_own_is_told_anyhow():
    log(SARA, "frobnicate", kind="gadget")
    assert lines() == ["Borgholms hälsocentral: Sara Ek, sjuksköterska, hanterade uppgifter om dig 1"]


def test_every_phrase_takes_a_title():
    for words in (*queries.PHRASES.values(), *queries.BY_VERB.values()):
        for language in ("sv", "en"):
            with translation.override(language):
                assert str(words) % {"title": "x"}
