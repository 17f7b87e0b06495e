from django.apps import AppConfig


class Cases(AppConfig):
    name = "vardvag.cases"
    label = "cases"

    def ready(self) -> None:
        from vardvag.cases.context import house  # noqa: PLC0415 - models are loaded only now
        from vardvag.cases.registry import connect  # noqa: PLC0415
        from vardvag.core.context import register  # noqa: PLC0415

        connect()
        register(house)
