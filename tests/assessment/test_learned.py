"""What an assessment learns of how somebody is called, spoken with and reached: confirmed by a person, then on the record."""

from datetime import timedelta

import pytest
from django.urls import reverse

from carewright.assessment import actions, learned
from carewright.kernel.errors import NotNow
from carewright.registry import reaching
from carewright.registry.models import FieldSource, PatientPreference
from tests.factories.assessment import AT, begun
from tests.factories.registry import ContactPointFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
HERE = "cw-communication"


@pytest.fixture
def nurse():
    return UserFactory(role="care_manager")


@pytest.fixture
def made(nurse):
    found = begun(by=nurse)
    ContactPointFactory(patient=found.patient, value="(312) 555-0182", rank=1)
    ContactPointFactory(patient=found.patient, value="(312) 555-0183", rank=2)
    return found


def say(made, link, value, by, at=AT):
    return actions.answer(assessment=made, instrument=HERE, link_id=link, value=value, by=by, at=at)


def shown(made):
    return {one.code: (one.said, one.on_record) for one in learned.of(made.patient, hidden_tags=frozenset())}


def test_a_message_that_is_not_safe_is_known_at_once_even_when_nobody_finishes(made, nurse):
    say(made, "message", "no", nurse)
    assert {point.is_safe_for_message for point in made.patient.contact_points.phones()} == {False}
    phone = made.patient.contact_points.get(rank=1)
    one = FieldSource.objects.get(patient=made.patient, field=reaching.field_of(phone, "is_safe_for_message"))
    assert (one.source, one.said_by, one.said_at, one.evidence) == (
        "assessment",
        nurse,
        AT,
        f"assessment:{made.public_id}",
    )
    actions.stop(assessment=made, because="She hung up", by=nurse, at=AT)
    assert {point.is_safe_for_message for point in made.patient.contact_points.phones()} == {False}


def test_a_no_kept_aside_beside_a_colleagues_yes_holds_too(made, nurse):
    say(made, "message", "yes", UserFactory(role="social_worker"))
    kept = actions.answer(assessment=made, instrument=HERE, link_id="message", value="no", by=nurse, at=AT, seen=None)
    assert kept.kept_aside is not None
    assert {point.is_safe_for_message for point in made.patient.contact_points.phones()} == {False}
    assert shown(made)["is_safe_for_message"] == ("Yes", "No"), "the yes waits for a person"


def test_what_was_said_waits_for_a_person_and_then_stands_with_its_source(made, nurse):
    say(made, "language", "Spanish", nurse)
    say(made, "interpreter", "yes", nurse)
    say(made, "preferred-name", "Nena", nurse)
    say(made, "pronouns", "she/her", nurse)
    say(made, "best-time", ["evening"], nurse)
    assert not PatientPreference.objects.filter(patient=made.patient).exists(), "nothing by itself"
    assert shown(made) == {
        "preferred_name": ("Nena", ""), "pronouns": ("she/her", ""), "spoken_language": ("Spanish", ""),
        "needs_interpreter": ("Yes", ""), "best_time": ("Evening", ""),
    }  # fmt: skip
    for code in list(shown(made)):
        learned.keep(patient=made.patient, code=code, by=nurse, at=AT)
    wish = PatientPreference.objects.get(patient=made.patient)
    assert (wish.spoken_language, wish.needs_interpreter, wish.preferred_name, wish.pronouns) == (
        "es",
        True,
        "Nena",
        "she/her",
    )
    assert made.patient.contact_points.get(rank=1).best_time == "evening", "as outreach plans by it"
    assert FieldSource.objects.get(patient=made.patient, field="pronouns").source == "assessment"
    assert shown(made) == {}
    with pytest.raises(NotNow, match="nothing to decide"):
        learned.keep(patient=made.patient, code="pronouns", by=nurse, at=AT)


def test_what_contradicts_the_record_is_shown_beside_it_and_a_person_decides(made, nurse):
    ana = UserFactory(role="social_worker", first_name="Ana", last_name="Ruiz")
    reaching.set_preference(
        patient=made.patient, facts={"spoken_language": "en", "pronouns": "he/him"}, by=ana, at=AT - timedelta(days=90)
    )
    say(made, "language", "Spanish", nurse)
    say(made, "pronouns", "they/them", nurse)
    found = {one.code: one for one in learned.of(made.patient, hidden_tags=frozenset())}
    assert (found["spoken_language"].said, found["spoken_language"].on_record) == ("Spanish", "English")
    assert "Ana Ruiz" in found["spoken_language"].recorded_by and found["spoken_language"].is_contradiction
    wish = PatientPreference.objects.get(patient=made.patient)
    assert wish.spoken_language == "en", "never silently overwritten"
    learned.leave(patient=made.patient, code="spoken_language", by=nurse, at=AT)
    learned.keep(patient=made.patient, code="pronouns", by=nurse, at=AT)
    wish.refresh_from_db()
    assert (wish.spoken_language, wish.pronouns) == ("en", "they/them")
    assert shown(made) == {}
    say(made, "language", "Portuguese", nurse, at=AT + timedelta(minutes=5))
    assert shown(made) == {"spoken_language": ("Portuguese", "English")}, "what is said later is asked about again"


def test_what_the_record_said_itself_and_a_refusal_teach_nothing(made, nurse):
    reaching.set_preference(patient=made.patient, facts={"needs_interpreter": True}, by=nurse, at=AT)
    say(made, "interpreter", "yes", nurse, at=AT + timedelta(minutes=1))
    say(made, "pronouns", {"declined": True}, nurse)
    assert shown(made) == {}


def test_the_safe_way_is_for_those_who_may_know(made, nurse):
    say(made, "may-not-be-told", "yes", nurse)
    say(made, "safe-way", "Only at work, before noon", nurse)
    assert shown(made)["safe_contact"] == ("Only at work, before noon", "")
    assert "safe_contact" not in {one.code for one in learned.of(made.patient, hidden_tags=frozenset({"safety"}))}


def test_the_pages_offer_each_by_itself(client, as_role):
    nurse = as_role()
    made = begun(by=nurse)
    say(made, "language", "Spanish", nurse)
    say(made, "pronouns", "she/her", nurse)
    for name, args in (
        ("finish", [made.public_id]),
        ("summary", [made.public_id]),
        ("of_patient", [made.patient.public_id]),
    ):
        page = client.get(reverse(f"assessment:{name}", args=args)).content.decode()
        assert "she/her" in page and "Put on the record" in page, name
    address = reverse("assessment:learned", args=[made.patient.public_id])
    back = reverse("assessment:finish", args=[made.public_id])
    answer = client.post(address, {"code": "pronouns", "do": "keep", "back": back}, follow=True)
    assert answer.redirect_chain == [(back, 302)]
    text = answer.content.decode()
    assert 'value="pronouns"' not in text and 'value="spoken_language"' in text, "each by itself"
    assert PatientPreference.objects.get(patient=made.patient).pronouns == "she/her"
    assert client.post(address, {"code": "pronouns", "do": "keep"}).status_code == 302, "twice does no harm"
    page = client.post(address, {"code": "height", "do": "keep"}, follow=True).content.decode()
    assert "Choose one of those shown" in page
