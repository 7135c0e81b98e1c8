"""
Moving patients from one lead to another: a few at once, a whole caseload as work that goes on by itself and shows how far.

Each patient moves wholly or not at all: their enrollments, their open work, the tie, the letter. One who cannot be moved
stays where they are with the reason beside them, and the others go on. The past stays with whoever it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import override

from carewright.audit import actions as audit
from carewright.channel.models import Message
from carewright.enrollment import reaching
from carewright.enrollment.enrolling import LETTERS_ABOUT, assign_lead
from carewright.enrollment.leads import may_be_lead
from carewright.enrollment.models import CaseloadMove, Enrollment, MovedEnrollment
from carewright.kernel.errors import CannotDo, NotPermitted
from carewright.knowledge.programs import name_of
from carewright.plumbing import jobs
from carewright.staff import roles
from carewright.staff.models import User
from carewright.tasks import sentences
from carewright.tasks.models import Task

JOB = "move_caseload"
AT_ONCE = 20
"""So many are moved while one waits; more than that goes on by itself."""


@dataclass(frozen=True)
class Standing:
    """How far a move is: how many enrollments it is about, moved, not moved and waiting, and the reminders that went along."""

    all: int
    moved: int
    refused: int
    tasks: int

    @property
    def settled(self) -> int:
        """How many were looked at."""
        return self.moved + self.refused

    @property
    def waiting(self) -> int:
        """How many are still to come."""
        return self.all - self.settled


def ask(
    *, before: User, enrollments: Iterable[Enrollment], to: User, by: User, at: datetime, on: date, because: str
) -> CaseloadMove:
    """Ask for patients to go to another lead; a few are moved before this answers, many are left to a worker."""
    if not roles.allows(by, roles.Permission.SEE_TEAM):
        raise NotPermitted(_("Patients are moved by somebody who leads a team."))
    if not because.strip():
        raise CannotDo(_("Say why: leave, a better match, too much work."), at="because")
    may_be_lead(to)
    if to.pk == before.pk:
        raise CannotDo(_("%(person)s leads them already. Choose somebody else.") % {"person": to.name}, at="lead")
    chosen = list(enrollments)
    if not chosen:
        raise CannotDo(_("Select at least one patient first."))
    move = CaseloadMove(before=before, to=to, because=because.strip(), asked_at=at, asked_by=by)
    with transaction.atomic():
        with audit.change(move, by=by, did="asked_to_move_patients", why=move.because):
            pass
        MovedEnrollment.objects.bulk_create(
            MovedEnrollment(move=move, enrollment=each, patient_id=each.patient_id) for each in chosen
        )
        if len(chosen) <= AT_ONCE:
            carry_out(move=move, on=on, at=at)
        else:
            jobs.defer(JOB, move_id=move.pk)
    return move


def carry_out(*, move: CaseloadMove, on: date, at: datetime) -> Standing:
    """
    Move the next patients of a move who still wait, one by one; answers how far it is, for whoever goes on.

    Safe to run twice, and to go on after it was cut off.
    """
    waiting = _waiting(move).values_list("patient", flat=True).distinct().order_by("patient")
    for patient_id in list(waiting[:AT_ONCE]):
        _one(move, patient_id, on=on, at=at)
    with transaction.atomic():
        held = CaseloadMove.objects.select_for_update().get(pk=move.pk)
        found = standing(held)
        if held.done_at is None and not found.waiting:
            held.done_at = at
            held.save(update_fields=["done_at"])
            moved = list(held.lines.filter(refused="").values_list("patient", flat=True))
            audit.happened(
                "reassigned", audit.name_of(held.to), by=held.asked_by, patient_ids=moved, why=held.because,
                after={"patients": len(set(moved)), "tasks": found.tasks, "not_moved": found.refused},
            )  # fmt: skip
    move.refresh_from_db()
    return found


def standing(move: CaseloadMove) -> Standing:
    """How far it is now."""
    is_moved = Q(refused="", settled_at__isnull=False)
    found = move.lines.aggregate(
        number=Count("pk"), left=Count("pk", filter=~Q(refused="")), went=Count("pk", filter=is_moved),
        carried=Sum("tasks", filter=is_moved, default=0),
    )  # fmt: skip
    return Standing(all=found["number"], moved=found["went"], refused=found["left"], tasks=found["carried"])


def without_letter(move: CaseloadMove) -> int:
    """How many of those who moved have no letter on its way that tells them who their person is."""
    moved = set(move.lines.filter(refused="", settled_at__isnull=False).values_list("enrollment__public_id", flat=True))
    told = Message.objects.filter(about_kind=LETTERS_ABOUT, about_public_id__in=moved, asked_at__gte=move.asked_at)
    return len(moved - set(told.filter(state__in=Message.ON_THEIR_WAY).values_list("about_public_id", flat=True)))


def _waiting(move: CaseloadMove) -> QuerySet[MovedEnrollment]:
    return MovedEnrollment.objects.filter(move=move, settled_at__isnull=True)


def _one(move: CaseloadMove, patient_id: int, *, on: date, at: datetime) -> None:
    """One patient, wholly or not at all; why not is kept on each line of theirs."""
    with transaction.atomic():
        lines = list(_waiting(move).filter(patient=patient_id).select_for_update().order_by("pk"))
        if not lines:
            return  # another worker was here
        try:
            # Why not is kept, and read by others: as the house writes it, not in the language of whoever moves them.
            with override(None), transaction.atomic():
                for line in lines:
                    line.tasks = _assign(move, line.enrollment_id, on=on, at=at)
        except CannotDo as refusal:
            for line in lines:
                line.tasks, line.refused = 0, str(refusal)
        for line in lines:
            line.settled_at = at
        MovedEnrollment.objects.bulk_update(lines, ["settled_at", "refused", "tasks"])


def _assign(move: CaseloadMove, enrollment_id: int, *, on: date, at: datetime) -> int:
    """Give one enrollment to its new lead, with a reminder to look at it; answers how many open reminders went along."""
    enrollment = (
        Enrollment.objects.select_for_update(of=("self",)).select_related("lead", "patient").get(pk=enrollment_id)
    )
    open_work = Task.objects.open().filter(patient=enrollment.patient_id, owner_user=enrollment.lead_id)
    carried = open_work.count() if enrollment.lead_id else 0
    assign_lead(enrollment=enrollment, lead=move.to, by=move.asked_by, on=on, at=at, because=move.because)
    reaching.remind(
        kind="hand_over", patient=enrollment.patient, owner=move.to, about_kind="enrollment", about=enrollment.public_id,
        by=move.asked_by, at=at, due_at=at + timedelta(days=2), title=sentences.TAKE_OVER.format(program=name_of(enrollment.program)),
        why=move.because,
    )  # fmt: skip
    return carried
