from django.apps import AppConfig


class Inbox(AppConfig):
    name = "vardvag.inbox"
    label = "inbox"

    def ready(self) -> None:
        from vardvag.inbox import figures  # noqa: PLC0415 - models exist only now

        figures.register()
