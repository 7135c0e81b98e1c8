"""What is written down, what is not, and that nobody can take it back."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from carewright.audit import actions as audit
from carewright.audit.models import Entry
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def test_a_change_is_written_with_what_it_was_and_what_it_became():
    tie, boss = TieFactory(starts_on=date(2026, 1, 1)), UserFactory(role="administrator")
    with audit.change(tie, by=boss, did="end", why="moved away"):
        tie.ends_on = date(2026, 6, 30)
    entry = Entry.objects.get(did="end")
    assert (entry.before, entry.after) == ({"ends_on": None}, {"ends_on": "2026-06-30"})
    assert (entry.by, entry.by_id, entry.by_role, entry.why) == (boss.email, boss.pk, "administrator", "moved away")
    assert (entry.what, entry.patient_ids) == (f"tie:{tie.pk}", [tie.patient_id])


def test_the_log_holds_a_fingerprint_of_what_is_private_and_never_the_value():
    patient = PatientFactory(family_name="Abernathy")
    with audit.change(patient, by="system:test", did="rename"):
        patient.family_name = "Núñez"
    entry = Entry.objects.get(did="rename")
    assert entry.before["family_name"].startswith("#") and entry.after["family_name"].startswith("#")
    assert entry.before["family_name"] != entry.after["family_name"]
    assert "Abernathy" not in str(entry.before) and "Núñez" not in str(entry.after)


def test_the_same_password_of_two_people_has_two_fingerprints():
    one, other = UserFactory(password="same"), UserFactory(password="same")
    assert audit._snapshot(one)["password"] != audit._snapshot(other)["password"]


def test_a_change_that_fails_is_neither_made_nor_written():
    tie = TieFactory(starts_on=date(2026, 1, 1))
    with pytest.raises(ValidationError, match="before it starts"), audit.change(tie, by="system:test", did="end"):
        tie.ends_on = date(2025, 1, 1)
    tie.refresh_from_db()
    assert tie.ends_on is None and not Entry.objects.exists()


def test_a_change_that_raises_inside_is_neither_made_nor_written():
    tie = TieFactory()
    with pytest.raises(RuntimeError), audit.change(tie, by="system:test", did="end"):
        tie.because = "cover"
        raise RuntimeError
    assert not Entry.objects.exists()


def test_the_database_says_when_it_was():
    with transaction.atomic():
        entry = audit.saw(PatientFactory(), by=UserFactory(), page="test:page")
    entry.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        assert abs((cursor.fetchone()[0] - entry.at).total_seconds()) < 60


def test_seeing_a_list_is_one_line():
    patients = [PatientFactory(), PatientFactory()]
    audit.saw_list([p.pk for p in patients], by=UserFactory(), page="population:candidates")
    assert Entry.objects.get().patient_ids == [p.pk for p in patients]


def test_an_export_needs_a_purpose():
    with pytest.raises(ValueError, match="purpose"):
        audit.exported("candidates", by=UserFactory(), purpose="  ", rows=3)
    audit.exported("candidates", by=UserFactory(), purpose="outreach", rows=3)
    assert Entry.objects.get().after == {"rows": 3}


def test_who_acts_is_named():
    audit.happened("swept", by="system:nightly")
    assert Entry.objects.get().by == "system:nightly"
    for nobody in ("nightly", "system:", None, UserFactory.build()):
        with pytest.raises(ValueError, match="system"):
            audit.happened("swept", by=nobody)


def test_where_a_request_came_from_is_written():
    token = audit.came_from.set("203.0.113.7")
    audit.refused("a page", by=UserFactory(), page="x")
    audit.came_from.reset(token)
    entry = Entry.objects.get()
    assert (entry.address, entry.outcome) == ("203.0.113.7", "refused")


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set did = 'nothing'",
        "update audit_entry set did = 'nothing' where false",
        "delete from audit_entry",
        "truncate audit_entry",
        "update audit_seal set digest = ''",
        "delete from audit_sealedentry",
    ],
)
def test_the_database_refuses_to_change_the_log(statement):
    audit.happened("swept", by="system:nightly")
    audit.seal(NOW)
    with connection.cursor() as cursor:
        cursor.execute("set local carewright.hold = 'on'")
        with pytest.raises(DatabaseError, match="may only be added to"), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("set local carewright.hold = ''")
    assert Entry.objects.get().did == "swept"
