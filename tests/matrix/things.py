"""What must not be seen: one of each, with a word in it that stands nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.urls import reverse

from tests import secret
from tests.cluster import as_system
from tests.matrix.people import FAR, HERE, NEXT, OTHER, Who, places
from tests.secret import Address
from vardvag.cases import actions
from vardvag.cases.models import Attachment, Case, Event, Message, Note
from vardvag.cases.models import Draft as Writing
from vardvag.catalogue.models import StandardText
from vardvag.core import clock
from vardvag.core.actor import Role, StaffActor
from vardvag.demo import cast, main_cases
from vardvag.files.models import File, Incoming
from vardvag.identity.models import Person, Staff
from vardvag.inbox.models import Delivery, InboxItem
from vardvag.organisation.models import Assignment, Group, ImportRun, Unit
from vardvag.questionnaires.models import Draft
from vardvag.services.triage import keeping, queries, telling
from vardvag.services.triage.content import library
from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.interview import Put, State
from vardvag.services.triage.engine.result import result
from vardvag.services.triage.engine.values import Answers
from vardvag.services.triage.models import Approval, Interview, ProtocolVersion, WrongTriage

WORKS = {"receiver", "handler", "nurse", "physician", "physiotherapist", "secretary"}
ALL_OF_THE_UNIT = {"receiver", "nurse"}
KEEPS_STAFF = {"permission_admin", "regional_admin", "system_coordinator"}
KEEPS_CONTENT = {"medical_coordinator", "regional_admin"}
PROTOCOL, VERSION = (
    "halsont",
    424_242,
)  # content is nobody's: one protocol, and a version of it that staff have made
TOLD = "other_info"  # a question answered in one's own words
Reach = Callable[[Who], bool]


@dataclass(frozen=True)
class Thing:
    """`kind` as tests/secret.py names it. `opens`: whose answer may differ from that of nothing; `tells`: who may
    read the word."""

    name: str
    kind: str
    values: dict[str, Any]
    opens: Reach
    tells: Reach
    word: str = ""
    rows: tuple[Any, ...] = field(default=(), repr=False)
    asked: tuple[
        str, ...
    ] = ()  # what somebody might search for; the word in small letters, so that an echo is none

    def path(self, address: Address) -> str:
        return reverse(address.name, args=[self.values[c] for c in address.captures])

    def state(self) -> list[Any]:
        with as_system():
            return [type(row).objects.filter(pk=row.pk).values().first() for row in self.rows]


def _works(who: Who, case: Case) -> bool:
    """CASE-11, in one's own assignment: receivers and nurses all of the unit, others what lies with them."""
    return who.kind == "staff" and who.unit == case.unit_id and (
        bool(who.roles & ALL_OF_THE_UNIT)
        or (bool(who.roles & WORKS) and (case.owner_id == who.staff or case.group_id in who.groups))
    )  # fmt: skip


def _patient(who: Who, case: Case) -> bool:
    return who.kind == "resident" and who.patient == case.patient_id


def _case(name: str, case: Case, *, shut: bool = False, **more: Any) -> Thing:
    """`shut`: a protected person's, of which staff see that it is there before they have said why."""
    word = f"Hemlig{name}"
    Case.objects.filter(pk=case.pk).update(title="Fråga", excerpt=f"{word} utdrag")
    Message.objects.filter(case=case).update(body=f"{word} text")
    case.refresh_from_db()

    def opens(who: Who) -> bool:
        return _works(who, case) or _patient(who, case)

    def tells(who: Who) -> bool:
        return _patient(who, case) or (not shut and _works(who, case))

    messages = tuple(Message.objects.filter(case=case))
    return Thing(f"{name} case", "case", {"public_id": case.public_id}, opens, tells, word, (case, *messages),
                 (word.lower(), case.number, case.patient_number, case.patient_name, str(case.public_id)),
                 **more)  # fmt: skip


def _row(name: str) -> Case:
    return Case.objects.get(public_id=main_cases.case(name).public_id)


def plant() -> list[Thing]:
    planted = secret.plant()
    units = places()
    with as_system():
        return _plant(planted, units)


def _plant(planted: secret.Planted, units: dict[str, Unit]) -> list[Thing]:
    now = clock.now()
    for who in (cast.MIKAEL, cast.FATIMA):  # plant() gave them every role; here everybody has their own
        Assignment.objects.filter(staff__hsa_id=who.hsa_id).update(roles=["receiver", "handler", "nurse"])
    rows, case = planted.rows, planted.rows["case"]
    sara, anna = (
        Staff.objects.get(hsa_id=cast.SARA.hsa_id),
        Person.objects.get(personal_number=cast.ANNA.number),
    )
    nurse = _actor(sara, units[HERE])
    things = [_case("Feber", case)]
    moved = _row("färdtjänst")
    actions.move_to_unit(actor=nurse, case=moved, unit_id=units[NEXT].pk, reason="fel mottagning", now=now)
    far = _row("synpunkt")
    group = Group.objects.get(unit=units[FAR], receivers=True)
    Case.objects.filter(pk=far.pk).update(
        unit=units[FAR], provider=units[FAR].provider, group=group, group_name=group.name, owner=None
    )
    Message.objects.filter(case=far).update(unit_id=units[FAR].pk, provider_id=units[FAR].provider_id)
    far.refresh_from_db()
    others = {
        "Avslutat": _row("avslutat"), "Tonaring": _row("mensvärk"), "Flyttat": moved, "Torget": _row("torget-väntar"),
        "Fjarran": far,
    }  # fmt: skip
    things += [_case(name, one) for name, one in others.items()]
    things.append(_case("Skyddad", _row("skyddad"), shut=True))
    things += _within(case, sara, nurse, now)
    things += _files(planted, case, sara, anna, now)
    things += _rest(rows, case, sara, anna)
    things += _interviews(rows["interview"], now)
    things += _content(rows["interview"], sara, now)
    assert {t.name.split()[0] for t in things} >= {"Feber", "Flyttat"} and units[OTHER].pk != units[HERE].pk
    return things


def _actor(staff: Staff, unit: Unit) -> StaffActor:
    return StaffActor(
        1, staff.pk, staff.hsa_id, staff.name, "", 1, unit.pk, "", unit.provider_id, frozenset(Role)
    )


def _within(case: Case, sara: Staff, nurse: StaffActor, now: Any) -> list[Thing]:
    """Parts of a case that not everybody who sees it may read; they have no address of their own."""
    Note.objects.filter(case=case).update(body="HemligNot not")
    held = Message.objects.create(
        case=case, provider_id=case.provider_id, unit_id=case.unit_id, patient_id=case.patient_id, seq=90,
        author_kind="staff", author_id=sara.pk, author_name=sara.name, kind="reply", body="HemligHallet svar",
        at=now, released_at=now + timedelta(hours=1), key=uuid4(),
    )  # fmt: skip
    mine = Writing.objects.create(
        case=case, provider_id=case.provider_id, author_kind="staff", author_id=sara.pk, form="reply",
        body="HemligKladd", saved_at=now,
    )  # fmt: skip
    johan = Person.objects.get(personal_number=cast.JOHAN.number)
    his = Writing.objects.create(
        case=case, provider_id=case.provider_id, author_kind="resident", author_id=johan.pk, form="message",
        body="HemligPappas", saved_at=now,
    )  # fmt: skip

    def staff(who: Who) -> bool:
        return _works(who, case)

    return [
        Thing("note", "", {}, staff, staff, "HemligNot", tuple(Note.objects.filter(case=case))),
        Thing("held reply", "", {}, staff, staff, "HemligHallet", (held,)),
        Thing("colleague's draft", "", {}, staff, lambda who: who.staff == sara.pk, "HemligKladd", (mine,)),
        Thing("the other guardian's draft", "", {}, staff, lambda who: who.person == johan.pk
              and who.patient == case.patient_id, "HemligPappas", (his,)),
    ]  # fmt: skip


def _files(planted: secret.Planted, case: Case, sara: Staff, anna: Person, now: Any) -> list[Thing]:
    sent: File = planted.rows["sent file"]
    sent.name = "HemligBild.png"
    sent.save(update_fields=["name"])
    intimate = secret._file(
        patient_id=case.patient_id, provider_id=case.provider_id, uploaded_by_kind="resident",
        uploaded_by_id=anna.pk, sent_at=now, intimate=True, name="bild.png",
    )  # fmt: skip
    Attachment.objects.create(
        message=case.messages.order_by("seq")[0], file=intimate, case=case, provider_id=case.provider_id,
        patient_id=case.patient_id, position=8,
    )  # fmt: skip
    Incoming.objects.create(
        uploader_kind="resident", uploader_id=anna.pk, patient_id=case.patient_id,
        draft_key=planted.rows["draft"].public_id, sha256="ab" * 32, size=300_000, arrived=262_144,
        attempt_id=1, at=now,
    )  # fmt: skip
    mine, hers = planted.rows["resident's file"], planted.rows["staff's file"]
    mine.name, hers.name = "HemligUtkastbild.png", "HemligPersonalbild.png"
    mine.save(update_fields=["name"])
    hers.save(update_fields=["name"])

    def all_in_case(who: Who) -> bool:
        return _works(who, case) or _patient(who, case)

    def anna_for_her(who: Who) -> bool:
        return who.person == anna.pk and who.patient == case.patient_id

    def sara_here(who: Who) -> bool:
        return who.staff == sara.pk and who.provider == case.provider_id

    pictures = {"public_id": case.public_id, "file_id": sent.public_id}
    return [
        Thing("picture", "case file", pictures, all_in_case, all_in_case, "HemligBild", (sent,)),
        Thing("intimate picture", "case file", {**pictures, "file_id": intimate.public_id}, all_in_case,
              lambda who: _patient(who, case) or who.staff == case.owner_id, "", (intimate,)),
        Thing("file of a draft", "resident's file", {"public_id": mine.public_id}, anna_for_her, anna_for_her,
              "HemligUtkastbild", (mine,)),
        Thing("file of a reply", "staff's file", {"public_id": hers.public_id}, sara_here, sara_here,
              "HemligPersonalbild", (hers,)),
    ]  # fmt: skip


def _rest(rows: dict[str, Any], case: Case, sara: Staff, anna: Person) -> list[Thing]:
    """What stands beside cases."""
    draft, item, delivery, batch, text = (rows[n] for n in ("draft", "item", "delivery", "batch", "text"))
    page = str(draft.version.content["item"][0]["linkId"])
    Draft.objects.filter(pk=draft.pk).update(answers={page: [{"valueString": "HemligSvar"}]})
    InboxItem.objects.filter(pk=item.pk).update(about="HemligPost")
    Delivery.objects.filter(pk=delivery.pk).update(text="HemligSms")
    Event.objects.filter(pk=batch.pk).update(reason="HemligSkal")
    StandardText.objects.filter(pk=text.pk).update(title="HemligFras", body="HemligFras")
    Group.objects.filter(pk=rows["group"].pk).update(name="HemligGrupp")
    ImportRun.objects.filter(pk=rows["run"].pk).update(file_name="HemligImport.csv", by="HemligImport")

    def hers(who: Who) -> bool:
        return who.person == anna.pk and who.patient == case.patient_id

    def here(who: Who, *roles: str) -> bool:
        return (
            who.kind == "staff" and who.unit == case.unit_id and (not roles or bool(who.roles & set(roles)))
        )

    def mends(who: Who) -> bool:
        if "system_coordinator" in who.roles:
            return who.kind == "staff" and who.provider == case.provider_id
        return here(who, "local_admin")

    def all_or_own(who: Who) -> bool:
        return here(who, *WORKS) and (bool(who.roles & ALL_OF_THE_UNIT) or who.staff == sara.pk)

    def writer(who: Who) -> bool:
        return who.staff == sara.pk

    def manages(who: Who) -> bool:
        return here(who, *KEEPS_STAFF)

    def imports(who: Who) -> bool:
        return who.kind == "staff" and bool(who.roles & {"regional_admin", "system_coordinator"})

    def reads_items(who: Who) -> bool:
        return hers(who) or here(who, "receiver", "nurse")

    return [
        Thing("draft", "draft", {"draft_id": draft.public_id, "page_id": page}, hers, hers, "HemligSvar", (draft,)),
        Thing("letter", "item", {"public_id": item.public_id}, reads_items, reads_items, "HemligPost", (item,)),
        Thing("notice", "delivery", {"public_id": delivery.public_id}, mends, mends, "HemligSms", (delivery,)),
        Thing("batch", "batch", {"batch": batch.batch}, all_or_own, lambda who: all_or_own(who) or _works(who, case),
              "HemligSkal", (batch,)),
        Thing("own text", "text", {"text_id": text.pk}, writer, writer, "HemligFras", (text,)),
        Thing("assignment", "assignment", {"assignment_id": rows["assignment"].pk}, manages, manages, "",
              (rows["assignment"],)),
        Thing("group", "group", {"group_id": rows["group"].pk}, manages, lambda who: here(who), "HemligGrupp",
              (rows["group"],)),
        Thing("import", "run", {"run_id": rows["run"].pk}, imports, imports, "HemligImport", (rows["run"],)),
    ]  # fmt: skip


def _interviews(sent: Interview, now: Any) -> list[Thing]:
    """The one sent, behind the case, and those under way: its author's while they act for its patient."""
    case = sent.case
    assert case is not None
    Case.objects.filter(pk=case.pk).update(type_key="sok-vard")
    people = {one: Person.objects.get(personal_number=one.number) for one in
              (cast.ANNA, cast.ELSA, cast.SAMIRA, cast.YASMIN, cast.LINNEA)}  # fmt: skip

    def begun(author: cast.Resident, patient: cast.Resident, **more: Any) -> Interview:
        return Interview.objects.create(
            author=people[author], patient=people[patient], unit_id=case.unit_id, type_version=sent.type_version,
            represented=author != patient, began_at=now, changed_at=now, **more,
        )  # fmt: skip

    def of_author(interview: Interview) -> Reach:
        return lambda who: who.person == interview.author_id and who.patient == interview.patient_id

    found = [
        ("own interview", "HemligRad", begun(cast.ANNA, cast.ANNA)),
        ("child's interview", "HemligBarnrad", begun(cast.ANNA, cast.ELSA)),
        ("stranger's interview", "HemligGrannrad", begun(cast.SAMIRA, cast.YASMIN)),
    ]
    things = []
    for name, word, interview in found:
        _told(interview, word)
        mine = of_author(interview)
        things.append(Thing(name, "interview", {"interview_id": interview.public_id}, mine, mine, word, (interview,),
                            (word.lower(),)))  # fmt: skip
    _told(sent, "HemligSkickad")
    author = of_author(sent)
    return [
        *things,
        Thing("sent interview", "interview", {"interview_id": sent.public_id}, author,
              lambda who: author(who) or _works(who, case), "HemligSkickad", (sent,)),
        _behind_a_shut_case(sent, people[cast.LINNEA], now),
    ]  # fmt: skip


def _told(interview: Interview, word: str) -> None:
    """Everything that is told, with the word in it: own words, a fact's and a danger sign's, an answer, the result in
    both languages, a consent."""
    interview.refresh_from_db()
    found = library()
    flag = {
        "id": "matrix",
        "urgency": 3,
        "because": {"sv": f"{word} tecken", "en": f"{word} sign"},
        "words": word,
    }
    interview.words, interview.flags, interview.suggested = f"{word} besvär", [flag], [PROTOCOL]
    interview.facts = [{"concept": "cough", "value": True, "words": f"{word} hosta"}]
    interview.reasons = [PROTOCOL]
    interview.consents = {
        "medication": {"given": True, "wording": f"{word} samtycke", "at": "2026-01-01T00:00:00Z"}
    }
    answers: Answers = {TOLD: f"{word} svar", "age": 30.0, "sex": "F"}
    state = State((PROTOCOL,), answers, (Put(TOLD, (TOLD,)),), frozenset(), (), queries.about(interview), ())
    interview.state = keeping.to_json(state)
    interview.result = telling.kept(found, state, result(found, state), interview)
    for language in ("sv", "en"):
        interview.result["card"][language]["title"] = f"{word} råd"
        interview.result["history"][language].append(
            {"id": "more", "title": "Mer", "lines": [f"{word} historia"]}
        )
    interview.save()


def _behind_a_shut_case(sent: Interview, linnea: Person, now: Any) -> Thing:
    """A protected person's: staff at the unit see nothing of it before they have said why."""
    case = _row("skyddad")
    Case.objects.filter(pk=case.pk).update(type_key="sok-vard")
    interview = Interview.objects.create(
        author=linnea, patient=linnea, unit_id=case.unit_id, type_version=sent.type_version, case=case,
        provider_id=case.provider_id, began_at=now, changed_at=now, sent_at=now,
    )  # fmt: skip
    _told(interview, "HemligSkyddsrad")

    def hers(who: Who) -> bool:
        return who.person == who.patient == linnea.pk

    return Thing("protected interview", "interview", {"interview_id": interview.public_id}, hers, hers,
                 "HemligSkyddsrad", (interview,))  # fmt: skip


def _content(sent: Interview, sara: Staff, now: Any) -> list[Thing]:
    """What staff have made of the questions and said of them; the region's, but reports stay with the care provider."""
    case = sent.case
    assert case is not None
    version = ProtocolVersion.objects.create(
        pk=VERSION, protocol_id=PROTOCOL, version="424.2", sha256="ab" * 32, content=load.shipped(PROTOCOL),
        why="HemligVersion", proposed_by=sara, proposed_name=sara.name, proposed_at=now,
    )  # fmt: skip
    approval = Approval.objects.create(
        version=version, staff=sara, staff_name="HemligGodkannare", title="", at=now
    )
    report = WrongTriage.objects.create(
        case=case, provider_id=case.provider_id, unit_id=case.unit_id, staff=sara, staff_name=sara.name,
        how=WrongTriage.How.TOO_LOW, comment="HemligRapport", at=now,
        path={"reasons": sent.reasons, "state": sent.state, "result": sent.result},
    )  # fmt: skip

    def keeps(who: Who) -> bool:
        return who.kind == "staff" and bool(who.roles & KEEPS_CONTENT)

    def keeps_here(who: Who) -> bool:
        return keeps(who) and who.provider == case.provider_id

    return [
        Thing("version", "", {}, keeps, keeps, "HemligVersion", (version,)),
        Thing("approval", "", {}, keeps, keeps, "HemligGodkannare", (approval,)),
        Thing("report of wrong triage", "", {}, keeps_here, keeps_here, "HemligRapport", (report,)),
    ]
