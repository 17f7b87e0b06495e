"""The residents: households of all kinds with addresses, custody and the clinic they are listed at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from vardvag.core import personal_number
from vardvag.demo import cast, names, places, units

KINDS = {"family": 19, "parent": 5, "apart": 5, "couple": 20, "single": 30, "old": 12, "pair": 9}
AGES = {"family": (25, 47), "parent": (22, 50), "apart": (26, 49), "old": (72, 101), "pair": (68, 93)}
FEATURES = {"protected": 250, "coordination": 140, "deceased": 110}  # one of so many adults


@dataclass(slots=True)
class Person:
    """A row of identity_person to be; `id` is its primary key. `unit`: number of the listed unit, 0 none."""

    id: int
    number: str
    given_name: str
    surname: str
    born: date
    woman: bool
    unit: int = 0
    language: str = "sv"
    protected: bool = False
    coordination: bool = False
    deceased_on: date | None = None
    street: str = ""
    postal_code: str = ""
    city: str = ""
    municipality: str = ""
    mobile: str = ""  # E.164
    note: str = ""
    guardians: list["Person"] = field(default_factory=list)
    children: list["Person"] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"

    def age(self, on: date) -> int:
        return personal_number.age(self.born, on)

    def protect(self) -> None:
        """The register gives no address of a protected person."""
        self.protected = True
        self.street = self.postal_code = self.city = self.municipality = ""

    def may_write_for(self, child: "Person", on: date) -> bool:
        """REP-1 and REP-4: a living guardian of a child under 13, neither of them protected."""
        return child.age(on) < 13 and not child.protected and not self.protected and self.deceased_on is None


class Population:
    """Makes residents one household at a time; every number and id is used once."""

    def __init__(self, rng: Random, today: date, unit_numbers: tuple[int, ...]) -> None:
        self.rng, self.today = rng, today
        self.people: list[Person] = []
        self._numbers: set[str] = set()
        self._clinics = [units.BY_NUMBER[n] for n in unit_numbers if units.BY_NUMBER[n].listing]

    def add_cast(self) -> None:
        """The main characters first, so that they have the same ids in every world."""
        made: dict[str, Person] = {}
        homes: dict[str, tuple[str, str, str, str]] = {}
        for who in cast.residents(self.today):
            home = homes.setdefault(who.surname, self._home(places.named("Solberga")))
            person = self._person(
                who.given_name, who.surname, who.born, who.woman, home, coordination=who.coordination
            )
            person.unit, person.language, person.note = who.unit, who.language, who.note
            person.mobile = who.mobile or person.mobile
            if who.deceased_days_ago:
                person.deceased_on = self.today - timedelta(days=who.deceased_days_ago)
            if who.protected:
                person.protect()
            for guardian in who.guardians:
                self._custody(made[guardian.number], person)
            made[who.number] = person

    def fill(self, size: int) -> None:
        """Households until `size` residents are there (the last one may end early)."""
        while len(self.people) < size:
            for _ in self._household():
                pass
        for extra in self.people[size:]:
            for relative in (*extra.guardians, *extra.children):
                relative.guardians = [g for g in relative.guardians if g is not extra]
                relative.children = [c for c in relative.children if c is not extra]
        del self.people[size:]

    def _household(self) -> Iterator[Person]:
        rng = self.rng
        origin = names.background(rng)
        surname = names.surname(rng, origin)
        home = self._home(places.municipality(rng))
        unit = self._clinic(home[3])
        kind = rng.choices(
            ("family", "parent", "apart", "couple", "single", "old", "pair"), (30, 7, 7, 14, 22, 12, 8)
        )[0]
        low, high = AGES.get(kind, (18, 71))
        adults = []
        age = rng.randint(low, high)
        for n in range(2 if kind in ("family", "apart", "couple", "pair") else 1):
            woman = (n == 0) != (rng.random() < 0.04) if kind != "single" else rng.random() < 0.48
            other = kind == "apart" and n == 1
            adult = self._adult(
                origin,
                surname if rng.random() < 0.8 and not other else names.surname(rng, origin),
                max(19, age + rng.randint(-3, 4) * n),
                woman,
                self._home(places.municipality(rng)) if other else home,
            )
            adult.unit = self._clinic(adult.municipality) if other else unit
            adults.append(adult)
            yield adult
        if kind in ("family", "parent", "apart"):
            yield from self._children(adults, origin, home, unit, min(a.age(self.today) for a in adults))

    def _children(
        self,
        adults: list[Person],
        origin: names.Background,
        home: tuple[str, str, str, str],
        unit: int,
        parent_age: int,
    ) -> Iterator[Person]:
        rng = self.rng
        oldest = min(17, max(0, parent_age - 20))
        for _ in range(rng.choices((1, 2, 3, 4), (34, 45, 16, 5))[0]):
            born = self._birth(rng.randint(0, oldest))
            if rng.random() < 0.02:  # somebody who turns thirteen within the month
                day = self.today + timedelta(days=rng.randint(1, 30))
                born = date(day.year - 13, day.month, min(day.day, 28))
            woman = rng.random() < 0.49
            given = names.given_name(rng, origin, woman=woman, born=born.year)
            child = self._person(given, adults[0].surname, born, woman, home)
            child.language = adults[0].language
            child.unit, child.mobile = unit, child.mobile if child.age(self.today) >= 13 else ""
            if any(a.protected for a in adults) and rng.random() < 0.5:
                child.protect()
            for adult in adults:
                if adult.deceased_on is None:
                    self._custody(adult, child)
            if not child.guardians:
                adults[0].deceased_on = None
                self._custody(adults[0], child)
            yield child

    def _adult(
        self, origin: names.Background, surname: str, age: int, woman: bool, home: tuple[str, str, str, str]
    ) -> Person:
        rng = self.rng
        born = self._birth(age)
        coordination = rng.randrange(FEATURES["coordination"]) == 0
        given = names.given_name(rng, origin, woman=woman, born=born.year)
        person = self._person(given, surname, born, woman, home, coordination=coordination)
        if origin.english and rng.random() < 0.8 or origin is not names.SWEDISH and rng.random() < 0.12:
            person.language = "en"
        if rng.randrange(FEATURES["protected"]) == 0:
            person.protect()
        elif rng.randrange(FEATURES["deceased"] // (4 if age > 75 else 1)) == 0:
            person.deceased_on = self.today - timedelta(days=rng.randint(3, 300))
        return person

    def _birth(self, age: int) -> date:
        """A day in the year before the last birthday of somebody `age` years old; leap days now and then."""
        last = self.today.replace(year=self.today.year - age, day=min(self.today.day, 28))
        day = last - timedelta(days=self.rng.randrange(365))
        if (
            self.rng.random() < 0.004
            and day.year % 4 == 0
            and day.year != 1900
            and last > date(day.year, 2, 29)
        ):
            return date(day.year, 2, 29)
        return day

    def _person(
        self,
        given: str,
        surname: str,
        born: date,
        woman: bool,
        home: tuple[str, str, str, str],
        *,
        coordination: bool = False,
    ) -> Person:
        serial = cast.WOMAN if woman else cast.MAN
        number = personal_number.generate(born, serial, coordination)
        while number in self._numbers:  # two numbers a day and year: step back to a free day
            born -= timedelta(days=1)
            number = personal_number.generate(born, serial, coordination)
        self._numbers.add(number)
        street, postal_code, city, municipality = home
        person = Person(
            id=len(self.people) + 1,
            number=number,
            given_name=given,
            surname=surname,
            born=born,
            woman=woman,
            coordination=coordination,
            street=street,
            postal_code=postal_code,
            city=city,
            municipality=municipality,
            mobile=places.mobile(self.rng),
        )
        self.people.append(person)
        return person

    def _home(self, of: places.Municipality) -> tuple[str, str, str, str]:
        town = self.rng.choices(of.towns, [4, *[1] * (len(of.towns) - 1)])[0]
        return places.street(self.rng), places.postal_code(self.rng, of), town, of.name

    def _clinic(self, municipality: str) -> int:
        near = [u for u in self._clinics if u.municipality == municipality]
        if not near or self.rng.random() < 0.06:
            near = self._clinics
        return self.rng.choices(near, [u.weight for u in near])[0].number

    @staticmethod
    def _custody(guardian: Person, child: Person) -> None:
        child.guardians.append(guardian)
        guardian.children.append(child)
