"""Outreach: the time in which we try to reach a person for a program, from the first attempt planned to how it ended."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import all_or_none
from carewright.plumbing.history import keeps_history
from carewright.tasks import sentences as reminding


class OutreachQuerySet(models.QuerySet):
    """Episodes of outreach."""

    def running(self):
        """
        Those that are not over, a held one among them.

        One that stayed with a record joined into another rests, and goes on when the join is undone.
        """
        return self.filter(closed_at__isnull=True, patient__merged_into__isnull=True)

    def to_work(self):
        """Those that somebody works on now: not over, not held back, and the person is not known to have died."""
        return self.running().filter(held_because="", patient__died_on__isnull=True)


@keeps_history(besides=("next_from", "next_until", "next_means", "next_part", "next_why", "planned_at"))
class OutreachEpisode(models.Model):
    """
    One time of trying to reach one person for one program.

    The attempts are contacts, kept by the room of contacts; what is kept here is the plan. `next_…` is worked out anew
    after every attempt (`knowledge.outreach`), never typed. A later time is another episode that names the one before.
    """

    class Outcome(models.TextChoices):
        ENROLLED = "enrolled", _("Joined")
        DECLINED = "declined", _("Said no")
        UNREACHABLE = "unreachable", _("Could not be reached")
        STOPPED = "stopped", _("Asked us to stop")
        WITHDREW = "withdrew", _("Withdrew")
        DIED = "died", _("Died")
        EXCLUDED = "excluded", _("Does not fit the program")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="outreach_episodes")
    program = models.TextField(db_collation="C")
    rule = models.TextField(db_collation="C", help_text="The attempt rule it follows (knowledge.outreach).")
    item = models.ForeignKey("TriageItem", models.PROTECT, null=True, blank=True, related_name="outreach")
    again_after = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="again")
    again_because = models.TextField(blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="outreach_episodes"
    )
    opened_at = models.DateTimeField()
    opened_by = models.TextField(help_text="An email or system:<what>.")
    asked_for = models.DateTimeField(null=True, blank=True, help_text="When the person asked to be called back.")
    letter_sent_at = models.DateTimeField(null=True, blank=True)
    next_from = models.DateTimeField(null=True, blank=True)
    next_until = models.DateTimeField(null=True, blank=True)
    next_means = models.TextField(blank=True, default="")
    next_part = models.TextField(blank=True, default="")
    next_why = models.TextField(blank=True, default="")
    planned_at = models.DateTimeField(null=True, blank=True)
    held_because = models.TextField(blank=True, default="", help_text="Why nobody calls for now: `death_reported`, …")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.TextField(null=True, blank=True)
    outcome = models.TextField(choices=Outcome, null=True, blank=True)
    outcome_words = models.TextField(blank=True, default="")

    objects = OutreachQuerySet.as_manager()

    class Meta:
        ordering = ["next_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="outreach_once_per_program_at_a_time",
                fields=["patient", "program"],
                condition=Q(closed_at__isnull=True),
                violation_error_message=_("We are trying to reach this person for this program already."),
            ),
            all_or_none("outreach_end_is_complete", "closed_at", "closed_by", "outcome"),
            models.CheckConstraint(
                name="outreach_ends_after_it_opens",
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=models.F("opened_at")),
            ),
            models.CheckConstraint(
                name="outreach_plans_nothing_once_over",
                condition=Q(closed_at__isnull=True) | Q(next_from__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["next_from"], name="outreach_next", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["patient"], name="outreach_patient"),
        ]

    class Privacy:
        clinical = {
            "program", "rule", "again_because", "asked_for", "next_means", "next_part", "next_why", "held_because",
            "outcome", "outcome_words",
        }  # fmt: skip
        plain = {
            "id", "public_id", "patient", "item", "again_after", "owner", "opened_at", "opened_by", "letter_sent_at",
            "next_from", "next_until", "planned_at", "closed_at", "closed_by",
        }  # fmt: skip

    def __str__(self):
        return f"Outreach {self.public_id}"

    @property
    def said_next(self) -> str:
        """Why the next step is what it is, in the reader's language."""
        return reminding.why(self.next_why)

    @property
    def said_outcome(self) -> str:
        """What was said of how it ended, in the reader's language; what somebody typed stays as it is."""
        return reminding.why(self.outcome_words)
