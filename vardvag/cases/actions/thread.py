"""What is written in a case: replies, questions, notes, the resident's words. Sent means stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from vardvag.cases.access import author
from vardvag.cases.actions.changes import commit, news, snapshot
from vardvag.cases.actions.clocks import owe_answer, owe_nothing
from vardvag.cases.actions.drafts import done_with
from vardvag.cases.actions.flags import raise_by_words
from vardvag.cases.actions.moves import give_to_receivers
from vardvag.cases.models import Attachment, Case, ClosedHow, Draft, Event, Message, Note, State
from vardvag.cases.rules import (
    HELD_AFTER,
    PROMISE_WITHIN,
    SENDS,
    UNDO_REPLY,
    AnsweredMeanwhile,
    Closed,
    NotAnswerable,
    SentOtherwise,
    TakenBack,
    TooManyMessages,
    UnfilledPlaceholder,
    Verb,
    WrongPromise,
    check_text,
    may_write_again,
    move,
)
from vardvag.catalogue.queries import unfilled
from vardvag.core import compiled
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.compiled import Compiled
from vardvag.core.saving import NO_PAGE, Saving
from vardvag.files import access as file_access
from vardvag.files import actions as files
from vardvag.files.models import File
from vardvag.inbox.actions import tell_staff
from vardvag.inbox.models import StaffKind
from vardvag.organisation.access import is_present

RESIDENT_MESSAGES, PER = 30, timedelta(minutes=10)


@transaction.atomic
def reply(
    *,
    actor: StaffActor,
    case: Case,
    verb: Verb,
    body: str,
    seen_seq: int,
    key: UUID,
    now: datetime,
    promised_at: datetime | None = None,
    and_close: bool = False,
    saving: Saving = NO_PAGE,
) -> Message:
    """Reply, partial reply or question, held for ten seconds before the resident sees it.

    The case is locked. `seen_seq` is the last message the writer had on screen: AnsweredMeanwhile when more
    has come (`facts["messages"]`), and nothing is sent. The same `key`, words and files again give the message
    stored, but TakenBack when it has been undone, and SentOtherwise when it was another act. Raises WrongPromise for
    a new date that has passed.
    """
    text = check_text(body)
    if verb != Verb.PARTIAL:
        promised_at = None
    sent = _once(actor, case, key, text)
    if sent.stored is not None:
        _same_act(
            sent.stored, kind=SENDS[verb], promised_at=promised_at, closes=and_close and verb == Verb.REPLY
        )
        _arrived(actor=actor, case=case, text=text)
        return sent.stored
    if missing := unfilled(text):
        raise UnfilledPlaceholder(names=missing)
    if case.state == State.CLOSED:
        raise Closed()
    _nothing_new(case, seen_seq, sent.key)
    if promised_at is not None and not now < promised_at < now + PROMISE_WITHIN:
        raise WrongPromise()
    before = snapshot(case)
    case.state = move(case.state, verb)
    if case.owner_id is None:
        case.owner_id, case.owner_name = actor.staff_id, actor.name
    case.begun_at = case.begun_at or now
    case.first_reply_at = case.first_reply_at or now
    case.unread_by_staff = False
    if verb == Verb.REPLY:
        case.final_reply_at = now
        owe_nothing(case)
    elif verb == Verb.ASK:
        case.waiting_since = now
        owe_nothing(case)
    elif case.due_at is None:  # it was the resident's turn, or answered: it is ours again
        owe_answer(case, since=now, due_at=promised_at)
    elif promised_at is not None:
        owe_answer(case, since=case.waiting_since, due_at=promised_at)
    message = _append(
        case=case,
        actor=actor,
        kind=SENDS[verb],
        body=text,
        sent=sent,
        saving=saving,
        now=now,
        released_at=now + UNDO_REPLY + HELD_AFTER,
        promised_at=promised_at,
    )
    _mark_read(case, seq=seen_seq, now=now)  # whoever answers has read, however quickly
    case.staff_seen_seq = message.seq
    if and_close and verb == Verb.REPLY:
        case.state = move(case.state, Verb.CLOSE)
        case.closed_at, case.closed_how = now, ClosedHow.ANSWERED
    commit(actor=actor, case=case, before=before, verb=verb, now=now, message=message)
    compiled.act(_HOLD, [message.pk, message.provider_id, message.released_at])
    return message


@transaction.atomic
def note(
    *, actor: StaffActor, case: Case, body: str, key: UUID, now: datetime, saving: Saving = NO_PAGE
) -> Note:
    """Internal: staff only. The same `key` and words again give the note already stored."""
    text, page_key = check_text(body), key
    if Note.objects.filter(case=case, key=key).exclude(body=text).exists():
        key = uuid5(key, text)
    stored, new = Note.objects.get_or_create(
        case=case,
        key=key,
        defaults={
            "provider_id": case.provider_id,
            "staff_id": actor.staff_id,
            "staff_name": actor.name,
            "staff_title": actor.title,
            "body": text,
            "at": now,
        },
    )
    if new:
        done_with(actor=actor, case=case, form="note", text=text, key=page_key, saving=saving)
        commit(actor=actor, case=case, before=snapshot(case), verb="note", now=now)
    else:
        _arrived(actor=actor, case=case, text=text)
    return stored


@transaction.atomic
def write(
    *,
    actor: ResidentActor,
    case: Case,
    body: str,
    key: UUID,
    now: datetime,
    saving: Saving = NO_PAGE,
) -> Message:
    """The resident adds to a case or answers a question. In a closed one, within a week, it opens again."""
    text = check_text(body)
    sent = _once(actor, case, key, text)
    if sent.stored is not None:
        _arrived(actor=actor, case=case, text=text)
        return sent.stored
    _may_write(case, now)
    recent = Message.objects.filter(case=case, author_kind=Message.Author.RESIDENT, at__gt=now - PER)
    if recent.count() >= RESIDENT_MESSAGES:
        raise TooManyMessages()
    before = snapshot(case)
    was_closed = case.state == State.CLOSED
    our_turn_already = case.due_at is not None
    case.state = move(case.state, Verb.WRITE)
    if was_closed:
        case.closed_at, case.closed_how = None, ""
    if case.owner_id is not None and not is_present(unit_id=case.unit_id, staff_id=case.owner_id, at=now):
        give_to_receivers(case)
    if was_closed and case.owner_id is None:
        case.state = State.NEW
    if case.owner_id is None and case.group_id is None:  # its group was removed while it was closed
        give_to_receivers(case)
    if not our_turn_already:
        owe_answer(case, since=now)
    case.unread_by_staff = True
    message = _append(
        case=case,
        actor=actor,
        kind=Message.Kind.MESSAGE,
        body=text,
        sent=sent,
        saving=saving,
        now=now,
        released_at=now,
    )
    Message.objects.filter(
        case=case, author_kind=Message.Author.STAFF, read_at=None, released_at__lte=now
    ).update(read_at=now)
    commit(actor=actor, case=case, before=before, verb=Verb.WRITE, now=now, message=message)
    raise_by_words(actor=actor, case=case, text=text, now=now)
    tell_staff(
        actor=actor,
        unit=case.unit,
        kind=StaffKind.MESSAGE,
        object_id=case.public_id,
        patient_id=case.patient_id,
        key=f"wrote:{message.public_id}",
        now=now,
        urgency=case.urgency,
        staff_id=case.owner_id,
        group_id=case.group_id,
    )
    return message


@transaction.atomic
def withdraw(*, actor: ResidentActor, case: Case, key: UUID, now: datetime) -> None:
    """Nobody has begun: the case ends. Begun: staff are told in the thread, and end it."""
    if case.state == State.CLOSED:
        return
    if case.state in (State.NEW, State.DISTRIBUTED):
        before = snapshot(case)
        case.state = move(case.state, Verb.WITHDRAW)
        case.closed_at, case.closed_how, case.unread_by_staff = now, ClosedHow.WITHDRAWN, False
        owe_nothing(case)
        commit(actor=actor, case=case, before=before, verb=Verb.WITHDRAW, now=now)
        return
    with translation.override(case.language):
        words = _("Jag behöver inte längre svar.")
    write(actor=actor, case=case, body=words, key=key, now=now)


def seen(*, actor: StaffActor, case: Case, seq: int, now: datetime) -> None:
    """Messages up to `seq` have stood on a staff member's screen for two seconds."""
    seq = min(seq, case.last_seq)
    if seq <= case.staff_seen_seq and not case.unread_by_staff:
        return
    case.staff_seen_seq = max(seq, case.staff_seen_seq)
    case.unread_by_staff = case.unread_by_staff and seq < case.last_seq
    case.save(update_fields=["staff_seen_seq", "unread_by_staff"])
    _mark_read(case, seq=seq, now=now)
    news(case, "seen", by=actor.name)


def _mark_read(case: Case, *, seq: int, now: datetime) -> None:
    """The resident sees that the clinic has read."""
    compiled.act(
        "update cases_message set read_at = %s"
        " where case_id = %s and author_kind = %s and seq <= %s and read_at is null",
        [now, case.pk, Message.Author.RESIDENT.value, seq],
    )


def _may_write(case: Case, now: datetime) -> None:
    if not case.answerable:
        raise NotAnswerable()
    if case.state == State.CLOSED and not may_write_again(closed_at=case.closed_at, now=now):
        raise NotAnswerable()


def _nothing_new(case: Case, seen_seq: int, key: UUID) -> None:
    """An undone reply leaves a gap in the numbers, and nothing to read; its own form does not send it again."""
    if case.last_seq > seen_seq:
        new = list(Message.objects.filter(case=case, seq__gt=seen_seq).order_by("seq"))
        if new:
            raise AnsweredMeanwhile(messages=new)
        if Event.objects.filter(case=case, undone_key=key).exists():
            raise TakenBack()


_HOLD = "insert into cases_heldreply (message_id, provider_id, released_at) values (%s, %s, %s)"
_BY_KEY = Compiled(
    lambda case_id, key: Message.objects.filter(case_id=case_id, key=key), case_id=int, key=UUID
)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a form with words and files is: the message stored of it, or the key and files of the one to be."""

    stored: Message | None
    form_key: UUID
    key: UUID
    files: list[File]


def _once(actor: ResidentActor | StaffActor, case: Case, key: UUID, text: str) -> _Sent:
    """Other words under a used key (a second tab opened before the first was sent), or files that its message does
    not have, are another message, with a key made of both."""
    form_key, stored = key, _BY_KEY.first(case_id=case.pk, key=key)
    files = file_access.draft_files(actor=actor, draft_key=form_key)
    if stored is not None and stored.body != text:
        key = uuid5(key, text)
        stored = _BY_KEY.first(case_id=case.pk, key=key)
    while stored is not None:
        there = set(Attachment.objects.filter(message=stored).values_list("file__original_sha256", flat=True))
        files = [file for file in files if file.original_sha256 not in there]
        if not files:
            break
        key = uuid5(key, " ".join(sorted(file.original_sha256 for file in files)))
        stored = _BY_KEY.first(case_id=case.pk, key=key)
    return _Sent(stored, form_key, key, files)


def _same_act(stored: Message, *, kind: Message.Kind, promised_at: datetime | None, closes: bool) -> None:
    """Raises SentOtherwise when the words were sent, but not as the form says now."""
    missed = closes and not Event.objects.filter(message=stored, after__state=State.CLOSED).exists()
    if missed or stored.kind != kind or stored.promised_at != promised_at:
        raise SentOtherwise()


def _append(
    *,
    case: Case,
    actor: ResidentActor | StaffActor,
    kind: Message.Kind,
    body: str,
    sent: _Sent,
    saving: Saving,
    now: datetime,
    released_at: datetime,
    promised_at: datetime | None = None,
) -> Message:
    """The next message, with its files; what its page had saved is done with."""
    who_kind, who = author(actor)
    case.last_seq += 1
    message = Message(
        case=case,
        provider_id=case.provider_id,
        unit_id=case.unit_id,
        patient_id=case.patient_id,
        seq=case.last_seq,
        author_kind=who_kind,
        author_id=who,
        author_name=actor.name if isinstance(actor, StaffActor) else actor.me.name,
        author_title=actor.title if isinstance(actor, StaffActor) else "",
        for_patient=isinstance(actor, ResidentActor) and actor.represents,
        kind=kind,
        body=body,
        promised_at=promised_at,
        at=now,
        released_at=released_at,
        key=sent.key,
    )
    compiled.insert(message)
    attach(message=message, actor=actor, found=sent.files, now=now)
    form = "reply" if isinstance(actor, StaffActor) else "message"
    done_with(actor=actor, case=case, form=form, text=body, key=sent.form_key, saving=saving)
    return message


def _arrived(*, actor: ResidentActor | StaffActor, case: Case, text: str) -> None:
    """Sent again after a lost answer: the page may have saved the words as a draft anew, not knowing."""
    kind, who = author(actor)
    Draft.objects.filter(case=case, author_kind=kind, author_id=who, body=text).delete()


def attach(
    *, actor: ResidentActor | StaffActor, message: Message, found: Sequence[File], now: datetime
) -> None:
    if not found:
        return
    adopted = files.adopt(
        actor=actor, files=found, patient_id=message.patient_id, provider_id=message.provider_id, now=now
    )
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            file=file,
            case_id=message.case_id,
            provider_id=message.provider_id,
            patient_id=message.patient_id,
            position=position,
        )
        for position, file in enumerate(adopted)
    )
