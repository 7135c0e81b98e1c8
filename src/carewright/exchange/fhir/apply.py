"""
FHIR facts go to the chart: the same rows that landed, with the tags they landed with.

The person comes first: a Patient resource becomes a patient of the registry, or finds the one that already has its
`person_id`. Never by name. Facts about somebody of whom no Patient resource has come are counted as waiting; when that
Patient comes, `waiting` reads the deliveries again that spoke of them.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from carewright.chart import actions as chart
from carewright.chart.models import (
    Allergy,
    Appointment,
    Condition,
    Document,
    Encounter,
    Immunization,
    MedicationListing,
    Observation,
    OutsideCarePlan,
    OutsideGoal,
    OutsideTeamMember,
    Procedure,
    Reported,
    ServiceOrder,
)
from carewright.chart.receive import Received, own_columns
from carewright.exchange import protecting
from carewright.exchange.fhir import security, taking_answers
from carewright.exchange.fhir.at import ENTERED_IN_ERROR
from carewright.exchange.fhir.facts import KINDS, Facts, Stamp
from carewright.exchange.fhir.owed import Note
from carewright.exchange.fhir.registering import register
from carewright.exchange.fhir.responses import KIND

Names = dict[str, str]
SAME: Names = {}
CODED = {"code_system": "source_code_type", "code": "source_code"}

INTO: dict[str, tuple[type[Reported], str, Names]] = {
    "encounter": (Encounter, "encounter_id", {
        "class_code": "encounter_class", "starts_on": "encounter_start_date", "ends_on": "encounter_end_date",
        "starts_at": "start_at", "ends_at": "end_at", "provider": "attending_provider_name",
        "facility": "facility_name", "discharged_to_code": "discharge_disposition_code",
        "discharged_to": "discharge_disposition_description", "diagnosis_system": "primary_diagnosis_code_type",
        "diagnosis_code": "primary_diagnosis_code", "diagnosis": "primary_diagnosis_description",
    }),
    "condition": (Condition, "condition_id", CODED | {
        "category": "condition_type", "onset_on": "onset_date", "abated_on": "resolved_date",
        "recorded_on": "recorded_date", "encounter_external_id": "encounter_id",
    }),
    "observation": (Observation, "observation_id", CODED | {
        "category": "observation_type", "observed_on": "observation_date", "value": "result",
        "value_number": "result_number", "value_code_system": "result_code_type", "value_code": "result_code",
        "unit": "source_units", "low": "source_reference_range_low", "high": "source_reference_range_high",
        "range": "reference_range", "flag": "source_abnormal_flag", "panel_external_id": "panel_id",
        "encounter_external_id": "encounter_id",
    }),
    "allergy": (Allergy, "allergy_id", CODED | {
        "kind": "allergy_type", "onset_on": "onset_date", "recorded_on": "recorded_date",
    }),
    "immunization": (Immunization, "immunization_id", CODED | {
        "given_on": "occurrence_date", "given_written": "occurrence_written", "not_given_because": "status_reason",
        "dose": "source_dose", "site": "body_site",
    }),
    "procedure": (Procedure, "procedure_id", CODED | {
        "done_on": "procedure_date", "done_written": "performed_written", "provider": "practitioner_id",
        "encounter_external_id": "encounter_id",
    }),
    "medication": (MedicationListing, "medication_id", CODED | {
        "ndc": "ndc_code", "rxnorm": "rxnorm_code", "ordered_on": "prescribing_date",
        "dispensed_on": "dispensing_date", "taken_on": "effective_date", "date_written": "when_written",
        "provider": "practitioner_id",
    }),
    "appointment": (Appointment, "appointment_id", {
        "status": "source_status", "name": "source_appointment_type_description", "starts_at": "start_at",
        "ends_at": "end_at", "specialty": "appointment_specialty", "cancelled_because": "cancellation_reason",
    }),
    "document": (Document, "external_id", {"written_on": "on", "written_at": "at", "lies_at": "where"}),
    "service_order": (ServiceOrder, "external_id", SAME),
    "care_team": (OutsideTeamMember, "external_id", {"name": "member_name", "team": "team_name"}),
    "care_plan": (OutsideCarePlan, "external_id", {"words": "text"}),
    "goal": (OutsideGoal, "external_id", SAME),
}  # fmt: skip
"""For each kind of fact: its table, the field that is the source's number, and chart columns that have another name."""

PROVIDERS = ("practitioner_id", "attending_provider_id", "facility_id", "ordering_practitioner_id")
"""Who did it or where: an NPI where one is known."""

LANDED_AS = {"observation": ("lab_result", "observation")}


@dataclass
class Applied:
    """What became of the facts given to the chart: per table added, changed, unchanged, waiting; and who was new."""

    source: str = ""
    counts: dict[str, Received] = field(default_factory=dict)
    new_people: set[str] = field(default_factory=set)
    owed: Note | None = None
    """Where those who become known are written down before they do, so that nobody's earlier facts are forgotten."""
    refused: list[tuple[int, int, str, str]] = field(default_factory=list)
    """Answered questionnaires that could not be kept: file, line, their own id, and why in a sentence."""
    unscored: set[tuple[int, int]] = field(default_factory=set)
    """Answered questionnaires that are kept and not scored, being made for adults and about a child: file and line."""

    @property
    def is_waiting(self) -> bool:
        """Whether any fact was about somebody we did not know at that moment."""
        return any(received.waiting for received in self.counts.values())


def to_chart(
    *,
    by: Any,
    home: Any,
    at: datetime.datetime | None = None,
    applied: Applied | None = None,
    only: set[str] | None = None,
) -> Callable[[Facts, list[Stamp], dict[str, list[str]]], None]:
    """
    A function that takes facts to the chart, each time in one transaction; `only` restricts it to these people.

    `home` says which sources are protected by 42 CFR Part 2, asked anew each time. Whatever such a source says is
    tagged `part2`, also what lands in no table of the warehouse: notes, orders, teams, plans and goals.
    """
    moment = at or timezone.now()
    kept = Applied() if applied is None else applied

    def apply(facts: Facts, stamps: list[Stamp], tags: dict[str, list[str]]) -> None:
        with transaction.atomic():
            protecting.while_taking_to_the_chart()
            protected = protecting.sources(home)
            if only is None:
                new_people = register(facts, stamps, by=by)
                if kept.owed is not None:
                    kept.owed.add(new_people)
                kept.new_people |= new_people
            received = chart.record(
                {
                    INTO[kind][0]: _rows(kind, facts.rows[kind], stamps, tags, only, protected)
                    for kind in INTO
                    if facts.rows[kind]
                },
                at=moment,
                by=by,
                what=", ".join(sorted({stamp.source for stamp in stamps})),
            )
            taken = taking_answers.take_in(facts.rows[KIND], stamps, feeds=protected[0], by=by, at=moment, only=only)
        kept.refused += taken.refused
        kept.unscored |= taken.unscored
        kept.counts["Assessment"] = kept.counts.get("Assessment", Received()) + taken.received
        for model, one in received.items():
            kept.counts[model.__name__] = kept.counts.get(model.__name__, Received()) + one

    return apply


def _rows(
    kind: str,
    rows: list[tuple[Any, ...]],
    stamps: list[Stamp],
    tags: dict[str, list[str]],
    only: set[str] | None,
    protected: protecting.Protected,
) -> Iterator[tuple[object, ...]]:
    """Rows as the chart receives them: `receive.HEAD`, then the table's own columns."""
    model, number, other = INTO[kind]
    place = {name: position for position, name in enumerate(KINDS[kind])}
    person, external, status = place["person_id"], place[number], place[other.get("status", "status")]
    own = [place.get(other.get(column, column)) for column in own_columns(model)]
    verified = place.get("verification_status")
    feeds, npis = protected
    providers = [place[name] for name in PROVIDERS if name in place] if npis else []
    behind = place.get("npis") if npis else None
    for row, said in zip(rows, _tags(kind, rows, place, stamps, tags), strict=True):
        if only is not None and row[person] not in only:
            continue
        stamp = stamps[row[0]]
        found = set(said.split(";")) if said else set()
        if (
            stamp.source in feeds
            or any(row[each] in npis for each in providers)
            or (behind is not None and not npis.isdisjoint(row[behind]))
        ):
            found.add("part2")
        in_error = row[status] == ENTERED_IN_ERROR or (verified is not None and row[verified] == ENTERED_IN_ERROR)
        yield (
            row[person], stamp.source, row[external], row[status], stamp.delivery_id, row[1], stamp.received_on,
            stamp.received_seq, sorted(found), in_error,
            *(None if position is None else _plain(row[position]) for position in own),
        )  # fmt: skip


def _plain(value: Any) -> Any:
    """A value as PostgreSQL's array columns want it; a tuple would be taken for a composite."""
    return list(value) if type(value) is tuple else value


def _tags(
    kind: str, rows: list[tuple[Any, ...]], place: dict[str, int], stamps: list[Stamp], tags: dict[str, list[str]]
) -> Iterable[str]:
    """The tags each row landed with; of what lands nowhere, those its own labels and codes bring."""
    if kind == "observation":
        labs, others = (iter(tags.get(name, ())) for name in LANDED_AS[kind])
        is_lab = place["observation_type"]
        return (next(labs if row[is_lab] == "laboratory" else others) for row in rows)
    if kind in tags:
        return tags[kind]
    return (_own_tags(row, place) for row in rows)


def _own_tags(row: tuple[Any, ...], place: dict[str, int]) -> str:
    """The tags of a fact that lands nowhere: its resource's own, and those of its code."""
    if "code" not in place:
        return row[2]
    return security.joined(row[2], [(row[place["code_system"]], row[place["code"]])])
