"""The shell's own addresses: the start page, search, preferences, the session, health; the gallery in development."""

from django.conf import settings
from django.urls import path
from django.views.i18n import set_language

from carewright.web import first_run, gallery, health, invitations, search, start, views

app_name = "web"
urlpatterns = [
    path("", start.start, name="start"),
    path("search", search.search, name="search"),
    path("preferences", views.preferences, name="preferences"),
    path("language", set_language, name="public_language"),
    path("session", views.session, name="session"),
    path("account/", views.account, name="account"),
    path("set-up", first_run.first_run, name="first_run"),
    path("invitation/<str:code>", invitations.invitation, name="invitation"),
    path("health", health.health, name="health"),
    path("sign-out-elsewhere", views.sign_out_elsewhere, name="sign_out_elsewhere"),
]
if settings.DEVELOPMENT:
    urlpatterns.append(path("gallery", gallery.gallery, name="gallery"))
