"""
Clinical rows go to the chart: conditions, results, measurements, visits, procedures, medicines, allergies and
immunizations that came as tables.

FHIR facts reach the chart while they are read, since a Patient comes with them (`fhir.apply`). A row of a table knows a
number only, and whose number it is tells an eligibility file once the warehouse has run. So what landed goes to the
charts after each run and each ingest: all of a file that is new, and of the others what is about people who became known
since. What cannot be said without guessing is left out: the hour of a time without a time zone, and appointments, which
are nothing without their hour.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection, models, transaction
from django.db.models import Max

from carewright.chart import actions as chart
from carewright.chart.models import (
    Allergy,
    Condition,
    Encounter,
    Immunization,
    MedicationListing,
    Observation,
    Procedure,
    Reported,
)
from carewright.chart.receive import Received, own_columns
from carewright.exchange import protecting
from carewright.exchange.models import Delivery
from carewright.registry.models import Identifier
from carewright.warehouse import landing
from carewright.warehouse.names import text

Said = dict[str, tuple[str, ...]]
"""For each column of a chart's table the landed columns that may say it, the first that is filled counting."""

NAMED: Said = {
    "name": ("source_description", "normalized_description", "source_code", "normalized_code"),
    "code_system": ("source_code_type", "normalized_code_type"),
    "code": ("source_code", "normalized_code"),
}
MEASURED: Said = {
    "value": ("result",),
    "value_number": ("result",),
    "unit": ("source_units", "normalized_units"),
    "low": ("source_reference_range_low", "normalized_reference_range_low"),
    "high": ("source_reference_range_high", "normalized_reference_range_high"),
    "flag": ("source_abnormal_flag", "normalized_abnormal_flag"),
    "encounter_external_id": ("encounter_id",),
}
TABLES: dict[str, tuple[type[Reported], str, Said]] = {
    "encounter": (Encounter, "encounter_id", {
        "name": ("encounter_type",), "class_code": ("encounter_class",), "starts_on": ("encounter_start_date",),
        "ends_on": ("encounter_end_date",), "provider": ("attending_provider_name",), "facility": ("facility_name",),
        "discharged_to_code": ("discharge_disposition_code",), "discharged_to": ("discharge_disposition_description",),
        "diagnosis_system": ("primary_diagnosis_code_type",), "diagnosis_code": ("primary_diagnosis_code",),
        "diagnosis": ("primary_diagnosis_description",),
    }),
    "condition": (Condition, "condition_id", NAMED | {
        "category": ("condition_type",), "verification_status": ("verification_status",), "onset_on": ("onset_date",),
        "abated_on": ("resolved_date",), "recorded_on": ("recorded_date",), "encounter_external_id": ("encounter_id",),
    }),
    "lab_result": (Observation, "lab_result_id", MEASURED | {
        "name": (
            "normalized_component_description", "source_component_description", "normalized_order_description",
            "source_order_description", "source_component_code",
        ),
        "code_system": ("source_component_type", "normalized_component_type"),
        "code": ("source_component_code", "normalized_component_code"),
        "observed_on": ("collection_datetime", "result_datetime"), "panel_external_id": ("accession_number",),
    }),
    "observation": (Observation, "observation_id", NAMED | MEASURED | {
        "category": ("observation_type",), "observed_on": ("observation_date",), "panel_external_id": ("panel_id",),
    }),
    "allergy": (Allergy, "allergy_id", NAMED | {
        "kind": ("allergy_type",), "category": ("category",), "criticality": ("criticality",),
        "verification_status": ("verification_status",), "reaction": ("reaction",), "severity": ("severity",),
        "onset_on": ("onset_date",), "recorded_on": ("recorded_date",),
    }),
    "immunization": (Immunization, "immunization_id", NAMED | {
        "given_on": ("occurrence_date",), "not_given_because": ("status_reason",),
        "dose": ("source_dose", "normalized_dose"), "lot_number": ("lot_number",), "site": ("body_site",),
        "route": ("route",),
    }),
    "procedure": (Procedure, "procedure_id", NAMED | {
        "done_on": ("procedure_date",), "provider": ("practitioner_id",), "encounter_external_id": ("encounter_id",),
    }),
    "medication": (MedicationListing, "medication_id", NAMED | {
        "name": ("source_description", "ndc_description", "rxnorm_description", "atc_description", "source_code"),
        "kind": ("kind",), "ndc": ("ndc_code",), "rxnorm": ("rxnorm_code",), "ordered_on": ("prescribing_date",),
        "dispensed_on": ("dispensing_date",), "route": ("route",), "quantity": ("quantity",),
        "quantity_unit": ("quantity_unit",), "days_supply": ("days_supply",), "directions": ("directions",),
        "provider": ("practitioner_id",),
    }),
}  # fmt: skip
"""Which landed tables go to the chart: into which of its tables, under which number, and what says what."""

UNSAID = {
    ("lab_result", "category"): "'laboratory'",
    ("medication", "kind"): "case when {dispensed_on} is not null then 'dispensed' when {ordered_on} is not null"
    " then 'ordered' else 'reported' end",
}
"""What a table says by being that table: whoever sends laboratory results need not write so in each row."""

AT_ONCE = 10_000
NOBODY_YET = 0
"""A file was looked through while people were being added: it is looked through again for everyone who is known then."""


def bring_up_to_date(home: Any, *, by: Any, at: datetime) -> Received:
    """
    Take to the charts what landed as tables and is not there yet; says how much that was, and how much waits.

    Safe to do again and to break off: the same row changes nothing, and a file is marked with the transaction.
    """
    known = Identifier.objects.filter(system="person_id", assigner="")
    newest = known.aggregate(newest=Max("pk"))["newest"]
    total = Received()
    if newest is None:
        return total
    is_settled = not _people_are_being_added()
    for table in TABLES:
        landed = Delivery.objects.landed().filter(kind=table)
        new = list(landed.filter(charted_upto__isnull=True).values_list("delivery_id", flat=True))
        others = landed.filter(charted_upto__lt=newest)
        seen_until = min(others.values_list("charted_upto", flat=True), default=newest)
        earlier = list(others.values_list("delivery_id", flat=True))
        newcomers = list(known.filter(pk__gt=seen_until).values_list("value", flat=True)) if earlier else []
        if not new and not newcomers:
            continue
        with transaction.atomic():
            protecting.while_taking_to_the_chart()
            rows = _rows(home, table, new=new, earlier=earlier if newcomers else [], newcomers=newcomers)
            model = TABLES[table][0]
            received = chart.record({model: rows}, at=at, by=by, what=f"table:{table}")
            total += received[model]
            if is_settled:
                landed.filter(delivery_id__in=[*new, *earlier]).update(charted_upto=newest)
            else:
                landed.filter(delivery_id__in=new).update(charted_upto=NOBODY_YET)
    return total


def _people_are_being_added() -> bool:
    """
    Whether somebody is adding people at this moment: some may have lower numbers than others who are known already.

    Asked after the newest number was, so that whoever is not seen here is known by the time rows are matched to people.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where relation = %s::regclass and mode = 'RowExclusiveLock'"
            " and database = (select oid from pg_database where datname = current_database())"
            " and pid <> pg_backend_pid())",
            [Identifier._meta.db_table],
        )
        return bool(cursor.fetchall()[0][0])


def read_again(source: str, table: str) -> None:
    """Of this feed's files of this table other rows count than did: all of them are looked at again."""
    Delivery.objects.of_feed(source, table).update(charted_upto=None)


def _rows(
    home: Any, table: str, *, new: list[str], earlier: list[str], newcomers: list[str]
) -> Iterator[tuple[object, ...]]:
    """Rows as the chart receives them: `receive.HEAD`, then the table's own columns."""
    if not landing.files(home)[table]:
        return
    with duckdb.connect() as con:
        for name, values in (("new", new), ("earlier", earlier), ("newcomers", newcomers)):
            con.register(name, pa.table({"it": pa.array(values, pa.string())}))
        landed = landing.relation(home, table)
        has = {row[0] for row in con.execute(f"describe select * from {landed}").fetchall()}
        found = con.execute(
            f"select {', '.join(_select(home, table, has))} from {landed} t where t.delivery_id in (from new)"
            " or (t.delivery_id in (from earlier) and t.person_id in (from newcomers))"
        )
        while some := found.fetchmany(AT_ONCE):
            yield from some


def _select(home: Any, table: str, has: set[str]) -> Iterator[str]:
    """The expressions of one row, in the order the chart wants them; what no file of the table sends is empty."""
    model, number, said = TABLES[table]
    status = "coalesce(t.status, '')" if "status" in has else "''"
    retracted = "coalesce(t.is_retracted, false)" if "is_retracted" in has else "false"
    yield "t.person_id"
    yield "t.source"
    yield f"'{table}/' || t.{number}"  # a feed may give the same number to a result and to a measurement
    yield f"{status}::varchar"
    yield from ("t.delivery_id", "t.line", "t.received_on", "t.received_seq")
    yield _tags(home, table, has)
    yield retracted
    fields = {field.attname: field for field in model._meta.concrete_fields}
    by_column = {column: _first(said.get(column, ()), has) for column in own_columns(model)}
    if table == "medication":
        kinds = _listed([str(kind) for kind in MedicationListing.Kind.values])
        by_column["kind"] = f"case when lower({by_column['kind']}) in ({kinds}) then lower({by_column['kind']}) end"
    for column, expression in by_column.items():
        unsaid = UNSAID.get((table, column), "null").format(**by_column)
        yield _as(fields[column], f"coalesce({expression}, {unsaid})")


def _first(columns: tuple[str, ...], has: set[str]) -> str:
    sent = [f"nullif(t.{column}::varchar, '')" for column in columns if column in has]
    return f"coalesce({', '.join(sent)})" if sent else "null::varchar"


def _as(field: Any, expression: str) -> str:
    """As the chart's column wants it; what does not read as a number is no number (the words stay in `value`)."""
    match field:
        case models.DateField() if not isinstance(field, models.DateTimeField):
            return f"try_cast(try_cast({expression} as timestamp) as date)"
        case models.FloatField():
            return f"try_cast({expression} as double)"
        case models.IntegerField():
            return f"try_cast(try_cast({expression} as double) as integer)"
        case models.DateTimeField():
            return "null"
    return f"{expression}::varchar"


def _tags(home: Any, table: str, has: set[str]) -> str:
    """The tags a row landed with, and that of a source which is protected by 42 CFR Part 2 today."""
    feeds, npis = protecting.sources(home)
    providers = [each.name for each in landing.layouts()[table].columns if each.provider and each.name in has]
    protected = [f"t.source in ({_listed(feeds)})"] * bool(feeds)
    protected += [f"t.{name} in ({_listed(npis)})" for name in providers if npis]
    part2 = f"case when {' or '.join(protected)} then ['part2'] else [] end" if protected else "[]::varchar[]"
    own = "list_filter(string_split(coalesce(t.tags, ''), ';'), lambda tag: tag <> '')"
    return f"list_sort(list_distinct(list_concat({own}, {part2})))"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(text(value) for value in sorted(values))
