"""Words that depend on people and day: names, pronouns, dates, how people begin and end a letter."""

from datetime import datetime, timedelta
from random import Random

from vardvag.core.personal_number import SWEDEN
from vardvag.demo.people import Person
from vardvag.demo.places import LANDLINES
from vardvag.demo.staff import Member
from vardvag.demo.stories import QUESTION

MONTHS = (
    ["januari", "februari", "mars", "april", "maj", "juni"]
    + ["juli", "augusti", "september", "oktober", "november", "december"],
    ["January", "February", "March", "April", "May", "June"]
    + ["July", "August", "September", "October", "November", "December"],
)
WEEKDAYS = (
    ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"],
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
)
_OPENINGS = ("", "", "", "Hej! ", "Hej! ", "God morgon! ", "Hejsan! ")
_CLOSINGS = (
    "",
    "",
    "",
    "",
    "\n\nMvh {0}",
    "\n\nTack på förhand!",
    "\n\n/{0}",
    "\n\nVänliga hälsningar {0}",
    " Tack!",
)
_CLOSINGS_EN = ("", "", "\n\nThank you!", "\n\nBest regards, {0}", "\n\nKind regards\n{0}")


def slots(
    rng: Random, *, patient: Person, at: datetime, doctor: str, nurse: str, english: bool
) -> dict[str, str]:
    """The slots of a story told at a moment. Dates lie on weekdays of the weeks around it."""
    today = at.astimezone(SWEDEN).date()
    age = patient.age(today)
    she = ("she", "her", "her") if patient.woman else ("he", "him", "his")
    hon = ("hon", "henne", "hennes") if patient.woman else ("han", "honom", "hans")
    pronoun = she if english else hon
    months = max(1, (today - patient.born).days // 30)
    child = age < 13
    recent = today - timedelta(days=rng.randint(2, 5))
    return {
        "barn": patient.given_name,
        "hon": pronoun[0],
        "henne": pronoun[1],
        "hennes": pronoun[2],
        "ålder": str(age),
        "ålder_text": f"{age} år" if age >= 2 else f"{months} månader",
        "ålder_månader": f"{months} månader" if months < 24 else f"{age} år",
        "jag_eller_barn": patient.given_name if child else "jag",
        "jag_eller_barn_har": f"{patient.given_name} har" if child else "Jag har",
        "barn_eller_mig": patient.given_name if child else "mig",
        "vd": WEEKDAYS[english][recent.weekday()] if english else WEEKDAYS[0][recent.weekday()] + "s",
        "veckodag": WEEKDAYS[english][rng.randrange(5)],
        "datum": _day(rng, at, 4, 20, english),
        "datum_kort": _day(rng, at, 5, 16, english),
        "datum_sen": _day(rng, at, 22, 50, english),
        "datum_förr": _day(rng, at, -20, -6, english),
        "månad": MONTHS[english][(today.month - 1 + rng.randint(1, 5)) % 12],
        "månad_förr": MONTHS[english][(today.month - 1 - rng.randint(1, 5)) % 12],
        "tid": f"{rng.choice((8, 9, 10, 11, 13, 14, 15))}.{rng.choice(('00', '10', '20', '30', '40', '50'))}",
        "veckor": str(rng.randint(3, 10)),
        "läkare": f"Dr {doctor}" if english else f"doktor {doctor}",
        "sjuksköterska": nurse,
        "telefon": phone(patient.mobile),
    }


def _day(rng: Random, at: datetime, low: int, high: int, english: bool) -> str:
    day = at.astimezone(SWEDEN).date() + timedelta(days=rng.randint(low, high))
    day -= timedelta(days=max(0, day.weekday() - 4))
    return f"{day.day} {MONTHS[english][day.month - 1]}"


def phone(mobile: str) -> str:
    """+46701740605 as people write it; the switchboard for those who gave none."""
    if not mobile:
        return LANDLINES[0][1].format("465", "004", "99")
    digits = "0" + mobile.removeprefix("+46")
    return f"{digits[:3]}-{digits[3:6]} {digits[6:8]} {digits[8:]}"


def letter(rng: Random, words: str, writer: Person, *, english: bool, first: bool) -> str:
    """The resident's words with how people begin and end; later messages go straight to the point."""
    if not first:
        return words
    opening = "" if english or words.lower().startswith("hej") else rng.choice(_OPENINGS)
    return opening + words + rng.choice(_CLOSINGS_EN if english else _CLOSINGS).format(writer.given_name)


def answer(
    rng: Random, words: str, reader: Person, member: Member, unit: str, *, kind: str, english: bool
) -> str:
    """A staff member's words to the resident, with name, title and unit under them."""
    hello = f"Hello {reader.given_name}," if english else f"Hej {reader.given_name}!"
    for greeting in ("Hej! ", "Hej, "):
        words = words.removeprefix(greeting)
    words = words[:1].upper() + words[1:]
    bye = (
        "Kind regards" if english else rng.choice(("Vänliga hälsningar", "Med vänlig hälsning", "Hälsningar"))
    )
    if kind == QUESTION:
        return f"{hello}\n\n{words}\n\n{bye}\n{member.given_name}, {_title(member)}"
    return f"{hello}\n\n{words}\n\n{bye}\n{member.name}, {_title(member)}\n{unit}"


def _title(member: Member) -> str:
    """As it stands after a name: "sjuksköterska", "AT-läkare"."""
    title = member.title
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
