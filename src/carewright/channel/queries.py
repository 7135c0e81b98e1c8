"""Questions about what was sent, and whether somebody may be contacted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from carewright.channel import gate, places, rules, sentences, wording
from carewright.channel.models import DoNotContact, IncomingText, Kind, Message
from carewright.registry import relating
from carewright.registry.models import Address, ContactPoint, Patient

CALL = "call"


@dataclass(frozen=True)
class May:
    """Whether somebody may be contacted this way now; `why` is a sentence when they may not."""

    yes: bool
    why: str = ""
    because: str = ""

    def __bool__(self) -> bool:
        return self.yes


def may(patient: Patient, kind: str, at: datetime) -> May:
    """
    Whether a patient may be contacted this way at a moment: `sms`, `email`, `letter`, or `call` for a call by hand.

    For texts and emails one contact point for which everything is in order is enough; a call needs a number that is not
    flagged as wrong and the hours of the patient's own clock.
    """
    if kind == CALL:
        return _may_call(patient, at)
    ways = _ways(patient, kind)
    if not ways:
        return May(False, _("There is no number or address for this on the record."), "none")
    stops = [_judged(patient, kind, way, at) for way in ways]
    if None in stops:
        return May(True)
    first = next(stop for stop in stops if stop is not None)
    return May(False, sentences.in_words(first.said), first.because)


def contact_point_for(patient: Patient, kind: str, at: datetime) -> ContactPoint | Address | None:
    """The number or address to use for a text, an email or a letter now; nothing when none may be used."""
    return next((way for way in _ways(patient, kind) if _judged(patient, kind, way, at) is None), None)


def not_to_be_reached(patient: Patient, at: datetime) -> DoNotContact | None:
    """The request by which somebody is neither called nor written to; nothing when one of both ways is open."""
    call = gate.standing_stop(patient, CALL, at)
    return call if call and gate.standing_stop(patient, Kind.LETTER, at) else None


def mail_address(patient: Patient) -> Address | None:
    """Where letters go: the address somebody receives mail at, before the one they live at."""
    return next((way for way in _ways(patient, Kind.LETTER) if isinstance(way, Address) and way.line.strip()), None)


def _ways(patient: Patient, kind: str) -> list[ContactPoint | Address]:
    if kind == Kind.LETTER:
        return sorted(Address.objects.filter(patient=patient), key=lambda one: (one.use != "mail", one.use != "home"))
    wanted = {Kind.SMS: "phone", Kind.EMAIL: "email"}.get(kind)  # type: ignore[call-overload]
    return list(ContactPoint.objects.filter(patient=patient, kind=wanted).in_dialing_order())


def _judged(patient: Patient, kind: str, way: ContactPoint | Address, at: datetime) -> gate.Stopped | None:
    point, address = (way, None) if isinstance(way, ContactPoint) else (None, way)
    to = address_of(kind, way)
    template = next(template for template in wording.TEMPLATES if kind in template.kinds and not template.is_reply)
    return gate.judge(
        gate.Wanted(
            kind=kind,
            template=template,
            body="",
            length=0,
            patient=patient,
            to=to,
            at=at,
            point=point,
            address=address,
            by_person=True,
        )
    )


def address_of(kind: str, way: ContactPoint | Address) -> str:
    """Where something goes, the one way we compare it: a number with its country code, an email in small letters, lines."""
    if isinstance(way, Address):
        place = " ".join(part for part in (way.city + ("," if way.state else ""), way.state, way.zip_code) if part)
        return "\n".join(part for part in (way.line, place) if part.strip())
    return places.number_of(way.value) if kind == Kind.SMS else way.value.strip().lower()


def _may_call(patient: Patient, at: datetime) -> May:
    if patient.died_on is not None:
        return May(False, _("This person has died."), "died")
    if found := gate.standing_stop(patient, CALL, at):
        return May(False, gate.said_stop(found), "do_not_contact")
    if not ContactPoint.objects.filter(patient=patient).phones().right().exists():
        return May(False, _("There is no number that works. Find one first."), "none")
    zone, numbers = places.zone_of(patient), gate.sending()
    if not rules.in_hours(at, zone, first=numbers.text_from, until=numbers.text_until):
        local = places.local(at, zone)
        return May(False, _("It is %(time)s where they live.") % {"time": f"{local:%-I:%M %p}"}, "quiet_hours")
    return May(True)


def standing_stops(patient: Patient, at: datetime) -> list[DoNotContact]:
    """Every request not to be contacted that stands: what a header must show."""
    rows = DoNotContact.objects.filter(patient=patient, starts_at__lte=at).select_related("started_by").order_by("pk")
    return [row for row in rows if row.ends_at is None or row.ends_at > at]


def messages_of(patient: Patient) -> QuerySet[Message]:
    """Everything that was sent or stopped for a patient, the newest first; pages to colleagues are not among it."""
    found = Message.objects.filter(patient=patient).exclude(kind=Kind.PAGE)
    return found.select_related("asked_by").prefetch_related("receipts").order_by("-asked_at", "-pk")


def texts_from(patient: Patient) -> QuerySet[IncomingText]:
    """What a patient texted us, the newest first; texts from a number that several people share are not among it."""
    return IncomingText.objects.filter(patient=patient).select_related("answered_with").order_by("-at", "-pk")


def without_held(messages: Iterable[Message]) -> list[Message]:
    """The same messages for a page, each with `shown_to`: where it went, empty where that leads to somebody held away."""
    found = list(messages)
    held = relating.held_from({one.patient_id for one in found})
    for one in found:
        one.shown_to = "" if held.leads(one.patient_id, one.to) else one.to  # type: ignore[attr-defined]
    return found


def texts_without_held(texts: Iterable[IncomingText]) -> list[IncomingText]:
    """The same texts for a page, each with `shown_from`: the number, empty where it leads to somebody held away."""
    found = list(texts)
    held = relating.held_from({one.patient_id for one in found})
    for one in found:
        one.shown_from = "" if held.leads(one.patient_id, one.number) else one.number  # type: ignore[attr-defined]
    return found


def whose_number(text: IncomingText, *, among: QuerySet[Patient]) -> QuerySet[Patient]:
    """The people who have the number a text came from; several share it, or nobody has it any more."""
    return among.filter(pk__in=_owners(text.number)).order_by("sort_name", "pk")


def owners_of(number: str) -> list[Patient]:
    """
    Everybody who has this number on their record.

    Left out are those for whom it leads to somebody held away from them: whoever writes from it is not taken for them.
    """
    return list(Patient.objects.filter(pk__in=_owners(number)).order_by("pk"))


def points_of(number: str) -> QuerySet[ContactPoint]:
    """This number as it stands on each record that has it, but where it leads to somebody held away."""
    digits = number.removeprefix("+")[-10:]  # as the registry keeps a number for searching
    return ContactPoint.objects.filter(kind="phone", digits=digits).select_related("patient").order_by("pk")


def _owners(number: str) -> QuerySet:
    return points_of(number).order_by().values("patient")
