"""Alarms: told at once and further, closed only by a named clinician; nothing else whatsoever closes one."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from carewright.access.models import Tie
from carewright.channel import actions as channel
from carewright.channel.configuration import Sending
from carewright.kernel.errors import CannotDo, CarewrightError, NotNow, NotPermitted
from carewright.registry import joining
from carewright.tasks import actions, alarms, arrivals, on_call, queries
from carewright.tasks.models import Alarm, OnCallShift, Task
from tests.factories.registry import PatientFactory
from tests.factories.staff import TeamFactory, UserFactory

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _sending(settings):
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")


@pytest.fixture
def ruth(db):
    return PatientFactory()


@pytest.fixture
def roster(db):
    """Ana is on call, Ben stands in, Cyn answers for the roster."""
    ana, ben, cyn = UserFactory(first_name="Ana"), UserFactory(first_name="Ben"), UserFactory(role="supervisor")
    OnCallShift.objects.create(user=ana, backup_user=ben, starts_at=NOW - HOUR, ends_at=NOW + 12 * HOUR)
    return ana, ben, cyn


def raised(patient, by, **more) -> Alarm:
    return alarms.raise_alarm(
        patient=patient, code="phq9_item9", because="Answered 'more than half the days'.", by=by, at=NOW, **more
    )


def test_whoever_is_on_call_is_told_at_once_and_may_open_the_patient(ruth, roster):
    alarm = raised(ruth, "system:import")
    (paging,) = alarm.pagings.all()
    assert (paging.user, paging.step) == (roster[0], 1)
    assert paging.message.kind == "page"
    assert "PHQ" not in paging.message.body and ruth.family_name not in paging.message.body
    assert Tie.objects.filter(user=roster[0], patient=ruth, because="cover").exists()


def test_the_same_answer_saved_twice_raises_one(ruth, roster):
    source = {"source_kind": "answer", "source_public_id": uuid4()}
    assert raised(ruth, "system:import", **source) == raised(ruth, "system:import", **source)
    assert Alarm.objects.count() == 1


def test_after_an_hour_the_next_person_is_told_and_then_the_next(ruth, roster):
    alarm = raised(ruth, "system:import")
    told = []
    for minutes in (30, 59, 60, 61, 119, 120, 180):
        told += [(minutes, one.user) for one in alarms.escalate_alarms(at=NOW + minutes * MINUTE, by="system:minutely")]
    ana, ben, cyn = roster
    assert told == [(60, ben), (120, cyn), (180, ana)]
    assert alarm.pagings.count() == 4


def test_nobody_more_is_told_once_it_is_accepted(ruth, roster):
    alarm = raised(ruth, "system:import")
    alarms.accept(alarm=alarm, by=roster[0], at=NOW + 10 * MINUTE)
    assert alarms.escalate_alarms(at=NOW + 3 * HOUR, by="system:minutely") == []


def test_the_minutes_are_a_setting(ruth, roster, settings):
    settings.CHANNEL = Sending(shows_only=True, phone="1", alarm_minutes=15)
    raised(ruth, "system:import")
    assert [one.user for one in alarms.escalate_alarms(at=NOW + 15 * MINUTE, by="system:minutely")] == [roster[1]]


def test_a_failed_page_is_an_alarm_and_the_next_is_told_without_waiting(ruth, roster):
    alarm = raised(ruth, "system:import")
    message = alarm.pagings.get().message
    channel.deliver(message_id=message.pk, by="system:channel", at=NOW)
    message.refresh_from_db()
    message.state, message.because, message.said, message.failed_at = "failed", "bounced", "No such address.", NOW
    message.save()
    told = alarms.escalate_alarms(at=NOW + 2 * MINUTE, by="system:minutely")
    assert [one.user for one in told] == [roster[1]]
    failed = Alarm.objects.get(code="page_failed")
    assert "Ana" in failed.because and "No such address." in failed.because
    assert alarms.escalate_alarms(at=NOW + 3 * MINUTE, by="system:minutely") == [], "noted once"


def test_a_page_that_cannot_leave_the_house_fails_within_minutes(ruth, roster, settings):
    """No email server: three tries in three minutes, then the next person is told."""
    settings.CHANNEL = Sending(phone="413-555-0100")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    raised(ruth, "system:import")
    told = []
    for minute in range(6):
        channel.try_again(at=NOW + minute * MINUTE, by="system:minutely")
        told += [(minute, one.step) for one in alarms.escalate_alarms(at=NOW + minute * MINUTE, by="system:minutely")]
    assert told == [(3, 2)]


def test_without_anybody_on_call_those_who_answer_for_the_roster_are_told(ruth, db):
    boss = UserFactory(role="supervisor")
    assert raised(ruth, "system:import").pagings.get().user == boss


def test_closing_takes_a_clinician_their_words_and_keeps_their_name(ruth, roster):
    alarm, ana = raised(ruth, "system:import"), roster[0]
    with pytest.raises(CannotDo, match="choose one"):
        alarms.close_alarm(alarm=alarm, disposition="done", words="x", by=ana, at=NOW)
    with pytest.raises(CannotDo, match="Write what was done"):
        alarms.close_alarm(alarm=alarm, disposition="no_danger", words="  ", by=ana, at=NOW)
    with pytest.raises(NotPermitted, match="credential"):
        alarms.close_alarm(alarm=alarm, disposition="no_danger", words="x", by=UserFactory(credential=""), at=NOW)
    with pytest.raises(NotPermitted, match="never by the house"):
        alarms.close_alarm(alarm=alarm, disposition="no_danger", words="x", by="system:nightly", at=NOW)
    with pytest.raises(NotPermitted):
        alarms.close_alarm(alarm=alarm, disposition="no_danger", words="x", by=UserFactory(role="billing"), at=NOW)
    alarms.close_alarm(alarm=alarm, disposition="safety_plan", words="Spoke with her for 20 minutes.", by=ana, at=NOW)
    alarm.refresh_from_db()
    assert (alarm.name, alarm.credential, alarm.closed_by, alarm.accepted_by) == (ana.name, "RN", ana, ana)
    with pytest.raises(NotNow, match="was closed by"):
        alarms.accept(alarm=alarm, by=roster[1], at=NOW)


@pytest.mark.parametrize("change", [{"closed_at": None}, {"disposition": "mistake"}, {"name": "Somebody Else"}])
def test_the_database_itself_keeps_a_closed_alarm_closed(ruth, roster, change):
    alarm = raised(ruth, "system:import")
    alarms.close_alarm(alarm=alarm, disposition="no_danger", words="Spoke.", by=roster[0], at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Alarm.objects.filter(pk=alarm.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Alarm.objects.filter(pk=alarm.pk).delete()


def test_a_colleague_may_take_it_over(ruth, roster):
    alarm = alarms.accept(alarm=raised(ruth, "system:import"), by=roster[0], at=NOW)
    alarms.accept(alarm=alarm, by=roster[1], at=NOW + HOUR)
    assert alarm.accepted_by == roster[1]
    assert alarm.history.count() == 2


def test_those_nobody_accepted_come_first(ruth, roster):
    taken = alarms.accept(alarm=raised(ruth, "system:import"), by=roster[0], at=NOW)
    new = raised(PatientFactory(), "system:import")
    assert list(queries.open_alarms(at=NOW)) == [new, taken]


class NothingElseClosesAnAlarm(TestCase):
    """Whatever is done to the patient and to every task around an alarm, in whatever order: it stays open."""

    STEPS = (
        "withdraw", "die", "stop_contact", "pause", "resume", "close_all", "close", "hand_over", "hand_over_all", "snooze",
        "escalate", "move", "merge", "merge_away", "accept", "minute", "arrivals",
    )  # fmt: skip

    @given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=8))
    @settings(max_examples=40, deadline=None)
    def test_nothing_else_closes_an_alarm(self, steps):
        from django.test import override_settings

        with override_settings(CHANNEL=Sending(shows_only=True, phone="413-555-0100")):
            self._walk(steps)

    def _walk(self, steps):
        nurse, other, boss = UserFactory(), UserFactory(), UserFactory(role="supervisor")
        patient, team = PatientFactory(), TeamFactory()
        OnCallShift.objects.all().delete()
        on_call.add_shift(user=nurse, backup_user=other, starts_at=NOW, ends_at=NOW + DAY, by=boss)
        alarm = alarms.raise_alarm(patient=patient, code="hurt", because="Said so.", by=nurse, at=NOW)
        for number, step in enumerate(steps):
            at = NOW + (number + 1) * HOUR
            task = actions.open_task(kind="safety_call", patient=patient, about_kind="alarm",
                                     about_public_id=alarm.public_id, by=nurse, at=at)  # fmt: skip
            try:
                with transaction.atomic():
                    patient = self._do(step, patient, task, nurse, other, boss, team, alarm, at)
            except CarewrightError:
                pass  # a refusal is an answer; what counts is below
            alarm.refresh_from_db()
            assert alarm.closed_at is None, step
            assert alarm.patient_id == patient.pk, "it goes where its patient goes"
        assert Alarm.objects.open().filter(pk=alarm.pk).exists()

    def _do(self, step, patient, task, nurse, other, boss, team, alarm, at):
        match step:
            case "withdraw":
                channel.stop_contact(patient=patient, because="withdrew", by=nurse, at=at)
                actions.close_all(patient=patient, because="withdrawn", by=nurse, at=at)
            case "die":
                channel.stop_contact(patient=patient, because="reported_dead", by=nurse, at=at)
                actions.close_all(patient=patient, because="died", by="system:deaths", at=at)
            case "stop_contact":
                channel.stop_contact(patient=patient, because="asked", by=nurse, at=at)
            case "pause":
                actions.pause_all(patient=patient, until=at + DAY, because="In hospital.", by=nurse, at=at)
            case "resume":
                actions.resume_all(patient=patient, by=nurse, at=at)
            case "close_all":
                actions.close_all(patient=patient, because="ended", by=boss, at=at)
            case "close":
                actions.close(task=task, because="done", by=nurse, at=at)
            case "hand_over":
                actions.hand_over(task=task, to_user=other, because="Leave.", by=nurse, at=at)
            case "hand_over_all":
                actions.hand_over_all(from_user=nurse, to_team=team, because="Leave.", by=boss, at=at)
            case "snooze":
                actions.snooze(task=task, until=at + MINUTE, because="Busy.", by=nurse, at=at)
            case "escalate":
                actions.escalate(task=task, because="No answer.", by=nurse, at=at)
            case "move":
                actions.move(task=task, due_at=at + DAY, because="Agreed.", by=nurse, at=at)
            case "merge":
                joining.merge(keep=patient, other=PatientFactory(), why="The same.", by=boss, at=at)
            case "merge_away":
                keep = PatientFactory()
                joining.merge(keep=keep, other=patient, why="The same.", by=boss, at=at)
                return keep
            case "accept":
                alarms.accept(alarm=alarm, by=other, at=at)
            case "minute":
                alarms.escalate_alarms(at=at, by="system:minutely")
            case "arrivals":
                arrivals.open_for_arrivals(at=at, by="system:minutely")
        return patient


def test_tasks_close_and_alarms_do_not(ruth, roster):
    alarm = raised(ruth, "system:import")
    actions.open_task(kind="safety_call", patient=ruth, by=roster[0], at=NOW)
    actions.close_all(patient=ruth, because="died", by=roster[0], at=NOW)
    assert not Task.objects.open().exists()
    alarm.refresh_from_db()
    assert alarm.closed_at is None
