"""Colleagues who see a few patients and nobody else: what the house must know, it knows; what they end stays in order."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.contacts.models import Contact, MinutesEntry
from carewright.enrollment import deaths, leads
from carewright.enrollment.models import Enrollment, TriageItem
from carewright.tasks import actions as tasks
from carewright.tasks import alarms, queries
from carewright.tasks.models import Alarm, Task
from tests.enrollment.test_pages import post, shown
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.enrollment import EnrollmentFactory, TriageItemFactory
from tests.factories.registry import CoverageFactory, PatientFactory
from tests.factories.staff import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(patient):
    """She leads one patient and sees nobody else."""
    user = UserFactory(role="care_manager", first_name="Ana", last_name="Lund")
    TieFactory(user=user, patient=patient, population=None, because="caseload")
    return user


def test_a_lead_confirms_a_death_of_some_days_ago_and_writes_to_the_family(client, lead, patient):
    EnrollmentFactory(patient=patient, lead=lead)
    client.force_login(lead)
    today, whom = timezone.localdate(), {"public_id": patient.public_id}
    post(client, "death", {"report": "1", "source": "family", "words": ""}, **whom)
    died_on = (today - timedelta(days=3)).isoformat()
    page = post(client, "death", {"confirm": "1", "died_on": died_on, "words": "Death notice"}, **whom)
    assert "Traceback" not in page
    enrollment = Enrollment.objects.get()
    assert enrollment.end_reason == "died" and not enrollment.consent.stands
    letter = Task.objects.open().get()
    assert letter.owner_user == lead and letter.about_kind == "condolence"
    with acting_as(lead, on=today + timedelta(days=7)):
        assert Task.objects.filter(pk=letter.pk).exists(), "a letter nobody sees is a letter nobody writes"


def test_a_minute_does_not_count_twice_though_the_other_patient_is_out_of_sight(client, lead, patient):
    other, now = PatientFactory(), timezone.now().replace(second=0, microsecond=0)
    MinutesEntry.objects.create(
        user=lead, patient=other, starts_at=now - timedelta(minutes=30), ends_at=now - timedelta(minutes=10),
        entered_at=now,
    )  # fmt: skip
    client.force_login(lead)
    typed = {
        "kind": "call", "direction": "out", "with_whom": "patient", "ended": "reached", "books_minutes": "on",
        "started_at": f"{timezone.localtime(now - timedelta(minutes=20)):%Y-%m-%dT%H:%M}",
        "ended_at": f"{timezone.localtime(now - timedelta(minutes=5)):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    answer = client.post(reverse("contacts:new", args=[patient.public_id]), typed)
    assert answer.status_code == 422 and "no minute counts twice" in answer.content.decode()
    assert not Contact.objects.exists()


def test_of_two_with_one_number_nobody_is_sure_because_the_other_is_out_of_sight(client, lead, patient):
    for one in (patient, PatientFactory(born_on=patient.born_on)):
        CoverageFactory(patient=one, member_id="H55512345")
    client.force_login(lead)
    told = {
        "inside": "discharge_planner", "person_name": "A. Moreno", "person_born": "3/17/1958", "person_language": "en",
        "person_number": "H55512345", "how_soon": "two_days",
    }  # fmt: skip
    assert "The code for the caller is" in post(client, "new_referral", told)
    assert TriageItem.objects.get().patient is None, "a person looks at both"


def test_a_caller_about_somebody_out_of_sight_tells_the_writer_nothing_and_is_not_lost(client, lead):
    stranger = PatientFactory(given_name="Rosa", family_name="Vega", born_on=date(1961, 5, 2))
    CoverageFactory(patient=stranger, member_id="H777")
    before = TriageItemFactory(patient=stranger)
    client.force_login(lead)
    told = {
        "inside": "discharge_planner", "person_name": "Rosa Vega", "person_born": "5/2/1961", "person_language": "en",
        "person_number": "H777", "how_soon": "two_days",
    }  # fmt: skip
    page = post(client, "new_referral", told)
    item = TriageItem.objects.exclude(pk=before.pk).get()
    assert item.patient is None and "The code for the caller is" in page
    post(client, "say_who", {"person": str(stranger.public_id)}, item_id=item.public_id)
    item.refresh_from_db()
    assert item.joined_to == before


@pytest.fixture
def boss(patient):
    """A supervisor who sees one patient of a lead's two."""
    user = UserFactory(role="supervisor")
    TieFactory(user=user, patient=patient, population=None)
    return user


def test_a_load_is_of_all_patients_and_the_list_says_who_is_missing(client, boss, lead, patient):
    for one in (patient, PatientFactory()):
        EnrollmentFactory(patient=one, lead=lead)
    client.force_login(boss)
    with acting_as(boss):
        [load] = leads.loads(on=timezone.localdate(), users=[lead])
    assert load.patients == 2, "nobody gives more to a colleague because half of their work is out of sight"
    assert "1 more patient of this lead is not among those you may see" in shown(client, "caseload", pk=lead.pk)
    assert "1 more patient of this lead is not among those you may see" in shown(client, "handover", pk=lead.pk)


def test_tasks_that_stay_behind_when_all_are_handed_over_are_said(client, boss, lead, patient):
    for one in (patient, PatientFactory()):
        tasks.open_task(
            kind="outreach_call", patient=one, owner_user=lead, by="system:test", at=timezone.now(), why="Call"
        )
    other = UserFactory(role="care_manager")
    client.force_login(boss)
    given = {"from_user": lead.pk, "owner": f"user:{other.pk}", "because": "Leave"}
    page = client.post(reverse("tasks:hand_over_all"), given, follow=True).content.decode()
    assert "1 task handed over." in page and "1 more is about a patient you may not see" in page


def test_the_number_of_alarms_is_that_of_the_list_also_with_a_glass_broken(client, lead):
    stranger = PatientFactory()
    alarms.raise_alarm(patient=stranger, code="hurt", because="Said so.", by="system:test", at=timezone.now())
    BreakGlassFactory(user=lead, patient=stranger)
    client.force_login(lead)
    assert stranger.family_name not in client.get(reverse("tasks:alarms")).content.decode()
    with acting_as(lead):
        assert not Alarm.objects.exists() and queries.alarm_count(lead) == 0


def test_a_death_told_to_somebody_who_may_not_settle_it_is_somebody_elses_to_confirm(client, patient):
    coordinator, team = UserFactory(role="referral_coordinator"), TeamFactory()
    TieFactory(user=coordinator, patient=patient, population=None, because="triage")
    TieFactory(user=None, team=team, patient=None, population="everyone")
    client.force_login(coordinator)
    now = timezone.now()
    typed = {"kind": "call", "direction": "in", "with_whom": "family", "ended": "died",
             "started_at": f"{timezone.localtime(now - timedelta(minutes=2)):%Y-%m-%dT%H:%M}"}  # fmt: skip
    assert client.post(reverse("contacts:new", args=[patient.public_id]), typed).status_code == 302
    deaths.notice(at=now + timedelta(minutes=1), on=timezone.localdate(now), by="system:minutely")
    asked = Task.objects.open().get(kind="confirm_death")
    assert (asked.owner_user, asked.owner_team) == (None, team), "who is asked can answer"
