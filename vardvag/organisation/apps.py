from django.apps import AppConfig


class Organisation(AppConfig):
    name = "vardvag.organisation"
    label = "organisation"
