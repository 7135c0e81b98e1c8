"""When somebody does not open any more: at once and everywhere, and whoever knew them reads why."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.access.models import BreakGlass, Tie
from carewright.audit.models import Entry
from carewright.enrollment.models import TriageItem
from carewright.registry import joining
from carewright.registry.models import Patient
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.registry import CoverageFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(client):
    user = UserFactory(role="care_manager")
    client.force_login(user)
    return user


def glance(client, patient):
    return client.get(reverse("patient:glance", args=[patient.public_id]))


def joined(keep: Patient, other: Patient) -> None:
    joining.merge(keep=keep, other=other, why="One person.", by=UserFactory(role="supervisor"), at=timezone.now())


def plain(answer) -> str:
    """The page without what differs from answer to answer."""
    return re.sub(r'W-[0-9A-F]{6}|nonce="[^"]+"|value="[\w-]{64}"|[\w-]{64}|[0-9a-f-]{36}', "", answer.content.decode())


def test_a_page_that_lies_open_asks_again_when_the_hour_is_over(client, nurse):
    glass = BreakGlassFactory(user=nurse, ends_at=timezone.now() + timedelta(minutes=20))
    answer = glance(client, glass.patient)
    assert answer.status_code == 200 and 1190 <= int(answer.headers["Refresh"]) <= 1201
    assert "Refresh" not in client.get(reverse("day:day")).headers
    assert "Refresh" not in glance(client, TieFactory(user=nurse).patient).headers


def test_who_broke_the_glass_reads_that_the_hour_is_over_and_nobody_else_does(client, nurse):
    over = timezone.now() - timedelta(minutes=2)
    glass = BreakGlassFactory(user=nurse, starts_at=over - timedelta(hours=1), ends_at=over)
    unknown = BreakGlassFactory(starts_at=over - timedelta(hours=1), ends_at=over)
    answer = glance(client, glass.patient)
    assert answer.status_code == 404
    assert f"Your emergency access ended at {timezone.localtime(over):%-I:%M %p}." in answer.content.decode()
    assert glass.patient.family_name not in answer.content.decode()
    assert Entry.objects.get(outcome="refused").why == "break-glass is over"
    nobody = glance(client, PatientFactory.build())
    assert plain(glance(client, unknown.patient)) == plain(nobody) and nobody.status_code == 404
    BreakGlass.objects.update(starts_at=over - timedelta(days=1), ends_at=over - timedelta(hours=23))
    assert plain(glance(client, glass.patient)) == plain(nobody), "yesterday's is not remembered"


def test_a_record_that_was_joined_leads_to_the_one_it_is_read_on(client, nurse):
    keep, other, last = TieFactory(user=nurse).patient, PatientFactory(), PatientFactory()
    joined(other, last)
    joined(keep, other)
    for record in (other, last):
        answer = glance(client, record)
        assert answer.status_code == 404 and "joined with another one" in answer.content.decode()
        assert reverse("patient:glance", args=[keep.public_id]) in answer.content.decode()
    Tie.objects.update(ends_on=timezone.localdate() - timedelta(days=40))
    assert plain(glance(client, other)) == plain(glance(client, PatientFactory.build())), "a stranger learns nothing"


def test_a_broken_glass_follows_a_join(client, nurse):
    glass, keep = BreakGlassFactory(user=nurse), PatientFactory()
    joined(keep, glass.patient)
    assert glance(client, keep).status_code == 200
    assert glance(client, glass.patient).status_code == 404


def test_the_live_list_hears_of_a_join(client, nurse):
    from carewright.web.day import worklist
    from tests.web import making

    keep, other = TieFactory(user=nurse).patient, TieFactory(user=nurse).patient
    making.task(other, nurse)
    before = worklist.fingerprint(worklist.lines_of(nurse, at=timezone.now()))
    joined(keep, other)
    assert client.get(reverse("day:changes"), {"have": before}).status_code == 200
    now = worklist.fingerprint(worklist.lines_of(nurse, at=timezone.now()))
    assert client.get(reverse("day:changes"), {"have": now}).status_code == 204


def test_what_takes_a_sight_away_closes_the_page_at_the_next_click(client, nurse):
    tie, glass = TieFactory(user=nurse), BreakGlassFactory(user=nurse)
    assert {glance(client, one.patient).status_code for one in (tie, glass)} == {200}
    Tie.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    answer = glance(client, tie.patient)
    assert answer.status_code == 404 and "You could see this person until" in answer.content.decode()
    client.force_login(UserFactory(role="care_manager"))
    assert plain(glance(client, tie.patient)) == plain(glance(client, PatientFactory.build())), "others learn nothing"
    client.force_login(nurse)
    nurse.role = "billing"
    nurse.save()
    assert glance(client, glass.patient).status_code == 404, "a role that may not break the glass looks through none"


@pytest.mark.parametrize(("role", "lands"), [("supervisor", "Who is this"), ("pharmacist", "")])
def test_who_refers_somebody_open_by_a_broken_glass_lands_where_it_goes_on(client, role, lands):
    user, stranger = UserFactory(role=role), PatientFactory(given_name="Rosa", family_name="Vega")
    CoverageFactory(patient=stranger, member_id="H777")
    BreakGlassFactory(user=user, patient=stranger)
    client.force_login(user)
    told = {
        "inside": "discharge_planner", "person_name": "Rosa Vega", "person_born": f"{stranger.born_on:%m/%d/%Y}",
        "person_language": "en", "person_number": "H777", "how_soon": "two_days",
    }  # fmt: skip
    answer = client.post(reverse("enrollment:new_referral"), told, follow=True)
    assert answer.status_code == 200
    assert "The code for the caller is" in answer.content.decode() and lands in answer.content.decode()
    assert TriageItem.objects.get().patient is None, "who it is about is said by somebody who decides"
