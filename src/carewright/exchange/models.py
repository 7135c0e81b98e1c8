"""
What was received, how other people's columns are read, and which sources are protected.

Claim lines never enter PostgreSQL: they land as Parquet (`carewright.warehouse.landing`). Here stands what an operator
needs to know about each file, and what a person decided about reading it.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from carewright.exchange import words
from carewright.exchange.files.checking import FORMATS
from carewright.plumbing.constraints import not_blank
from carewright.warehouse.layout import layouts


class DeliveryQuerySet(models.QuerySet):
    def of_feed(self, source: str, kind: str):
        return self.filter(source=source, kind=kind)

    def landed(self):
        return self.filter(state=Delivery.State.LANDED)

    def leaving(self):
        """Those somebody took back, and whose rows or facts may still count until that is done."""
        return self.filter(state=Delivery.State.LEAVING)

    def needs_attention(self):
        """What an operator should look at: waiting for a column map, refused, or broken off."""
        return self.filter(state__in=(Delivery.State.WAITING, Delivery.State.REFUSED))


class Delivery(models.Model):
    """
    One file, exactly as received, and what became of it.

    Its bytes stay in the home under their SHA-256, so the same file twice is one delivery. Every row of it was kept,
    set aside, or was the same again: the three add up to the rows read.
    """

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        LANDED = "landed", _("Landed")
        WAITING = "waiting", _("Waits for a column map")
        REFUSED = "refused", _("Could not be read")
        LEAVING = "leaving", _("Being taken back")
        TAKEN_BACK = "taken_back", _("Taken back")

    sha256 = models.CharField(max_length=64, unique=True)
    delivery_id = models.CharField(max_length=12, unique=True, help_text="The first 12 digits of the SHA-256.")
    file_name = models.TextField()
    path = models.TextField(default="", blank=True, help_text="Where it lay when it was received.")
    kind = models.TextField(default="", blank=True, help_text="The landed table, or fhir.")
    source = models.TextField(default="", blank=True, help_text="The feed.")
    bytes = models.BigIntegerField(default=0)
    state = models.TextField(choices=State, default=State.READING)
    is_strict = models.BooleanField(default=False, help_text="Read with --strict: what is odd was set aside.")
    batch_id = models.TextField(default="", blank=True)
    received_seq = models.BigIntegerField(null=True, blank=True)
    charted_upto = models.BigIntegerField(
        null=True, blank=True, help_text="The newest person's number known when its rows went to the charts."
    )
    rows_read = models.BigIntegerField(default=0)
    rows_kept = models.BigIntegerField(default=0)
    rows_rejected = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    first_date = models.DateField(null=True, blank=True)
    last_date = models.DateField(null=True, blank=True)
    rejects_path = models.TextField(default="", blank=True)
    reasons = models.JSONField(default=list, blank=True, help_text="Why rows were set aside, and remarks on kept ones.")
    columns = models.JSONField(default=list, blank=True, help_text="Columns read, and how many rows filled them.")
    notes = models.JSONField(default=list, blank=True)
    map = models.ForeignKey("ColumnMap", models.PROTECT, null=True, blank=True, related_name="deliveries")
    received_at = models.DateTimeField()
    received_by = models.TextField(help_text="Who brought it in: a person's sign-in or system:<what>.")
    finished_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(default="", blank=True)

    objects = DeliveryQuerySet.as_manager()

    # As a reader may see them; `exchange.showing.as_shown` sets both, and a page shows no others.
    shown_name: str
    shown_problem: str

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="delivery_latest"),
            models.Index(fields=["source", "kind", "-received_at"], name="delivery_feed"),
        ]
        constraints = [
            models.CheckConstraint(
                name="delivery_rows_add_up",
                condition=Q(rows_read=F("rows_kept") + F("rows_rejected") + F("duplicates")),
                violation_error_message=_("Every row is kept, set aside, or the same again."),
            ),
            models.CheckConstraint(
                name="delivery_id_is_the_hash",
                condition=Q(sha256__startswith=F("delivery_id")),
                violation_error_message=_("A delivery is named by the beginning of its hash."),
            ),
            models.CheckConstraint(
                name="delivery_finishes_after_it_starts",
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("received_at")),
                violation_error_message=_("It cannot finish before it was received."),
            ),
        ]

    class Privacy:
        direct = {"received_by"}
        plain = {
            *(
                "id",
                "sha256",
                "delivery_id",
                "file_name",
                "path",
                "kind",
                "source",
                "charted_upto",
                "bytes",
                "state",
                "is_strict",
                "batch_id",
            ),
            *("received_seq", "rows_read", "rows_kept", "rows_rejected", "duplicates", "first_date", "last_date"),
            *("rejects_path", "reasons", "columns", "notes", "map", "received_at", "finished_at", "problem"),
        }

    def __str__(self):
        return f"{self.file_name} ({self.delivery_id})"

    @property
    def is_finished(self) -> bool:
        return self.state != self.State.READING

    @property
    def kind_said(self) -> str:
        """What its rows are, in words."""
        return words.kind_said(self.kind)

    @property
    def received_by_said(self) -> str:
        """Who brought it in, in words where it was no person."""
        return words.brought_by_said(self.received_by)


class TakenBack(models.Model):
    """
    A load that somebody took back: who, when and why, and when nothing of it counted any more.

    It stays when the same file is loaded again.
    """

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="taken_back")
    because = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rows = models.BigIntegerField(help_text="How many of its rows counted until then.")
    batch_id = models.TextField(unique=True, help_text="The batch whose manifest says that they count no more.")
    done_at = models.DateTimeField(null=True, blank=True)
    facts = models.BigIntegerField(default=0, help_text="How many facts left the charts.")
    problem = models.TextField(default="", blank=True, help_text="What kept it from being finished.")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "taken back"
        constraints = [
            models.UniqueConstraint(
                fields=["delivery"], condition=Q(done_at__isnull=True), name="taken_back_one_at_a_time",
                violation_error_message=_("This file is being taken back already."),
            ),
            not_blank("taken_back_says_why", "because"),
            models.CheckConstraint(
                name="taken_back_is_done_after_it_is_asked",
                condition=Q(done_at__isnull=True) | Q(done_at__gte=F("at")),
                violation_error_message=_("It cannot be done before it was asked for."),
            ),
        ]  # fmt: skip

    class Privacy:
        plain = {"id", "delivery", "because", "at", "by", "rows", "batch_id", "done_at", "facts", "problem"}

    def __str__(self):
        return f"{self.delivery} taken back"


class ColumnMap(models.Model):
    """
    What the columns of one sender's file mean, so that the next file of that shape is read by itself.

    A map is never edited: saving it again makes the next version, and deliveries keep the version they were read with.
    The latest version of a header's fingerprint is the one in force.
    """

    name = models.TextField()
    version = models.PositiveIntegerField(default=1)
    table = models.TextField(help_text="The landed table its rows land in.")
    source = models.TextField(default="", blank=True, help_text="The feed its files belong to.")
    fingerprint = models.CharField(max_length=64, help_text="What its header is recognized by.")
    header = models.JSONField(help_text="The file's column names, in order.")
    columns = models.JSONField(help_text="Ours, theirs (or a constant), date format, list of codes.")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = [Upper("name"), "-version"]
        constraints = [
            models.UniqueConstraint(fields=["fingerprint", "version"], name="column_map_version_once"),
            not_blank("column_map_has_a_name", "name"),
            models.CheckConstraint(
                name="column_map_versions_count_from_one",
                condition=Q(version__gte=1),
                violation_error_message=_("From 1."),
            ),
        ]

    class Privacy:
        plain = {
            *("id", "name", "version", "table", "source", "fingerprint", "header", "columns", "saved_at", "saved_by"),
            "retired_at",
        }

    def __str__(self):
        return f"{self.name} v{self.version}"

    @property
    def table_said(self) -> str:
        """What its rows are, in words."""
        return words.kind_said(self.table)

    def clean(self):
        """Every column of ours exists, is mapped once, and every needed one is mapped."""
        shape = layouts().get(self.table)
        if shape is None:
            raise ValidationError({"table": _("No landed table is called that.")})
        ours = [said["ours"] for said in self.columns]
        unknown = sorted(set(ours) - set(shape.by_name))
        if unknown:
            said = _("%(table)s has no column %(columns)s.") % {"table": self.table, "columns": ", ".join(unknown)}
            raise ValidationError({"columns": said})
        twice = sorted({name for name in ours if ours.count(name) > 1})
        if twice:
            raise ValidationError({"columns": _("Mapped more than once: %(columns)s.") % {"columns": ", ".join(twice)}})
        missing = [column.name for column in shape.columns if column.needed and column.name not in ours]
        if missing:
            said = _("Still to be mapped, because no row can land without: %(columns)s.") % {
                "columns": ", ".join(missing)
            }
            raise ValidationError({"columns": said})
        number = shape.numbered_by
        if any(said["ours"] == number and said.get("constant") for said in self.columns):
            said = _("%(column)s tells rows apart; the same for all of them, one row would be left.") % {
                "column": number
            }
            raise ValidationError({"columns": said})
        if any(said.get("of_row") and said["ours"] != number for said in self.columns):
            said = _("Only %(column)s can be made of what a row says.") % {"column": number or _("a number of rows")}
            raise ValidationError({"columns": said})
        wrong = sorted({said["date_format"] for said in self.columns if said.get("date_format")} - set(FORMATS))
        if wrong:
            raise ValidationError({"columns": _("No such date format: %(formats)s.") % {"formats": ", ".join(wrong)}})


class SensitiveSource(models.Model):
    """
    A provider or a feed whose records are protected by 42 CFR Part 2, because of who they come from.

    Facts from it land and stay closed. Withdrawing the declaration keeps the row: what was protected when is part of
    the record.
    """

    class Kind(models.TextChoices):
        NPI = "npi", _("Provider (NPI)")
        FEED = "feed", _("Feed")

    kind = models.TextField(choices=Kind)
    value = models.TextField(help_text="The ten-digit NPI, or the feed's name.")
    tag = models.TextField(default="part2", choices=[("part2", _("42 CFR Part 2"))])
    because = models.TextField(help_text="Why it is protected, in words.")
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "tag"], condition=Q(ended_at__isnull=True), name="sensitive_source_once",
                violation_error_message=_("This source is declared already."),
            ),
            models.CheckConstraint(
                name="sensitive_source_npi_has_ten_digits", condition=~Q(kind="npi") | Q(value__regex=r"^[12][0-9]{9}$"),
                violation_error_message=_("An NPI has ten digits and begins with 1 or 2."),
            ),
            not_blank("sensitive_source_has_a_value", "value"),
            not_blank("sensitive_source_says_why", "because"),
            models.CheckConstraint(
                name="sensitive_source_end_says_why",
                condition=Q(ended_at__isnull=True) | Q(ended_because__regex=r"\S"),
                violation_error_message=_("Say why it is no longer protected."),
            ),
        ]  # fmt: skip

    class Privacy:
        plain = {
            *("id", "kind", "value", "tag", "because", "declared_at", "declared_by", "ended_at", "ended_because"),
        }

    def __str__(self):
        return f"{self.get_kind_display()} {self.value}"
