"""Answers to an adult's questionnaire that another system sends about a child: kept, looked at for danger, not scored."""

from datetime import date

import pytest
from django.urls import reverse

from carewright.assessment import actions, queries, receiving, results
from carewright.assessment.models import Answer, Assessment, ScoreResult
from carewright.kernel.errors import CannotDo
from carewright.knowledge import minors
from carewright.registry import reaching
from carewright.tasks.models import Alarm, Task
from tests.assessment.test_unknown_age import HOW, PHQ9
from tests.factories.access import TieFactory
from tests.factories.assessment import AT, begun
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
ITEM_NINE = "/44260-8"
SEVERE = dict.fromkeys(PHQ9, 3) | {ITEM_NINE: 0}


@pytest.fixture
def child():
    return PatientFactory(born_on=date(2014, 5, 2))


@pytest.fixture
def nurse():
    user = UserFactory(role="care_manager")
    TieFactory(user=user, patient=None, population="everyone")
    return user


def received(patient, answers, instrument="phq-9"):
    return receiving.receive(patient=patient, instrument=instrument, answers=answers, by="system:fhir", at=AT)


def alarms_of(patient):
    return list(Alarm.objects.open().filter(patient=patient).values_list("code", "severity", "because"))


def test_its_danger_raises_the_alarm_an_adults_raises(child):
    adult = PatientFactory()
    received(adult, {ITEM_NINE: 1})
    taken = received(child, {ITEM_NINE: 1})
    assert alarms_of(child) == alarms_of(adult) != []
    assert not taken.is_scored
    assert Answer.objects.get(patient=child).value == Answer.objects.get(patient=adult).value


def test_it_gets_no_score_no_band_and_no_need(child):
    made = received(child, PHQ9).assessment
    row = ScoreResult.objects.get(assessment=made)
    assert (row.value, row.band, row.positive) == (None, "", None)
    assert row.because == "It is made for adults of 18 and older, and this person was 12: it is not scored."
    assert made.answers.standing().count() == len(PHQ9)
    assert queries.needs_for(child, AT.date(), gone=True) == ()
    assert queries.needs_for((adult := PatientFactory()), AT.date()) == () and received(adult, PHQ9).is_scored
    assert queries.needs_for(adult, AT.date()) != ()


def test_what_only_an_adults_score_would_raise_is_read_by_a_clinician_without_naming_a_range(child):
    lead = UserFactory(role="care_manager")
    EnrollmentFactory(
        patient=child, lead=lead, led_since=date(2026, 1, 1), starts_on=date(2026, 1, 1), program="complex_care"
    )
    received(child, SEVERE)
    task = Task.objects.open().get(patient=child)
    assert task.owner_user == lead and task.title == "Answers for a clinician to read, not scored at this age"
    assert "range" not in task.why and "epression score" not in task.why
    assert alarms_of(child) == []


def test_asking_it_here_stays_refused(child, nurse):
    received(child, PHQ9)
    with pytest.raises(CannotDo, match="made for people of 18"):
        begun(patient=child, by=nurse, kind="phq-9")
    made = begun(patient=child, by=nurse)
    with pytest.raises(CannotDo, match="made for people of 18"):
        actions.answer(assessment=made, instrument="phq-9", link_id=ITEM_NINE, value=1, by=nurse, at=AT)


def test_the_page_shows_the_answers_and_says_why_they_are_not_scored(client, child, nurse):
    made = received(child, PHQ9).assessment
    client.force_login(nurse)
    page = client.get(reverse("assessment:summary", args=[made.public_id])).content.decode()
    assert "made for adults of 18 and older; this person was 12" in page
    assert "Several days" in page and "988" in page
    assert "this person was 12: it is not scored." in page and "mild" not in page
    assert "0 of 0" not in page and "No need was found" not in page
    listed = client.get(reverse("assessment:of_patient", args=[child.public_id]))
    assert listed.status_code == 200 and "received" in listed.content.decode()


@pytest.mark.parametrize("born", [date(2020, 5, 2), date(2014, 5, 2), date(2009, 5, 2)])
def test_a_representative_sees_none_of_it(born):
    child = PatientFactory(born_on=born)
    made = received(child, PHQ9).assessment
    view = minors.view(born_on=born, state="MA", on=AT.date())
    rows = [*made.answers.all(), *ScoreResult.objects.filter(assessment=made)]
    assert len(rows) == len(PHQ9) + 1 and all(minors.hidden(row.tags, seen=view) for row in rows)


def test_scores_frozen_before_a_birth_date_made_a_child_of_them_are_not_shown_anymore(client, nurse):
    unknown = PatientFactory(born_on=None)
    made = begun(unknown, nurse, kind="phq-9", adult_because=HOW)
    for link, value in PHQ9.items():
        actions.answer(assessment=made, instrument="phq-9", link_id=link, value=value, by=nurse, at=AT)
    results.freeze(made, at=AT)
    assert queries.score_history(unknown, "phq-9", "total")[0].band == "mild"
    reaching.correct_facts(patient=unknown, facts={"born_on": date(2016, 5, 2)}, by=nurse, at=AT)
    made = Assessment.objects.get(pk=made.pk)
    client.force_login(nurse)
    page = client.get(reverse("assessment:summary", args=[made.public_id])).content.decode()
    assert "not scored" in page and "mild" not in page
    assert queries.score_history(made.patient, "phq-9", "total") == []
