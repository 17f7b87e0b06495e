from django.urls import path

from vardvag.inbox.staff import views

urlpatterns = [
    path("personal/notiser/", views.notices, name="inbox/staff/notices"),
    path("personal/notiser/adress/<str:way>/", views.address, name="inbox/staff/address"),
    path("personal/notiser/kod/<str:way>/", views.code, name="inbox/staff/code"),
    path("personal/notiser/ta-bort/<str:way>/", views.forget, name="inbox/staff/forget"),
    path("personal/utskick/", views.deliveries, name="inbox/staff/deliveries"),
    path("personal/utskick/<uuid:public_id>/igen/", views.again, name="inbox/staff/again"),
]
