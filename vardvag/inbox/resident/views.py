"""The inbox: everything from care to the one logged in, about the one whose matters are on screen."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from vardvag.core import clock, dates, doors
from vardvag.core.doors import ResidentRequest
from vardvag.inbox import access, actions, queries, wording


@require_safe
@doors.resident
def inbox(request: ResidentRequest) -> HttpResponse:
    """`visa=alla`: also what has been read. `sida`: older ones."""
    actor, now = request.actor, clock.now()
    everything = request.GET.get("visa") == "alla"
    page = queries.page_number(request.GET.get("sida", ""))
    items, older = queries.items(actor=actor, unread=not everything, page=page)
    if request.headers.get("X-Requested-With") == "background":  # an open page counts anew (unread.js)
        return render(request, "inbox/resident/_counted.html", {"newest": items[0] if items else None})
    about = queries.titles(items)
    rows = [
        {
            "item": item,
            "about": about[item.pk],
            "title": wording.title(item),
            "when": dates.moment(item.at, now=now, language=actor.language),
        }
        for item in items
    ]
    return render(
        request,
        "inbox/resident/inbox.html",
        {
            "rows": rows,
            "everything": everything,
            "others": queries.unread_for_others(actor=actor),
            "newer": page - 1,
            "older": page + 1 if older else 0,
        },
    )


@require_safe
@doors.resident
def item(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """Opens what the item is about; that is its read receipt."""
    now = clock.now()
    found = access.item_for_resident(actor=request.actor, public_id=public_id, now=now)
    actions.mark_read(actor=request.actor, item=found, now=now)
    return HttpResponseRedirect(reverse(found.link, args=[found.object_id]))


@require_POST
@doors.resident
def unread(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    now = clock.now()
    found = access.item_for_resident(actor=request.actor, public_id=public_id, now=now)
    actions.mark_unread(actor=request.actor, item=found, now=now)
    return HttpResponseRedirect(reverse("inbox/resident/inbox") + "?visa=alla")
