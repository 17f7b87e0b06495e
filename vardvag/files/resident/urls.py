from django.urls import path

from vardvag.files.resident import views

urlpatterns = [
    path("bilagor/", views.upload, name="files/resident/upload"),
    path("bilagor/del/", views.piece, name="files/resident/piece"),
    path("bilagor/<uuid:public_id>/", views.show, name="files/resident/show"),
    path("bilagor/<uuid:public_id>/ta-bort/", views.remove, name="files/resident/remove"),
]
