"""People who become known are compared as they come: by member number at once, by likelihood in a job soon after."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from carewright.jobs import arrivals, nightly
from carewright.kernel.errors import NotNow
from carewright.registry import joining
from carewright.registry.matching import actions
from carewright.registry.models import Join, Patient, PossibleMatch
from tests.factories.registry import AddressFactory, ContactPointFactory, CoverageFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def ruth(member_id="M1", **more):
    patient = PatientFactory(**{"given_name": "Ruth", "family_name": "Abernathy"} | more)
    if member_id:
        CoverageFactory(patient=patient, member_id=member_id)
    return patient


def arriving(by="system:ingest"):
    return actions.on_arrival(by=by, at=AT)


def test_a_newcomer_with_the_member_number_name_and_birth_date_of_somebody_is_joined_at_once():
    known = ruth()
    with arriving():
        newcomer = ruth()
    join = Join.objects.get()
    assert (join.patient, join.other, join.by_machine, join.score) == (known, newcomer, True, None)
    assert "The same member number of one payer" in join.why


def test_also_when_a_colleague_brought_the_file():
    ruth()
    with arriving(by=UserFactory()):
        ruth()
    assert Join.objects.get().by_machine


@pytest.mark.parametrize(
    "differs",
    [
        {"given_name": "Rita"}, {"born_on": date(1975, 5, 2)}, {"born_on": None}, {"name_suffix": "Jr"},
        {"sex": "male"}, {"member_id": "M2"}, {"member_id": ""},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_speaks_against_it_wins(differs):
    ruth()
    with arriving():
        ruth(**differs)
    assert not Join.objects.exists()


def test_two_whom_a_person_kept_apart_stay_apart():
    known = ruth()
    with arriving():
        newcomer = ruth(member_id="")
    actions.let_wait((known.pk, newcomer.pk), ["same_name"], by="system:t", at=AT)
    joining.keep_apart(match=PossibleMatch.objects.get(), because="Cousins", by=UserFactory(), at=AT)
    CoverageFactory(patient=newcomer, member_id="M1")
    assert actions.join_by_member_number(newer_than=known.pk, by="system:ingest", at=AT) == 0
    assert Patient.objects.count() == 2


def test_three_who_come_together_are_joined_two_by_two():
    with arriving():
        for _ in range(3):
            ruth()
    assert Join.objects.count() == 1
    assert actions.join_by_member_number(newer_than=0, by="system:ingest", at=AT) == 1
    assert Patient.objects.count() == 1


def test_those_who_were_there_before_are_left_to_the_night():
    ruth(), ruth()
    with arriving():
        PatientFactory()
    assert not Join.objects.exists()


class TestTheJob:
    def deferred(self, capture, count=1):
        with capture(execute=True), arriving():
            for _ in range(count):
                PatientFactory()
        return list(ProcrastinateJob.objects.filter(task_name=actions.SOON))

    def test_newcomers_are_compared_soon(self, django_capture_on_commit_callbacks):
        known = PatientFactory()
        [job] = self.deferred(django_capture_on_commit_callbacks)
        assert job.args == {"newer_than": known.pk}

    def test_one_job_waits_for_all_who_come_meanwhile(self, django_capture_on_commit_callbacks):
        self.deferred(django_capture_on_commit_callbacks)
        [job] = self.deferred(django_capture_on_commit_callbacks)
        assert job.args == {"newer_than": 0}

    def test_nothing_is_queued_when_nobody_is_new(self, django_capture_on_commit_callbacks):
        assert self.deferred(django_capture_on_commit_callbacks, count=0) == []

    def test_a_first_load_is_left_to_the_night(self, django_capture_on_commit_callbacks, monkeypatch):
        monkeypatch.setattr(actions, "TOO_MANY", 2)
        assert self.deferred(django_capture_on_commit_callbacks, count=3) == []

    def test_a_file_that_fails_joins_and_queues_nothing(self, django_capture_on_commit_callbacks):
        ruth()
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), arriving():
            ruth()
            1 / 0  # noqa: B018
        assert not Join.objects.exists() and not ProcrastinateJob.objects.filter(task_name=actions.SOON).exists()

    def test_it_joins_a_newcomer_by_likelihood_and_leaves_the_others_alone(self):
        old = [self.alike("413-555-0100") for _ in range(2)]
        newest = actions.newest_record()
        known, newcomer = self.alike("413-555-0177", "Dora", "Ortega"), self.alike("413-555-0177", "Dora", "Ortega")
        actions.find_matches(by="system:matching", at=AT, newer_than=known.pk)
        join = Join.objects.get()
        assert (join.patient, join.other) == (known, newcomer)
        assert newest == old[1].pk
        arrivals.match_newcomers(newer_than=0)
        assert Join.objects.count() == 2, "and all of them when all are new"

    def alike(self, phone, given="Ruth", family="Abernathy"):
        patient = PatientFactory(given_name=given, family_name=family)
        AddressFactory(patient=patient)
        ContactPointFactory(patient=patient, value=phone)
        return patient

    def test_a_pair_gets_the_same_likelihood_among_newcomers_as_among_all(self):
        for number in range(40):
            PatientFactory(
                given_name=f"Zed{number}", family_name=f"Quill{number}", born_on=date(1931, 1, 1 + number % 28)
            )
        known = PatientFactory(given_name="Ruth", family_name="Abernathy")
        newcomer = PatientFactory(given_name="Ruthie", family_name="Abernathy")
        actions.find_matches(by="system:matching", at=AT, newer_than=known.pk)
        among_newcomers = PossibleMatch.objects.get(patient=known, other=newcomer).score
        actions.find_matches(by="system:matching", at=AT)
        assert PossibleMatch.objects.get(patient=known, other=newcomer).score == among_newcomers

    @pytest.fixture
    def somebody_looks(self):
        """Another process is looking for matches; `somebody_looks()` lets it finish."""
        elsewhere = connection.copy()
        with elsewhere.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [actions.LOCK])
            yield lambda: cursor.execute("select pg_advisory_unlock(%s)", [actions.LOCK])
        elsewhere.close()

    def test_two_never_look_at_once(self, somebody_looks):
        with pytest.raises(NotNow, match="right now"):
            actions.find_matches(by="system:matching", at=AT)
        somebody_looks()
        assert actions.find_matches(by="system:matching", at=AT).records == 0

    def test_the_night_waits_for_its_turn(self, somebody_looks):
        nightly.match_people(AT)
        job = ProcrastinateJob.objects.get(task_name=actions.SOON)
        assert job.args == {"newer_than": 0}, "everybody is newer than nobody"
        somebody_looks()
        self.alike("413-555-0100"), self.alike("413-555-0100")
        arrivals.match_newcomers(**job.args)
        assert Join.objects.count() == 1
