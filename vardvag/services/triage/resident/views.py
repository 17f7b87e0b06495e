"""The interview (R6): who and consents, own words, is this right, one question a page, the outcome."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vardvag.catalogue import actions as catalogue_actions
from vardvag.catalogue import queries as catalogue
from vardvag.catalogue.actions import NotOffered, TermsNotAccepted
from vardvag.core import clock, dates, doors
from vardvag.core.doors import ResidentRequest
from vardvag.core.facts import Fact
from vardvag.core.saving import saving
from vardvag.files.access import draft_files
from vardvag.files.pages import sent_with_form
from vardvag.organisation.access import unit_by_slug
from vardvag.organisation.models import Unit
from vardvag.organisation.queries import calendar_of, contact_card, opening
from vardvag.services.triage import actions, queries, telling
from vardvag.services.triage.access import interview_for_resident, open_interview
from vardvag.services.triage.models import Interview
from vardvag.services.triage.reading import SHOWN
from vardvag.services.triage.resident.forms import LENGTHS, ConsentForm, NoAnswer, TypedForm, WordsForm, given
from vardvag.services.triage.rules import CONSENTS, WORDS_AT_MOST

TYPE = "sok-vard"
FILES_AT_MOST = 5


def _to(name: str, interview: Interview) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"triage/resident/{name}", args=[interview.public_id]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def begin(request: ResidentRequest, slug: str) -> HttpResponse:
    """When not to use it, who it is about, the two consents."""
    actor, now = request.actor, clock.now()
    unit = unit_by_slug(slug)
    try:
        offered = catalogue.offer(actor=actor, unit_id=unit.pk, key=TYPE, now=now)
    except NotOffered as fact:
        return render(request, "cases/resident/not_offered.html", {"problem": fact, "unit": unit}, status=404)
    except Fact as fact:
        return render(request, "cases/resident/not_offered.html", {"problem": fact, "unit": unit}, status=409)
    standing = open_interview(actor=actor, unit_id=offered.unit.pk)
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if catalogue.terms_needed(actor=actor, case_type_version_id=offered.version_id, unit_id=unit.pk):
            return HttpResponseRedirect(reverse("cases/resident/about", args=[slug, TYPE]), status=303)
        consents = {
            kind: {
                "given": form.cleaned_data[kind] == "yes",
                "wording": str(form.fields[kind].label),
                "at": now.isoformat(),
            }
            for kind in CONSENTS
        }
        try:
            made = actions.begin(
                actor=actor,
                unit=offered.unit,
                version=catalogue.version_of_id(offered.version_id),
                consents=consents,
                now=now,
            )
        except Fact as fact:
            return render(
                request, "cases/resident/not_offered.html", {"problem": fact, "unit": unit}, status=409
            )
        return _to("words", made)
    context = {"form": form, "offered": offered, "slug": slug, "standing": standing}
    context |= hours(offered.unit, request)
    if not context["open"]:
        context["elsewhere"] = catalogue.open_elsewhere(actor=actor, key=TYPE, but=offered.unit.pk, now=now)
    return render(request, "triage/resident/begin.html", context, status=422 if form.errors else 200)


def hours(unit: Unit, request: ResidentRequest) -> dict[str, Any]:
    """Whether the unit reads cases at this hour, until when, or when it does next."""
    now = clock.now()
    found = opening(calendar_of(unit.pk), now)
    change = found.closes or found.opens
    when = dates.moment(change, now=now, language=request.actor.language) if change else ""
    return {"open": found.now, "until": when, "reader": unit.public_name}


def _open(request: ResidentRequest, interview_id: UUID, *, lock: bool = False) -> Interview | HttpResponse:
    """The interview under way; else where it went."""
    found = interview_for_resident(actor=request.actor, public_id=interview_id, lock=lock)
    if found.case is not None:
        return HttpResponseRedirect(
            reverse("cases/resident/receipt", args=[found.case.public_id]), status=303
        )
    if found.ended_at is not None:
        return HttpResponseRedirect(reverse("cases/resident/start"), status=303)
    return found


def _as_shown(request: ResidentRequest, found: Interview) -> bool:
    """Whether the interview is what it was when the page was made."""
    return request.POST.get("revision", str(found.revision)) == str(found.revision)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def words(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    actor, now = request.actor, clock.now()
    found = _open(request, interview_id, lock=request.method == "POST")
    if isinstance(found, HttpResponse):
        return found
    if request.method != "POST":
        form = WordsForm(initial={"words": found.words})
        return render(request, "triage/resident/words.html", _words(request, found, form))
    refused = sent_with_form(
        request, purpose="case", draft_key=found.public_id, patient_id=found.patient_id, at_most=FILES_AT_MOST
    )
    form = WordsForm(request.POST)
    if not form.is_valid() or refused or "remove_file" in request.POST or "upload" in request.POST:
        stays = not form.errors and not refused
        context = _words(request, found, form, refused=refused)
        return render(request, "triage/resident/words.html", context, status=200 if stays else 422)
    told = form.cleaned_data["words"]
    try:
        actions.tell(actor=actor, interview=found, words=told, saving=saving(request.POST), now=now)
    except actions.ChangedElsewhere as fact:
        context = _words(request, found, form, problem=fact)
        return render(request, "triage/resident/words.html", context, status=409)
    return _to("reasons", found)


def _words(request: ResidentRequest, found: Interview, form: WordsForm, **extra: Any) -> dict[str, Any]:
    return {
        "interview": found,
        "form": form,
        "files": draft_files(actor=request.actor, draft_key=found.public_id),
        "at_most": FILES_AT_MOST,
        "saved_at": dates.clock(found.changed_at),
        **extra,
    }


@require_POST
@doors.resident
def save(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """Autosave of the words; 422 for what cannot be kept, 409 for what another tab or device has gone on from."""
    found = _open(request, interview_id, lock=True)
    if isinstance(found, HttpResponse):
        return JsonResponse({"sent": found["Location"]}, status=409)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({}, status=422)
    told, page = form.cleaned_data["words"], saving(request.POST)
    try:
        actions.tell(actor=request.actor, interview=found, words=told, saving=page, now=clock.now())
    except actions.ChangedElsewhere:
        return JsonResponse({}, status=409)
    return JsonResponse({"saved": dates.clock(found.changed_at), "revision": found.revision})


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def reasons(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """What we have understood, and what it is about: the likeliest three, all of them, or something else."""
    actor, now = request.actor, clock.now()
    found = _open(request, interview_id, lock=request.method == "POST")
    if isinstance(found, HttpResponse):
        return found
    if not found.words:
        return _to("words", found)
    problem: Fact | None = None
    if request.method == "POST" and not _as_shown(request, found):
        if found.reasons and set(found.reasons) == {*filter(None, _reasons(request))}:
            return _onward(found)  # the same form once more
        problem = actions.ChangedElsewhere()
    elif request.method == "POST":
        try:
            actions.choose(
                actor=actor,
                interview=found,
                reasons=_reasons(request),
                confirmed=request.POST.getlist("fact"),
                lasting=request.POST.getlist("lasting"),
                now=now,
            )
            return _onward(found)
        except Fact as fact:
            problem = fact
    language = actor.language
    lasting = [
        one for one in queries.background(actor=actor) if one not in {f["concept"] for f in found.facts}
    ]
    changed = isinstance(problem, actions.ChangedElsewhere)
    context = {
        "interview": found,
        "problem": problem,
        "understood": queries.understood(found, language=language),
        "lasting": queries.labels(lasting, found, language=language),
        "suggested": queries.reasons(found.suggested[:SHOWN], language=language),
        "all": queries.all_reasons(language=language),
        **(_as_chosen(found, lasting) if changed or problem is None else _as_ticked(request)),
    }
    status = 409 if changed else 422 if problem else 200
    return render(request, "triage/resident/reasons.html", context, status=status)


def _as_chosen(found: Interview, lasting: list[str]) -> dict[str, Any]:
    """What is ticked: all that was understood and the likeliest reason at first, then what was left so."""
    known = queries.confirmed(found)
    shown = {*found.suggested[:SHOWN], actions.OTHER}
    return {
        "facts": known if found.reasons else [one["concept"] for one in found.facts],
        "still": known if found.reasons else lasting,
        "chosen": found.reasons,
        "first": not found.reasons,
        "other": next((one for one in found.reasons if one not in shown), ""),
    }


def _as_ticked(request: ResidentRequest) -> dict[str, Any]:
    return {
        "facts": request.POST.getlist("fact"),
        "still": request.POST.getlist("lasting"),
        "chosen": request.POST.getlist("reason"),
        "other": request.POST.get("other_reason", ""),
    }


def _reasons(request: ResidentRequest) -> list[str]:
    return [*request.POST.getlist("reason"), *filter(None, request.POST.getlist("other_reason"))]


def _onward(found: Interview) -> HttpResponse:
    return _to("result" if found.result else "question", found)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def question(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """The next question, or with ?igen= an earlier one."""
    actor, now = request.actor, clock.now()
    found = _open(request, interview_id, lock=request.method == "POST")
    if isinstance(found, HttpResponse):
        return found
    if not found.reasons:
        return _to("reasons", found)
    again = request.GET.get("igen", "") or request.POST.get("again", "")
    shown = queries.question_of(found, language=actor.language, earlier=again)
    asked = request.POST.get("question", "")
    if request.method == "POST" and (shown is None or asked != shown.question.id):
        return _answered_before(request, found, asked)
    if shown is None:
        return _to("result", found)
    error = ""
    if request.method == "POST" and _other_lines(request, shown):
        error = "lines"
    elif request.method == "POST":
        try:
            actions.answer(
                actor=actor, interview=found, question=asked, raw=given(shown.question, request.POST),
                saving=saving(request.POST), now=now,
            )  # fmt: skip
        except NoAnswer:
            error = "empty"
        except actions.BadAnswer:
            error = "shape"
        else:
            return _onward(found)
    asked = queries.asked_before(found)
    if error:
        shown = _as_sent(request, shown)
    context = {"interview": found, "shown": shown, "error": error, "again": again, "asked": asked}
    status = 409 if error == "lines" else 422 if error else 200
    return render(request, "triage/resident/question.html", context, status=status)


def _other_lines(request: ResidentRequest, shown: queries.Shown) -> bool:
    """Whether the page had other lines to tick: another tab or a new version has changed them. What it did not show it
    does not answer."""
    lines = request.POST.get("lines")
    return shown.question.screen and lines is not None and lines != " ".join(shown.question.concepts)


@require_POST
@doors.resident
def save_typed(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """Autosave of an answer in words; 422 for what cannot be kept, 409 for what another tab or device has gone on
    from."""
    found, now = _open(request, interview_id, lock=True), clock.now()
    if isinstance(found, HttpResponse):
        return JsonResponse({"sent": found["Location"]}, status=409)
    form = TypedForm(request.POST)
    if not form.is_valid():
        return JsonResponse({}, status=422)
    question, text = form.cleaned_data["question"], form.cleaned_data["answer"]
    try:
        revision = actions.keep_typed(
            actor=request.actor, interview=found, question=question, text=text,
            saving=saving(request.POST), now=now,
        )  # fmt: skip
    except (actions.AnsweredElsewhere, actions.ChangedElsewhere):
        return JsonResponse({}, status=409)
    return JsonResponse({"saved": dates.clock(now), "revision": revision})


def _as_sent(request: ResidentRequest, shown: queries.Shown) -> queries.Shown:
    """With what was typed in the field, or ticked where the lines are others; else buttons and ticks are as they
    were."""
    sent, unit = request.POST.get("answer", ""), request.POST.get("unit", "")
    if _other_lines(request, shown):
        ticked = request.POST.getlist("answer")
        return replace(shown, options=[(id, text, id in ticked) for id, text, _before in shown.options])
    if shown.question.kind in ("choice", "multi"):
        return shown
    return replace(shown, value=sent[:WORDS_AT_MOST], length=unit if unit in LENGTHS else shown.length)


def _answered_before(request: ResidentRequest, found: Interview, asked: str) -> HttpResponse:
    """In another tab or by the back button. Another answer than the one that is kept is asked about."""
    shown = queries.question_of(found, language=request.actor.language, earlier=asked)
    if shown is None:
        return _to("question", found)
    try:
        same = actions.stands(interview=found, question=asked, raw=given(shown.question, request.POST))
        same = same and not _other_lines(request, shown)
    except NoAnswer:
        same = True
    if same:
        return _to("question", found)
    context = {
        "interview": found, "shown": _as_sent(request, shown), "error": "twice", "again": asked, "asked": asked,
        "kept": shown.value if shown.question.kind == "text" else "",
    }  # fmt: skip
    return render(request, "triage/resident/question.html", context, status=409)


@require_safe
@doors.resident
def answers(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """What has been answered, each to be changed."""
    found = _open(request, interview_id)
    if isinstance(found, HttpResponse):
        return found
    rows = queries.answered(found, language=request.actor.language)
    return render(request, "triage/resident/answers.html", {"interview": found, "rows": rows})


@require_safe
@doors.resident
def result(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """One care card: what to do now, why, what one can do oneself, when to seek again."""
    found = _open(request, interview_id)
    if isinstance(found, HttpResponse):
        return found
    if found.result is None and found.reasons:
        found.result = telling.over(found)  # content may ask less than when it was answered last
    if found.result is None:
        return _to("question" if found.reasons else "reasons", found)
    return render(request, "triage/resident/result.html", _card(request, found))


def _card(request: ResidentRequest, found: Interview, **extra: Any) -> dict[str, Any]:
    told = found.result or {}
    return {
        "interview": found,
        "card": told["card"][request.actor.language],
        "urgency": told["urgency"],
        "by_words": bool(found.flags) and not found.calmed and told["by_words"],
        "contact": contact_card(found.unit, now=clock.now()),
        **hours(found.unit, request),
        **extra,
    }


@require_POST
@doors.resident
def calm(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    found = _open(request, interview_id, lock=True)
    if isinstance(found, HttpResponse):
        return found
    if not _as_shown(request, found):
        return _onward(found) if found.calmed else _shown_again(request, found)
    actions.calm(actor=request.actor, interview=found, now=clock.now())
    return _onward(found)


def _shown_again(request: ResidentRequest, found: Interview) -> HttpResponse:
    """What was pressed belongs to a result that is no longer so."""
    if found.result is None:
        return _to("question" if found.reasons else "reasons", found)
    context = _card(request, found, problem=actions.ChangedElsewhere())
    return render(request, "triage/resident/result.html", context, status=409)


@require_POST
@doors.resident
def send(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """To the clinic, finished or not; repeated it lands on the same receipt."""
    found = interview_for_resident(actor=request.actor, public_id=interview_id, lock=True)
    if found.ended_at is not None:
        return HttpResponseRedirect(reverse("cases/resident/start"), status=303)
    if not found.reasons and found.sent_at is None:
        return _to("reasons" if found.words else "words", found)
    if found.sent_at is None and not _as_shown(request, found):
        return _shown_again(request, found)
    actor, now = request.actor, clock.now()
    asked: dict[str, Any] = {
        "actor": actor, "case_type_version_id": found.type_version_id, "unit_id": found.unit_id
    }  # fmt: skip
    if "accept" in request.POST:
        catalogue_actions.accept_shown(**asked, shown=request.POST["accept"], now=now)
    try:
        case = actions.send(actor=actor, interview=found, now=now)
    except Fact as fact:
        if found.result is None:
            return _to("question", found)
        context = _card(request, found, problem=fact)
        if isinstance(fact, TermsNotAccepted):  # changed since it was begun: they can be accepted here
            context["terms"] = catalogue.terms_needed(**asked)
        return render(request, "triage/resident/result.html", context, status=409)
    return HttpResponseRedirect(reverse("cases/resident/receipt", args=[case.public_id]), status=303)


@require_POST
@doors.resident
def end(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """The advice is enough: nothing is sent."""
    found = _open(request, interview_id, lock=True)
    if isinstance(found, HttpResponse):
        return found
    if not _as_shown(request, found):
        return _shown_again(request, found)
    actions.end(actor=request.actor, interview=found, now=clock.now())
    return HttpResponseRedirect(reverse("cases/resident/start"), status=303)


@require_POST
@doors.resident
def consent(request: ResidentRequest, interview_id: UUID) -> HttpResponse:
    """Take a consent back, whenever."""
    found = interview_for_resident(actor=request.actor, public_id=interview_id, lock=True)
    actions.withdraw_consent(
        actor=request.actor, interview=found, kind=request.POST.get("kind", ""), now=clock.now()
    )
    if found.case is not None:
        return HttpResponseRedirect(reverse("cases/resident/case", args=[found.case.public_id]), status=303)
    return _to("words", found)
