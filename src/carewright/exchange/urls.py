from django.urls import path

from carewright.exchange.views import received, settings

app_name = "exchange"
urlpatterns = [
    path("imports", received.imports, name="imports"),
    path("imports/upload", received.upload, name="upload"),
    path("imports/maps", settings.maps, name="maps"),
    path("imports/maps/<int:pk>/retire", settings.retire_map, name="retire_map"),
    path("imports/sources", settings.sources, name="sources"),
    path("imports/sources/<int:pk>/end", settings.end_source, name="end_source"),
    path("imports/<str:delivery_id>", received.report, name="report"),
    path("imports/<str:delivery_id>/set-aside", received.set_aside, name="set_aside"),
    path("imports/<str:delivery_id>/again", received.try_again, name="try_again"),
    path("imports/<str:delivery_id>/take-back", received.take_back, name="take_back"),
    path("imports/<str:delivery_id>/map", settings.map_columns, name="map_columns"),
]
