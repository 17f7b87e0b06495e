from django.apps import AppConfig


class Identity(AppConfig):
    name = "vardvag.identity"
    label = "identity"

    def ready(self) -> None:
        from vardvag.audit.queries import protected_from  # noqa: PLC0415
        from vardvag.identity import queries  # noqa: PLC0415 - models exist only now

        protected_from(queries.protected_actors)
