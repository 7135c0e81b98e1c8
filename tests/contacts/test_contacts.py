"""Writing contacts down: what follows from one, what is counted, and how a mistake is mended."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from carewright.channel import queries as channel
from carewright.contacts import actions, queries
from carewright.contacts.models import Contact, MinutesEntry
from carewright.kernel.errors import CannotDo, NotNow
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task
from tests.factories.registry import ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def nurse(db):
    return UserFactory()


@pytest.fixture
def ruth(db):
    return PatientFactory()


@pytest.fixture
def phone(ruth):
    return ContactPointFactory(patient=ruth, value="413-555-0123")


def called(patient, by, ended="reached", at=NOW, **more) -> actions.Recorded:
    return actions.record(patient=patient, kind="call", ended=ended, by=by, at=at, **more)


def test_a_call_that_reached_somebody_closes_the_task_it_fulfills(ruth, nurse):
    kept = tasks.open_task(kind="discharge_call", patient=ruth, by=nurse, at=NOW)
    letter = tasks.open_task(kind="outreach_letter", patient=ruth, by=nurse, at=NOW)
    other = tasks.open_task(kind="discharge_call", patient=PatientFactory(), by=nurse, at=NOW)
    assert called(ruth, nurse).closed == [Task.objects.get(pk=kept.pk)]
    assert {task.pk for task in Task.objects.open()} == {letter.pk, other.pk}


def test_an_attempt_fulfills_an_attempt_and_not_a_promise_to_reach(ruth, nurse):
    attempt = tasks.open_task(kind="outreach_call", patient=ruth, by=nurse, at=NOW)
    promise = tasks.open_task(kind="discharge_call", patient=ruth, by=nurse, at=NOW)
    done = called(ruth, nurse, ended="no_answer", task=promise)
    assert ([task.pk for task in done.closed], done.wants_next) == ([attempt.pk], True)
    assert Task.objects.get(pk=promise.pk).is_open


def test_a_call_to_the_doctor_fulfills_no_call_to_the_patient(ruth, nurse):
    promise = tasks.open_task(kind="discharge_call", patient=ruth, by=nurse, at=NOW)
    question = tasks.open_task(kind="ask_pcp", patient=ruth, by=nurse, at=NOW)
    assert [task.pk for task in called(ruth, nurse, with_whom="provider").closed] == [question.pk]
    assert Task.objects.get(pk=promise.pk).is_open


@pytest.mark.parametrize("ended", ["wrong_number", "disconnected"])
def test_a_number_that_is_not_theirs_is_flagged_with_the_day(ruth, nurse, phone, ended):
    assert called(ruth, nurse, ended=ended, contact_point=phone).flagged_wrong
    phone.refresh_from_db()
    assert phone.wrong_since_on == date(2026, 11, 23)
    assert not channel.may(ruth, "call", NOW).yes


@pytest.mark.parametrize("said", [{"ended": "left_message"}, {"ended": "reached", "message_left": True}])
def test_no_message_is_left_where_it_is_not_safe_whichever_page_it_comes_from(ruth, nurse, said):
    unsafe = ContactPointFactory(patient=ruth, value="413-555-0199", is_safe_for_message=False)
    with pytest.raises(CannotDo, match="not safe to leave a message"):
        called(ruth, nurse, contact_point=unsafe, **said)
    assert not Contact.objects.exists()


def test_word_of_a_death_stops_contact_at_once_and_asks_for_confirmation(ruth, nurse):
    assert called(ruth, nurse, ended="died", with_whom="family").reported_death
    assert channel.may(ruth, "letter", NOW).because in ("do_not_contact", "none")
    assert [stop.because for stop in channel.standing_stops(ruth, NOW)] == ["reported_dead"]
    assert Task.objects.open().get(patient=ruth).kind == "confirm_death"


def test_all_of_it_or_nothing(ruth, nurse):
    with pytest.raises(CannotDo, match="ended"):
        called(ruth, nurse, books_minutes=True, note="We spoke.")
    assert not Contact.objects.exists()


def test_what_belongs_to_another_patient_is_refused(ruth, nurse):
    strange = ContactPointFactory()
    with pytest.raises(CannotDo, match="another patient"):
        called(ruth, nurse, contact_point=strange)
    task = tasks.open_task(kind="outreach_call", patient=PatientFactory(), by=nurse, at=NOW)
    with pytest.raises(CannotDo, match="another patient"):
        called(ruth, nurse, task=task)


def test_the_next_step_is_opened_with_it(ruth, nurse):
    following = actions.Next(kind="call_back", due_at=NOW + DAY, why="Tuesday after 3 PM.")
    done = called(ruth, nurse, ended="call_back", next_task=following)
    assert (done.next_task.kind, done.next_task.due_at, done.next_task.owner_user) == ("call_back", NOW + DAY, nurse)
    assert done.wants_next


def test_nothing_is_written_down_before_it_happened(ruth, nurse):
    with pytest.raises(CannotDo, match="after it happened"):
        called(ruth, nurse, started_at=NOW + HOUR)


def test_calls_and_people_are_counted_apart(ruth, nurse):
    tom = PatientFactory()
    for patient, ended in ((ruth, "no_answer"), (ruth, "left_message"), (ruth, "reached"), (tom, "busy")):
        called(patient, nurse, ended=ended)
    assert queries.counted(Contact.objects.all()) == queries.Counts(4, 2, 1, 1)


def test_a_correction_is_another_row_and_counts_instead(ruth, nurse, phone):
    wrong = called(ruth, nurse, ended="wrong_number", contact_point=phone).contact
    mended = actions.correct(
        contact=wrong, facts={"ended": "reached"}, because="Clicked the wrong line.", by=nurse, at=NOW + MINUTE
    )
    phone.refresh_from_db()
    assert phone.wrong_since_on is None
    assert [one.pk for one in Contact.objects.standing()] == [mended.pk]
    assert {one.pk for one in queries.contacts_of(ruth)} == {wrong.pk, mended.pk}
    with pytest.raises(NotNow, match="corrected already"):
        actions.correct(contact=wrong, facts={"ended": "busy"}, because="Again.", by=nurse, at=NOW)


@pytest.mark.django_db
def test_the_database_lets_nobody_change_or_remove_a_contact(ruth, nurse):
    contact = called(ruth, nurse).contact
    for change in (lambda: Contact.objects.update(ended="busy"), lambda: contact.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_what_never_was_is_counted_nowhere_and_its_minutes_neither(ruth, nurse):
    contact = called(ruth, nurse, started_at=NOW - 20 * MINUTE, ended_at=NOW, books_minutes=True).contact
    actions.retract(contact=contact, because="The wrong chart was open.", by=nurse, at=NOW)
    assert not Contact.objects.standing().exists()
    assert queries.minutes_of_month(ruth, date(2026, 11, 1)) == 0


def test_minutes_never_overlap_for_one_person(ruth, nurse):
    called(ruth, nurse, started_at=NOW - 20 * MINUTE, ended_at=NOW, books_minutes=True)
    with pytest.raises(NotNow, match=r"booked 9:40 AM to 10:00 AM"):
        actions.book_minutes(user=nurse, patient=PatientFactory(), starts_at=NOW - 5 * MINUTE, ends_at=NOW,
                             by=nurse, at=NOW)  # fmt: skip
    entry = actions.book_minutes(
        user=nurse, patient=ruth, starts_at=NOW, ends_at=NOW + 5 * MINUTE, by=nurse, at=NOW + HOUR
    )
    assert queries.minutes_of_month(ruth, date(2026, 11, 1)) == 25
    actions.void_minutes(entry=entry, because="Not mine.", by=nurse, at=NOW + HOUR)
    assert queries.minutes_of_month(ruth, date(2026, 11, 1)) == 20


def test_the_database_itself_refuses_minutes_twice(ruth, nurse):
    whole = {"user": nurse, "patient": ruth, "starts_at": NOW, "ends_at": NOW + HOUR, "entered_at": NOW + HOUR}
    MinutesEntry.objects.create(**whole)
    with pytest.raises(IntegrityError, match="minutes_of_one_person_never_overlap"), transaction.atomic():
        MinutesEntry.objects.create(**(whole | {"starts_at": NOW + 59 * MINUTE, "ends_at": NOW + 2 * HOUR}))


def test_two_colleagues_in_the_same_minutes_count_once(ruth, nurse):
    for user, begin, end in ((nurse, 0, 20), (UserFactory(), 10, 30)):
        actions.book_minutes(user=user, patient=ruth, starts_at=NOW + begin * MINUTE, ends_at=NOW + end * MINUTE,
                             by=user, at=NOW + HOUR)  # fmt: skip
    assert queries.minutes_of_month(ruth, date(2026, 11, 1)) == 30


def test_time_booked_late_says_why(ruth, nurse):
    late = {"user": nurse, "patient": ruth, "starts_at": NOW, "ends_at": NOW + HOUR, "by": nurse, "at": NOW + 3 * DAY}
    with pytest.raises(CannotDo, match="Say why"):
        actions.book_minutes(**late)
    assert actions.book_minutes(**late, late_because="No network on the visit.").entered_late_because


moments = st.integers(0, 600)


@given(st.lists(st.tuples(moments, st.integers(1, 90)), max_size=15))
def test_time_together_is_every_minute_once(found):
    spans = sorted((NOW + start * MINUTE, NOW + (start + length) * MINUTE) for start, length in found)
    held = {start + minute for start, length in found for minute in range(length)}
    assert queries.together(spans) == len(held) * MINUTE
