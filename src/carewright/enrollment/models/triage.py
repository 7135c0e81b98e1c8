"""
The four doors: what somebody sent us about a person, exactly as they typed it, and the one list where it is decided.

A referral comes from somebody outside, so it is kept as it came and never read as anything but words. Whom it is about
is a question of its own: until a member of staff (or a sure number) says so, a row here is about nobody we know.
"""

import uuid
from datetime import date

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carewright.enrollment import sentences
from carewright.plumbing.constraints import all_or_none, ends_after_it_starts, not_blank
from carewright.plumbing.history import keeps_history


class Door(models.TextChoices):
    """Which way somebody came to us."""

    CLAIMS = "claims", _("Claims and rules")
    PROVIDER = "provider", _("Provider")
    SELF = "self", _("Self or caregiver")
    STAFF = "staff", _("A caller, written down by staff")
    INTERNAL = "internal", _("Inside our organization")


class TriageItemQuerySet(models.QuerySet):
    """Items of triage, asked by day."""

    def waiting(self, day: date):
        """Those that wait for a decision: never decided, waiting for the PCP's answer, or back after "not now"."""
        return self.filter(
            Q(decision__isnull=True) | Q(decision="ask_pcp") | Q(decision="not_now", until__lt=day), joined_to=None
        )

    def still_open(self):
        """Those that are not over: waiting, or set aside until a day."""
        return self.filter(Q(decision__isnull=True) | Q(decision__in=["ask_pcp", "not_now"]), joined_to=None)


@keeps_history()
class TriageItem(models.Model):
    """
    One person on the triage list, over all doors: who asked first, by when we answer, and what was decided.

    Everything sent about the same person hangs on the same item. `patient` is empty until somebody says who it is.
    """

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        NOT_NOW = "not_now", _("Not now")
        EXCLUDED = "excluded", _("Excluded")
        ASK_PCP = "ask_pcp", _("Waiting for the PCP")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, null=True, blank=True, related_name="triage_items")
    door = models.TextField(choices=Door)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="By when we said we would answer.")
    is_urgent = models.BooleanField(default=False, help_text="The sender asked for today.")
    program = models.TextField(blank=True, default="", db_collation="C", help_text="The program meant, when one is.")
    decision = models.TextField(choices=Decision, null=True, blank=True)
    until = models.DateField(null=True, blank=True, help_text="Not now: the last day, inclusive.")
    because = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    joined_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="joined")

    objects = TriageItemQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.CheckConstraint(name="triage_door_is_known", condition=Q(door__in=Door.values)),
            all_or_none("triage_decision_is_complete", "decision", "decided_at", "decided_by"),
            models.CheckConstraint(
                name="triage_decision_is_known",
                condition=Q(decision__isnull=True) | Q(decision__in=["accepted", "not_now", "excluded", "ask_pcp"]),
            ),
            models.CheckConstraint(
                name="triage_not_now_has_a_day",
                condition=Q(decision__isnull=True) | ~Q(decision="not_now") | Q(until__isnull=False),
                violation_error_message=_("Say until when."),
            ),
            models.CheckConstraint(
                name="triage_excluded_has_a_reason",
                condition=Q(decision__isnull=True) | ~Q(decision="excluded") | Q(because__regex=r"\S"),
                violation_error_message=_("Say why."),
            ),
            models.CheckConstraint(
                name="triage_decided_about_somebody",
                condition=Q(patient__isnull=False) | Q(decision__isnull=True) | Q(decision="excluded"),
                violation_error_message=_("Say who this is about first."),
            ),
            models.UniqueConstraint(
                name="triage_one_open_per_patient",
                fields=["patient"],
                condition=Q(joined_to__isnull=True)
                & (Q(decision__isnull=True) | Q(decision__in=["ask_pcp", "not_now"])),
                violation_error_message=_("This person is on the triage list already."),
            ),
        ]
        indexes = [models.Index(fields=["decision", "opened_at"], name="triage_waiting")]

    class Privacy:
        clinical = {"door", "program", "decision", "until", "because", "note", "is_urgent"}
        plain = {"id", "public_id", "patient", "opened_at", "due_at", "decided_at", "decided_by", "joined_to"}

    def __str__(self):
        return f"Triage {self.public_id}"

    @property
    def said_note(self) -> str:
        """What is noted with it: typed by somebody, or why nothing could begin by itself, in the reader's language."""
        return sentences.in_words(self.note)

    def is_waiting(self, day: date) -> bool:
        """Whether it waits for a decision on that day."""
        if self.joined_to_id is not None:
            return False
        back = self.decision == self.Decision.NOT_NOW and self.until is not None and self.until < day
        return self.decision in (None, self.Decision.ASK_PCP) or back


class IncomingReferral(models.Model):
    """
    What somebody sent us about a person, exactly as they typed it; never changed afterwards.

    The sender is told a code, with which they may ask how far it got; only its fingerprint is kept. The address it came
    from is kept as a fingerprint too, to tell a person from a flood.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    item = models.ForeignKey(TriageItem, models.PROTECT, related_name="referrals")
    patient = models.ForeignKey(
        "registry.Patient", models.PROTECT, null=True, blank=True, related_name="incoming_referrals"
    )
    door = models.TextField(choices=Door)
    inside = models.TextField(blank=True, default="", help_text="Internal: who inside (discharge planner, UM, …).")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    form_language = models.TextField(default="en", help_text="The language of the form it was written in.")
    person_name = models.TextField()
    person_phone = models.TextField(blank=True, default="")
    person_born = models.TextField(blank=True, default="", help_text="The birth date as typed.")
    person_language = models.TextField(blank=True, default="")
    person_number = models.TextField(blank=True, default="", help_text="A member or record number, as typed.")
    for_whom = models.TextField(blank=True, default="", help_text="`me` or `other`.")
    may_leave_message = models.BooleanField(null=True, blank=True, help_text="Empty: nobody was asked.")
    best_time = models.TextField(blank=True, default="")
    reasons = ArrayField(models.TextField(), default=list, blank=True)
    how_soon = models.TextField(blank=True, default="")
    does_know = models.TextField(blank=True, default="", help_text="Whether the person knows of the referral.")
    words = models.TextField(blank=True, default="")
    sender_name = models.TextField(blank=True, default="")
    sender_organization = models.TextField(blank=True, default="")
    sender_phone = models.TextField(blank=True, default="")
    link = models.ForeignKey("ReferralLink", models.PROTECT, null=True, blank=True, related_name="referrals")
    code_digest = models.TextField(unique=True, db_collation="C")
    came_from = models.TextField(blank=True, default="", db_collation="C")

    class Meta:
        ordering = ["received_at", "pk"]
        constraints = [
            models.CheckConstraint(name="incoming_referral_door_is_known", condition=Q(door__in=Door.values)),
            not_blank("incoming_referral_names_somebody", "person_name"),
        ]
        indexes = [
            models.Index(fields=["came_from", "received_at"], name="incoming_referral_came_from"),
            models.Index(fields=["item"], name="incoming_referral_item"),
        ]
        triggers = [
            pgtrigger.Protect(name="referral_is_never_deleted", operation=pgtrigger.Delete),
            # What the sender typed stays as it came; whom it is about is said later.
            pgtrigger.Protect(
                name="referral_words_never_change",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "door",
                    "inside",
                    "received_at",
                    "received_by",
                    "form_language",
                    "person_name",
                    "person_phone",
                    "person_born",
                    "person_language",
                    "person_number",
                    "for_whom",
                    "may_leave_message",
                    "best_time",
                    "reasons",
                    "how_soon",
                    "does_know",
                    "words",
                    "sender_name",
                    "sender_organization",
                    "sender_phone",
                    "link",
                    "code_digest",
                    "came_from",
                ),
            ),
        ]

    class Privacy:
        direct = {"person_name", "person_phone", "person_born", "person_number", "sender_name", "sender_phone"}
        clinical = {
            "door", "inside", "person_language", "for_whom", "may_leave_message", "best_time", "reasons", "how_soon",
            "does_know", "words", "sender_organization",
        }  # fmt: skip
        secret = {"code_digest", "came_from"}
        plain = {"id", "public_id", "item", "patient", "received_at", "received_by", "form_language", "link"}

    def __str__(self):
        return f"Referral {self.public_id}"


@keeps_history(never=("code_digest",))
class ReferralLink(models.Model):
    """A practice's own address for referrals, until a day: whoever holds it is that practice, and sees its referrals."""

    organization = models.TextField()
    contact_name = models.TextField(blank=True, default="")
    code_digest = models.TextField(unique=True, db_collation="C")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day, inclusive.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When somebody ended it before its last day.")

    class Meta:
        ordering = ["organization", "-made_at"]
        constraints = [
            not_blank("referral_link_organization_not_blank", "organization"),
            ends_after_it_starts("referral_link_ends_after_it_starts"),
        ]

    class Privacy:
        direct = {"contact_name"}
        secret = {"code_digest"}
        plain = {"id", "organization", "starts_on", "ends_on", "made_by", "made_at", "ended_at"}

    def __str__(self):
        return f"Link of {self.organization}"
