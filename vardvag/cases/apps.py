from django.apps import AppConfig


class Cases(AppConfig):
    name = "vardvag.cases"
    label = "cases"

    def ready(self) -> None:
        from vardvag.audit.queries import titles_from  # noqa: PLC0415 - models exist only now
        from vardvag.cases import actions, queries  # noqa: PLC0415
        from vardvag.organisation.actions import on_assignment_gone, on_group_gone, open_work  # noqa: PLC0415

        titles_from("case", queries.titles)
        on_assignment_gone.append(actions.owner_gone)
        on_group_gone.append(actions.group_gone)
        open_work.append(queries.open_at)
