from django.apps import AppConfig


class Identity(AppConfig):
    name = "vardvag.identity"
    label = "identity"
