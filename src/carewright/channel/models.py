"""What was sent or stopped at the gate, what came back, and who asked not to be written to."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carewright.channel import sentences
from carewright.plumbing.constraints import all_or_none, not_blank
from carewright.plumbing.history import keeps_history


class Kind(models.TextChoices):
    """The ways out of the house."""

    SMS = "sms", _("Text message")
    EMAIL = "email", _("Email")
    LETTER = "letter", _("Letter")
    FAX = "fax", _("Fax")
    PAGE = "page", _("Page to a colleague")


class MessageQuerySet(models.QuerySet):
    """Messages, asked by where they are."""

    def waiting_at(self, at):
        """Those the gate holds whose hour has come."""
        return self.filter(state=Message.State.HELD, held_until__lte=at)

    def to_try_at(self, at):
        """Those let through that are to be tried (again) now."""
        return self.filter(state=Message.State.QUEUED, next_try_at__lte=at)

    def on_their_way(self):
        """Those that left or are about to: everything but held, refused and failed."""
        return self.filter(state__in=Message.ON_THEIR_WAY)


class Message(models.Model):
    """
    One thing that was to be sent: to whom, by which way, in which words, and what became of it.

    A row stays whatever happens: `held` waits for an hour or a setting, `refused` will never be sent, both with the rule
    (`because`) and its sentence (`said`). `to` is where it went as it was written that day. A page to a colleague is
    about a patient (`patient`) and goes to `user`.
    """

    class State(models.TextChoices):
        HELD = "held", _("Held")
        REFUSED = "refused", _("Refused")
        QUEUED = "queued", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    ON_THEIR_WAY = ("queued", "sending", "sent", "delivered")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey("registry.Patient", models.PROTECT, null=True, blank=True, related_name="messages")
    contact_point = models.ForeignKey(
        "registry.ContactPoint", models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    address = models.ForeignKey("registry.Address", models.SET_NULL, null=True, blank=True, related_name="messages")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="pages")
    kind = models.TextField(choices=Kind)
    to = models.TextField(help_text="The number, email or address as it was that day.")
    template = models.TextField(db_collation="C")
    language = models.TextField(default="en")
    subject = models.TextField(blank=True, default="")
    body = models.TextField()
    is_automated = models.BooleanField(default=True, help_text="Sent by the house, not typed by a person.")
    about_kind = models.TextField(blank=True, default="")
    about_public_id = models.UUIDField(null=True, blank=True)
    state = models.TextField(choices=State)
    because = models.TextField(blank=True, default="", help_text="The rule that holds or refuses it.")
    said = models.TextField(blank=True, default="", help_text="The same in a sentence.")
    held_until = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Empty when the house itself asked.",
    )  # fmt: skip
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    carrier = models.TextField(blank=True, default="", help_text="Which adapter took it.")
    carrier_id = models.TextField(blank=True, default="", db_collation="C", help_text="The carrier's number for it.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="message_kind_is_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="message_state_is_known",
                condition=Q(state__in=["held", "refused", "queued", "sending", "sent", "delivered", "failed"]),
            ),
            models.CheckConstraint(
                name="message_says_why_it_is_stopped",
                condition=~Q(state__in=["held", "refused", "failed"])
                | (Q(because__regex=r"\S") & Q(said__regex=r"\S")),
            ),
            models.CheckConstraint(
                name="message_is_about_a_patient_or_to_a_colleague",
                condition=Q(patient__isnull=False) | Q(user__isnull=False),
            ),
            models.CheckConstraint(
                name="message_page_goes_to_a_colleague", condition=~Q(kind="page") | Q(user__isnull=False)
            ),
            models.CheckConstraint(
                name="message_sent_has_a_moment",
                condition=~Q(state__in=["sent", "delivered"]) | Q(sent_at__isnull=False),
            ),
            not_blank("message_body_not_blank", "body"),
        ]
        indexes = [
            models.Index(fields=["patient", "-asked_at"], name="message_of_patient"),
            models.Index(fields=["kind", "to", "asked_at"], name="message_to"),
            models.Index(fields=["held_until"], name="message_held", condition=Q(state="held")),
            models.Index(fields=["next_try_at"], name="message_queued", condition=Q(state="queued")),
            models.Index(fields=["failed_at"], name="message_failed", condition=Q(state="failed")),
            models.Index(fields=["carrier", "carrier_id"], name="message_carrier", condition=~Q(carrier_id="")),
        ]

    class Privacy:
        direct = {"to", "subject", "body", "contact_point", "address"}
        clinical = {"template", "because", "said", "about_kind", "about_public_id"}
        plain = {
            "id", "public_id", "patient", "user", "kind", "language", "is_automated", "state", "held_until", "asked_at",
            "asked_by", "attempts", "next_try_at", "sent_at", "delivered_at", "failed_at", "carrier", "carrier_id",
        }  # fmt: skip

    def __str__(self):
        return f"{self.kind} {self.public_id}, {self.state}"

    @property
    def told(self) -> str:
        """Why it waits, was refused or failed, in the reader's language; nothing when there is nothing to say."""
        return sentences.in_words(self.said) if self.said else ""


class Receipt(models.Model):
    """One thing we learned about a message on its way: tried, taken by the carrier, delivered, bounced, and when."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="receipts")
    patient = models.ForeignKey("registry.Patient", models.PROTECT, null=True, blank=True, related_name="+")
    what = models.TextField(help_text="held, refused, queued, sent, delivered, not_taken or failed")
    at = models.DateTimeField()
    words = models.TextField(blank=True, default="", help_text="What the carrier or the gate said.")

    class Meta:
        constraints = [not_blank("receipt_what_not_blank", "what")]
        indexes = [models.Index(fields=["patient"], name="receipt_of_patient")]

    class Privacy:
        direct = {"words"}
        plain = {"id", "message", "patient", "what", "at"}

    def __str__(self):
        return f"{self.what} for message {self.message_id}"


@keeps_history()
class Stop(models.Model):
    """
    A number that asked for no more texts, in the words it used.

    It belongs to the number, not to a patient: everyone who shares the number gets no text. It stands until the same
    number says START.
    """

    number = models.TextField(db_collation="C", help_text="Digits with the country code: +14135550123.")
    words = models.TextField()
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_because = models.TextField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stop_stands_once", fields=["number"], condition=Q(lifted_at__isnull=True)),
            all_or_none("stop_lifted_with_a_reason", "lifted_at", "lifted_because"),
            not_blank("stop_number_not_blank", "number"),
        ]

    class Privacy:
        direct = {"number", "words", "lifted_because"}
        plain = {"id", "at", "lifted_at"}

    def __str__(self):
        return f"Stop {self.pk}"


@keeps_history()
class DoNotContact(models.Model):
    """
    A patient who is not to be contacted: all ways, or only some, since when, why, until when.

    It stops what the house sends. Whether a colleague may call by hand is shown wherever a number is shown.
    """

    class Because(models.TextChoices):
        ASKED = "asked", _("Asked not to be contacted")
        WITHDREW = "withdrew", _("Withdrew consent")
        REPORTED_DEAD = "reported_dead", _("Reported as deceased")
        SAFETY = "safety", _("Contact could put them in danger")
        LEGAL = "legal", _("A legal or payer instruction")
        DECLINED = "declined", _("Declined; no new offer for now")

    patient = models.ForeignKey("registry.Patient", models.PROTECT, related_name="contact_stops")
    kinds = models.TextField(blank=True, default="", help_text="Ways with commas between; empty: every way.")
    because = models.TextField(choices=Because)
    words = models.TextField(blank=True, default="")
    starts_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Empty when the house itself did it.",
    )  # fmt: skip
    ends_at = models.DateTimeField(null=True, blank=True, help_text="From this moment it no longer holds.")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_because = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="do_not_contact_because_is_known",
                condition=Q(because__in=["asked", "withdrew", "reported_dead", "safety", "legal", "declined"]),
            ),
            models.CheckConstraint(
                name="do_not_contact_ends_after_it_starts",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
            ),
        ]
        indexes = [models.Index(fields=["patient"], name="do_not_contact_of_patient")]

    class Privacy:
        clinical = {"kinds", "because", "words", "ended_because"}
        plain = {"id", "patient", "starts_at", "started_by", "ends_at", "ended_by"}

    def __str__(self):
        return f"Do not contact patient {self.patient_id}"

    @property
    def said_ways(self) -> str:
        """The ways it stops, in words; nothing when it stops every way."""
        names = {kind.value: str(kind.label) for kind in Kind} | {"call": gettext("Call")}
        return ", ".join(names.get(kind, kind).lower() for kind in self.kinds.split(",") if kind)

    def concerns(self, kind: str) -> bool:
        """Whether it stops this way of contact."""
        return not self.kinds or kind in self.kinds.split(",")


class IncomingText(models.Model):
    """
    A text somebody sent us: from which number, in which words, and how it was read.

    `patient` is filled only when the number belongs to exactly one patient; for a shared or unknown number nobody is
    guessed.
    """

    class ReadAs(models.TextChoices):
        STOP = "stop", _("Asked for no more texts")
        START = "start", _("Asked for texts again")
        HELP = "help", _("Asked who we are")
        WORDS = "words", _("To be read by a person")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(
        "registry.Patient", models.PROTECT, null=True, blank=True, related_name="incoming_texts"
    )
    number = models.TextField(db_collation="C")
    words = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    read_as = models.TextField(choices=ReadAs)
    carrier_id = models.TextField(blank=True, default="", db_collation="C", help_text="The carrier's number for it.")
    answered_with = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="incoming_text_read_as_is_known", condition=Q(read_as__in=["stop", "start", "help", "words"])
            ),
            models.UniqueConstraint(name="incoming_text_once", fields=["carrier_id"], condition=~Q(carrier_id="")),
        ]
        indexes = [models.Index(fields=["patient", "-at"], name="incoming_text_of_patient")]

    class Privacy:
        direct = {"number", "words"}
        plain = {"id", "public_id", "patient", "at", "read_as", "carrier_id", "answered_with"}

    def __str__(self):
        return f"Incoming text {self.public_id}"


@keeps_history()
class Pager(models.Model):
    """Where a colleague on call is reached at any hour: a phone for texts, or an email. Without one, their sign-in email."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="pager")
    kind = models.TextField(choices=[("sms", "Text message"), ("email", "Email")])
    value = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="pager_kind_is_known", condition=Q(kind__in=["sms", "email"])),
            not_blank("pager_value_not_blank", "value"),
        ]

    class Privacy:
        direct = {"value"}
        plain = {"id", "user", "kind"}

    def __str__(self):
        return f"Pager of user {self.user_id}"
