"""
The lines of a day: tasks and alarms in one order, urgency times consequence.

An alarm nobody has taken on comes before everything. Every count on the page is the length of a list made here, so a
number and the list it opens cannot differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.access import sensitive
from carewright.access.models import Tie
from carewright.access.queries import start_of
from carewright.enrollment.models import Enrollment
from carewright.knowledge import task_kinds
from carewright.registry.models import Patient
from carewright.staff.models import User
from carewright.tasks import queries, rules
from carewright.tasks.models import Alarm, OnCallShift, Task

MOST = 5
GROUP_OF = {
    "begin_assessment": "assessments", "finish_assessment": "assessments", "reassess": "assessments",
    "ask_quality_of_life": "assessments", "settle_place": "assessments",
    "new_result": "results", "medicine_review": "results",
    "answer_text": "messages", "failed_message": "messages",
    "renew_consent": "renewals", "take_consent": "renewals", "review_plan": "renewals", "coverage_lost": "renewals",
    "ask_pcp": "rest",
}  # fmt: skip
"""Which chip a kind of task stands under; kinds that a call fulfills stand under calls, all others under the rest."""


@dataclass(frozen=True)
class Line:
    """
    One thing that needs somebody: whom it is about, why now, what is lost by waiting, by when.

    `clock` names the promise that ends at `due_at`. `new` says that it came after the reader last looked.
    """

    key: str
    group: str
    patient: Patient | None
    title: str
    why: str
    lost: str
    urgency: int
    consequence: int
    rank: int
    due_at: datetime
    clock: str
    is_overdue: bool
    since: datetime
    at: datetime
    task: Task | None = None
    alarm: Alarm | None = None
    team: str = ""

    @property
    def time_left(self) -> str:
        """How long there is until it is due, or how late it is."""
        return rules.time_left(self.due_at, self.at)

    @property
    def said_due(self) -> str:
        """The moment it is due, as one says it."""
        return queries.said_moment(self.due_at, self.at)

    @property
    def ends_today(self) -> bool:
        """Whether a promise ends before midnight, or has ended."""
        return bool(self.clock) and timezone.localdate(self.due_at) <= timezone.localdate()

    @property
    def state(self) -> str:
        """How the clock is drawn: over, soon or calm."""
        return "over" if self.is_overdue else "soon" if self.urgency >= 4 else "ok"


def lines_of(user: User, *, at: datetime) -> list[Line]:
    """Everything in this person's sight now, the most pressing first."""
    alarms = [_of_alarm(alarm, user, at=at) for alarm in alarms_of(user, at=at)]
    return alarms + lines_from(queries.worklist(user=user, at=at))


def lines_from(rows: Iterable[queries.Row]) -> list[Line]:
    """Rows of the tasks room as lines of a day."""
    return [_of_task(row) for row in rows]


def snoozed_due(user: User, *, at: datetime) -> list[datetime]:
    """When what this person put off, or what rests or has not begun, is due; the soonest first."""
    return list(queries.out_of_sight(user, at=at).values_list("due_at", flat=True))


def snoozed_lines(user: User, *, at: datetime) -> list[Line]:
    """The same as lines."""
    rows = queries.out_of_sight(user, at=at).select_related("patient", "owner_user", "owner_team")
    return [_of_task(queries.row_of(task, at=at)) for task in rows]


def count(user: User) -> int:
    """How many lines the day has; for the sidebar. The same number as the list."""
    at = timezone.now()
    return alarms_of(user, at=at).count() + queries.open_count(user)


def alarms_of(user: User, *, at: datetime) -> QuerySet[Alarm]:
    """
    Open alarms that are this person's: taken on by them, sent to them, about somebody they lead, or on their shift.

    Alarms say what somebody answered; who sees no clinical facts gets none.
    """
    if not sensitive.sees_clinical(user):
        return Alarm.objects.none()
    on = timezone.localdate(at)
    led = Enrollment.objects.at_work(on).filter(lead=user).values("patient")
    # Whoever led somebody who withdrew keeps the tie, and the alarm, until it is closed.
    kept = Tie.objects.on(on).filter(user=user, because=Tie.Because.CASELOAD).values("patient")
    mine = Q(accepted_by=user) | Q(pagings__user=user) | Q(patient__in=led) | Q(patient__in=kept)
    if OnCallShift.objects.at(at).filter(Q(user=user) | Q(backup_user=user)).exists():
        mine |= Q(accepted_at__isnull=True) | Q(accepted_by__is_active=False)
    found = Alarm.objects.open().filter(mine).distinct()
    return found.select_related("patient", "accepted_by").order_by("accepted_at", "raised_at", "pk")


def who_has(alarms: Iterable[int], *, at: datetime) -> set[int]:
    """Everybody on whose list one of these alarms may stand: `alarms_of`, asked the other way round."""
    on = timezone.localdate(at)
    meant = Alarm.objects.filter(pk__in=alarms)
    patients = meant.values("patient")
    found = [
        meant.values_list("accepted_by", flat=True),
        meant.values_list("pagings__user", flat=True),
        Enrollment.objects.at_work(on).filter(patient__in=patients).values_list("lead", flat=True),
        Tie.objects.on(on).filter(patient__in=patients, because=Tie.Because.CASELOAD).values_list("user", flat=True),
        OnCallShift.objects.at(at).values_list("user", flat=True),
        OnCallShift.objects.at(at).values_list("backup_user", flat=True),
    ]
    return {number for numbers in found for number in numbers if number is not None}


def changes_at(user: User, lines: Iterable[Line], *, at: datetime) -> datetime:
    """
    When the list changes next though nobody does anything.

    A line gets late or more pressing, one comes back, a shift begins or ends, or it is midnight: ties and caseloads count
    by the day.
    """
    moments = [moment for line in lines for moment in _turns(line)]
    away = queries.out_of_sight(user, at=at).values_list("snoozed_until", "paused_until", "window_starts_at")
    moments += [max(moment for moment in held if moment is not None) for held in away]
    shifts = OnCallShift.objects.filter(Q(user=user) | Q(backup_user=user), ends_at__gt=at)
    moments += [moment for shift in shifts.values_list("starts_at", "ends_at") for moment in shift]
    moments.append(start_of(timezone.localdate(at) + timedelta(1)))
    return min(moment for moment in moments if moment > at)


def _turns(line: Line) -> list[datetime]:
    """When a line gets late, and when it gets more pressing."""
    if line.task is None or line.task.escalated_at is not None:
        return [line.due_at]
    return [line.due_at, *(line.due_at - limit for limit, _urgency in rules.LEFT)]


def fingerprint(lines: Iterable[Line]) -> str:
    """
    A short mark that changes when a line comes, goes, changes hands or says something else; it tells nobody anything.

    A record that was joined into another is another patient, and a role that changed reads other words.
    """
    import hashlib

    text = ";".join(
        f"{line.key}:{line.rank}:{line.is_overdue}:{line.clock}:{line.patient.pk if line.patient else ''}:{line.title}"
        for line in lines
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _of_task(row: queries.Row) -> Line:
    task, kind = row.task, row.kind
    why = task.said_why or (_("Escalated: %s") % task.escalated_because if task.escalated_because else "")
    if task.snoozed_until and task.snoozed_because:
        why = " · ".join(filter(None, (why, _("snoozed: %s") % task.snoozed_because)))
    return Line(
        key=f"task-{task.public_id}", group=group_of(kind), patient=task.patient, title=task.said_title,
        why=why or _(kind.name), lost=row.lost, urgency=row.urgency, consequence=row.consequence, rank=row.rank,
        due_at=task.due_at, clock=task.said_clock, is_overdue=row.is_overdue, since=task.opened_at, at=row.at, task=task,
        team=task.owner_team.name if task.owner_team else "",
    )  # fmt: skip


def group_of(kind: task_kinds.TaskKind) -> str:
    """The chip a kind of task stands under."""
    if kind.code in GROUP_OF:
        return GROUP_OF[kind.code]
    return "calls" if kind.kept_by & task_kinds.CALLS else "rest"


def _of_alarm(alarm: Alarm, user: User, *, at: datetime) -> Line:
    due_at = alarm.raised_at + timedelta(hours=1)
    taken = alarm.accepted_by.name if alarm.accepted_by else ""
    return Line(
        key=f"alarm-{alarm.public_id}", group="alarms", patient=alarm.patient, title=queries.alarm_said(alarm, user),
        why=_("Taken on by %s") % taken if taken else _("Nobody has taken it on yet"),
        lost=_("Somebody may be in danger now. Only a clinician who writes what was done closes this."),
        urgency=MOST, consequence=MOST, rank=MOST * MOST, due_at=due_at,
        clock=_("Accept within the hour"), is_overdue=due_at < at and not taken, since=alarm.raised_at, at=at, alarm=alarm,
    )  # fmt: skip


def minutes_today(user: User, *, on: date) -> int:
    """How many minutes this person booked today, over all patients they may see."""
    from carewright.contacts.models import MinutesEntry

    first = datetime.combine(on, datetime.min.time(), timezone.get_current_timezone())
    rows = MinutesEntry.objects.standing().filter(user=user, starts_at__gte=first, starts_at__lt=first + timedelta(1))
    return sum(int((row.ends_at - row.starts_at).total_seconds() // 60) for row in rows)
