from django.apps import AppConfig


class Questionnaires(AppConfig):
    name = "vardvag.questionnaires"
    label = "questionnaires"
