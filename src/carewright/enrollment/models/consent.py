"""
What a person agreed to, in their own time and words: to be in a program, and to whom we may tell what.

These are layers, never one flag. Nothing here is erased: a consent that was withdrawn stays, with when, how and by whom.
"""

import uuid
from datetime import date

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carewright.knowledge import consent as words
from carewright.plumbing.constraints import all_or_none, not_blank
from carewright.plumbing.history import keeps_history


class How(models.TextChoices):
    """In which way somebody said it."""

    VERBAL = "verbal", _("Said aloud")
    WRITTEN = "written", _("Signed on paper")
    E_SIGNED = "e_signed", _("Signed on the screen")


class ConsentQuerySet(models.QuerySet):
    """Consents, asked by moment."""

    def standing(self):
        """Those that were given and not withdrawn."""
        return self.filter(answer="agreed", withdrawn_at__isnull=True)

    def refused_on(self, day: date):
        """A no that is still final on that day."""
        return self.filter(answer="declined", final_until__gte=day, reopened_at__isnull=True)


@keeps_history()
class Consent(models.Model):
    """
    What a person answered when they were asked to join a program: yes, with each element they were told, or no.

    A no is final until `final_until`; only the person asking, or a new trigger, opens it earlier.
    """

    class Answer(models.TextChoices):
        AGREED = "agreed", _("Yes")
        DECLINED = "declined", _("No")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="consents")
    program = models.TextField(db_collation="C")
    answer = models.TextField(choices=Answer)
    elements = ArrayField(models.TextField(), default=list, blank=True, help_text="What was said, each ticked.")
    version = models.TextField(help_text="The version of the text that was said or shown.")
    how = models.TextField(choices=How)
    language = models.TextField(help_text="The language it was said or read in.")
    interpreter = models.TextField(blank=True, default="", help_text="Name or number of the interpreter.")
    given_by = models.TextField(blank=True, default="", help_text="Who spoke for the patient; empty: themselves.")
    authority = models.TextField(blank=True, default="", help_text="By which right they speak for the patient.")
    signed_name = models.TextField(blank=True, default="", help_text="The name as it was typed to sign.")
    drawn = models.TextField(blank=True, default="", help_text="The signature as it was drawn: a PNG in base64.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.TextField(blank=True, default="", help_text="Where it came from, when nobody here took it.")
    because = models.TextField(blank=True, default="", help_text="Why they said no.")
    final_until = models.DateField(null=True, blank=True, help_text="A no holds until this day, inclusive.")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_because = models.TextField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.TextField(null=True, blank=True, help_text="An email or system:<what>.")
    withdrawn_how = models.TextField(null=True, blank=True)
    withdrawn_words = models.TextField(blank=True, default="")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="consent_answer_is_known", condition=Q(answer__in=["agreed", "declined"])),
            models.CheckConstraint(name="consent_how_is_known", condition=Q(how__in=How.values)),
            models.UniqueConstraint(
                name="consent_one_stands_per_program",
                fields=["patient", "program"],
                condition=Q(answer="agreed", withdrawn_at__isnull=True),
                violation_error_message=_("This person has agreed to this program already."),
            ),
            all_or_none("consent_withdrawal_is_complete", "withdrawn_at", "withdrawn_by", "withdrawn_how"),
            all_or_none("consent_reopening_is_complete", "reopened_at", "reopened_because"),
            models.CheckConstraint(
                name="consent_withdrawn_after_given",
                condition=Q(withdrawn_at__isnull=True) | Q(answer="agreed", withdrawn_at__gte=F("at")),
                violation_error_message=_("It cannot be withdrawn before it was given."),
            ),
            models.CheckConstraint(
                name="consent_no_holds_until_a_day",
                condition=Q(answer="agreed", final_until__isnull=True)
                | Q(answer="declined", final_until__isnull=False),
            ),
            models.CheckConstraint(
                name="consent_signed_has_a_name",
                condition=~Q(how="e_signed") | Q(answer="declined") | Q(signed_name__regex=r"\S"),
                violation_error_message=_("Type the name to sign."),
            ),
            models.CheckConstraint(
                name="consent_drawn_on_the_screen_only", condition=Q(drawn="") | Q(answer="agreed", how="e_signed")
            ),
            models.CheckConstraint(
                name="consent_taken_by_somebody",
                condition=Q(by__isnull=False) | Q(source__regex=r"\S"),
                violation_error_message=_("Say who took it, or where it came from."),
            ),
            models.CheckConstraint(
                name="consent_proxy_has_authority",
                condition=Q(given_by="") | Q(authority__regex=r"\S"),
                violation_error_message=_("Say by which right they speak for the patient."),
            ),
            not_blank("consent_version_not_blank", "version"),
            not_blank("consent_language_not_blank", "language"),
        ]
        indexes = [models.Index(fields=["patient", "program"], name="consent_patient")]

    class Privacy:
        direct = {"given_by", "signed_name", "drawn"}
        clinical = {
            "program", "answer", "elements", "how", "language", "interpreter", "authority", "because", "final_until",
            "reopened_because", "withdrawn_how", "withdrawn_words",
        }  # fmt: skip
        plain = {
            "id", "public_id", "patient", "version", "at", "by", "source", "reopened_at", "withdrawn_at", "withdrawn_by",
        }  # fmt: skip

    def __str__(self):
        return f"Consent {self.public_id}"

    @property
    def stands(self) -> bool:
        """Whether it was given and not withdrawn."""
        return self.answer == self.Answer.AGREED and self.withdrawn_at is None


class SharingQuerySet(models.QuerySet):
    """Consents to share, asked by day."""

    def in_force(self, day: date):
        """Those that hold on a day: begun, not past their last day, not revoked."""
        return self.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day), starts_on__lte=day, revoked_at=None)


@keeps_history()
class SharingConsent(models.Model):
    """
    To whom we may tell which kinds of facts, for what, and until when.

    `general` covers what is ordinary; each protected kind is agreed to by itself and never comes with another.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="sharing_consents")
    recipient_class = models.TextField(choices=[(one.code, _(one.name)) for one in words.RECIPIENTS])
    recipient = models.TextField(
        blank=True, default="", help_text="One organization or person; empty: all of the class."
    )
    categories = ArrayField(models.TextField(), help_text="`general` and protected kinds, each by itself.")
    purpose = models.TextField()
    version = models.TextField()
    how = models.TextField(choices=How)
    language = models.TextField()
    interpreter = models.TextField(blank=True, default="")
    signed_name = models.TextField(blank=True, default="")
    starts_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True, help_text="The last day, inclusive.")
    given_at = models.DateTimeField()
    given_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.TextField(null=True, blank=True)
    revoked_how = models.TextField(null=True, blank=True)

    objects = SharingQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="sharing_recipient_is_known",
                condition=Q(recipient_class__in=[one.code for one in words.RECIPIENTS]),
            ),
            models.CheckConstraint(
                name="sharing_categories_are_known",
                condition=Q(categories__contained_by=list(words.CATEGORIES)) & Q(categories__len__gt=0),
                violation_error_message=_("Say what may be shared."),
            ),
            models.CheckConstraint(
                name="sharing_ends_after_it_starts",
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("starts_on")),
                violation_error_message=_("It cannot end before it starts."),
            ),
            models.CheckConstraint(
                name="sharing_part2_is_signed",
                condition=~Q(categories__contains=["part2"]) | (~Q(how="verbal") & Q(signed_name__regex=r"\S")),
                violation_error_message=_("Consent to share Part 2 records must be signed, on paper or on the screen."),
            ),
            models.CheckConstraint(
                name="sharing_e_signed_has_a_name", condition=~Q(how="e_signed") | Q(signed_name__regex=r"\S")
            ),
            all_or_none("sharing_revocation_is_complete", "revoked_at", "revoked_by", "revoked_how"),
            not_blank("sharing_purpose_not_blank", "purpose"),
        ]
        indexes = [models.Index(fields=["patient", "recipient_class"], name="sharing_patient")]

    class Privacy:
        direct = {"signed_name", "recipient"}
        clinical = {
            "recipient_class", "categories", "purpose", "how", "language", "interpreter", "expires_on", "revoked_how",
        }  # fmt: skip
        plain = {
            "id", "public_id", "patient", "version", "starts_on", "given_at", "given_to", "revoked_at", "revoked_by",
        }  # fmt: skip

    def __str__(self):
        return f"Sharing consent {self.public_id}"


class Disclosure(models.Model):
    """One time facts about a person were told to somebody outside: what kinds, to whom, for what, and on which ground."""

    class Basis(models.TextChoices):
        CONSENT = "consent", _("The person's consent")
        TREATMENT = "treatment", _("Treatment, payment or operations under HIPAA")
        EMERGENCY = "emergency", _("A medical emergency")
        LAW = "law", _("Required by law")

    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="disclosures")
    recipient_class = models.TextField(choices=[(one.code, _(one.name)) for one in words.RECIPIENTS])
    recipient = models.TextField()
    categories = ArrayField(models.TextField())
    what = models.TextField(help_text="What was told or sent, in words.")
    purpose = models.TextField()
    basis = models.TextField(choices=Basis)
    consent = models.ForeignKey(SharingConsent, models.PROTECT, null=True, blank=True, related_name="disclosures")
    notice = models.TextField(blank=True, default="", help_text="The notice that went with Part 2 records.")
    at = models.DateTimeField()
    by = models.TextField(help_text="An email or system:<what>.")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="disclosure_categories_are_known",
                condition=Q(categories__contained_by=list(words.CATEGORIES)) & Q(categories__len__gt=0),
            ),
            models.CheckConstraint(
                name="disclosure_by_consent_names_it", condition=~Q(basis="consent") | Q(consent__isnull=False)
            ),
            models.CheckConstraint(
                name="disclosure_of_part2_rests_on_consent_or_emergency",
                condition=~Q(categories__contains=["part2"]) | Q(basis="consent") | Q(basis="emergency"),
            ),
            models.CheckConstraint(
                name="disclosure_of_part2_carries_the_notice",
                condition=~Q(categories__contains=["part2"]) | Q(notice__regex=r"\S"),
            ),
            not_blank("disclosure_recipient_not_blank", "recipient"),
            not_blank("disclosure_what_not_blank", "what"),
        ]
        indexes = [models.Index(fields=["patient", "-at"], name="disclosure_patient")]
        triggers = [
            pgtrigger.Protect(name="disclosure_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(  # a merge of two records moves the patient, nothing else
                name="disclosure_is_only_added",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "recipient_class",
                    "recipient",
                    "categories",
                    "what",
                    "purpose",
                    "basis",
                    "consent",
                    "notice",
                    "at",
                    "by",
                ),
            ),
        ]

    class Privacy:
        direct = {"recipient"}
        clinical = {"recipient_class", "categories", "what", "purpose", "basis", "notice"}
        plain = {"id", "patient", "consent", "at", "by"}

    def __str__(self):
        return f"Disclosure {self.pk} of patient {self.patient_id}"
