"""Paper for bad days: enough to go on with, nothing that harms when it lies around."""

import stat
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from carewright.audit.models import Entry
from carewright.chart.models import Allergy, MedicationListing
from carewright.plumbing.home import Home
from carewright.registry.models import PatientPreference
from carewright.web.printouts import nightly, sheet
from tests.factories.access import TieFactory
from tests.factories.registry import ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory
from tests.web import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client):
    """A care manager who is signed in."""
    user = UserFactory(role="care_manager")
    client.force_login(user)
    return user


def patient_of(lead, **fields):
    patient = PatientFactory(**fields)
    TieFactory(user=lead, patient=patient)
    making.enrolled(patient, lead)
    return patient


def page(client) -> str:
    answer = client.get(reverse("printouts:caseload"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_sheet_has_phones_medicines_allergies_and_what_is_due(client, maria):
    ruth = patient_of(maria, given_name="Ruth", family_name="Abernathy")
    ContactPointFactory(patient=ruth, value="413-555-3092", best_time="mornings")
    ContactPointFactory(patient=ruth, value="413-555-7710", wrong_since_on=timezone.localdate())
    making.reported(Allergy, ruth, "Penicillin", reaction="anaphylaxis")
    making.reported(MedicationListing, ruth, "Furosemide 40 mg", kind="ordered", directions="twice a day")
    making.reported(MedicationListing, ruth, "Methadone", kind="ordered", tags=["part2"])
    making.task(ruth, maria, title="Call after a hospital stay")
    PatientFactory(family_name="Stranger")
    shown = page(client)
    for words in ("Abernathy, Ruth", "413-555-3092 · mornings", "Penicillin (anaphylaxis)", "Furosemide 40 mg: twice a day",
                  "Call after a hospital stay", "Complex care"):  # fmt: skip
        assert words in shown
    for words in ("555-7710", "Methadone", "Stranger"):
        assert words not in shown


def test_what_nobody_told_us_is_unknown_on_paper_too(client, maria):
    patient_of(maria)
    shown = page(client)
    assert "unknown: ask" in shown
    assert "No number on file." in shown


def test_who_must_be_called_with_care_has_no_number_and_no_reason_on_paper(client, maria):
    ruth = patient_of(maria)
    ContactPointFactory(patient=ruth, value="413-555-3092")
    PatientPreference.objects.create(patient=ruth, safe_contact="Hang up if he answers.", said_at=timezone.now())
    shown = page(client)
    assert "555-3092" not in shown
    assert "Hang up" not in shown
    assert "Look the record up before you call." in shown


def test_paper_says_where_no_message_may_be_left_and_names_no_concern_about_safety(client, maria):
    ruth = patient_of(maria)
    ContactPointFactory(patient=ruth, value="413-555-3092", best_time="mornings")
    ContactPointFactory(patient=ruth, value="(413) 555 3092", is_safe_for_message=False)
    making.task(ruth, maria, kind="safety_call", title="Call about safety")
    shown = page(client)
    assert "413-555-3092 · mornings · no message" in shown
    assert "safety" not in shown.partition("<main")[2] and "Follow-up, " in shown


def test_a_sheet_is_written_down_as_taken_out(client, maria):
    ruth = patient_of(maria)
    page(client)
    entry = Entry.objects.filter(did="exported").latest("id")
    assert (entry.patient_ids, entry.by_id) == ([ruth.pk], maria.pk)


def test_a_colleagues_sheet_is_for_who_leads_the_team(client, maria):
    colleague = UserFactory(role="care_manager")
    patient_of(colleague, family_name="Okafor")
    url = reverse("printouts:caseload_of", args=[colleague.pk])
    assert client.get(url).status_code == 404
    supervisor = UserFactory(role="supervisor")
    TieFactory(user=supervisor, population="everyone")
    client.force_login(supervisor)
    assert "Okafor" in client.get(url).content.decode()


def test_every_morning_a_file_is_there_closed_to_others_and_old_ones_go(tmp_path, maria):
    patient_of(maria, family_name="Abernathy")
    here = Home(tmp_path / "home")
    stale = here.folder("paper") / "caseload-999999.html"
    stale.write_text("old")
    for _ in range(2):
        (path,) = nightly.write_sheets(here, at=timezone.now())
    assert "Abernathy" in path.read_text()
    assert "<script" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not stale.exists()


def test_a_sheet_of_many_asks_as_little_as_one_of_few(maria):
    def asked(size: int) -> int:
        for _ in range(size):
            patient = patient_of(maria)
            ContactPointFactory(patient=patient)
            making.reported(Allergy, patient, "Penicillin")
            making.task(patient, maria)
        patients = sheet.caseload_of(maria, on=timezone.localdate())
        with CaptureQueriesContext(connection) as queries:
            rows = sheet.rows_of(maria, patients, reader=maria, at=timezone.now() + timedelta(minutes=1))
        assert len(rows) >= size
        return len(queries)

    assert asked(2) == asked(8) <= 12
