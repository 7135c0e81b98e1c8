"""Patients are told who leads, and a consent to share is renewed before it ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from carewright.channel import actions as channel
from carewright.channel.configuration import Sending
from carewright.enrollment import consenting, enrolling, moving, watching
from carewright.tasks.models import Task
from tests.enrollment.conftest import AT, ON
from tests.enrollment.test_consent_and_enrollment import SYSTEM, enroll, share
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def test_a_consent_to_share_reminds_thirty_days_before_it_ends_once_and_renewing_answers_it(patient, nurse):
    shared = share(patient, nurse, expires_on=ON + timedelta(days=40))
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    assert not Task.objects.filter(kind="renew_consent").exists(), "forty days before nobody is reminded"
    day = ON + timedelta(days=12)
    for _night in range(2):
        watching.each_night(at=AT + timedelta(days=12), on=day, by=SYSTEM)
    task = Task.objects.open().get(kind="renew_consent")
    assert (task.patient, task.owner_user, timezone.localdate(task.due_at)) == (patient, nurse, shared.expires_on)
    assert task.clock and "ends April 11, 2026" in task.why
    share(patient, nurse, categories=["behavioral"])
    assert Task.objects.open().filter(kind="renew_consent").exists(), "another kind of fact renews nothing"
    share(patient, nurse)
    task.refresh_from_db()
    assert task.closed_because == "done"
    watching.each_night(at=AT + timedelta(days=13), on=day + timedelta(days=1), by=SYSTEM)
    assert not Task.objects.open().filter(kind="renew_consent").exists()


def test_what_was_revoked_or_is_covered_anyway_needs_no_renewal(patient, nurse):
    ending = share(patient, nurse, expires_on=ON + timedelta(days=10))
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    consenting.revoke(consent=ending, how="by letter", by=nurse, at=AT)
    assert not Task.objects.open().filter(kind="renew_consent").exists()
    share(patient, nurse, expires_on=ON + timedelta(days=10))
    share(patient, nurse, categories=["general", "behavioral"], expires_on=ON + timedelta(days=300))
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    assert not Task.objects.open().filter(kind="renew_consent").exists()


def test_the_patient_is_told_by_letter_who_leads_and_who_takes_over(patient, nurse, supervisor, settings):
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")
    patient.language = "es"
    patient.save()
    enrolled = enroll(patient, nurse)
    other = UserFactory(role="care_manager", first_name="Ana", last_name="Lund")
    enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)
    welcome = enrolling.told_of_lead(enrolled)
    assert (welcome.template, welcome.language, welcome.state) == ("welcome_letter", "es", "queued")
    assert "Maria Delgado" in welcome.body
    moving.ask(
        before=nurse, enrollments=[enrolled], to=other, by=supervisor, on=ON, at=AT + timedelta(days=1), because="Leave"
    )
    told = enrolling.told_of_lead(enrolled)
    assert told.template == "new_person_letter"
    assert "Desde el 2 de marzo de 2026, Ana Lund será su persona aquí" in told.body


def test_whoever_is_not_to_be_written_to_gets_no_letter_about_a_new_lead(patient, nurse, supervisor, settings):
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")
    enrolled = enroll(patient, nurse)
    channel.stop_contact(patient=patient, because="asked", by=nurse, at=AT)
    enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)
    letter = enrolling.told_of_lead(enrolled)
    assert (letter.state, letter.because) == ("refused", "do_not_contact")
    assert enrolled.lead == nurse, "the lead is accepted all the same"
