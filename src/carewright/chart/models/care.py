"""What was done: visits, procedures, medicines, and what was written about them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.chart.models.reported import Reported, patient, said
from carewright.plumbing.constraints import ends_after_it_starts


class Encounter(Reported):
    """One visit, stay or call with a provider, as a record reports it."""

    patient = patient("encounters")
    class_code = said(help_text="HL7 ActCode: AMB, EMER, IMP, …")
    name = said(help_text="What kind of visit, in the source's words.")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    provider = said(help_text="Who answered for the visit.")
    facility = said()
    discharged_to_code = said()
    discharged_to = said()
    diagnosis_system = said()
    diagnosis_code = said()
    diagnosis = said()
    reason = said()

    class Meta(Reported.Meta):
        constraints = [*Reported.Meta.constraints, ends_after_it_starts("encounter_ends_after_it_starts")]
        indexes = [models.Index(fields=["patient", "-starts_on"], name="encounter_of_patient")]

    class Privacy:
        direct = {"external_id"}
        clinical = {
            "status", "class_code", "name", "starts_on", "ends_on", "starts_at", "ends_at", "provider", "facility",
            "discharged_to_code", "discharged_to", "diagnosis_system", "diagnosis_code", "diagnosis", "reason",
        }  # fmt: skip
        plain = Reported.PLAIN


class Procedure(Reported):
    """Something that was done, or was meant to be and was not."""

    patient = patient("procedures")
    name = models.TextField()
    code_system = said()
    code = said(db_collation="C")
    done_on = models.DateField(null=True, blank=True)
    done_written = said()
    ended_on = models.DateField(null=True, blank=True)
    provider = said()
    reason = said()
    encounter_external_id = said(db_collation="C")

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient", "-done_on"], name="procedure_of_patient")]

    class Privacy:
        direct = {"external_id", "encounter_external_id"}
        clinical = {
            "status", "name", "code_system", "code", "done_on", "done_written", "ended_on", "provider", "reason",
        }  # fmt: skip
        plain = Reported.PLAIN


class MedicationListing(Reported):
    """One medicine on somebody's list: ordered, dispensed, reported by the patient, or administered."""

    class Kind(models.TextChoices):
        ORDERED = "ordered", _("Ordered")
        DISPENSED = "dispensed", _("Dispensed")
        REPORTED = "reported", _("Reported")
        ADMINISTERED = "administered", _("Administered")

    patient = patient("medication_listings")
    kind = models.TextField(choices=Kind)
    name = models.TextField()
    code_system = said()
    code = said(db_collation="C")
    ndc = said(db_collation="C")
    rxnorm = said(db_collation="C")
    ordered_on = models.DateField(null=True, blank=True)
    dispensed_on = models.DateField(null=True, blank=True)
    taken_on = models.DateField(null=True, blank=True, help_text="First day of taking, or the day it was given.")
    ended_on = models.DateField(null=True, blank=True)
    date_written = said()
    route = said()
    quantity = models.FloatField(null=True, blank=True)
    quantity_unit = said()
    days_supply = models.IntegerField(null=True, blank=True)
    directions = said()
    provider = said(help_text="Who ordered or handed it out: an NPI where known.")
    reason = said()

    class Meta(Reported.Meta):
        constraints = [
            *Reported.Meta.constraints,
            models.CheckConstraint(
                name="medicationlisting_kind_is_known",
                condition=Q(kind__in=["ordered", "dispensed", "reported", "administered"]),
            ),
        ]
        indexes = [models.Index(fields=["patient", "kind"], name="medicationlisting_of_patient")]

    class Privacy:
        direct = {"external_id"}
        clinical = {
            "status", "kind", "name", "code_system", "code", "ndc", "rxnorm", "ordered_on", "dispensed_on", "taken_on",
            "ended_on", "date_written", "route", "quantity", "quantity_unit", "days_supply", "directions", "provider",
            "reason",
        }  # fmt: skip
        plain = Reported.PLAIN


class Document(Reported):
    """A note, a summary or a diagnostic report; its plain text where it has one, else where it lies."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        REPORT = "report", _("Report")

    patient = patient("documents")
    kind = models.TextField(choices=Kind)
    title = models.TextField()
    code_system = said()
    code = said(db_collation="C")
    category = said()
    written_on = models.DateField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    author = said()
    content_type = said()
    text = said()
    lies_at = models.TextField(blank=True, default="", help_text="The address the source gives for it.")

    class Meta(Reported.Meta):
        constraints = [
            *Reported.Meta.constraints,
            models.CheckConstraint(name="document_kind_is_known", condition=Q(kind__in=["note", "report"])),
        ]
        indexes = [models.Index(fields=["patient", "-written_on"], name="document_of_patient")]

    class Privacy:
        direct = {"external_id", "text", "lies_at", "title"}
        clinical = {
            "status", "kind", "code_system", "code", "category", "written_on", "written_at", "author", "content_type",
        }  # fmt: skip
        plain = Reported.PLAIN
