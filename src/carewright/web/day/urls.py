"""The addresses of My Day."""

from django.urls import path

from carewright.web.day import views

app_name = "day"
urlpatterns = [
    path("day", views.day, name="day"),
    path("day/changes", views.changes, name="changes"),
    path("day/live", views.live, name="live"),
    path("day/tasks/<uuid:task_id>/snooze", views.snooze, name="snooze"),
    path("day/tasks/<uuid:task_id>/bring-back", views.bring_back, name="bring_back"),
    path("day/tasks/<uuid:task_id>/close", views.close, name="close"),
    path("day/tasks/<uuid:task_id>/weigh", views.weigh, name="weigh"),
]
