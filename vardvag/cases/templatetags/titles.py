"""A case's name as the resident reads it: in their language (the case itself carries the staff's)."""

from django import template

from vardvag.cases.models import Case
from vardvag.catalogue.queries import texts_of_id

register = template.Library()


@register.filter
def public_title(case: Case) -> str:
    return str(texts_of_id(case.type_version_id).name)
