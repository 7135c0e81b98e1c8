"""Invented colleagues and teams."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from carewright.staff.models import Membership, Organization, Team, User

PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory):
    """A colleague, a care manager unless said otherwise; signs in with `PASSWORD` when `with_password=True`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        with_password = factory.Trait(password=factory.django.Password(PASSWORD))

    email = factory.Sequence(lambda n: f"colleague{n}@example.org")
    first_name = "Maria"
    last_name = factory.Sequence(lambda n: f"Alvarez{n}")
    role = "care_manager"
    credential = "RN"
    password = "!"


class TeamFactory(DjangoModelFactory):
    """A team without members; `TeamFactory(members=[user])` adds some."""

    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")

    @factory.post_generation
    def members(self, create, extracted, **kwargs):
        if create:
            for user in extracted or ():
                MembershipFactory(team=self, user=user)


class MembershipFactory(DjangoModelFactory):
    """Belonging to a team since January 1, 2020."""

    class Meta:
        model = Membership

    team = factory.SubFactory(TeamFactory)
    user = factory.SubFactory(UserFactory)
    starts_on = date(2020, 1, 1)


class OrganizationFactory(DjangoModelFactory):
    """The one organization."""

    class Meta:
        model = Organization

    name = "Riverside Care"
