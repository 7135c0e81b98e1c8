"""Two records become one and two again: nothing lost, nothing silent, everything attributed."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from carewright.access.models import Tie
from carewright.audit.models import Entry
from carewright.kernel.errors import CannotDo, NotNow
from carewright.population.models import Score
from carewright.registry import joining
from carewright.registry.matching import actions as matching
from carewright.registry.models import ContactPoint, FieldSource, Identifier, Join, JoinedRows, Patient, PossibleMatch
from carewright.registry.queries import by_person_id, find
from tests.factories.access import TieFactory
from tests.factories.registry import (
    AddressFactory,
    ContactPointFactory,
    CoverageFactory,
    IdentifierFactory,
    PatientFactory,
    RelatedPersonFactory,
)
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)


@pytest.fixture
def nurse():
    return UserFactory(role="supervisor")


@pytest.fixture
def pair():
    """Two records of Ruth: one from claims, one from the hospital."""
    one = PatientFactory(given_name="Ruth", family_name="Abernathy", person_id="p1")
    other = PatientFactory(given_name="Ruth", family_name="Abernaty", person_id="p2", language="")
    ContactPointFactory(patient=one, value="413-555-0100")
    ContactPointFactory(patient=other, value="413-555-0100")
    ContactPointFactory(patient=other, value="413-555-0177")
    CoverageFactory(patient=other, member_id="M1")
    RelatedPersonFactory(patient=other)
    TieFactory(patient=other)
    return one, other


def merged(pair, nurse, **more) -> Join:
    return joining.merge(keep=pair[0], other=pair[1], why="Same person, she told us so", by=nurse, at=AT, **more)


def state_of(*patients) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Which rows each record has, in every table that names a patient."""
    return {
        pointer.key: {str(patient.pk): pointer.keys(patient) for patient in patients} for pointer in joining.pointers()
    }


def test_every_table_that_names_a_patient_is_moved():
    """Asked of the database itself: a column with a foreign key to the patient, and not on the list, would be lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select cl.relname, a.attname from pg_constraint c join pg_class cl on cl.oid = c.conrelid"
            " join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)"
            " where c.contype = 'f' and c.confrelid = 'registry_patient'::regclass and not cl.relispartition"
        )
        in_database = set(cursor.fetchall())
    moved = {(pointer.model._meta.db_table, pointer.field.column) for pointer in joining.pointers()}
    left = in_database - moved
    ours = {"registry_join", "registry_possiblematch", "registry_nameword", "registry_patient"}
    of_a_run = {table for table, _column in left if table.startswith("population_")}
    assert {table for table, _column in left} - of_a_run <= ours
    assert Score._meta.db_table in of_a_run or not any(table == Score._meta.db_table for table, _c in in_database)


def test_the_kept_record_has_everything_and_the_other_is_read_there(pair, nurse):
    one, other = pair
    join = merged(pair, nurse)
    assert {point.value for point in one.contact_points.all()} == {"413-555-0100", "413-555-0177"}
    assert by_person_id("p1") == by_person_id("p2") == one
    assert one.coverages.get().member_id == "M1" and one.related_people.get().given_name == "Elena"
    assert Tie.objects.get().patient == one
    assert not Patient.objects.filter(pk=other.pk).exists()
    assert Patient.every_record.get(pk=other.pk).merged_into == one
    assert (join.by_machine, join.joined_by, join.why) == (False, nurse.email, "Same person, she told us so")
    stayed = join.rows.get(whose="stayed")
    assert (stayed.table, len(stayed.keys)) == ("registry.ContactPoint", 1)


def test_joining_is_written_down_for_both(pair, nurse):
    merged(pair, nurse)
    one, other = pair
    assert Entry.objects.filter(did="join_records", patient_ids__contains=[one.pk], by=nurse.email).exists()
    assert Entry.objects.filter(did="joined_into", patient_ids__contains=[other.pk], by=nurse.email).exists()


def test_undoing_gives_back_exactly_what_was_moved(pair, nurse):
    one, other = pair
    before, facts = state_of(one, other), list(Patient.every_record.order_by("pk").values())
    join = merged(pair, nurse, take=["language", "family_name"])
    assert state_of(one, other) != before
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=LATER)
    assert state_of(one, other) == before
    assert list(Patient.every_record.order_by("pk").values()) == facts
    join.refresh_from_db()
    assert (join.undone_by, join.undone_because) == (nurse, "Two sisters")


def test_rows_that_came_later_go_where_the_person_says(pair, nurse):
    one, other = pair
    join = merged(pair, nurse)
    hers = IdentifierFactory(patient=one, system="mrn", assigner="General", value="77")
    ours = IdentifierFactory(patient=one, system="mrn", assigner="Riverside", value="12")
    later = joining.later_rows(join)
    assert later == {("registry.Identifier", "patient"): [str(hers.pk), str(ours.pk)]}
    joining.unmerge(
        join=join, because="Two sisters", by=nurse, at=LATER, later={("registry.Identifier", "patient"): [str(hers.pk)]}
    )
    assert set(other.identifiers.values_list("value", flat=True)) == {"p2", "77"}
    assert set(one.identifiers.values_list("value", flat=True)) == {"p1", "12"}


def test_a_row_that_was_there_before_cannot_be_given_away(pair, nurse):
    one, _other = pair
    join = merged(pair, nurse)
    own = one.identifiers.get(value="p1")
    with pytest.raises(CannotDo, match="were there before"):
        joining.unmerge(
            join=join, because="?", by=nurse, at=LATER, later={("registry.Identifier", "patient"): [str(own.pk)]}
        )


def test_what_a_person_settled_while_joining_is_written_down_as_theirs_until_it_is_undone(pair, nurse):
    """The file that says otherwise comes every night; see test_receiving for what it may not overwrite."""
    one, other = pair
    join = merged(pair, nurse)
    settled = FieldSource.objects.filter(patient=one)
    assert set(settled.values_list("field", "said_by", "said_at")) == {("family_name", nurse.pk, AT)}, (
        "the family names differ and the kept one stands; of the language only one of them says anything"
    )
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=LATER)
    assert not FieldSource.objects.exists()
    merged((other, one), nurse, take=["family_name"])
    assert set(FieldSource.objects.values_list("patient", "field")) == {(other.pk, "family_name")}


def test_a_machine_settles_nothing(pair):
    joining.merge(keep=pair[0], other=pair[1], why="alike", by="system:matching", at=AT)
    assert not FieldSource.objects.exists()


def test_what_was_taken_over_and_then_changed_stays_changed(pair, nurse):
    one, _other = pair
    join = merged(pair, nurse, take=["family_name"])
    one.refresh_from_db()
    assert one.family_name == "Abernaty"
    one.family_name = "Abernathy-Lee"
    one.save()
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=LATER)
    one.refresh_from_db()
    assert one.family_name == "Abernathy-Lee"


def test_a_pair_kept_apart_is_joined_by_no_machine_and_not_suggested_again(pair, nurse):
    one, other = pair
    join = merged(pair, nurse)
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=LATER)
    with pytest.raises(NotNow, match="two people"):
        joining.merge(keep=one, other=other, why="alike", by="system:matching", at=LATER)
    matching.find_matches(by="system:matching", at=LATER)
    assert not PossibleMatch.objects.waiting().exists()
    assert joining.merge(keep=one, other=other, why="She says so after all", by=nurse, at=LATER).undone_at is None


def test_a_record_is_joined_once_and_undone_once(pair, nurse):
    join = merged(pair, nurse)
    with pytest.raises(NotNow, match="joined into another already"):
        merged(pair, nurse)
    with pytest.raises(CannotDo, match="same record"):
        joining.merge(keep=pair[0], other=pair[0], why="?", by=nurse, at=AT)
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=LATER)
    with pytest.raises(NotNow, match="undone already"):
        joining.unmerge(join=join, because="Two sisters", by=nurse, at=LATER)


def test_a_join_says_why_and_so_does_its_undoing(pair, nurse):
    with pytest.raises(CannotDo, match="Say why"):
        joining.merge(keep=pair[0], other=pair[1], why=" ", by=nurse, at=AT)
    join = merged(pair, nurse)
    with pytest.raises(CannotDo, match="Say why"):
        joining.unmerge(join=join, because="", by=nurse, at=LATER)


def test_three_records_of_one_person_come_apart_one_by_one_in_any_order(pair, nurse):
    one, other = pair
    third = PatientFactory(person_id="p3")
    ContactPointFactory(patient=third, value="413-555-0199")
    before = state_of(one, other, third)
    first = merged(pair, nurse)
    second = joining.merge(keep=one, other=third, why="And this one", by=nurse, at=AT)
    assert joining.records_of(one) == [one.pk, other.pk, third.pk]
    assert joining.later_rows(first) == {}
    joining.unmerge(join=first, because="No", by=nurse, at=LATER)
    joining.unmerge(join=second, because="No", by=nurse, at=LATER)
    assert state_of(one, other, third) == before


def test_a_join_below_another_waits_for_the_one_above(pair, nurse):
    one, _other = pair
    third = PatientFactory(person_id="p3")
    first = merged(pair, nurse)
    joining.merge(keep=third, other=one, why="And this one", by=nurse, at=AT)
    with pytest.raises(NotNow, match="Undo that join first"):
        joining.unmerge(join=first, because="No", by=nurse, at=LATER)


def test_a_joined_record_is_found_under_the_kept_ones_name_only(pair, nurse):
    merged(pair, nurse)
    assert [patient.pk for patient in find("abernat", among=Patient.objects.all())] == [pair[0].pk]


def test_preferences_move_when_the_kept_record_has_none_and_come_back(pair, nurse):
    from carewright.registry import reaching

    one, other = pair
    reaching.set_preference(patient=other, facts={"preferred_name": "Ruthie"}, by=nurse, at=AT)
    before = state_of(one, other)
    join = merged(pair, nurse)
    assert Patient.objects.get(pk=one.pk).preference.preferred_name == "Ruthie"
    assert joining.later_rows(join) == {}
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=LATER)
    assert state_of(one, other) == before


def test_the_history_of_a_moved_row_says_where_it_was(pair, nurse):
    one, other = pair
    number = Identifier.objects.get(value="p2")
    merged(pair, nurse)
    assert [version.patient_id for version in number.history.all()] == [other.pk]
    assert Identifier.objects.get(value="p2").patient == one


def test_a_run_of_the_warehouse_receives_a_joined_person_once(pair, nurse):
    from tests.registry.test_receiving import RUTH, receive

    one, _other = pair
    merged(pair, nurse)
    AddressFactory(patient=one)
    said = receive(RUTH, RUTH | {"person_id": "p2", "last_enrolled_on": date(2026, 11, 30), "phone": "413-555-0111"})
    assert said.new == 0 and Patient.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("select person_id, patient_id from received_person")
        assert cursor.fetchall() == [("p2", one.pk)]


def test_all_rows_of_a_join_are_accounted_for(pair, nurse):
    join = merged(pair, nurse)
    counted = sum(len(rows.keys) for rows in JoinedRows.objects.filter(join=join).exclude(whose="own"))
    assert counted == 6  # a number, two phones, a coverage, a related person, a tie
    assert ContactPoint.every_one.filter(patient=pair[1]).count() == 1


def test_an_open_alarm_stays_open_and_notes_keep_their_author(pair, nurse):
    from carewright.contacts import actions as contacts
    from carewright.contacts.models import Note
    from carewright.tasks import actions as tasks
    from carewright.tasks import alarms
    from carewright.tasks.models import Alarm, Task

    one, other = pair
    alarm = alarms.raise_alarm(patient=other, code="hurt", because="Said so.", by=nurse, at=AT)
    task = tasks.open_task(kind="outreach_call", patient=other, by=nurse, at=AT)
    note = contacts.write_note(patient=other, text="A ride.", template="practical", by=nurse, at=AT)
    join = merged(pair, nurse)
    alarm, task, note = Alarm.objects.get(pk=alarm.pk), Task.objects.get(pk=task.pk), Note.objects.get(pk=note.pk)
    assert (alarm.patient, alarm.closed_at) == (one, None)
    assert (task.patient, task.closed_at) == (one, None)
    assert (note.patient, note.written_by) == (one, nurse)
    joining.unmerge(join=join, because="Two sisters", by=nurse, at=LATER)
    alarm, note = Alarm.objects.get(pk=alarm.pk), Note.objects.get(pk=note.pk)
    assert (alarm.patient, alarm.closed_at, note.patient) == (other, None, other)


def test_the_webs_role_may_move_every_row_that_names_a_patient():
    """A table that may only be added to grants the one column that says whose its rows are."""
    refused = []
    with connection.cursor() as cursor:
        for pointer in joining.pointers():
            table, column = pointer.model._meta.db_table, pointer.field.column
            cursor.execute("select has_column_privilege('carewright_app', %s, %s, 'UPDATE')", [table, column])
            if not cursor.fetchone()[0]:
                refused.append(f"{table}.{column}")
    assert not refused
