from django.apps import AppConfig


class Files(AppConfig):
    name = "vardvag.files"
    label = "files"
