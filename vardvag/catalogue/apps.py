from django.apps import AppConfig


class Catalogue(AppConfig):
    name = "vardvag.catalogue"
    label = "catalogue"
