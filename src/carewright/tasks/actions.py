"""
Everything that changes a reminder: opening, closing, handing over, snoozing, pausing, escalating.

None of this touches an alarm: alarms are in `carewright.tasks.alarms`, and only a clinician closes one.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo, NotNow
from carewright.knowledge import task_kinds
from carewright.registry.models import Patient
from carewright.staff.models import Team, User
from carewright.tasks import rules, sight
from carewright.tasks.models import Task

Closed = Task.Closed
NOT_PUT_OFF = frozenset({"safety_call", "confirm_death"})


def open_task(
    *, kind: str, by: User | str, at: datetime, patient: Patient | None = None, title: str = "", why: str = "",
    owner_user: User | None = None, owner_team: Team | None = None, due_at: datetime | None = None,
    window_starts_at: datetime | None = None, clock: str = "", priority: int | None = None, about_kind: str = "",
    about_public_id: UUID | None = None,
) -> Task:  # fmt: skip
    """
    Remind a person or a team of something.

    What is left out comes from the kind: its name, how soon it is due, its consequence. Without an owner it is `by`'s
    own. When an open task of this kind for the same thing is there already, that one is answered and nothing changes,
    so a message that comes twice reminds once. Name the `clock` when `due_at` is the end of a promise.
    """
    if kind not in task_kinds.BY_CODE:
        raise CannotDo(_("%(kind)s is not a kind of task. Choose one of the list.") % {"kind": repr(kind)})
    known = task_kinds.BY_CODE[kind]
    if owner_user is None and owner_team is None:
        if isinstance(by, str):
            raise CannotDo(_("Say whose task it is: a person's or a team's."))
        owner_user = by
    about = {"kind": kind, "about_kind": about_kind, "about_public_id": about_public_id}
    if found := _open_about(**about):  # type: ignore[arg-type]
        return found
    task = Task(
        patient=patient, title=title.strip() or known.name, why=why.strip(), owner_user=owner_user,
        owner_team=owner_team, due_at=due_at or at + known.within, window_starts_at=window_starts_at, clock=clock,
        priority=priority or known.consequence, opened_at=at, opened_by=by if isinstance(by, User) else None, **about,
    )  # fmt: skip
    try:
        with transaction.atomic(), audit.change(task, by=by, did="open_task", why=task.why):
            pass
        _let_see(task, by=by, at=at)
    except IntegrityError:
        # Somebody opened it in the same moment.
        if found := _open_about(**about):  # type: ignore[arg-type]
            return found
        raise
    return task


def _open_about(*, kind: str, about_kind: str, about_public_id: UUID | None) -> Task | None:
    if about_public_id is None:
        return None
    return Task.objects.open().filter(kind=kind, about_kind=about_kind, about_public_id=about_public_id).first()


def close(*, task: Task, because: str, by: User | str, at: datetime, words: str = "") -> Task:
    """
    Close a task, with the reason. It is no proof of anything: what was done is a contact, an answer, a decision.

    Done after its moment, it stays counted as late; `missed` says that it can no longer be done.
    """
    if because not in Closed.values:
        raise CannotDo(_("Say why the task is closed: choose a reason of the list."))
    _must_be_open(task)
    with audit.change(task, by=by, did="close_task", why=words.strip() or because):
        task.closed_at, task.closed_by = at, by if isinstance(by, User) else None
        task.closed_because, task.closed_words = because, words.strip()
    return task


def close_all(
    *, patient: Patient, because: str, by: User | str, at: datetime, words: str = "", kinds: Iterable[str] | None = None
) -> list[Task]:
    """
    Close every open task of a patient (or those of some kinds) because they withdrew, died or left. Alarms stay open.
    """
    found = Task.objects.open().filter(patient=patient)
    if kinds is not None:
        found = found.filter(kind__in=list(kinds))
    with transaction.atomic():
        closed = [close(task=task, because=because, by=by, at=at, words=words) for task in found.order_by("pk")]
        audit.happened(
            "close_all_tasks", audit.name_of(patient), by=by, patient_ids=[patient.pk], why=because,
            after={"tasks": len(closed)},
        )  # fmt: skip
    return closed


def hand_over(
    *, task: Task, because: str, by: User | str, at: datetime, to_user: User | None = None, to_team: Team | None = None
) -> Task:
    """Give a task to another person or to a team, with the reason; a snooze ends, because it was the other's."""
    _must_be_open(task)
    if (to_user is None) == (to_team is None):
        raise CannotDo(_("Say to whom: a person or a team."))
    if to_user is not None and not to_user.is_active:
        raise CannotDo(_("%(person)s no longer works here. Choose somebody else.") % {"person": to_user.name})
    if not because.strip():
        raise CannotDo(_("Say why the task is handed over."))
    with transaction.atomic():
        with audit.change(task, by=by, did="hand_over_task", why=because.strip()):
            task.owner_user, task.owner_team = to_user, to_team
            task.snoozed_until = task.snoozed_because = None
        _let_see(task, by=by, at=at)
    return task


def _let_see(task: Task, *, by: User | str, at: datetime) -> None:
    """Whoever a colleague gives a task to sees the patient; what the house opens is for those who do."""
    if isinstance(by, User) and task.owner_user_id != by.pk:
        until = max(task.due_at, at) + sight.AFTER_IT_IS_DUE
        sight.let_see(
            task.owner_user or task.owner_team, task.patient, until=until, by=by, at=at, why="was given a task"
        )


def hand_over_all(
    *, from_user: User, because: str, by: User | str, at: datetime, to_user: User | None = None,
    to_team: Team | None = None, patients: Iterable[Patient] | None = None,
) -> list[Task]:  # fmt: skip
    """Give all open tasks of one person, or those about some patients, to another person or team. All of them or none."""
    found = Task.objects.open().filter(owner_user=from_user)
    if patients is not None:
        found = found.filter(patient__in=list(patients))
    with transaction.atomic():
        given = [
            hand_over(task=task, to_user=to_user, to_team=to_team, because=because, by=by, at=at)
            for task in found.order_by("pk")
        ]
        audit.happened(
            "hand_over_all_tasks", audit.name_of(from_user), by=by, why=because.strip(),
            patient_ids={task.patient_id for task in given if task.patient_id}, after={"tasks": len(given)},
        )  # fmt: skip
    return given


def snooze(*, task: Task, until: datetime, because: str, by: User, at: datetime) -> Task:
    """
    Put a task out of sight until a moment, with a reason.

    A task with a clock comes back before its promise ends; once the promise has ended it stays in sight. So does a call
    about safety, whose moment is a promise though no program set it.
    """
    _must_be_open(task)
    if not because.strip():
        raise CannotDo(_("Say why it can wait."))
    if until <= at:
        raise CannotDo(_("Choose a moment that is still to come."))
    promise = task.said_clock or (task.said_title if task.kind in NOT_PUT_OFF else "")
    if promise and until > task.due_at:
        if task.due_at <= at:
            raise NotNow(_("“%(clock)s” has ended. A missed promise stays in sight.") % {"clock": promise})
        raise NotNow(
            _("“%(clock)s” ends %(due)s. Snooze it to that moment at most.")
            % {"clock": promise, "due": date_format(timezone.localtime(task.due_at), "M j, g:i A")}
        )
    if until > at + rules.LONGEST_SNOOZE:
        raise NotNow(_("A task is snoozed for 30 days at most. Close it, or agree on another day."))
    with audit.change(task, by=by, did="snooze_task", why=because.strip()):
        task.snoozed_until, task.snoozed_because = until, because.strip()
    return task


def pause(*, task: Task, until: datetime, because: str, by: User | str, at: datetime) -> Task:
    """Let a task rest while it cannot be done (in hospital, traveling). Its moment does not move; it may end up late."""
    _must_be_open(task)
    if until <= at:
        raise CannotDo(_("Choose a moment that is still to come."))
    if not because.strip():
        raise CannotDo(_("Say why it rests."))
    with audit.change(task, by=by, did="pause_task", why=because.strip()):
        task.paused_from, task.paused_until, task.paused_because = at, until, because.strip()
    return task


def resume(*, task: Task, by: User | str, at: datetime, why: str = "", keeps_snooze: bool = False) -> Task:
    """Let a paused or snoozed task be seen again; with `keeps_snooze` only the pause ends (somebody else's snooze holds)."""
    _must_be_open(task)
    if task.paused_until is None and task.snoozed_until is None:
        raise NotNow(_("This task is neither paused nor snoozed."))
    with audit.change(task, by=by, did="resume_task", why=why):
        task.paused_from = task.paused_until = task.paused_because = None
        if not keeps_snooze:
            task.snoozed_until = task.snoozed_because = None
    return task


def pause_all(*, patient: Patient, until: datetime, because: str, by: User | str, at: datetime) -> list[Task]:
    """Let all open tasks of a patient rest. Alarms do not rest."""
    with transaction.atomic():
        paused = [
            pause(task=task, until=until, because=because, by=by, at=at)
            for task in Task.objects.open().filter(patient=patient).order_by("pk")
        ]
        audit.happened(
            "pause_all_tasks", audit.name_of(patient), by=by, patient_ids=[patient.pk], why=because,
            after={"tasks": len(paused)},
        )  # fmt: skip
    return paused


def resume_all(*, patient: Patient, by: User | str, at: datetime, why: str = "") -> list[Task]:
    """Let all paused tasks of a patient be seen again."""
    with transaction.atomic():
        found = Task.objects.open().filter(patient=patient, paused_until__isnull=False).order_by("pk")
        resumed = [resume(task=task, by=by, at=at, why=why) for task in found]
        audit.happened(
            "resume_all_tasks", audit.name_of(patient), by=by, patient_ids=[patient.pk], why=why,
            after={"tasks": len(resumed)},
        )  # fmt: skip
    return resumed


def escalate(
    *, task: Task, because: str, by: User | str, at: datetime, to_user: User | None = None, to_team: Team | None = None
) -> Task:
    """Say that a task cannot wait and somebody above must see it; it goes to the top, and to them when they are named."""
    _must_be_open(task)
    if not because.strip():
        raise CannotDo(_("Say why it cannot wait."))
    if to_user is not None and to_team is not None:
        raise CannotDo(_("Say one: a person or a team."))
    with transaction.atomic():
        with audit.change(task, by=by, did="escalate_task", why=because.strip()):
            task.escalated_at, task.escalated_because = at, because.strip()
            task.paused_from = task.paused_until = task.paused_because = None
            task.snoozed_until = task.snoozed_because = None
            if to_user is not None or to_team is not None:
                task.owner_user, task.owner_team = to_user, to_team
        _let_see(task, by=by, at=at)
    return task


def weigh(*, task: Task, consequence: int, because: str, by: User, at: datetime) -> Task:
    """
    Disagree with the place of a task: say how much is lost by waiting, 1 (little) to 5 (a life), and why.

    The place changes at once, for everyone who sees the task. What it was, and who thought otherwise, stays with it.
    """
    _must_be_open(task)
    if not 1 <= consequence <= 5:
        raise CannotDo(_("The consequence of waiting runs from 1 to 5."))
    if not because.strip():
        raise CannotDo(_("Say why you see it otherwise."))
    if consequence == task.priority:
        raise CannotDo(_("This is what it is now. Choose another one."))
    with audit.change(task, by=by, did="weigh_task", why=because.strip()):
        task.weighed_from = task.priority if task.weighed_from is None else task.weighed_from
        task.priority, task.weighed_by, task.weighed_because = consequence, by, because.strip()
    return task


def stand_in_for(*, task: Task, before: Task, by: User | str, at: datetime) -> Task:
    """
    Let a reminder opened anew stand where the one before it stood: put off until the same moment, weighed the same.

    What the colleagues decided about the one held for the thing, not for the row that reminded of it.
    """
    _must_be_open(task)
    still_waits = before.snoozed_until is not None and before.snoozed_until > at
    if not still_waits and before.weighed_by_id is None and before.escalated_at is None:
        return task
    with audit.change(task, by=by, did="stand_in_for_task", why=audit.name_of(before)):
        if still_waits:
            task.snoozed_until, task.snoozed_because = before.snoozed_until, before.snoozed_because
        if before.weighed_by_id is not None:
            task.weighed_from, task.priority = before.weighed_from, before.priority
            task.weighed_by, task.weighed_because = before.weighed_by, before.weighed_because
        task.escalated_at, task.escalated_because = before.escalated_at, before.escalated_because
    return task


def move(*, task: Task, due_at: datetime, because: str, by: User | str, at: datetime) -> Task:
    """
    Agree on another moment for a task.

    A task with a clock is not moved. One that is late already is closed as missed, so that the miss is never lost, and
    a new one is opened for the new moment; that new one is answered.
    """
    _must_be_open(task)
    if task.clock:
        raise NotNow(_("“%(clock)s” is a promise; its end does not move.") % {"clock": task.said_clock})
    if due_at <= at:
        raise CannotDo(_("Choose a moment that is still to come."))
    if not because.strip():
        raise CannotDo(_("Say why it moves."))
    if task.due_at < at:
        with transaction.atomic():
            close(task=task, because=Closed.MISSED, by=by, at=at, words=because)
            return open_task(
                kind=task.kind, by=by, at=at, patient=task.patient, title=task.title, why=because,
                owner_user=task.owner_user, owner_team=task.owner_team, due_at=due_at, priority=task.priority,
                about_kind=task.about_kind, about_public_id=task.about_public_id,
            )  # fmt: skip
    with audit.change(task, by=by, did="move_task", why=because.strip()):
        task.due_at = due_at
        if task.window_starts_at is not None and task.window_starts_at > due_at:
            task.window_starts_at = None
    return task


def _must_be_open(task: Task) -> None:
    if task.closed_at is not None:
        raise NotNow(_("This task was closed already: %(why)s.") % {"why": task.get_closed_because_display().lower()})
