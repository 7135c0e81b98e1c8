"""Whom it concerns: whoever has something on their list is told when it changes, and the clock needs nobody to tell."""

import importlib
import re
from datetime import datetime, time, timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from carewright.access.models import Tie
from carewright.staff.models import User
from carewright.tasks.models import Alarm, OnCallShift
from carewright.web import sessions
from carewright.web.day import concerned, worklist
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import TeamFactory, UserFactory
from tests.web import making

MIGRATION = importlib.import_module("carewright.web.migrations.0003_tell_my_day")


@pytest.mark.django_db
def test_whoever_has_an_alarm_on_their_list_is_concerned_by_it():
    at = timezone.now()
    leads, kept, on_call, backup, took, nobody = UserFactory.create_batch(6, role="care_manager")
    patient, other = PatientFactory(), PatientFactory()
    making.enrolled(patient, leads)
    TieFactory(user=kept, patient=patient)
    TieFactory(user=nobody, patient=patient, because="team")
    making.enrolled(other, nobody)
    OnCallShift.objects.create(user=on_call, backup_user=backup, starts_at=at - making.HOUR, ends_at=at + making.HOUR)
    alarm = making.alarm(patient, accepted_by=took, accepted_at=at)
    unaccepted = making.alarm(patient, code="other")
    for one in (alarm, unaccepted):
        have_it = {user.pk for user in User.objects.all() if one in worklist.alarms_of(user, at=at)}
        assert have_it, "an empty set would be part of any"
        assert have_it <= concerned.people({f"alarm:{one.pk}"}, at=at)
    assert nobody.pk not in concerned.people({f"alarm:{alarm.pk}", f"alarm:{unaccepted.pk}"}, at=at)
    assert set(Alarm.objects.all()) == {alarm, unaccepted}


@pytest.mark.django_db
def test_a_team_is_who_belongs_to_it_today_and_what_nobody_knows_is_nobody():
    today = timezone.localdate()
    stays, left = UserFactory.create_batch(2)
    team = TeamFactory()
    team.memberships.create(user=stays, starts_on=today)
    team.memberships.create(user=left, starts_on=today - timedelta(9), ends_on=today - timedelta(1))
    words = {f"team:{team.pk}", "user:7", "alarm:0", "patient:3", "user:", "nonsense"}
    assert concerned.people(words, at=timezone.now()) == {stays.pk, 7}


@pytest.mark.django_db
@given(
    left=st.lists(st.integers(-50, 300), min_size=1, max_size=4),
    away=st.lists(st.integers(1, 300), max_size=3),
    wait=st.integers(0, 300),
)
def test_until_it_says_so_the_list_stays_as_it_is(left, away, wait):
    """Whatever is due and put off: before the moment `changes_at` says, nothing changes by itself."""
    at = timezone.now()
    with transaction.atomic():
        maria = UserFactory(role="care_manager")
        for hours in left:
            making.task(None, maria, due=making.HOUR * hours)
        for hours in away:
            until = at + making.HOUR * hours
            making.task(None, maria, due=making.DAY * 30, snoozed_until=until, snoozed_because="Later")
        before = worklist.lines_of(maria, at=at)
        turns = worklist.changes_at(maria, before, at=at)
        later = at + making.HOUR * wait
        after = worklist.lines_of(maria, at=later)
        if worklist.fingerprint(after) != worklist.fingerprint(before):
            assert turns <= later
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_list_is_asked_for_again_when_a_shift_begins_and_at_midnight():
    """An alarm nobody has taken on is theirs who is on call; a tie that began or ended counts from midnight on."""
    at, maria = making.NOW, UserFactory(role="care_manager")
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(at) + timedelta(1), time.min))
    assert worklist.changes_at(maria, [], at=at) == midnight
    OnCallShift.objects.create(
        user=UserFactory(), backup_user=maria, starts_at=at + making.HOUR, ends_at=at + 2 * making.HOUR
    )
    making.alarm(PatientFactory(), raised_at=at)
    assert worklist.lines_of(maria, at=at) == []
    begins = worklist.changes_at(maria, [], at=at)
    assert begins == at + making.HOUR and len(worklist.lines_of(maria, at=begins)) == 1
    ends = worklist.changes_at(maria, [], at=begins)
    assert ends == at + 2 * making.HOUR and worklist.lines_of(maria, at=ends) == []


@pytest.mark.django_db(transaction=True)
def test_the_database_tells_what_my_day_reads_and_the_end_of_a_session(client):
    """Each table, with the words that are told for it; and nothing is told of a transaction that is taken back."""
    at, told = timezone.now(), Told()
    maria, karl, team, patient = UserFactory(), UserFactory(), TeamFactory(), PatientFactory()
    told.so_far()
    with transaction.atomic():
        task = making.task(patient, maria)
        assert told.so_far() == set(), "not before it is committed"
    assert told.so_far() == {f"user:{maria.pk}"}
    task.owner_user, task.owner_team = None, team
    task.save()
    assert told.so_far() == {f"user:{maria.pk}", f"team:{team.pk}"}, "who had it and who has it"
    tie = TieFactory(user=maria, patient=patient)
    assert told.so_far() == {f"user:{maria.pk}"}
    Tie.objects.filter(pk=tie.pk).update(ends_on=timezone.localdate())
    assert told.so_far() == {f"user:{maria.pk}"}
    enrollment = making.enrolled(patient, maria)
    enrollment.lead = karl
    enrollment.save()
    assert told.so_far() == {f"user:{maria.pk}", f"user:{karl.pk}"}
    alarm = making.alarm(patient, accepted_by=karl, accepted_at=at)
    assert told.so_far() == {f"alarm:{alarm.pk}", f"user:{karl.pk}"}
    team.memberships.create(user=karl, starts_on=timezone.localdate())
    assert told.so_far() == {f"user:{karl.pk}"}
    OnCallShift.objects.create(user=maria, backup_user=karl, starts_at=at, ends_at=at + making.HOUR)
    assert told.so_far() == {f"user:{maria.pk}", f"user:{karl.pk}"}
    maria.last_name = "Other"
    maria.save()
    assert told.so_far() == set()
    maria.role = "analyst"
    maria.save()
    assert told.so_far() == {f"user:{maria.pk}"}
    client.force_login(karl)
    told.so_far()
    mark = sessions.mark_of(client.session)
    client.logout()
    assert told.so_far() == {f"session:{mark}"}
    told.line.close()


@pytest.mark.django_db
def test_every_table_my_day_reads_tells_or_has_a_reason_not_to():
    """A line that comes from a new table would otherwise be heard of two minutes later."""
    not_told = {
        "registry_patient",  # whom a line is about; a merge moves the tasks, which tell
        "staff_user",  # names; a role and a closed account are told
        "staff_team",  # names
    }
    maria = UserFactory(role="care_manager")
    with CaptureQueriesContext(connection) as asked:
        worklist.lines_of(maria, at=timezone.now())
    read = {table for one in asked for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', one["sql"])}
    assert {"tasks_task", "tasks_alarm", "access_tie"} <= read
    assert read <= set(MIGRATION.TOLD) | not_told


class Told:
    """A line of its own to the tests' database, which hears what is told."""

    def __init__(self):
        known = connection.settings_dict
        place = {"user": known["USER"], "password": known["PASSWORD"], "host": known["HOST"], "port": known["PORT"]}
        self.line = psycopg.connect(
            dbname=known["NAME"], autocommit=True, **{name: value for name, value in place.items() if value}
        )
        self.line.execute("listen carewright_day")

    def so_far(self) -> set[str]:
        """Everything told since the last time: an own word, told last, says that nothing more is to come."""
        heard = set()
        with psycopg.connect(self.line.info.dsn, password=self.line.info.password, autocommit=True) as other:
            other.execute("notify carewright_day, 'enough'")
        for told in self.line.notifies(timeout=20):
            if told.payload == "enough":
                return heard
            heard.add(told.payload)
        raise AssertionError("Nothing is heard.")
