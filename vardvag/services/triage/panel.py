"""What stands under the patient's own words in a case: for staff the history taken, why this urgency, and a report of
wrong triage; for the resident what they answered and the advice they got."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from vardvag.cases.models import Case
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.services.triage.access import interview_behind, interview_of
from vardvag.services.triage.models import Interview

TYPE = "sok-vard"


def panel(actor: StaffActor | ResidentActor, case: Case) -> SafeString:
    if case.type_key != TYPE:
        return SafeString("")
    interview = interview_of(actor=actor, case=case)
    if interview is None or interview.result is None:
        return SafeString("")
    return (
        for_staff(actor, case, interview)
        if isinstance(actor, StaffActor)
        else for_resident(actor, case, interview)
    )


def as_text(case: Case, language: str) -> str:
    """The history taken, as it is copied to the medical record."""
    interview = interview_behind(case) if case.type_key == TYPE else None
    if interview is None or interview.result is None:
        return ""
    sections = interview.result["history"][language]
    return "\n\n".join(f"{one['title'].upper()}\n" + "\n".join(one["lines"]) for one in sections)


def for_staff(actor: StaffActor, case: Case, interview: Interview) -> SafeString:
    told = interview.result or {}
    shown = {"case": case, "interview": interview, "told": told, "history": told["history"][actor.language],
             "consents": consents(interview)}  # fmt: skip
    return render_to_string("triage/staff/panel.html", shown)


def for_resident(actor: ResidentActor, case: Case, interview: Interview) -> SafeString:
    told = interview.result or {}
    shown = {
        "case": case,
        "interview": interview,
        "card": told["card"][actor.language],
        "consents": consents(interview),
    }
    return render_to_string("triage/resident/panel.html", shown)


def consents(interview: Interview) -> list[dict[str, object]]:
    return [{"kind": kind, **given} for kind, given in interview.consents.items()]
