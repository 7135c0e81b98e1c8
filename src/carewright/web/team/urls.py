"""The addresses of the team board."""

from django.urls import path

from carewright.web.team import views

app_name = "team"
urlpatterns = [
    path("team", views.board, name="board"),
    path("team/list", views.opened, name="list"),
]
