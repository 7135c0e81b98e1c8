"""
Reminders that follow the clocks of assessments: begin, finish, assess again, ask for quality of life.

A reminder is never the fact: what is due is read from the answers themselves (`clocks`); these tasks only bring it onto
somebody's day. Each night they are brought into step, and at once when an assessment begins or ends.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from carewright.assessment.clocks import QUALITY_OF_LIFE, Due, Known, since_when
from carewright.assessment.models import Assessment
from carewright.assessment.safety import end_of
from carewright.assessment.sheet import day_of
from carewright.enrollment.models import Enrollment
from carewright.staff.models import User
from carewright.tasks import actions as tasks
from carewright.tasks import sentences
from carewright.tasks.models import Task

KINDS = {
    "begin": "begin_assessment", "finish": "finish_assessment", "repeat": "reassess", "stay": "reassess",
    "quality_of_life": "ask_quality_of_life",
}  # fmt: skip
AHEAD_DAYS = 30
CLOCK = "Time to assess"
ABOUT = "enrollment"


def each_night(*, on: date, at: datetime, by: str) -> int:
    """Open what is due within thirty days for everyone enrolled and led by somebody; how many are open for it now."""
    enrolled = list(Enrollment.objects.at_work(on).filter(lead__isnull=False).select_related("patient", "lead"))
    return _bring_into_step(enrolled, on=on, at=at, by=by)


def for_new_leads(*, on: date, at: datetime, by: str) -> int:
    """
    The same at once for whoever got a lead since yesterday and has no reminder yet; answers how many were opened.

    Runs each minute: who leads a new patient sees on their day what comes next, and does not wait for the night.
    """
    known = Task.objects.filter(about_kind=ABOUT, kind__in=KINDS.values()).values("about_public_id")
    new = Enrollment.objects.at_work(on).filter(lead__isnull=False, led_since__gte=on - timedelta(days=1))
    found = list(new.exclude(public_id__in=known).select_related("patient", "lead"))
    return _bring_into_step(found, on=on, at=at, by=by) if found else 0


def _bring_into_step(enrolled: list[Enrollment], *, on: date, at: datetime, by: User | str) -> int:
    """Everything is read once for all of them; only what changes is written."""
    known = Known.of((one.patient_id for one in enrolled), on=on)
    mine: dict[UUID | None, list[Task]] = {one.public_id: [] for one in enrolled}
    about = Task.objects.open().filter(about_kind=ABOUT, about_public_id__in=list(mine), kind__in=KINDS.values())
    for task in about:
        mine[task.about_public_id].append(task)
    due = [_what(known, one, since, on) for one, since in since_when(enrolled)]
    return sum(_remind(one, what, mine[one.public_id], at=at, by=by) for one, what in zip(enrolled, due, strict=True))


def _what(known: Known, enrollment: Enrollment, since: date, on: date) -> Due | None:
    """What this person is to be asked for now, if anything; quality of life by itself only between two assessments."""
    due = known.due(enrollment.patient, program=enrollment.program, eligible_on=since)
    if due.what != "repeat" or due.days_left(on) <= AHEAD_DAYS:
        return due
    again = known.quality_of_life_due(enrollment.patient, program=enrollment.program)
    return again if again and again.days_left(on) <= AHEAD_DAYS else None


def _remind(enrollment: Enrollment, due: Due | None, mine: list[Task], *, at: datetime, by: User | str) -> bool:
    """The one reminder that fits where this person's assessment stands; the others are closed."""
    wanted = KINDS[due.what] if due else ""
    for task in mine:
        if task.kind != wanted:
            tasks.close(task=task, because="done", by=by, at=at)
    if due is None:
        return False
    if any(task.kind == wanted for task in mine):
        return True
    tasks.open_task(
        kind=wanted, patient=enrollment.patient, owner_user=enrollment.lead, due_at=end_of(due.due_on), clock=CLOCK,
        why=sentences.CLOCK_HAS_RUN.format(day=f"{due.since:%b %-d}"), about_kind=ABOUT,
        about_public_id=enrollment.public_id, by=by, at=at,
    )  # fmt: skip
    return True


def in_step(assessment: Assessment, *, by: User, at: datetime) -> None:
    """Bring the reminders of this person into step with an assessment that has just begun, ended or been given up."""
    if assessment.kind in (Assessment.COMPREHENSIVE, QUALITY_OF_LIFE):
        on = day_of(at)
        led = Enrollment.objects.at_work(on).filter(patient=assessment.patient, lead__isnull=False)
        _bring_into_step(list(led.select_related("patient", "lead")), on=on, at=at, by=by)
