from django.urls import path

from vardvag.services.triage.resident import views

urlpatterns = [
    path("rad/hos/<slug:slug>/", views.begin, name="triage/resident/begin"),
    path("rad/<uuid:interview_id>/beratta/", views.words, name="triage/resident/words"),
    path("rad/<uuid:interview_id>/spara/", views.save, name="triage/resident/save"),
    path("rad/<uuid:interview_id>/stammer-det/", views.reasons, name="triage/resident/reasons"),
    path("rad/<uuid:interview_id>/fraga/", views.question, name="triage/resident/question"),
    path("rad/<uuid:interview_id>/fraga/spara/", views.save_typed, name="triage/resident/save_typed"),
    path("rad/<uuid:interview_id>/svar/", views.answers, name="triage/resident/answers"),
    path("rad/<uuid:interview_id>/resultat/", views.result, name="triage/resident/result"),
    path("rad/<uuid:interview_id>/stammer-inte/", views.calm, name="triage/resident/calm"),
    path("rad/<uuid:interview_id>/skicka/", views.send, name="triage/resident/send"),
    path("rad/<uuid:interview_id>/avsluta/", views.end, name="triage/resident/end"),
    path("rad/<uuid:interview_id>/samtycke/", views.consent, name="triage/resident/consent"),
]
