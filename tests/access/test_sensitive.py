"""Which facts stay closed to whom: by tag, by kind of fact, and by role."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from carewright.access import sensitive
from carewright.registry.models import Coverage, Patient
from carewright.staff import roles
from tests.factories.registry import CoverageFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


class Fact(models.Model):
    """A tagged fact for these tests, in a table of its own."""

    tags = ArrayField(models.TextField(), default=list)
    said = models.TextField()

    class Meta:
        app_label = "chart"
        managed = False
        db_table = "test_fact"

    def __str__(self):
        return self.said


@pytest.fixture
def facts():
    with connection.cursor() as cursor:
        cursor.execute("create temporary table test_fact (id bigserial primary key, tags text[] not null, said text)")
    for tag in sensitive.EVERY_TAG:
        Fact.objects.create(tags=[tag], said=tag)
    Fact.objects.create(tags=["part2", "behavioral"], said="two")
    Fact.objects.create(tags=[], said="plain")


EXPECTED = {
    "care_manager": {"plain", "behavioral", "hiv", "reproductive", "safety", "minor"},
    "pharmacist": {"plain", "behavioral", "hiv", "reproductive", "minor"},
    "analyst": {"plain"},
    "quality": {"plain"},
    "community_health_worker": set(),
    "billing": set(),
    "referral_coordinator": set(),
    "administrator": set(),
}


@pytest.mark.parametrize("role", EXPECTED)
def test_what_each_role_sees_of_clinical_facts(facts, role):
    user = UserFactory(role=role)
    seen = set(sensitive.without_hidden(Fact.objects.all(), user).values_list("said", flat=True))
    assert seen == EXPECTED[role]


@pytest.mark.parametrize("role", roles.CODES)
def test_part2_is_closed_to_every_role(role):
    assert "part2" in sensitive.hidden_tags(UserFactory(role=role))


def test_a_stranger_and_a_closed_account_see_no_tagged_fact(facts):
    for nobody in (AnonymousUser(), UserFactory(is_active=False)):
        assert sensitive.hidden_tags(nobody) == sensitive.EVERY_TAG
        assert not sensitive.without_hidden(Fact.objects.all(), nobody)
        assert not sensitive.sees_clinical(nobody) and not sensitive.sees_direct(nobody)


def test_a_role_without_clinical_sight_sees_who_is_covered():
    coverage = CoverageFactory()
    billing = UserFactory(role="billing")
    assert list(sensitive.without_hidden(Coverage.objects.all(), billing)) == [coverage]
    assert not sensitive.without_hidden(Patient.objects.all(), billing)


def test_people_without_names():
    patient = PatientFactory(given_name="Ruth", family_name="Abernathy")
    assert sensitive.name_shown(patient, UserFactory()) == "Ruth Abernathy"
    masked = sensitive.name_shown(patient, UserFactory(role="analyst"))
    assert masked.startswith("Person ") and "Abernathy" not in masked


@pytest.mark.parametrize(("tags", "hidden"), [("", False), ("hiv", False), ("safety", True), ("hiv;part2", True)])
def test_a_claim_line_is_judged_by_its_tags(tags, hidden):
    pharmacist = UserFactory(role="pharmacist")
    assert sensitive.is_hidden(tags, pharmacist) is hidden
    assert sensitive.is_hidden([tag for tag in tags.split(";") if tag], pharmacist) is hidden
