"""Somebody the hospital registered yesterday comes from the clinic today, without a number in common: found the same hour."""

import json

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from carewright.jobs import arrivals
from carewright.registry.matching import actions as matching
from carewright.registry.models import Join, Patient
from tests.exchange.fhir import examples as ex


@pytest.fixture
def register(receive, sent, django_capture_on_commit_callbacks):
    """One Patient resource from a feed, taken in as any file; answers the jobs it left to be done."""

    def take(feed, number, **changes):
        without_numbers = {key: value for key, value in ex.PATIENT.items() if key != "identifier"}
        bundle = {
            "resourceType": "Bundle", "type": "collection",
            "entry": [{"resource": without_numbers | {"id": number} | changes}],
        }  # fmt: skip
        with django_capture_on_commit_callbacks(execute=True):
            report = receive(sent(f"{feed}-{number}.json", json.dumps(bundle)), source=feed)
        assert report.rows_kept, report
        jobs = list(ProcrastinateJob.objects.filter(task_name=matching.SOON))
        ProcrastinateJob.objects.filter(task_name=matching.SOON).delete()
        return jobs

    return take


@pytest.mark.django_db
def test_two_registrations_of_one_person_are_joined_by_the_job_the_second_file_leaves(register):
    [first] = register("hospital", "p1")
    arrivals.match_newcomers(**first.args)
    assert Patient.objects.count() == 1 and not Join.objects.exists()
    [second] = register("clinic", "p9")
    assert Patient.objects.count() == 2, "by a name alone nobody is joined while a file is read"
    arrivals.match_newcomers(**second.args)
    join = Join.objects.get()
    assert (join.by_machine, join.patient, Patient.objects.get()) == (True, Patient.objects.get(), join.patient)
    assert set(join.patient.identifiers.values_list("value", flat=True)) == {"p1", "p9"}


@pytest.mark.django_db
def test_a_twin_is_left_alone(register):
    register("hospital", "p1")
    [job] = register("clinic", "p9", name=[{"use": "official", "family": "Quill", "given": ["Eva"]}])
    arrivals.match_newcomers(**job.args)
    assert Patient.objects.count() == 2 and not Join.objects.exists()


@pytest.mark.django_db
def test_a_file_about_people_we_know_leaves_no_job(register):
    register("hospital", "p1")
    assert register("hospital", "p1", maritalStatus={"text": "Married"}) == []
