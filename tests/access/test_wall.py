"""The second wall: what the database itself shows to whom, when a view forgets to ask the guard."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from carewright.access import guard
from carewright.access.actor import acting_as, look_through, name_of
from carewright.access.models import BreakGlass, PopulationMember, Tie
from carewright.audit import actions as audit
from carewright.audit.models import Entry
from carewright.plumbing.row_security import sight
from carewright.registry.models import Address, Coverage, Identifier, Patient
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.registry import AddressFactory, CoverageFactory, IdentifierFactory, PatientFactory
from tests.factories.staff import MembershipFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return UserFactory()


def seen_by(user) -> set[int]:
    """Every patient the database shows, with no guard in between."""
    with acting_as(user):
        return set(Patient.objects.values_list("pk", flat=True))


def test_nobody_named_sees_nobody():
    PatientFactory()
    from django.contrib.auth.models import AnonymousUser

    assert seen_by(AnonymousUser()) == set()
    assert name_of(UserFactory(is_active=False)) == ""


def test_the_wall_and_the_guard_agree(nurse):
    mine, payers, named, teams, others, ended, glass = (PatientFactory() for _ in range(7))
    TieFactory(user=nurse, patient=mine)
    Patient.objects.filter(pk=payers.pk).update(payer="Evergreen")
    TieFactory(user=nurse, population="payer:Evergreen")
    PopulationMember.objects.create(population="candidates", patient=named)
    TieFactory(user=nurse, population="candidates")
    TieFactory(team=TeamFactory(members=[nurse]), user=None, patient=teams)
    TieFactory(user=UserFactory(), patient=others)
    TieFactory(user=nurse, patient=ended, ends_on=date(2020, 6, 1))
    assert seen_by(nurse) == {mine.pk, payers.pk, named.pk, teams.pk}
    assert seen_by(nurse) == set(guard.patients_for(nurse, on=timezone.localdate()).values_list("pk", flat=True))
    BreakGlassFactory(user=nurse, patient=glass)
    assert seen_by(nurse) == {mine.pk, payers.pk, named.pk, teams.pk}, "a broken glass puts nobody on a list"


def test_a_broken_glass_opens_whom_one_looks_at_through_it_and_nobody_else(nurse):
    glass, another, stranger = BreakGlassFactory(user=nurse), BreakGlassFactory(user=nurse), PatientFactory()
    over = timezone.now() - timedelta(minutes=5)
    looked_at = [glass.patient_id, stranger.pk, BreakGlassFactory(patient=PatientFactory()).patient_id]
    with acting_as(nurse):
        look_through(looked_at)
        assert set(Patient.objects.values_list("pk", flat=True)) == {glass.patient_id}
        with acting_as(nurse):
            assert not Patient.objects.exists(), "each block begins with the glass whole"
        assert Patient.objects.get() == glass.patient, "and gives back what was before it"
        look_through([glass.patient_id, another.patient_id])
        assert Patient.objects.count() == 2
        BreakGlass.objects.filter(pk=another.pk).update(ends_at=over, starts_at=over - timedelta(1))
        assert Patient.objects.get() == glass.patient, "until its hour is over"
        look_through([])
        assert not Patient.objects.exists()
    assert not seen_by(nurse)


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_ties_and_memberships_count_by_the_day_that_is_named(nurse, days):
    day = date(2026, 11, 24)
    own = TieFactory(user=nurse, starts_on=day, ends_on=day).patient
    team = TeamFactory()
    MembershipFactory(team=team, user=nurse, starts_on=day, ends_on=day)
    shared = TieFactory(team=team, user=None).patient
    on = day + timedelta(days)
    with acting_as(nurse, on=on):
        walled = set(Patient.objects.all())
        assert walled == set(guard.patients_for(nurse, on=on))
    assert walled == ({own, shared} if days == 0 else set())


def test_everyone_is_everyone(nurse):
    TieFactory(user=nurse, population="everyone")
    patients = {PatientFactory().pk, PatientFactory().pk}
    assert seen_by(nurse) == patients


def test_everything_about_a_patient_is_behind_the_wall(nurse):
    for stranger, factory in ((PatientFactory(), f) for f in (IdentifierFactory, CoverageFactory, AddressFactory)):
        factory(patient=stranger)
    with acting_as(nurse):
        for table in (Identifier, Coverage, Address):
            assert not table.objects.exists()
    with acting_as("system:nightly"):
        assert Identifier.objects.exists()


def test_so_is_the_history(nurse):
    tie = TieFactory(user=nurse)
    for patient in (tie.patient, PatientFactory()):
        patient.family_name = "Changed"
        patient.save()
    with acting_as(nurse):
        assert {version.id for version in Patient.history.rel.related_model.objects.all()} == {tie.patient_id}


def test_nobody_ties_themselves_to_somebody_they_cannot_see(nurse):
    stranger = PatientFactory()
    with acting_as(nurse):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            BreakGlass.objects.create(
                user=UserFactory.build(pk=nurse.pk + 1), patient=stranger, reason="safety", words="x",
                starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=1),
            )  # fmt: skip
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            PopulationMember.objects.create(population="candidates", patient=stranger)


def test_a_stranger_cannot_be_changed_or_removed(nurse):
    stranger = PatientFactory(family_name="Abernathy")
    with acting_as(nurse):
        assert Patient.objects.filter(pk=stranger.pk).update(family_name="X") == 0
        assert Patient.objects.filter(pk=stranger.pk).delete()[0] == 0
    stranger.refresh_from_db()
    assert stranger.family_name == "Abernathy"


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set did = ''",
        "delete from audit_entry",
        "truncate registry_patient cascade",
        "insert into audit_seal (at, entries, last_position, digest) values (now(), 1, 1, '')",
        "delete from audit_waitingentry",
        "delete from registry_patienthistory",
        "alter table registry_patient disable row level security",
        "drop policy carewright_sight on registry_patient",
    ],
)
def test_the_web_role_may_not(nurse, statement):
    refused = pytest.raises(DatabaseError, match=r"permission denied|must be owner")
    with acting_as(nurse), connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(statement)


def test_the_web_role_writes_down_what_it_does(nurse):
    with acting_as(nurse):
        audit.happened("looked", by=nurse)
    assert Entry.objects.get().did == "looked"


def test_each_block_restores_what_was_before_it(nurse):
    tie = TieFactory(user=nurse)
    PatientFactory()
    with acting_as(nurse):
        assert Patient.objects.count() == 1
        with acting_as("system:access_review"):
            assert Patient.objects.count() == 2
        assert Patient.objects.count() == 1
        with pytest.raises(RuntimeError), acting_as("system:access_review"):
            raise RuntimeError
        assert list(Patient.objects.all()) == [tie.patient]
    assert Patient.objects.count() == 2


def test_a_failed_block_restores_too(nurse):
    PatientFactory()
    with acting_as(nurse):
        with acting_as("system:access_review"):
            transaction.set_rollback(True)
        assert Patient.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_a_system_actor_holds_none_open():
    patient = PatientFactory(family_name="Abernathy")
    with acting_as("system:nightly"):
        assert not connection.in_atomic_block
        Patient.objects.filter(pk=patient.pk).update(family_name="Changed")
    assert patient.history.get().pgh_by == "system:nightly"
    Patient.objects.filter(pk=patient.pk).update(family_name="Again")
    assert patient.history.last().pgh_by.startswith("database:")


@pytest.mark.django_db(transaction=True)
def test_a_system_actor_may_lose_the_connection():
    with acting_as("system:nightly"):
        connection.close()
    assert not Patient.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_nobody_again_after_a_request(nurse, client):
    TieFactory(user=nurse)
    client.force_login(nurse)
    client.get("/")
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('carewright.actor', true), current_user, session_user")
        actor, role, session = cursor.fetchone()
    assert not actor and role == session


@pytest.mark.parametrize("name", ["nightly", "system:", "user:1"])
def test_a_system_actor_is_named_as_one(name):
    with pytest.raises(ValueError, match="system"), acting_as(name):
        pass


def test_every_table_about_patients_is_behind_the_wall():
    """A table with a column that points to a patient has a policy, or stands here with its reason."""
    without = {
        "audit_entry": "names patients by number only; who may read it is decided by its pages",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
            " where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace"
            " and not c.relrowsecurity and (a.attname like '%%patient_id%%' or c.relname = 'registry_patient')"
        )
        bare = {row[0] for row in cursor.fetchall()} - set(without)
    assert not bare, f"Protect these in a migration with plumbing.row_security.protect: {sorted(bare)}"


def test_the_sight_of_a_row_is_said_in_sql():
    assert "patient_id = t.patient_id" in sight("t.patient_id")
    assert sight("t.patient_id", or_else="true").endswith("OR true")


@override_settings(SECOND_FACTOR_ROLES=frozenset({"none"}))
def test_a_tie_knows_itself_in_words(nurse):
    tie = TieFactory(user=nurse)
    assert str(tie).startswith(f"user {nurse.pk} to patient {tie.patient_id}")
    assert str(Tie(team_id=3, population="everyone", starts_on=date(2026, 1, 1))).startswith("team 3 to everyone")


@pytest.mark.parametrize("everyone", [True, False])
def test_the_wall_is_cheap_to_plan(nurse, everyone):
    """A plan with many parts costs more than the question: sixty questions a page, each planned anew."""
    PatientFactory()
    TieFactory(user=nurse, population="everyone" if everyone else "candidates")
    with acting_as(nurse), connection.cursor() as cursor:
        cursor.execute("explain (costs off) select * from registry_patient where id = 5")
        assert len(cursor.fetchall()) < 45
