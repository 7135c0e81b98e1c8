"""Administration's addresses."""

from django.urls import path

from carewright.web.administration import views

app_name = "administration"
urlpatterns = [
    path("people", views.people, name="people"),
    path("people/add", views.add_person, name="add_person"),
    path("people/<int:pk>", views.person, name="person"),
    path("people/<int:pk>/role", views.change_role, name="change_role"),
    path("people/<int:pk>/name", views.describe, name="describe"),
    path("people/<int:pk>/invitation", views.invite, name="invite"),
    path("people/<int:pk>/second-factor", views.reset_second_factor, name="reset_second_factor"),
    path("people/<int:pk>/sessions", views.end_sessions, name="end_sessions"),
    path("people/<int:pk>/account", views.open_or_close, name="open_or_close"),
    path("people/<int:pk>/join", views.join, name="join"),
    path("memberships/<int:pk>/end", views.leave, name="leave"),
    path("roles", views.roles_page, name="roles"),
    path("teams", views.teams, name="teams"),
    path("teams/add", views.add_team, name="add_team"),
    path("teams/<int:pk>", views.team, name="team"),
    path("teams/<int:pk>/members", views.add_member, name="add_member"),
    path("ties", views.ties, name="ties"),
    path("ties/add", views.add_tie, name="add_tie"),
    path("ties/<int:pk>/end", views.end_tie, name="end_tie"),
    path("organization", views.organization, name="organization"),
]
