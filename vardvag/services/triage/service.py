"""The registry entry: where a case type of this service begins, what is shown beside a case, the watch over words."""

from django.conf import settings
from django.urls import reverse

from vardvag.cases import actions as cases
from vardvag.cases import queries as case_queries
from vardvag.catalogue import registry
from vardvag.core import context, warm
from vardvag.services.triage import actions
from vardvag.services.triage.context import house
from vardvag.services.triage.engine import load
from vardvag.services.triage.panel import TYPE, as_text, panel
from vardvag.services.triage.words import watch
from vardvag.services.triage.words.match import words_of


def begins_at(slug: str) -> str:
    """ "" while the content may not be used on patients."""
    return (
        reverse("triage/resident/begin", args=[slug])
        if actions.may_be_used(production=settings.MODE == "production")
        else ""
    )


def danger_in(text: str) -> cases.Flag | None:
    """The most urgent danger sign that the rules never saw."""
    found = min(watch.scan(text), key=lambda flag: flag.urgency, default=None)
    return cases.Flag(found.urgency, found.because["sv"], found.words) if found else None


def connect() -> None:
    registry.register(registry.ServiceEntry(key="triage", begin=begins_at))
    cases.watchers.append(danger_in)
    case_queries.panels.append(panel)
    case_queries.texts.append(as_text)
    case_queries.in_turn.add(TYPE)
    context.register(house)
    warm.things += [lambda: words_of(load.library()), lambda: watch.scan("ont")]
