"""
Who stands beside a patient: writing them down, giving and ending their authority, holding them away for safety.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel import states
from carewright.kernel.errors import CannotDo, NotNow
from carewright.knowledge import minors
from carewright.registry.models import Address, Authority, Patient, RelatedPerson
from carewright.registry.models.related import STAFF
from carewright.staff.models import User


def add_related_person(
    *, patient: Patient, given_name: str, family_name: str, relationship: str, phone: str, email: str, by: User | str,
    at: datetime,
) -> RelatedPerson:  # fmt: skip
    """Write down somebody who stands beside a patient."""
    if not (given_name.strip() or family_name.strip()):
        raise CannotDo(_("Give at least one name of this person."))
    person = RelatedPerson(
        patient=patient, given_name=given_name.strip(), family_name=family_name.strip(), phone=phone.strip(),
        relationship=relationship.strip(), email=email.strip(), source=STAFF, external_id=str(uuid.uuid4()),
        edited_at=at,
    )  # fmt: skip
    with audit.change(person, by=by, did="add_related_person"):
        pass
    return person


def correct_related_person(
    *, person: RelatedPerson, given_name: str, family_name: str, relationship: str, phone: str, email: str, by: User,
    at: datetime,
) -> RelatedPerson:  # fmt: skip
    """Correct what we know of a related person; from now on their source no longer overwrites it."""
    with audit.change(person, by=by, did="correct_related_person"):
        person.given_name, person.family_name = given_name.strip(), family_name.strip()
        person.relationship, person.phone, person.email = relationship.strip(), phone.strip(), email.strip()
        person.edited_at = at
    return person


def give_authority(
    *, person: RelatedPerson, kind: str, starts_on: date, ends_on: date | None, document: str, by: User, at: datetime
) -> Authority:
    """
    Give a related person a say, from a day until a day.

    Whoever gives it has seen the document. Who decides for somebody under age does so until their coming of age: a
    later or open end is refused, and the sentence names the day. The same authority twice at once is refused.
    """
    if person.held_at is not None:
        raise NotNow(_("This person is held away from the patient for safety. Lift the hold first."))
    decides = kind in Authority.NEEDS_A_DOCUMENT
    if decides and not document.strip():
        raise CannotDo(_("Name the document that gives this authority: what it is, and its date."))
    if kind == Authority.Kind.PERSONAL_REPRESENTATIVE:
        _until_of_age(person.patient, starts_on, ends_on)
    if person.authorities.on(starts_on).filter(kind=kind).exists():
        raise NotNow(_("This person has this authority on that day already."))
    authority = Authority(
        patient=person.patient, related_person=person, kind=kind, document=document.strip(), starts_on=starts_on,
        ends_on=ends_on, verified_at=at if document.strip() else None, verified_by=by if document.strip() else None,
    )  # fmt: skip
    with audit.change(authority, by=by, did="give_authority"):
        pass
    return authority


def end_authority(*, authority: Authority, on: date, because: str, by: User) -> Authority:
    """The last day of somebody's authority; they keep the name on the record, and no say."""
    if authority.ends_on is not None and authority.ends_on <= on:
        raise NotNow(_("This authority has ended already."))
    if not because.strip():
        raise CannotDo(_("Say why it ends."))
    with audit.change(authority, by=by, did="end_authority"):
        authority.ends_on, authority.ended_because = max(on, authority.starts_on), because.strip()
    return authority


def hold_person(
    *, person: RelatedPerson, because: str, is_suspected_abuser: bool, by: User, at: datetime
) -> RelatedPerson:
    """
    Hold somebody away from a patient, at once and everywhere: no view, no say, no number of theirs is ever offered.

    From this moment they stand in no list, print, file or preview; only the page of contact details shows that they
    are held, to roles that may know.
    """
    if person.held_at is not None:
        raise NotNow(_("This person is held away already."))
    if not because.strip():
        raise CannotDo(_("Say why this person is held away from the patient."))
    with audit.change(person, by=by, did="hold_person"):
        person.held_at, person.held_by, person.held_because = at, by, because.strip()
        person.is_suspected_abuser = is_suspected_abuser
    return person


def lift_hold(*, person: RelatedPerson, because: str, by: User) -> RelatedPerson:
    """Let somebody stand beside the patient again, with the authority they had."""
    if person.held_at is None:
        raise NotNow(_("This person is not held away."))
    if not because.strip():
        raise CannotDo(_("Say why the hold is lifted."))
    with audit.change(person, by=by, did="lift_hold", why=because.strip()):
        person.held_at = person.held_by = person.held_because = None
        person.is_suspected_abuser = False
    return person


@dataclass(frozen=True)
class HeldAway:
    """Who is held away from some patients, and the numbers and addresses that lead to them."""

    people: frozenset[int]
    ways: frozenset[tuple[int, str]]

    def leads(self, patient: int | None, way: str) -> bool:
        """Whether a number or an email address, as it was written down one day, leads to somebody held away."""
        return patient is not None and bool(way) and (patient, compared(way)) in self.ways


def held_from(patients: Iterable[int | None]) -> HeldAway:
    """
    Whom the pages about these patients keep to themselves.

    What was written down before somebody was held away still names them: whoever shows it asks here first.
    """
    held = RelatedPerson.every_one.filter(patient__in=[one for one in patients if one], held_at__isnull=False)
    rows = list(held.values_list("pk", "patient", "phone", "email"))
    return HeldAway(
        frozenset(pk for pk, *_rest in rows),
        frozenset((patient, compared(way)) for _pk, patient, *ways in rows for way in ways if way),
    )


def leads_to_somebody_held(number: str) -> bool:
    """Whether a number leads to somebody who is held away from any patient whom the asker may see."""
    held = RelatedPerson.every_one.filter(held_at__isnull=False, phone_digits=compared(number))
    return held.exists()


def compared(way: str) -> str:
    """
    A number or an email address the one way we compare them.

    >>> compared("+1 (413) 555-0166 x2"), compared(" Gil@Stonewick.example ")
    ('4135550166', 'gil@stonewick.example')
    """
    return way.strip().casefold() if "@" in way else re.sub(r"[xX#].*$|[^0-9]", "", way)[-10:]


def _until_of_age(patient: Patient, starts_on: date, ends_on: date | None) -> None:
    """Refuse a representative of somebody under age whose authority would outlive their coming of age."""
    state = state_of(patient)
    of_age_on = minors.of_age_on(patient.born_on, state) if patient.born_on else None
    if of_age_on is None or starts_on >= of_age_on:
        return
    last = of_age_on - timedelta(1)
    if ends_on is None or ends_on > last:
        raise CannotDo(
            _("The patient comes of age on %(day)s: a representative's last day is at the latest %(last)s.")
            % {"day": date_format(of_age_on, "F j, Y"), "last": date_format(last, "F j, Y")}
        )


def view_said(view: minors.View) -> str:
    """Why a minor's representative sees what they see, in the reader's language."""
    return _(view.because).format(age=view.age)


def state_of(patient: Patient) -> str:
    """The state a patient lives in, by its letters; empty when we do not know."""
    homes = Address.objects.filter(patient=patient, use=Address.Use.HOME)
    return states.code_of(homes.values_list("state", flat=True).first())
