"""A yes is the patient's, understood in their language, or that of somebody who may speak for them."""

from datetime import date

import pytest

from carewright.enrollment import consenting
from carewright.enrollment.models import Consent
from carewright.kernel.errors import NotNow
from carewright.registry import reaching, relating
from carewright.registry.models import Authority
from tests.enrollment.conftest import AT, ON
from tests.enrollment.test_consent_and_enrollment import agree
from tests.factories.registry import RelatedPersonFactory

pytestmark = pytest.mark.django_db
GUARDIAN = {"given_by": "Elena Moreno", "authority": "Mother"}


def test_a_child_does_not_agree_alone(patient, nurse):
    patient.born_on = date(2012, 5, 1)
    patient.save()
    with pytest.raises(NotNow, match="under age until April 30, 2030"):
        agree(patient, nurse)
    assert agree(patient, nurse, **GUARDIAN).given_by == "Elena Moreno"
    assert agree(patient, nurse, "social_needs", given_by="Alberto Moreno", authority="Emancipated").stands


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_whoever_is_held_away_or_to_be_told_nothing_answers_for_nobody(patient, nurse, answer):
    held = RelatedPersonFactory(patient=patient, given_name="Elena", family_name="Moreno")
    relating.hold_person(person=held, because="She is afraid", is_suspected_abuser=True, by=nurse, at=AT)
    silent = RelatedPersonFactory(patient=patient, given_name="Raúl", family_name="Moreno")
    Authority.objects.create(patient=patient, related_person=silent, kind="none", starts_on=ON)

    def said(**who):
        if answer == "yes":
            return agree(patient, nurse, **who)
        return consenting.decline(
            patient=patient,
            program="complex_care",
            because="No",
            how="verbal",
            language="en",
            by=nurse,
            on=ON,
            at=AT,
            **who,
        )

    for name in ("elena  MORENO", "Raul Moreno"):
        with pytest.raises(NotNow, match="does not speak for the patient"):
            said(given_by=name, authority="Husband")
    assert not Consent.objects.exists()
    assert said(given_by="Sofía Moreno", authority="Power of attorney").given_by == "Sofía Moreno"


def test_what_was_read_in_a_language_they_do_not_speak_is_no_yes(patient, nurse):
    reaching.set_preference(
        patient=patient, facts={"spoken_language": "es", "needs_interpreter": True}, by=nurse, at=AT
    )
    with pytest.raises(NotNow, match="speak Spanish and need an interpreter"):
        agree(patient, nurse)
    assert agree(patient, nurse, language="es").stands
    assert agree(patient, nurse, "social_needs", interpreter="Line 4711").stands
