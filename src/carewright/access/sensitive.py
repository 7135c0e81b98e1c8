"""
Which facts stay closed to whom.

Every fact carries sensitivity tags from the moment it lands, and every query about facts goes through
`without_hidden`, so that a page, a search, a reason, a count and a file all leave out the same rows. What is left out
is left out silently: "3 facts are hidden" would already tell.

`part2` (records of a substance use program, 42 CFR Part 2) is closed to everyone: no consent to disclose is recorded
yet, consent comes with enrollment. The one exception is a medical emergency (42 CFR 2.51): break-glass for that
patient, for that person, for that hour, with the record the rule asks for.
"""

import re
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from carewright.access.models import BreakGlass
from carewright.staff import roles

EVERY_TAG = roles.ALWAYS_HIDDEN | roles.SENSITIVE

OPEN_TO_ALL_ROLES = frozenset(
    {
        "registry.Identifier",
        "registry.Coverage",
        "registry.Address",
        "registry.ContactPoint",
        "registry.RelatedPerson",
        "chart.Appointment",
        "population.SocialNeed",
        "population.Neighborhood",
        "population.AttributedProvider",
    }
)
"""Facts that are not clinical: roles without clinical sight (community health worker, billing) see these and no others."""


def hidden_tags(user, patient=None, *, at: datetime | None = None) -> frozenset[str]:
    """
    The tags whose facts this person must not see, anywhere: pages, search, reasons, counts, files.

    With `patient`, a glass this person broke in a medical emergency, still open at that moment, opens `part2` for that
    patient alone. Somebody without a role sees no tagged fact at all.
    """
    role = roles.role_of(user)
    if role is None:
        return EVERY_TAG
    if patient is not None and role.allows(roles.Permission.BREAK_GLASS):
        opened = BreakGlass.objects.filter(user=user, patient=patient, opens_part2=True)
        if opened.open_at(at or timezone.now()).exists():
            return role.hidden_tags - {"part2"}
    return role.hidden_tags


def sees_clinical(user) -> bool:
    """Whether this person's work includes diagnoses, medicines, results and stays at all."""
    role = roles.role_of(user)
    return role is not None and role.sees_clinical


def sees_direct(user) -> bool:
    """Whether this person sees names, addresses and phone numbers, or people without them."""
    role = roles.role_of(user)
    return role is not None and role.sees_direct


def name_shown(patient, user) -> str:
    """The patient's name as this person may read it: the name, or `Person 3f2a91c0` for roles that see none."""
    return patient.name if sees_direct(user) else patient.masked_name


def file_name_shown(file_name: str, number: str, user) -> str:
    """
    A file's name as this person may read it.

    A document about one person (a FHIR bundle, a PDF) is often called by that person's name. Who sees no names gets it
    by its number; tables and bulk files, which hold many people, keep their name.
    """
    about_one = re.search(r"\.(json|xml|pdf|txt|html?|rtf|docx?)(\.gz)?$", file_name, re.IGNORECASE)
    if sees_direct(user) or not about_one:
        return file_name
    return f"{number}{about_one[0].lower()}"


def without_hidden(
    facts: QuerySet, user, patient=None, *, at: datetime | None = None, hidden: frozenset[str] | None = None
) -> QuerySet:
    """
    Only the facts this person may see, by the kind of fact and by the `tags` of each row.

    A page that asks for many kinds of facts asks for `hidden_tags` once and hands them in as `hidden`.

    A role without clinical sight gets nothing of a clinical table. A table without a `tags` column is judged by its
    kind alone.
    """
    model = facts.model
    if not sees_clinical(user) and model._meta.label not in OPEN_TO_ALL_ROLES:
        return facts.none()
    if not any(field.name == "tags" for field in model._meta.concrete_fields):
        return facts
    closed = hidden_tags(user, patient, at=at) if hidden is None else hidden
    return facts.exclude(tags__overlap=sorted(closed))


def is_hidden(tags, user, patient=None, *, at: datetime | None = None) -> bool:
    """Whether one fact outside the database (a claim line, a value) with these tags stays closed to this person."""
    given = set(tags.split(";")) if isinstance(tags, str) else set(tags)
    return not hidden_tags(user, patient, at=at).isdisjoint(given)
