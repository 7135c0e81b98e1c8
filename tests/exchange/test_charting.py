"""Clinical rows of tables stand in the charts: when their person is known, once, as last said, and no longer than they count."""

import json
import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from carewright.chart.models import Allergy, Condition, Encounter, MedicationListing, Observation
from carewright.exchange import actions
from carewright.exchange.fhir import catching_up
from carewright.exchange.models import Delivery
from carewright.warehouse import landing
from tests.exchange.conftest import AT
from tests.exchange.fhir import examples
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
LAB = {
    "lab_result_id": "L1",
    "person_id": "ada",
    "source_component_type": "loinc",
    "source_component_code": "4548-4",
    "source_component_description": "Hemoglobin A1c",
    "result": "7.9",
    "source_units": "%",
    "result_datetime": "2026-03-04",
    "collection_datetime": "2026-03-02",
    "source_abnormal_flag": "H",
    "data_source": "Lakes Laboratory",
}
VITAL = {
    "observation_id": "L1",
    "person_id": "ada",
    "observation_date": "2026-03-02",
    "observation_type": "vital-signs",
    "source_code_type": "loinc",
    "source_code": "8480-6",
    "source_description": "Systolic pressure",
    "result": "<90",
    "data_source": "Lakes Laboratory",
}
PILL = {
    "medication_id": "M1",
    "person_id": "ada",
    "dispensing_date": "2026-03-03",
    "ndc_code": "00185021301",
    "ndc_description": "Lisinopril 10 mg",
    "days_supply": "30",
    "data_source": "Lakes Laboratory",
}


@pytest.fixture
def ada(db):
    return PatientFactory(person_id="ada")


def up_to_date(home, *, hours=1):
    return actions.bring_charts_up_to_date(by="system:test", at=AT + timedelta(hours=hours), home=home)


def said(patient):
    return [(row.name, row.value, row.value_number, row.unit, row.observed_on, row.category, row.flag)
            for row in Observation.objects.filter(patient=patient).order_by("name")]  # fmt: skip


def test_results_and_measurements_of_somebody_known_are_in_the_chart_with_source_and_day(receive, sent, ada):
    receive(sent("labs.csv", {}, base=LAB), sent("vitals.csv", {}, base=VITAL))
    assert said(ada) == [
        ("Hemoglobin A1c", "7.9", 7.9, "%", date(2026, 3, 2), "laboratory", "H"),
        ("Systolic pressure", "<90", None, "", date(2026, 3, 2), "vital-signs", ""),
    ]
    [lab, _vital] = Observation.objects.order_by("name")
    assert (lab.source, lab.line, lab.received_on) == ("Lakes Laboratory", 2, AT.date())
    assert lab.delivery_id == Delivery.objects.get(file_name="labs.csv").delivery_id


def test_what_came_before_its_person_waits_for_them_and_for_nobody_else(receive, sent, home):
    receive(sent("labs.csv", {}, {"lab_result_id": "L2", "person_id": "bob"}, base=LAB))
    assert not Observation.objects.exists()
    ada = PatientFactory(person_id="ada")
    assert up_to_date(home).added == 1
    assert [row.patient for row in Observation.objects.all()] == [ada]
    bob = PatientFactory(person_id="bob")
    assert up_to_date(home, hours=2).added == 1
    assert Observation.objects.filter(patient=bob).count() == Observation.objects.filter(patient=ada).count() == 1
    again = up_to_date(home, hours=3)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 0), "nothing new is not looked for again"


def test_a_correction_counts_and_a_load_taken_back_leaves_what_was_said_before(receive, sent, home, ada):
    receive(sent("labs.csv", {}, base=LAB))
    receive(sent("corrected.csv", {"result": "6.9"}, base=LAB))
    assert [row[1] for row in said(ada)] == ["6.9"]
    wrong = Delivery.objects.get(file_name="corrected.csv")
    actions.take_back(wrong, because="Another patient's.", by=UserFactory(role="analyst"), at=AT, home=home)
    actions.sweep_inbox(by="system:test", at=AT + timedelta(hours=1), home=home)
    [row] = Observation.objects.filter(patient=ada)
    assert (row.value, row.retracted_at) == ("7.9", None)
    first = Delivery.objects.get(file_name="labs.csv")
    actions.take_back(first, because="Wrong laboratory.", by=UserFactory(role="analyst"), at=AT, home=home)
    actions.sweep_inbox(by="system:test", at=AT + timedelta(hours=2), home=home)
    assert Observation.objects.get(patient=ada).retracted_at is not None


def test_what_the_source_retracts_is_retracted(receive, sent, ada):
    receive(sent("labs.csv", {}, base=LAB))
    receive(sent("not_so.csv", {"is_retracted": "true"}, base=LAB))
    assert Observation.objects.get(patient=ada).retracted_by == "source"


def test_every_kind_of_clinical_table_reaches_the_chart(receive, sent, ada):
    receive(
        sent("conditions.csv", CONDITION, base={}),
        sent("visits.csv", VISIT, base={}),
        sent(
            "pills.csv", {}, {"medication_id": "M2", "kind": "ORDERED"}, {"medication_id": "M3", "kind": "?"}, base=PILL
        ),
    )
    assert list(Condition.objects.values_list("name", "code", "recorded_on")) == [
        ("High blood pressure", "I10", date(2026, 1, 5))
    ]
    assert list(Encounter.objects.values_list("name", "facility", "starts_on")) == [
        ("acute inpatient", "St. Anne", date(2026, 2, 1))
    ]
    pills = MedicationListing.objects.order_by("external_id")
    assert list(pills.values_list("kind", "name", "days_supply", "dispensed_on")) == [
        (kind, "Lisinopril 10 mg", 30, date(2026, 3, 3)) for kind in ("dispensed", "ordered", "dispensed")
    ]
    assert not Allergy.objects.exists()


CONDITION = {
    "condition_id": "P1", "person_id": "ada", "recorded_date": "2026-01-05", "source_code_type": "icd-10-cm",
    "source_code": "I10", "source_description": "High blood pressure", "status": "active",
    "condition_type": "problem", "data_source": "Oakwood records",
}  # fmt: skip
VISIT = {
    "encounter_id": "N1", "person_id": "ada", "encounter_type": "acute inpatient", "facility_name": "St. Anne",
    "encounter_start_date": "2026-02-01", "encounter_end_date": "2026-02-04", "data_source": "Hospital notices",
}  # fmt: skip


def test_what_a_protected_source_sends_is_tagged(receive, sent, home, ada):
    landing.declare_part2(home, [("feed", "Lakes Laboratory")])
    receive(sent("labs.csv", {}, base=LAB))
    assert Observation.objects.get(patient=ada).tags == ["part2"]


@pytest.mark.django_db(transaction=True)
def test_who_becomes_known_while_others_are_taken_to_the_chart_is_not_passed_over(receive, sent, home):
    """A run that makes thousands known commits late; people of higher numbers are known before."""
    receive(sent("labs.csv", {}, {"lab_result_id": "L2", "person_id": "bob"}, base=LAB))
    is_written, may_commit = threading.Event(), threading.Event()

    def run_of_the_warehouse():
        with transaction.atomic():
            PatientFactory(person_id="ada")
            is_written.set()
            may_commit.wait(60)
        connection.close()

    at_work = threading.Thread(target=run_of_the_warehouse)
    at_work.start()
    assert is_written.wait(60)
    PatientFactory(person_id="bob")
    assert up_to_date(home).added == 1
    may_commit.set()
    at_work.join()
    assert up_to_date(home, hours=2).added == 1
    assert up_to_date(home, hours=3).unchanged == 0, "and then all is settled"


@pytest.mark.parametrize("is_still_read", [False, True], ids=["it has landed", "it is being read"])
def test_fhir_about_somebody_whom_a_run_makes_known_meanwhile_reaches_the_chart(
    receive, sent, home, monkeypatch, is_still_read
):
    about_ada = examples.CONDITION | {"subject": {"reference": "Patient/ada"}}
    with monkeypatch.context() as for_now:
        run = actions.around_a_run(home, by="system:test", at=AT)
        run.__enter__()
        receive(sent("Condition.ndjson", json.dumps(about_ada) + "\n"))
        PatientFactory(person_id="ada")
        if is_still_read:
            for_now.setattr(catching_up, "speaking_of", lambda home, people: [])
            with landing.alone(home):
                run.__exit__(None, None, None)
        else:
            run.__exit__(None, None, None)
    assert Condition.objects.count() == (not is_still_read)
    with actions.around_a_run(home, by="system:test", at=AT):
        pass
    assert Condition.objects.count() == 1
