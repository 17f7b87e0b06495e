"""What the content says, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from vardvag.services.triage.engine.conditions import Condition
from vardvag.services.triage.engine.text import Lines, Text

SCREENING = "screening"
GENERAL = "allmant"
INFANTS = "spadbarn"  # under one year: referred to a call, whatever the reason
YOUNGEST = 1.0  # years
ERRANDS = "Administration"  # the group of reasons that are no trouble by themselves
BESIDE = 2  # the least urgent rules that count of a reason that was not chosen


def file_of(id: str) -> str:
    """Of a protocol, in the folder of the content."""
    own = {SCREENING: "screening.yaml", GENERAL: "general.yaml", INFANTS: "infants.yaml"}
    return own.get(id, f"protocols/{id}.yaml")


CARE_OF: Mapping[int, tuple[str, ...]] = {  # the care each urgency can have; the first is the usual
    1: ("emergency", "ambulance"),
    2: ("hours",),
    3: ("day",),
    4: ("book", "admin"),
    5: ("selfcare",),
}
CARES = ("ambulance", "emergency", "hours", "day", "book", "admin", "selfcare")  # most urgent first
REFERS = (
    "tandvard", "forlossning", "gynakut", "psykakut", "giftinformation", "1177", "apotek",
    "ungdomsmottagning", "polis", "ogonakut", "bvc",
)  # fmt: skip


class Kind(StrEnum):
    YESNO = "yesno"
    CHOICE = "choice"
    MULTI = "multi"
    NUMBER = "number"
    TEMP = "temp"
    DURATION = "duration"
    TEXT = "text"
    DERIVED = "derived"

    @property
    def is_number(self) -> bool:
        return self in (Kind.NUMBER, Kind.TEMP, Kind.DURATION)


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    text: Text
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Concept:
    id: str
    kind: Kind
    text: Text = Text()
    label: Text = Text()
    help: Text = Text()
    danger: bool = False
    as_yes: bool = False  # "I don't know" counts as yes; else a rule fires one level lower than for yes
    unless: Condition | None = None
    derive: Condition | None = None
    options: tuple[Option, ...] = ()
    unit: Text = Text()
    min: float | None = None
    max: float | None = None
    said: Lines = Lines()
    background: bool = False  # diseases, medicines, pregnancy: not the trouble itself

    @property
    def dangers(self) -> frozenset[str]:
        """Ids of the dangerous options."""
        return frozenset(option.id for option in self.options if option.danger)

    @property
    def is_danger(self) -> bool:
        return self.danger or any(option.danger for option in self.options)

    @property
    def is_sign(self) -> bool:
        """A sign of danger that one has or has not."""
        return self.kind is Kind.YESNO and self.danger and not self.background

    def option(self, id: str) -> Option | None:
        return next((option for option in self.options if option.id == id), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a protocol: one concept, or a screen of yes/no concepts to tick."""

    id: str
    concepts: tuple[str, ...]
    screen: bool = False
    when: Condition | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    urgency: int
    care: str
    because: Text
    when: Condition | None = None  # None: a default
    refer: str | None = None
    sources: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is more urgent."""
        return self.urgency, CARES.index(self.care)


def one_lower(rule: Rule) -> Rule:
    if rule.urgency >= 4:
        return rule
    return replace(rule, urgency=rule.urgency + 1, care=CARE_OF[rule.urgency + 1][0])


@dataclass(frozen=True, slots=True)
class Join:
    """Whoever surely says this is also asked by that protocol, whatever reason was chosen."""

    when: Condition
    take: str


@dataclass(frozen=True, slots=True)
class Match:
    strong: Lines = Lines()
    weak: Lines = Lines()
    not_if: Lines = Lines()


@dataclass(frozen=True, slots=True)
class Signoff:
    author: str = ""
    reviewers: tuple[str, ...] = ()
    signed: str = ""  # ISO dates
    review_by: str = ""
    sha256: str = ""  # of the content that was signed


@dataclass(frozen=True, slots=True)
class Protocol:
    id: str
    version: str
    title: Text
    default: Rule
    age_min: float = 1
    age_max: float | None = None
    sex: str = "any"
    children: bool = False
    icpc2: str = ""
    danger_rank: int = 50
    match: Match = Match()
    implies: tuple[str, ...] = ()  # yes/no concepts that the reason itself answers with yes
    ask: tuple[Asked, ...] = ()
    rules: tuple[Rule, ...] = ()
    everywhere: tuple[Rule, ...] = ()  # of the general protocol: rules that hold beside every protocol
    joins: tuple[Join, ...] = ()  # of the general protocol
    reassure: tuple[Rule, ...] = ()
    floor_incomplete: int = 3
    selfcare: Lines = Lines()
    selfcare_at: int = 5
    seek_again: Lines = Lines()
    signoff: Signoff = Signoff()
    content: str = field(default="", repr=False, compare=False)  # canonical JSON, for the hash


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    title: str
    url: str = ""
    publisher: str = ""
    checked: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for contact, from reasons.json."""

    id: str
    title: Text
    group: str = ""
    band: str = ""
    icpc2: str = ""
