"""
Reminders that follow the clocks of assessments: begin, finish, assess again.

A reminder is never the fact: what is due is read from the answers themselves (`queries.due_for`); these tasks only bring it
onto somebody's day. Each night they are brought into step, and at once when an assessment begins or ends.
"""

from datetime import date, datetime

from carewright.assessment import queries
from carewright.assessment.models import Assessment
from carewright.assessment.safety import end_of
from carewright.assessment.sheet import day_of
from carewright.enrollment.models import Enrollment
from carewright.registry.models import Patient
from carewright.staff.models import User
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task

KINDS = {"begin": "begin_assessment", "finish": "finish_assessment", "repeat": "reassess"}
AHEAD_DAYS = 30
CLOCK = "assessment"
ABOUT = "enrollment"


def each_night(*, on: date, at: datetime, by: str) -> int:
    """Open what is due within thirty days for everyone enrolled and led by somebody; how many are open for it now."""
    enrolled = Enrollment.objects.open_on(on).filter(lead__isnull=False).select_related("patient", "lead")
    return sum(
        remind(enrollment=one, since=since, on=on, at=at, by=by) is not None
        for one, since in queries.since_when(list(enrolled))
    )


def remind(*, enrollment: Enrollment, since: date, on: date, at: datetime, by: User | str) -> Task | None:
    """The one reminder that fits where this person's assessment stands; the others are closed as no longer needed."""
    due = queries.due_for(enrollment.patient, program=enrollment.program, eligible_on=since, on=on)
    mine = Task.objects.open().filter(about_kind=ABOUT, about_public_id=enrollment.public_id, kind__in=KINDS.values())
    wanted = KINDS[due.what] if due and (due.what != "repeat" or due.days_left(on) <= AHEAD_DAYS) else ""
    for task in mine.exclude(kind=wanted):
        tasks.close(task=task, because="done", by=by, at=at)
    if not wanted or due is None:
        return None
    return tasks.open_task(
        kind=wanted, patient=enrollment.patient, owner_user=enrollment.lead, due_at=end_of(due.due_on),
        clock=CLOCK, why=f"The clock has run since {due.since:%b} {due.since.day}.", about_kind=ABOUT, about_public_id=enrollment.public_id, by=by, at=at,
    )  # fmt: skip


def in_step(assessment: Assessment, *, by: User, at: datetime) -> None:
    """Bring the reminders of this person into step with an assessment that has just begun, ended or been given up."""
    if assessment.kind != Assessment.COMPREHENSIVE:
        return
    on = day_of(at)
    for one, since in queries.since_when(_led(assessment.patient, on)):
        remind(enrollment=one, since=since, on=on, at=at, by=by)


def _led(patient: Patient, on: date) -> list[Enrollment]:
    rows = Enrollment.objects.open_on(on).filter(patient=patient, lead__isnull=False)
    return list(rows.select_related("patient", "lead"))
