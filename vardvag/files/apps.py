from django.apps import AppConfig


class Files(AppConfig):
    name = "vardvag.files"
    label = "files"

    def ready(self) -> None:
        from vardvag.files.told import connect  # noqa: PLC0415 - models are loaded only now

        connect()
