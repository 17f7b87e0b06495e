"""What can happen to an interview. The page locks it through access, calls one of these."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from vardvag.audit.actions import record
from vardvag.cases import actions as cases
from vardvag.cases.models import Case
from vardvag.catalogue.models import CaseTypeVersion
from vardvag.catalogue.queries import Sending, sending_at
from vardvag.core.actor import ResidentActor, StaffActor, SystemActor
from vardvag.core.saving import NO_PAGE, Saving
from vardvag.files import actions as files
from vardvag.files.access import draft_files
from vardvag.organisation.models import Unit
from vardvag.organisation.queries import after_open, due
from vardvag.services.triage import keeping, queries, telling
from vardvag.services.triage.access import open_interview
from vardvag.services.triage.actions.typed import set_typed
from vardvag.services.triage.content import library, unsigned
from vardvag.services.triage.engine.answers import BadAnswer
from vardvag.services.triage.engine.interview import State, heard, next_question
from vardvag.services.triage.engine.interview import answer as answered
from vardvag.services.triage.engine.interview import begin as begun
from vardvag.services.triage.engine.model import Kind
from vardvag.services.triage.engine.result import result
from vardvag.services.triage.models import Interview, WrongTriage
from vardvag.services.triage.reading import read
from vardvag.services.triage.rules import (
    KEPT_DAYS,
    REASONS_AT_MOST,
    SOON,
    WORDS_AT_MOST,
    AnsweredElsewhere,
    ChangedElsewhere,
    NoReason,
    NothingTold,
    TooManyReasons,
    TooYoung,
    due_at,
)

OTHER = "allmant"


def may_be_used(*, production: bool) -> bool:
    """In production not before clinicians have signed every protocol."""
    return not (production and unsigned(library()))


@transaction.atomic
def begin(
    *, actor: ResidentActor, unit: Unit, version: CaseTypeVersion, consents: dict[str, Any], now: datetime
) -> Interview:
    """The one under way, or a new one. Raises TooYoung."""
    found = open_interview(actor=actor, unit_id=unit.pk)
    if found is None:
        found = Interview(
            author_id=actor.me.person_id,
            patient_id=actor.patient.person_id,
            unit=unit,
            type_version=version,
            language=actor.language,
            represented=actor.represents,
            began_at=now,
            changed_at=now,
        )
        if queries.age_of(found, now) < 1:
            raise TooYoung()
        Interview.objects.bulk_create([found], ignore_conflicts=True)  # two tabs at once get the same
        made = open_interview(actor=actor, unit_id=unit.pk)
        assert made
        if made.public_id == found.public_id:
            _log(actor, "begin_interview", made, now)
        found = made
    found.consents = consents
    _keep(found, now, "consents")
    return found


@transaction.atomic
def tell(
    *, actor: ResidentActor, interview: Interview, words: str, now: datetime, saving: Saving = NO_PAGE
) -> Interview:
    """The patient's own words: what they may be about, what they say already, danger signs. Older words of the
    same page that come late change nothing. Raises NothingTold, and ChangedElsewhere where more has happened to the
    interview since than the page knows: other words begin it anew."""
    words = words.replace("\x00", "").strip()[:WORDS_AT_MOST]
    if not words:
        raise NothingTold()
    if saving.overtaken(interview.sheet, interview.nth):
        return interview
    before = interview.sheet
    if words == interview.words.replace("\r\n", "\n"):
        interview.sheet, interview.nth = saving.sheet, saving.nth
        interview.save(update_fields=["sheet", "nth"])
        return interview
    # Its own earlier savings may be under way, so that the page has not heard of them.
    ours = saving.same_page(before) and not interview.reasons
    if not ours and saving.revision not in (0, interview.revision):
        raise ChangedElsewhere()
    interview.sheet, interview.nth = saving.sheet, saving.nth
    said = read(
        words,
        language=actor.language,
        library=library(),
        age=queries.age_of(interview, now),
        sex=queries.sex_of(interview),
        today=timezone.localdate(now),
    )
    interview.words, interview.suggested = words, said.suggested
    interview.facts, interview.flags = said.facts, said.flags
    interview.reasons, interview.state, interview.typed = [], {}, None
    interview.result, interview.calmed = None, False
    kept = (
        "words",
        "sheet",
        "nth",
        "suggested",
        "facts",
        "flags",
        "reasons",
        "state",
        "typed",
        "result",
        "calmed",
    )
    _keep(interview, now, *kept)
    return interview


@transaction.atomic
def choose(
    *,
    actor: ResidentActor,
    interview: Interview,
    reasons: list[str],
    confirmed: list[str],
    lasting: list[str],
    now: datetime,
) -> Interview:
    """What it is about, and which of the understood facts are so. Raises NoReason and
    TooManyReasons."""
    found = library()
    chosen = [one for one in dict.fromkeys(reasons) if one in found.reasons or one == OTHER]
    if not chosen:
        raise NoReason()
    if len(chosen) > REASONS_AT_MOST:
        raise TooManyReasons()
    known: dict[str, Any] = {"age": queries.age_of(interview, now), "sex": queries.sex_of(interview)}
    for fact in interview.facts:
        if fact["concept"] in confirmed:
            known[fact["concept"]] = keeping.value_in(fact["value"])
    known |= {name: True for name in lasting if name in queries.LASTING}
    state = begun(
        found, tuple(chosen), known, queries.raised(interview, chosen), queries.about(interview),
        queries.near(interview),
    )  # fmt: skip
    interview.reasons, interview.state = chosen, keeping.to_json(state)
    interview.result = telling.over(interview)
    _keep(interview, now, "reasons", "state", "result")
    return interview


@transaction.atomic
def answer(
    *,
    actor: ResidentActor,
    interview: Interview,
    question: str,
    raw: Any,
    now: datetime,
    saving: Saving = NO_PAGE,
) -> Interview:
    """An answer to the question that stands, or to an earlier one. Raises BadAnswer (what would do, in words for
    developers) and AnsweredElsewhere."""
    found, state = library(), queries.state_of(interview)
    standing = next_question(found, state)
    if question not in {one.id for one in state.put} and (standing is None or standing.id != question):
        raise AnsweredElsewhere()
    state = answered(found, state, question, raw, standing)
    if question in found.concepts and found.concepts[question].kind is Kind.TEXT:
        said = state.answers.get(question)
        set_typed(interview, question, said if isinstance(said, str) else "", saving)
        if isinstance(said, str) and said:
            state = _heard(interview, state, question, said, actor.language, now)
    interview.state = keeping.to_json(state)
    interview.result = telling.over(interview)
    _keep(interview, now, "state", "typed", "result", "flags", "calmed")
    return interview


def stands(*, interview: Interview, question: str, raw: Any) -> bool:
    """Whether an answer to a question of before is the one that is kept, or none that can be."""
    found, state = library(), queries.state_of(interview)
    if question not in {one.id for one in state.put}:
        return True
    try:
        changed = answered(found, state, question, raw)
    except BadAnswer:
        return True
    (put,) = (one for one in state.put if one.id == question)
    return all(changed.answers.get(name) == state.answers.get(name) for name in put.concepts)


def _heard(
    interview: Interview, state: State, question: str, said: str, language: str, now: datetime
) -> State:
    """What an answer in words says beyond its question: danger signs and facts, which only raise."""
    found = library()
    told = read(
        said,
        language=language,
        library=found,
        age=queries.age_of(interview, now),
        sex=queries.sex_of(interview),
        today=timezone.localdate(now),
    )
    interview.flags = [one for one in interview.flags if one.get("in") != question]
    if told.flags:
        interview.flags += [{**one, "in": question} for one in told.flags]
        interview.calmed = False
    state = replace(state, raised=queries.raised(interview, interview.reasons))
    return heard(found, state, {one["concept"]: keeping.value_in(one["value"]) for one in told.facts})


@transaction.atomic
def calm(*, actor: ResidentActor, interview: Interview, now: datetime) -> Interview:
    """The person says that what the words seemed to tell is not so: the questions go on. What staff see of the words
    does not change (cases.actions.flags)."""
    interview.calmed = True
    if interview.reasons:
        interview.result = telling.over(interview)
    _keep(interview, now, "calmed", "result")
    return interview


@transaction.atomic
def send(*, actor: ResidentActor, interview: Interview, now: datetime) -> Case:
    """A case, once: with the urgency reached, never lower than was told, or for an interview that was cut short. What
    stands typed in the question's field goes with it. Raises what the catalogue says (NotOffered, NotTakingCases,
    TermsNotAccepted) and TooManyCases."""
    if interview.case is not None:
        return interview.case
    _answer_typed(actor, interview, now)
    found, state = library(), queries.state_of(interview)
    told = telling.kept(found, state, result(found, state), interview)
    if interview.result is None or told["urgency"] < interview.result["urgency"]:
        interview.result = told  # else what was shown stands, whatever content says since
    urgency: int = interview.result["urgency"]
    what: Sending = sending_at(actor=actor, unit=interview.unit, version=interview.type_version, now=now)
    unit_id = what.unit.pk
    usual = due(unit_id=unit_id, since=now, days=what.answer_days)
    answer_by = due_at(urgency, since=now, otherwise=usual)
    case = cases.open_from_service(
        actor=actor,
        opening=cases.Opening(
            key=interview.public_id,
            what=what,
            patient=interview.patient,
            language=interview.language,
            own_words=interview.words,
            also_said=queries.said_later(state, found),
            files=draft_files(actor=actor, draft_key=interview.public_id),
            due_at=answer_by,  # by the clock for staff and those who watch; told is what an open unit can keep
            promised_at=max(answer_by, after_open(unit_id=unit_id, at=now, length=SOON[2])),
            urgency=urgency,
            title=telling.title(interview, found),
        ),
        now=now,
    )
    interview.case, interview.provider_id, interview.sent_at = case, case.provider_id, now
    _keep(interview, now, "case", "provider_id", "sent_at", "result")
    record(
        actor=actor, verb="send_interview", kind="interview", object_id=interview.pk, at=now,
        patient_id=interview.patient_id, provider_id=case.provider_id, unit_id=case.unit_id,
    )  # fmt: skip
    return case


def _answer_typed(actor: ResidentActor, interview: Interview, now: datetime) -> None:
    """Only of the question that stands: a change of an earlier answer counts when it is sent as one."""
    standing = next_question(library(), queries.state_of(interview))
    if standing and (text := queries.typed_in(interview, standing.id).text):
        answer(actor=actor, interview=interview, question=standing.id, raw=text, now=now)


@transaction.atomic
def end(*, actor: ResidentActor, interview: Interview, now: datetime) -> None:
    """The advice is followed, or the interview is not wanted: nothing is sent, and what was told is removed."""
    if not interview.is_open:
        return
    files.remove_draft(actor=actor, draft_key=interview.public_id, now=now)
    _empty(interview, now)
    _log(actor, "end_interview", interview, now)


@transaction.atomic
def withdraw_consent(*, actor: ResidentActor, interview: Interview, kind: str, now: datetime) -> None:
    given = interview.consents.get(kind)
    if given and given["given"] and not given.get("withdrawn_at"):
        given["withdrawn_at"] = now.isoformat()
        _keep(interview, now, "consents")
        _log(actor, "withdraw_consent", interview, now)


@transaction.atomic
def forget(*, actor: SystemActor, now: datetime) -> int:
    """Nightly: what was begun and not touched for thirty days. Its files go with the files part's own job."""
    old = Interview.objects.filter(
        sent_at=None, ended_at=None, changed_at__lt=now - timedelta(days=KEPT_DAYS)
    )
    count = 0
    for interview in old.select_for_update(of=("self",), skip_locked=True):
        _empty(interview, now)
        count += 1
    return count


@transaction.atomic
def report(
    *, actor: StaffActor, case: Case, interview: Interview, how: str, comment: str, now: datetime
) -> WrongTriage:
    """Wrong triage, with the whole path; the same report twice is one, with what was said last."""
    comment = comment.replace("\x00", "").strip()[:1000]
    made, new = WrongTriage.objects.get_or_create(
        case=case,
        staff_id=actor.staff_id,
        how=how,
        defaults={
            "provider_id": case.provider_id,
            "unit_id": case.unit_id,
            "staff_name": actor.name,
            "comment": comment,
            "path": {"reasons": interview.reasons, "state": interview.state, "result": interview.result},
            "at": now,
        },
    )
    if new:
        record(
            actor=actor, verb="report_triage", kind="interview", object_id=interview.pk, at=now,
            patient_id=case.patient_id, details=[how],
        )  # fmt: skip
    elif comment and comment != made.comment:
        made.comment = comment
        made.save(update_fields=["comment"])
    return made


def _keep(interview: Interview, now: datetime, *names: str) -> None:
    interview.revision += 1
    interview.changed_at = now
    interview.save(update_fields=[*names, "revision", "changed_at"])


def _empty(interview: Interview, now: datetime) -> None:
    interview.words, interview.facts, interview.flags, interview.suggested = "", [], [], []
    interview.reasons, interview.state, interview.typed = [], {}, None
    interview.result, interview.ended_at = None, now
    kept = ("words", "facts", "flags", "suggested", "reasons", "state", "typed", "result", "ended_at")
    _keep(interview, now, *kept)


def _log(actor: ResidentActor, verb: str, interview: Interview, now: datetime) -> None:
    record(
        actor=actor,
        verb=verb,
        kind="interview",
        object_id=interview.pk,
        patient_id=interview.patient_id,
        at=now,
    )
