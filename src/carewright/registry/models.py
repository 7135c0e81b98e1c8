"""
Who our patients are: one person, the numbers others know them by, how they are covered and how to reach them.

Nothing here says how a person is. A `Patient` row is never deleted and two are never merged by a machine: when sources
contradict each other, `identity_in_doubt` says so and a person decides.
"""

import uuid

from django.db import models
from django.db.models import Q

from carewright.plumbing.constraints import ends_after_it_starts, not_blank
from carewright.plumbing.history import keeps_history
from carewright.registry.names import name_key


class Sex(models.TextChoices):
    """Sex as the payer or the record states it; `unknown` when nobody said."""

    FEMALE = "female", "Female"
    MALE = "male", "Male"
    UNKNOWN = "unknown", "Unknown"


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

    class Meta:
        constraints = [
            models.CheckConstraint(name="patient_sex_is_known", condition=Q(sex__in=Sex.values)),
            models.CheckConstraint(
                name="patient_died_after_birth",
                condition=Q(died_on__isnull=True) | Q(born_on__isnull=True) | Q(died_on__gte=models.F("born_on")),
                violation_error_message="The date of death is before the date of birth.",
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
        plain = {"id", "public_id", "identity_in_doubt", "evidence", "run_id"}

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
        return f"Person {str(self.public_id)[:8]}"


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
                violation_error_message="This number already belongs to another patient.",
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
class Address(models.Model):
    """Where a patient lives or receives mail."""

    class Use(models.TextChoices):
        HOME = "home", "Home"
        MAIL = "mail", "Mail"
        OTHER = "other", "Other"

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


@keeps_history()
class ContactPoint(models.Model):
    """A phone number or an email address of a patient."""

    class Kind(models.TextChoices):
        PHONE = "phone", "Phone"
        EMAIL = "email", "Email"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contact_points")
    kind = models.TextField(choices=Kind)
    value = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="contact_point_once", fields=["patient", "kind", "value"]),
            models.CheckConstraint(name="contact_point_kind_is_known", condition=Q(kind__in=["phone", "email"])),
            not_blank("contact_point_value_not_blank", "value"),
        ]

    class Privacy:
        direct = {"value"}
        plain = {"id", "patient", "kind"}

    def __str__(self):
        return f"{self.kind} of patient {self.patient_id}"


@keeps_history()
class RelatedPerson(models.Model):
    """Someone who stands beside a patient: a daughter, a guardian, a neighbor who helps; as a source told us."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="related_people")
    given_name = models.TextField(blank=True, default="")
    family_name = models.TextField(blank=True, default="")
    relationship = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    source = models.TextField()
    external_id = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="related_person_once", fields=["source", "external_id"])]

    class Privacy:
        direct = {"given_name", "family_name", "relationship", "phone", "email", "external_id"}
        plain = {"id", "patient", "source"}

    def __str__(self):
        return f"Related person {self.pk} of patient {self.patient_id}"
