"""How long a task may be put off, and the reasons people choose among."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carewright.kernel.calendar import business_day_from
from carewright.tasks.models import Task

REASONS = (
    gettext_lazy("They asked to be called then"),
    gettext_lazy("Waiting for somebody's answer"),
    gettext_lazy("Something more urgent comes first"),
)
MORNING, AFTER_LUNCH, LATE = time(8), time(13), time(16)


@dataclass(frozen=True)
class Until:
    """One moment to put a task off to; `refused` says why it is not possible."""

    code: str
    name: str
    moment: datetime
    refused: str = ""


def choices(task: Task, *, at: datetime) -> list[Until]:
    """Three moments, the nearest first; a task with a clock is never offered one past its end."""
    now = timezone.localtime(at)
    zone, today = now.tzinfo, now.date()

    def on(day, hour: time) -> datetime:
        return datetime.combine(day, hour, zone)

    next_morning = on(business_day_from(today + timedelta(1)), MORNING)
    middle = next((on(today, hour) for hour in (AFTER_LUNCH, LATE) if on(today, hour) > now + timedelta(hours=1)), None)
    later = on(business_day_from(next_morning.date() + timedelta(1)), MORNING)
    offered = [("1h", _("1 hour"), now + timedelta(hours=1))]
    if middle is not None:
        name = _("After lunch") if middle.time() == AFTER_LUNCH else _("Until 4 PM")
        offered += [("later", name, middle), ("next", _said(next_morning, today), next_morning)]
    else:
        offered += [("later", _said(next_morning, today), next_morning), ("next", _said(later, today), later)]
    return [Until(code, name, moment, _refused(task, moment, at)) for code, name, moment in offered]


def moment_of(task: Task, code: str, *, at: datetime) -> datetime | None:
    """The moment a choice stands for; nothing for a code that was not offered."""
    return next((one.moment for one in choices(task, at=at) if one.code == code), None)


def _said(moment: datetime, today) -> str:
    if moment.date() == today + timedelta(1):
        return _("Tomorrow 8 AM")
    return _("%(weekday)s 8 AM") % {"weekday": date_format(moment, "l")}


def _refused(task: Task, moment: datetime, at: datetime) -> str:
    if task.clock and moment > task.due_at:
        if task.due_at <= at:
            return _("the clock has ended")
        return _("the clock ends %s") % date_format(timezone.localtime(task.due_at), "M j, g:i A")
    return ""
