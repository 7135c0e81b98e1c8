"""A FHIR load taken back: its facts leave the charts, what it had corrected stands again, what people did stays."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from carewright.assessment.models import Answer, Assessment
from carewright.audit.models import Entry
from carewright.chart import actions as chart
from carewright.chart.models import Condition, Observation, Reported
from carewright.exchange import actions, taking_back
from carewright.exchange.models import Delivery
from carewright.exchange.words import what_stays
from carewright.registry.models import Patient
from carewright.tasks.models import Alarm
from carewright.warehouse import landing
from tests.exchange.conftest import AT
from tests.exchange.fhir import examples as ex
from tests.exchange.fhir.test_responses import NINE, SEVERAL_DAYS, answered, response
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def bring(receive, tmp_path):
    """Receive a bundle of these resources under a name."""

    def run(name, *resources):
        path = tmp_path / name
        path.write_text(json.dumps(ex.bundle(*resources)), encoding="utf-8")
        return receive(path)

    return run


@pytest.fixture
def take_back(home):
    def run(name):
        by = UserFactory(role="administrator")
        delivery = Delivery.objects.get(file_name=name)
        actions.take_back(delivery, because="The wrong client.", by=by, at=LATER, home=home)
        actions.sweep_inbox(by="system:test", at=LATER, home=home)
        return delivery.taken_back.latest("at")

    return run


def standing(model):
    return model.objects.filter(retracted_at=None)


def test_facts_leave_the_charts_and_stay_in_their_history(bring, take_back, home):
    bring("all.json", *ex.EVERY)
    told = taking_back.consequences(home, Delivery.objects.get())
    facts = sum(standing(model).count() for model in Reported.__subclasses__())
    assert (told.facts, told.people) == (facts, 1)
    assert facts > 15
    back = take_back("all.json")
    assert back.facts == facts
    assert not any(standing(model).exists() for model in Reported.__subclasses__())
    condition = Condition.objects.get()
    assert (condition.retracted_by, condition.retracted_at) == ("undo", LATER)
    assert condition.retracted_because == "The file it came in was taken back: The wrong client."
    assert Patient.objects.count() == 1, "whom it made known stays known"
    assert Entry.objects.get(did="took_back_facts").by == back.by.email
    assert all(landing.files(home)[table] == [] for table in ("condition", "person", "resource"))


def test_a_death_it_reported_is_named_before_because_it_stays(bring, home):
    bring("1.json", ex.PATIENT | {"deceasedDateTime": "2026-10-02"})
    told = taking_back.consequences(home, Delivery.objects.get())
    assert told.deaths == 1
    assert any(each.startswith("1 death that it reported stays") for each in what_stays(told, kind="fhir"))
    Patient.objects.update(died_on=None)
    assert taking_back.consequences(home, Delivery.objects.get()).deaths == 0


def test_loaded_again_the_facts_stand_again(bring, take_back):
    bring("all.json", ex.PATIENT, ex.CONDITION, ex.LAB)
    take_back("all.json")
    assert bring("all.json", ex.PATIENT, ex.CONDITION, ex.LAB).rows_kept == 3
    assert standing(Condition).count() == standing(Observation).count() == 1


def test_what_it_had_corrected_stands_again(bring, take_back):
    bring("1.json", ex.PATIENT, ex.CONDITION, ex.LAB)
    first = Observation.objects.get().value
    bring("2.json", ex.PATIENT, ex.LAB | {"valueQuantity": {"value": 6.1, "unit": "%"}})
    bring("3.json", ex.PATIENT, ex.LAB | {"valueQuantity": {"value": 7.7, "unit": "%"}}, ex.LAB | {"id": "new"})
    take_back("3.json")
    lab = standing(Observation).get()
    assert (lab.external_id, lab.value) == ("o1", "6.1")
    assert lab.delivery_id == Delivery.objects.get(file_name="2.json").delivery_id
    assert Observation.objects.get(external_id="new").retracted_by == "undo"
    take_back("2.json")
    assert standing(Observation).get().value == first
    assert standing(Condition).count() == 1


def test_what_it_had_said_was_an_error_stands_again(bring, take_back):
    bring("1.json", ex.PATIENT, ex.CONDITION)
    bring("2.json", ex.CONDITION | {"verificationStatus": ex.status("entered-in-error")})
    assert not standing(Condition).exists()
    take_back("2.json")
    assert standing(Condition).count() == 1


def test_what_it_had_given_to_somebody_else_stands_again_with_whom_it_was_about(bring, take_back):
    bring("1.json", ex.PATIENT, ex.CONDITION)
    hers = standing(Condition).get().patient_id
    number = [{"system": "urn:oid:1.2.3", "value": "other-99"}]
    other = ex.PATIENT | {"id": "p2", "identifier": number, "name": [{"family": "Zed", "given": ["Al"]}]}
    bring("2.json", other | {"birthDate": "1950-01-01"}, ex.CONDITION | {"subject": {"reference": "Patient/p2"}})
    assert standing(Condition).get().patient_id != hers
    take_back("2.json")
    assert standing(Condition).get().patient_id == hers


def test_what_a_later_file_said_too_stays(bring, take_back):
    bring("1.json", ex.PATIENT, ex.CONDITION, ex.LAB)
    bring("2.json", ex.PATIENT, ex.CONDITION)
    take_back("1.json")
    assert standing(Condition).count() == 1
    assert not standing(Observation).exists()


def test_what_one_of_us_retracted_stays_retracted(bring, take_back):
    bring("1.json", ex.PATIENT, ex.CONDITION)
    nurse = UserFactory(role="care_manager")
    chart.retract(Condition.objects.get(), because="Never had it.", at=timezone.now(), by=nurse)
    take_back("1.json")
    bring("1.json", ex.PATIENT, ex.CONDITION)
    condition = Condition.objects.get()
    assert (condition.retracted_by, condition.retracted_because) == (nurse.email, "Never had it.")


def test_answers_count_no_more_and_the_alarm_they_raised_stays(bring, take_back):
    bring("1.json", ex.PATIENT, response())
    bring("2.json", response(answered(NINE, SEVERAL_DAYS), status="amended"))
    assert Alarm.objects.open().count() == 1
    take_back("2.json")
    earlier = Assessment.objects.get(stopped_at=None)
    assert earlier.evidence.startswith(Delivery.objects.get(file_name="1.json").delivery_id)
    assert Alarm.objects.open().count() == 1
    bring("3.json", response(answered(NINE, SEVERAL_DAYS), status="amended"))
    assert Assessment.objects.get(stopped_at=None).evidence.startswith(
        Delivery.objects.get(file_name="3.json").delivery_id
    )
    assert Answer.objects.standing().count() >= 1


def test_one_bundle_of_a_folder_leaves_the_others_and_who_they_name(receive, tmp_path, take_back, home, landed):
    folder = tmp_path / "bulk"
    folder.mkdir()
    other = ex.PATIENT | {"id": "p2", "identifier": []}
    theirs = ex.CONDITION | {"id": "c2", "subject": {"reference": "Patient/p2"}}
    (folder / "a.json").write_text(json.dumps(ex.bundle(*ex.EVERY)), encoding="utf-8")
    (folder / "b.json").write_text(json.dumps(ex.bundle(other, theirs)), encoding="utf-8")
    receive(folder)
    directory = len(landed("practitioner"))
    take_back("a.json")
    assert {row["person_id"] for row in landed("person")} == {"p2"}
    assert [row["condition_id"] for row in landed("condition")] == ["c2"]
    assert standing(Condition).get().external_id == "c2"
    assert len(landed("practitioner")) == directory > 0
    take_back("b.json")
    assert landed("practitioner") == []


def test_coverage_takes_no_name_from_a_file_taken_back(bring, take_back, landed):
    bring("1.json", ex.PATIENT)
    take_back("1.json")
    bring("2.json", *(each for each in ex.EVERY if each["resourceType"] == "Coverage"))
    assert [row["last_name"] for row in landed("eligibility")] == [None]
