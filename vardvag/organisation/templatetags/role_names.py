"""Roles in words."""

from collections.abc import Iterable

from django import template

from vardvag.organisation.staffing_rules import ROLE_NAMES

register = template.Library()


@register.filter
def role_names(roles: Iterable[str]) -> str:
    return ", ".join(str(ROLE_NAMES[role]) for role in roles if role in ROLE_NAMES)
