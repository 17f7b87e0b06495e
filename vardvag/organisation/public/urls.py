from django.urls import path

from vardvag.organisation.public import views

urlpatterns = [
    path("mottagningar/", views.units, name="organisation/public/units"),
    path("mottagningar/<slug:slug>/", views.unit, name="organisation/public/unit"),
]
