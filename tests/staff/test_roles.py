"""What each role may do and see, as the program promised it (issue: who may come in; rules: consent and privacy §4)."""

import pytest
from django.contrib.auth.models import AnonymousUser

from carewright.staff import roles
from carewright.staff.models import User
from carewright.staff.roles import BY_CODE, ROLES, Permission
from tests.factories.staff import UserFactory

P = Permission


def may(code: str) -> frozenset[Permission]:
    return BY_CODE[code].may


def test_there_are_the_twelve_roles_of_a_program():
    assert [role.code for role in ROLES] == [
        "care_manager", "social_worker", "community_health_worker", "behavioral_health_clinician", "pharmacist",
        "supervisor", "medical_director", "analyst", "quality", "billing", "referral_coordinator", "administrator",
    ]  # fmt: skip


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.code)
def test_a_role_is_described_to_whoever_holds_it(role):
    assert role.description.startswith("You ") and role.description.endswith(".")
    assert role.may, "A role that may do nothing is no role."


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_said_in_words_and_held_by_somebody(permission):
    assert permission.said[0].islower() and not permission.said.endswith(".")
    assert roles.who_may(permission)


@pytest.mark.parametrize("code", ["billing", "administrator", "community_health_worker", "referral_coordinator"])
def test_who_sees_no_candidates(code):
    assert not may(code) & {P.SEE_CANDIDATES, P.DECIDE_CANDIDATES}


def test_the_administrator_manages_people_and_sees_no_patient():
    role = BY_CODE["administrator"]
    assert P.MANAGE_PEOPLE in role.may
    assert not role.sees_patients and not role.sees_clinical and not role.sees_direct
    assert roles.who_may(P.MANAGE_PEOPLE) == (role,)


def test_the_community_health_worker_sees_social_facts_and_no_clinical_ones():
    role = BY_CODE["community_health_worker"]
    assert not role.sees_clinical and "safety" not in role.hidden_tags
    assert {"behavioral", "hiv", "reproductive", "minor"} <= role.hidden_tags


@pytest.mark.parametrize("code", ["analyst", "quality"])
def test_who_sees_people_without_their_names(code):
    role = BY_CODE[code]
    assert not role.sees_direct and role.hidden_tags >= roles.SENSITIVE
    assert P.SEE_CHART not in role.may


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.code)
def test_part2_is_hidden_from_every_role(role):
    assert "part2" in role.hidden_tags


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.code)
def test_what_needs_something_else_comes_with_it(role):
    if P.DECIDE_CANDIDATES in role.may:
        assert P.SEE_CANDIDATES in role.may
    if P.BREAK_GLASS in role.may:
        assert P.SEE_CHART in role.may and role.sees_direct, "Emergency access shows a person by name."
    if P.REVIEW_ACCESS in role.may:
        assert P.SEE_ACCESS_LOG in role.may
        assert P.BREAK_GLASS not in role.may, "Who reviews emergency access does not use it."
    if P.MANAGE_IMPORTS in role.may:
        assert P.SEE_IMPORTS in role.may


@pytest.mark.django_db
def test_a_closed_account_and_a_stranger_may_do_nothing():
    assert roles.role_of(AnonymousUser()) is None
    closed = UserFactory(is_active=False)
    assert roles.role_of(closed) is None and not closed.may(P.SEE_CHART)
    assert UserFactory().may(P.SEE_CHART)


def test_a_role_no_longer_known_may_do_nothing():
    assert not roles.allows(User(role="astronaut"), P.SEE_CHART)
