"""An assessment and its sections: what was asked, where each part stands, and what was added afterwards."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carewright.assessment.models.fields import patient_field, who
from carewright.knowledge.sensitivity import TAGS
from carewright.plumbing.constraints import all_or_none, not_blank
from carewright.plumbing.history import keeps_history


class AssessmentQuerySet(models.QuerySet):
    """Assessments, asked by where they stand."""

    def open(self):
        """Begun, and neither finished nor stopped."""
        return self.filter(finished_at__isnull=True, stopped_at__isnull=True)

    def counting(self):
        """Those whose answers count: everything that was not stopped."""
        return self.filter(stopped_at__isnull=True)


@keeps_history()
class Assessment(models.Model):
    """
    One asking of one patient: the comprehensive assessment, or one instrument by itself.

    `program` and `eligible_on` say for which program it decides, and since when its clock runs; both empty for an
    instrument asked by itself. `follows` is the one before, whose answers are shown beside each question. `language` is
    the language it was asked in: the text is English unless the site loaded an official translation.

    One that another system sent is finished when it comes. `source` and `external_id` are whose it is and its number
    there, `evidence` and `received_seq` where it stands in what was received, `answered_by` who answered, `tags` what
    the sender marked as sensitive. Taken back or replaced by its sender, it is stopped: it is kept and counts for nothing.
    """

    COMPREHENSIVE = "comprehensive"

    class Reason(models.TextChoices):
        INITIAL = "initial", _("First assessment")
        YEARLY = "yearly", _("Yearly")
        HALF_YEAR = "half_year", _("Quality of life, every six months")
        STAY = "stay", _("After a hospital stay or emergency visit")
        CHANGE = "change", _("Something changed")
        RECEIVED = "received", _("Received from another system")

    class Mode(models.TextChoices):
        PHONE = "phone", _("By phone")
        VIDEO = "video", _("By video")
        VISIT = "visit", _("In person")
        RECEIVED = "received", _("Received")

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("Belongs in the program")
        OVERTURNED = "overturned", _("Does not belong in the program")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = patient_field("assessments")
    kind = models.TextField(db_collation="C", help_text="comprehensive, or the code of an instrument.")
    version = models.TextField(help_text="The edition of what was asked.")
    reason = models.TextField(choices=Reason, default=Reason.INITIAL)
    mode = models.TextField(choices=Mode, default=Mode.PHONE)
    language = models.TextField(blank=True, default="", help_text="The language it was spoken in.")
    interpreter = models.TextField(blank=True, default="", help_text="Name or number of the interpreter.")
    program = models.TextField(blank=True, default="", db_collation="C")
    eligible_on = models.DateField(null=True, blank=True)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    adult_because = models.TextField(
        blank=True, default="", help_text="How we know that this is an adult, where the birth date is unknown."
    )
    adult_at = models.DateTimeField(null=True, blank=True)
    adult_by = who(null=True, blank=True)
    started_at = models.DateTimeField()
    started_by = who(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = who(null=True, blank=True)
    verdict = models.TextField(choices=Verdict, null=True, blank=True)
    verdict_because = models.TextField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = who(null=True, blank=True)
    stopped_because = models.TextField(null=True, blank=True)
    source = models.TextField(blank=True, default="", help_text="The feed it came from; empty when we asked it.")
    external_id = models.TextField(blank=True, default="", db_collation="C", help_text="Its number at the source.")
    evidence = models.TextField(blank=True, default="", help_text="The delivery and line it was read from.")
    received_at = models.DateTimeField(null=True, blank=True)
    received_seq = models.BigIntegerField(null=True, blank=True)
    answered_by = models.TextField(blank=True, default="", help_text="Who answered, as the sender says.")
    tags = ArrayField(models.TextField(), default=list, blank=True, help_text="Sensitivity tags of the whole.")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="assessment_one_open_of_a_kind",
                fields=["patient", "kind"],
                # what another system sends does not wait until a colleague has finished asking
                condition=Q(finished_at__isnull=True, stopped_at__isnull=True) & ~Q(reason="received"),
                violation_error_message=_("This assessment is open already; go on with it."),
            ),
            models.CheckConstraint(
                name="assessment_reason_is_known",
                condition=Q(reason__in=["initial", "yearly", "half_year", "stay", "change", "received"]),
            ),
            models.CheckConstraint(
                name="assessment_mode_is_known", condition=Q(mode__in=["phone", "video", "visit", "received"])
            ),
            models.CheckConstraint(
                name="assessment_verdict_is_known",
                condition=Q(verdict__isnull=True) | Q(verdict__in=["confirmed", "overturned"]),
            ),
            models.CheckConstraint(
                name="assessment_verdict_belongs_to_a_program",
                condition=Q(verdict__isnull=True) | (~Q(program="") & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="assessment_for_a_program_ends_with_a_verdict",
                condition=Q(finished_at__isnull=True) | Q(program="") | Q(verdict__isnull=False),
                violation_error_message=_("Say whether the person belongs in the program."),
            ),
            models.CheckConstraint(
                name="assessment_adult_says_who_and_how",
                condition=Q(adult_because="", adult_at__isnull=True, adult_by__isnull=True)
                | Q(adult_because__regex=r"\S", adult_at__isnull=False, adult_by__isnull=False),
            ),
            all_or_none("assessment_verdict_has_a_reason", "verdict", "verdict_because"),
            all_or_none("assessment_stopping_says_why", "stopped_at", "stopped_because"),
            models.CheckConstraint(
                name="assessment_finished_or_stopped",
                condition=Q(finished_at__isnull=True) | Q(stopped_at__isnull=True) | Q(reason="received"),
            ),
            models.UniqueConstraint(
                name="assessment_received_once",
                fields=["source", "external_id"],
                condition=~Q(external_id="") & Q(stopped_at__isnull=True),
            ),
            models.CheckConstraint(
                name="assessment_only_received_has_a_sender",
                condition=Q(reason="received") | Q(source="", external_id="", received_at__isnull=True),
            ),
            models.CheckConstraint(name="assessment_tags_are_known", condition=Q(tags__contained_by=sorted(TAGS))),
            models.CheckConstraint(
                name="assessment_finished_after_it_started",
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                violation_error_message=_("It cannot be finished before it was started."),
            ),
            not_blank("assessment_kind_not_blank", "kind"),
        ]
        indexes = [models.Index(fields=["patient", "-started_at"], name="assessment_of_patient")]

    class Privacy:
        direct = {"interpreter", "answered_by"}
        clinical = {
            "kind", "reason", "mode", "language", "program", "eligible_on", "verdict", "verdict_because",
            "stopped_because", "adult_because",
        }  # fmt: skip
        plain = {
            "adult_at", "adult_by",
            "id", "public_id", "patient", "version", "follows", "started_at", "started_by", "finished_at", "finished_by",
            "stopped_at", "stopped_by", "source", "external_id", "evidence", "received_at", "received_seq", "tags",
        }  # fmt: skip

    def __str__(self):
        return f"Assessment {self.public_id} ({self.kind})"

    @property
    def is_open(self) -> bool:
        """Whether answers are still taken."""
        return self.finished_at is None and self.stopped_at is None


@keeps_history()
class Section(models.Model):
    """One section of an assessment: where it stands, who said so, and when."""

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", _("Not started")
        IN_PROGRESS = "in_progress", _("In progress")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")
        NOT_APPROPRIATE = "not_appropriate", _("Not appropriate")

    CLOSED = (Status.DONE, Status.DECLINED, Status.NOT_APPROPRIATE)
    SKIPPED = (Status.DECLINED, Status.NOT_APPROPRIATE)

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="sections")
    patient = patient_field("+")
    code = models.TextField(db_collation="C")
    status = models.TextField(choices=Status, default=Status.NOT_STARTED)
    because = models.TextField(blank=True, default="")
    at = models.DateTimeField(null=True, blank=True)
    by = who(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="section_once_per_assessment", fields=["assessment", "code"]),
            models.CheckConstraint(
                name="section_status_is_known",
                condition=Q(status__in=["not_started", "in_progress", "done", "declined", "not_appropriate"]),
            ),
            models.CheckConstraint(
                name="section_skipped_says_why",
                condition=~Q(status__in=["declined", "not_appropriate"]) | Q(because__regex=r"\S"),
                violation_error_message=_("Say why this section is left out."),
            ),
            models.CheckConstraint(
                name="section_status_has_a_moment", condition=Q(status="not_started") | Q(at__isnull=False)
            ),
        ]

    class Privacy:
        clinical = {"code", "status", "because"}
        plain = {"id", "assessment", "patient", "at", "by"}

    def __str__(self):
        return f"Section {self.code} of assessment {self.assessment_id}"

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to ask here."""
        return self.status in self.CLOSED


class Addendum(models.Model):
    """What was found after an assessment was finished: the words, who added them, and which answers changed with them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="addenda")
    patient = patient_field("+")
    text = models.TextField()
    at = models.DateTimeField()
    by = who()

    class Meta:
        constraints = [not_blank("addendum_text_not_blank", "text")]

    class Privacy:
        clinical = {"text"}
        plain = {"id", "public_id", "assessment", "patient", "at", "by"}

    def __str__(self):
        return f"Addendum {self.public_id}"
