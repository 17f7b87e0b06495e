from django.apps import AppConfig


class Core(AppConfig):
    name = "vardvag.core"
    label = "core"
