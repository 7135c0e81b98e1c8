from django.urls import path

from carewright.assessment.views import asking, ending, lists, shelves

app_name = "assessment"
urlpatterns = [
    path("assessments", lists.due, name="due"),
    path("assessments/questionnaires", shelves.questionnaires, name="questionnaires"),
    path("assessments/questionnaires/load", shelves.load, name="load"),
    path("assessments/changes", asking.changes, name="changes"),
    path("assessments/blank/<slug:kind>", lists.blank, name="blank"),
    path("patients/<uuid:public_id>/assessments", lists.of_patient, name="of_patient"),
    path("patients/<uuid:public_id>/assessments/learned", lists.learned_of, name="learned"),
    path("assessments/<uuid:public_id>", ending.summary, name="summary"),
    path("assessments/<uuid:public_id>/adult", asking.adult, name="adult"),
    path("assessments/<uuid:public_id>/finish", ending.finish, name="finish"),
    path("assessments/<uuid:public_id>/stop", ending.stop, name="stop"),
    path("assessments/<uuid:public_id>/addendum", ending.addendum, name="addendum"),
    path("assessments/<uuid:public_id>/facts/<uuid:fact>", asking.fact, name="fact"),
    path("assessments/<uuid:public_id>/answers/<uuid:answer>", asking.confirm, name="confirm"),
    path("assessments/<uuid:public_id>/section/<slug:code>", asking.section, name="section"),
    path("assessments/<uuid:public_id>/section/<slug:code>/close", asking.close, name="close"),
]
