"""How people are reached, what staff wrote, and who stands beside them."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from carewright.access.actor import acting_as
from carewright.kernel.errors import CannotDo, NotNow
from carewright.registry import reaching, relating
from carewright.registry.models import (
    Authority,
    ContactPoint,
    Join,
    JoinedRows,
    NameWord,
    PatientPreference,
    PossibleMatch,
    RelatedPerson,
)
from tests.factories.access import TieFactory
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory, RelatedPersonFactory
from tests.factories.staff import UserFactory
from tests.registry.test_receiving import RUTH, receive, ruth

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture
def nurse():
    return UserFactory()


def test_a_name_we_corrected_is_not_taken_back_by_the_next_file(nurse):
    receive(RUTH)
    reaching.correct_facts(patient=ruth(), facts={"family_name": "Abernathy-Lee"}, by=nurse, at=AT)
    receive(RUTH | {"last_name": "Abernaty", "sex": "male", "address": "1 New Street"}, run_id="run-2")
    patient = ruth()
    assert (patient.family_name, patient.sort_name, patient.sex) == ("Abernathy-Lee", "abernathy lee ruth", "male")
    assert patient.addresses.get().line == "1 New Street"


def test_an_address_we_wrote_down_stays(nurse):
    receive(RUTH)
    reaching.set_address(
        patient=ruth(), use="home", line="9 Oak", city="Springfield", state="ma", zip_code="01103", by=nurse, at=AT
    )
    receive(RUTH | {"address": "1 New Street", "zip_code": "99999"}, run_id="run-2")
    assert (ruth().addresses.get().line, ruth().addresses.get().state) == ("9 Oak", "MA")


def test_consent_belongs_to_the_number_it_was_given_for(nurse):
    phone, mail = ContactPointFactory(), ContactPointFactory(kind="email", value="ruth@example.org")
    reaching.record_text_consent(point=phone, state="given", by=nurse, at=AT)
    assert phone.has_consent and phone.consent_by == nurse
    with pytest.raises(CannotDo, match="go to a phone"):
        reaching.record_text_consent(point=mail, state="given", by=nurse, at=AT)
    with pytest.raises(ValidationError):
        mail.text_consent, mail.consent_at = "given", AT
        mail.full_clean()
    reaching.record_text_consent(point=phone, state="withdrawn", by="system:channel", at=AT)
    assert not phone.has_consent and phone.consent_by is None


def test_a_wrong_number_takes_no_consent(nurse):
    phone = ContactPointFactory()
    reaching.flag_wrong(point=phone, on=date(2026, 11, 24), by=nurse)
    with pytest.raises(NotNow, match="flagged as wrong"):
        reaching.record_text_consent(point=phone, state="given", by=nurse, at=AT)


def test_the_number_of_somebody_held_is_gone_even_when_a_file_brings_it_later(nurse):
    person = RelatedPersonFactory(phone="(413) 555-0142", email="v@example.org")
    relating.hold_person(person=person, because="Threats", is_suspected_abuser=True, by=nurse, at=AT)
    ContactPointFactory(patient=person.patient, value="413.555.0142")
    ContactPointFactory(patient=person.patient, kind="email", value="V@example.org")
    right = ContactPointFactory(patient=person.patient, value="413-555-0100")
    assert list(person.patient.contact_points.all()) == [right]
    assert list(person.patient.related_people.all()) == []
    assert person.authority_on(date(2026, 11, 24)) is None
    with pytest.raises(NotNow, match="held away"):
        relating.give_authority(
            person=person, kind="care_info", starts_on=date(2026, 11, 1), ends_on=None, document="", by=nurse, at=AT
        )
    relating.lift_hold(person=person, because="Mistaken", by=nurse)
    assert person.patient.contact_points.count() == 3


def test_who_is_suspected_is_held_says_the_database():
    person = RelatedPersonFactory()
    with pytest.raises(IntegrityError, match="related_person_suspect_is_held"), transaction.atomic():
        RelatedPerson.every_one.filter(pk=person.pk).update(is_suspected_abuser=True)


def test_the_strongest_authority_counts_and_none_counts_more():
    person = RelatedPersonFactory()
    for kind in ("emergency", "care_info"):
        Authority.objects.create(patient=person.patient, related_person=person, kind=kind, starts_on=date(2026, 1, 1))
    day = date(2026, 11, 24)
    assert person.authority_on(day).kind == "care_info"
    Authority.objects.create(patient=person.patient, related_person=person, kind="none", starts_on=date(2026, 6, 1))
    assert person.authority_on(day).kind == "none"
    assert person.authority_on(date(2025, 1, 1)) is None


def test_a_file_does_not_overwrite_somebody_we_corrected(nurse):
    from carewright.exchange.fhir.registering import keep_corrected

    person = RelatedPersonFactory(source="general", external_id="r1")
    assert keep_corrected({("general", "r1"), ("general", "r2")}) == {("general", "r1"), ("general", "r2")}
    relating.correct_related_person(
        person=person, given_name="Elena", family_name="Ortega", relationship="daughter", phone="", email="", by=nurse,
        at=AT,
    )  # fmt: skip
    assert keep_corrected({("general", "r1"), ("general", "r2")}) == {("general", "r2")}


def test_what_is_about_a_patient_stands_behind_the_wall(nurse):
    one, other = PatientFactory(), PatientFactory()
    TieFactory(user=nurse, patient=one)
    for patient in (one, other):
        PatientPreference.objects.create(patient=patient, said_at=AT)
        person = RelatedPersonFactory(patient=patient)
        Authority.objects.create(patient=patient, related_person=person, kind="care_info", starts_on=date(2026, 1, 1))
    PossibleMatch.objects.create(patient=one, other=other, found_at=AT, reasons=[])
    third = PatientFactory()
    join = Join.objects.create(patient=other, other=third, by_machine=True, joined_by="system:t", joined_at=AT, why="x")
    JoinedRows.objects.create(join=join, table="registry.Identifier", column="patient", whose="moved", keys=["1"])
    with acting_as(nurse):
        assert PatientPreference.objects.get().patient == one
        assert Authority.objects.get().patient == one
        assert not PossibleMatch.objects.exists(), "a pair needs sight of both"
        assert not Join.objects.exists() and not JoinedRows.objects.exists()
        assert set(NameWord.objects.values_list("patient", flat=True)) == {one.pk}
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from registry_possiblematch")
        assert cursor.fetchone() == (1,)
    assert ContactPoint.every_one.count() == 0


def test_a_minors_representative_ends_with_their_coming_of_age(nurse):
    child = PatientFactory(born_on=date(2014, 6, 5))
    AddressFactory(patient=child)
    mother = RelatedPersonFactory(patient=child)

    def give(ends_on):
        return relating.give_authority(
            person=mother, kind="personal_representative", starts_on=date(2026, 11, 1), ends_on=ends_on,
            document="Birth record", by=nurse, at=AT,
        )  # fmt: skip

    with pytest.raises(CannotDo, match=r"June 5, 2032.*June 4, 2032"):
        give(None)
    assert give(date(2032, 6, 4)).verified_by == nurse
