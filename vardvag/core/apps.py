from django.apps import AppConfig

from vardvag.core.active_language import keep_plainly
from vardvag.core.database import read_times_quickly


class Core(AppConfig):
    name = "vardvag.core"
    label = "core"

    def ready(self) -> None:
        read_times_quickly()
        keep_plainly()
