"""Rows of compiled queries become what Django's own query sets make of them."""

import pytest
from django.apps import apps
from django.db import models

from tests.cluster import as_system
from vardvag.cases.models import Case, Message
from vardvag.catalogue.models import Offer
from vardvag.core.compiled import Compiled
from vardvag.organisation.models import Unit
from vardvag.questionnaires.models import Response


def test_columns_are_plain() -> None:
    """`core.compiled` fills them in as they are; those that want to be set in a way of their own would not be."""
    for model in apps.get_models():
        assert model.__init__ is models.Model.__init__, model
        for field in model._meta.concrete_fields:
            setter = getattr(type(vars(model).get(field.attname)), "__set__", None)
            assert setter is None or isinstance(field, models.ForeignKey), field


def _told(one: models.Model, seen: tuple[models.Model, ...] = ()) -> dict[str, object]:
    """Columns, whether it is stored and where, and what was fetched with it (one of a pair knows the other)."""
    found = {name: value for name, value in vars(one).items() if name != "_state"}
    near = {
        name: _told(value, (*seen, one)) if value and value not in seen else value
        for name, value in one._state.fields_cache.items()
    }
    return {**found, "adding": one._state.adding, "db": one._state.db, "near": near}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "rows",
    [
        lambda: Message.objects.order_by("id"),
        lambda: Case.objects.select_related("unit__provider", "patient", "owner", "response").order_by("id"),
        lambda: Case.objects.only("id", "title", "unit__public_name").select_related("unit").order_by("id"),
        lambda: Offer.objects.select_related("default_group", "unit__provider").order_by("id"),
        lambda: Response.objects.select_related("version").order_by("id"),
    ],
)
def test_a_compiled_querys_rows_are_the_query_sets(rows) -> None:
    with as_system():
        made = Compiled(rows).all()
        assert made and [_told(one) for one in made] == [_told(one) for one in rows()]


@pytest.mark.usefixtures("world")
def test_what_was_not_fetched_is_fetched_when_asked_for() -> None:
    with as_system():
        one = Compiled(lambda: Unit.objects.only("id").order_by("id")[:1]).first()
        assert one is not None and one.get_deferred_fields()
        assert one.public_name == Unit.objects.get(pk=one.pk).public_name
