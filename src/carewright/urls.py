"""One line per stage."""

from django.urls import include, path

urlpatterns = [
    path("", include("carewright.web.urls")),
    path("", include("carewright.web.account_urls")),
    path("administration/", include("carewright.web.administration.urls")),
    path("", include("carewright.access.urls")),
    path("", include("carewright.channel.urls")),
    path("", include("carewright.tasks.urls")),
    path("", include("carewright.contacts.urls")),
    path("patients/", include("carewright.web.patient.urls")),
    path("", include("carewright.web.people.urls")),
    path("", include("carewright.web.day.urls")),
    path("", include("carewright.web.call.urls")),
    path("", include("carewright.web.team.urls")),
    path("", include("carewright.web.printouts.urls")),
    path("", include("carewright.population.urls")),
    path("", include("carewright.careplan.urls")),
    path("", include("carewright.enrollment.urls")),
    path("", include("carewright.assessment.urls")),
    path("", include("carewright.exchange.urls")),
]

handler400 = "carewright.web.errors.bad_request"
handler403 = "carewright.web.errors.not_allowed"
handler404 = "carewright.web.errors.not_found"
handler500 = "carewright.web.errors.broken"
