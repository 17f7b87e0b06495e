"""Stops a file that lacks too much: a truncated file must not close half the region."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from vardvag.core.facts import Fact


class UnreadableFile(Fact):
    """Nothing of the file can be used; `message` says why and what to do."""


class TooMuchGone(Fact):
    """`facts`: missing (ids), known (number)."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """How much may vanish in one import: a share of what is known, but always a few."""

    share: float = 0.05
    number: int = 3


def gone(known: Collection[str], arrived: Collection[str], allowed: Allowed | None = None) -> list[str]:
    """The known HSA-ids that the file no longer has, sorted; raises TooMuchGone when they are too many."""
    allowed = allowed or Allowed()
    here = {id.upper() for id in arrived}
    missing = sorted(id for id in known if id.upper() not in here)
    if len(missing) > max(allowed.number, int(len(known) * allowed.share)):
        raise TooMuchGone(
            _(
                "Filen saknar %(missing)s av %(known)s kända enheter. Den kan vara avbruten. Ingenting är"
                " ändrat. Hämta filen igen, eller godkänn bortfallet om det är rätt."
            )
            % {"missing": len(missing), "known": len(known)},
            missing=missing,
            known=len(known),
        )
    return missing
