from django.urls import path

from vardvag.files.staff import views

urlpatterns = [
    path("personal/bilagor/", views.upload, name="files/staff/upload"),
    path("personal/bilagor/del/", views.piece, name="files/staff/piece"),
    path("personal/bilagor/<uuid:public_id>/", views.show, name="files/staff/show"),
    path("personal/bilagor/<uuid:public_id>/ta-bort/", views.remove, name="files/staff/remove"),
]
