"""What to do now, and in which order: computed whenever somebody looks, never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access import sensitive
from carewright.access.actor import acting_as
from carewright.channel.models import IncomingText
from carewright.knowledge import task_kinds
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.models import Team, User
from carewright.tasks import rules, sentences
from carewright.tasks.models import Alarm, Task


@dataclass(frozen=True)
class Row:
    """
    One line of a worklist: the task, why it stands here, and what is lost by waiting.

    `urgency` and `consequence` run from 1 to 5 and their product is the order. `why_now` begins with the time left. Words
    are made when a page shows them, since a list has many lines that no page shows.
    """

    task: Task
    urgency: int
    consequence: int
    rank: int
    is_overdue: bool
    lost: str
    at: datetime

    @cached_property
    def time_left(self) -> str:
        """How long there is until it is due, or how late it is."""
        return rules.time_left(self.task.due_at, self.at)

    @cached_property
    def why_now(self) -> str:
        """Why it stands here now, in a sentence."""
        return _why_now(self.task, self.time_left, self.at)

    @cached_property
    def why(self) -> str:
        """The same for where the time left stands beside it already."""
        return _why_now(self.task, "", self.at)

    @property
    def kind(self) -> task_kinds.TaskKind:
        """What kind of work it is."""
        return task_kinds.kind_named(self.task.kind)


def reading_of(texts: Iterable[IncomingText]) -> dict[UUID, Task]:
    """The reminder that somebody reads each of these texts, by the text's number; it opens within a minute."""
    numbers = [text.public_id for text in texts]
    found = Task.objects.filter(kind="answer_text", about_public_id__in=numbers).order_by("pk")
    whole = found.select_related("owner_user", "owner_team", "closed_by")
    return {task.about_public_id: task for task in whole if task.about_public_id is not None}


def teams_of(user: User, on: date) -> list[int]:
    """The teams somebody belongs to on a day."""
    return list(user.memberships.on(on).values_list("team", flat=True))  # type: ignore[attr-defined]


def tasks_of(user: User, *, on: date) -> QuerySet[Task]:
    """Open tasks of a person: their own, and those of their teams that nobody holds."""
    return Task.objects.open().owned_by(user, teams_of(user, on))


def worklist(*, at: datetime, user: User | None = None, team: Team | None = None) -> list[Row]:
    """
    What now? The tasks in sight of a person (with those of their teams) or of a team, the most pressing first.

    Paused and snoozed tasks and those whose window has not begun are left out. Overdue is read off the clock.
    """
    if (user is None) == (team is None):
        raise ValueError("Ask for a person or for a team.")
    found = Task.objects.in_sight_at(at)
    if user is not None:
        found = found.owned_by(user, teams_of(user, timezone.localdate(at)))
    else:
        members = team.memberships.on(timezone.localdate(at)).values("user")  # type: ignore[union-attr,misc]
        found = found.filter(Q(owner_team=team) | Q(owner_user__in=members))
    return in_order(found.select_related("patient", "owner_user", "owner_team"), at=at)


def in_order(tasks: Iterable[Task], *, at: datetime) -> list[Row]:
    """Tasks as lines of a worklist, by urgency times consequence; equals by what is due first."""
    rows = [row_of(task, at=at) for task in tasks]
    return sorted(rows, key=lambda row: (-row.rank, row.task.due_at, row.task.pk))


def row_of(task: Task, *, at: datetime) -> Row:
    """One task as a line of a worklist, with why it is there."""
    urgency = rules.urgency(task.due_at, at, escalated=task.escalated_at is not None)
    return Row(
        task=task,
        urgency=urgency,
        consequence=task.priority,
        rank=rules.rank(urgency=urgency, consequence=task.priority),
        is_overdue=task.is_overdue_at(at),
        lost=task_kinds.kind_named(task.kind).lost,
        at=at,
    )


def _why_now(task: Task, left: str, at: datetime) -> str:
    due = said_moment(task.due_at, at)
    parts = [f"{left[:1].upper()}{left[1:]} ({due})" if left else f"{due[:1].upper()}{due[1:]}"]
    if task.clock:
        parts.append(_("%(clock)s ends then") % {"clock": task.said_clock})
    if task.escalated_because:
        parts.append(_("escalated: %(why)s") % {"why": task.escalated_because})
    if task.why:
        parts.append(task.said_why)
    return "; ".join(part.rstrip(".") for part in parts) + "."


def said_moment(moment: datetime, at: datetime) -> str:
    """A moment as one says it: today with its time, else weekday and day; the year when it is another."""
    local, today = timezone.localtime(moment), timezone.localdate(at)
    if local.date() == today:
        return _("today %(time)s") % {"time": date_format(local, "g:i A")}
    return date_format(local, "D M j, Y" if local.year != today.year else "D M j")


def out_of_sight(user: User, *, at: datetime) -> QuerySet[Task]:
    """Open tasks of a person that are snoozed, paused or not begun: they come back by themselves."""
    mine = tasks_of(user, on=timezone.localdate(at))
    return mine.filter(
        Q(snoozed_until__gt=at) | Q(paused_until__gt=at) | Q(window_starts_at__gt=at)
    ).order_by("due_at", "pk")  # fmt: skip


def of_patient(patient: Patient, *, at: datetime) -> list[Row]:
    """Every open task of a patient in the order of a worklist, paused and snoozed ones too."""
    found = Task.objects.open().filter(patient=patient)
    return in_order(found.select_related("patient", "owner_user", "owner_team"), at=at)


def missed(*, since: datetime, at: datetime, users: Iterable[User] | None = None) -> QuerySet[Task]:
    """Everything due since a moment that was not done by its moment, whether it was done later or closed or is open."""
    found = Task.objects.missed_by(at).filter(due_at__gte=since)
    return found if users is None else found.filter(owner_user__in=list(users))


def handover_list(user: User, *, at: datetime, until: datetime) -> list[Row]:
    """What falls due while somebody is away: their open tasks up to a moment, with the patient each is about."""
    found = Task.objects.open().filter(owner_user=user, due_at__lte=until)
    return in_order(found.select_related("patient", "owner_user", "owner_team"), at=at)


def open_alarms(*, at: datetime) -> QuerySet[Alarm]:
    """Alarms nobody has closed, those nobody accepted first, the oldest of them first."""
    return (
        Alarm.objects.open()
        .select_related("patient", "accepted_by", "raised_by")
        .prefetch_related("pagings__user", "pagings__message")
        .order_by(F("accepted_at").asc(nulls_first=True), "raised_at", "pk")
    )


def alarm_count(user: User) -> int:
    """How many alarms are open among the patients the wall shows this reader; for the sidebar, so it is one question."""
    return Alarm.objects.open().count()


def hears_alarms(user) -> bool:
    """Whether this reader is shown facts about safety and mood, which is what alarms tell."""
    return not {roles.SAFETY, roles.BEHAVIORAL} & sensitive.hidden_tags(user)


def alarm_said(alarm: Alarm, user) -> str:
    """
    What an alarm says to this reader.

    It tells an answer about safety or mood. Whose role is not shown such facts learns that there is an alarm, since
    somebody may need them to act, and not what was answered.
    """
    return (
        sentences.alarm(alarm.because)
        if hears_alarms(user)
        else _("A safety alarm. What was answered is not open to your role.")
    )


def open_count(user: User) -> int:
    """How many tasks are in this reader's sight now; for the sidebar."""
    at = timezone.now()
    return Task.objects.in_sight_at(at).owned_by(user, teams_of(user, timezone.localdate(at))).count()


def open_count_of_all(user: User) -> int:
    """How many tasks of a colleague are open, also about patients the asker may not see: a number, and nothing else."""
    with transaction.atomic(), acting_as("system:tasks"):
        return Task.objects.open().filter(owner_user=user).count()


def due_soon(*, at: datetime, within: timedelta) -> QuerySet[Task]:
    """Open tasks with a clock that ends within a span: what will breach unless somebody acts."""
    return Task.objects.open().exclude(clock="").filter(due_at__gte=at, due_at__lt=at + within).order_by("due_at", "pk")
