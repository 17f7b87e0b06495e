from django.urls import path

from vardvag.inbox.public import views

urlpatterns = [
    path("sms/kvitto/<str:token>/<uuid:public_id>/", views.receipt, name="inbox/public/receipt"),
]
