from django.apps import AppConfig


class Catalogue(AppConfig):
    name = "vardvag.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        from vardvag.catalogue.context import house  # noqa: PLC0415 - models exist only now
        from vardvag.core.context import register  # noqa: PLC0415

        register(house)
