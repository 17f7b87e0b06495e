"""One case from its sending to where it is now, as the rows its actions would have written.

The actions themselves are not run: they belong to requests of today. What they decide is asked of the same
rules (deadlines, moves between states), so the world here cannot disagree with the product.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from vardvag.cases.rules import SENDS, Verb, move
from vardvag.core.personal_number import SWEDEN
from vardvag.demo import answers, calendars, wording
from vardvag.demo.people import Person
from vardvag.demo.plans import GROUPS_OF, Form, Pen, Plan, Row
from vardvag.demo.sheet import Sheet
from vardvag.demo.staff import Member
from vardvag.demo.stories import NOTE, PARTIAL, QUESTION, REPLY, RESIDENT, Teller
from vardvag.organisation.rules import working_days_after
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

    def __init__(self, pen: Pen, forms: dict[str, Form], photograph: Photograph = no_camera) -> None:
        self.pen, self.forms, self.photograph = pen, forms, photograph
        self.pictured: dict[UUID, Row] = {}  # public id of a file -> the message it belongs to

    def tell(self, plan: Plan) -> Row:
        """The case's row; everything else is in `rows`."""
        return _Told(self, plan).sheet.case


class _Told:
    def __init__(self, telling: Telling, plan: Plan) -> None:
        self.t, self.plan, self.rng, self.now = telling, plan, telling.pen.rng, telling.pen.now
        self.unit, self.place = plan.place.spec, plan.place
        self.english = plan.story.language == "en"
        self.owner = plan.owner or self.place.handlers(plan.story.type_key, self.rng)
        doctor = self.place.titled("läkare", self.rng, besides=self.owner) or self.owner
        nurse = self.place.titled("sköterska", self.rng, besides=self.owner) or self.owner
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
        self.sheet = Sheet(telling.pen, plan, telling.forms[plan.story.type_key], self.owner)
        self._open()
        self._steps(self._times())
        self._finish()

    # --- sending --------------------

    def _open(self) -> None:
        t, plan = self.t, self.plan
        words = wording.letter(
            self.rng, self.teller.tell(plan.story.turns[0][1]), plan.author, english=self.english, first=True
        )
        facts = {key: self.teller.tell(value) for key, value in plan.story.facts.items()}
        given = answers.filled(
            self.rng, plan.story.type_key, words, facts, today=plan.arrived.astimezone(SWEDEN).date(),
            phone=wording.phone(plan.author.mobile),
        )  # fmt: skip
        photo = t.photograph(plan, facts.get("läkemedel", "")) if plan.picture else None
        if photo:
            files = next(q for q in self.sheet.form.definition.questions() if q.kind is Kind.FILE)
            given[files.link_id] = [str(photo)]
        key = uuid5(NAMESPACE_URL, f"vardvag:case:{plan.name}") if plan.name else t.pen.uuid()
        message = self.sheet.open(given, key)
        if photo:
            t.pictured[photo] = message

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
        latest = self.now - timedelta(minutes=rng.randint(3, 15))
        if times[-1] > latest:  # squeeze what would lie in the future into the time there is
            scale = max((latest - at) / (times[-1] - at), 0.001)
            times = [at + (time - at) * scale for time in times]
        return times

    def _steps(self, times: list[datetime]) -> None:
        target = self.plan.target
        if target == "withdrawn":
            at = min(self.plan.arrived + timedelta(minutes=self.rng.randint(10, 240)), self.now)
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
        self.sheet.read(receiver, at - timedelta(seconds=self.rng.randint(20, 200)))
        before = self.sheet.snapshot()
        self.sheet.case["state"] = move(self.sheet.case["state"], Verb.DISTRIBUTE)
        groups = [
            g for g in GROUPS_OF.get(self.plan.story.type_key, ("Sjuksköterskor",)) if g in self.place.groups
        ]
        if groups and self.plan.owner is None and self.rng.random() < 0.5:
            self.sheet.case["group_id"], self.sheet.case["group_name"] = (
                self.place.groups[groups[0]],
                groups[0],
            )
        else:
            self.sheet.case["owner_id"], self.sheet.case["owner_name"] = self.owner.id, self.owner.name
        self.sheet.commit(Verb.DISTRIBUTE, receiver, at, before)
        self._assess(receiver, at)

    def _take(self, at: datetime) -> None:
        self.sheet.read(self.owner, at - timedelta(seconds=self.rng.randint(20, 120)))
        before = self.sheet.snapshot()
        self.sheet.case["state"] = move(self.sheet.case["state"], Verb.TAKE)
        self.sheet.case["owner_id"], self.sheet.case["owner_name"] = self.owner.id, self.owner.name
        self.sheet.case["begun_at"], self.sheet.case["unread_by_staff"] = at, False
        self.sheet.case["staff_seen_seq"] = self.sheet.case["last_seq"]
        self.sheet.commit(Verb.TAKE, self.owner, at, before)
        self._assess(self.owner, at)

    def _assess(self, member: Member, at: datetime) -> None:
        """Questions about health are given an urgency now and then."""
        if (
            self.plan.story.type_key == "fraga-sjukskoterskan"
            and not self.plan.name
            and self.rng.random() < 0.3
        ):
            before = self.sheet.snapshot()
            self.sheet.case["urgency"] = self.rng.choice((2, 3, 3, 4, 4, 5))
            reason = "Bedömt vid första läsningen."
            self.sheet.commit("urgency", member, at + timedelta(seconds=20), before, reason=reason)

    def _turn(self, kind: str, text: str, at: datetime) -> None:
        words = self.teller.tell(text)
        if kind == NOTE:
            self.sheet.note(words, at)
        elif kind == RESIDENT:
            self._resident_writes(words, at)
        else:
            self._reply(kind, words, at)

    def _resident_writes(self, words: str, at: datetime) -> None:
        self.sheet.read_by_resident(at - timedelta(minutes=3))
        before = self.sheet.snapshot()
        case = self.sheet.case
        case["state"] = move(case["state"], Verb.WRITE)
        if case["due_at"] is None:
            due = self.sheet.promise(at)
            case["due_at"] = case["promised_at"] = due
            case["amber_at"], case["waiting_since"] = self.sheet.amber(due), at
        case["unread_by_staff"] = True
        message = self.sheet.message(RESIDENT, words, at)
        self.sheet.commit(Verb.WRITE, self.plan.author, at, before, message)

    def _reply(self, kind: str, words: str, at: datetime) -> None:
        self.sheet.read(self.owner, at - timedelta(seconds=self.rng.randint(40, 300)))
        before = self.sheet.snapshot()
        case, verb = self.sheet.case, _VERBS[kind]
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
            case["amber_at"] = self.sheet.amber(promised)
        body = wording.answer(
            self.rng, words, self.plan.author, self.owner, self.unit.name, kind=kind, english=self.english
        )
        message = self.sheet.message(SENDS[verb], body, at, promised=promised)
        case["staff_seen_seq"] = case["last_seq"]
        self.sheet.commit(verb, self.owner, at, before, message)

    def _end(self, how: str, verb: Verb, who: Member | Person, at: datetime) -> None:
        before = self.sheet.snapshot()
        case = self.sheet.case
        case["state"] = move(case["state"], verb)
        case["closed_at"], case["closed_how"], case["unread_by_staff"] = min(at, self.now), how, False
        case["due_at"] = case["amber_at"] = None
        self.sheet.commit(
            verb, who, case["closed_at"], before, reason=self.rng.choice(_REASONS.get(how, ("",)))
        )

    def _finish(self) -> None:
        """Whether the latest was read and the closed case rated; staff need not be told of old delays."""
        case, rng = self.sheet.case, self.rng
        last = self.sheet.last_reply
        if last is not None and last["read_at"] is None:
            age = self.now - last["at"]
            likely = 0.35 if age < timedelta(hours=12) else 0.8 if age < timedelta(days=4) else 0.96
            if self.plan.read if self.plan.read is not None else rng.random() < likely:
                self.sheet.read_by_resident(
                    last["at"] + min(age * 0.9, timedelta(hours=rng.expovariate(1 / 9)))
                )
        if case["state"] == "begun" and last is None and rng.random() < 0.12:
            words = next((text for kind, text in self.plan.story.turns if kind in (QUESTION, REPLY)), "")
            start = self.teller.tell(words).split(". ")[0]
            self.sheet.staff_draft(f"Hej {self.plan.author.given_name}!\n\n{start}")
        if case["due_at"] is not None and case["due_at"] < self.now:
            case["late_told"] = True
        if case["closed_how"] == "answered" and case["resident_seen_at"] and rng.random() < 0.16:
            self.sheet.rate(case["resident_seen_at"] + timedelta(minutes=2))
