"""Where a patient lives and how to reach them: addresses, phone numbers, email addresses, and what each may be used for."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import not_blank
from carewright.plumbing.history import keeps_history
from carewright.registry.models.patient import Patient


def digits_of(field: str) -> Func:
    """The last ten digits of a number as somebody wrote it, without an extension: what numbers are compared by."""
    return Right(Func(F(field), Value("[xX#].*$|[^0-9]"), Value(""), Value("g"), function="regexp_replace"), 10)


@keeps_history()
class Address(models.Model):
    """Where a patient lives or receives mail."""

    class Use(models.TextChoices):
        HOME = "home", _("Home")
        MAIL = "mail", _("Mail")
        OTHER = "other", _("Other")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="addresses")
    use = models.TextField(choices=Use, default=Use.HOME)
    line = models.TextField(blank=True, default="")
    city = models.TextField(blank=True, default="")
    state = models.TextField(blank=True, default="")
    zip_code = models.TextField(blank=True, default="", db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="address_one_per_use", fields=["patient", "use"]),
            models.CheckConstraint(name="address_use_is_known", condition=Q(use__in=["home", "mail", "other"])),
        ]
        indexes = [models.Index(fields=["zip_code"], name="address_zip_code")]

    class Privacy:
        direct = {"line", "city", "zip_code"}
        plain = {"id", "patient", "use", "state"}

    def __str__(self):
        return f"Address {self.pk} of patient {self.patient_id}"


class ContactPointQuerySet(models.QuerySet):
    """Phone numbers and email addresses, asked in the words of somebody about to call."""

    def right(self):
        """Those nobody flagged as wrong, in whichever way the number is written."""
        flagged = ContactPoint.every_one.filter(
            patient=OuterRef("patient"), kind="phone", digits=OuterRef("digits"), digits__gt="",
            wrong_since_on__isnull=False,
        )  # fmt: skip
        return self.filter(~Exists(flagged), wrong_since_on__isnull=True)

    def phones(self):
        """Phone numbers only."""
        return self.filter(kind=ContactPoint.Kind.PHONE)

    def in_dialing_order(self):
        """The one to try first comes first."""
        return self.order_by(F("rank").asc(nulls_last=True), "pk")


class ContactPointManager(models.Manager.from_queryset(ContactPointQuerySet)):  # type: ignore[misc]
    """
    Every contact point but those that lead to somebody held away from the patient for their safety.

    A number or address that a held related person also has is left out of every page, list and file by default.
    """

    def get_queryset(self):
        from carewright.registry.models.related import RelatedPerson

        held = RelatedPerson.every_one.filter(patient=OuterRef("patient"), held_at__isnull=False).filter(
            Q(phone_digits=OuterRef("digits"), phone_digits__gt="") | Q(email__iexact=OuterRef("value"), email__gt="")
        )
        return super().get_queryset().filter(~Exists(held))


@keeps_history(never=("digits",))
class ContactPoint(models.Model):
    """
    A phone number or an email address of a patient, and what may be done with it.

    `is_safe_for_message` and `is_shared` are yes, no or not asked (empty). A consent belongs to the number it was given
    for: `text_consent` to a phone, `email_consent` to an email address; `consent_at` and `consent_by` say when and to
    whom. `digits` is the number as it is searched. A wrong number stays, flagged with the day, and is never offered.
    `ContactPoint.objects` leaves out what leads to somebody held away; `ContactPoint.every_one` does not.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("Email")

    class Use(models.TextChoices):
        MOBILE = "mobile", _("Mobile")
        HOME = "home", _("Home")
        WORK = "work", _("Work")

    class Consent(models.TextChoices):
        GIVEN = "given", _("Given")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contact_points")
    kind = models.TextField(choices=Kind)
    value = models.TextField()
    digits = models.GeneratedField(
        expression=Case(When(kind="phone", then=digits_of("value")), default=Value("")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    use = models.TextField(choices=Use, null=True, blank=True)
    rank = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 is tried first.")
    wrong_since_on = models.DateField(null=True, blank=True)
    best_time = models.TextField(blank=True, default="", help_text="In the patient's words: mornings, after dialysis.")
    is_safe_for_message = models.BooleanField(null=True, blank=True)
    is_shared = models.BooleanField(null=True, blank=True)
    text_consent = models.TextField(choices=Consent, null=True, blank=True)
    email_consent = models.TextField(choices=Consent, null=True, blank=True)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ContactPointManager()
    every_one = models.Manager()  # noqa: DJ012

    class Meta:
        constraints = [
            models.UniqueConstraint(name="contact_point_once", fields=["patient", "kind", "value"]),
            models.CheckConstraint(name="contact_point_kind_is_known", condition=Q(kind__in=["phone", "email"])),
            models.CheckConstraint(
                name="contact_point_use_is_known", condition=Q(use__isnull=True) | Q(use__in=["mobile", "home", "work"])
            ),
            models.CheckConstraint(
                name="contact_point_consent_is_of_its_kind",
                condition=(
                    Q(text_consent__isnull=True) | Q(kind="phone", text_consent__in=["given", "refused", "withdrawn"])
                )
                & (
                    Q(email_consent__isnull=True) | Q(kind="email", email_consent__in=["given", "refused", "withdrawn"])
                ),
                violation_error_message=_(
                    "Consent to texts is given for a phone, consent to emails for an email address."
                ),
            ),
            models.CheckConstraint(
                name="contact_point_consent_has_a_time",
                condition=Q(text_consent__isnull=True, email_consent__isnull=True, consent_at__isnull=True)
                | Q(consent_at__isnull=False),
                violation_error_message=_("Say when consent was given, refused or withdrawn."),
            ),
            not_blank("contact_point_value_not_blank", "value"),
        ]
        indexes = [models.Index(fields=["digits"], name="contact_point_digits")]

    class Privacy:
        direct = {"value", "digits"}
        clinical = {"best_time", "is_safe_for_message", "is_shared"}
        plain = {"id", "patient", "kind", "use", "rank", "wrong_since_on", "text_consent", "email_consent"} | {
            "consent_at",
            "consent_by",
        }

    def __str__(self):
        return f"{self.kind} of patient {self.patient_id}"

    def written_alike(self) -> models.QuerySet["ContactPoint"]:
        """The same number or address on the same record, however it is written; this row is among them."""
        same = Q(value__iexact=self.value) if self.kind != self.Kind.PHONE else Q(value=self.value)
        if self.kind == self.Kind.PHONE and self.digits:
            same |= Q(digits=self.digits)
        return ContactPoint.every_one.filter(same, patient=self.patient_id, kind=self.kind)

    @property
    def wrong_since(self) -> date | None:
        """Since when it is flagged as wrong, in whichever way it is written; nothing when nobody flagged it."""
        flagged = self.written_alike().exclude(wrong_since_on=None).order_by("wrong_since_on")
        return flagged.values_list("wrong_since_on", flat=True).first()

    @property
    def forbids_messages(self) -> bool:
        """Whether somebody said that it is not safe to leave a message there."""
        return self.written_alike().filter(is_safe_for_message=False).exists()

    @property
    def has_consent(self) -> bool:
        """Whether consent to be written to here was given and stands."""
        return self.Consent.GIVEN in (self.text_consent, self.email_consent)
