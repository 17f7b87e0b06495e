"""The believable texts: stories read from data/stories, told with words that fit the people in them.

A story is one conversation of one case type. `[a|b]` is a choice, `{word}` a slot, settled once per case.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random

from vardvag.demo.names import DATA
from vardvag.demo.units import UnitSpec

STORIES = DATA / "stories"
INTAKE, RESIDENT, QUESTION, PARTIAL, REPLY, NOTE = "intake", "message", "question", "partial", "reply", "note"
_SIGNS = {">": RESIDENT, "?": QUESTION, "~": PARTIAL, "=": REPLY, "#": NOTE}
_PLACES = {  # word of "hos:" -> kinds of care, or numbers of units
    "vc": ("Hälsocentral", "Vårdcentral", "Jourmottagning"),
    "special": ("Specialistmottagning",),
    "rehab": ("Rehabmottagning", "Kommunal rehabilitering"),
    "kommun": ("Kommunal hemsjukvård", "Kommunal rehabilitering", "Särskilt boende"),
    "hjälp": ("Hjälpmedelsverksamhet",),
    "bvc": ("Barnavårdscentral",),
    "bmm": ("Barnmorskemottagning",),
    "umo": ("Ungdomsmottagning",),
    "vacc": ("Vaccinationsmottagning",),
    "psyk": ("Psykiatri",),
    "skola": ("Elevhälsa",),
    "ort": (31,), "hud": (32,), "med": (33,), "hjärta": (34,),
    "ögon": (35,), "önh": (36,), "kvinno": (37,), "barn": (38,),
}  # fmt: skip
EVERYWHERE = ("synpunkter", "avboka-omboka", "kontakta-mig-omboka")  # types whose stories fit any unit
_CHOICE = re.compile(r"\[([^][]*\|[^][]*)\]")
_NEW_SENTENCE = re.compile(r"(?:^|[.!?]\s)d(?=oktor )")  # "doktor Ek" begins one
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Story:
    """`facts`: lines "@key value". `turns`: (INTAKE, RESIDENT, ..., text)."""

    type_key: str
    name: str
    language: str
    youngest: int
    oldest: int
    sex: str  # "kvinna" | "man" | ""
    places: tuple[str, ...]
    picture: str
    facts: Mapping[str, str] = field(hash=False)
    turns: tuple[tuple[str, str], ...] = ()

    @property
    def about_child(self) -> bool:
        """Written by a guardian."""
        return any("{barn}" in text for _, text in self.turns)

    @property
    def asks(self) -> bool:
        return any(kind == QUESTION for kind, _ in self.turns)

    def fits_unit(self, unit: UnitSpec) -> bool:
        if not self.places:
            return self.type_key in EVERYWHERE or unit.kind in _PLACES["vc"]
        found = [entry for place in self.places for entry in _PLACES[place]]
        return unit.kind in found or unit.number in found

    def fits_person(self, *, age: int, woman: bool) -> bool:
        oldest = min(self.oldest, 12) if self.about_child else self.oldest
        youngest = self.youngest if self.about_child else max(self.youngest, 13)
        return youngest <= age <= oldest and (not self.sex or (self.sex == "kvinna") == woman)


@cache
def all_stories() -> tuple[Story, ...]:
    found = []
    for path in sorted(STORIES.glob("*.txt")):
        for block in re.split(r"(?m)^\* ", path.read_text(encoding="utf-8"))[1:]:
            found.append(_story(path.stem, block))
    return tuple(found)


@cache
def words() -> dict[str, list[str]]:
    """Slots that are drawn from a list (slots.toml)."""
    return tomllib.loads((STORIES / "slots.toml").read_text(encoding="utf-8"))


def _story(stem: str, block: str) -> Story:
    name, *lines = block.strip().split("\n")
    heads: dict[str, str] = {}
    facts: dict[str, str] = {}
    turns: list[tuple[str, str]] = []
    for line in lines:
        if line[:2] in (f"{sign} " for sign in _SIGNS):
            kind = _SIGNS[line[0]]
            turns.append((INTAKE if not turns else kind, line[2:].strip()))
        elif line.startswith("@"):
            key, _, value = line[1:].partition(" ")
            facts[key] = value.strip()
        elif line.strip():
            key, sep, value = line.partition(":")
            if not sep or key not in ("vem", "hos", "bild", "typ"):
                raise ValueError(f"{stem}, {name}: a line that says nothing: {line}")
            heads[key] = value.strip()
    *sex, ages = heads.get("vem", "18-90").split()
    youngest, oldest = ages.split("-")
    return Story(
        type_key=heads.get("typ", stem),
        name=name,
        language="en" if stem == "english" else "sv",
        youngest=int(youngest),
        oldest=int(oldest),
        sex=sex[0] if sex else "",
        places=tuple(heads.get("hos", "").split()),
        picture=heads.get("bild", ""),
        facts=facts,
        turns=tuple(turns),
    )


class Teller:
    """Settles one case's choices and slots; the same slot says the same all through the case."""

    def __init__(self, rng: Random, slots: Mapping[str, str]) -> None:
        self.rng = rng
        self.slots = dict(slots)

    def tell(self, text: str) -> str:
        while (chosen := _CHOICE.search(text)) is not None:
            text = text[: chosen.start()] + self.rng.choice(chosen[1].split("|")) + text[chosen.end() :]
        told = _SLOT.sub(lambda found: self._slot(found[1]), text)
        return _NEW_SENTENCE.sub(lambda found: found[0][:-1] + "D", told)

    def _slot(self, name: str) -> str:
        if name not in self.slots:
            if name.lower() in self.slots:
                value = self._slot(name.lower())
                return value[:1].upper() + value[1:]
            self.slots[name] = self.rng.choice(words()[name])
        value = self.slots[name]
        return self.tell(value) if "{" in value else value
