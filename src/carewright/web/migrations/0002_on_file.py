"""
One question that tells in which tables anything about a patient stands (`carewright.web.patient.on_file`).

Why      The pages about a patient read some fifty tables, most of them empty for most patients, and PostgreSQL spends
         more on planning each question than on answering it. This function keeps its plan, from the first call on.
Wall     It runs as whoever calls it, so the policies of every table hold inside it. It tells names of tables, no row.
Locks    None.
Back     Drops the function.
"""

from django.db import migrations

TABLES = (
    "assessment_answer",
    "assessment_assessment",
    "careplan_goal",
    "careplan_intervention",
    "careplan_problem",
    "channel_donotcontact",
    "channel_incomingtext",
    "channel_message",
    "chart_allergy",
    "chart_appointment",
    "chart_condition",
    "chart_document",
    "chart_encounter",
    "chart_immunization",
    "chart_medicationlisting",
    "chart_observation",
    "chart_outsideteammember",
    "chart_procedure",
    "chart_serviceorder",
    "contacts_contact",
    "contacts_note",
    "enrollment_consent",
    "enrollment_deathreport",
    "enrollment_enrollment",
    "enrollment_incomingreferral",
    "enrollment_outreachepisode",
    "enrollment_pause",
    "enrollment_sharingconsent",
    "population_candidatedecision",
    "registry_patientpreference",
    "registry_relatedperson",
    "tasks_alarm",
    "tasks_task",
)
FOUND = ", ".join(f"CASE WHEN EXISTS (SELECT FROM {table} WHERE patient_id = asked) THEN '{table}' END" for table in TABLES)
ON_FILE = f"""
CREATE FUNCTION web_on_file(asked bigint) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN array_remove(ARRAY[{FOUND}], NULL);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0001_cache"),
        ("assessment", "0003_received"),
        ("careplan", "0002_row_security"),
        ("channel", "0002_row_security"),
        ("chart", "0002_row_security"),
        ("contacts", "0003_identified_by"),
        ("enrollment", "0004_link_history_without_secret"),
        ("population", "0006_joined_numbers"),
        ("registry", "0006_receipts_follow_a_join"),
        ("tasks", "0003_weighed"),
    ]
    operations = [migrations.RunSQL(ON_FILE, "DROP FUNCTION web_on_file(bigint)")]
