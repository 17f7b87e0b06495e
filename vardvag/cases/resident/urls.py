from django.urls import path

from vardvag.cases.resident import case, sending, standing, start

urlpatterns = [
    path("", start.start, name="cases/resident/start"),
    path("arenden/", start.cases, name="cases/resident/cases"),
    path("kontakta/", sending.choose, name="cases/resident/choose"),
    path("kontakta/<slug:slug>/", sending.services, name="cases/resident/services"),
    path("kontakta/<slug:slug>/<slug:key>/", sending.about, name="cases/resident/about"),
    path("kontakta/<slug:slug>/<slug:key>/borja/", sending.begin, name="cases/resident/begin"),
    path("kontakta/<slug:slug>/<slug:key>/lank/<int:number>/", sending.leave, name="cases/resident/leave"),
    path("utkast/<uuid:draft_id>/", sending.resume, name="cases/resident/resume"),
    path("utkast/<uuid:draft_id>/fraga/<str:page_id>/", sending.question, name="cases/resident/question"),
    path("utkast/<uuid:draft_id>/spara/", sending.save, name="cases/resident/save"),
    path("utkast/<uuid:draft_id>/kontrollera/", sending.check, name="cases/resident/check"),
    path("utkast/<uuid:draft_id>/skicka/", sending.send, name="cases/resident/send"),
    path("utkast/<uuid:draft_id>/ta-bort/", sending.discard, name="cases/resident/discard"),
    path("arenden/<uuid:public_id>/", case.case, name="cases/resident/case"),
    path("arenden/<uuid:public_id>/skickat/", case.receipt, name="cases/resident/receipt"),
    path("arenden/<uuid:public_id>/kolaget/", standing.renewed, name="cases/resident/renewed"),
    path("arenden/<uuid:public_id>/skriv/", case.write, name="cases/resident/write"),
    path("arenden/<uuid:public_id>/utkast/", case.draft, name="cases/resident/draft"),
    path("arenden/<uuid:public_id>/aterta/", case.withdraw, name="cases/resident/withdraw"),
    path("arenden/<uuid:public_id>/tyck-till/", case.rate, name="cases/resident/rate"),
    path("arenden/<uuid:public_id>/skriv-ut/", case.pdf, name="cases/resident/pdf"),
    path("arenden/<uuid:public_id>/filer/<uuid:file_id>/", case.file, name="cases/resident/file"),
]
