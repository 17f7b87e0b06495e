"""Reads for pages and for the floors above: the region, calendars, the directory of units, administration."""

from vardvag.organisation.queries.administration import (
    Member,
    groups_with_members,
    hours_to_edit,
    import_runs,
    nameless,
    special_days,
    staff_of,
    staffing_history,
    unit_settings,
)
from vardvag.organisation.queries.card import (
    ContactCard,
    Days,
    Opening,
    SpecialHours,
    contact_card,
    missing,
    opening,
)
from vardvag.organisation.queries.kept import forget, guardian_age, region
from vardvag.organisation.queries.times import answer_days, calendar_of, closing_time, due, open_hours_before
from vardvag.organisation.queries.units import (
    Choices,
    choices,
    directory,
    find_units,
    my_units,
    receiving_unit,
    unit_name,
    units_of,
)

__all__ = [
    "Choices",
    "ContactCard",
    "Days",
    "Member",
    "Opening",
    "SpecialHours",
    "answer_days",
    "calendar_of",
    "choices",
    "closing_time",
    "contact_card",
    "directory",
    "due",
    "find_units",
    "forget",
    "groups_with_members",
    "guardian_age",
    "hours_to_edit",
    "import_runs",
    "missing",
    "my_units",
    "nameless",
    "open_hours_before",
    "opening",
    "receiving_unit",
    "region",
    "special_days",
    "staff_of",
    "staffing_history",
    "unit_name",
    "unit_settings",
    "units_of",
]
