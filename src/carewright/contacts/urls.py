"""The addresses of contacts and notes."""

from django.urls import path

from carewright.contacts.views import contacts, notes

app_name = "contacts"
urlpatterns = [
    path("patients/<uuid:public_id>/contacts", contacts.of_patient, name="of_patient"),
    path("patients/<uuid:public_id>/contacts/new", contacts.new, name="new"),
    path("contacts/<uuid:public_id>/correct", contacts.correct, name="correct"),
    path("patients/<uuid:public_id>/notes", notes.of_patient, name="notes"),
    path("notes/<uuid:public_id>/add", notes.add, name="add_to_note"),
    path("notes/<uuid:public_id>/void", notes.void, name="void_note"),
]
