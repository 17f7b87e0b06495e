from django.apps import AppConfig


class Audit(AppConfig):
    name = "vardvag.audit"
    label = "audit"
