"""
An assessment, its sections, the answers given, what the records said, and what it all came to.

Nothing is erased. An answer that was changed stays, with who replaced it and when; a score that was made anew leaves the
old one beside it. Once an assessment is finished the database takes no more answers but those of an addendum.
"""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from carewright.knowledge.instruments import DECLINED, Value
from carewright.knowledge.sensitivity import TAGS
from carewright.plumbing.constraints import all_or_none, not_blank
from carewright.plumbing.history import keeps_history


def _who(**options) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", **options)


def _patient(name: str) -> models.ForeignKey:
    return models.ForeignKey("registry.Patient", models.PROTECT, related_name=name)


class Source(models.TextChoices):
    """Whose words an answer is."""

    PATIENT = "patient", "The patient"
    CAREGIVER = "caregiver", "A caregiver"
    RECORD = "record", "The record"


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
    """

    COMPREHENSIVE = "comprehensive"

    class Reason(models.TextChoices):
        INITIAL = "initial", "First assessment"
        YEARLY = "yearly", "Yearly"
        HALF_YEAR = "half_year", "Quality of life, every six months"
        STAY = "stay", "After a hospital stay or emergency visit"
        CHANGE = "change", "Something changed"
        RECEIVED = "received", "Received from another system"

    class Mode(models.TextChoices):
        PHONE = "phone", "By phone"
        VIDEO = "video", "By video"
        VISIT = "visit", "In person"
        RECEIVED = "received", "Received"

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", "Belongs in the program"
        OVERTURNED = "overturned", "Does not belong in the program"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = _patient("assessments")
    kind = models.TextField(db_collation="C", help_text="comprehensive, or the code of an instrument.")
    version = models.TextField(help_text="The edition of what was asked.")
    reason = models.TextField(choices=Reason, default=Reason.INITIAL)
    mode = models.TextField(choices=Mode, default=Mode.PHONE)
    language = models.TextField(blank=True, default="", help_text="The language it was spoken in.")
    interpreter = models.TextField(blank=True, default="", help_text="Name or number of the interpreter.")
    program = models.TextField(blank=True, default="", db_collation="C")
    eligible_on = models.DateField(null=True, blank=True)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    started_at = models.DateTimeField()
    started_by = _who(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = _who(null=True, blank=True)
    verdict = models.TextField(choices=Verdict, null=True, blank=True)
    verdict_because = models.TextField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = _who(null=True, blank=True)
    stopped_because = models.TextField(null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="assessment_one_open_of_a_kind",
                fields=["patient", "kind"],
                condition=Q(finished_at__isnull=True, stopped_at__isnull=True),
                violation_error_message="This assessment is open already; go on with it.",
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
                violation_error_message="Say whether the person belongs in the program.",
            ),
            all_or_none("assessment_verdict_has_a_reason", "verdict", "verdict_because"),
            all_or_none("assessment_stopping_says_why", "stopped_at", "stopped_because"),
            models.CheckConstraint(
                name="assessment_finished_or_stopped",
                condition=Q(finished_at__isnull=True) | Q(stopped_at__isnull=True),
            ),
            models.CheckConstraint(
                name="assessment_finished_after_it_started",
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                violation_error_message="It cannot be finished before it was started.",
            ),
            not_blank("assessment_kind_not_blank", "kind"),
        ]
        indexes = [models.Index(fields=["patient", "-started_at"], name="assessment_of_patient")]

    class Privacy:
        direct = {"interpreter"}
        clinical = {
            "kind", "reason", "mode", "language", "program", "eligible_on", "verdict", "verdict_because",
            "stopped_because",
        }  # fmt: skip
        plain = {
            "id", "public_id", "patient", "version", "follows", "started_at", "started_by", "finished_at", "finished_by",
            "stopped_at", "stopped_by",
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
        NOT_STARTED = "not_started", "Not started"
        IN_PROGRESS = "in_progress", "In progress"
        DONE = "done", "Done"
        DECLINED = "declined", "Declined"
        NOT_APPROPRIATE = "not_appropriate", "Not appropriate"

    CLOSED = (Status.DONE, Status.DECLINED, Status.NOT_APPROPRIATE)
    SKIPPED = (Status.DECLINED, Status.NOT_APPROPRIATE)

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="sections")
    patient = _patient("+")
    code = models.TextField(db_collation="C")
    status = models.TextField(choices=Status, default=Status.NOT_STARTED)
    because = models.TextField(blank=True, default="")
    at = models.DateTimeField(null=True, blank=True)
    by = _who(null=True, blank=True)

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
                violation_error_message="Say why this section is left out.",
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
    patient = _patient("+")
    text = models.TextField()
    at = models.DateTimeField()
    by = _who()

    class Meta:
        constraints = [not_blank("addendum_text_not_blank", "text")]

    class Privacy:
        clinical = {"text"}
        plain = {"id", "public_id", "assessment", "patient", "at", "by"}

    def __str__(self):
        return f"Addendum {self.public_id}"


class AnswerQuerySet(models.QuerySet):
    """Answers: the ones that stand, and those they replaced."""

    def standing(self):
        """The answers that count."""
        return self.filter(replaced_at__isnull=True, confirmed_at__isnull=False)


class Answer(models.Model):
    """
    One answer to one question, as it was given; a changed answer is a new row and the old one stays.

    Exactly one of the value columns is filled, or `declined`. An answer taken from the record is `confirmed_at` only when
    a person has said that it is right; until then it counts for nothing. `set_aside` is an answer typed while a colleague
    had just answered the same question: kept, shown to both, and counting for nothing until somebody chooses it.
    """

    VALUES = ("code", "codes", "number", "text", "day", "yes")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="answers")
    section = models.ForeignKey(Section, models.PROTECT, related_name="answers")
    patient = _patient("assessment_answers")
    instrument = models.TextField(db_collation="C")
    instrument_version = models.TextField()
    link_id = models.TextField(db_collation="C")
    code = models.TextField(null=True, blank=True)
    codes = ArrayField(models.TextField(), null=True, blank=True)
    number = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    text = models.TextField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    yes = models.BooleanField(null=True, blank=True)
    declined = models.BooleanField(default=False)
    source = models.TextField(choices=Source)
    source_words = models.TextField(blank=True, default="", help_text="Where in the record it stands.")
    tags = ArrayField(models.TextField(), default=list, blank=True, help_text="Sensitivity tags.")
    at = models.DateTimeField()
    by = _who(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = _who(null=True, blank=True)
    set_aside = models.BooleanField(default=False)
    replaced_at = models.DateTimeField(null=True, blank=True)
    replaced_by = _who(null=True, blank=True)
    addendum = models.ForeignKey(Addendum, models.PROTECT, null=True, blank=True, related_name="answers")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="answer_one_stands_per_question",
                fields=["assessment", "instrument", "link_id"],
                condition=Q(replaced_at__isnull=True),
                violation_error_message="This question has an answer already.",
            ),
            models.CheckConstraint(name="answer_source_is_known", condition=Q(source__in=["patient", "caregiver", "record"])),
            models.CheckConstraint(name="answer_tags_are_known", condition=Q(tags__contained_by=sorted(TAGS))),
            models.CheckConstraint(
                name="answer_only_the_record_waits_to_be_confirmed",
                condition=Q(confirmed_at__isnull=False) | Q(source="record"),
            ),
            models.CheckConstraint(
                name="answer_set_aside_does_not_count", condition=Q(set_aside=False) | Q(replaced_at__isnull=False)
            ),
            models.CheckConstraint(
                name="answer_says_one_thing",
                condition=Q(declined=True, code__isnull=True, codes__isnull=True, number__isnull=True, text__isnull=True,
                            day__isnull=True, yes__isnull=True)
                | Q(declined=False, code__isnull=False, codes__isnull=True, number__isnull=True, text__isnull=True,
                    day__isnull=True, yes__isnull=True)
                | Q(declined=False, code__isnull=True, codes__isnull=False, number__isnull=True, text__isnull=True,
                    day__isnull=True, yes__isnull=True)
                | Q(declined=False, code__isnull=True, codes__isnull=True, number__isnull=False, text__isnull=True,
                    day__isnull=True, yes__isnull=True)
                | Q(declined=False, code__isnull=True, codes__isnull=True, number__isnull=True, text__isnull=False,
                    day__isnull=True, yes__isnull=True)
                | Q(declined=False, code__isnull=True, codes__isnull=True, number__isnull=True, text__isnull=True,
                    day__isnull=False, yes__isnull=True)
                | Q(declined=False, code__isnull=True, codes__isnull=True, number__isnull=True, text__isnull=True,
                    day__isnull=True, yes__isnull=False),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["patient", "instrument", "-at"], name="answer_of_patient"),
            models.Index(fields=["assessment", "-at"], name="answer_of_assessment"),
        ]
        triggers = [
            pgtrigger.Protect(name="answer_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="finished_takes_no_answers",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "IF NEW.addendum_id IS NULL AND EXISTS (SELECT 1 FROM assessment_assessment a WHERE a.id ="
                    " NEW.assessment_id AND (a.finished_at IS NOT NULL OR a.stopped_at IS NOT NULL)) THEN"
                    " RAISE EXCEPTION 'A finished assessment takes no answers; add an addendum.'"
                    " USING ERRCODE = 'check_violation'; END IF; RETURN NEW;"
                ),
            ),
            pgtrigger.Protect(
                name="answer_keeps_what_was_said",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "code", "codes", "number", "text", "day", "yes", "declined", "instrument", "link_id", "at", "by",
                    "source", "assessment",
                ),
            ),
        ]  # fmt: skip

    class Privacy:
        clinical = {
            "instrument", "link_id", "code", "codes", "number", "text", "day", "yes", "declined", "source",
            "source_words",
        }  # fmt: skip
        plain = {
            "id", "public_id", "assessment", "section", "patient", "instrument_version", "tags", "at", "by",
            "confirmed_at", "confirmed_by", "set_aside", "replaced_at", "replaced_by", "addendum",
        }  # fmt: skip

    def __str__(self):
        return f"Answer {self.public_id}"

    @property
    def value(self) -> Value:
        """The answer as the instruments read it."""
        if self.declined:
            return DECLINED
        if self.codes is not None:
            return tuple(self.codes)
        if self.number is not None:
            return int(self.number) if self.number == int(self.number) else float(self.number)
        if self.day is not None:
            return self.day.isoformat()
        return next(found for found in (self.code, self.text, self.yes) if found is not None)


class RecordedFact(models.Model):
    """
    Something the chart or the claims say, to be confirmed or changed by the person it is about, one fact at a time.

    `words` is what the record says and `source_words` where it stands. `response` is empty until somebody asked.
    """

    class Kind(models.TextChoices):
        CONDITION = "condition", "Health problem"
        MEDICINE = "medicine", "Medicine"
        ALLERGY = "allergy", "Allergy"

    class Response(models.TextChoices):
        YES = "yes", "Yes"
        CHANGED = "changed", "Changed"
        NOT_SURE = "not_sure", "Not sure"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="facts")
    section = models.ForeignKey(Section, models.PROTECT, related_name="facts")
    patient = _patient("+")
    kind = models.TextField(choices=Kind)
    key = models.TextField(db_collation="C", help_text="What makes it the same fact: a code, or the words.")
    words = models.TextField()
    source_words = models.TextField()
    evidence = models.TextField(blank=True, default="")
    tags = ArrayField(models.TextField(), default=list, blank=True)
    response = models.TextField(choices=Response, null=True, blank=True)
    response_words = models.TextField(blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = _who(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="recorded_fact_once", fields=["assessment", "kind", "key"]),
            models.CheckConstraint(
                name="recorded_fact_kind_is_known", condition=Q(kind__in=["condition", "medicine", "allergy"])
            ),
            models.CheckConstraint(
                name="recorded_fact_response_is_known",
                condition=Q(response__isnull=True) | Q(response__in=["yes", "changed", "not_sure"]),
            ),
            all_or_none("recorded_fact_response_is_somebodys", "response", "confirmed_at", "confirmed_by"),
            models.CheckConstraint(
                name="recorded_fact_changed_says_what",
                condition=~Q(response="changed") | Q(response_words__regex=r"\S"),
                violation_error_message="Say what changed.",
            ),
        ]

    class Privacy:
        clinical = {"kind", "key", "words", "source_words", "response", "response_words"}
        plain = {
            "id", "public_id", "assessment", "section", "patient", "evidence", "tags", "confirmed_at", "confirmed_by",
        }  # fmt: skip

    def __str__(self):
        return f"Recorded fact {self.public_id}"


class ScoreResult(models.Model):
    """One score as it was when the assessment was finished; a later one stands beside it and replaces it."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="results")
    patient = _patient("score_results")
    instrument = models.TextField(db_collation="C")
    instrument_version = models.TextField()
    code = models.TextField(db_collation="C", help_text="Which score of the instrument: total, safety, …")
    value = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    band = models.TextField(blank=True, default="")
    positive = models.BooleanField(null=True, blank=True)
    complete = models.BooleanField()
    because = models.TextField(blank=True, default="", help_text="Why it is incomplete.")
    tags = ArrayField(models.TextField(), default=list, blank=True)
    at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="score_result_one_stands",
                fields=["assessment", "instrument", "code"],
                condition=Q(replaced_at__isnull=True),
            ),
            models.CheckConstraint(
                name="score_result_band_needs_a_score", condition=Q(band="") | Q(value__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["patient", "instrument", "-at"], name="score_result_of_patient")]
        triggers = [
            pgtrigger.Protect(name="score_result_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="score_result_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("value", "band", "positive", "complete", "instrument", "code", "at"),
            ),
        ]

    class Privacy:
        clinical = {"instrument", "code", "value", "band", "positive", "complete", "because"}
        plain = {"id", "assessment", "patient", "instrument_version", "tags", "at", "replaced_at"}

    def __str__(self):
        return f"Score result {self.pk}"
