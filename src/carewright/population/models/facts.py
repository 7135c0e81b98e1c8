"""What claims and records show about each person in a run. Claim lines stay in the warehouse; ids lead to them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from carewright.population.models.run import OfPatient

ALWAYS = {"pk", "run", "patient"}


class Stay(OfPatient):
    """A hospital stay, with transfers joined."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "stay_id")
    stay_id = models.TextField(db_collation="C")
    admitted_on = models.DateField()
    discharged_on = models.DateField(null=True)
    discharge_status = models.TextField(default="")
    drg_code = models.TextField(default="")
    principal_diagnosis = models.TextField(default="")
    facility_npi = models.TextField(default="")
    facility = models.TextField(default="")
    is_unplanned = models.BooleanField(default=False)
    went_through_ed = models.BooleanField(default=False)
    paid = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")

    class Privacy:
        clinical = {
            "stay_id", "admitted_on", "discharged_on", "discharge_status", "drg_code", "principal_diagnosis",
            "facility_npi", "facility", "is_unplanned", "went_through_ed", "paid", "tags", "evidence",
        }  # fmt: skip
        plain = ALWAYS

    def __str__(self):
        return f"Stay {self.stay_id}"


class EdVisit(OfPatient):
    """An emergency visit, and whether it became a stay."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "visit_id")
    visit_id = models.TextField(db_collation="C")
    visited_on = models.DateField()
    ended_on = models.DateField(null=True)
    facility_npi = models.TextField(default="")
    facility = models.TextField(default="")
    principal_diagnosis = models.TextField(default="")
    led_to_stay = models.BooleanField(default=False)
    observation = models.BooleanField(default=False, help_text="With observation hours.")
    paid = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")

    class Privacy:
        clinical = {"visit_id", "visited_on", "ended_on", "facility_npi", "principal_diagnosis", "led_to_stay"} | {
            "facility",
            "observation",
            "paid",
            "tags",
            "evidence",
        }
        plain = ALWAYS

    def __str__(self):
        return f"ED visit {self.visit_id}"


class Readmission(OfPatient):
    """A stay that began within thirty days of another's end."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "index_stay_id")
    index_stay_id = models.TextField(db_collation="C")
    readmission_stay_id = models.TextField(default="")
    discharged_on = models.DateField(null=True)
    readmitted_on = models.DateField(null=True)
    days = models.IntegerField(null=True)

    class Privacy:
        clinical = {"index_stay_id", "readmission_stay_id", "discharged_on", "readmitted_on", "days"}
        plain = ALWAYS

    def __str__(self):
        return f"Readmission after {self.index_stay_id}"


class ChronicCondition(OfPatient):
    """A chronic condition by one scheme (CCW 30 or AHRQ CCIR), with its first and latest evidence."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "scheme", "condition")
    scheme = models.TextField(db_collation="C")
    condition = models.TextField(db_collation="C")
    label = models.TextField()
    first_on = models.DateField(null=True)
    latest_on = models.DateField(null=True)
    claims = models.IntegerField(null=True)
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["scheme", "condition", "patient"], name="chronic_condition_people")]

    class Privacy:
        clinical = {"scheme", "condition", "label", "first_on", "latest_on", "claims", "tags", "evidence"}
        plain = ALWAYS

    def __str__(self):
        return f"{self.condition} of patient {self.patient_id}"


class HccPart(OfPatient):
    """One part of a CMS-HCC score, in words, with its weight."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "model", "payment_year", "hcc")
    model = models.TextField(db_collation="C")
    payment_year = models.IntegerField()
    hcc = models.TextField(db_collation="C")
    label = models.TextField()
    points = models.DecimalField(max_digits=10, decimal_places=4)
    kind = models.TextField()
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")

    class Privacy:
        clinical = {"model", "payment_year", "hcc", "label", "points", "kind", "tags", "evidence"}
        plain = ALWAYS

    def __str__(self):
        return f"{self.model} {self.hcc} of patient {self.patient_id}"


class HccScore(OfPatient):
    """A CMS-HCC score: made for payment, not for triage; not applicable outside Medicare."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "model", "payment_year")
    model = models.TextField(db_collation="C")
    payment_year = models.IntegerField()
    segment = models.TextField(default="")
    raw_score = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    payment_score = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    status = models.TextField()
    remark = models.TextField(default="")
    tags = ArrayField(models.TextField(), default=list)

    class Privacy:
        clinical = {"model", "payment_year", "segment", "raw_score", "payment_score", "status", "remark", "tags"}
        plain = ALWAYS

    def __str__(self):
        return f"{self.model} {self.payment_year} of patient {self.patient_id}"


class Comorbidity(OfPatient):
    """The Charlson index of a person and the conditions it counts."""

    pk = models.CompositePrimaryKey("run_id", "patient_id")
    charlson = models.IntegerField(null=True)
    charlson_conditions = models.TextField(default="")
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")

    class Privacy:
        clinical = {"charlson", "charlson_conditions", "tags", "evidence"}
        plain = ALWAYS

    def __str__(self):
        return f"Charlson of patient {self.patient_id}"


class Utilization(OfPatient):
    """How much care a person used, and what was paid for it; `open_…` counts unprotected care only."""

    pk = models.CompositePrimaryKey("run_id", "patient_id")
    months_enrolled_12 = models.IntegerField(null=True)
    stays_12 = models.IntegerField(null=True)
    readmissions_12 = models.IntegerField(null=True)
    ed_visits_12 = models.IntegerField(null=True)
    paid_6 = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    paid_12 = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    paid_24 = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    providers_12 = models.IntegerField(null=True)
    pcp_visits_12 = models.IntegerField(null=True)
    medicines_12 = models.IntegerField(null=True)
    open_stays_12 = models.IntegerField(null=True)
    open_ed_visits_12 = models.IntegerField(null=True)
    open_paid_12 = models.DecimalField(max_digits=18, decimal_places=2, null=True)

    class Privacy:
        clinical = {
            "months_enrolled_12", "stays_12", "readmissions_12", "ed_visits_12", "paid_6", "paid_12", "paid_24",
            "providers_12", "pcp_visits_12", "medicines_12", "open_stays_12", "open_ed_visits_12", "open_paid_12",
        }  # fmt: skip
        plain = ALWAYS

    def __str__(self):
        return f"Utilization of patient {self.patient_id}"


class SpendingMonth(OfPatient):
    """
    What was paid for a person month by month: one row a person, the months in order, the latest last.

    All arrays are as long as `months`; amounts are whole dollars.
    """

    pk = models.CompositePrimaryKey("run_id", "patient_id")
    months = ArrayField(models.DateField())
    inpatient = ArrayField(models.IntegerField())
    ed = ArrayField(models.IntegerField())
    pharmacy = ArrayField(models.IntegerField())
    other = ArrayField(models.IntegerField())
    stays = ArrayField(models.IntegerField())
    ed_visits = ArrayField(models.IntegerField())

    class Privacy:
        clinical = {"months", "inpatient", "ed", "pharmacy", "other", "stays", "ed_visits"}
        plain = ALWAYS

    def __str__(self):
        return f"Spending of patient {self.patient_id}"


class Dispensing(OfPatient):
    """What pharmacies billed of one product for a person over 24 months; no row never means that it is not taken."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "product")
    product = models.TextField(db_collation="C", help_text="rxcui:… where RxNorm knows it, else ndc:…")
    ndc = models.TextField(db_collation="C", help_text="The number on the latest fill.")
    said = models.TextField(default="", help_text="The product in the words of whoever sent the claim.")
    first_on = models.DateField()
    latest_on = models.DateField()
    days_supply = models.IntegerField(null=True, help_text="Days the latest fill should last; empty is unknown.")
    lasts_to = models.DateField(null=True, help_text="The last day the latest fill covers, if taken as filled.")
    quantity = models.FloatField(null=True)
    prescriber_npi = models.TextField(default="")
    pharmacy_npi = models.TextField(default="")
    days_12 = models.IntegerField(help_text="Different days it was filled on in 12 months.")
    filled_on = ArrayField(models.DateField(), default=list)
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")

    class Privacy:
        clinical = {
            "product", "ndc", "said", "first_on", "latest_on", "days_supply", "lasts_to", "quantity", "prescriber_npi",
            "pharmacy_npi", "days_12", "filled_on", "tags", "evidence",
        }  # fmt: skip
        plain = ALWAYS

    def __str__(self):
        return f"{self.product} of patient {self.patient_id}"


class AttributedProvider(OfPatient):
    """A primary care provider a person may belong to, by visits; the first, and the runners-up."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "rank")
    rank = models.IntegerField()
    npi = models.TextField(db_collation="C")
    provider_name = models.TextField(default="")
    visits = models.IntegerField(null=True)
    latest_on = models.DateField(null=True)
    evidence = models.TextField(default="")

    class Privacy:
        clinical = {"rank", "npi", "provider_name", "visits", "latest_on", "evidence"}
        plain = ALWAYS

    def __str__(self):
        return f"Provider {self.rank} of patient {self.patient_id}"


class SocialNeed(OfPatient):
    """A social need that somebody wrote down."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "code")
    code = models.TextField(db_collation="C")
    domain = models.TextField()
    label = models.TextField()
    on = models.DateField()
    source = models.TextField(default="")
    tags = ArrayField(models.TextField(), default=list)
    evidence = models.TextField(default="")

    class Privacy:
        clinical = {"code", "domain", "label", "on", "source", "tags", "evidence"}
        plain = ALWAYS

    def __str__(self):
        return f"{self.code} of patient {self.patient_id}"


class Neighborhood(OfPatient):
    """The county a person lives in and how vulnerable it is as a whole: about the place, never about the person."""

    pk = models.CompositePrimaryKey("run_id", "patient_id")
    county_fips = models.TextField(db_collation="C")
    county = models.TextField()
    svi_percentile = models.FloatField(null=True)
    edition = models.TextField(default="")

    class Privacy:
        direct = {"county_fips", "county"}
        plain = ALWAYS | {"svi_percentile", "edition"}

    def __str__(self):
        return f"County of patient {self.patient_id}"
