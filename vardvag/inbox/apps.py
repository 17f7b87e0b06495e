from django.apps import AppConfig


class Inbox(AppConfig):
    name = "vardvag.inbox"
    label = "inbox"
