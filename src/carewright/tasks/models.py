"""Reminders, safety alarms, and the roster of who is on call."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from carewright.access.words import chosen
from carewright.plumbing.constraints import all_or_none, exactly_one, not_blank
from carewright.plumbing.history import keeps_history
from carewright.tasks import sentences


class TaskQuerySet(models.QuerySet):
    """Tasks, asked by moment and by owner. Nothing about lateness is stored: it is read off the clock."""

    def open(self):
        """Those nobody closed."""
        return self.filter(closed_at__isnull=True)

    def in_sight_at(self, at):
        """Open ones that are neither paused nor snoozed beyond that moment, and whose window has begun."""
        return self.open().filter(
            Q(paused_until__isnull=True) | Q(paused_until__lte=at),
            Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=at),
            Q(window_starts_at__isnull=True) | Q(window_starts_at__lte=at),
        )

    def overdue_at(self, at):
        """Open ones whose moment has passed, paused or snoozed or not."""
        return self.open().filter(due_at__lt=at)

    def missed_by(self, at):
        """Everything that was not done by its moment: closed late, closed as missed, or open past it."""
        return self.filter(
            Q(closed_because=Task.Closed.MISSED) | Q(closed_because=Task.Closed.DONE, closed_at__gt=F("due_at"))
            | Q(closed_at__isnull=True, due_at__lt=at)
        )  # fmt: skip

    def owned_by(self, user, teams=()):
        """Those of a person, and those of these teams that no person holds."""
        return self.filter(Q(owner_user=user) | Q(owner_team__in=teams))


@keeps_history()
class Task(models.Model):
    """
    A reminder that somebody should do something by a moment.

    It belongs to a person or to a team. `about_kind` and `about_public_id` say what it is for: one open task of a kind
    for one thing. `clock` names the promise whose end `due_at` is; a task with a clock cannot be snoozed past it. There
    is no status: open, late, paused and snoozed follow from the moments.
    """

    class Closed(models.TextChoices):
        DONE = "done", _("Done")
        NOT_NEEDED = "not_needed", _("No longer needed")
        MISSED = "missed", _("Missed: it can no longer be done")
        WITHDRAWN = "withdrawn", _("The patient withdrew")
        DECLINED = "declined", _("The patient declined")
        DIED = "died", _("The patient died")
        UNREACHABLE = "unreachable", _("Could not be reached")
        ENDED = "ended", _("The enrollment ended")
        RETRACTED = "retracted", _("What it was for was taken back")
        DUPLICATE = "duplicate", _("The same as another task")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, null=True, blank=True, related_name="tasks")
    kind = models.TextField(db_collation="C", help_text="A code of carewright.knowledge.task_kinds.")
    title = models.TextField()
    why = models.TextField(blank=True, default="", help_text="Why now, as whoever opened it said.")
    owner_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    owner_team = models.ForeignKey("staff.Team", models.PROTECT, null=True, blank=True, related_name="tasks")
    due_at = models.DateTimeField()
    window_starts_at = models.DateTimeField(null=True, blank=True, help_text="Not before this moment.")
    clock = models.TextField(blank=True, default="", help_text="The promise that ends at due_at; empty: no promise.")
    priority = models.PositiveSmallIntegerField(help_text="Consequence of waiting, 1 (little) to 5 (a life).")
    about_kind = models.TextField(blank=True, default="", db_collation="C")
    about_public_id = models.UUIDField(null=True, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Empty when the house itself opened it.",
    )  # fmt: skip
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Empty when the house itself closed it.",
    )  # fmt: skip
    closed_because = models.TextField(choices=Closed, null=True, blank=True)
    closed_words = models.TextField(blank=True, default="")
    paused_from = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    paused_because = models.TextField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snoozed_because = models.TextField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalated_because = models.TextField(null=True, blank=True)
    weighed_from = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The consequence before somebody disagreed; `priority` is the one since."
    )
    weighed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    weighed_because = models.TextField(null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            exactly_one("task_of_a_person_or_a_team", "owner_user", "owner_team"),
            models.CheckConstraint(name="task_priority_is_1_to_5", condition=Q(priority__gte=1, priority__lte=5)),
            all_or_none("task_closing_has_a_reason", "closed_at", "closed_because"),
            all_or_none("task_pause_is_complete", "paused_from", "paused_until", "paused_because"),
            all_or_none("task_snooze_has_a_reason", "snoozed_until", "snoozed_because"),
            all_or_none("task_escalation_has_a_reason", "escalated_at", "escalated_because"),
            all_or_none("task_weighing_has_a_reason", "weighed_from", "weighed_by", "weighed_because"),
            models.CheckConstraint(
                name="task_closed_because_is_known",
                condition=Q(closed_because__isnull=True)
                | Q(closed_because__in=[
                    "done", "not_needed", "missed", "withdrawn", "declined", "died", "unreachable", "ended", "retracted",
                    "duplicate",
                ]),
            ),
            models.CheckConstraint(
                name="task_window_starts_before_it_is_due",
                condition=Q(window_starts_at__isnull=True) | Q(window_starts_at__lte=F("due_at")),
                violation_error_message=_("The window cannot begin after the task is due."),
            ),
            models.CheckConstraint(
                name="task_snooze_never_outlasts_the_clock",
                condition=Q(clock="") | Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=F("due_at")),
                violation_error_message=_("A task with a clock cannot be snoozed past its end."),
            ),
            models.CheckConstraint(
                name="task_about_is_complete",
                condition=Q(about_kind="", about_public_id__isnull=True)
                | (~Q(about_kind="") & Q(about_public_id__isnull=False)),
            ),
            models.UniqueConstraint(
                name="task_open_once_per_thing",
                fields=["kind", "about_kind", "about_public_id"],
                condition=Q(closed_at__isnull=True, about_public_id__isnull=False),
                violation_error_message=_("There is an open task for this already."),
            ),
            not_blank("task_title_not_blank", "title"),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["owner_user", "due_at"], name="task_open_of_user", condition=Q(closed_at__isnull=True)
            ),
            models.Index(
                fields=["owner_team", "due_at"], name="task_open_of_team", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["patient", "-opened_at"], name="task_of_patient"),
            models.Index(fields=["about_kind", "about_public_id"], name="task_about"),
        ]

    class Privacy:
        clinical = {
            "kind", "title", "why", "clock", "about_kind", "about_public_id", "closed_because", "closed_words",
            "paused_because", "snoozed_because", "escalated_because", "weighed_because",
        }  # fmt: skip
        plain = {
            "id", "public_id", "patient", "owner_user", "owner_team", "due_at", "window_starts_at", "priority",
            "opened_at", "opened_by", "closed_at", "closed_by", "paused_from", "paused_until", "snoozed_until",
            "escalated_at", "weighed_from", "weighed_by",
        }  # fmt: skip

    def __str__(self):
        return f"Task {self.public_id} ({self.kind})"

    @property
    def said_title(self) -> str:
        """What it is called, in the reader's language; what somebody typed stays as it is."""
        return sentences.title(self.title)

    @property
    def said_why(self) -> str:
        """Why it opened, in the reader's language; what somebody typed stays as it is."""
        return sentences.why(self.why) if self.why else ""

    @property
    def said_closed(self) -> str:
        """What was said of it when it closed, in the reader's language: how a contact ended, or what somebody typed."""
        return str(chosen("contact", self.closed_words) or self.closed_words)

    @property
    def said_clock(self) -> str:
        """The promise that ends when it is due, in the reader's language."""
        return sentences.clock(self.clock) if self.clock else ""

    @property
    def is_open(self) -> bool:
        """Whether nobody closed it."""
        return self.closed_at is None

    def is_overdue_at(self, at) -> bool:
        """Whether it is open and its moment has passed."""
        return self.closed_at is None and self.due_at < at

    def was_missed(self, at) -> bool:
        """Whether it was not done by its moment: this never becomes untrue again."""
        if self.closed_because is None:
            return self.due_at < at
        return self.closed_because == self.Closed.MISSED or (
            self.closed_because == self.Closed.DONE and self.closed_at is not None and self.closed_at > self.due_at
        )


class AlarmQuerySet(models.QuerySet):
    """Alarms, asked by where they stand."""

    def open(self):
        """Those no clinician has closed."""
        return self.filter(closed_at__isnull=True)

    def not_accepted(self):
        """Open ones that nobody has taken on, or only somebody whose account was closed since."""
        return self.open().filter(Q(accepted_at__isnull=True) | Q(accepted_by__is_active=False))


@keeps_history()
class Alarm(models.Model):
    """
    Somebody may be in danger: what was answered or seen, when, and who has taken it on.

    Nothing closes an alarm but a named clinician who writes what was done. Withdrawing, dying, pausing, merging,
    handing over and snoozing leave it open; the database refuses anything else, and refuses to delete or reopen one.
    """

    class Severity(models.TextChoices):
        NOW = "now", _("Now: danger to life")
        TODAY = "today", _("Today")

    class Disposition(models.TextChoices):
        EMERGENCY = "emergency_services", _("Emergency services were called (911)")
        CRISIS_LINE = "crisis_line", _("Connected with the crisis line (988)")
        SAFETY_PLAN = "safety_plan", _("Talked through, and a safety plan made")
        CLINICIAN = "handed_to_clinician", _("Handed to a clinician who took over")
        WELFARE_CHECK = "welfare_check", _("A welfare check was made")
        IN_CARE = "already_in_care", _("In treatment for this; the treating clinician knows")
        NO_DANGER = "no_danger", _("Assessed: no danger now")
        DIED = "died", _("Had died; nothing could be done")
        MISTAKE = "mistake", _("Raised by mistake: the answer was not theirs")
        REACHED_ON_CALL = "reached_on_call", _("Someone on call was reached another way")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="alarms")
    code = models.TextField(db_collation="C", help_text="What raised it: phq9_item9, page_failed, …")
    because = models.TextField(help_text="What was answered or seen, in a sentence.")
    severity = models.TextField(choices=Severity, default=Severity.NOW)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Empty when the house itself raised it.",
    )  # fmt: skip
    source_kind = models.TextField(blank=True, default="", db_collation="C")
    source_public_id = models.UUIDField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="accepted_alarms"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    disposition = models.TextField(choices=Disposition, null=True, blank=True)
    disposition_words = models.TextField(null=True, blank=True, help_text="What was done, with whom, what comes next.")
    name = models.TextField(null=True, blank=True, help_text="Who closed it, as they were named that day.")
    credential = models.TextField(null=True, blank=True, help_text="RN, LCSW, MD …, as it was that day.")
    licence = models.TextField(
        blank=True, default="", help_text="What was on file of the closer's licence that day, in words."
    )

    objects = AlarmQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alarm_closed_only_with_disposition_name_credential_and_time",
                condition=Q(
                    closed_at__isnull=True, closed_by__isnull=True, disposition__isnull=True,
                    disposition_words__isnull=True, name__isnull=True, credential__isnull=True,
                )
                | Q(
                    # Nothing compared with a pattern is neither true nor false, and a check passes: so ask for both.
                    closed_at__isnull=False, closed_by__isnull=False, disposition__isnull=False,
                    disposition_words__isnull=False, name__isnull=False, credential__isnull=False,
                    disposition_words__regex=r"\S", name__regex=r"\S", credential__regex=r"\S",
                ),
                violation_error_message=_("An alarm closes only with what was done, a name, a credential and a time."),
            ),
            models.CheckConstraint(
                name="alarm_disposition_is_known",
                condition=Q(disposition__isnull=True)
                | Q(disposition__in=[
                    "emergency_services", "crisis_line", "safety_plan", "handed_to_clinician", "welfare_check",
                    "already_in_care", "no_danger", "died", "mistake", "reached_on_call",
                ]),
            ),
            models.CheckConstraint(name="alarm_severity_is_known", condition=Q(severity__in=["now", "today"])),
            all_or_none("alarm_acceptance_is_complete", "accepted_at", "accepted_by"),
            models.UniqueConstraint(
                name="alarm_open_once_per_source",
                fields=["code", "source_kind", "source_public_id"],
                condition=Q(closed_at__isnull=True, source_public_id__isnull=False),
            ),
            not_blank("alarm_because_not_blank", "because"),
            not_blank("alarm_code_not_blank", "code"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["raised_at"], name="alarm_open", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["patient", "-raised_at"], name="alarm_of_patient"),
        ]
        triggers = [
            pgtrigger.Protect(name="alarm_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="closed_alarm_stays_closed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False)
                & (
                    pgtrigger.Q(new__closed_at__isnull=True)
                    | pgtrigger.Q(old__closed_at__df=pgtrigger.F("new__closed_at"))
                    | pgtrigger.Q(old__disposition__df=pgtrigger.F("new__disposition"))
                    | pgtrigger.Q(old__disposition_words__df=pgtrigger.F("new__disposition_words"))
                    | pgtrigger.Q(old__name__df=pgtrigger.F("new__name"))
                    | pgtrigger.Q(old__credential__df=pgtrigger.F("new__credential"))
                    | pgtrigger.Q(old__licence__df=pgtrigger.F("new__licence"))
                    | pgtrigger.Q(old__closed_by__df=pgtrigger.F("new__closed_by"))
                ),
            ),
        ]

    class Privacy:
        direct = {"name"}
        clinical = {
            "code",
            "because",
            "severity",
            "source_kind",
            "source_public_id",
            "disposition",
            "disposition_words",
        }
        plain = {
            "id", "public_id", "patient", "raised_at", "raised_by", "accepted_at", "accepted_by", "closed_at",
            "closed_by", "credential", "licence",
        }  # fmt: skip

    def __str__(self):
        return f"Alarm {self.public_id}"

    @property
    def keeper(self):
        """Who has taken it on and works here; nobody when their account was closed since."""
        return self.accepted_by if self.accepted_by is not None and self.accepted_by.is_active else None


class Paging(models.Model):
    """One time somebody was told of an alarm by the gate: who, which step, and which message carried it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    alarm = models.ForeignKey(Alarm, models.PROTECT, related_name="pagings")
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="pagings")
    step = models.PositiveSmallIntegerField(help_text="1 for who is on call, 2 for the backup, then supervisors.")
    message = models.ForeignKey("channel.Message", models.PROTECT, related_name="pagings")
    at = models.DateTimeField()
    failure_noted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="paging_once_per_step_and_person", fields=["alarm", "step", "user"])
        ]
        indexes = [models.Index(fields=["alarm", "-at"], name="paging_of_alarm")]

    class Privacy:
        plain = {"id", "public_id", "alarm", "patient", "user", "step", "message", "at", "failure_noted_at"}

    def __str__(self):
        return f"Paging {self.pk} of alarm {self.alarm_id}"


class OnCallShiftQuerySet(models.QuerySet):
    """Shifts, asked by moment."""

    def at(self, at):
        """The shift that runs at that moment, if any."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def touching(self, starts_at, ends_at):
        """Shifts of which a part lies between two moments."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


@keeps_history()
class OnCallShift(models.Model):
    """Who answers alarms from one moment up to another, and who stands in when they do not."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="on_call_shifts")
    backup_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="backup_shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="Up to this moment, not including it.")

    objects = OnCallShiftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="on_call_shift_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("A shift ends after it starts."),
            ),
            models.CheckConstraint(
                name="on_call_shift_backup_is_another_person",
                condition=~Q(backup_user=F("user")),
                violation_error_message=_("The backup must be another person."),
            ),
            ExclusionConstraint(
                name="on_call_one_shift_at_a_time",
                expressions=[
                    (Func(F("starts_at"), F("ends_at"), Value("[)"), function="tstzrange"), RangeOperators.OVERLAPS)
                ],
                violation_error_message=_("Somebody is on call in these hours already."),
            ),
        ]

    class Privacy:
        plain = {"id", "user", "backup_user", "starts_at", "ends_at"}

    def __str__(self):
        return f"On call from {self.starts_at:%Y-%m-%d %H:%M}"
