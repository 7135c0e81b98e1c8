"""The only door to a patient: who is let in, who is told nothing, and what is written down."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone

from carewright.access import guard
from carewright.audit.models import Entry
from carewright.staff.roles import Permission
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import MembershipFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


@pytest.fixture
def asks(rf):
    def asks(user):
        request = rf.get("/patients/somebody")
        request.user = user
        return request

    return asks


def test_a_stranger_is_not_told_that_the_patient_exists(asks):
    with pytest.raises(Http404):
        guard.open_patient(asks(UserFactory()), PatientFactory().public_id)
    assert not Entry.objects.filter(did="saw").exists()


def test_opening_a_chart_is_written_down(asks):
    tie = TieFactory()
    assert guard.open_patient(asks(tie.user), tie.patient.public_id) == tie.patient
    entry = Entry.objects.get(did="saw")
    assert (entry.by, entry.by_role, entry.patient_ids) == (tie.user.email, "care_manager", [tie.patient_id])


@pytest.mark.parametrize(
    ("role", "purpose"), [("care_manager", "treatment"), ("supervisor", "treatment"), ("billing", "payment")]
)
def test_the_log_says_what_for_a_record_is_opened_at_this_work(asks, role, purpose):
    """Somebody who bills does not treat: an accounting of who looked would say so falsely."""
    tie = TieFactory(user=UserFactory(role=role))
    guard.open_patient(asks(tie.user), tie.patient.public_id)
    assert Entry.objects.get(did="saw").purpose == purpose


def test_a_tie_counts_from_its_first_to_its_last_day_inclusive():
    tie = TieFactory(starts_on=DAY, ends_on=DAY)
    assert list(guard.patients_for(tie.user, on=DAY)) == [tie.patient]
    assert not guard.patients_for(tie.user, on=DAY - timedelta(1))
    assert not guard.patients_for(tie.user, on=DAY + timedelta(1))


def test_what_a_team_may_see_each_member_may_see_while_a_member():
    team, nurse = TeamFactory(), UserFactory()
    MembershipFactory(team=team, user=nurse, starts_on=DAY, ends_on=DAY)
    patient = TieFactory(team=team, user=None, because="team").patient
    assert list(guard.patients_for(nurse, on=DAY)) == [patient]
    assert not guard.patients_for(nurse, on=DAY + timedelta(1))


def test_a_population_tie_opens_the_population_and_no_more():
    ours, theirs = PatientFactory(payer="Evergreen"), PatientFactory(payer="Other")
    nurse = TieFactory(population="payer:Evergreen").user
    assert list(guard.patients_for(nurse, on=DAY)) == [ours]
    assert set(guard.patients_for(TieFactory(population="everyone").user, on=DAY)) == {ours, theirs}


def test_an_administrator_sees_no_patient_even_with_a_tie():
    boss = UserFactory(role="administrator")
    TieFactory(user=boss, population="everyone")
    PatientFactory()
    assert not guard.patients_for(boss, on=timezone.localdate())


def test_a_view_says_what_it_requires():
    view = guard.requires(Permission.EXPORT, Permission.SEE_CHART)(lambda request: None)
    assert view.requires == {Permission.EXPORT, Permission.SEE_CHART}
    assert guard.for_all_staff(lambda request: None).requires == frozenset()
    with pytest.raises(ValueError, match="for_all_staff"):
        guard.requires()


def test_a_public_page_is_on_the_list_by_name_or_by_its_beginning():
    assert guard.is_public("account_login") and guard.is_public("account_reset_password_done")
    assert not guard.is_public("population:candidates") and not guard.is_public("my_account_login")


@pytest.mark.parametrize("guarded", [guard.requires(Permission.EXPORT), guard.for_all_staff])
def test_nobody_is_sent_to_the_sign_in_page(asks, guarded):
    answer = guarded(lambda request: pytest.fail("let in"))(asks(AnonymousUser()))
    assert answer.status_code == 302 and answer.url.startswith("/sign-in?next=")


def test_a_refusal_says_who_may_and_is_written_at_once_without_the_middleware(asks):
    view = guard.requires(Permission.MANAGE_PEOPLE)(lambda request: pytest.fail("let in"))
    with pytest.raises(guard.MayNot, match="These roles may: Administrator"):
        view(asks(UserFactory()))
    assert Entry.objects.get().outcome == "refused"


def test_whoever_may_is_let_in(asks):
    assert guard.requires(Permission.EXPORT)(lambda request: "in")(asks(UserFactory())) == "in"
    assert guard.for_all_staff(lambda request: "in")(asks(UserFactory())) == "in"


def test_a_list_is_one_line_and_an_empty_one_none(asks):
    nurse, patients = UserFactory(), [PatientFactory(), PatientFactory()]
    guard.saw_list(asks(nurse), [])
    assert not Entry.objects.exists()
    guard.saw_list(asks(nurse), [patients[0], patients[1].pk])
    assert Entry.objects.get().patient_ids == [patient.pk for patient in patients]


def test_nobody_s_refusal_has_no_name_to_write(asks):
    guard.note_refusal(asks(AnonymousUser()), what="a page", why="nobody")
    assert not Entry.objects.exists()


def test_a_role_without_it_has_no_open_glass():
    assert guard.open_glass(UserFactory(role="billing"), PatientFactory().public_id) is None


def test_a_closed_account_sees_nobody():
    tie = TieFactory()
    tie.user.is_active = False
    assert not guard.patients_for(tie.user, on=DAY)
