from django.apps import AppConfig


class Audit(AppConfig):
    name = "vardvag.audit"
    label = "audit"

    def ready(self) -> None:
        from vardvag.audit import queries  # noqa: PLC0415 - models exist only now
        from vardvag.core import metrics  # noqa: PLC0415

        metrics.ask(queries.figures)
