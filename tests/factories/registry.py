"""Invented patients."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from carewright.registry.models import Address, ContactPoint, Coverage, Identifier, Patient, RelatedPerson


class PatientFactory(DjangoModelFactory):
    """A patient with a name and a birth date; `PatientFactory(person_id="p1")` also gives the warehouse's number."""

    class Meta:
        model = Patient
        skip_postgeneration_save = True

    given_name = "Ruth"
    family_name = factory.Sequence(lambda n: f"Abernathy{n}")
    born_on = date(1950, 5, 2)
    sex = "female"
    language = "en"

    @factory.post_generation
    def person_id(self, create, extracted, **kwargs):
        if create and extracted:
            IdentifierFactory(patient=self, system="person_id", value=extracted)


class IdentifierFactory(DjangoModelFactory):
    """A number somebody knows the patient by."""

    class Meta:
        model = Identifier

    patient = factory.SubFactory(PatientFactory)
    system = "person_id"
    value = factory.Sequence(lambda n: f"person-{n}")


class CoverageFactory(DjangoModelFactory):
    """An open coverage since January 1, 2024."""

    class Meta:
        model = Coverage

    patient = factory.SubFactory(PatientFactory)
    payer = "Evergreen Health"
    payer_type = "medicare"
    starts_on = date(2024, 1, 1)


class AddressFactory(DjangoModelFactory):
    """A home address."""

    class Meta:
        model = Address

    patient = factory.SubFactory(PatientFactory)
    line = "12 Elm Street"
    city = "Springfield"
    state = "MA"
    zip_code = "01101"


class ContactPointFactory(DjangoModelFactory):
    """A phone number."""

    class Meta:
        model = ContactPoint

    patient = factory.SubFactory(PatientFactory)
    kind = "phone"
    value = factory.Sequence(lambda n: f"413-555-{n:04d}")


class RelatedPersonFactory(DjangoModelFactory):
    """A daughter whom somebody of ours wrote down."""

    class Meta:
        model = RelatedPerson

    patient = factory.SubFactory(PatientFactory)
    given_name = "Elena"
    family_name = "Ortega"
    relationship = "daughter"
    phone = "413-555-0142"
    source = "staff"
    external_id = factory.Sequence(lambda n: f"related-{n}")
