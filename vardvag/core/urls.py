from django.urls import path

from vardvag.core import pages

urlpatterns = [
    path("hjalp/", pages.help, name="core/public/help"),
    path("tillganglighet/", pages.accessibility, name="core/public/accessibility"),
    path("galleri/", pages.gallery, name="core/public/gallery"),
    path("utseende/", pages.preferences, name="core/public/preferences"),
]
