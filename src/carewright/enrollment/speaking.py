"""Whose yes is heard: the patient's own, understood in their language, or that of who may speak for them."""

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.kernel.errors import NotNow
from carewright.knowledge import minors
from carewright.population.codes import language_name
from carewright.registry import relating
from carewright.registry.models import Authority, Patient, PatientPreference, RelatedPerson
from carewright.registry.names import name_key


def refuse_a_wrong_voice(patient: Patient, *, given_by: str, on: date) -> None:
    """
    Refuse an answer by somebody who is held away from the patient, or whom the patient does not want told anything.

    Whoever is not on the record speaks by the right that is written beside their name; the page asks for it.
    """
    named = name_key(given_by)
    if not named:
        return
    for person in RelatedPerson.every_one.filter(patient=patient):
        if name_key(person.name) != named:
            continue
        authority = person.authority_on(on)
        if person.held_at is not None or (authority is not None and authority.kind == Authority.Kind.NONE):
            raise NotNow(_("This person does not speak for the patient. Ask the patient alone."), at="given_by")


def refuse_a_child_alone(patient: Patient, *, given_by: str, on: date) -> None:
    """Refuse a yes that nobody gave for somebody under age; a minor who may decide alone is written down with that right."""
    if patient.born_on is None or given_by.strip():
        return
    of_age_on = minors.of_age_on(patient.born_on, relating.state_of(patient))
    if on < of_age_on:
        raise NotNow(
            _(
                "This person is under age until %(day)s: a parent or guardian agrees for them. Write who, and by which right; of a minor who may decide alone, their own name and that right."
            )
            % {"day": date_format(of_age_on - timedelta(1), "F j, Y")},
            at="given_by",
        )


def refuse_what_was_not_understood(patient: Patient, *, language: str, interpreter: str) -> None:
    """Refuse a yes to words that were read, without an interpreter, in another language than the one they speak."""
    preference = PatientPreference.objects.filter(patient=patient).first()
    if preference is None or not preference.needs_interpreter or interpreter.strip():
        return
    spoken = language_name(preference.spoken_language or patient.language)
    if spoken and language_name(language) != spoken:
        raise NotNow(
            _("They speak %(language)s and need an interpreter. Name who interpreted, or read it in %(language)s.")
            % {"language": spoken},
            at="interpreter",
        )
