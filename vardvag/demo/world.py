"""The world drawn from one seed around a moment: the same seed and moment give the same world."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from vardvag.core.personal_number import SWEDEN
from vardvag.demo import calendars, cast, main_cases, region, staff, stories, units
from vardvag.demo.history import Photograph, Telling, no_camera
from vardvag.demo.people import Person, Population
from vardvag.demo.plans import Form, Ids, Pen, Place, Plan, Row, Rows
from vardvag.demo.staff import Member
from vardvag.demo.stories import Story
from vardvag.demo.units import UnitSpec

SEED = 20261120
SIZES = {"tests": (30, 0), "demo": (5000, 4200)}  # size -> (residents, cases besides the main ones)
EVERYWHERE = ("skicka-meddelande", "kontakta-mig", "synpunkter", "avboka-omboka", "avgifter")
MIX = {  # case type -> share
    "fornya-recept": 20, "fraga-sjukskoterskan": 16, "skicka-meddelande": 12, "kontakta-mig-boka": 10,
    "avboka-omboka": 8, "kontakta-mig": 8, "begar-intyg": 7, "kontakta-mig-omboka": 5, "bestall-tid": 5,
    "egen-remiss": 4, "fraga-remiss": 4, "fornya-hjalpmedel": 4, "synpunkter": 2,
}  # fmt: skip
# (share, state, from so many hours ago, to so many hours ago); 0, 0: within the last working days (TURN)
STATES = (
    (3.0, "new", 0, 0), (1.6, "distributed", 0, 0), (2.4, "begun", 0, 0), (1.7, "waiting", 20, 200),
    (1.0, "answered", 12, 160), (82, "answered_closed", 14, 4600), (3.0, "phone", 20, 4600),
    (1.5, "withdrawn", 2, 4600), (1.0, "duplicate", 20, 4600), (1.0, "wrong_unit", 20, 4600),
    (1.0, "other", 20, 4600),
)  # fmt: skip
TURN = ((0, 48), (1, 34), (2, 8), (3, 6), (4, 4))  # (working days ago it came, share) while it is our turn


@dataclass(slots=True)
class World:
    """Everything as rows; `people` and `members` for the stand-ins and for tests."""

    rows: Rows
    ids: Ids
    people: list[Person]
    members: list[Member]
    places: list[Place]


def unit_numbers(size: str) -> tuple[int, ...]:
    return units.SMALL if size == "tests" else tuple(u.number for u in units.UNITS)


def foundation(size: str, now: datetime, seed: int = SEED) -> World:
    """Organisation, staff and residents; no cases yet."""
    rng = Random(seed)  # noqa: S311 - invented people, not secrets
    rows, ids, numbers = Rows(), Ids(), unit_numbers(size)
    today = now.astimezone(SWEDEN).date()
    population = Population(rng, today, numbers)
    population.add_cast()
    population.fill(SIZES[size][0])
    members = staff.hire(rng, numbers, small=size == "tests")
    places = region.lay(rows, ids, numbers, members, now)
    region.residents(rows, ids, population.people, rng, now)
    return World(rows, ids, population.people, members, places)


def tell_cases(
    world: World,
    size: str,
    forms: dict[str, Form],
    now: datetime,
    photograph: Photograph = no_camera,
    seed: int = SEED,
) -> dict[UUID, Row]:
    """The cases, in order of arrival, with all that belongs to them; the messages of pictures taken."""
    rng = Random(seed + 1)  # noqa: S311
    planning = _Planning(world, rng, now)
    plans = [*planning.main_cases(), *planning.others(SIZES[size][1])]
    telling = Telling(Pen(rng, world.ids, world.rows, now), forms, photograph)
    cases = [telling.tell(plan) for plan in sorted(plans, key=lambda plan: plan.arrived)]
    region.relations(world.rows, world.ids, cases)
    _begun_form(world, forms["fraga-remiss"], now)
    tables = world.rows.tables
    for table in ("audit_entry", "inbox_inboxitem"):
        tables[table].sort(key=lambda row: row["at"])
    for item in tables["inbox_inboxitem"]:
        item["id"] = world.ids.next("inbox_inboxitem")
    for message in tables["cases_message"]:
        message.pop("_item", None)
    return telling.pictured


def _begun_form(world: World, form: Form, now: datetime) -> None:
    """Johan has begun a form and not sent it: it waits for him on his start page."""
    johan = next(p for p in world.people if p.number == cast.JOHAN.number)
    world.rows.add(
        "questionnaires_draft",
        id=world.ids.next("questionnaires_draft"),
        public_id=uuid5(NAMESPACE_URL, "vardvag:draft:johan"),
        author_id=johan.id,
        patient_id=johan.id,
        unit_id=1,
        subject_kind="case_type",
        subject_id=form.case_type_id,
        subject_version_id=form.version_id,
        version_id=form.questionnaire_version_id,
        language="sv",
        answers=json.dumps({"vad": "Har remissen till ortopeden kommit fram?"}, ensure_ascii=False),
        marks="{}",
        kept="{}",
        page="",
        revision=1,
        device="telefon",
        started_at=now - timedelta(hours=3),
        saved_at=now - timedelta(hours=3),
        sent_at=None,
        discarded_at=None,
    )


def offered(spec: UnitSpec) -> list[str]:
    """Case types a unit offers: those that somebody there would be asked about, and what everybody offers."""
    found = {s.type_key for s in stories.all_stories() if s.fits_unit(spec)}
    if "fraga-sjukskoterskan" in found:
        found.add("sok-vard")  # where nurses give advice they also assess
    return sorted(found | set(EVERYWHERE))


class _Planning:
    def __init__(self, world: World, rng: Random, now: datetime) -> None:
        self.world, self.rng, self.now = world, rng, now
        self.today: date = now.astimezone(SWEDEN).date()
        self.by_number = {p.number: p for p in world.people}
        self._places = {place.spec.number: place for place in world.places}
        self._decks: dict[tuple[int, str, bool], Iterator[Story]] = {}
        self._pools: dict[int, list[Person]] = {}

    # --- the main cases --------------------

    def main_cases(self) -> Iterator[Plan]:
        for main in main_cases.CASES:
            patient, author = self._find(main.patient), self._find(main.author or main.patient)
            story = next(
                s for s in stories.all_stories() if s.type_key == main.type_key and s.name == main.story
            )
            owner = main.owner.hsa_id if main.owner else ""
            yield Plan(
                story, self._places[main.unit], patient, author, main.state,
                calendars.awake(self.rng, self.now - timedelta(hours=main.hours_ago)),
                name=main.name, read=main.read, picture=main.picture,
                owner=next((m for m in self.world.members if m.hsa_id == owner), None),
            )  # fmt: skip

    def _find(self, who: cast.Resident) -> Person:
        return self.by_number[who.number]

    # --- everybody else's --------------------

    def others(self, number: int) -> Iterator[Plan]:
        places = [p for p in self.world.places if not p.spec.mother]
        weights = [p.spec.weight for p in places]
        while number > 0:
            plan = self._plan(self.rng.choices(places, weights)[0])
            if plan is not None:
                number -= 1
                yield plan

    def _plan(self, place: Place) -> Plan | None:
        rng = self.rng
        _, state, nearest, farthest = rng.choices(STATES, [share for share, *_ in STATES])[0]
        if farthest:
            skew = rng.random() ** (1.7 if farthest > 1000 else 1.0)
            arrived = calendars.awake(rng, self.now - timedelta(hours=nearest + skew * (farthest - nearest)))
        else:
            days = rng.choices([n for n, _ in TURN], [share for _, share in TURN])[0]
            arrived = calendars.working_days_ago(rng, place.spec, self.now, days)
        english = rng.random() < 0.025
        kind = rng.choices(tuple(MIX), tuple(MIX.values()))[0]
        story = self._story(place.spec, kind, english=english, asks=state == "waiting")
        found = self._patient(place.spec, story) if story else None
        if story is None or found is None:
            return None
        slow = state == "answered_closed" and rng.random() < 0.09
        return Plan(story, place, *found, state, arrived, slow=slow, picture=story.picture)

    def _story(self, spec: UnitSpec, kind: str, *, english: bool, asks: bool) -> Story | None:
        """The next of a shuffled deck, so that a unit sees a story again only after all the others."""
        key = (spec.number, kind, english)
        if key not in self._decks:
            deck = [
                s for s in stories.all_stories()
                if s.type_key == kind and s.fits_unit(spec) and (s.language == "en") == english
            ]  # fmt: skip
            self.rng.shuffle(deck)
            self._decks[key] = cycle(deck)
        return next(
            (s for s in (next(self._decks[key], None) for _ in range(30)) if s and (s.asks or not asks)), None
        )

    def _patient(self, spec: UnitSpec, story: Story) -> tuple[Person, Person] | None:
        """Somebody whom the story fits, and who wrote it."""
        pool = self._pool(spec)
        for _ in range(60 if pool else 0):
            patient = self.rng.choice(pool)
            age = patient.age(self.today)
            if patient.language != story.language and (story.language == "en" or self.rng.random() < 0.8):
                continue
            if not story.fits_person(age=age, woman=patient.woman):
                continue
            if age >= 13:
                return patient, patient
            writers = [g for g in patient.guardians if g.may_write_for(patient, self.today)]
            if writers:
                return patient, self.rng.choice(writers)
        return None

    def _pool(self, spec: UnitSpec) -> list[Person]:
        """Who would turn to the unit: those listed there, else those in its area of the right age."""
        if spec.number not in self._pools:
            low, high = spec.ages
            alive = [
                p for p in self.world.people
                if p.deceased_on is None and p.number not in _QUIET and low <= p.age(self.today) <= high
                and (p.woman or not spec.women_only)
            ]  # fmt: skip
            if spec.listing:
                alive = [p for p in alive if p.unit == spec.number]
            elif spec.provider.kind == "municipality":
                alive = [p for p in alive if p.municipality == spec.municipality]
            self._pools[spec.number] = alive
        return self._pools[spec.number]


_QUIET = {cast.EBBA.number}  # has never sent anything
