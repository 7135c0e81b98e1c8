"""A licence reminds whoever holds it before it runs out, once, until it is renewed."""

from datetime import date, timedelta

import pytest

from carewright.enrollment import enrolling, watching
from carewright.tasks.models import Task
from tests.enrollment.conftest import AT, ON

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
