"""
Licences that run out: whoever holds one is reminded in time, because from the next day they may be given nobody there.

Once all of somebody's have run out, or none holds where their patients live, whoever leads the team is asked to move
them. Nothing moves by itself.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import override

from carewright.enrollment.leads import licence_problem
from carewright.enrollment.models import Enrollment
from carewright.registry.models import Address
from carewright.staff import licences as on_file
from carewright.staff import roles
from carewright.staff.models import Licence, Membership, User
from carewright.tasks import actions as tasks
from carewright.tasks import sentences
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
            kind="other", title=sentences.RENEW_YOURS.format(licence=f"{licence.kind} {licence.state}"), priority=4, owner_user=licence.user,
            why=sentences.LICENCE_RUNS_TO.format(day=sentences.day(licence.expires_on)),
            due_at=max(due, at), about_kind=ABOUT, about_public_id=number, by=by, at=at,
        )  # fmt: skip
        made += 1
    return made


def ask_to_move(*, at: datetime, on: date, by: str) -> int:
    """
    Ask a supervisor to move the patients of everyone whose licence ran out, or holds in another state than theirs.

    Done when a licence is written down that holds there, or the patients have gone.
    """
    about = _ran_out(on) | _elsewhere(on)
    for task in Task.objects.open().filter(about_kind=PATIENTS).exclude(about_public_id__in=list(about)):
        tasks.close(task=task, because=Task.Closed.NOT_NEEDED, by=by, at=at, words="renewed, or nobody is left to move")
    asked = set(Task.objects.open().filter(about_kind=PATIENTS).values_list("about_public_id", flat=True))
    made = 0
    for number, (user, title, why) in about.items():
        owner = _supervisor_of(user, on=on)
        if owner is None or number in asked:
            continue
        tasks.open_task(
            kind="other", title=title, priority=4, owner_user=owner, why=why, due_at=at + timedelta(days=1), about_kind=PATIENTS,
            about_public_id=number, by=by, at=at,
        )  # fmt: skip
        made += 1
    return made


def _ran_out(on: date) -> dict[UUID, tuple[User, str, str]]:
    """Who leads patients though none of their licences holds any more: who, and what a supervisor reads."""
    leading = User.objects.filter(caseload__in=Enrollment.objects.running()).distinct()
    found = {}
    for one in on_file.of_all(leading, on=on).values():
        if one.state != on_file.State.RAN_OUT:
            continue
        led = Enrollment.objects.running().filter(lead=one.user).values("patient").distinct().count()
        found[uuid5(NAMESPACE_URL, f"licence-patients:{one.user.pk}:{one.licences[0].pk}")] = (
            one.user, sentences.RENEW_OR_MOVE.format(person=one.user.name),
            _why(_ran_out_on(one.last or one.licences[0]), sentences.LEADS, one.user, led),
        )  # fmt: skip
    return found


def _elsewhere(on: date) -> dict[UUID, tuple[User, str, str]]:
    """Who leads patients in a state where none of their licences holds; one entry for each state."""
    homes = Enrollment.objects.running().filter(
        lead__isnull=False, patient__addresses__use=Address.Use.HOME, patient__addresses__state__gt=""
    )
    led = homes.values_list("lead", "patient__addresses__state").annotate(n=Count("patient", distinct=True))
    counted = {(lead, state): n for lead, state, n in led.order_by()}
    held = on_file.of_all(User.objects.filter(pk__in={lead for lead, _state in counted}), on=on)
    found = {}
    for (lead, state), n in counted.items():
        one = held[lead]
        if one.state == on_file.State.RAN_OUT or not licence_problem(one.licences, state=state, on=on):
            continue
        found[uuid5(NAMESPACE_URL, f"licence-state:{lead}:{state}")] = (
            one.user, sentences.NO_LICENCE_THERE.format(person=one.user.name, state=state),
            _why("", sentences.LEADS_THERE, one.user, n),
        )  # fmt: skip
    return found


def _ran_out_on(licence: Licence) -> str:
    named, last = f"{licence.kind} {licence.state}", sentences.day(licence.expires_on)
    return sentences.LICENCE_RAN_OUT.format(licence=named, day=last)


def _why(first: str, leads: Callable[[int], str], user: User, number: int) -> str:
    """What a supervisor reads; kept, and read by others: as the house writes it."""
    with override(None):
        led = leads(number).format(person=user.name, n=number)
    return " ".join(filter(None, (first, led, sentences.NOBODY_IS_MOVED)))


def _supervisor_of(user: User, *, on: date) -> User | None:
    """Who leads a team of somebody; otherwise whoever leads one at all."""
    codes = [role.code for role in roles.who_may(roles.Permission.SEE_TEAM)]
    may = User.objects.filter(is_active=True, role__in=codes).exclude(pk=user.pk)
    beside = Membership.objects.on(on).filter(leads=True, team__in=user.memberships.on(on).values("team"))  # type: ignore[attr-defined]
    return may.filter(pk__in=beside.values("user")).order_by("pk").first() or may.order_by("pk").first()


def _about(licence: Licence) -> UUID:
    """One licence with one last day: renewed, it is another thing to be reminded of."""
    return uuid5(NAMESPACE_URL, f"licence:{licence.pk}:{licence.expires_on}")
