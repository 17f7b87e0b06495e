"""The rows of one case, written the way the product's actions write them."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from vardvag.cases.actions.changes import TRACKED
from vardvag.cases.rules import AMBER_HOURS, UNDO_REPLY, excerpt
from vardvag.core.personal_number import SWEDEN
from vardvag.demo import calendars
from vardvag.demo.answers import Answers
from vardvag.demo.people import Person
from vardvag.demo.plans import Form, Pen, Plan, Row, person_uuid
from vardvag.demo.staff import RECEIVERS, Member
from vardvag.demo.stories import INTAKE, RESIDENT
from vardvag.organisation.rules import working_days_after, working_hours_before
from vardvag.questionnaires import fhir_response, readable

_PRAISE = ("Snabbt och vänligt!", "Tack, jag fick precis den hjälp jag behövde.", "", "", "Bra svar.")
_BLAME = ("Det tog för lång tid.", "Jag fick inte svar på allt jag frågade.", "")


class Sheet:
    """`case` is the case's row as it stands; `last_reply` the latest message from staff."""

    def __init__(self, pen: Pen, plan: Plan, form: Form, owner: Member) -> None:
        self.t, self.plan, self.form, self.owner = pen, plan, form, owner
        self.rng, self.place, self.unit = pen.rng, plan.place, plan.place.spec
        self.case: Row = {}
        self.last_reply: Row | None = None

    def open(self, given: Answers, key: UUID) -> Row:
        """The case as it was sent; returns its first message."""
        t, plan, at = self.t, self.plan, self.plan.arrived
        own_words = self._response(given, at)
        due = self.promise(at)
        number = t.ids.next("cases_number")
        patient, author = plan.patient, plan.author
        self.case = t.rows.add(
            "cases_case",
            id=t.ids.next("cases_case"),
            public_id=key,
            number=f"{at.astimezone(SWEDEN):%y}-{number:06d}",
            provider_id=self.place.provider_id,
            unit_id=self.unit.number,
            patient_id=patient.id,
            author_id=author.id,
            author_name=author.name,
            type_version_id=self.form.version_id,
            type_key=plan.story.type_key,
            response_id=t.ids.last["questionnaires_response"],
            draft_id=key,
            title=self.form.title,
            patient_name=patient.name,
            patient_number=patient.number,
            patient_born=patient.born,
            protected=patient.protected,
            represented=patient is not author,
            excerpt=excerpt(own_words),
            language=plan.story.language,
            state="new",
            live=False,
            urgency=None,
            group_id=self.place.groups[RECEIVERS],
            group_name=RECEIVERS,
            owner_id=None,
            owner_name="",
            arrived_at=at,
            waiting_since=at,
            due_at=due,
            amber_at=self.amber(due),
            promised_at=due,
            begun_at=None,
            first_reply_at=None,
            final_reply_at=None,
            closed_at=None,
            closed_how="",
            answerable=True,
            last_seq=0,
            staff_seen_seq=0,
            resident_seen_seq=1,
            resident_seen_at=None,
            unread_by_staff=True,
            late_told=False,
            version=1,
        )
        message = self.message(INTAKE, own_words, at, key=key)
        self.commit("open", author, at, self.snapshot(), message)
        return message

    def _response(self, given: Answers, at: datetime) -> str:
        """The form as it was filled in; returns the resident's own words."""
        t, plan = self.t, self.plan
        identifier = t.uuid()
        t.rows.add(
            "questionnaires_response",
            id=t.ids.next("questionnaires_response"),
            public_id=identifier,
            draft_id=None,
            version_id=self.form.questionnaire_version_id,
            patient_id=plan.patient.id,
            provider_id=self.place.provider_id,
            unit_id=self.unit.number,
            author_id=plan.author.id,
            answers=json.dumps(given, ensure_ascii=False),
            fhir=json.dumps(
                fhir_response.build(
                    self.form.definition,
                    given,
                    identifier=str(identifier),
                    authored=at,
                    patient=str(person_uuid(plan.patient)),
                    author=str(person_uuid(plan.author)),
                    language=plan.story.language,
                ),
                ensure_ascii=False,
            ),
            language=plan.story.language,
            authored_at=at,
        )
        return "\n\n".join(readable.own_words(self.form.definition, given))

    def note(self, words: str, at: datetime) -> None:
        self.t.rows.add(
            "cases_note",
            id=self.t.ids.next("cases_note"),
            case_id=self.case["id"],
            provider_id=self.place.provider_id,
            staff_id=self.owner.id,
            staff_name=self.owner.name,
            staff_title=self.owner.title,
            body=words,
            at=at,
            key=self.t.uuid(),
        )
        self.commit("note", self.owner, at, self.snapshot())

    def message(
        self, kind: str, body: str, at: datetime, *, key: UUID | None = None, promised: datetime | None = None
    ) -> Row:
        t, plan, by_resident = self.t, self.plan, kind in (INTAKE, RESIDENT)
        self.case["last_seq"] += 1
        who: Member | Person = plan.author if by_resident else self.owner
        row = t.rows.add(
            "cases_message",
            id=t.ids.next("cases_message"),
            public_id=t.uuid(),
            case_id=self.case["id"],
            provider_id=self.place.provider_id,
            unit_id=self.unit.number,
            patient_id=plan.patient.id,
            seq=self.case["last_seq"],
            author_kind="resident" if by_resident else "staff",
            author_id=who.id,
            author_name=who.name,
            author_title="" if by_resident else self.owner.title,
            for_patient=by_resident and plan.author is not plan.patient,
            kind=str(kind),
            body=body,
            promised_at=promised,
            at=at,
            released_at=at if by_resident else at + UNDO_REPLY,
            read_at=None,
            key=key or t.uuid(),
        )
        if not by_resident:
            self.last_reply = row
            self.inbox(row, kind)
        return row

    def inbox(self, message: Row, kind: str) -> None:
        """The reader's inbox item; told already, so that no notice goes out for the past."""
        t, at = self.t, message["released_at"]
        for reader in [self.plan.author, *self.other_guardians()]:
            item = t.rows.add(
                "inbox_inboxitem",
                id=0,
                public_id=t.uuid(),
                key=f"message:{message['public_id']}",
                patient_id=self.plan.patient.id,
                person_id=reader.id,
                provider_id=self.place.provider_id,
                unit_id=self.unit.number,
                kind=str(kind),
                about=self.case["title"],
                link="cases/resident/case",
                object_id=self.case["public_id"],
                at=at,
                read_at=None,
                reached_how="",
                told_at=at + timedelta(seconds=5),
            )
            if reader is self.plan.author:
                message["_item"] = item
            elif at < t.now - timedelta(days=10):
                item["read_at"] = at + timedelta(hours=self.rng.randint(2, 60))

    def other_guardians(self) -> list[Person]:
        patient, author = self.plan.patient, self.plan.author
        if patient is author:
            return []
        on = self.t.now.astimezone(SWEDEN).date()
        return [g for g in patient.guardians if g is not author and g.may_write_for(patient, on)]

    def read_by_resident(self, at: datetime) -> None:
        """They have been shown everything so far."""
        message = self.last_reply
        if message is None:
            return
        at = max(at, message["released_at"])
        message["read_at"] = message["_item"]["read_at"] = at
        self.case["resident_seen_seq"], self.case["resident_seen_at"] = self.case["last_seq"], at
        self.log("read", self.plan.author, at)

    def read(self, member: Member, at: datetime) -> None:
        """A staff member has opened the case."""
        for message in self.t.rows.tables["cases_message"][-self.case["last_seq"] :]:
            if message["author_kind"] == "resident" and message["read_at"] is None:
                message["read_at"] = max(at, message["at"])
        self.log("read", member, max(at, self.plan.arrived))

    def snapshot(self) -> Row:
        return {name: self.case[name] for name in TRACKED}

    def commit(
        self,
        verb: str,
        who: Member | Person,
        at: datetime,
        before: Row,
        message: Row | None = None,
        reason: str = "",
    ) -> None:
        case, after = self.case, self.snapshot()
        case["version"] += 1
        differs = sorted(name for name in TRACKED if before[name] != after[name])
        mine = isinstance(who, Person)
        self.t.rows.add(
            "cases_event",
            id=self.t.ids.next("cases_event"),
            case_id=case["id"],
            provider_id=self.place.provider_id,
            patient_id=self.plan.patient.id if mine else None,
            at=at,
            actor_kind="resident" if mine else "staff",
            actor_id=who.id,
            actor_name=who.name,
            verb=str(verb),
            reason=reason,
            before=_json({name: before[name] for name in differs}),
            after=_json({name: after[name] for name in differs}),
            message_id=message["id"] if message else None,
            version=case["version"],
            undone_at=None,
            batch=None,
        )
        self.log(str(verb), who, at, differs)

    def log(self, verb: str, who: Member | Person, at: datetime, details: list[str] | None = None) -> None:
        mine = isinstance(who, Person)
        self.t.rows.add(
            "audit_entry",
            at=at,
            actor_kind="resident" if mine else "staff",
            actor_id=who.id,
            actor_name=who.name,
            actor_title="" if isinstance(who, Person) else who.title,
            assignment_id=None if mine else self.place.assignments[who.id],
            unit_id=self.unit.number,
            unit_name=self.unit.name,
            provider_id=self.place.provider_id,
            patient_id=self.plan.patient.id,
            verb=verb,
            object_kind="case",
            object_id=self.case["id"],
            details=details or [],
            purpose="care",
            ground=("self" if who is self.plan.patient else "guardian") if mine else "assignment",
            result="ok",
            request_id="",
        )

    def promise(self, since: datetime) -> datetime:
        days = self.form.days or self.unit.days or 2
        return working_days_after(since, days, calendars.calendar(self.unit))

    def amber(self, due: datetime) -> datetime:
        return working_hours_before(due, AMBER_HOURS, calendars.calendar(self.unit))

    def staff_draft(self, words: str) -> None:
        """The owner has begun to write an answer."""
        self.t.rows.add(
            "cases_draft",
            id=self.t.ids.next("cases_draft"),
            case_id=self.case["id"],
            provider_id=self.place.provider_id,
            author_kind="staff",
            author_id=self.owner.id,
            form="reply",
            body=words,
            other_body="",
            revision=3,
            device="dator",
            key=self.t.uuid(),
            saved_at=self.case["begun_at"] + timedelta(minutes=2),
        )

    def rate(self, at: datetime) -> None:
        score = self.rng.choices((5, 4, 3, 2, 1), (48, 30, 12, 6, 4))[0]
        self.t.rows.add(
            "cases_rating",
            id=self.t.ids.next("cases_rating"),
            case_id=self.case["id"],
            provider_id=self.place.provider_id,
            patient_id=self.plan.patient.id,
            score=score,
            comment=self.rng.choice(_PRAISE if score > 3 else _BLAME),
            at=at,
        )


def _json(columns: Row) -> str:
    return json.dumps(
        {k: v.isoformat() if isinstance(v, datetime) else v for k, v in columns.items()}, ensure_ascii=False
    )
