"""
How a patient is called, spoken to and reached: everything somebody of ours writes down about it.

What is written here is ours: a file that arrives later does not overwrite it (`FieldSource`). Whom to call, and
whether a message may be sent at all, is decided elsewhere; these are the facts it is decided by.
"""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel import states
from carewright.kernel.errors import CannotDo, NotNow
from carewright.registry import relating
from carewright.registry.models import Address, ContactPoint, FieldSource, Patient, PatientPreference
from carewright.staff.models import User

FACTS = ("given_name", "family_name", "name_suffix", "born_on", "sex", "language", "race", "ethnicity")
"""What somebody of ours may correct on the record itself."""

PREFERENCES = (
    "preferred_name", "pronouns", "spoken_language", "written_language", "needs_interpreter", "interpreter_note",
    "hearing_aid", "vision_aid", "safe_contact", "time_zone",
)  # fmt: skip
STAFF, ASSESSMENT = FieldSource.Source.STAFF, FieldSource.Source.ASSESSMENT
CONTACT_DETAILS = ("use", "rank", "best_time", "is_safe_for_message", "is_shared")


def correct_facts(*, patient: Patient, facts: Mapping[str, object], by: User, at: datetime) -> Patient:
    """Correct a name, a birth date, a sex or a language; from now on no file overwrites what was corrected."""
    _only(facts, FACTS)
    changed = {name: value for name, value in facts.items() if getattr(patient, name) != value}
    with audit.change(patient, by=by, did="correct_facts"):
        for name, value in changed.items():
            setattr(patient, name, value)
        _said(patient, facts, by=by, at=at)
    return patient


def set_preference(
    *, patient: Patient, facts: Mapping[str, object], by: User, at: datetime, source: str = STAFF, evidence: str = ""
) -> PatientPreference:
    """
    Write down how a patient wishes to be called, spoken to and contacted; what is not named stays as it was.

    `source` and `evidence` say where it is from when it was not written on the page of contact details.
    """
    _only(facts, PREFERENCES)
    preference = PatientPreference.objects.filter(patient=patient).first() or PatientPreference(patient=patient)
    preference.said_at = preference.said_at or at
    changed = [name for name, value in facts.items() if getattr(preference, name) != value]
    with audit.change(preference, by=by, did="set_preference", why=evidence):
        for name, value in facts.items():
            setattr(preference, name, value)
        preference.said_at, preference.said_to = at, by
        _said(patient, changed, by=by, at=at, source=source, evidence=evidence)
    return preference


def set_address(
    *, patient: Patient, use: str, line: str, city: str, state: str, zip_code: str, by: User, at: datetime
) -> Address:
    """Write down where a patient lives or receives mail."""
    address = Address.objects.filter(patient=patient, use=use).first() or Address(patient=patient, use=use)
    with audit.change(address, by=by, did="set_address"):
        address.line, address.city, address.state, address.zip_code = (
            line.strip(), city.strip(), states.code_of(state), zip_code.strip(),
        )  # fmt: skip
        _said(patient, [f"address_{use}"], by=by, at=at)
    return address


def add_contact_point(
    *, patient: Patient, kind: str, value: str, by: User | str, use: str | None = None, best_time: str = "",
    is_safe_for_message: bool | None = None, is_shared: bool | None = None, rank: int | None = None,
) -> ContactPoint:  # fmt: skip
    """Write down a phone number or an email address; one that is known already is refused."""
    value = value.strip()
    digits = relating.compared(value) if kind == ContactPoint.Kind.PHONE else ""
    known = ContactPoint.every_one.filter(patient=patient, kind=kind)
    if known.filter(value__iexact=value).exists() or (digits and known.filter(digits=digits).exists()):
        raise NotNow(_("This number or address is on the record already."))
    if kind == ContactPoint.Kind.PHONE and len("".join(letter for letter in value if letter.isdigit())) < 10:
        raise CannotDo(_("Give the phone number with its area code."))
    if kind == ContactPoint.Kind.EMAIL and "@" not in value.strip("@"):
        raise CannotDo(_("This is not an email address."))
    point = ContactPoint(
        patient=patient, kind=kind, value=value, use=use, best_time=best_time.strip(),
        is_safe_for_message=is_safe_for_message, is_shared=is_shared, rank=rank,
    )  # fmt: skip
    with audit.change(point, by=by, did="add_contact_point"):
        pass
    return point


def describe_contact_point(
    *, point: ContactPoint, facts: Mapping[str, object], by: User | str, at: datetime | None = None, source: str = STAFF,
    evidence: str = "",
) -> ContactPoint:  # fmt: skip
    """
    Say what a number is, when to call it, whether a message may be left and who else hears it.

    With `at`, who said each of them and when is kept beside it (`field_of`).
    """
    _only(facts, CONTACT_DETAILS)
    with audit.change(point, by=by, did="describe_contact_point", why=evidence):
        for name, value in facts.items():
            setattr(point, name, value)
        if at is not None and isinstance(by, User):
            fields = [field_of(point, name) for name in facts]
            _said(point.patient, fields, by=by, at=at, source=source, evidence=evidence)
    return point


def field_of(point: ContactPoint, name: str) -> str:
    """How a detail of a phone or an email is called among the fields that somebody wrote down."""
    return f"contact_point_{point.pk}_{name}"


def let_stand(*, patient: Patient, field: str, by: User, at: datetime) -> None:
    """Say that a field is right as it is, although something else was said since."""
    with transaction.atomic():
        _said(patient, [field], by=by, at=at)
        audit.happened("let_stand", audit.name_of(patient), by=by, patient_ids=[patient.pk], why=field)


def flag_wrong(*, point: ContactPoint, on: date, by: User | str, why: str = "") -> ContactPoint:
    """Flag a number or address as not the patient's, from that day on; it is kept, and never offered again."""
    with audit.change(point, by=by, did="flag_wrong", why=why):
        point.wrong_since_on = point.wrong_since_on or on
    return point


def flag_right(*, point: ContactPoint, by: User, why: str = "") -> ContactPoint:
    """Take back that a number is wrong, in whichever way it is written."""
    flagged = list(point.written_alike().exclude(wrong_since_on=None))
    if not flagged:
        raise NotNow(_("This number is not flagged as wrong."))
    with transaction.atomic():
        for one in flagged:
            with audit.change(one, by=by, did="flag_right", why=why):
                one.wrong_since_on = None
    point.wrong_since_on = None
    return point


def record_text_consent(*, point: ContactPoint, state: str, by: User | str, at: datetime) -> ContactPoint:
    """Write down that texts to this number were agreed to, refused, or no longer wanted."""
    if point.kind != ContactPoint.Kind.PHONE:
        raise CannotDo(_("Texts go to a phone number."))
    return _consent(point, "text_consent", state, by=by, at=at)


def record_email_consent(*, point: ContactPoint, state: str, by: User | str, at: datetime) -> ContactPoint:
    """Write down that emails to this address were agreed to, refused, or no longer wanted."""
    if point.kind != ContactPoint.Kind.EMAIL:
        raise CannotDo(_("Emails go to an email address."))
    return _consent(point, "email_consent", state, by=by, at=at)


def _consent(point: ContactPoint, column: str, state: str, *, by: User | str, at: datetime) -> ContactPoint:
    if state not in ContactPoint.Consent.values:
        raise CannotDo(_("Consent is given, refused or withdrawn."))
    if point.wrong_since is not None and state == ContactPoint.Consent.GIVEN:
        raise NotNow(_("This number is flagged as wrong. Take the flag back first."))
    with audit.change(point, by=by, did=f"record_{column}"):
        setattr(point, column, state)
        point.consent_at, point.consent_by = at, None if isinstance(by, str) else by
    return point


def _said(patient: Patient, fields, *, by: User, at: datetime, source: str = STAFF, evidence: str = "") -> None:
    """Remember that somebody of ours said this, inside the change that writes it."""
    with transaction.atomic():
        for field in fields:
            FieldSource.objects.update_or_create(
                patient=patient, field=field,
                defaults={"said_by": by, "said_at": at, "source": source, "evidence": evidence},
            )  # fmt: skip


def _only(facts: Mapping[str, object], allowed: tuple[str, ...]) -> None:
    if unknown := set(facts) - set(allowed):
        raise ValueError(f"Not among {allowed}: {sorted(unknown)}")
