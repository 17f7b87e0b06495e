"""What a case type says, read from its file. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from vardvag.core.facts import Fact

LANGUAGES = ("sv", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages; paragraphs are parted by a blank line."""

    sv: str = ""
    en: str = ""

    def said(self, language: str) -> str:
        return (self.en if language == "en" else self.sv) or self.sv

    def __bool__(self) -> bool:
        return bool(self.sv)

    def __str__(self) -> str:
        """In the language of the page."""
        return self.said((get_language() or LANGUAGES[0])[:2])


@dataclass(frozen=True, slots=True)
class Link:
    text: Words
    url: str


@dataclass(frozen=True, slots=True)
class Content:
    """A case type version. The fields are those of its file."""

    key: str
    internal_name: str
    category: str
    name: Words
    short: Words
    intro: Words
    level: str = "region"
    kind: str = (
        "case"  # case | information: text and links, nothing to send | service: `service` takes it from here
    )
    work: str = "medical"  # medical | administrative: who sees it by default
    position: int = 0  # within its category, until the unit orders its page
    not_for: Words = Words()
    what_happens_next: Words = Words()
    if_worse: Words = Words()
    deadline_working_days: int | None = None  # null: the unit's, else the region's
    complaint: bool = False  # the region's deadline for complaints
    attachments: int = 0  # how many files at most, in the thread too
    answerable: bool = True
    min_age: int | None = None
    max_age: int | None = None
    guardians_allowed: bool = True
    sensitive: bool = False  # shows "leave this page quickly"
    links: tuple[Link, ...] = ()
    questionnaire: str | None = None
    service: str = ""  # key in the registry, for kind service
    terms: str | None = None

    @property
    def is_information(self) -> bool:
        return self.kind == "information"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in which file, where in it, and what to do."""

    file: str
    path: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}, {self.path}: {self.what} {self.cure}"


class BadFiles(Fact):
    """Nothing was loaded; every problem in every file is told at once."""

    message = gettext_lazy("Inget har lästs in. Rätta det som står nedan och läs in filerna igen.")

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems=problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join([str(self.message), *map(str, self.problems)])


NEEDED = ("key", "internal_name", "category", "name", "short", "intro")
WORDS = {"name", "short", "intro", "not_for", "what_happens_next", "if_worse"}
NUMBERS = {"position", "deadline_working_days", "attachments", "min_age", "max_age"}
MAY_BE_NULL = {"deadline_working_days", "min_age", "max_age"}
# Texts without translation, and how long they may be; a key stands in addresses.
PLAIN = {"key": 60, "internal_name": 120, "category": 40, "service": 60, "questionnaire": 60, "terms": 60}
KEY = re.compile(r"[-a-zA-Z0-9_]*")
FLAGS = {"complaint", "answerable", "guardians_allowed", "sensitive"}
ONE_OF = {
    "level": ("national", "region", "unit"),
    "kind": ("case", "information", "service"),
    "work": ("medical", "administrative"),
}


def content_of(raw: Mapping[str, Any]) -> Content:
    """A file's content that has been found good, or the stored JSON of a version."""
    given: dict[str, Any] = {key: Words(**value) if key in WORDS else value for key, value in raw.items()}
    given["links"] = tuple(Link(Words(**one["text"]), one["url"]) for one in raw.get("links") or ())
    return Content(**given)


def problems_of(raw: Any, file: str) -> Iterator[Problem]:
    """Everything wrong in a case type's file by itself."""

    def wrong(path: str, what: str, cure: str) -> Problem:
        return Problem(file, path, what, cure)

    if not isinstance(raw, dict):
        yield wrong("", _("Filen är inte ett objekt."), _("Skriv {...}."))
        return
    known = {one.name for one in fields(Content)}
    for key in raw:
        if key not in known:
            yield wrong(
                str(key),
                _("Fältet finns inte."),
                _("Ta bort det, eller välj bland %(known)s.") % {"known": ", ".join(sorted(known))},
            )
    for key in NEEDED:
        if not raw.get(key):
            yield wrong(key, _("Värdet saknas."), _("Skriv det."))
    for key in WORDS & raw.keys():
        yield from problems_of_words(raw[key], file, key)
    for key in NUMBERS & raw.keys():
        if raw[key] is None and key in MAY_BE_NULL:
            continue
        if type(raw[key]) is not int or not 0 <= raw[key] <= 1000:
            yield wrong(key, _("Värdet ska vara ett helt tal."), _("Skriv till exempel 2."))
    for key in PLAIN.keys() & raw.keys():
        if raw[key] is not None:
            yield from problems_of_plain(raw[key], file, key, PLAIN[key])
    if not KEY.fullmatch(str(raw.get("key", ""))):
        yield wrong(
            "key", _("Nyckeln kan inte stå i en adress."), _("Använd a till z, siffror och bindestreck.")
        )
    for key in FLAGS & raw.keys():
        if not isinstance(raw[key], bool):
            yield wrong(key, _("Värdet ska vara true eller false."), _("Skriv true eller false."))
    for key, choices in ONE_OF.items():
        if raw.get(key, choices[0]) not in choices:
            yield wrong(
                key, _("Värdet finns inte."), _("Skriv %(choices)s.") % {"choices": " / ".join(choices)}
            )
    yield from _problems_together(raw, wrong)
    if not is_rows(links := raw.get("links", [])):
        yield wrong("links", _("Värdet ska vara en lista av objekt."), _("Skriv [{...}]."))
        return
    for place, link in enumerate(links):
        path = f"links[{place}]"
        yield from problems_of_words(link.get("text"), file, f"{path}.text")
        if urlsplit(str(link.get("url", ""))).scheme != "https":
            yield wrong(
                f"{path}.url", _("Länken går inte till en säker adress."), _("Skriv en adress med https.")
            )


def _problems_together(raw: Mapping[str, Any], wrong: Any) -> Iterator[Problem]:
    low, high = raw.get("min_age"), raw.get("max_age")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield wrong("min_age", _("Lägsta ålder är över högsta ålder."), _("Byt plats på dem."))
    if raw.get("kind", "case") == "case" and not raw.get("questionnaire"):
        yield wrong(
            "questionnaire",
            _("En ärendetyp som går att skicka ska ha ett formulär."),
            _("Skriv formulärets id, eller ändra kind till information."),
        )
    if (raw.get("kind") == "service") != bool(raw.get("service")):
        yield wrong(
            "service",
            _("Tjänst och sort hör ihop."),
            _("Skriv kind: service och tjänstens nyckel, eller ingetdera."),
        )
    if raw.get("kind") in ("information", "service") and raw.get("questionnaire"):
        yield wrong(
            "questionnaire",
            _("En ärendetyp som informerar eller leder till en tjänst har inget formulär."),
            _("Ta bort det."),
        )


def is_rows(raw: Any) -> bool:
    return isinstance(raw, list) and all(isinstance(one, dict) for one in raw)


def problems_of_plain(raw: Any, file: str, path: str, most: int) -> Iterator[Problem]:
    if not isinstance(raw, str):
        yield Problem(file, path, _("Värdet ska vara en text."), _("Skriv en text med citattecken om."))
    elif len(raw) > most:
        yield Problem(file, path, _("Texten är för lång."), _("Högst %(most)s tecken.") % {"most": most})
    elif "\x00" in raw:
        yield Problem(file, path, _("Texten går inte att spara."), _("Ta bort osynliga tecken."))


def problems_of_words(raw: Any, file: str, path: str, most: int = 20_000) -> Iterator[Problem]:
    if not isinstance(raw, dict) or set(raw) != set(LANGUAGES):
        yield Problem(file, path, _("Texten ska finnas på båda språken."), _('Skriv {"sv": ..., "en": ...}.'))
        return
    for language in LANGUAGES:
        if not isinstance(raw[language], str) or not raw[language].strip():
            yield Problem(file, f"{path}.{language}", _("Texten saknas."), _("Skriv den."))
        else:
            yield from problems_of_plain(raw[language], file, f"{path}.{language}", most)
