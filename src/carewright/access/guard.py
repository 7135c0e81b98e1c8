"""
The only door to a patient.

A view never asks the Patient table. It asks here, and gets a patient it may see or a 404: whether someone is our
patient is itself private, so "forbidden" would say too much.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from carewright.access.models import EVERYONE, PAYER, PopulationMember, Tie
from carewright.audit import actions as audit
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.roles import Permission

PUBLIC_PAGES = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_authenticate",
        "web:healthy",
        "web:first_run",
        "web:language",
    }
)
"""The pages that nobody needs to sign in for, by view name: ten at most, held by tests/house/test_access_matrix.py."""


class MayNot(PermissionDenied):
    """This role may not do that; carries the permission so that the page can say who may."""

    def __init__(self, permission: Permission):
        super().__init__(f"Your role may not {permission.said}.")
        self.permission = permission


def requires(*permissions: Permission) -> Callable:
    """
    Let a view answer only those whose role may do all of this; everyone else gets a page that says who may.

    The permissions stay on the view as `requires`, so that a house test sees that every address is guarded.
    """

    def guarded(view: Callable) -> Callable:
        @wraps(view)
        def asked(request: HttpRequest, *args, **kwargs):
            for permission in permissions:
                if not roles.allows(request.user, permission):
                    audit.refused(_page(request), by=request.user, page=_page(request), why=f"needs {permission}")
                    raise MayNot(permission)
            return view(request, *args, **kwargs)

        asked.requires = frozenset(permissions)
        return asked

    return guarded


def for_all_staff(view: Callable) -> Callable:
    """Mark a view that every signed-in member of staff may use, because it shows no patient: one's own settings, help."""
    view.requires = frozenset()
    return view


def patients_for(user, *, on: date) -> QuerySet[Patient]:
    """Everyone this member of staff has a tie to on that day: their own ties and those of their teams."""
    role = roles.role_of(user)
    if role is None or not role.sees_patients:
        return Patient.objects.none()
    ties = Tie.objects.on(on).of(user, on)
    populations = set(ties.filter(patient__isnull=True).values_list("population", flat=True))
    if EVERYONE in populations:
        return Patient.objects.all()
    seen = Q(pk__in=ties.filter(patient__isnull=False).values("patient"))
    if payers := {name.removeprefix(PAYER) for name in populations if name.startswith(PAYER)}:
        seen |= Q(payer__in=payers)
    if named := {name for name in populations if not name.startswith(PAYER)}:
        seen |= Q(pk__in=PopulationMember.objects.filter(population__in=named).values("patient"))
    return Patient.objects.filter(seen)


def open_patient(request: HttpRequest, public_id) -> Patient:
    """Find a patient for this page, and write down that it was opened; 404 for someone who is not theirs."""
    patient = patients_for(request.user, on=timezone.localdate()).filter(public_id=public_id).first()
    if patient is None:
        raise Http404
    audit.saw(patient, by=request.user, page=_page(request))
    return patient


def _page(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else request.path
