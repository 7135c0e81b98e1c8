"""Colleagues and teams: what the database itself refuses, and what stays of a change."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from carewright.staff.models import Membership, Organization, User
from tests.factories.staff import MembershipFactory, OrganizationFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


def test_one_signs_in_with_an_email_however_it_is_written():
    user = User.objects.create_user(" Maria@Example.ORG ", "secret", first_name="M", last_name="D", role="supervisor")
    assert user.email == "maria@example.org" and user.check_password("secret")
    assert User.objects.get_by_natural_key("MARIA@example.org") == user
    user.email = "MARIA@EXAMPLE.ORG"
    user.full_clean()
    assert user.email == "maria@example.org"


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"email": "Maria@example.org"}, "user_email_in_small_letters"),
        ({"role": "astronaut"}, "user_role_is_known"),
        ({"first_name": "  "}, "user_first_name_not_blank"),
        ({"last_name": ""}, "user_last_name_not_blank"),
    ],
)
def test_the_database_refuses(changed, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        UserFactory(**changed)


def test_how_a_colleague_is_called():
    user = UserFactory.build(first_name="Priya", last_name="Nair", credential="RN", role="supervisor")
    assert (str(user), user.get_full_name(), user.get_short_name()) == ("Priya Nair", "Priya Nair", "Priya")
    assert (user.full_title, user.initials, user.described_role.name) == ("Priya Nair, RN", "PN", "Supervisor")
    user.credential = ""
    assert user.full_title == "Priya Nair"


def test_a_membership_counts_from_its_first_to_its_last_day():
    membership = MembershipFactory(starts_on=DAY, ends_on=DAY)
    assert list(Membership.objects.on(DAY)) == [membership]
    assert not Membership.objects.on(date(2026, 11, 23)) and not Membership.objects.on(date(2026, 11, 25))
    with pytest.raises(IntegrityError, match="ends_after_it_starts"), transaction.atomic():
        MembershipFactory(starts_on=DAY, ends_on=date(2026, 11, 23))
    assert " in " in str(membership) and str(membership.team) == membership.team.name


def test_one_belongs_to_a_team_once_at_a_time():
    membership = MembershipFactory()
    with pytest.raises(IntegrityError, match="open_once"), transaction.atomic():
        MembershipFactory(team=membership.team, user=membership.user)
    membership.ends_on = DAY
    membership.save()
    MembershipFactory(team=membership.team, user=membership.user, starts_on=date(2026, 11, 25))


def test_there_is_one_organization():
    assert str(OrganizationFactory()) == "Riverside Care"
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganizationFactory()
    assert Organization.objects.count() == 1


def test_what_a_colleague_was_stays_and_the_password_does_not():
    user = UserFactory(role="care_manager")
    user.role = "supervisor"
    user.save()
    version = user.history.get()
    assert version.role == "care_manager" and not hasattr(version, "password")
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        user.history.update(role="nobody")
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        user.history.all().delete()


def test_signing_in_and_reading_habits_are_no_history():
    user = UserFactory()
    user.preferences, user.password = {"theme": "dark"}, "another"
    user.save()
    assert not user.history.exists()


def test_a_change_by_plain_sql_leaves_its_trace_too():
    from django.db import connection

    team = TeamFactory(name="Before")
    with connection.cursor() as cursor:
        cursor.execute("update staff_team set name = 'After'")
        cursor.execute("delete from staff_team")
    assert list(team.history.order_by("pgh_id").values_list("pgh_label", "name")) == [
        ("changed", "Before"), ("removed", "After"),
    ]  # fmt: skip
