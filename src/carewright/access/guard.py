"""
The only door to a patient.

A view never asks the Patient table. It asks here, and gets a patient it may see or a 404: whether someone is our
patient is itself private, so "forbidden" would say too much. Behind this door stands a second wall, in the database
(`carewright.access.actor`).

Five ways in, for a view:

* `@requires(Permission.X)` on the view: who may do this at all (403, and the page says who may)
* `patients_for(user, on=…)`: everyone they may see, as a query to narrow down
* `open_patient(request, public_id)`: one patient, written down in the access log (404 when not theirs)
* `one_of(request, rows)`: one task, letter or note that an address names, before `open_patient` opens its patient
* `saw_list(request, patients)`: a page of a list was shown, written down in one line

A broken glass opens its patient to `open_patient` and `one_of` alone. Neither `patients_for` nor the wall shows that
patient to any other question, so a list need not think of it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from fnmatch import fnmatchcase
from functools import wraps
from typing import TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext

from carewright.access import gone
from carewright.access.actor import acting_as, look_through
from carewright.access.models import EVERYONE, PAYER, BreakGlass, PopulationMember, Tie
from carewright.audit import actions as audit
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission

PUBLIC_PAGES = (
    "account_login",
    "account_inactive",
    "mfa_authenticate",
    "account_reset_password*",
    "openid_connect_*",
    "socialaccount_login_*",
    "web:health",
    "web:first_run",
    "web:invitation",
    "*:public_*",  # the doors that say so in their name: public referral forms, the text gateway
)
"""The pages that nobody needs to sign in for, by view name (`*` stands for any ending); ten lines at most."""

Row = TypeVar("Row", bound=Model)
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class MayNot(PermissionDenied):
    """This role may not do that; the page for it says who may, and how to ask."""

    def __init__(self, permission: Permission):
        self.permission = permission
        self.who_may = tuple(str(role.name) for role in roles.who_may(permission))
        super().__init__(
            gettext("Your role does not let you %(what)s. These roles may: %(roles)s. Ask your supervisor or the "
                    "administrator if your work needs it.")
            % {"what": permission.said, "roles": ", ".join(self.who_may)}
        )  # fmt: skip


class ReadOnly(PermissionDenied):
    """A patient opened by breaking the glass may be read and not changed."""

    def __init__(self):
        super().__init__(gettext("You opened this patient in an emergency: you may read everything here, and change "
                                 "nothing. Ask someone who looks after them to write it down."))  # fmt: skip


def requires(*permissions: Permission) -> Callable:
    """
    Let a view answer only those whose role may do all of this; everyone else gets a page that says who may.

    The permissions stay on the view as `requires`, so that a house test sees that every address is guarded.
    """
    if not permissions:
        raise ValueError("Name a permission, or mark the view with @for_all_staff.")

    def guarded(view: Callable) -> Callable:
        @wraps(view)
        def asked(request: StaffRequest, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            for permission in permissions:
                if not roles.allows(request.user, permission):
                    note_refusal(request, what=str(permission), why=f"role {request.user.role} may not")
                    raise MayNot(permission)
            return view(request, *args, **kwargs)

        asked.requires = frozenset(permissions)  # type: ignore[attr-defined]
        return asked

    return guarded


def requires_one_of(*permissions: Permission) -> Callable:
    """
    Let a view that shows no patient answer those whose role may do at least one of these.

    The permissions stay on the view as `requires_one_of`; `requires` is empty, since none is needed by itself.
    """

    def guarded(view: Callable) -> Callable:
        @wraps(view)
        def asked(request: StaffRequest, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not any(roles.allows(request.user, permission) for permission in permissions):
                note_refusal(request, what=str(permissions[0]), why=f"role {request.user.role} may not")
                raise MayNot(permissions[0])
            return view(request, *args, **kwargs)

        asked.requires, asked.requires_one_of = frozenset(), frozenset(permissions)  # type: ignore[attr-defined]
        return asked

    return guarded


def for_all_staff(view: Callable) -> Callable:
    """Mark a view that every signed-in member of staff may use, because it shows no patient: one's settings, help."""

    @wraps(view)
    def asked(request: StaffRequest, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    asked.requires = frozenset()  # type: ignore[attr-defined]
    return asked


def patients_for(user, *, on: date) -> QuerySet[Patient]:
    """
    Everyone this member of staff has a tie to on that day: their own ties and those of their teams.

    A tie to everyone gives the plain table, so it costs nothing per row. Patients opened by breaking the glass are not
    among them: they are opened one by one (`open_patient`), and stand in no list.
    """
    role = roles.role_of(user)
    if role is None or not role.sees_patients:
        return Patient.objects.none()
    populations = _populations_of(user, on)
    if EVERYONE in populations:
        return Patient.objects.all()
    ties = Tie.objects.on(on).of(user, on)
    seen = Q(pk__in=ties.filter(patient__isnull=False).values("patient"))
    if payers := {name.removeprefix(PAYER) for name in populations if name.startswith(PAYER)}:
        seen |= Q(payer__in=payers)
    if named := {name for name in populations if not name.startswith(PAYER)}:
        seen |= Q(pk__in=PopulationMember.objects.filter(population__in=named).values("patient"))
    return Patient.objects.filter(seen)


def sees_everyone(user, *, on: date) -> bool:
    """Whether this member of staff has a tie to everyone on that day, so that no row needs to be asked whose it is."""
    role = roles.role_of(user)
    return role is not None and role.sees_patients and EVERYONE in _populations_of(user, on)


def _populations_of(user, on: date) -> set[str]:
    ties = Tie.objects.on(on).of(user, on).filter(patient__isnull=True)
    return set(ties.values_list("population", flat=True))


def open_patient(request: StaffRequest, public_id) -> Patient:
    """
    Find a patient for this page, and write down that it was opened; 404 for someone who is not theirs.

    Somebody who broke the glass for this patient finds them too, to read: anything but reading is refused (403).
    Sets `request.break_glass` to the open glass, or to nothing. Who looks after them may break the glass too, in a
    medical emergency, for what is closed to everybody (42 CFR Part 2): `request.part2_until` says until when that is open.
    """
    user, page = request.user, page_of(request)
    request.break_glass = request.part2_until = None
    seen = patients_for(user, on=timezone.localdate())
    part2 = _open_glasses(user).filter(patient=OuterRef("pk"), opens_part2=True).order_by("-ends_at")
    patient = seen.filter(public_id=public_id).annotate(part2_until=Subquery(part2.values("ends_at")[:1])).first()
    if patient is not None:
        request.part2_until = patient.part2_until
        role = roles.role_of(user)
        why, purpose = "", role.opens_for if role else ""
        if patient.part2_until:
            why, purpose = "broke the glass: medical_emergency", "emergency"
        audit.saw(patient, by=user, page=page, why=why, purpose=purpose)
        return patient
    glass = open_glass(user, public_id)
    if glass is None:
        was_theirs = gone.why(user, public_id, seen=seen, at=timezone.now())
        note_refusal(request, what=f"patient {public_id}", why=was_theirs.logged if was_theirs else "no tie")
        raise was_theirs or Http404
    if request.method not in READING:
        note_refusal(
            request, what=f"patient {public_id}", why="break-glass is read-only", patient_ids=[glass.patient_id]
        )
        raise ReadOnly
    request.break_glass, request.through_glass = glass, [*_through(request), glass.patient_id]
    look_through(request.through_glass)
    audit.saw(glass.patient, by=user, page=page, why=f"broke the glass: {glass.reason}", purpose="emergency")
    return glass.patient


def one_of(request: StaffRequest, rows: QuerySet[Row]) -> Row | None:
    """
    The one row that an address names by its own number, as far as its patient is this reader's or open by a broken glass.

    Nothing is shown yet, and nothing written down: `open_patient` with the row's patient comes next.
    """
    found = rows.first()
    if found is None and (broken := list(_open_glasses(request.user).values_list("patient", flat=True))):
        look_through(broken)
        found = rows.first()
        look_through(_through(request))
    return found


@contextmanager
def as_if_whole(request: StaffRequest) -> Iterator[None]:
    """Ask as if no glass were broken: for lists and numbers that stand on every page, also on a page it opened."""
    through = _through(request)
    if through:
        look_through([])
    yield
    if through:
        look_through(through)


def _through(request: StaffRequest) -> list[int]:
    """The patients this request has opened by a broken glass so far."""
    return getattr(request, "through_glass", [])


def saw_list(request: StaffRequest, patients: Iterable[Patient | int]) -> None:
    """Write down, in one line, which patients a page of a list showed."""
    ids = [patient if isinstance(patient, int) else patient.pk for patient in patients]
    if ids:
        audit.saw_list(ids, by=request.user, page=page_of(request))


def open_glass(user, public_id) -> BreakGlass | None:
    """The glass this person broke for this patient, while it is open."""
    broken = _open_glasses(user)
    if not broken.exists():
        return None
    with acting_as("system:break_glass"):  # the wall does not show the patient before the glass is found
        found = broken.filter(patient__public_id=public_id)
        return found.select_related("patient").order_by("-ends_at").first()


def _open_glasses(user) -> QuerySet[BreakGlass]:
    if not roles.allows(user, Permission.BREAK_GLASS):
        return BreakGlass.objects.none()
    return BreakGlass.objects.filter(user=user).open_at(timezone.now())


def note_refusal(request: StaffRequest, *, what: str, why: str, patient_ids: Iterable[int] = ()) -> None:
    """
    Remember that somebody was not let in; it is written down even though the request that raised leaves nothing else.

    Without the access middleware (a job, a test of one view) it is written at once.
    """
    refusal = {"what": what, "page": page_of(request), "why": why, "patient_ids": list(patient_ids)}
    if hasattr(request, "refusals"):
        request.refusals.append(refusal)
    elif request.user.is_authenticated:
        audit.refused(by=request.user, **refusal)  # type: ignore[arg-type]


def is_public(view_name: str) -> bool:
    """Whether a page may be opened by somebody nobody knows."""
    return any(fnmatchcase(view_name, public) for public in PUBLIC_PAGES)


def page_of(request: StaffRequest) -> str:
    """The page as the log names it: the view's name, never its address, which may hold more."""
    return request.resolver_match.view_name if request.resolver_match else "(unknown page)"
