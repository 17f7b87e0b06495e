"""Imports: a file is looked at first, shown line by line, and applied by the worker."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from vardvag.core import clock, doors
from vardvag.core.doors import StaffRequest
from vardvag.organisation import access, actions, queries
from vardvag.organisation.manage.forms import UploadForm
from vardvag.organisation.staffing_rules import IMPORTS
from vardvag.outside.hsa.guard import UnreadableFile


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(*IMPORTS)
def imports(request: StaffRequest) -> HttpResponse:
    """Earlier imports, and a new one. Uploading writes nothing but the run with its findings."""
    form, problem = UploadForm(), None
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run, _report = actions.check_import(
                    actor=request.actor, kind=form.cleaned_data["kind"], file_name=file.name,
                    content=file.read(), now=clock.now(),
                )  # fmt: skip
                return HttpResponseRedirect(reverse("organisation/manage/run", args=[run.pk]))
            except UnreadableFile as unreadable:
                problem = unreadable.message
    return render(
        request,
        "organisation/manage/imports.html",
        {"form": form, "problem": problem, "runs": queries.import_runs()},
        status=422 if problem or form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(*IMPORTS)
def run(request: StaffRequest, run_id: int) -> HttpResponse:
    """What the file would do, or has done; POST lets the worker do it."""
    found = access.import_run(actor=request.actor, run_id=run_id)
    if request.method == "POST":
        actions.queue_import(
            actor=request.actor, run=found, allow_gone="godkann" in request.POST, now=clock.now()
        )
        return HttpResponseRedirect(reverse("organisation/manage/run", args=[run_id]))
    return render(request, "organisation/manage/run.html", {"run": found})
