from django.urls import path

from vardvag.inbox.staff import views

urlpatterns = [
    path("personal/aviseringar/", views.notices, name="inbox/staff/notices"),
    path("personal/aviseringar/adress/<str:way>/", views.address, name="inbox/staff/address"),
    path("personal/aviseringar/kod/<str:way>/", views.code, name="inbox/staff/code"),
    path("personal/aviseringar/ta-bort/<str:way>/", views.forget, name="inbox/staff/forget"),
    path("personal/ej-lasta-svar/", views.unopened, name="inbox/staff/unopened"),
    path("personal/ej-lasta-svar/<uuid:public_id>/avklarat/", views.reached, name="inbox/staff/reached"),
    path("personal/utskick/", views.deliveries, name="inbox/staff/deliveries"),
    path("personal/utskick/<uuid:public_id>/igen/", views.again, name="inbox/staff/again"),
]
