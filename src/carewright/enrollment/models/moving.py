"""Moving patients from one lead to another: what was asked, and what became of each."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from carewright.enrollment import sentences
from carewright.enrollment.models.enrolled import Enrollment
from carewright.plumbing.constraints import not_blank


class CaseloadMove(models.Model):
    """
    That somebody who leads a team asked for patients of one lead to go to another, with the reason.

    It is carried out patient by patient; `done_at` is when the last of them was looked at.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    before = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    because = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [not_blank("caseload_move_because_not_blank", "because")]

    class Privacy:
        plain = {"id", "public_id", "before", "to", "because", "asked_at", "asked_by", "done_at"}

    def __str__(self):
        return f"Caseload move {self.public_id}"


class MovedEnrollment(models.Model):
    """One enrollment of a move: waiting, moved with so many open reminders, or not moved and why."""

    move = models.ForeignKey(CaseloadMove, models.PROTECT, related_name="lines")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="moves")
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    refused = models.TextField(blank=True, default="", help_text="Why it was not moved, as a sentence.")
    tasks = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="moved_enrollment_once_per_move", fields=["move", "enrollment"]),
            models.CheckConstraint(
                name="moved_enrollment_refused_is_settled", condition=Q(refused="") | Q(settled_at__isnull=False)
            ),
        ]

    class Privacy:
        clinical = {"refused"}
        plain = {"id", "move", "enrollment", "patient", "settled_at", "tasks"}

    def __str__(self):
        return f"Moved enrollment {self.pk}"

    @property
    def said_refused(self) -> str:
        """Why it was not moved, in the reader's language."""
        return sentences.in_words(self.refused)
