from django.urls import path

from vardvag.audit.resident import views

urlpatterns = [path("vem-har-last/", views.log, name="audit/resident/log")]
