"""The role that groups gave goes with the groups; what an administrator gave stays."""

from types import SimpleNamespace

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from carewright.access import people
from carewright.audit.models import Entry
from carewright.staff.models import User
from carewright.web.accounts import StaffIdentities
from carewright.web.identity_provider import RoleMap
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
EMAIL = "nadia@riverside.example.org"


@pytest.fixture(autouse=True)
def mapped(settings):
    settings.IDENTITY_PROVIDER_ROLES = RoleMap("groups", {"leads": "supervisor", "nurses": "care_manager"})
    UserFactory(role="administrator")


def come(*groups, email=EMAIL, **claims):
    """Somebody comes from the provider with these groups; the page that keeps them outside, or None."""
    known = User.objects.filter(email=email).first()
    said = {"email": email, "email_verified": True, "given_name": "Nadia", "groups": list(groups)} | claims
    said = {name: value for name, value in said.items() if value is not None}
    login = SimpleNamespace(
        user=known, is_existing=known is not None, account=SimpleNamespace(extra_data={"userinfo": said}),
        connect=lambda request, user: None,
    )  # fmt: skip
    try:
        StaffIdentities().pre_social_login(RequestFactory().get("/"), login)
    except ImmediateHttpResponse as outside:
        return outside.response.content.decode()
    return None


def nadia() -> User:
    return User.objects.get(email=EMAIL)


def test_who_lost_every_group_stays_outside_and_is_told_why():
    assert come("nurses") is None
    assert "none of your groups has one now" in come("everyone")
    assert (nadia().is_active, nadia().role) == (False, "care_manager")
    entry = Entry.objects.get(did="closed_account")
    assert (entry.by, entry.why) == ("system:identity_provider", people.GROUPS_DROPPED)
    assert "none of your groups has one now" in come(groups=None)
    assert Entry.objects.filter(did="closed_account").count() == 1


def test_a_group_that_is_a_role_opens_the_account_again():
    come("nurses")
    come("everyone")
    assert come("leads") is None
    assert (nadia().is_active, nadia().role, nadia().dropped_at) == (True, "supervisor", None)


def test_a_role_an_administrator_gave_stays_without_a_group():
    UserFactory(role="pharmacist", email=EMAIL)
    assert come("everyone") is None
    assert (nadia().is_active, nadia().role) == (True, "pharmacist")


def test_what_an_administrator_said_after_the_groups_stays_too():
    come("nurses")
    people.change_role(person=nadia(), role="pharmacist", by=UserFactory(role="administrator"))
    assert come("everyone") is None
    assert nadia().role == "pharmacist"
    come("nurses")
    assert nadia().role == "care_manager"
    assert come("everyone") is not None


def test_whom_an_administrator_lets_in_again_stays():
    come("nurses")
    come("everyone")
    people.open_account(person=nadia(), by=UserFactory(role="administrator"))
    assert come("everyone") is None
    assert nadia().is_active


def test_what_an_administrator_closed_no_group_opens():
    come("nurses")
    people.close_account(person=nadia(), by=UserFactory(role="administrator"))
    come("leads")
    assert not nadia().is_active


def test_the_last_administrator_is_not_shut_out(settings):
    User.objects.update(role="care_manager")
    settings.IDENTITY_PROVIDER_ROLES = RoleMap("groups", {"chiefs": "administrator"})
    come("chiefs")
    assert come("everyone") is None
    assert nadia().is_active


def test_groups_that_were_left_out_and_a_map_that_was_emptied_drop_nobody(settings):
    come("nurses")
    assert come(groups=None, _claim_names={"groups": "src1"}) is None
    settings.IDENTITY_PROVIDER_ROLES = RoleMap()
    assert come("everyone") is None
    assert nadia().is_active


def test_an_administrator_sees_why(client, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
    come("nurses")
    come("everyone")
    client.force_login(UserFactory(role="administrator"))
    page = client.get(reverse("administration:person", args=[nadia().pk]), follow=True).content.decode()
    assert "none of their groups was a role here any more" in page
    assert nadia().dropped_at <= timezone.now()
