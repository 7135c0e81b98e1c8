"""The addresses of matching review, joins and contact details."""

from django.urls import path

from carewright.web.people import contact, matching, together

app_name = "people"
urlpatterns = [
    path("people/matching", matching.waiting, name="waiting"),
    path("people/matching/<int:pk>", matching.side_by_side, name="match"),
    path("people/joins", matching.joins, name="joins"),
    path("people/joins/<int:pk>", matching.one_join, name="join"),
    path("patients/<uuid:public_id>/same-person", together.same, name="same"),
    path("patients/<uuid:public_id>/same-person/<uuid:other_id>", together.together, name="together"),
    path("patients/<uuid:public_id>/contact", contact.details, name="contact"),
]
