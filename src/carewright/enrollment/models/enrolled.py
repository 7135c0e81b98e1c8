"""
Enrollment: a patient is cared for in a program, for a time, led by somebody.

There is no status column: what an enrollment is today follows from its dates and its pauses, so it can never disagree
with them. Coming back later is a second enrollment, never a reopened first one.
"""

import uuid
from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import all_or_none, ends_after_it_starts, not_blank, one
from carewright.plumbing.history import keeps_history


class EnrollmentQuerySet(models.QuerySet):
    """Enrollments, asked by day and by lead."""

    def open_on(self, day: date):
        """Those that hold on a day, the first and the last day included; a paused one is open."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def at_work(self, day: date):
        """
        Those that somebody works on: begun, and not left. Leaving counts from its minute, so the last day is not in it.
        """
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)

    def running(self):
        """Those that have no end."""
        return self.filter(ends_on__isnull=True)

    def led_by(self, user):
        """Those this person leads."""
        return self.filter(lead=user)


@keeps_history()
class Enrollment(models.Model):
    """One stay of one patient in one program, resting on the consent that was standing when it began."""

    class EndReason(models.TextChoices):
        GOALS_MET = "goals_met", _("Goals met")
        WITHDREW = "withdrew", _("Withdrew")
        UNREACHABLE = "unreachable", _("Could not be reached any more")
        MOVED = "moved", _("Moved away")
        LOST_COVERAGE = "lost_coverage", _("Lost coverage")
        TRANSFERRED = "transferred", _("Handed to another program or organization")
        HIGHER_CARE = "higher_care", _("Needs a higher level of care")
        DIED = "died", _("Died")
        MISTAKE = "mistake", _("Was enrolled by mistake")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="enrollments")
    program = models.TextField(db_collation="C")
    consent = models.ForeignKey("Consent", models.PROTECT, related_name="enrollments")
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="caseload")
    led_since = models.DateField(null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day, inclusive.")
    end_reason = models.TextField(choices=EndReason, null=True, blank=True)
    end_words = models.TextField(blank=True, default="")
    transferred_to = models.TextField(blank=True, default="")
    source = models.TextField(blank=True, default="", help_text="Where it came from, when nobody here enrolled them.")

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            ends_after_it_starts("enrollment_ends_after_it_starts"),
            all_or_none("enrollment_end_has_a_reason", "ends_on", "end_reason"),
            all_or_none("enrollment_lead_has_a_first_day", "lead", "led_since"),
            models.CheckConstraint(
                name="enrollment_transfer_says_where",
                condition=Q(end_reason__isnull=True) | ~Q(end_reason="transferred") | Q(transferred_to__regex=r"\S"),
                violation_error_message=_("Say who takes over."),
            ),
            ExclusionConstraint(
                name="enrollment_once_per_program_at_a_time",
                expressions=[
                    (one("int8range", "patient"), RangeOperators.OVERLAPS),
                    (one("textrange", "program"), RangeOperators.OVERLAPS),
                    (
                        Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("This patient is already in this program on those days."),
            ),
        ]
        indexes = [
            models.Index(fields=["lead"], name="enrollment_open_by_lead", condition=Q(ends_on__isnull=True)),
            models.Index(fields=["patient"], name="enrollment_patient"),
        ]

    class Privacy:
        clinical = {"program", "starts_on", "ends_on", "end_reason", "end_words", "transferred_to"}
        plain = {"id", "public_id", "patient", "consent", "lead", "led_since", "source"}

    def __str__(self):
        return f"Enrollment {self.public_id}"

    def is_open_on(self, day: date) -> bool:
        """Whether it holds on that day."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)

    def is_at_work_on(self, day: date) -> bool:
        """Whether somebody works on it that day: as `at_work`, the day somebody leaves is not among them."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on > day)


@keeps_history()
class Pause(models.Model):
    """Some days in which an enrollment rests: the patient is in hospital, in a nursing facility, or traveling."""

    class Because(models.TextChoices):
        HOSPITAL = "hospital", _("In hospital")
        NURSING_FACILITY = "nursing_facility", _("In a nursing facility")
        TRAVELING = "traveling", _("Traveling")
        ASKED = "asked", _("Asked for a break")
        DEATH_REPORTED = "death_reported", _("A death was reported and is being checked")

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="pauses")
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="pauses")
    because = models.TextField(choices=Because)
    words = models.TextField(blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day, inclusive.")
    paused_by = models.TextField()
    resumed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            ends_after_it_starts("pause_ends_after_it_starts"),
            models.CheckConstraint(
                name="pause_because_is_known",
                condition=Q(because__in=["hospital", "nursing_facility", "traveling", "asked", "death_reported"]),
            ),
            models.UniqueConstraint(
                name="pause_one_open_at_a_time",
                fields=["enrollment"],
                condition=Q(resumed_at__isnull=True),
                violation_error_message=_("This enrollment is paused already."),
            ),
        ]
        indexes = [models.Index(fields=["patient"], name="pause_patient")]

    class Privacy:
        clinical = {"because", "words"}
        plain = {"id", "enrollment", "patient", "starts_on", "ends_on", "paused_by", "resumed_at"}

    def __str__(self):
        return f"Pause of enrollment {self.enrollment_id}"


@keeps_history()
class DeathReport(models.Model):
    """
    Somebody or something told us that a patient has died; it waits until a person confirms it or finds it wrong.

    From the moment it stands, nobody is called and nothing is sent. Everything it stopped is restored if it was wrong.
    """

    class Source(models.TextChoices):
        CALL = "call", _("Somebody said so on a call")
        FAMILY = "family", _("The family told us")
        PROVIDER = "provider", _("A provider told us")
        FILE = "file", _("A file or message we received")
        OBITUARY = "obituary", _("An obituary")

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        WRONG = "wrong", _("Wrong")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="death_reports")
    source = models.TextField(choices=Source)
    words = models.TextField(blank=True, default="")
    died_on = models.DateField(null=True, blank=True, help_text="The day of death, as told.")
    reported_at = models.DateTimeField()
    reported_by = models.TextField(help_text="An email or system:<what>.")
    verdict = models.TextField(choices=Verdict, null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_words = models.TextField(blank=True, default="", help_text="How it was confirmed or found wrong.")

    class Meta:
        ordering = ["reported_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="death_report_one_waits",
                fields=["patient"],
                condition=Q(verdict__isnull=True),
                violation_error_message=_("A report about this person waits for confirmation already."),
            ),
            all_or_none("death_report_verdict_is_complete", "verdict", "settled_at", "settled_by"),
            models.CheckConstraint(
                name="death_report_confirmed_has_a_day",
                condition=Q(verdict__isnull=True) | ~Q(verdict="confirmed") | Q(died_on__isnull=False),
                violation_error_message=_("Say on which day they died."),
            ),
            models.CheckConstraint(
                name="death_report_wrong_says_why",
                condition=Q(verdict__isnull=True) | ~Q(verdict="wrong") | Q(settled_words__regex=r"\S"),
                violation_error_message=_("Say how you know that it was wrong."),
            ),
        ]

    class Privacy:
        direct = {"died_on"}
        clinical = {"source", "words", "verdict", "settled_words"}
        plain = {"id", "public_id", "patient", "reported_at", "reported_by", "settled_at", "settled_by"}

    def __str__(self):
        return f"Death report {self.public_id}"


@keeps_history()
class LeadProfile(models.Model):
    """What somebody who leads patients brings: languages, places, skills, and how many minutes a week for patients."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="lead_profile")
    languages = ArrayField(models.TextField(), default=list, blank=True, help_text="Codes such as es.")
    places = ArrayField(models.TextField(), default=list, blank=True, help_text="Beginnings of ZIP codes.")
    skills = ArrayField(models.TextField(), default=list, blank=True, help_text="Codes of programs known well.")
    minutes_a_week = models.IntegerField(default=1200)
    takes_new = models.BooleanField(default=True, help_text="Whether new patients may be suggested.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lead_profile_minutes_are_possible",
                condition=Q(minutes_a_week__gte=0, minutes_a_week__lte=3600),
                violation_error_message=_("Minutes a week lie between 0 and 3,600."),
            )
        ]

    class Privacy:
        plain = {"id", "user", "languages", "places", "skills", "minutes_a_week", "takes_new"}

    def __str__(self):
        return f"Lead profile of user {self.user_id}"


class CaseloadRow(models.Model):
    """A landed row of a caseload file that was applied, and what became of it; the same row is applied once."""

    evidence_id = models.TextField(unique=True, db_collation="C", help_text="`<delivery>:<line>`.")
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="caseload_rows")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="caseload_rows")
    did = models.TextField(help_text="`enrolled`, `ended`, `lead` or `same`.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [not_blank("caseload_row_evidence_not_blank", "evidence_id")]

    class Privacy:
        clinical = {"did"}
        plain = {"id", "evidence_id", "patient", "enrollment", "at", "by"}

    def __str__(self):
        return f"Caseload row {self.evidence_id}"
