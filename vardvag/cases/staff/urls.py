from django.urls import path

from vardvag.cases.staff import acts, case, queue, writing

urlpatterns = [
    path("personal/", queue.queue, name="cases/staff/queue"),
    path("personal/ko/rader/", queue.rows, name="cases/staff/rows"),
    path("personal/sok/", queue.search, name="cases/staff/search"),
    path("personal/fordela/", acts.distribute, name="cases/staff/distribute"),
    path("personal/avsluta-utan-svar/", acts.close_many, name="cases/staff/close_many"),
    path("personal/arenden/<uuid:public_id>/", case.case, name="cases/staff/case"),
    path("personal/arenden/<uuid:public_id>/trad/", case.thread, name="cases/staff/thread"),
    path("personal/arenden/<uuid:public_id>/fakta/", case.facts, name="cases/staff/facts"),
    path("personal/arenden/<uuid:public_id>/historik/", case.history, name="cases/staff/history"),
    path("personal/arenden/<uuid:public_id>/fraser/", case.phrases, name="cases/staff/phrases"),
    path("personal/arenden/<uuid:public_id>/kontakt/", case.contact, name="cases/staff/contact"),
    path("personal/arenden/<uuid:public_id>/filer/<uuid:file_id>/", case.file, name="cases/staff/file"),
    path("personal/arenden/<uuid:public_id>/last/", acts.seen, name="cases/staff/seen"),
    path("personal/arenden/<uuid:public_id>/ta/", acts.take, name="cases/staff/take"),
    path("personal/arenden/<uuid:public_id>/lamna-tillbaka/", acts.give_back, name="cases/staff/give_back"),
    path("personal/arenden/<uuid:public_id>/bradska/", acts.urgency, name="cases/staff/urgency"),
    path("personal/arenden/<uuid:public_id>/olast/", acts.unread, name="cases/staff/unread"),
    path("personal/arenden/<uuid:public_id>/avsluta/", acts.close, name="cases/staff/close"),
    path("personal/arenden/<uuid:public_id>/oppna-igen/", acts.reopen, name="cases/staff/reopen"),
    path("personal/arenden/<uuid:public_id>/flytta/", acts.move, name="cases/staff/move"),
    path("personal/arenden/<uuid:public_id>/angra/", acts.undo, name="cases/staff/undo"),
    path("personal/arenden/<uuid:public_id>/svara/", writing.reply, name="cases/staff/reply"),
    path("personal/arenden/<uuid:public_id>/anteckna/", writing.note, name="cases/staff/note"),
    path("personal/arenden/<uuid:public_id>/utkast/", writing.draft, name="cases/staff/draft"),
]
