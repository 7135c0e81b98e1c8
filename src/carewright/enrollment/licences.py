"""
Licences that run out: whoever holds one is reminded in time, because from the next day they may be given nobody there.

Once all of somebody's have run out, whoever leads the team is asked to move their patients. Nothing moves by itself.
"""

from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone
from django.utils.translation import ngettext

from carewright.enrollment.models import Enrollment
from carewright.staff import licences as on_file
from carewright.staff import roles
from carewright.staff.models import Licence, Membership, User
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task

AHEAD = timedelta(days=60)
ABOUT, PATIENTS = "licence", "licence_patients"


def remind_to_renew(*, at: datetime, on: date, by: str) -> int:
    """Remind everyone of a licence that runs out within sixty days, once each; a renewed one closes its reminder."""
    made = 0
    ending = Licence.objects.filter(expires_on__lte=on + AHEAD, user__is_active=True).select_related("user")
    about = {_about(licence): licence for licence in ending}
    for task in Task.objects.open().filter(about_kind=ABOUT).exclude(about_public_id__in=list(about)):
        tasks.close(task=task, because=Task.Closed.DONE, by=by, at=at, words="renewed")
    known = set(
        Task.objects.filter(about_kind=ABOUT, about_public_id__in=list(about)).values_list("about_public_id", flat=True)
    )
    for number, licence in about.items():
        if number in known:
            continue
        due = timezone.make_aware(datetime.combine(licence.expires_on, time(17)))
        tasks.open_task(
            kind="other", title=f"Renew your licence: {licence.kind} {licence.state}", priority=4, owner_user=licence.user,
            why=f"It runs to {licence.expires_on:%B %-d, %Y}. After that day you cannot be given patients there.",
            due_at=max(due, at), about_kind=ABOUT, about_public_id=number, by=by, at=at,
        )  # fmt: skip
        made += 1
    return made


def ask_to_move(*, at: datetime, on: date, by: str) -> int:
    """Ask a supervisor to move the patients of everyone whose licence ran out; done when it is renewed or they have gone."""
    leading = User.objects.filter(caseload__in=Enrollment.objects.running()).distinct()
    ran_out = [one for one in on_file.of_all(leading, on=on).values() if one.state == on_file.State.RAN_OUT]
    about = {uuid5(NAMESPACE_URL, f"licence-patients:{one.user.pk}:{one.licences[0].pk}"): one for one in ran_out}
    for task in Task.objects.open().filter(about_kind=PATIENTS).exclude(about_public_id__in=list(about)):
        tasks.close(task=task, because=Task.Closed.NOT_NEEDED, by=by, at=at, words="renewed, or nobody is left to move")
    asked = set(Task.objects.open().filter(about_kind=PATIENTS).values_list("about_public_id", flat=True))
    made = 0
    for number, one in about.items():
        owner = _supervisor_of(one.user, on=on)
        if owner is None or number in asked:
            continue
        led = Enrollment.objects.running().filter(lead=one.user).values("patient").distinct().count()
        patients = ngettext("%(n)d patient", "%(n)d patients", led) % {"n": led}
        tasks.open_task(
            kind="other", title=f"Renew the licence of {one.user.name}, or move the patients", priority=4, owner_user=owner,
            why=f"{one.said}. {one.user.name} leads {patients}. Nobody is moved by itself: write down the new last day, or "
            "move them under Leads.", due_at=at + timedelta(days=1), about_kind=PATIENTS, about_public_id=number, by=by, at=at,
        )  # fmt: skip
        made += 1
    return made


def _supervisor_of(user: User, *, on: date) -> User | None:
    """Who leads a team of somebody; otherwise whoever leads one at all."""
    codes = [role.code for role in roles.who_may(roles.Permission.SEE_TEAM)]
    may = User.objects.filter(is_active=True, role__in=codes).exclude(pk=user.pk)
    beside = Membership.objects.on(on).filter(leads=True, team__in=user.memberships.on(on).values("team"))  # type: ignore[attr-defined]
    return may.filter(pk__in=beside.values("user")).order_by("pk").first() or may.order_by("pk").first()


def _about(licence: Licence) -> UUID:
    """One licence with one last day: renewed, it is another thing to be reminded of."""
    return uuid5(NAMESPACE_URL, f"licence:{licence.pk}:{licence.expires_on}")
