"""Who works here and whom they may see: every change is written down, and some are refused."""

from datetime import date, timedelta

import pytest

from carewright.access import people, ties
from carewright.audit.models import Entry
from carewright.kernel.errors import CannotDo, NotNow
from carewright.staff.models import Membership, User
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import OrganizationFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


@pytest.fixture
def boss():
    return UserFactory(role="administrator")


def wrote(did: str) -> bool:
    return Entry.objects.filter(did=did).exists()


def add(boss, **changed) -> User:
    given = {"email": "New@Example.org ", "first_name": "Tom", "last_name": "Reyes", "role": "care_manager"}
    return people.add_person(**given | changed, by=boss)


def test_somebody_is_added_without_a_password_and_once(boss):
    person = add(boss)
    assert person.email == "new@example.org" and not person.has_usable_password() and wrote("added_person")
    with pytest.raises(CannotDo, match="works here already"):
        add(boss)


def test_a_name_is_mended_and_a_role_is_changed(boss):
    person = people.describe(person=add(boss), first_name=" T ", last_name="R", credential="RN", by=boss)
    assert person.full_title == "T R, RN"
    assert people.change_role(person=person, role="supervisor", by=boss, why="promoted").role == "supervisor"
    assert Entry.objects.get(did="changed_role").after == {"role": "supervisor"}
    with pytest.raises(CannotDo, match="no role"):
        people.change_role(person=person, role="astronaut", by=boss)


def test_the_last_administrator_stays_one(boss):
    with pytest.raises(NotNow, match="last administrator"):
        people.change_role(person=boss, role="supervisor", by="system:identity_provider")
    with pytest.raises(NotNow, match="last administrator"):
        people.close_account(person=boss, by=UserFactory())
    second = UserFactory(role="administrator")
    assert people.change_role(person=boss, role="administrator", by=second).role == "administrator"
    assert people.close_account(person=boss, by=second).is_active is False


def test_an_account_is_closed_and_opened_and_never_ones_own(boss):
    person = add(boss)
    with pytest.raises(NotNow, match="is open"):
        people.open_account(person=person, by=boss)
    people.close_account(person=person, by=boss)
    with pytest.raises(NotNow, match="closed already"):
        people.close_account(person=person, by=boss)
    with pytest.raises(NotNow, match="is closed"):
        people.invitation(person=person, by=boss)
    assert people.open_account(person=person, by=boss).is_active
    with pytest.raises(CannotDo, match="their own"):
        people.close_account(person=boss, by=boss)


def test_an_invitation_works_once_and_names_nobody(boss):
    person = add(boss)
    code = people.invitation(person=person, by=boss)
    assert people.invited(code) == person and person.email not in code and code not in str(Entry.objects.values())
    people.choose_password(person=person, password="a long enough one", by=person)
    assert people.invited(code) is None
    for nonsense in ("", "x", "MQ-abc", "!!-x", "gICA-x"):
        assert people.invited(nonsense) is None


def test_a_lost_second_factor_and_an_ended_session_are_written_down(boss):
    person = add(boss)
    assert people.reset_second_factor(person=person, by=boss) == 0
    people.signed_out(person=person, sessions=2, by=boss)
    assert wrote("reset_second_factor") and wrote("signed_out")


def test_teams_are_joined_and_left(boss):
    team = people.add_team(name=" Complex care ", by=boss)
    with pytest.raises(CannotDo, match="team of this name"):
        people.add_team(name="Complex care", by=boss)
    assert people.describe_team(team=team, name="Care", description="x", by=boss).name == "Care"
    person = add(boss)
    membership = people.join_team(person=person, team=team, on=DAY, leads=True, by=boss)
    with pytest.raises(NotNow, match="already"):
        people.join_team(person=person, team=team, on=DAY, by=boss)
    people.leave_team(membership=membership, on=DAY - timedelta(5), by=boss)
    assert Membership.objects.get().ends_on == DAY
    with pytest.raises(NotNow, match="left"):
        people.leave_team(membership=membership, on=DAY + timedelta(1), by=boss)


def test_a_home_is_set_up_once():
    given = {
        "organization": "Riverside", "time_zone": "America/Chicago", "backup_folder": "", "email": "a@example.org",
        "first_name": "Alex", "last_name": "Kim", "password": "a long enough one",
    }  # fmt: skip
    person = people.set_up(**given)
    assert person.role == "administrator" and person.check_password("a long enough one")
    with pytest.raises(NotNow, match="set up already"):
        people.set_up(**given)


def test_the_organization_is_changed(boss):
    place = people.change_organization(
        organization=OrganizationFactory(), name=" Lakeside ", time_zone="America/Chicago", backup_folder="/b", by=boss
    )
    assert (place.name, place.time_zone) == ("Lakeside", "America/Chicago") and wrote("changed_organization")


def test_a_team_is_tied_to_a_population_once(boss):
    team = TeamFactory()
    tie = ties.tie_to_population(population="everyone", because="oversight", on=DAY, by=boss, team=team)
    assert tie.team == team and wrote("tied")
    with pytest.raises(NotNow, match="may see everyone"):
        ties.tie_to_population(population="everyone", because="oversight", on=DAY, by=boss, team=team)
    ties.end_tie(tie=tie, on=DAY - timedelta(3), by=boss)
    assert tie.ends_on == DAY
    with pytest.raises(NotNow, match="ended already"):
        ties.end_tie(tie=tie, on=DAY, by=boss)


def test_a_tie_is_of_one_and_ends_after_it_starts(boss):
    with pytest.raises(CannotDo, match="Say one"):
        ties.tie_to_population(population="everyone", because="oversight", on=DAY, by=boss)
    with pytest.raises(CannotDo, match="cannot end"):
        ties.tie_to_population(
            population="everyone", because="cover", on=DAY, until=DAY - timedelta(1), by=boss, user=UserFactory()
        )


def test_populations_in_words(boss):
    PatientFactory(payer="Evergreen")
    PatientFactory(payer="")
    assert ties.payers() == ["Evergreen"]
    assert ties.said(TieFactory().population) == "one person"
    assert ties.said("candidates") == "everyone some program suggests"
