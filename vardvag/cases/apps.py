from django.apps import AppConfig


class Cases(AppConfig):
    name = "vardvag.cases"
    label = "cases"
