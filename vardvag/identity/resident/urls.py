from django.urls import path

from vardvag.identity.resident import views

urlpatterns = [path("byt-person/", views.switch, name="identity/resident/switch")]
