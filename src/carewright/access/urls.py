"""Emergency access, the review of access, and one patient's access log."""

from django.urls import path

from carewright.access import views

app_name = "access"
urlpatterns = [
    path("emergency-access", views.emergency, name="emergency"),
    path("emergency-access/<int:pk>", views.opened, name="opened"),
    path("emergency-access/<int:pk>/close", views.close, name="close"),
    path("access-review", views.review, name="review"),
    path("access-review/<int:pk>", views.review_glass, name="review_glass"),
    path("patients/<uuid:public_id>/access-log", views.patient_log, name="patient_log"),
    path("patients/<uuid:public_id>/access-log/file", views.patient_log_file, name="patient_log_file"),
]
