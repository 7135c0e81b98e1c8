"""
In which tables anything about a patient stands: one question, so that a page does not ask the empty ones one by one.

A page about a patient reads some fifty tables, and of most patients most of them hold nothing. The database answers
with a function of its own (`web_on_file`), which runs as whoever asks, behind the same wall as every other question.
"""

from django.db import connection

from carewright.registry.models import Patient

TABLES = frozenset(
    {
        "assessment_answer", "assessment_assessment",
        "careplan_goal", "careplan_intervention", "careplan_problem",
        "channel_donotcontact", "channel_incomingtext", "channel_message",
        "chart_allergy", "chart_appointment", "chart_condition", "chart_document", "chart_encounter",
        "chart_immunization", "chart_medicationlisting", "chart_observation", "chart_outsideteammember",
        "chart_procedure", "chart_serviceorder",
        "contacts_contact", "contacts_note",
        "enrollment_consent", "enrollment_deathreport", "enrollment_enrollment", "enrollment_incomingreferral",
        "enrollment_outreachepisode", "enrollment_pause", "enrollment_sharingconsent",
        "population_candidatedecision",
        "registry_patientpreference", "registry_relatedperson",
        "tasks_alarm", "tasks_task",
    }
)  # fmt: skip
"""The tables the question looks into. Each has an index by patient; the tables of runs have none and are not among them."""


def on_file(patient: Patient) -> frozenset[str]:
    """Those of the tables that hold anything about this patient the acting person may see."""
    with connection.cursor() as cursor:
        cursor.execute("select web_on_file(%s)", [patient.pk])
        return frozenset(cursor.fetchone()[0])
