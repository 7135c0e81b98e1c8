"""
The one gate: whether something may go to this person, this way, at this hour; and if not, why, in a sentence.

Each rule answers a `Stopped` or nothing, and the first that answers decides. The rules are asked when a message is made,
again when it was held and its hour has come, and once more right before it leaves: whoever said STOP in between gets
nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_noop, override

from carewright.channel import places, rules, sentences, wording
from carewright.channel.configuration import Sending
from carewright.channel.models import DoNotContact, Kind, Message, Stop
from carewright.knowledge.programs import ALL_RULES
from carewright.registry.models import Address, ContactPoint, Patient, PatientPreference

HOLD_WITHOUT_CARRIER = timedelta(hours=1)
AUTOMATED = frozenset({Kind.SMS, Kind.EMAIL, Kind.LETTER})


@dataclass(frozen=True)
class Stopped:
    """Why something does not go out: the rule, the sentence as it is kept (`sentences`), and until when, if waiting helps."""

    because: str
    said: str
    until: datetime | None = None


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to send, as the rules see it. `body` is free of the names of people."""

    kind: str
    template: wording.Template
    body: str
    length: int
    patient: Patient | None
    to: str
    at: datetime
    point: ContactPoint | None = None
    address: Address | None = None
    by_person: bool = False
    already: int | None = None  # the message itself, when it is asked again


def sending() -> Sending:
    """How this installation sends."""
    return settings.CHANNEL


def judge(wanted: Wanted) -> Stopped | None:
    """The first rule that stops it, or nothing when it may go."""
    return next((stopped for rule in RULES if (stopped := rule(wanted))), None)


def judge_again(message: Message, at: datetime) -> Stopped | None:
    """Whether a message that waited may go now."""
    template = wording.BY_CODE.get(message.template)
    if template is None:
        return Stopped("template", gettext_noop("This wording is no longer used."))
    return judge(Wanted(
        kind=message.kind, template=template, body="", length=len(message.body), patient=message.patient, to=message.to,
        at=at, point=message.contact_point, address=message.address, by_person=message.asked_by_id is not None,
        already=message.pk,
    ))  # fmt: skip


def _words(wanted: Wanted) -> Stopped | None:
    if not wanted.template.is_public_safe:
        return Stopped(
            "not_public_safe", gettext_noop("This wording may not be read by others, so it is not sent in the open.")
        )
    if wanted.kind not in wanted.template.kinds:
        return Stopped("template", gettext_noop("This wording is not meant for this way of sending."))
    found = rules.says_too_much(wanted.body, names=(program.name for program in ALL_RULES))
    if found:
        return Stopped("private_words", sentences.TELLS_OTHERS.format(word=found))
    return None


def _call_back(wanted: Wanted) -> Stopped | None:
    # Refused, not held: its words were written without a number, and would go out without one later.
    if not sending().phone and "{phone}" in wanted.template.text[wording.ENGLISH]:
        return Stopped("no_phone", gettext_noop("No call-back number is set. Set CAREWRIGHT_PHONE."))
    return None


def _alive(wanted: Wanted) -> Stopped | None:
    if wanted.patient is not None and wanted.patient.died_on is not None and wanted.kind != Kind.PAGE:
        return Stopped("died", gettext_noop("This person has died."))
    return None


def _do_not_contact(wanted: Wanted) -> Stopped | None:
    if wanted.patient is None or wanted.kind in (Kind.PAGE, Kind.FAX) or wanted.template.was_asked_for:
        return None
    found = standing_stop(wanted.patient, wanted.kind, wanted.at)
    return Stopped("do_not_contact", kept_stop(found)) if found else None


def standing_stop(patient: Patient, kind: str, at: datetime) -> DoNotContact | None:
    """The request not to be contacted this way that stands at a moment, if there is one."""
    rows = DoNotContact.objects.filter(patient=patient, starts_at__lte=at).order_by("pk")
    return next((row for row in rows if (row.ends_at is None or row.ends_at > at) and row.concerns(kind)), None)


def said_stop(found: DoNotContact) -> str:
    """A request not to be contacted, as a sentence in the reader's language."""
    return sentences.in_words(kept_stop(found))


def kept_stop(found: DoNotContact) -> str:
    """The same as it is kept with what it stopped, in English."""
    with override(None):
        why, ways = found.get_because_display(), f" ({found.said_ways})" if found.kinds else ""
    day = sentences.day(timezone.localdate(found.starts_at))
    return sentences.NOT_TO_BE_CONTACTED.format(why=why, ways=ways, day=day)


def _right_address(wanted: Wanted) -> Stopped | None:
    point, address = wanted.point, wanted.address
    if wanted.kind == Kind.LETTER:
        whole = address is not None and address.line.strip() and address.city.strip() and address.zip_code.strip()
        return (
            None
            if whole
            else Stopped("no_address", gettext_noop("There is no complete address. Ask for it at the next call."))
        )
    if wanted.kind == Kind.PAGE:
        return None
    if point is None and wanted.kind in (Kind.SMS, Kind.EMAIL) and not wanted.template.was_asked_for and wanted.patient:
        return Stopped("no_contact_point", gettext_noop("The number or address is no longer on the record."))
    if point is not None and (since := point.wrong_since) is not None:
        return Stopped("wrong_number", sentences.FLAGGED_WRONG.format(day=sentences.day(since)))
    if point is not None and ContactPoint.objects.filter(pk=point.pk).first() is None:
        return Stopped(
            "held_away", gettext_noop("This number or address leads to somebody who is held away for safety.")
        )
    fits = {Kind.SMS: "phone", Kind.EMAIL: "email"}.get(Kind(wanted.kind))
    if (point is not None and fits and point.kind != fits) or not wanted.to:
        return Stopped("not_this_way", gettext_noop("This cannot be reached this way."))
    return None


def _stop(wanted: Wanted) -> Stopped | None:
    if wanted.kind != Kind.SMS or wanted.template.was_asked_for:
        return None
    found = Stop.objects.filter(number=wanted.to, lifted_at__isnull=True).first()
    if found is None:
        return None
    return Stopped("stop", sentences.ASKED_FOR_NO_MORE.format(day=sentences.day(timezone.localdate(found.at))))


def _consent(wanted: Wanted) -> Stopped | None:
    if wanted.template.was_asked_for or wanted.point is None:
        return None
    state = {Kind.SMS: wanted.point.text_consent, Kind.EMAIL: wanted.point.email_consent}.get(
        Kind(wanted.kind), "given"
    )
    if state == ContactPoint.Consent.GIVEN:
        return None
    if state is None and wanted.template.is_reply:
        return None  # whoever writes to us may be answered
    if state is None:
        return Stopped(
            "no_consent", gettext_noop("Nobody has asked whether this may be used for texts or emails. Ask first.")
        )
    return Stopped("no_consent", gettext_noop("Texts or emails to it were refused. Call or write instead."))


def _safe(wanted: Wanted) -> Stopped | None:
    if wanted.kind not in AUTOMATED or wanted.template.was_asked_for:
        return None
    if wanted.point is not None and wanted.point.forbids_messages:
        return Stopped("not_safe", gettext_noop("It is not safe to leave a message here."))
    if wanted.patient is not None and not wanted.by_person:
        words = PatientPreference.objects.filter(patient=wanted.patient).values_list("safe_contact", flat=True).first()
        if words and words.strip():
            return Stopped(
                "safe_contact", gettext_noop("How to reach this person safely is written in words. A person decides.")
            )
    return None


def _length(wanted: Wanted) -> Stopped | None:
    most = sending().longest_text
    if wanted.kind == Kind.SMS and wanted.length > most:
        return Stopped("too_long", sentences.TOO_LONG.format(n=wanted.length, most=most))
    return None


def _often(wanted: Wanted) -> Stopped | None:
    if wanted.kind != Kind.SMS or wanted.template.is_reply or wanted.patient is None:
        return None
    zone, numbers = places.zone_of(wanted.patient), sending()
    sent = texts_to(wanted.to, since=wanted.at - timedelta(days=8), besides=wanted.already)
    broken = rules.too_often(sent, wanted.at, zone, a_day=numbers.texts_a_day, a_week=numbers.texts_a_week)
    if broken == "day":
        return Stopped("too_often_day", sentences.ENOUGH_TODAY.format(n=numbers.texts_a_day))
    if broken == "week":
        return Stopped("too_often_week", sentences.ENOUGH_THIS_WEEK.format(n=numbers.texts_a_week))
    return None


def texts_to(number: str, *, since: datetime, besides: int | None = None) -> list[datetime]:
    """When automated texts went to a number, whoever of its owners they were about; the database counts behind the wall."""
    with connection.cursor() as cursor:
        # One at a time for a number, so that two senders in the same moment do not both find room.
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"channel:{number}"])
        cursor.execute("select moment from channel_texts_to(%s, %s, %s) as moment", [number, since, besides])
        return [row[0] for row in cursor.fetchall()]


def _hours(wanted: Wanted) -> Stopped | None:
    if wanted.kind != Kind.SMS or wanted.template.is_reply or wanted.patient is None:
        return None
    zone, numbers = places.zone_of(wanted.patient), sending()
    if rules.in_hours(wanted.at, zone, first=numbers.text_from, until=numbers.text_until):
        return None
    opening = rules.next_opening(wanted.at, zone, first=numbers.text_from)
    local = places.local(wanted.at, zone)
    said = sentences.QUIET_HOURS.format(time=f"{local:%-I:%M %p}", first=numbers.text_from, until=numbers.text_until)
    return Stopped("quiet_hours", said, until=opening if wanted.template.waits else None)


def _carrier(wanted: Wanted) -> Stopped | None:
    numbers = sending()
    if numbers.shows_only or wanted.kind in (Kind.LETTER, Kind.FAX, Kind.PAGE):
        return None
    missing = {
        Kind.SMS: (not numbers.sms_url, "CAREWRIGHT_SMS_URL"),
        Kind.EMAIL: (not numbers.has_smtp, "CAREWRIGHT_SMTP_HOST"),
    }[Kind(wanted.kind)]
    if not missing[0]:
        return None
    said = sentences.NO_CARRIER.format(setting=missing[1])
    return Stopped("no_carrier", said, until=wanted.at + HOLD_WITHOUT_CARRIER if wanted.template.waits else None)


RULES: tuple[Callable[[Wanted], Stopped | None], ...] = (
    _words, _call_back, _alive, _do_not_contact, _right_address, _stop, _consent, _safe, _length, _often, _hours, _carrier,
)  # fmt: skip


def language_of(patient: Patient | None) -> str:
    """The language we write to somebody in: the one they read, else the one they speak; English or Spanish."""
    if patient is None:
        return wording.ENGLISH
    preference = PatientPreference.objects.filter(patient=patient).first()
    told = (preference.written_language or preference.spoken_language) if preference else ""
    name = (told or patient.language).strip().casefold()
    return wording.SPANISH if name.startswith(("es", "spa")) else wording.ENGLISH


def filled(template: wording.Template, language: str, values: Mapping[str, object], organization: str) -> dict:
    """All values of a wording: those given, and those the gate knows."""
    numbers = sending()
    hours = numbers.hours_es if language == wording.SPANISH else numbers.hours
    return {"organization": organization, "phone": numbers.phone, "hours": hours} | dict(values)
