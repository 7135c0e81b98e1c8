"""Asking: one answer at a time, dangers at once, nothing lost, and what is finished stays as it was."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from carewright.assessment import actions, clocks, queries, receiving, results
from carewright.assessment.models import Answer, Assessment, RecordedFact, ScoreResult, Section
from carewright.kernel.errors import BadInput, CannotDo, NotNow
from carewright.knowledge import comprehensive, instruments
from carewright.registry import joining
from carewright.tasks.models import Alarm, Task
from tests.factories.assessment import AT, begun
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
NINE = "/44260-8"
DAY = timedelta(days=1)


@pytest.fixture
def nurse():
    return UserFactory(role="care_manager")


@pytest.fixture
def ana():
    return UserFactory(role="social_worker")


def say(assessment, instrument, link_id, value, by, at=AT, **more):
    return actions.answer(
        assessment=assessment, instrument=instrument, link_id=link_id, value=value, by=by, at=at, **more
    )


def all_of(assessment, instrument, points, by, at=AT, **more):
    """Answer every scored question of an instrument with so many points each."""
    for link in instruments.get(instrument).rules.scores[0].items:
        say(assessment, instrument, link, points, by, at=at, **more)


def close_all(assessment, by, at=AT):
    for code in assessment.sections.values_list("code", flat=True):
        actions.set_section(
            assessment=assessment, code=code, status="not_appropriate", because="Asked last week", by=by, at=at
        )


# ── beginning ──


def test_an_assessment_begins_with_every_section_and_its_clock(nurse):
    made = begun(by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
    assert list(made.sections.order_by("pk").values_list("code", flat=True)) == [s.code for s in comprehensive.SECTIONS]
    assert clocks.due_dates(made) == (date(2026, 12, 2), date(2027, 1, 1))


def test_an_open_one_is_gone_on_with_not_begun_twice(nurse):
    made = begun(by=nurse)
    with pytest.raises(NotNow, match="open already"):
        begun(patient=made.patient, by=nurse)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.create(patient=made.patient, kind="comprehensive", version="1", started_at=AT)


def test_who_has_died_is_not_asked(nurse):
    with pytest.raises(NotNow, match="has died"):
        begun(patient=PatientFactory(died_on=date(2026, 11, 1)), by=nurse)


def test_what_may_only_be_received_is_not_asked(nurse):
    with pytest.raises(CannotDo, match="no wording to ask"):
        begun(by=nurse, kind="prapare-codes-only")


# ── answering ──


def test_an_answer_is_saved_with_who_and_when_and_opens_its_section(nurse):
    made = begun(by=nurse)
    saved = say(made, "cw-goals", "matters", "To dance at my granddaughter's wedding", nurse)
    assert (saved.answer.by, saved.answer.at, saved.answer.value) == (
        nurse,
        AT,
        "To dance at my granddaughter's wedding",
    )
    section = made.sections.get(code="goals")
    assert (section.status, section.by, section.at) == ("in_progress", nurse, AT)


def test_the_same_answer_twice_is_one_answer(nurse):
    made = begun(by=nurse)
    first = say(made, "sils", "sils-1", "often", nurse)
    again = say(made, "sils", "sils-1", "often", nurse, at=AT + timedelta(minutes=1), seen=None)
    assert not again.is_new and again.answer == first.answer
    assert Answer.objects.filter(instrument="sils").count() == 1


def test_a_changed_answer_leaves_the_old_one_to_be_read(nurse, ana):
    made = begun(by=nurse)
    first = say(made, "sils", "sils-1", "often", nurse).answer
    second = say(made, "sils", "sils-1", "never", ana, at=AT + DAY, seen=str(first.public_id)).answer
    first.refresh_from_db()
    assert (first.value, first.replaced_by, first.replaced_at) == ("often", ana, AT + DAY)
    assert second.value == "never" and second.replaced_at is None


def test_the_database_keeps_what_was_said(nurse):
    row = say(begun(by=nurse), "sils", "sils-1", "often", nurse).answer
    for broken in (lambda: row.delete(), lambda: Answer.objects.filter(pk=row.pk).update(code="never")):
        with pytest.raises(Exception, match="answer_"), transaction.atomic():
            broken()


def test_two_people_see_each_other_and_nothing_typed_is_lost(nurse, ana):
    made = begun(by=nurse)
    hers = say(made, "cw-goals", "goal", "Walk to the store", nurse, seen=None).answer
    conflict = say(made, "cw-goals", "goal", "Sleep better", ana, at=AT + timedelta(seconds=9), seen=None)
    assert conflict.answer == hers
    assert (conflict.kept_aside.value, conflict.kept_aside.by) == ("Sleep better", ana)
    assert results.sheet_of(made).given["cw-goals"]["goal"] == "Walk to the store"
    assert [row.by for row in queries.others_here(made, ana, AT + timedelta(minutes=2))] == [nurse]
    assert queries.others_here(made, ana, AT + timedelta(hours=2)) == []


def test_an_answer_can_be_taken_back(nurse):
    made = begun(by=nurse)
    say(made, "sils", "sils-1", "often", nurse)
    assert say(made, "sils", "sils-1", None, nurse).answer is None
    assert results.sheet_of(made).given == {}
    assert not say(made, "sils", "sils-1", None, nurse).is_new


def test_none_of_these_and_the_others_rule_each_other_out(nurse):
    made = begun(by=nurse)
    say(made, "ahc-hrsn-core", "/96778-6", ["LA31996-4"], nurse)
    assert say(made, "ahc-hrsn-core", "/96778-6", ["LA31996-4", "LA9-3"], nurse).answer.value == ("LA9-3",)
    assert say(made, "ahc-hrsn-core", "/96778-6", ["LA9-3", "LA28580-1"], nurse).answer.value == ("LA28580-1",)


@pytest.mark.parametrize(
    ("instrument", "link_id", "value", "said"),
    [
        ("sils", "sils-1", "sometime", "one of never"),
        ("sils", "sils-2", "never", "not part of this assessment"),
        ("phq-9", "/44261-6", 5, "not part of this assessment"),
        ("prapare-codes-only", "/93030-5", "LA32-8", "not part of this assessment"),
        ("cw-health", "pain", 11, "between 0 and 10"),
    ],
)
def test_what_does_not_fit_the_question_is_refused_with_a_sentence(nurse, instrument, link_id, value, said):
    made = begun(by=nurse)
    with pytest.raises((CannotDo, BadInput), match=said):
        say(made, instrument, link_id, value, nurse)
    assert not Answer.objects.filter(assessment=made, by=nurse).exists()


def test_a_child_is_not_asked_what_was_made_for_adults(nurse):
    made = begun(patient=PatientFactory(born_on=date(2014, 5, 2)), by=nurse)
    with pytest.raises(CannotDo, match="made for people of 18 and older; this person is 12"):
        say(made, "phq-2", "/44250-9", 1, nurse)
    sheet = results.sheet_of(made)
    assert {one.instrument.code for one in sheet.asked("mood")} == {"ahc-hrsn-supplemental"}
    assert "phq-2" in {found.code for found in sheet.too_young_for("mood")}
    with pytest.raises(CannotDo, match="made for people of 18"):
        begun(patient=made.patient, by=nurse, kind="gad-7")


# ── danger ──


def test_item_nine_raises_an_alarm_when_it_is_saved_though_nothing_else_is_answered(nurse):
    made = begun(by=nurse)
    saved = say(made, "phq-9", NINE, 1, nurse)
    alarm = Alarm.objects.get(patient=made.patient)
    assert (alarm.code, alarm.severity, alarm.source_public_id) == ("phq9-item9", "now", made.public_id)
    assert "“Several days”" in alarm.because
    assert any("988" in step for step in saved.raised[0].alert.steps)
    assert any("911" in step for step in saved.raised[0].alert.steps)


def test_and_not_a_second_time_for_the_next_answer(nurse):
    made = begun(by=nurse)
    say(made, "phq-9", NINE, 1, nurse)
    assert say(made, "phq-9", "/44259-0", 3, nurse).raised == []
    say(made, "phq-9", NINE, 2, nurse)
    assert Alarm.objects.filter(patient=made.patient).count() == 1


def test_giving_the_form_up_leaves_the_alarm_open(nurse):
    made = begun(by=nurse)
    say(made, "phq-9", NINE, 3, nurse)
    actions.stop(assessment=made, because="The line was cut", by=nurse, at=AT + DAY)
    assert Alarm.objects.open().filter(patient=made.patient).count() == 1
    assert queries.needs_for(made.patient, (AT + DAY).date()) == ()


def test_an_answer_kept_aside_is_a_danger_too(nurse, ana):
    made = begun(by=nurse)
    say(made, "phq-9", NINE, 0, nurse, seen=None)
    conflict = say(made, "phq-9", NINE, 2, ana, seen=None)
    assert conflict.kept_aside is not None
    assert [raised.alert.code for raised in conflict.raised] == ["phq9-item9"]
    assert Alarm.objects.filter(patient=made.patient).exists()


def test_safety_with_other_people_is_an_alarm_and_tells_nothing_in_a_task(nurse):
    made = begun(by=nurse)
    say(made, "ahc-hrsn-core", "/95618-5", 2, nurse)
    task = Task.objects.get(patient=made.patient)
    assert (task.title, task.why, task.kind) == ("Private follow-up", "See the assessment.", "safety_call")
    assert task.due_at.date() == date(2026, 11, 23)
    for link in ("/95617-7", "/95616-9", "/95615-1"):
        say(made, "ahc-hrsn-core", link, 3, nurse)
    assert set(Alarm.objects.filter(patient=made.patient).values_list("code", "severity")) == {
        ("safety-positive", "today")
    }


def test_a_shut_off_with_equipment_that_needs_power_is_an_alarm(nurse):
    made = begun(by=nurse)
    say(made, "cw-health", "powered", "yes", nurse)
    say(made, "ahc-hrsn-core", "/96779-4", "LA32002-0", nurse)
    assert Alarm.objects.get(patient=made.patient).code == "shutoff"


def test_a_severe_score_is_a_task_due_on_the_next_business_day(nurse):
    made = begun(by=nurse)
    all_of(made, "gad-7", 3, nurse)
    task = Task.objects.get(patient=made.patient)
    assert (task.title, task.owner_user) == ("Anxiety score in the severe range", nurse)
    assert not Alarm.objects.exists()


def test_safety_questions_are_never_asked_of_a_caregiver(nurse):
    made = begun(by=nurse)
    for instrument, link in (("phq-9", NINE), ("ahc-hrsn-core", "/95618-5"), ("cw-communication", "may-not-be-told")):
        with pytest.raises(CannotDo, match="for the person alone"):
            say(made, instrument, link, 0, nurse, source="caregiver")
    assert say(made, "caregiver-check", "cg-present", "yes", nurse, source="caregiver").answer.source == "caregiver"


# ── sections and finishing ──


def test_a_section_is_left_out_only_with_a_reason(nurse):
    made = begun(by=nurse)
    with pytest.raises(CannotDo, match="Say why this section is left out"):
        actions.set_section(assessment=made, code="wishes", status="declined", by=nurse, at=AT)
    section = actions.set_section(
        assessment=made,
        code="wishes",
        status="declined",
        because="Wants to talk with her priest first",
        by=nurse,
        at=AT,
    )
    assert section.is_closed
    with pytest.raises(IntegrityError), transaction.atomic():
        Section.objects.filter(pk=section.pk).update(because=" ")


def test_a_section_is_not_done_while_a_required_question_is_open(nurse):
    made = begun(by=nurse)
    with pytest.raises(NotNow, match="4 required questions are open: What matters most to you"):
        actions.set_section(assessment=made, code="goals", status="done", by=nurse, at=AT)
    for link, value in (("matters", "Family"), ("goal", "Walk"), ("ready", 8), ("confident", 7)):
        say(made, "cw-goals", link, value, nurse)
    assert actions.set_section(assessment=made, code="goals", status="done", by=nurse, at=AT).status == "done"


def test_a_declined_question_is_not_an_open_one(nurse):
    made = begun(by=nurse, kind="sils")
    say(made, "sils", "sils-1", {"declined": True}, nurse)
    actions.set_section(assessment=made, code="sils", status="done", by=nurse, at=AT)
    actions.finish(assessment=made, by=nurse, at=AT)
    frozen = ScoreResult.objects.get(assessment=made)
    assert (frozen.value, frozen.complete, frozen.because) == (None, False, "Declined: sils-1.")


def test_finishing_waits_for_every_section_and_for_the_verdict_with_its_reason(nurse):
    made = begun(by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
    with pytest.raises(NotNow, match="Still open: Talking with you, Health now"):
        actions.finish(assessment=made, by=nurse, at=AT, verdict="confirmed", because="x")
    close_all(made, nurse)
    with pytest.raises(CannotDo, match="belongs in the program"):
        actions.finish(assessment=made, by=nurse, at=AT)
    with pytest.raises(CannotDo, match="Give the reason"):
        actions.finish(assessment=made, by=nurse, at=AT, verdict="overturned", because=" ")
    done = actions.finish(assessment=made, by=nurse, at=AT, verdict="overturned", because="Moves to Ohio next week")
    assert (done.verdict, done.verdict_because, done.finished_by) == ("overturned", "Moves to Ohio next week", nurse)


def test_where_nothing_was_answered_nothing_speaks_for_the_program(nurse):
    made = begun(by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
    close_all(made, nurse)
    with pytest.raises(NotNow, match="Nothing was answered"):
        actions.finish(assessment=made, by=nurse, at=AT, verdict="confirmed", because="The claims say so")
    assert Assessment.objects.get().finished_at is None


def test_a_finished_assessment_is_frozen_in_the_database_too(nurse):
    made = begun(by=nurse, kind="sils")
    row = say(made, "sils", "sils-1", "often", nurse).answer
    actions.set_section(assessment=made, code="sils", status="done", by=nurse, at=AT)
    actions.finish(assessment=made, by=nurse, at=AT)
    with pytest.raises(NotNow, match="Add an addendum"):
        say(made, "sils", "sils-1", "never", nurse)
    with pytest.raises(IntegrityError, match="takes no answers"), transaction.atomic():
        Answer.objects.create(
            assessment=made, section=row.section, patient=made.patient, instrument="sils", instrument_version="1",
            link_id="sils-1", code="never", source="patient", at=AT, confirmed_at=AT, replaced_at=AT,
        )  # fmt: skip
    with pytest.raises(Exception, match="score_result_is_frozen"), transaction.atomic():
        ScoreResult.objects.filter(assessment=made).update(value=1)


def test_an_addendum_keeps_the_old_answer_and_the_old_score(nurse, ana):
    made = begun(by=nurse, kind="phq-9")
    all_of(made, "phq-9", 0, nurse)
    actions.set_section(assessment=made, code="phq-9", status="done", by=nurse, at=AT)
    actions.finish(assessment=made, by=nurse, at=AT)
    actions.amend(
        assessment=made, text="Called back: she had not dared to say it", by=ana, at=AT + DAY,
        changes=[("phq-9", NINE, 2)],
    )  # fmt: skip
    old, new = ScoreResult.objects.filter(assessment=made).order_by("pk")
    assert (old.value, old.replaced_at, new.value, new.replaced_at) == (0, AT + DAY, 2, None)
    assert Alarm.objects.filter(patient=made.patient, code="phq9-item9").exists()
    with pytest.raises(CannotDo, match="Say what is added"):
        actions.amend(assessment=made, text=" ", by=ana, at=AT + DAY)


# ── records ──


def fact(assessment, **more):
    given = {
        "kind": "medicine", "key": "312938", "words": "Sertraline 50 mg", "source_words": "Dispensed Oct 30",
        "section": assessment.sections.get(code="medicines"),
    }  # fmt: skip
    return RecordedFact.objects.create(assessment=assessment, patient=assessment.patient, **given | more)


def test_a_fact_is_confirmed_one_by_one_with_who_and_when(nurse):
    made = begun(by=nurse)
    one = fact(made)
    with pytest.raises(CannotDo, match="Say what changed"):
        actions.confirm_fact(fact=one, response="changed", by=nurse, at=AT)
    actions.confirm_fact(fact=one, response="changed", words="Stopped it in October", by=nurse, at=AT)
    assert (one.response, one.response_words, one.confirmed_by) == ("changed", "Stopped it in October", nurse)


def test_a_section_waits_for_its_facts(nurse):
    made = begun(by=nurse)
    one = fact(made)
    for link, value in (("missed", 0), ("cost", "no"), ("side-effects", "no")):
        say(made, "cw-medicines", link, value, nurse)
    with pytest.raises(NotNow, match="1 fact from the records waits"):
        actions.set_section(assessment=made, code="medicines", status="done", by=nurse, at=AT)
    actions.confirm_fact(fact=one, response="yes", by=nurse, at=AT)
    actions.set_section(assessment=made, code="medicines", status="done", by=nurse, at=AT)


def test_what_the_record_answers_counts_only_when_confirmed(nurse):
    made = begun(patient=PatientFactory(language="es"), by=nurse)
    row = Answer.objects.get(assessment=made, link_id="language")
    assert (row.source, row.value, row.confirmed_at) == ("record", "Spanish", None)
    assert results.sheet_of(made).given == {}
    actions.confirm_answer(answer=row, by=nurse, at=AT)
    assert results.sheet_of(made).given == {"cw-communication": {"language": "Spanish"}}
    with pytest.raises(NotNow):
        actions.confirm_answer(answer=row, by=nurse, at=AT)


def test_or_is_replaced_by_what_the_person_says(nurse):
    made = begun(patient=PatientFactory(language="es"), by=nurse)
    say(made, "cw-communication", "language", "Mixteco", nurse)
    old = Answer.objects.get(assessment=made, source="record")
    assert old.replaced_at == AT
    assert results.sheet_of(made).given["cw-communication"]["language"] == "Mixteco"


# ── from other systems ──


def test_what_another_system_sends_is_kept_scored_and_looked_at_for_danger(nurse):
    patient = PatientFactory()
    made = receiving.receive(
        patient=patient, instrument="phq-9", answers={NINE: "LA6569-3", "/44250-9": 3}, by="system:fhir", at=AT
    ).assessment
    assert made.finished_at == AT and made.reason == "received"
    assert Alarm.objects.get(patient=patient).code == "phq9-item9"
    assert ScoreResult.objects.get(assessment=made).value is None


def test_prapare_is_received_and_its_needs_are_found(nurse):
    patient = PatientFactory()
    receiving.receive(
        patient=patient, instrument="prapare-codes-only", answers={"/93030-5": "LA30133-5"}, by="system:fhir", at=AT
    )
    assert [seen.need.code for seen in queries.needs_for(patient, AT.date())] == ["transportation-insecurity"]


# ── two records of one person ──


def test_joined_records_keep_every_assessment_and_two_open_ones_are_settled_first(nurse):
    boss = UserFactory(role="supervisor")
    keep, other = PatientFactory(), PatientFactory()
    mine, theirs = begun(patient=keep, by=nurse), begun(patient=other, by=nurse)
    actions.answer(assessment=theirs, instrument="phq-9", link_id=NINE, value="LA6569-3", by=nurse, at=AT)
    with pytest.raises(NotNow, match="Assessment of the other record would stay behind"):
        joining.merge(keep=keep, other=other, why="The same person", by=boss, at=AT)
    actions.stop(assessment=theirs, because="Asked under the other record", by=nurse, at=AT)
    joining.merge(keep=keep, other=other, why="The same person", by=boss, at=AT)
    theirs.refresh_from_db()
    assert theirs.patient_id == keep.pk and set(theirs.answers.values_list("patient", flat=True)) == {keep.pk}
    assert mine.is_open and Alarm.objects.open().get().patient_id == keep.pk
