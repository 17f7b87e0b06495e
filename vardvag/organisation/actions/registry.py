"""What parts on higher floors want to know and say. They append functions at start (apps.py, `ready`)."""

from collections.abc import Callable

# Called with actor (SystemActor), unit_id, staff_id, now, in the transaction that ends or pauses one:
# nothing may be left lying with somebody who is not there.
on_assignment_gone: list[Callable[..., object]] = []

# Called with actor (SystemActor), unit_id, group_id, now, when a group is removed: its work is given on.
on_group_gone: list[Callable[..., object]] = []

# Called with a unit's id; returns how many matters are open there. A unit with any is never archived.
open_work: list[Callable[[int], int]] = []
