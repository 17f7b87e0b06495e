from django.apps import AppConfig


class Organisation(AppConfig):
    name = "vardvag.organisation"
    label = "organisation"

    def ready(self) -> None:
        from vardvag.audit.queries import names_from  # noqa: PLC0415
        from vardvag.core.context import register  # noqa: PLC0415
        from vardvag.identity import access  # noqa: PLC0415 - models exist only now
        from vardvag.organisation import queries  # noqa: PLC0415
        from vardvag.organisation.access import assignment_for_login  # noqa: PLC0415
        from vardvag.organisation.context import house  # noqa: PLC0415

        access.guardian_age_from(queries.guardian_age)
        access.assignments_from(assignment_for_login)
        names_from(queries.nameless)
        register(house)
