"""Who a text is about: the writer, a child or someone else; how old; of which sex."""

import re
from dataclasses import dataclass

from vardvag.services.triage.words.reading import Mention, Reading

_YEARS = re.compile(r"(\d{1,3})")
_MALE, _FEMALE = ("son", "father", "husband"), ("daughter", "mother", "wife")
_YOUNG = ("son", "daughter", "child")
_OLD = ("mother", "father", "old_person", "husband", "wife")
_AGES = {
    "ett": 1, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "åtta": 8, "nio": 9, "tio": 10, "elva": 11,
    "tolv": 12, "tretton": 13, "fjorton": 14, "femton": 15, "sexton": 16, "sjutton": 17,
}  # fmt: skip
_LASTING = (  # before a number they make it a length of time
    "i", "på", "för", "efter", "senaste", "om", "var", "sedan", "sen", "for", "past", "last", "over", "every", "of",
)  # fmt: skip
_NOT_PATIENT = frozenset(("som", "fick", "fått", "fött", "födde", "har", "väntar", "var", "as", "a", "had"))
_NEWBORN = 20  # weeks: a baby of more may be unborn
_WEEKS = ("veckor", "weeks", "wks")
_SELF = frozenset(("jag", "mig", "mej", "i", "i'm", "im", "i've", "ive", "me", "pregnant", "gravid"))
_OWN_BODY = (
    "boob",
    "breast",
    "bröst",
    "nipple",
    "mastit",
    "mjölkst",
    "stitch",
    "stygn",
    "period",
    "mens",
    "avslag",
)
MONTHS = ("månader", "månaders", "mån", "months", "month")
_OWN = {"sv": ("min", "mitt", "mina", "vår", "vårt", "våran", "våra"), "en": ("my", "our")}


@dataclass(frozen=True, slots=True)
class Who:
    reporter: str = "self"  # self | guardian | relative
    age: float | None = None
    sex: str | None = None
    words: str = ""
    age_words: str = ""
    sure: bool = False  # the text says so itself
    age_place: int | None = None


def who(reading: Reading) -> Who:
    child, other = _first(reading, _YOUNG), _first(reading, _OLD)
    age, place = _age(reading)
    aged = reading.excerpt(place, min(place + 1, len(reading.words) - 1)) if place is not None else ""
    if child and _self_as_parent(reading, child):
        child = None
    if child and age is None and other and other.first < child.first:
        child = None
    if child and (age is None or age < 18):
        sex = _sex(reading, child)
        return Who("guardian", age, sex, reading.excerpt(child.first, child.last), aged, True, place)
    if other and not reading.told(other) and _subject(reading, other):
        sex = "M" if other.key in _MALE else "F" if other.key in _FEMALE else _pronoun(reading)
        return Who("relative", age, sex, reading.excerpt(other.first, other.last), aged, True, place)
    if age is not None and age < 18 and place is not None:
        return Who("guardian", age, _pronoun(reading), aged, aged, True, place)
    return Who("self", age, None, aged, aged, False, place)


def _first(reading: Reading, keys: tuple[str, ...]) -> Mention | None:
    found = [one for key in keys for one in reading.mentions.get(key, ())]
    return min(found, key=lambda one: (one.first, -one.last)) if found else None


def _self_as_parent(reading: Reading, child: Mention) -> bool:
    """ "Som barn", "fött barn", "barnen mår bra": a child is named but is not the patient."""
    before = [word.text for word in reading.words[max(0, child.first - 3) : child.first]]
    word = reading.words[child.first].text
    if child.key == "child" and word in ("barn", "child") and _NOT_PATIENT & set(before):
        return True
    if (
        reading.mentions.get("after_birth")
        or reading.mentions.get("breastfeed")
        or reading.mentions.get("fetal")
    ):
        return True
    return bool(reading.mentions.get("pregnant_w")) and child.key == "child"


def _subject(reading: Reading, other: Mention) -> bool:
    """A relative is whom it is about when named early, as owned by the writer."""
    before = reading.words[other.first - 1].text if other.first else ""
    head = reading.words[other.first].text
    owned = (
        before in _OWN[reading.lang]
        or other.last > other.first
        or other.key in ("mother", "father", "old_person")
    )
    mine = any(word.text in ("jag", "i", "mig", "me") for word in reading.words[: other.first])
    return owned and not mine and bool(head)


def _sex(reading: Reading, child: Mention) -> str | None:
    for key, sex in (("son", "M"), ("daughter", "F")):
        if reading.mentions.get(key):
            return sex
    return _pronoun(reading)


def _pronoun(reading: Reading) -> str | None:
    forms = [word.text for word in reading.words]
    he = sum(form in ("han", "honom", "hans", "he", "him", "his") for form in forms)
    she = sum(form in ("hon", "henne", "hennes", "she", "her") for form in forms)
    return None if he == she else "M" if he > she else "F"


def _age(reading: Reading) -> tuple[float | None, int | None]:
    """ "4 år", "4-åring", "femåring", "18 månader", "aged 3", "2 year old", "pappa 81". Only of people."""
    for place, word in enumerate(reading.words):
        years = _years(reading, place) if word.number and _YEARS.fullmatch(word.text) else _named(word.text)
        if years is not None:
            return years, place
    return None, None


def _named(text: str) -> float | None:
    if text.endswith(("åring", "åringen", "årig", "åringar")):
        for name, years in _AGES.items():
            if text.startswith((name + "å", name + "-å")):
                return float(years)
    return None


def _years(reading: Reading, place: int) -> float | None:
    words = reading.words
    number = float(words[place].text)
    near = (place - 1, place + 1, place + 2)
    before, after, then = (words[one].text if 0 <= one < len(words) else "" for one in near)
    if before in _LASTING and not (before in ("på", "of") and place > 1 and _person(reading, place - 2)):
        return None
    if after.startswith("åring") or after in ("årig", "årige", "åriga"):
        return number
    if after in ("år", "års") and then not in ("sedan", "sen", "tillbaka"):
        return number if number < 115 and (number > 2 or _young(reading)) else None
    if after in MONTHS and _young(reading) and then not in ("sedan", "sen", "ago", "old"):
        return round(number / 12, 2) if number <= 36 else None
    if (
        after in _WEEKS
        and before in ("är", "e", "is")
        and _person(reading, place - 2)
        and number <= _NEWBORN
        and not _expecting(reading)
    ):
        return round(number / 52, 2)
    if after in ("year", "years", "yr", "yrs", "month", "months") and then in ("old", "olds"):
        return number if after[0] == "y" else round(number / 12, 2)
    grown = _person(reading, place - 1) and 18 <= number <= 110 and after not in ("kg", "cm")
    return number if grown or before in ("aged", "age") else None


def _person(reading: Reading, place: int) -> bool:
    return place >= 0 and any(
        one.first <= place <= one.last for key in (*_YOUNG, *_OLD) for one in reading.mentions.get(key, ())
    )


def _expecting(reading: Reading) -> bool:
    """The writer speaks of herself too: a baby's weeks are not the patient's age."""
    return any(word.text in _SELF or word.text.startswith(_OWN_BODY) for word in reading.words)


def _young(reading: Reading) -> bool:
    return any(reading.mentions.get(key) for key in _YOUNG)
