from django.apps import AppConfig


class Inbox(AppConfig):
    name = "vardvag.inbox"
    label = "inbox"

    def ready(self) -> None:
        from vardvag.core.context import register  # noqa: PLC0415 - models exist only now
        from vardvag.identity.actions import on_login_elsewhere  # noqa: PLC0415
        from vardvag.inbox import figures  # noqa: PLC0415
        from vardvag.inbox.actions.posting import tell_login  # noqa: PLC0415
        from vardvag.inbox.context import house  # noqa: PLC0415

        figures.register()
        register(house)
        on_login_elsewhere.append(tell_login)
