"""
The chart: what others told us about a patient, always with who said it and when.

Every row is something a source reported. It keeps its `source` and that source's own number for it (`external_id`,
unique together, so that hearing it twice changes nothing), the delivery and line it came from, the day it was received,
and its sensitivity tags. Nothing here is ever deleted: what a source takes back is retracted, with when and why.
What we ourselves assess, plan and decide lives in later stages.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from carewright.knowledge.sensitivity import TAGS
from carewright.plumbing.constraints import all_or_none, not_blank


def said(**options) -> models.TextField:
    """Words or a code a source may leave out."""
    return models.TextField(blank=True, default="", **options)


def patient(name: str) -> models.ForeignKey:
    """Whose fact it is; `name` is what the patient calls them."""
    return models.ForeignKey("registry.Patient", models.PROTECT, related_name=name)


class ReportedQuerySet(models.QuerySet):
    """Reported facts, asked in the words of a chart."""

    def standing(self):
        """Those nobody has taken back."""
        return self.filter(retracted_at__isnull=True)

    def of_source(self, source: str):
        """Those one source reported."""
        return self.filter(source=source)


class Reported(models.Model):
    """What every reported fact carries besides what it says."""

    source = models.TextField(help_text="The feed that told us.")
    external_id = models.TextField(db_collation="C", help_text="The source's own number for it.")
    status = said(help_text="As the source states it: active, final, not-done, …")
    delivery_id = models.TextField(db_collation="C", help_text="The delivery it came in; with the line, its evidence.")
    line = models.BigIntegerField()
    received_on = models.DateField()
    received_seq = models.BigIntegerField(help_text="The order of receipt: the higher is the later.")
    tags = ArrayField(models.TextField(), default=list, blank=True, help_text="Sensitivity tags.")
    retracted_at = models.DateTimeField(null=True, blank=True)
    retracted_by = models.TextField(null=True, blank=True)
    retracted_because = models.TextField(null=True, blank=True)

    objects = ReportedQuerySet.as_manager()

    PLAIN = frozenset(
        {"id", "patient", "source", "delivery_id", "line", "received_on", "received_seq", "tags", "retracted_at"}
        | {"retracted_by", "retracted_because"}
    )
    """The plain columns every reported fact has; `external_id` may be a number people know the patient by."""

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(name="%(class)s_once", fields=["source", "external_id"]),
            all_or_none("%(class)s_retraction_complete", "retracted_at", "retracted_by", "retracted_because"),
            models.CheckConstraint(name="%(class)s_tags_are_known", condition=Q(tags__contained_by=sorted(TAGS))),
            not_blank("%(class)s_source_not_blank", "source"),
            not_blank("%(class)s_external_id_not_blank", "external_id"),
        ]

    def __str__(self):
        # Never what it says: this string reaches logs and tracebacks.
        return f"{self._meta.verbose_name} {self.pk} from {self.source}"

    @property
    def evidence(self) -> str:
        """The landed row behind this fact."""
        return f"{self.delivery_id}:{self.line}"
