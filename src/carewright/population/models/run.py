"""One run of the warehouse as the record received it, and what the run says about its own data."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone


class RunQuerySet(models.QuerySet):
    """Runs, asked for by what may be shown of them."""

    def in_force(self):
        """The run that counts, unless it was closed."""
        return self.filter(is_current=True, closed__isnull=True)


class Run(models.Model):
    """
    One run of the warehouse that the record received: for which day, when, with which settings, how many rows.

    Exactly one run is current. Its rows and those of the run before lie in the tables side by side, so a page that
    began with one run ends with it.
    """

    run_id = models.TextField(unique=True, db_collation="C", help_text="The warehouse's name for it.")
    as_of = models.DateField(help_text="The last day that counted.")
    engine = models.TextField(default="duckdb")
    received_at = models.DateTimeField()
    received_by = models.TextField(help_text="An email or system:<what>.")
    is_current = models.BooleanField(default=False)
    is_kept = models.BooleanField(default=True, help_text="Whether its rows are still in the tables.")
    rows = models.JSONField(default=dict, help_text="Rows received, by table.")
    settings = models.JSONField(default=list, help_text="The programs' numbers that differed from their defaults.")
    before = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="after")

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="run_one_is_current", fields=["is_current"], condition=Q(is_current=True)),
            models.CheckConstraint(name="run_current_is_kept", condition=Q(is_current=False) | Q(is_kept=True)),
        ]

    class Privacy:
        direct = {"received_by"}
        plain = {
            "id",
            "run_id",
            "as_of",
            "engine",
            "received_at",
            "is_current",
            "is_kept",
            "rows",
            "settings",
            "before",
        }

    def __str__(self):
        return f"Run {self.run_id} as of {self.as_of:%Y-%m-%d}"

    @property
    def looks_back(self) -> bool:
        """Whether somebody ranked as of an earlier day: what happened between that day and the run counts for nothing."""
        return self.as_of < timezone.localdate(self.received_at) - timedelta(days=1)

    @property
    def closed_at(self) -> datetime | None:
        """Since when nobody is shown it; None while it may be shown."""
        found = getattr(self, "closed", None)
        return found.at if found else None

    @property
    def is_compared(self) -> bool:
        """Whether it says what changed since the run before: there was one, and that one may still be shown."""
        return self.before is not None and self.before.closed_at is None


class ClosedRun(models.Model):
    """
    A run that nobody is shown any more: it may rest on a source that was declared to be protected after it was made.

    A row of its own, because the runs themselves are held while the next one is loaded, and closing waits for nothing.
    """

    run = models.OneToOneField(Run, models.PROTECT, related_name="closed")
    at = models.DateTimeField()

    class Privacy:
        plain = {"id", "run", "at"}

    def __str__(self):
        return f"{self.run_id} closed at {self.at:%Y-%m-%d %H:%M}"


class OfRun(models.Model):
    """
    A row of a run. The tables are split by run in the database; the grain the warehouse checked is the primary key.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class OfPatient(OfRun):
    """A row of a run about one patient."""

    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class JoinedNumber(OfPatient):
    """A number of the warehouse that a run counted as another's, since the two records were one person's at that time."""

    pk = models.CompositePrimaryKey("run_id", "patient_id", "number")
    number = models.TextField(db_collation="C", help_text="As the payer or the source sends it.")
    counted_as = models.TextField(db_collation="C", help_text="The number all facts of the person are counted under.")

    class Meta:
        indexes = [
            models.Index(fields=["number"], name="joined_number_number"),
            models.Index(fields=["counted_as"], name="joined_number_counted_as"),
        ]

    class Privacy:
        direct = {"number", "counted_as"}
        plain = {"pk", "run", "patient"}

    def __str__(self):
        return f"A second number of patient {self.patient_id}"


class Freshness(OfRun):
    """How far the claims of one feed are complete, judged from how earlier months filled up."""

    pk = models.CompositePrimaryKey("run_id", "feed")
    feed = models.TextField()
    months = models.IntegerField(null=True)
    complete_through = models.DateField(null=True)
    completeness = models.FloatField(null=True)
    latest_received_on = models.DateField(null=True)
    is_quiet = models.BooleanField(default=False)

    class Privacy:
        plain = {"pk", "run", "feed", "months", "complete_through", "completeness", "latest_received_on", "is_quiet"}

    def __str__(self):
        return f"{self.feed} through {self.complete_through}"


class FreshnessMonth(OfRun):
    """One month of one feed: what was paid for care in it so far, what we expect in the end, and whether it fell short."""

    pk = models.CompositePrimaryKey("run_id", "feed", "month")
    feed = models.TextField()
    month = models.DateField()
    incurred_paid = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    expected_paid = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    completeness = models.FloatField(null=True)
    rows = models.BigIntegerField(null=True)
    is_short = models.BooleanField(default=False)
    is_quiet = models.BooleanField(default=False)

    class Privacy:
        plain = {"pk", "run", "feed", "month", "incurred_paid", "expected_paid", "completeness", "rows"} | {
            "is_short",
            "is_quiet",
        }

    def __str__(self):
        return f"{self.feed} {self.month:%Y-%m}"

    @property
    def missing(self) -> float | None:
        """The share of the month's expected claims that has not come; None when it cannot be told."""
        return None if self.completeness is None else max(0.0, 1.0 - self.completeness)


class UnknownCode(OfRun):
    """How many codes of one kind no table of ours knows, with a few examples."""

    pk = models.CompositePrimaryKey("run_id", "code_system", "table")
    code_system = models.TextField()
    table = models.TextField()
    lines = models.BigIntegerField(null=True)
    unknown = models.BigIntegerField(null=True)
    share = models.FloatField(null=True)
    examples = models.TextField(default="")

    class Privacy:
        plain = {"pk", "run", "code_system", "table", "lines", "unknown", "share", "examples"}

    def __str__(self):
        return f"{self.code_system} in {self.table}"


class ProviderName(OfRun):
    """What the data call a provider or a hospital, by its NPI; one without a name has no row."""

    pk = models.CompositePrimaryKey("run_id", "npi")
    npi = models.TextField(db_collation="C")
    name = models.TextField()

    class Privacy:
        plain = {"pk", "run", "npi", "name"}

    def __str__(self):
        return f"{self.name} ({self.npi})"


class DispensedProduct(OfRun):
    """What RxNorm calls a product that somebody was handed out; one it does not know has an empty name."""

    pk = models.CompositePrimaryKey("run_id", "product")
    product = models.TextField(db_collation="C", help_text="rxcui:… where RxNorm knows it, else ndc:…")
    name = models.TextField(default="", help_text="With strength and form.")
    ingredients = models.TextField(default="", help_text="Joined with |.")
    strengths = models.TextField(default="", help_text="In the order of the ingredients.")
    dose_form = models.TextField(default="")
    brand = models.TextField(default="")

    class Privacy:
        plain = {"pk", "run", "product", "name", "ingredients", "strengths", "dose_form", "brand"}

    def __str__(self):
        return self.name or self.product


class Worth(OfRun):
    """What the order was worth on an earlier day: stays its first people had later, beside other orders and chance."""

    pk = models.CompositePrimaryKey("run_id", "scored_on", "people_group", "method", "top_share")
    scored_on = models.DateField()
    months_back = models.IntegerField()
    is_complete = models.BooleanField()
    people_group = models.TextField()
    method = models.TextField()
    top_share = models.FloatField()
    people = models.IntegerField()
    chosen = models.IntegerField()
    stays = models.IntegerField()
    caught = models.FloatField()
    share = models.FloatField(null=True)

    class Privacy:
        plain = {"pk", "run", "scored_on", "months_back", "is_complete", "people_group", "method", "top_share"} | {
            "people",
            "chosen",
            "stays",
            "caught",
            "share",
        }

    def __str__(self):
        return f"{self.method} on {self.scored_on}"
