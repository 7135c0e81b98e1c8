"""The addresses of the pages about one patient."""

from django.urls import path

from carewright.web.patient import views

app_name = "patient"
urlpatterns = [
    path("<uuid:public_id>", views.glance, name="glance"),
    path("<uuid:public_id>/story", views.whole_story, name="story"),
    path("<uuid:public_id>/medicines", views.medicines, name="medicines"),
]
