"""What was found: conditions, observations, allergies, immunizations."""

from django.db import models

from carewright.chart.models.reported import Reported, patient, said


class Condition(Reported):
    """A diagnosis, problem or concern a source has written down; `status` is its clinical status."""

    patient = patient("conditions")
    name = models.TextField()
    code_system = said()
    code = said(db_collation="C")
    category = said(help_text="problem-list-item, encounter-diagnosis, …")
    verification_status = said(help_text="confirmed, provisional, refuted, …")
    severity = said()
    onset_on = models.DateField(null=True, blank=True)
    onset_written = said(help_text="What was written when it was less than a day: a year, a month.")
    abated_on = models.DateField(null=True, blank=True)
    recorded_on = models.DateField(null=True, blank=True)
    encounter_external_id = said(db_collation="C")
    note = said()

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient", "code"], name="condition_of_patient")]

    class Privacy:
        direct = {"external_id", "encounter_external_id", "note"}
        clinical = {
            "status", "name", "code_system", "code", "category", "verification_status", "severity", "onset_on",
            "onset_written", "abated_on", "recorded_on",
        }  # fmt: skip
        plain = Reported.PLAIN


class Observation(Reported):
    """One thing measured, asked or seen: a laboratory result, a vital sign, an answer to a screening question."""

    patient = patient("observations")
    category = said(help_text="laboratory, vital-signs, social-history, survey, …")
    name = models.TextField()
    code_system = said()
    code = said(db_collation="C")
    observed_on = models.DateField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    value = said(help_text="The value as written.")
    value_number = models.FloatField(null=True, blank=True)
    value_code_system = said()
    value_code = said()
    comparator = said(help_text="<, <=, >=, > when the value is a limit.")
    unit = said()
    low = said()
    high = said()
    range = said(help_text="The reference range in words.")
    flag = said(help_text="H, L, A, … as the source flags it.")
    panel_external_id = said(db_collation="C", help_text="What ties measurements taken together.")
    encounter_external_id = said(db_collation="C")
    note = said()

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient", "code", "-observed_on"], name="observation_of_patient")]

    class Privacy:
        direct = {"external_id", "encounter_external_id", "panel_external_id", "note"}
        clinical = {
            "status", "category", "name", "code_system", "code", "observed_on", "observed_at", "value",
            "value_number", "value_code_system", "value_code", "comparator", "unit", "low", "high", "range", "flag",
        }  # fmt: skip
        plain = Reported.PLAIN


class Allergy(Reported):
    """What a person reacts to, or that nothing is known; `status` is its clinical status."""

    patient = patient("allergies")
    name = models.TextField()
    code_system = said()
    code = said(db_collation="C")
    kind = said(help_text="allergy or intolerance")
    category = said(help_text="food, medication, environment, biologic")
    criticality = said()
    verification_status = said()
    reaction = said()
    severity = said()
    onset_on = models.DateField(null=True, blank=True)
    onset_written = said()
    recorded_on = models.DateField(null=True, blank=True)

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient"], name="allergy_of_patient")]

    class Privacy:
        direct = {"external_id"}
        clinical = {
            "status", "name", "code_system", "code", "kind", "category", "criticality", "verification_status",
            "reaction", "severity", "onset_on", "onset_written", "recorded_on",
        }  # fmt: skip
        plain = Reported.PLAIN


class Immunization(Reported):
    """A vaccine that was given, or was not and why."""

    patient = patient("immunizations")
    name = models.TextField()
    code_system = said()
    code = said(db_collation="C")
    given_on = models.DateField(null=True, blank=True)
    given_written = said()
    not_given_because = said()
    dose = said()
    lot_number = said()
    site = said()
    route = said()

    class Meta(Reported.Meta):
        indexes = [models.Index(fields=["patient", "-given_on"], name="immunization_of_patient")]

    class Privacy:
        direct = {"external_id", "lot_number"}
        clinical = {
            "status", "name", "code_system", "code", "given_on", "given_written", "not_given_because", "dose", "site",
            "route",
        }  # fmt: skip
        plain = Reported.PLAIN
