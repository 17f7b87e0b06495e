"""What pages ask of an interview."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from vardvag.core.actor import ResidentActor
from vardvag.core.personal_number import SWEDEN
from vardvag.services.triage import keeping
from vardvag.services.triage.content import library
from vardvag.services.triage.engine import wording
from vardvag.services.triage.engine.answers import NONE
from vardvag.services.triage.engine.chosen import NEAR
from vardvag.services.triage.engine.evaluate import Fired
from vardvag.services.triage.engine.interview import Question, State, next_question, screen_again, single
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import ERRANDS, Kind
from vardvag.services.triage.engine.text import About, Text
from vardvag.services.triage.engine.values import UNKNOWN, Value
from vardvag.services.triage.engine.values import length as in_unit
from vardvag.services.triage.models import Interview


def about(interview: Interview) -> About:
    return About.CHILD if interview.represented else About.SELF


def sex_of(interview: Interview) -> str:
    return "M" if int(interview.patient.personal_number[10]) % 2 else "F"  # the last but one is odd for men


def age_of(interview: Interview, now: datetime) -> float:
    """In years; in twelfths below two."""
    born, today = interview.patient.birth_date, now.astimezone(SWEDEN).date()
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return months / 12 if months < 24 else float(months // 12)


def state_of(interview: Interview) -> State:
    return keeping.from_json(
        interview.state,
        protocols=tuple(interview.reasons),
        raised=raised(interview, interview.reasons),
        about=about(interview),
        known=library().concepts,
        near=near(interview),
    )


def near(interview: Interview) -> tuple[str, ...]:
    return tuple(interview.suggested[:NEAR])


def raised(interview: Interview, reasons: Iterable[str]) -> tuple[Fired, ...]:
    """By danger signs in the words; those of urgency 2 too where the questions are about something else."""
    if interview.calmed:
        return ()
    known = library().reasons
    elsewhere = all(one not in known or known[one].group == ERRANDS for one in reasons)
    return keeping.raised_by(interview.flags, least=2 if elsewhere else 1)


def said_later(state: State, found: Library) -> str:
    """Every answer in the patient's own words, for the watch."""
    return "\n".join(
        str(state.answers[one])
        for one in state.answers
        if one in found.concepts
        and found.concepts[one].kind is Kind.TEXT
        and state.answers[one] is not UNKNOWN
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a question's field. `sheet`, `nth`: the page it came from (core/saving.py)."""

    text: str = ""
    sheet: str = ""
    nth: int = 0
    revision: int = 0


def typed_in(interview: Interview, question: str) -> Typed:
    return Typed(**(interview.typed or {}).get(question, {}))


@dataclass(frozen=True, slots=True)
class Turned:
    """Texts in a language, turned to whom they are about."""

    language: str
    about: About
    sex: str

    def said(self, text: Text) -> str:
        return text.said(self.language, self.about, self.sex)


@dataclass(frozen=True, slots=True)
class Shown:
    """A question in the reader's language, with what was answered before where it is changed."""

    question: Question
    text: str
    help: str
    options: list[tuple[str, str, bool]]  # id, text, chosen
    unit: str
    value: str
    number: int
    unknown: bool = False
    length: str = "d"  # the unit of a duration
    revision: int = 0  # of what is typed


def question_of(interview: Interview, *, language: str, earlier: str = "") -> Shown | None:
    """The next question, or an earlier one to answer `again`. None: the interview is over."""
    found, state = library(), state_of(interview)
    question = _earlier(found, state, earlier) if earlier else next_question(found, state)
    if question is None:
        return None
    turned = Turned(language, state.about, sex_of(interview))
    given, length = state.answers.get(question.id), "d"
    ticked = (
        {one for one in question.concepts if state.answers.get(one) is True}
        if question.screen
        else _chosen(given)
    )
    if earlier and question.kind == "duration" and isinstance(given, float):
        given, length = in_unit(given)
    put = [one.id for one in state.put]
    typed = typed_in(interview, question.id)
    return Shown(
        question=question,
        text=turned.said(question.text),
        help=turned.said(question.help),
        options=[
            (one.id, turned.said(one.text), earlier != "" and one.id in ticked) for one in question.options
        ],
        unit=question.unit.said(language),
        value=typed.text or (_typed(given) if earlier else ""),
        number=put.index(earlier) + 1 if earlier in put else len(put) + 1,
        unknown=earlier != "" and given is UNKNOWN,
        length=length,
        revision=typed.revision,
    )


def _earlier(found: Library, state: State, id: str) -> Question | None:
    put = next((one for one in state.put if one.id == id), None)
    if put is None:
        return None
    return single(found.concepts[put.id]) if put.concepts == (put.id,) else screen_again(found, state, put)


def _chosen(value: Value | None) -> set[str]:
    if isinstance(value, bool):
        return {"yes" if value else "no"}
    if isinstance(value, tuple):
        return set(value) or {NONE}
    return {value} if isinstance(value, str) else set()


def _typed(value: Value | None) -> str:
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Answered:
    id: str
    question: str
    answer: str


def answered(interview: Interview, *, language: str) -> list[Answered]:
    """What was asked, in order, for changing."""
    found, state = library(), state_of(interview)
    turned = Turned(language, state.about, sex_of(interview))
    rows = []
    for put in state.put:
        if put.id in state.apart:
            continue
        if put.concepts == (put.id,):
            concept = found.concepts[put.id]
            rows.append(
                Answered(
                    put.id,
                    turned.said(concept.text),
                    wording.said(concept, state.answers.get(put.id, UNKNOWN), language).capitalize(),
                )
            )
        else:
            ticked = [found.concepts[one] for one in put.concepts if state.answers.get(one) is True]
            every = ticked or [found.concepts[one] for one in put.concepts]
            words = "; ".join(turned.said(one.label or one.text) for one in every)
            rows.append(
                Answered(put.id, _("Det här stämmer") if ticked else _("Inget av det här stämmer"), words)
            )
    return rows


@dataclass(frozen=True, slots=True)
class Understood:
    concept: str
    text: str


def understood(interview: Interview, *, language: str) -> list[Understood]:
    """What the words already said, to be confirmed."""
    found = library()
    rows = []
    for fact in interview.facts:
        concept = found.concepts.get(fact["concept"])
        if concept is None:
            continue
        value = keeping.value_in(fact["value"])
        words = wording.line(concept, value, language, about(interview), sex_of(interview))
        if value is False:
            what = wording.name(concept, language, about(interview), sex_of(interview))
            words = _("Inte: {what}").format(what=what)
        rows.append(Understood(concept.id, words))
    return rows


def confirmed(interview: Interview) -> list[str]:
    """Of what the words said and of what lasts, what is answered as it was put."""
    said = {fact["concept"]: fact["value"] for fact in interview.facts}
    answers = interview.state.get("answers", {})
    return [
        name for name, value in (dict.fromkeys(LASTING, True) | said).items() if answers.get(name) == value
    ]


def reasons(ids: Iterable[str], *, language: str) -> list[tuple[str, str]]:
    found = library()
    return [(id, found.reasons[id].title.said(language)) for id in ids if id in found.reasons]


def all_reasons(*, language: str) -> list[tuple[str, str]]:
    found = library()
    return sorted(
        ((one.id, one.title.said(language)) for one in found.reasons.values()), key=lambda one: one[1]
    )


def background(*, actor: ResidentActor) -> dict[str, Any]:
    """Answers about lasting things from the latest sent interview (X-9), to be confirmed."""
    latest = (
        Interview.objects.filter(
            author_id=actor.me.person_id, patient_id=actor.patient.person_id, sent_at__isnull=False
        )
        .order_by("-sent_at")
        .first()
    )
    if latest is None:
        return {}
    answers = latest.state.get("answers", {})
    return {name: True for name in LASTING if answers.get(name) is True}


LASTING = (
    "immunosuppressed", "anticoagulants", "diabetes", "heart_disease", "lung_disease", "kidney_liver_disease",
    "epilepsy", "cancer_history", "implant",
)  # fmt: skip


def labels(ids: Iterable[str], interview: Interview, *, language: str) -> list[tuple[str, str]]:
    """Concepts as lines to tick."""
    concepts = library().concepts
    return [
        (one, concepts[one].label.said(language, about(interview), sex_of(interview)))
        for one in ids
        if one in concepts
    ]


def asked_before(interview: Interview) -> str:
    """The last question put, for "back"; "" at the first."""
    put = state_of(interview).put
    return put[-1].id if put else ""
