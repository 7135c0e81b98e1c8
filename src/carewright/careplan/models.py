"""
Problems, goals and steps of one person's plan.

There is no status column: open, done and dropped follow from the moments and their reasons. Nothing is deleted: what was
resolved, ended or dropped stays, with who said so and why.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import all_or_none, not_blank
from carewright.plumbing.history import keeps_history


class Priority(models.TextChoices):
    """How much a problem matters now, agreed with the patient."""

    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class ProblemQuerySet(models.QuerySet):
    """Problems of a plan."""

    def open(self):
        """Those nobody resolved."""
        return self.filter(resolved_at__isnull=True)


@keeps_history()
class Problem(models.Model):
    """
    Something that stands between a patient and their health, as it stands on the plan.

    `need_code` links it to the need an assessment found, so that the next assessment joins this problem instead of
    opening a second one: one open problem per need.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="problems")
    title = models.TextField()
    priority = models.TextField(choices=Priority, default=Priority.MEDIUM)
    need_code = models.TextField(blank=True, default="", db_collation="C")
    because = models.TextField(blank=True, default="", help_text="What shows it: an answer, a diagnosis, a claim.")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    resolved_because = models.TextField(null=True, blank=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        constraints = [
            not_blank("problem_title_not_blank", "title"),
            models.CheckConstraint(name="problem_priority_is_known", condition=Q(priority__in=Priority.values)),
            all_or_none("problem_resolved_is_complete", "resolved_at", "resolved_by", "resolved_because"),
            models.UniqueConstraint(
                name="problem_open_once_per_need",
                fields=["patient", "need_code"],
                condition=Q(resolved_at__isnull=True) & ~Q(need_code=""),
                violation_error_message=_("The plan has an open problem for this need already."),
            ),
        ]
        indexes = [models.Index(fields=["patient", "-opened_at"], name="problem_of_patient")]

    class Privacy:
        clinical = {"title", "priority", "need_code", "because", "resolved_because"}
        plain = {"id", "public_id", "patient", "opened_at", "opened_by", "resolved_at", "resolved_by"}

    def __str__(self):
        return f"Problem {self.public_id}"

    @property
    def was_left_off(self) -> bool:
        """Whether it never stood on the plan: a need that was talked about and left off, with the reason."""
        return self.resolved_at is not None and self.resolved_at == self.opened_at


class GoalQuerySet(models.QuerySet):
    """Goals of a plan."""

    def open(self):
        """Those that have not ended."""
        return self.filter(ended_at__isnull=True)


@keeps_history()
class Goal(models.Model):
    """
    What the patient wants, in their own words, and how both will know it was reached.

    `confidence` is what the patient said from 0 to 10, never a guess of ours; empty means nobody asked.
    """

    class Outcome(models.TextChoices):
        MET = "met", _("Reached")
        PARTLY_MET = "partly_met", _("Partly reached")
        NOT_MET = "not_met", _("Not reached")
        DROPPED = "dropped", _("No longer wanted")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="goals")
    problem = models.ForeignKey(Problem, models.PROTECT, null=True, blank=True, related_name="goals")
    words = models.TextField(help_text="What the patient wants, as they said it.")
    target = models.TextField(help_text="How both will know: something that can be counted or seen.")
    target_on = models.DateField()
    in_the_way = models.TextField(blank=True, default="", help_text="What stands in the way, as the patient sees it.")
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.TextField(choices=Outcome, null=True, blank=True)
    ended_because = models.TextField(blank=True, default="")

    objects = GoalQuerySet.as_manager()

    class Meta:
        constraints = [
            not_blank("goal_words_not_blank", "words"),
            not_blank("goal_target_not_blank", "target"),
            models.CheckConstraint(
                name="goal_confidence_is_0_to_10",
                condition=Q(confidence__isnull=True) | Q(confidence__gte=0, confidence__lte=10),
                violation_error_message=_("Confidence is a number from 0 to 10."),
            ),
            models.CheckConstraint(
                name="goal_outcome_is_known",
                condition=Q(outcome__isnull=True) | Q(outcome__in=["met", "partly_met", "not_met", "dropped"]),
            ),
            all_or_none("goal_end_has_an_outcome", "ended_at", "ended_by", "outcome"),
        ]
        indexes = [models.Index(fields=["patient", "-set_at"], name="goal_of_patient")]

    class Privacy:
        clinical = {"words", "target", "target_on", "in_the_way", "confidence", "outcome", "ended_because"}
        plain = {"id", "public_id", "patient", "problem", "set_at", "set_by", "ended_at", "ended_by"}

    def __str__(self):
        return f"Goal {self.public_id}"


class InterventionQuerySet(models.QuerySet):
    """Steps of a plan."""

    def open(self):
        """Those neither done nor dropped."""
        return self.filter(closed_at__isnull=True)


@keeps_history()
class Intervention(models.Model):
    """
    The next thing somebody does, and by when.

    `who` says whose step it is: ours (then `owner` is the member of staff and a task reminds them), the patient's, a
    caregiver's or another organization's (then `owner_words` names them).
    """

    class Who(models.TextChoices):
        STAFF = "staff", _("One of us")
        PATIENT = "patient", _("The patient")
        CAREGIVER = "caregiver", _("A caregiver")
        OTHER = "other", _("Another practice or organization")

    class Closed(models.TextChoices):
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="interventions")
    goal = models.ForeignKey(Goal, models.PROTECT, null=True, blank=True, related_name="interventions")
    words = models.TextField(help_text="What somebody does, starting with a verb.")
    who = models.TextField(choices=Who)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="interventions"
    )
    owner_words = models.TextField(blank=True, default="", help_text="Who it is, when it is none of us.")
    due_on = models.DateField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closed = models.TextField(choices=Closed, null=True, blank=True)
    closed_because = models.TextField(blank=True, default="")

    objects = InterventionQuerySet.as_manager()

    class Meta:
        constraints = [
            not_blank("intervention_words_not_blank", "words"),
            models.CheckConstraint(
                name="intervention_who_is_known", condition=Q(who__in=["staff", "patient", "caregiver", "other"])
            ),
            models.CheckConstraint(
                name="intervention_of_staff_has_its_owner",
                condition=Q(who="staff", owner__isnull=False) | (~Q(who="staff") & Q(owner__isnull=True)),
                violation_error_message=_("A step of ours names who of us does it; another's step names nobody of us."),
            ),
            all_or_none("intervention_closing_is_complete", "closed_at", "closed_by", "closed"),
            models.CheckConstraint(
                name="intervention_dropped_with_a_reason",
                condition=Q(closed__isnull=True) | Q(closed="done") | Q(closed_because__regex=r"\S"),
                violation_error_message=_("Say why it is dropped."),
            ),
        ]
        indexes = [models.Index(fields=["patient", "due_on"], name="intervention_of_patient")]

    class Privacy:
        direct = {"owner_words"}
        clinical = {"words", "who", "due_on", "closed", "closed_because"}
        plain = {"id", "public_id", "patient", "goal", "owner", "added_at", "added_by", "closed_at", "closed_by"}

    def __str__(self):
        return f"Intervention {self.public_id}"
