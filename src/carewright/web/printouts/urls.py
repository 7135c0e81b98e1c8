"""The addresses of what is printed."""

from django.urls import path

from carewright.web.printouts import views

app_name = "printouts"
urlpatterns = [
    path("caseload-sheet", views.caseload, name="caseload"),
    path("caseload-sheet/<int:pk>", views.caseload, name="caseload_of"),
]
