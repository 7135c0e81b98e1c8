"""The answers given, what the records said, and what it all came to."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.assessment.models.asked import Addendum, Assessment, Section
from carewright.assessment.models.fields import patient_field, who
from carewright.knowledge.instruments import DECLINED, Value
from carewright.knowledge.sensitivity import TAGS
from carewright.plumbing.constraints import all_or_none


class Source(models.TextChoices):
    """Whose words an answer is."""

    PATIENT = "patient", _("The patient")
    CAREGIVER = "caregiver", _("A caregiver")
    RECORD = "record", _("The record")


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
    patient = patient_field("assessment_answers")
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
    by = who(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = who(null=True, blank=True)
    set_aside = models.BooleanField(default=False)
    replaced_at = models.DateTimeField(null=True, blank=True)
    replaced_by = who(null=True, blank=True)
    addendum = models.ForeignKey(Addendum, models.PROTECT, null=True, blank=True, related_name="answers")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="answer_one_stands_per_question",
                fields=["assessment", "instrument", "link_id"],
                condition=Q(replaced_at__isnull=True),
                violation_error_message=_("This question has an answer already."),
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
        CONDITION = "condition", _("Health problem")
        MEDICINE = "medicine", _("Medicine")
        ALLERGY = "allergy", _("Allergy")

    class Response(models.TextChoices):
        YES = "yes", _("Yes")
        CHANGED = "changed", _("Changed")
        NOT_SURE = "not_sure", _("Not sure")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="facts")
    section = models.ForeignKey(Section, models.PROTECT, related_name="facts")
    patient = patient_field("+")
    kind = models.TextField(choices=Kind)
    key = models.TextField(db_collation="C", help_text="What makes it the same fact: a code, or the words.")
    words = models.TextField()
    source_words = models.TextField()
    evidence = models.TextField(blank=True, default="")
    tags = ArrayField(models.TextField(), default=list, blank=True)
    response = models.TextField(choices=Response, null=True, blank=True)
    response_words = models.TextField(blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = who(null=True, blank=True)

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
                violation_error_message=_("Say what changed."),
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
    patient = patient_field("score_results")
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
