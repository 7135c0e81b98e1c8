"""A whole caseload that goes to another lead: moved by a worker, patient by patient, while the page shows how far it is."""

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.enrollment import moving
from carewright.enrollment.models import CaseloadMove
from carewright.plumbing import jobs
from carewright.staff import clock


@jobs.task(moving.JOB, attempts=6)
def move_caseload(move_id: int) -> None:
    """Move everyone of a move who still waits. Safe to run twice: who was moved is not moved again."""
    clock.set_clock()
    with acting_as("system:caseload"):
        move = CaseloadMove.objects.select_related("to", "asked_by").get(pk=move_id)
        while moving.carry_out(move=move, on=timezone.localdate(), at=timezone.now()).waiting:
            continue
