from django.apps import AppConfig


class Triage(AppConfig):
    name = "vardvag.services.triage"
    label = "triage"

    def ready(self) -> None:
        from vardvag.services.triage import service  # noqa: PLC0415 - models are not there before

        service.connect()
