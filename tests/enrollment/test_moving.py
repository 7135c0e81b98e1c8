"""Moving patients to another lead: each wholly or not at all, a few at once, a whole caseload while one looks on."""

from datetime import timedelta
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from carewright.access.models import Tie
from carewright.enrollment import enrolling, moving, queries
from carewright.enrollment.models import CaseloadMove, Enrollment
from carewright.jobs.caseload import move_caseload
from carewright.kernel.errors import CannotDo
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task
from tests.enrollment.conftest import AT, ON
from tests.factories.access import TieFactory
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def to():
    return UserFactory(role="care_manager", first_name="Ana", last_name="Lund")


def led_by(lead, number, *, on=ON, at=AT):
    found = []
    for _number in range(number):
        enrolled = EnrollmentFactory(lead=lead)
        TieFactory(user=lead, patient=enrolled.patient, because="caseload", starts_on=enrolled.starts_on)
        tasks.open_task(kind="follow_up_call", patient=enrolled.patient, owner_user=lead, by=lead, at=at)
        found.append(enrolled)
    return found


def ask(nurse, to, by, chosen, because="Leave"):
    return moving.ask(before=nurse, enrollments=chosen, to=to, by=by, at=AT, on=ON, because=because)


def test_a_few_move_at_once_with_their_open_work(nurse, supervisor, to):
    mine = led_by(nurse, 3)
    move = ask(nurse, to, supervisor, mine)
    assert (moving.standing(move).moved, moving.standing(move).tasks, move.done_at) == (3, 3, AT)
    assert queries.caseload(to, on=ON).count() == 3
    assert not Task.objects.open().filter(owner_user=nurse).exists()
    assert Task.objects.open().filter(owner_user=to, kind="hand_over").count() == 3
    assert nurse.ties.filter(because="caseload", ends_on=ON).count() == 3, "the past stays, with its last day"
    assert not ProcrastinateJob.objects.filter(task_name=moving.JOB).exists()


def test_one_who_cannot_be_moved_stays_whole_and_says_why(nurse, supervisor, to):
    first, second = led_by(nurse, 2)
    also = EnrollmentFactory(
        patient=second.patient, program="chronic_care", consent__program="chronic_care", lead=nurse
    )
    left = EnrollmentFactory(lead=nurse, ends_on=ON, end_reason="moved", patient=second.patient, program="social_needs")
    move = ask(nurse, to, supervisor, [first, second, also, left])
    found = moving.standing(move)
    assert (found.moved, found.refused, found.waiting) == (1, 3, 0)
    assert {line.refused for line in move.lines.exclude(refused="")} == {"This enrollment ended on March 2, 2026."}
    assert {each.lead for each in Enrollment.objects.filter(patient=second.patient)} == {nurse}, (
        "nothing of theirs moved"
    )
    assert Task.objects.open().filter(patient=second.patient, owner_user=nurse, kind="follow_up_call").count() == 1
    assert not Tie.objects.filter(user=to, patient=second.patient).exists()


def test_a_caseload_is_left_to_a_worker_and_the_page_says_how_far(client, nurse, supervisor, to):
    mine = led_by(nurse, moving.AT_ONCE + 2, at=timezone.now())
    client.force_login(supervisor)
    address = reverse("enrollment:caseload", args=[nurse.pk])
    page = client.post(address, {"all": "1", "lead": to.pk, "because": "Maternity leave"}, follow=True)
    text = page.content.decode()
    assert "0 of 22 done" in text and 'hx-trigger="every 2s"' in text
    assert queries.caseload(nurse, on=timezone.localdate()).count() == 22, "nobody waits for it"
    [job] = ProcrastinateJob.objects.filter(task_name=moving.JOB)
    with mock.patch.object(moving, "_one", side_effect=cut_off_after(5)), pytest.raises(RuntimeError):
        moving.carry_out(move=CaseloadMove.objects.get(), on=timezone.localdate(), at=timezone.now())
    shown = client.get(page.redirect_chain[-1][0]).content.decode()
    assert "5 of 22 done" in shown, "what was done stays done"
    move_caseload(**job.args)
    move_caseload(**job.args)
    shown = client.get(page.redirect_chain[-1][0]).content.decode()
    assert "22 patients moved, with the open work." in shown and "22 open reminders went along" in shown
    assert "every 2s" not in shown and "22 of them get no letter" in shown
    assert {each.lead for each in Enrollment.objects.filter(pk__in=[one.pk for one in mine])} == {to}
    assert Task.objects.open().filter(owner_user=to, kind="follow_up_call").count() == 22
    assert Task.objects.open().filter(owner_user=to, kind="hand_over").count() == 22, "twice moves nobody twice"


def cut_off_after(number):
    real, done = moving._one, []

    def one(*args, **more):
        if len(done) == number:
            raise RuntimeError("the machine went down")
        done.append(1)
        return real(*args, **more)

    return one


def test_who_stands_still_is_said(client, nurse, supervisor, to):
    led_by(nurse, moving.AT_ONCE + 1)
    now = timezone.now()
    move = moving.ask(
        before=nurse, enrollments=queries.caseload(nurse, on=ON), to=to, by=supervisor, on=ON, because="Leave",
        at=now - timedelta(minutes=5),
    )  # fmt: skip
    client.force_login(supervisor)
    page = client.get(reverse("enrollment:move", args=[move.public_id])).content.decode()
    assert "The worker that does this may stand still" in page


def test_nobody_is_moved_without_a_reason_or_to_somebody_who_may_not(nurse, supervisor, to):
    mine = led_by(nurse, 1)
    with pytest.raises(CannotDo, match="Say why"):
        ask(nurse, to, supervisor, mine, because=" ")
    with pytest.raises(CannotDo, match="does not lead patients"):
        ask(nurse, UserFactory(role="analyst"), supervisor, mine)
    with pytest.raises(CannotDo, match="leads them already"):
        ask(nurse, nurse, supervisor, mine)
    with pytest.raises(CannotDo, match="by somebody who leads a team"):
        ask(nurse, to, nurse, mine)
    assert enrolling.told_of_lead(mine[0]) is None
