"""The staff: who works at each unit, with which title, roles and groups."""

import tomllib
from dataclasses import dataclass, field
from random import Random

from vardvag.core.actor import Role
from vardvag.demo import cast, names, places
from vardvag.demo.units import BY_NUMBER, UnitSpec

RECEIVERS = "Ärendemottagare"
GROUPS = {  # group -> words of the titles that belong to it
    "Sjuksköterskor": ("sköterska", "barnmorska"),
    "Läkare": ("läkare",),
    "Medicinska sekreterare": ("sekreterare",),
    "Rehab": ("fysioterapeut", "arbetsterapeut", "ortoptist", "audionom"),
    "Behandlare": ("psykolog", "kurator", "dietist"),
    "Hjälpmedel": ("konsulent", "tekniker"),
}
TITLES: dict[str, str] = tomllib.loads((names.DATA / "titles.toml").read_text(encoding="utf-8"))


@dataclass(slots=True)
class Post:
    """One assignment; `groups` by name."""

    unit: int
    roles: tuple[Role, ...]
    groups: tuple[str, ...]


@dataclass(slots=True)
class Member:
    """A row of identity_staff to be."""

    id: int
    hsa_id: str
    given_name: str
    surname: str
    title: str
    note: str = ""
    protected: bool = False
    ended: bool = False
    paused: bool = False
    posts: list[Post] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"

    @property
    def email(self) -> str:
        local = f"{self.given_name}.{self.surname}".lower().translate(str.maketrans("åäöéüč' ", "aaoeuc--"))
        return f"{local.encode('ascii', 'ignore').decode()}@solberga.example"

    @property
    def active(self) -> bool:
        return not self.ended and not self.paused

    def at(self, unit: int) -> Post | None:
        return next((p for p in self.posts if p.unit == unit), None)


def groups(title: str, roles: tuple[Role, ...]) -> tuple[str, ...]:
    """A receiver belongs to the receivers' group, everybody who handles cases to that of their profession."""
    found = [RECEIVERS] if Role.RECEIVER in roles else []
    low = title.lower()
    if Role.HANDLER in roles:
        found += [name for name, words in GROUPS.items() if any(w in low for w in words)]
    return tuple(found)


def roles(title: str, *, receiver: bool, manager_runs_permissions: bool = True) -> tuple[Role, ...]:
    low = title.lower()
    if "chef" in low:
        more = (Role.PERMISSION_ADMIN, Role.LOCAL_ADMIN) if manager_runs_permissions else ()
        return (Role.UNIT_MANAGER, Role.CONFIG_ADMIN, *more)
    care: tuple[Role, ...] = ()
    if any(w in low for w in GROUPS["Sjuksköterskor"]):
        care = (Role.NURSE,)
    elif "läkare" in low:
        care = (Role.PHYSICIAN,)
    elif "fysioterapeut" in low:
        care = (Role.PHYSIOTHERAPIST,)
    elif "sekreterare" in low:
        care = (Role.SECRETARY,)
    return ((Role.RECEIVER,) if receiver else ()) + (Role.HANDLER, *care)


def hire(rng: Random, unit_numbers: tuple[int, ...], *, small: bool) -> list[Member]:
    """The main characters, then (unless `small`) each unit's staff up to its size."""
    staff: list[Member] = []
    taken: set[str] = set()
    for who in cast.STAFF:
        member = Member(
            len(staff) + 1, who.hsa_id, who.given_name, who.surname, who.title, who.note, who.protected
        )
        member.ended, member.paused = who.ended, who.paused
        member.posts = [Post(n, r, groups(who.title, r)) for n, r in who.assignments if n in unit_numbers]
        taken.add(who.hsa_id)
        staff.append(member)
    if small:
        return staff
    for number in unit_numbers:
        unit = BY_NUMBER[number]
        here = sum(m.at(number) is not None for m in staff)
        titles = [t.replace("_", " ") for t in TITLES[unit.kind].split()]
        receivers = sum(Role.RECEIVER in p.roles for m in staff for p in m.posts if p.unit == number)
        for place in range(here, unit.size):
            title = titles[place % len(titles)]
            member = _new(rng, unit, title, len(staff) + 1, taken)
            receiver = receivers < 2 and "chef" not in title.lower() and "läkare" not in title.lower()
            receivers += receiver
            own = roles(title, receiver=receiver)
            member.posts.append(Post(number, own, groups(title, own)))
            if unit.mother == 0 and place in (2, 5) and rng.random() < 0.25:
                _second_post(rng, member, unit, unit_numbers)
            staff.append(member)
    return staff


def _second_post(rng: Random, member: Member, unit: UnitSpec, unit_numbers: tuple[int, ...]) -> None:
    others = [n for n in unit_numbers if BY_NUMBER[n].provider == unit.provider and n != unit.number]
    if others:
        own = tuple(r for r in member.posts[0].roles if r is not Role.RECEIVER)
        member.posts.append(Post(rng.choice(others), own, groups(member.title, own)))


def _new(rng: Random, unit: UnitSpec, title: str, number: int, taken: set[str]) -> Member:
    origin = names.background(rng, 0.24)
    woman = rng.random() < (0.85 if "sköterska" in title.lower() or "sekreterare" in title.lower() else 0.6)
    given = names.given_name(rng, origin, woman=woman, born=rng.randint(1962, 1998))
    surname = names.surname(rng, origin)
    letters = "ABCDEFGHJKLMNPRSTUVXYZ"
    code = ""
    while not code or code in taken:
        code = f"{unit.provider.prefix}-{rng.choice(letters)}{rng.choice(letters)}{rng.randint(20, 99)}"
    taken.add(code)
    note = f"{title}, {unit.name}"
    return Member(number, code, given, surname, title, note, protected=rng.random() < 0.006)


def mobile(rng: Random, member: Member) -> str:
    """Some staff take their notices by SMS."""
    return places.mobile(rng) if rng.random() < 0.3 and not member.protected else ""
