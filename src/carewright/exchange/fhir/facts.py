"""
Facts on their way in: one list of flat rows per kind, turned into columns only when many are together.

A reader appends one tuple per fact. Its first three fields are always `file` (a number into this run's files), `line`
and `tags`; what follows is in `KINDS`. A tuple and a list are the cheapest things Python has: ten thousand bundles
become three hundred thousand rows, and every step taken per row is taken that often.

`KINDS` is the contract between the readers, the landed tables and the chart: a column of the same name in the layout
lands, a column the chart knows goes there, and some are for one of them only.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from carewright.exchange.fhir.authors import KEPT
from carewright.exchange.fhir.values import text_of
from carewright.warehouse.layout import layout

HEAD = ("file", "line", "tags")
MEASURED = ("source_code_type", "source_code", "source_description")
COMMON = ("normalized_code_type", "normalized_code", "normalized_description")


def _numbered(stem: str) -> tuple[str, ...]:
    return tuple(f"{stem}_{number}" for number in range(1, 26))


KINDS: dict[str, tuple[str, ...]] = {
    "resource": (*HEAD, "resource_type", "resource_id", "person_id", "used", "provider_npis"),
    "person": (
        *HEAD, "person_id", "patient_id", "first_name", "middle_name", "last_name", "name_suffix", "birth_date",
        "death_date", "gender", "race", "ethnicity", "language", "address", "city", "state", "zip_code", "county",
        "phone", "email", "death_flag", "identifiers",
    ),
    "related_person": (
        *HEAD, "external_id", "person_id", "given_name", "family_name", "relationship", "phone", "email",
    ),
    "practitioner": (
        *HEAD, "practitioner_id", "npi", "first_name", "last_name", "practice_affiliation", "specialty",
        "sub_specialty", "phone",
    ),
    "organization": (
        *HEAD, "organization_id", "npi", "name", "facility_type", "parent_organization", "address", "city", "state",
        "zip_code", "phone",
    ),
    "coverage": (
        *HEAD, "coverage_id", "person_id", "member_id", "subscriber_id", "enrollment_start_date",
        "enrollment_end_date", "payer", "payer_type", "plan", "group_id", "group_name", "subscriber_relation",
        "dual_status_code", "medicare_status_code", "original_reason_entitlement_code",
    ),
    "encounter": (
        *HEAD, "encounter_id", "person_id", "patient_id", "is_retracted", "status", "encounter_class",
        "encounter_type", "encounter_start_date", "encounter_end_date", "start_at", "end_at", "name",
        "admit_source_code", "discharge_disposition_code", "discharge_disposition_description",
        "attending_provider_id", "attending_provider_name", "facility_id", "facility_name",
        "primary_diagnosis_code_type", "primary_diagnosis_code", "primary_diagnosis_description", "reason",
    ),
    "condition": (
        *HEAD, "condition_id", "person_id", "patient_id", "is_retracted", "status", "verification_status",
        "condition_type", "encounter_id", "recorded_date", "onset_date", "onset_written", "resolved_date",
        *MEASURED, *COMMON, "name", "severity", "note", "npis",
    ),
    "observation": (
        *HEAD, "observation_id", "person_id", "patient_id", "is_retracted", "status", "encounter_id", "panel_id",
        "observation_type", "observation_date", "observed_at", "clock", "issued_clock", *MEASURED, *COMMON, "name",
        "result", "result_number", "result_code_type", "result_code", "comparator", "source_units",
        "normalized_units", "source_reference_range_low", "source_reference_range_high", "reference_range",
        "source_abnormal_flag", "specimen", "ordering_practitioner_id", "order_type", "order_code",
        "order_description", "note",
    ),
    "allergy": (
        *HEAD, "allergy_id", "person_id", "patient_id", "is_retracted", "encounter_id", "status",
        "verification_status", "allergy_type", "category", "criticality", *MEASURED, *COMMON, "name", "reaction",
        "reaction_code", "severity", "onset_date", "onset_written", "recorded_date", "practitioner_id",
    ),
    "immunization": (
        *HEAD, "immunization_id", "person_id", "patient_id", "is_retracted", "encounter_id", "status",
        "status_reason", "occurrence_date", "occurrence_written", *MEASURED, *COMMON, "name", "source_dose",
        "lot_number", "body_site", "route", "practitioner_id",
    ),
    "procedure": (
        *HEAD, "procedure_id", "person_id", "patient_id", "is_retracted", "status", "encounter_id",
        "procedure_date", "performed_written", "ended_on", *MEASURED, *COMMON, "name", "practitioner_id", "reason",
    ),
    "medication": (
        *HEAD, "medication_id", "person_id", "patient_id", "is_retracted", "kind", "status", "encounter_id",
        "prescribing_date", "dispensing_date", "effective_date", "ended_on", "when_written", *MEASURED, "name",
        "ndc_code", "ndc_description", "rxnorm_code", "rxnorm_description", "atc_code", "atc_description", "route",
        "quantity", "quantity_unit", "days_supply", "directions", "practitioner_id", "reason",
    ),
    "appointment": (
        *HEAD, "appointment_id", "person_id", "patient_id", "is_retracted", "source_status", "start_datetime",
        "end_datetime", "start_at", "end_at", "duration", "source_appointment_type_code",
        "source_appointment_type_description", "appointment_specialty", "reason", "source_reason_code_type",
        "source_reason_code", "source_reason_description", "cancellation_reason", "practitioner_id", "location_id",
        "with_whom", "place", "npis",
    ),
    "document": (
        *HEAD, "external_id", "person_id", "is_retracted", "kind", "status", "code_system", "code", "title",
        "category", "on", "at", "author", "content_type", "text", "where", "npis",
    ),
    "service_order": (
        *HEAD, "external_id", "person_id", "is_retracted", "status", "intent", "priority", "category", "code_system",
        "code", "name", "ordered_on", "wanted_on", "requested_by", "performed_by", "reason", "note",
        "npis",
    ),
    "care_team": (
        *HEAD, "external_id", "person_id", "is_retracted", "status", "team_name", "member_name", "member_kind",
        "role", "starts_on", "ends_on", "phone", "npis",
    ),
    "care_plan": (
        *HEAD, "external_id", "person_id", "is_retracted", "status", "intent", "title", "category", "starts_on",
        "ends_on", "activities", "addresses", "text", "npis",
    ),
    "goal": (
        *HEAD, "external_id", "person_id", "is_retracted", "status", "achievement", "words", "starts_on", "due_on",
        "target", "category", "addresses", "npis",
    ),
    "questionnaire_response": (
        *HEAD, "external_id", "person_id", "is_retracted", "status", "instrument", "answered_on", "answered_at", "whose",
        "answered_by", "answers", "npis",
    ),
    "medical_claim": (
        *HEAD, "claim_id", "claim_line_number", "claim_type", "person_id", "member_id", "payer", "plan",
        "claim_status", "claim_start_date", "claim_end_date", "claim_line_start_date", "claim_line_end_date",
        "admission_date", "discharge_date", "admit_source_code", "admit_type_code", "discharge_disposition_code",
        "place_of_service_code", "bill_type_code", "drg_code_type", "drg_code", "revenue_center_code",
        "service_unit_quantity", "hcpcs_code", "hcpcs_modifier_1", "hcpcs_modifier_2", "hcpcs_modifier_3",
        "hcpcs_modifier_4", "hcpcs_modifier_5", "rendering_npi", "billing_npi", "facility_npi", "paid_date",
        "paid_amount", "allowed_amount", "charge_amount", "coinsurance_amount", "copayment_amount",
        "deductible_amount", "diagnosis_code_type", "procedure_code_type", "diagnoses", "poas", "procedures",
        "procedure_dates",
    ),
    "pharmacy_claim": (
        *HEAD, "claim_id", "claim_line_number", "person_id", "member_id", "payer", "plan", "claim_status",
        "prescribing_provider_npi", "dispensing_provider_npi", "dispensing_date", "ndc_code", "quantity",
        "days_supply", "refills", "paid_date", "paid_amount", "allowed_amount", "charge_amount",
        "coinsurance_amount", "copayment_amount", "deductible_amount",
    ),
}  # fmt: skip
"""The fields of one row of each kind, in order."""

SPREAD = {
    "diagnoses": _numbered("diagnosis_code"),
    "poas": _numbered("diagnosis_poa"),
    "procedures": _numbered("procedure_code"),
    "procedure_dates": _numbered("procedure_date"),
    "provider_npis": tuple(f"provider_npi_{number}" for number in range(1, KEPT + 1)),
}
"""Fields that hold a tuple and land as several columns."""

LAB_NAMES = {
    "lab_result_id": "observation_id",
    "source_component_type": "source_code_type",
    "source_component_code": "source_code",
    "source_component_description": "source_description",
    "normalized_component_type": "normalized_code_type",
    "normalized_component_code": "normalized_code",
    "normalized_component_description": "normalized_description",
    "source_order_type": "order_type",
    "source_order_code": "order_code",
    "source_order_description": "order_description",
    "collection_datetime": "clock",
    "result_datetime": "issued_clock",
}
"""A laboratory observation lands in `lab_result`, where the same things have other names."""

LANDS_AS = {"coverage": "eligibility"}
ARROW = {
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "DOUBLE": pa.float64(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
}


@dataclass(frozen=True)
class Stamp:
    """What every row of one file carries: who sent it, in which delivery, and when it came."""

    source: str
    delivery_id: str
    received_on: datetime.date
    received_seq: int


@dataclass
class Facts:
    """Everything read and not yet put down, by kind."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))

    def take(self) -> "Facts":
        """What is held, leaving this empty."""
        held = Facts(self.rows)
        self.rows = {kind: [] for kind in KINDS}
        return held

    def add(self, other: "Facts") -> None:
        """Take over what another holds."""
        for kind, rows in other.rows.items():
            self.rows[kind] += rows


def columns_of(kind: str, rows: list[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Rows as columns, by name."""
    if not rows:
        return dict.fromkeys(KINDS[kind], ())
    return dict(zip(KINDS[kind], zip(*rows, strict=True), strict=True))


def tables(facts: Facts, stamps: list[Stamp]) -> Iterable[tuple[str, pa.Table]]:
    """
    The landed tables these facts make: pairs of table name and Arrow table, stamped and typed as the layout says.

    Coverage is not among them: it lands as eligibility, joined to the person it belongs to, at the end of a batch.
    """
    for kind, rows in facts.rows.items():
        if not rows or kind == "coverage":
            continue
        if kind == "observation":
            is_lab = KINDS[kind].index("observation_type")
            labs = [row for row in rows if row[is_lab] == "laboratory"]
            others = [row for row in rows if row[is_lab] != "laboratory"]
            if labs:
                found = columns_of(kind, labs)
                found |= {landed: found[ours] for landed, ours in LAB_NAMES.items()}
                yield "lab_result", table("lab_result", found, stamps)
            if others:
                yield "observation", table("observation", columns_of(kind, others), stamps)
        elif kind in LANDED:
            yield kind, table(kind, columns_of(kind, rows), stamps)


def table(name: str, found: dict[str, tuple[Any, ...]], stamps: list[Stamp]) -> pa.Table:
    """One Arrow table of the layout's columns that `found` holds, with the stamps of each row's file."""
    made: dict[str, pa.Array] = {}
    shape = layout(name)
    for column in shape.columns:
        if column.name in found:
            made[column.name] = _array(found[column.name], column.type)
    for held, names in SPREAD.items():
        values = found.get(held, ())
        for position, name in enumerate(names[: max(map(len, values), default=0)]):
            spread = [each[position] if len(each) > position else None for each in values]
            made[name] = _array(spread, shape.by_name[name].type)
    files = pa.array(found["file"], pa.int32())
    for stamp, kind in (("source", pa.string()), ("delivery_id", pa.string()), ("received_on", pa.date32()),
                        ("received_seq", pa.int64())):  # fmt: skip
        made[stamp] = pa.array([getattr(each, stamp) for each in stamps], kind).take(files)
    made["line"] = pa.array(found["line"], pa.int64())
    made["tags"] = pa.array(found["tags"], pa.string())
    return pa.table(made)


def _array(values: Iterable[Any], kind: str) -> pa.Array:
    """Python values as an Arrow column; money through cents, timestamps from text."""
    if kind.startswith("DECIMAL"):
        return pc.round(pa.array(values, pa.float64()), 2).cast(pa.decimal128(18, 2))
    if kind == "TIMESTAMP":
        return pa.array(values, pa.string()).cast(pa.timestamp("us"))
    try:
        return pa.array(values, ARROW[kind])
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        if kind != "VARCHAR":
            raise
        # a number where a word belongs (a family name 5) is kept as it was written
        return pa.array([text_of(value) for value in values], pa.string())


LANDED = frozenset(
    {
        "resource", "person", "practitioner", "organization", "encounter", "condition", "allergy", "immunization",
        "procedure", "medication", "appointment", "medical_claim", "pharmacy_claim",
    }
)  # fmt: skip
"""Kinds that land under their own name; the others are for the chart only, and their resources are counted as used."""


def all_landed_names() -> dict[str, set[str]]:
    """Every landed column a kind fills, for the test that holds the layouts to it."""
    found: dict[str, set[str]] = {}
    for kind in (*LANDED, "coverage"):
        names = set(KINDS[kind]) - set(HEAD) - set(SPREAD)
        found[LANDS_AS.get(kind, kind)] = names | set(
            chain.from_iterable(SPREAD[h] for h in SPREAD if h in KINDS[kind])
        )
    return found
