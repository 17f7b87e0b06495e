"""Decisions about cases. Pure: values and `now` in, an answer or a fact out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from vardvag.cases.models import ClosedHow, Message, State
from vardvag.core.actor import Role, StaffActor
from vardvag.core.facts import Fact

UNDO_REPLY = timedelta(seconds=10)
HELD_AFTER = timedelta(milliseconds=500)  # an undo of the last moment is stored before anybody sees the reply
UNDO_MOVE = timedelta(minutes=10)
UNDO_BATCH = timedelta(hours=24)
REMIND_EVERY = timedelta(days=1)
AGAIN_WITHIN = timedelta(minutes=10)  # in which the same act is a form that was sent again
SEARCH_LETTERS = 2
PROMISE_WITHIN = timedelta(days=366)
WRITE_AGAIN = timedelta(days=7)  # a closed case can still be written in
AMBER_HOURS = 4  # working hours
MESSAGE_LIMIT = 8000  # characters
SEES_ALL = (Role.RECEIVER, Role.NURSE)
WORKS_WITH_CASES = (
    Role.RECEIVER,
    Role.HANDLER,
    Role.NURSE,
    Role.PHYSICIAN,
    Role.PHYSIOTHERAPIST,
    Role.SECRETARY,
)


class Verb(StrEnum):
    DISTRIBUTE = "distribute"
    TAKE = "take"
    GIVE_BACK = "give_back"
    REPLY = "reply"
    PARTIAL = "partial"
    ASK = "ask"
    WRITE = "write"  # the resident
    CLOSE = "close"
    CLOSE_WITHOUT_REPLY = "close_without_reply"
    WITHDRAW = "withdraw"  # the resident
    REOPEN = "reopen"
    MOVE = "move"  # to another unit of the same care provider


N, D, B, W, A, C = State.NEW, State.DISTRIBUTED, State.BEGUN, State.WAITING, State.ANSWERED, State.CLOSED

MOVES: dict[tuple[State, Verb], State] = {
    **{(s, Verb.DISTRIBUTE): D if s in (N, D) else s for s in (N, D, B, W, A)},
    **{(s, Verb.TAKE): B if s in (N, D, B) else s for s in (N, D, B, W, A)},
    **{(s, Verb.GIVE_BACK): N if s in (N, D, B) else s for s in (D, B, W, A)},
    **{(s, Verb.REPLY): A for s in (N, D, B, W, A)},
    **{(s, Verb.PARTIAL): B for s in (N, D, B, W, A)},
    **{(s, Verb.ASK): W for s in (N, D, B, W, A)},
    **{(s, Verb.WRITE): s if s in (N, D) else B for s in (N, D, B, W, A, C)},
    **{(s, Verb.CLOSE): C for s in (N, D, B, W, A)},
    **{(s, Verb.CLOSE_WITHOUT_REPLY): C for s in (N, D, B, W, A)},
    **{(s, Verb.WITHDRAW): C for s in (N, D)},
    (C, Verb.REOPEN): B,
    **{(s, Verb.MOVE): N for s in (N, D, B, W)},
}

SENDS: dict[Verb, Message.Kind] = {
    Verb.REPLY: Message.Kind.REPLY,
    Verb.PARTIAL: Message.Kind.PARTIAL,
    Verb.ASK: Message.Kind.QUESTION,
}
CLOSES_WITHOUT_REPLY = (
    ClosedHow.PHONE,
    ClosedHow.DUPLICATE,
    ClosedHow.WITHDRAWN,
    ClosedHow.WRONG_UNIT,
    ClosedHow.OTHER,
)


class NotAllowed(Fact):
    message = _("Det går inte i det läge ärendet har nu. Ladda om sidan och se vad som hänt.")


class Closed(NotAllowed):
    message = _("Ärendet är avslutat. Öppna det igen först.")


class TakenBy(Fact):
    """`facts["owner"]` has it."""

    message = _("Ärendet har redan en ansvarig. Ta över det med ett skäl om du ska svara.")


class AnsweredMeanwhile(Fact):
    """New words stand in the thread that the writer had not seen; nothing was sent, the draft is kept."""

    message = _("Tråden har ändrats medan du skrev. Ditt svar är inte skickat. Läs det nya först.")


class TakenBack(Fact):
    """The form of a reply that has been undone: late on its way, or sent again from an old page."""

    message = _("Svaret har tagits tillbaka och är inte skickat. Skicka igen om det ska gå iväg.")


class UndoneSince(Fact):
    """The form of an act that came late, after its second try had been answered and undone; or an old page's."""

    message = _("Något har ångrats i ärendet sedan sidan visades. Gör det igen om det ska gälla.")


class EmptyMessage(Fact):
    message = _("Skriv något innan du skickar.")


class TooLong(Fact):
    message = _("Meddelandet är för långt. Korta det eller dela upp det i två.")


class UnfilledPlaceholder(Fact):
    message = _("Fyll i det som står inom klamrar innan du skickar.")


class NoReplyGiven(Fact):
    message = _("Ingen har svarat än. Svara först, eller välj Avsluta utan svar.")


class ReasonNeeded(Fact):
    message = _("Skriv ett skäl, så att nästa person förstår.")


class TooLate(Fact):
    message = _("Det går inte att ångra längre.")


class NotAnswerable(Fact):
    message = _("Det går inte att skriva i det här ärendet. Starta ett nytt ärende eller ring mottagningen.")


class WrongPlace(Fact):
    message = _("Personen eller gruppen finns inte på den här mottagningen. Välj en annan.")


class WrongUnit(Fact):
    message = _("Ärendet kan bara flyttas till en annan mottagning hos samma vårdgivare. Välj en i listan.")


class OnlyReceivers(Fact):
    message = _("Bara mottagare och sjuksköterskor kan flytta ärenden. Lämna över det till mottagarna.")


class NothingMarked(Fact):
    message = _("Markera minst ett ärende först.")


class SomeGone(Fact):
    message = _("Något av ärendena ligger inte längre hos dig. Gå till kön och markera på nytt.")


class UnreadWords(Fact):
    message = _("Invånaren har skrivit något nytt som ingen har läst. Läs det innan ärendet avslutas.")


class WrongPromise(Fact):
    message = _("Välj ett datum från i dag och högst ett år fram.")


class TooShort(Fact):
    message = _("Skriv minst två bokstäver, eller hela ärendenumret eller personnumret.")


class ReasonFirst(Exception):  # noqa: N818 - a finding, not a fault; its page asks why, and shows nothing
    """The case is of a protected person, and has not been opened in this login."""


class SayWhy(Fact):
    message = _("Välj varför du öppnar ärendet. Väljer du Annat, skriv skälet med egna ord.")


class NobodyToRemind(Fact):
    message = _("Invånaren har inget att svara på just nu. Ställ en fråga i stället.")


class RemindedToday(Fact):
    message = _("Invånaren har redan påmints det senaste dygnet. Ring om det brådskar.")


class NothingToUndo(Fact):
    message = _("Det finns inget kvar att ångra. Åtgärden är äldre än ett dygn eller redan ångrad.")


class TooManyLookups(Fact):
    message = _("Du har sökt på många personnummer den senaste timmen. Vänta en stund eller fråga din chef.")


class TooManyMessages(Fact):
    message = _("Du har skickat många meddelanden på kort tid. Vänta några minuter eller ring mottagningen.")


class SentOtherwise(Fact):
    message = _("Texten är redan skickad, men på ett annat sätt än du valde nu. Läs i ärendet och välj igen.")


class ChangedSince(Fact):
    message = _("Svaren har ändrats sedan du kontrollerade dem. Läs igenom dem igen innan du skickar.")


class TooManyCases(Fact):
    message = _("Du har skickat många ärenden till mottagningen i dag. Ring dem om du behöver mer hjälp.")


def move(state: str, verb: Verb) -> State:
    """The state after the verb; raises NotAllowed (or Closed) where the table has no such move."""
    after = MOVES.get((State(state), verb))
    if after is None:
        raise Closed() if state == State.CLOSED else NotAllowed()
    return after


def may_see(*, actor: StaffActor, unit_id: int, owner_id: int | None, group_id: int | None) -> bool:
    """CASE-11: receivers and nurses all of the unit, handlers what lies with them or their groups."""
    if actor.unit_id != unit_id:
        return False
    return actor.has(*SEES_ALL) or (
        actor.has(*WORKS_WITH_CASES) and (owner_id == actor.staff_id or group_id in actor.group_ids)
    )


def check_text(body: str) -> str:
    text = body.replace("\x00", "").strip()
    if not text:
        raise EmptyMessage()
    if len(text) > MESSAGE_LIMIT:
        raise TooLong()
    return text


def may_write_again(*, closed_at: datetime | None, now: datetime) -> bool:
    return closed_at is not None and now < closed_at + WRITE_AGAIN


def excerpt(words: str, at_most: int = 160) -> str:
    """The first words of the patient, on one line, cut at a word."""
    line = " ".join(words.split())
    return line if len(line) <= at_most else line[: at_most - 1].rsplit(" ", 1)[0] + "…"


def urgency_and_clock(
    *, state: str, due_at: datetime | None, amber_at: datetime | None, now: datetime
) -> str:
    """'late', 'soon', 'waiting' or '' — the word beside the colour is the page's."""
    if state in (State.CLOSED, State.WAITING, State.ANSWERED) or due_at is None:
        return "waiting" if state == State.WAITING else ""
    if now > due_at:
        return "late"
    return "soon" if amber_at is not None and now >= amber_at else ""


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """The columns that an undo has to put back, with their old values."""
    return {k: v for k, v in before.items() if after.get(k) != v}
