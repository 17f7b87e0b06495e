"""What the plays come to: counts with Wilson intervals. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.evaluation.actor import Found, Played

_Z = 1.959964
_GROUPS = {
    "skin": ("Hud",), "eye": ("Öga",), "mind": ("Psykisk hälsa",), "injury": ("Skada",),
    "admin": ("Administration",),
}  # fmt: skip
_EAR = ("oronvark", "oronflytning", "lock_for_orat", "tinnitus", "frammande_kropp_nasa_ora")
_INJURY = (
    "huvudskada", "fall_aldre", "brannskada", "djurbett", "tandskada", "ogonskada", "fotledsskada", "knaskada",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """Of how many; with the 95 % interval of Wilson."""

    hits: int
    of: int

    @property
    def percent(self) -> float:
        return 100 * self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 100.0
        share, spread = self.hits / self.of, _Z * _Z / self.of
        middle = share + spread / 2
        half = _Z * sqrt((share * (1 - share) + spread / 4) / self.of)
        low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
        return 100 * max(0.0, low), 100 * min(1.0, high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.percent:.1f} ({low:.0f}-{high:.0f}) {self.hits}/{self.of}" if self.of else "-"


def in_range(one: Played) -> bool:
    return one.vignette.low <= one.result.urgency <= one.vignette.high


def safe(one: Played) -> bool:
    return one.result.urgency <= one.vignette.high


def over(one: Played) -> bool:
    return one.result.urgency < one.vignette.low


def dangerous(one: Played) -> bool:
    """An emergency told to book a time or to care for oneself."""
    return one.vignette.three == "emergency" and one.result.urgency >= 4


def critical(one: Played) -> bool:
    """112 or an emergency department now was right, and was not told."""
    return one.vignette.high == 1 and one.result.urgency > 1


def right_third(one: Played) -> bool:
    """As the published sets count: emergency is 112 or an emergency department now."""
    told = {1: "emergency", 5: "selfcare"}.get(one.result.urgency, "nonemergency")
    return told == one.vignette.three


def first(one: Played) -> bool:
    return one.found is Found.FIRST


def shown(one: Played) -> bool:
    return one.found in (Found.FIRST, Found.SHOWN)


def share(plays: Iterable[Played], hit: Callable[[Played], bool]) -> Share:
    all = list(plays)
    return Share(sum(map(hit, all)), len(all))


def flags_asked(plays: Iterable[Played]) -> tuple[Share, Share]:
    """Decisive things that became known; and those, or the interview had ended at the most urgent before."""
    asked = enough = needed = 0
    for one in plays:
        for known in one.decisive:
            needed += 1
            asked += known
            enough += known or (one.result.urgency == 1 and one.vignette.low == 1)
    return Share(asked, needed), Share(enough, needed)


def misunderstood(plays: Iterable[Played]) -> Share:
    """Of the facts understood from the words, those that are not true."""
    all = list(plays)
    return Share(sum(len(one.wrong) for one in all), sum(one.understood for one in all))


def questions(plays: Iterable[Played]) -> tuple[float, float]:
    """Median and 90th percentile."""
    numbers = sorted(one.result.questions for one in plays)
    return (quantile(numbers, 0.5), quantile(numbers, 0.9)) if numbers else (0.0, 0.0)


def quantile(numbers: Sequence[int], part: float) -> float:
    place = (len(numbers) - 1) * part
    low = int(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def groups(one: Played, library: Library) -> Iterable[str]:
    vignette = one.vignette
    yield vignette.three
    yield (
        "child 1-12" if vignette.age < 13 else "teen" if vignette.age < 18
        else "18-64" if vignette.age < 65 else "65 and over"
    )  # fmt: skip
    if vignette.facts.get("pregnant") is True:
        yield "pregnant"
    reason = vignette.reasons[0]
    group = library.reasons[reason].group
    yield from (name for name, these in _GROUPS.items() if group in these)
    if reason in _EAR:
        yield "ear"
    if reason in _INJURY or reason.startswith("skada_"):
        yield "injury"
