"""One line per stage."""

from django.urls import include, path

urlpatterns = [
    path("", include("carewright.web.urls")),
    path("", include("carewright.staff.urls")),
    path("", include("carewright.access.urls")),
    path("", include("carewright.population.urls")),
    path("", include("carewright.exchange.urls")),
]
