"""Which two records may be one person, which were joined, by whom, why, and what exactly was moved."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import all_or_none, not_blank
from carewright.plumbing.history import keeps_history
from carewright.registry.models.patient import Patient


class PossibleMatchQuerySet(models.QuerySet):
    """Pairs that look alike, asked by what became of them."""

    def waiting(self):
        """Those nobody decided, both of whose records still stand; the likeliest first."""
        return self.filter(
            state=PossibleMatch.State.WAITING, patient__merged_into__isnull=True, other__merged_into__isnull=True
        ).order_by(F("score").desc(nulls_last=True), "pk")


@keeps_history()
class PossibleMatch(models.Model):
    """
    Two records that may be one person, waiting for somebody who looks at both side by side.

    `reasons` are codes of `registry.matching.rules`; `score` is the likelihood the machine gives, where it could tell.
    A pair that was kept apart is never joined nor suggested by the machine again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        JOINED = "joined", _("One person")
        KEPT_APART = "kept_apart", _("Two people")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    other = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    score = models.FloatField(null=True, blank=True)
    reasons = ArrayField(models.TextField(), default=list)
    found_at = models.DateTimeField()
    state = models.TextField(choices=State, default=State.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(null=True, blank=True, help_text="An email or system:<what>.")
    decided_because = models.TextField(blank=True, default="")

    objects = PossibleMatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="possible_match_once", fields=["patient", "other"]),
            models.CheckConstraint(name="possible_match_in_order", condition=Q(patient__lt=F("other"))),
            models.CheckConstraint(
                name="possible_match_state_is_known", condition=Q(state__in=["waiting", "joined", "kept_apart"])
            ),
            all_or_none("possible_match_decided_by_somebody", "decided_at", "decided_by"),
        ]
        indexes = [models.Index(fields=["state", "-score"], name="possible_match_waiting")]

    class Privacy:
        direct = {"decided_by", "decided_because"}
        plain = {"id", "patient", "other", "score", "reasons", "found_at", "state", "decided_at"}

    def __str__(self):
        return f"Patients {self.patient_id} and {self.other_id}, {self.state}"


class JoinQuerySet(models.QuerySet):
    """Joins, asked by whether they stand."""

    def standing(self):
        """Those nobody has undone."""
        return self.filter(undone_at__isnull=True)


@keeps_history()
class Join(models.Model):
    """
    Two records became one: which was kept, which was joined into it, by a machine or a person, and why.

    Every join stays listed for good; `undone_at` says that it no longer holds. `taken` holds the facts the kept record
    took over from the other, as `{field: [before, after]}`. What was moved stands in `JoinedRows`.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="joins", help_text="The record that was kept.")
    other = models.ForeignKey(Patient, models.PROTECT, related_name="joined_as")
    by_machine = models.BooleanField()
    joined_by = models.TextField(help_text="An email or system:<what>.")
    joined_at = models.DateTimeField()
    score = models.FloatField(null=True, blank=True)
    why = models.TextField()
    taken = models.JSONField(default=dict, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    undone_because = models.TextField(null=True, blank=True)

    objects = JoinQuerySet.as_manager()

    class Meta:
        ordering = ["-joined_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="join_of_two_records", condition=~Q(patient=F("other"))),
            models.UniqueConstraint(
                name="join_stands_once", fields=["other"], condition=Q(undone_at__isnull=True),
                violation_error_message=_("This record is joined into another already."),
            ),
            all_or_none("join_undone_by_somebody", "undone_at", "undone_by", "undone_because"),
            not_blank("join_says_why", "why"),
        ]  # fmt: skip

    class Privacy:
        direct = {"joined_by", "taken", "undone_because"}
        plain = {"id", "patient", "other", "by_machine", "joined_at", "score", "why", "undone_at", "undone_by"}

    def __str__(self):
        return f"Patient {self.other_id} joined into {self.patient_id}"


class JoinedRows(models.Model):
    """
    Which rows of one table a join found: moved to the kept record, its own already, or left because they would repeat.

    Undoing the join moves back exactly the rows that were moved; what came later is in none of these lists.
    """

    class Whose(models.TextChoices):
        MOVED = "moved", _("Moved to the kept record")
        OWN = "own", _("The kept record's own")
        STAYED = "stayed", _("Left with the other record")

    join = models.ForeignKey(Join, models.PROTECT, related_name="rows")
    table = models.TextField(help_text="The model's label: registry.Identifier.")
    column = models.TextField(help_text="The column that names the patient.")
    whose = models.TextField(choices=Whose)
    keys = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="joined_rows_once", fields=["join", "table", "column", "whose"]),
            models.CheckConstraint(
                name="joined_rows_whose_is_known", condition=Q(whose__in=["moved", "own", "stayed"])
            ),
        ]

    class Privacy:
        plain = {"id", "join", "table", "column", "whose", "keys"}

    def __str__(self):
        return f"{len(self.keys)} rows of {self.table}, {self.whose}"
