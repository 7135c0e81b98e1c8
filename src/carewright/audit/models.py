"""
The access log: who did what, when, to whose record, and why. It is only ever added to.

There are no foreign keys, so that nothing elsewhere can force a line out of the log. Four tables: `Entry` is the log;
`WaitingEntry` names the lines that no seal covers yet; `SealedEntry` and `Seal` are the chain that shows whether a
line was changed or taken away (see `carewright.audit.actions.seal`).
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """
    One thing somebody did.

    `by` is the person's email or `system:<what>`; `by_id`, `by_name` and `by_role` are theirs at that moment. The log
    never holds the values of private columns: `before` and `after` carry plain columns as they are, and of all others
    only a keyed fingerprint, which tells that a value changed and not what it was (the content is in the row history).
    """

    class Outcome(models.TextChoices):
        ALLOWED = "allowed", _("Allowed")
        REFUSED = "refused", _("Refused")

    # The database's own clock: nobody who writes an entry says when it was.
    at = models.DateTimeField(db_default=Func(function="clock_timestamp", output_field=models.DateTimeField()))
    by = models.TextField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.TextField(default="")
    by_role = models.TextField(default="")
    did = models.TextField(help_text="A verb: saw, changed, exported, refused, signed_in, broke_glass.")
    what = models.TextField(default="", help_text="Kind and number of the thing: patient:12, tie:7.")
    patient_ids = ArrayField(models.BigIntegerField(), default=list)
    page = models.TextField(default="")
    purpose = models.TextField(default="")
    why = models.TextField(default="", help_text="The reason given, or the rule that decided.")
    outcome = models.TextField(choices=Outcome, default=Outcome.ALLOWED)
    address = models.TextField(default="", help_text="The network address the request came from.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"], name="entry_at"),
            models.Index(fields=["by_id", "at"], name="entry_by_at"),
            GinIndex(fields=["patient_ids"], name="entry_patient_ids"),
        ]

    class Privacy:
        direct = {"by", "by_name", "address"}
        plain = {"id", "at", "by_id", "by_role", "did", "what", "patient_ids", "page", "purpose", "why", "outcome"} | {
            "before",
            "after",
        }

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.by} {self.did} {self.what}"


class Seal(models.Model):
    """One sealing: so many entries, chained to the seal before it."""

    at = models.DateTimeField()
    entries = models.IntegerField()
    last_position = models.BigIntegerField(unique=True)
    digest = models.TextField(help_text="SHA-256 of the chain up to here, in hex.")

    class Meta:
        ordering = ["id"]

    class Privacy:
        plain = {"id", "at", "entries", "last_position", "digest"}

    def __str__(self):
        return f"Seal {self.pk} of {self.entries} entries"


class SealedEntry(models.Model):
    """One entry's place in the chain, and the digest of the chain up to it."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    seal_id = models.BigIntegerField()
    digest = models.TextField()

    class Privacy:
        plain = {"position", "entry_id", "seal_id", "digest"}

    def __str__(self):
        return f"Entry {self.entry_id} at {self.position}"


class WaitingEntry(models.Model):
    """An entry that no seal covers yet; written with the entry, so one committed late is never passed over."""

    entry_id = models.BigIntegerField(primary_key=True)

    class Privacy:
        plain = {"entry_id"}

    def __str__(self):
        return f"Entry {self.entry_id} waits for its seal"
