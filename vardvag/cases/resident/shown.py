"""How a case's state is said to a resident, in plain words and with dates."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from vardvag.cases.models import Case, ClosedHow, State
from vardvag.core import dates


@dataclass(frozen=True, slots=True)
class Step:
    word: str
    when: str
    done: bool


@dataclass(frozen=True, slots=True)
class Status:
    words: str  # "Vi väntar på ditt svar"
    tone: str  # info | attention | success | neutral
    steps: tuple[Step, ...]
    late: bool


def status(case: Case, *, held: bool, now: datetime, language: str) -> Status:
    """While a reply is held the resident still sees the state before it."""
    state = State.BEGUN if held else State(case.state)
    late = case.due_at is not None and now > case.due_at
    return Status(
        words=_words(case, state, late),
        tone={State.WAITING: "attention", State.ANSWERED: "success", State.CLOSED: "neutral"}.get(
            state, "warning" if late else "info"
        ),
        steps=_steps(case, state, now, language),
        late=late,
    )


def _words(case: Case, state: State, late: bool) -> str:
    if state == State.CLOSED:
        return {
            ClosedHow.WITHDRAWN: _("Du har tagit tillbaka ärendet"),
            ClosedHow.PHONE: _("Avslutat efter ett telefonsamtal"),
            ClosedHow.DUPLICATE: _("Avslutat, du har ett annat ärende om samma sak"),
            ClosedHow.WRONG_UNIT: _("Avslutat, ärendet hör till en annan mottagning"),
        }.get(ClosedHow(case.closed_how), _("Avslutat"))
    if state == State.WAITING:
        return _("Mottagningen väntar på ditt svar")
    if state == State.ANSWERED:
        return _("Du har fått svar")
    if late:
        return _("Vi är försenade. Du behöver inte skicka igen")
    if state == State.BEGUN:
        return _("Mottagningen arbetar med ditt ärende")
    return _("Ditt ärende har kommit fram")


def _steps(case: Case, state: State, now: datetime, language: str) -> tuple[Step, ...]:
    def when(at: datetime | None) -> str:
        return dates.moment(at, now=now, language=language) if at else ""

    begun = case.begun_at is not None
    last = {
        State.CLOSED: Step(_("Avslutat"), when(case.closed_at), True),
        State.ANSWERED: Step(_("Svar"), when(case.final_reply_at), True),
        State.WAITING: Step(_("Din tur att svara"), "", False),
    }.get(state, Step(_("Svar senast"), when(case.promised_at), False))
    return (
        Step(_("Skickat"), when(case.arrived_at), True),
        Step(_("Påbörjat"), when(case.begun_at), begun),
        last,
    )
