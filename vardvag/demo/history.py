"""One case from its sending to where it is now, as the rows its actions would have written.

The actions themselves are not run: they belong to requests of today. What they decide is asked of the same
rules (deadlines, moves between states), so the world here cannot disagree with the product.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from vardvag.cases.actions.changes import TRACKED
from vardvag.cases.rules import AMBER_HOURS, SENDS, UNDO_REPLY, Verb, excerpt, move
from vardvag.core.personal_number import SWEDEN
from vardvag.demo import answers, calendars, wording
from vardvag.demo.people import Person
from vardvag.demo.plans import GROUPS_OF, Form, Ids, Plan, Row, Rows, person_uuid
from vardvag.demo.staff import RECEIVERS, Member
from vardvag.demo.stories import INTAKE, NOTE, PARTIAL, QUESTION, REPLY, RESIDENT, Teller
from vardvag.organisation.rules import working_days_after, working_hours_before
from vardvag.questionnaires import fhir_response, readable
from vardvag.questionnaires.definition import Kind

_VERBS = {REPLY: Verb.REPLY, PARTIAL: Verb.PARTIAL, QUESTION: Verb.ASK}
_REASONS = {
    "phone": ("Ringde patienten, löst per telefon.", "Samtal i dag, patienten nöjd."),
    "duplicate": ("Samma fråga skickad två gånger.", "Besvarat i det tidigare ärendet."),
    "wrong_unit": ("Gäller en annan mottagning, patienten informerad per telefon.",),
    "other": ("Patienten kom till mottagningen och fick hjälp på plats.",),
}


Photograph = Callable[[Plan, str], UUID | None]  # (plan, what stands on a package) -> the file's public id


def no_camera(plan: Plan, words: str) -> UUID | None:
    return None


class Telling:
    """Tells plans into rows. One for a whole world; cases come in order of arrival."""

    def __init__(
        self,
        rng: Random,
        forms: dict[str, Form],
        ids: Ids,
        rows: Rows,
        now: datetime,
        photograph: Photograph = no_camera,
    ) -> None:
        self.rng, self.forms, self.ids, self.rows, self.now = rng, forms, ids, rows, now
        self.photograph = photograph
        self.pictured: dict[UUID, Row] = {}  # public id of a file -> the message it belongs to

    def uuid(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def tell(self, plan: Plan) -> Row:
        """The case's row; everything else is in `rows`."""
        return _Told(self, plan).case


class _Told:
    def __init__(self, telling: Telling, plan: Plan) -> None:
        self.t, self.plan, self.rng = telling, plan, telling.rng
        self.unit, self.place = plan.place.spec, plan.place
        self.english = plan.story.language == "en"
        self.form = telling.forms[plan.story.type_key]
        self.owner = plan.owner or self.place.handlers(plan.story.type_key, self.rng)
        doctor = self.place.titled("läkare", self.rng) or self.owner
        nurse = self.place.titled("sköterska", self.rng) or self.owner
        self.teller = Teller(
            self.rng,
            {
                **plan.story.facts,
                **wording.slots(
                    self.rng, patient=plan.patient, at=plan.arrived, doctor=doctor.surname,
                    nurse=nurse.given_name, english=self.english,
                ),
            },
        )  # fmt: skip
        self.case = self._open()
        self._steps(self._times())
        self._finish()

    # --- sending --------------------

    def _open(self) -> Row:
        t, plan = self.t, self.plan
        at = plan.arrived
        words = wording.letter(
            self.rng, self.teller.tell(plan.story.turns[0][1]), plan.author, english=self.english, first=True
        )
        draft = uuid5(NAMESPACE_URL, f"vardvag:case:{plan.name}") if plan.name else t.uuid()
        own_words = self._response(words, at)
        due = self._promise(at)
        number = t.ids.next("cases_number")
        patient, author = plan.patient, plan.author
        case = t.rows.add(
            "cases_case",
            id=t.ids.next("cases_case"),
            public_id=draft,
            number=f"{at.astimezone(SWEDEN):%y}-{number:06d}",
            provider_id=self.place.provider_id,
            unit_id=self.unit.number,
            patient_id=patient.id,
            author_id=author.id,
            author_name=author.name,
            type_version_id=self.form.version_id,
            type_key=plan.story.type_key,
            response_id=t.ids.last["questionnaires_response"],
            draft_id=draft,
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
            amber_at=self._amber(due),
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
        self.case = case
        message = self._message(INTAKE, own_words, at, key=draft)
        if self.photo:
            t.pictured[self.photo] = message
        before = self._snapshot()
        self._commit("open", author, at, before, message)
        return case

    def _response(self, words: str, at: datetime) -> str:
        """The form as it was filled in; returns the resident's own words."""
        t, plan = self.t, self.plan
        facts = {key: self.teller.tell(value) for key, value in plan.story.facts.items()}
        given = answers.filled(
            self.rng, plan.story.type_key, words, facts, today=at.astimezone(SWEDEN).date(),
            phone=wording.phone(plan.author.mobile),
        )  # fmt: skip
        self.photo = t.photograph(plan, facts.get("läkemedel", "")) if plan.picture else None
        if self.photo:
            files = next(q for q in self.form.definition.questions() if q.kind is Kind.FILE)
            given[files.link_id] = [str(self.photo)]
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

    # --- what happens then --------------------

    def _turns(self) -> list[tuple[str, str]]:
        """The story's turns up to where the case stands now."""
        rest = list(self.plan.story.turns[1:])
        kinds = [kind for kind, _ in rest]
        match self.plan.target:
            case "waiting":
                return rest[: kinds.index(QUESTION) + 1]
            case "begun":
                if RESIDENT in kinds and self.plan.read is not False:
                    return rest[: kinds.index(RESIDENT) + 1]
                return [turn for turn in rest[:1] if turn[0] in (NOTE, PARTIAL)]
            case "answered" | "answered_closed":
                return rest
        return []

    def _times(self) -> list[datetime]:
        """When the case was taken, then each turn; none later than a few minutes ago."""
        if self.plan.target in ("new", "withdrawn"):
            return []
        rng, at = self.rng, self.plan.arrived
        wait = min(rng.expovariate(1 / 170), 620) if not self.plan.slow else rng.uniform(1000, 1900)
        times = [calendars.work_after(self.unit, at, wait + 1)]
        for kind, _ in self._turns():
            if kind == RESIDENT:
                times.append(times[-1] + timedelta(hours=0.3 + min(rng.expovariate(1 / 7), 40)))
            else:
                times.append(
                    calendars.work_after(self.unit, times[-1], 1 + min(rng.expovariate(1 / 60), 400))
                )
        latest = self.t.now - timedelta(minutes=rng.randint(3, 15))
        if times[-1] > latest:  # squeeze what would lie in the future into the time there is
            scale = max((latest - at) / (times[-1] - at), 0.001)
            times = [at + (time - at) * scale for time in times]
        return times

    def _steps(self, times: list[datetime]) -> None:
        target = self.plan.target
        if target == "withdrawn":
            at = min(self.plan.arrived + timedelta(minutes=self.rng.randint(10, 240)), self.t.now)
            self._end("withdrawn", Verb.WITHDRAW, self.plan.author, at)
        elif target == "distributed":
            self._distribute(times[0])
        elif target != "new":
            self._take(times[0])
            for (kind, text), at in zip(self._turns(), times[1:], strict=True):
                self._turn(kind, text, at)
            if target == "answered_closed":
                self._end(
                    "answered",
                    Verb.CLOSE,
                    self.owner,
                    times[-1] + timedelta(seconds=self.rng.randint(1, 900)),
                )
            elif target in _REASONS:
                self._end(target, Verb.CLOSE_WITHOUT_REPLY, self.owner, times[-1] + timedelta(minutes=5))

    def _distribute(self, at: datetime) -> None:
        receiver = self.place.receiver(self.rng)
        self._read(receiver, at - timedelta(seconds=self.rng.randint(20, 200)))
        before = self._snapshot()
        self.case["state"] = move(self.case["state"], Verb.DISTRIBUTE)
        groups = [
            g for g in GROUPS_OF.get(self.plan.story.type_key, ("Sjuksköterskor",)) if g in self.place.groups
        ]
        if groups and self.plan.owner is None and self.rng.random() < 0.5:
            self.case["group_id"], self.case["group_name"] = self.place.groups[groups[0]], groups[0]
        else:
            self.case["owner_id"], self.case["owner_name"] = self.owner.id, self.owner.name
        self._commit(Verb.DISTRIBUTE, receiver, at, before)

    def _take(self, at: datetime) -> None:
        self._read(self.owner, at - timedelta(seconds=self.rng.randint(20, 120)))
        before = self._snapshot()
        self.case["state"] = move(self.case["state"], Verb.TAKE)
        self.case["owner_id"], self.case["owner_name"] = self.owner.id, self.owner.name
        self.case["begun_at"], self.case["unread_by_staff"] = at, False
        self.case["staff_seen_seq"] = self.case["last_seq"]
        self._commit(Verb.TAKE, self.owner, at, before)

    def _turn(self, kind: str, text: str, at: datetime) -> None:
        words = self.teller.tell(text)
        if kind == NOTE:
            self._note(words, at)
        elif kind == RESIDENT:
            self._resident_writes(words, at)
        else:
            self._reply(kind, words, at)

    def _note(self, words: str, at: datetime) -> None:
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
        self._commit("note", self.owner, at, self._snapshot())

    def _resident_writes(self, words: str, at: datetime) -> None:
        self._read_by_resident(at - timedelta(minutes=3))
        before = self._snapshot()
        case = self.case
        case["state"] = move(case["state"], Verb.WRITE)
        if case["due_at"] is None:
            due = self._promise(at)
            case["due_at"] = case["promised_at"] = due
            case["amber_at"], case["waiting_since"] = self._amber(due), at
        case["unread_by_staff"] = True
        message = self._message(RESIDENT, words, at)
        self._commit(Verb.WRITE, self.plan.author, at, before, message)

    def _reply(self, kind: str, words: str, at: datetime) -> None:
        self._read(self.owner, at - timedelta(seconds=self.rng.randint(40, 300)))
        before = self._snapshot()
        case, verb = self.case, _VERBS[kind]
        case["state"] = move(case["state"], verb)
        case["first_reply_at"] = case["first_reply_at"] or at
        case["unread_by_staff"] = False
        promised = None
        if verb == Verb.REPLY:
            case["final_reply_at"], case["due_at"], case["amber_at"] = at, None, None
        elif verb == Verb.ASK:
            case["waiting_since"], case["due_at"], case["amber_at"] = at, None, None
        else:
            promised = working_days_after(at, 3, calendars.calendar(self.unit))
            case["due_at"] = case["promised_at"] = promised
            case["amber_at"] = self._amber(promised)
        body = wording.answer(
            self.rng, words, self.plan.author, self.owner, self.unit.name, kind=kind, english=self.english
        )
        message = self._message(SENDS[verb], body, at, promised=promised)
        case["staff_seen_seq"] = case["last_seq"]
        self._commit(verb, self.owner, at, before, message)

    def _end(self, how: str, verb: Verb, who: Member | Person, at: datetime) -> None:
        before = self._snapshot()
        case = self.case
        case["state"] = move(case["state"], verb)
        case["closed_at"], case["closed_how"], case["unread_by_staff"] = min(at, self.t.now), how, False
        case["due_at"] = case["amber_at"] = None
        self._commit(verb, who, case["closed_at"], before, reason=self.rng.choice(_REASONS.get(how, ("",))))

    def _finish(self) -> None:
        """Whether the latest was read and the closed case rated; staff need not be told of old delays."""
        case, rng = self.case, self.rng
        last = self.last_reply
        if last is not None and last["read_at"] is None:
            age = self.t.now - last["at"]
            likely = 0.35 if age < timedelta(hours=12) else 0.8 if age < timedelta(days=4) else 0.96
            if self.plan.read if self.plan.read is not None else rng.random() < likely:
                self._read_by_resident(last["at"] + min(age * 0.9, timedelta(hours=rng.expovariate(1 / 9))))
        if case["due_at"] is not None and case["due_at"] < self.t.now:
            case["late_told"] = True
        if case["closed_how"] == "answered" and case["resident_seen_at"] and rng.random() < 0.16:
            self._rate(case["resident_seen_at"] + timedelta(minutes=2))

    def _rate(self, at: datetime) -> None:
        score = self.rng.choices((5, 4, 3, 2, 1), (48, 30, 12, 6, 4))[0]
        praise = ("Snabbt och vänligt!", "Tack, jag fick precis den hjälp jag behövde.", "", "", "Bra svar.")
        blame = ("Det tog för lång tid.", "Jag fick inte svar på allt jag frågade.", "")
        self.t.rows.add(
            "cases_rating",
            id=self.t.ids.next("cases_rating"),
            case_id=self.case["id"],
            provider_id=self.place.provider_id,
            patient_id=self.plan.patient.id,
            score=score,
            comment=self.rng.choice(praise if score > 3 else blame),
            at=at,
        )

    # --- rows --------------------

    last_reply: Row | None = None

    def _message(
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
            self._inbox(row, kind)
        return row

    def _inbox(self, message: Row, kind: str) -> None:
        """The reader's inbox item; told already, so that no notice goes out for the past."""
        t, at = self.t, message["released_at"]
        message["_item"] = t.rows.add(
            "inbox_inboxitem",
            id=0,
            public_id=t.uuid(),
            key=f"message:{message['public_id']}",
            patient_id=self.plan.patient.id,
            person_id=self.plan.author.id,
            provider_id=self.place.provider_id,
            unit_id=self.unit.number,
            kind=str(kind),
            about=self.case["title"],
            link="cases/resident/case",
            object_id=self.case["public_id"],
            at=at,
            read_at=None,
            told_at=at + timedelta(seconds=5),
        )

    def _read_by_resident(self, at: datetime) -> None:
        """They have been shown everything so far."""
        message = self.last_reply
        if message is None:
            return
        at = max(at, message["released_at"])
        message["read_at"] = message["_item"]["read_at"] = at
        self.case["resident_seen_seq"], self.case["resident_seen_at"] = self.case["last_seq"], at
        self._log("read", self.plan.author, at)

    def _read(self, member: Member, at: datetime) -> None:
        """A staff member has opened the case."""
        for message in self.t.rows.tables["cases_message"][-self.case["last_seq"] :]:
            if message["author_kind"] == "resident" and message["read_at"] is None:
                message["read_at"] = max(at, message["at"])
        self._log("read", member, max(at, self.plan.arrived))

    def _snapshot(self) -> Row:
        return {name: self.case[name] for name in TRACKED}

    def _commit(
        self,
        verb: str,
        who: Member | Person,
        at: datetime,
        before: Row,
        message: Row | None = None,
        reason: str = "",
    ) -> None:
        case, after = self.case, self._snapshot()
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
        self._log(str(verb), who, at, differs)

    def _log(self, verb: str, who: Member | Person, at: datetime, details: list[str] | None = None) -> None:
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

    def _promise(self, since: datetime) -> datetime:
        days = self.form.days or self.unit.days or 2
        return working_days_after(since, days, calendars.calendar(self.unit))

    def _amber(self, due: datetime) -> datetime:
        return working_hours_before(due, AMBER_HOURS, calendars.calendar(self.unit))


def _json(columns: Row) -> str:
    return json.dumps(
        {k: v.isoformat() if isinstance(v, datetime) else v for k, v in columns.items()}, ensure_ascii=False
    )
