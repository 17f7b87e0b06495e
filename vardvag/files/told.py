"""What others tell of files: the log of who read what in plain words, and the figures of operations."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from vardvag.audit.queries import say, titles_from
from vardvag.core import metrics
from vardvag.core.clock import now
from vardvag.files.models import Attempt, File

WORDS = {
    "upload_file": _("laddade upp filen %(title)s"),
    "send_file": _("skickade filen %(title)s"),
    "take_back_file": _("tog tillbaka filen %(title)s"),
    "remove_file": _("tog bort filen %(title)s"),
    "read_file": _("öppnade filen %(title)s"),
    "read_intimate_file": _("öppnade den känsliga bilden %(title)s"),
    "destroy_infected_file": _("tog bort filen %(title)s, som innehöll skadlig kod"),
}


def connect() -> None:
    """At start: the registries of the floors below."""
    for verb, words in WORDS.items():
        say("file", verb, words)
    titles_from("file", _titles)
    metrics.ask(figures)


def _titles(ids: Collection[int]) -> Mapping[int, str]:
    return dict(File.objects.filter(pk__in=ids).values_list("pk", "name"))


def figures() -> Iterable[tuple[str, str, dict[str, str], float]]:
    """Asked at each scrape: refusals of the last hour by reason. Rows of files are not for the one who asks."""
    tries = (
        Attempt.objects.filter(at__gt=now() - timedelta(hours=1)).values_list("reason").annotate(Count("id"))
    )
    for reason, count in tries:
        labels = {"outcome": reason or "taken"}
        yield (
            "vardvag_file_uploads_last_hour",
            "Uploads of the last hour by what became of them",
            labels,
            count,
        )
