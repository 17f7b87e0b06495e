"""What can happen in the organisation. Other parts hang themselves on `on_*` (registries)."""

from vardvag.organisation.actions.groups import add_group, remove_group, rename_group
from vardvag.organisation.actions.importing import apply_import, check_import, queue_import
from vardvag.organisation.actions.registry import on_assignment_gone, on_group_gone, open_work
from vardvag.organisation.actions.staffing import (
    add_assignment,
    assignment_chosen,
    change_assignment,
    choose,
    done_since,
    end_assignment,
    end_expired,
    pause_assignment,
    resume_assignment,
)
from vardvag.organisation.actions.unit import (
    add_special_day,
    create_unit_ground,
    remove_special_day,
    save_hours,
    save_settings,
)

__all__ = [
    "add_assignment",
    "add_group",
    "add_special_day",
    "apply_import",
    "assignment_chosen",
    "change_assignment",
    "check_import",
    "choose",
    "create_unit_ground",
    "done_since",
    "end_assignment",
    "end_expired",
    "on_assignment_gone",
    "on_group_gone",
    "open_work",
    "pause_assignment",
    "queue_import",
    "remove_group",
    "remove_special_day",
    "rename_group",
    "resume_assignment",
    "save_hours",
    "save_settings",
]
