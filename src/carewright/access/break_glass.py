"""
Breaking the glass: opening a patient one has no tie to, because it cannot wait.

It takes a reason from a list, what happened in one's own words, and one's password once more. It opens one patient, to
one person, to read, for an hour (`CAREWRIGHT_BREAK_GLASS_MINUTES`), with a banner on every page, and puts that patient
on no list and into no number: lists are work, a broken glass is a look at one person. It lies in the review of whoever
guards privacy from that moment on. Part 2 records (42 CFR Part 2) open only when the reason is a medical emergency and
the record that section 2.51 asks for is given: to whom they are shown, and the nature of the emergency; the rest of
that record (name, moment, who disclosed) the house writes itself.
"""

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.access.models import BreakGlass
from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.registry.models import Patient
from carewright.registry.names import name_key
from carewright.staff.models import User
from carewright.staff.roles import Permission

Reason = BreakGlass.Reason
MINUTES = int(os.environ.get("CAREWRIGHT_BREAK_GLASS_MINUTES", "60"))
SHORTEST_WORDS = 10


@dataclass(frozen=True)
class Part2Record:
    """What 42 CFR 2.51 asks to be written down: who receives it, where they work, the nature of the emergency."""

    disclosed_to: str
    facility: str
    emergency: str


def find_exactly(*, family_name: str, born_on: date | None, number: str = "") -> Patient | None:
    """
    The one patient with this family name and birth date, or with this number and birth date; nobody when none or many.

    Only somebody who knows the person exactly gets an answer: this question is asked past the wall, for people the
    asker has no tie to.
    """
    if born_on is None or not (family_name.strip() or number.strip()):
        return None
    with acting_as("system:break_glass"):
        found = Patient.objects.filter(born_on=born_on)
        if number.strip():
            found = found.filter(identifiers__value=number.strip()) | found.filter(coverages__member_id=number.strip())
        if family_name.strip():
            key = name_key(family_name)
            found = found.filter(sort_name__gte=key, sort_name__lt=key + " \U0010ffff")
        patients = list(found.distinct()[:2])
    patients = [p for p in patients if not family_name.strip() or name_key(p.family_name) == name_key(family_name)]
    return patients[0] if len(patients) == 1 else None


def break_glass(
    *, patient: Patient, reason: str, words: str, password: str | None, by: User, at: datetime,
    part2: Part2Record | None = None,
) -> BreakGlass:  # fmt: skip
    """
    Open this patient to this person, to read, for `MINUTES`; whoever guards privacy sees it at once.

    `password` is None only for somebody without one, who proved just now who they are to their identity provider.
    Raises NotPermitted when the role may not, CannotDo when the password is wrong, the words say nothing, or Part 2
    records are asked for without a medical emergency and its record.
    """
    if not by.may(Permission.BREAK_GLASS):
        raise NotPermitted(_("Your role does not let you open a patient in an emergency."))
    if not (by.check_password(password) if password is not None else not by.has_usable_password()):
        raise CannotDo(_("This is not your password. Nothing was opened."), at="password")
    if reason not in Reason.values:
        raise CannotDo(_("Choose one of the reasons."))
    if len(words.strip()) < SHORTEST_WORDS:
        raise CannotDo(_("Say in a few words what happened and why it cannot wait."))
    if part2 is not None:
        if reason != Reason.MEDICAL_EMERGENCY:
            raise CannotDo(_("Substance use program records open only in a medical emergency (42 CFR 2.51)."))
        if not part2.disclosed_to.strip() or not part2.emergency.strip():
            raise CannotDo(_("Say to whom the records are shown and what the emergency is: 42 CFR 2.51 asks for both."))
    glass = BreakGlass(
        user=by, patient=patient, reason=reason, words=words.strip(), starts_at=at,
        ends_at=at + timedelta(minutes=MINUTES), opens_part2=part2 is not None,
        part2_disclosed_to=part2.disclosed_to.strip() if part2 else "",
        part2_recipient_facility=part2.facility.strip() if part2 else "",
        part2_emergency=part2.emergency.strip() if part2 else "",
    )  # fmt: skip
    # The person's own wall hides the patient until this row is there, so the checks are made by the house.
    with acting_as("system:break_glass"), audit.change(
        glass, by=by, did="broke_glass", why=reason, purpose="emergency"
    ):  # fmt: skip
        pass
    return glass


def close(*, glass: BreakGlass, by: User, at: datetime) -> BreakGlass:
    """Close it before its hour is over: the emergency has passed."""
    if glass.user_id != by.pk:
        raise NotPermitted(_("Only the person who opened this patient closes them again."))
    if glass.ends_at <= at:
        raise NotNow(_("This emergency access is over already."))
    with acting_as("system:break_glass"), audit.change(glass, by=by, did="closed_glass"):
        glass.ends_at = max(at, glass.starts_at + timedelta(microseconds=1))
    return glass


def review(*, glass: BreakGlass, verdict: str, words: str, by: User, at: datetime) -> BreakGlass:
    """Say whether it was justified. Once, by somebody else than the person who did it, with a word why."""
    if not by.may(Permission.REVIEW_ACCESS):
        raise NotPermitted(_("Your role does not review emergency access."))
    if glass.user_id == by.pk:
        raise NotPermitted(_("Nobody reviews their own emergency access."))
    if glass.reviewed_at:
        raise NotNow(_("This emergency access was reviewed already."))
    if verdict not in BreakGlass.Verdict.values:
        raise CannotDo(_("Say whether it was justified."))
    if not words.strip():
        raise CannotDo(_("Say why, in a few words; the person will read it."))
    with acting_as("system:access_review"), audit.change(glass, by=by, did="reviewed_glass", why=verdict):
        glass.reviewed_at, glass.reviewed_by, glass.verdict = at, by, verdict
        glass.review_words = words.strip()
    return glass
