"""What the database itself promises about tasks, alarms and shifts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from carewright.tasks.models import Alarm, OnCallShift, Task
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def alarm(**fields) -> Alarm:
    return Alarm.objects.create(
        patient=PatientFactory(), code="phq9_item9", because="Answered 'several days'.", raised_at=NOW, **fields
    )


def test_a_shift_is_held_by_one_person_at_a_time():
    ana, ben = UserFactory(), UserFactory()
    OnCallShift.objects.create(user=ana, backup_user=ben, starts_at=NOW, ends_at=NOW + timedelta(hours=12))
    with pytest.raises(IntegrityError, match="on_call_one_shift_at_a_time"), transaction.atomic():
        OnCallShift.objects.create(
            user=ben, backup_user=ana, starts_at=NOW + timedelta(hours=11), ends_at=NOW + timedelta(hours=20)
        )
    OnCallShift.objects.create(
        user=ben, backup_user=ana, starts_at=NOW + timedelta(hours=12), ends_at=NOW + timedelta(hours=20)
    )


@pytest.mark.parametrize(
    "left_out", ["disposition", "disposition_words", "name", "credential", "closed_at", "closed_by"]
)
def test_an_alarm_never_closes_without_all_of_it(left_out):
    whole = {
        "disposition": "no_danger", "disposition_words": "Spoke with her.", "name": "Maria Alvarez", "credential": "RN",
        "closed_at": NOW, "closed_by": UserFactory(),
    }  # fmt: skip
    del whole[left_out]
    with pytest.raises(IntegrityError, match="alarm_closed_only_with"), transaction.atomic():
        Alarm.objects.filter(pk=alarm().pk).update(**whole)


def test_a_task_with_a_clock_is_never_snoozed_past_it():
    task = Task.objects.create(
        patient=PatientFactory(), kind="begin_assessment", title="Begin", owner_user=UserFactory(), opened_at=NOW,
        due_at=NOW + timedelta(days=2), clock="Begin within 30 days", priority=4,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="task_snooze_never_outlasts_the_clock"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(snoozed_until=NOW + timedelta(days=3), snoozed_because="Later.")
