"""Of somebody whose birth date is unknown, nobody decides by silence that this is an adult."""

import pytest
from django.urls import reverse

from carewright.assessment import actions, receiving, results
from carewright.assessment.models import Assessment, ScoreResult
from carewright.audit.models import Entry
from carewright.kernel.errors import CannotDo, NotNow
from carewright.registry import reaching
from carewright.tasks.models import Alarm
from tests.factories.access import TieFactory
from tests.factories.assessment import AT, begun
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
HOW = "She told me that she has two grown sons"
NINE = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")
PHQ9 = {f"/{code}": 1 for code in NINE}


@pytest.fixture
def nurse():
    user = UserFactory(role="care_manager")
    TieFactory(user=user, patient=None, population="everyone")
    return user


@pytest.fixture
def unknown():
    return PatientFactory(born_on=None)


def test_confirmed_it_is_scored_as_an_adult_s(unknown, nurse):
    made = begun(unknown, nurse, kind="phq-9", adult_because=HOW)
    for link, value in PHQ9.items():
        actions.answer(assessment=made, instrument="phq-9", link_id=link, value=value, by=nurse, at=AT)
    assert results.sheet_of(made).score("phq-9").band == "mild"


@pytest.mark.parametrize("kind", ["phq-9", Assessment.COMPREHENSIVE])
def test_what_is_made_for_adults_asks_for_the_birth_date_first_or_how_one_knows(unknown, nurse, kind):
    with pytest.raises(NotNow, match="birth date is unknown") as refusal:
        begun(unknown, nurse, kind=kind)
    assert refusal.value.at == "adult_because"
    with pytest.raises(NotNow):
        begun(unknown, nurse, kind=kind, adult_because="  ")
    made = begun(unknown, nurse, kind=kind, adult_because=HOW)
    assert (made.adult_because, made.adult_by, made.adult_at) == (HOW, nurse, AT)
    reaching.correct_facts(patient=unknown, facts={"born_on": AT.date().replace(year=1960)}, by=nurse, at=AT)
    assert begun(PatientFactory(), nurse, kind=kind, adult_because=HOW).adult_because == "", (
        "who has a birth date needs none"
    )


def test_a_birth_date_that_makes_a_child_of_them_decides_whatever_was_said(unknown, nurse):
    made = begun(unknown, nurse, kind="phq-9", adult_because=HOW)
    reaching.correct_facts(patient=unknown, facts={"born_on": AT.date().replace(year=2016)}, by=nurse, at=AT)
    made = Assessment.objects.get(pk=made.pk)
    with pytest.raises(CannotDo, match="made for people of"):
        actions.answer(assessment=made, instrument="phq-9", link_id="/44250-9", value=1, by=nurse, at=AT)


def test_answers_another_system_sent_are_kept_and_their_danger_told_but_no_band_is_given(unknown, nurse):
    receiving.receive(patient=unknown, instrument="phq-9", answers=PHQ9, by=nurse, at=AT)
    row = ScoreResult.objects.get(instrument="phq-9", code="total")
    assert (row.value, row.band, row.positive) == (9, "", None)
    assert "age is not known" in row.because
    assert Alarm.objects.open().filter(patient=unknown).exists(), "a danger waits for no birth date"


def test_one_begun_before_rests_with_what_is_for_adults_until_somebody_says_how_they_know(client, unknown, nurse):
    made = begun(unknown, nurse, adult_because=HOW)
    Assessment.objects.filter(pk=made.pk).update(adult_because="", adult_at=None, adult_by=None)
    made.refresh_from_db()
    sheet = results.sheet_of(made)
    assert sheet.is_age_open
    asked = {feed.code for section in made.sections.all() for feed, _items in sheet.feeds(section.code)}
    assert asked and not any(results.shelf.get(code).adult_from for code in asked)
    client.force_login(nurse)
    section = reverse("assessment:section", args=[made.public_id, made.sections.order_by("pk")[0].code])
    page = client.get(section).content.decode()
    assert "The birth date is unknown." in page and reverse("people:contact", args=[unknown.public_id]) in page
    url = reverse("assessment:adult", args=[made.public_id])
    client.post(url, {"because": " "})
    made.refresh_from_db()
    assert made.adult_because == ""
    assert client.post(url, {"because": HOW}).status_code == 302
    made.refresh_from_db()
    assert made.adult_because == HOW and not results.sheet_of(made).is_age_open
    assert Entry.objects.get(did="confirm_adult").by_id == nurse.pk
    assert HOW in client.get(section).content.decode()


def test_the_page_asks_only_where_the_birth_date_is_unknown(client, unknown, nurse):
    client.force_login(nurse)
    field = 'name="adult_because"'
    assert field not in client.get(reverse("assessment:of_patient", args=[PatientFactory().public_id])).content.decode()
    url = reverse("assessment:of_patient", args=[unknown.public_id])
    assert field in client.get(url).content.decode()
    refused = client.post(url, {"kind": "phq-9", "reason": "initial", "mode": "phone"})
    assert refused.status_code == 422 and "birth date is unknown" in refused.content.decode()
    begins = client.post(url, {"kind": "phq-9", "reason": "initial", "mode": "phone", "adult_because": HOW})
    assert begins.status_code == 302 and Assessment.objects.get(patient=unknown).adult_because == HOW


def test_answers_stay_readable_when_the_birth_date_turns_out_to_be_a_child_s(client, unknown, nurse):
    made = begun(unknown, nurse, kind="phq-9", adult_because=HOW)
    for link, value in PHQ9.items():
        actions.answer(assessment=made, instrument="phq-9", link_id=link, value=value, by=nurse, at=AT)
    reaching.correct_facts(patient=unknown, facts={"born_on": AT.date().replace(year=2016)}, by=nurse, at=AT)
    client.force_login(nurse)
    section = made.sections.order_by("pk")[0].code
    pages = [
        reverse("assessment:section", args=[made.public_id, section]),
        reverse("assessment:summary", args=[made.public_id]),
        reverse("assessment:of_patient", args=[unknown.public_id]),
        reverse("patient:glance", args=[unknown.public_id]),
    ]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200, 200]
    sheet = results.sheet_of(Assessment.objects.get(pk=made.pk))
    assert sheet.score("phq-9").band is None
    assert sheet.score("phq-9").safety, "a danger is told of a child too"
    finish = reverse("assessment:stop", args=[made.public_id])
    assert client.post(finish, {"because": "They are ten years old"}).status_code == 302
