from django.urls import path

from vardvag.organisation.staff import views

urlpatterns = [
    path("personal/start/", views.start, name="organisation/staff/start"),
    path("personal/uppdrag/", views.choose, name="organisation/staff/choose"),
]
