from django.urls import path

from vardvag.services.triage.staff import views

urlpatterns = [
    path("personal/arenden/<uuid:public_id>/fel-bedomning/", views.wrong, name="triage/staff/wrong"),
    path("personal/bedomning/", views.protocols, name="triage/staff/protocols"),
    path("personal/bedomning/rapporter/", views.reports, name="triage/staff/reports"),
    path("personal/bedomning/<slug:protocol_id>/", views.protocol, name="triage/staff/protocol"),
    path("personal/bedomning/<slug:protocol_id>/prova/", views.simulate, name="triage/staff/simulate"),
    path("personal/bedomning/<slug:protocol_id>/foresla/", views.propose, name="triage/staff/propose"),
    path("personal/bedomning/version/<int:version_id>/", views.version, name="triage/staff/version"),
    path("personal/bedomning/version/<int:version_id>/godkann/", views.approve, name="triage/staff/approve"),
    path(
        "personal/bedomning/version/<int:version_id>/ta-i-bruk/", views.activate, name="triage/staff/activate"
    ),
    path("personal/bedomning/version/<int:version_id>/ur-bruk/", views.retire, name="triage/staff/retire"),
]
