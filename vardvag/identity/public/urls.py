from django.urls import path

from vardvag.identity.public import bankid, eid, pages, sessions, staff

urlpatterns = [
    path("logga-in/", pages.login, name="identity/public/login"),
    path("logga-in/bankid/", bankid.start, name="identity/public/bankid"),
    path("logga-in/vantar/", bankid.waiting, name="identity/public/waiting"),
    path("logga-in/lage/", bankid.state, name="identity/public/state"),
    path("logga-in/klar/", bankid.done, name="identity/public/done"),
    path("logga-in/avbryt/", bankid.cancel, name="identity/public/cancel"),
    path("logga-in/tillbaka/<str:nonce>/", bankid.back, name="identity/public/back"),
    path("logga-in/e-legitimation/", eid.eid, name="identity/public/eid"),
    path("logga-in/e-legitimation/<str:eid>/tillbaka/", eid.back, name="identity/public/eid_back"),
    path("logga-ut/", pages.logout, name="identity/public/logout"),
    path("inloggningar/", sessions.sessions, name="identity/public/sessions"),
    path("utloggad/", pages.logged_out, name="identity/public/logged_out"),
    path("personal/logga-in/", staff.login, name="identity/public/staff_login"),
    path("personal/logga-in/siths/", staff.start, name="identity/public/siths"),
    path("personal/logga-in/tillbaka/", staff.back, name="identity/public/siths_back"),
]
