"""A licence reminds whoever holds it before it runs out, once, until it is renewed."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.access import people
from carewright.audit.models import Entry
from carewright.enrollment import enrolling, leads, watching
from carewright.enrollment.leads import licence_problem
from carewright.kernel.errors import NotNow, NotPermitted
from carewright.staff import licences
from carewright.tasks import alarms
from carewright.tasks.models import Task
from tests.enrollment.conftest import AT, ON
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.staff import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
SYSTEM = "system:test"


def reminders():
    return list(Task.objects.open().filter(about_kind="licence"))


def test_a_licence_reminds_whoever_holds_it_until_it_is_renewed(nurse, supervisor):
    keep = {"user": nurse, "kind": "RN", "state": "IL", "number": "1", "by": supervisor}
    enrolling.keep_licence(expires_on=ON + timedelta(days=61), **keep)
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    assert reminders() == []
    for day in (1, 2):
        watching.each_night(at=AT + timedelta(days=day), on=ON + timedelta(days=day), by=SYSTEM)
    [task] = reminders()
    assert (task.owner_user, task.priority) == (nurse, 4)
    assert "RN IL" in task.title and "cannot be given patients" in task.why
    enrolling.keep_licence(expires_on=date(2030, 1, 1), **keep)
    watching.each_night(at=AT + timedelta(days=3), on=ON + timedelta(days=3), by=SYSTEM)
    assert reminders() == []


def test_whose_account_is_closed_is_reminded_of_nothing(nurse, supervisor):
    enrolling.keep_licence(user=nurse, kind="RN", state="IL", number="1", expires_on=ON, by=supervisor)
    nurse.is_active = False
    nurse.save()
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    assert reminders() == []


def keep(user, by, expires_on, kind="RN", state="IL"):
    return enrolling.keep_licence(user=user, kind=kind, state=state, number="1", expires_on=expires_on, by=by)


@pytest.mark.parametrize(
    ("role", "credential", "needed"),
    [("care_manager", "", True), ("behavioral_health_clinician", "", True), ("pharmacist", "", True),
     ("social_worker", "LCSW", True), ("social_worker", "BSW", False), ("community_health_worker", "CHW", False),
     ("supervisor", "", False), ("supervisor", "RN, BSN", True), ("administrator", "", False)],
)  # fmt: skip
def test_whose_work_needs_a_licence(db, role, credential, needed):
    assert licences.needs_one(UserFactory(role=role, credential=credential)) is needed


def test_none_on_file_is_unknown_and_not_no(nurse, supervisor, patient):
    """A work list does not stop on the first day: the lead is accepted, and the supervisor is told what lacks."""
    assert licences.of(nurse, on=ON).state == "none"
    enrolled = EnrollmentFactory(patient=patient)
    [suggested] = [one for one in leads.suggest_lead(patient, program="complex_care", on=ON) if one.user == nurse]
    assert "No licence on file" in suggested.against
    enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)
    enrolled.refresh_from_db()
    assert enrolled.lead == nurse


def test_one_that_ran_out_is_refused_with_the_way_out(nurse, supervisor, patient):
    keep(nurse, supervisor, ON - timedelta(days=1))
    enrolled = EnrollmentFactory(patient=patient)
    with pytest.raises(
        NotNow, match=r"ran out on March 1, 2026\. Write down the new last day on their page, or choose"
    ):
        enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)


def test_when_a_licence_has_run_out_the_supervisor_is_asked_to_move_the_patients_and_nobody_is_moved(nurse, supervisor):
    TeamFactory(members=[nurse])
    led = [EnrollmentFactory(lead=nurse) for _ in range(2)]
    licence = keep(nurse, supervisor, ON)
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    assert not Task.objects.open().filter(about_kind="licence_patients").exists(), "its last day is a day"
    for day in (1, 2):
        watching.each_night(at=AT + timedelta(days=day), on=ON + timedelta(days=day), by=SYSTEM)
    [task] = Task.objects.open().filter(about_kind="licence_patients")
    assert (task.owner_user, task.patient) == (supervisor, None)
    assert nurse.name in task.title and "2 patients" in task.why and "ran out on March 2, 2026" in task.why
    assert all(type(one).objects.get(pk=one.pk).lead == nurse for one in led), "a person decides"
    keep(nurse, supervisor, ON + timedelta(days=400), kind=licence.kind)
    watching.each_night(at=AT + timedelta(days=3), on=ON + timedelta(days=3), by=SYSTEM)
    assert not Task.objects.open().filter(about_kind="licence_patients").exists()


def test_the_reminder_to_move_goes_when_the_patients_have_gone_and_not_before(nurse, supervisor):
    enrolled = EnrollmentFactory(lead=nurse)
    keep(nurse, supervisor, ON - timedelta(days=3))
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    [task] = Task.objects.open().filter(about_kind="licence_patients")
    enrolling.assign_lead(enrollment=enrolled, lead=UserFactory(role="care_manager"), by=supervisor, on=ON, at=AT)
    watching.each_night(at=AT + timedelta(days=1), on=ON + timedelta(days=1), by=SYSTEM)
    task.refresh_from_db()
    assert task.closed_because == "not_needed"


def test_a_licence_that_holds_elsewhere_is_told_to_a_supervisor_for_each_state(nurse, supervisor, patient):
    """The patient lives in Illinois; a compact licence, or one for Illinois, settles it."""
    EnrollmentFactory(patient=patient, lead=nurse, led_since=ON, starts_on=ON)
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    asked = Task.objects.open().filter(about_kind="licence_patients")
    assert not asked.exists(), "none on file is unknown, not no"
    keep(nurse, supervisor, date(2030, 1, 1), state="WI")
    for _night in range(2):
        watching.each_night(at=AT, on=ON, by=SYSTEM)
    task = asked.get()
    assert task.owner_user == supervisor and "no licence for IL" in task.title and "leads 1 patient there" in task.why
    keep(nurse, supervisor, date(2030, 1, 1), state="COMPACT")
    watching.each_night(at=AT, on=ON, by=SYSTEM)
    assert not asked.exists()


def test_an_alarm_is_closed_with_a_licence_that_ran_out_and_the_record_says_so(client, nurse, supervisor, patient):
    today, now = timezone.localdate(), timezone.now()
    keep(nurse, supervisor, today - timedelta(days=1))
    nurse.credential = "RN"
    nurse.save()
    alarm = alarms.raise_alarm(patient=patient, code="phq9_item9", because="Said so.", by=nurse, at=now)
    client.force_login(nurse)
    url = reverse("tasks:alarm", args=[alarm.public_id])
    ran_out = f"RN IL ran out on {today - timedelta(days=1):%B %-d, %Y}"
    assert ran_out in client.get(url).content.decode()
    assert client.post(url, {"disposition": "safety_plan", "words": "Her sister stays"}).status_code == 302
    alarm.refresh_from_db()
    assert (alarm.credential, alarm.licence) == ("RN", ran_out)
    assert ran_out in client.get(url).content.decode()


def test_the_list_of_licences_equals_its_number_and_the_administrator_mends_it_without_seeing_a_patient(
    client, nurse, supervisor
):
    expired = UserFactory(role="pharmacist", last_name="Okafor")
    keep(expired, supervisor, timezone.localdate() - timedelta(days=1), kind="PharmD")
    keep(UserFactory(role="care_manager", last_name="Valid"), supervisor, timezone.localdate() + timedelta(days=300))
    UserFactory(role="community_health_worker", credential="CHW", last_name="Never")
    type(supervisor).objects.filter(pk=supervisor.pk).update(credential="")
    url = reverse("enrollment:licences")
    client.force_login(supervisor)
    board = client.get(reverse("enrollment:loads")).content.decode()
    assert f'href="{url}"' in board and "2 licences to look at" in board
    page = client.get(url).content.decode()
    assert page.count("data-holder=") == 2
    assert nurse.last_name in page and "No licence on file" in page and "Okafor" in page and "ran out on" in page
    table = page.split("</table>")[0]
    assert "Valid" not in table and "Never" not in table
    client.force_login(UserFactory(role="administrator", credential=""))
    page = client.get(url).content.decode()
    assert reverse("enrollment:caseload", args=[nurse.pk]) not in page, "whom somebody leads is not theirs to see"
    given = {"user": nurse.pk, "kind": "RN", "state": "IL", "number": "7", "expires_on": "2030-01-01"}
    assert client.post(url, given).status_code == 302
    assert client.get(url).content.decode().count("data-holder=") == 1
    client.force_login(nurse)
    assert client.get(url).status_code == 403


def test_somebody_whose_work_needs_none_leaves_the_list_with_a_reason_and_comes_back_without(client, nurse, supervisor):
    type(supervisor).objects.filter(pk=supervisor.pk).update(credential="")
    client.force_login(supervisor)
    url = reverse("enrollment:licences")
    refused = client.post(url, {"needs_none": "1", "user": nurse.pk, "because": " "})
    assert refused.status_code == 422
    assert (
        client.post(url, {"needs_none": "1", "user": nurse.pk, "because": "Navigator, no nursing work"}).status_code
        == 302
    )
    nurse.refresh_from_db()
    assert (licences.needs_one(nurse), licences.of(nurse, on=ON).state) == (False, "not_needed")
    page = client.get(url).content.decode()
    assert page.count("data-holder=") == 0 and "Navigator, no nursing work" in page
    assert Entry.objects.get(did="needs_no_licence").by_id == supervisor.pk
    keep(nurse, supervisor, ON - timedelta(days=1))
    assert licences.of(nurse, on=ON).state == "ran_out", "one that is on file counts whatever was said"
    nurse.licences.all().delete()
    assert client.post(url, {"needs_none": "1", "user": nurse.pk, "take_back": "1"}).status_code == 302
    assert client.get(url).content.decode().count("data-holder=") == 1


def test_who_says_that_none_is_needed(nurse):
    with pytest.raises(NotPermitted):
        enrolling.need_no_licence(user=nurse, because="Because", by=nurse)


@pytest.mark.parametrize("way", ["administrator", "groups"])
def test_another_role_is_asked_for_its_licence_anew(nurse, supervisor, way):
    enrolling.need_no_licence(user=nurse, because="Answers the phone only", by=supervisor)
    assert licences.of(nurse, on=ON).state == licences.State.NOT_NEEDED
    if way == "groups":
        people.follow_groups(person=nurse, role="care_manager", by=SYSTEM)
        assert nurse.unlicensed_because, "the same role is nothing new"
        people.follow_groups(person=nurse, role="pharmacist", by=SYSTEM)
    else:
        people.change_role(person=nurse, role="pharmacist", by=UserFactory(role="administrator"))
    nurse.refresh_from_db()
    assert licences.of(nurse, on=ON).state == licences.State.NONE


def test_a_state_in_small_letters_is_the_same_state(nurse, supervisor):
    keep(nurse, supervisor, ON + timedelta(days=90))
    (held,) = nurse.licences.all()
    assert licence_problem([held], state=f" {held.state.lower()}", on=ON) == ""
    assert licence_problem([held], state="zz", on=ON) == "No licence for ZZ."
