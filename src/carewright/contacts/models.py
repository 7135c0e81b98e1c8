"""Every attempt to reach someone, the minutes it took, and the notes."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from carewright.knowledge import task_kinds
from carewright.plumbing.constraints import all_or_none, not_blank, one
from carewright.plumbing.history import keeps_history


class ContactQuerySet(models.QuerySet):
    """Contacts, asked by what they were."""

    def standing(self):
        """Those that no correction replaced and that were not entered in error."""
        return self.filter(correction__isnull=True).exclude(ended=Contact.Ended.ERROR)

    def reached(self):
        """Those in which the patient, or somebody of theirs, was reached; the practice or a stranger is neither."""
        return self.filter(ended__in=Contact.REACHED, with_whom__in=task_kinds.THEIRS)


class Contact(models.Model):
    """
    One attempt to reach somebody about a patient, or one of theirs to reach us, and how it ended.

    Rows are only added. A mistake is mended by another row that `corrects` it and says why; the first stays.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        VISIT = "visit", _("Visit")
        VIDEO = "video", _("Video")
        TEXT = "text", _("Text message")
        LETTER = "letter", _("Letter")
        EMAIL = "email", _("Email")
        FAX = "fax", _("Fax")

    class Direction(models.TextChoices):
        OUT = "out", _("We to them")
        IN = "in", _("They to us")

    class With(models.TextChoices):
        PATIENT = "patient", _("The patient")
        PROXY = "proxy", _("A proxy or representative")
        FAMILY = "family", _("Family or a caregiver")
        PROVIDER = "provider", _("A provider or their office")
        PAYER = "payer", _("The health plan")
        COMMUNITY = "community", _("A community organization")
        UNKNOWN = "unknown", _("Somebody we do not know")

    class Ended(models.TextChoices):
        REACHED = "reached", _("Reached")
        REACHED_PROXY = "reached_proxy", _("Reached a proxy")
        LEFT_MESSAGE = "left_message", _("Left a message")
        NO_ANSWER = "no_answer", _("No answer")
        BUSY = "busy", _("Busy")
        CALL_BACK = "call_back", _("Asked to be called back")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        DISCONNECTED = "disconnected", _("Number not in service")
        DECLINED = "declined", _("Declined")
        LANGUAGE_BARRIER = "language_barrier", _("Language barrier")
        DIED = "died", _("We were told they died")
        SENT = "sent", _("Sent")
        REPLIED = "replied", _("Replied")
        BOUNCED = "bounced", _("Bounced")
        RETURNED = "returned", _("Mail returned")
        ERROR = "entered_in_error", _("Entered in error")

    REACHED = ("reached", "reached_proxy", "replied", "call_back", "declined")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="contacts")
    kind = models.TextField(choices=Kind)
    direction = models.TextField(choices=Direction, default=Direction.OUT)
    with_whom = models.TextField(choices=With, default=With.PATIENT)
    related_person = models.ForeignKey(
        "registry.RelatedPerson", models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    contact_point = models.ForeignKey(
        "registry.ContactPoint", models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    used = models.TextField(blank=True, default="", help_text="The number or address used, as it was that day.")
    identified_by = ArrayField(
        models.TextField(), default=list, blank=True,
        help_text="How we knew who was on the line: name, born_on, phone, zip, member_id, … Never the values.",
    )  # fmt: skip
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended = models.TextField(choices=Ended)
    message_left = models.BooleanField(default=False)
    interpreter = models.TextField(
        blank=True, default="",
        choices=[
            ("", _("None")), ("phone", _("By phone")), ("video", _("By video")), ("in_person", _("In person")),
            ("staff", _("Qualified bilingual colleague")), ("declined", _("Offered and declined")),
        ],
    )  # fmt: skip
    interpreter_name = models.TextField(blank=True, default="", help_text="Name or number, and the service.")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="contacts")
    recorded_at = models.DateTimeField()
    message = models.ForeignKey(
        "channel.Message", models.PROTECT, null=True, blank=True, related_name="contacts",
        help_text="What the gate sent, when this was not done by hand.",
    )  # fmt: skip
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="correction")
    correction_because = models.TextField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_kind_is_known",
                condition=Q(kind__in=["call", "visit", "video", "text", "letter", "email", "fax"]),
            ),
            models.CheckConstraint(name="contact_direction_is_known", condition=Q(direction__in=["in", "out"])),
            models.CheckConstraint(
                name="contact_with_is_known",
                condition=Q(with_whom__in=[
                    "patient", "proxy", "family", "provider", "payer", "community", "unknown",
                ]),
            ),
            models.CheckConstraint(
                name="contact_ended_is_known",
                condition=Q(ended__in=[
                    "reached", "reached_proxy", "left_message", "no_answer", "busy", "call_back", "wrong_number",
                    "disconnected", "declined", "language_barrier", "died", "sent", "replied", "bounced", "returned",
                    "entered_in_error",
                ]),
            ),
            models.CheckConstraint(
                name="contact_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                violation_error_message=_("It cannot end before it starts."),
            ),
            all_or_none("contact_correction_says_why", "corrects", "correction_because"),
            models.CheckConstraint(
                name="contact_correction_because_not_blank",
                condition=Q(correction_because__isnull=True) | Q(correction_because__regex=r"\S"),
            ),
            models.UniqueConstraint(
                name="contact_once_per_message", fields=["message", "ended"],
                condition=Q(message__isnull=False, corrects__isnull=True),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["patient", "-started_at"], name="contact_of_patient"),
            models.Index(fields=["by", "-started_at"], name="contact_by_user"),
            models.Index(fields=["-started_at"], name="contact_started"),
        ]
        triggers = [
            pgtrigger.Protect(name="contact_is_never_deleted", operation=pgtrigger.Delete),
            # A merge of two records moves the patient; a number that is taken off the record leaves its text in `used`.
            pgtrigger.Protect(
                name="contact_is_only_added",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "kind",
                    "direction",
                    "with_whom",
                    "started_at",
                    "ended_at",
                    "ended",
                    "message_left",
                    "interpreter",
                    "interpreter_name",
                    "minutes",
                    "by",
                    "recorded_at",
                    "used",
                    "identified_by",
                    "corrects",
                    "correction_because",
                ),
            ),
        ]

    class Privacy:
        direct = {"used", "interpreter_name", "contact_point", "related_person"}
        clinical = {
            "kind", "direction", "with_whom", "ended", "message_left", "interpreter", "correction_because", "minutes",
            "identified_by",
        }  # fmt: skip
        plain = {
            "id", "public_id", "patient", "started_at", "ended_at", "by", "recorded_at", "message", "corrects",
        }  # fmt: skip

    def __str__(self):
        return f"Contact {self.public_id}"

    @property
    def was_reached(self) -> bool:
        """Whether the patient, or somebody of theirs, was reached; the practice or a stranger is neither."""
        return self.ended in self.REACHED and self.with_whom in task_kinds.THEIRS

    @property
    def spoken_with(self) -> str:
        """Who was on the line: whoever "reached a proxy" did not speak with the patient."""
        if self.ended == self.Ended.REACHED_PROXY and self.with_whom == self.With.PATIENT:
            return self.With.PROXY
        return self.with_whom


class MinutesEntryQuerySet(models.QuerySet):
    """Minutes, asked by whether they stand."""

    def standing(self):
        """Those nobody voided."""
        return self.filter(voided_at__isnull=True)


@keeps_history()
class MinutesEntry(models.Model):
    """
    A stretch of time that one colleague spent on one patient, for one program.

    Nobody can be in two places: the database refuses a second stretch of the same colleague that overlaps the first,
    for whichever patient. A contact has its minutes once.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="minutes")
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="minutes")
    program = models.TextField(blank=True, default="", db_collation="C", help_text="A program's code; empty: none yet.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    what = models.TextField(blank=True, default="", help_text="What was done in this time.")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="minutes_entries")
    entered_at = models.DateTimeField()
    entered_late_because = models.TextField(blank=True, default="", help_text="Why it was not entered at the time.")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    voided_because = models.TextField(null=True, blank=True)

    objects = MinutesEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="minutes_end_after_they_start",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must come after the start."),
            ),
            all_or_none("minutes_void_is_complete", "voided_at", "voided_by", "voided_because"),
            ExclusionConstraint(
                name="minutes_of_one_person_never_overlap",
                expressions=[
                    (one("int8range", "user"), RangeOperators.OVERLAPS),
                    (Func(F("starts_at"), F("ends_at"), Value("[)"), function="tstzrange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(voided_at__isnull=True),
                violation_error_message=_("You have booked part of this time already."),
            ),
            models.UniqueConstraint(
                name="minutes_once_per_contact", fields=["contact"],
                condition=Q(contact__isnull=False, voided_at__isnull=True),
                violation_error_message=_("The minutes of this contact are booked already."),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["patient", "starts_at"], name="minutes_of_patient")]

    class Privacy:
        clinical = {"program", "what", "entered_late_because", "voided_because"}
        plain = {
            "id", "public_id", "user", "patient", "starts_at", "ends_at", "contact", "entered_at", "voided_at",
            "voided_by",
        }  # fmt: skip

    def __str__(self):
        return f"Minutes {self.public_id}"


@keeps_history()
class Note(models.Model):
    """
    What somebody wrote about a patient, for whom to read.

    `team`: everyone who works with the patient. `restricted`: clinicians whose role sees behavioral and safety facts, and
    the author. `private`: the author alone; it is kept from search, print and everyone else, in the database too. A note
    is never changed: it gets an addendum, or is voided with a reason and stays readable as voided.
    """

    class Level(models.TextChoices):
        TEAM = "team", _("Team")
        RESTRICTED = "restricted", _("Restricted")
        PRIVATE = "private", _("Private to me")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="notes")
    template = models.TextField(
        blank=True, default="", db_collation="C", help_text="A code of contacts.note_templates."
    )
    text = models.TextField()
    level = models.TextField(choices=Level, default=Level.TEAM)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notes")
    addendum_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="addenda")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    voided_because = models.TextField(null=True, blank=True)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="notes")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="note_level_is_known", condition=Q(level__in=["team", "restricted", "private"])
            ),
            all_or_none("note_void_is_complete", "voided_at", "voided_by", "voided_because"),
            models.CheckConstraint(
                name="note_void_says_why", condition=Q(voided_because__isnull=True) | Q(voided_because__regex=r"\S")
            ),
            not_blank("note_text_not_blank", "text"),
        ]
        indexes = [models.Index(fields=["patient", "-written_at"], name="note_of_patient")]
        triggers = [
            pgtrigger.Protect(name="note_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="note_words_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("text", "level", "template", "written_at", "written_by", "addendum_of"),
            ),
        ]

    class Privacy:
        clinical = {"template", "text", "level", "voided_because"}
        plain = {
            "id", "public_id", "patient", "written_at", "written_by", "addendum_of", "voided_at", "voided_by", "contact",
        }  # fmt: skip

    def __str__(self):
        return f"Note {self.public_id}"
