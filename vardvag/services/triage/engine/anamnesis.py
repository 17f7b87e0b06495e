"""The summary for the nurse: why this urgency first, then the patient's own words, what was said, what was denied."""

from collections.abc import Iterable
from dataclasses import dataclass

from vardvag.services.triage.engine import wording
from vardvag.services.triage.engine.anamnesis_words import CARE, REFER, TITLES, WORDS
from vardvag.services.triage.engine.evaluate import Fired
from vardvag.services.triage.engine.interview import State
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Concept, Kind
from vardvag.services.triage.engine.result import Result
from vardvag.services.triage.engine.text import About
from vardvag.services.triage.engine.values import UNKNOWN


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    lines: tuple[str, ...]


def sections(
    library: Library, state: State, result: Result, *, lang: str = "sv", words: str = ""
) -> list[Section]:
    """In the order nurses read; empty ones are left out. `words` are the patient's own."""
    told = _Told(library, state, lang)
    order = [
        ("head", [told.head(), told.level(result)]),
        ("why", [*told.unanswered(result), *(told.why(one) for one in result.fired)]),
        ("reason", [told.reasons()]),
        ("now", [*([f"”{' '.join(words.split())}”"] if words.strip() else []), *told.present()]),
        ("denied", told.denied()),
        ("vital", told.vital()),
        ("background", told.background()),
        ("unknown", told.unknown()),
        ("selfcare", list(result.selfcare.said(lang, state.about, state.sex))),
        ("seek_again", list(result.seek_again.said(lang, state.about, state.sex))),
    ]
    titles = TITLES[lang]
    return [
        Section(id, titles[id].format(urgency=result.urgency), tuple(lines))
        for id, lines in order
        if any(lines)
    ]


def plain(library: Library, state: State, result: Result, *, lang: str = "sv", words: str = "") -> str:
    """The same as text to copy."""
    found = sections(library, state, result, lang=lang, words=words)
    return "\n\n".join(f"{one.title.upper()}\n" + "\n".join(one.lines) for one in found)


def sbar(library: Library, state: State, result: Result, *, lang: str = "sv", words: str = "") -> str:
    """Situation, background, assessment, recommendation. The assessment is the system's, not a diagnosis."""
    told = _Told(library, state, lang)
    found = {one.id: one for one in sections(library, state, result, lang=lang, words=words)}

    def lines(*ids: str) -> list[str]:
        return [line for id in ids if id in found for line in found[id].lines]

    denied = lines("denied")
    parts = (
        ("S – Situation", [told.head(), told.reasons(), *lines("now")]),
        ("B – Bakgrund" if lang == "sv" else "B – Background", lines("background")),
        (
            "A – Aktuell bedömning (automatisk triage)"
            if lang == "sv"
            else "A – Assessment (automatic triage)",
            [
                told.level(result),
                *lines("why", "vital"),
                *([f"{TITLES[lang]['denied']}: {'; '.join(denied)}"] if denied else []),
            ],
        ),
        ("R – Rekommendation" if lang == "sv" else "R – Recommendation", [CARE[lang][result.care]]),
    )
    return "\n\n".join(f"{title}\n" + "\n".join(some or ["–"]) for title, some in parts)


class _Told:
    """Lines about one interview in one language."""

    def __init__(self, library: Library, state: State, lang: str) -> None:
        self.library, self.state, self.lang = library, state, lang
        self.words = WORDS[lang]

    def head(self) -> str:
        age, sex = self.state.answers.get("age"), self.state.sex
        young = isinstance(age, float) and age < 18
        who = self.words[{"F": "girl", "M": "boy"}[sex] if young and sex else sex] if sex else ""
        years = (
            f"{wording.number(age if age < 2 else int(age), self.lang)} {self.words['years']}"
            if isinstance(age, float)
            else ""
        )
        return (
            ". ".join(
                filter(
                    None,
                    [" ".join(filter(None, [who, years])).capitalize(), self.words[str(self.state.about)]],
                )
            )
            + "."
        )

    def level(self, result: Result) -> str:
        refer = f", {REFER[self.lang][result.refer]}" if result.refer else ""
        left = f". {self.words['left']}" if result.incomplete else ""
        return f"{self.words['prio']} {result.urgency}, {CARE[self.lang][result.care]}{refer}{left}."

    def reasons(self) -> str:
        named = [
            (
                reason.title if (reason := self.library.reasons.get(id)) else self.library.protocol(id).title
            ).said(self.lang)
            for id in self.state.protocols
        ]
        return ", ".join(named) or self.words["general"]

    def why(self, one: Fired) -> str:
        because = one.rule.because.said(self.lang, self.state.about, self.state.sex)
        answers = [
            self._line(concept) for name in one.concepts
            if (concept := self.library.concepts.get(name)) and name in self.state.answers
        ]  # fmt: skip
        doubt = f" {self.words['unanswered'].capitalize()}." if one.unanswered and answers else ""
        return f"{because} ({self.words['because']}: {'; '.join(answers)}).{doubt}" if answers else because

    def unanswered(self, result: Result) -> list[str]:
        if not result.unanswered:
            return []
        return [
            self.words["unsure"]
            + "; ".join(self._name(self.library.concepts[name]) for name in result.unanswered)
            + "."
        ]

    def present(self) -> list[str]:
        found = [
            concept for concept in self._asked()
            if not concept.background and not _measured(concept)
            and self.state.answers[concept.id] not in (False, UNKNOWN, (), "")
        ]  # fmt: skip
        first = [one for one in found if one.kind is Kind.DURATION]
        return [self._line(one) for one in (*first, *(one for one in found if one not in first))]

    def denied(self) -> list[str]:
        found = [one for one in self._asked() if self.state.answers[one.id] in (False, ())]
        screened = [name for entry in self.library.screening.ask for name in entry.concepts]
        own = [one for one in found if one.id not in screened]
        lines = [self._name(one) for one in sorted(own, key=lambda one: not one.is_danger)]
        first = [one for one in found if one.id in screened]
        if first and len(first) == len(screened):
            lines.append(self.words["all_screened"])
        return lines + ([self._name(one) for one in first] if len(first) < len(screened) else [])

    def vital(self) -> list[str]:
        return [
            self._line(one)
            for one in self._asked()
            if _measured(one) and self.state.answers[one.id] is not UNKNOWN
        ]

    def background(self) -> list[str]:
        return [
            self._line(one)
            for one in self._asked()
            if one.background and self.state.answers[one.id] not in (False, UNKNOWN, ())
        ]

    def unknown(self) -> list[str]:
        return [self._name(one) for one in self._asked() if self.state.answers[one.id] is UNKNOWN]

    def _asked(self) -> list[Concept]:
        """Concepts with an answer: what was known before first, then in the order they were asked."""
        asked = [name for put in self.state.put for name in put.concepts]
        before = [name for name in self.state.answers if name not in asked]
        names: Iterable[str] = dict.fromkeys((*before, *asked))
        return [
            self.library.concepts[name]
            for name in names
            if name in self.state.answers and name in self.library.concepts
        ]

    def _name(self, concept: Concept) -> str:
        return wording.name(concept, self.lang, _THIRD, self.state.sex)

    def _line(self, concept: Concept) -> str:
        return wording.line(concept, self.state.answers[concept.id], self.lang, _THIRD, self.state.sex)


_THIRD = About.RELATIVE  # the nurse reads about the patient: hon, han, the person


def _measured(concept: Concept) -> bool:
    return concept.kind in (Kind.TEMP, Kind.NUMBER) and concept.id not in ("pain", "pregnant_week")
