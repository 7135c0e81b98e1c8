"""Reminders: opened once, never lost when late, and never put out of sight past a promise."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from carewright.kernel.errors import CannotDo, NotNow
from carewright.knowledge import task_kinds
from carewright.tasks import actions, queries
from carewright.tasks.models import Task
from tests.factories.registry import PatientFactory
from tests.factories.staff import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def nurse():
    return UserFactory()


@pytest.fixture
def ruth():
    return PatientFactory()


def opened(patient, by, kind="outreach_call", **more) -> Task:
    return actions.open_task(kind=kind, patient=patient, by=by, at=NOW, **more)


def test_what_is_left_out_comes_from_the_kind(ruth, nurse):
    task = opened(ruth, nurse)
    known = task_kinds.BY_CODE["outreach_call"]
    assert (task.title, task.due_at, task.priority, task.owner_user) == (
        known.name, NOW + known.within, known.consequence, nurse,
    )  # fmt: skip


def test_one_thing_reminds_once_until_it_is_closed(ruth, nurse):
    about = {"about_kind": "referral", "about_public_id": uuid4()}
    first = opened(ruth, nurse, kind="triage_referral", **about)
    assert opened(ruth, nurse, kind="triage_referral", **about) == first
    assert opened(ruth, nurse, kind="ask_pcp", **about) != first, "another kind of work about the same thing"
    actions.close(task=first, because="done", by=nurse, at=NOW)
    assert opened(ruth, nurse, kind="triage_referral", **about) != first


def test_the_house_itself_must_say_whose_it_is(ruth):
    with pytest.raises(CannotDo, match="whose task"):
        opened(ruth, "system:nightly")
    with pytest.raises(CannotDo, match="not a kind of task"):
        opened(ruth, UserFactory(), kind="nonsense")


def test_overdue_is_read_off_the_clock(ruth, nurse):
    task = opened(ruth, nurse, due_at=NOW + HOUR)
    assert not task.is_overdue_at(NOW + HOUR)
    assert task.is_overdue_at(NOW + HOUR + timedelta(seconds=1))
    assert list(Task.objects.overdue_at(NOW + 2 * HOUR)) == [task]


@pytest.mark.parametrize("because", ["done", "missed"])
def test_a_miss_is_never_lost(ruth, nurse, because):
    task = opened(ruth, nurse, due_at=NOW + HOUR)
    late = NOW + 3 * HOUR
    actions.close(task=task, because=because, by=nurse, at=late)
    assert task.was_missed(late)
    assert list(queries.missed(since=NOW, at=late)) == [task]


def test_moving_a_late_task_keeps_the_miss_and_opens_the_next(ruth, nurse):
    task = opened(ruth, nurse, due_at=NOW + HOUR)
    later = NOW + 2 * HOUR
    following = actions.move(task=task, due_at=NOW + DAY, because="She asked for tomorrow.", by=nurse, at=later)
    task.refresh_from_db()
    assert (task.closed_because, following.due_at, following.is_open) == ("missed", NOW + DAY, True)
    assert list(queries.missed(since=NOW, at=later)) == [task]


def test_moving_in_time_is_only_another_moment(ruth, nurse):
    task = opened(ruth, nurse, due_at=NOW + HOUR)
    assert actions.move(task=task, due_at=NOW + DAY, because="As agreed.", by=nurse, at=NOW) == task
    assert not queries.missed(since=NOW, at=NOW + 2 * HOUR).exists()


def test_a_promise_does_not_move(ruth, nurse):
    task = opened(ruth, nurse, kind="begin_assessment", clock="Begin within 30 days")
    with pytest.raises(NotNow, match="does not move"):
        actions.move(task=task, due_at=NOW + 90 * DAY, because="Later.", by=nurse, at=NOW)


def test_a_snooze_cannot_outlast_the_clock(ruth, nurse):
    task = opened(ruth, nurse, due_at=NOW + DAY, clock="Two business days")
    with pytest.raises(NotNow, match="at most"):
        actions.snooze(task=task, until=NOW + DAY + HOUR, because="Busy.", by=nurse, at=NOW)
    actions.snooze(task=task, until=NOW + DAY, because="Busy.", by=nurse, at=NOW)
    assert queries.worklist(user=nurse, at=NOW + HOUR) == []
    assert [row.task for row in queries.worklist(user=nurse, at=NOW + DAY)] == [task]
    with pytest.raises(NotNow, match="missed promise stays in sight"):
        actions.snooze(task=task, until=NOW + 3 * DAY, because="Busy.", by=nurse, at=NOW + 2 * DAY)


def test_a_snooze_needs_a_reason_and_comes_back(ruth, nurse):
    task = opened(ruth, nurse)
    with pytest.raises(CannotDo, match="Say why"):
        actions.snooze(task=task, until=NOW + HOUR, because=" ", by=nurse, at=NOW)
    with pytest.raises(NotNow, match="30 days"):
        actions.snooze(task=task, until=NOW + 31 * DAY, because="Later.", by=nurse, at=NOW)
    actions.snooze(task=task, until=NOW + HOUR, because="At lunch.", by=nurse, at=NOW)
    assert list(queries.out_of_sight(nurse, at=NOW)) == [task]
    assert [row.task for row in queries.worklist(user=nurse, at=NOW + HOUR)] == [task]


def test_a_paused_task_rests_and_may_end_up_late(ruth, nurse):
    task = opened(ruth, nurse, due_at=NOW + DAY)
    actions.pause_all(patient=ruth, until=NOW + 5 * DAY, because="In hospital.", by=nurse, at=NOW)
    assert queries.worklist(user=nurse, at=NOW + 2 * DAY) == []
    actions.resume_all(patient=ruth, by=nurse, at=NOW + 3 * DAY)
    (row,) = queries.worklist(user=nurse, at=NOW + 3 * DAY)
    assert (row.task, row.is_overdue) == (task, True)


def test_handing_over_everything_is_all_or_nothing_and_keeps_the_past(nurse):
    tasks = [opened(PatientFactory(), nurse) for _ in range(3)]
    actions.snooze(task=tasks[0], until=NOW + HOUR, because="At lunch.", by=nurse, at=NOW)
    team, boss = TeamFactory(), UserFactory(role="supervisor")
    given = actions.hand_over_all(from_user=nurse, to_team=team, because="On leave.", by=boss, at=NOW)
    assert {task.pk for task in given} == {task.pk for task in tasks}
    assert {(task.owner_team, task.owner_user, task.snoozed_until) for task in given} == {(team, None, None)}
    assert tasks[0].history.count() >= 2


def test_nothing_is_handed_to_somebody_who_left(ruth, nurse):
    gone = UserFactory(is_active=False)
    with pytest.raises(CannotDo, match="no longer works here"):
        actions.hand_over(task=opened(ruth, nurse), to_user=gone, because="Leave.", by=nurse, at=NOW)


def test_a_closed_task_is_closed(ruth, nurse):
    task = actions.close(task=opened(ruth, nurse), because="not_needed", by=nurse, at=NOW)
    with pytest.raises(NotNow, match="no longer needed"):
        actions.escalate(task=task, because="x", by=nurse, at=NOW)


def test_the_order_is_urgency_times_consequence(nurse):
    far_and_grave = opened(PatientFactory(), nurse, kind="begin_assessment", due_at=NOW + 20 * DAY)  # 1 x 4
    late_and_light = opened(PatientFactory(), nurse, kind="review_plan", due_at=NOW - DAY)  # 5 x 2
    soon_and_grave = opened(PatientFactory(), nurse, kind="discharge_call", due_at=NOW + 2 * HOUR)  # 5 x 5
    rows = queries.worklist(user=nurse, at=NOW)
    assert [row.task for row in rows] == [soon_and_grave, late_and_light, far_and_grave]
    assert [row.rank for row in rows] == [25, 10, 4]
    assert rows[1].why_now.startswith("1 day late (Sun Nov 22)")
    assert rows[0].lost == task_kinds.BY_CODE["discharge_call"].lost


def test_an_escalated_task_comes_to_the_top_with_its_reason(nurse):
    task = opened(PatientFactory(), nurse, kind="ask_pcp", due_at=NOW + 20 * DAY)
    actions.escalate(task=task, because="Third fax without an answer.", by=nurse, at=NOW)
    (row,) = queries.worklist(user=nurse, at=NOW)
    assert row.urgency == 5
    assert "Third fax without an answer" in row.why_now


def test_a_team_sees_its_own_and_its_members_work(nurse):
    team = TeamFactory(members=[nurse])
    mine, teams, others = opened(None, nurse), opened(None, nurse, owner_team=team), opened(None, UserFactory())
    assert {row.task for row in queries.worklist(user=nurse, at=NOW)} == {mine, teams}
    assert {row.task for row in queries.worklist(team=team, at=NOW)} == {mine, teams}
    assert others not in {row.task for row in queries.worklist(team=team, at=NOW)}


def test_sixty_tasks_are_ordered_in_a_few_questions(nurse, django_assert_max_num_queries):
    for number in range(60):
        opened(PatientFactory(), nurse, due_at=NOW + number * HOUR)
    with django_assert_max_num_queries(3):
        rows = queries.worklist(user=nurse, at=NOW)
        assert len([(row.task.patient.name, row.why_now, row.lost) for row in rows]) == 60


def test_whoever_disagrees_with_a_place_moves_it_and_what_it_was_stays(ruth, nurse):
    walker = opened(ruth, nurse, kind="other", due_at=NOW + 2 * DAY)  # 3 x 2
    letter = opened(PatientFactory(), nurse, kind="outreach_call", due_at=NOW + 2 * DAY)  # 3 x 3
    assert [row.task for row in queries.worklist(user=nurse, at=NOW)] == [letter, walker]
    actions.weigh(task=walker, consequence=5, because="She fell twice this week", by=nurse, at=NOW)
    assert [row.task for row in queries.worklist(user=nurse, at=NOW)] == [walker, letter]
    actions.weigh(task=walker, consequence=4, because="The railing is up", by=nurse, at=NOW)
    walker.refresh_from_db()
    assert (walker.priority, walker.weighed_from, walker.weighed_by) == (4, 2, nurse)
    assert walker.weighed_because == "The railing is up"


@pytest.mark.parametrize(("consequence", "because"), [(0, "x"), (6, "x"), (2, "x"), (5, "  ")])
def test_a_disagreement_names_another_weight_and_its_reason(ruth, nurse, consequence, because):
    task = opened(ruth, nurse, kind="other")
    with pytest.raises(CannotDo):
        actions.weigh(task=task, consequence=consequence, because=because, by=nurse, at=NOW)


def test_the_end_of_a_pause_leaves_a_snooze(ruth, nurse):
    task = opened(ruth, nurse)
    actions.snooze(task=task, until=NOW + 5 * DAY, because="They asked", by=nurse, at=NOW)
    actions.pause(task=task, until=NOW + 2 * DAY, because="In hospital", by=nurse, at=NOW)
    actions.resume(task=task, by=nurse, at=NOW + HOUR, keeps_snooze=True)
    assert (task.paused_until, task.snoozed_until) == (None, NOW + 5 * DAY)
