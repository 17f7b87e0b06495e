from django.urls import path

from vardvag.catalogue.staff import views

urlpatterns = [
    path("personal/fraser/", views.texts, name="catalogue/staff/texts"),
    path("personal/fraser/ny/", views.new, name="catalogue/staff/new"),
    path("personal/fraser/<int:text_id>/", views.text, name="catalogue/staff/text"),
    path("personal/fraser/<int:text_id>/plats/", views.place, name="catalogue/staff/place"),
    path("personal/fraser/<int:text_id>/lagg-undan/", views.put_away, name="catalogue/staff/put_away"),
    path("personal/fraser/<int:text_id>/anvand/", views.used, name="catalogue/staff/used"),
]
