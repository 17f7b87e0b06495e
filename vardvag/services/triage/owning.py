"""What content owners' pages show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from vardvag.cases.models import Case, Event
from vardvag.core import clock
from vardvag.core.actor import StaffActor
from vardvag.organisation.queries import forget
from vardvag.services.triage import keeping, trying
from vardvag.services.triage.content import library, unsigned
from vardvag.services.triage.engine import golden, load
from vardvag.services.triage.engine.anamnesis_words import CARE, REFER
from vardvag.services.triage.engine.answers import BadAnswer, fact, understood
from vardvag.services.triage.engine.evaluate import Fired
from vardvag.services.triage.engine.in_words import in_words
from vardvag.services.triage.engine.interview import begin, next_question
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import GENERAL, SCREENING, Concept, Kind, Protocol
from vardvag.services.triage.engine.place import BadContent
from vardvag.services.triage.engine.result import result
from vardvag.services.triage.engine.values import number
from vardvag.services.triage.models import Interview, ProtocolVersion, WrongTriage
from vardvag.services.triage.queries import near
from vardvag.services.triage.rules import APPROVALS

TYPE = "sok-vard"
PAST = 500  # interviews that a change is tried on


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    title: str
    version: str
    rules: int
    questions: int
    signed: bool
    waiting: int  # proposals


def overview(*, language: str) -> list[Row]:
    found = library()
    without = set(unsigned(found))
    waiting: dict[str, int] = {}
    proposed = ProtocolVersion.objects.filter(state=ProtocolVersion.State.PROPOSED)
    for id in proposed.values_list("protocol_id", flat=True):
        waiting[id] = waiting.get(id, 0) + 1
    return [
        Row(
            one.id, one.title.said(language), one.version, len(one.rules),
            sum(len(entry.concepts) for entry in one.ask), one.id not in without, waiting.get(one.id, 0),
        )
        for one in sorted(found.every, key=lambda one: (one.id in found.protocols, one.title.said(language)))
    ]  # fmt: skip


def corrected(*, actor: StaffActor) -> dict[str, int]:
    """How nurses have changed the urgency of interviews' cases in ninety days, at one's own care provider."""
    since = clock.now() - timedelta(days=90)
    cases = Case.objects.filter(provider_id=actor.provider_id, type_key=TYPE, arrived_at__gt=since)
    found = {"cases": cases.count(), "raised": 0, "lowered": 0}
    for one in Event.objects.filter(case__in=cases, verb="urgency", undone_at=None):
        before, after = one.before.get("urgency"), one.after.get("urgency")
        if before and after and before != after:
            found["raised" if after < before else "lowered"] += 1
    return found


def reports(*, actor: StaffActor) -> list[dict[str, Any]]:
    """Without names, and without a way to the case; one's own care provider's."""
    found, language = library(), actor.language
    told = WrongTriage.objects.filter(provider_id=actor.provider_id)
    return [
        {
            "at": one.at,
            "how": one.How(one.how),
            "comment": one.comment,
            "reasons": [
                found.reasons[id].title.said(language) for id in one.path["reasons"] if id in found.reasons
            ],
            "urgency": (one.path["result"] or {}).get("urgency"),
            "fired": (one.path["result"] or {}).get("fired", []),
        }
        for one in told.order_by("-at")[:200]
    ]


def _known(protocol_id: str) -> Protocol:
    found = library()
    known = {one.id: one for one in found.every}
    if protocol_id not in known:
        raise Http404
    return known[protocol_id]


def shown(protocol_id: str, *, language: str) -> dict[str, Any]:
    _known(protocol_id)
    tried = _used(protocol_id)
    found, protocol = tried.library, tried.protocol
    spoken = "en" if language == "en" else "sv"
    written = {
        one["id"]: one["when"]
        for part in ("rules", "everywhere")
        for one in json.loads(protocol.content).get(part) or ()
    }
    return {
        "protocol": protocol,
        "title": protocol.title.said(language),
        "sha256": tried.sha256,
        "questions": [
            _question(found.concepts[name], language) for entry in protocol.ask for name in entry.concepts
        ],
        "rules": [
            {
                "rule": rule,
                "care": CARE[spoken][rule.care],
                "refer": REFER[spoken][rule.refer] if rule.refer else "",
                "when": in_words(rule.when, found.concepts, language) if rule.when else "",
                "written": written.get(rule.id, ""),
                "because": rule.because.said(language),
                "cases": tried.reached.get(rule.id, 0),
                "sources": [found.sources[one] for one in rule.sources if one in found.sources],
            }
            for rule in (*protocol.rules, *protocol.everywhere, protocol.default)
        ],
        "joins": [
            (in_words(one.when, found.concepts, language), found.protocol(one.take).title.said(language))
            for one in protocol.joins
        ],
        "cases": len(tried.cases),
        "failed": tried.failed,
        "uncovered": [rule for rule, number in tried.reached.items() if not number],
        "versions": ProtocolVersion.objects.filter(protocol_id=protocol_id).order_by("-id"),
    }


def _active(protocol_id: str) -> ProtocolVersion | None:
    state = ProtocolVersion.State.ACTIVE
    return ProtocolVersion.objects.filter(protocol_id=protocol_id, state=state).first()


def _used(protocol_id: str) -> trying.Tried:
    """The version in use, if it can still be read (content.library); else the shipped file."""
    active = _active(protocol_id)
    try:
        return trying.tried(protocol_id, active.content if active else None)
    except BadContent:
        return trying.tried(protocol_id)


def _question(concept: Concept, language: str) -> dict[str, Any]:
    return {
        "id": concept.id,
        "text": concept.text.said(language) or concept.label.said(language),
        "kind": str(concept.kind),
        "danger": concept.is_danger,
        "options": [(one.id, one.text.said(language)) for one in concept.options],
    }


def text_of(protocol_id: str) -> str:
    """YAML: the version in use, else the shipped file."""
    _known(protocol_id)
    active = _active(protocol_id)
    return active.content if active else load.shipped(protocol_id)


def simulated(protocol_id: str, given: Mapping[str, str], *, language: str) -> dict[str, Any]:
    found, protocol = library(), _known(protocol_id)
    answers, wrong = _answers(found, given)
    state = begin(found, (protocol_id,), answers)
    reached = result(found, state)
    upcoming = next_question(found, state)
    order = dict.fromkeys(
        name for one in (found.screening, protocol) for entry in one.ask for name in entry.concepts
    )
    names = [*order, *sorted((found.used(protocol) | found.used(found.screening)) - order.keys())]
    asked = [
        found.concepts[one] for one in names if found.concepts[one].kind not in (Kind.DERIVED, Kind.TEXT)
    ]
    return {
        "protocol": protocol,
        "title": protocol.title.said(language),
        "fields": [{**_question(one, language), "given": given.get(one.id, "")} for one in asked],
        "age": given.get("age") or "40",
        "sex": given.get("sex", "F"),
        "wrong": wrong,
        "reached": reached,
        "care": CARE["en" if language == "en" else "sv"][reached.care],
        "fired": [_fired(one, language) for one in reached.fired],
        "next": upcoming.text.said(language) if upcoming else "",
    }


def _answers(found: Library, given: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    wrong: list[str] = []
    answers: dict[str, Any] = {"age": 40.0, "sex": "F"}
    for name, raw in given.items():
        if name == "age" and raw:
            age = fact("age", number(raw))
            if age is None:
                wrong.append(_("Åldern ska vara ett tal från 0 till 130, inte {age}.").format(age=raw))
            else:
                answers["age"] = age
        elif name == "sex" and raw in ("F", "M"):
            answers["sex"] = raw
        elif name in found.concepts and raw:
            try:
                answers[name] = understood(found.concepts[name], raw)
            except BadAnswer as fault:
                wrong.append(str(fault))
    return answers, wrong


def _fired(one: Fired, language: str) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "protocol": one.protocol,
        "because": one.rule.because.said(language),
        "concepts": one.concepts,
    }


def in_use(protocol_id: str) -> int:
    """The active version's number, 0 for the shipped file."""
    active = ProtocolVersion.objects.filter(protocol_id=protocol_id, state=ProtocolVersion.State.ACTIVE)
    return active.values_list("pk", flat=True).first() or 0


def version(found: ProtocolVersion, *, actor: StaffActor) -> dict[str, Any]:
    approvals, used = list(found.approvals.order_by("at")), in_use(found.protocol_id)
    forget()  # so that it is compared with nothing older, which this process may still keep
    return {
        **_changes(found, actor),
        "version": found,
        "approvals": approvals,
        "mine": found.proposed_by_id == actor.staff_id,
        "approved": any(one.staff_id == actor.staff_id for one in approvals),
        "enough": len(approvals) >= APPROVALS,
        "content": found.content,
        "in_use": used,
    }


def _changes(found: ProtocolVersion, actor: StaffActor) -> dict[str, Any]:
    """What would change; of a version that cannot be read any more, why."""
    try:
        tried = trying.tried(found.protocol_id, found.content)
    except BadContent as fault:
        return {"unreadable": [str(one) for one in fault.problems]}
    before = library()
    old = _used(found.protocol_id) if found.protocol_id in before.protocols else tried
    named = [
        (case.name, (case.protocol,), golden.whole(tried.library, case), ())
        for case in (*old.cases, *tried.cases)
    ]
    sent = Interview.objects.filter(provider_id=actor.provider_id, sent_at__isnull=False)
    if found.protocol_id not in (SCREENING, GENERAL):  # which hold for everybody
        chosen = [found.protocol_id]
        sent = sent.filter(Q(reasons__contains=chosen) | Q(suggested__contains=chosen))
    past = [
        ("", tuple(one.reasons), keeping.answers_in(one.state), near(one))
        for one in sent.order_by("-id")[:PAST]
    ]
    return {
        "reached": tried.reached,
        "uncovered": [rule for rule, number in tried.reached.items() if not number],
        "golden": trying.changes(before, tried.library, named),
        "past": trying.changes(before, tried.library, past),
        "past_number": len(past),
    }
