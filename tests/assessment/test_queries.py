"""Which needs stand, what changed, and what will be late."""

from datetime import date, timedelta

import pytest
from django.db import connection

from carewright.assessment import actions, clocks, queries
from carewright.assessment.models import Answer, Assessment
from carewright.knowledge import instruments
from carewright.population.models import ProgramSetting, Run, Stay
from tests.factories.assessment import AT, begun, finished_briefly
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=370)
ON = date(2026, 11, 2)


@pytest.fixture
def nurse():
    return UserFactory(role="care_manager")


def asked(patient, nurse, at, **answers):
    """One instrument asked and finished, `sils=…`, `food=…`."""
    made = begun(patient=patient, by=nurse, at=at, kind="ahc-hrsn-core")
    for link, value in answers.items():
        link = "/" + link.removeprefix("q").replace("_", "-")
        actions.answer(assessment=made, instrument="ahc-hrsn-core", link_id=link, value=value, by=nurse, at=at)
    actions.set_section(assessment=made, code="ahc-hrsn-core", status="done", by=nurse, at=at)
    return actions.finish(assessment=made, by=nurse, at=at)


def codes(seen):
    return [one.need.code for one in seen]


def test_a_need_stands_with_the_answer_that_shows_it(nurse):
    patient = PatientFactory()
    asked(patient, nurse, AT, q88122_7="LA6729-3", q93030_5="LA32-8")
    (seen,) = queries.needs_for(patient, AT.date())
    assert (seen.need.code, seen.change, seen.z_codes) == ("food-insecurity", "", ("Z59.41",))
    (shown,) = seen.shown_by
    assert (shown.words, shown.answer.by) == ("Sometimes true", nurse)
    assert shown.question.startswith("Within the past 12 months, you worried")


def test_asked_again_the_same_need_says_what_changed(nurse):
    patient = PatientFactory()
    asked(patient, nurse, AT, q88122_7="LA6729-3", q93030_5="LA32-8", q88123_5="LA28398-8")
    asked(patient, nurse, LATER, q88122_7="LA28398-8", q88123_5="LA28398-8", q93030_5="LA33-6")
    now = queries.needs_for(patient, LATER.date(), gone=True)
    assert {one.need.code: one.change for one in now} == {"transportation-insecurity": "new", "food-insecurity": "gone"}
    assert codes(queries.needs_for(patient, LATER.date())) == ["transportation-insecurity"]
    assert codes(queries.needs_for(patient, AT.date())) == ["food-insecurity"]
    assert codes(queries.needs_for(patient, AT.date() - timedelta(days=1))) == []


def test_the_one_before_is_shown_beside_each_question(nurse):
    patient = PatientFactory()
    before = asked(patient, nurse, AT, q88122_7="LA6729-3")
    again = begun(patient=patient, by=nurse, at=LATER, kind="ahc-hrsn-core", reason="yearly")
    assert again.follows == before
    assert queries.last_time(again)["ahc-hrsn-core", "/88122-7"].value == "LA6729-3"


def test_a_reader_does_not_see_a_need_closed_to_them(nurse):
    patient = PatientFactory()
    made = begun(patient=patient, by=nurse, kind="gad-7")
    for link in instruments.get("gad-7").rules.scores[0].items:
        actions.answer(assessment=made, instrument="gad-7", link_id=link, value=2, by=nurse, at=AT)
    assert codes(queries.needs_for(patient, AT.date())) == ["anxiety"]
    assert queries.needs_for(patient, AT.date(), hidden_tags=frozenset({"behavioral"})) == ()
    assert set(Answer.objects.filter(assessment=made).values_list("tags", flat=True).distinct()[0]) == {"behavioral"}


def test_the_phq_2_counts_in_the_phq_9_and_its_need_shows_the_answers(nurse):
    made = begun(by=nurse)
    for link in ("/44250-9", "/44255-8"):
        actions.answer(assessment=made, instrument="phq-2", link_id=link, value=3, by=nurse, at=AT)
    for link in instruments.get("phq-9").rules.scores[0].items[2:]:
        actions.answer(assessment=made, instrument="phq-9", link_id=link, value=1, by=nurse, at=AT)
    needs = {one.need.code: one for one in queries.needs_for(made.patient, AT.date())}
    assert len(needs["depression"].shown_by) == 9
    assert "suicide-risk" in needs


def test_quality_of_life_keeps_its_change(nurse):
    patient = PatientFactory()
    for at, days in ((AT, 20), (LATER, 8)):
        made = begun(patient=patient, by=nurse, at=at, kind="hrqol-4")
        for link, value in (
            ("general-health", "fair"),
            ("physical-days", days),
            ("mental-days", 0),
            ("limited-days", 2),
        ):
            actions.answer(assessment=made, instrument="hrqol-4", link_id=link, value=value, by=nurse, at=at)
        actions.set_section(assessment=made, code="hrqol-4", status="done", by=nurse, at=at)
        actions.finish(assessment=made, by=nurse, at=at)
    assert [int(row.value) for row in queries.score_history(patient, "hrqol-4", "unhealthy-days")] == [20, 8]
    assert clocks.quality_of_life_due(patient, program="complex_care", on=LATER.date()) == clocks.months_after(
        LATER.date(), 6
    )


# ── clocks ──


def test_what_is_due_follows_from_what_was_done(nurse):
    patient, since = PatientFactory(), date(2026, 11, 2)

    def due(on):
        found = clocks.due_for(patient, program="complex_care", eligible_on=since, on=on)
        return found.what, found.due_on

    assert due(date(2026, 11, 10)) == ("begin", date(2026, 12, 2))
    made = begun(patient=patient, by=nurse, program="complex_care", eligible_on=since)
    assert due(AT.date()) == ("finish", date(2027, 1, 1))
    finished_briefly(made, by=nurse, verdict="confirmed", because="Two stays since May")
    assert due(AT.date()) == ("repeat", date(2027, 11, 20))


def test_a_given_up_assessment_leaves_the_clock_running(nurse):
    made = begun(by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
    actions.stop(assessment=made, because="Wrong person", by=nurse, at=AT)
    due = clocks.due_for(made.patient, program="complex_care", eligible_on=date(2026, 11, 2), on=AT.date())
    assert due.what == "begin"


def test_a_site_sets_its_clock_from_a_day_on(nurse):
    ProgramSetting.objects.create(
        program="complex_care", key="assessment_begin_days", value="20", from_on=date(2026, 11, 10), by=nurse,
        because="Contract", at=AT,
    )  # fmt: skip
    assert clocks.clocks_of("complex_care", date(2026, 11, 9)).begin_days == 30
    assert clocks.clocks_of("complex_care", date(2026, 11, 10)).begin_days == 20
    assert clocks.clocks_of("chronic_care", date(2026, 11, 10)).begin_days == 30


def test_the_first_to_be_late_stands_first(nurse):
    one, two, three = PatientFactory(), PatientFactory(), PatientFactory()
    people = [(one, "complex_care", date(2026, 11, 2)), (two, "complex_care", date(2026, 10, 1))]
    people.append((three, "complex_care", date(2026, 11, 23)))
    found = clocks.look_ahead(people, on=AT.date(), within_days=14)
    assert [(due.patient, due.days_left(AT.date())) for due in found] == [(two, -20), (one, 12)]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)), (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 24), 12, date(2027, 11, 24)), (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
    ],
)  # fmt: skip
def test_months_end_with_their_month(day, months, then):
    assert clocks.months_after(day, months) == then


def test_an_assessment_says_by_when(nurse):
    assert clocks.due_dates(begun(by=nurse)) is None
    assert Assessment.objects.open().count() == 1


def test_for_two_hundred_people_the_database_is_asked_a_fixed_number_of_times(nurse, django_assert_num_queries):
    people = [(PatientFactory(), "complex_care", date(2026, 8, 1) + timedelta(days=n % 90)) for n in range(200)]
    for patient, program, since in people[:3]:
        begun(patient=patient, by=nurse, program=program, eligible_on=since)
    ProgramSetting.objects.create(
        program="complex_care", key="assessment_begin_days", value="20", from_on=date(2026, 9, 1), by=nurse,
        because="Contract", at=AT,
    )  # fmt: skip
    with django_assert_num_queries(4):
        found = clocks.look_ahead(people, on=AT.date(), within_days=60)
    assert len(found) == 200
    kinds = {due.patient.pk: due for due in found}
    assert [kinds[patient.pk].what for patient, _program, _since in people[:4]] == ["finish"] * 3 + ["begin"]
    by_patient = {due.patient.pk: (due.due_on - due.since).days for due in found if due.what == "begin"}
    expected = {patient.pk: 20 if since >= date(2026, 9, 1) else 30 for patient, _program, since in people[3:]}
    assert by_patient == expected, "each by the setting that held on its own day"


def test_asked_again_the_clock_to_finish_runs_from_the_day_it_was_begun(nurse):
    patient = PatientFactory()
    first = begun(patient=patient, by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
    finished_briefly(first, by=nurse, verdict="confirmed", because="Lives alone")
    again = begun(patient=patient, by=nurse, at=LATER, program="complex_care", eligible_on=date(2026, 11, 2))
    due = clocks.due_for(patient, program="complex_care", eligible_on=date(2026, 11, 2), on=LATER.date())
    assert (due.what, due.assessment, due.due_on) == ("finish", again, LATER.date() + timedelta(days=60))


def test_after_a_hospital_stay_it_is_asked_again_and_a_protected_stay_is_not_told(nurse):
    run = Run.objects.create(run_id="r1", as_of=ON, received_at=AT, received_by="system:test", is_current=True)
    with connection.cursor() as cursor:
        cursor.execute(f"create table stays_of_a_test partition of population_stay for values in ({run.pk})")
    patient, other = PatientFactory(), PatientFactory()
    for one, tags in ((patient, []), (other, ["behavioral"])):
        made = begun(patient=one, by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
        finished_briefly(made, by=nurse, verdict="confirmed", because="Lives alone")
        Stay.objects.create(
            run=run, patient=one, stay_id="s1", admitted_on=date(2027, 1, 2), discharged_on=date(2027, 1, 5), tags=tags
        )
    asked_for = [(one, "complex_care", date(2026, 11, 2)) for one in (patient, other)]
    found = clocks.look_ahead(asked_for, on=date(2027, 1, 10), within_days=30)
    assert [(due.patient, due.what, due.due_on) for due in found] == [(patient, "stay", date(2027, 2, 4))]
    assert clocks.due_for(patient, program="complex_care", eligible_on=ON, on=date(2027, 1, 4)).what == "repeat"
