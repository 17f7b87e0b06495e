"""With whom at a unit a case may lie, for choosing; kept for a few seconds, since every page of the queue asks.

What is chosen is checked by the action (`access.group_at`, `access.colleague_at`).
"""

from dataclasses import dataclass
from datetime import datetime

from vardvag.organisation.access import colleagues, groups_of
from vardvag.organisation.queries.kept import keep

Choice = tuple[str, str]  # what is sent, what is read


@dataclass(frozen=True, slots=True)
class Whom:
    """Groups with the receivers first, people by given name; `to` is both, as the form for giving away sends them."""

    groups: tuple[Choice, ...]
    people: tuple[Choice, ...]

    @property
    def to(self) -> list[Choice]:
        return [
            *((f"group:{value}", name) for value, name in self.groups),
            *((f"person:{value}", name) for value, name in self.people),
        ]


def whom_at(*, unit_id: int, at: datetime) -> Whom:
    return keep(
        ("whom", unit_id),
        lambda: Whom(
            tuple((str(group.pk), group.name) for group in groups_of(unit_id=unit_id)),
            tuple((str(staff.pk), staff.name) for staff in colleagues(unit_id=unit_id, at=at)),
        ),
    )
