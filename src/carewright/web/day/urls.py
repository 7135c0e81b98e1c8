"""The addresses of My Day."""

from django.urls import path

from carewright.web.day import views

app_name = "day"
urlpatterns = [
    path("", views.day, name="day"),
    path("/changes", views.changes, name="changes"),
    path("/tasks/<uuid:task_id>/snooze", views.snooze, name="snooze"),
    path("/tasks/<uuid:task_id>/bring-back", views.bring_back, name="bring_back"),
    path("/tasks/<uuid:task_id>/close", views.close, name="close"),
]
