"""
Finding a patient by name, date of birth or member ID.

The words searched for never stand in an address: the form is a POST, so no log, no history and no bookmark keeps them.
Who is found is written into the access log like any list of patients.
"""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.registry import queries
from carewright.registry.models import Patient
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.web import navigation

SHOWN = 50


@dataclass(frozen=True)
class Found:
    """One patient as the search shows them, and where the reader may go from here."""

    name: str
    small: str
    born_on: date | None
    payer: str
    doubtful: bool
    died_on: date | None
    links: list[tuple[str, str]]


@guard.requires(Permission.SEE_CHART)
def search(request: StaffRequest) -> HttpResponse:
    """What was asked, and who answers to it among the people this reader may see."""
    asked = request.POST.get("q", "").replace("\0", "").strip()[:100]
    today = timezone.localdate()
    role = request.user.described_role
    patients: list[Patient] = []
    if asked:
        among = guard.patients_for(request.user, on=today)
        patients = queries.find(asked, among=among, names=role.sees_direct, limit=SHOWN + 1)
    more = len(patients) > SHOWN
    patients = patients[:SHOWN]
    if patients:
        audit.saw_list([patient.pk for patient in patients], by=request.user, page="web:search", why="searched")
    found = [_shown(patient, request.user, today, names=role.sees_direct) for patient in patients]
    return render(
        request, "web/search.html", {"asked": asked, "found": found, "more": more, "shown": SHOWN, "emergency": _emergency(request)},
    )  # fmt: skip


def _shown(patient: Patient, user, today: date, *, names: bool) -> Found:
    listed = f"{patient.family_name}, {patient.given_name}".strip(", ") or patient.name
    links = [(_("Open"), reverse("patient:glance", args=[patient.public_id]))]
    if navigation.may(user, "SEE_CANDIDATES") and navigation.address("population:candidates"):
        links.append((_("Why here"), reverse("population:why", args=[patient.public_id])))
    if navigation.may(user, "SEE_ACCESS_LOG") and (href := _log_address(patient)):
        links.append((_("Who looked"), href))
    if navigation.may(user, "MATCH_PEOPLE") and navigation.address("people:waiting"):
        links.append((_("Same person as…"), reverse("people:same", args=[patient.public_id])))
    sex = {"female": "F", "male": "M"}.get(patient.sex, "")
    return Found(
        name=listed if names else patient.masked_name,
        small=" ".join(filter(None, [_age(patient.born_on, patient.died_on or today, exact=names), sex])),
        born_on=patient.born_on if names else None,
        payer=patient.payer,
        doubtful=patient.identity_in_doubt,
        died_on=patient.died_on,
        links=links,
    )


def _emergency(request: StaffRequest) -> str | None:
    """Where the glass is broken, for whoever may."""
    return navigation.address("access:emergency") if navigation.may(request.user, "BREAK_GLASS") else None


def _log_address(patient: Patient) -> str | None:
    try:
        return reverse("access:patient_log", args=[patient.public_id])
    except navigation.NoReverseMatch:
        return None


def _age(born_on: date | None, on: date, *, exact: bool = True) -> str:
    """
    Completed years on a day; for who sees no names, those over 89 are one group.

    >>> _age(date(1950, 3, 17), date(2026, 3, 16)), _age(date(1930, 3, 17), date(2026, 3, 16), exact=False)
    ('75', '90+')
    """
    if born_on is None:
        return ""
    years = on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
    return str(years) if exact or years < 90 else "90+"
