"""
More people than anyone wants to wait for: those of the invented population again, under other numbers.

The web bench asks how quickly pages answer when the tables are large. People up to `INVENTED` come in through the same
doors as anybody's files; beyond them the rows of their records and of the ranked list are copied inside the database,
each copy with an identity of its own. Who leads whom, consents and tasks are not copied.
"""

from django.apps import apps
from django.db import connection, models, transaction

INVENTED = 100_000
NOT_COPIED = {"Authority", "Join", "PossibleMatch", "CandidateDecision"}
"""Decisions of people: nobody took them for a copy."""
OWN = {"public_id": "gen_random_uuid()", "value": "t.value || '-' || k", "external_id": "t.external_id || '-' || k"}
"""What no two rows may share, and how a copy gets one of its own; `value` only where it names a person to others."""


def multiply(people: int) -> int:
    """Copy everybody on file until there are at least so many people; how many copies of each were made."""
    from carewright.registry.models import Patient

    ids = Patient.objects.aggregate(many=models.Count("pk"), last=models.Max("pk"))
    copies = -(-people // ids["many"]) - 1 if ids["many"] else 0
    if copies < 1:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        leave_triggers_out()  # no history of a copy, and no look for each row whether its patient is there
        tables: list[type[models.Model]] = [Patient, *_tables(Patient)]
        for model in tables:
            cursor.execute(_insert(model, span=ids["last"], copies=copies))
        cursor.execute("select setval(pg_get_serial_sequence('registry_patient', 'id'), max(id)) from registry_patient")
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return copies


def leave_triggers_out() -> bool:
    """Until the transaction ends, or `session_replication_role` is set back; whether this role of the database may."""
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        may = bool(cursor.fetchone()[0])
        if may:
            cursor.execute("set local session_replication_role = replica")
    return may


def _tables(patient: type[models.Model]) -> list[type[models.Model]]:
    """The tables that hold something of a person's record or of the list, history left out."""
    return [
        model
        for app in ("registry", "population", "chart")
        for model in apps.get_app_config(app).get_models()
        if model.__name__ not in NOT_COPIED and not any(field.name.startswith("pgh_") for field in model._meta.fields)
        if any(field.name == "patient" and field.related_model is patient for field in model._meta.concrete_fields)
    ]


def _insert(model: type[models.Model], *, span: int, copies: int) -> str:
    """The statement that copies one table; names come from the models, numbers from the database."""
    table, is_patient = model._meta.db_table, model._meta.model_name == "patient"
    columns = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.GeneratedField) or (field.primary_key and not is_patient):
            continue
        column, to = f'"{field.column}"', field.related_model
        if (
            field.primary_key
            or (isinstance(to, type) and to._meta.model_name == "patient")
            or (field.name in ("rank", "open_rank") and model._meta.model_name in ("score", "candidate"))
        ):
            columns[column] = f"t.{column} + k * {span}"
        elif field.name == "value" and model._meta.model_name != "identifier":
            columns[column] = f"t.{column}"
        else:
            columns[column] = OWN.get(field.name, f"t.{column}")
    whose = "id" if is_patient else "patient_id"
    return (
        f'insert into "{table}" ({", ".join(columns)}) select {", ".join(columns.values())}'
        f' from "{table}" t cross join generate_series(1, {copies}) k where t.{whose} <= {span}'
    )
