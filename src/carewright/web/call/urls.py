"""The addresses of the call screen."""

from django.urls import path

from carewright.web.call import views

app_name = "call"
urlpatterns = [
    path("calls/incoming", views.incoming, name="incoming"),
    path("patients/<uuid:public_id>/call", views.out, name="out"),
    path("patients/<uuid:public_id>/call/anyway", views.anyway, name="anyway"),
    path("patients/<uuid:public_id>/call/identify", views.identify, name="identify"),
    path("patients/<uuid:public_id>/call/incoming", views.on_line, name="on_line"),
]
