"""What people decided: about a candidate, about a program's numbers, and which lists they want again. Outlives runs."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import all_or_none, not_blank


class CandidateDecisionQuerySet(models.QuerySet):
    """Decisions, asked by day."""

    def standing(self):
        """Those that nothing replaced or lifted; a `not_now` whose day has come back is among them."""
        return self.filter(ended_at__isnull=True)

    def in_force(self, day: date):
        """Those that hold on a day: standing, and not past their last day."""
        return self.standing().filter(Q(until__isnull=True) | Q(until__gte=day))


class CandidateDecision(models.Model):
    """
    What somebody decided about a candidate: accept, not now until a day, or exclude with a reason.

    One decision stands at a time. A new one ends the one before; an exclusion may be lifted, with a reason.
    """

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        NOT_NOW = "not_now", _("Not now")
        EXCLUDED = "excluded", _("Excluded")

    class Because(models.TextChoices):
        FITS = "fits", _("Fits the program")
        WELL_SUPPORTED = "well_supported", _("Already well supported")
        OTHER_PROGRAM = "other_program", _("In another program")
        NO_CAPACITY = "no_capacity", _("No room this week")
        LIFE_EVENT = "life_event", _("A life event; later is better")
        ASK_PCP = "ask_pcp", _("Waiting for the PCP's answer")
        DECLINED = "declined", _("Declined for now")
        OPTED_OUT = "opted_out", _("Asked not to be called again")
        HOSPICE = "hospice", _("In hospice or palliative care")
        DECEASED = "deceased", _("Has died")
        MOVED = "moved", _("Moved or changed plan")
        WRONG_PERSON = "wrong_person", _("The facts are not about this person")

    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="candidate_decisions")
    decision = models.TextField(choices=Decision)
    until = models.DateField(null=True, blank=True, help_text="The last day it holds, inclusive; empty: no end.")
    because = models.TextField(choices=Because)
    note = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_because = models.TextField(null=True, blank=True, help_text="`replaced`, or why it was lifted.")

    objects = CandidateDecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="candidate_decision_one_stands",
                fields=["patient"],
                condition=Q(ended_at__isnull=True),
                violation_error_message=_("Another decision about this person stands already."),
            ),
            all_or_none("candidate_decision_end_is_complete", "ended_at", "ended_by", "ended_because"),
            models.CheckConstraint(
                name="candidate_decision_is_known", condition=Q(decision__in=["accepted", "not_now", "excluded"])
            ),
            models.CheckConstraint(
                name="candidate_decision_not_now_has_a_day",
                condition=~Q(decision="not_now") | Q(until__isnull=False),
                violation_error_message=_("Say until when."),
            ),
            models.CheckConstraint(
                name="candidate_decision_accepted_has_no_end",
                condition=~Q(decision="accepted") | Q(until__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["decision", "until"], name="candidate_decision_standing")]

    class Privacy:
        clinical = {"decision", "until", "because", "note", "ended_because"}
        plain = {"id", "patient", "by", "at", "ended_at", "ended_by"}

    def __str__(self):
        return f"{self.decision} for patient {self.patient_id}"

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.ended_at is None and (self.until is None or self.until >= day)


class SavedFilter(models.Model):
    """A list somebody wants again: its name and its filters, for themselves or for their team."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    team = models.ForeignKey("staff.Team", models.CASCADE, null=True, blank=True, related_name="saved_filters")
    name = models.TextField()
    query = models.TextField(help_text="The filters as they stand in the page's address.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="saved_filter_name_once",
                fields=["user", "name"],
                violation_error_message=_("You have a filter of that name already."),
            ),
            not_blank("saved_filter_name_not_blank", "name"),
        ]

    class Privacy:
        plain = {"id", "user", "team", "name", "query", "at"}

    def __str__(self):
        return self.name


class ProgramSetting(models.Model):
    """A number of a program's rule as a site set it, from a day on, with the reason. Rows are only added."""

    program = models.TextField(db_collation="C")
    key = models.TextField(db_collation="C")
    value = models.TextField()
    from_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    because = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            not_blank("program_setting_because_not_blank", "because"),
            not_blank("program_setting_value_not_blank", "value"),
        ]
        indexes = [models.Index(fields=["program", "key", "from_on"], name="program_setting_in_force")]

    class Privacy:
        plain = {"id", "program", "key", "value", "from_on", "by", "because", "at"}

    def __str__(self):
        return f"{self.program} {self.key} = {self.value} from {self.from_on:%Y-%m-%d}"
