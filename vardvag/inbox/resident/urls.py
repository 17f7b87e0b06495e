from django.urls import path

from vardvag.inbox.resident import settings, views

urlpatterns = [
    path("inkorg/", views.inbox, name="inbox/resident/inbox"),
    path("inkorg/<uuid:public_id>/", views.item, name="inbox/resident/item"),
    path("inkorg/<uuid:public_id>/olast/", views.unread, name="inbox/resident/unread"),
    path("installningar/", settings.settings, name="inbox/resident/settings"),
    path("installningar/adress/<str:way>/", settings.address, name="inbox/resident/address"),
    path("installningar/kod/<str:way>/", settings.code, name="inbox/resident/code"),
    path("installningar/ta-bort/<str:way>/", settings.forget, name="inbox/resident/forget"),
]
