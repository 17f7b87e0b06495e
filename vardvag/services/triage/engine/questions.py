"""What is put to a resident: one concept, or a screen of lines to tick."""

from collections.abc import Iterable
from dataclasses import dataclass

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import SCREENING, Concept, Kind
from vardvag.services.triage.engine.text import Text


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    concepts: tuple[str, ...]
    kind: str  # choice | multi | number | temp | duration | text
    text: Text
    help: Text = Text()
    options: tuple[Line, ...] = ()
    unit: Text = Text()
    min: float | None = None
    max: float | None = None
    screen: bool = False
    danger: bool = False


SCREEN_TEXT = Text("Stämmer något av det här?", "Is any of this true?")
NEXT_TEXT = Text("Stämmer något av det här också?", "Is any of this true as well?")
SCREENING_TEXT = Text(
    "Stämmer något av det här nu eller det senaste dygnet?",
    "Is any of this true now or in the last 24 hours?",
)
NONE_TEXT = Text("Inget av det här", "None of these")
_SCREENING = f"{SCREENING}."
_YES_NO = (Line("yes", Text("Ja", "Yes")), Line("no", Text("Nej", "No")))


def screen(library: Library, id: str, names: Iterable[str], before: Iterable[str]) -> Question:
    """`before`: the questions put before it, so that two that look alike are not taken for one."""
    names = tuple(names)
    lines = tuple(Line(name, library.concepts[name].label or library.concepts[name].text) for name in names)
    is_next = any(_is_screen(one) for one in before)
    text = SCREENING_TEXT if id.startswith(_SCREENING) else NEXT_TEXT if is_next else SCREEN_TEXT
    danger = any(library.concepts[name].is_danger for name in names)
    return Question(id, names, "multi", text, options=lines, screen=True, danger=danger)


def _is_screen(id: str) -> bool:
    """A screen is named after its entry ("halsont.2"), a question after its concept."""
    return "." in id and not id.startswith(_SCREENING)


def single(concept: Concept) -> Question:
    options = tuple(Line(option.id, option.text) for option in concept.options)
    kind = str(concept.kind)
    if concept.kind is Kind.YESNO:
        kind, options = "choice", _YES_NO
    return Question(
        concept.id, (concept.id,), kind, concept.text, concept.help, options, concept.unit, concept.min, concept.max,
        danger=concept.is_danger,
    )  # fmt: skip
