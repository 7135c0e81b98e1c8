"""The team board: every number opens a list of that length, exceptions come first, the way from identified to graduated."""

import random
import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from carewright.enrollment.models import Enrollment, LeadProfile, OutreachEpisode
from carewright.web.team import funnel
from carewright.web.team.work import LISTS, Asked, Work
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import TeamFactory, UserFactory
from tests.web import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def priya(client):
    """A supervisor who sees everyone and is signed in."""
    user = UserFactory(role="supervisor")
    TieFactory(user=user, population="everyone")
    client.force_login(user)
    return user


def board(client) -> str:
    answer = client.get("/team")
    assert answer.status_code == 200
    return answer.content.decode()


def length(client, href: str) -> int:
    """How many lines the list at an address has, over all its pages."""
    lines, number = 0, 1
    while True:
        answer = client.get(f"{href}&page={number}").content.decode()
        lines += answer.count("data-entry")
        if 'rel="next"' not in answer:
            return lines
        number += 1


def somebody(random_, leads, team, at):
    """One patient with work, contacts and a history drawn by chance."""
    patient = PatientFactory()
    lead = random_.choice(leads)
    opened = at - timedelta(days=random_.randint(1, 300))
    if random_.random() < 0.8:
        OutreachEpisode.objects.create(
            patient=patient, program="complex_care", rule="new", opened_at=opened, opened_by="system:test"
        )
    if random_.random() < 0.6:
        ended = {}
        if random_.random() < 0.4:
            ended = {
                "ends_on": timezone.localdate(at),
                "end_reason": random_.choice(["goals_met", "moved", "withdrew"]),
            }
        making.enrolled(
            patient, lead, since=timezone.localdate(opened) + timedelta(days=random_.randint(0, 1)), **ended
        )
    for _ in range(random_.randint(0, 3)):
        due = timedelta(hours=random_.randint(-200, 500))
        owner = {"owner_user": None, "owner_team": team} if random_.random() < 0.2 else {}
        making.task(
            patient, lead, kind=random_.choice(["discharge_call", "begin_assessment", "follow_up_call", "other"]), due=due,
            at=at, opened_by=lead, clock=random_.choice(["", "First contact"]), **owner,
        )  # fmt: skip
    for _ in range(random_.randint(0, 2)):
        making.contact(
            patient,
            lead,
            ended=random_.choice(["reached", "no_answer"]),
            at=at - timedelta(days=random_.randint(0, 40)),
        )
    if random_.random() < 0.1:
        making.alarm(patient)


@pytest.mark.parametrize("seed", range(3))
def test_every_number_on_the_board_is_the_length_of_the_list_it_opens(client, priya, seed):
    drawn, at = random.Random(seed), timezone.now()
    leads = [UserFactory(role="care_manager") for _ in range(3)]
    team = TeamFactory(members=leads)
    for _ in range(drawn.randint(0, 25)):
        somebody(drawn, leads, team, at)
    page = board(client)
    linked = re.findall(r'<a [^>]*href="(/team/list\?[^"]+)"[^>]*>(?:<b>)?(?:all )?(\d+)', page)
    linked += [
        (href, n) for n, href in re.findall(r'<span class="pill \w+">(\d+)</span>.*?href="(/team/list[^"]+)"', page)
    ]
    assert len(linked) >= 7 * len(leads) + len(funnel.STEPS) + 3
    wrong = [(href, n, found) for href, n in linked if (found := length(client, unescape(href))) != int(n)]
    assert not wrong


def test_exceptions_come_first_with_a_way_to_mend_them(client, priya):
    lead, patient = UserFactory(role="care_manager"), PatientFactory()
    LeadProfile.objects.create(user=lead, minutes_a_week=10)
    making.enrolled(patient, lead)
    making.task(patient, lead, due=making.HOUR, clock="First contact")
    nobody = making.enrolled(PatientFactory(), priya)
    Enrollment.objects.filter(pk=nobody.pk).update(lead=None, led_since=None)
    page = board(client)
    first = page[page.index("Needs you now") : page.index("Who leads patients")]
    assert "Clocks that end within four hours" in first
    assert "In a program, and nobody leads" in first
    assert "is over the load" in first
    assert reverse("enrollment:caseload", args=[lead.pk]) in first


def test_the_way_counts_people_once_and_says_how_long_each_step_took(priya):
    at, lead = timezone.now().replace(hour=17) - making.DAY, UserFactory(role="care_manager")
    for days in (10, 20):
        patient = PatientFactory()
        OutreachEpisode.objects.create(
            patient=patient,
            program="complex_care",
            rule="new",
            opened_at=at - timedelta(days=40),
            opened_by="system:test",
        )
        for _ in range(2):
            making.contact(patient, lead, ended="reached", at=at - timedelta(days=40 - days))
    stranger = PatientFactory()
    making.contact(stranger, lead, ended="reached")
    steps = {step.code: step for step in funnel.steps(on=timezone.localdate(at))}
    assert (steps["identified"].count, steps["reached"].count, steps["consented"].count) == (2, 2, 0)
    assert (steps["reached"].days, steps["reached"].percent) == (15, 100)
    assert steps["consented"].days is None


def test_a_list_nobody_knows_is_not_there(client, priya):
    assert client.get("/team/list", {"what": "nonsense"}).status_code == 404
    assert client.get("/team/list", {"what": "funnel", "kind": "nonsense"}).status_code == 404
    for what in LISTS:
        if what != "funnel":
            assert client.get("/team/list", {"what": what, "who": "x' or 1=1", "kind": "\u00e9"}).status_code == 200


def test_a_care_manager_sees_no_board(client):
    client.force_login(UserFactory(role="care_manager"))
    assert client.get("/team").status_code == 403
    assert client.get("/team/list", {"what": "people"}).status_code == 403


def test_the_board_asks_the_same_however_large_the_team(client, priya):
    def grow(leads):
        for _ in range(leads):
            lead = UserFactory(role="care_manager")
            for _ in range(3):
                patient = PatientFactory()
                making.enrolled(patient, lead)
                making.task(patient, lead, clock="First contact")
                making.contact(patient, lead)

    grow(2)
    board(client)
    with CaptureQueriesContext(connection) as few:
        board(client)
    grow(6)
    with CaptureQueriesContext(connection) as many:
        board(client)
    assert len(many) <= len(few)


def test_alarms_are_counted_only_for_who_sees_what_they_say(priya):
    making.alarm(PatientFactory())
    assert len(Work(priya, timezone.now()).entries(Asked("alarms"))) == 1
    assert not Work(UserFactory(role="referral_coordinator"), timezone.now()).entries(Asked("alarms"))


def test_who_left_today_is_not_worked_with_any_more(priya, client):
    """Leaving counts from its minute: the board counts them among those who left, and nowhere else."""
    lead = UserFactory(role="care_manager")
    stayed, left = making.enrolled(PatientFactory(), lead), making.enrolled(PatientFactory(), lead)
    Enrollment.objects.filter(pk=left.pk).update(ends_on=timezone.localdate(), end_reason="goals_met")
    work = Work(priya, timezone.now())
    assert [entry.patient for entry in work.entries(Asked("people"))] == [stayed.patient]
    assert [entry.patient for entry in work.entries(Asked("left"))] == [left.patient]
