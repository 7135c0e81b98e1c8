"""One example of each resource in, the landed row out."""

import datetime
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from carewright.exchange.fhir.facts import all_landed_names
from carewright.plumbing.home import Home
from carewright.warehouse import landing
from carewright.warehouse.layout import layout
from carewright.warehouse.manifest import Delivered
from tests.exchange.fhir import examples as ex

STAMPS = {"source", "delivery_id", "received_on", "received_seq", "line", "tags"}
COMMON = {"person_id": "p1", "patient_id": "p1"}


def landed(tmp_path, table, *resources):
    """The landed rows of a table without their stamps."""
    home, report = ex.read_one(tmp_path, *resources)
    assert report.adds_up and not report.rows_rejected, report.reasons
    return [{name: value for name, value in row.items() if name not in STAMPS} for row in ex.rows(home, table)]


def test_a_patient_lands_as_a_person_with_the_names_and_address_in_use(tmp_path):
    assert landed(tmp_path, "person", ex.PATIENT) == [
        COMMON | {
            "first_name": "Ada", "middle_name": "Mae", "last_name": "Quill", "name_suffix": "Jr",
            "birth_date": date(1950, 3, 4), "gender": "female", "race": "White", "language": "es",
            "address": "12 Mill Road, Unit 3", "city": "Ashford", "state": "CT", "zip_code": "06278-1234",
            "phone": "555-0100", "email": "ada@example.org",
        }
    ]  # fmt: skip


def test_a_birth_year_alone_is_not_made_into_a_birthday(tmp_path):
    [person] = landed(tmp_path, "person", ex.PATIENT | {"birthDate": "1950"})
    assert "birth_date" not in person


def test_a_visit_lands_on_the_days_the_source_wrote(tmp_path):
    assert landed(tmp_path, "encounter", ex.ENCOUNTER) == [
        COMMON | {
            "encounter_id": "e1", "status": "finished", "encounter_class": "IMP", "encounter_type": "acute inpatient",
            "encounter_start_date": date(2026, 3, 1), "encounter_end_date": date(2026, 3, 5), "is_retracted": False,
            "discharge_disposition_code": "06", "discharge_disposition_description": "Home health",
            "attending_provider_id": "1234567893", "attending_provider_name": "Dr. Ruth Okafor",
            "facility_name": "Ashford General",
        }
    ]  # fmt: skip


def test_a_condition_keeps_its_own_code_and_shows_the_icd_code_beside_it(tmp_path):
    assert landed(tmp_path, "condition", ex.CONDITION) == [
        COMMON | {
            "condition_id": "c1", "encounter_id": "e1", "status": "active", "verification_status": "confirmed",
            "condition_type": "problem-list-item", "onset_date": date(2015, 1, 1), "recorded_date": date(2026, 3, 2),
            "source_code_type": "snomed-ct", "source_code": "44054006",
            "source_description": "Diabetes mellitus type 2", "normalized_code_type": "icd-10-cm",
            "normalized_code": "E119", "normalized_description": "Type 2 diabetes mellitus without complications",
            "is_retracted": False,
        }
    ]  # fmt: skip


def test_a_laboratory_result_knows_its_order_units_and_range(tmp_path):
    [result] = landed(tmp_path, "lab_result", ex.LAB, ex.REPORT)
    assert result == COMMON | {
        "lab_result_id": "o1", "status": "final", "result": "9.4", "source_units": "%", "normalized_units": "%",
        "source_component_type": "loinc", "source_component_code": "4548-4",
        "source_component_description": "Hemoglobin A1c", "normalized_component_type": "loinc",
        "normalized_component_code": "4548-4", "normalized_component_description": "Hemoglobin A1c",
        "source_order_type": "loinc", "source_order_code": "24323-8", "source_order_description": "Metabolic panel",
        "source_reference_range_low": "4", "source_reference_range_high": "5.6", "source_abnormal_flag": "H",
        "collection_datetime": datetime.datetime(2026, 3, 2, 8, 15),
        "result_datetime": datetime.datetime(2026, 3, 2, 13), "is_retracted": False,
    }  # fmt: skip


def test_blood_pressure_lands_as_two_measurements_of_one_panel(tmp_path):
    found = landed(tmp_path, "observation", ex.PRESSURE)
    assert [(row["observation_id"], row["panel_id"], row["source_code"], row["result"]) for row in found] == [
        ("o2.1", "o2", "8480-6", "142"),
        ("o2.2", "o2", "8462-4", "88"),
    ]


def test_an_answer_to_a_screening_question_lands_in_words(tmp_path):
    [answer] = landed(tmp_path, "observation", ex.ANSWER)
    assert (answer["observation_type"], answer["result"]) == ("survey", "Often true")


def test_an_allergy_lands_with_its_reaction(tmp_path):
    assert landed(tmp_path, "allergy", ex.ALLERGY) == [
        COMMON | {
            "allergy_id": "a1", "status": "active", "verification_status": "confirmed", "allergy_type": "allergy",
            "category": "medication", "criticality": "high", "source_code_type": "rxnorm", "source_code": "7980",
            "source_description": "Penicillin", "normalized_code_type": "rxnorm", "normalized_code": "7980",
            "normalized_description": "Penicillin", "reaction": "Hives", "reaction_code": "247472004",
            "severity": "moderate", "recorded_date": date(2020, 6, 1), "is_retracted": False,
        }
    ]  # fmt: skip


def test_an_immunization_lands(tmp_path):
    [shot] = landed(tmp_path, "immunization", ex.IMMUNIZATION)
    assert shot["occurrence_date"] == date(2025, 10, 5)
    assert (shot["source_code_type"], shot["source_code"], shot["lot_number"]) == ("cvx", "140", "L9")
    assert shot["body_site"] == "left arm"


def test_a_procedure_lands(tmp_path):
    [done] = landed(tmp_path, "procedure", ex.PROCEDURE)
    assert (done["procedure_date"], done["source_code_type"]) == (date(2026, 3, 3), "hcpcs")
    assert (done["source_code"], done["status"], done["is_retracted"]) == ("93306", "completed", False)


def test_an_ordered_medicine_is_found_inside_and_its_directions_are_spelled_out(tmp_path):
    [order] = landed(tmp_path, "medication", ex.ORDERED, ex.PRACTITIONER)
    assert order == COMMON | {
        "medication_id": "m1", "kind": "ordered", "status": "active", "prescribing_date": date(2026, 3, 5),
        "source_code_type": "rxnorm", "source_code": "860975", "source_description": "metformin 500 MG Oral Tablet",
        "rxnorm_code": "860975", "rxnorm_description": "metformin 500 MG Oral Tablet", "quantity": 60.0,
        "quantity_unit": "tablet", "days_supply": 30, "directions": "1 tablet, 2 times per day",
        "practitioner_id": "1234567893", "is_retracted": False,
    }  # fmt: skip


def test_a_dispensed_medicine_lands_with_eleven_digits(tmp_path):
    [fill] = landed(tmp_path, "medication", ex.DISPENSED)
    assert (fill["kind"], fill["ndc_code"], fill["dispensing_date"]) == ("dispensed", "00071015523", date(2026, 3, 6))
    assert fill["days_supply"] == 30


def test_a_medicine_never_taken_hides_itself(tmp_path):
    [said] = landed(tmp_path, "medication", ex.REPORTED)
    assert (said["kind"], said["source_description"], said["is_retracted"]) == ("reported", "a water pill", True)


def test_an_appointment_lands_for_its_patient(tmp_path):
    [booked] = landed(tmp_path, "appointment", ex.APPOINTMENT, ex.PRACTITIONER)
    assert booked["start_datetime"] == datetime.datetime(2026, 12, 1, 14)
    assert (booked["person_id"], booked["duration"], booked["source_status"]) == ("p1", 30, "booked")
    assert booked["practitioner_id"] == "1234567893"


def test_a_professional_and_their_role_are_one_entry(tmp_path):
    [who] = landed(tmp_path, "practitioner", ex.PRACTITIONER, ex.ROLE, ex.ORGANIZATION)
    assert who == {
        "practitioner_id": "d1", "npi": "1234567893", "first_name": "Ruth", "last_name": "Okafor",
        "practice_affiliation": "Ashford General", "specialty": "Cardiology",
    }  # fmt: skip


def test_an_organization_lands(tmp_path):
    [place] = landed(tmp_path, "organization", ex.ORGANIZATION)
    assert (place["organization_id"], place["name"], place["facility_type"]) == ("g1", "Ashford General", "Hospital")


def test_coverage_lands_as_eligibility_with_the_person_it_covers(tmp_path):
    [span] = landed(tmp_path, "eligibility", ex.COVERAGE, ex.PATIENT)
    assert span == {
        "person_id": "p1", "member_id": "S77", "subscriber_id": "S77", "enrollment_start_date": date(2024, 1, 1),
        "payer": "Harbor Health", "payer_type": "medicare", "plan": "Harbor Gold", "dual_status_code": "02",
        "original_reason_entitlement_code": "1", "first_name": "Ada", "middle_name": "Mae", "last_name": "Quill",
        "name_suffix": "Jr", "gender": "female", "birth_date": date(1950, 3, 4), "race": "White", "language": "es",
        "address": "12 Mill Road, Unit 3", "city": "Ashford", "state": "CT", "zip_code": "06278-1234",
        "phone": "555-0100", "email": "ada@example.org",
    }  # fmt: skip


def test_coverage_finds_the_person_in_a_file_that_never_had_some_of_the_columns(tmp_path):
    home = Home(tmp_path / "home")
    stamps = {"source": "emr", "delivery_id": "0" * 12, "line": 2, "received_on": date(2026, 1, 5), "received_seq": 1}
    told = {"person_id": "p1", "first_name": "Ada", "last_name": "Quill", "birth_date": date(1950, 3, 4)}
    earlier = landing.write(home, "person", "b0", pa.Table.from_pylist([told | stamps]))
    assert "race" not in pq.read_schema(home.landed / earlier.path).names
    landing.finish(home, "b0", [Delivered("0" * 12, "0" * 64, "people.json", "emr", date(2026, 1, 5), 1, "fhir")])
    home, [report] = ex.land(tmp_path, ex.received(tmp_path, "one.json", ex.bundle(ex.COVERAGE)))
    assert report.rows_kept == 1
    [span] = ex.rows(home, "eligibility")
    assert (span["first_name"], span["last_name"], span["birth_date"]) == ("Ada", "Quill", date(1950, 3, 4))
    assert "race" not in span


@pytest.mark.parametrize(("person", "expected"), [("p1", "Quill"), ("p2", None)])
def test_coverage_takes_the_name_of_a_file_read_again_from_its_last_reading(tmp_path, person, expected):
    home = Home(tmp_path / "home")
    told = Delivered("0" * 12, "0" * 64, "people.csv", "emr", date(2026, 1, 5), 1)
    beside_it = Delivered("1" * 12, "1" * 64, "others.csv", "emr", date(2026, 1, 5), 2)
    stamps = {"source": "emr", "delivery_id": "0" * 12, "line": 2, "received_on": date(2026, 1, 5), "received_seq": 1}
    misread, mended = {"person_id": "p1", "last_name": "Misread"}, {"person_id": person, "last_name": "Quill"}
    landing.write(home, "person", "b0", pa.Table.from_pylist([misread | stamps]))
    landing.finish(home, "b0", [told, beside_it])
    landing.write(home, "person", "b0-then-x", pa.Table.from_pylist([mended | stamps]))
    landing.finish(home, "b0-then-x", [told], instead_of=[("b0", told.delivery_id)])
    ex.land(tmp_path, ex.received(tmp_path, "one.json", ex.bundle(ex.COVERAGE), seq=3))
    [span] = ex.rows(home, "eligibility")
    assert span.get("last_name") == expected


@pytest.mark.parametrize("resource", [ex.RELATED, ex.NOTE, ex.REPORT, ex.ORDER, ex.TEAM, ex.PLAN, ex.GOAL])
def test_what_is_for_the_chart_only_is_counted_as_used(tmp_path, resource):
    [seen] = landed(tmp_path, "resource", resource)
    assert seen == {
        "resource_type": resource["resourceType"], "resource_id": resource["id"], "person_id": "p1", "used": True,
    }  # fmt: skip


def test_everything_at_once_is_used(tmp_path):
    home, report = ex.read_one(tmp_path, *ex.EVERY)
    assert (report.rows_read, report.rows_kept) == (len(ex.EVERY), len(ex.EVERY))
    assert (report.first_date, report.last_date) == (date(2020, 6, 1), date(2026, 3, 6))
    assert report.notes[0].startswith("Used: AllergyIntolerance 1, Appointment 1,")
    assert {row["line"] for row in ex.rows(home, "resource")} == set(range(1, len(ex.EVERY) + 1))


def test_every_column_that_should_land_is_in_its_layout():
    only_for_the_chart = {
        "start_at", "end_at", "name", "reason", "onset_written", "severity", "note", "observed_at", "clock",
        "issued_clock", "result_number", "result_code_type", "result_code", "comparator", "reference_range",
        "order_type", "order_code", "order_description", "specimen", "ordering_practitioner_id", "occurrence_written",
        "performed_written", "ended_on", "effective_date", "when_written", "with_whom", "place", "identifiers",
        "source_abnormal_flag", "coverage_id", "npis",
    }  # fmt: skip
    for table, names in all_landed_names().items():
        unknown = names - set(layout(table).by_name) - only_for_the_chart
        assert not unknown, (table, unknown)
