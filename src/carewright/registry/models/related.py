"""Who stands beside a patient, with what authority, and who is held away from them for their safety."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import all_or_none, ends_after_it_starts
from carewright.plumbing.history import keeps_history
from carewright.registry.models.patient import Patient
from carewright.registry.models.reach import digits_of

STAFF = "staff"
"""The `source` of a related person whom somebody of ours wrote down."""


class RelatedPeople(models.Manager):
    """Everyone but those held away: who is suspected of harming a patient appears nowhere unless asked for by name."""

    def get_queryset(self):
        return super().get_queryset().filter(held_at__isnull=True)


@keeps_history(never=("phone_digits",))
class RelatedPerson(models.Model):
    """
    Someone who stands beside a patient: a daughter, a guardian, a neighbor who helps.

    `source` told us of them (`staff` when we wrote them down); `edited_at` is set once one of us corrected them, and
    from then on their source no longer overwrites them. Somebody held (`held_at`) has no say, no view and no contact
    point anywhere: `RelatedPerson.objects` leaves them out, `RelatedPerson.every_one` is for the page that holds them.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="related_people")
    given_name = models.TextField(blank=True, default="")
    family_name = models.TextField(blank=True, default="")
    relationship = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    phone_digits = models.GeneratedField(
        expression=digits_of("phone"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    email = models.TextField(blank=True, default="")
    source = models.TextField()
    external_id = models.TextField()
    edited_at = models.DateTimeField(null=True, blank=True)
    is_suspected_abuser = models.BooleanField(default=False)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    held_because = models.TextField(null=True, blank=True)

    objects = RelatedPeople()
    every_one = models.Manager()  # noqa: DJ012

    class Meta:
        constraints = [
            models.UniqueConstraint(name="related_person_once", fields=["source", "external_id"]),
            all_or_none("related_person_held_says_why", "held_at", "held_by", "held_because"),
            models.CheckConstraint(
                name="related_person_suspect_is_held",
                condition=Q(is_suspected_abuser=False) | Q(held_at__isnull=False),
                violation_error_message=_("Somebody suspected of harming the patient is held away from them."),
            ),
        ]

    class Privacy:
        direct = {"given_name", "family_name", "relationship", "phone", "phone_digits", "email", "external_id"}
        clinical = {"is_suspected_abuser", "held_at", "held_by", "held_because"}
        plain = {"id", "patient", "source", "edited_at"}

    def __str__(self):
        return f"Related person {self.pk} of patient {self.patient_id}"

    @property
    def name(self) -> str:
        """The name as one would say it, or "Name not given"."""
        return " ".join(part for part in (self.given_name, self.family_name) if part) or "Name not given"

    def authority_on(self, day: date) -> "Authority | None":
        """The most that this person may do for the patient on a day; nothing for somebody held."""
        if self.held_at is not None:
            return None
        return self.authorities.on(day).strongest()


class AuthorityQuerySet(models.QuerySet):
    """Authorities, asked by day."""

    def on(self, day: date):
        """Those in force on a day, its first and last day included."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def strongest(self) -> "Authority | None":
        """The one that lets the person do most; `none` on a day counts more than all others."""
        order = {kind: place for place, kind in enumerate(Authority.STRONGEST_FIRST)}
        return min(self, key=lambda one: order[one.kind], default=None)  # type: ignore[misc,attr-defined,return-value]


@keeps_history()
class Authority(models.Model):
    """
    What a related person may hear and decide for a patient, since when, until when, on which document.

    `none` is said on purpose: the patient does not want this person told anything. Who acts as the patient (full proxy,
    personal representative) is verified against a document. A minor's representative has a last day: see
    `knowledge.minors`.
    """

    class Kind(models.TextChoices):
        NONE = "none", _("May be told nothing")
        EMERGENCY = "emergency", _("To be called in an emergency")
        SCHEDULING = "scheduling", _("May make and hear of appointments")
        CARE_INFO = "care_info", _("May hear about the care")
        FULL_PROXY = "full_proxy", _("Full proxy: sees and decides with the patient")
        PERSONAL_REPRESENTATIVE = "personal_representative", _("Personal representative: decides as the patient")

    STRONGEST_FIRST = ("none", "personal_representative", "full_proxy", "care_info", "scheduling", "emergency")
    NEEDS_A_DOCUMENT = ("full_proxy", "personal_representative")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="authorities")
    related_person = models.ForeignKey(RelatedPerson, models.PROTECT, related_name="authorities")
    kind = models.TextField(choices=Kind)
    document = models.TextField(blank=True, default="", help_text="Power of attorney of March 3, 2024, on file.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day, inclusive; empty while it runs.")
    ended_because = models.TextField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        constraints = [
            ends_after_it_starts("authority_ends_after_it_starts"),
            all_or_none("authority_verified_by_somebody", "verified_at", "verified_by"),
            models.CheckConstraint(
                name="authority_kind_is_known",
                condition=Q(
                    kind__in=["none", "emergency", "scheduling", "care_info", "full_proxy", "personal_representative"]
                ),
            ),
            models.CheckConstraint(
                name="authority_to_decide_has_a_document",
                condition=~Q(kind__in=["full_proxy", "personal_representative"])
                | (Q(document__regex=r"\S") & Q(verified_at__isnull=False)),
                violation_error_message=_("Who decides for a patient shows a document, and somebody verified it."),
            ),
        ]

    class Privacy:
        direct = {"document"}
        clinical = {"kind", "ended_because"}
        plain = {"id", "patient", "related_person", "starts_on", "ends_on", "verified_at", "verified_by"}

    def __str__(self):
        return f"{self.kind} of related person {self.related_person_id} from {self.starts_on:%Y-%m-%d}"
