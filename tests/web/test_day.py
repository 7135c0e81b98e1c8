"""My Day: the order is a promise, every number opens its own list, and nothing with a clock is put off past its end."""

import re
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from carewright.knowledge import task_kinds
from carewright.tasks.models import Task
from carewright.web import navigation, sessions
from carewright.web.day import choosing, live, snoozing, worklist
from carewright.web.day.views import STEP
from tests.factories.access import TieFactory
from tests.factories.enrollment import EnrollmentFactory, TriageItemFactory
from tests.factories.registry import ContactPointFactory, PatientFactory
from tests.factories.staff import TeamFactory, UserFactory
from tests.web import making

pytestmark = pytest.mark.django_db
DAY = "/day"


@pytest.fixture
def maria(client):
    """A care manager who sees everyone and is signed in."""
    user = UserFactory(role="care_manager")
    TieFactory(user=user, population="everyone")
    client.force_login(user)
    return user


def shown(client, **asked) -> str:
    answer = client.get(DAY, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def keys(page: str) -> list[str]:
    return re.findall(r'data-line="([^"]+)"', page)


def test_an_empty_day_says_so(client, maria):
    assert "Nothing is due" in shown(client)


def test_urgency_times_consequence_decides_and_an_alarm_comes_before_all(client, maria):
    patient = PatientFactory()
    making.enrolled(patient, maria)
    late = making.task(patient, maria, due=-making.HOUR, priority=2)
    soon = making.task(patient, maria, due=making.HOUR, priority=5)
    calm = making.task(patient, maria, due=making.DAY * 10, priority=5)
    alarm = making.alarm(patient)
    page = shown(client)
    assert keys(page) == [f"alarm-{alarm.public_id}"] + [f"task-{one.public_id}" for one in (soon, late, calm)]
    assert page.count("If it waits:") == 4


def test_each_line_says_why_now_and_what_is_lost(client, maria):
    patient = PatientFactory()
    making.task(
        patient, maria, kind="discharge_call", title="Call after a hospital stay", why="Home 4 days, not reached yet"
    )
    page = shown(client)
    assert "Home 4 days, not reached yet" in page
    assert "two business days" in page


def test_a_teams_work_is_there_and_a_strangers_is_not(client, maria):
    patient, team = PatientFactory(), TeamFactory(members=[maria])
    mine = making.task(patient, None, owner_user=None, owner_team=team, opened_by=maria)
    making.task(patient, UserFactory())
    assert keys(shown(client)) == [f"task-{mine.public_id}"]


@given(st.data())
def test_every_number_opens_a_list_of_that_length(data):
    """Whatever the work is, counts and lists come from one place."""
    at = timezone.now()
    kinds = st.sampled_from([kind.code for kind in task_kinds.KINDS])
    tasks = [
        Task(
            kind=data.draw(kinds), title="x", due_at=at + timedelta(hours=hours), opened_at=at - timedelta(days=3),
            priority=data.draw(st.integers(1, 5)), clock=data.draw(st.sampled_from(["", "Reach them"])),
        )
        for hours in data.draw(st.lists(st.integers(-100, 300), max_size=12))
    ]  # fmt: skip
    from carewright.tasks import queries

    lines = worklist.lines_from(queries.in_order(tasks, at=at))
    counts = choosing.counts(lines)
    for name, number in counts.items():
        assert len(choosing.chosen(lines, name)) == number
    groups = [name for name in choosing.CHIPS if name]
    assert sum(counts[name] for name in groups) == counts[""] == len(tasks)


def test_the_numbers_on_the_page_are_the_lengths_of_the_lists_they_open(client, maria):
    patient = PatientFactory()
    for number, kind in enumerate(
        ("discharge_call", "begin_assessment", "new_result", "answer_text", "renew_consent", "other")
    ):
        making.task(
            patient,
            maria,
            kind=kind,
            due=making.HOUR * (number - 2),
            clock="A promise" if number % 2 else "",
            priority=3,
        )
    page = shown(client)
    linked = re.findall(r'href="\?show=(\w+)[^"]*">(\d+)</a>', page)
    linked += re.findall(r'href="\?show=(\w*)&amp;order="[^>]*>[^<]*<b>(\d+)</b>', page)
    assert len(linked) >= 8
    for show, number in linked:
        assert len(keys(shown(client, show=show))) == int(number), show
    (link,) = [link for link in navigation.links_for(maria, path="/") if link.href == DAY]
    assert link.count == len(keys(page)) == 6


def test_a_snooze_takes_a_reason_and_hides_the_line_until_it_is_brought_back(client, maria):
    task = making.task(PatientFactory(), maria, due=making.DAY * 3)
    url = reverse("day:snooze", args=[task.public_id])
    client.post(url, {"until": "1h"})
    assert keys(shown(client)), "without a reason nothing is put off"
    client.post(url, {"until": "1h", "because": "Waiting for somebody's answer"})
    task.refresh_from_db()
    assert task.snoozed_because == "Waiting for somebody's answer"
    assert not keys(shown(client))
    assert "Snoozed 1" in shown(client)
    assert keys(shown(client, show="snoozed")) == [f"task-{task.public_id}"]
    client.post(reverse("day:bring_back", args=[task.public_id]))
    assert keys(shown(client)) == [f"task-{task.public_id}"]


@given(hours=st.integers(-48, 200), clock=st.sampled_from(["", "Reach them"]), hour=st.integers(0, 23))
def test_no_moment_past_the_end_of_a_clock_is_offered(hours, clock, hour):
    at = timezone.now().replace(hour=hour)
    task = Task(due_at=at + timedelta(hours=hours), clock=clock)
    choices = snoozing.choices(task, at=at)
    assert len(choices) == 3
    assert [one.moment for one in choices] == sorted(one.moment for one in choices)
    for one in choices:
        assert one.moment > at
        if clock and one.moment > task.due_at:
            assert one.refused


def test_a_snooze_past_the_clock_is_refused_on_the_server_too(client, maria):
    task = making.task(PatientFactory(), maria, due=making.HOUR / 2, clock="Reach them")
    answer = client.post(reverse("day:snooze", args=[task.public_id]), {"until": "1h", "because": "Later"}, follow=True)
    task.refresh_from_db()
    assert task.snoozed_until is None
    assert "Snooze it to that moment at most" in answer.content.decode()


def test_work_that_no_call_fulfills_is_closed_with_words(client, maria):
    task = making.task(PatientFactory(), maria, kind="other", title="Order a scale")
    url = reverse("day:close", args=[task.public_id])
    client.post(url, {"because": "not_needed"})
    assert keys(shown(client))
    client.post(url, {"because": "not_needed", "words": "She has one."})
    task.refresh_from_db()
    assert (task.closed_because, task.closed_words) == ("not_needed", "She has one.")


def test_a_colleagues_task_is_not_mine_to_touch(client, maria):
    task = making.task(PatientFactory(), UserFactory())
    assert client.post(reverse("day:snooze", args=[task.public_id]), {"until": "1h", "because": "x"}).status_code == 404
    assert client.post(reverse("day:close", args=[task.public_id]), {"because": "done"}).status_code == 404


def test_a_page_that_is_open_hears_only_when_something_changed(client, maria):
    page = shown(client)
    have = re.search(r'data-have="(\w+)"', page)[1]  # type: ignore[index]
    assert client.get(f"{DAY}/changes", {"have": have}).status_code == 204
    task = making.task(PatientFactory(), maria)
    answer = client.get(f"{DAY}/changes", {"have": have})
    assert answer.status_code == 200
    assert keys(answer.content.decode()) == [f"task-{task.public_id}"]


def test_asking_what_arrived_keeps_no_empty_chair_signed_in(client, maria):
    shown(client)
    session = client.session
    long_ago = (timezone.now() - timedelta(minutes=10)).isoformat()
    session["seen_at"] = long_ago
    session.save()
    client.get(f"{DAY}/changes", {"have": "x"})
    assert client.session["seen_at"] == long_ago
    shown(client)
    assert client.session["seen_at"] != long_ago


def test_a_stream_is_told_whose_it_is_and_when_to_ask_again(client, maria):
    """At the latest when the session would end; and asking is no sign of life."""
    shown(client)
    session = client.session
    session["seen_at"] = (timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE - 30)).isoformat()
    session.save()
    stream = live.Stream()
    answer = client.get(f"{DAY}/live", {"have": "x"}, **{live.BESIDE: stream})
    have = re.search(r'data-have="(\w+)"', answer.content.decode())[1]  # type: ignore[index]
    assert (stream.person, stream.have, stream.session) == (maria.pk, have, sessions.mark_of(client.session))
    assert 1 < stream.again_in <= 31
    assert client.session["seen_at"] == session["seen_at"]
    making.task(PatientFactory(), maria, due=timedelta(seconds=10))
    client.get(f"{DAY}/live", {"have": have}, **{live.BESIDE: stream})
    assert stream.again_in <= 11, "the line gets late by then"


def test_nobody_in_a_browser_can_pass_for_a_stream(client, maria):
    """What a browser sends stands under HTTP_; without the front door the page is answered as ever."""
    have = re.search(r'data-have="(\w+)"', shown(client))[1]  # type: ignore[index]
    assert client.get(f"{DAY}/live", {"have": have}, headers={"carewright.stream": "x"}).status_code == 204


def test_the_rail_says_why_and_what_to_know_before_calling(client, maria):
    patient = PatientFactory(language="es")
    ContactPointFactory(patient=patient, value="413-555-7710", wrong_since_on=timezone.localdate())
    ContactPointFactory(patient=patient, value="413-555-3092", best_time="8 to 11 AM")
    making.contact(patient, maria, ended="no_answer")
    making.task(patient, maria)
    page = shown(client)
    assert "413-555-3092 · 8 to 11 AM" in page
    assert "555-7710" not in page
    assert "Spanish, interpreter not asked" in page
    assert "no answer" in page


@pytest.mark.parametrize("size", [0, 60, 400])
def test_a_caseload_of_any_size_is_fast_and_asks_little(client, maria, size):
    at = timezone.now()
    patients = PatientFactory.create_batch(size)
    Task.objects.bulk_create(
        Task(
            patient=patient, kind="follow_up_call", title="Weekly call", why="Weekly", owner_user=maria, opened_by=maria,
            opened_at=at - making.DAY, due_at=at + making.HOUR * (number % 90 - 20), priority=number % 5 + 1,
        )
        for number, patient in enumerate(patients)
    )  # fmt: skip
    shown(client)
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        page = shown(client)
    took = time.perf_counter() - began
    assert len(keys(page)) == min(size, STEP)
    assert len(asked) <= 45
    assert took < 1.0 if size <= 60 else took < 3.0


def test_whoever_disagrees_with_a_place_says_why_and_it_moves(client, maria):
    light = making.task(PatientFactory(), maria, kind="other", title="Order a scale", priority=1, due=timedelta(days=2))
    grave = making.task(
        PatientFactory(), maria, kind="other", title="Ring the doctor", priority=4, due=timedelta(days=2)
    )
    assert keys(shown(client)) == [f"task-{grave.public_id}", f"task-{light.public_id}"]
    url = reverse("day:weigh", args=[light.public_id])
    client.post(url, {"consequence": "5", "words": "  "})
    client.post(url, {"consequence": "nine", "words": "x"})
    assert keys(shown(client))[0] == f"task-{grave.public_id}", "without a reason, or a weight, nothing moves"
    client.post(url, {"consequence": "5", "words": "She weighs herself at a neighbor's"})
    assert keys(shown(client))[0] == f"task-{light.public_id}"
    assert "She weighs herself at a neighbor&#x27;s" in shown(client, row=f"task-{light.public_id}")


def test_a_question_to_the_doctor_is_no_call_to_the_patient(client, maria):
    task = making.task(PatientFactory(), maria, kind="ask_pcp", title="Ask about the dose")
    page = shown(client)
    assert reverse("tasks:task", args=[task.public_id]) in page
    assert f"call?task={task.public_id}" not in page.split('id="rail"')[0]


def test_a_task_about_nobody_leads_somewhere(client, maria):
    task = making.task(None, maria, kind="other", title="Tidy the shelf")
    assert reverse("tasks:task", args=[task.public_id]) in shown(client)


def test_an_empty_day_says_what_waits_on_pages_that_are_nobodys_own(client):
    supervisor = UserFactory(role="supervisor")
    TieFactory(user=supervisor, population="everyone")
    client.force_login(supervisor)
    assert "Elsewhere" not in shown(client)
    TriageItemFactory()
    EnrollmentFactory(lead=None, led_since=None)
    page = shown(client)
    assert "Referrals to decide on (1)" in page and "Patients nobody leads (1)" in page
