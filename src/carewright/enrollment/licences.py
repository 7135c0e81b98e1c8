"""Licences that run out: whoever holds one is reminded in time, because from the next day they may lead nobody there."""

from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from carewright.enrollment.models import Licence
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task

AHEAD = timedelta(days=60)
ABOUT = "licence"


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


def _about(licence: Licence) -> UUID:
    """One licence with one last day: renewed, it is another thing to be reminded of."""
    return uuid5(NAMESPACE_URL, f"licence:{licence.pk}:{licence.expires_on}")
