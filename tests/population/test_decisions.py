"""Decisions outlive runs, come back on their day, and say who may take them back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from carewright.audit.models import Entry
from carewright.kernel.errors import NotNow, NotPermitted
from carewright.population import actions, queries, receive
from carewright.population.filters import Filters
from carewright.population.models import CandidateDecision, ProgramSetting, Score
from carewright.population.queries import Reader
from tests.factories.access import TieFactory
from tests.factories.staff import MembershipFactory, TeamFactory, UserFactory
from tests.population.conftest import NOW
from tests.population.published import ordinary_world, write_run

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def nurse(db):
    user = UserFactory(role="care_manager")
    TieFactory(user=user, patient=None, population="everyone", starts_on=date(2020, 1, 1))
    return user


@pytest.fixture
def supervisor(db):
    return UserFactory(role="supervisor")


def waiting(user, run, on=TODAY) -> set[int]:
    return set(queries.people(Reader(user, on), run, Filters(state="waiting")).values_list("patient", flat=True))


def test_an_accepted_person_leaves_the_waiting_list_and_is_found_under_accepted(run, nurse, patient):
    ada = patient("ada")
    assert ada.pk in waiting(nurse, run)
    actions.accept(patient=ada, by=nurse, at=NOW)
    assert ada.pk not in waiting(nurse, run)
    accepted = queries.people(Reader(nurse, TODAY), run, Filters(state="accepted"))
    assert [row.patient_id for row in accepted] == [ada.pk]
    assert Entry.objects.filter(did="decide_accepted", patient_ids=[ada.pk], by=nurse.email).exists()


def test_not_now_holds_through_its_last_day_and_comes_back_the_day_after(run, nurse, patient):
    ada, until = patient("ada"), TODAY + timedelta(days=14)
    actions.not_now(patient=ada, until=until, on=TODAY, because="no_capacity", by=nurse, at=NOW)
    assert ada.pk not in waiting(nurse, run, until)
    assert ada.pk in waiting(nurse, run, until + timedelta(days=1))


def test_not_now_needs_a_day_that_is_not_past(run, nurse, patient):
    with pytest.raises(NotNow, match="is past"):
        actions.not_now(patient=patient("ada"), until=date(2026, 1, 1), on=TODAY, because="declined", by=nurse, at=NOW)


def test_an_exclusion_outlives_the_next_run_and_shows_in_the_hidden_list(run, nurse, patient, tmp_path):
    ada = patient("ada")
    actions.exclude(patient=ada, because="opted_out", on=TODAY, by=nurse, at=NOW)
    folder = write_run(tmp_path / "runs" / "20261121T030000-bbbb", ordinary_world())
    later = receive.receive(folder, at=NOW, by="system:test")
    assert ada.pk not in waiting(nurse, later)
    reader = Reader(nurse, TODAY)
    counts = queries.hidden_counts(reader, later)
    hidden = queries.people(reader, later, Filters(state="hidden"))
    assert counts == {"alive": 1, "excluded": 1}
    assert sum(counts.values()) == hidden.count()
    assert set(hidden.values_list("patient", flat=True)) == {ada.pk, patient("dov").pk}


def test_only_who_answers_for_the_program_lifts_an_exclusion_and_says_why(run, nurse, supervisor, patient):
    kept = actions.exclude(patient=patient("ada"), because="hospice", on=TODAY, by=nurse, at=NOW)
    with pytest.raises(NotPermitted, match="supervisor"):
        actions.lift(decision=kept, because="a mistake", by=nurse, at=NOW)
    with pytest.raises(NotNow, match="is excluded: In hospice"):
        actions.accept(patient=patient("ada"), by=nurse, at=NOW)
    with pytest.raises(NotNow, match="Say why"):
        actions.lift(decision=kept, because=" ", by=supervisor, at=NOW)
    actions.lift(decision=kept, because="the hospice claim was someone else's", by=supervisor, at=NOW)
    assert patient("ada").pk in waiting(nurse, run)
    with pytest.raises(NotNow, match="already"):
        actions.lift(decision=kept, because="again", by=supervisor, at=NOW)


def test_one_decision_stands_at_a_time_and_the_earlier_ones_are_kept(run, nurse, patient):
    ada = patient("ada")
    actions.not_now(patient=ada, until=TODAY, on=TODAY, because="ask_pcp", by=nurse, at=NOW)
    actions.accept(patient=ada, by=nurse, at=NOW)
    assert CandidateDecision.objects.standing().filter(patient=ada).count() == 1
    assert CandidateDecision.objects.filter(patient=ada, ended_because="replaced").count() == 1
    with pytest.raises(IntegrityError, match="candidate_decision_one_stands"), transaction.atomic():
        CandidateDecision.objects.create(patient=ada, decision="accepted", because="fits", by=nurse, at=NOW)


def test_several_at_once_are_all_decided_or_none(run, nurse, patient):
    people = [patient("ada"), patient("cyn")]
    with pytest.raises(ValidationError):
        actions.decide_many(
            patients=people,
            decision="excluded",
            until=None,
            because="no such reason",
            note="",
            on=TODAY,
            by=nurse,
            at=NOW,
        )
    assert not CandidateDecision.objects.exists()
    actions.decide_many(
        patients=people, decision="accepted", until=None, because="", note="", on=TODAY, by=nurse, at=NOW
    )
    assert CandidateDecision.objects.standing().count() == 2


def test_a_role_that_does_not_decide_is_refused(run, patient):
    with pytest.raises(NotPermitted):
        actions.accept(patient=patient("ada"), by=UserFactory(role="pharmacist"), at=NOW)


def test_a_number_holds_from_its_day_and_later_rows_win(supervisor):
    def put(value, day, because="trial"):
        actions.set_threshold(
            program="complex_care", key="ed_visits_at_least", value=value, from_on=day, because=because, by=supervisor,
            at=NOW,
        )  # fmt: skip

    put("4", date(2026, 12, 1))
    put("5", date(2027, 1, 1))
    put("6", date(2026, 12, 1), "corrected")
    key = ("complex_care", "ed_visits_at_least")
    assert queries.numbers_on(date(2026, 11, 30))[key] == "3"
    assert queries.numbers_on(date(2026, 12, 1))[key] == "6"
    assert queries.numbers_on(date(2027, 3, 1))[key] == "5"
    assert queries.settings_in_force(date(2026, 11, 30)) == []


@pytest.mark.parametrize(
    ("key", "value", "because", "told"),
    [
        ("ed_visits_at_least", "three", "x", "whole number"),
        ("ed_visits_at_least", "0", "x", "1 or more"),
        ("ed_visits_at_least", "4", " ", "Say why"),
        ("no_such_number", "4", "x", "no number called"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_in_words(supervisor, key, value, because, told):
    with pytest.raises(NotNow, match=told):
        actions.set_threshold(
            program="complex_care", key=key, value=value, from_on=TODAY, because=because, by=supervisor, at=NOW
        )
    assert not ProgramSetting.objects.exists()


def test_a_filter_is_shared_with_one_s_own_team_only(nurse):
    mine, other = TeamFactory(), TeamFactory()
    MembershipFactory(team=mine, user=nurse)
    actions.save_filter(name="Spanish, high", query="band=high", by=nurse, at=NOW, team=mine)
    with pytest.raises(NotPermitted):
        actions.save_filter(name="x", query="", by=nurse, at=NOW, team=other)
    colleague = UserFactory()
    MembershipFactory(team=mine, user=colleague)
    assert [one.name for one in queries.saved_filters(colleague, TODAY)] == ["Spanish, high"]
    with pytest.raises(NotPermitted):
        actions.forget_filter(saved=queries.saved_filters(colleague, TODAY).get(), by=colleague)


@pytest.mark.parametrize(
    ("person", "told"),
    [("dov", "died on May 1, 2026"), ("ben", "No program suggests this person")],
)
def test_who_has_died_or_is_suggested_by_nobody_is_not_accepted(run, supervisor, patient, person, told):
    with pytest.raises(NotNow, match=told):
        actions.accept(patient=patient(person), by=supervisor, at=NOW)
    assert not CandidateDecision.objects.exists()


def test_who_was_ruled_out_by_the_run_or_by_a_decision_is_not_accepted(run, supervisor, patient):
    Score.objects.filter(run=run, patient=patient("ada")).update(excluded_because="no_hospice")
    with pytest.raises(NotNow, match="In hospice"):
        actions.accept(patient=patient("ada"), by=supervisor, at=NOW)
    actions.exclude(patient=patient("cyn"), because="opted_out", on=TODAY, by=supervisor, at=NOW)
    with pytest.raises(NotNow, match="Asked not to be called again"):
        actions.accept(patient=patient("cyn"), by=supervisor, at=NOW)


def test_of_several_the_others_are_accepted_and_who_is_not_is_named(run, nurse, patient):
    done = actions.decide_many(
        patients=[patient("dov"), patient("ada"), patient("ben")], decision="accepted", until=None, because="", note="",
        on=TODAY, by=nurse, at=NOW,
    )  # fmt: skip
    assert [made.patient for made in done.made] == [patient("ada")]
    assert [(one.pk, why.short) for one, why in done.refused] == [
        (patient("dov").pk, "Has died"),
        (patient("ben").pk, "No program suggests them"),
    ]


def test_not_now_is_at_most_twelve_months(run, nurse, patient):
    far = TODAY + timedelta(days=400)
    with pytest.raises(NotNow, match="12 months ahead"):
        actions.not_now(patient=patient("ada"), until=far, on=TODAY, because="declined", by=nurse, at=NOW)


def test_undo_takes_back_one_s_own_acceptance_and_restores_what_it_replaced(run, nurse, supervisor, patient):
    ada = patient("ada")
    earlier = actions.not_now(patient=ada, until=TODAY, on=TODAY, because="ask_pcp", by=nurse, at=NOW)
    at = NOW + timedelta(minutes=1)
    actions.accept(patient=ada, by=nurse, at=at)
    with pytest.raises(NotNow, match="nothing left"):
        actions.take_back(made_at=at, by=supervisor, at=at)
    with pytest.raises(NotNow, match="Ten minutes"):
        actions.take_back(made_at=at, by=nurse, at=at + timedelta(minutes=11))
    actions.take_back(made_at=at, by=nurse, at=at + timedelta(minutes=9))
    assert CandidateDecision.objects.standing().get(patient=ada) == earlier
    assert Entry.objects.filter(did="undo_decision", patient_ids=[ada.pk], by=nurse.email).exists()
    with pytest.raises(NotNow, match="nothing left"):
        actions.take_back(made_at=at, by=nurse, at=at)


def test_whom_somebody_leads_waits_for_nobody_until_the_tie_ends(run, nurse, patient):
    ada, colleague = patient("ada"), UserFactory(role="care_manager")
    reader = Reader(nurse, TODAY)
    before = queries.state_counts(reader, run, hidden=0)
    tie = TieFactory(user=colleague, patient=ada, because="caseload", starts_on=TODAY - timedelta(days=9))
    assert ada.pk not in waiting(nurse, run)
    assert {row.patient_id for row in queries.people(reader, run, Filters(state="led"))} == {ada.pk}
    assert queries.state_counts(reader, run, hidden=0)["led"] == before["led"] + 1
    tie.ends_on = TODAY - timedelta(days=1)
    tie.save()
    assert ada.pk in waiting(nurse, run)
