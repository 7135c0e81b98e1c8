"""One person, the numbers others know them by, how they are covered, what they wish to be called and how to be spoken to."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carewright.plumbing.constraints import ends_after_it_starts, not_blank
from carewright.plumbing.history import keeps_history
from carewright.registry.names import name_key


class Sex(models.TextChoices):
    """Sex as the payer or the record states it; `unknown` when nobody said."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    UNKNOWN = "unknown", _("Unknown")


class StandingPatients(models.Manager):
    """The records that stand for a person: one that was joined into another is read there."""

    def get_queryset(self):
        return super().get_queryset().filter(merged_into__isnull=True)


@keeps_history(besides=("run_id", "evidence"))
class Patient(models.Model):
    """
    One person we are responsible for.

    `public_id` is the only number that appears in addresses of pages. `sort_name` and `given_key` are the names as they
    are compared and searched: small letters without accents (see `registry.names`).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    given_name = models.TextField(blank=True, default="")
    family_name = models.TextField(blank=True, default="")
    name_suffix = models.TextField(blank=True, default="")
    sort_name = models.TextField(blank=True, default="", db_collation="C", editable=False)
    given_key = models.TextField(blank=True, default="", db_collation="C", editable=False)
    born_on = models.DateField(null=True, blank=True)
    died_on = models.DateField(null=True, blank=True)
    sex = models.TextField(choices=Sex, default=Sex.UNKNOWN)
    race = models.TextField(blank=True, default="")
    ethnicity = models.TextField(blank=True, default="")
    language = models.TextField(blank=True, default="")
    payer = models.TextField(blank=True, default="", help_text="Who paid under the latest coverage; ties name it.")
    identity_in_doubt = models.BooleanField(default=False)
    evidence = models.TextField(blank=True, default="", help_text="Ids of the landed rows this person was read from.")
    run_id = models.TextField(blank=True, default="", help_text="The warehouse run this row was last written from.")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_records")

    objects = StandingPatients()
    every_record = models.Manager()  # noqa: DJ012

    class Meta:
        constraints = [
            models.CheckConstraint(name="patient_sex_is_known", condition=Q(sex__in=Sex.values)),
            models.CheckConstraint(
                name="patient_died_after_birth",
                condition=Q(died_on__isnull=True) | Q(born_on__isnull=True) | Q(died_on__gte=models.F("born_on")),
                violation_error_message=_("The date of death is before the date of birth."),
            ),
            models.CheckConstraint(
                name="patient_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")),
            ),
        ]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="patient_sort_name"),
            models.Index(fields=["given_key"], name="patient_given_key"),
            models.Index(fields=["born_on"], name="patient_born_on"),
            models.Index(fields=["payer"], name="patient_payer"),
        ]

    class Privacy:
        direct = {"given_name", "family_name", "name_suffix", "sort_name", "given_key", "born_on", "died_on"}
        clinical = {"sex", "race", "ethnicity", "language", "payer"}
        plain = {"id", "public_id", "identity_in_doubt", "evidence", "run_id", "merged_into"}

    def __str__(self):
        # Never the name: this string reaches logs and tracebacks.
        return f"Patient {self.public_id}"

    def save(self, *args, **kwargs):
        """Keep the keys that names are searched by in step with the names."""
        self.sort_name = name_key(f"{self.family_name} {self.given_name}")
        self.given_key = name_key(self.given_name)
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """The name as one would say it, or "Name not given"."""
        parts = (self.given_name, self.family_name, self.name_suffix)
        return " ".join(part for part in parts if part) or "Name not given"

    @property
    def masked_name(self) -> str:
        """What stands in the name's place for roles that see people without their names."""
        return gettext("Person %s") % str(self.public_id)[:8]


@keeps_history()
class Identifier(models.Model):
    """
    A number somebody else knows this patient by.

    `system` says what kind it is (`person_id` for the warehouse's own, `member_id`, `mrn`, `mbi`, or a URI from FHIR);
    `assigner` who gave it (the payer, the hospital; empty when the kind says it all). One number is one patient's.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="identifiers")
    system = models.TextField()
    assigner = models.TextField(blank=True, default="")
    value = models.TextField(db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="identifier_is_one_patients",
                fields=["system", "assigner", "value"],
                violation_error_message=_("This number already belongs to another patient."),
            ),
            not_blank("identifier_value_not_blank", "value"),
            not_blank("identifier_system_not_blank", "system"),
        ]
        indexes = [models.Index(fields=["value"], name="identifier_value")]

    class Privacy:
        direct = {"value"}
        plain = {"id", "patient", "system", "assigner"}

    def __str__(self):
        return f"{self.system} of patient {self.patient_id}"


@keeps_history()
class Coverage(models.Model):
    """Who pays for a patient's care, under which plan, from when to when."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="coverages")
    payer = models.TextField()
    payer_type = models.TextField(blank=True, default="")
    plan = models.TextField(blank=True, default="")
    member_id = models.TextField(blank=True, default="", db_collation="C")
    dual_status_code = models.TextField(blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day, inclusive; empty while it runs.")
    source = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            ends_after_it_starts("coverage_ends_after_it_starts"),
            models.UniqueConstraint(
                name="coverage_once", fields=["patient", "payer", "plan", "member_id", "starts_on"]
            ),
        ]
        indexes = [models.Index(fields=["member_id"], name="coverage_member_id")]

    class Privacy:
        direct = {"member_id"}
        clinical = {"payer", "payer_type", "plan", "dual_status_code", "starts_on", "ends_on"}
        plain = {"id", "patient", "source"}

    def __str__(self):
        return f"Coverage {self.pk} of patient {self.patient_id}"


@keeps_history()
class PatientPreference(models.Model):
    """
    How one patient wishes to be called, spoken to and written to, as they told us; every part may be unknown.

    `needs_interpreter` and the like are yes, no or not asked (empty): nobody is taken to need no interpreter because
    nobody asked. `safe_contact` says in words how to call without doing harm ("only mornings; hang up if he answers").
    """

    patient = models.OneToOneField(Patient, models.PROTECT, primary_key=True, related_name="preference")
    preferred_name = models.TextField(blank=True, default="")
    preferred_key = models.TextField(blank=True, default="", db_collation="C", editable=False)
    pronouns = models.TextField(blank=True, default="")
    spoken_language = models.TextField(blank=True, default="")
    written_language = models.TextField(blank=True, default="")
    needs_interpreter = models.BooleanField(null=True, blank=True)
    interpreter_note = models.TextField(blank=True, default="", help_text="ASL, relay service, a dialect.")
    hearing_aid = models.BooleanField(null=True, blank=True, help_text="Uses one, or is hard of hearing.")
    vision_aid = models.BooleanField(null=True, blank=True, help_text="Needs large print or a voice.")
    safe_contact = models.TextField(blank=True, default="")
    time_zone = models.TextField(blank=True, default="", help_text="Where it differs from that of the ZIP code.")
    said_at = models.DateTimeField(help_text="When this was last asked or changed.")
    said_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Privacy:
        direct = {"preferred_name", "preferred_key", "safe_contact"}
        clinical = {"pronouns", "spoken_language", "written_language", "needs_interpreter", "interpreter_note"} | {
            "hearing_aid",
            "vision_aid",
        }
        plain = {"patient", "time_zone", "said_at", "said_to"}

    def __str__(self):
        return f"Preferences of patient {self.patient_id}"

    def save(self, *args, **kwargs):
        """Keep the key that the preferred name is searched by in step with it."""
        self.preferred_key = name_key(self.preferred_name)
        super().save(*args, **kwargs)


@keeps_history()
class FieldSource(models.Model):
    """
    That somebody on our staff wrote down one field of a patient, who and when; no file that arrives later overwrites it.

    A field without a row here is as the last source told it. `source` says whether it was written on the page of contact
    details or taken over from what the person said in an assessment, and `evidence` in which.
    """

    class Source(models.TextChoices):
        STAFF = "staff", _("Written down by us")
        ASSESSMENT = "assessment", _("Said in an assessment")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="field_sources")
    field = models.TextField(help_text="A column of the patient, or address_home and the like.")
    source = models.TextField(choices=Source, default=Source.STAFF, db_default=Source.STAFF)
    evidence = models.TextField(blank=True, default="", db_default="")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="field_source_once", fields=["patient", "field"]),
            not_blank("field_source_field_not_blank", "field"),
            models.CheckConstraint(
                name="field_source_source_is_known", condition=Q(source__in=["staff", "assessment"])
            ),
        ]

    class Privacy:
        plain = {"id", "patient", "field", "source", "evidence", "said_by", "said_at"}

    def __str__(self):
        return f"Who said {self.field} of patient {self.patient_id}"


class NameWord(models.Model):
    """
    One word of a patient's name as it is searched, so that "ortega" finds María Núñez Ortega.

    The database keeps these in step with the names by itself (a trigger), whoever changes them.
    """

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="name_words", db_index=False)
    word = models.TextField(db_collation="C")
    is_preferred = models.BooleanField(default=False, help_text="Of the name they wish to be called by.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="name_word_once", fields=["patient", "is_preferred", "word"]),
        ]
        indexes = [models.Index(fields=["word", "patient"], name="name_word_word")]

    class Privacy:
        direct = {"word"}
        plain = {"id", "patient", "is_preferred"}

    def __str__(self):
        return f"A name word of patient {self.patient_id}"
