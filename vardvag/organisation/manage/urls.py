from django.urls import path

from vardvag.organisation.manage import imports, staffing, unit

urlpatterns = [
    path("personal/bemanning/", staffing.staff, name="organisation/manage/staff"),
    path("personal/bemanning/lagg-till/", staffing.add, name="organisation/manage/add"),
    path(
        "personal/bemanning/<int:assignment_id>/", staffing.assignment, name="organisation/manage/assignment"
    ),
    path("personal/bemanning/<int:assignment_id>/pausa/", staffing.pause, name="organisation/manage/pause"),
    path(
        "personal/bemanning/<int:assignment_id>/ateruppta/",
        staffing.resume,
        name="organisation/manage/resume",
    ),
    path("personal/bemanning/<int:assignment_id>/avsluta/", staffing.end, name="organisation/manage/end"),
    path("personal/grupper/", staffing.groups, name="organisation/manage/groups"),
    path("personal/grupper/<int:group_id>/", staffing.group, name="organisation/manage/group"),
    path("personal/mottagningen/", unit.unit, name="organisation/manage/unit"),
    path("personal/mottagningen/tider/<slug:kind>/", unit.hours, name="organisation/manage/hours"),
    path("personal/mottagningen/dagar/", unit.days, name="organisation/manage/days"),
    path("personal/importer/", imports.imports, name="organisation/manage/imports"),
    path("personal/importer/<int:run_id>/", imports.run, name="organisation/manage/run"),
]
