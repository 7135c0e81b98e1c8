"""The addresses of messages."""

from django.urls import path

from carewright.channel import views

app_name = "channel"
urlpatterns = [
    path("patients/<uuid:public_id>/messages", views.of_patient, name="of_patient"),
    path("patients/<uuid:public_id>/messages/stop", views.stop_contact, name="stop_contact"),
    path("patients/<uuid:public_id>/messages/allow", views.allow_contact, name="allow_contact"),
    path("messages/<uuid:public_id>/file", views.letter, name="letter"),
    path("messages/<uuid:public_id>/returned", views.returned, name="returned"),
    path("channel/outbox", views.outbox, name="outbox"),
    path("channel/gateway", views.public_gateway, name="public_gateway"),
]
