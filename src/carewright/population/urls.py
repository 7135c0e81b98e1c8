from django.urls import path

from carewright.population.views import decisions, lists, overview, programs, why

app_name = "population"
urlpatterns = [
    path("candidates", lists.candidates, name="candidates"),
    path("candidates/decide", decisions.decide, name="decide"),
    path("candidates/undo", decisions.undo, name="undo"),
    path("candidates/export", lists.export, name="export"),
    path("candidates/filters", lists.save_filter, name="save_filter"),
    path("candidates/filters/<int:pk>/forget", lists.forget_filter, name="forget_filter"),
    path("candidates/<uuid:public_id>", why.why, name="why"),
    path("candidates/<uuid:public_id>/facts", why.facts, name="facts"),
    path("candidates/<uuid:public_id>/lift", decisions.lift, name="lift"),
    path("population", overview.numbers, name="overview"),
    path("population/people", lists.people, name="people"),
    path("population/freshness", overview.freshness, name="freshness"),
    path("programs", programs.programs, name="programs"),
    path("programs/set", programs.set_threshold, name="set_threshold"),
]
