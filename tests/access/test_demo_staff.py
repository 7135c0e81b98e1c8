"""The colleagues of a demo: one for each role, seeing what such a role sees; and never in a home with real people."""

from datetime import date

import pytest

from carewright.access import demo_staff, guard
from carewright.access.models import PopulationMember
from carewright.kernel.errors import NotPermitted
from carewright.plumbing import home
from carewright.staff import roles
from carewright.staff.models import User
from tests.factories.registry import PatientFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


@pytest.fixture
def demo_home(tmp_path, monkeypatch):
    here = home.Home(tmp_path)
    here.mark_as_demo("small")
    monkeypatch.setattr(home, "current", lambda: here)


def test_not_in_a_home_with_real_people(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "current", lambda: home.Home(tmp_path))
    with pytest.raises(NotPermitted):
        demo_staff.add_demo_staff(by="system:demo", on=DAY)
    assert demo_staff.listed() == [] and not User.objects.exists()


def test_every_role_has_somebody_who_can_sign_in(demo_home):
    listed = demo_staff.add_demo_staff(by="system:demo", on=DAY)
    assert {row["role"] for row in listed} == {role.name for role in roles.ROLES}
    for row in listed:
        assert set(row) == {"role", "name", "sign_in", "password"}
    assert User.objects.get(email=listed[0]["sign_in"]).check_password(listed[0]["password"])


def test_twice_is_once(demo_home):
    first = demo_staff.add_demo_staff(by="system:demo", on=DAY)
    assert demo_staff.add_demo_staff(by="system:demo", on=DAY) == first
    assert User.objects.count() == len(first)


def test_whom_each_of_them_sees(demo_home):
    demo_staff.add_demo_staff(by="system:demo", on=DAY)
    candidate, other = PatientFactory(), PatientFactory()
    PopulationMember.objects.create(population="candidates", patient=candidate)
    seen = {user.role: set(guard.patients_for(user, on=DAY)) for user in User.objects.all()}
    everyone, candidates = {candidate, other}, {candidate}
    assert seen == {
        "supervisor": everyone, "medical_director": everyone, "analyst": everyone, "quality": everyone,
        "care_manager": candidates, "social_worker": candidates, "community_health_worker": candidates,
        "behavioral_health_clinician": candidates, "pharmacist": candidates, "billing": candidates,
        "referral_coordinator": candidates, "administrator": set(),
    }  # fmt: skip
